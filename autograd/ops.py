"""THE TABLE: one row per primitive operation. The only place where derivatives are defined.

A row gives the operation's name, the formula for its value, and one partial derivative per operand. To add an operation,
add a row. The function ``autograd.name``, the method ``Value.name``, the compiled code, higher derivatives and the tests
are all generated from it.

Reading a row
    out      the value of the operation. A rule may use it: the derivative of ``exp`` is ``out``
    x, y     the operands
    forward  a function of the C library (``libm.tanh``) or a formula
    dx, dy   the partial derivatives with respect to x and y: formulas, or numbers if they are constant

Formulas use ordinary operators, other operations of the table, and ``pick(condition, a, b)`` for "a if condition else b".
The same row therefore works on floats (for ``backward``), on Values (for derivatives that can be differentiated again) and
on symbols (for generating compiled code).

Where the textbook formula loses digits, the row uses another one, and a comment says why. Kinks follow one policy: the
mean of the two one-sided derivatives at a tie (``maximum``, ``abs``), and 0 for ``relu`` at 0. Outside of a domain and at nan,
a derivative is ``out``, which is nan there, and not the constant nan, whose derivatives would be 0.
"""

from __future__ import annotations

from autograd.base.real import INF, as_float, evaluate, libm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol, TypeVar, overload

    Formula = Callable[..., Any]

    class _Node(Protocol):  # a Value, as opposed to a float; value.py imports this file, not the reverse
        @property
        def grad(self) -> float: ...
        def backward(self) -> None: ...

    _AnyNode = TypeVar("_AnyNode", bound=_Node)

# Domains: the open intervals on which an operation and its derivatives are finite.
REAL = (-INF, INF)
POSITIVE = (0.0, INF)
UNIT = (-1.0, 1.0)
ABOVE_ONE = (1.0, INF)
ABOVE_MINUS_ONE = (-1.0, INF)

LN_2 = 0.6931471805599453  # each constant is the float closest to the exact number
LOG2_E = 1.4426950408889634
LOG10_E = 0.4342944819032518
TWO_OVER_SQRT_PI = 1.1283791670955126

ROWS: list[Operation] = []  # indexed by code: the rows of this file, then the operations added by `primitive`


class Operation:
    """One row of the table. It can be called with numbers and with Values.

    Attributes:
        name: Name of the function and of the method.
        symbol: Text shown in pictures and by ``Value.op``, such as ``"*"`` for ``mul``.
        forward: The value, as a function of the operands.
        partials: One entry per operand: a function of the value and the operands, or a constant.
        domain: One open interval ``(low, high)`` per operand.
        variadic: Whether the value is a sum of any number of terms; ``forward`` is then one term.
        aliases: Further names for the method, such as NumPy's ``arcsin``.
        blocks: Whether a partial of 0 means that the value does not depend on the operand at all. No gradient passes then, not
            even an infinite one. Elsewhere a partial of 0 is a number, and 0 * inf is nan.
        code: Index of the row in ``ROWS``.
        function: The function that users call, if ``primitive`` created the row; otherwise None.
    """

    function: Callable[..., Any] | None = None

    def __init__(
        self, name: str, forward: Formula, partials: tuple[Formula | float, ...], domain: tuple[tuple[float, float], ...],
        doc: str, symbol: str = "", aliases: tuple[str, ...] = (), variadic: bool = False, blocks: bool = False,
    ) -> None:  # fmt: skip
        self.name = name
        self.forward = forward
        self.partials = partials
        self.domain = domain
        self.symbol: str = symbol or name
        self.aliases = aliases
        self.variadic = variadic
        self.blocks = blocks
        self.code: int = len(ROWS)
        self.__doc__ = doc
        ROWS.append(self)

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: _AnyNode, y: Any = ..., /) -> _AnyNode: ...
        @overload
        def __call__(self, x: Any, y: _AnyNode, /) -> _AnyNode: ...
        @overload
        def __call__(self, *operands: float) -> float: ...
        @overload
        def __call__(self, *operands: Any) -> Any: ...

    def __call__(self, *operands: Any) -> Any:
        """Apply the operation to floats, or to objects that define ``_apply``, such as Values."""
        for operand in sorted(operands, key=_is_float):  # floats last: a subclass of float may define _apply, too
            if type(operand) is not float and hasattr(operand, "_apply"):
                return operand._apply(self, operands)
        return evaluate(self.forward, *(as_float(operand, f"an operand of {self.name}") for operand in operands))

    def partial(self, index: int, out: Any, *operands: Any) -> Any:
        """Return the partial derivative with respect to operand ``index``, given the value and the operands."""
        rule = self.partials[index]
        return rule(out, *operands) if callable(rule) else rule

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _is_float(number: object) -> bool:
    return isinstance(number, float)


