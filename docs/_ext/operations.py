"""The reference of the operations, generated from the table in ``autograd/ops.py``.

A line ``<!-- operations: tanh sinh -->`` in a page becomes the description of these rows, and ``<!-- operations table -->`` a
table of all rows. Formulas, derivatives, kinks and code are taken from the rows; none is written a second time.
"""

from __future__ import annotations

import html
import itertools
import math
import re
from pathlib import Path
from typing import Any

from row_formulas import computed, interval, operands, textbook, value
from sphinx.application import Sphinx

from autograd import javascript_rows, ops
from autograd.export.c_source import c_functions

HIDDEN = {"graft"}  # has no function of its own
SECOND = {"heaviside": 0.5, "gate": 1.0, "polygamma": 1.0}  # the operand that a plot holds fixed; otherwise 2
WIDE = {
    "j0": 12.0,
    "j1": 12.0,
    "degrees": 0.1,
    "radians": 180.0,
    "relu6": 8.0,
    "sinc": 5.0,
}  # half the width of a plot; otherwise 4
STEPS = {"floor": "at each whole number", "ceil": "at each whole number", "trunc": "at each whole number except 0"}
STEPS["round"] = "halfway between whole numbers"
HEIGHT = 5.0  # a plot shows values from -HEIGHT to HEIGHT
AT = (-6.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0)  # where a row may have a kink


def rows() -> dict[str, ops.Operation]:
    """Return the rows with a function of their own, by name."""
    return {row.name: row for row in ops.ROWS if row.function is None and row.name not in HIDDEN}


def numbers(row: ops.Operation, x: float) -> tuple[tuple[float, ...], int]:
    """Return operands of which one is ``x``, and its index."""
    if len(row.partials) == 1:
        return (x,), 0
    fixed = SECOND.get(row.name, 2.0)
    return ((fixed, x), 1) if row.name == "polygamma" else ((x, fixed), 0)


def at(row: ops.Operation, x: float) -> tuple[float, float]:
    """Return the value and the derivative of a row at ``x``."""
    place, index = numbers(row, x)
    out = row.forward(*place) if row.variadic or row.name == "take" else row(*place)
    return out, float(ops.evaluate(lambda out, *place: row.partial(index, out, *place), out, *place))


def kinks(row: ops.Operation) -> list[str]:
    """Return sentences about the points where the value or the slope of a row jumps. They are found with its own numbers."""
    if row.variadic or row.name == "take":
        return []
    found = []
    low, high = row.domain[numbers(row, 0.0)[1]]
    tie = SECOND.get(row.name, 2.0)
    for x in dict.fromkeys((*AT, tie) if len(row.partials) == 2 else AT):
        if not low < x < high or row.name in ("pow", "floor_div", "mod", "fmod", "atan2"):
            continue
        (left, before), (value, here), (right, after) = (at(row, x + step) for step in (-1e-9, 0.0, 1e-9))
        place = (
            "where both operands are equal" if x == tie and len(row.partials) == 2 and row.name != "heaviside" else f"at {x:g}"
        )
        if abs(left - right) > 0.01:
            found.append(
                f"The value jumps {place}, from {left:g} to {right:g}; there it is {value:g}, and the derivative is {here:g}."
            )
        elif abs(before - after) > 1e-6 * max(1.0, abs(before)) and math.isfinite(before):
            found.append(
                f"Kink {place}: the slope is {before:g} before and {after:g} after it, and the derivative there is {here:g}."
            )
    if row.name in STEPS:
        return [f"The value jumps {STEPS[row.name]}; the derivative is 0 everywhere."]
    if row.name in ("mod", "fmod", "floor_div"):
        return ["The value jumps where the quotient is a whole number. The derivative ignores these jumps."]
    return found


