"""THE TABLE: one row an operation. The only place where a derivative is stated.

A row gives the operation's name, how its value is computed from its operands, and one partial derivative an
operand. To add an operation, add a row: the function ``autograd.name``, the method ``Value.name``, the compiled code,
higher derivatives and the tests all come from it.

How to read a row
    out      the value of the operation, as a rule may use it: ``exp`` has the derivative ``out``
    x, y     the operands
    forward  either one function of the C library (``libm.tanh``) or a formula
    dx, dy   the partial derivative by x and by y: a formula, or a number where it is constant

Formulas are written with ordinary operators, ``pick(condition, a, b)`` for "a if condition else b", and the other
operations of the table. So the same row works on floats (what ``backward`` uses), on Values (a derivative that can be
differentiated again) and on symbols (from which the compiled code is generated).

Where the textbook's formula loses digits, the row has another one and says why. At a kink (``abs`` at 0) the rows
follow one policy: the mean of the two one-sided derivatives if it is simple, as in ``maximum``, and 0 at ``relu``.
"""

from __future__ import annotations

from autograd.base.real import INF, NAN, as_float, evaluate, libm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    from autograd.value import Value

    Formula = Callable[..., Any]
    Number = TypeVar("Number", float, Value)  # of functions that make of floats a float and of Values a Value

# Domains: the open interval of arguments for which an operation has a finite value and derivative.
REAL = (-INF, INF)
POSITIVE = (0.0, INF)
UNIT = (-1.0, 1.0)
ABOVE_ONE = (1.0, INF)
ABOVE_MINUS_ONE = (-1.0, INF)

LN_2 = 0.6931471805599453  # each constant is the float nearest to the real number
LOG2_E = 1.4426950408889634
LOG10_E = 0.4342944819032518
TWO_OVER_SQRT_PI = 1.1283791670955126

ROWS: list[Operation] = []  # by number: those of this file, and later those that `primitive` adds


class Operation:
    """One row of the table, callable on numbers and Values alike.

    Attributes:
        name: the name of the function and of the method.
        symbol: what a picture and ``Value.op`` show, ``"*"`` for ``mul``.
        forward: the value, a function of the operands.
        partials: one an operand: a function of the value and the operands, or a constant.
        domain: one open interval ``(low, high)`` an operand.
        variadic: whether ``forward`` is only one term of a sum over any number of operands.
        aliases: further names for the method, such as NumPy's ``arcsin``.
        code: the number of the row.
        function: what users call, if the row is not one of this file but made by ``primitive``; otherwise None.
    """

    function: Callable[..., Any] | None = None

    def __init__(
        self,
        name: str,
        forward: Formula,
        partials: tuple[Formula | float, ...],
        domain: tuple[tuple[float, float], ...],
        doc: str,
        symbol: str = "",
        aliases: tuple[str, ...] = (),
        variadic: bool = False,
    ) -> None:
        self.name = name
        self.forward = forward
        self.partials = partials
        self.domain = domain
        self.symbol = symbol or name
        self.aliases = aliases
        self.variadic = variadic
        self.code = len(ROWS)
        self.__doc__ = doc
        ROWS.append(self)

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: Value, y: Any = ..., /) -> Value: ...
        @overload
        def __call__(self, x: Any, y: Value, /) -> Value: ...
        @overload
        def __call__(self, *operands: float) -> float: ...
        @overload
        def __call__(self, *operands: Any) -> Any: ...

    def __call__(self, *operands: Any) -> Any:
        """Apply to floats (giving a float), or to whatever else knows how to apply an operation to itself."""
        for operand in sorted(operands, key=_is_float):  # first the others: there are floats with rules of their own, too
            if type(operand) is not float and hasattr(operand, "_apply"):
                return operand._apply(self, operands)
        return evaluate(self.forward, *(as_float(operand, f"an operand of {self.name}") for operand in operands))

    def partial(self, index: int, out: Any, *operands: Any) -> Any:
        """The partial derivative by operand ``index``, from the value and the operands."""
        rule = self.partials[index]
        return rule(out, *operands) if callable(rule) else rule

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _is_float(number: object) -> bool:
    return isinstance(number, float)


def unary(name: str, forward: Formula, dx: Formula | float, domain: tuple[float, float], doc: str, **more: Any) -> Operation:
    """Add a row of one operand."""
    return Operation(name, forward, (dx,), (domain,), doc, **more)


def binary(
    name: str, symbol: str, forward: Formula, dx: Formula | float, dy: Formula | float, doc: str,
    domain: tuple[tuple[float, float], tuple[float, float]] = (REAL, REAL), **more: Any,
) -> Operation:  # fmt: skip
    """Add a row of two operands."""
    return Operation(name, forward, (dx, dy), domain, doc, symbol=symbol, **more)


