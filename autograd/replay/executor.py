"""Runs a Program on all rows: block after block of lanes, on one thread or several, and adds up what scalars get.

    block       some lanes, run at once by ``machine.py``
    chunk       the lanes of some blocks. Gradients of scalars are summed up within a chunk, and then over chunks in their
                order: so they are the same, to the bit, on any number of threads
    scalar      a number that is the same in all lanes: a parameter, a constant, and what is computed from these
    wide        a number that each lane has one of its own of

Compiled by Cython, like ``value.py``, which explains more.
"""

# Type checkers, also those of users, are to read what runs uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

import os
import time
from _thread import allocate_lock as Lock  # noqa: N812

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd.base.real import as_float
from autograd.replay.threads import submit

if cython.compiled:
    from cython.cimports.autograd.base._capi import LEAF, fetch, fetch_and_add, numbers_of, wait_for
    from cython.cimports.autograd.replay.interpreter import Machine, Workspace, fill, ints
    from cython.cimports.autograd.value import Value
    from cython.cimports.cpython.mem import PyMem_Calloc, PyMem_Free
else:
    from autograd.base._cython import LEAF, numbers_of
    from autograd.replay.interpreter import Machine, Workspace, fill, ints
    from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from autograd.replay.program import Program

MOST_CHUNKS = 64
CHUNK = 128  # lanes, at least,
CHUNK_WORK = 250_000  # and at least as many as give this many steps of loops: some 0.1 ms
FREE_KEPT = 4  # so many workspaces wait for the next call
MOMENT = cython.declare(cython.int, 30_000)  # times that a thread looks whether something has come about: some 0.4 ms
_COUNTING = Lock()  # uncompiled, where threads may take turns anywhere


@cython.final
@cython.cclass
class Call:
    """What a program is run on, and where its results go.

    Args:
        arrays: of floats, two axes each, rows first; a column of these for each wide input.
        rows: how many.
        seed: the adjoint of the result in each row.
        results: room for each output in each row, or None.
        gradients: room for the gradient by each wide input that was asked for, in each row, or None.
    """

    __slots__ = (
        "chunk",  # how many lanes one has
        "claimed",  # how many chunks some thread has taken upon itself
        "columns",
        "failed",  # the number of an instruction that failed, or -1,
        "failures",  # in how many chunks one did,
        "finished",  # how many chunks are done with
        "gradients",
        "index",  # and the index that it failed for
        "kept",  # the arrays: a thread may still be at work when the call was broken off
        "n_chunks",
        "n_columns",
        "n_gradients",
        "n_results",
        "number",  # the how manieth call on threads it is
        "results",
        "rows",
        "seed",
        "starts",
        "steps",
    )

    def __init__(self, arrays: list, rows: cython.Py_ssize_t, seed: cython.double, results: Any, gradients: Any) -> None:
        self.kept = arrays, results, gradients
        self.rows = rows
        self.seed = seed
        self.n_results = self.n_gradients = self.chunk = self.n_chunks = self.claimed = self.finished = 0
        self.failures = self.number = 0
        self.failed, self.index = -1, 0.0
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
    @cython.nogil
    @cython.exceptval(check=False)
    def claim(self) -> cython.Py_ssize_t:
        """The number of a chunk that no thread has run yet, or one beyond the last."""
        if cython.compiled:
            return fetch_and_add(cython.address(self.claimed), 1)
        with _COUNTING:
            self.claimed += 1
            return self.claimed - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def finish_one(self) -> cython.void:
        """A chunk is done with."""
        if cython.compiled:
            fetch_and_add(cython.address(self.finished), 1)
            return
        with _COUNTING:
            self.finished += 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def fail(self, instruction: cython.int, index: cython.double) -> cython.void:
        """An instruction failed; the first one is kept."""
        if cython.compiled:
            if fetch_and_add(cython.address(self.failures), 1) == 0:
                self.failed, self.index = instruction, index
            return
        with _COUNTING:
            if self.failed < 0:
                self.failures, self.failed, self.index = 1, instruction, index

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def has_failed(self) -> cython.bint:
        """Whether an instruction failed in some thread."""
        if cython.compiled:
            return fetch(cython.address(self.failures)) > 0
        return self.failures > 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def is_finished(self) -> cython.bint:
        """Whether all chunks are done with, or are so after a moment."""
        if cython.compiled:
            return wait_for(cython.address(self.finished), self.n_chunks, MOMENT)
        return self.finished >= self.n_chunks

    def __dealloc__(self) -> None:
        PyMem_Free(self.columns)  # type: ignore[name-defined]  # only compiled
        PyMem_Free(self.starts)  # type: ignore[name-defined]


