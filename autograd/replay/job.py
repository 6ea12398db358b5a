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

MAX_CHUNKS = 64
MIN_CHUNK_ROWS = 128
MIN_CHUNK_WORK = 250_000  # loop steps per chunk: about 0.1 ms
_LOCK = Lock()  # guards the counters in the Python backend; the compiled counters are atomic


def min_chunk_rows(work: int) -> int:
    """Return the smallest number of rows in a chunk, for a program with this number of loop steps per row."""
    return max(MIN_CHUNK_ROWS, MIN_CHUNK_WORK // max(1, work))


@cython.final
@cython.cclass
class Job:
    """The buffers of one execution, and counters that its threads update.

    The rows are split into chunks. Each thread claims one chunk after another, so a thread on a busy core claims fewer. The
    size of a chunk depends on the program and the number of rows, not on the number of threads.

    Args:
        arrays: Float arrays of shape (rows, columns), in C order, with one column per wide input in total.
        rows: Number of rows.
        seed: Adjoint of the result in each row.
        results: Array for the outputs, of shape (outputs, rows), or None.
        gradients: Array for the requested gradients with respect to wide inputs, of shape (gradients, rows), or None.

    Raises:
        MemoryError: If there is not enough memory.
    """

    __slots__ = (
        "bad_index",  # the invalid index that a TAKE instruction read
        "chunk_size",  # rows per chunk, a multiple of 8
        "columns",  # for each wide input: the array that contains it
        "failed_instruction",  # the position of the first instruction that failed, or -1
        "gradients",
        "n_chunks",
        "n_claimed",  # chunks claimed by a thread
        "n_columns",
        "n_failures",  # chunks in which an instruction failed
        "n_finished",  # chunks completed
        "n_gradients",
        "n_results",
        "owners",  # keeps the arrays alive while threads run after an interruption of the caller
        "results",
        "rows",
        "seed",
        "serial",  # position of this job among the jobs that the executor ran on several threads
        "starts",  # for each wide input: the index of its first element
        "steps",  # for each wide input: the distance between consecutive rows
    )

    def __init__(self, arrays: list, rows: cython.Py_ssize_t, seed: cython.double, results: Any, gradients: Any) -> None:
        self.owners = arrays, results, gradients
        self.rows = rows
        self.seed = seed
        self.n_results = self.n_gradients = self.chunk_size = self.n_chunks = self.n_claimed = self.n_finished = 0
        self.n_failures = self.serial = 0
        self.failed_instruction, self.bad_index = -1, 0.0
        if results is not None:
            self.results, self.n_results = numbers_of(results), results.shape[0]
        if gradients is not None:
            self.gradients, self.n_gradients = numbers_of(gradients), gradients.shape[0]
        count: cython.Py_ssize_t = 0
        width: cython.Py_ssize_t
        for array in arrays:
            width = array.shape[1]
            count += width
        if cython.compiled:
            self.columns = cython.cast(cython.pp_double, PyMem_Calloc(count + 1, cython.sizeof(cython.p_double)))
            self.starts = cython.cast(cython.p_int, PyMem_Calloc(2 * count + 1, cython.sizeof(cython.int)))
            if self.columns == cython.NULL or self.starts == cython.NULL:
                raise MemoryError
            self.steps = self.starts + count
        else:
            self.columns, self.starts, self.steps = [None] * count, [0] * count, [0] * count
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
        self.n_columns = count

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def split_rows(self, min_size: cython.Py_ssize_t) -> cython.int:
        """Split the rows into at most ``MAX_CHUNKS`` chunks of at least about ``min_size`` rows."""
        size: cython.Py_ssize_t = max(min_size, (self.rows + MAX_CHUNKS - 1) // MAX_CHUNKS)
        count: cython.Py_ssize_t = (self.rows + size - 1) // size
        if count > 1:  # choose a number of chunks that 2 or 4 threads can share evenly
            count = (count + 3) // 4 * 4 if count > 4 else (count + 1) // 2 * 2
        if count:
            self.chunk_size = ((self.rows + count - 1) // count + 7) // 8 * 8
            count = (self.rows + self.chunk_size - 1) // self.chunk_size
        self.n_chunks = count
        return 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def claim_chunk(self) -> cython.Py_ssize_t:
        """Return the index of a chunk that no thread has claimed. If all are claimed, return at least ``n_chunks``."""
        if cython.compiled:
            return fetch_and_add(cython.address(self.n_claimed), 1)
        with _LOCK:
            self.n_claimed += 1
            return self.n_claimed - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def finish_chunk(self) -> cython.void:
        """Count one chunk as completed."""
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
        """Poll up to ``spins`` times until all chunks are completed. Return whether all chunks are completed."""
        if cython.compiled:
            return wait_for(cython.address(self.n_finished), self.n_chunks, spins)
        return self.n_finished >= self.n_chunks

    def __dealloc__(self) -> None:
        PyMem_Free(self.columns)  # type: ignore[name-defined]  # only compiled
        PyMem_Free(self.starts)  # type: ignore[name-defined]
