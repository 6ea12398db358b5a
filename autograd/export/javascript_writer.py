"""The writer of JavaScript: rows of the table as functions that a web page or Node can call.

The code comes from the same formulas as the compiled kernels, so no derivative is written a second time. JavaScript has the
arithmetic of IEEE-754 and most functions of the C library. ``C_FUNCTIONS`` defines the others.
"""

from __future__ import annotations

import json
import math

from autograd import ops
from autograd.export.expressions import IF, LIBM, NEGATIVE, ROW, VARIABLE, Expr, merge_equal, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.export.expressions import Term

    Text = tuple[str, int]  # JavaScript, and the precedence of its outermost operator

PRECEDENCE = {
    IF: 1, "or": 2, "and": 3, "==": 4, "!=": 4, "<": 5, "<=": 5, ">": 5, ">=": 5, "+": 6, "-": 6, "*": 7, "/": 7, NEGATIVE: 8,
}  # fmt: skip
SIGNS = {"or": "||", "and": "&&", "==": "===", "!=": "!=="}  # all other operators have the same sign in both languages
ATOM = 9

# Functions of the C library that Math has with the same name and the same results.
MATH = {
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos", "cosh", "exp", "expm1", "floor",
    "hypot", "log", "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
}  # fmt: skip

# Functions of the C library that Math does not have, or whose results differ. A row whose function is not here and not in MATH
# cannot be written. The comments cite the source of each method.
C_FUNCTIONS = {
    "fabs": "const c_fabs = Math.abs;",
    "fmod": "const c_fmod = (x, y) => x % y;",
    "exp2": "const c_exp2 = (x) => 2 ** x;",
    # Adding 2**52 rounds to a whole number, halves to the even one, as C does by default.
    "rint": "const c_rint = (x) => Math.abs(x) < 2 ** 52 ? Math.sign(x) * (Math.abs(x) + 2 ** 52 - 2 ** 52) : x;",
    "copysign": "const c_copysign = (x, y) => (x < 0 || Object.is(x, -0)) === (y < 0 || Object.is(y, -0)) ? x : -x;",
    # C returns 1 for 1**nan and (-1)**inf, JavaScript nan.
    "pow": "const c_pow = (x, y) => x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;",
    # M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 7.1.6: a series of positive terms.
    "erf": """\
function c_erf(x) {
  if (!(Math.abs(x) < 2)) return x > 0 ? 1 - c_erfc(x) : x < 0 ? c_erfc(-x) - 1 : x;
  let sum = x, term = x;
  for (let n = 1; sum + term !== sum; n++) sum += term *= (2 * x * x) / (2 * n + 1);
  return x === 0 ? x : erf_dx(0, x) * sum;
}""",
    # The same book, 7.1.14: a continued fraction, evaluated from its end.
    "erfc": """\
function c_erfc(x) {
  if (!(x >= 2)) return 1 - c_erf(x);
  let tail = 0;
  for (let n = 100; n > 0; n--) tail = n / 2 / (x + tail);
  return erf_dx(0, x) / (2 * (x + tail));
}""",
}
NEEDS = {"erf": ("erfc",), "erfc": ("erf",)}  # functions of the C library that a definition above calls
NEEDED_ROWS = {"erf": "erf", "erfc": "erf"}  # rows whose partials it calls


def javascript_rows(names: Iterable[str] | None = None) -> str:
    """Return JavaScript code for rows of the table: the value and the partial derivatives of each operation.

    The code is one expression, an object with one entry per row. ``rows.mul.value(x, y)`` is the value and
    ``rows.mul.partials[0](out, x, y)`` the partial derivative with respect to the first operand. For ``sum`` and ``dot``,
    the functions compute one term. ``blocks`` is true if a partial derivative of 0 blocks the gradient, even an infinite
    one. Results agree with Python to about 1e-15, apart from the error function (1e-13).

    Args:
        names: Names of the rows, such as ``["tanh", "mul"]``, or their symbols, such as ``"*"``, the ``op`` of a product. The
            object has the same keys. By default, the names of all rows that can be written.

    Raises:
        TypeError: If ``names`` is a string.
        ValueError: If a name is not the name or symbol of a row, or if the row calls a function of the C library that neither
            ``Math`` nor this module has.

    Example:
        >>> print(javascript_rows(["mul"]))
        (() => {
          const mul = (x, y) => x * y;
          const mul_dx = (out, x, y) => y;
          const mul_dy = (out, x, y) => x;
          return {
            "mul": {value: mul, partials: [mul_dx, mul_dy]},
          };
        })()
    """
    if isinstance(names, str):
        raise TypeError(f"names must be a list of names, not str; pass [{names!r:.40}]")
    rows = {key: row for row in ops.ROWS if row.function is None for key in (row.symbol, row.name)}
    wanted = [row.name for row in rows.values() if _is_writable(row)] if names is None else names
    writer = _Writer()
    lines = []
    for key in dict.fromkeys(wanted):
        if key not in rows:
            raise ValueError(
                f"names must be names of rows of the table, not {key!r:.40}; a custom operation has no formula to be written"
            )
        row = rows[key]
        writer.add_row(row)
        blocks = ", blocks: true" if row.blocks else ""
        lines.append(f"  {json.dumps(key)}: {{value: {row.name}, partials: [{', '.join(_partials(row))}]{blocks}}},")
    lines = [*writer.definitions.values(), "return {", *lines]
    body = "\n".join([*lines, "};"]).replace("\n", "\n  ")
    return f"(() => {{\n  {body}\n}})()"


