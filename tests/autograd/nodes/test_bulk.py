"""Reading and writing data and gradients of many Values at once."""

from __future__ import annotations

import copy
import io
import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
from autograd import LeafTuple, RecordingError, Value, read_data, read_grads, read_leaves, write_data, write_grads

numbers = st.lists(st.floats(), max_size=8)


def bits(array: Any) -> list[bytes]:
    return [np.float64(number).tobytes() for number in array]


@given(numbers)
def test_numbers_are_read_as_written_bit_for_bit(given: list[float]) -> None:
    values = [Value(0.0) for _ in given]
    write_data(values, given)
    write_grads(tuple(values), np.array(given[::-1]))
    assert bits(read_data(tuple(values))) == bits(given) == bits([value.data for value in values])
    assert bits(read_grads(values)) == bits(given[::-1]) == bits([value.grad for value in values])


@given(numbers)
def test_leaves_are_read_and_written_like_a_list(given: list[float]) -> None:
    values = LeafTuple([Value(1.0) for _ in given])
    write_data(values, given)
    write_grads(values, given[::-1])
    assert bits(read_data(values)) == bits(given) == bits([value.data for value in values])
    assert bits(read_grads(values)) == bits(given[::-1]) == bits([value.grad for value in values])
    assert [*map(bits, read_leaves(values))] == [bits(given), bits(given[::-1])]
    write_grads(values, -0.0)
    assert bits(read_grads(values)) == bits([-0.0] * len(given))


def test_leaves_hold_only_leaves() -> None:
    x = Value(2.0)
    with pytest.raises(AttributeError, match=r"LeafTuple\(\) is for leaves, but item 1 is Value\(4"):
        LeafTuple([x, x * x])
    with pytest.raises(TypeError, match=r"LeafTuple\(\) takes Values, but item 0 is float \(1.0\)"):
        LeafTuple([1.0, x])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"LeafTuple\(\) takes a list or tuple of Values, not Value"):
        LeafTuple(x)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"an array of shape \(1,\), not \(2,\)"):
        write_data(LeafTuple([x]), [1.0, 2.0])
    assert x.data == 2.0


class Replaced(pickle.Unpickler):
    """Unpickles a computed Value in place of every Value."""

    def persistent_load(self, _: Any) -> Value:
        return Value(2.0) * 3.0


class Replacing(pickle.Pickler):
    def persistent_id(self, item: Any) -> Any:
        return "value" if isinstance(item, Value) else None


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_copies_of_leaves_are_checked(protocol: int) -> None:
    leaves = LeafTuple([Value(2.0)])
    for copied in (pickle.loads(pickle.dumps(leaves, protocol)), copy.deepcopy(leaves), copy.copy(leaves)):
        assert (type(copied), copied[0].data) == (LeafTuple, 2.0)
    file = io.BytesIO()
    Replacing(file, protocol).dump(leaves)
    file.seek(0)
    with pytest.raises(AttributeError, match="is for leaves, but item 0 is"):
        Replaced(file).load()


@given(st.lists(st.tuples(st.integers(0, 9_000), st.booleans()), max_size=30), st.integers(0, 2**32))
@example([(9_000, True), (9_000, False)] * 3, 0)
def test_values_keep_their_numbers_when_the_memory_of_others_is_reused(steps: list[tuple[int, bool]], seed: int) -> None:
    # A block of memory holds 818 Values. Its numbers are not in the objects, but behind them.
    generator = np.random.default_rng(seed)
    kept: list[Value] = []
    expected: list[float] = []
    for count, keeps_few in steps:
        created = [Value(float(len(kept) + i)) for i in range(count)]
        assert not any(read_grads(created))
        write_grads(created, -read_data(created))
        kept, expected = kept + created, expected + read_data(created).tolist()
        chosen = np.flatnonzero(generator.random(len(kept)) < (0.1 if keeps_few else 0.9))
        kept, expected = [kept[i] for i in chosen], [expected[i] for i in chosen]
        assert [value.data for value in kept] == expected
        assert [-value.grad for value in kept] == expected


def test_a_single_number_is_written_to_all_values() -> None:
    values = [Value(1.0), Value(2.0)]
    write_data(values, 3)
    write_grads(values, np.float32(0.5))
    assert [(value.data, value.grad) for value in values] == [(3.0, 0.5), (3.0, 0.5)]


@pytest.mark.parametrize(
    "given",
    [
        [1, Fraction(1, 2)],
        (True, 0.5),
        np.array([1, 0.5], dtype=np.float32),
        np.array([1, Fraction(1, 2)]),
        np.ones((2, 3))[:, 0] * [1, 0.5],
    ],
)
def test_numbers_of_every_accepted_type_are_written(given: Any) -> None:
    values = [Value(0.0), Value(0.0)]
    write_data(values, given)
    assert [value.data for value in values] == [1.0, 0.5]


def test_the_returned_array_is_a_copy() -> None:
    value = Value(1.0)
    read_data([value])[0] = 2.0
    assert value.data == 1.0


def test_a_value_listed_twice_receives_the_last_number() -> None:
    value = Value(1.0)
    write_data([value, value], [2.0, 3.0])
    assert value.data == 3.0


