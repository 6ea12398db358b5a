# C declarations of the class in job.py.
cdef class Job:
    cdef double **columns
    cdef int *starts
    cdef int *steps
    cdef Py_ssize_t n_columns, n_results, n_gradients
    cdef Py_ssize_t rows
    cdef Py_ssize_t chunk_size, n_chunks, n_claimed, n_finished, n_failures, serial
    cdef int failed_instruction
    cdef double seed, bad_index
    cdef double *results
    cdef double *gradients
    cdef object owners
    cdef int split_rows(self, Py_ssize_t min_size) except -1
    cdef Py_ssize_t claim_chunk(self) noexcept nogil
    cdef void finish_chunk(self) noexcept nogil
    cdef void fail(self, int instruction, double index) noexcept nogil
    cdef bint has_failed(self) noexcept nogil
    cdef bint wait_until_finished(self, int spins) noexcept nogil
