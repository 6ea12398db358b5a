"""The displays of all objects in a notebook, in Chromium: each is readable on a light and on a dark page."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from javascript import axe_source

import autograd
import nn
import visualize
from autograd import Value, check_engine, compile, gradcheck  # noqa: A004 - autograd.compile
from visualize import draw, explore

# The colors of text and background in JupyterLab. Its theme may differ from the preference of the system.
PAGES = {"light": ("#000000de", "#fff"), "dark": ("#fff", "#111")}


def objects(folder: Path) -> Iterator[Any]:
    """Yield an object of each class with a display."""
    x = Value(3.0, label="x")
    y = x * x + 2 * x
    yield from (x, y, draw(y), explore(y), compile(lambda x: x.sin() + 1).program(2.0))
    yield gradcheck(lambda x: x**3, 2.0)
    yield gradcheck(lambda x: x**3, 2.0, gradient=lambda x: x**2)
    yield check_engine(Value, only=["sum"])
    yield check_engine(lambda data: Half(data), only=["sum", "node used twice"])
    data = nn.load_iris()
    model, recorder = nn.MLP(4, [3, 3], seed=0), visualize.TrainingRecorder()
    history = nn.fit(model, data.X, data.y, loss="cross_entropy", epochs=2, progress=False, callbacks=[recorder])
    yield from (data, model, model.summary(), history, recorder, nn.confusion_matrix(model, data.X, data.y))
    yield nn.load_checkpoint(nn.save_checkpoint(folder / "model.npz", model=model))
    yield draw(model)


class Half:
    """An engine that fails."""

    def __init__(self, data: float) -> None:
        self.data, self.grad = float(data), 0.0

    def __mul__(self, other: Any) -> Half:
        return Half(self.data * other.data)

    def backward(self) -> None:
        """Do nothing."""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            try:
                yield import_module(found.name)
            except ImportError:  # an optional library is missing
                continue


def classes_with_a_display() -> set[str]:
    """Return the names of all classes that define ``_repr_html_`` or ``_repr_mimebundle_``."""
    found = {"Value"}
    for package in (autograd, nn, visualize):
        for module in modules(package):
            for name, kind in inspect.getmembers(module, inspect.isclass):
                if kind.__module__ == module.__name__ and {"_repr_html_", "_repr_mimebundle_"} & set(vars(kind)):
                    found.add(name)
    return found


def display_of(thing: Any) -> str:
    """Return the HTML that a notebook shows."""
    bundle = thing._repr_mimebundle_() if hasattr(thing, "_repr_mimebundle_") else {}
    shown = bundle.get("image/svg+xml") or thing._repr_html_()
    return f"<h2>{type(thing).__name__}</h2><div>{shown}</div>"


@pytest.fixture(scope="module")
def displays(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return list(objects(tmp_path_factory.mktemp("displays")))


def test_every_class_with_a_display_is_looked_at(displays: list[Any]) -> None:
    shown = {kind.__name__ for thing in displays for kind in type(thing).__mro__}
    progress = {"Bar"}  # the bar of `fit`, which the end of training replaces by text
    assert {name for name in classes_with_a_display() if not name.startswith("_")} - shown <= progress


@pytest.mark.parametrize("preference", PAGES)
@pytest.mark.parametrize("theme", PAGES)
def test_displays_are_readable_on_light_and_dark_pages(browser: Any, displays: list[Any], theme: str, preference: str) -> None:
    color, background = PAGES[theme]
    page = browser.new_page(color_scheme=preference, reduced_motion="reduce")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    body = "".join(map(display_of, displays))
    page.set_content(
        f"<!doctype html><html lang='en'><title>a</title><body style='color:{color};background:{background}'>{body}"
    )
    page.evaluate(axe_source())
    options = "{resultTypes: ['violations'], preload: false, iframes: false, runOnly: ['color-contrast']}"
    violations = page.evaluate(f"axe.run(document, {options}).then((result) => result.violations)")
    page.close()
    problems += [f"{node['html'][:200]}: {node['failureSummary']}" for found in violations for node in found["nodes"]]
    assert problems == []


def test_a_display_that_cannot_be_read_is_found(browser: Any) -> None:
    page = browser.new_page()
    page.set_content(
        "<!doctype html><html lang='en'><body style='background:#111;color:#fff'><p style='background:#fdd'>text</p>"
    )
    page.evaluate(axe_source())
    assert page.evaluate("axe.run({runOnly: ['color-contrast']}).then((result) => result.violations.length)") == 1
    page.close()
