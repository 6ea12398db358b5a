# The C variables and functions of modes.py that other compiled files use.
cdef bint is_special
cdef Py_ssize_t tracers
cdef int is_recording() except? -1
cdef int notify_watchers(object node) except -1
cdef int notify_backward(object root, double seed, bint adds) except -1
