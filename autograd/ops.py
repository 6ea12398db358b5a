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

# The form `name as name` exports the name: other files use ops.Operation, ops.ROWS, ops.pick, ...
from autograd.base.operation import ABOVE_MINUS_ONE, ABOVE_ONE, PROBABILITY, binary, flat, inside, special, unary
from autograd.base.operation import POSITIVE as POSITIVE
from autograd.base.operation import REAL as REAL
from autograd.base.operation import ROWS as ROWS
from autograd.base.operation import UNIT as UNIT
from autograd.base.operation import Operation as Operation
from autograd.base.real import INF, NAN, evaluate, libm
from autograd.base.real import pick as pick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LN_2 = 0.6931471805599453  # each constant is the float closest to the exact number
LOG2_E = 1.4426950408889634
LOG10_E = 0.4342944819032518
E = 2.718281828459045
TWO_OVER_SQRT_PI = 1.1283791670955126
PI = 3.141592653589793
SQRT_PI = 1.772453850905516
ONE_OVER_SQRT_PI = 0.5641895835477563
SQRT_TWO_PI = 2.5066282746310002
HALF_LOG_TWO_PI = 0.9189385332046727
SQRT_2 = 1.4142135623730951
SQRT_HALF = 0.7071067811865476
ONE_OVER_SQRT_TWO_PI = 0.3989422804014327
SQRT_TWO_OVER_PI = 0.7978845608028654
DEGREE = 0.017453292519943295  # in radians
RADIAN = 57.29577951308232  # in degrees
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer, Unterthiner, Mayr, Hochreiter 2017, equation 14


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
    if isinstance(y, float) and less + 1 == y and y - less == 1 and y != 0:  # a constant decides all conditions below
        return y * pow(x, less) if less != 0 else inside(x == x, 1.0, out)
    textbook, other = pick((x == 0) & (less == 0), y - sqrt(less), y * pow(x, less)), y * out / x
    # At y = 0 the textbook formula fails as well: its derivative contains pow(x, -1), and 0 * inf is nan. At y = 1 it is 1,
    # also at nan: there, the other formula is nan, and so are all of its derivatives.
    slope = pick((less + 1 == y) & (y - less == 1) & (y != 0),
        pick((less != 0) | (x == x), textbook, other), pick((x == 0) | (abs(x) == INF), textbook, other))
    # The derivative of x**0 is 0, even where 1 / x is infinite or nan. If y is not a constant, its own derivative is infinite
    # there, and so is the derivative of x**(y - 1) at x = 0, y = 1.
    return pick((y == 0) & (1 / x * 0 != 0), differentiate_as(sqrt(y), 0.0), slope)


def _pow_dy(out: Any, x: Any, y: Any) -> Any:
    # out * log(x). At x = 0 this is 0 * -inf, but the limit is 0. 0**0 is treated as the constant 1.
    at_zero = pick(y > 1, 0.0, differentiate_as(log(x), 0.0))
    # Its derivative contains out / x, which is lost where out underflows or overflows. There, it is split into factors.
    root = pow(x, 0.5 * y)
    parts = pick(x > 0, root * xlogy(root, x), out / out)
    slope = pick((out == 0) | (out == INF), differentiate_as(parts, out * log(x)), out * log(x))
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
exp2: Operation = unary("exp2", libm.exp2,  # the derivative is less than the value, which overflows first
    lambda out, x: pick(out == INF, 2 * LN_2 * exp2(x - 1), LN_2 * out), REAL, "2 to the power x.")
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

rsqrt: Operation = unary("rsqrt", lambda x: 1 / sqrt(x), lambda out, x: -0.5 * out / x, POSITIVE,
    "1 / sqrt(x); inf at 0, nan for negative x.")
# M. Maechler, Accurately computing log(1 - exp(-|a|)), 2012.
log1mexp: Operation = unary("log1mexp", lambda x: pick(x < LN_2, log(-expm1(-x)), log1p(-exp(-pick(x < 0, 1.0, x)))),
    lambda out, x: inside(x >= 0, -exp(-x) / expm1(-x), out), POSITIVE,
    "log(1 - exp(-x)), accurate for all positive x; -inf at 0, nan for negative x.")
logit: Operation = unary("logit",
    lambda x: pick(abs(x - 0.5) < 0.25, 2 * atanh(2 * pick(abs(x - 0.5) < 0.25, x, 0.5) - 1), log(x) - log1p(-x)),
    lambda out, x: inside((x >= 0) & (x <= 1), 1 / (x * (1 - x)), out), PROBABILITY,
    "log(x / (1 - x)), the inverse of sigmoid; nan outside of the interval from 0 to 1.")
