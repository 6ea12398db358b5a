"""What ``compile`` keeps of a function: its steps, the parameters it uses, and the programs made of them."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from autograd.base.real import is_real
from autograd.compiler.arguments import first_row, replace
from autograd.compiler.graph import CONSTANT, PARAMETER, Graph, Step, fuse
from autograd.compiler.lowering import lower
from autograd.compiler.tracer import Tracer
from autograd.errors import RecordingError
from autograd.nodes.sums import sum as _sum
from autograd.replay.executor import Executor, find_unowned, may_be_unowned
from autograd.topology import topological_order
from autograd.transforms.structure import Structure, take_apart
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from autograd.replay.program import Program


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Without Python's garbage collector, which would look through the steps again and again, and find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


_HOLDERS: Counter[int] = Counter()  # by the id of a parameter: how many recordings there are that keep it
_changes = [0]  # how often _HOLDERS was changed
_CHANGING = threading.RLock()  # of which one thread may have two: a recording may be freed at any time


def _count_holders(parameters: Iterable[Value], by: int) -> None:
    """One recording more keeps these parameters, or one fewer."""
    with _CHANGING:
        for parameter in parameters:
            count = _HOLDERS[id(parameter)] + by
            if count:
                _HOLDERS[id(parameter)] = count
            else:
                del _HOLDERS[id(parameter)]
        _changes[0] += 1


class Trace:
    """What a function did when it was called on Values that stand for its arguments.

    Args:
        function: takes the arguments.
        arguments: numbers, arrays of rows, and lists, tuples and dicts of such.
        tracer: what is in place meanwhile.

    Attributes:
        inputs: the Values that stood for the numbers among the arguments.
        is_wide: of each of these, whether it may differ from row to row.
        inputs_of: of each argument, which of these it has.
        nodes: those that were recorded, by id.
        order: those that the results need, and what was there before; operands first.
        results: Values and floats.
        structure: how the results are arranged.
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], tracer: Tracer) -> None:
        self.inputs: list[Value] = []
        self.is_wide: list[bool] = []
        self.inputs_of: list[range] = []
        stand_ins = _stand_ins(arguments, self.inputs, self.is_wide, self.inputs_of)
        with tracer:
            try:
                result = function(*stand_ins)
            except Exception as problem:
                if not isinstance(problem, RecordingError):
                    problem.add_note(_what_it_was_given(arguments))
                raise
            if tracer.refused is not None:  # and the function caught it
                raise tracer.refused
            self.results, self.structure = results_of(result, function)
            root = self.results[0] if len(self.results) == 1 else _sum(self.results)
        self.nodes = tracer.nodes
        self.order = topological_order(root) if isinstance(root, Value) else []
        if self.order and len(self.results) > 1:
            self.order.pop()  # their sum, which only shows the way

    def take_graph(self) -> Graph:
        """The same as steps. The nodes are let go of, so that only others still have the Values that the function used."""
        graph = Graph(self.order, self.results, self.inputs, set(self.nodes))
        for nodes in (self.order, self.results, self.inputs, self.nodes):
            nodes.clear()
        return graph


