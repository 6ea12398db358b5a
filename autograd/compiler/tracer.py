"""What ``compile`` has in place while it records a function, so that nothing is frozen without a word.

The function is called on Values that stand for its arguments. Their numbers are those of this one call; the next call has
others. So wherever a number would decide something (a branch, an index, a rounding) there is an error that names the line;
and a comparison gives a ``Condition``, which ``where`` and the rules of the table understand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.base.modes import NO_GRAD_DEPTH, TRACER, WATCHERS, change_no_grad_depth, change_tracer, change_watchers
from autograd.errors import RecordingError
from autograd.functions import where
from autograd.inspection.watching import users_line
from autograd.nodes.elementwise import FUNCTIONS
from autograd.nodes.parts import open_gate
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, Self

_LESS, _LESS_EQUAL, _EQUAL = FUNCTIONS["less"], FUNCTIONS["less_equal"], FUNCTIONS["equal"]
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": _LESS,
    "<=": _LESS_EQUAL,
    ">": lambda x, y: _LESS(y, x),
    ">=": lambda x, y: _LESS_EQUAL(y, x),
    "==": _EQUAL,
    "!=": lambda x, y: 1.0 - _EQUAL(x, y),
}


class Tracer:
    """Within ``with Tracer():`` this thread or task records for ``compile``."""

    def __init__(self) -> None:
        self.nodes: dict[int, Value] = {}  # by id, which is the node's own as long as that is kept
        self.refused: RecordingError | None = None  # the first one, should the function have caught it

    def recorded(self, node: Value) -> None:
        """Remember the node."""
        if NO_GRAD_DEPTH.get():
            self.refuse("it is used inside no_grad(), which gives plain numbers")
        open_gate(node)
        self.nodes[id(node)] = node

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """A gradient is a number of this call, too."""
        self.refuse("backward is called on what it gives" if adds else "its gradient is computed as a float")

    def compare(self, operator: str, x: Value, y: object) -> Any:
        """A condition in the place of True or False."""
        try:
            return Condition(_COMPARE[operator](x, y))
        except TypeError:
            return NotImplemented

    def refuse(self, why: str) -> NoReturn:
        """Say that a number may not be used so, and where that is."""
        problem = RecordingError(
            f"{users_line().in_words()}: a function that is compiled may not depend on a recorded number in this way: {why}. "
            "The number would for ever be that of the first call. Use where(condition, x, y), maximum, minimum, clip or relu "
            "for a branch, take(items, index) for an index, x.detach() for a number without gradient; or do not compile"
        )
        self.refused = self.refused or problem
        raise problem

    def __enter__(self) -> Self:
        self._before = TRACER.get(), WATCHERS.get(), NO_GRAD_DEPTH.get()
        if self._before[2]:  # a model may be called within no_grad(); only what the function itself does so is refused
            change_no_grad_depth(-self._before[2])
        change_tracer(self)
        change_watchers((self,))  # the numbers of a recording mean nothing to others
        return self

    def __exit__(self, *exception: object) -> None:
        tracer, watchers, depth = self._before
        change_watchers(watchers)
        change_tracer(tracer)
        if depth:
            change_no_grad_depth(depth)


class Condition:
    """Whether a comparison holds, which may differ from call to call and from row to row.

    ``&``, ``|`` and ``~`` combine conditions; ``where`` takes them. It is neither true nor false.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, number: Any) -> None:
        self._number = number

    def as_number(self) -> Any:
        """1 if it holds, else 0: a Value."""
        return self._number

    def _pick(self, x: Any, y: Any) -> Any:
        return where(self, x, y)  # how the rules of the table choose, see `pick` in ops.py

    def __and__(self, other: Any) -> Condition:
        return Condition(self._number * _as_number(other))

    def __or__(self, other: Any) -> Condition:
        return Condition(FUNCTIONS["maximum"](self._number, _as_number(other)))

    def __invert__(self) -> Condition:
        return Condition(1.0 - self._number)

    __rand__, __ror__ = __and__, __or__

    def __eq__(self, other: object) -> bool:
        return bool(self)  # refused: Python's own would say False for ever

    __ne__ = __eq__

    def __bool__(self) -> bool:  # noqa: PLE0304 - it always raises
        tracer: Tracer | None = TRACER.get()
        if tracer is None:
            raise RecordingError("this condition belongs to a function that was being compiled, and is neither true nor false")
        tracer.refuse("a branch depends on it")

    def __repr__(self) -> str:
        return "<a condition that is being recorded>"


def _as_number(condition: Any) -> Any:
    return condition.as_number() if isinstance(condition, Condition) else 1.0 if condition else 0.0