logaddexp: Operation = binary("logaddexp", "logaddexp",
    lambda x, y: pick(x == y, x + LN_2, maximum(x, y) + log1p(exp(-abs(x - y)))),  # x - y is nan if both are infinite
    lambda out, x, y: sigmoid(x - y), lambda out, x, y: sigmoid(y - x), "log(exp(x) + exp(y)), without overflow.",
    exact=lambda mp, x, y: x + mp.ln2 if x == y else max(x, y) + mp.log1p(mp.exp(-mp.fabs(x - y))))
xlogy: Operation = binary("xlogy", "xlogy", lambda x, y: pick((x == 0) & (y >= 0), 0.0, x * log(y)),
    lambda out, x, y: log(y),
    lambda out, x, y: inside(y >= 0, pick((x == 0) & (y == 0), differentiate_as(x / y, 0.0), x / y), out),
    "x * log(y), and 0 if x is 0 and y is not negative.", domain=(REAL, POSITIVE))


def _entr_dx(out: Any, x: Any) -> Any:
    # -1 - log(x), which is 0 at 1 / e. The second number is the error of the first as 1 / e.
    near = abs(x - 0.4) < 0.2
    offset = x - 0.36787944117144233 + 1.2428753672788363e-17
    return pick(near, -log1p(pick(near, E * offset, 0.0)), -1 - log(x))


entr: Operation = unary("entr", lambda x: pick(x == 0, 0.0, -x * log(x)), _entr_dx, POSITIVE,
    "-x * log(x), the term of a probability x in an entropy; 0 at 0, nan for negative x.")

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

tanh: Operation = unary("tanh", libm.tanh,  # 1 - out * out would be 0 beyond x = 19, but its derivative is accurate
    lambda out, x: differentiate_as(1 - out * out, sech_squared(x)), REAL, "The hyperbolic tangent of x.")
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
def _hypot_dx(out: Any, x: Any, y: Any) -> Any:
    # The same number in both cases. A Value needs the row and its rule. Otherwise, out saves another call of hypot.
    return over_radius(x, y) if hasattr(out, "backward") else _over_radius(x, y, out)


hypot: Operation = binary("hypot", "hypot", libm.hypot, _hypot_dx, lambda out, x, y: _hypot_dx(out, y, x),
    "sqrt(x*x + y*y), without overflow.")
atan2: Operation = binary("atan2", "atan2", libm.atan2, lambda out, y, x: over_square(x, y),
    lambda out, y, x: -over_square(y, x),
    "The angle of the point (x, y), in radians from -pi to pi. Note the order: atan2(y, x).", aliases=("arctan2",))

degrees: Operation = unary("degrees", lambda x: x * RADIAN, RADIAN, REAL, "An angle of x radians in degrees.",
    aliases=("rad2deg",), exact=lambda mp, x: 180 * x / mp.pi)
radians: Operation = unary("radians", lambda x: x * DEGREE, DEGREE, REAL, "An angle of x degrees in radians.",
    aliases=("deg2rad",), exact=lambda mp, x: x * mp.pi / 180)
sinc: Operation = unary("sinc", lambda x: pick(x == 0, 1.0, _sin_pi(x) / (PI * x)),
    lambda out, x: pick(abs(x) < 0.5, special.sinc_slope(x), (_cos_pi(x) - out) / x), REAL,
    "sin(pi * x) / (pi * x), as in NumPy and PyTorch; 1 at 0.",
    exact=lambda mp, x: mp.sinpi(x) / (mp.pi * x) if x else mp.one)


def _turn(x: Any) -> tuple[Any, Any]:
    # The remainder of x in half turns, which is exact, and whether the number of half turns is odd.
    whole = round(x)
    return x - whole, abs(whole - 2 * round(whole / 2)) == 1


def _sin_pi(x: Any) -> Any:
    rest, is_odd = _turn(x)
    return pick(is_odd, -sin(PI * rest), sin(PI * rest))


def _cos_pi(x: Any) -> Any:
    rest, is_odd = _turn(x)
    cosine = pick(abs(rest) < 0.25, cos(PI * rest), sin(PI * (0.5 - abs(rest))))  # exactly 0 at half integers
    return pick(is_odd, -cosine, cosine)