def description(row: ops.Operation) -> list[str]:
    """Return the description of a row in MyST Markdown."""
    letters = operands(row)
    arguments = ", ".join(letters)
    signature = {"sum": "terms, /, *others", "dot": "weights, inputs, bias=0.0", "take": "items, index"}.get(
        row.name, arguments
    )
    lines = [f"``````{{py:function}} autograd.{row.name}({signature})", "", row.__doc__ or "", ""]
    if row.symbol != row.name:
        written = f"-{letters[0]}" if row.name == "neg" else f"{letters[0]} {row.symbol} {letters[-1]}"
        lines += [f"Written as an operator: `{written}`.", ""]
    if names := [name for name in row.aliases if not name.startswith("_")]:
        lines += [f"Also called {', '.join(f'`{name}`' for name in names)}.", ""]
    if row.name == "take":
        return [*lines, "``````", ""]
    if not row.variadic:
        lines += ["```{raw} html", plot(row), "```", ""]
    lines += ["$$", f"{'f' if row.variadic else f'f({arguments})'} = {value(row)}", "$$", ""]
    if row.variadic:
        lines += ["The derivative with respect to each term is 1." if row.name == "sum" else
                  r"The derivative with respect to each $w_i$ is $x_i$, with respect to each $x_i$ it is $w_i$, and to $b$ it is 1.", ""]  # fmt: skip
    else:
        for index, letter in enumerate(letters):
            lines += derivative(row, index, letter, single=len(letters) == 1)
    domain = ", ".join(rf"${letter} \in {interval(bounds)}$" for letter, bounds in zip(letters, row.domain, strict=True))
    facts = [f"Domain: {domain}.", *kinks(row)]
    if row.blocks:
        facts.append("Where a derivative is 0, no gradient passes, not even an infinite one.")
    lines += [" ".join(facts), ""]
    return [*lines, *code(row), "``````", ""]


def derivative(row: ops.Operation, index: int, letter: str, single: bool) -> list[str]:
    """Return the derivative with respect to one operand: first as in textbooks, then as the table computes it."""
    left = "f'(x)" if single and letter == "x" else rf"\frac{{\partial f}}{{\partial {letter}}}"
    known, own = textbook(row, index), computed(row, index)
    if row.name == "polygamma" and letter == "n":
        return []
    first = known or own
    if first is None:
        return ["The derivative is computed by the code below.", ""]
    lines = ["$$", f"{left} = {first}", "$$", ""]
    if known and own is None:
        lines += ["Computed by the code below, which keeps all digits.", ""]
    elif known and own and plain(known) != plain(own):
        lines += ["Computed as", "", "$$", f"{left} = {own}", "$$", ""]
        if re.search(r"(?<![a-z])f(?![a-z('])", own):
            lines += [f"where $f$ stands for $f({', '.join(operands(row))})$.", ""]
    return lines


def plain(tex: str) -> str:
    """Return a formula without spaces, braces and signs of multiplication, to compare two formulas."""
    return re.sub(r"\\left|\\right|\\cdot|[\s{}]|\.0\b", "", tex.replace("tfrac", "frac"))


def code(row: ops.Operation) -> list[str]:
    """Return the generated C and JavaScript code, folded."""
    lines = ["`````{dropdown} Generated code", "````{tab-set}", "```{tab-item} C", "~~~c"]
    lines += [line for text in c_functions(row).values() for line in spread(text)]
    lines += ["~~~", "```"]
    try:
        script = javascript_rows([row.name])
    except ValueError:
        script = ""
    if script:
        lines += ["```{tab-item} JavaScript", "~~~javascript", *script.splitlines(), "~~~", "```"]
    return [*lines, "````", "`````", ""]


def spread(text: str) -> list[str]:
    """Return a C function in one line as several lines."""
    head, brace, body = text.partition(" { ")
    if not brace:
        return [text]
    return [f"{head} {{", *(f"    {part};" for part in body.removesuffix(" }").rstrip(";").split("; ")), "}"]


