"""Many inputs of a function that accepts no Values: few calls confirm a right gradient, and each wrong derivative is found."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from autograd import gradcheck

Gradient = Callable[[list[float]], list[float]]


class Counted:
    """A sum of terms ``weights[i] * tanh(x[i])`` with products of neighbors, that counts its calls and has a gradient."""

    def __init__(self, weights: list[float]) -> None:
        self.weights = weights
        self.calls = 0

    def __call__(self, x: list[float]) -> float:
        self.calls += 1
        terms = [weight * math.tanh(item) for weight, item in zip(self.weights, x, strict=True)]
        return sum(terms) + sum(one * other for one, other in zip(terms[::2], terms[1::2], strict=False))

    def gradient(self, x: list[float]) -> list[float]:
        terms = [weight * math.tanh(item) for weight, item in zip(self.weights, x, strict=True)]
        outer = [1 + (terms[i ^ 1] if i ^ 1 < len(x) else 0.0) for i in range(len(x))]
        slopes = [1 - math.tanh(item) ** 2 for item in x]
        return [weight * slope * factor for weight, slope, factor in zip(self.weights, slopes, outer, strict=True)]


def ordinary(seed: int, count: int = 50) -> tuple[Counted, list[float]]:
    rng = random.Random(seed)
    return Counted([rng.uniform(0.3, 2) for _ in range(count)]), [rng.uniform(-2, 2) for _ in range(count)]


def of_many_sizes(seed: int, count: int = 50) -> tuple[Counted, list[float]]:
    rng = random.Random(seed)
    weights = [10 ** rng.uniform(-9, 3) if rng.random() < 0.9 else 0.0 for _ in range(count)]
    return Counted(weights), [rng.choice((-1, 1)) * 10 ** rng.uniform(-6, 0.5) for _ in range(count)]


def faulty(gradient: Gradient, change: Callable[[list[float]], None]) -> Gradient:
    def wrong(x: list[float]) -> list[float]:
        slopes = gradient(x)
        change(slopes)
        return slopes

    return wrong


def wrong_entries(f: Any, x: list[float], gradient: Gradient) -> list[int]:
    return [entry.numbers[0] for entry in gradcheck(f, x, gradient=gradient).entries if entry.verdict == "WRONG"]


@pytest.mark.parametrize("make", [ordinary, of_many_sizes])
@pytest.mark.parametrize("seed", range(4))
def test_a_right_gradient_passes_and_the_errors_are_bounds(make: Callable[[int], Any], seed: int) -> None:
    f, x = make(seed)
    for entry, exact in zip(gradcheck(f, x, gradient=f.gradient).entries, f.gradient(x), strict=True):
        assert entry.verdict in ("agrees", "rounded"), entry
        assert abs(entry.numeric - exact) <= entry.error + 1e-13 * abs(exact)


def test_the_number_of_calls_is_not_proportional_to_the_number_of_inputs() -> None:
    for count in (30, 300):
        f, x = ordinary(0, count)
        report = gradcheck(f, x, gradient=f.gradient)
        assert report
        assert f.calls < 1500
        assert report.diagnosis == [f"{count} derivatives were confirmed by moving many inputs at once, in 3 random directions"]
        assert min(entry.digits for entry in report.entries) >= 6


def test_unused_inputs_are_confirmed_together() -> None:
    f, x = ordinary(1, 200)
    f.weights[5:] = [0.0] * 195
    assert gradcheck(f, x, gradient=f.gradient)
    assert f.calls < 3000


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("factor", [1 + 1e-6, 1 - 1e-5, 1.01, 2.0, 0.0, -1.0])
def test_one_wrong_derivative_of_many_is_found(seed: int, factor: float) -> None:
    f, x = ordinary(seed)
    place = random.Random(seed).randrange(len(x))

    def change(slopes: list[float]) -> None:
        slopes[place] *= factor

    assert wrong_entries(f, x, faulty(f.gradient, change)) == [place]
    assert f.calls < 6000  # one by one, 50 inputs need more than 7000


@pytest.mark.parametrize("seed", range(6))
def test_two_swapped_derivatives_are_found(seed: int) -> None:
    f, x = ordinary(seed)
    i, j = sorted(random.Random(seed).sample(range(len(x)), 2))

    def change(slopes: list[float]) -> None:
        slopes[i], slopes[j] = slopes[j], slopes[i]

    assert wrong_entries(f, x, faulty(f.gradient, change)) == [i, j]


@pytest.mark.parametrize("seed", range(6))
def test_wrong_derivatives_that_are_small_in_relation_to_the_others_are_found(seed: int) -> None:
    f, x = of_many_sizes(seed)
    slopes = f.gradient(x)
    contributions = {i: abs(slope * x[i]) for i, slope in enumerate(slopes) if slope}
    smallest = min((i for i in contributions if contributions[i] > 1e-9), key=contributions.__getitem__)

    def change(slopes: list[float]) -> None:
        slopes[smallest] *= 2

    assert wrong_entries(f, x, faulty(f.gradient, change)) == [smallest]


def test_kinks_and_jumps_are_found_among_many_inputs() -> None:
    """The inputs at a kink or a jump are separated from the rest."""
    x = [0.5 + k / 50 for k in range(40)]
    x[7] = x[31] = 0.0

    def f(x: list[float]) -> float:
        return sum(abs(float(item)) for item in x) + math.floor(float(x[13]))

    x[13] = 1.0
    report = gradcheck(f, x, gradient=lambda x: [math.copysign(1.0, item) * (item != 0) for item in x])
    assert [entry.numbers[0] for entry in report.entries if entry.verdict != "agrees"] == [7, 13, 31]
    assert {entry.verdict for entry in report.entries} == {"agrees", "one-sided"}


def test_tolerances_are_checked_one_by_one() -> None:
    f, x = ordinary(0, 30)
    assert gradcheck(f, x, gradient=lambda x: [slope * 1.001 for slope in f.gradient(x)], rtol=0.01)
    assert not gradcheck(f, x, gradient=lambda x: [slope * 1.1 for slope in f.gradient(x)], rtol=0.01)
