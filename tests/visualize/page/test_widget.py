"""The widget: its numbers follow the graph, in a kernel of Jupyter and in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import autograd
import nn
from autograd import Value
from visualize import explore, widget

ROOT = Path(autograd.__file__).parents[1]


def test_without_anywidget_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    from visualize.page.widget import _widget_class

    _widget_class.cache_clear()
    with pytest.raises(ImportError, match=r"^widget\(\) needs anywidget: pip install 'scalar-autograd\[widget\]'; explore\(\)"):
        widget(Value(2.0, "x") ** 2)
    _widget_class.cache_clear()


def test_a_wrong_argument_names_the_right_one() -> None:
    with pytest.raises(TypeError, match=r"widget\(\) got an unexpected keyword argument 'modl'; did you mean 'model'"):
        widget(Value(2.0), modl=None)  # type: ignore[call-arg]


class TestRefresh:
    """What the kernel sends to the browser."""

    @pytest.fixture(autouse=True)
    def _needs_anywidget(self) -> None:
        pytest.importorskip("anywidget", reason="anywidget is not installed: pip install 'scalar-autograd[widget]'")

    def test_new_numbers_are_sent_without_the_page(self) -> None:
        a, b = Value(2.0, "a"), Value(-3.0, "b")
        view = widget(a * b + 10.0)
        html = view.html
        assert html.startswith(explore(a * b + 10.0).html.removesuffix("</script>\n</html>"))
        assert view.numbers == [-3.0, 2.0, None, 10.0, None]
        a.data, b.data = 5.0, float("nan")
        view.refresh()
        assert view.numbers == ["NaN", 5.0, None, 10.0, None]
        assert view.html == html

    def test_the_next_graph_of_a_training_loop_has_the_same_page(self) -> None:
        model = nn.MLP(2, [3, 1], seed=0)
        optimizer = nn.SGD(model.parameters(), lr=0.1)
        losses = []
        view = None
        for _ in range(3):
            loss = nn.mse_loss([model([0.5, -1.0])], [1.0])
            view = view or widget(loss, model=model)
            view.refresh(loss)
            losses.append((view.html, view.numbers))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        assert len({html for html, _ in losses}) == 1
        assert losses[0][1] != losses[1][1] != losses[2][1]

    def test_a_graph_of_another_structure_is_another_page(self) -> None:
        x = Value(3.0, "x")
        view = widget(x * x)
        view.refresh(x * x * x)
        assert explore(x * x * x).html.removesuffix("</script>\n</html>") in view.html

    def test_a_function_is_called_with_new_arguments(self) -> None:
        view = widget(lambda a, b: a * b, 2.0, 3.0)
        html = view.html
        view.refresh(lambda a, b: a * b, 4.0, 5.0)
        assert (view.html, view.numbers) == (html, [5.0, 4.0, None])

    def test_a_terminal_shows_what_it_is(self) -> None:
        text = "<widget of a graph with 2 nodes: display it in a notebook, .refresh() shows new numbers>"
        assert repr(widget(Value(3.0, "x").tanh())) == text


def test_a_kernel_displays_the_widget_and_updates_its_state() -> None:
    for module in ("anywidget", "nbclient", "ipykernel"):
        if find_spec(module) is None:  # an import of ipykernel would make other tests believe that they run in a notebook
            pytest.skip(f"{module} is not installed")
    run = subprocess.run([sys.executable, "-c", NOTEBOOK], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    output, states = json.loads(run.stdout)
    assert output["text/plain"].startswith("<widget of a graph with 2 nodes")
    state = states[output["application/vnd.jupyter.widget-view+json"]["model_id"]]["state"]
    assert state["numbers"] == [7.0, None]
    assert state["html"].startswith("<!doctype html>")
    assert "render" in state["_esm"]


NOTEBOOK = """
import json, nbclient, nbformat
cells = [
    "from autograd import Value; from visualize import widget",
    "a = Value(2.0, label='a'); view = widget(a * a); view",
    "a.data = 7.0; view.refresh()",
]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
nbclient.NotebookClient(notebook, timeout=100, kernel_name="python3").execute()
states = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
print(json.dumps([notebook.cells[1].outputs[0]["data"], states]))
"""
MODEL = """
<!doctype html><title>notebook</title><div id="cell"></div><script type="module">
const listeners = {}, state = STATE;
window.model = {
  get: (name) => state[name],
  on: (name, listener) => (listeners[name] = listener),
  off: () => {},
  set(name, value) { state[name] = value; listeners[`change:${name}`]?.(); },
};
const code = new Blob([state._esm], {type: "text/javascript"});
const {default: view} = await import(URL.createObjectURL(code));
view.render({model, el: document.getElementById("cell")});
</script>
"""


def test_the_page_follows_new_numbers_and_keeps_its_step(browser: Any) -> None:
    pytest.importorskip("anywidget")
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    view = widget(a * b + 10.0)
    state = {name: getattr(view, name) for name in ("html", "numbers", "height", "_esm")}
    page = browser.new_page()
    page.set_content(MODEL.replace("STATE", json.dumps(state).replace("<", "\\u003c")))
    page.frame_locator("iframe").locator("#graph .box").first.wait_for()
    frame = page.frames[1]
    frame.wait_for_function("boxes.length")
    frame.evaluate("show(lastStep - 1)")
    a.data = 5.0
    view.refresh()
    page.evaluate("(numbers) => model.set('numbers', numbers)", view.numbers)
    frame.wait_for_function("value[ROOT] === -5")
    assert frame.evaluate("[at === lastStep - 1, gradient[nodes.findIndex((n) => n.name === 'b')], nodes.some(isEdited)]") == [
        True, 5, False,
    ]  # fmt: skip
    frame.evaluate("postMessage({numbers: [1, 1, null, 1, null]}, '*')")  # not from the notebook
    view.refresh(a * a)
    page.evaluate("(html) => model.set('html', html)", view.html)
    page.evaluate("(numbers) => model.set('numbers', numbers)", view.numbers)
    page.frames[1].wait_for_function("nodes.length === 2 && value[ROOT] === 25")
    page.close()
