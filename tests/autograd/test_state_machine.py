"""The engine and a naive twin perform the same random sequence of user actions: all numbers stay equal, bit for bit."""

from __future__ import annotations

import copy
import math
import pickle
import struct
from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from twin import Twin, record

import autograd
from autograd import Value, affine, dot, no_grad, ops, strategies, where
from autograd.ops import TABLE

ONE = [row for row in TABLE if not row.variadic and len(row.partials) == 1]
TWO = [row for row in TABLE if not row.variadic and len(row.partials) == 2]
everyday = st.floats(-3, 3).map(lambda x: round(x, 2))
any_number = everyday | strategies.numbers() | st.sampled_from([0.0, -0.0, 1.0])
Pair = tuple[Any, Any]  # a Value and its twin, or the same number twice


def bits(x: float) -> bytes:
    return b"nan" if x != x else struct.pack("<d", x)  # all nans are equal


def is_nan(pair: Pair) -> bool:
    """Return whether a number is nan. Its sign, which copysign reads, depends on the processor and the compiler."""
    number = pair[1].data if isinstance(pair[1], Twin) else pair[1]
    return math.isnan(number)


def alongside(value: Value, twin: Twin) -> list[Pair]:
    """Return pairs of corresponding nodes of the two graphs. Both graphs must share the same nodes."""
    found: dict[int, Pair] = {}
    todo = [(value, twin)]
    while todo:
        value, twin = todo.pop()
        assert found.setdefault(id(twin), (value, twin))[0] is value
        below = zip(value.operands, twin.operands, strict=True)
        todo += [(x, t) for x, t in below if isinstance(t, Twin) and id(t) not in found]
    return list(found.values())


