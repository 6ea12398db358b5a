"""Configuration of the tests of nn."""

from __future__ import annotations

import math
import sys

import pytest

import nn  # noqa: F401 - loads the module of fit


@pytest.fixture(autouse=True)
def _no_earlier_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin without a recent Ctrl-C, because a second one is an error."""
    monkeypatch.setattr(sys.modules["nn.training.fit"], "_latest_interrupt", [-math.inf])
