# The C functions and fields of topology.py that other compiled files use.
from autograd.value cimport Value

cdef class Stack:
    cdef void **items
    cdef Py_ssize_t size
    cdef Py_ssize_t capacity
    cdef int push(self, Value node) except -1
    cdef int drop(self) except -1
    cdef int grow(self) except -1

cdef int ALL
cdef int BACKWARD
cdef int REACHED

cdef int sort_nodes(Value root, Stack order, int mode) except -1
cdef int reset_places(Stack order) except? -1