def unary(name: str, forward: Formula, dx: Formula | float, domain: tuple[float, float], doc: str, **more: Any) -> Operation:
    """Add a row with one operand."""
    return Operation(name, forward, (dx,), (domain,), doc, **more)


def binary(
    name: str, symbol: str, forward: Formula, dx: Formula | float, dy: Formula | float, doc: str,
    domain: tuple[tuple[float, float], tuple[float, float]] = (REAL, REAL), **more: Any,
) -> Operation:  # fmt: skip
    """Add a row with two operands."""
    return Operation(name, forward, (dx, dy), domain, doc, symbol=symbol, **more)


def pick(condition: Any, x: Any, y: Any) -> Any:
    """Return ``x if condition else y``; the condition may be symbolic. Both ``x`` and ``y`` are computed."""
    return condition._pick(x, y) if hasattr(condition, "_pick") else (x if condition else y)


def inside(condition: Any, derivative: Any, out: Any) -> Any:
    """Return the derivative inside the domain, where the condition holds, and nan at every order outside, where out is nan."""
    return pick(condition, derivative, out)


def flat(out: Any) -> Any:
    """Return 0, the derivative of a function with steps; nan if the value is nan."""
    return pick(out == out, 0.0, out)


def differentiate_as(formula: Any, number: Any) -> Any:
    """Return ``number``. Its derivatives are the derivatives of ``formula``, which is another formula for the same number."""
    return graft(number, formula) if hasattr(formula, "_apply") else number


# fmt: off
# ---- arithmetic ------------------------------------------------------------------------------------------------

add: Operation = binary("add", "+", lambda x, y: x + y, 1.0, 1.0, "The sum x + y.")
sub: Operation = binary("sub", "-", lambda x, y: x - y, 1.0, -1.0, "The difference x - y.")
mul: Operation = binary("mul", "*", lambda x, y: x * y, lambda out, x, y: y, lambda out, x, y: x, "The product x * y.")
div: Operation = binary("div", "/", lambda x, y: x / y, lambda out, x, y: 1 / y, lambda out, x, y: -out / y,
    "The quotient x / y.")
neg: Operation = unary("neg", lambda x: -x, -1.0, REAL, "The negative -x.")


def _pow_dx(out: Any, x: Any, y: Any) -> Any:
    # The textbook formula y * x**(y - 1) is accurate only if y - 1 is exact: if x is 1e300, an error of 1e-16 in the
    # exponent becomes an error of 1e-13 in the power. Otherwise y * out / x is used, which fails at x = 0 and x = inf.
    less = y - 1
    # At y = 0 the textbook formula fails as well: its derivative contains pow(x, -1), and 0 * inf is nan.
    exact = (less + 1 == y) & (y - less == 1) & (y != 0) & (x == x) | (x == 0) | (abs(x) == INF)
    # The derivative of x**0 is 0, even where 1 / x is infinite or nan. If y is not a constant, its own derivative is infinite
    # there, and so is the derivative of x**(y - 1) at x = 0, y = 1.
    slope = pick(exact, pick((x == 0) & (less == 0), y - sqrt(less), y * pow(x, less)), y * out / x)
    return pick((y == 0) & (1 / x * 0 != 0), differentiate_as(sqrt(y), 0.0), slope)


