"""The README tells the truth: its sessions give what it prints, its picture is what is drawn, its commands exist."""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path

import pytest
from reading_svg import read

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder in which all sessions of the README were run, as one."""
    folder = tmp_path_factory.mktemp("readme")
    session = "\n".join(re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        test = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
        assert len(test.examples) > 15
        report: list[str] = []
        results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
        assert results.failed == 0, "".join(report)
    return folder


def test_the_picture_in_the_readme_is_the_one_that_its_session_writes(folder: Path) -> None:
    (shown,) = re.findall(r"!\[[^]]*\]\((.*?)\)", TEXT)
    picture, drawn = read((ROOT / shown).read_bytes()), read((folder / Path(shown).name).read_bytes())
    assert picture.all_texts() == drawn.all_texts()
    assert len(picture.edges) == len(drawn.edges) == 9


def test_every_command_is_a_target_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"make (\w+)", TEXT.split("## A session")[0])) | set(re.findall(r"`make (\w+)`", TEXT))
    assert commands >= {"demo", "test", "bench"}
    assert commands <= set(re.findall(r"^(\w+):", makefile, flags=re.MULTILINE))


def test_every_file_and_folder_named_exists() -> None:
    table = TEXT.split("## Where things are")[1].split("\n\n")[1]
    rows = re.findall(r"^\| `(\w+)/` \| (.*)", table, flags=re.MULTILINE)
    assert len(rows) == 6
    for folder, contents in rows:
        assert (ROOT / folder).is_dir()
        assert all((ROOT / folder / name).is_file() for name in re.findall(r"`(\w+\.py)`", contents))


def test_every_extra_named_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    paragraph = TEXT.split("Extras for")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", paragraph)) == set(project["optional-dependencies"])