# ---- functions with steps and kinks ----------------------------------------------------------------------------

abs: Operation = unary("abs", libm.fabs,  # noqa: A001 - like pow
    lambda out, x: pick(x == 0, differentiate_as(x / out, x), sign(x)), REAL,  # the second derivative at the kink is nan
    "The absolute value of x. The derivative at 0 is 0.", aliases=("fabs",))
sign: Operation = unary("sign", lambda x: pick(x > 0, 1.0, pick(x < 0, -1.0, x)), lambda out, x: flat(out), REAL,
    "The sign of x: -1, 0 or 1. The derivative is 0.", blocks=True)
floor: Operation = unary("floor", libm.floor, lambda out, x: flat(out), REAL, "x rounded down. The derivative is 0.",
    blocks=True)
ceil: Operation = unary("ceil", libm.ceil, lambda out, x: flat(out), REAL, "x rounded up. The derivative is 0.", blocks=True)
trunc: Operation = unary("trunc", libm.trunc, lambda out, x: flat(out), REAL, "x rounded towards 0. The derivative is 0.",
    blocks=True, aliases=("__trunc__",))  # math.trunc and numpy.trunc call it
round: Operation = unary("round", libm.rint, lambda out, x: flat(out), REAL,  # noqa: A001 - like pow
    "x rounded to the nearest whole number, halves to the even one. The derivative is 0.", blocks=True,
    aliases=("rint",))
fmod: Operation = binary("fmod", "fmod", libm.fmod, lambda out, x, y: inside(out == out, 1.0, out),
    lambda out, x, y: -round((x - out) / y), "The remainder x - y * trunc(x / y). It has the sign of x, like C's fmod.")
copysign: Operation = binary("copysign", "copysign", libm.copysign,
    lambda out, x, y: inside(out == out, sign(x) * copysign(1.0, y), out), lambda out, x, y: flat(out),
    "The absolute value of x with the sign of y. The derivative with respect to x is 0 at x = 0, and 0 with respect to y.",
    blocks=True)
heaviside: Operation = binary("heaviside", "heaviside",
    lambda x, y: pick(x < 0, 0.0, pick(x > 0, 1.0, pick(x == 0, y, x))),
    lambda out, x, y: flat(out), lambda out, x, y: pick(out == out, pick(x == 0, 1.0, 0.0), out),
    "The step function: 0 for negative x, y at 0, 1 for positive x. The derivative with respect to x is 0.",
    blocks=True)


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


def _clamped(larger: Any, smaller: Any, bound: Any, out: Any) -> Any:
    # The derivative with respect to x. It jumps if the bound moves past x, so its derivative with respect to the bound is nan.
    tie = differentiate_as(sqrt(bound - bound), 1.0)
    return pick(larger > smaller, 1.0, pick(larger < smaller, 0.0, pick(larger == smaller, tie, out)))


# Not maximum and minimum, whose derivative at a bound is 1/2.
clamp_min: Operation = binary("clamp_min", "clamp_min", lambda x, low: pick(x >= low, x, pick(x < low, low, x + low)),
    lambda out, x, low: _clamped(x, low, low, out),
    lambda out, x, low: pick(out == out, pick(x < low, 1.0, 0.0), out),
    "x, or low if x is less. At x = low the derivative with respect to x is 1.", blocks=True)
clamp_max: Operation = binary("clamp_max", "clamp_max", lambda x, high: pick(x <= high, x, pick(x > high, high, x + high)),
    lambda out, x, high: _clamped(high, x, high, out),
    lambda out, x, high: pick(out == out, pick(x > high, 1.0, 0.0), out),
    "x, or high if x is greater. At x = high the derivative with respect to x is 1.", blocks=True)
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


erf: Operation = unary("erf", libm.erf, lambda out, x: TWO_OVER_SQRT_PI * gaussian(x, -1.0), REAL, "The error function of x.")
erfc: Operation = unary("erfc", libm.erfc, lambda out, x: -TWO_OVER_SQRT_PI * gaussian(x, -1.0), REAL,
    "1 - erf(x), accurate where erf(x) is near 1.")

log_sigmoid: Operation = unary("log_sigmoid", lambda x: -softplus(-x), lambda out, x: sigmoid(-x), REAL,
    "The logarithm of sigmoid(x), without overflow.")
