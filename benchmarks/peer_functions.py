"""The functions of a library by the names of ours. Used by the process of HIPS autograd too, so it does not import ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

SAME_NAMES = [
    *("exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("hypot", "abs", "sign", "floor", "ceil", "maximum", "minimum", "sigmoid", "relu", "softplus", "erf", "erfc"),
]
INVERSES = ["asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2"]
TORCH_NAMES = {name: name for name in SAME_NAMES + INVERSES}
NUMPY_NAMES = {name: name for name in SAME_NAMES} | {name: f"arc{name[1:]}" for name in INVERSES}


def namespace(names: Mapping[str, str], module: Any, number: Callable[[Any], Any]) -> dict[str, Callable[..., Any]]:
    """Return a library's functions by our names. ``number`` converts a plain number to a number of the library."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *operands: function(*map(number, operands))

    found = {ours: getattr(module, theirs, None) for ours, theirs in names.items()}
    functions = {name: wrap(function) for name, function in found.items() if function is not None}
    functions |= {"add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "neg": lambda x: -x}
    functions |= {"div": lambda x, y: x / y, "pow": lambda x, y: x**y, "mod": lambda x, y: x % y, "sum": _sum, "dot": _dot}
    return functions


def _sum(terms: Sequence[Any]) -> Any:
    total: Any = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _dot(weights: Sequence[Any], inputs: Sequence[Any], bias: Any) -> Any:
    return _sum([bias, *(w * x for w, x in zip(weights, inputs, strict=True))])
