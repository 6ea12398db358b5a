"""What a replay would not do as a call does is refused when a function is recorded, with its name and the way out."""

from __future__ import annotations

import functools
import itertools
import random
import re
import time
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fresh import run_python

import autograd
import nn
from autograd import RecordingError, Value

X = np.array([1.0, 2.0, 3.0])
WAY_OUT = "Draw, count or look it up outside and pass the numbers as an argument; or do not compile"


def refused(function: Any, *arguments: Any) -> str:
    """Why the function is refused; it is so whatever is asked of it, and again."""
    compiled = autograd.compile(function)
    for call in (compiled, compiled.backward, compiled.value_and_grad, compiled.program):
        with pytest.raises(RecordingError) as caught:
            call(*(arguments or (X,)))
    assert str(caught.value).endswith(WAY_OUT)
    return str(caught.value)


# ---- generators ----


def states(*generators: Any) -> list[str]:
    """From where on each draws, and so the global ones."""
    found = []
    for generator in (random._inst, np.random.mtrand._rand, *generators):
        if isinstance(generator, random.Random):
            found.append(repr(generator.getstate()))
        elif isinstance(generator, np.random.RandomState):
            found.append(repr([x.tolist() if hasattr(x, "tolist") else x for x in generator.get_state()]))
        else:
            found.append(repr(generator.bit_generator.state))
    return found


def coin(generator: Any) -> float:
    """The same however it falls."""
    return 1.0 if generator.random() < 2 else 0.0


class Owner:
    def __init__(self, generator: Any) -> None:
        self.generator = generator
        self.draw = generator.random
        self.parts = {"inner": [SimpleNamespace(rng=generator)]}

    def __call__(self, x: Any) -> Any:
        return x * coin(self.generator)

    def method(self, x: Any) -> Any:
        return x * (self.draw() < 2)

    def deep(self, x: Any) -> Any:
        return x * coin(self.parts["inner"][0].rng)


def with_default(generator: Any) -> Any:
    def f(x: Any, p: float = 0.5, rng: Any = generator) -> Any:
        return x * p * coin(rng)

    return f


def with_keyword(generator: Any) -> Any:
    def f(x: Any, *, rng: Any = generator) -> Any:
        return x * coin(rng)

    return f


def behind_a_method(generator: Any) -> Any:
    draw = generator.random
    return lambda x: x * (draw() < 2)


def decorated(generator: Any) -> Any:
    return functools.lru_cache(lambda x: x * coin(generator))


def in_a_sequential(generator: Any) -> Any:
    model = nn.Sequential(lambda z: z * coin(generator), nn.Linear(1, 1))
    return lambda x: model([x])[0]


