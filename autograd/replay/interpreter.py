"""Execute the instructions of a Program on one block of lanes, forward and backward.

    lane        one row of the arrays passed to a compiled function
    block       the lanes that are processed together; each instruction is a loop over the lanes of a block
    v, a        the values and adjoints of one workspace; ``program.py`` describes their layout and ``instructions.py``
                the operands of each instruction

The loops over lanes are C kernels for vectors of several widths (``_lanes_body.h``). The kernels of elementwise operations
are generated from the table. ``_lanes.py`` implements the same kernels in Python, for use without a compiler.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the branches that run uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

from array import array

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

if cython.compiled:
    from cython.cimports.autograd.replay._instructions import (  # isort: skip
        BINARY, BINARY_BACK_X, BINARY_BACK_Y, BROADCAST, CLEAR, DOT, DOT_BACK, LAYER, LAYER_BACK,
        NEURON, NEURON_BACK, REDUCE, RUN, RUN_BACK, TAKE, TAKE_BACK, UNARY, UNARY_BACK,
    )  # fmt: skip
    from cython.cimports.autograd.replay._lanes import Kernels, choose_lanes
    from cython.cimports.cpython.array import array as c_array
    from cython.cimports.cpython.mem import PyMem_Calloc, PyMem_Free
    from cython.cimports.libc.string import memcpy
else:
    from autograd.replay._lanes import Lanes as Kernels
    from autograd.replay._lanes import choose_lanes
    from autograd.replay.instructions import (  # isort: skip
        BINARY, BINARY_BACK_X, BINARY_BACK_Y, BROADCAST, CLEAR, DOT, DOT_BACK, LAYER, LAYER_BACK,
        NEURON, NEURON_BACK, REDUCE, RUN, RUN_BACK, TAKE, TAKE_BACK, UNARY, UNARY_BACK,
    )  # fmt: skip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Program = Any  # the class imports this file, so this file does not import the class


@cython.cfunc
def ints(numbers: Any) -> cython.p_int:
    """Copy integers into a newly allocated C array, or into a list in the Python backend."""
    if not cython.compiled:
        return list(numbers)
    packed: c_array = array("i", numbers)  # type: ignore[name-defined]  # only compiled
    size: cython.Py_ssize_t = len(packed)
    copied: cython.p_int = cython.cast(cython.p_int, PyMem_Calloc(size + 1, cython.sizeof(cython.int)))  # type: ignore[name-defined]
    if copied == cython.NULL:
        raise MemoryError
    if size:
        memcpy(copied, packed.data.as_voidptr, size * cython.sizeof(cython.int))  # type: ignore[name-defined]
    return copied


@cython.final
@cython.cclass
class Workspace:
    """The values ``v`` and adjoints ``a`` of one block.

    ``parameters`` is a tuple of Values whose data the values hold, read when ``modes.data_writes`` was ``data_writes``. With
    ``only_leaves``, all of them are leaves.

    Args:
        values: Number of values.
        adjoints: Number of adjoints.

    Raises:
        MemoryError: If there is not enough memory.
    """

    __slots__ = ("a", "data_writes", "memory", "only_leaves", "parameters", "size", "v")  # their C types are in interpreter.pxd

    def __init__(self, values: cython.Py_ssize_t, adjoints: cython.Py_ssize_t) -> None:
        self.size = values
        self.parameters: object = None
        self.data_writes = 0
        self.only_leaves = False
        if not cython.compiled:
            self.v, self.a = [0.0] * values, [0.0] * adjoints
            return
        self.memory = PyMem_Calloc(values + adjoints + 24, cython.sizeof(cython.double))  # type: ignore[name-defined]  # compiled
        if self.memory == cython.NULL:
            raise MemoryError(f"a block of this program needs {8 * (values + adjoints)} bytes")
        # Vectors that do not cross a cache line load faster.
        self.v = cython.cast(cython.p_double, (cython.cast(cython.size_t, self.memory) + 63) // 64 * 64)
        self.a = self.v + (values + 7) // 8 * 8

    def __dealloc__(self) -> None:
        PyMem_Free(self.memory)  # type: ignore[name-defined,has-type]  # only compiled


@cython.cclass
class Interpreter:
    """The instructions of a program and the kernels that execute them."""

    __slots__ = (  # their C types are in interpreter.pxd
        "code", "exact", "kernels", "lanes", "sections", "targets", "terms", "wide_adjoints", "wide_values",
    )  # fmt: skip

    def __init__(self, program: Program) -> None:
        self.exact = program.exact
        self.kernels = choose_lanes(8, self.exact)
        self.code = ints(program.code)
        self.terms = ints(program.terms)
        self.targets = ints(program.targets)
        self.sections = ints(program.sections)
        self.lanes = program.lanes
        self.wide_values, self.wide_adjoints = program.wide_values, program.wide_adjoints

    def __dealloc__(self) -> None:
        PyMem_Free(self.code)  # type: ignore[name-defined]  # only compiled
        PyMem_Free(self.terms)  # type: ignore[name-defined]
        PyMem_Free(self.targets)  # type: ignore[name-defined]
        PyMem_Free(self.sections)  # type: ignore[name-defined]

    def use_vectors(self, width: cython.int) -> int:
        """Limit the vector width to 2, 4 or 8 doubles, and return the width in use. Results do not depend on it."""
        self.kernels = choose_lanes(width, self.exact)
        return self.kernels.width

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def execute(  # noqa: C901 - one branch per instruction kind
        self, first: cython.int, last: cython.int, work: Workspace, n: cython.Py_ssize_t
    ) -> cython.int:
        """Run sections ``first`` to ``last - 1`` on ``n`` lanes. Return -1, or the position of a failed instruction."""
        v: cython.p_double = work.v
        a: cython.p_double = work.a
        kernels: Kernels = self.kernels.one_lane if n == 1 else self.kernels
        code: cython.p_int = self.code
        wide_v: cython.int = self.wide_values
        wide_a: cython.int = self.wide_adjoints
        i: cython.int = self.sections[first]
        end: cython.int = self.sections[last]
        while i < end:
            at: cython.Py_ssize_t = 8 * i
            kind: cython.int = code[at]
            row: cython.int = code[at + 1]
            p: cython.int = code[at + 2]
            q: cython.int = code[at + 3]
            r: cython.int = code[at + 4]
            s: cython.int = code[at + 5]
            t: cython.int = code[at + 6]
            if kind == NEURON:
                kernels.neuron(v, self.terms, s, r, p, q, n)
            elif kind == LAYER:
                kernels.layer(v, self.terms, code, i + 1, p, n)
                i += p  # the neurons are done
            elif kind == UNARY:
                if r:
                    kernels.forward1_keep(row, v, p, q, n)
                else:
                    kernels.forward1(row, v, p, q, n)
            elif kind == BINARY:
                kernels.forward2(row, v, p, q, r, n)
            elif kind == NEURON_BACK:
                kernels.neuron_back(a, v, self.terms, s, self.targets, t, r, q, p, n)
            elif kind == LAYER_BACK:
                kernels.layer_back(a, v, self.terms, self.targets, code, i + 1, p, n)
                i += p
            elif kind == RUN:
                kernels.run(v, s, t, r, p, q)
            elif kind == RUN_BACK:
                kernels.run_back(a, v, r, s, t, code[at + 7], q, p, row)
            elif kind == UNARY_BACK:
                if t:
                    kernels.give1_kept(row, a, v, p, q, r, s, n)
                else:
                    kernels.give1(row, a, v, p, q, r, s, n)
            elif kind == BINARY_BACK_X:
                if code[at + 7]:
                    kernels.reached2x(row, a, v, p, q, r, s, t, n)
                else:
                    kernels.give2x(row, a, v, p, q, r, s, t, n)
            elif kind == BINARY_BACK_Y:
                if code[at + 7]:
                    kernels.reached2y(row, a, v, p, q, r, s, t, n)
                else:
                    kernels.give2y(row, a, v, p, q, r, s, t, n)
            elif kind == DOT:
                kernels.dot(v, self.terms, s, r, p, q, n, wide_v)
            elif kind == DOT_BACK:
                kernels.dot_back(a, v, self.terms, s, self.targets, t, r, q, p, n, wide_v, wide_a)
            elif kind == BROADCAST:
                fill(v, p, v[q], self.lanes)
            elif kind == REDUCE:
                a[p >> 1] += kernels.sum_lanes(a, q, n)
            elif kind == CLEAR:
                fill(a, p >> 1, -0.0, n)
            elif kind == TAKE:
                if not _take(v, self.terms, s, r, p, q, n, wide_v):
                    return i
            elif kind == TAKE_BACK:
                _take_back(a, v, self.targets, t, p, q, n, wide_v, wide_a)
            i += 1
        return -1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill(numbers: cython.p_double, start: cython.Py_ssize_t, number: cython.double, n: cython.Py_ssize_t) -> cython.void:
    """Set ``n`` consecutive elements to ``number``."""
    i: cython.Py_ssize_t
    for i in range(n):
        numbers[start + i] = number


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _take(
    v: cython.p_double, items: cython.p_int, first: cython.int, count: cython.int, out: cython.int, index: cython.int,
    n: cython.Py_ssize_t, wide: cython.int,
) -> cython.bint:  # fmt: skip
    """Copy the item selected by the index, lane by lane. Return whether every index is valid."""
    i: cython.Py_ssize_t
    for i in range(n):
        number: cython.double = v[index + i] if index >= wide else v[index]
        if not 0 <= number < count or number != cython.cast(cython.int, number):
            v[index] = number  # reported in the error message
            return False
        item: cython.int = items[first + cython.cast(cython.int, number)]
        v[out + i] = v[item + i] if item >= wide else v[item]
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _take_back(
    a: cython.p_double, v: cython.p_double, targets: cython.p_int, first: cython.int, index: cython.int, sender: cython.int,
    n: cython.Py_ssize_t, wide_v: cython.int, wide_a: cython.int,
) -> cython.void:  # fmt: skip
    """Add the adjoint of each lane to the adjoint of the item selected in that lane."""
    i: cython.Py_ssize_t
    for i in range(n):
        number: cython.double = v[index + i] if index >= wide_v else v[index]
        target: cython.int = targets[first + cython.cast(cython.int, number)]
        if target >= 0:
            place: cython.Py_ssize_t = target >> 1
            if place >= wide_a:
                place += i
            a[place] += a[sender + i]
