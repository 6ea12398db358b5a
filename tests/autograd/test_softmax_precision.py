"""softmax, log_softmax and logsumexp keep all digits in values and derivatives, also at the largest of the values."""

import random
import struct
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

import autograd
from autograd import compile, dot, grad, log_softmax, logsumexp, softmax, value_and_grad  # noqa: A004 - the function of autograd
from nn import cross_entropy

RELATIVE = 1e-14


def drawn_logits(seed: int) -> list[float]:
    """Return 2 to 10 logits with a deviation of 1 to 30, whose differences are exact: multiples of 2**-44 below 128."""
    source = random.Random(seed)
    deviation = source.uniform(1.0, 30.0)
    logits = [source.gauss(0.0, deviation) for _ in range(source.randint(2, 10))]
    return [max(-127.0, min(127.0, round(logit * 2.0**44) / 2.0**44)) for logit in logits]


def close(found: list[float], exact: list[Any]) -> bool:
    return all(abs(a - b) <= RELATIVE * abs(b) for a, b in zip(found, exact, strict=True))


@pytest.mark.parametrize("seed", range(40))
def test_values_and_gradients_have_all_digits(seed: int) -> None:
    logits = drawn_logits(seed)
    places = range(len(logits))
    with mpmath.workprec(600):
        powers = [mpmath.exp(logit) for logit in logits]
        total = mpmath.fsum(powers)
        p = [power / total for power in powers]
        assert close([logsumexp(logits)], [mpmath.log(total)])
        assert close(grad(logsumexp)(logits), p)
        assert close(softmax(logits), p)
        assert close(log_softmax(logits), [mpmath.log(each) for each in p])
        for i in places:
            delta = [mpmath.mpf(i == j) for j in places]
            assert close(grad(lambda x, i=i: softmax(x)[i])(logits), [p[i] * (delta[j] - p[j]) for j in places])
            assert close(grad(lambda x, i=i: log_softmax(x)[i])(logits), [delta[j] - p[j] for j in places])
            assert close(grad(lambda x, i=i: cross_entropy([x], [i]))(logits), [p[j] - delta[j] for j in places])


@pytest.mark.parametrize(
    ("logits", "loss", "gradient"),
    [
        ([36.0, 0.0], 2.3195228302435691e-16, 2.3195228302435691e-16),
        ([1e8, 1e8 - 1.0], 0.31326168751822286, 0.26894142136999512),
        ([1e16, 1e16], 0.69314718055994531, 0.5),
        ([1000.0, -1000.0], 0.0, 0.0),
    ],
)
def test_cross_entropy_of_the_largest_logit(logits: list[float], loss: float, gradient: float) -> None:
    found, by_logit = value_and_grad(lambda x: cross_entropy([x], [0]))(logits)
    assert found == pytest.approx(loss, rel=1e-15, abs=0.0)
    assert by_logit == pytest.approx([-gradient, gradient], rel=1e-15, abs=0.0)


def test_the_gradient_of_a_saturated_softmax() -> None:
    gradient = grad(lambda x: softmax(x)[0])([37.42994775023705, 0.0])
    assert gradient == pytest.approx([5.551115123125776e-17, -5.551115123125776e-17], rel=1e-15, abs=0.0)  # of mpmath


@pytest.mark.parametrize("function", [softmax, log_softmax], ids=["softmax", "log_softmax"])
def test_the_result_for_a_single_value_is_a_value(function: Callable[..., Any]) -> None:
    assert isinstance(function([autograd.Value(3.0)])[0], autograd.Value)
    assert grad(lambda x: function([x])[0])(3.0) == 0.0


WEIGHTS = [1.0, 0.5, -2.0]
FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "logsumexp": logsumexp,
    "softmax": lambda x: softmax(x)[0],
    "log_softmax": lambda x: log_softmax(x)[0],
    "weighted": lambda x: dot(WEIGHTS, softmax(x)) * x[0] + dot(WEIGHTS, log_softmax(x)) * x[1] + logsumexp(x) * x[2],
}
NAN, INF = float("nan"), float("inf")
EDGES = [[2.0, 2.0, 2.0], [2.0, 2.0, 1.0], [1.0, 2.0, 2.0], [0.0, 800.0, -800.0], [-INF, 0.0, 1.0], [-INF] * 3, [INF, 0.0, INF]]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_gradients_equal_eager_ones_bit_for_bit(name: str) -> None:
    gradient = grad(FUNCTIONS[name])
    compiled = compile(gradient)
    source = random.Random(7)
    drawn = [[source.gauss(0.0, deviation) for _ in range(3)] for deviation in (1.0, 5.0, 30.0) for _ in range(150)]
    for logits in [*drawn, *EDGES, [NAN, 0.0, 1.0], [0.0, NAN, 1.0]]:
        eager, replayed = gradient(logits), compiled(logits)
        for a, b in zip(eager, replayed, strict=True):
            assert struct.pack("d", a) == struct.pack("d", b) or (a != a and b != b), logits