def pick(condition: Any, x: Any, y: Any) -> Any:
    """``x if condition else y``, also for a symbolic condition. Both are computed; only the one picked counts."""
    return condition._pick(x, y) if hasattr(condition, "_pick") else (x if condition else y)


def inside(condition: Any, derivative: Any) -> Any:
    """A function has a derivative only where it has a value: nan outside the domain."""
    return pick(condition, derivative, NAN)


# fmt: off
# ---- arithmetic ------------------------------------------------------------------------------------------------

add = binary("add", "+", lambda x, y: x + y, 1.0, 1.0, "The sum x + y.")
sub = binary("sub", "-", lambda x, y: x - y, 1.0, -1.0, "The difference x - y.")
mul = binary("mul", "*", lambda x, y: x * y, lambda out, x, y: y, lambda out, x, y: x, "The product x * y.")
div = binary("div", "/", lambda x, y: x / y, lambda out, x, y: 1 / y, lambda out, x, y: -out / y, "The quotient x / y.")
neg = unary("neg", lambda x: -x, -1.0, REAL, "The negative -x.")


def _pow_dx(out: Any, x: Any, y: Any) -> Any:
    # The textbook's y * x**(y - 1) is exact enough only if y - 1 is exact: an error of 1e-16 in the exponent is one
    # of 1e-13 in the power when x is 1e300. Otherwise y * out / x, which in turn cannot be had at x = 0 and inf.
    less = y - 1
    # Nor for y = 0, where the derivative of pow(x, -1) may be infinite, and 0 times that is nan.
    exact = (less + 1 == y) & (y - less == 1) & (y != 0) | (x == 0) | (x * 0 != 0)
    # x**0 has the derivative 0 also where 1 / x is infinite or nan.
    return pick((y == 0) & (1 / x * 0 != 0), 0.0, pick(exact, y * pow(x, less), y * out / x))


def _pow_dy(out: Any, x: Any, y: Any) -> Any:
    # out * log(x), whose 0 * -inf at x = 0 is by continuity 0; and 0**0 counts as a constant 1.
    return pick((x == 0) & (y >= 0), 0.0, out * log(x))


pow = binary("pow", "**", libm.pow, _pow_dx, _pow_dy,  # noqa: A001 - inside this file, and in autograd, pow is the row
             "The power x**y; nan, never complex, for a negative x and a fractional y.", domain=(POSITIVE, REAL))


def _rest(x: Any, y: Any) -> tuple[Any, Any]:
    # C's remainder, exact, which has the sign of x, and whether Python's, which has the sign of y, is one y further.
    rest = libm.fmod(x, y)
    return rest, (rest < 0) & (y > 0) | (rest > 0) & (y < 0)


def _mod(x: Any, y: Any) -> Any:
    rest, further = _rest(x, y)
    return pick(rest == 0, libm.copysign(rest, y), pick(further, rest + y, rest))


def _floor_div(x: Any, y: Any) -> Any:
    # As CPython does it, through the remainder: floor(x / y) would be one too many where x / y rounds up.
    rest, further = _rest(x, y)
    nearly = pick(further, (x - rest) / y - 1, (x - rest) / y)
    below = libm.floor(nearly)
    whole = pick(nearly - below > 0.5, below + 1, below)
    return pick(y == 0, x / y, pick(nearly == 0, libm.copysign(nearly, x / y), whole))


mod = binary("mod", "%", _mod, 1.0, lambda out, x, y: -floor_div(x, y),
             "The remainder x - y * floor(x / y), with the sign of y, as Python's %.")
floor_div = binary("floor_div", "//", _floor_div, 0.0, 0.0, "The quotient rounded down, as Python's //. A step: derivative 0.")

# ---- exponentials and logarithms -------------------------------------------------------------------------------

exp = unary("exp", libm.exp, lambda out, x: out, REAL, "e to the power x.")
exp2 = unary("exp2", libm.exp2, lambda out, x: LN_2 * out, REAL, "2 to the power x.")
expm1 = unary("expm1", libm.expm1, lambda out, x: exp(x), REAL,  # not out + 1: at -40 that is 0
              "exp(x) - 1, exact for small x.")
log = unary("log", libm.log, lambda out, x: inside(x >= 0, 1 / x), POSITIVE, "The natural logarithm; -inf at 0, nan below.")
log1p = unary("log1p", libm.log1p, lambda out, x: inside(x >= -1, 1 / (1 + x)), ABOVE_MINUS_ONE,
              "log(1 + x), exact for small x.")
log2 = unary("log2", libm.log2, lambda out, x: inside(x >= 0, LOG2_E / x), POSITIVE, "The logarithm to base 2.")
log10 = unary("log10", libm.log10, lambda out, x: inside(x >= 0, LOG10_E / x), POSITIVE, "The logarithm to base 10.")
sqrt = unary("sqrt", libm.sqrt, lambda out, x: 0.5 / out, POSITIVE, "The square root; nan below 0.")
cbrt = unary("cbrt", libm.cbrt, lambda out, x: pick(x == 0, INF, out / x / 3), REAL,  # out * out doubles its error
             "The cube root, also of negative numbers.")

