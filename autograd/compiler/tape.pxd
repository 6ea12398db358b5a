# The C fields of Tape.
cdef class Tape:
    cdef readonly list nodes
    cdef readonly list leaves
