"""A function is recorded twice. If the two recordings differ, it is rejected with the line and a remedy."""

from __future__ import annotations

import functools
import itertools
import random
import re
import threading
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import RecordingError, Value

X = np.array([1.0, 2.0, 3.0])
REMEDY = "compute it outside and pass it as an argument, or do not compile"


def rejection(function: Any, *arguments: Any) -> str:
    """Return the reason why the function is rejected. Every method rejects it, repeatedly."""
    compiled = autograd.compile(function)
    for call in (compiled, compiled.backward, compiled.value_and_grad, compiled.program):
        with pytest.raises(RecordingError) as caught:
            call(*(arguments or (X,)))
    assert str(caught.value).endswith(REMEDY)
    return str(caught.value)


# ---- rejected functions ----


class Counting:
    def __init__(self) -> None:
        self.w = Value(2.0)
        self.calls = 0
        self.hidden: Any = None
        self.weights = [Value(0.0), Value(0.0)]

    def count(self, x: Any) -> Any:
        self.calls += 1
        return x * self.calls

    def recur(self, x: Any) -> Any:
        self.hidden = x if self.hidden is None else self.w * self.hidden + x
        return self.hidden

    def alternating(self, x: Any) -> Any:
        self.weights.reverse()
        return self.weights[0] * x

    def running(self, x: Any) -> Any:
        self.w = 0.9 * self.w + 0.1 * x
        return x - self.w


def test_the_error_for_a_counter_the_time_or_a_new_generator_has_the_line_and_the_numbers() -> None:
    seen = rejection(Counting().count)
    line = Counting.count.__code__.co_firstlineno + 2
    assert seen.startswith(f"{__file__}, line {line}: a compiled function must do the same on every call, but this one uses ")
    assert re.search(r"uses the number \d+\.0 in one call and the number \d+\.0 in another; compute it outside", seen)
    for function in (
        lambda x: x * time.perf_counter(),
        lambda x: x + random.Random().random(),
        lambda x: x * random.gauss(0, 1),
        lambda x: x * np.random.default_rng().normal(),
    ):
        line = function.__code__.co_firstlineno
        assert re.match(rf"{__file__}, line {line}: .* uses the number .* in one call", rejection(function))


def test_different_numbers_from_an_iterator_and_different_results_are_rejected() -> None:
    numbers = itertools.count(1.0)
    assert "uses the number" in rejection(lambda x: next(numbers))
    few = iter([1.0, 2.0])
    with pytest.raises(RecordingError, match=r"uses the number 1.0 in one call and the number 2.0 in another"):
        autograd.compile(lambda x: x * next(few))(X)
    lengths = itertools.count(1)
    assert re.search(r"uses \[number.*\] in one call and \[number, number", rejection(lambda x: [x] * next(lengths)))
    keys = itertools.count()
    assert re.search(r"uses \{\d+: number\} in one call and \{\d+: number\}", rejection(lambda x: {next(keys): x}))


def test_different_operations_in_the_two_calls_are_rejected() -> None:
    flips = itertools.cycle([True, False])
    assert re.search("uses the operation '(sin|cos)' in one call", rejection(lambda x: x.sin() if next(flips) else x.cos()))
    counts = itertools.count(1)
    assert "uses" in rejection(lambda x: functools.reduce(lambda y, _: y.sin(), range(next(counts)), x))
    signs = itertools.cycle([0.0, -0.0])
    assert re.search("uses the number -?0.0 in one call and the number -?0.0 in another", rejection(lambda x: x * next(signs)))
    cuts = itertools.cycle([True, False])
    assert "uses" in rejection(lambda x: x.detach() if next(cuts) else x + -0.0)  # equal except for the gradient
    orders = itertools.cycle([1, -1])
    assert "uses" in rejection(lambda x, y: [x.sin(), y.cos()][:: next(orders)], 1.0, 1.0)
    orders = itertools.cycle([1, -1])
    assert "uses" in rejection(lambda x, y: x - y if next(orders) > 0 else y - x, 1.0, 1.0)


@pytest.mark.parametrize("name", ["count", "recur", "alternating", "running"])
def test_state_passed_from_one_call_to_the_next_is_detected(name: str) -> None:
    assert "must do the same on every call, but this one" in rejection(getattr(Counting(), name))