def _pow_dy(out: Any, x: Any, y: Any) -> Any:
    # out * log(x). At x = 0 this is 0 * -inf, but the limit is 0. 0**0 is treated as the constant 1.
    at_zero = pick(y > 1, 0.0, differentiate_as(log(x), 0.0))
    # Its derivative contains out / x, which is lost where out underflows or overflows. There, that of out / out is nan.
    slope = pick((out == 0) | (out == INF), differentiate_as(out / out, out * log(x)), out * log(x))
    return pick((x == 0) & (y >= 0), at_zero, slope)


pow: Operation = binary("pow", "**", libm.pow, _pow_dx, _pow_dy,  # noqa: A001 - in this file and in autograd, pow is the row
    "The power x**y. For negative x and fractional y it is nan, never complex.", domain=(POSITIVE, REAL))


def _rest(x: Any, y: Any) -> tuple[Any, Any]:
    # C's remainder, which is exact and has the sign of x; and whether adding y gives Python's, which has the sign of y.
    rest = libm.fmod(x, y)
    return rest, (rest < 0) & (y > 0) | (rest > 0) & (y < 0)


def _mod(x: Any, y: Any) -> Any:
    rest, add_y = _rest(x, y)
    return pick(rest == 0, libm.copysign(rest, y), pick(add_y, rest + y, rest))


def _floor_div(x: Any, y: Any) -> Any:
    # Computed from the remainder, as in CPython: floor(x / y) would be too large by one where x / y rounds up.
    rest, add_y = _rest(x, y)
    quotient = pick(add_y, (x - rest) / y - 1, (x - rest) / y)
    lower = libm.floor(quotient)
    whole = pick(quotient - lower > 0.5, lower + 1, lower)
    return pick(y == 0, x / y, pick(quotient == 0, libm.copysign(quotient, x / y), whole))


mod: Operation = binary("mod", "%", _mod, lambda out, x, y: inside(out == out, 1.0, out),
    lambda out, x, y: inside(out == out, -floor_div(x, y), out),
    "The remainder x - y * floor(x / y). It has the sign of y, like Python's %.")
floor_div: Operation = binary("floor_div", "//", _floor_div, lambda out, x, y: flat(out), lambda out, x, y: flat(out),
    "The quotient x / y rounded down, like Python's //. The derivative is 0.", blocks=True)

# ---- exponentials and logarithms -------------------------------------------------------------------------------

exp: Operation = unary("exp", libm.exp, lambda out, x: out, REAL, "The exponential function: e to the power x.")
exp2: Operation = unary("exp2", libm.exp2, lambda out, x: LN_2 * out, REAL, "2 to the power x.")
expm1: Operation = unary("expm1", libm.expm1, lambda out, x: exp(x), REAL,  # not out + 1, which is 0 at -40
    "exp(x) - 1, accurate for small x.")
log: Operation = unary("log", libm.log, lambda out, x: inside(x >= 0, 1 / x, out), POSITIVE,
    "The natural logarithm of x; -inf at 0, nan for negative x.")
log1p: Operation = unary("log1p", libm.log1p, lambda out, x: inside(x >= -1, 1 / (1 + x), out), ABOVE_MINUS_ONE,
    "log(1 + x), accurate for small x.")
log2: Operation = unary("log2", libm.log2, lambda out, x: inside(x >= 0, LOG2_E / x, out), POSITIVE,
    "The base-2 logarithm of x.")
log10: Operation = unary("log10", libm.log10, lambda out, x: inside(x >= 0, LOG10_E / x, out), POSITIVE,
    "The base-10 logarithm of x.")
sqrt: Operation = unary("sqrt", libm.sqrt, lambda out, x: 0.5 / out, POSITIVE, "The square root of x; nan for negative x.")


def _cbrt_dx(out: Any, x: Any) -> Any:
    # 1 / (3 * out * out) doubles the error of out. The derivative of out / x / 3 is inf - inf for small x.
    slope = 1 / (3 * out * out)
    return pick((x * 0 == 0) & (x != 0), differentiate_as(slope, out / x / 3), slope)


