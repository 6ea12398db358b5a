# The C fields of Snapshot.
from autograd.base.int_arrays cimport Ints

cdef class Snapshot:
    cdef readonly Ints rows
    cdef readonly Ints numbers
    cdef readonly Ints cuts
    cdef readonly Ints starts
    cdef readonly Ints operands
    cdef readonly Ints results
    cdef readonly list constants
    cdef readonly list parameters
    cdef readonly list inputs
    cdef dict _constant_numbers
    cdef int constant(self, double x) except 0
    cdef int operand(self, object x) except -2147483648
    cdef int add_operand(self, object x) except -1
    cdef int add_operands(self, tuple items) except -1
