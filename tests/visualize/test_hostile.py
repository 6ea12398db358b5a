"""Hostile labels: nothing is injected, nothing is broken, in SVG, DOT, text, LaTeX, notebooks, and printed text."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reading_svg import SVG, read

from autograd import Value, backward_steps, compile, detect_anomaly, explain, find_mistakes  # noqa: A004
from nn.__main__ import main
from visualize import diff, draw

HOSTILE = [
    'say "hi"', "'", "<script>alert(1)</script>", "</text></svg><script>", "]]>", "<!--", "&lt;", "a|b{c}<p>", "\\N\\l", "\\",
    "$x$", "\\input{/etc/passwd}", "}}%", "_^~#", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b2J", "a\nb", "a\r\nb", "\t",
    "\x00", "\x08\x08", "\u202eabc", "\u2066x\u2069", "משקולת", "مرحبا", "重み", "👩‍🔬🚀", "\ud800", "\uffff", "x" * 500,
]  # fmt: skip


def graph(label: str) -> Value:
    """Return a result with this label, and below it a leaf with the same label."""
    y = Value(2.0, label).tanh() * 3
    y.label = label
    y.backward()
    return y


def structure(svg: bytes | str) -> list[str]:
    """Return the elements and the names of their attributes."""
    return [f"{element.tag} {sorted(element.attrib)}" for element in ET.fromstring(svg).iter()]


@given(st.text(max_size=40))
def test_a_label_never_changes_the_structure_of_an_svg(label: str) -> None:
    check_svg(label)


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_never_change_the_structure_of_an_svg(label: str) -> None:
    check_svg(label)


def check_svg(label: str) -> None:
    """Check that the SVG has the elements of a picture with ordinary labels, and only allowed characters."""
    plain, hostile = (draw(graph(text), partials=True, steps=1).pipe("svg", encoding="utf-8") for text in ("x", label))
    known = [line for line in structure(plain) if not line.startswith(f"{SVG}text")]
    assert [line for line in structure(hostile) if not line.startswith(f"{SVG}text")] == known
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b\x00]", hostile)
    assert {element.tag for element in ET.fromstring(diff(graph(label), graph("x")).pipe("svg")).iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "style", "rect", "g", "title", "path", "text")
    }


@pytest.mark.parametrize("label", HOSTILE)
def test_moving_pictures_are_well_formed_and_pages_are_utf_8(label: str, tmp_path: Path) -> None:
    y = Value(2.0, label) * Value(3.0, "b")
    y.label = label
    svg = draw(y).write(tmp_path / "y.svg", animate=True)
    texts = [element.text or "" for element in ET.fromstring(svg.read_bytes()).iter()]
    assert all(c.isprintable() or c.isspace() or c in "\u200b\u200d" for text in texts for c in text)
    page = draw(y).write(tmp_path / "y.html").read_text(encoding="utf-8")
    title = html.unescape(re.findall("<title>(.*?)</title>", page, re.DOTALL)[0])
    assert all(c.isprintable() or c.isspace() or c in "\u200c\u200d" for c in title)


@pytest.mark.parametrize("label", HOSTILE)
def test_notebooks_get_the_same_svg(label: str) -> None:
    drawing = draw(graph(label))
    assert drawing._repr_mimebundle_() == {"image/svg+xml": drawing.pipe("svg", encoding="utf-8")}


@pytest.mark.parametrize("label", [label for label in HOSTILE if "\ud800" not in label])
def test_dot_has_the_same_nodes_whatever_the_label(label: str) -> None:
    drawing = draw(graph(label), engine="dot")
    picture = read(drawing.pipe("svg"))
    assert len(picture.texts) == 4
    assert len(picture.edges) == 3


def is_printable(text: str) -> bool:
    """Return whether a terminal shows the text as it is."""
    return all(character.isprintable() or character in "\n\u200c\u200d" for character in text)


@given(st.text(max_size=40))
@example("\x1b[31mred")
@example("a\nb")
def test_printed_text_has_only_printable_characters(label: str) -> None:
    y = graph(label)
    leaf = y.operands[0].operands[0]
    steps = backward_steps(y)
    for text in (repr(explain(y, leaf)), repr(steps), str(next(steps)), repr(y), draw(y).to_text(), draw(y).caption):
        assert is_printable(text)
    assert len(repr(explain(y, leaf)).splitlines()) == 6


def two_passes(w: Value) -> None:
    """Make a mistake: accumulate gradients."""
    (w * 1.5).backward()
    (w * 1.5).backward()


@pytest.mark.parametrize("label", HOSTILE)
def test_programs_and_messages_have_only_printable_characters(label: str) -> None:
    w = Value(2.0, label)
    assert is_printable(str(compile(lambda x: w * x).program(1.0)))
    with detect_anomaly(), pytest.raises(Exception, match="'log' returned -inf") as caught:
        Value(0.0, label).log()
    assert is_printable(str(caught.value))
    with find_mistakes(), pytest.warns(UserWarning, match="adds to the gradients") as warned:
        two_passes(w)
    assert is_printable(str(warned[0].message))


@pytest.mark.parametrize("label", HOSTILE)
def test_latex_has_balanced_braces_and_no_commands_of_the_label(label: str) -> None:
    y = graph(label)
    latex = explain(y, y.operands[0].operands[0])._repr_latex_()
    bare = re.sub(r"\\[{}$%#&_]", "", latex)
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert bare.count("$") == 2
    assert "\\input" not in latex
    assert is_printable(latex)


def test_the_command_line_escapes_names_from_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    rows = [f"{i},red" if i % 2 else f"{i},bl\x1b[31mue" for i in range(20)]
    table.write_text("\n".join(["size\x1b]0;x\x07,color", *rows]), encoding="utf-8")
    main(["train", str(table), "--target", "color", "--epochs", "1", "--out", str(tmp_path)])
    main(["train", str(table), "--target", "missing\x1b[31m", "--out", str(tmp_path)])
    printed = capsys.readouterr()
    assert "\\x1b" in printed.out
    assert is_printable(printed.out)
    assert is_printable(printed.err)
