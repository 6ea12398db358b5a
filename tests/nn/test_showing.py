"""How models, data sets and results show themselves in a terminal and in a notebook."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from nn import MLP, Dataset, History, Module, confusion_matrix, fit, load_checkpoint, load_iris, save_checkpoint, summary
from nn.base.tables import html_table, shortened

IRIS, MODEL = load_iris(), MLP(4, [5, 3], seed=0)
HISTORY = History({"loss": [float(i) for i in range(12)], "confusion_matrix": [[[i, 0], [0, 1]] for i in range(12)]})
MATRIX = confusion_matrix([[0.2, 0.8], [0.6, 0.4]], [1, 1])


class Cells(HTMLParser):
    """The rows of a table as lists of texts, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.caption = ""
        self._tag = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert not attrs  # nothing has a colour or a width of its own, which would not fit a dark or narrow page
        self._tag = tag
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._tag == "caption":
            self.caption += data
        else:
            self.rows[-1][-1] += data


def checkpoint(path: Path) -> Any:
    return load_checkpoint(save_checkpoint(path / "m.npz", model=MODEL, epoch=7, losses=[0.1] * 99))


# ---- text ----


def test_a_data_set_shows_one_line_and_its_first_rows() -> None:
    assert repr(IRIS).splitlines() == [
        "Dataset: 150 rows, 4 features, 3 classes",
        "sepal_length  sepal_width  petal_length  petal_width       y",
        "         5.1          3.5           1.4          0.2  setosa",
        "         4.9            3           1.4          0.2  setosa",
        "         4.7          3.2           1.3          0.2  setosa",
        "         4.6          3.1           1.5          0.2  setosa",
        "           5          3.6           1.4          0.2  setosa",
        "...",
    ]


def test_a_small_wide_or_empty_data_set_is_shown_as_briefly() -> None:
    names = [f"x{i}" for i in range(100)]
    assert repr(Dataset([[1.0] * 100], [0.5], names, [], {})).splitlines() == [
        "Dataset: 1 row, 100 features, numbers as targets",
        "x0  x1  x2  x3  ...  x97  x98  x99    y",
        " 1   1   1   1  ...    1    1    1  0.5",
    ]
    assert repr(Dataset([[2.0]], [], ["x"], [], {})) == "Dataset: 1 row, 1 feature, no targets\nx\n2"
    assert repr(Dataset([], [], [], [], {})) == "Dataset: 0 rows, 0 features, no targets"
    assert repr(Dataset([[1.0]], [7], ["x"], ["a"], {})).endswith("x  y\n1  7")  # a target without a name


def test_printing_a_confusion_matrix_shows_a_table_and_its_repr_is_a_list() -> None:
    assert str(MATRIX).splitlines() == ["true / predicted  0  1", "0                 0  0", "1                 1  1"]
    assert (repr(MATRIX), MATRIX, type(MATRIX).__bases__) == ("[[0, 0], [1, 1]]", [[0, 0], [1, 1]], (list,))


def test_a_checkpoint_shows_its_parts_in_one_line(tmp_path: Path) -> None:
    text = repr(checkpoint(tmp_path))
    assert text.startswith("Checkpoint(model=MLP(4, [5, 3]), epoch=7, losses=[0.1, 0.1,")
    assert len(text) < 150


def test_the_method_and_the_function_summary_are_the_same() -> None:
    assert MODEL.summary() == summary(MODEL)
    assert repr(MODEL[0].summary()).splitlines()[-1].split() == [
        "total",
        "Layer(4,",
        "5,",
        "activation='tanh')",
        "4",
        "->",
        "5",
        "25",
    ]


# ---- notebooks ----


def test_a_model_and_its_summary_are_tables() -> None:
    assert MODEL._repr_html_() == summary(MODEL)._repr_html_()
    assert Cells(MODEL._repr_html_()).rows[1] == ["layers.0", "Layer(4, 5, activation='tanh')", "4 -> 5", "25"]


def test_a_custom_module_with_markup_in_its_repr_is_escaped() -> None:
    class Hostile(Module):
        def __init__(self) -> None:
            self.w = Value(1.0)

        def __repr__(self) -> str:
            return "<script>alert('1')</script>"

    assert "<script>" not in Hostile()._repr_html_()
    assert Cells(Hostile()._repr_html_()).rows[-1][1] == "<script>alert('1')</script>"


def test_a_data_set_is_a_table_of_its_first_rows() -> None:
    table = Cells(IRIS._repr_html_())
    assert (table.caption, len(table.rows)) == ("Dataset: 150 rows, 4 features, 3 classes", 6)
    assert table.rows[1] == ["5.1", "3.5", "1.4", "0.2", "setosa"]


def test_a_long_history_is_a_table_of_its_first_and_last_epochs() -> None:
    table = Cells(HISTORY._repr_html_())
    assert table.caption == repr(HISTORY)
    assert [row[0] for row in table.rows] == ["epoch", "1", "2", "3", "4", "5", "...", "8", "9", "10", "11", "12"]
    assert table.rows[-1] == ["12", "11", "[[11, 0], [0, 1]]"]
    assert Cells(History()._repr_html_()).rows == [["epoch"]]


def test_a_confusion_matrix_is_a_table() -> None:
    assert Cells(MATRIX._repr_html_()).rows == [["true / predicted", "0", "1"], ["0", "0", "0"], ["1", "1", "1"]]


def test_a_checkpoint_is_a_table_of_its_parts(tmp_path: Path) -> None:
    rows = Cells(checkpoint(tmp_path)._repr_html_()).rows
    assert rows[:3] == [["part", "content"], ["model", "MLP(4, [5, 3])"], ["epoch", "7"]]


def test_no_table_has_a_colour(tmp_path: Path) -> None:
    for shown in (IRIS, MODEL, summary(MODEL), HISTORY, MATRIX, checkpoint(tmp_path)):
        assert not re.search(r"style|colou?r|class=", re.sub(r"<t[dh]>.*?</t[dh]>", "", shown._repr_html_()))


# ---- a history as a table ----


def test_a_history_is_read_like_a_data_frame() -> None:
    history = History({"loss": [2.0, 1.0], "lr": [0.5, 0.25]})
    frame = history.to_frame()
    assert (list(history), len(history), "loss" in history, "accuracy" in history) == (list(frame), len(frame), True, False)
    assert dict(history) == {**history} == frame.to_dict("list") == history.columns
    assert (frame.index.name, frame.index.tolist(), frame.loc[2, "lr"]) == ("epoch", [1, 2], 0.25)


def test_the_history_of_a_run_becomes_a_data_frame_with_confusion_matrices() -> None:
    history = fit(MLP(4, [3], seed=0), *IRIS, loss="cross_entropy", epochs=2, metrics=["confusion_matrix"])
    assert history.to_frame()["confusion_matrix"][2] == history["confusion_matrix"][1]
    assert History().to_frame().empty


def test_without_pandas_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"^History.to_frame needs pandas: pip install 'scalar-autograd\[data\]'$"):
        HISTORY.to_frame()


def test_only_what_is_longer_than_the_limit_is_shortened() -> None:
    assert [shortened(range(n), 4) for n in (0, 4, 5)] == [[], [0, 1, 2, 3], [0, 1, None, 3, 4]]
    assert html_table([("a",), (True,)]) == "<table><tr><th>a</th></tr><tr><td>True</td></tr></table>"
