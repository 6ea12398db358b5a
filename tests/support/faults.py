"""Planted faults: wrong gradients, gradients that are lost inside a function, and rows with a wrong rule."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from exact import EXACT
from wrong_gradients import WRONG_GRADIENTS

from autograd import Value, gradients, no_grad, ops, primitive
from autograd.ops import Operation
from autograd.strategies import Expression


def engine_gradient(f: Callable[..., Any], inputs: Any) -> list[float]:
    """Return the gradient that the engine computes."""
    values = [Value(x) for x in inputs]
    result = f(*values)
    return gradients(result, values) if isinstance(result, Value) else [0.0] * len(values)


# ---- a wrong gradient ---------------------------------------------------------------------------------------------------


def stated_gradient(f: Callable[..., Any], fault: str | None = None, i: int = 0) -> Callable[..., Any]:
    """Return the engine's gradient of ``f``, with a fault in entry ``i``, in the form that ``gradcheck`` takes."""
    change = WRONG_GRADIENTS[fault] if fault else lambda gradient, i: gradient

    def gradient(*inputs: float) -> Any:
        found = change(engine_gradient(f, inputs), i)
        return found if len(inputs) > 1 else found[0]

    return gradient


def black_box(f: Callable[..., Any]) -> Callable[..., float]:
    """Return ``f`` as a function that accepts plain numbers only, like the functions of ``math``."""

    def plain(*inputs: float) -> float:
        for x in inputs:
            if not isinstance(x, int | float):
                raise TypeError(f"must be a real number, not {type(x).__name__}")
        return float(f(*inputs))

    return plain


# ---- a gradient that is lost inside the function ------------------------------------------------------------------------


def _lost_in_no_grad(x: Any) -> Any:
    with no_grad():
        return x + 0.0


LOST: dict[str, Callable[[Any], Any]] = {
    ".data": lambda x: x.data if isinstance(x, Value) else x,
    "detach": lambda x: x.detach() if isinstance(x, Value) else x,
    "no_grad": _lost_in_no_grad,
}


def lose_gradient(f: Expression, how: str, rng: random.Random) -> Expression:
    """Return ``f`` with one part of its code, which depends on an input, wrapped in ``lost(...)``.

    For implementations other than the engine, ``lost`` has to be defined in the namespace given to ``Expression.on``.
    """
    tree = ast.parse(f.code, mode="eval")
    assert isinstance(tree.body, ast.Lambda)
    names = {argument.arg for argument in tree.body.args.args}
    parts = [node for node in ast.walk(tree.body.body) if _can_be_lost(node, names)]
    chosen = rng.choice(parts)
    original: Any = copy.copy(chosen)

    class Wrap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            if node is not chosen:
                return self.generic_visit(node)
            return ast.Call(ast.Name("lost", ast.Load()), [original], [])

    code = ast.unparse(ast.fix_missing_locations(Wrap().visit(tree)))
    return Expression(code, *f.inputs, **own_functions(f), lost=LOST[how])


def _can_be_lost(node: ast.AST, names: set[str]) -> bool:
    if not isinstance(node, ast.Name | ast.Call | ast.BinOp | ast.UnaryOp):
        return False
    returns_list = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("softmax", "log_softmax")
    return not returns_list and any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


def own_functions(f: Expression) -> dict[str, Callable[..., Any]]:
    """Return the functions that the expression calls and that are not in autograd."""
    return dict(f._own)


# ---- a row with a wrong rule --------------------------------------------------------------------------------------------

_ROWS = {row.name: row for row in ops.TABLE if row.name in EXACT and not row.variadic}
_WRONG: dict[tuple[str, int, float], Callable[..., Any]] = {}


def rows_of(f: Expression) -> list[Operation]:
    """Return the rows that the expression calls by name."""
    called = {node.id for node in ast.walk(ast.parse(f.code)) if isinstance(node, ast.Name)}
    return [_ROWS[name] for name in sorted(called & _ROWS.keys())]


def _off(rule: Any, error: float) -> Callable[..., Any]:
    return lambda out, *operands: (1 + error) * (rule(out, *operands) if callable(rule) else rule)


def wrong_copy(row: Operation, index: int, error: float) -> Callable[..., Any]:
    """Return a custom operation like the row, whose partial ``index`` has a relative error."""
    key = (row.name, index, error)
    if key not in _WRONG:  # custom operations are never freed
        rules = [_off(rule, error) if i == index else rule for i, rule in enumerate(row.partials)]
        one, two = (lambda x: row.forward(x)), (lambda x, y: row.forward(x, y))
        forward: Callable[..., Any] = one if len(rules) == 1 else two
        forward.__name__ = forward.__qualname__ = f"wrong_{row.name}"
        _WRONG[key] = primitive(*rules)(forward)
    return _WRONG[key]


def with_wrong_copy(f: Expression, row: Operation, index: int, error: float) -> Expression:
    """Return ``f`` with each call of the row replaced by a call of its wrong copy, named ``wrong_tanh``."""
    tree = ast.parse(f.code, mode="eval")
    wrong = wrong_copy(row, index, error)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == row.name:
            node.id = wrong.__name__
    option = {"leaky_relu": 0.01, "elu": 1.0}.get(row.name)  # the default, as in autograd.functions

    def call(*operands: Any) -> Any:
        return wrong(*operands, option) if option is not None and len(operands) == 1 else wrong(*operands)

    return Expression(ast.unparse(tree), *f.inputs, **own_functions(f), **{wrong.__name__: call})


@contextmanager
def wrong_rule(row: Operation, index: int, error: float) -> Iterator[None]:
    """Give the row itself a wrong rule within the block. Compiled kernels keep the right one."""
    before = row.partials
    row.partials = tuple(_off(rule, error) if i == index else rule for i, rule in enumerate(before))
    try:
        yield
    finally:
        row.partials = before
