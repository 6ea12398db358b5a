"""A session of a teacher in a notebook: one kernel runs all cells, and their displays are compared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import autograd

CELLS: list[tuple[str, dict[str, str]]] = [
    ("""from autograd import *
from autograd import Value, compile
x = Value(3.0, label="x")
y = x * x + 2 * x
y.label = "y"
y""",
     {"text/plain": r"Value(15.0, grad=0.0, op='+', label='y')",
      "text/html": r"<details><summary><code>Value(15.0, grad=0.0, op=&#x27;+&#x27;, label=&#x27;y&#x27;)</code></summary>"
                   r"$\displaystyle y = x \cdot x + 2 \cdot x$ with x = 3</details>",
      "text/latex": "$y = 15$"}),
    ("x", {"text/plain": "Value(3.0, label='x')", "text/html": "<code>Value(3.0, label=&#x27;x&#x27;)</code>"}),
    ("y.explain(x)",
     {"text/plain": "dy/dx = 8.0, the sum over 3 paths:...where\n  y = v2 + v3 = 15.0...x = 3.0",
      "text/latex": r"$\displaystyle \begin{array}{l}...= 1 \cdot 3 = 3...\text{where}...y &= v_{2} + v_{3} = 15...x &= 3..."}),
    ("(x * 0.1).explain(x)", {"text/latex": r"...\frac{\partial v_{2}}{\partial x} && = 0.1...v_{2} &= x \cdot 0.1 = 0.3..."}),
    ("((x - 5).relu() + x).explain(x - 5)", {"text/plain": "dv4/dinput = 0.0: v4 does not depend on input"}),
    ("y.draw()", {"image/svg+xml": "...<svg..."}),
    ("x + [1]", {"ename": "TypeError", "evalue": "...apply it to each element: [v + x for x in xs]"}),
    ("y.shape", {"evalue": "a Value has no attribute 'shape'; a Value is one number, not an array; x.data is its number"}),
    ("gradcheck(lambda x: x**3, 2.0, gradient=lambda x: x**2)",
     {"text/plain": "<gradcheck of <lambda>: 1 derivative, 1 WRONG; looks off by a factor of 0.333333 (x)...",
      "text/html": "<p><b>gradcheck of &lt;lambda&gt;: 1 derivative, 1 WRONG</b></p><table>...background:#fdd;color:#000..."}),
    ("gradcheck(lambda x: x**3, 2.0).passed", {"text/plain": "True"}),
    ("check_engine(Value, only=['sum', 'diamond'])",
     {"text/plain": "<check_engine of Value: 2 of 2 passed>",
      "text/html": "<p>check_engine of Value: 2 of 2 passed</p><table>...</table>"}),
    ("compile(lambda x: x.sin() + 1).program(2.0)",
     {"text/plain": "<Program: 2 instructions, 1 input, 0 parameters, ... bytes>",
      "text/html": "<pre>once:\n    t1 = sin(x0)\n    t2 = t1 + 1.0\nresult: t2</pre>"}),
    ("to_python(y, x)", {"text/plain": "def f(x):\n    y = x * x + 2.0 * x\n    return y"}),
    ("with no_grad:\n    pass", {"evalue": "no_grad must be called in a with statement; write `with autograd.no_grad():`"}),
    ("import warnings; warnings.simplefilter('default')\nfrom nn import accuracy\naccuracy([[0.9], [0.1]], [1, 0])",
     {"text": "...UserWarning: ...use threshold=0.5 for probabilities, threshold=0 for logits..."}),
    ("for _ in range(2):\n    z = accuracy([[0.9], [0.1]], [1, 0])", {"text": "...:2: UserWarning: ...use threshold=0.5 ..."}),
    ("[x, y]", {"text/plain": "[Value(3.0, label='x'), Value(15.0, grad=0.0, op='+', label='y')]"}),
    ("Value(2.0, label='<b>')", {"text/html": "<code>Value(2.0, label=&#x27;&lt;b&gt;&#x27;)</code>"}),
]  # fmt: skip


def displayed(outputs: list[Any]) -> dict[str, str]:
    """Return the displays of a cell: the forms of its result by MIME type, or the name and the text of its error."""
    shown: dict[str, str] = {}
    for output in outputs:
        shown |= output.get("data", {})
        shown |= {key: output[key] for key in ("ename", "evalue", "text") if key in output}
    return shown


def matches(expected: str, shown: str) -> bool:
    """Return whether a text is as expected, where three dots stand for any text."""
    return re.fullmatch(".*".join(re.escape(part) for part in expected.split("...")), shown, re.DOTALL) is not None


def test_every_cell_displays_what_the_session_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(Path(autograd.__file__).parent.parent))
    monkeypatch.setenv("AUTOGRAD_BACKEND", autograd.backend())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code, _ in CELLS])
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, allow_errors=True, timeout=300, kernel_name="python3", resources=resources).execute()
    differences = []
    for cell, (code, expected) in zip(notebook.cells, CELLS, strict=True):
        shown = displayed(cell.outputs)
        wrong = {kind: shown.get(kind, "") for kind, text in expected.items() if not matches(text, shown.get(kind, ""))}
        if wrong or ("evalue" in shown and "evalue" not in expected):
            differences.append(f"{code}\n  expected: {expected}\n  shown: {wrong or shown}")
    assert "\n".join(differences) == ""
