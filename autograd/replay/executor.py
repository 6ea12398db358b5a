"""Run a Program on all rows, on one or more threads, and sum the gradients of scalars over the rows.

    block       lanes that are processed together by ``interpreter.py``
    leaf        the rows of one or more blocks. Gradients of scalars are summed within a leaf, then over the leaves as a
                binary tree. Therefore they are bit for bit the same on any number of threads and processes
    scalar      a number with one value for all lanes: a parameter, a constant, or a result computed from scalars
    wide        a number with one value per lane

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the branches that run uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

import array as packed
import os
import time

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd.base import modes
from autograd.base.real import as_float
from autograd.replay.job import count_leaves
from autograd.replay.threads import submit
from autograd.shared import counted

if cython.compiled:
    from cython.cimports.autograd.base import modes
    from cython.cimports.autograd.base._capi import LEAF, fetch_and_add, has_type, items_of, numbers_of, wait_for
    from cython.cimports.autograd.base._node import add_to_grad_at, data_at
    from cython.cimports.autograd.replay.interpreter import Interpreter, Workspace, fill, ints
    from cython.cimports.autograd.replay.job import Job, leaf_start
    from cython.cimports.autograd.value import Value
    from cython.cimports.cpython.mem import PyMem_Free
else:
    from autograd.base._cython import LEAF, add_to_grad_at, data_at, has_type, items_of, numbers_of
    from autograd.replay.interpreter import Interpreter, Workspace, fill, ints
    from autograd.replay.job import Job, leaf_start
    from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Program = Any  # the class imports this file, so this file does not import the class

MAX_IDLE_WORKSPACES = 4
SPINS = cython.declare(cython.int, 30_000)  # times that a thread polls before it sleeps: about 0.4 ms


@cython.final
@cython.cclass
class Executor(Interpreter):
    """A program that is ready to run in this process.

    Several threads may call ``run`` at the same time: each call uses its own workspace.
    """

    __slots__ = (
        "constants", "idle_sums", "idle_workspaces", "input_adjoints", "n_adjoints", "n_announced",
        "n_constants", "n_gradients", "n_jobs", "n_outputs", "n_parameters", "n_polling", "n_scalar_gradients", "n_scalars",
        "n_values", "n_wide", "open_jobs", "outputs", "process_id", "root", "root_adjoint",
    )  # fmt: skip

    def __init__(self, program: Program) -> None:
        Interpreter.__init__(self, program)
        self.outputs = ints(program.outputs)
        self.input_adjoints = ints(program.input_adjoints)
        self.constants = tuple(program.constants)
        self.n_constants, self.n_parameters = len(program.constants), program.n_parameters
        self.n_scalar_gradients = program.n_scalar_gradients
        self.n_scalars, self.n_wide = program.n_scalar_inputs, program.n_wide_inputs
        self.n_outputs, self.n_gradients = len(program.outputs), len(program.input_adjoints)
        self.n_values, self.n_adjoints = program.n_values, program.n_adjoints
        self.root, self.root_adjoint = program.root, program.root_adjoint
        self.idle_workspaces: list = []
        self.idle_sums: list = []
        self.open_jobs: list = []  # jobs that a polling thread may join
        self.process_id = os.getpid()
        self.n_jobs = self.n_announced = self.n_polling = 0

    def __dealloc__(self) -> None:
        PyMem_Free(self.outputs)  # type: ignore[name-defined]  # only compiled
        PyMem_Free(self.input_adjoints)  # type: ignore[name-defined]

    # ---- one call ----------------------------------------------------------------------------------------------------

    def run(
        self,
        arrays: list,
        scalars: list,
        parameters: Any,
        rows: cython.Py_ssize_t,
        seed: cython.double = 1.0,
        results: Any = None,
        gradients: Any = None,
        threads: int = 1,
        add: bool = False,
        found: Any = None,
    ) -> tuple[float, list[Any]]:
        """Return the sum of the result over all rows, and its gradient with respect to each parameter or scalar input.

        Args:
            arrays: The array arguments of the function, as float arrays of shape (rows, columns).
            scalars: The inputs that are the same in all rows.
            parameters: A tuple of Values or floats, or an array of floats, which is read faster.
            rows: Number of rows; -1 if there are no arrays and the function is called once, on numbers.
            seed: Adjoint of the result in each row. It scales all gradients.
            results: Array of shape (outputs, rows) to write the outputs to, or None.
            gradients: Array of shape (gradients, rows) to write the requested gradients with respect to wide inputs to, or
                None.
            threads: Number of threads that share the leaves.
            add: Whether to add the gradients to ``.grad`` of the parameters, which must then be Values. The returned list
                then holds pairs (parameter, gradient), only for parameters that are not leaves.
            found: Array of floats to write the gradients with respect to parameters or scalar inputs to. The returned list is
                then empty.

        Raises:
            ValueError: If the number of inputs or parameters does not fit the program, or an array has the wrong shape.
            IndexError: If an index passed to ``take`` is not an integer or is out of range.
        """
        self._check_arguments(arrays, scalars, parameters, rows, results, gradients)
        work: Workspace = self._acquire_workspace()
        job: Job = Job(arrays, rows, seed, results, gradients)
        self._load_scalars(work, scalars, parameters)
        total: cython.double = 0.0
        if self._run_once_forward(job, work) < 0:
            total = self._run_once(job, work) if rows < 0 else self._run_rows(job, work, threads)
        self._check_index(job)
        self.execute(4, 5, work, 1)
        listed: list = self._scalar_gradients(work, parameters, add, found)
        self._release_workspace(work)
        return total, listed

    def run_leaves(
        self, arrays: list, scalars: list, parameters: Any, rows: cython.Py_ssize_t, seed: cython.double,
        first: cython.Py_ssize_t, count: cython.Py_ssize_t,
    ) -> bytes:  # fmt: skip
        """Return the sums of one subtree of leaves, as the bytes of floats, for ``finish``.

        Args:
            arrays: The rows of these leaves; see ``run``.
            scalars, parameters, seed: See ``run``.
            rows: Number of rows of the whole table.
            first, count: The leaves: a power of two of them, from a multiple of it on.

        Raises:
            ValueError: If the arguments do not fit the program.
            IndexError: If an index passed to ``take`` is not an integer or is out of range.
        """
        leaves = count_leaves(rows)
        if not 0 <= first < first + count <= leaves or count & (count - 1) or first % count:
            raise ValueError(f"leaves {first} to {first + count - 1} of {leaves} are not a subtree")
        size = leaf_start(rows, leaves, first + count) - leaf_start(rows, leaves, first)
        self._check_arguments(arrays, scalars, parameters, size, None, None)
        work: Workspace = self._acquire_workspace()
        job: Job = Job(arrays, rows, seed, None, None, first, count)
        self._load_scalars(work, scalars, parameters)
        self._run_once_forward(job, work)
        sums: Workspace = self._sum_leaves(job, work, 1)
        self._check_index(job)
        width: cython.Py_ssize_t = 1 + self.wide_adjoints
        if cython.compiled:
            found = cython.cast(cython.p_char, sums.v)[: 8 * width]
        else:
            found = packed.array("d", sums.v[:width]).tobytes()
        self._release_sums(sums)
        self._release_workspace(work)
        return found

    def finish(
        self, sums: Any, scalars: list, parameters: Any, rows: cython.Py_ssize_t, seed: cython.double, add: bool = False
    ) -> tuple[float, list[Any]]:
        """Return the result of ``run``, computed from the sums of all leaves.

        Args:
            sums: The sum of the results of ``run_leaves``, added as a binary tree: an array of floats.
            scalars, parameters, rows, seed, add: See ``run``.

        Raises:
            ValueError: If the arguments do not fit the program.
            IndexError: If an index passed to ``take`` is not an integer or is out of range.
        """
        if len(parameters) != self.n_parameters or len(scalars) != self.n_scalars or len(sums) != 1 + self.wide_adjoints:
            raise ValueError(
                f"this program needs {self.n_parameters} parameters, {self.n_scalars} numbers shared by all rows, and "
                f"{1 + self.wide_adjoints} sums, not {len(parameters)}, {len(scalars)} and {len(sums)}"
            )
        work: Workspace = self._acquire_workspace()
        job: Job = Job([], rows, seed, None, None)
        self._load_scalars(work, scalars, parameters)
        self._run_once_forward(job, work)
        self._check_index(job)
        numbers: cython.p_double = numbers_of(sums)
        i: cython.Py_ssize_t
        for i in range(self.wide_adjoints):
            work.a[i] = numbers[1 + i]
        self._add_to_root(job, work)
        self.execute(4, 5, work, 1)
        listed: list = self._scalar_gradients(work, parameters, add, None)
        self._release_workspace(work)
        return numbers[0], listed

    @cython.cfunc
    @cython.exceptval(-2, check=False)
    def _run_once_forward(self, job: Job, work: Workspace) -> cython.int:
        """Compute the scalars that do not depend on a row."""
        failed: cython.int = self.execute(0, 1, work, 1)
        if failed >= 0:
            job.fail(failed, work.v[self.code[8 * failed + 3]])
        return failed

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _check_index(self, job: Job) -> cython.int:
        """Raise IndexError if an index of ``take`` was not valid."""
        if job.failed_instruction >= 0:
            raise IndexError(
                f"the index of autograd.take() must be an integer from 0 to {self.code[8 * job.failed_instruction + 4] - 1} "
                f"in every row, not {job.bad_index!r}"
            )
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _check_arguments(
        self, arrays: list, scalars: list, parameters: Any, rows: cython.Py_ssize_t, results: Any, gradients: Any
    ) -> cython.int:
        """Raise ValueError if the arguments do not fit the program, which would then access memory out of bounds."""
        columns: cython.Py_ssize_t = 0
        for array in arrays:
            shape: tuple = array.shape
            columns += shape[1] if shape[0] == rows else self.n_wide + 1
        if len(parameters) != self.n_parameters or len(scalars) != self.n_scalars or columns != self.n_wide:
            raise ValueError(
                f"this program needs {counted(self.n_parameters, 'parameter')}, {counted(self.n_scalars, 'number')} shared by "
                f"all rows, and {counted(self.n_wide, 'column')} of {counted(rows, 'row')}, not {len(parameters)}, "
                f"{len(scalars)}, and arrays of shape "
                f"{', '.join([str(array.shape) for array in arrays]) or 'none'}"
            )
        size: cython.Py_ssize_t = rows if rows >= 0 else 1
        for array, count in ((results, self.n_outputs), (gradients, self.n_gradients)):
            if array is not None and (rows >= 0 or array is results) and array.shape != (count, size):
                raise ValueError(f"the array for results must have shape {(count, size)}, not {array.shape}")
        return 0

    @cython.cfunc
    def _acquire_workspace(self) -> Workspace:
        """Return an idle workspace or a new one. Its first values are the constants."""
        if self.idle_workspaces:
            return self.idle_workspaces.pop()
        work: Workspace = Workspace(self.n_values, self.n_adjoints)
        i: cython.Py_ssize_t
        for i in range(self.n_constants):
            work.v[i] = self.constants[i]
        return work

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _release_workspace(self, work: Workspace) -> cython.int:
        """Keep a workspace for a later call."""
        if len(self.idle_workspaces) < MAX_IDLE_WORKSPACES:
            self.idle_workspaces.append(work)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _load_scalars(self, work: Workspace, scalars: list, parameters: Any) -> cython.int:
        """Copy the parameters to the values after the constants, and the scalar inputs to the values after the parameters.

        Reading the data of many Values takes longer than a step of one row, so it is skipped if no data was written since. The
        types of Values are not next to their data in memory, so they are checked only when the tuple is a different one.
        """
        i: cython.Py_ssize_t
        place: cython.Py_ssize_t = self.n_constants
        if not isinstance(parameters, tuple):
            work.parameters = None
            numbers: cython.p_double = numbers_of(parameters)
            for i in range(self.n_parameters):
                work.v[place + i] = numbers[i]
        elif work.parameters is not parameters:
            work.data_writes = modes.data_writes
            self._load_parameters(work, parameters)
        elif work.data_writes != modes.data_writes:
            work.data_writes = modes.data_writes
            values: cython.pp_void = items_of(parameters)
            for i in range(self.n_parameters):
                work.v[place + i] = data_at(values[i])
        place += self.n_parameters
        for i in range(len(scalars)):
            work.v[place] = scalars[i]
            place += 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _load_parameters(self, work: Workspace, parameters: Any) -> cython.int:
        """Copy the data of the parameters of a tuple that the workspace does not know. Some may be plain numbers."""
        work.parameters = parameters
        work.only_leaves = True
        values: cython.pp_void = items_of(parameters)
        i: cython.Py_ssize_t
        for i in range(self.n_parameters):
            item: cython.p_void = values[i]  # without a reference: counting it would write to all Values
            if has_type(item, Value):
                work.v[self.n_constants + i] = data_at(item)
                if cython.cast(Value, item)._kind != LEAF:
                    work.only_leaves = False
            else:
                work.parameters = None  # the number of another object may change
                work.v[self.n_constants + i] = as_float(parameters[i], "a parameter")
        return 0

    @cython.cfunc
    def _scalar_gradients(self, work: Workspace, parameters: Any, add: bool, found: Any) -> list:
        """Return the gradients with respect to the parameters or scalar inputs. For ``add`` and ``found``, see ``run``."""
        i: cython.Py_ssize_t
        listed: list = []
        if found is not None:
            if len(found) != self.n_scalar_gradients:
                raise ValueError(f"the array for gradients must have length {self.n_scalar_gradients}, not {len(found)}")
            numbers: cython.p_double = numbers_of(found)
            for i in range(self.n_scalar_gradients):
                numbers[i] = work.a[i] + 0.0
        elif add:
            values: cython.pp_void = items_of(parameters)
            adjoints: cython.p_double = work.a
            if work.only_leaves and work.parameters is parameters:
                for i in range(self.n_scalar_gradients):
                    add_to_grad_at(values[i], adjoints[i] + 0.0)
                return listed
            for i in range(self.n_scalar_gradients):
                item: cython.p_void = values[i]
                if cython.cast(Value, item)._kind == LEAF:
                    add_to_grad_at(item, adjoints[i] + 0.0)
                else:
                    listed.append((parameters[i], adjoints[i] + 0.0))
        else:
            for i in range(self.n_scalar_gradients):
                listed.append(work.a[i] + 0.0)  # noqa: PERF401 - a comprehension would be a generator in C
        return listed

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def _run_once(self, job: Job, work: Workspace) -> cython.double:
        """Complete a call on numbers, in which every number is a scalar. Return the result."""
        i: cython.Py_ssize_t
        for i in range(job.n_results):
            job.results[i] = work.v[self.outputs[i]]
        self._clear_scalar_adjoints(work)
        if self.root_adjoint >= 0:
            work.a[self.root_adjoint] = job.seed + 0.0
        return work.v[self.root] if self.root >= 0 else 0.0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _clear_scalar_adjoints(self, work: Workspace) -> cython.void:
        """Set the adjoints of scalars to -0.0, the mark of nodes that no gradient has reached."""
        i: cython.Py_ssize_t
        for i in range(self.wide_adjoints):
            work.a[i] = -0.0

    # ---- rows, leaves, blocks ----------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def _run_rows(self, job: Job, work: Workspace, threads: cython.Py_ssize_t) -> cython.double:
        """Run all leaves and leave the gradients of scalars in ``work``. Return the sum of the result."""
        total: cython.double
        if job.n_leaves == 1:
            with cython.nogil:
                total = self._run_only_leaf(job, work)
            self._add_to_root(job, work)
            return total
        sums: Workspace = self._sum_leaves(job, work, threads)
        i: cython.Py_ssize_t
        total = sums.v[0] if job.n_leaves else 0.0
        for i in range(self.wide_adjoints):
            work.a[i] = sums.v[1 + i]
        if job.n_leaves == 0:
            self._clear_scalar_adjoints(work)
        self._release_sums(sums)
        self._add_to_root(job, work)
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _run_only_leaf(self, job: Job, work: Workspace) -> cython.double:
        """Run a job with one leaf, whose sums stay in ``work``. Return the sum of the result."""
        self.execute(1, 2, work, self.lanes)
        self._clear_scalar_adjoints(work)
        return self._run_blocks(job, work, job.leaf_start(0), job.leaf_start(1))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _add_to_root(self, job: Job, work: Workspace) -> cython.int:
        """Set the adjoint of a result that is a scalar, which has the same value in all rows."""
        if self.root_adjoint >= 0 and self.root < self.wide_values:
            work.a[self.root_adjoint] += job.seed * job.rows + 0.0
        return 0

    @cython.cfunc
    def _sum_leaves(self, job: Job, work: Workspace, threads: cython.Py_ssize_t) -> Workspace:
        """Run all leaves. Return a buffer whose first row has the sum of the result and of the adjoints of scalars."""
        threads = min(threads, job.n_leaves)
        width: cython.Py_ssize_t = 1 + self.wide_adjoints
        # One row per leaf; a single thread needs only one row per level of the tree.
        depth: cython.Py_ssize_t = 0
        while 1 << depth < job.n_leaves:
            depth += 1
        sums: Workspace = self._acquire_sums((job.n_leaves if threads > 1 else depth + 1) * width)
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        step: cython.Py_ssize_t = 1
        if threads > 1:
            self._run_on_threads(job, work, sums, threads)
            while step < job.n_leaves:
                for i in range(0, job.n_leaves, 2 * step):
                    for j in range(width):
                        sums.v[i * width + j] += sums.v[(i + step) * width + j]
                step *= 2
        else:
            with cython.nogil:
                self._run_leaves(job, work, sums, True)
            if depth:  # the row of the whole tree is the last one
                for j in range(width):
                    sums.v[j] = sums.v[depth * width + j]
        return sums

    @cython.cfunc
    def _acquire_sums(self, size: cython.Py_ssize_t) -> Workspace:
        """Return a buffer of at least ``size`` numbers. If possible, reuse one, because new memory must first be mapped."""
        if self.idle_sums:
            sums: Workspace = self.idle_sums.pop()
            if sums.size >= size:
                return sums
        return Workspace(size, 0)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _release_sums(self, sums: Workspace) -> cython.int:
        """Keep a buffer for a later call."""
        if not self.idle_sums:
            self.idle_sums.append(sums)
        return 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _run_leaves(self, job: Job, work: Workspace, sums: Workspace, alone: cython.bint) -> cython.void:
        """Run leaves until all are claimed.

        The sums of each leaf are stored in its own row of ``sums``. A single thread (``alone``) runs the leaves in order. It
        keeps the sum of one subtree per level of the tree, and adds two subtrees as soon as both are complete.
        """
        self.execute(1, 2, work, self.lanes)
        self._clear_scalar_adjoints(work)
        width: cython.Py_ssize_t = 1 + self.wide_adjoints
        i: cython.Py_ssize_t = job.claim_leaf()
        j: cython.Py_ssize_t
        row: cython.Py_ssize_t
        while i < job.n_leaves:
            total: cython.double = self._run_blocks(job, work, job.leaf_start(i), job.leaf_start(i + 1))
            row = i * width
            if alone:
                row = 0
                while i & 1:
                    total = sums.v[row] + total
                    for j in range(self.wide_adjoints):
                        work.a[j] = sums.v[row + 1 + j] + work.a[j]
                    row += width
                    i >>= 1
            sums.v[row] = total
            for j in range(self.wide_adjoints):
                sums.v[row + 1 + j] = work.a[j]
                work.a[j] = -0.0  # for the next leaf, see _clear_scalar_adjoints
            job.finish_leaf()
            i = job.claim_leaf()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _run_blocks(self, job: Job, work: Workspace, row: cython.Py_ssize_t, end: cython.Py_ssize_t) -> cython.double:
        """Run the rows from ``row`` to ``end`` in blocks of about the same size. Return the sum of the result."""
        total: cython.double = -0.0
        blocks: cython.Py_ssize_t = (end - row + self.lanes - 1) // self.lanes
        size: cython.Py_ssize_t = ((end - row + blocks - 1) // blocks + 7) // 8 * 8
        while row < end and not job.has_failed():
            n: cython.Py_ssize_t = min(size, end - row)
            failed: cython.int = self._run_block(job, work, row, n)
            if failed >= 0:
                job.fail(failed, work.v[self.code[8 * failed + 3]])
                break
            if self.root >= self.wide_values:
                total += self.kernels.sum_lanes(work.v, self.root, n)
            elif self.root >= 0:
                total += work.v[self.root] * n
            row += n
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _run_block(self, job: Job, work: Workspace, row: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.int:
        """Run ``n`` lanes, beginning with ``row``. Return -1, or the position of a failed instruction."""
        self._load_inputs(job, work.v, row, n)
        failed: cython.int = self.execute(2, 3, work, n)
        if failed >= 0:
            return failed
        i: cython.Py_ssize_t
        for i in range(job.n_results):
            self._store(job.results, i * job.rows + row, work.v, self.outputs[i], self.wide_values, n, -0.0)
        if self.root_adjoint >= self.wide_adjoints:
            fill(work.a, self.root_adjoint, job.seed + 0.0, n)
            self.execute(3, 4, work, n)
            for i in range(job.n_gradients):
                self._store(job.gradients, i * job.rows + row, work.a, self.input_adjoints[i], 0, n, 0.0)
        return -1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _store(
        self, to: cython.p_double, start: cython.Py_ssize_t, numbers: cython.p_double, place: cython.Py_ssize_t,
        first_wide: cython.Py_ssize_t, n: cython.Py_ssize_t, zero: cython.double,
    ) -> cython.void:  # fmt: skip
        """Copy ``n`` lanes to a row of a table.

        Args:
            to: The table.
            start: The index of the first number to write.
            numbers: The values or adjoints.
            place: Their offset. A scalar, which is before ``first_wide``, is repeated. For -1, zeros are written.
            first_wide: The offset of the first wide number.
            n: The number of lanes.
            zero: 0.0 replaces -0.0, the mark of an adjoint, with 0.0. Adding -0.0 changes no number.
        """
        j: cython.Py_ssize_t
        if place >= first_wide:
            self.kernels.copy(to, start, numbers, place, zero, n)
        else:
            for j in range(n):
                to[start + j] = numbers[place] if place >= 0 else 0.0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _load_inputs(self, job: Job, v: cython.p_double, row: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.void:
        """Copy the wide inputs of ``n`` rows, beginning with ``row``, to the first wide values."""
        place: cython.Py_ssize_t = self.wide_values
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        for i in range(job.n_columns):
            numbers: cython.p_double = job.columns[i]
            step: cython.Py_ssize_t = job.steps[i]
            start: cython.Py_ssize_t = job.starts[i] + (row - job.offset) * step
            if step == 1:
                self.kernels.copy(v, place, numbers, start, -0.0, n)
            else:
                for j in range(n):
                    v[place + j] = numbers[start + j * step]
            place += self.lanes

    # ---- threads -----------------------------------------------------------------------------------------------------

    def _run_on_threads(self, job: Job, work: Workspace, sums: Workspace, threads: cython.Py_ssize_t) -> None:
        """Run all leaves on several threads, including the thread of the caller."""
        if os.getpid() != self.process_id:  # in a forked process, which does not inherit the threads
            self.process_id, self.n_polling = os.getpid(), 0
        helpers: cython.Py_ssize_t = threads - 1
        awake: cython.Py_ssize_t = min(helpers, self.n_polling - len(self.open_jobs))
        self.n_jobs += 1
        job.serial = self.n_jobs
        for _ in range(awake):
            self.open_jobs.append((job, work, sums))
        for _ in range(helpers - max(awake, 0)):
            if not submit(self._help, job, work, sums):
                break  # no more threads are available; continue with fewer
        finished: cython.bint
        with cython.nogil:
            if cython.compiled:
                fetch_and_add(cython.address(self.n_announced), 1)
            self._run_leaves(job, work, sums, False)
            finished = job.wait_until_finished(SPINS)
        self.open_jobs.clear()  # all leaves are claimed, so no other thread needs to start
        while not finished:
            time.sleep(1e-4)
            finished = job.wait_until_finished(SPINS)

    def _help(self, job: Job, source: Workspace, sums: Workspace) -> None:
        """Run leaves of a job on a helper thread. Then continue with each next job that starts while this thread polls."""
        own: Workspace = self._acquire_workspace()
        has_job: cython.bint = True
        while has_job:
            self._copy_scalars(source, own)
            with cython.nogil:
                self._run_leaves(job, own, sums, False)
                if cython.compiled:  # polling usually takes less time than waking up a sleeping thread
                    fetch_and_add(cython.address(self.n_polling), 1)
                    wait_for(cython.address(self.n_announced), job.serial + 1, SPINS)
                    fetch_and_add(cython.address(self.n_polling), -1)
            has_job = len(self.open_jobs) > 0
            if has_job:
                job, source, sums = self.open_jobs.pop()
        self._release_workspace(own)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _copy_scalars(self, source: Workspace, target: Workspace) -> cython.int:
        """Copy the values of all scalars to another workspace."""
        target.parameters = None
        i: cython.Py_ssize_t
        for i in range(self.wide_values):
            target.v[i] = source.v[i]
        return 0
