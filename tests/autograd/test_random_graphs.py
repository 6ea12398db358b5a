"""Random expression graphs: the engine's gradients are those of a naive reference, and of PyTorch.

The tolerance. Each operation rounds to a few units of 2**-53, and what it was given is off already; over a graph the
errors can be magnified by cancellation. So every expression is evaluated by the engine twice, as it is and with every
input moved by one unit in the last place: how far the gradient moves says how well it is determined at all.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from naive import BINARY, UNARY, Expression, expressions, naive
from on_engine import assume_well_behaved, gradient, number, run, tolerances

from autograd import Value, dot, topological_order
from autograd import gradients as gradients_of


@given(expressions())
def test_gradients_equal_those_of_a_naive_reference(expression: Expression) -> None:
    results, gradients = gradient(expression, list(expression.inputs))
    assume_well_behaved(expression, results)
    exact_results, exact_gradients = naive(expression)
    for result, exact in zip(results, exact_results, strict=True):
        assert abs(number(result) - exact) <= 1e-7 * (1 + abs(exact))
    for found, exact, tolerance in zip(gradients, exact_gradients, tolerances(expression, gradients), strict=True):
        assert abs(found - exact) <= tolerance, (found, exact)


def torch_operations(torch: Any) -> dict[str, Callable[..., Any]]:
    def tensor(x: Any) -> Any:
        return x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=torch.float64)

    def as_torch(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *operands: function(*map(tensor, operands))

    operations = {name: as_torch(getattr(torch, name)) for name in [*UNARY, *BINARY] if name != "softplus"}
    return operations | {
        "softplus": as_torch(lambda x: torch.logaddexp(x, torch.zeros_like(x))),
        "div": as_torch(lambda x, y: x / (1 + y * y)),
        "log": as_torch(lambda x: torch.log(1 + x * x)),
        "sqrt": as_torch(lambda x: torch.sqrt(1 + x * x)),
        "exp": as_torch(lambda x: torch.exp(-x * x)),
        "pow": as_torch(lambda x: (1 + x * x) ** 0.3),
        "sum": as_torch(lambda *terms: sum(terms)),
        "dot": as_torch(lambda *t: t[-1] + sum(w * x for w, x in zip(t[: len(t) // 2], t[len(t) // 2 : -1], strict=True))),
    }


@given(expressions(), st.integers(0, 2**32))
def test_values_gradients_and_hessian_vector_products_equal_those_of_pytorch(expression: Expression, seed: int) -> None:
    """Policies differ at exact ties and kinks, which are excluded: abs, relu, maximum, minimum, hypot."""
    torch = pytest.importorskip("torch")
    results, gradients = gradient(expression, list(expression.inputs))
    assume_well_behaved(expression, results)
    vector = [random.Random(seed + i).uniform(-1, 1) for i in range(len(gradients))]
    products = hessian_times(expression, list(expression.inputs), vector)

    inputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in expression.inputs]
    last = expression.evaluate(torch_operations(torch), inputs)[-1]
    assert abs(number(results[-1]) - last.item()) <= 1e-7 * (1 + abs(last.item()))

    def derivative(of: Any) -> list[Any]:
        if not of.requires_grad:
            return [torch.zeros((), dtype=torch.float64) for _ in inputs]
        found = torch.autograd.grad(of, inputs, create_graph=True, allow_unused=True)
        return [torch.zeros((), dtype=torch.float64) if g is None else g for g in found]

    theirs = derivative(last)
    for found, exact, tolerance in zip(gradients, theirs, tolerances(expression, gradients), strict=True):
        assert abs(found - exact.item()) <= tolerance, (found, exact)
    their_products = derivative(sum(g * v for g, v in zip(theirs, vector, strict=True)))

    def moved(inputs: list[float]) -> list[float]:
        return hessian_times(expression, inputs, vector)

    for found, exact, tolerance in zip(products, their_products, tolerances(expression, products, moved), strict=True):
        assert abs(found - exact.item()) <= tolerance, (found, exact)


def hessian_times(expression: Expression, inputs: list[float], vector: list[float]) -> list[float]:
    values = [Value(x) for x in inputs]
    last = run(expression, values)[-1]
    if not isinstance(last, Value):
        return [0.0] * len(inputs)
    first = gradients_of(last, values, create_graph=True)
    found: list[float] = gradients_of(dot(first, vector), values)
    return found


@given(expressions())
def test_backward_twice_doubles_every_leaf_and_no_other_node(expression: Expression) -> None:
    values = [Value(x) for x in expression.inputs]
    root = run(expression, values)[-1]
    assume(isinstance(root, Value) and root.operands)
    root.backward()
    once = [(node, node.grad) for node in topological_order(root)]
    root.backward()
    for node, grad in once:
        expected = grad if node.operands else grad + grad
        assert float.hex(node.grad) == float.hex(expected)


@given(expressions())
def test_topological_order_has_each_node_once_and_after_its_operands(expression: Expression) -> None:
    values = [Value(x) for x in expression.inputs]
    root = run(expression, values)[-1]
    assume(isinstance(root, Value))
    order = topological_order(root)
    place = {id(node): i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    for node in order:
        assert all(place[id(item)] < place[id(node)] for item in node.operands if item.op != "const")


@given(expressions())
def test_the_adjoint_of_a_node_is_what_its_users_hand_down(expression: Expression) -> None:
    """The chain rule, checked at every node against the saved partials."""
    values = [Value(x) for x in expression.inputs]
    root = run(expression, values)[-1]
    assume(isinstance(root, Value) and root.operands)
    root.backward()
    order = topological_order(root)
    assume(all(math.isfinite(node.grad) and abs(node.grad) < 1e12 for node in order))
    handed: dict[int, list[float]] = {id(node): [] for node in order}
    handed[id(root)].append(1.0)
    for node in order:
        for item, partial in zip(node.operands, node.partials, strict=True):
            if partial is not None:
                handed[id(item)].append(node.grad * partial)
    for node in order:
        exact = math.fsum(handed[id(node)])
        assert abs(node.grad - exact) <= 1e-14 * math.fsum(map(abs, handed[id(node)]))
