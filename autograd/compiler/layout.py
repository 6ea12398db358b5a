"""The layout of a program: the offset of each number in its two arrays, the values and the adjoints.

    values      constants | parameters | scalar inputs | computed scalars | lanes: wide inputs, copies of scalars, computed
    adjoints    wanted scalars | other scalars                            | lanes: computed and wide inputs, copies of scalars

A scalar takes one element. A wide number takes one element per lane of a block, and starts at a multiple of 8.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

from array import array

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops
from autograd.compiler import kinds

if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.compiler.analysis import Analysis
    from cython.cimports.autograd.compiler.graph import Graph
else:
    from autograd.base.int_arrays import Ints
    from autograd.compiler.analysis import Analysis
    from autograd.compiler.graph import Graph

INPUT = cython.declare(cython.int, kinds.INPUT)
PARAMETER = cython.declare(cython.int, kinds.PARAMETER)
CONSTANT = cython.declare(cython.int, kinds.CONSTANT)
FUSED = cython.declare(cython.int, kinds.FUSED)
DOT = cython.declare(cython.int, ops.dot.code)
TAKE = cython.declare(cython.int, ops.take.code)

BLOCK = 768 * 1024  # bytes per block, chosen to fit into the level 2 cache
LARGE_BLOCK = 10  # blocks of a long program may be this many times as large, which still fits into the level 3 cache
MIN_LANES = 136  # of a long program. With fewer, reading instructions takes long, and a leaf of 128 rows needs several blocks
MAX_LANES = 504
MAX_SUMMED_LANES = 248  # of a program that sums over lanes. The number determines the order of a sum, and so its last bits
MIN_TERMS = 4  # of a dot whose operands are laid out side by side. A shorter dot would not become faster


@cython.final
@cython.cclass
class Layout:
    """The offsets of the values and adjoints of graph nodes.

    Attributes:
        constants: The values of the constants.
        scalar_inputs, wide_inputs: The inputs of each kind.
        scalars, wides: The nodes to compute, without those that have the same value as an earlier node.
        broadcast: The scalars to copy to all lanes.
        broadcast_back: The scalars among them that have an adjoint.
        value, adjoint: The offset for each node, or -1.
        broadcast_value, broadcast_adjoint: For each scalar that is copied to all lanes, the offset of its copies, otherwise -1.
        input_adjoints: For each wide input whose gradient is requested, the offset of its adjoint, or -1.
        lanes: Number of lanes in a block.
        n_scalar_gradients: Number of scalars whose gradients are requested.
        wide_values, wide_adjoints: The offsets of the first wide value and the first wide adjoint.
        n_values, n_adjoints: The sizes of the arrays.
    """

    __slots__ = (  # their C types are in layout.pxd
        "_input_nodes", "_order", "adjoint", "analysis", "broadcast", "broadcast_adjoint", "broadcast_back", "broadcast_value",
        "constants", "input_adjoints", "lanes", "n_adjoints", "n_scalar_gradients", "n_values", "scalar_inputs", "scalars",
        "value", "wide_adjoints", "wide_inputs", "wide_values", "wides",
    )  # fmt: skip

    def __init__(self, analysis: Analysis) -> None:
        n: cython.Py_ssize_t = analysis.graph.rows.size
        self.analysis = analysis
        self.value, self.adjoint = Ints(n, -1), Ints(n, -1)
        self.broadcast_value, self.broadcast_adjoint = Ints(n, -1), Ints(n, -1)
        self.scalar_inputs, self.wide_inputs = Ints(), Ints()
        i: cython.int
        for i in range(analysis.is_wide_input.size):
            (self.wide_inputs if analysis.is_wide_input.items[i] else self.scalar_inputs).append(i)
        self._order = _side_by_side(analysis)
        self._sort_nodes()
        self._place_scalar_values()
        self._place_scalar_adjoints()
        self._place_lanes()

    @cython.cfunc
    def _place_scalar_values(self) -> None:
        """Place the constants, parameters, scalar inputs and computed scalars."""
        graph: Graph = self.analysis.graph
        i: cython.int
        j: cython.int
        place: cython.int = len(self.constants)
        for i in range(graph.rows.size):
            if graph.rows.items[i] == PARAMETER:
                self.value.items[i] = place + graph.numbers.items[i]
        place += len(graph.parameters)
        for j in range(self.scalar_inputs.size):
            place = _place(self.value, self._input_nodes.items[self.scalar_inputs.items[j]], place, 1)
        computed: Ints = Ints(graph.rows.size)
        for j in range(self.scalars.size):
            computed.items[self.scalars.items[j]] = 1
        for j in range(self._order.size):
            if computed.items[self._order.items[j]]:
                place = _place(self.value, self._order.items[j], place, 1)
        self.wide_values = _round_up(place)

    @cython.cfunc
    def _sort_nodes(self) -> None:
        """Collect the constants, the nodes of the inputs, and the nodes to compute."""
        analysis: Analysis = self.analysis
        graph: Graph = analysis.graph
        self.constants = array("d")
        self.scalars, self.wides = Ints(), Ints()
        self._input_nodes = Ints(analysis.is_wide_input.size, -1)  # -1 for an input that the results do not need
        i: cython.int
        for i in range(graph.rows.size):
            row: cython.int = graph.rows.items[i]
            if row == CONSTANT:
                self.value.items[i] = len(self.constants)
                self.constants.append(graph.constants[graph.numbers.items[i]])
            elif row == INPUT:
                self._input_nodes.items[graph.numbers.items[i]] = i
            elif row >= 0 and analysis.same.items[i] == i and analysis.needed.items[i]:
                (self.wides if analysis.wide.items[i] else self.scalars).append(i)

    @cython.cfunc
    def _place_scalar_adjoints(self) -> None:
        """Place the adjoints: first of the wanted scalars, then of all other active scalars."""
        analysis: Analysis = self.analysis
        graph: Graph = analysis.graph
        wanted: Ints = Ints(graph.rows.size)
        n_parameters: cython.int = len(graph.parameters) if analysis.of_parameters else 0
        place: cython.int = n_parameters
        i: cython.int
        j: cython.int
        for i in range(graph.rows.size):
            if graph.rows.items[i] == PARAMETER and analysis.of_parameters:
                wanted.items[i] = 1
                if analysis.active.items[i]:
                    self.adjoint.items[i] = graph.numbers.items[i]
        for j in range(analysis.gradients.size):
            if not analysis.is_wide_input.items[analysis.gradients.items[j]]:
                i = self._input_nodes.items[analysis.gradients.items[j]]
                if i >= 0:
                    wanted.items[i] = 1
                    if analysis.active.items[i]:
                        self.adjoint.items[i] = place
                place += 1
        self.n_scalar_gradients = place if analysis.backward else 0
        for j in range(self._order.size):
            i = self._order.items[j]
            if analysis.active.items[i] and not analysis.wide.items[i] and not wanted.items[i]:
                place = _place(self.adjoint, i, place, 1)
        self.wide_adjoints = _round_up(place)

    @cython.cfunc
    def _place_lanes(self) -> None:
        """Place the wide values and adjoints."""
        analysis: Analysis = self.analysis
        self._find_broadcast()
        active: Ints = Ints()
        i: cython.int
        j: cython.int
        for j in range(self._order.size):
            i = self._order.items[j]
            if analysis.active.items[i] and analysis.wide.items[i]:
                active.append(i)
        n_values: cython.int = self.wide_inputs.size + self.broadcast.size + self.wides.size
        n_adjoints: cython.int = active.size + self.broadcast_back.size
        is_summing: cython.bint = analysis.of_parameters or self.wide_adjoints > 0
        self.lanes = _count_lanes(8 * (n_values + n_adjoints), MAX_SUMMED_LANES if is_summing else MAX_LANES)
        place: cython.int = self.wide_values
        for j in range(self.wide_inputs.size):
            place = _place(self.value, self._input_nodes.items[self.wide_inputs.items[j]], place, self.lanes)
        for j in range(self.broadcast.size):
            place = _place(self.broadcast_value, self.broadcast.items[j], place, self.lanes)
        for j in range(self.wides.size):
            place = _place(self.value, self.wides.items[j], place, self.lanes)
        self.n_values = place
        place = self.wide_adjoints
        for j in range(active.size):
            place = _place(self.adjoint, active.items[j], place, self.lanes)
        for j in range(self.broadcast_back.size):
            place = _place(self.broadcast_adjoint, self.broadcast_back.items[j], place, self.lanes)
        self.n_adjoints = place
        self.input_adjoints = Ints()
        for j in range(analysis.gradients.size):
            if analysis.is_wide_input.items[analysis.gradients.items[j]]:
                i = self._input_nodes.items[analysis.gradients.items[j]]
                self.input_adjoints.append(-1 if i < 0 else self.adjoint.items[i])

    @cython.cfunc
    def _find_broadcast(self) -> None:
        """Find the scalars to copy to all lanes. A scalar has one copy for its value, and one for each adjoint."""
        analysis: Analysis = self.analysis
        found: Ints = self._scalars_among_wides()
        met: Ints = Ints(analysis.graph.rows.size)
        self.broadcast, self.broadcast_back = Ints(), Ints()
        k: cython.int
        x: cython.int
        for k in range(found.size):
            _append_new(self.broadcast, met, analysis.same.items[found.items[k]])
        for k in range(found.size):
            x = found.items[k]
            if analysis.active.items[x]:
                _append_new(self.broadcast, met, x)
        for k in range(self.broadcast.size):
            if analysis.active.items[self.broadcast.items[k]]:
                self.broadcast_back.append(self.broadcast.items[k])

    @cython.cfunc
    def _scalars_among_wides(self) -> Ints:
        """Return the scalar operands of wide operations other than ``dot`` and ``take``."""
        analysis: Analysis = self.analysis
        graph: Graph = analysis.graph
        found: Ints = Ints()
        i: cython.int
        k: cython.int
        x: cython.int
        for i in range(graph.rows.size):
            row: cython.int = graph.rows.items[i]
            if analysis.wide.items[i] and analysis.needed.items[i] and row not in (DOT, TAKE):
                for k in range(graph.starts.items[i], graph.starts.items[i] + graph.counts.items[i]):
                    x = graph.operands.items[k]
                    if not analysis.wide.items[x]:
                        found.append(x)
        return found

    @cython.cfunc
    @cython.exceptval(check=False)
    def slot(self, place: cython.int) -> cython.int:
        """Return the position of an adjoint among all adjoints, for the offset of its first lane."""
        return place if place < self.wide_adjoints else self.wide_adjoints + (place - self.wide_adjoints) // self.lanes


@cython.cfunc
@cython.exceptval(check=False)
def _place(offsets: Ints, i: cython.int, place: cython.int, size: cython.int) -> cython.int:
    """Store the offset of node i, unless i is -1. Return the next free offset."""
    if i >= 0:
        offsets.items[i] = place
    return place + size


@cython.cfunc
def _side_by_side(analysis: Analysis) -> Ints:
    """Return all nodes in layout order: the operands of dots of scalars first, beginning with the largest dot.

    Dots whose operands are adjacent become runs, see ``dot_runs.py``.
    """
    graph: Graph = analysis.graph
    dots: dict[int, list[int]] = {}  # by the number of operands
    i: cython.int
    k: cython.int
    for i in range(graph.rows.size):
        if graph.rows.items[i] == DOT and not analysis.wide.items[i] and graph.counts.items[i] >= 2 * MIN_TERMS:
            dots.setdefault(graph.counts.items[i], []).append(i)
    order: Ints = Ints()
    met: Ints = Ints(graph.rows.size)
    for n_operands in sorted(dots, reverse=True):
        count: cython.int = n_operands // 2
        for i in dots[n_operands]:
            start: cython.int = graph.starts.items[i]
            for k in range(start + count, start + 2 * count):
                _append_new(order, met, graph.operands.items[k])
            for k in range(start, start + count):
                _append_new(order, met, graph.operands.items[k])
    for i in range(graph.rows.size):
        if graph.rows.items[i] != FUSED:
            _append_new(order, met, i)
    return order


@cython.cfunc
@cython.exceptval(-1, check=False)
def _append_new(order: Ints, met: Ints, i: cython.int) -> cython.int:
    """Append a node that was not met before."""
    if not met.items[i]:
        met.items[i] = 1
        order.append(i)
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def _round_up(place: cython.int) -> cython.int:
    """Return the next multiple of 8."""
    return (place + 7) // 8 * 8


def _count_lanes(bytes_per_lane: int, most: int) -> int:
    """Return the number of lanes in a block: an odd multiple of 8, at most ``most``.

    Numbers at distances of a power of two would evict each other from the cache.
    """
    size = max(1, bytes_per_lane)
    lanes = min(most, max(BLOCK // size, min(MIN_LANES, LARGE_BLOCK * BLOCK // size))) // 8
    return 8 * max(1, lanes - (lanes % 2 == 0))