softsign: Operation = unary("softsign", lambda x: pick(abs(x) > 1e17, sign(x), x / (1 + abs(x))),
    lambda out, x: 1 / (1 + abs(x)) / (1 + abs(x)), REAL, "x / (1 + abs(x)).",
    exact=lambda mp, x: x / (1 + mp.fabs(x)) if mp.isfinite(x) else mp.sign(x))

# Activations made of straight pieces. At a kink, the derivative is that of the outer piece, as in PyTorch.
# Their derivatives are constant, so `pick` chooses nan at nan. `inside` is for derivatives that depend on x.
hardtanh: Operation = unary("hardtanh", lambda x: pick(x < -1, -1.0, pick(x > 1, 1.0, x)),
    lambda out, x: pick(x == x, pick(abs(x) < 1, 1.0, 0.0), out), REAL,
    "x limited to the interval from -1 to 1. The derivative is 0 at -1 and 1; clip has other bounds.",
    blocks=True)
relu6: Operation = unary("relu6", lambda x: pick(x < 0, 0.0, pick(x > 6, 6.0, x)),
    lambda out, x: pick(x == x, pick((x > 0) & (x < 6), 1.0, 0.0), out), REAL,
    "x limited to the interval from 0 to 6. The derivative is 0 at 0 and 6.", blocks=True)
hardsigmoid: Operation = unary("hardsigmoid", lambda x: pick(x < -3, 0.0, pick(x > 3, 1.0, (x + 3) / 6)),
    lambda out, x: pick(x == x, pick(abs(x) < 3, 1 / 6, 0.0), out), REAL,
    "(x + 3) / 6 limited to the interval from 0 to 1. The derivative is 0 at -3 and 3.", blocks=True)
hardswish: Operation = unary("hardswish", lambda x: pick(x <= -3, 0.0, pick(x >= 3, x, x * (x + 3) / 6)),
    lambda out, x: pick(x == x, pick(x <= -3, 0.0, pick(x >= 3, 1.0, (x + 1.5) / 3)), out), REAL,
    "x * hardsigmoid(x) (Howard et al. 2019). The derivative is 0 at -3 and 1 at 3.")
leaky_relu: Operation = binary("leaky_relu", "leaky_relu", lambda x, slope: pick(x > 0, x, slope * x),
    lambda out, x, slope: pick(x == x, pick(x > 0, 1.0, slope), out),
    lambda out, x, slope: pick(x == x, pick(x > 0, 0.0, x), out),
    "x if it is positive, else slope * x. The derivative at 0 is the slope.")
hardshrink: Operation = binary("hardshrink", "hardshrink",
    lambda x, threshold: pick(abs(x) > threshold, x, pick(abs(x) <= threshold, 0.0, x + threshold)),  # the sum is nan
    lambda out, x, threshold: pick(out == out, pick((abs(x) > threshold) | (threshold == 0), 1.0, 0.0), out),
    lambda out, x, threshold: flat(out),
    "x, or 0 if its absolute value is at most the threshold. The derivative at the threshold is 0.", blocks=True)
softshrink: Operation = binary("softshrink", "softshrink",
    lambda x, threshold: pick(abs(x) <= threshold, 0.0, pick(x > 0, x - threshold, x + threshold)),
    lambda out, x, threshold: pick(out == out, pick((abs(x) > threshold) | (threshold == 0), 1.0, 0.0), out),
    lambda out, x, threshold: pick(out == out, pick(abs(x) <= threshold, 0.0, pick(x > 0, -1.0, 1.0)), out),
    "x moved towards 0 by the threshold, at most to 0. The derivative at the threshold is 0.", blocks=True)
elu: Operation = binary("elu", "elu", lambda x, alpha: pick(x > 0, x, alpha * expm1(pick(x > 0, 0.0, x))),
    lambda out, x, alpha: pick(x > 0, 1.0, alpha * exp(x)), lambda out, x, alpha: pick(x > 0, 0.0, expm1(x)),
    "x if it is positive, else alpha * (exp(x) - 1). The derivative at 0 is alpha.")
selu: Operation = unary("selu", lambda x: SELU_SCALE * pick(x > 0, x, SELU_ALPHA * expm1(pick(x > 0, 0.0, x))),
    lambda out, x: SELU_SCALE * pick(x > 0, 1.0, SELU_ALPHA * exp(x)), REAL,
    "The scaled exponential linear unit (Klambauer, Unterthiner, Mayr, Hochreiter 2017).",
    exact=lambda mp, x: mp.mpf("1.0507009873554804934193349852946") * (
        x if x > 0 else mp.mpf("1.6732632423543772848170429916717") * mp.expm1(x)))


