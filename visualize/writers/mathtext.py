"""Numbers, names and formulas of moving pictures, as the content of an SVG text. See ``page/text.js``, which does the same."""

from __future__ import annotations

import math
import re
from html import escape

from visualize.boxes.style import text_width

SIGNS = {"*": "×", "/": "÷", "-": "−", "neg": "−", "**": "xʸ", "sum": "Σ", "dot": "Σ w·x"}


def short(x: float, digits: int = 4) -> str:
    """Return a number as a textbook prints it.

    Example:
        >>> [short(x) for x in (1.0, 0.12345, 1.23456e-7, float("inf"))]
        ['1', '0.1235', '1.23·10⁻⁷', '∞']
    """
    if not math.isfinite(x):
        return "nan" if math.isnan(x) else "∞" if x > 0 else "−∞"
    if x and not 1e-3 <= abs(x) < 1e5:
        mantissa, exponent = f"{x:.{digits - 2}e}".split("e")
        raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{float(mantissa):g}·10".replace("-", "−") + raised
    return f"{x:.{digits + (abs(x) >= 1e3)}g}".replace("-", "−")


def factor(x: float) -> str:
    """Return a number as a factor of a product, in parentheses if it needs them."""
    return f"({short(x)})" if x < 0 or "·" in short(x) else short(x)


def up(text: str) -> str:
    """Return text that is upright in an italic rule."""
    return f'<tspan class="up">{text}</tspan>'


def derivative(y: str, x: str) -> str:
    """Return the derivative of y with respect to x; both are names as SVG."""
    return f"∂{y}{up('/')}∂{x}"


def name_text(name: str) -> str:
    """Return a name as SVG, with the number after a letter as a subscript.

    Example:
        >>> name_text("<b>")
        '&lt;b&gt;'
    """
    match = re.fullmatch(r"([^\W\d_])_?(\d+|\[[\d,]+\])", name)
    if not match:
        return escape(name)
    return f'{match[1]}<tspan class="sub" dy="4">{match[2].strip("[]")}</tspan><tspan dy="-4">&#8203;</tspan>'


def cut(name: str, room: float) -> str:
    """Return a name in one line that fits into a width."""
    name = " ".join(name.split())
    if text_width(name, 15) <= room:
        return name
    while name and text_width(name + "…", 15) > room:
        name = name[:-1]
    return name + "…"


def formula(op: str, x: list[str]) -> str:
    """Return an operation with its operands, which are SVG.

    Example:
        >>> formula("tanh", ["x"])
        '<tspan class="up">tanh(</tspan>x<tspan class="up">)</tspan>'
    """
    if op == "**":
        return f"{x[0]}{up('^')}{x[1]}"
    if len(x) == 2 and not op.isidentifier():
        return f" {up('·' if op == '*' else escape(SIGNS.get(op, op)))} ".join(x)
    if op == "neg":
        return up("−") + x[0]
    return f"{up(escape(op) + '(')}{', '.join(x[:3])}{', …' * (len(x) > 3)}{up(')')}"
