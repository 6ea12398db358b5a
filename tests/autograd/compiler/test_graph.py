"""What is fused into ``dot``, and what is not because it would change bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from replayed import SPECIAL, assert_same_as_eager

import autograd
from autograd import Value
from autograd.compiler.graph import CONSTANT, DOT, INPUT, PARAMETER, Graph, fuse
from autograd.topology import topological_order

X = np.array([1.0, 2.0, 3.0])
a, b, c = Value(0.5, label="a"), Value(-0.25, label="b"), Value(3.0, label="c")


def counts(function: Any, gradient: bool = False) -> dict[str, int]:
    found = autograd.compile(function).program(X, X, gradient=gradient).counts()
    found.pop("copy", None)
    return found


def only(function: Any) -> str:
    """The one line of the program, and that its bits are those of eager."""
    lines = [line for line in str(autograd.compile(function).program(X, X)).splitlines() if " = " in line]
    assert_same_as_eager(function, [SPECIAL, SPECIAL[::-1]], [a, b, c])
    assert len(lines) == 1, lines
    return lines[0].strip()


@pytest.mark.parametrize(("function", "line"), [
    (lambda x, y: a * x + b * y, "t1[] = dot([a, b], [x0[], x1[]], -0.0)"),
    (lambda x, y: c + a * x + b * y, "t1[] = dot([a, b], [x0[], x1[]], c)"),
    (lambda x, y: a * x + c + b * y, "t1[] = dot([a, b], [x0[], x1[]], c)"),
    (lambda x, y: b * y + (a * x + c), "t1[] = dot([a, b], [x0[], x1[]], c)"),
    (lambda x, y: c + x * a + y * b, "t1[] = dot([a, b], [x0[], x1[]], c)"),
    (lambda x, y: a * x + b * y + c, "t1[] = dot([a, b, 1.0], [x0[], x1[], c], -0.0)"),
    (lambda x, y: a * x + b * y - c, "t1[] = dot([a, b, -1.0], [x0[], x1[], c], -0.0)"),
    (lambda x, y: a * x + b * y - x, "t1[] = dot([a, b, -1.0], [x0[], x1[], x0[]], -0.0)"),
    (lambda x, y: autograd.sum([a * x, b * y, c]), "t1[] = dot([a, b, 1.0], [x0[], x1[], c], 0.0)"),
    (lambda x, y: autograd.sum([a * x]), "t1[] = dot([a], [x0[]], 0.0)"),
    (lambda x, y: sum([a * x, b * y, c * x]), "t1[] = dot([a, b, c], [x0[], x1[], x0[]], 0.0)"),
])  # fmt: skip
def test_sums_of_products_become_one_dot(function: Any, line: str) -> None:
    assert only(function) == line


@pytest.mark.parametrize(("function", "wanted"), [
    (lambda x, y: c + a * x, {"mul": 1, "add": 1}),  # one product is no chain
    (lambda x, y: x + y + c, {"add": 2}),  # nothing to multiply
    (lambda x, y: c - (a * x + b * y), {"dot": 1, "sub": 1}),  # -1 * (p + q) is another step
    (lambda x, y: (a * x + b * y) * 2.0, {"dot": 1, "mul": 1}),
    (lambda x, y: (lambda p, q: (p + q).tanh() + (p - q))(a * x, b * y), {"mul": 2, "add": 2, "sub": 1, "tanh": 1}),  # twice
])  # fmt: skip
def test_what_is_not_fused(function: Any, wanted: dict[str, int]) -> None:
    assert counts(function) == wanted
    assert_same_as_eager(function, [SPECIAL, SPECIAL[::-1]], [a, b, c])


def test_a_product_that_is_a_result_stays() -> None:
    found = autograd.compile(lambda x, y: (c + a * x + b * y, a * x)).program(X, X).counts()
    assert found["mul"] >= 1
    pair = autograd.compile(lambda x, y: (lambda p: (c + p + b * y, p))(a * x))
    values, products = pair(X, X)
    assert values.tolist() == [3.0 + 0.5 * x - 0.25 * x for x in X.tolist()]
    assert products.tolist() == (0.5 * X).tolist()


def test_what_is_detached_is_not_fused() -> None:
    f = lambda x, y: c + (a * x).detach() + b * y  # noqa: E731
    assert_same_as_eager(f, [SPECIAL, SPECIAL[::-1]], [a, b, c])
    assert autograd.compile(f).value_and_grad(X, X)[1].tolist() == [0.0] * 3


def test_contributions_to_a_gradient_keep_their_order() -> None:
    """Of three or more, added in another order, the last bit might differ: then the chain is not fused."""

    def f(x: Any, y: Any) -> Any:
        return (a * x + b * y) + (x * y).sin() * x + x.exp() * (x + a * x)

    rng = np.random.default_rng(5)
    for _ in range(20):
        assert_same_as_eager(f, [rng.normal(size=9), rng.normal(size=9)], [a, b])

    def g(x: Any, y: Any) -> Any:
        total = x * y
        for k in range(6):
            total = total + x * (y + 0.1 * k) + y * x.sin()
        return total

    for _ in range(20):
        assert_same_as_eager(g, [rng.normal(size=9), rng.normal(size=9)])


def test_what_is_used_several_times_in_a_chain() -> None:
    for f in (
        lambda x, y: x * x + x * y + y * y + x,
        lambda x, y: a * a + a * x + x * a + a,
        lambda x, y: x * 1.0 + 1.0 * x + y,
    ):
        assert_same_as_eager(f, [SPECIAL, SPECIAL[::-1]], [a])


def test_dead_code_is_gone() -> None:
    def f(x: Any, y: Any) -> Any:
        for _ in range(10):
            (x * y).sin().exp()
        return x * y

    assert counts(f) == {"mul": 1}


def test_the_same_is_computed_once() -> None:
    assert counts(lambda x, y: (x * y).sin() + (x * y).sin() * (y * x)) == {"mul": 3, "sin": 1, "add": 1}
    assert counts(lambda x, y: (x * 2.0).exp() / (x * 2.0).exp(), gradient=True) == {"mul": 1, "exp": 1, "div": 1}
    assert_same_as_eager(lambda x, y: (x * y).sin() + (x * y).sin() * (y * x), [SPECIAL, SPECIAL[::-1]])


def test_constants_are_one_if_their_bits_are() -> None:
    program = autograd.compile(lambda x, y: (x + 2.0) * (y + 2) + 0.0 * x + -0.0 * y).program(X, X)
    assert sorted(map(repr, program.constants))[:1] == ["-0.0"]
    assert len(program.constants) == len({repr(number) for number in program.constants})


def graph_of(root: Value, inputs: list[Value], recorded: list[Value]) -> Graph:
    return Graph(topological_order(root), [root], inputs, {id(node) for node in recorded})


def test_a_graph_lists_operands_first() -> None:
    x = Value(2.0)
    p = a * x
    y = p + b
    graph = graph_of(y, [x], [p, y])
    rows = [step.row for step in graph.steps if step is not None]
    assert rows.count(INPUT) == 1
    assert rows.count(PARAMETER) == 2
    for i, step in enumerate(graph.steps):
        assert step is not None
        assert all(operand < i for operand in step.operands)
    assert sorted([str(v.label) for v in graph.parameters]) == ["a", "b"]
    assert graph.backward_order[0] == graph.results[0]


def test_what_was_computed_before_is_a_parameter_and_what_is_below_it_is_not() -> None:
    before = a * b
    x = Value(2.0)
    y = before * x
    graph = graph_of(y, [x], [y])
    assert graph.parameters == [before]
    assert len(graph.steps) == 3


def test_a_sum_is_a_dot_with_ones() -> None:
    x = Value(2.0)
    y = autograd.sum([x, a])
    graph = graph_of(y, [x], [y])
    fuse(graph)
    last = graph.steps[graph.results[0]]
    assert last is not None
    assert last.row == DOT
    one = graph.steps[last.operands[0]]
    assert one is not None
    assert (one.row, one.number) == (CONSTANT, 1.0)
