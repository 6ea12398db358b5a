"""``load_csv``: reads a CSV file. Categories become columns of 0 and 1, and classes are numbered."""

from __future__ import annotations

import io
import math
import os
from collections import Counter
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from nn.base.checks import describe, import_pandas
from nn.data.rows import Dataset

MISSING = {"", "?", "na", "n/a", "nan", "null"}  # in lower case
MAX_CATEGORIES = 50  # each becomes a column; a column with more distinct strings is more likely a name or a comment
MAX_CLASSES = 20  # distinct integers in a target; with more, the target is a quantity
TASKS = ("classification", "regression")


def load_csv(
    path: str | os.PathLike[str], target: str | None = None, task: str | None = None, like: Dataset | None = None
) -> Dataset:
    r"""Read a data set from a file of values separated by commas, semicolons or tabs, whichever is most frequent in the header.

    The first line contains the names of the columns. Lines before it that begin with ``#`` are comments. A column is numeric
    if most of its entries are numbers; any other text in it is an error. Each category of any other column becomes a column of
    0.0 and 1.0 (one-hot encoding), with a name such as ``colour=red``. Classes are numbered in alphabetical or numeric order.

    Args:
        path: The file, in UTF-8.
        target: Name of the column to predict. If None, ``y`` is empty.
        task: ``"classification"`` if the target is a class, ``"regression"`` if it is a quantity. By default, the target is
            a class if it is text, or if it has at most 20 distinct integers that occur at least twice on average.
        like: A data set that determines the columns, categories and classes. Other columns are ignored.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If the file contains an invalid entry: a missing one (empty, ``?``, ``NA``, ``N/A``, ``nan`` or ``null``),
            text in a numeric column, or a comma in a number. The message contains the row (the index in ``X``), the line and
            the column.
        TypeError: If ``like`` is not a Dataset.
        ImportError: If pandas is not installed.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "fruit.csv"
    >>> _ = path.write_text("weight,colour,kind\n150,red,apple\n7,red,cherry\n160,green,apple\n")
    >>> fruit = load_csv(path, target="kind")
    >>> fruit.feature_names
    ['weight', 'colour=green', 'colour=red']
    >>> fruit.X, fruit.y, fruit.class_names
    ([[150.0, 0.0, 1.0], [7.0, 0.0, 1.0], [160.0, 1.0, 0.0]], [0, 1, 0], ['apple', 'cherry'])
    """
    if task not in (None, *TASKS):
        raise ValueError(f"unknown task: {task!r} (must be one of {', '.join(map(repr, TASKS))}, or None)")
    if not isinstance(like, Dataset | None):
        raise TypeError(f"like must be a Dataset, such as load_csv returns, not {describe(like)}")
    table, places = _read(path)
    names: list[str] = list(like.columns) if like else [name for name in table if name != target]
    for name in names if target is None else [*names, target]:
        if not isinstance(name, str) or name not in table:
            raise ValueError(f"{path} has no column {name!r}, only {', '.join(map(repr, table))}")
    if not names:
        raise ValueError(f"{path} has no column except the target {target!r}; add columns to predict it from")

    columns = dict(like.columns) if like else {name: _categories(path, name, table[name]) for name in names}
    values = {name: _values(name, table[name], columns[name], places) for name in columns}
    features = [(name, i) for name in columns for i in range(len(columns[name]) or 1)]
    feature_names = [f"{name}={columns[name][i]}" if columns[name] else name for name, i in features]
    encoded = [[float(x == i) for x in values[name]] if columns[name] else values[name] for name, i in features]
    X = [list(row) for row in zip(*encoded, strict=True)]
    y: list[Any] = []
    class_names = like.class_names if like else []
    if target is not None:
        goals = table[target]
        if _fraction_of_numbers(goals) == 1:  # 1.0 and 1 are one class, but among other strings 007 and 7 are two
            goals = list(map(_canonical, goals))
        class_names = like.class_names if like else _classes(path, target, goals, task)
        y = list(map(int if class_names else float, _values(target, goals, class_names, places)))
    return Dataset(X, y, feature_names, class_names, columns)


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the columns of a file as strings by name, and a description of each row for error messages."""
    pd = import_pandas("load_csv")
    try:
        with open(path, encoding="utf-8-sig") as file:  # with or without a byte order mark
            text = file.read()
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} is not encoded in UTF-8: {problem}; save it as CSV in UTF-8") from None
    lines = text.split("\n")
    start = len(list(takewhile(lambda line: line.startswith("#") or not line, lines)))
    delimiter = max(",;\t", key="".join(lines[start : start + 1]).count)
    # An upper bound, so that pandas accepts rows of any length. Outside of quotes, each row is one line.
    width = max(line.count(delimiter) for line in lines + "".join(text.split('"')[::2]).split("\n")) + 1
    source = io.StringIO("\n".join(lines[start:]) or "\n")
    try:
        frame = pd.read_csv(
            source, sep=delimiter, engine="python", names=range(width), index_col=False, dtype=str,
            keep_default_na=False, skip_blank_lines=False, skipinitialspace=True,
        )  # fmt: skip
    except pd.errors.ParserError as problem:
        line = start + len(source.getvalue()[: source.tell()].removesuffix("\n").split("\n"))
        raise ValueError(f"{path}, line {line}: {problem}") from None

    rows, line_numbers, line = [], [], start + 1  # from here on plain lists, because each call of pandas for a column is slow
    for row in frame.to_numpy().tolist():
        entries = [entry for entry in row if isinstance(entry, str)]
        line += sum(entry.count("\n") for entry in entries)  # entries in quotes may contain line breaks
        if entries:  # not a blank line
            rows.append([entry.strip() for entry in entries])
            line_numbers.append(line)
        line += 1
    if len(rows) < 2:
        raise ValueError(f"{path} has no rows; it must have a line with the names of the columns, and at least one more line")
    header, n = rows[0], len(rows[0])
    counts = Counter(header)
    wrong = [name for name in counts if not name or counts[name] > 1] or header * (_fraction_of_numbers(header) == 1)
    if wrong:
        raise ValueError(f"{path} must begin with distinct column names that are not numbers, but has {wrong!r:.60}")
    places = [f"{path}, row {i} (line {line})" for i, line in enumerate(line_numbers[1:])]
    for place, row in zip(places, rows[1:], strict=True):
        if len(row) != n:
            raise ValueError(f"{place} has {len(row)} entries, but the header has {n}, separated by {delimiter!r}")
    return dict(zip(header, map(list, zip(*rows[1:], strict=True)), strict=True)), places


def _values(name: str, column: list[str], known: list[str], places: list[str]) -> list[float]:
    """Return a column as numbers. If ``known`` is not empty, they are the indices of the entries in it."""
    numbers = {category: i for i, category in enumerate(known)}
    values = [numbers.get(entry, math.nan) if known else _number(entry) for entry in column]
    for place, entry, value in zip(places, column, values, strict=True):
        if not math.isfinite(value) or entry.lower() in MISSING:
            rule = f"must be one of {known}" if known else "must be a finite number such as 1234.5"
            missing = f"is missing ({entry!r}); fill it in, or remove the row"
            raise ValueError(f"{place}, column {name!r} {missing if entry.lower() in MISSING else f'{rule}, not {entry!r}'}")
    return values


def _categories(path: str | os.PathLike[str], name: str, column: list[str]) -> list[str]:
    """Return the distinct strings of a column, or an empty list if it is numeric."""
    texts = [] if _fraction_of_numbers(column) > 0.5 else sorted(set(column))
    if len(texts) > MAX_CATEGORIES:
        rule = f"must have at most {MAX_CATEGORIES} distinct strings, not {len(texts)}"
        raise ValueError(f"{path}: column {name!r} {rule}; group them, or remove the column")
    return texts


def _classes(path: str | os.PathLike[str], target: str, column: list[str], task: str | None) -> list[str]:
    """Return the names of the classes, or an empty list if the target is a quantity."""
    names = sorted(set(column))
    if task is None and _fraction_of_numbers(column) > 0.5:
        integers = all(_number(name).is_integer() for name in names)
        task = "classification" if integers and len(names) <= min(MAX_CLASSES, len(column) // 2) else "regression"
    if task == "regression":
        return []
    if len(names) == 1:
        raise ValueError(f"{path}: column {target!r} must have at least two classes, not {names[0]!r} in every row")
    return sorted(names, key=_number) if _fraction_of_numbers(names) == 1 else names


def _fraction_of_numbers(entries: Iterable[str]) -> float:
    """Return the fraction of numbers. Numbers with commas count: they are an error and not a category."""
    numbers = [not math.isnan(_number(entry.replace(",", ""))) for entry in entries]
    return sum(numbers) / len(numbers)


def _canonical(entry: str) -> str:
    """Return the canonical notation of a number: 1 for 1.0, 0.5 for .50."""
    try:
        return str(int(entry))  # also integers with more digits than a float has
    except ValueError:
        number = _number(entry)
        return str(int(number)) if number.is_integer() else repr(number) if math.isfinite(number) else entry


def _number(entry: str) -> float:
    """Return ``entry`` as a float, or nan if it is not a number."""
    try:
        return float(entry)
    except ValueError:
        return math.nan
