"""The pipeline of ``compile``: from a function to a graph, and from the graph to programs.

    trace     call the function on Values                       tracer.py
    snapshot  copy the trace into columns of numbers            snapshot.py
    compare   call it again; the two traces must be equal       purity.py
    graph     turn the trace into numbered operations           graph.py
    fuse      turn sums of products into dots                   fusing.py
    lower     turn the graph into a Program                     lowering.py
    prepare   load the Program for this process                 replay/executor.py

``record`` runs the first four passes once for each structure of the arguments. ``Recording.replay`` runs the other two, once
for each gradient that is requested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.base.typesetting import printable
from autograd.compiler.fusing import fuse
from autograd.compiler.graph import Graph
from autograd.compiler.lowering import lower
from autograd.compiler.names import Names
from autograd.compiler.purity import check_pure
from autograd.compiler.tracer import Trace, Tracer
from autograd.transforms.pytrees import Structure

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from autograd.compiler.arguments import Arguments
    from autograd.compiler.static import Call
    from autograd.replay.executor import Executor
    from autograd.replay.program import Program
    from autograd.value import Value

    # The values, the gradient with respect to the parameters, or the gradient with respect to the arguments at these positions
    Wanted: TypeAlias = Literal["values", "parameters"] | tuple[int, ...]


def record(call: Call, check: bool, exact: bool) -> Recording:
    """Record the function of a call for arguments of this structure, and find the names that it reads.

    Raises:
        RecordingError: If a replay would differ from a call.
    """
    function, arguments = call.function, call.given
    first = Trace(function, arguments, Tracer()) if check else None
    read = Names(call.watched)  # after the first call, which may have created objects that later calls use
    trace = Trace(function, arguments, Tracer())
    if first is not None:
        check_pure(function, arguments, first, trace)
        del first  # its nodes
    read.drop_rebound()
    graph = Graph(trace.snapshot)
    fuse(graph)
    return Recording(graph, trace, arguments, read, exact)


class Recording:
    """The graph made from a trace, and its programs.

    Attributes:
        graph: The fused graph.
        structure: The structure of the results.
        read: The names that the function read.
        exact: Whether the programs use the C library. See ``compile``.
        arguments: The structure of each argument.
        inputs_of: For each argument, the indices of its inputs.
        parameters: The Values that the function read.
        work: Number of loop steps per row of the largest program so far.
        joined: The text of a warning, if the results are lists that the function repeated or joined.
    """

    def __init__(self, graph: Graph, trace: Trace, arguments: Arguments, read: Names, exact: bool) -> None:
        self.graph = graph
        self.read = read
        self.exact = exact
        self.structure: Structure = trace.structure
        self.is_wide: list[bool] = trace.is_wide
        self.arguments: list[Structure] = [Structure(tree) for tree in arguments.signature]
        self.inputs_of: list[range] = arguments.inputs()
        self.parameters: tuple[Value, ...] = tuple(graph.parameters)
        self.names: list[str] = [printable(label) if (label := p.label) else f"p{k}" for k, p in enumerate(self.parameters)]
        self.work: int = 1
        self.joined: str = trace.joined
        self._programs: dict[Wanted, Program] = {}
        self._replays: dict[Wanted, Executor] = {}
        self._pairs: dict[tuple[tuple[int, ...], bool], ValueAndGradient] = {}

    def program(self, wanted: Wanted) -> Program:
        """Return the program that computes the wanted numbers. On the first call, lower the graph to it."""
        if wanted not in self._programs:
            if wanted != "values" and not self.structure.is_number:
                raise TypeError(
                    f"a gradient needs a function that returns one number, not {self.structure.outline()}; "
                    "compile another function that selects a number or adds them up"
                )
            inputs: list[int] | None = None
            if wanted != "values":
                inputs = [] if wanted == "parameters" else self.inputs_at(wanted)
            program = lower(self.graph, self.is_wide, inputs, wanted == "parameters", self.names)
            program.exact = self.exact
            self._programs[wanted] = program
        return self._programs[wanted]

    def replay(self, wanted: Wanted) -> Executor:
        """Return an Executor, which runs the program in this process."""
        if wanted not in self._replays:
            program = self.program(wanted)
            self.work = max(self.work, program.work)
            self._replays[wanted] = program.executor
        return self._replays[wanted]

    def value_and_gradient(self, positions: tuple[int, ...], several: bool) -> ValueAndGradient:
        """Return the structure of the value and the gradient with respect to one argument, or a tuple of arguments."""
        key = positions, several
        if key not in self._pairs:
            self._pairs[key] = ValueAndGradient(self, positions, several)
        return self._pairs[key]

    def inputs_at(self, positions: tuple[int, ...]) -> list[int]:
        """Return the sorted indices of the inputs in the arguments at these positions."""
        return sorted({k for position in positions for k in self.inputs_of[position]})


class ValueAndGradient:
    """The structure of a pair, the value and the gradient, and the table that holds both.

    Args:
        recording: A recording of a function that returns one number.
        positions: Positions of arguments.
        several: Whether the gradient is a tuple, with one item per argument.

    Attributes:
        structure: The structure of the pair.
        size: Number of rows of the table: the value, and one per input.
        order: For each number in the pair, its row in the table; None if this is the order of the table.
    """

    def __init__(self, recording: Recording, positions: tuple[int, ...], several: bool) -> None:
        trees = [recording.arguments[position].tree for position in positions]
        self.structure: Structure = Structure((tuple, recording.structure.tree, (tuple, *trees) if several else trees[0]))
        rows = {i: row for row, i in enumerate(recording.inputs_at(positions), 1)}
        self.size: int = 1 + len(rows)
        order = [0, *[rows[i] for position in positions for i in recording.inputs_of[position]]]
        self.order: list[int] | None = None if order == list(range(self.size)) else order
