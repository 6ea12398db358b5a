"""``to_latex``: the formula of a graph in LaTeX."""

from __future__ import annotations

from autograd import ops
from autograd.base.typesetting import tex_name, tex_number
from autograd.export.expressions import NEGATIVE, VARIABLE, fold
from autograd.export.formulas import formula
from autograd.shared import suggesting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograd.export.expressions import Expr
    from autograd.value import Value

    Text = tuple[str, int]  # LaTeX, and the precedence of its outermost operator

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4  # precedences, from low to high

# The notation of operations that are not written as a name with operands in parentheses. {0} and {1} are the operands. The
# notation delimits the operands, so they need no parentheses, except those in `GROUPED`.
NOTATION = {
    "sqrt": r"\sqrt{{{0}}}", "cbrt": r"\sqrt[3]{{{0}}}", "exp": r"e^{{{0}}}", "exp2": r"2^{{{0}}}", "abs": r"\left|{0}\right|",
    "expm1": r"\left(e^{{{0}}} - 1\right)", "floor": r"\left\lfloor {0}\right\rfloor", "ceil": r"\left\lceil {0}\right\rceil",
    "floor_div": r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor",
    "log2": r"\log_2\left({0}\right)", "log10": r"\log_{{10}}\left({0}\right)", "log": r"\ln\left({0}\right)",
    "log1p": r"\ln\left(1 + {0}\right)", "maximum": r"\max\left({0}, {1}\right)", "minimum": r"\min\left({0}, {1}\right)",
    "clamp_min": r"\max\left({0}, {1}\right)", "clamp_max": r"\min\left({0}, {1}\right)",
    "mod": r"\left({0} \bmod {1}\right)", "sigmoid": r"\sigma\left({0}\right)", "relu": r"\max\left(0, {0}\right)",
    "lgamma": r"\ln\left|\Gamma\left({0}\right)\right|", "digamma": r"\psi\left({0}\right)",
    "polygamma": r"\psi^{{\left({0}\right)}}\left({1}\right)", "beta": r"B\left({0}, {1}\right)",
    "betaln": r"\ln B\left({0}, {1}\right)", "erfinv": r"\operatorname{{erf}}^{{-1}}\left({0}\right)",
    "ndtr": r"\Phi\left({0}\right)", "ndtri": r"\Phi^{{-1}}\left({0}\right)", "log_ndtr": r"\ln\Phi\left({0}\right)",
    "i0": r"I_0\left({0}\right)", "i1": r"I_1\left({0}\right)", "j0": r"J_0\left({0}\right)", "j1": r"J_1\left({0}\right)",
    "rsqrt": r"\frac{{1}}{{\sqrt{{{0}}}}}", "log1mexp": r"\ln\left(1 - e^{{-{0}}}\right)",
    "log_sigmoid": r"\ln\sigma\left({0}\right)",
    "logaddexp": r"\ln\left(e^{{{0}}} + e^{{{1}}}\right)", "round": r"\left\lfloor {0}\right\rceil",
    "asin": r"\arcsin\left({0}\right)", "acos": r"\arccos\left({0}\right)", "atan": r"\arctan\left({0}\right)",
    # Hidden rows, in derivatives.
    "gaussian": r"e^{{{1} \left({0}\right)^2}}", "limited": r"\left({0}\right)",
    "over_radius": r"\frac{{{0}}}{{\sqrt{{\left({0}\right)^2 + \left({1}\right)^2}}}}",
    "inverse_radius": r"\frac{{1}}{{\sqrt{{\left({0}\right)^2 + \left({1}\right)^2}}}}",
    "sech_squared": r"\operatorname{{sech}}^2\left({0}\right)",
    "over_square": r"\frac{{{0}}}{{\left({0}\right)^2 + \left({1}\right)^2}}",
}  # fmt: skip
GROUPED = {"mod", "log1mexp", "log1p"}  # a sum or a negative number as an operand is written in parentheses
COMMANDS = {"sin", "cos", "tan", "sinh", "cosh", "tanh"}  # LaTeX has a command of the same name


