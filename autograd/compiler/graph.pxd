# The C fields and methods of Graph.
from autograd.base.int_arrays cimport Ints
from autograd.compiler.snapshot cimport Snapshot

cdef class Graph:
    cdef readonly Ints rows
    cdef readonly Ints starts
    cdef readonly Ints counts
    cdef readonly Ints operands
    cdef readonly Ints numbers
    cdef readonly Ints cuts
    cdef readonly Ints edges
    cdef readonly Ints results
    cdef readonly Ints backward_order
    cdef readonly list constants
    cdef public list parameters
    cdef dict _constant_nodes
    cdef int add(self, int row, int number, int cut, Py_ssize_t start) except -1
    cdef int constant(self, double x) except -1
    cdef int find_constant(self, double x) except -2
    cdef int n_gradients(self, int i) noexcept
    cdef object _add_nodes(self, Snapshot trace)
    cdef int _operand(self, Snapshot trace, int operand, Ints places) except -1
    cdef int _add_operands(self, Snapshot trace, int i, Ints places) except -1
    cdef int _add_sum(self, Snapshot trace, int i, Ints places) except -1
    cdef object _sort_parameters(self)
    cdef Ints _find_backward_order(self)
