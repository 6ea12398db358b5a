"""Data sets: their type, and functions that validate, split, standardize and batch their rows."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from numbers import Real
from typing import Any

from attrs import define

from autograd import Value
from autograd.shared import OtherNames, counted, warn
from nn.base.checks import NOT_LISTS, Generator, Seed, describe, generator, positive_float, positive_int
from nn.base.names import library_of, suggesting
from nn.base.tables import html_table, shortened, text_table

Row = list[float]
HEAD = 5  # rows that the repr of a Dataset shows
MAX_COLUMNS = 8


# Remedies for attributes of other libraries, by name.
_REMEDIES = {
    "data": "use dataset.X", "target": "use dataset.y", "targets": "use dataset.y", "labels": "use dataset.y",
    "target_names": "use dataset.class_names", "shape": "use len(dataset.X) and len(dataset.feature_names)",
    **dict.fromkeys(("to_csv", "to_frame", "to_pandas"), "use pandas.DataFrame(dataset.X, columns=dataset.feature_names)"),
    "frame": "use pandas.DataFrame(dataset.X, columns=dataset.feature_names)",
    **dict.fromkeys(("head", "describe", "info"), "print(dataset) shows the first rows"),
    **dict.fromkeys(("features", "inputs", "rows", "values"), "use dataset.X"),
}  # fmt: skip


@define(repr=False, slots=False)
class Dataset(OtherNames):
    """Rows of numbers with their targets, and the names of both. ``X, y = load_iris()`` unpacks the rows and the targets.

    The repr is one line and the first rows, in which a target is shown as the name of its class.

    Attributes:
        X: N rows of numbers.
        y: N targets: class numbers 0, 1, ..., or numbers.
        feature_names: The name of each number of a row.
        class_names: The name of each class; empty if the targets are numbers.
        columns: The columns of the table that the rows were read from, with the categories that became numbers 0 and 1 in the
            rows; an empty list for a numeric column.

    >>> from nn import make_xor
    >>> corners = make_xor()
    >>> corners.X[1], corners.y[1], corners.feature_names, corners.class_names
    ([1.0, 1.0], 0, ['x1', 'x2'], ['equal', 'different'])
    """

    _remedies = _REMEDIES
    X: list[Row]
    y: list[Any]
    feature_names: list[str]
    class_names: list[str]
    columns: dict[str, list[str]]

    def __iter__(self) -> Iterator[list[Any]]:
        """Yield the rows and the targets."""
        return iter((self.X, self.y))

    def __repr__(self) -> str:
        more = [] if len(self.X) <= HEAD else ["..."]
        return "\n".join([self._line(), *([text_table(self._head())] if self.X else []), *more])

    def _repr_html_(self) -> str:
        """Return the first rows as a table for Jupyter."""
        return html_table(self._head(), self._line())

    def _line(self) -> str:
        kind = counted(len(self.class_names), "class") if self.class_names else "numbers as targets" if self.y else "no targets"
        counts = [counted(len(self.X), "row"), counted(len(self.feature_names), "feature")]
        return f"Dataset: {', '.join([*counts, kind])}"

    def _head(self) -> list[list[Any]]:
        names = dict(enumerate(self.class_names))
        target = "y" if "y" not in self.feature_names else "target"
        rows: list[list[Any]] = [[*self.feature_names, *([target] if self.y else [])]]
        rows += [[*row, *(names.get(target, target) for target in self.y[i : i + 1])] for i, row in enumerate(self.X[:HEAD])]
        return [["..." if cell is None else cell for cell in shortened(row, MAX_COLUMNS)] for row in rows]


def rows_and_targets(who: str, X: Any, y: Any) -> tuple[Any, Any]:
    """Return ``X`` and ``y``; or, if ``X`` is a Dataset, its rows, with ``y`` or else its targets.

    Raises:
        TypeError: If ``y`` is None and there are no other targets.
    """
    if isinstance(X, Dataset):
        return X.X, X.y if y is None else y
    if y is None:
        remedy = "pass it, or a Dataset, such as load_csv returns"
        if hasattr(X, "data") and hasattr(X, "target"):  # of scikit-learn
            remedy = "pass X.data and X.target"
        elif library_of(X) == "torch":
            remedy = "pass all rows and all targets, such as *dataset.tensors"
        raise TypeError(f"{who}() needs y, the target of each row; {remedy}")
    return X, y


def check_data(X: Any, y: Any, text: bool = False) -> tuple[list[Row], list[Any]]:
    """Return ``X`` as N rows of floats of equal length, and ``y`` as a list of N numbers or lists of numbers, all finite.

    Args:
        X: Nested lists, a NumPy array of shape (N, columns), or a pandas DataFrame.
        y: A list, a NumPy array or a pandas Series of N numbers, or of N rows.
        text: Whether strings in ``y`` are accepted.

    Raises:
        ValueError: If there are no rows, a row is empty or its length differs, a number is nan or infinite, or ``X`` and
            ``y`` have different lengths. The message contains the row number.
        TypeError: If an entry is not a number.
        OverflowError: If an int is too large for a float.
    """
    rows, targets = check_rows(X), [_plain(target) for target in as_list(y, "y")]
    if len(rows) != len(targets):
        raise ValueError(f"X and y must have the same number of rows, but X has {len(rows)} and y has {len(targets)}")
    for i, target in enumerate(targets):
        if isinstance(target, str):
            if text:
                continue
            remedy = "number the classes 0, 1, ..., or convert the strings to floats; with loss='cross_entropy', fit does so"
            raise TypeError(f"row {i} of y must be a number, not a string ({target!r:.40}); {remedy}")
        _numbers(target if isinstance(target, list | tuple) else [target], f"row {i} of y")
    return rows, targets


@suggesting()
def train_test_split(
    X: Any, y: Any = None, test_size: float = 0.2, seed: Seed = None, *, stratify: Any = None
) -> tuple[Any, Any, Any, Any]:
    """Split the rows at random into training and test rows.

    Args:
        X, y: N rows and targets: nested lists, NumPy arrays, or pandas objects. Or only ``X``, a Dataset.
        test_size: Fraction of test rows, between 0 and 1.
        seed: An int results in the same split each time, None in different ones.
        stratify: The class of each row, such as ``y``. Then both parts have nearly the same fractions of all classes. The
            only row of a class is in the training rows.

    Returns:
        ``X_train, X_test, y_train, y_test``, as lists.

    Raises:
        ValueError: If one of the parts would be empty, or ``stratify`` has another length, or for invalid data.
        TypeError: If an entry or an argument is not a number.

    Warns:
        UserWarning: If a class of ``stratify`` has a single row.

    >>> train_test_split([[1], [2], [3], [4]], [10, 20, 30, 40], test_size=0.25, seed=0)
    ([[1.0], [2.0], [4.0]], [[3.0]], [10, 20, 40], [30])
    >>> sorted(train_test_split([[1], [2], [3], [4]], ["a", "a", "b", "b"], 0.5, stratify=["a", "a", "b", "b"])[3])
    ['a', 'b']
    """
    rows, targets = check_data(*rows_and_targets("train_test_split", X, y), text=True)
    classes = None if stratify is None else as_list(stratify, "stratify")
    if classes is not None and len(classes) != len(rows):
        rule = f"stratify must have one class for each of the {counted(len(rows), 'row')}, such as y"
        raise ValueError(f"{rule}, not {counted(len(classes), 'item')}")
    train, test = split_indices(len(rows), test_size, "test_size", "test", generator(seed), classes)
    (X_train, y_train), (X_test, y_test) = pick(rows, targets, train), pick(rows, targets, test)
    return X_train, X_test, y_train, y_test


def split_indices(
    n_rows: int, fraction: float, name: str, use: str, rng: Generator, classes: Sequence[Any] | None = None
) -> tuple[list[int], list[int]]:
    """Return the indices of rows to train on, and of a ``fraction`` of all rows for another use, both in random order.

    Args:
        n_rows: Number of rows.
        fraction: Fraction of the rows in the second part, in (0, 1).
        name: Name of the option that contains the fraction, for error messages.
        use: The use of the second part, for error messages: ``"test"`` or ``"validate"``.
        rng: The generator that shuffles the rows.
        classes: The class of each row. If given, both parts have nearly the same fractions of all classes, and the rows to
            train on have all classes if there are enough of them.

    Raises:
        ValueError: If ``fraction`` is not between 0 and 1, or one of the parts would be empty.

    Warns:
        UserWarning: If a class has a single row, which is one to train on.
    """
    n = round(n_rows * positive_float(fraction, name))
    if fraction > 1:
        raise ValueError(f"{name} must be a fraction in (0, 1), not {fraction!r}; divide a number of rows by {n_rows}")
    if not 0 < n < n_rows:
        found = f"{counted(n, 'row')} to {use} on and {n_rows - n} to train on"
        raise ValueError(
            f"{name} = {fraction!r} of {counted(n_rows, 'row')} leaves {found}; choose a fraction that leaves rows for both"
        )
    order = list(range(n_rows))
    rng.shuffle(order)
    if classes is None:
        return order[n:], order[:n]
    numbers = {label: k for k, label in enumerate(dict.fromkeys(classes))}
    order.sort(key=lambda i: numbers[classes[i]])  # stable, so the rows of a class remain in random order
    parts: tuple[list[int], list[int]] = [], []
    for place, i in enumerate(order):  # every (n_rows / n)-th row
        parts[(place + 1) * n // n_rows > place * n // n_rows].append(i)
    _keep_in_first(*parts, classes)
    single = sorted({classes[i] for i in parts[0]} - {classes[i] for i in parts[1]}, key=str)
    if single := [label for label in single if list(classes).count(label) == 1]:
        found = f"the only row of class {single[0]!r} is trained on, so no row of this class is left to {use} on"
        others = f"; the same applies to {counted(len(single) - 1, 'more class')}" if len(single) > 1 else ""
        warn(f"{found}{others}; add rows of the class")
    for part in parts:
        rng.shuffle(part)
    return parts


def _keep_in_first(first: list[int], second: list[int], classes: Sequence[Any]) -> None:
    """Exchange rows so that ``first`` has a row of each class, if it has enough rows. The sizes stay the same.

    In exchange, ``second`` receives a row of the class of which it has the fewest, compared with the fraction in all rows.
    """
    total, held = Counter(classes), Counter(classes[i] for i in second)
    for label in total:
        if held[label] < total[label]:
            continue
        spare = [other for other in total if total[other] - held[other] > 1]
        if not spare:
            return
        other = min(spare, key=lambda each: held[each] - total[each] * len(second) / len(classes))
        moved, back = (next(i for i in part if classes[i] == name) for part, name in ((second, label), (first, other)))
        first[first.index(back)], second[second.index(moved)] = moved, back
        held[label] -= 1
        held[other] += 1


def column_statistics(X: Any) -> tuple[Row, Row]:
    """Return the mean and the standard deviation of each column. The deviation of a constant column is 1.0.

    Raises:
        ValueError, TypeError: If ``X`` is not a table of finite numbers.

    >>> column_statistics([[1.0, 5.0], [3.0, 5.0]])
    ([2.0, 5.0], [1.0, 1.0])
    """
    from statistics import mean, pstdev  # exact except for one rounding: no overflow, and 0.0 for a constant column

    columns = list(zip(*check_rows(X), strict=True))
    return [mean(column) for column in columns], [pstdev(column) or 1.0 for column in columns]


@suggesting()
def standardize(X: Any, means: Sequence[float] | None = None, deviations: Sequence[float] | None = None) -> list[Row]:
    """Subtract the mean of its column from each number, and divide by the standard deviation.

    If there are test rows, compute means and deviations with ``column_statistics`` from the training rows, and pass them for
    both. ``standardize(X)`` uses the statistics of ``X`` itself, so test rows would be scaled differently.

    Args:
        X: N rows of numbers.
        means, deviations: One number per column. Deviations are positive. By default, both are computed from ``X``.

    Raises:
        ValueError: If there is not one mean and one deviation per column, or a deviation is not positive.
        TypeError: If only one of both is given.
        ValueError, TypeError: If ``X`` is not a table of finite numbers.

    >>> standardize([[1.0], [3.0]], [2.0], [0.5])
    [[-2.0], [2.0]]
    >>> standardize([[1.0], [3.0]])
    [[-1.0], [1.0]]
    """
    if means is None and deviations is None:
        means, deviations = column_statistics(X)
    if deviations is None and isinstance(means, tuple | list) and len(means) == 2 and not isinstance(means[0], Real):
        rule = "means and deviations must be two arguments, not one pair"
        raise TypeError(f"{rule}; write standardize(X, *column_statistics(X_train))")
    rows, centres = check_rows(X), _numbers(means, "means")
    scales = [positive_float(x, f"the deviation of column {i}") for i, x in enumerate(_numbers(deviations, "deviations"))]
    if not len(rows[0]) == len(centres) == len(scales):
        given = f"{counted(len(centres), 'mean')} and {counted(len(scales), 'deviation')}"
        found = f"X has {counted(len(rows[0]), 'column')}, but there are {given}"
        raise ValueError(f"{found}; compute both with column_statistics from rows with the same columns")
    return [[(x - mean) / deviation for x, mean, deviation in zip(row, centres, scales, strict=True)] for row in rows]


def minibatches(X: Any, y: Any, batch_size: int, seed: Seed = None) -> Iterator[tuple[list[Row], list[Any]]]:
    """Yield all rows once, in random order, in batches. Use it in your own training loops.

    Args:
        X, y: N rows and targets: nested lists, NumPy arrays, or pandas objects.
        batch_size: Number of rows per batch. The last batch may be smaller.
        seed: An int results in the same order each time. For a different order in each epoch, create one
            ``random.Random(0)`` and pass it in every epoch.

    Raises:
        ValueError, TypeError: For invalid data, or if ``batch_size`` is not a positive integer.

    >>> for rows, targets in minibatches([[1], [2], [3]], [10, 20, 30], batch_size=2, seed=0):
    ...     print(rows, targets)
    [[1.0], [3.0]] [10, 30]
    [[2.0]] [20]
    """
    rows, targets = check_data(X, y, text=True)
    size = positive_int(batch_size, "batch_size")
    order = list(range(len(rows)))
    generator(seed).shuffle(order)
    return (pick(rows, targets, batch) for batch in cut(order, size))


def pick(rows: list[Row], targets: list[Any], indices: Sequence[int]) -> tuple[list[Row], list[Any]]:
    """Return the rows and targets with these indices."""
    return [rows[i] for i in indices], [targets[i] for i in indices]


def cut(order: list[int], size: int) -> list[list[int]]:
    """Cut a list of indices into batches. The last batch may be smaller."""
    return [order[start : start + size] for start in range(0, len(order), size)]


def check_rows(X: Any) -> list[Row]:
    """Return ``X``, which may be a Dataset, as rows of finite floats of equal length. See ``check_data`` for the errors."""
    X = X.X if isinstance(X, Dataset) else X
    items = as_list(X, "X")
    names = list(getattr(X, "columns", ()))  # of a DataFrame
    rows = [_numbers(row, f"row {i} of X", names) for i, row in enumerate(items)]
    if not rows or not rows[0]:
        raise ValueError("X must have at least one row of numbers, but it is empty")
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            lengths = f"row {i} has {counted(len(row), 'number')} and row 0 has {len(rows[0])}"
            raise ValueError(f"rows of X must have the same length, but {lengths}")
    return rows


def as_list(given: Any, name: str) -> list[Any]:
    """Return a list, an array, a Series or another sequence as a list.

    Raises:
        TypeError: If it is anything else. The message contains ``name``.
    """
    items = _plain(given)
    if isinstance(given, Dataset):
        raise TypeError(f"{name} must be a list or an array, not a Dataset; pass data.X or data.y, or both with *data")
    if isinstance(items, NOT_LISTS) or not hasattr(items, "__len__"):
        is_single = isinstance(items, str) or not hasattr(items, "__iter__")
        remedy = "put a single item into a list" if is_single else "convert an iterator with list()"
        if name.startswith("row "):
            remedy = "create rows with [[x] for x in X], or write [X] if X is one row"
        elif hasattr(given, "collect"):  # a LazyFrame of polars
            remedy = "call .collect() first"
        raise TypeError(f"{name} must be a list or an array, not {describe(given)}; {remedy}")
    return list(items)


def _plain(given: Any) -> Any:
    """Return an array or a DataFrame as nested lists, and anything else unchanged.

    Raises:
        TypeError: If it is a sparse array.
    """
    for method in ("toarray", "to_dense"):  # of SciPy and of PyTorch
        if hasattr(given, method) and getattr(given, "is_sparse", True):
            raise TypeError(f"rows must be dense, not {type(given).__name__}, which is sparse; convert it with .{method}()")
    if hasattr(given, "__array__") and not hasattr(given, "tolist"):  # tolist() of a masked array has None for missing entries
        given = given.__array__()
    return given.tolist() if hasattr(given, "tolist") else given


def _numbers(row: Any, where: str, names: Sequence[Any] = ()) -> Row:
    """Return a row as finite floats. ``names`` are the names of its columns, for error messages."""
    numbers: Row = []
    items = as_list(row, where)
    if all(type(x) is float for x in items) and math.isfinite(sum(items)):  # the most frequent case
        return items
    for i, x in enumerate(items):
        try:
            number = x if type(x) is float else Value(x).data
        except (TypeError, OverflowError) as problem:
            column = f", column {names[i]!r}" if len(names) else ""
            if x is None or type(x).__name__ in ("NAType", "NaTType"):
                rule = f"{where}{column}{',' if column else ''} must contain numbers, not {x}"
                raise TypeError(f"{rule}; fill in missing numbers or drop the row") from None
            if isinstance(x, list | tuple):
                rule = f"{where}{column}: each entry must be a number, not {describe(x)}"
                raise TypeError(f"{rule}; write each row as a flat list of numbers") from None
            more = "; encode categories as numbers, for example with pandas.get_dummies" if isinstance(x, str) else ""
            more = "; for dates, use numbers of days" if hasattr(x, "isoformat") else more
            raise type(problem)(f"{where}{column}: {problem}{more}") from None
        numbers.append(number)
        if not math.isfinite(number):
            where += f", column {names[i]!r}," if len(names) else ""
            raise ValueError(f"{where} must contain finite numbers, not {number}; fill in missing numbers or drop the row")
    return numbers