GENERATORS: dict[str, Callable[[], Any]] = {
    "random.Random": lambda: random.Random(1),
    "the global one": lambda: random._inst,
    "NumPy's Generator": lambda: np.random.default_rng(1),
    "another BitGenerator": lambda: np.random.Generator(np.random.MT19937(1)),
    "RandomState": lambda: np.random.RandomState(1),
    "NumPy's global one": lambda: np.random.mtrand._rand,
}
PLACES: dict[str, Callable[[Any], Any]] = {
    "a variable of the enclosing function": lambda rng: lambda x: x * coin(rng),
    "a default": with_default,
    "a default of a keyword": with_keyword,
    "an attribute": Owner,
    "a method of it, as an attribute": lambda rng: Owner(rng).method,
    "a method of it": behind_a_method,
    "deep inside": lambda rng: Owner(rng).deep,
    "partial": lambda rng: functools.partial(lambda rng, x: x * coin(rng), rng),
    "partial, by name": lambda rng: functools.partial(lambda x, rng: x * coin(rng), rng=rng),
    "behind a decorator": decorated,
    "behind a derivative": lambda rng: autograd.grad(lambda x: x * x * coin(rng)),
    "behind a compiled function": lambda rng: autograd.compile(lambda x: x * coin(rng)),
    "in an nn.Sequential": in_a_sequential,
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", GENERATORS)
def test_a_draw_is_noticed_by_the_state_of_the_generator_which_is_put_back(kind: str, place: str) -> None:
    """Wherever the generator is; also if what it gave was the same each time."""
    generator = GENERATORS[kind]()
    function = PLACES[place](generator)
    before = states(generator)
    assert "draws random numbers from" in refused(function)
    assert states(generator) == before


def test_the_message_names_the_generator() -> None:
    assert "draws random numbers from the module random. A" in refused(lambda x: x * coin(random))
    assert "draws random numbers from the module numpy.random. A" in refused(lambda x: x * coin(np.random))
    model = Owner(random.Random(0))
    assert "draws random numbers from generator. A" in refused(lambda x: model(x))
    dropping = nn.MLP(1, [3, 1], dropout=0.5, seed=0)
    assert "draws random numbers from dropping.layers[1]._rng. A" in refused(lambda x: dropping([x])[0])
    assert autograd.compile(lambda x: dropping.eval()([x])[0])(X).shape == (3,)


def test_a_function_that_draws_and_is_refused_for_something_else_draws_nothing_either() -> None:
    def f(x: Any) -> Any:
        return random.random() * x if x > 0 else coin(np.random)

    before = states()
    with pytest.raises(RecordingError, match="a branch depends on it"):
        autograd.compile(f)(X)
    assert states() == before


def test_a_draw_in_the_second_call_only_is_noticed_and_so_is_a_generator_made_in_the_first() -> None:
    calls = itertools.count()
    before = states()
    assert "draws random numbers from the module random" in refused(lambda x: x if next(calls) % 2 == 0 else x * coin(random))
    assert states() == before
    lazy = SimpleNamespace(rng=None)

    def f(x: Any) -> Any:
        if lazy.rng is None:
            lazy.rng = random.Random(0)
            return x
        return x * coin(lazy.rng)

    assert "draws random numbers from rng" in refused(f)


def test_a_recording_that_goes_well_draws_nothing_and_other_generators_may_be_there() -> None:
    rng, system = random.Random(0), random.SystemRandom()
    before = states(rng)
    assert autograd.compile(lambda x: x * (2.0 if rng and system else 1.0))(X).tolist() == [2.0, 4.0, 6.0]
    assert states(rng) == before


def test_numbers_drawn_outside_and_given_as_an_argument_are_the_way_out() -> None:
    f = autograd.compile(lambda x, noise: x * noise)
    noise = np.random.default_rng(0).normal(size=3)
    assert f(X, noise).tolist() == (X * noise).tolist()


def test_numpy_random_is_not_loaded_to_find_out() -> None:
    code = "import autograd, sys; autograd.compile(lambda x: x * 2)(1.0); print('numpy.random' in sys.modules)"
    assert run_python(code).strip() == "False"


def test_what_is_drawn_from_a_numpy_random_loaded_meanwhile_is_noticed() -> None:
    code = """
import autograd, numpy
try:
    autograd.compile(lambda x: x * (numpy.random.random() < 2))(1.0)
except autograd.RecordingError as problem:
    print(problem)
"""
    assert "draws random numbers from the module numpy.random" in run_python(code)


# ---- two recordings ----


class Counting:
    def __init__(self) -> None:
        self.w = Value(2.0)
        self.calls = 0
        self.hidden: Any = None
        self.state = {"calls": 0}
        self.weights = [Value(0.0), Value(0.0)]

    def count(self, x: Any) -> Any:
        self.calls += 1
        return x * self.calls

    def recur(self, x: Any) -> Any:
        self.hidden = x if self.hidden is None else self.w * self.hidden + x
        return self.hidden

    def seldom(self, x: Any) -> Any:
        self.calls += 1
        return x if self.calls < 100 else self.w * x

    def in_a_dict(self, x: Any) -> Any:
        self.state["calls"] += 1
        return x * (1.0 + self.state["calls"] // 100)

    def alternating(self, x: Any) -> Any:
        self.weights.reverse()
        return self.weights[0] * x

    def running(self, x: Any) -> Any:
        self.w = 0.9 * self.w + 0.1 * x
        return x - self.w


def test_a_counter_the_time_and_new_generators_are_noticed_with_the_line_and_the_numbers() -> None:
    seen = refused(Counting().count)
    line = Counting.count.__code__.co_firstlineno + 2
    assert seen.startswith(f"{__file__}, line {line}: a function that is compiled must do the same at each call, but ")
    assert re.search(r"this one uses the number \d+\.0 in one call and the number \d+\.0 in another\. A replay", seen)
    for function in (lambda x: x * time.perf_counter(), lambda x: x + random.Random().random()):
        line = function.__code__.co_firstlineno
        assert re.match(rf"{__file__}, line {line}: .* uses the number .* in one call", refused(function))


def test_numbers_that_come_from_an_iterator_or_are_the_result() -> None:
    numbers = itertools.count(1.0)
    assert "uses the number" in refused(lambda x: next(numbers))
    few = iter([1.0, 2.0])
    with pytest.raises(RecordingError, match=r"uses the number 1.0 in one call and the number 2.0 in another"):
        autograd.compile(lambda x: x * next(few))(X)
    lengths = itertools.count(1)
    assert re.search(r"uses \[number.*\] in one call and \[number, number", refused(lambda x: [x] * next(lengths)))
    keys = itertools.count()
    assert re.search(r"uses \{\d+: number\} in one call and \{\d+: number\}", refused(lambda x: {next(keys): x}))


def test_other_operations_and_more_of_them() -> None:
    flips = itertools.cycle([True, False])
    assert re.search("uses the operation '(sin|cos)' in one call", refused(lambda x: x.sin() if next(flips) else x.cos()))
    counts = itertools.count(1)
    assert "uses" in refused(lambda x: functools.reduce(lambda y, _: y.sin(), range(next(counts)), x))
    signs = itertools.cycle([0.0, -0.0])
    assert re.search("uses the number -?0.0 in one call and the number -?0.0 in another", refused(lambda x: x * next(signs)))
    cuts = itertools.cycle([True, False])
    assert "uses" in refused(lambda x: x.detach() if next(cuts) else x + -0.0)  # the same but for the gradient
    orders = itertools.cycle([1, -1])
    assert "uses" in refused(lambda x, y: [x.sin(), y.cos()][:: next(orders)], 1.0, 1.0)
    orders = itertools.cycle([1, -1])
    assert "uses" in refused(lambda x, y: x - y if next(orders) > 0 else y - x, 1.0, 1.0)


@pytest.mark.parametrize("name", ["count", "recur", "seldom", "in_a_dict", "alternating", "running"])
def test_what_a_call_leaves_behind_for_the_next_is_noticed(name: str) -> None:
    assert "must do the same at each call, but this one" in refused(getattr(Counting(), name))


def test_a_number_that_it_changes_and_reads_is_named_though_nothing_has_come_of_it_yet() -> None:
    assert re.search(r"changes calls, which it reads, from \d+ to \d+\. A", refused(Counting().seldom))
    assert re.search(r"changes state\['calls'\], which it reads, from \d+ to \d+\. A", refused(Counting().in_a_dict))


def test_what_is_computed_in_the_first_call_and_kept_for_the_next_is_noticed() -> None:
    """A call goes on with what it was; a replay would compute it from the parameter of the day."""
    w = Value(2.0)
    kept: list[Any] = []

    def f(x: Any) -> Any:
        if not kept:
            kept.append(w * 3)
        return kept[0] * x

    with pytest.raises(RecordingError, match=r"line \d+: .* uses the operation '\*' in one call and a Value computed before"):
        autograd.compile(f)(X)
    assert autograd.compile(f)(X).tolist() == [6.0, 12.0, 18.0]  # now it is there in each call


def test_a_parameter_that_is_made_anew_and_kept_is_noticed() -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept.append(Value(0.5))
        return kept[-1] * x

    assert "uses the Value 0.5 in one call and a new one in the next" in refused(f)
    values = itertools.cycle([Value(0.0, label="w"), Value(1.0, label="v")])
    assert re.search("uses the Value [wv] in one call and the Value [wv] in another", refused(lambda x: next(values) * x))


# ---- what is allowed ----


class Writing:
    """It writes what it does not read."""

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


def test_what_is_made_in_the_first_call_and_kept_is_allowed() -> None:
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


def test_what_comes_of_nothing_may_differ() -> None:
    """The time is looked at, and printed; nothing of it is in the result."""
    compiled = autograd.compile(lambda x: (x * time.perf_counter(), x * 2)[1])
    assert compiled(X).tolist() == [2.0, 4.0, 6.0]


def test_nan_is_the_same_as_nan() -> None:
    assert np.isnan(autograd.compile(lambda x: x * float("nan"))(X)).all()


def test_a_compiled_function_may_call_others_on_what_it_was_given_and_on_numbers() -> None:
    inner = autograd.compile(lambda x: 2 * x)
    outer = autograd.compile(lambda x: inner(x) + inner(3.0))
    assert outer(X).tolist() == [8.0, 10.0, 12.0]
    assert outer.value_and_grad(X)[1].tolist() == [2.0, 2.0, 2.0]
    drawing = autograd.compile(lambda x: x * coin(random))
    assert "draws random numbers" in refused(lambda x: drawing(x))


def test_after_a_refusal_a_later_call_can_go_well() -> None:
    model = Counting()
    model.draws = True  # type: ignore[attr-defined]
    compiled = autograd.compile(lambda x: x * (coin(random) if model.draws else 2.0))  # type: ignore[attr-defined]
    with pytest.raises(RecordingError, match="draws random numbers"):
        compiled(X)
    model.draws = False  # type: ignore[attr-defined]
    assert compiled(X).tolist() == [2.0, 4.0, 6.0]
    assert repr(compiled) == "<compiled <lambda>, recorded 1 times>"


def test_of_much_data_in_reach_each_row_is_met_once_and_its_numbers_are_not_looked_at() -> None:
    looks: list[str] = []

    class Row(list[float]):
        def __len__(self) -> int:
            looks.append("length")
            return super().__len__()

        def __iter__(self) -> Any:
            looks.append("numbers")
            return super().__iter__()

    holder = SimpleNamespace(data=[Row([0.0] * 784) for _ in range(300)] * 200, w=Value(2.0))
    assert autograd.compile(lambda x: x * holder.w * len(holder.data))(1.0) == 2.0 * 60_000
    assert "numbers" not in looks
    assert len(looks) == 2 * 300  # in each of two recordings


# ---- what is looked into, however odd ----


class Slotted:
    __slots__ = ("generator",)

    def __init__(self) -> None:
        self.generator = random.Random(0)


@pytest.mark.parametrize("kept", [deque([random.Random(0)]), [Slotted()], {"a": Slotted()}])
def test_a_generator_in_a_deque_or_in_slots_is_found_and_put_back(kept: Any) -> None:
    def generator() -> random.Random:
        first = next(iter(kept.values() if isinstance(kept, dict) else kept))
        found: random.Random = getattr(first, "generator", first)
        return found

    before = generator().getstate()
    assert "draws random numbers from kept[" in refused(lambda x: x * (1.0 if generator().random() < 2.0 else 0.0))
    assert generator().getstate() == before


def test_a_chain_of_many_objects_is_looked_into() -> None:
    class Link:
        after: Any = None
        number = 2.0

    first = last = Link()
    for _ in range(20_000):
        last.after = last = Link()
    assert autograd.compile(lambda x: x * first.number)(X).tolist() == (2 * X).tolist()
    while first is not None:  # freed one by one
        first = first.after


def test_objects_that_do_not_like_to_be_looked_at_are_left_alone() -> None:
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


def test_the_mode_and_the_layers_of_a_network_are_looked_at_in_each_call() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    model = nn.Sequential(nn.Linear(2, 1, seed=0), nn.Dropout(0.5, seed=0)).eval()
    compiled = autograd.compile(model)
    compiled(rows)
    model.train()
    with pytest.raises(autograd.RecordingError, match=r"draws random numbers from Sequential\.layers"):
        compiled(rows)
    model.eval()
    model.layers = [nn.Linear(2, 1, seed=3)]
    assert compiled(rows)[0].tolist() == [model(row)[0].data for row in rows]


def test_the_mode_of_a_module_of_ones_own_is_looked_at_in_each_call() -> None:
    class Doubling(nn.Module):
        def __call__(self, x: Any) -> Any:
            return 2.0 * x if self.training else x

    model = Doubling()
    compiled = autograd.compile(model)
    assert [compiled(X).tolist(), (model.eval(), compiled(X).tolist())[1]] == [(2 * X).tolist(), X.tolist()]
