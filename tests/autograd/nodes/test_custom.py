"""Custom operations: ``@primitive``."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    ChangedLeafError,
    Value,
    grad,
    gradcheck,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    primitive,
    topological_order,
)
from visualize import draw


@primitive(lambda out, x: out * (1 - out))
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x))."""
    return 1 / (1 + math.exp(-x))


@primitive(lambda out, x, y: 2 * x * y, lambda out, x, y: x * x)
def volume(x: float, y: float) -> float:
    return x * x * y


@primitive(lambda out, x: x.exp())  # a method, which plain numbers do not have
def exponential(x: float) -> float:
    return math.exp(x)


def with_custom(x: Any, y: Any) -> Any:
    return volume(logistic(x), y.sin()) * volume(x, 2.0) * volume(3.0, y) + exponential(x)


def with_built_in(x: Any, y: Any) -> Any:
    s = x.sigmoid()
    return s * s * y.sin() * (x * x * 2) * (9 * y) + x.exp()


moderate = st.floats(-3, 3)


@pytest.mark.parametrize(
    "derive",
    [
        lambda f: grad(f, (0, 1)),
        lambda f: lambda x, y: hessian(lambda p: f(*p))([x, y]),
        lambda f: lambda x, y: hvp(lambda p: f(*p))([x, y], [0.5, -2.0]),
        lambda f: lambda x, y: jvp(f, (x, y), (0.5, -2.0)),
        lambda f: lambda x, y: jacobian(lambda p: [f(*p), p[0]])([x, y]),
        lambda f: lambda x, y: grad(grad(grad(lambda t: f(t, t * y))))(x),
    ],
    ids=["grad", "hessian", "hvp", "jvp", "jacobian", "third order"],
)
@given(x=moderate, y=moderate)
def test_its_derivatives_equal_those_of_built_in_operations(derive: Callable[..., Any], x: float, y: float) -> None:
    def flat(thing: Any) -> list[float]:
        return [number for item in thing for number in flat(item)] if isinstance(thing, list | tuple) else [thing]

    own, expected = flat(derive(with_custom)(x, y)), flat(derive(with_built_in)(x, y))
    scale = max(1.0, *map(abs, expected))
    assert own == pytest.approx(expected, rel=1e-9, abs=1e-11 * scale)


def test_it_is_one_node_with_the_name_of_the_function() -> None:
    x = Value(2.0)
    node = volume(x, 5)
    assert repr(node) == "Value(20.0, grad=0.0, op='volume')"
    assert node.operands == (x, 5.0)
    assert node.partials == (20.0, None)
    assert len(topological_order(node)) == 2


def test_it_keeps_its_name_and_docstring() -> None:
    assert logistic.__name__ == "logistic"
    assert logistic.__doc__ == "Return 1 / (1 + exp(-x))."


def test_it_returns_a_float_for_numbers() -> None:
    assert type(volume(2, 5)) is float
    assert volume(2, 5) == 20.0


def test_a_constant_partial_is_a_number() -> None:
    shifted = primitive(1)(lambda x: x + 10)
    assert (grad(shifted)(3.0), grad(grad(shifted))(3.0)) == (1.0, 0.0)


def test_a_partial_may_divide_by_zero() -> None:
    @primitive(lambda out, x: 1 / x)
    def log(x: float) -> float:
        return autograd.log(x)

    x = Value(0.0)
    y = log(x)
    y.backward()
    assert x.grad == math.inf
    assert y.op == "log (custom)"  # not the operation of the table
    assert "log" in autograd.javascript_rows(["log"])  # which can still be written


def test_nothing_is_recorded_within_no_grad() -> None:
    with no_grad():
        assert logistic(Value(0.0)).operands == ()


