# The C variables and functions of modes.py that other compiled files use.
cdef bint no_grad_was_used
cdef bint is_special
cdef Py_ssize_t tracers
cdef Py_ssize_t watchers
cdef Py_ssize_t data_writes
cdef bint is_off() except? -1
cpdef int is_recording() except -1
cpdef int notify_watchers(object node) except -1
cdef int notify_detached(object node, object source) except -1
cdef int notify_backward(object root, double seed, bint adds) except -1