def _exact_tanhshrink(mp: Any, x: Any) -> Any:
    if mp.mag(x) < -1200:
        return x**3 / 3 - 2 * x**5 / 15  # Taylor series
    with mp.workprec(mp.prec + 2 * max(0, -mp.mag(x))):  # the difference cancels
        return x - mp.tanh(x)


tanhshrink: Operation = unary("tanhshrink",
    lambda x: pick(abs(x) < 1.2, special.tanhshrink_near_0(x), x - tanh(x)),
    lambda out, x: tanh(x) * tanh(x), REAL, "x - tanh(x), accurate for small x.",
    exact=_exact_tanhshrink)

# ---- the normal distribution -----------------------------------------------------------------------------------


def _erfcx(x: Any) -> Any:
    small = pick(x < 1, pick(x < -28, -28.0, x), 0.0)
    return pick(x < 1, gaussian(small, 1.0) * erfc(small), ONE_OVER_SQRT_PI / (x + 0.5 / special.erfc_ratio(x)))


def _exact_erfcx(mp: Any, x: Any) -> Any:
    if x != x or x < 1000:
        return mp.exp(x * x) * (2 if x < -1000 else mp.erfc(x))
    return mp.hyp2f0(1, 0.5, -1 / x**2) / (x * mp.sqrt(mp.pi))  # DLMF 7.12.1; mpmath's erfc fails for large x


def _exact_ndtr(mp: Any, x: Any) -> Any:
    if x > 0:
        return 1 - _exact_ndtr(mp, -x)
    return _exact_erfcx(mp, -x / mp.sqrt(2)) * mp.exp(-x * x / 2) / 2 if x > -mp.inf else x * 0 if x != x else mp.zero


def _exact_ndtri(mp: Any, x: Any) -> Any:
    if not 0 < x < 1:
        return -mp.inf if x == 0 else mp.inf if x == 1 else mp.nan
    with mp.workprec(mp.prec + 2 * max(0, -mp.mag(x))):  # 2 * x - 1 must keep the digits of x
        return mp.sqrt(2) * mp.erfinv(2 * x - 1)


def _erfinv_dx(out: Any, x: Any) -> Any:
    # sqrt(pi) / 2 * exp(out*out) is not accurate for large out. There, exp(-out*out) is erfc(out) / erfcx(out).
    rest, size = pick(x < 0, 1 + x, 1 - x), pick(x < 0, -out, out)
    return 0.5 * SQRT_PI * pick(rest > 0.5, exp(out * out), pick(rest == 0, 1 / rest, erfcx(size) / rest))


def _ndtr(x: Any) -> Any:
    tail = pick(x < -1, -x, 1.0)
    return pick(x < -1, 0.5 * erfcx(SQRT_HALF * tail) * gaussian(tail, -0.5), 0.5 * erfc(-SQRT_HALF * x))


def _log_ndtr(x: Any) -> Any:
    tail = pick(x < -1, log(0.5 * erfcx(SQRT_HALF * pick(x < -1, -x, 1.0))) - 0.5 * x * x, log(ndtr(x)))
    return pick(x < 0, tail, log1p(-ndtr(pick(x < 0, 0.0, -x))))


def _log_ndtr_dx(out: Any, x: Any) -> Any:
    # The derivatives of 1 / erfcx cancel for very negative x. There, the same number is -x plus a small term.
    far = SQRT_HALF / special.erfc_ratio(SQRT_HALF * pick(x < -8, -x, 8.0)) - x
    near = SQRT_TWO_OVER_PI / erfcx(SQRT_HALF * pick((x < 0) & (x >= -8), -x, 0.0))
    return pick(x < 0, pick(x < -8, far, near), ONE_OVER_SQRT_TWO_PI * gaussian(x, -0.5) / ndtr(x))


def _ndtri(x: Any) -> Any:
    tail = special.normal_tail(pick(x < 0.5, x, 1 - x))
    return pick(abs(x - 0.5) <= 0.375, SQRT_2 * special.erfinv_near_0(2 * x - 1), pick(x < 0.5, -tail, tail))


def _ndtri_dx(out: Any, x: Any) -> Any:
    rest, size = pick(x < 0.5, x, 1 - x), pick(x < 0.5, -out, out)  # as for erfinv
    inner = pick(rest == 0, 1 / rest, 0.5 * erfcx(SQRT_HALF * size) / rest)
    return SQRT_TWO_PI * pick(rest > 0.25, exp(0.5 * out * out), inner)


