"""Reading a table from a CSV file: numbers stay numbers, categories become columns of 0 and 1, classes are numbered."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nn.data import Dataset, Row

MISSING = {"", "?", "na", "n/a", "nan", "null"}  # in any case of letters
MAX_CATEGORIES = 50  # each becomes a column; a column with more different texts is rather a name or a remark
MAX_CLASSES = 20  # of a target of whole numbers, which are taken for amounts if there are more
TASKS = ("classification", "regression")


def load_csv(
    path: str | os.PathLike[str], target: str | None = None, task: str | None = None, like: Dataset | None = None
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
        like: a data set whose columns, categories and classes to use instead of finding them; other columns are left out.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for anything in it that cannot be used, such as an entry that is missing (empty, ``?``, ``NA``, ``N/A``,
            ``nan`` or ``null``), or a comma in a number; the message names the row (as
            in ``X``, from 0), the line and the column.

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
    _check_options(task, like)
    table = _read(path)
    class_names: list[str] = []
    y: list[Any] = []
    if like is not None:
        class_names = like.class_names
    elif target is not None:
        class_names = _classes(table, target, task)
    if target is not None:
        entries = [_plain(entry) for entry in table.entries(target)]
        y = table.positions(target, entries, class_names) if class_names else table.numbers(target)

    names = [name for name in table.columns if name != target] if like is None else list(like.columns)
    if not names:
        raise ValueError(f"{path} has no column besides the target {target!r}, and so nothing to learn from")
    X: list[Row] = [[] for _ in table.lines]
    feature_names, columns = [], {}
    for name in names:
        columns[name] = categories = _categories(table, name) if like is None else like.columns[name]
        feature_names += [f"{name}={category}" for category in categories] or [name]
        if categories:
            for row, position in zip(X, table.positions(name, table.entries(name), categories), strict=True):
                row.extend(float(position == i) for i in range(len(categories)))
        else:
            for row, number in zip(X, table.numbers(name), strict=True):
                row.append(number)
    return Dataset(X, y, feature_names, class_names, columns)


def _check_options(task: Any, like: Any) -> None:
    if task is not None and task not in TASKS:
        raise ValueError(f"unknown task: {task!r} (must be one of {', '.join(map(repr, TASKS))}, or None)")
    if not isinstance(like, Dataset | None):
        raise TypeError(f"like must be a Dataset, as load_csv returns, not {type(like).__name__} ({like!r:.40})")


class _Table(NamedTuple):
    """The text of a file by columns, and the number of the line on which each row ends."""

    path: Any
    columns: dict[str, list[str]]
    lines: list[int]

    def entries(self, name: str) -> list[str]:
        """Those of a column, of which none may be missing."""
        if name not in self.columns:
            raise ValueError(f"{self.path} has no column {name!r}, only {', '.join(map(repr, self.columns))}")
        for i, entry in enumerate(self.columns[name]):
            if entry.lower() in MISSING:
                raise self.error(name, i, "fill in what is missing, or leave out such rows")
        return self.columns[name]

    def numbers(self, name: str) -> list[float]:
        """Those of a column of numbers."""
        numbers = []
        for i, entry in enumerate(self.entries(name)):
            if not _is_number(entry):
                raise self.error(name, i, "not a number as in the rest of the column")
            numbers.append(float(entry))
            if not math.isfinite(numbers[-1]):
                raise self.error(name, i, "and only finite numbers can be learnt from")
        return numbers

    def positions(self, name: str, entries: Sequence[str], known: list[str]) -> list[int]:
        """Where each of the entries stands in a list of those that are known."""
        for i, entry in enumerate(entries):
            if entry not in known:
                raise self.error(name, i, f"which is not among {known}")
        return [known.index(entry) for entry in entries]

    def error(self, name: str, i: int, problem: str) -> ValueError:
        entry = repr(self.columns[name][i]) if self.columns[name][i] else "empty"
        return ValueError(f"{self.path}, row {i} (line {self.lines[i]}), column {name!r} is {entry}: {problem}")


def _read(path: str | os.PathLike[str]) -> _Table:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")  # with or without the mark that some programs put first
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} is not a text in UTF-8: {problem}; save it anew as CSV in UTF-8") from None
    lines = list(io.StringIO(text))  # not splitlines, which divides at form feeds and others too
    remarks = 0
    while remarks < len(lines) and (lines[remarks].startswith("#") or not lines[remarks].strip()):
        remarks += 1
    if remarks == len(lines):
        raise ValueError(f"{path} is empty; it must have a line with the names of the columns, and the rows below")
    delimiter = max(",;\t", key=lines[remarks].count)
    reader = csv.reader(lines[remarks:], delimiter=delimiter, strict=True, skipinitialspace=True)
    rows, ends = [], []
    try:
        header = _check_header(path, [name.strip() for name in next(reader)])
        for row in filter(None, reader):  # without blank lines
            rows.append([entry.strip() for entry in row])
            ends.append(remarks + reader.line_num)
            if len(row) != len(header):
                raise ValueError(
                    f"{path}, row {len(rows) - 1} (line {ends[-1]}) has {len(row)} entries, and the header names {len(header)} "
                    f"columns, divided by {delimiter!r}"
                )
    except csv.Error as problem:
        raise ValueError(f"{path}, line {remarks + reader.line_num}: {problem}") from None
    if not rows:
        raise ValueError(f"{path} has a header but no rows")
    return _Table(path, dict(zip(header, map(list, zip(*rows, strict=True)), strict=True)), ends)


def _check_header(path: Any, header: list[str]) -> list[str]:
    for i, name in enumerate(header):
        if not name:
            raise ValueError(f"{path}: column {i + 1} of {len(header)} has no name in the header")
        if header.index(name) < i:
            raise ValueError(f"{path} has two columns called {name!r}; give each a name of its own")
    if all(map(_is_number, header)):
        raise ValueError(f"{path} has only numbers in its first line, {', '.join(header):.40}; it must name the columns")
    return header


def _categories(table: _Table, name: str) -> list[str]:
    """The different entries of a column; none if it is one of numbers."""
    categories = [] if _mostly_numbers(table, name) else sorted(set(table.entries(name)))
    if len(categories) > MAX_CATEGORIES:
        raise ValueError(
            f"{table.path}: column {name!r} has {len(categories)} different texts ({categories[0]!r}, {categories[1]!r}, ...), "
            f"and {MAX_CATEGORIES} are the most that are taken for categories; take the column out, or group them"
        )
    return categories


def _classes(table: _Table, target: str, task: str | None) -> list[str]:
    """The names of the classes; none if the target is an amount."""
    entries = table.entries(target)
    names = sorted(set(map(_plain, entries)))
    if task is None and _mostly_numbers(table, target):
        whole = all(number.is_integer() for number in table.numbers(target))
        task = "classification" if whole and len(names) <= min(MAX_CLASSES, len(entries) // 2) else "regression"
    if task == "regression":
        return []
    if len(names) == 1:
        raise ValueError(f"{table.path}: column {target!r} is {names[0]!r} in every row; to tell classes apart takes two")
    return sorted(names, key=float) if all(map(_is_number, names)) else names


def _plain(entry: str) -> str:
    """``entry``, or the same whole number written plainly: 1.0 and 1 are one class."""
    return str(int(float(entry))) if _is_number(entry) and float(entry).is_integer() else entry


def _mostly_numbers(table: _Table, name: str) -> bool:
    """Whether more than half of the entries of a column are numbers; an error if they would be but for commas in them."""
    entries = table.entries(name)
    plain, without_commas = (2 * sum(map(_is_number, texts)) > len(entries) for texts in (entries, _without_commas(entries)))
    if without_commas and not plain:
        i = next(i for i, entry in enumerate(entries) if "," in entry)
        raise table.error(name, i, "write decimals with a point and thousands without a mark, as 1234.5")
    return plain


def _without_commas(entries: Sequence[str]) -> list[str]:
    return [entry.replace(",", "") for entry in entries]


def _is_number(entry: str) -> bool:
    try:
        float(entry)
    except ValueError:
        return False
    return True
