"""``load_csv``: reads a CSV file. Categories become columns of 0 and 1, and classes are numbered."""

from __future__ import annotations

import csv
import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Set
from itertools import takewhile
from typing import Any

from attrs import field, frozen

from autograd.shared import counted, warn
from nn.base.checks import describe, file_path
from nn.base.names import did_you_mean, suggesting
from nn.data.notation import common_suffix, is_date, is_date_in_digits, looks_numeric
from nn.data.rows import Dataset, as_list

MISSING = ("", "?", "na", "n/a", "nan", "null")  # in lower case
MAX_CATEGORIES = 50  # each becomes a column; a column with more distinct strings is more likely a name or a comment
MAX_CLASSES = 20  # distinct integers in a target; with more, the target is a quantity
MINUSES = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"  # dashes and minus signs that are not the "-" of ASCII
_SEPARATORS = "columns must be separated by commas, semicolons or tabs"
# The first bytes of files that are not CSV, and their kinds.
_KINDS = {
    b"PK\x03\x04": "a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an Excel file (.xls)",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF file",
    b"SQLite format 3": "an SQLite database",
}
_JSON = re.compile(r'\s*(\{\s*["}]|\[\s*[\[{"\d\-\]])')  # a name in a header may begin with a bracket
_THOUSANDS = re.compile(r"(?<![\d.,])[-+]?[1-9]\d{0,2}([.,\s'\u2019])\d{3}(\1\d{3})*([.,]\d*)?(?!\d)")  # 1,000 and 1,234,567.8
TASKS = ("classification", "regression")

# Remedies for arguments of pandas, by name.
_REMEDIES = {
    **dict.fromkeys(("sep", "delimiter"), "omit it: commas, semicolons and tabs are recognized"),
    **dict.fromkeys(("na_values", "keep_default_na"), "write missing=, the entries that mean a missing value"),
    **dict.fromkeys(("header", "names", "skiprows"), "the first line must contain the names of the columns"),
    **dict.fromkeys(("drop", "ignore", "skip", "index_col"), "write exclude=, the names of the columns to leave out"),
    **dict.fromkeys(
        ("columns", "features", "usecols"), "all columns are read; write exclude=, the names of those to leave out"
    ),
    "dtype": "omit it: a column is numeric if most of its entries are numbers; write categories= for columns of text",
    "compression": "omit it: the suffix .gz is recognized",
}


