"""Reading a table from a CSV file: numbers stay numbers, categories become columns of 0 and 1, classes are numbered."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Collection
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeAlias

from nn.base.checks import shown
from nn.data.rows import Dataset, Row

MISSING = {"", "?", "na", "n/a", "nan", "null"}  # in any case of letters
MAX_CATEGORIES = 50  # each becomes a column; a column with more different texts is rather a name or a remark
MAX_CLASSES = 20  # of a target of whole numbers, which are taken for amounts if there are more
TASKS = ("classification", "regression")
Column: TypeAlias = dict[str, str]  # each entry by where it stands, for messages


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
        TypeError: if ``like`` is no Dataset.

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
        raise TypeError(f"like must be a Dataset, as load_csv returns, not {shown(like)}")
    table = _read(path)
    names = list(like.columns) if like else [name for name in table if name != target]
    for name in names if target is None else [*names, target]:
        if name not in [*table]:  # a list, so that what cannot be hashed is just not among them
            raise ValueError(f"{path} has no column {name!r}, only {', '.join(map(repr, table))}")
    if not names:
        raise ValueError(f"{path} has no column besides the target {target!r}, and so nothing to learn from")

    columns = dict(like.columns) if like else {name: _categories(path, name, table[name]) for name in names}
    feature_names = [text for name in names for text in [f"{name}={category}" for category in columns[name]] or [name]]
    X: list[Row] = [[] for _ in table[names[0]]]
    for name, categories in columns.items():
        for row, value in zip(X, _values(name, table[name], categories), strict=True):
            row.extend([float(value == i) for i in range(len(categories))] or [value])
    y, class_names = [], like.class_names if like else []
    if target is not None:
        column = table[target]
        if _share_of_numbers(column.values()) == 1:  # 1.0 and 1 are one class; of texts, 007 and 7 are two
            column = {place: _plain(entry) for place, entry in column.items()}
        class_names = class_names if like else _classes(path, target, column, task)
        y = _values(target, column, class_names)
    return Dataset(X, y, feature_names, class_names, columns)


def _read(path: str | os.PathLike[str]) -> dict[str, Column]:
    """The columns of a file by name."""
    try:
        with Path(path).open(encoding="utf-8-sig") as file:  # with or without the mark that some programs put first
            lines = list(file)
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} is not a text in UTF-8: {problem}; save it anew as CSV in UTF-8") from None
    start = len(list(takewhile(lambda line: line.startswith(("#", "\n")), lines)))
    delimiter = max(",;\t", key="".join(lines[start : start + 1]).count)
    reader = csv.reader(lines[start:], delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        lines_and_rows = [(start + reader.line_num, [entry.strip() for entry in row]) for row in reader if row]
    except csv.Error as problem:
        raise ValueError(f"{path}, line {start + reader.line_num}: {problem}") from None
    if len(lines_and_rows) < 2:
        raise ValueError(f"{path} has no rows; there must be a line that names the columns, and rows below")
    (_, header), *rest = lines_and_rows
    wrong = [name for i, name in enumerate(header) if name in ("", *header[:i])] or header * (_share_of_numbers(header) == 1)
    if wrong:
        raise ValueError(f"{path} must name all columns in its first line, no two alike, not as numbers; it has {wrong!r:.60}")
    rows = {f"{path}, row {i} (line {line})": row for i, (line, row) in enumerate(rest)}
    for place, row in rows.items():
        if len(row) != len(header):
            raise ValueError(f"{place} has {len(row)} entries, and the header {len(header)}, divided by {delimiter!r}")
    return {name: {place: row[i] for place, row in rows.items()} for i, name in enumerate(header)}


def _values(name: str, column: Column, known: list[str]) -> list[Any]:
    """The numbers of a column; or, if some categories are ``known``, where among these each entry stands."""
    numbers = {category: i for i, category in enumerate(known)}
    values = [numbers.get(entry, math.nan) if known else _number(entry) for entry in column.values()]
    for (place, entry), value in zip(column.items(), values, strict=True):
        if entry.lower() in MISSING or not math.isfinite(value):
            rule = f"which is not among {known}" if known else "not a finite number such as 1234.5"
            problem = "fill in what is missing, or leave out such rows" if entry.lower() in MISSING else rule
            raise ValueError(f"{place}, column {name!r} is {repr(entry) if entry else 'empty'}: {problem}")
    return values


def _categories(path: str | os.PathLike[str], name: str, column: Column) -> list[str]:
    """The different texts of a column; none if it is one of numbers."""
    texts = [] if _share_of_numbers(column.values()) > 0.5 else sorted(set(column.values()))
    if len(texts) > MAX_CATEGORIES:
        raise ValueError(f"{path}: column {name!r} has {len(texts)} different texts, of at most {MAX_CATEGORIES}; group them")
    return texts


def _classes(path: str | os.PathLike[str], name: str, column: Column, task: str | None) -> list[str]:
    """The names of the classes; none if the target is an amount."""
    names = sorted(set(column.values()))
    if task is None and _share_of_numbers(column.values()) > 0.5:
        whole = all(_number(name).is_integer() for name in names)
        task = "classification" if whole and len(names) <= min(MAX_CLASSES, len(column) // 2) else "regression"
    if task == "regression":
        return []
    if len(names) == 1:
        raise ValueError(f"{path}: column {name!r} is {names[0]!r} in every row; to tell classes apart takes two")
    return sorted(names, key=_number) if _share_of_numbers(names) == 1 else names


def _share_of_numbers(entries: Collection[str]) -> float:
    """How many of them are numbers; with commas, too, which are not read as such and better told than taken for names."""
    return sum(not math.isnan(_number(entry.replace(",", ""))) for entry in entries) / len(entries)


def _plain(entry: str) -> str:
    """The same number written plainly: 1.0 as 1, .50 as 0.5."""
    try:
        return str(int(entry))  # also of more digits than a float has
    except ValueError:
        number = _number(entry)
        return str(int(number)) if number.is_integer() else repr(number) if math.isfinite(number) else entry


def _number(entry: str) -> float:
    """``entry`` as a float; nan if it is none."""
    try:
        return float(entry)
    except ValueError:
        return math.nan
