# The C fields of the classes in operand_lists.py.
cdef class Terms:
    cdef tuple items
    cdef double *partials

cdef class Rows:
    cdef tuple weights
    cdef tuple inputs
    cdef double *numbers
    cdef bint only_leaves
    cdef bint only_values
    cdef bint fixed_inputs
    cdef Py_ssize_t traversal
