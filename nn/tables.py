"""Reading a table from a CSV file: numbers stay numbers, categories become columns of 0 and 1, classes are numbered."""

from __future__ import annotations

import csv
import io
import math
import os
from pathlib import Path
from typing import Any, NamedTuple

from nn.data import Dataset, Row

MISSING = {"", "?", "na", "n/a", "nan", "null"}  # in any case of letters
MAX_CATEGORIES = 50  # each becomes a column; a column with more different texts is rather a name or a remark
MAX_CLASSES = 20  # of a target of whole numbers, which are taken for amounts if there are more
TASKS = ("classification", "regression")


def load_csv(
    path: str | os.PathLike[str],
    target: str | None = None,
    task: str | None = None,
    missing: str = "error",
    like: Dataset | None = None,
) -> Dataset:
    r"""Read a data set from a file of comma-separated values (or with ``;`` or tabs, whichever the header has most of).

    The first line names the columns; lines before it that begin with ``#`` are remarks. A column most of whose entries are
    numbers is one of numbers, and text in it is an error; any other is one of categories, and becomes a column of 0.0 and 1.0
    for each of them (one-hot), called ``colour=red``. Classes are numbered in alphabetical order, or that of their numbers.

    Args:
        path: the file, in UTF-8.
        target: the name of the column to learn; None if there is none, and then ``y`` is empty.
        task: ``"classification"`` if the target is a class, ``"regression"`` if it is an amount. None to tell by the target:
            classes are text, or up to 20 different whole numbers of which each comes up twice or more on average.
        missing: what to do about an entry that is empty, or ``?``, ``NA``, ``N/A``, ``nan`` or ``null``: ``"error"``, or
            ``"drop"`` to leave out its row.
        like: a data set whose columns, categories and classes to use instead of finding them; other columns are left out.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for anything in it that cannot be used; the message names the row (as in ``X``, from 0), the line and the
            column.

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
    for choice, known, name in ((task, (None, *TASKS), "task"), (missing, ("error", "drop"), "missing")):
        if choice not in known:
            raise ValueError(f"unknown {name}: {choice!r} (must be one of {', '.join(map(repr, known))})")
    table = _read(path)
    names = [name for name in table.header if name != target] if like is None else list(like.columns)
    if not names:
        raise ValueError(f"{path} has no column besides the target {target!r}, and so nothing to learn from")
    table = _without_missing(table, names if target is None else [*names, target], missing)
    columns = {name: _categories(table, name) for name in names} if like is None else like.columns
    X: list[Row] = [[] for _ in table.rows]
    for name, categories in columns.items():
        for row, numbers in zip(X, _encoded(table, name, categories), strict=True):
            row.extend(numbers)
    feature_names = [f"{name}={category}" if category else name for name in columns for category in columns[name] or [""]]
    if target is None:
        return Dataset(X, [], feature_names, [] if like is None else like.class_names, columns)
    class_names = _classes(table, target, task) if like is None else like.class_names
    return Dataset(X, _targets(table, target, class_names), feature_names, class_names, columns)


class _Table(NamedTuple):
    """The text of a file, by rows and columns."""

    path: Any
    header: list[str]
    rows: list[list[str]]
    lines: list[int]  # the number of the line on which each row ends

    def column(self, name: str) -> list[str]:
        index = self.header.index(name)
        return [row[index] for row in self.rows]

    def where(self, i: int, name: str) -> str:
        return f"{self.path}, row {i} (line {self.lines[i]}), column {name!r}"


def _read(path: str | os.PathLike[str]) -> _Table:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")  # with or without the mark that some programs put first
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} is not a text in UTF-8: {problem}; save it anew as CSV in UTF-8") from None
    lines = text.splitlines(keepends=True)
    remarks = 0
    while remarks < len(lines) and (lines[remarks].startswith("#") or not lines[remarks].strip()):
        remarks += 1
    if remarks == len(lines):
        raise ValueError(f"{path} is empty; it must have a line with the names of the columns, and the rows below")
    delimiter = max(",;\t", key=lines[remarks].count)
    reader = csv.reader(
        io.StringIO("".join(lines[remarks:]), newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    rows, numbers = [], []
    try:
        header = [name.strip() for name in next(reader)]
        for row in reader:
            if row:  # the line is not blank
                rows.append([entry.strip() for entry in row])
                numbers.append(remarks + reader.line_num)
    except csv.Error as problem:
        raise ValueError(f"{path}, line {remarks + reader.line_num}: {problem}") from None
    _check_header(path, header)
    if not rows:
        raise ValueError(f"{path} has a header but no rows")
    for i, row in enumerate(rows):
        if len(row) != len(header):
            raise ValueError(
                f"{path}, row {i} (line {numbers[i]}) has {len(row)} entries, and the header names {len(header)} columns, "
                f"divided by {delimiter!r}"
            )
    return _Table(path, header, rows, numbers)


def _check_header(path: Any, header: list[str]) -> None:
    for i, name in enumerate(header):
        if not name:
            raise ValueError(f"{path}: column {i + 1} of {len(header)} has no name in the header")
        if header.index(name) < i:
            raise ValueError(f"{path} has two columns called {name!r}; give each a name of its own")
    if all(map(_is_number, header)):
        raise ValueError(f"{path} has only numbers in its first line, {', '.join(header):.40}; it must name the columns")


def _without_missing(table: _Table, names: list[str], missing: str) -> _Table:
    """The table without the rows that have entries missing in these columns; or an error."""
    for name in names:
        if name not in table.header:
            raise ValueError(f"{table.path} has no column {name!r}, only {', '.join(map(repr, table.header))}")
    indices = [table.header.index(name) for name in names]
    whole = []
    for i, row in enumerate(table.rows):
        gaps = [table.header[index] for index in indices if row[index].lower() in MISSING]
        if not gaps:
            whole.append(i)
        elif missing == "error":
            entry = row[table.header.index(gaps[0])]
            raise ValueError(
                f"{table.where(i, gaps[0])} is {repr(entry) if entry else 'empty'}; fill in what is missing, or leave out such "
                "rows with missing='drop'"
            )
    if not whole:
        raise ValueError(f"{table.path} has no row in which nothing is missing")
    return _Table(table.path, table.header, [table.rows[i] for i in whole], [table.lines[i] for i in whole])


def _categories(table: _Table, name: str) -> list[str]:
    """The different entries of a column, if it is not one of numbers."""
    if _mostly_numbers(table, name):
        return []
    categories = sorted(set(table.column(name)))
    if len(categories) > MAX_CATEGORIES:
        raise ValueError(
            f"{table.path}: column {name!r} has {len(categories)} different texts ({categories[0]!r}, {categories[1]!r}, ...), "
            f"and {MAX_CATEGORIES} are the most that are taken for categories; take the column out, or group them"
        )
    return categories


def _encoded(table: _Table, name: str, categories: list[str]) -> list[Row]:
    """For each row, the numbers that the column becomes."""
    if not categories:
        return [[number] for number in _numbers(table, name)]
    entries = table.column(name)
    for i, entry in enumerate(entries):
        if entry not in categories:
            raise ValueError(f"{table.where(i, name)} is {entry!r}, which is not among the categories {categories}")
    return [[float(entry == category) for category in categories] for entry in entries]


def _classes(table: _Table, target: str, task: str | None) -> list[str]:
    """The names of the classes; none if the target is an amount."""
    if task == "regression":
        return []
    names = set(map(_class_name, table.column(target)))
    numbers = all(map(_is_number, names))
    if task is None and _mostly_numbers(table, target):
        whole = [number.is_integer() for number in _numbers(table, target)]
        if not all(whole) or len(names) > min(MAX_CLASSES, len(whole) // 2):
            return []
    if len(names) == 1:
        raise ValueError(f"{table.path}: column {target!r} is {min(names)!r} in every row; to tell classes apart takes two")
    return sorted(names, key=float) if numbers else sorted(names)


def _targets(table: _Table, target: str, class_names: list[str]) -> list[Any]:
    if not class_names:
        return _numbers(table, target)
    entries = [_class_name(entry) for entry in table.column(target)]
    for i, entry in enumerate(entries):
        if entry not in class_names:
            raise ValueError(f"{table.where(i, target)} is {entry!r}, which is not among the classes {class_names}")
    return [class_names.index(entry) for entry in entries]


def _class_name(entry: str) -> str:
    """``entry``, or the same whole number written plainly: 1.0 and 1 are one class."""
    return str(int(float(entry))) if _is_number(entry) and float(entry).is_integer() else entry


def _numbers(table: _Table, name: str) -> list[float]:
    numbers = []
    for i, entry in enumerate(table.column(name)):
        if not _is_number(entry):
            raise ValueError(f"{table.where(i, name)} is {entry!r}, not a number as in the rest of the column")
        numbers.append(float(entry))
        if not math.isfinite(numbers[-1]):
            raise ValueError(f"{table.where(i, name)} is {entry!r}; only finite numbers can be learnt from")
    return numbers


def _mostly_numbers(table: _Table, name: str) -> bool:
    entries = table.column(name)
    return 2 * sum(map(_is_number, entries)) > len(entries)


def _is_number(entry: str) -> bool:
    try:
        float(entry)
    except ValueError:
        return False
    return True
