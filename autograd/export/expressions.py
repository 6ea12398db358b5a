"""Symbols: the table's formulas, and whole graphs, as expressions to be written down.

A ``Symbol`` stands for a number or a condition that is not known yet. Adding two symbols gives the symbol of the sum; so a
row of the table, called on symbols, tells how it computes its value and its partial derivatives (as in ``codegen.py``, whose
symbols are C). What is known is computed at once, on floats that follow IEEE-754: ``y * x**(y - 1)`` with ``y`` 3 is
``3.0 * x**2.0``.
"""

from __future__ import annotations

import math

from autograd import ops
from autograd.base.real import Ieee

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeAlias

    Term: TypeAlias = "Symbol | float"  # floats are known

NAME, ROW, PARTIAL, LIBM, IF, NEGATIVE = "name", "row", "partial", "libm", "if", "negative"


class Symbol:
    """A number or condition to be computed.

    Attributes:
        kind: ``"+"`` or another operator, or one of the constants above.
        operands: symbols and floats. Those of IF: condition, then, else. Those of PARTIAL: the value, then those of the row.
        what: the text of a NAME, the Operation of a ROW, of a PARTIAL that and the index, the function of LIBM.
        label: what to call it, or None.
    """

    __slots__ = ("kind", "label", "operands", "what")

    def __init__(self, kind: str, operands: tuple[Term, ...] = (), what: Any = None) -> None:
        self.kind = kind
        self.operands = tuple([float(x) if type(x) is int else x for x in operands])
        self.what = what
        self.label: str | None = None

    def __neg__(self) -> Symbol:
        return Symbol(NEGATIVE, (self,))

    def _add(self, other: Term) -> Symbol:
        return self if _is_nothing(other) else Symbol("+", (self, other))

    __add__ = _add

    def __radd__(self, other: Term) -> Symbol:
        return self if _is_nothing(other) else Symbol("+", (other, self))

    def __and__(self, other: Symbol | bool) -> Symbol | bool:
        return Symbol("and", (self, other)) if isinstance(other, Symbol) else other and self

    def __or__(self, other: Symbol | bool) -> Symbol | bool:
        return Symbol("or", (self, other)) if isinstance(other, Symbol) else other or self

    __rand__, __ror__ = __and__, __or__  # only of a bool: the order does not matter

    def _pick(self, x: Term, y: Term) -> Symbol:
        return Symbol(IF, (self, x, y))

    def _call_libm(self, function: Any, operands: tuple[Term, ...]) -> Symbol:
        return Symbol(LIBM, operands, function)

    def _apply(self, row: ops.Operation, operands: tuple[Term, ...]) -> Any:
        if row.name in ("add", "sub", "mul", "div", "neg") or (row is ops.gate and not isinstance(operands[1], Symbol)):
            return row.forward(*operands)
        return Symbol(ROW, operands, row)

    __hash__ = None  # type: ignore[assignment]  # == makes a symbol, so symbols cannot be looked up


def _make_operator(sign: str, swapped: bool) -> Any:
    def operator(left: Term, right: Term) -> Symbol:
        return Symbol(sign, (right, left) if swapped else (left, right))

    return operator


for _name, _sign in {
    "sub": "-", "mul": "*", "truediv": "/", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _make_operator(_sign, swapped=False))
    setattr(Symbol, f"__r{_name}__", _make_operator(_sign, swapped=True))


def _is_nothing(number: Term) -> bool:
    """Whether adding it changes no number, not even a zero: what comes through a closed gate."""
    return isinstance(number, float) and number == 0.0 and math.copysign(1.0, number) < 0


def in_order(symbols: Iterable[Term], stop: Iterable[Term] = (), limit: float = math.inf) -> list[Symbol]:
    """All symbols in these, each after its operands; not those to stop at; not all, if there are more than ``limit``."""
    order: list[Symbol] = []
    done = {id(symbol) for symbol in stop}
    waiting = [symbol for symbol in symbols if isinstance(symbol, Symbol)][::-1]
    while waiting and len(done) <= limit:
        symbol = waiting[-1]
        missing = [x for x in symbol.operands if isinstance(x, Symbol) and id(x) not in done]
        if missing and id(symbol) not in done:
            waiting += reversed(missing)
            continue
        waiting.pop()
        if id(symbol) not in done:
            done.add(id(symbol))
            order.append(symbol)
    return order


def size(symbol: Term, stop: Iterable[Term], limit: int) -> int:
    """How many symbols there are in it that are not in ``stop``, as far as ``limit``."""
    stop = list(stop)
    return len(in_order([symbol], stop, limit + len(stop)))


def partial(row: ops.Operation, index: int, out: Term, operands: tuple[Term, ...]) -> Any:
    """A partial derivative of a row that is not variadic; one written with many operations as one symbol."""
    found = row.partial(index, out, *operands)
    if size(found, [out, *operands], MOST_INLINE + 1) > MOST_INLINE:
        return Symbol(PARTIAL, (out, *operands), (row, index))
    return found


MOST_INLINE = 9


def known(number: float) -> float:
    """A number in an expression: what is computed from it and other numbers follows IEEE-754."""
    return Ieee(number)
