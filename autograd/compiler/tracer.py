"""Tracing: call a function on Values to record its operations, and reject code that would freeze a number.

The function is called on Values in place of the numbers in its arguments. Later calls have other numbers. Therefore the tracer
raises an error that includes the line if a number would decide something: a branch, an index, a text. A comparison returns
a ``Condition``, which ``where`` and the rules of the table accept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd import ops
from autograd.base.modes import NO_GRAD_DEPTH, TRACER, WATCHERS, change_no_grad_depth, change_tracer, change_watchers
from autograd.base.real import is_real
from autograd.compiler.arguments import static_remedy
from autograd.compiler.snapshot import Snapshot, take_snapshot
from autograd.compiler.tape import Tape
from autograd.errors import RecordingError
from autograd.functions import where
from autograd.inspection.watching import users_line
from autograd.nodes.elementwise import FUNCTIONS
from autograd.nodes.sums import sum as _sum
from autograd.shared import counted
from autograd.topology import topological_order
from autograd.transforms.error_notes import add_note
from autograd.transforms.joined_lists import describe_joined
from autograd.transforms.pytrees import flatten
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, Self

    from autograd.compiler.arguments import Arguments
    from autograd.transforms.pytrees import Structure

_LESS, _LESS_EQUAL, _EQUAL = FUNCTIONS["less"], FUNCTIONS["less_equal"], FUNCTIONS["equal"]
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": _LESS,
    "<=": _LESS_EQUAL,
    ">": lambda x, y: _LESS(y, x),
    ">=": lambda x, y: _LESS_EQUAL(y, x),
    "==": _EQUAL,
    "!=": lambda x, y: 1.0 - _EQUAL(x, y),
}


class Trace:
    """The operations that a function performed when it was called on Values in place of numbers.

    Args:
        function: The function to record.
        arguments: The arguments of the call. Only their first row is used.
        tracer: The tracer that is active during the call.

    Attributes:
        inputs: The Values that were passed in place of the numbers in the arguments.
        is_wide: For each input, whether it may differ from row to row.
        results: The results, as Values and floats.
        structure: The structure of the results.
        joined: The text of a warning, if the results are lists that the function repeated or joined.
        snapshot: The operations, as columns of numbers.
    """

    def __init__(self, function: Callable[..., Any], arguments: Arguments, tracer: Tracer) -> None:
        self.inputs: list[Value] = []
        self.is_wide: list[bool] = []
        self.results: list[Any]
        self.structure: Structure
        self.joined: str
        stand_ins = arguments.row(0, self._add_input)
        pairs = zip(arguments.names, arguments.given, strict=True)
        tracer.flags = [name for name, thing in pairs if isinstance(thing, bool | np.bool_)]
        with tracer:
            try:
                result = function(*stand_ins)
            except Exception as problem:
                if not isinstance(problem, RecordingError):
                    add_note(problem)
                    problem.add_note(_describe_call(arguments))
                raise
            if tracer.refused is not None:  # the function caught the error
                raise tracer.refused
            self.joined = describe_joined(result, zip(arguments.names, stand_ins, strict=True), function)
            self.results, self.structure = flatten_results(result, function)
            root = self.results[0] if len(self.results) == 1 else _sum(self.results)
        self._tracer = tracer
        self._root: Value | None = root if isinstance(root, Value) else None
        self.snapshot: Snapshot = take_snapshot(self._root, self.results, self.inputs, tracer.nodes, tracer.leaves)

    @property
    def nodes(self) -> dict[int, Value]:
        """The recorded nodes, by id."""
        return {id(node): node for node in self._tracer.nodes}

    @property
    def created(self) -> dict[int, Value]:
        """The leaves that the function created, by id. They are constants."""
        return {id(leaf): leaf for leaf in self._tracer.leaves}

    @property
    def order(self) -> list[Value]:
        """The nodes and leaves that the results depend on, operands first."""
        order = [] if self._root is None else topological_order(self._root)
        if order and len(self.results) > 1:
            order.pop()  # the sum, which was created only to reach all results
        return order

    def _add_input(self, number: Any, is_wide: bool) -> Value:
        self.inputs.append(Value(number))
        self.is_wide.append(is_wide)
        return self.inputs[-1]


def flatten_results(result: Any, function: Any) -> tuple[list[Any], Structure]:
    """Return the numbers and Values in the result of a function, and their structure.

    Raises:
        TypeError: If the result contains anything else. The message names the function.
    """
    try:
        return flatten(result, "its result")
    except TypeError as problem:
        raise TypeError(f"{getattr(function, '__name__', function)} cannot be compiled: {problem}") from None


def _describe_call(arguments: Arguments) -> str:
    """Return a note to add to an exception that a function raised while it was recorded."""
    given = []
    for name, thing in zip(arguments.names, arguments.given, strict=True):
        if not isinstance(thing, np.ndarray) or not thing.ndim:
            kind = "a Value" if is_real(thing) else f"a {type(thing).__name__}"
            if isinstance(thing, list) and arguments.by_row:
                kind += " shared by all rows (rows are passed as an array: np.array(...))"
        elif not arguments.by_row:
            kind = f"an array of shape {thing.shape}"
        elif thing.ndim == 1:
            kind = f"one Value for each row of an array of {counted(len(thing), 'row')} (a vector shared by all rows is a list)"
        else:
            kind = f"an array of shape {thing.shape[1:]} for each of {counted(len(thing), 'row')}"
        given.append(f"{name} was {kind}")
    listed = f": {'; '.join(given)}" if given else ""
    return (
        f"autograd.compile called the function on Values, to record it{listed}. "
        "Options (flags, counts, names) are not recorded: make them static, as in compile(f, static_argnames='mode')"
    )


class Tracer(Tape):
    """Context manager within which the current thread or task records for ``compile``.

    Attributes:
        refused: The first error that was raised, because the function may have caught it.
        flags: The arguments that were True or False, for error messages.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused: RecordingError | None = None
        self.flags: list[str] = []

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Refuse a backward pass, because its gradients are numbers of this call only."""
        self.refuse("backward is called on its result" if adds else "its gradient is computed as a float")

    def compare(self, operator: str, x: Value, y: object) -> Any:
        """Return a condition instead of True or False."""
        try:
            return Condition(_COMPARE[operator](x, y))
        except TypeError:
            return NotImplemented

    def refuse(self, why: str) -> NoReturn:
        """Raise a RecordingError with the line that depends on a recorded number."""
        options = "".join([f" If {name} is an option, {static_remedy(name)}." for name in self.flags])
        self._refuse(
            f"a compiled function must not depend on a recorded number in this way: {why}. A replay would always use the "
            f"number of the first call.{options} Use where(condition, x, y), maximum, minimum, clip or relu instead of a "
            "branch, take(items, index) instead of an index, x.detach() for a number without gradient; or do not compile"
        )

    def refuse_primitive(self, name: str) -> NoReturn:
        """Raise a RecordingError for a custom primitive."""
        self._refuse(
            f"compile cannot record the custom primitive {name}(), because a replay runs no Python code; "
            "write it with autograd's functions, or do not compile"
        )

    def _refuse(self, message: str) -> NoReturn:
        problem = RecordingError(f"{users_line()}: {message}")
        self.refused = self.refused or problem
        raise problem

    def __enter__(self) -> Self:
        self._before = TRACER.get(), WATCHERS.get(), NO_GRAD_DEPTH.get()
        if self._before[2]:  # compile may be used within no_grad(); only no_grad() inside the function is refused
            change_no_grad_depth(-self._before[2])
        change_tracer(self)
        change_watchers((self,))  # other watchers must not see a recording
        return self

    def __exit__(self, *exception: object) -> None:
        tracer, watchers, depth = self._before
        change_watchers(watchers)
        change_tracer(tracer)
        if depth:
            change_no_grad_depth(depth)


class Condition:
    """The result of a comparison while a function is recorded. It may differ from call to call and from row to row.

    ``&``, ``|`` and ``~`` combine conditions, and ``where`` takes them. A condition is neither true nor false.
    """

    __hash__: None = None  # type: ignore[assignment]

    def __init__(self, number: Any) -> None:
        self._number = number

    def as_number(self) -> Any:
        """Return a Value: 1 if the comparison holds, otherwise 0."""
        return self._number

    def _pick(self, x: Any, y: Any) -> Any:
        return where(self, x, y)  # used by the rules of the table, see ``pick`` in ops.py

    def _inside(self, derivative: Any, out: Any) -> Any:
        # Used by the rules of the table, see ``inside`` in operation.py.
        return ops.cover(derivative, self._number) if isinstance(derivative, Value) else ops.still(derivative, out)

    def __and__(self, other: Any) -> Any:
        if isinstance(other, bool):  # known while recording, for example because an exponent is a constant
            return self if other else False
        return Condition(self._number * _as_number(other))

    def __or__(self, other: Any) -> Any:
        if isinstance(other, bool):
            return True if other else self
        return Condition(FUNCTIONS["maximum"](self._number, _as_number(other)))

    def __invert__(self) -> Condition:
        return Condition(1.0 - self._number)

    __rand__, __ror__ = __and__, __or__

    def __eq__(self, other: object) -> bool:
        return bool(self)  # refused: Python's own comparison would always return False

    __ne__ = __eq__

    def __bool__(self) -> bool:  # noqa: PLE0304 - it always raises
        tracer: Tracer | None = TRACER.get()
        if tracer is None:
            raise RecordingError("this condition was recorded for a compiled function, and is neither true nor false")
        tracer.refuse("a branch depends on it")

    def __repr__(self) -> str:
        return "<a recorded condition>"


def _as_number(condition: Any) -> Any:
    return condition.as_number() if isinstance(condition, Condition) else 1.0 if condition else 0.0
