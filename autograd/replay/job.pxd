# C declarations of the class in job.py.
cpdef Py_ssize_t leaf_start(Py_ssize_t rows, Py_ssize_t leaves, Py_ssize_t i) noexcept nogil

cdef class Job:
    cdef double **columns
    cdef int *starts
    cdef int *steps
    cdef Py_ssize_t n_columns, n_results, n_gradients
    cdef Py_ssize_t rows
    cdef Py_ssize_t total_leaves, first_leaf, n_leaves, offset, n_claimed, n_finished, n_failures, serial
    cdef int failed_instruction
    cdef double seed, bad_index
    cdef double *results
    cdef double *gradients
    cdef object owners
    cdef Py_ssize_t leaf_start(self, Py_ssize_t i) noexcept nogil
    cdef Py_ssize_t claim_leaf(self) noexcept nogil
    cdef void finish_leaf(self) noexcept nogil
    cdef void fail(self, int instruction, double index) noexcept nogil
    cdef bint has_failed(self) noexcept nogil
    cdef bint wait_until_finished(self, int spins) noexcept nogil