def test_gradients_of_computed_values_are_read_and_written() -> None:
    x = Value(2.0)
    y = x * x
    (3 * y).backward()
    assert read_grads([y, x]).tolist() == [3.0, 12.0]
    write_grads([y], 0.0)
    assert y.grad == 0.0
    assert read_data([y]).tolist() == [4.0]


@pytest.mark.parametrize("function", [read_data, read_grads, lambda v: write_data(v, 0.0), lambda v: write_grads(v, 0.0)])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        (Value(1.0), r"takes a list or tuple of Values, not Value \(Value\(1\.0\)\)"),
        ({Value(1.0)}, "takes a list or tuple of Values, not set"),
        ([Value(1.0), 2.0], r"takes Values, but item 1 is float \(2\.0\)"),
        (["x"], "takes Values, but item 0 is str"),
    ],
)
def test_arguments_other_than_lists_of_values_raise_an_error(function: Callable[[Any], Any], given: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        function(given)


@pytest.mark.parametrize("write", [write_data, write_grads])
@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ([1.0], ValueError, r"needs one number per Value: an array of shape \(2,\), not \(1,\)"),
        (np.ones((2, 1)), ValueError, r"an array of shape \(2,\), not \(2, 1\)"),
        ([1.0, "x"], TypeError, "item 1 written by write_.*"),
        ([1.0, 1j], TypeError, "item 1 written by write_.*"),
        ("xy", TypeError, "takes numbers, a list or an array, not str"),
        (None, TypeError, "the number written by write_.*None"),
        (np.array([1j, 2]), TypeError, "item 0 written by write_.*"),
        ([1.0, Value(2.0)], TypeError, "item 1 written by write_.*"),
    ],
)
def test_unsuitable_numbers_raise_an_error_and_change_nothing(
    write: Callable[[Any, Any], None], given: Any, kind: type[Exception], message: str
) -> None:
    values = [Value(7.0), Value(8.0)]
    with pytest.raises(kind, match=message):
        write(values, given)
    assert [(value.data, value.grad) for value in values] == [(7.0, 0.0), (8.0, 0.0)]


@pytest.mark.parametrize("write", [write_data, write_grads])
def test_a_list_that_shrinks_during_the_conversion_raises_an_error(write: Callable[[Any, Any], None]) -> None:
    class Shrinking(Fraction):
        def __float__(self) -> float:
            values.pop()
            return 0.5

    values = [Value(7.0), Value(8.0)]
    first = values[0]
    with pytest.raises(ValueError, match=r"the list of Values must not change its length during write_(data|grads)\(\)"):
        write(values, [1.0, Shrinking(1, 2)])
    assert (first.data, first.grad) == (7.0, 0.0)


def test_writing_data_of_a_computed_value_raises_an_error_and_changes_nothing() -> None:
    x = Value(1.0)
    with pytest.raises(AttributeError, match=r"item 1 is Value\(2\.0.*is computed from its operands"):
        write_data([x, x + 1], [5.0, 6.0])
    assert x.data == 1.0


@pytest.mark.parametrize("use", [lambda x: read_data([x])[0] * x, lambda x: read_grads([x])[0] * x])
def test_reading_raises_an_error_while_a_function_is_recorded(use: Callable[[Value], Any]) -> None:
    with pytest.raises(RecordingError, match="is read"):
        autograd.compile(use)(1.0)


@pytest.mark.parametrize("write", [write_data, write_grads])
def test_writing_raises_an_error_while_a_function_is_recorded(write: Callable[[Any, Any], None]) -> None:
    p = Value(1.0)

    def use(x: Value) -> Value:
        write([p], 2.0)
        return x * p

    with pytest.raises(RecordingError, match="is assigned to"):
        autograd.compile(use)(1.0)
    assert p.data == 1.0
    assert p.grad == 0.0


def test_reading_an_empty_list_returns_an_empty_array() -> None:
    assert read_data([]).shape == (0,)
    write_data([], [])
    write_grads([], math.nan)


def test_after_an_error_the_first_values_have_their_old_numbers() -> None:
    x, y = Value(1.0), Value(2.0)
    x.grad, y.grad = 3.0, 4.0
    with pytest.raises(TypeError, match="item 3 is str"):
        write_data([x, y, x, "z"], [5.0, 6.0, 7.0, 8.0])  # type: ignore[list-item]
    with pytest.raises(AttributeError, match="item 2"):
        write_data([y, y, x * y], 0.0)
    with pytest.raises(TypeError, match="item 2 is float"):
        write_grads([x, x, 1.0], [5.0, 6.0, 7.0])  # type: ignore[list-item]
    assert (x.data, y.data, x.grad, y.grad) == (1.0, 2.0, 3.0, 4.0)


# ---- same_items ----


def test_same_items_compares_lists_and_dicts_by_identity() -> None:
    x, equal = Value(1.0), Value(1.0)
    items, table = [x, 2.0], {"a": x}
    before = [tuple(items), ("a", x)]
    assert autograd.same_items([items, table], before)
    for changed in ([equal, 2.0], [x], [x, 2.0, x], []):
        assert not autograd.same_items([changed, table], before)
    for other in ({"a": equal}, {"b": x}, {}, {"a": x, "b": x}):
        assert not autograd.same_items([items, other], before)
    assert autograd.same_items([], [])
