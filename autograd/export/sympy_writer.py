"""``to_sympy``: the formula of a graph as a SymPy expression."""

from __future__ import annotations

import operator

from autograd import ops
from autograd.errors import GraphTooLargeError
from autograd.export.expressions import NEGATIVE, VARIABLE, fold
from autograd.export.formulas import formula
from autograd.shared import suggesting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.export.expressions import Expr
    from autograd.value import Value

OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, NEGATIVE: operator.neg,
}  # fmt: skip

SAME_NAME = (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "beta", "cos", "cosh", "digamma", "erf", "erfc", "erfinv",
    "exp", "floor", "log", "polygamma", "sign", "sin", "sinh", "sqrt", "tan", "tanh",
)  # fmt: skip
OTHER_NAME = {"abs": "Abs", "ceil": "ceiling", "maximum": "Max", "minimum": "Min", "mod": "Mod", "pow": "Pow"}


@suggesting()
def to_sympy(y: Value) -> Any:
    """Return the formula that computes ``y`` as a SymPy expression, with a real symbol for each leaf.

    Leaves are named by their labels, and leaves without a label are called x1, x2, ... If several leaves have the same label, a
    number is appended, as in w, w_1. Whole numbers become integers, and all other numbers stay floats.

    Args:
        y: The result.

    Returns:
        A ``sympy.Expr``.

    Raises:
        ImportError: If SymPy is not installed.
        TypeError: If ``y`` is not a Value.
        ValueError: If the formula contains a custom operation.
        autograd.GraphTooLargeError: If the graph is too large for ``to_latex``, or nested too deeply for SymPy, at a depth of
            some hundred operations.

    Example:
        >>> from autograd import Value, to_sympy
        >>> x = Value(2.0, label="x")
        >>> formula = to_sympy(x.sin() * x)  # doctest: +SKIP
        >>> [formula.diff(symbol) for symbol in formula.free_symbols]  # doctest: +SKIP
        [x*cos(x) + sin(x)]
    """
    expression = formula("to_sympy", y)
    try:
        import sympy
    except ImportError:
        raise ImportError("to_sympy needs SymPy: pip install 'scalar-autograd[symbolic]'") from None
    functions = _functions(sympy)

    def combine(expression: Expr, operands: list[Any]) -> Any:
        if expression.kind == VARIABLE:
            return sympy.Symbol(expression.payload, real=True)
        if expression.kind in OPERATORS:
            return OPERATORS[expression.kind](*operands)
        row = expression.payload
        if row.function is not None:
            raise ValueError(f"SymPy does not know the custom operation {row.name}; write it with operations of autograd")
        return functions[row.name](*operands)

    def convert(number: float) -> Any:
        return sympy.sympify(int(number) if number.is_integer() else number)

    try:
        return fold(expression, combine, convert)
    except RecursionError:
        raise GraphTooLargeError(
            "the formula is nested too deeply for SymPy, which is recursive; export parts of it, or use to_python()"
        ) from None


