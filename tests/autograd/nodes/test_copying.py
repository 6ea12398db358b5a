"""Copies of a graph by ``copy``, ``deepcopy`` and ``pickle`` are independent of it, and have the same gradients."""

from __future__ import annotations

import copy
import io
import multiprocessing
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value, backend, dot, gate, leaves, topological_order, where
from autograd import sum as add_up

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
LONG = 200_000 if backend() == "compiled" else 20_000


def by_c_pickle(protocol: int) -> Callable[[Any], Any]:
    return lambda thing: pickle.loads(pickle.dumps(thing, protocol))


def by_python_pickle(protocol: int) -> Callable[[Any], Any]:
    def duplicate(thing: Any) -> Any:
        file = io.BytesIO()
        pickle._Pickler(file, protocol).dump(thing)
        return pickle._loads(file.getvalue())  # type: ignore[attr-defined]

    return duplicate


WAYS: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    **{f"pickle-{protocol}": by_c_pickle(protocol) for protocol in PROTOCOLS},
    **{f"python-pickle-{protocol}": by_python_pickle(protocol) for protocol in PROTOCOLS},
}
every_way = pytest.mark.parametrize("duplicate", WAYS.values(), ids=WAYS)


def with_everything() -> Value:
    """Return a graph with shared nodes, every kind of node, constants on either side, labels and gradients."""
    x, y = Value(0.7, label="x"), Value(-1.3, label="y")
    shared = x * y
    shared.label = "shared"
    neuron = dot([x, 2.0, y], [shared, y, x], x)
    plain = dot([x, y], [1.0, 2.0], 0.5)
    total = add_up([neuron, 3.0, plain, shared, shared])
    root = total.tanh() * 2 + 3 / (x - 10) + 2**y + gate(x, 0.0) + gate(y, 1.0) + abs(y) ** 1.5 - (-x)
    root.label = "root"
    return root


def facts(root: Value) -> list[tuple[Any, ...]]:
    """Return everything about a graph except its identity."""
    order = topological_order(root)
    number = {id(node): i for i, node in enumerate(order)}
    return [
        (node.data.hex(), node.grad.hex(), node.label, node.op, node.partials,
         [number.get(id(item), item.data) for item in node.operands])
        for node in order
    ]  # fmt: skip


@every_way
def test_a_copy_is_equal_in_everything(duplicate: Callable[[Any], Any]) -> None:
    root = with_everything()
    root.backward()
    assert facts(duplicate(root)) == facts(root)


@every_way
def test_a_copy_has_the_same_gradients_and_does_not_change_the_original(duplicate: Callable[[Any], Any]) -> None:
    root = with_everything()
    twin = duplicate(root)
    twin.backward()
    assert all(node.grad == 0 for node in topological_order(root))
    root.backward()
    assert facts(twin) == facts(root)
    assert not {id(node) for node in topological_order(twin)} & {id(node) for node in topological_order(root)}


@every_way
def test_a_closed_gate_stays_closed(duplicate: Callable[[Any], Any]) -> None:
    """The node behind the gate has an infinite derivative, which would be visible."""
    x = Value(0.0)
    y, twin = duplicate((where(x > 0, x.sqrt(), x), x))
    y.backward()
    assert twin.grad == 1.0


@every_way
def test_updating_a_copied_leaf_does_not_change_the_original(duplicate: Callable[[Any], Any]) -> None:
    root = with_everything()
    for leaf in leaves(duplicate(root)):
        leaf.data = 100.0
    assert sorted(leaf.data for leaf in leaves(root)) == [-1.3, 0.7]


@every_way
def test_values_in_one_container_stay_connected(duplicate: Callable[[Any], Any]) -> None:
    """The order does not matter: the graph before its leaf, or the leaf before its graph."""
    x = Value(3.0)
    y = x * x + x
    z = y * x
    for names in ("yx", "xy", "yyx", "zyx", "xzy", "yz"):
        twins = dict(zip(names, duplicate([{"x": x, "y": y, "z": z}[name] for name in names]), strict=True))
        if "x" in twins:
            assert leaves(twins["y"])[0] is twins["x"]
        if "z" in twins:
            assert twins["z"].operands[0] is twins["y"]
        twins["y"].backward()
        assert leaves(twins["y"])[0].grad == 7.0
        assert x.grad == 0.0