class SideBySide(RuleBasedStateMachine):
    nodes = Bundle("nodes")
    pairs = nodes | st.builds(lambda x: (x, x), everyday)  # a node, or a constant

    def __init__(self) -> None:
        super().__init__()
        self.alive: list[tuple[Value, Twin]] = []

    def both(self, value: Any, twin: Any) -> Any:
        self.alive.append((value, twin))
        return value, twin

    @rule(target=nodes, number=any_number)
    def make_leaf(self, number: float) -> Pair:
        return self.both(Value(number), Twin(number))

    @rule(target=nodes, row=st.sampled_from(ONE), x=nodes, as_method=st.booleans())
    def apply_one(self, row: ops.Operation, x: Pair, as_method: bool) -> Pair:
        value = getattr(x[0], row.name)() if as_method else getattr(autograd, row.name)(x[0])
        return self.both(value, record(row, x[1]))

    @rule(target=nodes, row=st.sampled_from(TWO), x=nodes, y=pairs, swap=st.booleans())
    def apply_two(self, row: ops.Operation, x: Pair, y: Pair, swap: bool) -> Pair:
        x, y = (y, x) if swap else (x, y)
        assume(row is not ops.copysign or not is_nan(y))
        return self.both(getattr(autograd, row.name)(x[0], y[0]), record(row, x[1], y[1]))

    @rule(target=nodes, first=nodes, more=st.lists(pairs, max_size=4))
    def add_up(self, first: Pair, more: list[Pair]) -> Pair:
        terms = [*more, first]
        return self.both(autograd.sum([x for x, _ in terms]), record(ops.sum, *(t for _, t in terms)))

    @rule(target=nodes, terms=st.lists(st.tuples(pairs, pairs), max_size=3), bias=nodes)
    def multiply_and_add_up(self, terms: list[tuple[Pair, Pair]], bias: Pair) -> Pair:
        value = dot([w[0] for w, _ in terms], [x[0] for _, x in terms], bias[0])
        return self.both(value, record(ops.dot, *(w[1] for w, _ in terms), *(x[1] for _, x in terms), bias[1]))

    @rule(target=nodes, rows=st.lists(st.tuples(pairs, pairs, nodes), min_size=1, max_size=3), inputs=st.tuples(pairs, nodes))
    def apply_a_layer(self, rows: list[tuple[Pair, Pair, Pair]], inputs: tuple[Pair, Pair]) -> Any:
        values = affine([[u[0], w[0]] for u, w, _ in rows], [x[0] for x in inputs], [b[0] for _, _, b in rows])
        twins = [record(ops.dot, u[1], w[1], *(x[1] for x in inputs), b[1]) for u, w, b in rows]
        return multiple(*(self.both(value, twin) for value, twin in zip(values, twins, strict=True)))

    @rule(target=nodes, condition=nodes, x=nodes, y=nodes)
    def choose(self, condition: Pair, x: Pair, y: Pair) -> Pair:
        return self.chosen(condition, x, y)

    def chosen(self, condition: Pair, x: Pair, y: Pair) -> Pair:
        taken = float(condition[1].data > 0)
        gates = record(ops.gate, x[1], taken), record(ops.gate, y[1], 1.0 - taken)
        return self.both(where(condition[0] > 0, x[0], y[0]), record(ops.add, *gates))

    @rule(target=nodes, x=nodes, y=nodes, row=st.sampled_from([ops.log, ops.sqrt]))
    def choose_where_there_is_a_derivative(self, x: Pair, y: Pair, row: ops.Operation) -> Pair:
        return self.chosen(x, (getattr(autograd, row.name)(x[0]), record(row, x[1])), y)

    @rule(root=nodes, seed=st.just(1.0) | everyday)
    def go_backward(self, root: Pair, seed: float) -> None:
        for node in root:
            node.backward(seed)

    @rule(root=nodes)
    def set_gradients_to_zero(self, root: Pair) -> None:
        for node in root:
            node.zero_grad()

    @rule(node=nodes, number=any_number)
    def update_a_leaf(self, node: Pair, number: float) -> None:
        value, twin = node
        try:
            value.data = number
        except AttributeError:
            assert twin.operands
        else:
            assert not twin.operands
            twin.data = number

    @rule(node=nodes, number=everyday)
    def set_a_gradient(self, node: Pair, number: float) -> None:
        for one in node:
            one.grad = number

    @rule(target=nodes, node=nodes)
    def detach(self, node: Pair) -> Pair:
        return self.both(node[0].detach(), Twin(node[1].data))

    @rule(target=nodes, row=st.sampled_from(TWO), x=nodes, y=pairs)
    def apply_without_recording(self, row: ops.Operation, x: Pair, y: Pair) -> Pair:
        assume(row is not ops.copysign or not is_nan(y))
        with no_grad():
            value = getattr(autograd, row.name)(x[0], y[0])
        return self.both(value, Twin(record(row, x[1], y[1]).data))

    @rule(target=nodes, node=nodes, by_pickle=st.booleans())
    def copy_all_below(self, node: Pair, by_pickle: bool) -> Any:
        value = pickle.loads(pickle.dumps(node[0])) if by_pickle else copy.deepcopy(node[0])
        return multiple(*(self.both(*pair) for pair in alongside(value, node[1].copy())))

    @rule(target=nodes, node=nodes)
    def copy_one(self, node: Pair) -> Pair:
        return self.both(copy.copy(node[0]), copy.copy(node[1]))

    @rule(node=consumes(nodes))
    def forget(self, node: Pair) -> None:
        """A node that other nodes depend on stays alive. Any other node is freed."""
        self.alive = [pair for pair in self.alive if pair[0] is not node[0]]

    @invariant()
    def all_data_and_gradients_are_equal(self) -> None:
        for value, twin in self.alive:
            assert bits(value.data) == bits(twin.data), (value, twin.data)
            assert bits(value.grad) == bits(twin.grad), (value, twin.grad)


SideBySide.TestCase.settings = settings(max_examples=max(200, settings().max_examples), stateful_step_count=30)
TestSideBySide = SideBySide.TestCase


def test_an_operand_that_is_not_selected_receives_nothing() -> None:
    """At a tie, clamp_min selects its first operand, and the second contribution would be 0 times infinity."""
    x, twin = Value(0.0), Twin(0.0)
    y: Any = ops.log(ops.clamp_min(x, x))
    y.backward()
    record(ops.log, record(ops.clamp_min, twin, twin)).backward(1.0)
    assert (x.grad, twin.grad) == (math.inf, math.inf)


def test_a_leaf_that_receives_nothing_keeps_the_sign_of_its_gradient() -> None:
    x, twin = Value(0.5), Twin(0.5)
    x.grad = twin.grad = -0.0
    y: Any = ops.less(x, 1.0)
    y.backward()
    record(ops.less, twin, 1.0).backward(1.0)
    assert (bits(x.grad), bits(twin.grad)) == (bits(-0.0), bits(-0.0))