def test_a_value_computed_in_the_first_call_and_kept_for_the_next_is_detected() -> None:
    """A call uses the kept Value. A replay would compute it from the current parameter."""
    w = Value(2.0)
    kept: list[Any] = []

    def f(x: Any) -> Any:
        if not kept:
            kept.append(w * 3)
        return kept[0] * x

    with pytest.raises(RecordingError, match=r"line \d+: .* uses the operation '\*' in one call and a Value computed"):
        autograd.compile(f)(X)
    assert autograd.compile(f)(X).tolist() == [6.0, 12.0, 18.0]  # now it exists in each call


def test_different_parameters_in_the_two_calls_are_rejected() -> None:
    values = itertools.cycle([Value(0.0, label="w"), Value(1.0, label="v")])
    assert re.search("uses the Value [wv] in one call and the Value [wv] in another", rejection(lambda x: next(values) * x))
    equal = itertools.cycle([Value(1.0), Value(1.0)])
    assert "uses the Value 1.0 in one call and the Value 1.0 in another" in rejection(lambda x: next(equal) * x)


def test_dropout_in_training_mode_is_rejected() -> None:
    model = nn.MLP(1, [16, 1], dropout=0.5, seed=0)
    assert re.search(r"uses the number [02]\.0 in one call and the number", rejection(lambda x: model([x])[0]))
    assert autograd.compile(lambda x: model.eval()([x])[0])(X).shape == (3,)


# ---- allowed functions ----


class Writing:
    """Writes attributes that it does not read."""

    def __init__(self) -> None:
        self.w = Value(2.0)
        self.calls = 0
        self.seen: list[Any] = []

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        self.total = Value(0.0) + self.w * x
        self.scale = 0.1 * 30
        self.seen.append(self.w + x)
        return self.total * self.scale


def test_side_effects_that_do_not_influence_the_result_are_allowed_and_recorded_once() -> None:
    model = Writing()
    compiled = autograd.compile(model)
    for _ in range(3):
        assert compiled(X).tolist() == [2.0 * x * (0.1 * 30) for x in X.tolist()]
        assert compiled.backward(X) > 0
    assert (model.calls, len(model.seen)) == (2, 2)
    assert compiled.program(X).n_parameters == 1
    model.w = Value(1.0)
    assert compiled(X).tolist() == [x * (0.1 * 30) for x in X.tolist()]


def test_a_parameter_created_in_the_first_call_and_kept_is_allowed() -> None:
    lazy = SimpleNamespace(w=None, calls=0)

    def f(x: Any) -> Any:
        if lazy.w is None:
            lazy.w = Value(2.0)
        return lazy.w * x

    compiled = autograd.compile(f)
    assert compiled(X).tolist() == [2.0, 4.0, 6.0]
    compiled.backward(X)
    assert lazy.w.grad == 2.0
    lazy.w.data = 3.0
    assert compiled(X).tolist() == [3.0, 6.0, 9.0]


def test_numbers_that_do_not_affect_the_result_may_differ() -> None:
    """The time is read, but does not affect the result."""
    compiled = autograd.compile(lambda x: (x * time.perf_counter(), x * 2)[1])
    assert compiled(X).tolist() == [2.0, 4.0, 6.0]


def test_nan_in_both_recordings_counts_as_equal() -> None:
    assert np.isnan(autograd.compile(lambda x: x * float("nan"))(X)).all()


def test_a_compiled_function_may_call_others_on_its_arguments_and_on_numbers() -> None:
    inner = autograd.compile(lambda x: 2 * x)
    outer = autograd.compile(lambda x: inner(x) + inner(3.0))
    assert outer(X).tolist() == [8.0, 10.0, 12.0]
    assert outer.value_and_grad(X)[1].tolist() == [2.0, 2.0, 2.0]
    drawing = autograd.compile(lambda x: x * random.random())
    assert "uses the number" in rejection(lambda x: drawing(x))


def test_after_a_rejection_a_later_call_can_succeed() -> None:
    model = SimpleNamespace(draws=True)
    compiled = autograd.compile(lambda x: x * (random.random() if model.draws else 2.0))
    with pytest.raises(RecordingError, match="uses the number"):
        compiled(X)
    model.draws = False
    assert compiled(X).tolist() == [2.0, 4.0, 6.0]
    assert repr(compiled) == "<compiled <lambda>, recorded 1 time>"


def test_random_numbers_may_be_passed_as_an_argument() -> None:
    f = autograd.compile(lambda x, noise: x * noise)
    noise = np.random.default_rng(0).normal(size=3)
    assert f(X, noise).tolist() == (X * noise).tolist()


