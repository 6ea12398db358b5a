"""The command line ``python -m autograd check-engine``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import small_engines

from autograd.__main__ import main

SUPPORT = Path(small_engines.__file__).parent
ROOT = SUPPORT.parent.parent


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with its modules importable as for a user who is there."""
    return subprocess.run(
        [sys.executable, "-m", "autograd", "check-engine", *arguments], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_exit_codes_and_reports(tmp_path: Path) -> None:
    """Students name a module in the current folder; teachers name files anywhere."""
    passed = run("small_engines:SoundValue", folder=SUPPORT)
    assert (passed.returncode, passed.stderr) == (0, "")
    assert passed.stdout.startswith("check_engine of SoundValue: 22 of 22 passed, 1 not offered\n")
    failed = run(f"{SUPPORT / 'small_engines.py'}:MicrogptValue", "--json", "--only", "two roots", folder=tmp_path)
    assert (failed.returncode, failed.stderr) == (1, "")
    report = json.loads(failed.stdout)
    assert (report["passed"], report["failed"], report["entries"][0]["found"]) == (0, 1, "x.grad = 52")


def test_output_at_import_and_exit_is_kept_apart_from_the_report(tmp_path: Path) -> None:
    lines = ["import atexit", "from autograd import Value", "print('imported')", "atexit.register(print, 'ended')"]
    code = "\n".join([*lines, "def leaf(x): return Value(x)"])
    (tmp_path / "noisy.py").write_text(code)
    done = run("noisy:leaf", "--json", "--only", "deep graph", "--only", "no output", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.JSONDecoder().raw_decode(done.stdout)[0]["passed"] == 2
    assert "imported" in done.stderr


@pytest.mark.parametrize(
    ("engine", "text"),
    [
        ("engine", "engine must be module:Class or file.py:Class, not 'engine'"),
        ("no_such_module:Value", "there is no module 'no_such_module' in this folder, and none is installed\n"),
        ("smal_engines:Value", "no module 'smal_engines' in this folder, and none is installed; did you mean 'small_engines'?"),
        ("missing.py:Value", "the file missing.py does not exist\n"),
        ("{folder}/unfinishd.py:Value", "unfinishd.py does not exist; did you mean 'unfinished.py'?"),
        ("{folder}/importing.py:Value", "No module named 'missing_library'"),
        ("{folder}/classes.py:Dual", "classes has no 'Dual'; it has Number, Scalar\n"),
        ("{folder}/random.py:Value", "random.py has the name of another module, random; rename the file"),
        ("small_engines:Vlaue", "small_engines has no 'Vlaue'; it has MicrogptValue, MicrogradValue, SoundValue, "),
        ("small_engines:soundvalue", "small_engines has no 'soundvalue'; did you mean 'SoundValue'?"),
        ("small_engines:math", "engine must be a class or a function that creates a leaf, not module"),
        ("{folder}/broken.py:Value", "broken cannot be imported: ZeroDivisionError: division by zero"),
        ("{folder}/unfinished.py:Value", "unfinished cannot be imported: SyntaxError"),
    ],
)
def test_an_engine_that_cannot_be_imported_is_an_error(
    engine: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "broken.py").write_text("1 / 0")
    (tmp_path / "random.py").write_text("class Value: pass")
    (tmp_path / "unfinished.py").write_text("class Value")
    (tmp_path / "importing.py").write_text("import missing_library")
    (tmp_path / "classes.py").write_text("import math\nclass Number: pass\nclass Scalar: pass\n")
    assert main(["check-engine", engine.format(folder=tmp_path)]) == 2
    assert text in capsys.readouterr().err