@every_way
def test_the_same_graph_can_be_copied_repeatedly(duplicate: Callable[[Any], Any]) -> None:
    root = with_everything()
    assert facts(duplicate(root)) == facts(duplicate(root)) == facts(duplicate(duplicate(root)))


@every_way
def test_a_leaf_is_copied_with_its_gradient_and_label(duplicate: Callable[[Any], Any]) -> None:
    x = Value(2.5, label="x")
    x.grad = 7.0
    twin = duplicate(x)
    assert (twin is x, repr(twin)) == (False, "Value(2.5, grad=7.0, label='x')")


@every_way
def test_a_constant_stays_a_constant(duplicate: Callable[[Any], Any]) -> None:
    assert duplicate((Value(1.0) * 2).operands[1]).op == "const"


def test_a_graph_can_be_pickled_after_an_error() -> None:
    """Pickling marks visited nodes. Marks left by an interrupted pickling must have no effect."""

    class Refuses(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError("disk full")

    root = with_everything()
    expected = facts(root)
    with pytest.raises(OSError, match="disk full"):
        pickle._Pickler(Refuses(), 2).dump((root, "x" * 100_000))
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps([root, threading.Lock()])
    assert facts(pickle.loads(pickle.dumps(root))) == expected


def test_a_graph_can_be_pickled_after_an_interruption_in_the_middle() -> None:
    root = with_everything()
    expected = facts(root)
    size = len(pickle.dumps(root, 2))

    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() > size // 2:
                raise OSError("disk full")
            return super().write(data)

    with pytest.raises(OSError, match="disk full"):
        pickle._Pickler(Full(), 2).dump(root)
    assert facts(pickle.loads(pickle.dumps(root))) == expected


@pytest.mark.parametrize("dump", [pickle.dumps, lambda thing: python_pickled(thing)], ids=["pickle", "python-pickle"])
def test_every_node_of_a_long_chain_can_be_pickled_after_an_interruption(dump: Callable[[Any], bytes]) -> None:
    chain = long_chain(20_000)
    order = topological_order(chain)

    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() > 100_000:
                raise OSError("disk full")
            return super().write(data)

    with pytest.raises(OSError, match="disk full"):
        pickle._Pickler(Full(), 2).dump(chain)
    for node in (order[-2], order[15_000], order[5_000], chain):
        assert pickle.loads(dump(node)).data == node.data


def python_pickled(thing: Any) -> bytes:
    file = io.BytesIO()
    pickle._Pickler(file, 2).dump(thing)
    return file.getvalue()


def test_copy_copies_one_node_and_shares_its_operands() -> None:
    x = Value(3.0)
    y = x * 2
    y.label = "y"
    twin = copy.copy(y)
    assert (twin is y, twin.operands[0] is x, repr(twin)) == (False, True, repr(y))
    twin.backward()
    assert (x.grad, twin.grad, y.grad) == (2.0, 1.0, 0.0)
    assert copy.copy(x) is not x


def long_chain(length: int = LONG) -> Value:
    """Return a chain that uses its leaf at every step, so that it is deep and has a shared node."""
    x = Value(1.0, label="x")
    y = x
    for _ in range(length // 2):
        y = y * 0.999 + x
    return y


@pytest.mark.parametrize("way", ["deepcopy", "pickle-2", "pickle-5"])
def test_a_long_chain_is_copied(way: str) -> None:
    y = long_chain()
    twin = WAYS[way](y)
    twin.backward()
    assert leaves(y)[0].grad == 0.0
    y.backward()
    assert (twin.data, leaves(twin)[0].grad) == (y.data, leaves(y)[0].grad)


def test_a_long_chain_is_copied_by_pythons_pickle() -> None:
    y = long_chain(20_000)
    twin = WAYS["python-pickle-4"]((y, y))
    assert twin[0] is twin[1]
    assert facts(twin[0])[-1] == facts(y)[-1]


def test_a_deepcopy_of_a_container_keeps_sharing() -> None:
    x = Value(2.0)
    square, (first, twin) = copy.deepcopy((x * x, [x, x]))
    assert first is twin
    assert square.operands[0] is twin


def test_a_graph_can_be_sent_to_another_process_and_back() -> None:
    x = Value(3.0, label="x")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        y, twin = pool.apply(copy.deepcopy, ((x * x + x, x),))
    y.backward()
    assert (twin.grad, twin.label, x.grad) == (7.0, "x", 0.0)
