"""Data: checks of rows and targets, splitting, standardizing and batches."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograd.shared import counted
from nn import column_statistics, load_iris, minibatches, standardize, train_test_split
from nn.data.rows import as_list, check_data, check_rows

# ---- checks ----


def test_rows_become_lists_of_floats_and_targets_are_unchanged() -> None:
    X, y = check_data([(1, True), [Fraction(1, 2), np.float32(0.5)]], (0, 1))
    assert X == [[1.0, 1.0], [0.5, 0.5]]
    assert all(type(x) is float for row in X for x in row)
    assert y == [0, 1]


@pytest.mark.parametrize("dtype", [float, np.float32, int, object])
def test_arrays_are_converted_like_lists(dtype: Any) -> None:
    X, y = check_data(np.array([[1, 2], [3, 4]], dtype=dtype), np.array([0, 1]))
    assert (X, y) == ([[1.0, 2.0], [3.0, 4.0]], [0, 1])
    assert all(type(x) is float for row in X for x in row)
    assert all(type(target) is int for target in y)


class Frame:
    """Behaves like a pandas DataFrame: iterating yields the column names, and there is no ``tolist``."""

    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[str]:
        return iter("ab")

    def __array__(self) -> np.ndarray:
        return np.array(self.rows)


def test_a_data_frame_is_converted_like_an_array() -> None:
    rows = [[1.0, 2.0], [3.0, 4.0]]
    assert check_data(Frame(rows), Frame([[0.0], [1.0]])) == (rows, [[0.0], [1.0]])
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 3], "b": [2.0, 4.0], "t": [0, 1]})
    assert check_data(frame[["a", "b"]], frame["t"]) == (rows, [0, 1])


def test_a_list_of_arrays_is_converted_like_an_array() -> None:
    assert check_data([np.array([1.0, 2.0])], [np.int64(1)]) == ([[1.0, 2.0]], [1])


@pytest.mark.parametrize("empty", [[], np.zeros((0, 3))])
def test_empty_data_is_rejected(empty: Any) -> None:
    with pytest.raises(ValueError, match="X must have at least one row of numbers, but it is empty"):
        check_data(empty, [])


def test_different_numbers_of_rows_and_targets_are_rejected() -> None:
    with pytest.raises(ValueError, match="the same number of rows, but X has 2 and y has 3"):
        check_data([[1.0], [2.0]], [1, 2, 3])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_the_error_for_a_number_that_is_not_finite_names_the_row(bad: float) -> None:
    message = rf"row 2 of {{}} must contain finite numbers, not {bad}; fill in missing numbers or drop the row"
    with pytest.raises(ValueError, match=message.format("X")):
        check_data([[1.0, 2.0], [3.0, 4.0], [5.0, bad]], [0, 0, 0])
    with pytest.raises(ValueError, match=message.format("y")):
        check_data([[1.0], [2.0], [3.0]], [0, 0, bad])
    with pytest.raises(ValueError, match=message.format("X")):
        check_data(np.array([[1.0], [2.0], [bad]]), [0, 0, 0])


def test_the_error_for_an_int_too_large_for_a_float_names_the_row() -> None:
    for name, X, y in (("X", [[1], [10**400]], [0, 0]), ("y", [[1], [2]], [0, 10**400])):
        with pytest.raises(
            OverflowError, match=rf"row 1 of {name}: the data of a Value must be in the range of float .*; scale it down first"
        ):
            check_data(X, y)


def test_ragged_rows_are_rejected() -> None:
    with pytest.raises(ValueError, match="rows of X must have the same length, but row 2 has 1 number and row 0 has 2"):
        check_data([[1.0, 2.0], [3.0, 4.0], [5.0]], [0, 0, 0])


def test_empty_rows_are_rejected() -> None:
    with pytest.raises(ValueError, match="X must have at least one row of numbers, but it is empty"):
        check_data([[], []], [0, 0])


def test_numbers_instead_of_rows_are_rejected() -> None:
    with pytest.raises(TypeError, match=r"row 0 of X must be a list or an array, not float \(1.0\); .* \[\[x\] for x in X\]"):
        check_data([1.0, 2.0], [0, 0])


@pytest.mark.parametrize(("bad", "kind"), [("1.5", "str"), (1j, "complex"), ([1.0], "list")])
def test_the_error_for_an_entry_that_is_not_a_number_names_the_row(bad: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=r"row 1 of X must contain numbers, not None; fill in missing numbers or drop the row"):
        check_data([[1.0], [None]], [0, 1])
    with pytest.raises(TypeError, match=rf"row 1 of X: .* must be a (real )?number, not {kind}"):
        check_data([[1.0], [bad]], [0, 0])


def test_the_error_for_class_names_instead_of_numbers_names_the_row() -> None:
    for y in (["setosa", "virginica"], np.array(["setosa", "virginica"])):
        with pytest.raises(
            TypeError, match=r"row 0 of y must be a number, not a string \('setosa'\); number the classes 0, 1, ..., or convert"
        ):
            check_data([[1.0], [2.0]], y)


@pytest.mark.parametrize("bad", [None, 3.0, "text", {1.0, 2.0}.__iter__(), {(1.0,)}, {(1.0,): 2}, {1: 2}.keys(), b"text"])
def test_data_must_be_a_list_or_an_array(bad: Any) -> None:
    for name, X, y in (("X", bad, [0]), ("y", [[1.0]], bad)):
        with pytest.raises(TypeError, match=rf"^{name} must be a list or an array, not {type(bad).__name__} \("):
            check_data(X, y)


@pytest.mark.parametrize("row", [{1.0, 2.0}, {1.0: 3, 2.0: 4}, frozenset({1.0}), b"ab"])
def test_a_row_that_is_unordered_or_text_is_rejected(row: Any) -> None:
    with pytest.raises(TypeError, match=rf"row 1 of X must be a list or an array, not {type(row).__name__} \("):
        check_data([[1.0, 2.0], row], [0, 0])


# ---- splitting and standardizing ----


def test_masked_entries_of_an_array_count_as_missing() -> None:
    with pytest.raises(TypeError, match=r"row 0 of X must contain numbers, not None; fill in missing numbers"):
        column_statistics(np.ma.array([[1.0, 99.0], [3.0, 4.0]], mask=[[False, True], [False, False]]))
    with pytest.raises(TypeError, match=r"row 1 of y must contain numbers, not None; fill in missing numbers"):
        train_test_split([[1.0], [2.0]], np.ma.array([1.0, 99.0], mask=[False, True]), 0.5)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (
            lambda: column_statistics([1.0]),
            r"row 0 of X must be .*; create rows with .*, or write \[X\] if X is one row",
        ),
        (
            lambda: column_statistics([[[0, 1]]]),
            r"row 0 of X: each entry must be a number, not list .*; write each row as",
        ),
        (lambda: train_test_split([[1.0]], 5), r"y must be .*int \(5\); put a single item into a list"),
        (lambda: as_list("accuracy", "metrics"), r"metrics must be .*; put a single item into a list"),
        (
            lambda: standardize([[1.0]], column_statistics([[1.0]])),  # type: ignore[arg-type]
            r"^means and deviations must be two arguments, not one pair; write standardize\(X, \*column_statistics\(X_tr",
        ),
        (lambda: standardize([[1.0]], iter([1.0]), [1.0]), r"means must be .*; convert an iterator with list\(\)"),  # type: ignore[arg-type]
    ],
)
def test_the_error_suggests_a_remedy_that_fits_the_argument(use: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        use()


def test_a_split_contains_every_row_once_with_its_target() -> None:
    X, y = [[float(i)] for i in range(20)], list(range(20))
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, seed=1)
    assert (len(X_train), len(X_test)) == (15, 5)
    assert sorted(X_train + X_test) == X
    assert [[float(target)] for target in y_train + y_test] == X_train + X_test


def test_a_split_depends_only_on_its_seed() -> None:
    X, y = [[float(i)] for i in range(20)], list(range(20))
    assert train_test_split(X, y, seed=1) == train_test_split(np.array(X), np.array(y), seed=1)
    assert train_test_split(X, y, seed=1) != train_test_split(X, y, seed=2)


def test_the_seed_of_a_split_must_be_an_integer() -> None:
    X, y = [[float(i)] for i in range(20)], list(range(20))
    assert train_test_split(X, y, seed=np.int64(3)) == train_test_split(X, y, seed=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"seed must be an integer, .*, a NumPy Generator or None, not float \(1.5\)"):
        train_test_split(X, y, seed=1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("test_size", "left"), [(0.1, "0 rows to test on and 4"), (0.95, "4 rows to test on and 0"), (1, "4 rows to test on")]
)
def test_a_split_with_an_empty_part_is_rejected(test_size: float, left: str) -> None:
    with pytest.raises(
        ValueError, match=rf"test_size = {test_size} of 4 rows leaves {left}.*choose a fraction that leaves rows for both"
    ):
        train_test_split([[1.0]] * 4, [0] * 4, test_size=test_size)


def test_a_number_of_rows_is_not_a_fraction() -> None:
    with pytest.raises(ValueError, match=r"test_size must be a fraction in \(0, 1\), not 3; divide a number of rows by 4"):
        train_test_split([[1.0]] * 4, [0] * 4, test_size=3)


def test_standardized_columns_have_mean_0_and_deviation_1() -> None:
    X = load_iris().X
    Z = np.array(standardize(X, *column_statistics(X)))
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-12)


def test_arrays_are_standardized_like_lists() -> None:
    X = load_iris().X
    means, deviations = column_statistics(np.array(X))
    assert (means, deviations) == column_statistics(X)
    assert standardize(np.array(X), np.array(means), np.array(deviations)) == standardize(X, means, deviations)  # type: ignore[arg-type]


@pytest.mark.parametrize(("means", "deviations"), [([0.0], [1.0, 1.0]), ([0.0, 0.0], [1.0]), ([0.0] * 3, [1.0] * 3)])
def test_statistics_with_a_different_number_of_columns_are_rejected(means: list[float], deviations: list[float]) -> None:
    given = f"{counted(len(means), 'mean')} and {counted(len(deviations), 'deviation')}"
    message = f"X has 2 columns, but there are {given}; compute both with column_stat"
    with pytest.raises(ValueError, match=message):
        standardize([[1.0, 2.0]], means, deviations)


@pytest.mark.parametrize("deviation", [0.0, -1.0])
def test_a_deviation_must_be_positive(deviation: float) -> None:
    message = rf"the deviation of column 1 must be positive and finite, not {deviation}"
    with pytest.raises(ValueError, match=message):
        standardize([[1.0, 2.0]], [0.0, 0.0], [1.0, deviation])


@pytest.mark.parametrize("use", [column_statistics, lambda X: standardize(X, [0.0, 0.0], [1.0, 1.0])])
def test_statistics_check_their_rows(use: Any) -> None:
    for X, message in (
        ([[1.0, 2.0], [3.0]], "row 1 has 1 number and row 0 has 2"),
        ([], "X must have at least one row of numbers"),
        ([[1.0, math.nan]], "row 0 of X must contain finite numbers, not nan"),
        ([1.0, 2.0], "row 0 of X must be a list or an array, not float"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            use(X)


def test_a_constant_column_becomes_zeros() -> None:
    X = [[7.0, 1.0], [7.0, 3.0]]
    assert standardize(X, *column_statistics(X)) == [[0.0, -1.0], [0.0, 1.0]]


def test_a_constant_column_has_deviation_1_although_its_sum_is_rounded() -> None:
    assert sum([0.1] * 3) / 3 != 0.1
    assert column_statistics([[0.1]] * 3) == ([0.1], [1.0])


def test_numbers_too_large_to_square_have_a_deviation() -> None:
    assert column_statistics([[1e200], [-1e200]]) == ([0.0], [1e200])


# ---- batches ----


def test_batches_contain_every_row_once_with_its_target() -> None:
    X, y = [[float(i)] for i in range(10)], list(range(10))
    batches = list(minibatches(X, y, batch_size=4, seed=0))
    assert [len(rows) for rows, _ in batches] == [len(targets) for _, targets in batches] == [4, 4, 2]
    assert sorted(row for rows, _ in batches for row in rows) == X
    assert all(rows == [[float(target)] for target in targets] for rows, targets in batches)


def test_batches_repeat_with_an_int_seed_and_differ_with_an_advancing_generator() -> None:
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10)
    assert list(minibatches(X, y, 3, seed=1)) == list(minibatches(X, y, 3, seed=1)) != list(minibatches(X, y, 3, seed=2))
    rng = random.Random(1)
    assert list(minibatches(X, y, 3, seed=rng)) != list(minibatches(X, y, 3, seed=rng))


@pytest.mark.parametrize(
    ("X", "y", "batch_size", "message"),
    [
        ([[1.0]], [0], 0, "batch_size must be at least 1, not 0"),
        ([[1.0]], [0], 1.5, r"batch_size must be an integer, not float \(1.5\)"),
        ([[1.0]], [0, 1], 1, "X has 1 and y has 2"),
    ],
)
def test_invalid_data_for_batches_is_rejected_immediately(X: Any, y: Any, batch_size: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        minibatches(X, y, batch_size)  # before the first batch is requested


def test_standardize_computes_the_statistics_of_the_rows_itself() -> None:
    X = [[1.0, 10.0], [2.0, 10.0], [4.0, 40.0]]
    assert standardize(X) == standardize(X, *column_statistics(X))
    with pytest.raises(TypeError, match=r"deviations must be a list or an array, not NoneType"):
        standardize(X, [1.0, 2.0])


def test_a_lazy_frame_of_polars_is_refused_with_the_remedy() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1.0, 2.0]}).lazy()
    with pytest.raises(TypeError, match=r"X must be a list or an array, not LazyFrame .*; call .collect\(\) first"):
        check_rows(frame)
