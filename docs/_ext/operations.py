"""The reference of the operations, generated from the table in ``autograd/ops.py``.

A line ``<!-- operations: tanh sinh -->`` in a page becomes the description of these rows, and ``<!-- operations table -->`` a
table of all rows. Formulas, derivatives, kinks and code are taken from the rows; none is written a second time.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from row_formulas import computed, interval, operands, textbook, value
from row_plots import kinks, plot
from sphinx.application import Sphinx

from autograd import javascript_rows, ops
from autograd.export.c_source import c_functions

TERMS = {"sum": {"x": "x_i"}, "dot": {"x": "w_i", "y": "x_i"}}  # the operands of one term


def rows() -> dict[str, ops.Operation]:
    """Return the rows that are public functions, by name."""
    return {row.name: row for row in (*ops.TABLE, ops.take)}


def description(row: ops.Operation) -> list[str]:
    """Return the description of a row in MyST Markdown."""
    letters = operands(row)
    arguments = ", ".join(letters)
    signature = {"sum": "values", "dot": "weights, inputs, bias=0.0", "take": "items, index"}.get(row.name, arguments)
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
        formulas = zip(TERMS[row.name].values(), of_terms(row), strict=True)
        lines += [
            ", ".join(rf"$\frac{{\partial f}}{{\partial {letter}}} = {formula}$" for letter, formula in formulas) + ".",
            "",
        ]
    else:
        for index, letter in enumerate(letters):
            lines += derivative(row, index, letter, single=len(letters) == 1)
    domain = ", ".join(rf"${letter} \in {interval(bounds)}$" for letter, bounds in zip(letters, row.domain, strict=True))
    facts = [f"Domain: {domain}.", *kinks(row)]
    if row.blocks:
        facts.append("Where a derivative is 0, no gradient passes, not even an infinite one.")
    lines += [" ".join(facts), ""]
    return [*lines, *code(row), "``````", ""]


def of_terms(row: ops.Operation) -> list[str]:
    """Return the derivatives of a sum with respect to the operands of one term."""
    names = TERMS[row.name]
    return [names.get(formula, formula) for i in range(len(names)) if (formula := computed(row, i))]


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
        uses_value = re.search(r"(?<![a-z])f(?![a-z('])", own)
        lines += [f"Computed as ${own}$" + (f", where $f$ is $f({', '.join(operands(row))})$." * bool(uses_value) or "."), ""]
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


def table() -> list[str]:
    """Return a table of all rows."""
    lines = ["| operation | value | derivatives |", "|---|---|---|"]
    for name, row in rows().items():
        if name == "take":
            continue
        derivatives = range(name == "polygamma", len(row.partials))  # its order has no derivative
        formulas = [(textbook(row, i) or computed(row, i) or "") for i in derivatives]
        if row.variadic:
            formulas = of_terms(row)
        cells = "; ".join(f"${formula}$" if 0 < len(formula) < 130 else "see there" for formula in formulas)
        line = f"| {{py:func}}`~autograd.{name}` | ${value(row)}$ | {cells} |"
        lines.append(line.replace(r"\left|", r"\left\lvert ").replace(r"\right|", r"\right\rvert "))
    return lines


def expand(app: Sphinx, name: str, source: list[str]) -> None:
    """Replace the marks in a page."""
    if "<!-- operations" not in source[0]:
        return
    app.env.note_dependency(ops.__file__)
    for file in ("operations.py", "row_formulas.py", "row_plots.py"):
        app.env.note_dependency(str(Path(__file__).with_name(file)))

    def described(match: re.Match[str]) -> str:
        return "\n".join(line for name in match[1].split() for line in description(rows()[name]))

    source[0] = re.sub(r"<!-- operations: ([\w\s]+?) -->", described, source[0])
    source[0] = source[0].replace("<!-- operations table -->", "\n".join(table()))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", expand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
