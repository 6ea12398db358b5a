# The C fields and methods of Identities.
from autograd.base.int_arrays cimport Ints
from autograd.compiler.graph cimport Graph

cdef class Identities:
    cdef Graph _graph
    cdef Ints _same
    cdef bint _backward
    cdef Ints _left
    cdef Ints _right
    cdef int _zero
    cdef int _one
    cdef int find(self, int row, int x, int y) noexcept
    cdef bint _is_sum_from_zero(self, int x) noexcept
    cdef int _selected(self, int x, int y) noexcept
    cdef int _operand(self, int i, int k) noexcept