@frozen
class Format:
    """How the entries of a table are read.

    Attributes:
        path: The file, for error messages.
        decimal: The decimal point: ``"."`` or ``","``.
        missing: The entries that mean a missing value: text in lower case.
        missing_numbers: Numbers that mean a missing value.
        categories: Names of columns that are text, even if their entries look like numbers.
        places: A description of each row, for error messages.
    """

    path: Any
    decimal: str = field()
    missing: frozenset[str]
    missing_numbers: frozenset[float]
    categories: list[str]
    places: list[str] = field(factory=list)

    @decimal.validator
    def _check_decimal(self, _: Any, decimal: Any) -> None:
        if decimal not in (".", ","):
            raise ValueError(f"decimal must be '.' or ',', not {decimal!r:.40}")

    def number(self, entry: str) -> float:
        """Return ``entry`` as a float, or nan if it is not a number."""
        # Python accepts 1_000, and digits of other scripts.
        if "_" in entry or not entry.isascii() or (self.decimal == "," and "." in entry):
            return math.nan
        try:
            return float(entry.replace(self.decimal, "."))
        except ValueError:
            return math.nan

    def is_missing(self, entry: str) -> bool:
        """Return whether ``entry`` means a missing value."""
        return entry.lower() in self.missing or (bool(self.missing_numbers) and self.number(entry) in self.missing_numbers)

    def is_numeric(self, entry: str) -> bool:
        """Return whether ``entry`` is a number, or an amount, a percentage or a date."""
        return not math.isnan(self.number(entry)) or looks_numeric(entry)

    def fraction_of_numbers(self, name: str, entries: Iterable[str]) -> float:
        """Return the fraction of numbers. Amounts, percentages and dates count: they are an error and not a category."""
        if name in self.categories:
            return 0.0
        numbers = [self.is_numeric(entry) for entry in entries if not self.is_missing(entry)]  # a missing entry is an error
        return sum(numbers) / (len(numbers) or 1)

    def values(self, name: str, column: list[str], known: list[str]) -> list[float]:
        """Return a column as numbers. If ``known`` is not empty, they are the indices of the entries in it."""
        numbers = {category: i for i, category in enumerate(known)}
        values = [numbers.get(entry, math.nan) if known else self.number(entry) for entry in column]
        for place, entry, value in zip(self.places, column, values, strict=True):
            is_missing = self.is_missing(entry)
            if math.isfinite(value) and not is_missing:
                continue
            if is_missing:
                rule = f"is missing ({entry!r}); fill it in, or remove the row"
                rule += "; if it is a category, pass missing=['']" if entry and math.isnan(self.number(entry)) else ""
            elif known:
                rule = f"must be one of {known}, not {entry!r}"
            else:
                rule = f"must be a finite number such as 1234{self.decimal}5, not {entry!r}; {self._remedy(name, entry)}"
            raise ValueError(f"{place}, column {name!r} {rule}")
        return values

    def categories_of(self, name: str, column: list[str]) -> list[str]:
        """Return the distinct strings of a column, or an empty list if it is numeric."""
        texts = [] if self.fraction_of_numbers(name, column) > 0.5 else sorted(set(column))
        self.warn_of_numbers_in_text(name, column if texts else [])
        if len(texts) > MAX_CATEGORIES:
            rule = f"must have at most {MAX_CATEGORIES} distinct strings, not {len(texts)}"
            raise ValueError(f"{self.path}: column {name!r} {rule}; group them, or pass exclude=[{name!r}] to leave it out")
        return texts

    def classes(self, target: str, column: list[str], task: str | None) -> list[str]:
        """Return the names of the classes, or an empty list if the target is a quantity."""
        names = sorted(set(column))
        if task is None and self.fraction_of_numbers(target, column) > 0.5:
            integers = all(self.number(name).is_integer() for name in names)
            task = "classification" if integers and len(names) <= min(MAX_CLASSES, len(column) // 2) else "regression"
        if task == "regression":
            return []
        self.warn_of_numbers_in_text(target, column if task is None else [])
        if len(names) == 1:
            raise ValueError(f"{self.path}: column {target!r} must have at least two classes, not {names[0]!r} in every row")
        are_numbers = target not in self.categories and not any(math.isnan(self.number(name)) for name in names)
        return sorted(names, key=self.number) if are_numbers else names

    def canonical(self, entry: str) -> str:
        """Return the canonical notation of a number: 1 for 1.0, 0.5 for .50."""
        try:
            return (
                entry if "_" in entry or not entry.isascii() else str(int(entry))
            )  # also integers with more digits than a float has
        except ValueError:
            number = self.number(entry)
            text = repr(number).replace(".", self.decimal)
            return str(int(number)) if number.is_integer() else text if math.isfinite(number) else entry

    def _remedy(self, name: str, entry: str) -> str:
        remedy = "remove units and separators"
        if entry[0] in MINUSES and not math.isnan(self.number(f"-{entry[1:]}")):
            remedy = "write the minus as '-'"
        elif math.isinf(self.number(entry)):
            remedy = f"remove the row, or pass missing=[{entry!r}] if the entry means that the number is unknown"
        elif entry[:2].lower() == "0x":
            remedy = "write it in decimal digits"
        elif is_date(entry):
            remedy = "convert dates to numbers, such as days"
        elif not entry.isascii() and all(character.isdecimal() or character in "+-.,\u066b\u066c" for character in entry):
            remedy = "write numbers with the digits 0 to 9"
        elif _THOUSANDS.search(entry):
            remedy = "remove the thousands separators"
            if not _THOUSANDS.fullmatch(entry):
                remedy = "remove units and thousands separators"
            elif self.decimal == "." and entry.count(",") == 1 and "." not in entry:
                remedy += ", or pass decimal=',' for decimal commas"
        elif "," in entry and self.decimal == ".":
            remedy = "pass decimal=',' for decimal commas, or remove separators"
        return f"{remedy}, or pass categories=[{name!r}] if the column is text"

    def warn_of_numbers_in_text(self, name: str, column: list[str]) -> None:
        """Warn of a column of text that contains numbers, amounts or dates, which become categories."""
        if name in self.categories:
            return
        numeric = [i for i, entry in enumerate(column) if self.is_numeric(entry) and not self.is_missing(entry)]
        if numeric:
            first, more = numeric[0], len(numeric) - 1
            others = f" and {counted(more, 'other row')}" if more else ""
            found = (
                f"{self.places[first]}{others}: {column[first]!r} in column {name!r} looks like a number, an amount or a date"
            )
            remedy = f"convert all entries of the column to numbers, or pass categories=[{name!r}] if it is text"
            warn(f"{found}, but most entries are text, so each distinct entry becomes a category; {remedy}")
        elif suffix := common_suffix(column):
            found = f"{self.path}: every entry of column {name!r} is a number with {suffix!r}, such as {column[0]!r} in row 0"
            remedy = f"remove {suffix!r} to read numbers, or pass categories=[{name!r}] if it is text"
            warn(f"{found}, and each distinct entry becomes a category; {remedy}")

    def warn_of_dates(self, columns: dict[str, list[str]]) -> None:
        """Warn of columns in which all numbers can be read as dates, such as 20240131."""
        for name, column in columns.items():
            if all(map(is_date_in_digits, column)):
                found = f"{self.path}: all entries of column {name!r} look like dates, such as {column[0]!r} in row 0"
                remedy = f"convert dates to numbers, such as days, or pass categories=[{name!r}] if they are text"
                warn(f"{found}, but are read as numbers; {remedy}")

    def warn_of_thousands(self, columns: dict[str, list[str]]) -> None:
        """Warn of columns in which all decimal commas may be separators of thousands, such as 1,000."""
        for name, column in columns.items():
            rows = [i for i, entry in enumerate(column) if "," in entry and self.decimal == ","]
            if rows and all(_THOUSANDS.fullmatch(column[i]) for i in rows):
                entry = column[rows[0]]
                found = f"{self.path}: all commas of column {name!r} may separate thousands, such as {entry!r} in row {rows[0]}"
                warn(f"{found}, which is read as the number {self.number(entry)}; if they do, remove the thousands separators")

    def warn_of_codes(self, columns: dict[str, list[str]]) -> None:
        """Warn of codes such as 01234, and of integers with more digits than a float has."""
        for name, column in columns.items():
            for entry in column:
                digits = entry.lstrip("+-")
                if (digits[:1] == "0" or len(digits) > 15) and digits.isdecimal() and digits != f"{float(digits):.0f}":
                    found = f"{self.path}: column {name!r} has {entry!r}, which is read as the number {float(entry):.0f}"
                    warn(f"{found}; if it is a code, pass categories=[{name!r}]")
                    break


@suggesting(remedies=_REMEDIES)
def load_csv(
    path: str | os.PathLike[str], target: str | None = None, task: str | None = None, like: Dataset | None = None,
    *, encoding: str | None = None, decimal: str = ".", missing: Iterable[str | float] | str | float = MISSING,
    categories: Iterable[str] = (), exclude: Iterable[str] = (),
) -> Dataset:  # fmt: skip
    r"""Read a data set from a file of values separated by commas, semicolons or tabs, whichever is most frequent in the header.

    The first line contains the names of the columns. Lines before it that begin with ``#`` are comments. A column is numeric
    if most of its entries are numbers; any other text in it is an error. Each category of any other column becomes a column of
    0.0 and 1.0 (one-hot encoding), with a name such as ``colour=red``. Classes are numbered in alphabetical or numeric order.

    Amounts, percentages, dates and numbers with separators, such as ``$10``, ``10%``, ``1_000`` and ``2024-01-31``, are neither
    converted nor taken as categories. Such a column is an error, which states the remedy. If they are at most half of the
    entries, the column is text, and a warning names them.

    Args:
        path: The file. It may be compressed by gzip.
        target: Name of the column to predict. If None, ``y`` is empty.
        task: ``"classification"`` if the target is a class, ``"regression"`` if it is a quantity. By default, the target is
            a class if it is text, or if it has at most 20 distinct integers that occur at least twice on average.
        like: A data set that determines the columns, categories and classes. Other columns are ignored.
        encoding: The encoding, such as ``"cp1252"``. By default, it is UTF-8, or UTF-16 if the file begins with its mark.
        decimal: The decimal point of numbers: ``"."`` or ``","``.
        missing: The entries that mean a missing value: strings, whose case does not matter, and numbers, such as
            ``["", -999]``. If ``NA`` is a category, pass ``[""]``.
        categories: Names of columns that are read as text, even if their entries look like numbers, such as postal codes.
        exclude: Names of columns to leave out, such as names of persons and comments.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If the file contains an invalid entry: a missing one (empty, ``?``, ``NA``, ``N/A``, ``nan`` or ``null``),
            or text in a numeric column. The message contains the row (the index in ``X``), the line and the column. Or if the
            file has another encoding or is not a CSV file, or an option is invalid.
        TypeError: If ``like`` is not a Dataset, or ``missing`` contains anything but strings and numbers.

    Warns:
        UserWarning: If a number loses its leading zeros or its last digits, because it may be a code; if all numbers of a
            column look like dates, or all decimal commas like separators of thousands;
            or if numbers, amounts or dates in a column of text become categories.

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
    file_path(path, "path")
    if task not in (None, *TASKS):
        raise ValueError(f"unknown task: {task!r} (must be one of {', '.join(map(repr, TASKS))}, or None)")
    if not isinstance(like, Dataset | None):
        raise TypeError(f"like must be a Dataset, such as load_csv returns, not {describe(like)}")
    texts, omitted = (
        [given] if isinstance(given, str) else as_list(given, option)
        for option, given in (("categories", categories), ("exclude", exclude))
    )
    if wrong := [name for name in omitted if name == target or (like and name in like.columns)]:
        raise ValueError(
            f"exclude must not contain {wrong[0]!r}, which is {'the target' if wrong[0] == target else 'a column of like'}"
        )
    table, places = _read(path, encoding)
    style = Format(path, decimal, *_missing(missing), texts, places)
    names: list[str] = list(like.columns) if like else [name for name in table if name not in (target, *omitted)]
    for name in [*names, *texts, *omitted, *([] if target is None else [target])]:
        if not isinstance(name, str) or name not in table:
            remedy = f"; {_SEPARATORS}" if len(table) == 1 else did_you_mean(str(name), table, exact=True)
            raise ValueError(f"{path} has no column {name!r}, only {', '.join(map(repr, table))}{remedy}")
    if not names:
        raise ValueError(f"{path} has no column except the target {target!r}; add columns to predict it from")

    columns = dict(like.columns) if like else {name: style.categories_of(name, table[name]) for name in names}
    values = {name: style.values(name, table[name], columns[name]) for name in columns}
    style.warn_of_codes({name: table[name] for name in columns if not columns[name]})
    style.warn_of_dates({name: table[name] for name in columns if not columns[name]})
    style.warn_of_thousands({name: table[name] for name in columns if not columns[name]})
    features = [(name, i) for name in columns for i in range(len(columns[name]) or 1)]
    feature_names = [f"{name}={columns[name][i]}" if columns[name] else name for name, i in features]
    encoded = [[float(x == i) for x in values[name]] if columns[name] else values[name] for name, i in features]
    X = [list(row) for row in zip(*encoded, strict=True)]
    y: list[Any] = []
    class_names = like.class_names if like else []
    if target is not None:
        goals = table[target]
        if style.fraction_of_numbers(target, goals) == 1:  # 1.0 and 1 are one class, but among other strings 007 and 7 are two
            style.warn_of_codes({target: [entry for entry in goals if len(entry) < 16]})  # the names of classes keep all digits
            goals = list(map(style.canonical, goals))
        class_names = like.class_names if like else style.classes(target, goals, task)
        style.warn_of_dates({} if class_names else {target: goals})
        style.warn_of_thousands({} if class_names else {target: table[target]})
        y = list(map(int if class_names else float, style.values(target, goals, class_names)))
    return Dataset(X, y, feature_names, class_names, columns)


def _missing(given: Any) -> tuple[frozenset[str], frozenset[float]]:
    """Return the text, in lower case, and the numbers that mean a missing value.

    Raises:
        TypeError: If there is anything but strings and numbers.
    """
    texts, numbers = set(), set()
    is_single = isinstance(given, str) or hasattr(given, "__float__")
    for entry in [given] if is_single else given if isinstance(given, Set) else as_list(given, "missing"):
        if isinstance(entry, str):
            texts.add(entry.lower())
        elif isinstance(entry, bool) or not hasattr(entry, "__float__"):
            raise TypeError(f"missing must contain strings and numbers, such as ['', 'NA', -999], not {describe(entry)}")
        else:
            numbers.add(float(entry))
            texts.update(["nan"] if math.isnan(entry) else [])
    return frozenset(texts), frozenset(numbers)


def _not_found(path: str, problem: OSError) -> FileNotFoundError:
    """Return the error for a file that does not exist, with a file of the folder that has a similar name."""
    folder, name = os.path.split(path)
    if not os.path.isdir(folder or "."):
        remedy = f"the folder {folder!r} does not exist"
    else:
        remedy = did_you_mean(name, os.listdir(folder or "."), exact=True).removeprefix("; ")
    return FileNotFoundError(problem.errno, f"{problem.strerror} ({remedy})" if remedy else problem.strerror, path)


def _text(path: str | os.PathLike[str], encoding: str | None) -> str:
    """Return the text of a file, which may be compressed, with a newline after each line."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError as problem:
        raise _not_found(os.fspath(path), problem) from None
    if content.startswith(b"\x1f\x8b"):
        import gzip
        import zlib

        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as problem:
            raise ValueError(f"{path} cannot be decompressed: {problem}; use another copy") from None
    if kind := next((kind for start, kind in _KINDS.items() if content.startswith(start)), ""):
        kind = "an Excel file (.xlsx)" if b"xl/" in content and kind == "a ZIP archive" else kind
        remedy = "unpack it" if kind == "a ZIP archive" else "save it as CSV in UTF-8, for example with pandas or a spreadsheet"
        raise ValueError(f"{path} is {kind}, not a CSV file; {remedy}")
    try:
        found = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"  # with or without a byte order mark
        return content.decode(encoding or found).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as problem:
        name = encoding or found.removesuffix("-sig").upper()
        other = "encoding='cp1252'" if encoding is None else "another encoding"
        raise ValueError(f"{path} is not encoded in {name}: {problem}; save it as CSV in UTF-8, or pass {other}") from None
    except LookupError:
        raise ValueError(
            f"unknown encoding: {encoding!r} (must be a name that Python knows, such as 'utf-8' or 'cp1252')"
        ) from None


def _read(path: str | os.PathLike[str], encoding: str | None) -> tuple[dict[str, list[str]], list[str]]:
    """Return the columns of a file as strings by name, and a description of each row for error messages."""
    text = _text(path, encoding)
    _check_kind(path, text)
    lines = text.split("\n")
    start = len(list(takewhile(lambda line: line.startswith("#") or not line, lines)))
    delimiter = max(",;\t", key="".join(lines[start : start + 1]).count)
    reader = csv.reader((f"{line}\n" for line in lines[start:]), delimiter=delimiter, skipinitialspace=True, strict=True)
    rows, line_numbers = [], []
    try:
        for row in reader:
            if row:  # not a blank line
                rows.append([entry.strip() for entry in row])
                line_numbers.append(start + reader.line_num)
    except csv.Error as problem:
        raise ValueError(f"{path}, line {min(start + reader.line_num, len(lines) - 1)}: {problem}") from None
    if len(rows) < 2:
        raise ValueError(f"{path} has no rows; it must have a line with the names of the columns, and at least one more line")
    header, n = rows[0], len(rows[0])
    _check_header(path, header, delimiter)
    if n == 1 and (bars := header[0].count("|")) and all(row[0].count("|") == bars for row in rows):
        raise ValueError(f"{path} has a single column {header[0]!r:.60}; {_SEPARATORS}, not by '|'")
    places = [f"{path}, row {i} (line {line})" for i, line in enumerate(line_numbers[1:])]
    for place, row in zip(places, rows[1:], strict=True):
        if len(row) != n:
            raise ValueError(f"{place} has {counted(len(row), 'entry')}, but the header has {n}, separated by {delimiter!r}")
    return dict(zip(header, map(list, zip(*rows[1:], strict=True)), strict=True)), places


def _check_kind(path: str | os.PathLike[str], text: str) -> None:
    """Raise a ValueError if a text is JSON or HTML."""
    if _JSON.match(text):
        raise ValueError(
            f"{path} is a JSON file, not a CSV file; write pandas.read_json({str(path)!r}).to_csv('t.csv', index=False)"
        )
    if text[:200].lstrip().lower().startswith(("<!doctype", "<html")):
        raise ValueError(f"{path} is a web page (HTML), not a CSV file; download the file itself")


def _check_header(path: str | os.PathLike[str], header: list[str], delimiter: str) -> None:
    """Raise a ValueError if the first line does not contain distinct names."""
    counts = Counter(header)
    wrong = [name for name in counts if not name or counts[name] > 1] or header * all(map(_is_float, header))
    if wrong:
        rule = f"{path} must begin with distinct column names that are not numbers, but has {wrong!r:.60}"
        remedy = "add a line with the names of the columns" if all(map(_is_float, header)) else "rename columns"
        if not header[0]:
            remedy = "name the first column; if pandas wrote the file, save it with index=False"
        elif not header[-1]:
            remedy = f"remove the {delimiter!r} at the end of the line"
        raise ValueError(f"{rule}; {remedy}")


def _is_float(entry: str) -> bool:
    try:
        float(entry)
    except ValueError:
        return False
    return True