@suggesting()
def to_latex(y: Value) -> str:
    r"""Return the formula that computes ``y`` from its leaves, in LaTeX.

    Leaves are named by their labels, and leaves without a label are called x1, x2, ... If several leaves have the same name, a
    number is appended, as in w, w_1. Branches that ``where`` did not
    select are omitted. Functions that record several operations, such as ``logsumexp``, are written as these operations.

    Args:
        y: The result.

    Returns:
        LaTeX for math mode.

    Raises:
        TypeError: If ``y`` is not a Value.
        autograd.GraphTooLargeError: If the graph has more than 1,000 nodes, or the formula has more than 10,000 parts. Shared
            Values are written out at each use.

    Example:
        >>> from autograd import Value, to_latex
        >>> x, w = Value(2.0, label="x"), Value(0.5, label="w1")
        >>> print(to_latex((w * x + 1).tanh() / x**2))
        \frac{\tanh\left(w_{1} \cdot x + 1\right)}{x^{2}}
    """
    return write_latex(y)


def write_latex(y: Value, names: Mapping[Value, str] | None = None) -> str:
    """Return ``to_latex(y)``, with other names of the leaves on request."""
    latex: str
    latex, _ = fold(formula("to_latex", y, names, tex_name), _operation, _number)
    return latex


def _number(number: float) -> Text:
    text = str(int(number)) if number.is_integer() and abs(number) < 1e15 else tex_number(number)
    return text, SUM if text.startswith("-") else PRODUCT if "cdot" in text else ATOM


def _operation(expression: Expr, operands: list[Text]) -> Text:
    if expression.kind == VARIABLE:
        return tex_name(expression.payload), ATOM
    if expression.kind == NEGATIVE:
        return f"-{_grouped(operands[0], PRODUCT)}", SUM
    if expression.kind == "/":
        return rf"\frac{{{operands[0][0]}}}{{{operands[1][0]}}}", ATOM
    if expression.kind in "+-*":
        return _infix(expression.kind, *operands)
    return _function(expression.payload, operands)


def _infix(sign: str, left: Text, right: Text) -> Text:
    if sign == "+" and left[0] == "0":  # every sum() starts with 0
        return right
    precedence = PRODUCT if sign == "*" else SUM
    needs_higher = sign != "+" or right[0].startswith("-")
    symbol = r"\cdot" if sign == "*" else sign
    return f"{_grouped(left, precedence)} {symbol} {_grouped(right, precedence + needs_higher)}", precedence


def _function(row: ops.Operation, operands: list[Text]) -> Text:
    if row is ops.pow:
        return f"{_grouped(operands[0], ATOM)}^{{{operands[1][0]}}}", POWER
    if row is ops.hypot:
        squares = [_square(operand) for operand in operands if operand[0] != "0"]  # norm() starts with 0
        return rf"\sqrt{{{' + '.join(squares) or '0'}}}", ATOM
    texts = [text for text, _ in operands]
    if row.name in NOTATION and row.function is None:
        texts = [_grouped(operand, PRODUCT) for operand in operands] if row.name in GROUPED else texts
        return NOTATION[row.name].format(*texts), POWER if row.name in ("exp", "exp2") else ATOM
    name = rf"\{row.name}" if row.name in COMMANDS else rf"\operatorname{{{row.name.replace('_', ' ')}}}"
    return rf"{name}\left({', '.join(texts)}\right)", ATOM


def _square(operand: Text) -> str:
    text, precedence = operand
    if text.startswith(r"\sqrt{") and precedence == ATOM:  # as in norm(), which nests hypot
        return text.removeprefix(r"\sqrt{").removesuffix("}")
    return f"{_grouped(operand, ATOM)}^{{2}}"


def _grouped(operand: Text, minimum: int) -> str:
    """Return the operand, in parentheses if its precedence is lower than ``minimum``."""
    text, precedence = operand
    return text if precedence >= minimum else rf"\left({text}\right)"