# ---- circular and hyperbolic functions -------------------------------------------------------------------------

sin = unary("sin", libm.sin, lambda out, x: cos(x), REAL, "The sine of x, in radians.")
cos = unary("cos", libm.cos, lambda out, x: -sin(x), REAL, "The cosine of x, in radians.")
tan = unary("tan", libm.tan, lambda out, x: 1 + out * out, REAL, "The tangent of x, in radians.")
asin = unary("asin", libm.asin, lambda out, x: 1 / sqrt((1 - x) * (1 + x)), UNIT,  # 1 - x*x loses digits near 1
             "The angle, in radians, whose sine is x.", aliases=("arcsin",))
acos = unary("acos", libm.acos, lambda out, x: -1 / sqrt((1 - x) * (1 + x)), UNIT,
             "The angle, in radians, whose cosine is x.", aliases=("arccos",))
atan = unary("atan", libm.atan, lambda out, x: pick(abs(x) < 1e8, 1 / (1 + x * x), 1 / x / x), REAL,  # x*x may overflow
             "The angle, in radians, whose tangent is x.", aliases=("arctan",))
sinh = unary("sinh", libm.sinh, lambda out, x: cosh(x), REAL, "The hyperbolic sine.")
cosh = unary("cosh", libm.cosh, lambda out, x: sinh(x), REAL, "The hyperbolic cosine.")
tanh = unary("tanh", libm.tanh, lambda out, x: 4 * sigmoid(2 * x) * sigmoid(-2 * x), REAL,  # 1 - out*out is 0 beyond 19
             "The hyperbolic tangent.")
asinh = unary("asinh", libm.asinh, lambda out, x: 1 / hypot(1.0, x), REAL, "The inverse of sinh.", aliases=("arcsinh",))
acosh = unary("acosh", libm.acosh, lambda out, x: 1 / (sqrt(x - 1) * sqrt(x + 1)), ABOVE_ONE, "The inverse of cosh.",
              aliases=("arccosh",))
atanh = unary("atanh", libm.atanh, lambda out, x: inside(abs(x) <= 1, 1 / ((1 - x) * (1 + x))), UNIT,
              "The inverse of tanh.", aliases=("arctanh",))

# At the origin, where hypot has a kink and atan2 jumps, both derivatives are 0.
hypot = binary("hypot", "hypot", libm.hypot, lambda out, x, y: pick(out == 0, 0.0, x / out),
               lambda out, x, y: pick(out == 0, 0.0, y / out), "sqrt(x*x + y*y) without overflow.")
atan2 = binary("atan2", "atan2", libm.atan2, lambda out, y, x: _over_square(x, y, x), lambda out, y, x: -_over_square(y, y, x),
               "The angle, in radians from -pi to pi, of the point (x, y); note the order: atan2(y, x).",
               aliases=("arctan2",))


def _over_square(numerator: Any, y: Any, x: Any) -> Any:
    # x*x + y*y would overflow at 1e200, and even its root just below 1.8e308: there all is scaled down, exactly.
    scale = pick(hypot(x, y) > 1e308, 0.25, 1.0)
    radius = hypot(scale * x, scale * y)
    return pick(radius == 0, 0.0, scale * numerator / radius / radius * scale)


# ---- functions with steps and kinks ----------------------------------------------------------------------------

abs = unary("abs", libm.fabs, lambda out, x: sign(x), REAL,  # noqa: A001 - as pow
            "The absolute value; derivative 0 at 0.", aliases=("fabs",))
sign = unary("sign", lambda x: pick(x > 0, 1.0, pick(x < 0, -1.0, x)), 0.0, REAL, "-1, 0 or 1. A step: derivative 0.")
floor = unary("floor", libm.floor, 0.0, REAL, "Rounded down. A step: derivative 0.")
ceil = unary("ceil", libm.ceil, 0.0, REAL, "Rounded up. A step: derivative 0.")
maximum = binary("maximum", "maximum", lambda x, y: pick(x >= y, x, pick(x < y, y, x + y)),  # x + y: nan, as one of them is
                 lambda out, x, y: pick(x > y, 1.0, pick(x < y, 0.0, 0.5)),
                 lambda out, x, y: pick(x > y, 0.0, pick(x < y, 1.0, 0.5)),
                 "The larger one; at a tie half the derivative each.")
minimum = binary("minimum", "minimum", lambda x, y: pick(x <= y, x, pick(x > y, y, x + y)),
                 lambda out, x, y: pick(x < y, 1.0, pick(x > y, 0.0, 0.5)),
                 lambda out, x, y: pick(x < y, 0.0, pick(x > y, 1.0, 0.5)),
                 "The smaller one; at a tie half the derivative each.")