cbrt: Operation = unary("cbrt", libm.cbrt, _cbrt_dx, REAL, "The cube root of x, which may be negative.")

# ---- circular and hyperbolic functions -------------------------------------------------------------------------

sin: Operation = unary("sin", libm.sin, lambda out, x: cos(x), REAL, "The sine of x radians.")
cos: Operation = unary("cos", libm.cos, lambda out, x: -sin(x), REAL, "The cosine of x radians.")
tan: Operation = unary("tan", libm.tan, lambda out, x: 1 + out * out, REAL, "The tangent of x radians.")
asin: Operation = unary("asin", libm.asin, lambda out, x: 1 / sqrt(_one_minus_square(x)), UNIT,
    "The arc sine of x, in radians.", aliases=("arcsin",))
acos: Operation = unary("acos", libm.acos, lambda out, x: -1 / sqrt(_one_minus_square(x)), UNIT,
    "The arc cosine of x, in radians.", aliases=("arccos",))
atan: Operation = unary("atan", libm.atan, lambda out, x: pick(abs(x) < 1e8, 1 / (1 + x * x), 1 / x / x), REAL,  # x*x overflows
    "The arc tangent of x, in radians.", aliases=("arctan",))
sinh: Operation = unary("sinh", libm.sinh, lambda out, x: cosh(x), REAL, "The hyperbolic sine of x.")
cosh: Operation = unary("cosh", libm.cosh, lambda out, x: sinh(x), REAL, "The hyperbolic cosine of x.")
# 1 - out * out would be 0 beyond x = 19. The derivative of the product is the difference of two numbers, and 0 at 1e-20.
tanh: Operation = unary("tanh", libm.tanh,
    lambda out, x: differentiate_as(1 - out * out, 4 * sigmoid(2 * x) * sigmoid(-2 * x)), REAL, "The hyperbolic tangent of x.")
asinh: Operation = unary("asinh", libm.asinh, lambda out, x: 1 / hypot(1.0, x), REAL,
    "The inverse hyperbolic sine of x.", aliases=("arcsinh",))
acosh: Operation = unary("acosh", libm.acosh, lambda out, x: 1 / (sqrt(x - 1) * sqrt(x + 1)), ABOVE_ONE,
    "The inverse hyperbolic cosine of x.", aliases=("arccosh",))
atanh: Operation = unary("atanh", libm.atanh, lambda out, x: inside(abs(x) <= 1, 1 / _one_minus_square(x), out), UNIT,
    "The inverse hyperbolic tangent of x.", aliases=("arctanh",))



def _one_minus_square(x: Any) -> Any:
    # 1 - x * x loses digits near 1, and the derivative of (1 - x) * (1 + x) near 0.
    return differentiate_as(1 - x * x, (1 - x) * (1 + x))


# At the origin, where hypot has a kink and atan2 jumps, both derivatives are 0, and their derivatives are nan.
def _over_hypot(x: Any, y: Any, out: Any) -> Any:
    scale = pick(out == INF, 0.25, 2.0**600)  # hypot itself may overflow, or be a subnormal number with few digits
    scaled = scale * x / hypot(scale * x, scale * y)
    return pick(out == 0, differentiate_as(x / out, 0.0), pick((out == INF) | (out < 1e-290), scaled, x / out))


def _over_square(numerator: Any, y: Any, x: Any) -> Any:
    # x*x + y*y would overflow at 1e200, and hypot(x, y) near 1.8e308. Scaling by a power of 2 is exact.
    scale = pick(hypot(x, y) > 1e308, 0.25, 1.0)
    radius = hypot(scale * x, scale * y)
    return pick(radius == 0, differentiate_as(numerator / radius, 0.0), scale * numerator / radius / radius * scale)


hypot: Operation = binary("hypot", "hypot", libm.hypot, lambda out, x, y: _over_hypot(x, y, out),
    lambda out, x, y: _over_hypot(y, x, out), "sqrt(x*x + y*y), without overflow.")
