"""Data: what a data set is; checking, splitting, standardising and dealing out rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd import Value
from nn.base.checks import NO_LISTS, Generator, Seed, generator, positive_float, positive_int, shown

Row = list[float]


class Dataset(NamedTuple):
    """Rows of numbers, a target for each, and what both mean.

    Attributes:
        X: N rows of numbers.
        y: N targets: class numbers 0, 1, ..., or numbers.
        feature_names: what each number of a row is.
        class_names: the name of each class; empty if the targets are numbers.
        columns: for each column of the table that the rows came from, its categories, which have become numbers 0 and 1 in
            the rows; an empty list for a column of numbers.

    >>> from nn import make_xor
    >>> corners = make_xor()
    >>> corners.X[1], corners.y[1], corners.feature_names, corners.class_names
    ([1.0, 1.0], 0, ['x1', 'x2'], ['equal', 'different'])
    """

    X: list[Row]
    y: list[Any]
    feature_names: list[str]
    class_names: list[str]
    columns: dict[str, list[str]]


def check_data(X: Any, y: Any) -> tuple[list[Row], list[Any]]:
    """``X`` as N rows of equally many floats, and ``y`` as a list of N numbers or lists of numbers; all finite.

    Args:
        X: nested lists, a NumPy array of shape (N, columns), or a DataFrame of pandas.
        y: a list, a NumPy array or a Series of N numbers, or of N rows.

    Raises:
        ValueError: if there are no rows, a row is empty or not as long as the first, a number is nan or infinite, or X
            and y are of different lengths; the message names the row.
        TypeError: if something is not a number; OverflowError for an int too large for a float; likewise.
    """
    rows, targets = check_rows(X), [_plain(target) for target in as_list(y, "y")]
    if len(rows) != len(targets):
        raise ValueError(f"X and y must have equally many rows, but X has {len(rows)} and y has {len(targets)}")
    for i, target in enumerate(targets):
        if isinstance(target, str):
            raise TypeError(f"row {i} of y is text ({target!r:.40}); number the classes 0, 1, ..., or make floats of the text")
        _numbers(target if isinstance(target, list | tuple) else [target], f"row {i} of y")
    return rows, targets


def train_test_split(X: Any, y: Any, test_size: float = 0.2, seed: Seed = None) -> tuple[Any, Any, Any, Any]:
    """Deal the rows at random into a part to train on and a part to test on.

    Args:
        X, y: as for ``check_data``.
        test_size: the share of rows to test on, between 0 and 1.
        seed: an int gives the same parts each time; None, different ones.

    Returns:
        ``X_train, X_test, y_train, y_test``, as lists.

    Raises:
        ValueError: if one of the parts would be empty.

    >>> train_test_split([[1], [2], [3], [4]], [10, 20, 30, 40], test_size=0.25, seed=0)
    ([[1.0], [2.0], [4.0]], [[3.0]], [10, 20, 40], [30])
    """
    rows, targets = check_data(X, y)
    train, test = deal(len(rows), test_size, "test_size", "test", generator(seed))
    (X_train, y_train), (X_test, y_test) = pick(rows, targets, train), pick(rows, targets, test)
    return X_train, X_test, y_train, y_test


def deal(n_rows: int, share: float, name: str, use: str, rng: Generator) -> tuple[list[int], list[int]]:
    """The numbers of rows to train on, and of a ``share`` of them for another ``use``, both in random order.

    Raises:
        ValueError: if one of the parts would be empty; ``name`` says which option that comes from.
    """
    n = round(n_rows * positive_float(share, name))
    if not 0 < n < n_rows:
        left = f"{n} to {use} on and {n_rows - n} to train on"
        raise ValueError(f"{name} = {share!r} of {n_rows} rows leaves {left}; choose a share that leaves some for both")
    order = list(range(n_rows))
    rng.shuffle(order)
    return order[n:], order[:n]


def column_statistics(X: Any) -> tuple[Row, Row]:
    """The mean and the standard deviation of each column; 1.0 for the deviation of one that does not vary.

    Raises:
        ValueError, TypeError: for an ``X`` that ``check_data`` would refuse.

    >>> column_statistics([[1.0, 5.0], [3.0, 5.0]])
    ([2.0, 5.0], [1.0, 1.0])
    """
    from statistics import mean, pstdev  # exact until the last rounding: no overflow, and 0.0 for numbers that are the same

    columns = list(zip(*check_rows(X), strict=True))
    return [mean(column) for column in columns], [pstdev(column) or 1.0 for column in columns]


def standardize(X: Any, means: Sequence[float], deviations: Sequence[float]) -> list[Row]:
    """Each number less the mean of its column, divided by its deviation.

    Take both from the training part alone (``column_statistics``): the test part is not to be known in training.

    Raises:
        ValueError, TypeError: for an ``X`` that ``check_data`` would refuse; if there is not one mean and one deviation a
            column; if a deviation is not above 0.

    >>> standardize([[1.0], [3.0]], [2.0], [0.5])
    [[-2.0], [2.0]]
    """
    rows, centres = check_rows(X), _numbers(means, "means")
    scales = [positive_float(x, f"the deviation of column {i}") for i, x in enumerate(_numbers(deviations, "deviations"))]
    if not len(rows[0]) == len(centres) == len(scales):
        raise ValueError(
            f"X has {len(rows[0])} columns, but there are {len(centres)} means and {len(scales)} deviations; "
            "take both from column_statistics of the training part, which must have the same columns"
        )
    return [[(x - mean) / deviation for x, mean, deviation in zip(row, centres, scales, strict=True)] for row in rows]


def minibatches(X: Any, y: Any, batch_size: int, seed: Seed = None) -> Iterator[tuple[list[Row], list[Any]]]:
    """All rows once, in random order, a batch at a time: for a training loop of your own.

    Args:
        X, y: as for ``check_data``.
        batch_size: how many rows a batch has; the last one has what is left.
        seed: an int gives the same order each time; for another one each epoch, make one ``random.Random(0)`` and give that.

    Raises:
        ValueError, TypeError: for data that ``check_data`` would refuse, or a batch size that is not 1 or more.

    >>> for rows, targets in minibatches([[1], [2], [3]], [10, 20, 30], batch_size=2, seed=0):
    ...     print(rows, targets)
    [[1.0], [3.0]] [10, 30]
    [[2.0]] [20]
    """
    rows, targets = check_data(X, y)
    size = positive_int(batch_size, "batch_size")
    order = list(range(len(rows)))
    generator(seed).shuffle(order)
    return (pick(rows, targets, batch) for batch in cut(order, size))


def pick(rows: list[Row], targets: list[Any], numbers: Sequence[int]) -> tuple[list[Row], list[Any]]:
    """The rows with these numbers, and their targets."""
    return [rows[i] for i in numbers], [targets[i] for i in numbers]


def cut(order: list[int], size: int) -> list[list[int]]:
    """The numbers of rows, batch by batch; the last one has what is left."""
    return [order[start : start + size] for start in range(0, len(order), size)]


def check_rows(X: Any) -> list[Row]:
    """``X`` as rows of equally many floats, as ``check_data`` has it."""
    rows = [_numbers(row, f"row {i} of X") for i, row in enumerate(as_list(X, "X"))]
    if not rows or not rows[0]:
        raise ValueError("X is empty; there must be at least one row of numbers")
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(f"rows of X must be equally long, but row {i} has {len(row)} numbers and row 0 has {len(rows[0])}")
    return rows


def as_list(given: Any, name: str) -> list[Any]:
    """A list, an array, a Series or the like as a list; a TypeError for anything else, which has ``name`` in messages."""
    items = _plain(given)
    if isinstance(items, NO_LISTS) or not hasattr(items, "__len__"):
        way = "make rows by [[x] for x in X]" if name.startswith("row ") else "of an iterator, make a list first"
        raise TypeError(f"{name} must be a list or an array, not {shown(given)}; {way}")
    return list(items)


def _plain(thing: Any) -> Any:
    """An array, a DataFrame or the like as nested lists; anything else as it is."""
    if hasattr(thing, "__array__") and not hasattr(thing, "tolist"):  # that of a masked array says None where there is nothing
        thing = thing.__array__()
    return thing.tolist() if hasattr(thing, "tolist") else thing


def _numbers(row: Any, where: str) -> Row:
    numbers = as_list(row, where)
    try:
        numbers = [x if type(x) is float else Value(x).data for x in numbers]
    except (TypeError, OverflowError) as problem:
        raise type(problem)(f"{where}: {problem}") from None
    for number in numbers:
        if not math.isfinite(number):
            raise ValueError(f"{where} holds {number}; fill in what is missing or leave that row out")
    return numbers