erfcx: Operation = unary("erfcx", _erfcx,  # below 1, erfc is small enough for 2*x*out - 2/sqrt(pi)
    lambda out, x: pick(x < 1, 2 * x * out - TWO_OVER_SQRT_PI, -out / special.erfc_ratio(x)), REAL,
    "exp(x*x) * erfc(x), the scaled complementary error function.", exact=_exact_erfcx)
erfinv: Operation = unary("erfinv",
    lambda x: pick(abs(x) <= 0.75, special.erfinv_near_0(x), SQRT_HALF * copysign(special.normal_tail((1 - abs(x)) / 2), x)),
    _erfinv_dx, UNIT, "The inverse of erf; infinite at -1 and 1, nan outside.",
    exact=lambda mp, x: mp.erfinv(x) if mp.fabs(x) <= 1 else mp.nan)
ndtr: Operation = unary("ndtr", _ndtr, lambda out, x: ONE_OVER_SQRT_TWO_PI * gaussian(x, -0.5), REAL,
    "The probability that a standard normal variable is less than x.", exact=_exact_ndtr)
ndtri: Operation = unary("ndtri", _ndtri, _ndtri_dx, PROBABILITY,
    "The inverse of ndtr; infinite at 0 and 1, nan outside.", exact=_exact_ndtri)
log_ndtr: Operation = unary("log_ndtr", _log_ndtr, _log_ndtr_dx, REAL,
    "The logarithm of ndtr(x), accurate for all x.", exact=lambda mp, x:
    mp.log(_exact_erfcx(mp, -x / mp.sqrt(2)) / 2) - x * x / 2 if x < 0 else mp.log1p(-_exact_ndtr(mp, -x)))


# ---- gamma and Bessel functions --------------------------------------------------------------------------------

lgamma: Operation = unary("lgamma", special.lgamma, lambda out, x: digamma(x), POSITIVE,
    "The logarithm of the absolute value of the gamma function.", aliases=("gammaln",),
    exact=lambda mp, x: mp.inf if x <= 0 and x == mp.floor(x) else mp.re(mp.loggamma(x)))
digamma: Operation = unary("digamma", special.digamma,
    lambda out, x: inside((x >= 0) | (floor(x) != x), polygamma(1.0, x), out), POSITIVE, "The derivative of lgamma.",
    exact=lambda mp, x: mp.psi(0, x) if x > 0 or x != mp.floor(x) else mp.nan if x else -mp.inf)

def _exact_polygamma(mp: Any, n: Any, x: Any) -> Any:
    if x != x or not 0 <= n <= 170 or n != int(n):
        return mp.nan
    if x <= 0 and x == mp.floor(x):
        return mp.inf if n % 2 and x > -mp.inf else mp.nan if x else -mp.inf
    return mp.psi(int(n), x) if x < mp.inf else mp.zero if n else x


polygamma: Operation = binary("polygamma", "polygamma", lambda n, x: pick(n == 0, digamma(x), special.polygamma(n, x)),
    lambda out, n, x: out * NAN, lambda out, n, x: inside(out == out, polygamma(n + 1, x), out),
    "Derivative number n of digamma, for whole n from 0 to 170; nan for other n. There is no derivative with respect to n.",
    domain=(REAL, POSITIVE), exact=_exact_polygamma)

def _betaln(x: Any, y: Any) -> Any:
    # lgamma(x) + lgamma(y) - lgamma(x + y) would cancel for large x or y. There, Stirling's series of the three functions are
    # subtracted term by term (A. R. DiDonato, A. H. Morris, ACM Transactions on Mathematical Software 18, 1992, section 4).
    a, b = minimum(x, y), maximum(x, y)
    small = lgamma(a) + lgamma(b) - lgamma(a + b)
    large_a, large_b = pick(a < 8, 8.0, a), pick(b < 8, 8.0, b)
    change = special.stirling(large_b) - special.stirling(a + large_b)
    mixed = lgamma(a) - (a + b - 0.5) * log1p(a / large_b) - a * (log(large_b) - 1) + change
    large = (HALF_LOG_TWO_PI - 0.5 * log(large_b) - (a - 0.5) * log1p(b / large_a) - b * log1p(a / large_b)
        + special.stirling(large_a) + change)
    inner = pick(b < 8, small, pick(a < 8, mixed, large))
    return pick(a > 0, pick(b == INF, -INF, inner), pick((a == 0) & (b < INF), INF, NAN))


