"""The expression tree: formulas of the table and whole graphs as symbolic expressions, the input of the writers.

An ``Expr`` represents a number or a condition that is not known yet. Operators on expressions return larger expressions.
Therefore calling a row of the table with expressions returns the formula of its value or of a partial derivative. Operations
on known numbers are computed immediately and follow IEEE-754: ``y * x**(y - 1)`` with ``y = 3`` is ``3.0 * x**2.0``.

A writer is one file. Most writers call ``fold`` with a function that writes one expression, given its written operands.
"""

from __future__ import annotations

import math

from autograd import ops
from autograd.base.real import Ieee

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, ClassVar, TypeAlias

    Term: TypeAlias = "Expr | float"  # a float is a known number

# The kinds of expressions other than the operators "+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "or".
VARIABLE, ROW, PARTIAL, LIBM, IF, NEGATIVE = "variable", "row", "partial", "libm", "if", "negative"

# The maximum number of operations of a partial derivative that is not written as a separate function.
MAX_INLINE = 9


class Expr:
    """A number or condition to be computed.

    Attributes:
        kind: An operator, such as ``"+"``, or one of the constants above.
        operands: Expressions and floats. The operands of IF are the condition and the two branches. The operands of PARTIAL
            are the value of the row and the operands of the row.
        payload: The name of a VARIABLE, the Operation of a ROW, the Operation and the index of a PARTIAL, the function of
            a LIBM, otherwise None.
        label: Preferred name of the variable that stores the result, or None.
    """

    __slots__ = ("kind", "label", "operands", "payload")

    def __init__(self, kind: str, operands: tuple[Term, ...] = (), payload: Any = None) -> None:
        self.kind: str = kind
        self.operands: tuple[Term, ...] = tuple([float(x) if type(x) is int else x for x in operands])
        self.payload: Any = payload
        self.label: str | None = None

    def __neg__(self) -> Expr:
        return Expr(NEGATIVE, (self,))

    def __add__(self, other: Term) -> Expr:
        return self if _is_minus_zero(other) else Expr("+", (self, other))

    def __radd__(self, other: Term) -> Expr:
        return self if _is_minus_zero(other) else Expr("+", (other, self))

    def __and__(self, other: Expr | bool) -> Expr | bool:
        return Expr("and", (self, other)) if isinstance(other, Expr) else other and self

    def __or__(self, other: Expr | bool) -> Expr | bool:
        return Expr("or", (self, other)) if isinstance(other, Expr) else other or self

    def __rand__(self, other: bool) -> Expr | bool:
        return self & other

    def __ror__(self, other: bool) -> Expr | bool:
        return self | other

    def _pick(self, x: Term, y: Term) -> Expr:
        return Expr(IF, (self, x, y))

    def _call_libm(self, function: Any, operands: tuple[Term, ...]) -> Expr:
        return Expr(LIBM, operands, function)

    def _apply(self, row: ops.Operation, operands: tuple[Term, ...]) -> Any:
        if row is ops.graft:
            return operands[0]  # expressions are not differentiated, so only the number matters
        if row.name in ("add", "sub", "mul", "div", "neg") or (row is ops.gate and not isinstance(operands[1], Expr)):
            return row.forward(*operands)
        return Expr(ROW, operands, row)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # == returns an expression, so no expression can be a key


def _make_operator(sign: str, reflected: bool) -> Any:
    def operator(left: Term, right: Term) -> Expr:
        return Expr(sign, (right, left) if reflected else (left, right))

    return operator


for _name, _sign in {
    "sub": "-", "mul": "*", "truediv": "/", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
}.items():  # fmt: skip
    setattr(Expr, f"__{_name}__", _make_operator(_sign, reflected=False))
    setattr(Expr, f"__r{_name}__", _make_operator(_sign, reflected=True))


def _is_minus_zero(number: Term) -> bool:
    """Return whether ``number`` is -0.0, the value of a closed gate. Adding it changes no number, not even a zero."""
    return isinstance(number, float) and number == 0.0 and math.copysign(1.0, number) < 0


def variable(name: str) -> Expr:
    """Return an expression that represents the variable ``name``."""
    return Expr(VARIABLE, (), name)


def constant(number: float) -> float:
    """Return a known number whose arithmetic with other known numbers follows IEEE-754."""
    return Ieee(number)


def partial(row: ops.Operation, index: int, out: Term, operands: tuple[Term, ...]) -> Any:
    """Return a partial derivative of a row that is not variadic. A long formula becomes one PARTIAL expression."""
    formula = row.partial(index, out, *operands)
    excluded = [out, *operands]
    if len(postorder([formula], excluded, MAX_INLINE + 1 + len(excluded))) > MAX_INLINE:
        return Expr(PARTIAL, (out, *operands), (row, index))
    return formula


def postorder(roots: Iterable[Term], excluded: Iterable[Term] = (), limit: float = math.inf) -> list[Expr]:
    """Return all expressions below the roots, each once and after its operands.

    Args:
        roots: Expressions. Floats are ignored.
        excluded: Expressions to omit, with all expressions that are only below them.
        limit: The search stops when it has found more expressions than this, including the excluded ones.
    """
    order: list[Expr] = []
    done = {id(term) for term in excluded}
    waiting = [term for term in roots if isinstance(term, Expr)][::-1]
    while waiting and len(done) <= limit:
        expression = waiting[-1]
        missing = [x for x in expression.operands if isinstance(x, Expr) and id(x) not in done]
        if missing and id(expression) not in done:
            waiting += reversed(missing)
            continue
        waiting.pop()
        if id(expression) not in done:
            done.add(id(expression))
            order.append(expression)
    return order


def fold(root: Term, combine: Callable[[Expr, list[Any]], Any], convert: Callable[[float], Any]) -> Any:
    """Translate an expression bottom-up, without recursion.

    Args:
        root: The expression to translate.
        combine: Returns the translation of an expression, given the translations of its operands.
        convert: Returns the translation of a known number.
    """
    found: dict[int, Any] = {}

    def translation(term: Term) -> Any:
        return found[id(term)] if isinstance(term, Expr) else convert(float(term))

    for expression in postorder([root]):
        found[id(expression)] = combine(expression, [translation(x) for x in expression.operands])
    return translation(root)
