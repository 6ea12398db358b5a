"""The arguments of a compiled function: any array of real numbers, and any structure of numbers."""

from __future__ import annotations

import datetime
import decimal
import fractions
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.arguments import Arguments

double = autograd.compile(lambda x: x * 2)


@pytest.mark.parametrize("dtype", ["f4", "f2", "f8", "g", ">f8", "i8", "i1", "u1", "?", ">i4"])
def test_arrays_of_any_real_dtype_are_accepted(dtype: str) -> None:
    assert double(np.array([0, 1, 1]).astype(dtype)).tolist() == [0.0, 2.0, 2.0]


def test_arrays_of_any_memory_layout_are_accepted() -> None:
    table = np.arange(12.0).reshape(3, 4)
    read_only = table.copy()
    read_only.flags.writeable = False
    for rows in (table.T, table[::-1], table[:, ::2], np.asfortranarray(table), np.broadcast_to(table[0], (5, 4)), read_only):
        assert double(rows).tolist() == (2 * rows).tolist()
        assert autograd.compile(lambda row: row[0]).value_and_grad(rows)[1][:, 0].tolist() == [1.0] * len(rows)
    assert double(np.arange(8.0).reshape(2, 2, 2)).tolist() == (2 * np.arange(8.0).reshape(2, 2, 2)).tolist()


def unaligned(numbers: np.ndarray) -> np.ndarray:
    """Return the same numbers at an address that is not a multiple of their size, as dask delivers arrays."""
    moved = np.frombuffer(b"-" + numbers.tobytes(), dtype=np.int8)[1:].view(numbers.dtype).reshape(numbers.shape)
    assert not moved.flags.aligned
    return moved


@pytest.mark.parametrize("dtype", ["f8", ">f8", "f4", "i8", ">i8", "g"])
def test_arrays_that_are_not_aligned_in_memory_are_accepted(dtype: str) -> None:
    x = unaligned(np.arange(1.0, 7.0).astype(dtype).reshape(3, 2))
    f = autograd.compile(lambda row: row[0] * row[1])
    assert f(x).tolist() == [2.0, 12.0, 30.0]
    assert f.value_and_grad(x)[1].tolist() == [[2.0, 1.0], [4.0, 3.0], [6.0, 5.0]]
    assert f.program(x).run(x).tolist() == [[2.0, 12.0, 30.0]]
    packed = np.zeros(3, dtype=[("flag", "i1"), ("x", dtype)])  # the columns of a packed record are not aligned either
    packed["x"] = [1, 2, 3]
    assert double(packed["x"]).tolist() == [2.0, 4.0, 6.0]
    values = [Value(0.0) for _ in range(6)]
    autograd.write_data(values, unaligned(np.arange(1.0, 7.0).astype(dtype)))
    autograd.write_grads(values, unaligned(np.arange(1.0, 7.0).astype(dtype)))
    assert [v.data for v in values] == [v.grad for v in values] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_a_zero_dimensional_array_and_every_type_of_number_are_accepted_as_numbers() -> None:
    for x in (np.array(3.0), np.array(3), np.float32(3), np.int8(3), 3, fractions.Fraction(3), np.longdouble(3)):
        assert double(x) == 6.0
    assert double(True) == 2.0
    assert double(2**70) == 2.0**71


