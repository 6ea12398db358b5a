"""Values and gradients of small expressions, exact to far more digits than a float has.

They come from mpmath: the expression is computed with numbers of 400 bits, and its derivatives are differences of these numbers
with a step of 2**-130. No rule for a derivative is used, neither of this package nor of the engine under test.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

BITS = 400
STEP_EXPONENT = -130  # the truncation error is about 2**-260, and the cancellation leaves 270 bits


def exact_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions that expressions may call, for numbers of mpmath."""
    from mpmath import mp

    names = ("exp", "log", "sqrt", "sin", "cos", "tanh")
    return {
        **{name: getattr(mp, name) for name in names},
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
        "relu": lambda x: max(x, 0 * x),
        "sum": sum,
        **dict.fromkeys(("float64", "float32", "int64"), lambda number: number),  # NumPy's scalar types
    }


def exact_results(code: str, inputs: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the values of all roots of an expression, and the gradient of their sum.

    Args:
        code: A lambda that returns one number or a tuple of numbers, the roots.
        inputs: The arguments of the lambda.

    >>> exact_results("lambda x, y: (x * y, x * x)", [3.0, 2.0])
    ([6.0, 9.0], [8.0, 3.0])
    """
    from mpmath import mp

    function = eval(code, exact_functions())

    def roots(numbers: list[Any]) -> tuple[Any, ...]:
        result = function(*numbers)
        return result if isinstance(result, tuple) else (result,)

    with mp.workprec(BITS):
        numbers, step = [mp.mpf(x) for x in inputs], mp.ldexp(1, STEP_EXPONENT)
        gradient = []
        for i, x in enumerate(numbers):
            above, below = (sum(roots([*numbers[:i], moved, *numbers[i + 1 :]])) for moved in (x + step, x - step))
            gradient.append(float((above - below) / (2 * step)))
        return [float(root) for root in roots(numbers)], gradient