def _beta(x: Any, y: Any) -> Any:
    a, b = minimum(x, y), maximum(x, y)
    is_finite = (a > 0) & (b < INF)
    inner = special.beta(pick(is_finite, a, 1.0), pick(is_finite, b, 1.0))
    return pick(a > 0, pick(b == INF, 0.0, inner), pick((a == 0) & (b < INF), INF, NAN))


def _betaln_dx(x: Any, y: Any) -> Any:
    # digamma(x) - digamma(x + y) would cancel for small y. Eight steps of the recurrence lead to Stirling's series, whose terms
    # are subtracted one by one.
    total, a = 0.0, pick(x < 8, x + 8, x)
    for k in range(8):
        total = total - y / (x + y + k) / (x + k)
    change = -log1p(y / a) - special.stirling_slope_change(a, y)
    outside = sqrt(x) * sqrt(y) / (x * y)  # nan, with derivatives nan; also at 0 and infinity
    return inside((x >= 0) & (y >= 0) & (x * y >= 0), pick(x < 8, total + change, change), outside)


def _exact_betaln(mp: Any, x: Any, y: Any) -> Any:
    if not 0 < x < mp.inf or not 0 < y < mp.inf:
        return mp.nan if not (x >= 0 and y >= 0) else -mp.inf if x and y else mp.inf if max(x, y) < mp.inf else mp.nan
    with mp.workprec(mp.prec + max(mp.mag(x), mp.mag(y), 0) + 20):  # the sum cancels
        return mp.re(mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y))


betaln: Operation = binary("betaln", "betaln", _betaln, lambda out, x, y: _betaln_dx(x, y),
    lambda out, x, y: _betaln_dx(y, x), "The logarithm of beta(x, y).", domain=(POSITIVE, POSITIVE),
    exact=_exact_betaln)
beta: Operation = binary("beta", "beta", _beta, lambda out, x, y: out * _betaln_dx(x, y),
    lambda out, x, y: out * _betaln_dx(y, x),
    "The beta function gamma(x) * gamma(y) / gamma(x + y), for positive x and y; nan for others.", domain=(POSITIVE, POSITIVE),
    exact=lambda mp, x, y: mp.exp(_exact_betaln(mp, x, y)))


i0: Operation = unary("i0", special.i0, lambda out, x: i1(x), REAL,
    "The modified Bessel function of the first kind of order 0.",
    exact=lambda mp, x: mp.besseli(0, x) if mp.isfinite(x) else x * x)
i1: Operation = unary("i1", special.i1,
    lambda out, x: pick(abs(x) < 1, special.i1_slope(x), i0(x) - out / x), REAL,
    "The modified Bessel function of the first kind of order 1.",
    exact=lambda mp, x: mp.besseli(1, x) if mp.isfinite(x) else x)
j0: Operation = unary("j0", special.j0, lambda out, x: -j1(x), REAL,
    "The Bessel function of the first kind of order 0.",
    exact=lambda mp, x: mp.besselj(0, x) if mp.isfinite(x) else mp.nan)
j1: Operation = unary("j1", special.j1,
    lambda out, x: pick(abs(x) < 1, special.j1_slope(x), j0(x) - out / x), REAL,
    "The Bessel function of the first kind of order 1.",
    exact=lambda mp, x: mp.besselj(1, x) if mp.isfinite(x) else mp.nan)

# ---- sums of any number of terms -------------------------------------------------------------------------------
# The value is the sum of `forward` over the operands, from left to right. The partials are the partials of one term.

sum: Operation = Operation("sum", lambda x: x, (1.0,), (REAL,), "The sum of any number of numbers and Values.",  # noqa: A001 - like pow
    variadic=True)
dot: Operation = Operation("dot", lambda w, x: w * x, (lambda out, w, x: x, lambda out, w, x: w), (REAL, REAL),
    "bias + the sum of weight * input: a neuron as one node.", variadic=True)
# fmt: on

TABLE = tuple(ROWS)

# ---- hidden rows: not public functions, but parts of the rules above ----------------------------------------------
# Each has a rule of its own. Differentiating its formula would take many more operations.


def _over_radius(x: Any, y: Any, radius: Any) -> Any:
    scale = pick(radius == INF, 0.25, 2.0**600)  # hypot itself may overflow, or be a subnormal number with few digits
    scaled = scale * x / hypot(scale * x, scale * y)
    return pick(radius == 0, 0.0, pick((radius == INF) | (radius < 1e-290), scaled, x / radius))


