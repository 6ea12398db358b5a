"""Fusion of sums of products into ``dot``, and sums that are not fused because results would change."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from replayed import SPECIAL, assert_same_as_eager, same

import autograd
from autograd import Value, ops, where
from autograd.compiler.arguments import Arguments
from autograd.compiler.fusing import fuse
from autograd.compiler.graph import Graph
from autograd.compiler.kinds import CONSTANT, INPUT, PARAMETER
from autograd.compiler.tracer import Trace, Tracer

X = np.array([1.0, 2.0, 3.0])
a, b, c = Value(0.5, label="a"), Value(-0.25, label="b"), Value(3.0, label="c")


def counts(function: Any, gradient: bool = False) -> dict[str, int]:
    found = autograd.compile(function).program(X, X, gradient=gradient).counts()
    found.pop("copy", None)
    return found


def only(function: Any) -> str:
    """Return the only line of the program, and check that results equal eager bit for bit."""
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
    (lambda x, y: c + a * x, {"mul": 1, "add": 1}),  # one product is not a chain
    (lambda x, y: x + y + c, {"add": 2}),  # no product
    (lambda x, y: c - (a * x + b * y), {"dot": 1, "sub": 1}),  # -1 * (p + q) is a different operation
    (lambda x, y: (a * x + b * y) * 2.0, {"dot": 1, "mul": 1}),
    (lambda x, y: (lambda p, q: (p + q).tanh() + (p - q))(a * x, b * y), {"mul": 2, "add": 2, "sub": 1, "tanh": 1}),  # twice
])  # fmt: skip
def test_other_sums_are_not_fused(function: Any, wanted: dict[str, int]) -> None:
    assert counts(function) == wanted
    assert_same_as_eager(function, [SPECIAL, SPECIAL[::-1]], [a, b, c])


def test_a_product_that_is_also_a_result_is_kept() -> None:
    found = autograd.compile(lambda x, y: (c + a * x + b * y, a * x)).program(X, X).counts()
    assert found["mul"] >= 1
    pair = autograd.compile(lambda x, y: (lambda p: (c + p + b * y, p))(a * x))
    values, products = pair(X, X)
    assert values.tolist() == [3.0 + 0.5 * x - 0.25 * x for x in X.tolist()]
    assert products.tolist() == (0.5 * X).tolist()


def test_a_detached_product_is_not_fused() -> None:
    f = lambda x, y: c + (a * x).detach() + b * y  # noqa: E731
    assert_same_as_eager(f, [SPECIAL, SPECIAL[::-1]], [a, b, c])
    assert autograd.compile(f).value_and_grad(X, X)[1].tolist() == [0.0] * 3


def test_contributions_to_a_gradient_keep_their_order() -> None:
    """Adding three or more contributions in another order might change the last bit. Such a chain is not fused."""

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


def test_an_operand_may_be_used_several_times_in_a_chain() -> None:
    for f in (
        lambda x, y: x * x + x * y + y * y + x,
        lambda x, y: a * a + a * x + x * a + a,
        lambda x, y: x * 1.0 + 1.0 * x + y,
    ):
        assert_same_as_eager(f, [SPECIAL, SPECIAL[::-1]], [a])


def test_dead_code_is_eliminated() -> None:
    def f(x: Any, y: Any) -> Any:
        for _ in range(10):
            (x * y).sin().exp()
        return x * y

    assert counts(f) == {"mul": 1}


def test_common_subexpressions_are_computed_once() -> None:
    assert counts(lambda x, y: (x * y).sin() + (x * y).sin() * (y * x)) == {"mul": 3, "sin": 1, "add": 1}
    assert counts(lambda x, y: (x * 2.0).exp() / (x * 2.0).exp(), gradient=True) == {"mul": 1, "exp": 1, "div": 1}
    assert_same_as_eager(lambda x, y: (x * y).sin() + (x * y).sin() * (y * x), [SPECIAL, SPECIAL[::-1]])


def test_constants_with_equal_bits_are_merged() -> None:
    program = autograd.compile(lambda x, y: (x + 2.0) * (y + 2) + 0.0 * x + -0.0 * y).program(X, X)
    assert sorted(map(repr, program.constants))[:1] == ["-0.0"]
    assert len(program.constants) == len({repr(number) for number in program.constants})


def graph_of(function: Any) -> Graph:
    return Graph(Trace(function, Arguments((2.0,)), Tracer()).snapshot)


def test_a_graph_lists_operands_first() -> None:
    graph = graph_of(lambda x: a * x + b)
    rows = graph.rows.tolist()
    assert rows.count(INPUT) == 1
    assert rows.count(PARAMETER) == 2
    for i in range(len(rows)):
        assert all(operand < i for operand in graph.operands_of(i))
    assert sorted([str(v.label) for v in graph.parameters]) == ["a", "b"]
    assert graph.backward_order.tolist()[0] == graph.results.tolist()[0]


def test_a_value_computed_before_is_a_parameter_and_its_operands_are_not() -> None:
    before = a * b
    graph = graph_of(lambda x: before * x)
    assert graph.parameters == [before]
    assert len(graph.rows) == 3


def test_a_sum_becomes_a_dot_with_ones() -> None:
    graph = graph_of(lambda x: autograd.sum([x, a]))
    fuse(graph)
    last, rows = graph.results.tolist()[0], graph.rows.tolist()
    assert rows[last] == ops.dot.code
    one = graph.operands_of(last)[0]
    assert (rows[one], graph.constants[graph.numbers.tolist()[one]]) == (CONSTANT, 1.0)


# ---- identities ----


@pytest.mark.parametrize(("function", "lines"), [
    (lambda x, y: autograd.grad(lambda x: x**2)(x) * y, ["t1[] = 2.0 * x0[]"]),
    (lambda x, y: autograd.grad(lambda x: x**1.5)(x) * y, ["t1[] = x0[] ** 0.5", "t2[] = 1.5 * t1[]"]),
    (lambda x, y: x**1 * y, ["t1[] = x0[] * x1[]"]),
    (lambda x, y: x * (1.0 * y / 1.0 - 0.0 + -0.0), ["t1[] = x0[] * x1[]"]),
    (lambda x, y: (x + y) ** 0 * (y * 1.0), []),
    (lambda x, y: where(x > y, y, y) * x, ["t1[] = x1[] * x0[]"]),
])  # fmt: skip
def test_operations_whose_result_is_known_are_not_computed(function: Any, lines: list[str]) -> None:
    program = str(autograd.compile(function).program(X, X))
    found = [line.strip() for line in program.splitlines() if line.startswith("    ")]
    assert found[: len(lines)] == lines
    assert len(found) <= len(lines) + 2  # adding 0.0 to a derivative, and the product with y
    values = autograd.compile(function)(np.array(SPECIAL), np.array(SPECIAL[::-1]))
    wanted = [function(Value(x), Value(y)) for x, y in zip(SPECIAL, SPECIAL[::-1], strict=True)]
    assert same(values, [getattr(w, "data", w) for w in wanted])


@pytest.mark.parametrize("function", [
    lambda x, y: x + 0.0, lambda x, y: 0.0 + x, lambda x, y: 0.0 - x, lambda x, y: x - -0.0, lambda x, y: 1.0 / x,
    lambda x, y: 1.0**x, lambda x, y: where(x > y, x, y), lambda x, y: x**1.0 + y**0.0, lambda x, y: (x * 1.0 + y) * (x**1),
])  # fmt: skip
def test_similar_operations_equal_eager_bit_for_bit(function: Any) -> None:
    assert_same_as_eager(function, [SPECIAL, SPECIAL[::-1]])


def test_a_gradient_passes_a_selection_between_equal_numbers() -> None:
    """The condition differs from row to row, and the selected number does not."""
    a.grad = 0.0
    autograd.compile(lambda x, y: where(x > y, a, a) * x).backward(X, X[::-1].copy(), reduce="sum")
    assert a.grad == 6.0
    a.grad = 0.0
    assert_same_as_eager(lambda x, y: (x * y) ** 0.0 * a * 1.0 + x, [SPECIAL, SPECIAL[::-1]], [a])


def test_the_gradient_of_an_identity_is_the_gradient_of_the_operation() -> None:
    """At nan, the derivative of x ** 1 is nan, although its value is x."""
    points = np.array([math.nan, 0.0, math.inf, -2.0])
    assert same(autograd.compile(lambda x: x**1).value_and_grad(points)[1], [math.nan, 1.0, 1.0, 1.0])
    assert same(autograd.compile(lambda x: x**0).value_and_grad(points)[1], [0.0] * 4)
    assert same(autograd.compile(lambda x: x * 1.0).value_and_grad(points)[1], [1.0] * 4)


def test_derivatives_of_powers_with_a_constant_exponent_are_small() -> None:
    for exponent in (2, 3, -1, 0.5, 2.0):
        gradient = autograd.compile(autograd.grad(lambda x, n=exponent: x**n))
        assert len(gradient.program(1.5)) <= 3
        points = np.array(SPECIAL)
        assert same(gradient(points), [autograd.grad(lambda x, n=exponent: x**n)(x) for x in SPECIAL])
