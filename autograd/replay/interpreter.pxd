# C declarations of the classes in interpreter.py.
from autograd.replay._lanes cimport Lanes

cdef int *ints(object numbers) except? NULL
cdef void fill(double *numbers, Py_ssize_t start, double number, Py_ssize_t n) noexcept nogil

cdef class Workspace:
    cdef double *v
    cdef double *a
    cdef void *memory
    cdef Py_ssize_t size
    cdef object parameters
    cdef Py_ssize_t data_writes
    cdef bint only_leaves

cdef class Interpreter:
    cdef const Lanes *kernels
    cdef int *code
    cdef int *terms
    cdef int *targets
    cdef int *sections
    cdef int lanes, wide_values, wide_adjoints
    cdef bint exact
    cdef int execute(self, int first, int last, Workspace work, Py_ssize_t n) noexcept nogil
