# What the other compiled files use of topology.py.
from autograd.value cimport Value

cdef class Stack:
    cdef void **items
    cdef Py_ssize_t size
    cdef Py_ssize_t capacity
    cdef int push(self, Value node) except -1
    cdef Value pop(self)
    cdef int drop(self) except -1
    cdef int grow(self) except -1

cdef int put_in_order(Value root, Stack order, bint backward) except -1
cdef int forget(Stack order) except? -1