atan2: Operation = binary("atan2", "atan2", libm.atan2, lambda out, y, x: _over_square(x, y, x),
    lambda out, y, x: -_over_square(y, y, x),
    "The angle of the point (x, y), in radians from -pi to pi. Note the order: atan2(y, x).", aliases=("arctan2",))

# ---- functions with steps and kinks ----------------------------------------------------------------------------

abs: Operation = unary("abs", libm.fabs,  # noqa: A001 - like pow
    lambda out, x: pick(x == 0, differentiate_as(x / out, x), sign(x)), REAL,  # the second derivative at the kink is nan
    "The absolute value of x. The derivative at 0 is 0.", aliases=("fabs",))
sign: Operation = unary("sign", lambda x: pick(x > 0, 1.0, pick(x < 0, -1.0, x)), lambda out, x: flat(out), REAL,
    "The sign of x: -1, 0 or 1. The derivative is 0.", blocks=True)
floor: Operation = unary("floor", libm.floor, lambda out, x: flat(out), REAL, "x rounded down. The derivative is 0.",
    blocks=True)
ceil: Operation = unary("ceil", libm.ceil, lambda out, x: flat(out), REAL, "x rounded up. The derivative is 0.", blocks=True)


def _larger(x: Any, y: Any, out: Any) -> Any:
    # The derivative of max(x, y) with respect to x. At a tie its own derivative is infinite, like that of the step from 0 to 1.
    tie = differentiate_as(sqrt(x - y), 0.5)
    return pick(x > y, 1.0, pick(x < y, 0.0, pick(x == y, tie, out)))


maximum: Operation = binary("maximum", "maximum", lambda x, y: pick(x >= y, x, pick(x < y, y, x + y)),  # x + y is nan here
    lambda out, x, y: _larger(x, y, out), lambda out, x, y: _larger(y, x, out),
    "The larger of x and y. At a tie both derivatives are 1/2.", blocks=True)
minimum: Operation = binary("minimum", "minimum", lambda x, y: pick(x <= y, x, pick(x > y, y, x + y)),
    lambda out, x, y: _larger(y, x, out), lambda out, x, y: _larger(x, y, out),
    "The smaller of x and y. At a tie both derivatives are 1/2.", blocks=True)
gate: Operation = binary("gate", "gate", lambda x, is_open: pick(is_open != 0, x, -0.0),  # -0.0 + y is y, bit for bit
    lambda out, x, is_open: pick(is_open != 0, 1.0, 0.0), 0.0,
    "x if y is not 0, else -0.0; no gradient passes a closed gate. The building block of where().", blocks=True)

# Comparisons as numbers: `compile` records these for x < y, x <= y and x == y.
less: Operation = binary("less", "less", lambda x, y: pick(x < y, 1.0, 0.0), 0.0, 0.0,
    "1 if x < y, else 0. The derivative is 0.", blocks=True)
less_equal: Operation = binary("less_equal", "less_equal", lambda x, y: pick(x <= y, 1.0, 0.0), 0.0, 0.0,
    "1 if x <= y, else 0. The derivative is 0.", blocks=True)
equal: Operation = binary("equal", "equal", lambda x, y: pick(x == y, 1.0, 0.0), 0.0, 0.0,
    "1 if x == y, else 0. The derivative is 0.", blocks=True)

# ---- activations and the error function ------------------------------------------------------------------------

relu: Operation = unary("relu", lambda x: pick(x <= 0, 0.0, x), lambda out, x: pick(x > 0, 1.0, pick(x <= 0, 0.0, out)), REAL,
    "The rectified linear unit: the larger of x and 0. The derivative at 0 is 0.", blocks=True)


def _sigmoid(x: Any) -> Any:
    small = exp(-abs(x))  # never overflows
    return pick(x < 0, small, 1.0) / (1 + small)


def _sigmoid_dx(out: Any, x: Any) -> Any:
    # out * (1 - out) is 0 beyond x = 37. The derivative of the product loses digits near 0, as in tanh.
    half = tanh(0.5 * x)
    return differentiate_as(0.25 - 0.25 * half * half, out * sigmoid(-x))