class _Writer:
    """Collects the definitions of rows and of everything that they call.

    Attributes:
        definitions: The code of each function, by name.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, str] = {}

    def add_row(self, row: ops.Operation) -> None:
        """Define the value and the partials of a row."""
        if row.name in self.definitions:
            return
        names = ["x", "y"][: len(row.partials)]
        operands = [variable(name) for name in names]
        self.definitions[row.name] = ""  # a rule may call its own row
        self._define(row.name, names, row.forward(*operands))
        for index, name in enumerate(_partials(row)):
            self._define(name, ["out", *names], row.partial(index, variable("out"), *operands))

    def _define(self, name: str, arguments: list[str], result: Term) -> None:
        order, indices, uses = merge_equal([result])
        texts: list[Text] = []
        statements: list[str] = []

        def written(term: Term) -> Text:
            return texts[indices[id(term)]] if isinstance(term, Expr) else _number(float(term))

        for i, expression in enumerate(order):
            text, precedence = self._operation(expression, [written(x) for x in expression.operands])
            if expression.kind != VARIABLE and uses[i] > 1:
                statements.append(f"const t{len(statements) + 1} = {text};")
                text, precedence = f"t{len(statements)}", ATOM
            texts.append((text, precedence))
        value = written(result)[0]
        body = f"{{ {' '.join(statements)} return {value}; }}" if statements else value
        self.definitions[name] = f"const {name} = ({', '.join(arguments)}) => {body};"

    def _operation(self, expression: Expr, operands: list[Text]) -> Text:
        kind, payload = expression.kind, expression.payload
        if kind == VARIABLE:
            return payload, ATOM
        if kind == IF:
            condition, x, y = operands
            return f"{_grouped(condition, 2)} ? {_grouped(x, 2)} : {y[0]}", PRECEDENCE[IF]
        if kind == NEGATIVE:
            return f"-{_grouped(operands[0], ATOM)}", PRECEDENCE[NEGATIVE]
        if kind in PRECEDENCE:
            left, right = operands
            precedence = PRECEDENCE[kind]
            return f"{_grouped(left, precedence)} {SIGNS.get(kind, kind)} {_grouped(right, precedence + 1)}", precedence
        if kind == ROW:
            self.add_row(payload)
            function = payload.name
        elif kind == LIBM:
            function = self._c_function(payload.c_name)
        else:
            raise ValueError(f"an expression of kind {kind!r} cannot be written in JavaScript")
        return f"{function}({', '.join(text for text, _ in operands)})", ATOM

    def _c_function(self, name: str) -> str:
        if name in MATH:
            return f"Math.{name}"
        if name not in C_FUNCTIONS:
            raise ValueError(f"a row calls {name}() of the C library, which JavaScript does not have; define it in C_FUNCTIONS")
        if f"c_{name}" not in self.definitions:
            self.definitions[f"c_{name}"] = C_FUNCTIONS[name]
            for other in NEEDS.get(name, ()):
                self._c_function(other)
            if name in NEEDED_ROWS:
                self.add_row(next(row for row in ops.ROWS if row.name == NEEDED_ROWS[name]))
        return f"c_{name}"


def _partials(row: ops.Operation) -> list[str]:
    return [f"{row.name}_d{letter}" for letter in "xy"[: len(row.partials)]]


def _is_writable(row: ops.Operation) -> bool:
    try:
        _Writer().add_row(row)
    except ValueError:
        return False
    return True


def _number(number: float) -> Text:
    if math.isnan(number):
        return "NaN", ATOM
    text = "Infinity" if math.isinf(number) else repr(abs(number)).removesuffix(".0")
    return (f"-{text}", PRECEDENCE[NEGATIVE]) if math.copysign(1.0, number) < 0 else (text, ATOM)


def _grouped(operand: Text, minimum: int) -> str:
    """Return the operand, in parentheses if its precedence is lower than ``minimum``."""
    text, precedence = operand
    return text if precedence >= minimum else f"({text})"