gate = binary("gate", "gate", lambda x, is_open: pick(is_open != 0, x, -0.0),  # -0.0 + y is y, to the bit; 0.0 + -0.0 is not
              lambda out, x, is_open: pick(is_open != 0, 1.0, 0.0), 0.0,
              "What where() is made of: x if y is not 0, else -0.0, which adds nothing; no gradient passes a closed gate.")

# Comparisons as numbers: what `compile` records for x < y, x <= y and x == y.
less = binary("less", "less", lambda x, y: pick(x < y, 1.0, 0.0), 0.0, 0.0, "1 if x < y, else 0. A step: derivative 0.")
less_equal = binary("less_equal", "less_equal", lambda x, y: pick(x <= y, 1.0, 0.0), 0.0, 0.0,
                    "1 if x <= y, else 0. A step: derivative 0.")
equal = binary("equal", "equal", lambda x, y: pick(x == y, 1.0, 0.0), 0.0, 0.0, "1 if x == y, else 0. A step: derivative 0.")

# ---- activations and the error function ------------------------------------------------------------------------

relu = unary("relu", lambda x: pick(x <= 0, 0.0, x), lambda out, x: pick(x > 0, 1.0, pick(x <= 0, 0.0, x)), REAL,
             "The larger of x and 0; derivative 0 at 0.")


def _sigmoid(x: Any) -> Any:
    small = exp(-abs(x))  # never overflows
    return pick(x < 0, small, 1.0) / (1 + small)


sigmoid = unary("sigmoid", _sigmoid, lambda out, x: out * sigmoid(-x), REAL,  # out * (1 - out) is 0 beyond 37
                "1 / (1 + exp(-x)), without overflow.")
softplus = unary("softplus", lambda x: pick(x > 0, x, 0.0) + log1p(exp(-abs(x))), lambda out, x: sigmoid(x), REAL,
                 "log(1 + exp(x)), without overflow.")


def _gaussian(x: Any) -> Any:
    # exp(-x*x): the rounding of x*x, 1e-13 at x = 27, would be the relative error of the result. So x is split into a
    # head of 26 bits, whose square is exact, and a tail (T. J. Dekker, Numerische Mathematik 18, 1971).
    shifted = 134217729.0 * x  # 2**27 + 1
    head = shifted - (shifted - x)
    return pick(abs(x) > 28, 0.0, exp(-head * head) * exp((head - x) * (head + x)))


erf = unary("erf", libm.erf, lambda out, x: TWO_OVER_SQRT_PI * _gaussian(x), REAL, "The error function.")
erfc = unary("erfc", libm.erfc, lambda out, x: -TWO_OVER_SQRT_PI * _gaussian(x), REAL, "1 - erf(x), exact where erf is near 1.")

# ---- sums of any number of terms -------------------------------------------------------------------------------
# The value is the sum of `forward` over the operands, from left to right; a partial is that of one term.

sum = Operation("sum", lambda x: x, (1.0,), (REAL,), "The sum of any number of numbers and Values.",  # noqa: A001 - as pow
                variadic=True)
dot = Operation("dot", lambda w, x: w * x, (lambda out, w, x: x, lambda out, w, x: w), (REAL, REAL),
                "bias + the sum of weight * input: a neuron as one node.", variadic=True)
# fmt: on

TABLE = tuple(ROWS)

# Only `compile` records this one: elsewhere take(items, index) is items[index], with nothing to record.
take = Operation("take", lambda x: x, (1.0,), (REAL,), "One of any number of items, by its index.", variadic=True)


# ---- the table applied to floats: what the compiled kernels do, when there are none ------------------------------


def forward1(code: int, x: float) -> float:
    """The value of unary row ``code`` at ``x``."""
    return evaluate(ROWS[code].forward, x)


def forward2(code: int, x: float, y: float) -> float:
    """The value of binary row ``code`` at ``x`` and ``y``."""
    return evaluate(ROWS[code].forward, x, y)


def partial1(code: int, out: float, x: float) -> float:
    """The derivative of unary row ``code``."""
    rule = ROWS[code].partials[0]
    return evaluate(rule, out, x) if callable(rule) else rule


def partial2x(code: int, out: float, x: float, y: float) -> float:
    """The partial derivative of binary row ``code`` by its first operand."""
    rule = ROWS[code].partials[0]
    return evaluate(rule, out, x, y) if callable(rule) else rule


def partial2y(code: int, out: float, x: float, y: float) -> float:
    """The partial derivative of binary row ``code`` by its second operand."""
    rule = ROWS[code].partials[1]
    return evaluate(rule, out, x, y) if callable(rule) else rule
