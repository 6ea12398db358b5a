"""The arguments of a compiled function: any array of real numbers, and any structure of numbers."""

from __future__ import annotations

import datetime
import decimal
import fractions
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.arguments import Arguments, first_row, replace, rows_of

double = autograd.compile(lambda x: x * 2)


@pytest.mark.parametrize("dtype", ["f4", "f2", "f8", "g", ">f8", "i8", "i1", "u1", "?", ">i4"])
def test_arrays_of_any_real_numbers(dtype: str) -> None:
    assert double(np.array([0, 1, 1]).astype(dtype)).tolist() == [0.0, 2.0, 2.0]


def test_arrays_however_they_lie_in_memory() -> None:
    table = np.arange(12.0).reshape(3, 4)
    read_only = table.copy()
    read_only.flags.writeable = False
    for rows in (table.T, table[::-1], table[:, ::2], np.asfortranarray(table), np.broadcast_to(table[0], (5, 4)), read_only):
        assert double(rows).tolist() == (2 * rows).tolist()
        assert autograd.compile(lambda row: row[0]).value_and_grad(rows)[1][:, 0].tolist() == [1.0] * len(rows)
    assert double(np.arange(8.0).reshape(2, 2, 2)).tolist() == (2 * np.arange(8.0).reshape(2, 2, 2)).tolist()


def test_an_array_without_axes_and_every_kind_of_number_is_a_number() -> None:
    for x in (np.array(3.0), np.array(3), np.float32(3), np.int8(3), 3, fractions.Fraction(3), np.longdouble(3)):
        assert double(x) == 6.0
    assert double(True) == 2.0
    assert double(2**70) == 2.0**71


def test_the_given_arrays_are_left_alone() -> None:
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
    (None, "argument 0 must be a number, an array of rows, or a list, tuple or dict of such, not NoneType"),
    ("1.0", "not str"),
    (1j, "not complex"),
    (decimal.Decimal(1), "not Decimal"),
    (datetime.date(2020, 1, 1), "not date"),
    ({1.0}, "not set"),
    ([1.0, [2.0, None]], r"argument 0\[1\]\[1\] must be a number"),
    ({"a": {"b": "c"}}, r"argument 0\['a'\]\['b'\] must be a number"),
])  # fmt: skip
def test_what_is_no_number_is_refused_by_its_place(thing: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        double(thing)


def test_integers_beyond_floats_are_refused() -> None:
    with pytest.raises(OverflowError, match="argument 0 must fit a float"):
        double(10**400)


def test_arrays_of_unequal_length_are_refused_by_name() -> None:
    f = autograd.compile(lambda x, rest: x * rest["y"])
    message = (
        r"all arrays must have the same number of rows, but argument 0 has 3 and argument 1\['y'\] has 2; a number that is "
        "the same in all rows can be given as a float, a row of numbers as a list"
    )
    for method in (f, f.backward, f.value_and_grad, f.program):
        with pytest.raises(ValueError, match=message):
            method(np.ones(3), {"y": np.ones(2)})
    with pytest.raises(ValueError, match="argument 0 has 0 and"):
        f(np.ones(0), {"y": np.ones(1)})


def test_the_signature_is_the_arrangement() -> None:
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


def test_values_are_found_wherever_they_are() -> None:
    v = Value(1.0)
    assert all(Arguments((thing,)).has_values for thing in (v, [v], {"a": (v,)}, np.array([v, 1.0], dtype=object)))
    assert not Arguments((1.0, [2.0], np.ones(2))).has_values


def test_replace_keeps_the_structure() -> None:
    wide: list[bool] = []

    def leaf(is_wide: bool) -> Value:
        wide.append(is_wide)
        return Value(float(len(wide)))

    made = replace((np.zeros((5, 2)), {"a": [1.0]}, np.zeros(5), np.array(1.0)), leaf)
    assert [made[0][0].data, made[0][1].data, made[1]["a"][0].data, made[2].data, made[3].data] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert wide == [True, True, False, True, False]


def test_the_first_row_is_ones_where_there_are_no_rows() -> None:
    assert list(first_row((np.array([5.0, 6.0]), [2.0, {"a": 3}], np.arange(8).reshape(2, 2, 2)))) == [
        5.0,
        2.0,
        3.0,
        0,
        1,
        2,
        3,
    ]
    assert list(first_row((np.zeros(0), np.zeros((0, 3)), np.zeros((2, 0))))) == [1.0] * 4


def test_rows_one_by_one() -> None:
    rows = list(rows_of((np.array([[1.0, 2.0], [3.0, 4.0]]), {"a": 5}), 2))
    assert [[v.data for v in row] + [rest["a"].data] for row, rest in rows] == [[1.0, 2.0, 5.0], [3.0, 4.0, 5.0]]
    assert [row[0].data for row in rows_of((7.0,), -1)] == [7.0]
    assert list(rows_of((np.ones(0),), 0)) == []
