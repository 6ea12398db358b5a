# C declarations of the class in executor.py.
from autograd.replay.interpreter cimport Interpreter, Workspace
from autograd.replay.job cimport Job

cdef class Executor(Interpreter):
    cdef int *outputs
    cdef int *input_adjoints
    cdef int root, root_adjoint
    cdef Py_ssize_t n_values, n_adjoints, n_constants, n_parameters, n_scalar_gradients
    cdef Py_ssize_t n_scalars, n_wide, n_outputs, n_gradients
    cdef tuple constants
    cdef list idle_workspaces, idle_sums, open_jobs
    cdef Py_ssize_t n_jobs, n_announced, n_polling
    cdef object process_id
    cdef int _check_arguments(self, list arrays, list scalars, object parameters, Py_ssize_t rows, object results, object gradients) except -1
    cdef Workspace _acquire_workspace(self)
    cdef int _release_workspace(self, Workspace work) except -1
    cdef int _load_scalars(self, Workspace work, list scalars, object parameters) except -1
    cdef int _load_parameters(self, Workspace work, object parameters) except -1
    cdef list _scalar_gradients(self, Workspace work, object parameters, bint add, object found)
    cdef double _run_once(self, Job job, Workspace work) except? -1.0
    cdef void _clear_scalar_adjoints(self, Workspace work) noexcept nogil
    cdef double _run_rows(self, Job job, Workspace work, Py_ssize_t threads) except? -1.0
    cdef double _run_only_leaf(self, Job job, Workspace work) noexcept nogil
    cdef Workspace _acquire_sums(self, Py_ssize_t size)
    cdef int _run_once_forward(self, Job job, Workspace work) except -2
    cdef int _check_index(self, Job job) except? -1
    cdef int _add_to_root(self, Job job, Workspace work) except -1
    cdef Workspace _sum_leaves(self, Job job, Workspace work, Py_ssize_t threads)
    cdef int _release_sums(self, Workspace sums) except -1
    cdef void _run_leaves(self, Job job, Workspace work, Workspace sums, bint alone) noexcept nogil
    cdef double _run_blocks(self, Job job, Workspace work, Py_ssize_t row, Py_ssize_t end) noexcept nogil
    cdef int _run_block(self, Job job, Workspace work, Py_ssize_t row, Py_ssize_t n) noexcept nogil
    cdef void _store(
        self, double *to, Py_ssize_t start, double *numbers, Py_ssize_t place, Py_ssize_t first_wide, Py_ssize_t n, double zero
    ) noexcept nogil
    cdef void _load_inputs(self, Job job, double *v, Py_ssize_t row, Py_ssize_t n) noexcept nogil
    cdef int _copy_scalars(self, Workspace source, Workspace target) except -1
