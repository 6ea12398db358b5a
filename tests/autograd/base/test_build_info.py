"""The choice of the backend. A compiled core never hides an edited source."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fresh import PACKAGE, run_python, start_python

from autograd import backend
from autograd.base.build_info import (
    BUILD_INFO,
    COMPILED_FROM,
    changed_since_build,
    choose_backend,
    source_hash,
    why_never_compiled,
    write_build_info,
)

SHOW = "import autograd; print(autograd.backend(), autograd.Value(3.0) * 2)"
needs_compiled = pytest.mark.skipif(backend() != "compiled", reason="there is no compiled core to go stale")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the package to modify."""
    shutil.copytree(PACKAGE, tmp_path / "autograd", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_an_unknown_backend_raises_an_error() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the next line has the message
        choose_backend("cython")
    assert str(caught.value) == "unknown AUTOGRAD_BACKEND: 'cython' (must be 'python', 'compiled' or unset)"
    assert "ValueError: unknown AUTOGRAD_BACKEND: 'C'" in start_python(SHOW, AUTOGRAD_BACKEND="C").stderr


def test_the_python_backend_can_be_requested() -> None:
    assert run_python(SHOW, AUTOGRAD_BACKEND="python") == "python Value(6.0, grad=0.0, op='*')"


@needs_compiled
@pytest.mark.parametrize("wanted", ["", "compiled"])
def test_the_compiled_core_runs_if_it_matches_its_sources(folder: Path, wanted: str) -> None:
    assert run_python(SHOW, folder, AUTOGRAD_BACKEND=wanted) == "compiled Value(6.0, grad=0.0, op='*')"


@needs_compiled
@pytest.mark.parametrize("name", COMPILED_FROM)
def test_an_edited_source_is_detected(folder: Path, name: str) -> None:
    with (folder / "autograd" / name).open("a") as file:
        file.write("\n# an edit\n")
    done = start_python(SHOW, folder, AUTOGRAD_BACKEND="")
    assert done.stdout.strip() == "python Value(6.0, grad=0.0, op='*')"
    assert (
        f"StaleBuildWarning: autograd/{name} changed since the core was compiled, so it runs as Python, with the same "
        "results but slowly; reinstall the project (`make install`) to compile it"
    ) in done.stderr
    assert run_python(SHOW, folder, AUTOGRAD_BACKEND="python").startswith("python")
    assert (
        f"ImportError: AUTOGRAD_BACKEND is 'compiled', but the compiled core is not usable: {name} changed since it was "
        "compiled; reinstall the project"
    ) in start_python(SHOW, folder, AUTOGRAD_BACKEND="compiled").stderr


@needs_compiled
def test_the_edited_source_runs(folder: Path) -> None:
    ops = folder / "autograd" / "ops.py"
    changed = ops.read_text().replace("lambda x, y: x * y, lambda out, x, y: y", "lambda x, y: x * y * 10, lambda out, x, y: y")
    assert changed != ops.read_text()
    ops.write_text(changed)
    assert start_python(SHOW, folder, AUTOGRAD_BACKEND="").stdout.strip() == "python Value(60.0, grad=0.0, op='*')"


@needs_compiled
def test_a_deleted_source_is_detected(folder: Path) -> None:
    (folder / "autograd" / "replay" / "executor.pxd").unlink()
    done = start_python(SHOW, folder, AUTOGRAD_BACKEND="")
    assert done.stdout.strip() == "python Value(6.0, grad=0.0, op='*')"
    assert "StaleBuildWarning: autograd/replay/executor.pxd changed since the core was compiled" in done.stderr


def test_without_a_compiled_core_it_runs_as_python(folder: Path) -> None:
    for path in [*folder.glob("autograd/**/*.so"), *folder.glob("autograd/**/*.pyd")]:
        path.unlink()
    done = start_python(SHOW, folder, AUTOGRAD_BACKEND="")
    assert (done.stdout.strip(), done.stderr) == ("python Value(6.0, grad=0.0, op='*')", "")
    assert "ImportError: AUTOGRAD_BACKEND is 'compiled', but the compiled core is not usable: it was never compiled" in (
        start_python(SHOW, folder, AUTOGRAD_BACKEND="compiled").stderr
    )


@pytest.mark.parametrize(
    ("function", "answer", "message"),
    [
        ("sysconfig.get_config_var", lambda name: name == "Py_GIL_DISABLED", "needs the GIL, which .*; use the standard build"),
        ("sys.implementation", SimpleNamespace(name="pypy"), "pypy runs the Python source faster .*; use CPython"),
        ("sys.platform", "emscripten", "emscripten has no C compiler; use Python outside"),
    ],
)
def test_a_compiled_core_is_refused_with_the_remedy_where_there_is_never_one(
    function: str, answer: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert why_never_compiled() is None
    monkeypatch.setattr("autograd.base.build_info.changed_since_build", lambda folder: None)
    monkeypatch.setattr(function, answer)
    with pytest.raises(ImportError, match=f"AUTOGRAD_BACKEND is 'compiled', but the compiled core is not usable: .*{message}"):
        choose_backend("compiled")


def test_build_info_contains_the_hashes_of_the_sources(tmp_path: Path) -> None:
    write_build_info(tmp_path, PACKAGE)
    text = (tmp_path / BUILD_INFO).read_text()
    assert text == "".join(f"{source_hash(str(PACKAGE / name))} {name}\n" for name in COMPILED_FROM)


def test_a_hash_depends_only_on_the_contents(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in "abc")
    first.write_bytes(b"x = 1\n")
    second.write_bytes(b"x = 1\n")
    other.write_bytes(b"x = 2\n")
    assert source_hash(str(first)) == source_hash(str(second)) != source_hash(str(other))


@needs_compiled
def test_nothing_changed_since_this_build() -> None:
    assert changed_since_build(str(PACKAGE)) == []


def test_every_source_of_a_compiled_file_is_hashed() -> None:
    """This includes the files that the compiled core imports, and the files that generate it."""
    assert set(COMPILED_FROM) >= {"value.py", "ops.py", "base/real.py", "export/c_source.py"}
    assert all((PACKAGE / name).exists() for name in COMPILED_FROM)


def test_make_reinstalls_after_a_change_of_any_source() -> None:
    makefile = PACKAGE.parent / "Makefile"
    if not makefile.exists():
        pytest.skip("the package is installed without its Makefile")
    assert set(COMPILED_FROM) <= set(makefile.read_text().split())
