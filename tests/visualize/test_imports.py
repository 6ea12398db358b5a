"""Imports of ``visualize``: its modules form a pipeline, and use only public names of ``autograd``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import autograd
import visualize

FOLDER = Path(visualize.__file__).parent
FILES = sorted([*FOLDER.glob("*.py"), *(path for path in FOLDER.glob("*/*.py") if path.stem != "__init__")])
# Each module imports only from modules before it, also for type checkers.
ORDER = [
    "scene.facts", "scene.naming", "scene.modules", "scene.structure", "scene.scene", "scene.folding", "boxes.boxes",
    "boxes.style", "boxes.colors", "boxes.steps", "arguments", "layout.bands", "layout.layout", "layout.geometry",
    "layout.curves", "plots.course", "plots.models", "page.theme", "page.explore", "page.training", "page.widget",
    "writers.dot", "writers.svg", "writers.text", "writers.panels", "writers.mathtext", "writers.animation", "writers.formats",
    "network", "drawing", "pictures", "comparison", "__init__",
]  # fmt: skip


def imports(source: str) -> list[tuple[str, str]]:
    """Return pairs of module and name for every ``from module import name``; the name is empty for ``import module``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name) for alias in node.names]
    return found


def problems(name: str, source: str) -> list[str]:
    """Return the imports that break a rule."""
    found = []
    for module, imported in imports(source):
        package, _, rest = module.partition(".")
        if package == "nn" or (package == "autograd" and rest != "shared" and (rest or imported not in dir(autograd))):
            found.append(f"{module}.{imported}")
        elif package == "visualize":
            used = rest if rest in ORDER else f"{rest}.{imported}".strip(".")
            if used not in ORDER or ORDER.index(used) >= ORDER.index(name):
                found.append(f"{module}.{imported}")
    return found


def part(path: Path) -> str:
    """Return the module of a file, such as ``boxes.style``."""
    return ".".join(path.relative_to(FOLDER).with_suffix("").parts)


def test_every_module_is_in_the_order() -> None:
    assert sorted(ORDER) == sorted(map(part, FILES))


@pytest.mark.parametrize("path", FILES, ids=part)
def test_a_module_imports_only_earlier_modules_and_public_names(path: Path) -> None:
    assert problems(part(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "from visualize.writers.formats import FORMATS",
        "from visualize import drawing",
        "if TYPE_CHECKING:\n    from visualize.writers.svg import to_svg",
        "from autograd.topology import refuse_large",
        "from autograd import value",
        "import autograd.value",
        "import nn",
    ],
)
def test_a_planted_wrong_import_is_found(wrong: str) -> None:
    assert len(problems("writers.svg", wrong)) == 1
