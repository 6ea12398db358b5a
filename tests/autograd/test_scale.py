"""Graphs of any depth are built, differentiated, traversed and freed without recursion, with little memory."""

from __future__ import annotations

import functools
import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from fresh import run_python
from sanitizers import SANITIZED

from autograd import Value, backend, backward, count_nodes, dot, topological_order, topology, where
from autograd import sum as add_up

COMPILED = backend() == "compiled"
NODES = 10_000_000 if COMPILED else 300_000
DEEP = 300_000 if COMPILED else 30_000
BYTES_A_NODE = 100

CHAIN = """
import gc, sys, time
from autograd import Value

def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

x = Value(1.0)
before = memory()
y = x
for _ in range({nodes}):
    y = y + 1.0
built = memory()
y.backward()
passed = memory()
assert (y.data, x.grad) == ({nodes} + 1.0, 1.0), (y.data, x.grad)
del y
gc.collect()
print((built - before) / {nodes}, (passed - before) / {nodes}, (memory() - before) / {nodes})
"""


@pytest.mark.skipif(SANITIZED, reason="the sanitizer keeps freed memory for a while, to detect whether it is used")
def test_a_chain_of_ten_million_nodes_takes_at_most_100_bytes_per_node() -> None:
    """The graph is built, differentiated and freed in a separate process, so that its memory can be measured."""
    built, passed, freed = map(float, run_python(CHAIN.format(nodes=NODES)).split())
    if COMPILED:
        assert built <= BYTES_A_NODE
        assert passed <= BYTES_A_NODE
    assert freed < built / 10


CHAINS: dict[str, Callable[[Value, Value], Value]] = {
    "+": lambda y, x: y + x,
    "number first": lambda y, x: 1 - y,
    "second operand": lambda y, x: x * y,
    "unary": lambda y, x: -y,
    "sum": lambda y, x: add_up([1.0, y, x]),
    "dot": lambda y, x: dot([y, 0.5], [1.0, x]),
    "dot, second half": lambda y, x: dot([0.5, 1.0], [x, y]),
    "bias of dot": lambda y, x: dot([0.5], [x], y),
    "where": lambda y, x: where(x > 0, y, x),
    "diamonds": lambda y, x: 0.5 * y + 0.5 * y,
    "diamonds of dot": lambda y, x: dot([y, y], [0.5, 0.5]),
}


def chain(step: Callable[[Value, Value], Value], length: int = DEEP) -> tuple[Value, Value]:
    x = Value(1.0)
    return functools.reduce(lambda y, _: step(y, x), range(length), Value(1.0) * 1), x


@pytest.mark.parametrize("name", CHAINS)
def test_deep_graphs_of_every_kind_are_differentiated_traversed_and_freed(name: str) -> None:
    y, x = chain(CHAINS[name], DEEP // 5)
    y.backward()
    assert count_nodes(y) >= DEEP // 5
    assert y.grad == 1.0
    y.zero_grad()
    assert (y.grad, x.grad) == (0.0, 0.0)
    del y


def in_thread(work: Callable[[], Any], stack: int) -> list[Any]:
    results: list[Any] = []
    old = threading.stack_size(stack)
    try:
        thread = threading.Thread(target=lambda: results.append(work()))
        thread.start()
    finally:
        threading.stack_size(old)
    thread.join()
    return results


@pytest.mark.parametrize("name", ["+", "sum", "dot", "diamonds"])
def test_a_deep_graph_can_be_freed_by_a_thread_with_a_small_stack(name: str) -> None:
    holder = [chain(CHAINS[name], DEEP // 5)]

    def work() -> str:
        holder[0][0].backward()
        holder.clear()
        return "done"

    assert in_thread(work, 256 * 1024) == ["done"]


def test_two_threads_can_free_deep_graphs_at_once() -> None:
    def work() -> None:
        for _ in range(3):
            chain(CHAINS["+"], DEEP // 10)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert chain(CHAINS["+"], 5)[0].data == 6.0


def test_freeing_the_root_keeps_nodes_that_are_still_referenced() -> None:
    y, x = chain(CHAINS["+"], DEEP // 10)
    order = topological_order(y)
    middle = order[len(order) // 2]
    data = middle.data
    del y, order
    gc.collect()
    middle.backward()
    assert middle.data == data
    assert x.grad == count_nodes(middle) - 3  # the start and its leaf, and x itself


def test_a_graph_is_freed_immediately_without_the_garbage_collector() -> None:
    """A graph has no cycles, so deleting the last reference to the root frees the graph."""

    class Marker:
        pass

    gc.disable()
    try:
        marker: Any = Marker()
        gone = weakref.ref(marker)
        text = type("Label", (str,), {})("x")  # a string with attributes
        text.marker = marker
        x = Value(1.0, label=text)
        y = (x * x).tanh()
        y.backward()
        del marker, text, x, y
        assert gone() is None
    finally:
        gc.enable()


# ---- interrupted backward passes ----


@pytest.mark.skipif(COMPILED, reason="compiled code cannot be interrupted by an exception")
@pytest.mark.parametrize("after", [1, 2, 5, 8])
@pytest.mark.parametrize(("module", "function"), [(backward, "_propagate"), (topology, "_visit"), (backward, "_accumulate")])
def test_an_interrupted_backward_keeps_the_gradients_of_leaves(
    module: Any, function: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = Value(2.0), Value(3.0)
    z = (x * y + x).tanh() * dot([x, y], [y, 2.0], x) + add_up([x, y, x * y])
    z.backward()
    gradients = (x.grad, y.grad)
    real, calls = getattr(module, function), []

    def interrupt(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == after:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module, function, interrupt)
        with pytest.raises(KeyboardInterrupt):
            z.backward()
    assert (x.grad, y.grad) == gradients
    z.backward()
    assert (x.grad, y.grad) == (2 * gradients[0], 2 * gradients[1])


@pytest.mark.skipif(COMPILED, reason="compiled code cannot be interrupted by an exception")
def test_an_interrupted_traversal_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(2.0)
    z = (x * x + x).tanh()
    nodes = count_nodes(z)

    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(topology, "_visit_operands", interrupt)
        with pytest.raises(KeyboardInterrupt):
            topological_order(z)
    assert count_nodes(z) == nodes
