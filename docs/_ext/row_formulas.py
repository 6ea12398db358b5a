"""The formulas of a row of the table in LaTeX: its value, its textbook derivatives, and the formulas that the table computes.

The textbook formulas come from SymPy, which differentiates the value. They are not a second statement of the derivatives: the
engine does not use them, and where SymPy's result is not a plain formula, such as at a kink, the formula of the table is shown.
"""

from __future__ import annotations

import math
import re
from typing import Any

import sympy

from autograd import ops
from autograd.base.typesetting import tex_name
from autograd.export.expressions import IF, LIBM, ROW, VARIABLE, Expr, fold, postorder, variable
from autograd.export.latex_writer import ATOM, SUM, _number, _operation
from autograd.export.sympy_writer import _functions

Text = tuple[str, int]
MAX_PARTS = 24  # a longer formula is not readable; the generated code is shown instead

# Definitions of functions that have no formula in terms of others.
DEFINITIONS = {
    "add": "x + y", "sub": "x - y", "mul": r"x \cdot y", "div": r"\frac{x}{y}", "neg": "-x", "pow": "x^y",
    "mod": r"x - y \left\lfloor \frac{x}{y} \right\rfloor", "sigmoid": r"\frac{1}{1 + e^{-x}}",
    "erf": r"\frac{2}{\sqrt{\pi}} \int_0^x e^{-t^2} \, dt", "erfc": r"\frac{2}{\sqrt{\pi}} \int_x^\infty e^{-t^2} \, dt",
    "erfcx": r"e^{x^2} \operatorname{erfc}(x)", "erfinv": r"\operatorname{erf}^{-1}(x)",
    "ndtr": r"\frac{1}{\sqrt{2 \pi}} \int_{-\infty}^x e^{-t^2/2} \, dt", "ndtri": r"\operatorname{ndtr}^{-1}(x)",
    "log_ndtr": r"\ln \operatorname{ndtr}(x)",
    "lgamma": r"\ln \left| \Gamma(x) \right|, \quad \Gamma(x) = \int_0^\infty t^{x-1} e^{-t} \, dt",
    "digamma": r"\psi(x) = \frac{d}{dx} \ln \Gamma(x)", "polygamma": r"\psi^{(n)}(x) = \frac{d^n}{dx^n} \psi(x)",
    "beta": r"\frac{\Gamma(x) \, \Gamma(y)}{\Gamma(x + y)}", "betaln": r"\ln \operatorname{beta}(x, y)",
    "i0": r"\frac{1}{\pi} \int_0^\pi e^{x \cos t} \, dt", "i1": r"\frac{1}{\pi} \int_0^\pi e^{x \cos t} \cos t \, dt",
    "j0": r"\frac{1}{\pi} \int_0^\pi \cos(x \sin t) \, dt", "j1": r"\frac{1}{\pi} \int_0^\pi \cos(t - x \sin t) \, dt",
    "sinc": r"\frac{\sin(\pi x)}{\pi x}", "atan2": r"\text{the angle of the point } (x, y)",
    "sinh": r"\frac{e^x - e^{-x}}{2}",
    "cosh": r"\frac{e^x + e^{-x}}{2}", "tanh": r"\frac{e^x - e^{-x}}{e^x + e^{-x}}", "sum": r"x_1 + x_2 + \dots + x_n",
    "dot": r"b + w_1 x_1 + w_2 x_2 + \dots + w_n x_n", "round": r"\left\lfloor x \right\rceil",
    "exp": "e^x", "cbrt": r"\sqrt[3]{x}",
    "asinh": r"\ln \left( x + \sqrt{x^2 + 1} \right)", "acosh": r"\ln \left( x + \sqrt{x^2 - 1} \right)",
    "atanh": r"\tfrac{1}{2} \ln \frac{1 + x}{1 - x}",
    "trunc": r"\operatorname{sign}(x) \left\lfloor \left| x \right| \right\rfloor",
    "fmod": r"x - y \, \operatorname{trunc}\!\left(\frac{x}{y}\right)", "log2": r"\log_2 x", "log10": r"\log_{10} x",
    "selu": r"\lambda \begin{cases} x & \text{if } x > 0 \\ \alpha \, (e^x - 1) & \text{otherwise} \end{cases}"
            r"\qquad \lambda \approx 1.0507, \; \alpha \approx 1.6733",
}  # fmt: skip
NOT_PLAIN = (
    sympy.Piecewise, sympy.Heaviside, sympy.DiracDelta, sympy.Derivative, sympy.Subs, sympy.sign, sympy.Max, sympy.Min,
    sympy.Mod,
)  # fmt: skip
CONDITIONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne", "and": r"\land", "or": r"\lor"}
CONSTANTS = {
    ops.LN_2: r"\ln 2", ops.PI: r"\pi", ops.SQRT_PI: r"\sqrt{\pi}", ops.SQRT_2: r"\sqrt{2}", ops.LOG2_E: r"\log_2 e",
    ops.LOG10_E: r"\log_{10} e", ops.TWO_OVER_SQRT_PI: r"\tfrac{2}{\sqrt{\pi}}", ops.DEGREE: r"\tfrac{\pi}{180}",
    ops.RADIAN: r"\tfrac{180}{\pi}", ops.ONE_OVER_SQRT_TWO_PI: r"\tfrac{1}{\sqrt{2\pi}}", ops.SELU_SCALE: r"\lambda",
    ops.SELU_ALPHA: r"\alpha",
}  # fmt: skip
LIBM_NAMES = {"fabs": "abs", "rint": "round"}  # the row with the notation of a function of the C library