def test_the_given_arrays_are_not_changed() -> None:
    x = np.array([1.0, 2.0])
    autograd.compile(lambda x: x**2).value_and_grad(x)
    autograd.compile(lambda x: x)(x)[0] = 7.0
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("thing", "message"), [
    (np.array(["a"]), r"argument 0 must be an array of real numbers, not of <U1; convert it first: array.astype\(float\)"),
    (np.array([1j]), "not of complex128"),
    (np.array([1.0, None]), "not of object"),
    (np.array(["2020-01-01"], dtype="M8[D]"), r"not of datetime64\[D\]"),
    (np.zeros(2, dtype=[("a", float)]), "must be an array of real numbers, not of "),
    (np.ones((1, 1)).view(np.matrix), r"argument 0 must be a plain array, not a matrix; convert it first: np.asarray\(array\)"),
    (np.ma.array([1.0, 2.0], mask=[True, False]), "must be a plain array, not a MaskedArray"),
    (None, "argument 0 must be a number, an array of rows, or a list, tuple or dict of them, not NoneType"),
    ("1.0", "not str"),
    (1j, "not complex"),
    (decimal.Decimal(1), "not Decimal"),
    (datetime.date(2020, 1, 1), "not date"),
    ({1.0}, "not set"),
    ([1.0, [2.0, None]], r"argument 0\[1\]\[1\] must be a number"),
    ({"a": {"b": "c"}}, r"argument 0\['a'\]\['b'\] must be a number"),
])  # fmt: skip
def test_the_error_for_an_argument_that_is_not_a_number_names_its_position(thing: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        double(thing)


def test_integers_too_large_for_a_float_are_rejected() -> None:
    with pytest.raises(OverflowError, match="argument 0 must be in the range of float"):
        double(10**400)


def test_the_error_for_arrays_of_unequal_length_names_them() -> None:
    f = autograd.compile(lambda x, rest: x * rest["y"])
    message = (
        r"all arrays must have the same number of rows, but argument 0 has 3 and argument 1\['y'\] has 2; pass a number "
        "shared by all rows as a float, and a vector shared by all rows as a list"
    )
    for method in (f, f.backward, f.value_and_grad, f.program):
        with pytest.raises(ValueError, match=message):
            method(np.ones(3), {"y": np.ones(2)})
    with pytest.raises(ValueError, match="argument 0 has 0 and"):
        f(np.ones(0), {"y": np.ones(1)})


def test_the_signature_is_the_structure_of_the_arguments() -> None:
    one = Arguments((np.ones((3, 2)), [1.0, {"a": 2}], 3))
    other = Arguments((np.zeros((7, 2), dtype=int), [True, {"a": np.array(1.0)}], 4.5))
    assert one.signature == other.signature
    assert (one.rows, other.rows, one.scalars, other.scalars) == (3, 7, [1.0, 2.0, 3.0], [1.0, 1.0, 4.5])
    different = [
        (np.ones((3, 1)), [1.0, {"a": 2}], 3), (np.ones((3, 2)), (1.0, {"a": 2}), 3), (np.ones((3, 2)), [1.0, {"b": 2}], 3),
        (np.ones((3, 2)), [1.0, {"a": 2}]), ([1.0, 2.0], [1.0, {"a": 2}], 3), (np.ones((3, 2)), [1.0, {"a": [2]}], 3),
    ]  # fmt: skip
    assert len({Arguments(arguments).signature for arguments in different} | {one.signature}) == 7
    assert Arguments(()).rows == -1


def test_values_are_found_in_any_structure() -> None:
    v = Value(1.0)
    assert all(Arguments((thing,)).has_values for thing in (v, [v], {"a": (v,)}, np.array([v, 1.0], dtype=object)))
    assert not Arguments((1.0, [2.0], np.ones(2))).has_values


def row_of(i: int, *arguments: Any) -> tuple[Any, list[tuple[float, bool]]]:
    """A row of some arguments, and its numbers, each with whether it may differ from row to row."""
    found: list[tuple[float, bool]] = []

    def value(number: Any, is_wide: bool) -> Value:
        found.append((number, is_wide))
        return Value(number)

    return Arguments(arguments).row(i, value), found


def test_a_row_keeps_the_structure() -> None:
    (made,), found = row_of(1, (np.array([[1.0, 2.0], [3.0, 4.0]]), {"a": [5.0]}, np.array([6.0, 7.0]), np.array(8.0)))
    assert [made[0][0].data, made[0][1].data, made[1]["a"][0].data, made[2].data, made[3].data] == [3.0, 4.0, 5.0, 7.0, 8.0]
    assert found == [(3.0, True), (4.0, True), (5.0, False), (7.0, True), (8.0, False)]
    (ordered,), _ = row_of(0, OrderedDict(a=1.0, b=2.0))
    assert (type(ordered), list(ordered)) == (OrderedDict, ["a", "b"])


def test_the_first_row_is_ones_if_there_are_no_rows() -> None:
    _, found = row_of(0, np.array([5.0, 6.0]), [2.0, {"a": 3}], np.arange(8).reshape(2, 2, 2))
    assert [number for number, _ in found] == [5.0, 2.0, 3.0, 0, 1, 2, 3]
    for arguments, count in (((np.zeros(0), np.zeros((0, 3))), 4), ((np.zeros((2, 0)),), 0)):
        _, found = row_of(0, *arguments)
        assert [number for number, _ in found] == [1.0] * count


def test_as_values_yields_one_structure_per_row() -> None:
    rows = list(Arguments((np.array([[1.0, 2.0], [3.0, 4.0]]), {"a": 5})).as_values())
    assert [[v.data for v in row] + [rest["a"].data] for row, rest in rows] == [[1.0, 2.0, 5.0], [3.0, 4.0, 5.0]]
    assert [row[0].data for row in Arguments((7.0,)).as_values()] == [7.0]
    assert list(Arguments((np.ones(0),)).as_values()) == []


def test_inputs_are_counted_per_row() -> None:
    given = Arguments((np.ones((5, 2)), [1.0, {"a": np.ones(5)}], (), 2.0))
    assert given.inputs() == [range(2), range(2, 4), range(4, 4), range(4, 5)]


def test_broadcast_creates_one_number_per_row() -> None:
    given = Arguments(([np.ones(3), 2.0], 4.0))
    broadcast = given.broadcast((0,))
    assert [column.tolist() for column in broadcast.given[0]] == [[1.0] * 3, [2.0] * 3]
    assert broadcast.given[1] == 4.0
    only_arrays = Arguments((np.ones(3),))
    assert only_arrays.broadcast((0,)) is only_arrays


@pytest.mark.parametrize("option", [None, "mean"])
def test_the_error_for_an_option_says_to_make_it_static(option: Any) -> None:
    with pytest.raises(TypeError, match=r"; if it is an option, make it static: compile\(f, static_argnums=1\)$"):
        Arguments((1.0, option))
    with pytest.raises(TypeError, match=r"argument 'mode' .*, make it static: compile\(f, static_argnames='mode'\)$"):
        Arguments((1.0, option), [0, "mode"])
    with pytest.raises(TypeError, match=r"argument 1\['a'\] .*, pass it as a separate argument and make that static: compile"):
        Arguments((1.0, {"a": option}))
