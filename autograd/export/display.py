"""How a Value shows itself: ``y.draw()``, ``y.explain(x)``, and in notebooks its number, and its formula on request."""

from __future__ import annotations

from autograd.base.modes import is_tracing
from autograd.shared import suggesting
from autograd.value import Value, add_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from autograd.inspection.explanation import Explanation

# Imports are in the functions, because `import autograd` loads this file.
# The package that draws. It imports autograd, so autograd imports it only by its name, and only when it is asked to draw.
PICTURES = "visualize"
MAX_NODES = 200  # a longer formula is hard to read, and slow to typeset
MAX_LEAVES = 8


def draw(self: Value, *values: Any, **options: Any) -> Any:
    """Return a picture of the graph; the same as ``visualize.draw(y, *values, **options)``.

    Raises:
        ImportError: If another file hides the package ``visualize``.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> y.backward()
    >>> print(y.draw().to_text())
    v2 = x * x = 9, grad 1
    |- x = 3, grad 6
    `- x (see above)
    gradients of v2
    """
    from importlib import import_module

    from autograd.base.installation import hidden, hiding_file

    file = hiding_file(PICTURES)
    if file:
        raise ImportError(hidden(PICTURES, file))
    return import_module(PICTURES).draw(self, *values, **options)


@suggesting("y.explain(x)")
def explain(self: Value, x: Value, limit: int = 10) -> Explanation:
    """Write out the chain rule for the derivative of this Value with respect to ``x``; the same as ``autograd.explain(y, x)``.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> print((x * 2).explain(x))
    dv2/dx = 2.0, along one path:
      dv2/dx = 2.0
    where
      v2 = x * 2.0 = 6.0
      x = 3.0
    """
    from autograd.inspection.explanation import explain

    return explain(self, x, limit)


def _repr_html_(self: Value) -> str:
    """Return the repr for notebooks. The formula of a computed Value appears on a click."""
    from html import escape

    code = f"<code>{escape(repr(self))}</code>"
    if is_tracing() or self.op in ("", "const"):
        return code
    return f"<details><summary>{code}</summary>{escape(_formula(self))}</details>"


def _repr_latex_(self: Value) -> str:
    """Return the number, and the label if there is one, as LaTeX."""
    from autograd.base.typesetting import tex_number

    return f"${_tex_label(self)}{tex_number(self.data, 6)}$"


def _tex_label(value: Value) -> str:
    from autograd.base.typesetting import tex_name

    return f"{tex_name(value.label)} = " if value.label else ""


def _formula(y: Value) -> str:
    """Return the formula in LaTeX, followed by the numbers of the leaves."""
    from autograd.base.typesetting import printable
    from autograd.errors import GraphTooLargeError
    from autograd.export.latex_writer import write_latex
    from autograd.inspection.contents import leaves
    from autograd.inspection.names import node_names

    names = node_names(y)
    try:
        latex = write_latex(y, names) if len(names) <= MAX_NODES else ""
    except GraphTooLargeError:
        latex = ""
    if not latex:
        return "The formula is too long for a notebook. y.draw() shows the graph, and autograd.to_python(y) returns a program."
    inputs = leaves(y)
    named = [f"{printable(names[leaf])} = {leaf.data:.6g}" for leaf in inputs[:MAX_LEAVES]]
    return rf"$\displaystyle {_tex_label(y)}{latex}$ with {', '.join(named)}"


for _method in (draw, explain, _repr_html_, _repr_latex_):
    add_method(_method.__name__, _method)
