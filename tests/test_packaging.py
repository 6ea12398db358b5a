"""The sdist holds the whole project, and wheels built from it, compiled or not, hold every module.

An editable install hides a forgotten package or data file: it uses the source tree. So here both distributions are built.
Everything happens in temporary folders; the source tree is not touched.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from sanitizers import SANITIZED

import autograd
from autograd.base import build_info

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd", "nn", "visualize")
# Files of the packages that belong into a wheel.
SOURCES = ("*.py", "*.pxd", "*.h", "*.csv", "*.md", "*.js", "*.css", "*.html", "py.typed")
FOLDERS = (*PACKAGES, "benchmarks", "docs", "examples", "tests", ".ci", ".github")
FILES = (
    "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "MANIFEST.in", "Makefile", "README.md", "SECURITY.md",
    "pyproject.toml", "scalar_autograd_hypothesis.py", "scalar_autograd_installation.py", "scalar_autograd_pytest.py",
    "setup.py", ".gitignore", ".pre-commit-config.yaml",
)  # fmt: skip
GENERATED = (
    "__pycache__",
    "*.so",
    "*.pyd",
    "*.so.txt",
    "*.pyd.txt",
    "_kernels.h",
    "_kernels.pxd",
    "_lanes_rows.h",
    "_instructions.pxd",
)
TOOLS = Path(sys.prefix) / "build-tools"  # where `make install` puts setuptools and Cython, out of the tests' way

pytestmark = [
    pytest.mark.xdist_group("packaging"),  # the tests share one sdist
    pytest.mark.skipif(
        not TOOLS.exists() and not all(map(importlib.util.find_spec, ("setuptools", "Cython"))),
        reason="setuptools and Cython are not installed",
    ),
]


def files_of(folder: Path, *patterns: str) -> set[str]:
    """The files in a folder and below that match a pattern, relative to it."""
    return {path.relative_to(folder).as_posix() for pattern in patterns for path in folder.rglob(pattern) if path.is_file()}


def project_files() -> set[str]:
    """The files of the project, without the results of builds and test runs."""
    found = set(FILES)
    for name in FOLDERS:
        for path in (ROOT / name).rglob("*"):
            parts = path.relative_to(ROOT).parts
            generated = parts[:2] == ("docs", "examples") or any(
                fnmatch(part, pattern) for part in parts for pattern in GENERATED
            )
            if path.is_file() and not generated:
                found.add(path.relative_to(ROOT).as_posix())
    return found


def build(kind: str, source: Path, folder: Path, compiled: bool = True, before: str = "") -> Path:
    """Build a distribution as pip does, by the backend's hook, without network access; return the file.

    ``before`` is code that runs first.
    """
    folder.mkdir()
    environment = os.environ | {"PYTHONPATH": str(TOOLS), "SCALAR_AUTOGRAD_COMPILE": "1" if compiled else "0"}
    code = before + f"from setuptools import build_meta; print(build_meta.build_{kind}({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=source, env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of the project."""
    tmp_path = tmp_path_factory.mktemp("packaging")
    for name in project_files():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "tree" / name)
    return build("sdist", tmp_path / "tree", tmp_path / "sdist")


@pytest.fixture(scope="module")
def source(sdist: Path) -> Path:
    """The project unpacked from its own sdist. The tests that use it build in this folder."""
    folder = sdist.parent / "unpacked"
    with tarfile.open(sdist) as file:
        safe: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.4 and later
        file.extractall(folder, **safe)
    (unpacked,) = folder.iterdir()
    return unpacked


def wheel_imports(wheel: Path, folder: Path, backend: str) -> set[str]:
    """Unpack a wheel and import every module of it in a new process; return its files.

    The process checks the origin of each module, because an editable install of this project may be in site-packages.
    """
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder)
        names = {name for name in file.namelist() if ".dist-info/" not in name and not name.endswith("/")}
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in names
        if name.endswith(".py") and not name.endswith("__main__.py")
    )
    code = (
        "import importlib, os, sys\n"
        f"for name in {modules!r}:\n"
        f"    assert importlib.import_module(name).__file__.startswith({str(folder) + os.sep!r}), name\n"
        "import autograd\n"
        "x = autograd.Value(3.0); (x * x).backward(); print(autograd.backend(), x.grad)"
    )
    variables = os.environ | {"PYTHONPATH": str(folder), "AUTOGRAD_BACKEND": backend}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{backend or 'python'} 6.0"
    return names


def test_versions_are_equal() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert autograd.__version__ == project["version"]
    assert f"\nversion: {project['version']}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"({project['version']})" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_lowest_declared_versions_are_tested() -> None:
    """``.ci/lowest.txt`` holds the lower bound of each requirement that ``make lowest`` installs."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    required = [*project["dependencies"], *settings["build-system"]["requires"]]
    required += [
        item
        for extra in ("test", "plots", "symbolic", "data", "strategies")
        for item in project["optional-dependencies"][extra]
    ]
    bounds = dict(re.findall(r"^([\w.-]+)==([\d.]+)$", (ROOT / ".ci" / "lowest.txt").read_text(encoding="utf-8"), re.MULTILINE))
    for requirement in required:
        found = re.match(r"([\w-]+)>=([\d.]+)", requirement)
        if found and found[1] not in (
            "pandas-stubs",
            "interrogate",
            "gmpy2",
        ):  # tools, and a library that mpmath uses if it can
            assert bounds[found[1]].startswith(found[2]), requirement


def test_the_core_is_not_compiled_for_python_without_the_gil(source: Path, tmp_path: Path) -> None:
    free_threaded = (
        "import sysconfig; find = sysconfig.get_config_var; "
        "sysconfig.get_config_var = lambda name: 1 if name == 'Py_GIL_DISABLED' else find(name)\n"
    )
    wheel = build("wheel", source, tmp_path / "wheel", before=free_threaded)
    assert wheel.name.endswith("-py3-none-any.whl")


def test_the_sdist_holds_the_packages_the_tests_and_the_documentation(sdist: Path) -> None:
    with tarfile.open(sdist) as file:
        held = {member.name.partition("/")[2] for member in file if member.isfile()}
    made_by_setuptools = {"PKG-INFO", "setup.cfg", *(name for name in held if ".egg-info/" in name)}
    assert held - made_by_setuptools == project_files()


def test_a_wheel_built_without_compiling_holds_and_imports_every_module(source: Path, tmp_path: Path) -> None:
    wheel = build("wheel", source, tmp_path / "wheel", compiled=False)
    names = wheel_imports(wheel, tmp_path / "site", backend="")
    expected = {f"{package}/{name}" for package in PACKAGES for name in files_of(source / package, *SOURCES)}
    alone = {"scalar_autograd_hypothesis.py", "scalar_autograd_installation.py", "scalar_autograd_pytest.py"}
    assert names == expected | alone


@pytest.mark.skipif(autograd.backend() != "compiled", reason="once is enough, where the compiled core is under test")
@pytest.mark.skipif(SANITIZED, reason="the compiler would run under the sanitizers")
def test_a_compiled_wheel_holds_and_imports_every_module(source: Path, tmp_path: Path) -> None:
    wheel = build("wheel", source, tmp_path / "wheel")
    names = wheel_imports(wheel, tmp_path / "site", backend="compiled")
    assert names >= {f"{package}/{name}" for package in PACKAGES for name in files_of(source / package, *SOURCES)}
    extensions = [name for name in names if name.endswith((".so", ".pyd"))]
    assert len(extensions) == len(build_info.MODULES) + 1  # and the update rules of nn
