"""The Python side of the playground, run by CPython."""

from __future__ import annotations

import builtins
import importlib.util
import json
import sys
from typing import Any

import pytest
from playground import build, problems, results, runner

import autograd
from autograd import Value

EXAMPLES = dict(build.read_examples())


def run(source: str, view: str = "output") -> list[dict[str, Any]]:
    """Run a program, and return its results."""
    shown: list[dict[str, Any]] = []
    runner.run(source, view, lambda text: shown.append(json.loads(text)))
    return shown


def kinds(shown: list[dict[str, Any]]) -> list[str]:
    return [item["kind"] for item in shown]


def texts(shown: list[dict[str, Any]], kind: str = "text") -> str:
    return "".join(item["text"] for item in shown if item["kind"] == kind)


@pytest.fixture
def without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy cannot be imported, as in the browser."""
    found = importlib.util.find_spec
    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "numpy" else found(name))
    monkeypatch.setattr(autograd, "compile", autograd.compile)  # restored afterwards


# ---- output ----


def test_expressions_show_their_values_in_order() -> None:
    shown = run("1 + 1\nprint('a')\nNone\n'b'\nx = 3\nx")
    assert "".join(item["text"] for item in shown) == "2\na\n'b'\n3\n"


def test_a_last_value_is_shown_with_its_graph_and_the_names_of_variables() -> None:
    shown = run("from autograd import Value\na = Value(2.0)\ny = a * 3\ny")
    assert kinds(shown) in (["text", "svg"], ["text", "html"], ["html", "svg"], ["html", "html"])
    assert "label: a" in shown[-1]["text"]
    assert kinds(run("from autograd import Value\nx = Value(2.0)\nx"))[1:] == []  # a leaf has no graph
    assert "svg" not in kinds(run("from autograd import Value\ny = Value(2.0) * 3"))  # nothing was asked for


def test_a_program_that_draws_gets_no_second_picture() -> None:
    shown = run("from autograd import Value\nfrom visualize import draw\ny = Value(2.0) * 3\ndraw(y)\ny")
    assert kinds(shown).count("svg") + kinds(shown).count("html") - (kinds(shown)[-1] == "html") == 1


def test_objects_are_shown_as_in_a_notebook() -> None:
    shown = run("class A:\n    def _repr_html_(self): return '<b>1</b>'\nA()\nA\ndisplay(A(), 2)")
    assert kinds(shown) == ["html", "text", "html", "text"]
    shown = run("class A:\n    def _repr_latex_(self): return '$x$'\nA()")
    assert (kinds(shown), shown[1]["text"]) == (["text", "latex"], "$x$")


def test_show_displays_the_file_that_would_be_opened() -> None:
    shown = run(
        "from autograd import Value\nfrom visualize import draw, explore\ny = Value(2.0) * 3\ndraw(y).show()\nexplore(y).show()"
    )
    assert [kind for kind in kinds(shown) if kind != "text"] == ["svg", "page"]
    assert "<svg" in texts(shown, "svg")


def test_printed_text_comes_while_the_program_runs_and_is_limited() -> None:
    shown = run("import time\nfor letter in 'ab':\n    time.sleep(0.1)\n    print(letter)")
    assert texts(shown) == "a\nb\n"
    assert len(shown) > 1
    assert len(run("for i in range(1000):\n    print(i)")) < 100
    shown = run("while True:\n    print('x' * 1000)\n    if 'i' not in dir(): i = 0\n    i += 1\n    if i == 500: break")
    assert len(texts(shown)) == runner.MAX_TEXT
    assert "more than 100,000 characters" in texts(shown, "note")


def test_only_the_last_cell_shows_output() -> None:
    shown = run("print('first')\n1\n# %%\nx = 2\nprint('second')\nx\n# %% last\nprint('third')\nx")
    assert texts(shown) == "third\n2\n"
    assert texts(run("print('first')\n# %%\nprint('second')\n@staticmethod\ndef f(): ...\n1")) == "second\n1\n"


def test_what_needs_an_absent_library_in_an_earlier_cell_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    shown = run("x = 1\nimport matplotlib\nx = 2\n# %%\nmatplotlib.x\nz = 3\n# %%\nprint('hidden')\n# %%\nprint(x, z)")
    assert texts(shown) == "2 3\n"
    (note,) = [item["text"] for item in shown if item["kind"] == "note"]
    assert note.startswith("Skipped in earlier blocks: lines 2 and 5. matplotlib is not part of the playground. ")
    assert kinds(run("import matplotlib\n# %%\n")) == ["note"]
    note, error = (item["text"] for item in run("import matplotlib\n# %%\nmatplotlib"))
    assert "line 1." in note
    assert error == "NameError: name 'matplotlib' is not defined"


def test_an_earlier_cell_that_is_wrong_stops_the_program() -> None:
    assert kinds(run("1 / 0\n# %%\nprint(1)")) == ["error"]
    assert kinds(run("import nosuchmodule\n")) == ["error"]
    assert texts(run("import autograd.nosuchmodule\n# %%\n"), "error").startswith(
        "ModuleNotFoundError: No module named 'autograd."
    )


def test_an_error_about_a_missing_library_names_the_library() -> None:
    program = (
        "try:\n    import nosuchmodule\nexcept ImportError:\n    raise ImportError('this needs it: pip install it') from None"
    )
    assert texts(run(program), "error").startswith("ImportError: nosuchmodule is not part of the playground. Graphs, ")


# ---- errors ----


def test_an_error_names_the_line_and_the_calls() -> None:
    (error,) = run("def f(x):\n    return 1 / x\n\n\ndef g(x):\n    return f(x)\n\n\ng(0)")
    assert (error["line"], error["source"], error["text"]) == (2, "return 1 / x", "ZeroDivisionError: division by zero")
    assert error["calls"] == ["line 9, in the program", "line 6, in g"]


def test_an_error_inside_the_package_names_the_line_that_called_it() -> None:
    before, error = run("import math\nfrom autograd import Value\nx = Value(2.0)\nprint('before')\nmath.sqrt(x)")
    assert before["text"] == "before\n"
    assert (error["line"], error["source"]) == (5, "math.sqrt(x)")
    (error,) = run("from autograd import Value, detect_anomaly\nwith detect_anomaly():\n    y = Value(0.0).log()")
    assert error["line"] == 3
    assert error["text"].startswith("AnomalyError: ")


@pytest.mark.parametrize(("program", "line"), [("x = 1\ny = (", 2), ("x = 1\n  y = 2", 2), ("for", 1), ("x = 1\nreturn x", 2)])
def test_a_syntax_error_has_a_line(program: str, line: int) -> None:
    shown = run(program)
    assert kinds(shown) == ["error"]
    assert shown[0]["line"] == line
    assert "Error: " in shown[0]["text"]


def test_deep_recursion_shows_few_calls() -> None:
    (error,) = run("def f(n):\n    return f(n + 1)\n\n\nf(0)")
    assert error["text"].startswith("RecursionError")
    assert len(error["calls"]) == problems.MAX_CALLS + 1
    assert error["calls"][0] == "line 5, in the program"
    assert error["calls"][-2].endswith("more calls")


def test_exit_and_interrupts_do_not_end_the_worker() -> None:
    assert run("raise SystemExit(3)")[0]["text"].startswith("SystemExit")
    assert run("raise KeyboardInterrupt")[0]["text"].startswith("KeyboardInterrupt")


def test_warnings_have_a_line() -> None:
    (warning,) = run("import warnings\nwarnings.warn('careful')")
    assert (warning["kind"], warning["line"], warning["text"]) == ("warning", 2, "UserWarning: careful")


def test_an_unknown_name_says_how_to_define_an_input() -> None:
    (error,) = run("k * 2")
    assert error["text"].endswith('To use k as an input, start with k = Value(2.0, label="k").')


def test_a_program_has_its_own_future_flags_and_sees_nothing_of_the_last_one() -> None:
    assert texts(run("from __future__ import annotations\ndef f(x: int): ...\nf.__annotations__")) == "{'x': 'int'}\n"
    assert texts(run("def f(x: int): ...\nf.__annotations__['x'] is int")) == "True\n"
    run("secret = 1")
    assert kinds(run("secret")) == ["error"]


# ---- names ----


def test_names_of_the_packages_are_imported_and_this_is_said() -> None:
    shown = run("x = Value(0.5, label='x')\nprint(sin(x).data, math.pi)")
    assert shown[0] == {"kind": "note", "text": "Imported for you: from autograd import Value, sin; import math"}
    assert texts(shown).startswith("0.479")
    assert texts(run("nn.MLP(2, [1])\ndraw"), "note").count("import") == 2


@pytest.mark.parametrize(
    "program",
    ["def sin(x): return x\nsin(1)", "sin = 1\nsin", "sum([1, 2])", "f = lambda tanh: tanh\nf(1)",
     "from math import exp\nexp(1)", "import math as log\nlog.pi", "from math import *\nexp(1)",
     "class relu: ...\nrelu", "[exp for exp in [1]]"],
)  # fmt: skip
def test_names_that_a_program_defines_are_left_alone(program: str) -> None:
    shown = run(program)
    assert "note" not in kinds(shown)
    assert "error" not in kinds(shown)


# ---- views of the last Value ----

PROGRAM = (
    'from autograd import Value\na, b = Value(2.0), Value(-3.0, label="b")\ny = (a * b + 5).tanh() + a**2\nprint("hidden")'
)


def test_the_views_show_the_last_value_only() -> None:
    assert kinds(run(PROGRAM, "draw")) in (["svg"], ["html"])
    (page,) = run(PROGRAM, "steps")
    assert page["kind"] == "page"
    assert page["text"].startswith("<!doctype html>")
    explained = run(PROGRAM, "explain")
    assert {"dy/da", "dy/db"} == {item["text"].split(" =")[0] for item in explained if item["kind"] == "text"}
    (report,) = run(PROGRAM, "check")
    assert report["kind"] == "html"
    assert "gradcheck of y: 2 derivatives, none wrong" in report["text"]
    assert "<td>a</td>" in report["text"]


@pytest.mark.parametrize("view", results.VIEWS)
def test_a_view_of_nothing_says_so(view: str) -> None:
    (note,) = run("x = 1", view)
    assert (note["kind"], note["text"].startswith("The program computes no Value.")) == ("note", True)
    assert kinds(run("from autograd import Value\n1 / 0", view)) == ["error"]


def test_the_last_value_is_found_in_loops_and_tuples() -> None:
    shown = run("from autograd import Value\nfor i in range(3):\n    a, loss = 1, Value(float(i), label='q') * 2", "explain")
    assert texts(shown).startswith("dloss/dq = 2.0")


def test_many_inputs_are_not_all_explained() -> None:
    shown = run(
        "from autograd import Value\nxs = [Value(float(i)) for i in range(9)]\ny = xs[0]\nfor x in xs[1:]:\n    y = y * x",
        "explain",
    )
    assert kinds(shown).count("text") == results.MAX_LEAVES
    assert shown[-1]["text"].startswith("3 more inputs are not explained")


ROWS = sorted(set(dir(autograd)) & set(vars(autograd)["_FUNCTIONS"]))


@pytest.mark.parametrize("name", ROWS)
def test_a_graph_of_any_operation_can_be_applied_again(name: str) -> None:
    function = getattr(autograd, name)
    x, y = Value(0.7), Value(1.3)
    try:
        result = function(x, y)
    except TypeError:
        result = function(x)
    again = results.as_function(result, autograd.leaves(result))
    assert again(*[leaf.data for leaf in autograd.leaves(result)]) == result.data or result.data != result.data


def test_sums_dots_and_chosen_branches_can_be_applied_again() -> None:
    x, y = Value(0.7), Value(1.3)
    result = autograd.sum([x, y, 2.0]) * autograd.dot([x, 3.0], [y, x], 0.5) + autograd.where(x > y, x, y) * x
    again = results.as_function(result, [x, y])
    assert again(0.7, 1.3) == result.data
    assert again(0.5, 2.0) == autograd.sum([0.5, 2.0, 2.0]) * (0.5 * 2.0 + 3.0 * 0.5 + 0.5) + 2.0 * 0.5


def test_check_names_custom_operations() -> None:
    program = (
        "from autograd import Value, primitive\n\n\n"
        "@primitive(lambda y, x: 3 * x * x)\ndef playground_cube(x):\n    return x**3\n\n\n"
        "y = playground_cube(Value(2.0))"
    )
    (note,) = run(program, "check")
    assert note["text"].startswith("The graph has the custom operation 'playground_cube'.")


# ---- without NumPy ----


@pytest.mark.usefixtures("without_numpy")
@pytest.mark.parametrize("title", EXAMPLES)
def test_every_example_runs_without_numpy(title: str) -> None:
    shown = run(EXAMPLES[title])
    errors = [item for item in shown if item["kind"] == "error"]
    assert [error["text"].split(":")[0] for error in errors] == {"Find a nan": ["AnomalyError"], "An error": ["TypeError"]}.get(
        title, []
    )
    assert len(shown) > len(errors) or title == "Find a nan"


@pytest.mark.usefixtures("without_numpy")
@pytest.mark.parametrize(
    "program",
    ["from autograd import compile\nf = compile(lambda x: x)", "import autograd\nx = 1\nautograd.compile(abs)",
     "import nn\nnn.save_checkpoint('a.npz', model=nn.MLP(2, [1]))", "x = 1\nimport numpy as np"],
)  # fmt: skip
def test_what_needs_numpy_says_so(program: str) -> None:
    (error,) = run(program)
    assert error["text"].startswith("ModuleNotFoundError: NumPy is not part of the playground. compile(), arrays ")
    assert error["line"] == len(program.splitlines())


@pytest.mark.usefixtures("without_numpy")
def test_fit_and_predict_work_without_numpy() -> None:
    program = "import nn\nmodel = nn.MLP(2, [1], seed=0)\nhistory = nn.fit(model, [[1, 2]], [1.0], loss='mse', epochs=50)\n"
    assert texts(run(f"{program}print(round(nn.predict(model, [[1, 2]])[0][0], 2))")) == "1.0\n"


@pytest.mark.usefixtures("without_numpy")
def test_a_star_import_works_without_numpy() -> None:
    assert texts(run("from autograd import *\nprint(sin(Value(0.0)).data)")) == "0.0\n"


def test_the_runner_leaves_the_process_as_it_was() -> None:
    import warnings
    import webbrowser

    before = (sys.stdout, sys.stderr, warnings.showwarning, webbrowser.open, set(vars(builtins)))
    run("import warnings\nwarnings.warn('a')\n1 / 0")
    assert (sys.stdout, sys.stderr, warnings.showwarning, webbrowser.open, set(vars(builtins))) == before
