"""The build of the playground: its archive of packages, and a site without it where npm is missing."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playground import build


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("playground") / "packages.zip"
    build.write_packages(path)
    return path


def test_the_archive_runs_without_the_repository_and_without_numpy(archive: Path, tmp_path: Path) -> None:
    """It holds the packages as Python, and their libraries. Only NumPy is missing."""
    with zipfile.ZipFile(archive) as packages:
        packages.extractall(tmp_path)
    program = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules.update(dict.fromkeys(["numpy", "cython"]))  # cannot be imported
import autograd
from playground import runner
def emit(text):
    print(text, file=sys.__stdout__)
for view in ("output", "draw", "steps", "explain", "check"):
    runner.run("import nn, mpmath\\nx = Value(0.5)\\nnn.MLP(1, [2, 1])([x])[0]", view, emit)
print(autograd.backend(), autograd.__file__)
"""
    command = [sys.executable, "-I", "-S", "-c", program, str(tmp_path)]
    environment = {name: text for name, text in os.environ.items() if name != "AUTOGRAD_BACKEND"}  # it may be "compiled"
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=environment)
    *shown, last = done.stdout.splitlines()
    assert last == f"python {tmp_path / 'autograd' / '__init__.py'}"
    kinds = [json.loads(line)["kind"] for line in shown]
    assert [line for line in shown if json.loads(line)["kind"] == "error"] == []
    assert {"text", "page", "html"} <= set(kinds)


def test_the_archive_holds_licenses_and_no_compiled_file(archive: Path, tmp_path: Path) -> None:
    names = zipfile.ZipFile(archive).namelist()
    assert not [name for name in names if Path(name).suffix not in (*build.DATA, ".txt", "") and "license" not in name.lower()]
    assert not [name for name in names if "/tests/" in name]
    for library in build.LIBRARIES:
        assert any(name.startswith(library) and "license" in name.lower() for name in names), library
    build.write_packages(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_code_without_docstrings_computes_the_same(archive: Path) -> None:
    code = 'class A:\n    """Text."""\n\n    def f(self):\n        """Text."""\n        return "kept"  # comment\n'
    code += 'x = "text"\ny = 1\n'
    short = build.without_docstrings(code)
    assert "Text" not in short
    assert "comment" not in short
    names: dict[str, Any] = {}
    exec(short, names)
    assert (names["A"]().f(), names["A"].__doc__, names["x"]) == ("kept", None, "text")
    assert build.without_docstrings(code, assigned=True).endswith("return 'kept'\nx = ''\ny = 1")
    packages = zipfile.ZipFile(archive)
    assert len(packages.read("mpmath/function_docs.py")) < 10_000
    assert b'"""' in packages.read("autograd/value.py")


def test_the_standard_library_lacks_only_what_browsers_cannot_do(tmp_path: Path) -> None:
    source = tmp_path / "stdlib.zip"
    kept = ["_pyrepl/pager.py", "encodings/cp1252.py", "encodings/cp850.py", "json/__init__.py", "math.py", "pydoc.py"]
    names = [
        "multiprocessing/pool.py",
        "smtplib.py",
        "xmlrpc/client.py",
        "_pyio.py",
        "encodings/cp037.py",
        "encodings/cp866.py",
    ]
    build.write_archive(source, {name: name.encode() for name in kept + names})
    build.write_stdlib(source, tmp_path / "short.zip")
    short = zipfile.ZipFile(tmp_path / "short.zip")
    assert short.namelist() == kept
    assert short.read("math.py") == b"math.py"


def test_bytecode_replaces_the_sources_of_imported_modules(tmp_path: Path) -> None:
    sources = {
        "nn/__init__.py": b'"""Kept."""\n', "library/__init__.py": b'"""Removed."""\ndef f(x):\n    return 1 / x\n',
        "library/other.py": b"", "notes.txt": b"text",
    }  # fmt: skip
    build.write_archive(tmp_path / "sources.zip", sources)
    program = f"""
import json, sys
sys.path[:0] = [{str(build.HERE)!r}, sys.argv[1]]
import json, library, nn, bytecode
print(json.dumps({{path: code.hex() for path, code in bytecode.compile_imported((sys.argv[1],)).items()}}))
"""
    done = subprocess.run([sys.executable, "-I", "-c", program, str(tmp_path / "sources.zip")], capture_output=True, check=True)
    compiled = {path: bytes.fromhex(code) for path, code in json.loads(done.stdout).items()}
    build.write_compiled(tmp_path / "sources.zip", tmp_path / "compiled.zip", compiled)
    assert zipfile.ZipFile(tmp_path / "compiled.zip").namelist() == [
        "library/__init__.pyc", "library/other.py", "nn/__init__.pyc", "notes.txt",
    ]  # fmt: skip
    program = "import sys, traceback\nsys.path.insert(0, sys.argv[1])\nimport library, nn, library.other\n"
    program += (
        "print(nn.__doc__, library.__doc__)\ntry:\n    library.f(0)\nexcept ZeroDivisionError:\n    traceback.print_exc()"
    )
    command = [sys.executable, "-I", "-c", program, str(tmp_path / "compiled.zip")]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "Kept. None"
    assert f'{tmp_path / "sources.zip"}/library/__init__.py", line 3, in f' in done.stderr.decode()


def test_an_old_node_leaves_out_the_bytecode(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    old = subprocess.CompletedProcess([], 0, "v18.19.1\n", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: old)
    assert build.compile_first(Path("pyodide"), Path("packages.zip")) == {}
    assert capsys.readouterr().err == "The playground has no bytecode, which needs Node.js 20, not 18.\n"


def test_the_libraries_are_the_dependencies_except_numpy() -> None:
    project = tomllib.loads((build.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {name.partition(">")[0] for name in project["dependencies"]} == {*build.LIBRARIES, "numpy"}


@pytest.mark.parametrize("problem", ["no npm", "npm fails", "no library"])
def test_without_npm_or_a_library_the_site_is_built_without_the_playground(
    problem: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "NODE", tmp_path / "node")
    monkeypatch.setattr(build, "TARGET", tmp_path / "target")
    monkeypatch.setattr(shutil, "which", lambda name: None if problem == "no npm" else name)
    failed = subprocess.CompletedProcess([], 1, "", "npm error network")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    if problem == "no library":

        def missing(_: str) -> None:
            raise importlib.metadata.PackageNotFoundError

        monkeypatch.setattr(build, "install", lambda: build.library_files("mpmath"))
        monkeypatch.setattr(importlib.metadata, "files", missing)
    connected: list[str] = []
    app: Any = SimpleNamespace(tags=set(), connect=lambda event, _: connected.append(event))
    config = SimpleNamespace(html_static_path=["_static"])
    build.add_playground(app, config)
    assert (app.tags, connected, config.html_static_path) == (set(), [], ["_static"])
    message = {"no npm": "install Node.js", "npm fails": "npm error network", "no library": "library mpmath is not installed"}[
        problem
    ]
    assert "The site is built without the playground: " in capsys.readouterr().err.replace("\n", " ")
    if problem != "no library":
        assert build.find_library("katex/dist") == ""
        with pytest.raises(build.LeftOutError, match=message):
            build.build()
