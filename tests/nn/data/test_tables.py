"""``load_csv``: results, and the errors for invalid files."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from work_counts import assert_proportional

from nn import Dataset, load_csv

FRUIT = """weight,colour,kind
150,red,apple
7,red,cherry
160,green,apple
"""


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Return a function that loads a CSV file with the given text."""

    def load(text: str | bytes, *arguments: Any, **options: Any) -> Dataset:
        path = tmp_path / "t.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_csv(path, *arguments, **options)

    return load


# ---- results ----


def test_categories_become_columns_and_classes_become_numbers(load: Any) -> None:
    data = load(FRUIT, "kind")
    assert data.X == [[150.0, 0.0, 1.0], [7.0, 0.0, 1.0], [160.0, 1.0, 0.0]]
    assert data.y == [0, 1, 0]
    assert data.feature_names == ["weight", "colour=green", "colour=red"]
    assert data.class_names == ["apple", "cherry"]
    assert data.columns == {"weight": [], "colour": ["green", "red"]}


def test_a_numeric_target_is_a_regression(load: Any) -> None:
    data = load(FRUIT, target="weight")
    assert (data.y, data.class_names) == ([150.0, 7.0, 160.0], [])
    assert data.feature_names == ["colour=green", "colour=red", "kind=apple", "kind=cherry"]


def test_without_a_target_all_columns_are_features_and_y_is_empty(load: Any) -> None:
    data = load(FRUIT)
    assert (len(data.X[0]), data.y, data.class_names) == (5, [], [])


@given(
    rows=st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2), min_size=1, max_size=9)
)
def test_every_number_is_read_back_bit_for_bit(rows: list[list[float]], tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("table") / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["a", "b"], *rows])
    assert repr(load_csv(path).X) == repr(rows)


@pytest.mark.parametrize(
    "text",
    [
        FRUIT.replace(",", ";"),
        FRUIT.replace(",", "\t"),
        FRUIT.replace(",", " , "),
        FRUIT.replace("\n", "\r\n"),
        FRUIT.replace("\n", "\n\n"),
        "# a remark, and another\n#\n\n" + FRUIT,
        "\ufeff" + FRUIT,
        FRUIT.rstrip("\n"),
        FRUIT.replace("red", '"red"').replace("7", "7.0e+0"),
    ],
)
def test_many_formats_of_csv_are_accepted(load: Any, text: str) -> None:
    assert load(text, "kind") == load(FRUIT, "kind")


def test_quoted_entries_may_contain_any_text(load: Any) -> None:
    data = load('a,b\n1,"x,y"\n2,"x\nz"\n3,"say ""no"""\n4,w\x0cw\u2028w\n')
    assert data.columns["b"] == ['say "no"', "w\x0cw\u2028w", "x\nz", "x,y"]


@pytest.mark.parametrize(
    ("entries", "task", "classes"),
    [
        ("a b a", None, ["a", "b"]),
        ("0 1 1 0", None, ["0", "1"]),
        ("10 9 9 10", None, ["9", "10"]),  # in numeric order
        ("1.0 2 1 2.0", None, ["1", "2"]),
        ("1 2 3 4", None, []),  # each occurs only once
        ("0.5 1.5 0.5 1.5", None, []),
        ("0.5 1.5 0.5 1.5", "classification", ["0.5", "1.5"]),
        ("1 2 3 4", "classification", ["1", "2", "3", "4"]),
        ("0 1 1 0", "regression", []),
        (" ".join([str(i % 20) for i in range(40)]), None, [str(i) for i in range(20)]),
        (" ".join([str(i % 21) for i in range(42)]), None, []),  # too many for classes
    ],
)
def test_the_entries_of_the_target_decide_between_classes_and_amounts(
    load: Any, entries: str, task: str | None, classes: list[str]
) -> None:
    data = load("x,t\n" + "".join(f"1,{entry}\n" for entry in entries.split()), "t", task)
    assert data.class_names == classes
    assert data.y == [classes.index(entry.replace(".0", "")) if classes else float(entry) for entry in entries.split()]


