# The fields of the classes in executor.py as C has them.
from autograd.replay.interpreter cimport Interpreter, Workspace

cdef class Call:
    cdef double **columns
    cdef int *starts
    cdef int *steps
    cdef Py_ssize_t n_columns, n_results, n_gradients
    cdef Py_ssize_t rows
    cdef Py_ssize_t chunk, n_chunks, claimed, finished, failures, number
    cdef int failed
    cdef double seed, index
    cdef double *results
    cdef double *gradients
    cdef object kept
    cdef Py_ssize_t claim(self) noexcept nogil
    cdef void finish_one(self) noexcept nogil
    cdef void fail(self, int instruction, double index) noexcept nogil
    cdef bint has_failed(self) noexcept nogil
    cdef bint is_finished(self) noexcept nogil

cdef class Executor(Interpreter):
    cdef int *outputs
    cdef int *input_adjoints
    cdef int root, root_adjoint
    cdef Py_ssize_t n_values, n_adjoints, n_constants, n_parameters, n_found, chunk, n_scalars, n_wide, n_outputs, n_gradients
    cdef tuple constants
    cdef list free, free_sums, offers
    cdef Py_ssize_t calls, announced, lingering
    cdef object process
    cdef int _check(self, list arrays, list scalars, tuple parameters, Py_ssize_t rows, object results, object gradients) except -1
    cdef Workspace _workspace(self)
    cdef int _keep(self, Workspace work) except -1
    cdef Workspace _room_for_sums(self, Py_ssize_t size)
    cdef int _load_scalars(self, Workspace work, list scalars, tuple parameters) except -1
    cdef double _run_once(self, Call call, Workspace work) except? -1.0
    cdef void _blank(self, Workspace work) noexcept nogil
    cdef double _run_rows(self, Call call, Workspace work, Py_ssize_t threads) except? -1.0
    cdef int _copy_scalars(self, Workspace work, Workspace to) except -1
    cdef void _run_chunks(self, Call call, Workspace work, Workspace sums, bint alone) noexcept nogil
    cdef int _run_block(self, Call call, Workspace work, Py_ssize_t row, Py_ssize_t n) noexcept nogil
