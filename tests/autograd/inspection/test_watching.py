"""Watchers receive each node when it is recorded, and each backward pass before it starts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from autograd import Value, affine, dot, elementwise, grad, gradients, no_grad, primitive, tanh, where
from autograd import sum as add_up
from autograd.base.modes import WATCHERS, change_watchers


class Watcher:
    def __init__(self) -> None:
        self.ops: list[str] = []
        self.passes: list[tuple[Value, float, bool]] = []

    def recorded(self, node: Value) -> None:
        self.ops.append(node.op)
        assert len(node.operands) == len(node.partials)  # it is complete

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        self.passes.append((root, seed, adds))


@contextmanager
def watched() -> Iterator[Watcher]:
    watcher = Watcher()
    change_watchers((*WATCHERS.get(), watcher))
    try:
        yield watcher
    finally:
        change_watchers(WATCHERS.get()[:-1])


def test_a_watcher_receives_every_kind_of_node() -> None:
    tripled = primitive(3.0)(lambda x: 3 * x)
    x = Value(2.0)
    with watched() as watcher:
        y = -x * 2 + x.exp()
        add_up([x, x])
        dot([x], [1.0])
        affine([[x]], [1.0], [0.0])
        elementwise(tanh, [x])
        where(x > 0, x, 0.0)
        tripled(x)
    assert watcher.ops[:4] == ["neg", "*", "exp", "+"]
    assert watcher.ops[4:8] == ["sum", "dot", "dot", "tanh"]
    assert "gate" in watcher.ops
    assert watcher.ops[-1] == "<lambda>"
    y.exp()
    assert watcher.ops[-1] == "<lambda>"  # nothing is received after the block


def test_a_watcher_receives_each_pass() -> None:
    x = Value(2.0)
    y = x * x
    with watched() as watcher:
        y.backward(3.0)
        gradients(y, x)
        grad(lambda x: x * 5)(1.0)
    passes = [(root.data, seed, adds) for root, seed, adds in watcher.passes]
    assert passes == [(4.0, 3.0, True), (4.0, 1.0, False), (5.0, 1.0, False)]


def test_a_watcher_receives_nothing_from_no_grad_blocks_or_other_threads() -> None:
    x = Value(2.0)
    with watched() as watcher:
        with no_grad():
            x.exp()
        thread = threading.Thread(target=lambda: x.exp())
        thread.start()
        thread.join()
    assert watcher.ops == []


def test_an_exception_of_a_watcher_ends_the_operation_and_changes_nothing() -> None:
    class Refuses(Watcher):
        def recorded(self, node: Value) -> None:
            raise ArithmeticError("no")

        def before_backward(self, root: Value, seed: float, adds: bool) -> None:
            raise ArithmeticError("no")

    x = Value(2.0)
    y = x * x
    attempts: list[Any] = [x.exp, lambda: x + 1, lambda: add_up([x]), lambda: dot([x], [x]), y.backward]
    change_watchers((Refuses(),))
    try:
        for attempt in attempts:
            with pytest.raises(ArithmeticError, match="no"):
                attempt()
    finally:
        change_watchers(())
    assert x.grad == 0.0
    y.backward()
    assert x.grad == 4.0
