"""The layout of a program: the offset of each number in its two arrays, the values and the adjoints.

    values      constants | parameters | scalar inputs | computed scalars | lanes: wide inputs, copies of scalars, computed
    adjoints    wanted scalars | other scalars                            | lanes: computed and wide inputs, copies of scalars

A scalar takes one element. A wide number takes one element per lane of a block, and starts at a multiple of 8.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from autograd.compiler.dot_runs import side_by_side
from autograd.compiler.graph import CONSTANT, DOT, INPUT, PARAMETER, TAKE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.compiler.analysis import Analysis

BLOCK = 768 * 1024  # bytes per block, chosen to fit into the level 2 cache
LARGE_BLOCK = 10  # blocks of a long program may be this many times as large, which still fits into the level 3 cache
MIN_LANES = 72  # of a long program. With fewer, reading the instructions would take most of the time
MAX_LANES = 248


class Layout:
    """The offsets of the values and adjoints of graph nodes.

    Attributes:
        constants: The values of the constants.
        scalar_inputs, wide_inputs: The inputs of each kind.
        scalars, wides: The nodes to compute, without those that have the same value as an earlier node.
        value, adjoint: The offset for each node.
        broadcast_value, broadcast_adjoint: For each scalar that is copied to all lanes, the offset of its copies.
        input_adjoints: For each wide input whose gradient is requested, the offset of its adjoint, or -1.
        lanes: Number of lanes in a block.
        n_scalar_gradients: Number of scalars whose gradients are requested.
        wide_values, wide_adjoints: The offsets of the first wide value and the first wide adjoint.
        n_values, n_adjoints: The sizes of the arrays.
    """

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self._leaves: dict[int, dict[int, int]] = {CONSTANT: {}, PARAMETER: {}, INPUT: {}}  # nodes by row and number
        self.scalars: list[int] = []
        self.wides: list[int] = []
        self._sort_nodes()
        self._order = side_by_side(analysis.nodes, analysis.wide)
        self.scalar_inputs: list[int] = [j for j, is_wide in enumerate(analysis.is_wide_input) if not is_wide]
        self.wide_inputs: list[int] = [j for j, is_wide in enumerate(analysis.is_wide_input) if is_wide]
        self.value: dict[int, int] = {}
        self.adjoint: dict[int, int] = {}
        self.wide_values: int = self._place_scalar_values()
        self.wide_adjoints: int = self._place_scalar_adjoints()
        self._place_lanes()

    def _sort_nodes(self) -> None:
        same = self.analysis.same
        for i, node in enumerate(self.analysis.nodes):
            if node is None:
                continue
            if node.row in self._leaves:
                number = len(self._leaves[CONSTANT]) if node.row == CONSTANT else int(node.number)
                self._leaves[node.row][number] = i
            elif same[i] == i and self.analysis.needed[i]:
                (self.wides if self.analysis.wide[i] else self.scalars).append(i)
        self.constants: array[float] = array("d", [self.analysis.node(i).number for i in self._leaves[CONSTANT].values()])

    def _input_nodes(self, inputs: Sequence[int]) -> list[int | None]:
        """Return the node of each input; None for an input that the results do not need."""
        return [self._leaves[INPUT].get(j) for j in inputs]

    def _parameter_nodes(self) -> list[int | None]:
        return [self._leaves[PARAMETER].get(k) for k in range(len(self.analysis.graph.parameters))]

    def _place_scalar_values(self) -> int:
        computed = set(self.scalars)
        in_order: list[int | None] = [
            *self._leaves[CONSTANT].values(),
            *self._parameter_nodes(),
            *self._input_nodes(self.scalar_inputs),
            *[i for i in self._order if i in computed],
        ]
        self.value.update({i: place for place, i in enumerate(in_order) if i is not None})
        return _round_up(len(in_order))

    def _place_scalar_adjoints(self) -> int:
        analysis = self.analysis
        wanted = self._parameter_nodes() if analysis.of_parameters else []
        wanted += self._input_nodes([j for j in analysis.gradients if not analysis.is_wide_input[j]])
        self.n_scalar_gradients: int = len(wanted) if analysis.backward else 0
        first = set(wanted)
        others = [i for i in self._order if analysis.active[i] and not analysis.wide[i] and i not in first]
        in_order = [*wanted, *others]
        self.adjoint.update({i: place for place, i in enumerate(in_order) if i is not None and analysis.active[i]})
        return _round_up(len(in_order))

    def _place_lanes(self) -> None:
        analysis = self.analysis
        broadcast = self._find_broadcast()
        broadcast_back = [i for i in broadcast if analysis.active[i]]
        active = [i for i in self._order if analysis.active[i] and analysis.wide[i]]
        n_values = len(self.wide_inputs) + len(broadcast) + len(self.wides)
        n_adjoints = len(active) + len(broadcast_back)
        self.lanes: int = _count_lanes(8 * (n_values + n_adjoints))
        places = iter(range(self.wide_values, self.wide_values + n_values * self.lanes, self.lanes))
        inputs = zip(self._input_nodes(self.wide_inputs), places, strict=False)
        self.value.update({i: place for i, place in inputs if i is not None})
        self.broadcast_value: dict[int, int] = dict(zip(broadcast, places, strict=False))
        self.value.update(zip(self.wides, places, strict=True))
        places = iter(range(self.wide_adjoints, self.wide_adjoints + n_adjoints * self.lanes, self.lanes))
        self.adjoint.update(zip(active, places, strict=False))
        self.broadcast_adjoint: dict[int, int] = dict(zip(broadcast_back, places, strict=True))
        self.n_values: int = self.wide_values + n_values * self.lanes
        self.n_adjoints: int = self.wide_adjoints + n_adjoints * self.lanes
        wide_gradients = self._input_nodes([j for j in analysis.gradients if analysis.is_wide_input[j]])
        self.input_adjoints: list[int] = [-1 if i is None else self.adjoint.get(i, -1) for i in wide_gradients]

    def _find_broadcast(self) -> list[int]:
        """Return the scalars to copy to all lanes: the scalar operands of wide operations other than ``dot`` and ``take``."""
        analysis = self.analysis
        found: dict[int, None] = {}
        met = [
            x
            for i, node in enumerate(analysis.nodes)
            if node is not None and analysis.wide[i] and analysis.needed[i] and node.row not in (DOT, TAKE)
            for x in node.operands
            if not analysis.wide[x]
        ]
        found.update((analysis.same[x], None) for x in met)
        found.update((x, None) for x in met if analysis.active[x])  # one copy for each adjoint
        return list(found)


def _round_up(place: int) -> int:
    """Return the next multiple of 8."""
    return -(-place // 8) * 8


def _count_lanes(bytes_per_lane: int) -> int:
    """Return the number of lanes in a block: an odd multiple of 8.

    Numbers at distances of a power of two would evict each other from the cache.
    """
    size = max(1, bytes_per_lane)
    lanes = min(MAX_LANES, max(BLOCK // size, min(MIN_LANES, LARGE_BLOCK * BLOCK // size))) // 8
    return 8 * max(1, lanes - (lanes % 2 == 0))
