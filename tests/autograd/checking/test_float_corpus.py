"""A random corpus of plain float functions: right gradients are hardly ever called WRONG, and planted faults are found.

Half of the functions are families that are known to mislead gradient checkers. Values come from the ``math`` module, and the
stated gradients from this package. The same checks run on functions of PyTorch in 64 and 32 bits.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import Value
from autograd.checking.differences import measure
from autograd.checking.float_verdicts import decide
from autograd.checking.noise import noise_level

Function = Callable[[Any, Any], Any]  # of a module, math or autograd, and x

FAULTS: dict[str, Callable[[float], float]] = {
    "sign": lambda d: -d, "factor 2": lambda d: 2 * d, "zero": lambda d: 0.0, "1 %": lambda d: 1.01 * d,
    "1e-4": lambda d: 1.0001 * d,
}  # fmt: skip


class Plain:
    """The functions of autograd for floats, from the math module."""

    sin, cos, tanh, exp, log, sqrt, log1p = math.sin, math.cos, math.tanh, math.exp, math.log, math.sqrt, math.log1p
    expm1, atan, asinh, erf, cbrt, floor = math.expm1, math.atan, math.asinh, math.erf, math.cbrt, math.floor
    maximum, minimum = max, min

    @staticmethod
    def abs(x: float) -> float:
        return abs(x)

    @staticmethod
    def logsumexp(numbers: list[float]) -> float:
        largest = max(numbers)
        return largest + math.log(sum(math.exp(number - largest) for number in numbers))


UNARY = ["sin", "cos", "tanh", "exp", "log", "sqrt", "log1p", "expm1", "atan", "asinh", "erf", "cbrt", "floor", "abs"]


def expression(rng: random.Random, depth: int) -> Function:
    """Return a random expression of one variable."""
    if depth == 0:
        constant = rng.choice([1.0, 2.0, 0.5, 100.0, rng.gauss(0, 1), rng.gauss(0, 1) * 10 ** rng.uniform(-6, 6)])
        return (lambda m, x: x) if rng.random() < 0.7 else (lambda m, x: constant + 0 * x)
    one, other = (expression(rng, rng.randrange(depth)) for _ in range(2))
    name = rng.choice(UNARY)
    return rng.choice([
        lambda m, x: getattr(m, name)(one(m, x)), lambda m, x: getattr(m, name)(one(m, x)),
        lambda m, x: one(m, x) + other(m, x),
        lambda m, x: one(m, x) - other(m, x), lambda m, x: one(m, x) * other(m, x), lambda m, x: one(m, x) / other(m, x),
        lambda m, x: m.maximum(one(m, x), other(m, x)), lambda m, x: m.minimum(one(m, x), other(m, x)),
    ])  # fmt: skip


def family(rng: random.Random) -> tuple[Function, float | None]:
    """Return a function that misleads checkers, and a point, or None for any point."""
    logits, i = [rng.gauss(0, 15) for _ in range(4)], rng.randrange(5)
    data, c = [100 + rng.gauss(0, 1) for _ in range(4)], 10 ** rng.uniform(-3, 7)
    families: list[tuple[Function, float | None]] = [
        (lambda m, x: m.logsumexp([x, -8.0, -8.0]), rng.choice([0.0, rng.gauss(0, 1e-3)])),
        (lambda m, x: m.exp(x - m.logsumexp([x, x, x])), None),
        (lambda m, x: m.log(1 + m.exp(x)), rng.uniform(-40, 0)),
        (lambda m, x: m.logsumexp([x, *logits]) - [x, *logits][i], rng.gauss(0, 15)),
        (lambda m, x: (x * x + sum(t * t for t in data)) / 5 - ((x + sum(data)) / 5) ** 2, rng.gauss(100, 1)),
        (lambda m, x: 1 + m.exp(-36 + 3 * m.sin(x)), None),
        (lambda m, x: 1 + 1e-16 * m.sin(x), None),
        (lambda m, x: m.sin(math.pi * x), None),
        (lambda m, x: x % 1.0, None),
        (lambda m, x: (m.sin(x) + c) - c, None),
        (lambda m, x: m.sin(c * x), None),
        (lambda m, x: m.tanh(x / 1e300) * 1e300, rng.gauss(0, 1) * 1e300),
        (lambda m, x: m.tanh(x * 1e300) * 1e-300, rng.gauss(0, 1) * 1e-300),
    ]  # fmt: skip
    return rng.choice(families)


def point(rng: random.Random) -> float:
    """Return a point: integers, half integers, tiny and large numbers, saturating ones, and ordinary ones."""
    special = [0.0, 1.0, -1.0, 2.0, 3.0, 10.0, 0.5, -1.5, 1e-300, -1e-8, 1e-3, 1e8, 30.0, -40.0]
    ordinary = [rng.uniform(-3, 3), rng.gauss(0, 1) * 10 ** rng.uniform(-3, 3)]
    return rng.choice([rng.choice(special), *ordinary, *ordinary, rng.gauss(0, 1) * 10 ** rng.uniform(-12, 8)])


def plain_item(rng: random.Random) -> tuple[Callable[[float], float], Callable[[float], float], float]:
    """Return a function of a float, its gradient, and a point."""
    f, x = family(rng) if rng.random() < 0.5 else (expression(rng, rng.randrange(1, 5)), None)

    def gradient(t: float) -> float:
        leaf = Value(t)
        f(autograd, leaf).backward()
        return leaf.grad

    return (lambda t: f(Plain, t)), gradient, point(rng) if x is None else x


def torch_item(rng: random.Random, torch: Any, dtype: Any) -> Any:
    """Return a function of a float, computed by PyTorch, its gradient, and a point."""
    functional = torch.nn.functional
    names = [torch.sin, torch.tanh, torch.exp, torch.sigmoid, functional.softplus, torch.relu, torch.abs, torch.square,
             torch.atan, torch.expm1, functional.gelu, torch.erf, functional.silu, functional.logsigmoid]  # fmt: skip
    chain, a, b = [rng.choice(names) for _ in range(rng.randrange(1, 4))], rng.gauss(0, 1), rng.gauss(0, 1)
    weights, i = torch.tensor([rng.gauss(0, 3) for _ in range(5)], dtype=dtype), rng.randrange(6)

    def composed(v: Any) -> Any:
        y = v
        for function in chain:
            y = function(y)
        return a * y + b * torch.sin(v)

    def cross_entropy(v: Any) -> Any:
        return -torch.log_softmax(torch.cat([v.reshape(1), weights]), 0)[i]

    f = rng.choice([composed, composed, cross_entropy])

    def value(t: float) -> float:
        return float(f(torch.tensor(t, dtype=dtype)))

    def gradient(t: float) -> float:
        leaf = torch.tensor(t, dtype=dtype, requires_grad=True)
        f(leaf).backward()
        return float(leaf.grad)

    x = rng.choice([rng.uniform(-3, 3), rng.gauss(0, 10), float(rng.randrange(-3, 4))])
    return value, gradient, float(torch.tensor(x, dtype=dtype))


def count_verdicts(
    make_item: Callable[[random.Random], Any], count: int
) -> tuple[Counter[str], dict[str, Counter[str]], list[Any]]:
    """Check right gradients and faults. Return the verdicts on both, and the items where a right gradient is WRONG."""
    right: Counter[str] = Counter()
    faults: dict[str, Counter[str]] = {name: Counter() for name in FAULTS}
    wrong = []
    for seed in range(count):
        value, gradient, x = make_item(random.Random(seed))
        try:
            here, stated = value(x), gradient(x)
        except (ArithmeticError, ValueError):
            continue
        if not math.isfinite(here) or not math.isfinite(stated):
            continue
        found, noise = measure(value, x), noise_level(gradient, x)
        verdict, why = decide(found, stated, noise)
        right[verdict] += 1
        if verdict == "WRONG":
            wrong.append((seed, x, stated, found, why))
        for name, plant in FAULTS.items():
            change = abs(plant(stated) - stated)
            if verdict == "agrees" and found.kind == "smooth" and change > 20 * (found.error + 16 * noise):
                faults[name][decide(found, plant(stated), noise)[0]] += 1
    return right, faults, wrong


def test_plain_functions() -> None:
    right, faults, wrong = count_verdicts(plain_item, 1500)
    total = sum(right.values())
    assert total > 1000
    assert right["WRONG"] <= 0.002 * total, wrong
    assert right["inconclusive"] <= 0.03 * total
    for name, counts in faults.items():
        missed = sum(counts[verdict] for verdict in ("agrees", "one-sided", "rounded"))
        assert missed <= 0.003 * sum(counts.values()), (name, counts)
        assert counts["WRONG"] >= 0.85 * sum(counts.values()), (name, counts)


@pytest.mark.parametrize("bits", [64, 32])
def test_functions_of_torch(bits: int) -> None:
    torch = pytest.importorskip("torch")
    dtype = torch.float64 if bits == 64 else torch.float32
    right, faults, wrong = count_verdicts(lambda rng: torch_item(rng, torch, dtype), 60)
    assert right["WRONG"] == 0, wrong
    assert right["inconclusive"] <= 0.03 * sum(right.values())
    for name, counts in faults.items():
        assert not counts.keys() & {"agrees", "one-sided", "rounded"}, (name, counts)
