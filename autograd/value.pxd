# The C fields of Value, apart from its data and gradient (see base/_node.h), and the functions of value.py that other compiled
# files use.
cdef class Value:
    cdef unsigned int _place
    cdef short _code
    cdef signed char _kind
    cdef Value _a
    cdef object _b
    cdef double _partial_a
    cdef double _partial_b
    cdef object _label

cdef short CONSTANT
cdef Value new_node(double data)
cdef Value new_computed(double data, int code, int kind, Value a, double partial_a, object b, double partial_b)
cdef object apply2(int code, object left, object right)
cdef int kind_of(int code, Value a, double partial_a, object b, double partial_b)
