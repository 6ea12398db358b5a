# The fields of the classes in value.py as C has them, and what the other compiled files use of that one.
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
    cdef Py_ssize_t walk

cdef class Value:
    cdef double _data
    cdef double _grad
    cdef unsigned int _place
    cdef short _code
    cdef signed char _kind
    cdef Value _a
    cdef object _b
    cdef double _partial_a
    cdef double _partial_b
    cdef object _label

cdef Value new_node(double data)
cdef Value new_computed(double data, int code, int kind, Value a, double partial_a, object b, double partial_b)
cdef int WATCHED
cdef int is_recording() except? -1
cdef int show_to_watchers(Value node) except -1