def test_another_file_can_be_read_like_the_first(load: Any) -> None:
    first = load(FRUIT, "kind")
    data = load("kind,origin,colour,weight\ncherry,,red,8\n", "kind", like=first)
    assert data == Dataset([[8.0, 0.0, 1.0]], [1], first.feature_names, first.class_names, first.columns)
    assert load("colour,weight\nred,8\n", like=first) == attrs.evolve(data, y=[])
    amounts = load("weight,colour\n5,red\n6,red\n", "weight")
    assert load("weight,colour\n7,red\n7,red\n7,red\n7,red\n", "weight", like=amounts).y == [7.0] * 4


def test_missing_entries_in_unused_columns_are_ignored(load: Any) -> None:
    data = load("a,b,kind\n1,,A\n2,NA,B\n", "kind", like=Dataset([], [], [], ["A", "B"], {"a": []}))
    assert (data.X, data.y) == ([[1.0], [2.0]], [0, 1])


# ---- errors ----


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv has no rows; it must have a line with the names of the columns, and at least one more line"),
        ("\n# only a remark\n", "t.csv has no rows; it must"),
        ("a,b\n", "t.csv has no rows; it must"),
        ("a,b\n1,2\n3\n", r"t.csv, row 1 \(line 3\) has 1 entry, but the header has 2, separated by ','"),
        ("#\na;b\n\n1;2;3\n", r"t.csv, row 0 \(line 4\) has 3 entries, but the header has 2, separated by ';'"),
        ("a,,b\n1,2,3\n", r"t.csv must begin with distinct column names that are not numbers, but has \[''\]"),
        ("a,b,a\n1,2,3\n", r"t.csv must begin with distinct column names that are not numbers, but has \['a'\]"),
        ("5.1,3.5\n4.9,3.0\n", r"t.csv must begin with distinct column names that are not numbers, but has \['5.1', '3.5'\]"),
        (
            "a,b\n1,2\n1,\n",
            r"t.csv, row 1 \(line 3\), column 'b' is missing \(''\); fill it in, or remove the row",
        ),
        ("a,b\n1,2\nN/A,2\n", r"t.csv, row 1 \(line 3\), column 'a' is missing \('N/A'\); fill it in"),
        ("a,b\n1,2\n2,x\n3,4\n", r"t.csv, row 1 \(line 3\), column 'b' must be a finite number such as 1234.5, not 'x'"),
        ("a,b\n1,2\n2,inf\n3,4\n", r"t.csv, row 1 \(line 3\), column 'b' must be a finite number such as 1234.5, not 'inf'"),
        ("a;b\n0,5;2\n1,5;3\n", r"t.csv, row 0 \(line 2\), column 'a' must be a finite number such as 1234.5, not '0,5'"),
        (
            'a,b\n900,2\n"1,000",3\n',
            r"t.csv, row 1 \(line 3\), column 'a' must be a finite number such as 1234.5, not '1,000'",
        ),
        ('a,b\n1,"2\n', "t.csv, line 2: unexpected end of data"),
        ('a,b\n1,"2"2\n', "t.csv, line 2: ',' expected after '\"'"),
        (
            b"a,b\n1,\xff\n",
            "t.csv is not encoded in UTF-8: .* can't decode byte 0xff in position 6.*; save it as CSV in UTF-8",
        ),
        (
            "a,b\n" + "".join(f"1,name {i:02}\n" for i in range(51)),
            r"t.csv: column 'b' must have at most 50 distinct strings, not 51; group them",
        ),
    ],
)
def test_the_error_for_an_invalid_file_states_the_problem_and_its_position(load: Any, text: str | bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(text)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (FRUIT, {"target": "sort"}, "t.csv has no column 'sort', only 'weight', 'colour', 'kind'"),
        ("a\n1\n", {"target": "a"}, "t.csv has no column except the target 'a'; add columns to predict it from"),
        ("a,t\n1,x\n2,x\n", {"target": "t"}, "column 't' must have at least two classes, not 'x' in every row"),
        ("a,t\n1,1\n2,1.0\n", {"target": "t"}, "column 't' must have at least two classes, not '1' in every row"),
        (
            "a,t\n1,1\n1,2\n1,x\n",
            {"target": "t"},
            r"row 2 \(line 4\), column 't' must be a finite number such as 1234.5, not 'x'",
        ),
        (
            "a,t\n1,x\n1,1\n",
            {"target": "t", "task": "regression"},
            r"row 0 \(line 2\), column 't' must be a finite number such as 1234.5, not 'x'",
        ),
        ("a,t\n1,\n1,1\n", {"target": "t"}, r"row 0 \(line 2\), column 't' is missing"),
        (
            "a;t\n1;1,5\n2;2,5\n",
            {"target": "t"},
            r"row 0 \(line 2\), column 't' must be a finite number such as 1234.5, not '1,5'",
        ),
        (FRUIT, {"task": "guess"}, r"unknown task: 'guess' \(must be one of 'classification', 'regression', or None\)"),
    ],
)
def test_the_error_for_an_invalid_target_or_option_states_the_problem(load: Any, text: str, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(text, **options)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("weight,kind\n8,cherry\n", "t.csv has no column 'colour', only 'weight', 'kind'"),
        (
            "weight,colour\n8,red\n9,blue\n",
            r"row 1 \(line 3\), column 'colour' must be one of \['green', 'red'\], not 'blue'",
        ),
        (
            "weight,colour\nheavy,red\n",
            r"row 0 \(line 2\), column 'weight' must be a finite number such as 1234.5, not 'heavy'",
        ),
    ],
)
def test_a_file_that_is_not_like_the_first_is_rejected(load: Any, text: str, message: str) -> None:
    first = load(FRUIT, "kind")
    with pytest.raises(ValueError, match=message):
        load(text, like=first)
    with pytest.raises(ValueError, match=r"row 0 .*column 'kind' must be one of \['apple', 'cherry'\], not 'pear'"):
        load("weight,colour,kind\n8,red,pear\n", "kind", like=first)