def test_a_counter_that_does_not_affect_the_result_is_allowed() -> None:
    stats = {"calls": 0}

    def g(x: Any) -> Any:
        stats["calls"] += 1
        return x * x

    assert autograd.compile(g)(X).tolist() == [1.0, 4.0, 9.0]
    assert stats["calls"] == 2


def test_random_numbers_that_are_the_same_on_every_call_are_allowed() -> None:
    def f(x: Any) -> Any:
        random.seed(0)
        return x * random.random()

    assert autograd.compile(f)(X).tolist() == (X * random.Random(0).random()).tolist()


def test_another_thread_may_draw_random_numbers_during_a_recording() -> None:
    """Its draws do not disturb the recording, and the recording does not change the state of the generator."""
    random.seed(1)
    started, recorded = threading.Event(), threading.Event()
    drawn: list[float] = []

    def draw() -> None:
        while not recorded.is_set():
            drawn.append(random.random())
            started.set()

    def f(x: Any) -> Any:
        for _ in range(15_000):
            x = x * 0.5 + 1.0
        return x

    thread = threading.Thread(target=draw)
    thread.start()
    started.wait(10)
    try:
        count = len(drawn)
        assert autograd.compile(f)(1.0) == 2.0
        assert len(drawn) > count
    finally:
        recorded.set()
        thread.join()
    expected = random.Random(1)
    assert drawn == [expected.random() for _ in drawn]


def test_a_value_created_while_recording_is_a_constant() -> None:
    kept: list[Value] = []

    def f(x: Any) -> Any:
        kept.append(Value(0.5))
        return kept[-1] * x

    for check in (True, False):
        compiled = autograd.compile(f, check=check)
        assert compiled(X).tolist() == (0.5 * X).tolist()
        kept[-1].data = 3.0
        assert compiled(X).tolist() == (0.5 * X).tolist()
        assert compiled.program(X).n_parameters == 0
        compiled.backward(X)
        assert kept[-1].grad == 0.0
    random_constants = autograd.compile(lambda x: Value(random.random()) * x)
    with pytest.raises(RecordingError, match=r"uses the Value 0\.\d+ in one call and the Value 0\.\d+ in another"):
        random_constants(X)


def test_without_the_check_a_function_is_recorded_once() -> None:
    calls: list[int] = []

    def f(x: Any) -> Any:
        calls.append(1)
        return x * len(calls)

    compiled = autograd.compile(f, check=False)
    assert [compiled(X).tolist(), compiled(X).tolist()] == [X.tolist()] * 2
    assert len(calls) == 1
    assert autograd.compile(f, check=False).check is False
    with pytest.raises(TypeError, match=r"check must be True or False, not 1"):
        autograd.compile(f, check=1)  # type: ignore[call-overload]


# ---- captured objects are not searched ----


def test_a_large_captured_object_is_not_searched() -> None:
    looks: list[str] = []

    class Row(tuple[float, ...]):
        def __getattribute__(self, name: str) -> Any:
            looks.append(name)
            return super().__getattribute__(name)

        def __len__(self) -> int:
            looks.append("length")
            return super().__len__()

        def __iter__(self) -> Any:
            looks.append("numbers")
            return super().__iter__()

    rows = [Row((0.0, 1.0)) for _ in range(300_000)]
    holder = SimpleNamespace(rows=rows, by_name={"rows": rows}, nested=[rows], w=Value(2.0))
    f = autograd.compile(lambda x: x * holder.w * len(holder.rows) * len(holder.by_name) * len(holder.nested) * len(rows))
    assert f(1.0) == 2.0 * 300_000**2
    assert len(looks) <= 10  # not for each row


def test_objects_that_raise_errors_when_inspected_are_skipped() -> None:
    class Closed(dict[str, float]):
        def items(self) -> Any:
            raise ValueError

    class Unnamed:
        def __repr__(self) -> str:
            raise ValueError

    class Sealed:
        def __getattribute__(self, name: str) -> Any:
            raise ValueError

    closed, keyed, sealed = Closed(a=2.0), {Unnamed(): {}, "a": 3.0}, [Sealed()]
    assert autograd.compile(lambda x: x * closed["a"] * keyed["a"] * len(sealed))(X).tolist() == (6 * X).tolist()
    alone = sealed[0]
    assert autograd.compile(lambda x: x if alone is sealed[0] else 0.0)(X).tolist() == X.tolist()
