"""Expressions in the notations of mathematics: LaTeX, and SymPy."""

from __future__ import annotations

from autograd import ops
from autograd.base.real import refusal
from autograd.base.typesetting import tex_name, tex_number
from autograd.errors import GraphTooLargeError
from autograd.export.derivation import to_symbols
from autograd.export.expressions import NAME, NEGATIVE, Symbol, in_order
from autograd.topology import leaves, refuse_large
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.export.expressions import Term

    Text = tuple[str, int]  # LaTeX, and how closely its outermost operator binds

MOST_NODES = 1_000  # a formula of more is not for reading
MOST_PARTS = 10_000

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4  # how closely operators bind

# How an operation is written that is not a name with its operands in parentheses. {0} and {1} stand for the operands, which
# are complete expressions there.
IN_TEX = {
    "sqrt": r"\sqrt{{{0}}}", "cbrt": r"\sqrt[3]{{{0}}}", "exp": r"e^{{{0}}}", "exp2": r"2^{{{0}}}", "abs": r"\left|{0}\right|",
    "expm1": r"\left(e^{{{0}}} - 1\right)", "floor": r"\left\lfloor{0}\right\rfloor", "ceil": r"\left\lceil{0}\right\rceil",
    "floor_div": r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor", "hypot": r"\sqrt{{\left({0}\right)^2 + \left({1}\right)^2}}",
    "log2": r"\log_2\left({0}\right)", "log10": r"\log_{{10}}\left({0}\right)", "log": r"\ln\left({0}\right)",
    "log1p": r"\ln\left(1 + {0}\right)", "maximum": r"\max\left({0}, {1}\right)", "minimum": r"\min\left({0}, {1}\right)",
    "mod": r"\left({0} \bmod {1}\right)", "sigmoid": r"\sigma\left({0}\right)", "relu": r"\max\left(0, {0}\right)",
    "asin": r"\arcsin\left({0}\right)", "acos": r"\arccos\left({0}\right)", "atan": r"\arctan\left({0}\right)",
}  # fmt: skip
TEX_HAS = {"sin", "cos", "tan", "sinh", "cosh", "tanh"}  # commands of these names


def to_latex(y: Value) -> str:
    r"""The formula by which ``y`` was computed from its leaves, in LaTeX, by their labels.

    Leaves without a label are called x1, x2, ...; what ``where`` did not take is left out.

    Raises:
        TypeError: if ``y`` is not a Value.
        autograd.GraphTooLargeError: if it has more than 1,000 nodes, or the formula would have more than 10,000 parts, as
            that of a graph in which much is shared.

    >>> from autograd import Value, to_latex
    >>> x, w = Value(2.0, label="x"), Value(0.5, label="w1")
    >>> print(to_latex((w * x + 1).tanh() / x**2))
    \frac{\tanh\left(w_{1} \cdot x + 1\right)}{x^{2}}
    """
    latex: str
    latex, _ = _bottom_up(_symbol("to_latex", y), _in_tex, lambda name: (tex_name(name), ATOM), _tex_constant)
    return latex


def to_sympy(y: Value) -> Any:
    """The formula by which ``y`` was computed, as an expression of SymPy, with a real symbol for each leaf.

    They have the labels of the leaves; leaves without one are called x1, x2, ...; numbers stay floats.

    Raises:
        ImportError: if SymPy is not installed; the message says how to get it.
        TypeError: if ``y`` is not a Value.
        ValueError: if an operation of your own is in it.
        autograd.GraphTooLargeError: as for ``to_latex``, and for what is nested too deeply for SymPy, some hundred times.

    >>> from autograd import Value, to_sympy
    >>> x = Value(2.0, label="x")
    >>> to_sympy(x.sin() * x).diff("x")  # doctest: +SKIP
    x*cos(x) + sin(x)
    """
    try:
        import sympy
    except ImportError:
        raise ImportError("to_sympy needs SymPy: pip install 'scalar-autograd[symbolic]'") from None
    symbol = _symbol("to_sympy", y)
    functions = _sympy_functions(sympy)

    def name(label: str) -> Any:
        return sympy.Symbol(label, real=True)

    def combine(symbol: Symbol, operands: list[Any]) -> Any:
        return _in_sympy(symbol, operands, functions)

    def constant(number: float) -> Any:
        return sympy.sympify(int(number) if number.is_integer() else number)

    try:
        return _bottom_up(symbol, combine, name, constant)
    except RecursionError:
        raise GraphTooLargeError(
            "the formula is nested too deeply for SymPy, which works by recursion; write down its parts, or use to_python()"
        ) from None


def _symbol(function: str, y: Any) -> Term:
    """The symbol of y, in which names stand for the leaves."""
    if not isinstance(y, Value):
        raise TypeError(refusal(y, f"{function}() writes down how a Value was computed"))
    refuse_large(y, MOST_NODES, f"{function}()", "write down its parts")
    below = leaves(y)
    taken = {leaf.label for leaf in below}
    free = (f"x{i}" for i in range(1, 2 * len(below) + 1) if f"x{i}" not in taken)
    names = {id(leaf): Symbol(NAME, (), leaf.label or next(free)) for leaf in below}
    symbol = to_symbols(y, dict(names), lambda leaf: names[id(leaf)])[id(y)]
    parts = _bottom_up(symbol, lambda _, operands: 1 + sum(operands), lambda _: 1, lambda _: 1)
    if parts > MOST_PARTS:
        raise GraphTooLargeError(
            f"the formula would have {_about(parts)} parts, as shared Values are written out each time, and {function}() "
            f"writes at most {MOST_PARTS:,}; to_python() gives them names"
        )
    return symbol


