"""``Operation``, a row of the table of operations, and the words in which rows are written: ``unary``, ``binary``, domains.

The rows are in ``ops.py``.
"""

from __future__ import annotations

from autograd.base.real import INF, as_float, evaluate, pick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol, TypeVar, overload

    Formula = Callable[..., Any]

    class _Node(Protocol):  # a Value, as opposed to a float; value.py imports this file, not the reverse
        @property
        def grad(self) -> float: ...
        def backward(self) -> None: ...

    _AnyNode = TypeVar("_AnyNode", bound=_Node)

# Domains: the open intervals on which an operation and its derivatives are finite.
REAL = (-INF, INF)
POSITIVE = (0.0, INF)
PROBABILITY = (0.0, 1.0)
UNIT = (-1.0, 1.0)
ABOVE_ONE = (1.0, INF)
ABOVE_MINUS_ONE = (-1.0, INF)

ROWS: list[Operation] = []  # indexed by code: the rows of this file, then the operations added by `primitive`


class Operation:
    """One row of the table. It can be called with numbers and with Values.

    Attributes:
        name: Name of the function and of the method.
        symbol: Text shown in pictures and by ``Value.op``, such as ``"*"`` for ``mul``.
        forward: The value, as a function of the operands.
        partials: One entry per operand: a function of the value and the operands, or a constant.
        domain: One open interval ``(low, high)`` per operand.
        variadic: Whether the value is a sum of any number of terms; ``forward`` is then one term.
        aliases: Further names for the method, such as NumPy's ``arcsin``.
        exact: The value in any precision, as a function of mpmath (the module or a context) and the operands, if ``forward``
            is only accurate to the precision of a float; otherwise None.
        blocks: Whether a partial of 0 means that the value does not depend on the operand at all. No gradient passes then, not
            even an infinite one. Elsewhere a partial of 0 is a number, and 0 * inf is nan.
        code: Index of the row in ``ROWS``.
        function: The function that users call, if ``primitive`` created the row; otherwise None.
        source: The function that was passed to ``primitive``, which ``gradcheck`` tries to evaluate exactly; otherwise None.
    """

    function: Callable[..., Any] | None = None
    source: Callable[..., Any] | None = None

    def __init__(
        self, name: str, forward: Formula, partials: tuple[Formula | float, ...], domain: tuple[tuple[float, float], ...],
        doc: str, symbol: str = "", aliases: tuple[str, ...] = (), variadic: bool = False, blocks: bool = False,
        exact: Formula | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self.forward = forward
        self.partials = partials
        self.domain = domain
        self.symbol: str = symbol or name
        self.aliases = aliases
        self.variadic = variadic
        self.blocks = blocks
        self.exact = exact
        self.code: int = len(ROWS)
        self.__doc__ = doc
        ROWS.append(self)

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: _AnyNode, y: Any = ..., /) -> _AnyNode: ...
        @overload
        def __call__(self, x: Any, y: _AnyNode, /) -> _AnyNode: ...
        @overload
        def __call__(self, *operands: float) -> float: ...
        @overload
        def __call__(self, *operands: Any) -> Any: ...

    def __call__(self, *operands: Any) -> Any:
        """Apply the operation to floats, or to objects that define ``_apply``, such as Values."""
        traced: Any = None  # a subclass of float that defines _apply; other objects come first
        for operand in operands:
            if type(operand) is not float and hasattr(operand, "_apply"):
                if not isinstance(operand, float):
                    return operand._apply(self, operands)
                traced = operand if traced is None else traced
        if traced is not None:
            return traced._apply(self, operands)
        return evaluate(self.forward, *(as_float(operand, f"an operand of {self.name}") for operand in operands))

    def partial(self, index: int, out: Any, *operands: Any) -> Any:
        """Return the partial derivative with respect to operand ``index``, given the value and the operands."""
        rule = self.partials[index]
        return rule(out, *operands) if callable(rule) else rule

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def unary(name: str, forward: Formula, dx: Formula | float, domain: tuple[float, float], doc: str, **more: Any) -> Operation:
    """Add a row with one operand."""
    return Operation(name, forward, (dx,), (domain,), doc, **more)


def binary(
    name: str, symbol: str, forward: Formula, dx: Formula | float, dy: Formula | float, doc: str,
    domain: tuple[tuple[float, float], tuple[float, float]] = (REAL, REAL), **more: Any,
) -> Operation:  # fmt: skip
    """Add a row with two operands."""
    return Operation(name, forward, (dx, dy), domain, doc, symbol=symbol, **more)


class _Special:
    """The functions of ``special.py``, which is imported at the first call: the compiled core does not need it."""

    def __getattr__(self, name: str) -> Formula:
        def formula(*operands: Any) -> Any:
            from autograd.base import special

            return getattr(special, name)(*operands)

        return formula


special: _Special = _Special()


def inside(condition: Any, derivative: Any, out: Any) -> Any:
    """Return the derivative inside the domain, where the condition holds, and nan at every order outside, where out is nan.

    While ``compile`` records, one operation does this. ``pick`` would record gates, which every derivative has to pass.
    If the derivative is a number, the condition must hold wherever out is not nan.
    Use ``pick`` for a derivative that is constant in pieces: its own derivative would be 0 at nan.
    """
    return condition._inside(derivative, out) if hasattr(condition, "_inside") else pick(condition, derivative, out)


def flat(out: Any) -> Any:
    """Return 0, the derivative of a function with steps; nan if the value is nan."""
    return inside(out == out, 0.0, out)
