"""Functions composed of operations, by their textbook formulas, for any implementation of the operations.

They share no code with ``autograd.functions``. In exact arithmetic the formulas are the definitions. Functions that would
overflow or lose all digits on floats subtract the maximum first, as every library does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Functions = dict[str, Callable[..., Any]]


def compose(m: Mapping[str, Callable[..., Any]]) -> Functions:
    """Return the composed functions, built from ``exp``, ``log``, ``where``, ... of ``m``."""
    exp, log, sqrt, where, total = m["exp"], m["log"], m["sqrt"], m["where"], m["sum"]
    constant: Callable[[Any], Any] = m.get("constant", _same)  # the same number, without its derivative

    def softmax(items: Sequence[Any]) -> list[Any]:
        largest = constant(_largest(items))
        powers = [exp(x - largest) for x in items]
        return [power / total(powers) for power in powers]

    def logsumexp(items: Sequence[Any]) -> Any:
        largest = constant(_largest(items))
        return log(total([exp(x - largest) for x in items])) + largest

    def log_softmax(items: Sequence[Any]) -> list[Any]:
        return [x - logsumexp(items) for x in items]

    def mean(items: Sequence[Any]) -> Any:
        return total(items) / len(items)

    def var(items: Sequence[Any]) -> Any:
        center = mean(items)
        return mean([(x - center) * (x - center) for x in items])

    return {
        "softmax": softmax,
        "logsumexp": logsumexp,
        "log_softmax": log_softmax,
        "cross_entropy": lambda items, target: logsumexp(items) - items[target],
        "mean": mean,
        "var": var,
        "prod": math.prod,
        "norm": lambda items: sqrt(total([x * x for x in items])),
        "square": lambda x: x * x,
        "reciprocal": lambda x: 1 / x,
        "clip": lambda x, low, high: where(x < low, low, where(x > high, high, x)),
        "leaky_relu": lambda x, slope=0.01: where(x > 0, x, slope * x),
        "elu": lambda x, alpha=1.0: where(x > 0, x, alpha * m["expm1"](x)),
        "silu": lambda x: x * m["sigmoid"](x),
        "gelu": lambda x: 0.5 * x * m["erfc"](-x * math.sqrt(0.5)),
    }


def _same(x: Any) -> Any:
    return x


def _largest(items: Sequence[Any]) -> Any:
    largest = items[0]
    for x in items[1:]:
        largest = max(largest, x)
    return largest