def test_like_must_be_a_data_set(load: Any) -> None:
    with pytest.raises(TypeError, match=r"like must be a Dataset, such as load_csv returns, not list \(\['weight'\]\)"):
        load(FRUIT, like=["weight"])


def test_the_error_for_a_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no\.csv"):
        load_csv(tmp_path / "no.csv")


def test_only_finite_numbers_are_returned(load: Any) -> None:
    assert all(math.isfinite(x) for row in load("a\n1e308\n-5e-324\n0\n").X for x in row)
    with pytest.raises(ValueError, match=r"column 'a' must be a finite number such as 1234.5, not '1e309'"):
        load("a\n1e309\n")


def test_a_target_that_is_not_a_column_name_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"t\.csv has no column \['b'\], only 'a', 'b'"):
        load_csv(tmp_path / "t.csv", target=["b"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["007", "7", "A1"], ["007", "7", "A1"]),  # strings
        (["1", "1.0", "2"], ["1", "2"]),
        (["9007199254740993", "9007199254740992"], ["9007199254740992", "9007199254740993"]),  # equal as floats
        ([".5", "0.50", "1.5"], ["0.5", "1.5"]),
    ],
)
def test_labels_are_the_same_class_only_if_they_are_the_same_number(
    labels: list[str], classes: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,label\n" + "".join(f"1,{label}\n" for label in labels * 2))
    data = load_csv(path, target="label", task="classification")
    assert data.class_names == classes
    assert len(set(data.y)) == len(classes)


def test_tables_are_read_without_pandas(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert load(FRUIT).X[0][0] == 150.0


def test_lines_are_counted_after_blank_lines_and_line_breaks_in_quotes(load: Any) -> None:
    with pytest.raises(ValueError, match=r"row 1 \(line 6\), column 'b' is missing"):
        load('a,b\n\n1,"x\ny"\n\n2,\n')
    with pytest.raises(ValueError, match=r"row 0 \(line 2\) has 5 entries, but the header has 2, separated by ','"):
        load("a,b\n1,2,3,4,5\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a,b\n1,"\nx\n"\n2,z\n,q\n', r"row 2 \(line 6\), column 'a' is missing"),
        ('a,b\n1,"x\ny",c,d\n2,z\n', r"row 0 \(line 3\) has 4 entries, but the header has 2"),
        ('a,b\n1,2\n"p\nq","x\ny","c\nd",d\n', r"row 1 \(line 6\) has 4 entries, but the header has 2"),
    ],
)
def test_line_breaks_in_quotes_do_not_hide_the_position_of_an_error(load: Any, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(text)


# ---- formats ----


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "latin-1", "utf-8"])
def test_files_of_other_encodings_are_read(load: Any, encoding: str) -> None:
    text = FRUIT.replace("green", "gr\u00fcn")
    data = load(text.encode(encoding), "kind", encoding=None if encoding == "utf-16" else encoding)
    assert data.feature_names == ["weight", "colour=gr\u00fcn", "colour=red"]