class Recording:
    """What is kept of a trace, for arguments of one arrangement: a graph, and the programs made of it."""

    def __init__(self, trace: Trace) -> None:
        self.structure, self.is_wide, self.inputs_of = trace.structure, trace.is_wide, trace.inputs_of
        with _no_collection():
            self.graph = trace.take_graph()
            self._make_constants()
            fuse(self.graph)
        self.parameters = tuple(self.graph.parameters)
        self.graph.parameters = list(range(len(self.parameters)))  # type: ignore[arg-type]  # only their number counts
        self.names = [p.label or f"p{k}" for k, p in enumerate(self.parameters)]
        self.work = 1
        self._replays: dict[Any, Executor] = {}
        self._programs: dict[Any, Program] = {}
        _count_holders(self.parameters, 1)
        self._limits: list[int] = []
        self._most = 0
        self._limits_as_of = -1

    def _make_constants(self) -> None:
        """What f made itself, as Value(2.0), nobody else can change: it is a constant."""
        kept: list[Value] = []
        unowned = set(find_unowned(tuple(self.graph.parameters), [2] * len(self.graph.parameters)))
        steps = self.graph.steps
        # In the order of their use, so that the weights of a neuron lie side by side.
        used = [x for step in steps if step is not None for x in step.operands]
        for i in dict.fromkeys(used + self.graph.results):
            step = steps[i]
            if step is None or step.row != PARAMETER:
                continue
            k = int(step.number)
            if k in unowned:
                self.graph.steps[i] = Step(CONSTANT, number=self.graph.parameters[k].data)
            else:
                step.number = len(kept)
                kept.append(self.graph.parameters[k])
        self.graph.parameters = kept

    def lost_a_parameter(self) -> bool:
        """Whether there is a parameter that nobody has any more but recordings: it was deleted, or another put in its place."""
        if self._limits_as_of != _changes[0]:
            self._limits = [_HOLDERS[id(p)] for p in self.parameters]
            self._most = max(self._limits, default=0)
            self._limits_as_of = _changes[0]
        return may_be_unowned(self.parameters, self._most) and bool(find_unowned(self.parameters, self._limits))

    def __del__(self) -> None:
        if hasattr(self, "_limits") and _count_holders is not None:  # when Python ends, it may be gone already
            _count_holders(self.parameters, -1)

    def program(self, what: Any) -> Program:
        """For ``"values"``, the gradient by the ``"parameters"``, or that by some arguments."""
        if what not in self._programs:
            if what != "values" and (self.structure.make is not None or self.structure.is_array):
                raise TypeError(
                    f"a gradient needs a function that gives one number, not {self.structure.outline()}; "
                    "compile a function of its own that picks or adds them up"
                )
            inputs = None if what == "values" else () if what == "parameters" else {k for i in what for k in self.inputs_of[i]}
            gradients = None if inputs is None else sorted(inputs)
            with _no_collection():
                self._programs[what] = lower(self.graph, self.is_wide, gradients, what == "parameters", self.names)
        return self._programs[what]

    def replay(self, what: Any) -> Executor:
        """The same, ready to run."""
        if what not in self._replays:
            program = self.program(what)
            self.work = max(self.work, program.work)
            self._replays[what] = Executor(program)
        return self._replays[what]


def _what_it_was_given(arguments: tuple[Any, ...]) -> str:
    """For whoever wonders at an error in a function while it is recorded."""
    given = []
    for i, thing in enumerate(arguments):
        if not isinstance(thing, np.ndarray) or not thing.ndim:
            what = "a Value" if is_real(thing) else f"a {type(thing).__name__}"
        elif thing.ndim == 1:
            what = f"one Value for each of the {len(thing)} rows of an array (a vector that is the same in all rows is a list)"
        else:
            what = f"an array of shape {thing.shape[1:]} for each of {len(thing)} rows"
        given.append(f"argument {i} was {what}")
    return (
        f"autograd.compile called the function on Values, to record it: {'; '.join(given)}. "
        "Options (flags, counts, names) do not belong among the arguments: bind them with a lambda"
    )


def _stand_ins(arguments: tuple[Any, ...], inputs: list[Value], is_wide: list[bool], inputs_of: list[range]) -> list[Any]:
    """The arguments with Values in the place of numbers. Fills the three lists."""
    numbers = first_row(arguments)

    def leaf(wide: bool) -> Value:
        inputs.append(Value(next(numbers)))
        is_wide.append(wide)
        return inputs[-1]

    stand_ins = []
    for thing in arguments:
        first = len(inputs)
        stand_ins.append(replace(thing, leaf))
        inputs_of.append(range(first, len(inputs)))
    return stand_ins


def results_of(result: Any, function: Any) -> tuple[list[Any], Structure]:
    """The numbers and Values that the function gave, and how they were arranged; a TypeError names the function."""
    try:
        return take_apart(result, "what it gives")
    except TypeError as problem:
        raise TypeError(f"{getattr(function, '__name__', function)} cannot be compiled: {problem}") from None