def test_a_graph_with_it_is_copied_and_pickled() -> None:
    x = Value(0.5, label="x")
    node = volume(logistic(x), x)
    for twin in (pickle.loads(pickle.dumps(node)), copy.deepcopy(node)):
        twin.backward()
        (leaf,) = autograd.leaves(twin)
        assert leaf is not x
        assert (twin.op, twin.data) == ("volume", node.data)
        assert leaf.grad == pytest.approx(grad(lambda x: volume(logistic(x), x))(0.5))
    assert copy.copy(node).operands == node.operands


def test_pictures_show_its_name() -> None:
    assert "volume" in draw(volume(Value(2.0), 3.0)).source


def test_two_operations_may_have_the_same_name() -> None:
    def operation(rate: float) -> Callable[..., Any]:
        @primitive(lambda out, x: rate)
        def same_name(x: float) -> float:
            return rate * x

        return same_name

    x = Value(1.0)
    two, three = operation(2.0)(x), operation(3.0)(x)
    assert (gradients(two, x), gradients(three, x)) == (2.0, 3.0)


def test_a_changed_leaf_is_detected() -> None:
    x = Value(0.5)
    node = logistic(x)
    x.data = 1.0
    with pytest.raises(ChangedLeafError, match=r"op='logistic'\) was computed before the data of"):
        gradients(node, x, create_graph=True)


def test_gradcheck_checks_its_partials() -> None:
    assert gradcheck(volume, (1.5, -0.7), order=2)
    wrong = primitive(lambda out, x: -out * (1 - out))(lambda x: 1 / (1 + math.exp(-x)))
    report = gradcheck(wrong, 0.3)
    assert not report
    assert "its partial with respect to x is -0.244458, differences say 0.244458" in str(report)


# ---- mistakes ----


def made(*partials: Any, of: Any) -> Any:
    return primitive(*partials)(of)


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: primitive(), r"one or two operands, not 0, as in @primitive\(lambda out, x: \.\.\.\)"),
        (lambda: primitive(1.0, 1.0, 1.0), "not 3, .*compose a function of more operands from several"),
        (lambda: primitive(lambda x: x), r"a partial takes the result and the operands, but <lambda>\(\) takes one argument"),
        (lambda: made("x", of=math.exp),
         r"of exp\(\) with respect to operand 0 must be a number or a function .*: lambda out, x: \.\.\."),
        (lambda: made(1.0, lambda out, x: x, of=math.atan2),
         r"of atan2\(\) with respect to operand 1 must be .*: lambda out, x, y: \.\.\."),
        (lambda: made(lambda out, x: x, of=math.atan2),
         "atan2 must be a function of 1 number, because .* 1 partial derivative, one per"),
        (lambda: made(1.0, 1.0, of=math.exp),
         "exp must be a function of 2 numbers, because .* 2 partial derivatives, one per operand"),
        (lambda: made(1.0, of="exp"), "str must be a function of 1 number"),
        (lambda: logistic(), r"logistic\(\) takes 1 operand, not 0"),
        (lambda: volume(Value(1.0)), r"volume\(\) takes 2 operands, not 1"),
        (lambda: volume(Value(1.0), "2"), r"an argument of volume\(\) must be a real number, not str \('2'\)"),
        (lambda: logistic("2"), r"an operand of logistic must be a real number, not str \('2'\)"),
        (lambda: made(lambda out, x: None, of=math.exp)(Value(1.0)),
         r"of exp\(\) with respect to operand 0 must be a Value or a real number"),
        (lambda: made(1.0, of=str)(Value(1.0)), r"the result of str\(\) must be a real number, not str \('1.0'\)"),
        (lambda: grad(grad(made(lambda out, x: math.exp(x), of=math.exp)))(1.0), r"autograd\.exp\(v\) instead of"),
    ],
)  # fmt: skip
def test_mistakes_raise_an_error_with_an_explanation(mistake: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        mistake()


def test_a_mistake_adds_no_operation() -> None:
    before = len(autograd.ops.ROWS)
    with pytest.raises(TypeError):
        made("x", of=math.exp)
    assert len(autograd.ops.ROWS) == before
