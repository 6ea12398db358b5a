"""The notebooks in ``examples`` run from top to bottom in Jupyter's kernel, and their outputs are what the text says."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "examples").glob("*.ipynb"))}
pytestmark = pytest.mark.skipif(not (find_spec("nbclient") and find_spec("ipykernel")), reason="needs nbclient and ipykernel")
# In a process of its own: once ipykernel is imported, `fit` would show progress as in a notebook, also in other tests.
RUN = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


@cache
def executed(name: str, folder: Path) -> Any:
    """Run a notebook in a folder, and return it with its outputs."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-W", "ignore", "-c", RUN, str(NOTEBOOKS[name]), f"{name}.ipynb"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / f"{name}.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebooks")


def outputs(notebook: Any) -> list[tuple[str, dict[str, str]]]:
    """Return the source and the outputs by type of each cell that has any; printed text has the type ``print``."""
    found = []
    for cell in notebook["cells"]:
        kinds: dict[str, str] = {}
        for output in cell.get("outputs", ()):
            if output["output_type"] == "stream":
                kinds["print"] = kinds.get("print", "") + "".join(output["text"])
            else:
                kinds |= {kind: "".join(lines) for kind, lines in output["data"].items()}
        if kinds:
            found.append(("".join(cell["source"]), kinds))
    return found


def output_of(notebook: Any, code: str) -> dict[str, str]:
    """Return the outputs of the cell whose last line starts with ``code``, apart from spaces."""
    (kinds,) = [kinds for source, kinds in outputs(notebook) if source.splitlines()[-1].strip().startswith(code)]
    return kinds


def text_of(page: str) -> str:
    """Return the text of a piece of HTML."""
    return html.unescape(re.sub(r"(<[^>]*>)+", "  ", page))


def test_there_is_a_notebook_per_role() -> None:
    assert set(NOTEBOOKS) == {"student", "teacher", "engineer"}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_notebook_is_saved_without_outputs(name: str) -> None:
    notebook = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(code) >= 6
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_the_student_sees_the_graph_its_steps_and_the_usual_mistake(folder: Path) -> None:
    notebook = executed("student", folder)
    for picture in ("draw(y)", "draw(y, partials=True)", "draw(y, steps=3)"):
        assert output_of(notebook, picture)["image/svg+xml"].lstrip().startswith(("<?xml", "<svg"))
    assert output_of(notebook, 'print("backward:", a.grad)')["print"].split() == ["nudged:", "6.0", "backward:", "6.0"]
    assert "6.0" in output_of(notebook, "explain(y, a)")["text/plain"]
    assert output_of(notebook, "backward_steps(y)")["text/plain"].count("+=") == 6
    assert "<iframe" in output_of(notebook, "explore(y)")["text/html"]
    before, after = map(float, re.findall(r"-?[\d.]+", output_of(notebook, 'print("after: "')["print"]))
    assert after < before
    report = text_of(output_of(notebook, "check_engine(MyValue")["text/html"])
    assert "node used twice  failed" in report
    assert "+=" in report


def test_the_teacher_gets_pictures_pages_and_reports(folder: Path) -> None:
    notebook = executed("teacher", folder)
    lecture = folder / "lecture"
    assert (lecture / "neuron.svg").read_text(encoding="utf-8").count("<svg") == 1
    steps = sorted(lecture.glob("step_*.svg"))
    assert f"{len(steps) - 1} contributions" in output_of(notebook, "print(len(steps)")["print"]
    assert len(steps) > 8
    assert {"neuron_moving.svg", "neuron.html", "training.html"} <= {path.name for path in lecture.iterdir()}
    assert "first difference" in output_of(notebook, "comparison")["print"]
    assert "diamond  failed" in text_of(output_of(notebook, "report")["text/html"])
    assert "'diamond'" in output_of(notebook, "print(report.score")["print"]


def test_the_engineer_finds_the_wrong_component_and_the_origin_of_the_nan(folder: Path) -> None:
    pytest.importorskip("hypothesis")
    pytest.importorskip("scipy")
    notebook = executed("engineer", folder)
    assert "1 WRONG" in output_of(notebook, "report")["text/plain"]
    assert output_of(notebook, 'print("passed")')["print"] == "passed\n"
    assert "WRONG" not in output_of(notebook, "print(gradcheck(logistic")["print"]
    assert "'log' returned -inf" in output_of(notebook, "print(error)")["print"]
    mean_loss, gradient = map(float, re.findall(r"-?[\d.]+", output_of(notebook, 'print("mean loss:"')["print"]))
    assert gradient == pytest.approx(-2 * mean_loss)  # of ((w - 3) * x)**2 at w = 2
    assert "True [1. 1.]" in output_of(notebook, "print(found.success")["print"]