@cython.final
@cython.cclass
class Replay(Machine):
    """A program made ready to run in this process.

    Calls in several threads do not disturb each other: each takes a workspace of its own.
    """

    __slots__ = (
        "announced", "calls", "chunk", "constants", "free", "free_sums", "input_adjoints", "lingering", "n_adjoints",
        "n_constants", "n_found", "n_gradients", "n_outputs", "n_parameters", "n_scalars", "n_values", "n_wide", "offers",
        "outputs", "process", "root", "root_adjoint",
    )  # fmt: skip

    def __init__(self, program: Program) -> None:
        Machine.__init__(self, program)
        self.outputs = ints(program.outputs)
        self.input_adjoints = ints(program.input_adjoints)
        self.constants = tuple(program.constants)
        self.n_constants, self.n_parameters = len(program.constants), program.n_parameters
        self.n_found = program.n_found
        self.n_scalars, self.n_wide = program.n_scalar_inputs, program.n_wide_inputs
        self.n_outputs, self.n_gradients = len(program.outputs), len(program.input_adjoints)
        self.chunk = max(CHUNK, CHUNK_WORK // max(1, program.work))
        self.n_values, self.n_adjoints = program.n_values, program.n_adjoints
        self.root, self.root_adjoint = program.root, program.root_adjoint
        self.free: list = []
        self.free_sums: list = []
        self.offers: list = []  # calls in which a thread that lingers may take part
        self.process = os.getpid()
        self.calls = self.announced = self.lingering = 0

    def __dealloc__(self) -> None:
        PyMem_Free(self.outputs)  # type: ignore[name-defined]  # only compiled
        PyMem_Free(self.input_adjoints)  # type: ignore[name-defined]

    def run(
        self,
        arrays: list,
        scalars: list,
        parameters: tuple,
        rows: cython.Py_ssize_t,
        seed: cython.double = 1.0,
        results: Any = None,
        gradients: Any = None,
        threads: int = 1,
        add: bool = False,
    ) -> tuple[float, list[Any]]:
        """The sum of the result over all rows, and its gradient by each parameter or scalar input, times ``seed``.

        Args:
            arrays: one of shape (rows, columns) for each array that the function is called with: floats, row by row.
            scalars: the numbers that are the same in all rows.
            parameters: Values or floats.
            rows: how many; -1 if there are no arrays, so that the function is called once, on numbers.
            seed: the adjoint of the result in each row.
            results: an array for the outputs, of shape (outputs, rows), or None.
            gradients: an array for the gradients by the inputs that were asked for, likewise.
            threads: over how many the chunks are spread.
            add: whether to add the gradients to ``.grad`` of the parameters, which are then all Values. The list is
                then of pairs, a parameter and its gradient: only of those that are no leaves.

        Raises:
            ValueError: if there are more or fewer numbers than the program has inputs and parameters.
            IndexError: if a number that selects is not a whole number, or beyond the end of what it selects from.
        """
        self._check(arrays, scalars, parameters, rows, results, gradients)
        work: Workspace = self._workspace()
        call: Call = Call(arrays, rows, seed, results, gradients)
        self._load_scalars(work, scalars, parameters)
        failed: cython.int = self.execute(0, 1, work, 1)
        total: cython.double = 0.0
        if failed >= 0:
            call.fail(failed, work.v[self.code[8 * failed + 3]])
        elif rows < 0:
            total = self._run_once(call, work)
        else:
            total = self._run_rows(call, work, threads)
        if call.failed >= 0:
            raise IndexError(
                f"autograd.take() needs an index from 0 to {self.code[8 * call.failed + 4] - 1}, a whole number, "
                f"but in some row it is not: {call.index!r}"
            )
        self.execute(4, 5, work, 1)
        i: cython.Py_ssize_t
        found: list = []
        for i in range(self.n_found):
            gradient: cython.double = work.a[i] + 0.0
            if not add:
                found.append(gradient)
            elif cython.cast(Value, parameters[i])._kind == LEAF:
                cython.cast(Value, parameters[i])._grad += gradient
            else:
                found.append((parameters[i], gradient))
        self._keep(work)
        return total, found

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _check(
        self, arrays: list, scalars: list, parameters: tuple, rows: cython.Py_ssize_t, results: Any, gradients: Any
    ) -> cython.int:
        """What does not fit would be read and written beyond its end."""
        found: cython.Py_ssize_t = 0
        for array in arrays:
            shape: tuple = array.shape
            found += shape[1] if shape[0] == rows else self.n_wide + 1
        if len(parameters) != self.n_parameters or len(scalars) != self.n_scalars or found != self.n_wide:
            raise ValueError(
                f"this program has {self.n_parameters} parameters, {self.n_scalars} numbers that are the same in all rows, and "
                f"{self.n_wide} columns of {rows} rows; it was given {len(parameters)}, {len(scalars)}, and arrays of shape "
                f"{', '.join([str(array.shape) for array in arrays]) or 'none'}"
            )
        size: cython.Py_ssize_t = rows if rows >= 0 else 1
        for array, count in ((results, self.n_outputs), (gradients, self.n_gradients)):
            if array is not None and (rows >= 0 or array is results) and array.shape != (count, size):
                raise ValueError(f"results of shape {(count, size)} do not fit an array of shape {array.shape}")
        return 0

    @cython.cfunc
    def _workspace(self) -> Workspace:
        """One that waits, or a new one; with the constants in it."""
        if self.free:
            return self.free.pop()
        work: Workspace = Workspace(self.n_values, self.n_adjoints)
        i: cython.Py_ssize_t
        for i in range(self.n_constants):
            work.v[i] = self.constants[i]
        return work

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _keep(self, work: Workspace) -> cython.int:
        """Have it wait for the next call."""
        if len(self.free) < FREE_KEPT:
            self.free.append(work)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _load_scalars(self, work: Workspace, scalars: list, parameters: tuple) -> cython.int:
        """Parameters lie behind the constants, and scalar inputs behind these."""
        i: cython.Py_ssize_t
        place: cython.Py_ssize_t = self.n_constants
        for i in range(len(parameters)):
            parameter: object = parameters[i]
            work.v[place] = (
                cython.cast(Value, parameter)._data if type(parameter) is Value else as_float(parameter, "a parameter")
            )
            place += 1
        for i in range(len(scalars)):
            work.v[place] = scalars[i]
            place += 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def _run_once(self, call: Call, work: Workspace) -> cython.double:
        """All numbers are scalars: no lanes."""
        i: cython.Py_ssize_t
        for i in range(call.n_results):
            call.results[i] = work.v[self.outputs[i]]
        self._blank(work)
        if self.root_adjoint >= 0:
            work.a[self.root_adjoint] = call.seed + 0.0
        return work.v[self.root] if self.root >= 0 else 0.0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _blank(self, work: Workspace) -> cython.void:
        """No gradient has reached any scalar."""
        i: cython.Py_ssize_t
        for i in range(self.wide_adjoints):
            work.a[i] = -0.0

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def _run_rows(self, call: Call, work: Workspace, threads: cython.Py_ssize_t) -> cython.double:
        """All chunks; gradients of scalars are then in ``work``. Returns the sum of the result."""
        chunk: cython.Py_ssize_t = max(self.chunk, (call.rows + MOST_CHUNKS - 1) // MOST_CHUNKS)
        chunks: cython.Py_ssize_t = (call.rows + chunk - 1) // chunk
        if chunks > 1:  # as many as two threads, or four, can share evenly
            chunks = (chunks + 3) // 4 * 4 if chunks > 4 else (chunks + 1) // 2 * 2
        if chunks:
            call.chunk = ((call.rows + chunks - 1) // chunks + 7) // 8 * 8
            chunks = (call.rows + call.chunk - 1) // call.chunk
        call.n_chunks = chunks
        threads = min(threads, chunks)
        # A row for each chunk, of the sum of the result and of the adjoints of scalars; on one thread one row does.
        size: cython.Py_ssize_t = (chunks if threads > 1 else 1) * (1 + self.wide_adjoints)
        sums: Workspace = self._room_for_sums(size)
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        if threads > 1:
            self._run_on_threads(call, work, sums, threads)
            for i in range(1, chunks):
                for j in range(1 + self.wide_adjoints):
                    sums.v[j] += sums.v[i * (1 + self.wide_adjoints) + j]
        else:
            with cython.nogil:
                self._run_chunks(call, work, sums, True)
        total: cython.double = sums.v[0] if chunks else 0.0
        for i in range(self.wide_adjoints):
            work.a[i] = sums.v[1 + i]
        if chunks == 0:
            self._blank(work)
        if not self.free_sums:
            self.free_sums.append(sums)
        if self.root_adjoint >= 0 and self.root < self.wide_values:
            work.a[self.root_adjoint] += call.seed * call.rows + 0.0
        return total

    @cython.cfunc
    def _room_for_sums(self, size: cython.Py_ssize_t) -> Workspace:
        """That of the call before, if it is enough: fresh memory costs time, as it is new to this process."""
        if self.free_sums:
            sums: Workspace = self.free_sums.pop()
            if sums.size >= size:
                return sums
        return Workspace(size, 0)

    def _run_on_threads(self, call: Call, work: Workspace, sums: Workspace, threads: cython.Py_ssize_t) -> None:
        """Each thread, of which this one is the first, takes chunk after chunk: one on a busier core takes fewer."""
        if os.getpid() != self.process:  # forked, and without the threads
            self.process, self.lingering = os.getpid(), 0
        wanted: cython.Py_ssize_t = threads - 1
        awake: cython.Py_ssize_t = min(wanted, self.lingering - len(self.offers))
        self.calls += 1
        call.number = self.calls
        for _ in range(awake):
            self.offers.append((call, work, sums))
        for _ in range(wanted - max(awake, 0)):
            if not submit(self._help, call, work, sums):
                break  # then there are fewer
        finished: cython.bint
        with cython.nogil:
            if cython.compiled:
                fetch_and_add(cython.address(self.announced), 1)
            self._run_chunks(call, work, sums, False)
            finished = call.is_finished()
        self.offers.clear()  # a thread whose turn comes only now would find nothing to do, and is not waited for
        while not finished:
            time.sleep(1e-4)
            finished = call.is_finished()

    def _help(self, call: Call, source: Workspace, sums: Workspace) -> None:
        """Take part in a call; and then in the next ones, as long as each comes within a moment."""
        own: Workspace = self._workspace()
        goes_on: cython.bint = True
        while goes_on:
            self._copy_scalars(source, own)
            with cython.nogil:
                self._run_chunks(call, own, sums, False)
                if cython.compiled:  # to be woken up takes longer than that moment mostly lasts
                    fetch_and_add(cython.address(self.lingering), 1)
                    wait_for(cython.address(self.announced), call.number + 1, MOMENT)
                    fetch_and_add(cython.address(self.lingering), -1)
            goes_on = len(self.offers) > 0
            if goes_on:
                call, source, sums = self.offers.pop()
        self._keep(own)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _copy_scalars(self, work: Workspace, to: Workspace) -> cython.int:
        i: cython.Py_ssize_t
        for i in range(self.wide_values):
            to.v[i] = work.v[i]
        return 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _run_chunks(self, call: Call, work: Workspace, sums: Workspace, alone: cython.bint) -> cython.void:
        """Chunk after chunk, while there are any.

        What each gives is put in its row of sums; on one thread, which meets them in their order, it is added to the only row.
        """
        self.execute(1, 2, work, self.lanes)
        i: cython.Py_ssize_t = call.claim()
        j: cython.Py_ssize_t
        row: cython.Py_ssize_t = 0
        while i < call.n_chunks:
            self._blank(work)
            total: cython.double = -0.0
            j = i * call.chunk
            end: cython.Py_ssize_t = min(j + call.chunk, call.rows)
            blocks: cython.Py_ssize_t = (end - j + self.lanes - 1) // self.lanes  # of much the same size
            size: cython.Py_ssize_t = ((end - j + blocks - 1) // blocks + 7) // 8 * 8
            while j < end and not call.has_failed():
                n: cython.Py_ssize_t = min(size, end - j)
                failed: cython.int = self._run_block(call, work, j, n)
                if failed >= 0:
                    call.fail(failed, work.v[self.code[8 * failed + 3]])
                    break
                if self.root >= self.wide_values:
                    total += self.kernels.sum_lanes(work.v, self.root, n)
                elif self.root >= 0:
                    total += work.v[self.root] * n
                j += n
            if alone and i > 0:
                sums.v[0] += total
                for j in range(self.wide_adjoints):
                    sums.v[1 + j] += work.a[j]
            else:
                row = i * (1 + self.wide_adjoints)
                sums.v[row] = total
                for j in range(self.wide_adjoints):
                    sums.v[row + 1 + j] = work.a[j]
            call.finish_one()
            i = call.claim()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _run_block(self, call: Call, work: Workspace, row: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.int:
        """The n lanes from this row on."""
        v: cython.p_double = work.v
        a: cython.p_double = work.a
        place: cython.Py_ssize_t = self.wide_values
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        for i in range(call.n_columns):
            start: cython.Py_ssize_t = call.starts[i] + row * call.steps[i]
            for j in range(n):
                v[place + j] = call.columns[i][start + j * call.steps[i]]
            place += self.lanes
        failed: cython.int = self.execute(2, 3, work, n)
        if failed >= 0:
            return failed
        for i in range(call.n_results):
            place = self.outputs[i]
            for j in range(n):
                call.results[i * call.rows + row + j] = v[place + j] if place >= self.wide_values else v[place]
        if self.root_adjoint >= self.wide_adjoints:
            fill(a, self.root_adjoint, call.seed + 0.0, n)
            self.execute(3, 4, work, n)
            for i in range(call.n_gradients):
                place = self.input_adjoints[i]
                for j in range(n):
                    call.gradients[i * call.rows + row + j] = a[place + j] + 0.0 if place >= 0 else 0.0
        return -1