def _over_square(x: Any, y: Any) -> Any:
    # x*x + y*y would overflow at 1e200, and hypot(x, y) near 1.8e308. Scaling by a power of 2 is exact.
    scale = pick(hypot(x, y) > 1e308, 0.25, 1.0)
    radius = hypot(scale * x, scale * y)
    return pick(radius == 0, 0.0, scale * x / radius / radius * scale)


def _difference_of_squares(x: Any, y: Any) -> Any:
    # The derivative of x*x - y*y does not cancel.
    return differentiate_as(x * x - y * y, (x - y) * (x + y))


over_radius: Operation = binary("over_radius", "over_radius", lambda x, y: _over_radius(x, y, hypot(x, y)),
    lambda out, x, y: over_radius(y, x) * (over_radius(y, x) * inverse_radius(x, y)),
    lambda out, x, y: -out * over_radius(y, x) * inverse_radius(x, y),
    "x / hypot(x, y); 0 at the origin, with derivatives nan.")  # fmt: skip
inverse_radius: Operation = binary("inverse_radius", "inverse_radius", lambda x, y: 1 / hypot(x, y),
    lambda out, x, y: -out * over_radius(x, y) * out, lambda out, x, y: -out * over_radius(y, x) * out,
    "1 / hypot(x, y).")  # fmt: skip
over_square: Operation = binary("over_square", "over_square", _over_square,
    lambda out, x, y: _difference_of_squares(over_radius(y, x), over_radius(x, y))
        * inverse_radius(x, y) * inverse_radius(x, y),
    lambda out, x, y: -2 * out * over_radius(y, x) * inverse_radius(x, y),
    "x / (x*x + y*y), without overflow; 0 at the origin, with derivatives nan.")  # fmt: skip


def _gaussian(x: Any, factor: Any) -> Any:
    # The rounding error of x*x, 1e-13 at x = 27, would become the relative error of the result. Therefore the error is
    # computed, from a head of x of 26 bits, whose square is exact (T. J. Dekker, Numerische Mathematik 18, 1971). The
    # exponential of the error is 1 + error, rounded.
    shifted = 134217729.0 * x  # 2**27 + 1
    head = shifted - (shifted - x)
    error = (head * head - x * x) + (x - head) * (x + head)
    return pick(abs(x) > 40, 0.0, exp(factor * x * x) * (1 + factor * error))


gaussian: Operation = binary("gaussian", "gaussian", _gaussian,
    lambda out, x, factor: 2 * factor * limited(x) * out, lambda out, x, factor: limited(x) * limited(x) * out,
    "exp(factor * x * x), accurate for large x; 0 if x is larger than 40 in size, for factors of at most -0.5.",
    exact=lambda mp, x, factor: mp.exp(factor * x * x) if mp.isfinite(x) else x * 0 if x != x else mp.zero)  # fmt: skip
limited: Operation = unary("limited", lambda x: pick(x > 40, 40.0, pick(x < -40, -40.0, x)), 1.0, REAL,
    "x, or 40 with the sign of x if it is larger in size. Only for products with a number that is 0 there.",
    exact=lambda mp, x: x)  # fmt: skip


def _sech_squared(x: Any) -> Any:
    small = exp(-2 * abs(x))  # never overflows
    return 4 * small / ((1 + small) * (1 + small))


sech_squared: Operation = unary("sech_squared", _sech_squared, lambda out, x: -2 * out * tanh(x), REAL,
    "1 / cosh(x)**2, without overflow.")  # fmt: skip


# Only `differentiate_as` records this operation. It blocks the path to the number, so that only the formula is differentiated.
graft: Operation = Operation("graft", lambda number, formula: number, (0.0, 1.0), (REAL, REAL),
    "number, with the derivatives of formula.", blocks=True)  # fmt: skip


# Only `compile` records these two operations, for `inside`.
cover: Operation = binary("cover", "cover", lambda x, is_inside: pick(is_inside != 0, x, NAN),
    lambda out, x, is_inside: cover(1.0, is_inside), 0.0,
    "x inside the domain of a function, where y is not 0; outside nan, also for all derivatives.")  # fmt: skip
still: Operation = binary("still", "still", lambda number, x: pick(x == x, number, x), 1.0,
    lambda out, number, x: still(0.0, x),
    "A number that does not depend on x. At nan, it and all derivatives are nan.")  # fmt: skip
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
