"""One execution of a program: its input and output buffers, and the progress of the threads that share it.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the branches that run uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

from _thread import allocate_lock as Lock  # noqa: N812

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

if cython.compiled:
    from cython.cimports.autograd.base._capi import fetch, fetch_and_add, numbers_of, wait_for
    from cython.cimports.cpython.mem import PyMem_Calloc, PyMem_Free
else:
    from autograd.base._cython import numbers_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_LEAVES = 64
MIN_LEAF_ROWS = 128
_LOCK = Lock()  # guards the counters in the Python backend; the compiled counters are atomic


def count_leaves(rows: int) -> int:
    """Return the number of leaves for this number of rows: a power of two, at most 64, so that a leaf has at least 128 rows.

    >>> [count_leaves(rows) for rows in (0, 1, 255, 256, 1000, 10**6)]
    [0, 1, 1, 2, 4, 64]
    """
    leaves = min(1, rows)
    while 0 < leaves < MAX_LEAVES and rows >= 2 * leaves * MIN_LEAF_ROWS:
        leaves *= 2
    return leaves


@cython.ccall
@cython.nogil
@cython.exceptval(check=False)
def leaf_start(rows: cython.Py_ssize_t, leaves: cython.Py_ssize_t, i: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Return the first row of leaf ``i``. All leaves have about the same size, and start at a multiple of 8."""
    return rows if i == leaves else rows * i // leaves // 8 * 8


@cython.final
@cython.cclass
class Job:
    """The buffers of one execution, and counters that its threads update.

    The rows are split into leaves, whose sums are added as a binary tree. Each thread claims one leaf after another, so a
    thread on a busy core claims fewer. The leaves depend only on the number of rows. Therefore the sums are the same on any
    number of threads, and also if several jobs sum subtrees. A subtree is a power of two of leaves, from a multiple of it on.

    Args:
        arrays: Float arrays of shape (rows, columns), in C order, with one column per wide input in total. They hold the rows
            of this job only.
        rows: Number of rows of the whole table.
        seed: Adjoint of the result in each row.
        results: Array for the outputs, of shape (outputs, rows), or None.
        gradients: Array for the requested gradients with respect to wide inputs, of shape (gradients, rows), or None.
        first, count: The leaves of this job. By default, all.

    Raises:
        MemoryError: If there is not enough memory.
    """

    __slots__ = (
        "bad_index",  # the invalid index that a TAKE instruction read
        "columns",  # for each wide input: the array that contains it
        "failed_instruction",  # the position of the first instruction that failed, or -1
        "first_leaf",
        "gradients",
        "n_claimed",  # leaves claimed by a thread
        "n_columns",
        "n_failures",  # leaves in which an instruction failed
        "n_finished",  # leaves completed
        "n_gradients",
        "n_leaves",  # leaves of this job
        "n_results",
        "offset",  # the first row of this job
        "owners",  # keeps the arrays alive while threads run after an interruption of the caller
        "results",
        "rows",  # of the whole table
        "seed",
        "serial",  # position of this job among the jobs that the executor ran on several threads
        "starts",  # for each wide input: the index of its first element
        "steps",  # for each wide input: the distance between consecutive rows
        "total_leaves",  # leaves of the whole table
    )

    def __init__(
        self, arrays: list, rows: cython.Py_ssize_t, seed: cython.double, results: Any, gradients: Any,
        first: cython.Py_ssize_t = 0, count: cython.Py_ssize_t = -1,
    ) -> None:  # fmt: skip
        self.owners = arrays, results, gradients
        self.rows = rows
        self.seed = seed
        self.results = self.gradients = cython.NULL
        self.n_results = self.n_gradients = self.n_claimed = self.n_finished = self.n_failures = self.serial = 0
        self.total_leaves = count_leaves(max(rows, 0))
        self.first_leaf = first
        self.n_leaves = self.total_leaves if count < 0 else count
        self.offset = self.leaf_start(0) if self.n_leaves else 0
        self.failed_instruction, self.bad_index = -1, 0.0
        if results is not None:
            self.results, self.n_results = numbers_of(results), results.shape[0]
        if gradients is not None:
            self.gradients, self.n_gradients = numbers_of(gradients), gradients.shape[0]
        n_columns: cython.Py_ssize_t = 0
        width: cython.Py_ssize_t
        for array in arrays:
            width = array.shape[1]
            n_columns += width
        if cython.compiled:
            self.columns = cython.cast(cython.pp_double, PyMem_Calloc(n_columns + 1, cython.sizeof(cython.p_double)))
            self.starts = cython.cast(cython.p_int, PyMem_Calloc(2 * n_columns + 1, cython.sizeof(cython.int)))
            if self.columns == cython.NULL or self.starts == cython.NULL:
                raise MemoryError
            self.steps = self.starts + n_columns
        else:
            self.columns, self.starts, self.steps = [None] * n_columns, [0] * n_columns, [0] * n_columns
        i: cython.Py_ssize_t = 0
        j: cython.Py_ssize_t
        for array in arrays:
            numbers: cython.p_double = numbers_of(array)
            width = array.shape[1]
            for j in range(width):
                self.columns[i] = numbers
                self.starts[i] = j
                self.steps[i] = width
                i += 1
        self.n_columns = n_columns

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def leaf_start(self, i: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Return the first row of leaf ``i`` of this job, counted in the whole table."""
        return leaf_start(self.rows, self.total_leaves, self.first_leaf + i)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def claim_leaf(self) -> cython.Py_ssize_t:
        """Return the index of a leaf that no thread has claimed. If all are claimed, return at least ``n_leaves``."""
        if cython.compiled:
            return fetch_and_add(cython.address(self.n_claimed), 1)
        with _LOCK:
            self.n_claimed += 1
            return self.n_claimed - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def finish_leaf(self) -> cython.void:
        """Count one leaf as completed."""
        if cython.compiled:
            fetch_and_add(cython.address(self.n_finished), 1)
            return
        with _LOCK:
            self.n_finished += 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def fail(self, instruction: cython.int, index: cython.double) -> cython.void:
        """Record a failed instruction and its invalid index. Later failures are only counted."""
        if cython.compiled:
            if fetch_and_add(cython.address(self.n_failures), 1) == 0:
                self.failed_instruction, self.bad_index = instruction, index
            return
        with _LOCK:
            if self.failed_instruction < 0:
                self.n_failures, self.failed_instruction, self.bad_index = 1, instruction, index

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def has_failed(self) -> cython.bint:
        """Return whether an instruction failed in any thread."""
        if cython.compiled:
            return fetch(cython.address(self.n_failures)) > 0
        return self.n_failures > 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def wait_until_finished(self, spins: cython.int) -> cython.bint:
        """Poll up to ``spins`` times until all leaves are completed. Return whether all leaves are completed."""
        if cython.compiled:
            return wait_for(cython.address(self.n_finished), self.n_leaves, spins)
        return self.n_finished >= self.n_leaves

    def __dealloc__(self) -> None:
        PyMem_Free(self.columns)  # type: ignore[name-defined]  # only compiled
        PyMem_Free(self.starts)  # type: ignore[name-defined]
