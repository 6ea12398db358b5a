"""The documentation is true: its sessions run, its links lead somewhere, its picture is current, its commands exist."""

from __future__ import annotations

import doctest
import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from reading_svg import read

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "autograd" / "README.md", ROOT / "CONTRIBUTING.md"]
PAGES = [page.relative_to(ROOT) for page in PAGES if "node_modules" not in page.parts]
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
# Optional dependencies of the sessions.
NEEDS = {
    "docs/how-to/load-a-csv.md": "pandas",
    "docs/how-to/scikit-learn.md": "sklearn pandas polars",
    "docs/how-to/checking-other-libraries.md": "torch",
    "docs/how-to/scipy.md": "scipy",
}


def session(page: Path) -> str:
    """All Python sessions of a page, in order, as one."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", TEXTS[page], flags=re.DOTALL | re.MULTILINE))


def run(page: Path, folder: Path) -> None:
    """Run the sessions of a page in a folder, and compare the outputs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        test = doctest.DocTestParser().get_doctest(session(page), {}, str(page), str(page), 0)
        report: list[str] = []
        results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
        assert results.failed == 0, "".join(report)


# Sessions of a page with cells use the names of the cells; tests/test_tutorial.py runs both.
@pytest.mark.parametrize("page", [page for page in PAGES if session(page) and "{code-cell}" not in TEXTS[page]], ids=str)
def test_sessions_run_in_an_empty_folder(page: Path, tmp_path: Path) -> None:
    for name in NEEDS.get(page.as_posix(), "").split():
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    run(page, tmp_path)


def test_every_python_block_is_a_session() -> None:
    """A block without a prompt would not run, and could become wrong unnoticed."""
    for page, text in TEXTS.items():
        for block in re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
            assert block.startswith(">>> ") or page.name == "CONTRIBUTING.md", f"{page}: {block}"


@pytest.mark.parametrize("page", [Path("README.md"), Path("docs/how-to/drawing.md")], ids=str)
def test_the_picture_is_the_one_that_the_session_writes(page: Path, tmp_path: Path) -> None:
    run(page, tmp_path)
    pictures = re.findall(r"!\[[^]]*\]\((.*?)\)", TEXTS[page])
    (shown,) = [name for name in pictures if (tmp_path / Path(name).name).exists()]  # the README has a moving picture, too
    picture = read((ROOT / page.parent / shown).read_bytes())
    drawn = read((tmp_path / Path(shown).name).read_bytes())
    assert picture.all_texts() == drawn.all_texts()
    assert len(picture.edges) == len(drawn.edges) == 9


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)]*)\)", TEXTS[page]):
        name, _, anchor = link.partition("#")
        target = (ROOT / page.parent / name) if name else ROOT / page
        assert target.exists(), f"{page} links to {link}"
        if anchor:
            headings = re.findall(r"^#+ (.*)", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, f"{page} links to {link}"


def test_the_index_lists_every_page() -> None:
    for index in (page for page in PAGES if page.parts[0] == "docs" and page.name == "index.md"):
        pages = {page.name for page in PAGES if page.parent == index.parent} - {"index.md"}
        entries = re.findall(r"^(\w+)$", TEXTS[index], flags=re.MULTILINE)  # of a table of contents that is not hidden
        assert pages <= set(re.findall(r"\((\S+?\.md)\)", TEXTS[index])) | {f"{name}.md" for name in entries}, index


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_commands_are_targets_of_make(page: Path) -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    commands = re.findall(r"(?:^    |`)make ([\w-]+)", TEXTS[page], flags=re.MULTILINE)
    assert set(commands) <= set(targets)
    assert page != Path("README.md") or set(commands) == {"demo", "test", "docs"}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_files_named_in_tables_and_prose_exist(page: Path) -> None:
    """A name in backquotes that has a folder of this repository in it."""
    for name in re.findall(r"`((?:autograd|nn|visualize|tests|docs|examples|benchmarks|[.]ci)/[\w./-]*)`", TEXTS[page]):
        assert (ROOT / name).exists(), f"{page} names {name}"


def test_the_reading_guide_lists_every_file_and_folder_of_the_engine() -> None:
    listed = set(re.findall(r"^\| `([\w./]+)` \|", TEXTS[Path("autograd/README.md")], flags=re.MULTILINE))
    folder = ROOT / "autograd"
    folders = {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}
    assert listed == folders | {path.name for path in folder.glob("*.py") if path.name != "__init__.py"}


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("autograd/ops.py", "tanh: Operation = unary("),
        ("autograd/topology.py", "def topological_order("),
        ("autograd/compiler/compiled.py", "def __call__("),
        ("autograd/checking/verdicts.py", "TABLE: list["),
        ("nn/activations.py", "ACTIVATIONS"),
        ("visualize/writers/formats.py", "FORMATS"),
    ],
)
def test_the_answers_of_the_reading_guide_are_right(file: str, line: str) -> None:
    assert file.removeprefix("autograd/") in TEXTS[Path("autograd/README.md")]
    assert line in (ROOT / file).read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    assert len(TEXTS[Path("README.md")].splitlines()) <= 120


def test_the_table_of_extras_lists_all_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    section = TEXTS[Path("docs/installation.md")].split("## Extras")[1].split("##")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, flags=re.MULTILINE)) == set(project["optional-dependencies"])
