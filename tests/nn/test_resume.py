"""A training that was stopped at any moment, and run again with the same file, ends with the same bits."""

from __future__ import annotations

from pathlib import Path

import pytest

from fresh import run_python


@pytest.mark.parametrize("run", ["dropout_and_adam", "plateau_and_numpy"])
def test_killed_at_25_random_moments_and_run_again_it_ends_with_the_same_bits(run: str, tmp_path: Path) -> None:
    support = str(Path(__file__).parent.parent / "support")
    code = f"import sys, pathlib; sys.path.append({support!r}); from resumable import kill\n"
    told = run_python(code + f"kill({run!r}, pathlib.Path({str(tmp_path / 'run.npz')!r}), kills=25, seed=0)")
    print(told)