def plot(row: ops.Operation) -> str:
    """Return the graphs of a row and of its derivative, as SVG whose colors follow the theme of the page."""
    width, height, margin = 320.0, 200.0, 24.0
    low, high = row.domain[numbers(row, 0.0)[1]]
    half = WIDE.get(row.name, 4.0)
    low, high = max(low, -half), min(high, half)
    xs = [low + (high - low) * (i + 0.5) / 400 for i in range(400)]
    points = [at(row, x) for x in xs]
    shown = [y for pair in points for y in pair if abs(y) <= HEIGHT * (20 if row.name in ("degrees", "radians") else 1)]
    bottom, top = min([*shown, -0.1]), max([*shown, 0.1])
    bottom, top = bottom - 0.05 * (top - bottom), top + 0.05 * (top - bottom)

    def place(x: float, y: float) -> str:
        return f"{margin + (x - low) / (high - low) * (width - margin):.1f},{(top - y) / (top - bottom) * (height - 20):.1f}"

    def path(series: list[float]) -> str:
        parts: list[str] = []
        for (x, y), (_, next_y) in itertools.pairwise(zip(xs, series, strict=True)):
            if not bottom <= y <= top or abs(next_y - y) > 0.2 * (top - bottom):
                parts.append("")
            elif parts and parts[-1]:
                parts.append(f"L{place(x, y)}")
            else:
                parts.append(f"M{place(x, y)}")
        return "".join(parts)

    letters = operands(row)
    moving = letters[numbers(row, 0.0)[1]]
    names = ("f(x)", "f′(x)") if len(letters) == 1 else ("f", f"∂f/∂{moving}")
    fixed = "" if len(letters) == 1 else f", {letters[1 - numbers(row, 0.0)[1]]} = {SECOND.get(row.name, 2.0):g}"
    ticks = [x for x in (low, 0.0, high) if low <= x <= high]
    zero = place(max(low, min(0.0, high)), 0.0).split(",")
    label = html.escape(f"Plot of {row.name} and its derivative for {moving} from {low:g} to {high:g}{fixed}", quote=True)
    marks = "".join(
        f'<text x="{place(x, 0).split(",")[0]}" y="{height - 4:g}" text-anchor="middle">{x:g}</text>'
        for x in dict.fromkeys(ticks)
    )
    scale = "".join(
        f'<text x="{margin - 4:g}" y="{float(place(low, y).split(",")[1]) + 4:.1f}" text-anchor="end">{y:.3g}</text>'
        for y in (bottom * 0.95, 0.0, top * 0.95)
        if y == 0.0 or abs(y) > 0.15 * (top - bottom)
    )
    axes = f'<path class="axis" d="M{margin:g},{zero[1]}H{width:g}"/>'
    if low < 0 < high:
        axes += f'<path class="axis" d="M{zero[0]},0V{height - 20:g}"/>'
    return (
        f'<figure class="plot"><svg viewBox="-8 -4 {width + 24:g} {height + 6:g}" role="img" aria-label="{label}">{axes}{marks}{scale}'
        f'<path class="derivative" d="{path([d for _, d in points])}"/><path class="value" d="{path([v for v, _ in points])}"/></svg>'
        f'<figcaption><span class="value">{names[0]}</span> <span class="derivative">{names[1]}</span>{fixed}</figcaption></figure>'
    )


def table() -> list[str]:
    """Return a table of all rows."""
    lines = ["| operation | value | derivatives |", "|---|---|---|"]
    for name, row in rows().items():
        if name == "take":
            continue
        formulas = ["1"] if name == "sum" else ["x_i", "w_i"] if name == "dot" else [
            textbook(row, i) or computed(row, i) for i in range(len(row.partials)) if (name, i) != ("polygamma", 0)
        ]  # fmt: skip
        cells = ["see there" if f is None or len(f) > 130 else f"${f}$" for f in formulas]
        lines.append(
            f"| {{py:func}}`~autograd.{name}` | ${value(row)}$ | {'; '.join(cells)} |".replace(
                r"\left|", r"\left\lvert "
            ).replace(r"\right|", r"\right\rvert ")
        )
    return lines


def expand(app: Sphinx, name: str, source: list[str]) -> None:
    """Replace the marks in a page."""
    if "<!-- operations" not in source[0]:
        return
    app.env.note_dependency(ops.__file__)
    for file in ("operations.py", "row_formulas.py"):
        app.env.note_dependency(str(Path(__file__).with_name(file)))

    def described(match: re.Match[str]) -> str:
        return "\n".join(line for name in match[1].split() for line in description(rows()[name]))

    source[0] = re.sub(r"<!-- operations: ([\w\s]+?) -->", described, source[0])
    source[0] = source[0].replace("<!-- operations table -->", "\n".join(table()))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", expand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