sigmoid: Operation = unary("sigmoid", _sigmoid, _sigmoid_dx, REAL, "The logistic function 1 / (1 + exp(-x)), without overflow.")
softplus: Operation = unary("softplus", lambda x: pick(x > 0, x, 0.0) + log1p(exp(-abs(x))), lambda out, x: sigmoid(x), REAL,
    "log(1 + exp(x)), without overflow.")


def _gaussian(x: Any) -> Any:
    # exp(-x*x). The rounding error of x*x, 1e-13 at x = 27, would become the relative error of the result. Therefore x is
    # split into a head of 26 bits, whose square is exact, and a tail (T. J. Dekker, Numerische Mathematik 18, 1971).
    shifted = 134217729.0 * x  # 2**27 + 1
    head = shifted - (shifted - x)
    return pick(abs(x) > 28, 0.0, exp(-head * head) * exp((head - x) * (head + x)))


erf: Operation = unary("erf", libm.erf, lambda out, x: TWO_OVER_SQRT_PI * _gaussian(x), REAL, "The error function of x.")
erfc: Operation = unary("erfc", libm.erfc, lambda out, x: -TWO_OVER_SQRT_PI * _gaussian(x), REAL,
    "1 - erf(x), accurate where erf(x) is near 1.")

# ---- sums of any number of terms -------------------------------------------------------------------------------
# The value is the sum of `forward` over the operands, from left to right. The partials are the partials of one term.

sum: Operation = Operation("sum", lambda x: x, (1.0,), (REAL,), "The sum of any number of numbers and Values.",  # noqa: A001 - like pow
    variadic=True)
dot: Operation = Operation("dot", lambda w, x: w * x, (lambda out, w, x: x, lambda out, w, x: w), (REAL, REAL),
    "bias + the sum of weight * input: a neuron as one node.", variadic=True)
# fmt: on

TABLE = tuple(ROWS)

# Only `differentiate_as` records this operation. It blocks the path to the number, so that only the formula is differentiated.
graft: Operation = Operation("graft", lambda number, formula: number, (0.0, 1.0), (REAL, REAL),
    "number, with the derivatives of formula.", blocks=True)  # fmt: skip
WITH_KERNELS = tuple(ROWS)

# The rows whose partials are finite, at least at finite operands. Behind a blocked path, `compile` may multiply them by 0.
TAME = (add, sub, neg, sum, dot, sin, cos, tanh, sigmoid, softplus, erf, *[row for row in WITH_KERNELS if row.blocks])

# Only `compile` records this operation. Elsewhere take(items, index) is items[index], and nothing is recorded.
take: Operation = Operation("take", lambda x: x, (1.0,), (REAL,), "The item at an index.", variadic=True)


# ---- the table applied to floats, if there are no compiled kernels -----------------------------------------------


def blocks(code: int) -> bool:
    """Return whether a partial of 0 of this row means that no gradient passes."""
    return ROWS[code].blocks


def forward1(code: int, x: float) -> float:
    """Return the value of unary row ``code`` at ``x``."""
    return evaluate(ROWS[code].forward, x)


def forward2(code: int, x: float, y: float) -> float:
    """Return the value of binary row ``code`` at ``x`` and ``y``."""
    return evaluate(ROWS[code].forward, x, y)


def partial1(code: int, out: float, x: float) -> float:
    """Return the derivative of unary row ``code``."""
    rule = ROWS[code].partials[0]
    return evaluate(rule, out, x) if callable(rule) else rule


def partial2x(code: int, out: float, x: float, y: float) -> float:
    """Return the partial derivative of binary row ``code`` with respect to its first operand."""
    rule = ROWS[code].partials[0]
    return evaluate(rule, out, x, y) if callable(rule) else rule


def partial2y(code: int, out: float, x: float, y: float) -> float:
    """Return the partial derivative of binary row ``code`` with respect to its second operand."""
    rule = ROWS[code].partials[1]
    return evaluate(rule, out, x, y) if callable(rule) else rule
