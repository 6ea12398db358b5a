"""Compare a compiled function with the same function called on Values, row by row."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Value, ops

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, 1.7e308, 1000.0, -1000.0, 1e-300]
UNARY = [row for row in ops.TABLE if not row.variadic and len(row.partials) == 1]
BINARY = [row for row in ops.TABLE if not row.variadic and len(row.partials) == 2]


def bits(x: Any) -> bytes:
    """Return the bytes of a float, the same for every nan."""
    x = float(x)
    return b"nan" if math.isnan(x) else struct.pack("<d", x)


def same(found: Any, wanted: Any) -> bool:
    """Return whether two sequences of numbers are bit-for-bit identical."""
    return [bits(x) for x in np.ravel(found)] == [bits(x) for x in np.ravel(wanted)]


def eager(f: Callable[..., Any], row: Sequence[float]) -> list[float]:
    """Return the value and the gradient with respect to each argument, computed by ``backward``."""
    inputs = [Value(x) for x in row]
    result = f(*inputs)
    if not isinstance(result, Value):
        return [float(result), *[0.0] * len(row)]
    result.backward()
    return [result.data, *[x.grad for x in inputs]]


def assert_same_as_eager(
    f: Callable[..., Any], columns: Sequence[Any], parameters: Sequence[Value] = (), gradients: bool = True, threads: int = 1
) -> None:
    """Assert that values and gradients are bit-for-bit identical to eager evaluation.

    Gradients with respect to the arguments are compared for each row, and those with respect to the parameters for the
    first row.

    Args:
        columns: Arguments of f: one-dimensional arrays, or numbers.
    """
    compiled = autograd.compile(f, threads=threads)
    columns = [np.asarray(column, dtype=float) if isinstance(column, list | np.ndarray) else column for column in columns]
    count = max([len(column) for column in columns if isinstance(column, np.ndarray)], default=1)
    rows = [[float(c[i]) if isinstance(c, np.ndarray) else float(c) for c in columns] for i in range(count)]
    wanted = [eager(f, row) for row in rows]
    values = compiled(*columns)
    assert same(values, [w[0] for w in wanted]), (values, [w[0] for w in wanted])
    if not gradients:
        return
    values, by = compiled.value_and_grad(*columns, argnums=tuple(range(len(columns))))
    assert same(values, [w[0] for w in wanted])
    for k, column in enumerate(by):
        assert same(column, [w[k + 1] for w in wanted]), (k, column, [w[k + 1] for w in wanted])
    if parameters:
        for p in parameters:
            p.grad = 0.0
        eager(f, rows[0])
        by_eager = [p.grad for p in parameters]
        for p in parameters:
            p.grad = 0.0
        compiled.backward(*rows[0])
        assert same([p.grad for p in parameters], by_eager), ([p.grad for p in parameters], by_eager)


# ---- random functions ----------------------------------------------------------------------------------------------

SMOOTH = ["unary", "binary", "arithmetic", "arithmetic", "sum", "dot"]
# With gates or norm, contributions to a gradient may be added in another order: see test_compile_bits.py.
GATED = [*SMOOTH, "where", "logsumexp", "norm", "clip", "softmax", "detach", "take"]


def random_number(rng: random.Random) -> float:
    """Return a random number, usually an ordinary one and sometimes a special case."""
    if rng.random() < 0.3:
        return rng.choice([0.0, -0.0, 1.0, -1.0, 2.0, 1e3, -1e3, 1e-300, 1e200, rng.uniform(0, 3)])
    return rng.gauss(0, 1)


def random_function(rng: random.Random, inputs: int, kinds: Sequence[str], largest: int = 30) -> Callable[..., Any]:
    """Return a random function of ``inputs`` Values, built from operations of the given kinds.

    Every call of it computes the same operations.
    """
    steps: list[tuple[str, list[Any]]] = []
    for count in range(inputs, inputs + rng.randrange(1, largest)):

        def pick(count: int = count) -> int:
            return rng.choice([rng.randrange(max(0, count - 5), count), rng.randrange(count)])

        kind = rng.choice(kinds)
        if kind == "unary":
            steps.append((rng.choice(UNARY).name, [pick()]))
        elif kind == "binary":
            second = pick() if rng.random() < 0.8 else rng.choice([0.5, -1.0, 2.0, 0.0])
            steps.append((rng.choice([row.name for row in BINARY if row.name != "gate"]), [pick(), second]))
        elif kind == "arithmetic":
            steps.append((rng.choice(["add", "mul", "mul", "add", "sub"]), [pick(), pick() if rng.random() < 0.9 else 1.5]))
        elif kind == "sum":
            steps.append((kind, [pick() for _ in range(rng.randrange(1, 6))]))
        elif kind == "dot":
            terms: list[Any] = [pick() if rng.random() < 0.9 else 0.7 for _ in range(2 * rng.randrange(1, 5))]
            steps.append((kind, [*terms, pick() if rng.random() < 0.5 else 0.0]))
        else:
            steps.append((kind, [pick() for _ in range(4)]))

    def f(*arguments: Any) -> Any:
        values = list(arguments)
        for name, places in steps:
            values.append(_apply(name, [values[x] if isinstance(x, int) else x for x in places]))
        return values[-1]

    return f


def _apply(name: str, operands: list[Any]) -> Any:
    a = autograd
    half = len(operands) // 2
    composed: dict[str, Callable[[], Any]] = {
        "sum": lambda: a.sum(operands),
        "dot": lambda: a.dot(operands[:half], operands[half : 2 * half], operands[-1]),
        "where": lambda: a.where(operands[0] > operands[1], operands[2], operands[3]),
        "logsumexp": lambda: a.logsumexp(operands),
        "norm": lambda: a.norm(operands),
        "softmax": lambda: a.softmax(operands)[0],
        "clip": lambda: a.clip(operands[0], -1.0, 1.0),
        "detach": lambda: (operands[0].detach() if isinstance(operands[0], Value) else operands[0]) * operands[1],
        "take": lambda: a.take(operands, a.where(operands[0] > 0, 2.0, 0.0)),
    }
    return composed[name]() if name in composed else getattr(a, name)(*operands)
