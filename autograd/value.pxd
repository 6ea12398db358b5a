# The fields of the classes in value.py as C has them, and what the other compiled files use of that one.
cdef class Terms:
    cdef tuple left
    cdef tuple right
    cdef double *partials
    cdef bint left_is_leaves

cdef class Value:
    cdef double _data
    cdef double _grad
    cdef double _partial_a
    cdef double _partial_b
    cdef Value _a
    cdef object _b
    cdef object _label
    cdef short _code
    cdef signed char _kind
    cdef unsigned int _place

cdef Value new_node(double data)
cdef int WATCHED
cdef int is_recording() except? -1
cdef int show_to_watchers(Value node) except -1