def _functions(sympy: Any) -> dict[str, Callable[..., Any]]:
    """Return the function of SymPy for each row, by the name of the row."""

    def normal(x: Any) -> Any:
        return sympy.erfc(-x / sympy.sqrt(2)) / 2

    def truncated(x: Any) -> Any:
        return sympy.sign(x) * sympy.floor(sympy.Abs(x))

    names = OTHER_NAME | dict(zip(SAME_NAME, SAME_NAME, strict=True))
    return {name: getattr(sympy, other) for name, other in names.items()} | {
        "betaln": lambda x, y: sympy.log(sympy.beta(x, y)),
        "cbrt": lambda x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3),
        "clamp_max": sympy.Min,
        "clamp_min": sympy.Max,
        "copysign": lambda x, y: sympy.Abs(x) * sympy.Piecewise((1, y >= 0), (-1, True)),  # SymPy has only one zero
        "degrees": lambda x: 180 * x / sympy.pi,
        "elu": lambda x, alpha: sympy.Piecewise((x, x > 0), (alpha * (sympy.exp(x) - 1), True)),
        "entr": lambda x: -x * sympy.log(x),
        "equal": lambda x, y: sympy.Piecewise((1, sympy.Eq(x, y)), (0, True)),
        "erfcx": lambda x: sympy.exp(x**2) * sympy.erfc(x),
        "exp2": lambda x: 2**x,
        "expm1": lambda x: sympy.exp(x) - 1,
        "floor_div": lambda x, y: sympy.floor(x / y),
        "fmod": lambda x, y: x - y * truncated(x / y),
        "gate": lambda x, is_open: sympy.Piecewise((x, sympy.Ne(is_open, 0)), (0, True)),
        "hardshrink": lambda x, threshold: sympy.Piecewise((0, sympy.Abs(x) <= threshold), (x, True)),
        "hardsigmoid": lambda x: sympy.Max(0, sympy.Min(1, (x + 3) / 6)),
        "hardswish": lambda x: x * sympy.Max(0, sympy.Min(1, (x + 3) / 6)),
        "hardtanh": lambda x: sympy.Max(-1, sympy.Min(1, x)),
        "heaviside": lambda x, y: sympy.Piecewise((0, x < 0), (y, sympy.Eq(x, 0)), (1, True)),
        "hypot": lambda x, y: sympy.sqrt(x**2 + y**2),
        "i0": lambda x: sympy.besseli(0, x),
        "i1": lambda x: sympy.besseli(1, x),
        "j0": lambda x: sympy.besselj(0, x),
        "j1": lambda x: sympy.besselj(1, x),
        "leaky_relu": lambda x, slope: sympy.Piecewise((x, x > 0), (slope * x, True)),
        "less": lambda x, y: sympy.Piecewise((1, x < y), (0, True)),
        "less_equal": lambda x, y: sympy.Piecewise((1, x <= y), (0, True)),
        "lgamma": lambda x: sympy.log(sympy.Abs(sympy.gamma(x))),
        "log10": lambda x: sympy.log(x) / sympy.log(10),
        "log1p": lambda x: sympy.log(1 + x),
        "log1mexp": lambda x: sympy.log(1 - sympy.exp(-x)),
        "log2": lambda x: sympy.log(x) / sympy.log(2),
        "log_ndtr": lambda x: sympy.log(normal(x)),
        "log_sigmoid": lambda x: -sympy.log(1 + sympy.exp(-x)),
        "logaddexp": lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
        "logit": lambda x: sympy.log(x / (1 - x)),
        "ndtr": normal,
        "ndtri": lambda x: sympy.sqrt(2) * sympy.erfinv(2 * x - 1),
        "radians": lambda x: x * sympy.pi / 180,
        "relu": lambda x: sympy.Max(x, 0),
        "relu6": lambda x: sympy.Max(0, sympy.Min(6, x)),
        "round": lambda x: x - sympy.Mod(x + 0.5, 1) + 0.5,
        "rsqrt": lambda x: 1 / sympy.sqrt(x),
        "selu": lambda x: ops.SELU_SCALE * sympy.Piecewise((x, x > 0), (ops.SELU_ALPHA * (sympy.exp(x) - 1), True)),
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "sinc": lambda x: sympy.sinc(sympy.pi * x),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "softshrink": lambda x, threshold: sympy.sign(x) * sympy.Max(0, sympy.Abs(x) - threshold),
        "softsign": lambda x: x / (1 + sympy.Abs(x)),
        "tanhshrink": lambda x: x - sympy.tanh(x),
        "trunc": truncated,
        "xlogy": lambda x, y: sympy.Piecewise((0, sympy.Eq(x, 0)), (x * sympy.log(y), True)),
        # Hidden rows, in derivatives.
        "gaussian": lambda x, factor: sympy.exp(factor * x**2),
        "inverse_radius": lambda x, y: 1 / sympy.sqrt(x**2 + y**2),
        "limited": lambda x: x,
        "over_radius": lambda x, y: x / sympy.sqrt(x**2 + y**2),
        "over_square": lambda x, y: x / (x**2 + y**2),
        "sech_squared": lambda x: sympy.sech(x) ** 2,
    }
