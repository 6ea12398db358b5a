# The C fields of Analysis.
from autograd.base.int_arrays cimport Ints
from autograd.compiler.graph cimport Graph

cdef class Analysis:
    cdef Graph graph
    cdef Ints is_wide_input
    cdef Ints gradients
    cdef bint backward
    cdef bint of_parameters
    cdef Ints wide
    cdef Ints same
    cdef Ints needed
    cdef Ints active
    cdef Ints guarded
    cdef object _find_wide_and_same(self)
    cdef object _find_needed(self)
    cdef Ints _leads_to_wanted(self)
    cdef Ints _is_exposed(self, Ints leads)
    cdef Ints _is_wild(self)
    cdef object _find_active(self, Ints leads)
