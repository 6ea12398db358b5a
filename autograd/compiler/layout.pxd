# The C fields of Layout.
from autograd.base.int_arrays cimport Ints
from autograd.compiler.analysis cimport Analysis

cdef class Layout:
    cdef Analysis analysis
    cdef readonly object constants
    cdef readonly Ints scalar_inputs
    cdef readonly Ints wide_inputs
    cdef Ints scalars
    cdef Ints wides
    cdef Ints broadcast
    cdef Ints broadcast_back
    cdef Ints value
    cdef Ints adjoint
    cdef Ints broadcast_value
    cdef Ints broadcast_adjoint
    cdef readonly Ints input_adjoints
    cdef readonly int lanes
    cdef readonly int n_scalar_gradients
    cdef readonly int wide_values
    cdef readonly int wide_adjoints
    cdef readonly int n_values
    cdef readonly int n_adjoints
    cdef Ints _input_nodes
    cdef Ints _order
    cdef int slot(self, int place) noexcept
    cdef object _sort_nodes(self)
    cdef Ints _scalars_among_wides(self)
    cdef object _place_scalar_values(self)
    cdef object _place_scalar_adjoints(self)
    cdef object _place_lanes(self)
    cdef object _find_broadcast(self)
