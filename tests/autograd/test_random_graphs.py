"""Random expression graphs: the engine's gradients equal the gradients of a naive reference and of PyTorch.

The tolerance: each operation rounds to a few units of 2**-53, and its operands have rounding errors already. Cancellation can
amplify these errors. Therefore the engine evaluates every expression twice, the second time with every input changed by one
unit in the last place. The change of the gradient determines the tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from naive import naive
from on_engine import assume_smooth, gradient, near_a_kink, run, tolerances

import autograd
from autograd import Value, dot, hessian, topological_order
from autograd import gradients as gradients_of
from autograd.ops import TABLE
from autograd.strategies.drawing import Expression, expressions


@given(expressions())
def test_gradients_equal_gradients_of_a_naive_reference(expression: Expression) -> None:
    result, gradients = gradient(expression)
    assume_smooth(result)
    exact_result, exact_gradients = naive(expression)
    assert abs(result.data - exact_result) <= 1e-7 * (1 + abs(exact_result))
    for found, exact, tolerance in zip(gradients, exact_gradients, tolerances(expression, gradients), strict=True):
        assert abs(found - exact) <= tolerance, (found, exact)


def torch_functions(torch: Any) -> dict[str, Callable[..., Any]]:
    """The functions that an expression calls, under the same names, for PyTorch's tensors and for numbers."""

    def on_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *operands: function(*(torch.as_tensor(x, dtype=torch.float64) for x in operands))

    names = [row.name for row in TABLE if not row.variadic and hasattr(torch, row.name)] + ["square"]
    return (
        {name: on_tensors(getattr(torch, name)) for name in names}
        | {
            "cbrt": on_tensors(lambda x: x ** (1 / 3)),  # of a positive number
            "softplus": on_tensors(lambda x: torch.logaddexp(x, torch.zeros_like(x))),
            "sum": lambda terms: sum(terms[1:], terms[0]),
            "dot": lambda ws, xs, bias: bias + sum(w * x for w, x in zip(ws, xs, strict=True)),
        }
    )


# The operations with kinks, and the gradients there with respect to each operand, ours and PyTorch's. Near a kink, rounding
# decides on which side an operand is. ``assume_smooth`` excludes these expressions, and no others.
POLICIES = {
    "relu": (0.0, 0.0),
    "abs": (0.0, 0.0),
    "maximum": (0.5, 0.5),
    "minimum": (0.5, 0.5),
    "hypot": (0.0, math.nan),
}


@pytest.mark.parametrize("name", POLICIES)
def test_the_kink_policy_differs_from_pytorch_only_for_hypot(name: str) -> None:
    torch = pytest.importorskip("torch")
    count = 1 if name in ("relu", "abs") else 2
    values = [Value(0.0) for _ in range(count)]
    result = getattr(autograd, name)(*values)
    result.backward()
    assert near_a_kink(result)
    tensors = [torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in range(count)]
    getattr(torch, name)(*tensors).backward()
    ours, theirs = POLICIES[name]
    assert [x.grad for x in values] == [ours] * count
    assert [x.grad.item() for x in tensors] == pytest.approx([theirs] * count, nan_ok=True)


def test_pytorch_misses_a_second_derivative_of_a_power_with_exponent_0() -> None:
    """d/dx x**y is y * x**(y - 1), and its derivative d/dy at y = 0 is 1 / x. PyTorch treats it as a constant."""
    torch = pytest.importorskip("torch")
    x, y = (torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in (4.0, 0.0))
    (by_x,) = torch.autograd.grad(x**y, x, create_graph=True)
    assert torch.autograd.grad(by_x, y)[0].item() == 0.0
    assert hessian(lambda p: p[0] ** p[1])([4.0, 0.0])[0][1] == 0.25


@given(expressions(), st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_values_gradients_and_hessian_vector_products_equal_those_of_pytorch(
    expression: Expression, numbers: list[float]
) -> None:
    """Exclude the kinks listed in POLICIES and powers with exponent 0, and nothing else."""
    torch = pytest.importorskip("torch")
    result, gradients = gradient(expression)
    assume_smooth(result)
    assume(not any(node.op == "**" and node.operands[1].data == 0 for node in topological_order(result)))
    vector = numbers[: len(gradients)]
    products = hessian_times(expression, expression.inputs, vector)

    inputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in expression.inputs]
    theirs = expression.on(torch_functions(torch))(*inputs)
    assert abs(result.data - theirs.item()) <= 1e-7 * (1 + abs(theirs.item()))

    def derivative(of: Any) -> list[Any]:
        if not of.requires_grad:
            return [torch.zeros((), dtype=torch.float64) for _ in inputs]
        found = torch.autograd.grad(of, inputs, create_graph=True, allow_unused=True)
        return [torch.zeros((), dtype=torch.float64) if g is None else g for g in found]

    their_gradients = derivative(theirs)
    for found, exact, tolerance in zip(gradients, their_gradients, tolerances(expression, gradients), strict=True):
        assert abs(found - exact.item()) <= tolerance, (found, exact)
    their_products = derivative(sum(g * v for g, v in zip(their_gradients, vector, strict=True)))

    def moved(inputs: list[float]) -> list[float]:
        return hessian_times(expression, inputs, vector)

    for found, exact, tolerance in zip(products, their_products, tolerances(expression, products, moved), strict=True):
        assert abs(found - exact.item()) <= tolerance, (found, exact)


def hessian_times(expression: Expression, inputs: Sequence[float], vector: list[float]) -> list[float]:
    values = [Value(x) for x in inputs]
    first = gradients_of(expression(*values), values, create_graph=True)
    found: list[float] = gradients_of(dot(first, vector), values)
    return found


@given(expressions())
def test_backward_twice_doubles_every_leaf_and_no_other_node(expression: Expression) -> None:
    _, root = run(expression)
    root.backward()
    once = [(node, node.grad) for node in topological_order(root)]
    root.backward()
    for node, grad in once:
        expected = grad if node.operands else grad + grad
        assert float.hex(node.grad) == float.hex(expected)


@given(expressions())
def test_topological_order_has_each_node_once_and_after_its_operands(expression: Expression) -> None:
    _, root = run(expression)
    order = topological_order(root)
    place = {id(node): i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    for node in order:
        assert all(place[id(item)] < place[id(node)] for item in node.operands if item.op != "const")


@given(expressions())
def test_the_adjoint_of_a_node_is_the_sum_of_the_contributions_of_its_users(expression: Expression) -> None:
    """Check the chain rule at every node against the saved partials."""
    _, root = run(expression)
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
