"""Files that hide a package, or that another package put into the folder of autograd, are named with a remedy."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import ModuleType

import pytest
from fresh import PACKAGE, start_python

import autograd
from autograd.base import installation
from scalar_autograd_installation import check_autograd

ROOT = PACKAGE.parent


def test_there_is_no_warning_here() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        installation.check_folders()
    for package in ("nn", "visualize"):
        assert installation.hiding_file(package) is None
        check_autograd(package)


@pytest.mark.parametrize("files", [["core.py"], ["tracer.py"], ["core.py", "tracer.py", "numpy/numpy_vspaces.py"]])
def test_files_of_hips_in_the_folder_are_named(files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "FOLDER", str(tmp_path))
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.warns(UserWarning, match="of the package autograd by HIPS") as caught:
        installation.check_folders()
    (warning,) = caught
    assert str(warning.message) == (
        f"{tmp_path} also contains {' and '.join(files[:2])} of the package autograd by HIPS; pip installed both packages into "
        "one folder, where each overwrites files of the other; use a separate environment for each of the two, or run "
        "`pip uninstall autograd`, then `pip install --force-reinstall scalar-autograd`"
    )


@pytest.mark.parametrize("name", ["nn.py", "visualize.py", "nn/__init__.py"])
def test_a_file_that_hides_a_package_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    monkeypatch.syspath_prepend(tmp_path)
    package = name.partition("/")[0].removesuffix(".py")
    hiding = tmp_path / (package if "/" in name else name)
    with pytest.warns(UserWarning, match="hides the package") as caught:
        installation.check_folders()
    (warning,) = caught
    assert str(warning.message) == (
        f"{tmp_path / name} hides the package {package} of scalar-autograd; rename {hiding}, or run Python in another folder; "
        f"`import {package}` imports that file"
    )


def test_a_file_later_on_the_path_and_a_folder_without_init_hide_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nn.py").touch()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (tmp_path / "before" / "visualize").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "before")
    assert [installation.hiding_file(package) for package in ("nn", "visualize")] == [None, None]


def planted(file: Path | None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the message if ``import autograd`` finds ``file``, or a folder without ``__init__.py``."""
    module = ModuleType("autograd")
    module.__file__ = None if file is None else str(file)
    module.__path__ = ["/somewhere/autograd"]
    monkeypatch.setitem(sys.modules, "autograd", module)
    with pytest.raises(ImportError) as caught:
        check_autograd("nn")
    return str(caught.value)


def test_another_autograd_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = "nn needs the package autograd of scalar-autograd, but `import autograd` found"
    file = tmp_path / "autograd.py"
    assert planted(file, monkeypatch) == f"{start} {file}, which hides it; rename {file}, or run Python in another folder"
    file = tmp_path / "autograd" / "__init__.py"
    assert planted(file, monkeypatch).endswith(f"which hides it; rename {file.parent}, or run Python in another folder")
    assert planted(PACKAGE / "__init__.py", monkeypatch) == (
        f"{start} {PACKAGE / '__init__.py'} of another package, probably the one by HIPS, which pip installed over it; use a "
        "separate environment for each of the two, or run `pip uninstall autograd`, then run `pip install --force-reinstall "
        "scalar-autograd`"
    )
    assert planted(None, monkeypatch).startswith(f"{start} the folder /somewhere/autograd without a file __init__.py; ")


@pytest.mark.parametrize(
    ("file", "code", "text"),
    [
        ("autograd.py", "import nn", "ImportError: nn needs the package autograd of scalar-autograd, but `import "),
        ("autograd.py", "import visualize", "ImportError: visualize needs the package autograd of scalar-autograd, but "),
        ("nn.py", "import autograd", "nn.py hides the package nn of scalar-autograd; rename "),
        ("visualize.py", "import nn", "visualize.py hides the package visualize of scalar-autograd; rename "),
        ("visualize.py", "import warnings; warnings.simplefilter('ignore'); import autograd; autograd.Value(1.0).draw()",
         "visualize.py hides the package visualize of scalar-autograd; rename "),
    ],
)  # fmt: skip
def test_a_new_process_states_the_file_and_the_way_out(file: str, code: str, text: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text("x = 1\n")
    done = start_python(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}")
    assert text in done.stderr
    assert str(tmp_path / file) in done.stderr


def test_the_package_works_without_the_module_next_to_it(tmp_path: Path) -> None:
    (tmp_path / "autograd").symlink_to(PACKAGE)
    assert start_python("import autograd; print(autograd.backend())", tmp_path).stdout.strip() == autograd.backend()