def test_compressed_files_are_read_whatever_their_names(load: Any) -> None:
    assert load(gzip.compress(FRUIT.encode()), "kind") == load(FRUIT, "kind")
    with pytest.raises(ValueError, match=r"t\.csv cannot be decompressed: .*; use another copy"):
        load(gzip.compress(FRUIT.encode())[:-9])


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("a\n\u00fc\n".encode("cp1252"), {}, "not encoded in UTF-8: .*; save it as CSV in UTF-8, or pass encoding='cp1252'"),
        ("a\n\u00fc\n".encode(), {"encoding": "ascii"}, "t.csv is not encoded in ascii"),
        (FRUIT, {"encoding": "utf8000"}, r"unknown encoding: 'utf8000' \(must be a name that Python knows, such as 'utf-8'"),
        (FRUIT, {"decimal": ";"}, "decimal must be '.' or ',', not ';'"),
        (FRUIT, {"categories": ["color"]}, "t.csv has no column 'color', only 'weight', 'colour', 'kind'"),
    ],
)
def test_the_error_for_an_unsuitable_option_says_what_to_pass(load: Any, content: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(content, **options)


def test_decimal_commas_are_read_on_request(load: Any) -> None:
    data = load("a;b\n1,5;2\n-,25;1e3\n", decimal=",")
    assert load("a;b\n1,5;2\n,250;1e3\n", "a", decimal=",").y == [1.5, 0.25]  # also in the target
    assert load("a;b\n1,5;2\n,50;3\n", "a", "classification", decimal=",").class_names == ["0,5", "1,5"]
    assert data.X == [[1.5, 2.0], [-0.25, 1000.0]]
    assert load('a,b\n"1,5",2\n', decimal=",").X == [[1.5, 2.0]]
    with pytest.raises(ValueError, match=r"column 'a' must be a finite number such as 1234,5, not '1\.5'; remove units and"):
        load("a;b\n1,5;2\n1.5;3\n2,5;3\n", decimal=",")
    with pytest.raises(ValueError, match="not '1,5'; pass decimal=',' for decimal commas, or remove separators, or pass categ"):
        load("a;b\n1,5;2\n2,5;3\n")


@pytest.mark.parametrize(
    ("text", "options", "remedy"),
    [
        (
            "a;b\n1,000;2\n2;3\n",
            {},
            "not '1,000'; remove the thousands separators, or pass decimal=',' for decimal commas, or pass",
        ),
        ("a;b\n1,234,567;2\n2;3\n", {}, "not '1,234,567'; remove the thousands separators, or pass categories"),
        ("a;b\n1,234.5;2\n2;3\n", {}, "not '1,234.5'; remove the thousands separators, or pass categories"),
        ("a;b\n1.234,5;2\n2;3\n", {"decimal": ","}, "not '1.234,5'; remove the thousands separators, or pass categories"),
        ("a;b\n1 000;2\n2;3\n", {}, "not '1 000'; remove the thousands separators, or pass categories"),
        ("a;b\n$1,000;2\n2;3\n", {}, "not '$1,000'; remove units and thousands separators, or pass categories"),
        ("a;b\n10,5000;2\n2;3\n", {}, "not '10,5000'; pass decimal=',' for decimal commas, or remove separators, or pass"),
    ],
)
def test_the_remedy_for_digits_in_groups_names_the_separators(load: Any, text: str, options: Any, remedy: str) -> None:
    with pytest.raises(ValueError, match=re.escape(remedy)):
        load(text, **options)


@pytest.mark.parametrize("target", [None, "a"])
def test_decimal_commas_that_may_separate_thousands_get_a_warning(load: Any, target: str | None) -> None:
    text = (
        r"all commas of column 'a' may separate thousands, such as '1,000' in row 1, which is read as the number 1.0; if they"
    )
    with pytest.warns(UserWarning, match=text):
        load("a;b\n2;3\n1,000;2\n10,500;4\n", target, decimal=",")
    for entry in ("0,125", "1,50", "1,0000"):
        load(f"a;b\n2;3\n1,000;2\n{entry};4\n", target, decimal=",")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (",a,b\n0,1,2\n", "has ['']; name the first column; if pandas wrote the file, save it with index=False"),
        ("a,b,\n1,2,\n", "has ['']; remove the ',' at the end of the line"),
        ("a;b;\n1;2;\n", "has ['']; remove the ';' at the end of the line"),
        ("a,,b\n1,2,3\n", "has ['']; rename columns"),
        ("a,b,a\n1,2,3\n", "has ['a']; rename columns"),
        ("1,2\n3,4\n", "has ['1', '2']; add a line with the names of the columns"),
        (
            "a|b|y\n1|2|3\n",
            "t.csv has a single column 'a|b|y'; columns must be separated by commas, semicolons or tabs, not by '|'",
        ),
    ],
)
def test_the_error_for_a_header_states_the_remedy(load: Any, text: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=re.escape(remedy) + "$"):
        load(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b y\n1 2 3\n", "t.csv has no column 'y', only 'a b y'; columns must be separated by commas, semicolons or tabs"),
        ("a,Y\n1,2\n", "t.csv has no column 'y', only 'a', 'Y'; did you mean 'Y'?"),
        ("a,b\n1,2\n", "t.csv has no column 'y', only 'a', 'b'"),
    ],
)
def test_the_error_for_an_unknown_column_states_the_remedy(load: Any, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        load(text, "y")


def archive(name: str) -> bytes:
    """Return a ZIP archive with a file of this name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize("options", [{}, {"encoding": "cp1252"}])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            archive("xl/workbook.xml"),
            "an Excel file (.xlsx), not a CSV file; save it as CSV in UTF-8, for example with pandas or",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "an Excel file (.xls), not a CSV file; save it as CSV in UTF-8, for example with",
        ),
        (archive("t.csv"), "a ZIP archive, not a CSV file; unpack it"),
        (b"PAR1\x15", "a Parquet file, not a CSV file; save it as CSV in UTF-8"),
        (b' [{"a": 1}]', "a JSON file, not a CSV file; write pandas.read_json("),
        (b'{"a": 1}\n{"a": 2}\n', "a JSON file, not a CSV file; write pandas.read_json("),
        (b"[\n  [1, 2]]", "a JSON file, not a CSV file; write pandas.read_json("),
        (b"\n<!DOCTYPE html>\n<html>", "a web page (HTML), not a CSV file; download the file itself"),
    ],
)
def test_a_file_of_another_type_is_named(load: Any, content: bytes, message: str, options: Any) -> None:
    for data in (content, gzip.compress(content)):
        with pytest.raises(ValueError, match=re.escape(f"t.csv is {message}")):
            load(data, **options)


def test_a_header_may_begin_with_a_bracket(load: Any) -> None:
    assert load("[kg],{m}\n1,2\n").feature_names == ["[kg]", "{m}"]


def test_a_second_encoding_is_not_advised_again(load: Any) -> None:
    with pytest.raises(ValueError, match=r"not encoded in cp1252: .*; save it as CSV in UTF-8, or pass another encoding$"):
        load("a\n\x81\n".encode("latin-1"), encoding="cp1252")


def test_columns_are_left_out_on_request(load: Any) -> None:
    text = "name,x,y\n" + "".join(f"name {i},{i},{i % 2}\n" for i in range(60))
    message = (
        "t.csv: column 'name' must have at most 50 distinct strings, not 60; group them, or pass exclude=['name'] to leave it"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        load(text, "y")
    data = load(text, "y", exclude=["name"])
    assert (data.columns, data.X[59], data.y[59], data.class_names) == ({"x": []}, [59.0], 1, ["0", "1"])
    assert load(text, "y", exclude="name") == load(text, "y", exclude=("name",)) == load(text, "y", like=data) == data


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"exclude": ["color"]}, "t.csv has no column 'color', only 'weight', 'colour', 'kind'; did you mean 'colour'?"),
        ({"exclude": "kind"}, "exclude must not contain 'kind', which is the target"),
        ({"exclude": "weight", "like": Dataset([], [], [], ["A"], {"weight": []})}, "'weight', which is a column of like"),
        ({"drop": ["name"]}, "'drop'; write exclude=, the names of the columns to leave out"),
        ({"ignore": ["name"]}, "'ignore'; write exclude=, the names of the columns to leave out"),
        ({"usecols": ["x"]}, "'usecols'; all columns are read; write exclude=, the names of those to leave out"),
        ({"features": ["x"]}, "'features'; all columns are read; write exclude=, the names of those to leave out"),
        ({"columns": ["x"]}, "'columns'; all columns are read; write exclude=, the names of those to leave out"),
    ],
)
def test_columns_that_cannot_be_left_out_are_named(load: Any, options: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=re.escape(message) + "$"):
        load(FRUIT, "kind", **options)


@pytest.mark.parametrize(
    ("entry", "remedy"),
    [
        ("\N{MINUS SIGN}1", "write the minus as '-', or pass categories"),
        ("\N{EN DASH}1.5", "write the minus as '-', or pass categories"),
        ("inf", "remove the row, or pass missing=['inf'] if the entry means that the number is unknown, or pass"),
        ("-1e400", "remove the row, or pass missing=['-1e400'] if"),
        ("0x10", "write it in decimal digits, or pass categories"),
        ("5 kg", "remove units and separators, or pass categories"),
    ],
)
def test_the_remedy_never_changes_a_number(load: Any, entry: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"not {entry!r}; {remedy}")):
        load(f"a,b\n{entry},1\n-2,2\n3,3\n")


def test_na_may_be_a_category_and_other_text_may_mean_missing(load: Any) -> None:
    countries = "country,y\nNA,1\nDE,2\nFR,3\n"
    with pytest.raises(
        ValueError, match=r"column 'country' is missing \('NA'\); fill .*; if it is a category, pass missing=\[''\]$"
    ):
        load(countries)
    assert load(countries, missing=[""]).columns["country"] == ["DE", "FR", "NA"]
    with pytest.raises(ValueError, match=r"column 'y' is missing \('Unknown'\)"):
        load("x,y\n1,Unknown\n2,b\n", missing="unknown")
    with pytest.raises(ValueError, match=r"column 'y' must be a finite number such as 1234\.5, not 'nan'"):
        load("x,y\n1,nan\n2,3\n3,4\n", missing=[])


@pytest.mark.parametrize(
    "entries",
    [
        "01234_5 01234_6", "10% 20%", "$10 $12", "10\u20ac 12\u20ac", "US$1,000 US$2,000", "1_000 2_000", "1'000 2'000",
        "\u22125 \u22127",
        "5kg 7kg", "16GB 32GB", "(10) (12)", "2024-01-31 2024-02-01", "31.1.2024 1.2.2024", "1/31/24 2/1/24", "2024-01 2024-02",
        "12:30 13:45", "1:30pm 2:45pm", "31-Jan-24 1-Feb-24", "2024-01-31T10:00:00Z 2024-02-01T10:00:00Z", "Jan-2024 Feb-2024",
        "10k 20k", "1.5M 2B", "24h 48h", "5\u00b0C 7\u00b0C", "10m/s 12m/s", ".5% 1%", "1/2 3/4", "\u00bd \u00bc", "0x10 0x11",
        "\u0661\u0662 \u0663", "\uff11\uff12 \uff13", "1-Jan 2-Jan", "Jan-1 Jan-2", "2024-W05 2024-W06", "2024Q1 2024Q2",
        "10:00:00Z 11:00:00Z", "Mon,1-Jan Tue,2-Jan", "01/2024 02/2024", "3x10^5 4x10^5",
    ],
)  # fmt: skip
def test_amounts_and_dates_are_neither_converted_nor_categories_without_a_word(load: Any, entries: str) -> None:
    text = "name,y\n" + "".join(f'"{entry}",{i}.5\n' for i, entry in enumerate(entries.split() * 3))
    message = f"row 0 (line 2), column 'name' must be a finite number such as 1234.5, not {entries.split()[0]!r}; "
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        load(text)
    assert str(caught.value).endswith("pass categories=['name'] if the column is text")
    assert ("convert dates" in str(caught.value)) is bool(
        re.search(r"[-/:.]\w+[-/:.]|\d:\d|[-/]2?0?24|24-0|Jan|W0|Q1", entries)
    )
    assert ("digits 0 to 9" in str(caught.value)) is bool(re.search("[\u0661\uff11]", entries))
    assert load(text, categories=["name"]).columns["name"] == sorted(entries.split())
    with pytest.raises(ValueError, match="column 'name' must be a finite number"):
        load(text, target="name")


@pytest.mark.parametrize(
    ("entries", "row"),
    [
        (["10%", "20%", "a", "b"], 0), (["a", "b", "c", "1 Jan"], 3), (["5 \u00b0C", "n", "o"], 0), (["x", "5", "y"], 1),
        (["a", "2024-01-31", "b"], 1), (["a", "\u0661\u0662", "b"], 1), (["0x10", "a"], 0), (["1/2", "a"], 0),
    ],
)  # fmt: skip
def test_amounts_among_text_become_categories_with_a_warning(load: Any, entries: list[str], row: int) -> None:
    text = "name,y\n" + "".join(f"{entry},{i}.5\n" for i, entry in enumerate(entries))
    n = sum(bool(re.search(r"\d", entry)) for entry in entries) - 1
    others = f" and {n} other row" if n else ""
    message = (
        f"row {row} (line {row + 2}){others}: {entries[row]!r} in column 'name' looks like a number, an amount or a date, "
    )
    remedy = "convert all entries of the column to numbers, or pass categories=['name'] if it is text"
    with pytest.warns(UserWarning, match=f"{re.escape(message)}.*; {re.escape(remedy)}$") as caught:
        assert load(text).columns["name"] == sorted(entries)
    assert [Path(warning.filename).name for warning in caught] == ["test_tables.py"]
    assert load(text, categories=["name"]).columns["name"] == sorted(entries)
    with pytest.warns(UserWarning, match=re.escape(message)):
        assert load(text, "name").class_names == sorted(entries)


def test_numbers_with_the_same_unit_become_categories_with_a_warning(load: Any) -> None:
    text = "size,y\n10 lakh,0.5\n12 lakh,1.5\n11 lakh,2.5\n"
    message = (
        "every entry of column 'size' is a number with ' lakh', such as '10 lakh' in row 0, and each distinct entry becomes a "
        "category; remove ' lakh' to read numbers, or pass categories=['size'] if it is text"
    )
    with pytest.warns(UserWarning, match=re.escape(message)):
        assert load(text).columns["size"] == ["10 lakh", "11 lakh", "12 lakh"]
    assert load(text, categories=["size"]).columns["size"]


def test_dates_that_are_read_as_numbers_get_a_warning(load: Any) -> None:
    message = (
        "all entries of column 'day' look like dates, such as '20240131' in row 0, but are read as numbers; convert dates to "
        "numbers, such as days, or pass categories=['day'] if they are text"
    )
    with pytest.warns(UserWarning, match=re.escape(message)):
        assert load("day,y\n20240131,1\n20240201,2\n").X[1] == [20240201.0, 2.0]
    with pytest.warns(UserWarning, match="all entries of column 'day' look like dates"):
        assert load("day,y\n20240131,1.5\n20240201,2.5\n", "day").y == [20240131.0, 20240201.0]
    assert load("day,y\n20240131,1\n20241301,2\n").X[0][0] == 20240131.0  # the other one is not a date


def test_missing_values_may_be_numbers(load: Any) -> None:
    for missing in ([-999], -999, {-999.0, "?"}, ["", -999]):
        with pytest.raises(
            ValueError, match=r"row 1 \(line 3\), column 'x' is missing \('-999\.0'\); fill it in, or remove the row$"
        ):
            load("x,y\n1,2\n-999.0,3\n", missing=missing)
    with pytest.raises(ValueError, match=r"column 'x' is missing \('nan'\)"):
        load("x,y\n1,2\nnan,3\n", missing=[math.nan])
    with pytest.raises(TypeError, match=r"missing must contain strings and numbers, such as \['', 'NA', -999\], not NoneType"):
        load(FRUIT, missing=[None])
    with pytest.raises(ValueError, match=r"row 0 \(line 2\), column 'x' is missing \(''\)"):  # without a warning about 5
        load("x,y\n,2\n,3\n5,4\n")


def test_classes_in_other_digits_or_units_keep_their_names(load: Any) -> None:
    for classes in (["\u0661", "\u0662"], ["10%", "20%"]):
        text = "x,t\n" + "".join(f"{i},{name}\n" for i, name in enumerate(classes * 2))
        assert load(text, "t", "classification").class_names == classes


@pytest.mark.parametrize(
    "entries",
    [
        "Q1 Q2",
        "1st 2nd 3rd",
        "10-20 20-30",
        ">50K <=50K",
        "4wd 2wd",
        "A4 B5",
        "January May",
        "yes no",
        "2a 2b",
        "10 USD-ish",
        "marker5 decoy3",
        "2D 3D",
    ],
)
def test_text_with_digits_is_a_category(load: Any, entries: str) -> None:
    text = "name\n" + "".join(f"{entry}\n" for entry in entries.split(" ") if entry != "10")
    assert load(text).columns["name"]


@pytest.mark.parametrize(
    ("entry", "number"), [("01234", "1234"), ("007", "7"), ("12345678901234567890", "12345678901234567168"), ("-01", "-1")]
)
def test_codes_that_lose_digits_get_a_warning(load: Any, entry: str, number: str) -> None:
    text = f"zip,y\n{entry},1.5\n10,2.5\n"
    message = f"column 'zip' has '{entry}', which is read as the number {number}; if it is a code, pass categories=['zip']"
    with pytest.warns(UserWarning, match=re.escape(message)) as caught:
        assert load(text).X[0][0] == float(number)
    assert (len(caught), Path(caught[0].filename).name) == (1, "test_tables.py")
    assert load(text, categories="zip").columns["zip"] == sorted([entry, "10"])


def test_ordinary_numbers_get_no_warning(load: Any) -> None:
    assert load("a,b\n0.5,0\n00.5,-0\n123456789012345,+7\n0e1,1234567890123456\n").X[3] == [0.0, 1234567890123456.0]


def test_the_work_is_proportional_to_the_number_of_columns(load: Any) -> None:
    def loading(n: int) -> Callable[[], object]:
        names, row = ",".join(f"c{i}" for i in range(n)), ",".join(["1.5"] * n)
        return lambda: load(f"{names},y\n" + f"{row},2.5\n" * 3, "y")

    assert_proportional(loading, 500)