def operands(row: ops.Operation) -> list[str]:
    """Return the letters of the operands of a row, as its rules name them."""
    for rule in row.partials:
        if callable(rule) and not row.variadic:
            names = rule.__code__.co_varnames[1 : rule.__code__.co_argcount]
            if len(names) == len(row.partials):
                return ["y" if name == "is_open" else name for name in names]
    return ["x", "y"][: len(row.partials)]


def value(row: ops.Operation) -> str:
    """Return the value of a row."""
    letters = operands(row)
    if row.name in DEFINITIONS:
        return DEFINITIONS[row.name]
    return latex(_functions(sympy)[row.name](*symbols(row, letters)))


def symbols(row: ops.Operation, letters: list[str]) -> list[sympy.Symbol]:
    """Return SymPy's symbols of the operands, which are positive if the domain is."""
    return [
        sympy.Symbol(letter, real=True, positive=low >= 0 or None) for letter, (low, _) in zip(letters, row.domain, strict=True)
    ]


def latex(expression: Any) -> str:
    """Return an expression of SymPy in LaTeX."""
    text = str(sympy.latex(expression, ln_notation=True, inv_trig_style="full"))
    text = text.replace(r"\operatorname{polygamma}{\left(0,", r"\psi{\left(")
    return re.sub(r"\\operatorname\{polygamma\}\{\\left\(([^,]*),", r"\\psi^{(\1)}{\\left(", text)


def textbook(row: ops.Operation, index: int) -> str | None:
    """Return SymPy's derivative of a row with respect to an operand, or None if it is not a plain formula."""
    functions = _functions(sympy) | {name: getattr(ops, name).forward for name in ("add", "sub", "mul", "div", "neg")}
    if row.name not in functions or row.blocks or row.variadic:
        return None
    letters = symbols(row, operands(row))
    formula = functions[row.name](*letters)
    if formula.has(*NOT_PLAIN, sympy.Abs) or formula.has(sympy.floor):
        return None
    derivative = formula.diff(letters[index])
    simpler = sympy.simplify(derivative)
    if simpler.count_ops() in {
        *range(round(derivative.count_ops() / 1.5)),
        derivative.count_ops(),
    }:  # much shorter, or as short
        derivative = simpler
    return None if derivative.has(*NOT_PLAIN) else latex(derivative)


def computed(row: ops.Operation, index: int) -> str | None:
    """Return the formula of the table for a derivative. None if it is too long."""
    names = [variable(name) for name in operands(row)]
    formula = row.partial(index, variable("out"), *names)
    if isinstance(formula, Expr) and len(postorder([formula])) > MAX_PARTS:
        return None
    text: str = fold(formula, _combined, _constant)[0]
    return text if text.count(r"\begin{cases}") <= 1 and not re.search(r"\d{8}", text) else None


def _constant(number: float) -> Text:
    for sign, known in (("", number), ("-", -number)):
        if known in CONSTANTS:
            return sign + CONSTANTS[known], SUM if sign else ATOM
    if 0 < number < 1 and (1 / number).is_integer() and len(repr(number)) > 6:
        return rf"\tfrac{{1}}{{{1 / number:g}}}", ATOM
    return _number(number)


def _combined(expression: Expr, parts: list[Text]) -> Text:
    kind = expression.kind
    texts = [text for text, _ in parts]
    if kind == VARIABLE:
        return ("f" if expression.payload == "out" else tex_name(expression.payload)), ATOM
    if kind in CONDITIONS:
        return f"{texts[0]} {CONDITIONS[kind]} {texts[1]}", 0
    if kind == IF:
        condition, yes, no = texts
        if no in ("f", r"\mathrm{nan}"):  # outside of the domain, which is stated
            return parts[1]
        rest = no.removeprefix(r"\begin{cases} ").removesuffix(r" \end{cases}")
        last = rest if rest != no else rf"{no} & \text{{otherwise}}"
        return rf"\begin{{cases}} {yes} & \text{{if }} {condition} \\ {last} \end{{cases}}", ATOM
    if kind == LIBM:
        name = LIBM_NAMES.get(expression.payload.c_name, expression.payload.c_name)
        return _operation(Expr(ROW, expression.operands, next(row for row in ops.ROWS if row.name == name)), parts)
    if kind == ROW and expression.payload is ops.hypot:
        return rf"\operatorname{{hypot}}\left({', '.join(texts)}\right)", ATOM
    return _operation(expression, parts)


def interval(bounds: tuple[float, float]) -> str:
    """Return an open interval in LaTeX."""
    if bounds == ops.REAL:
        return r"\mathbb{R}"
    low, high = (r"-\infty" if x == -math.inf else r"\infty" if x == math.inf else f"{x:g}" for x in bounds)
    return f"({low}, {high})"