def _about(number: int) -> str:
    return f"{number:,}" if number < 10**12 else f"about 2**{number.bit_length() - 1}"


def _bottom_up(root: Term, combine: Callable[..., Any], name: Callable[[str], Any], constant: Callable[[float], Any]) -> Any:
    """The translation of a symbol, from those of its operands."""
    found: dict[int, Any] = {}

    def translated(term: Term) -> Any:
        return found[id(term)] if isinstance(term, Symbol) else constant(float(term))

    for symbol in in_order([root]):
        if symbol.kind == NAME:
            found[id(symbol)] = name(symbol.what)
        else:
            found[id(symbol)] = combine(symbol, [translated(x) for x in symbol.operands])
    return translated(root)


# ---- LaTeX ----


def _tex_constant(number: float) -> Text:
    text = str(int(number)) if number.is_integer() and abs(number) < 1e15 else tex_number(number)
    return text, SUM if text.startswith("-") else PRODUCT if "cdot" in text else ATOM


def _in_tex(symbol: Symbol, operands: list[Text]) -> Text:
    if symbol.kind == NEGATIVE:
        return f"-{_grouped(operands[0], PRODUCT)}", SUM
    if symbol.kind == "/":
        return rf"\frac{{{operands[0][0]}}}{{{operands[1][0]}}}", ATOM
    if symbol.kind in "+-*":
        left, right = operands
        if symbol.kind == "+" and left[0] == "0":  # with which every sum() begins
            return right
        binds = PRODUCT if symbol.kind == "*" else SUM
        sign = r"\cdot" if symbol.kind == "*" else symbol.kind
        return (
            f"{_grouped(left, binds)} {sign} {_grouped(right, binds + (symbol.kind != '+' or right[0].startswith('-')))}",
            binds,
        )
    row = symbol.what
    if row is ops.pow:
        return f"{_grouped(operands[0], ATOM)}^{{{operands[1][0]}}}", POWER
    texts = [text for text, _ in operands]
    if row.name in IN_TEX and row.function is None:
        return IN_TEX[row.name].format(*texts), POWER if row.name in ("exp", "exp2") else ATOM
    function = rf"\{row.name}" if row.name in TEX_HAS else rf"\operatorname{{{row.name.replace('_', ' ')}}}"
    return rf"{function}\left({', '.join(texts)}\right)", ATOM


def _grouped(operand: Text, least: int) -> str:
    text, binds = operand
    return text if binds >= least else rf"\left({text}\right)"


# ---- SymPy ----


def _sympy_functions(sympy: Any) -> dict[str, Callable[..., Any]]:
    """By name of row."""
    same = [
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "erf", "erfc", "exp", "floor", "log", "sign",
        "sin", "sinh", "sqrt", "tan", "tanh",
    ]  # fmt: skip
    others = {"abs": "Abs", "ceil": "ceiling", "maximum": "Max", "minimum": "Min", "mod": "Mod", "pow": "Pow"}
    names = others | dict(zip(same, same, strict=True))
    return {name: getattr(sympy, other) for name, other in names.items()} | {
        "cbrt": lambda x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3),
        "equal": lambda x, y: sympy.Piecewise((1, sympy.Eq(x, y)), (0, True)),
        "exp2": lambda x: 2**x,
        "expm1": lambda x: sympy.exp(x) - 1,
        "floor_div": lambda x, y: sympy.floor(x / y),
        "gate": lambda x, is_open: sympy.Piecewise((x, sympy.Ne(is_open, 0)), (0, True)),
        "hypot": lambda x, y: sympy.sqrt(x**2 + y**2),
        "less": lambda x, y: sympy.Piecewise((1, x < y), (0, True)),
        "less_equal": lambda x, y: sympy.Piecewise((1, x <= y), (0, True)),
        "log10": lambda x: sympy.log(x) / sympy.log(10),
        "log1p": lambda x: sympy.log(1 + x),
        "log2": lambda x: sympy.log(x) / sympy.log(2),
        "relu": lambda x: sympy.Max(x, 0),
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    }  # fmt: skip


def _in_sympy(symbol: Symbol, operands: list[Any], functions: dict[str, Callable[..., Any]]) -> Any:
    match symbol.kind:
        case "+":
            return operands[0] + operands[1]
        case "-":
            return operands[0] - operands[1]
        case "*":
            return operands[0] * operands[1]
        case "/":
            return operands[0] / operands[1]
        case "negative":
            return -operands[0]
    row = symbol.what
    if row.function is not None:
        raise ValueError(f"SymPy does not know {row.name}, an operation of your own; write it with those of autograd")
    return functions[row.name](*operands)
