"""Files that are complete or not there at all. Checkpoints, in ``tests/nn/training``, test the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograd.shared import file_to_write, write_atomically


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    first, second = tmp_path / "a.c", tmp_path / "missing" / "a.h"
    first.write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        write_atomically({first: b"new", second: b"new"})
    assert first.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.c"]
    second.parent.mkdir()
    write_atomically({str(first): b"new", second: b"newer"})
    assert (first.read_bytes(), second.read_bytes()) == (b"new", b"newer")


@pytest.mark.skipif(os.name != "posix", reason="other systems have other file modes")
def test_modes_and_links_are_kept_and_leftovers_removed(tmp_path: Path) -> None:
    target, link = tmp_path / "a.c", tmp_path / "link.c"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    process = os.fork()
    if not process:
        os._exit(0)
    os.waitpid(process, 0)
    (tmp_path / f".a.c.{process}-0.unfinished").touch()  # of a process that has ended
    (tmp_path / f".a.c.{os.getppid()}-0.unfinished").touch()  # of a living one
    write_atomically({link: b"new"})
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o7777 == 0o640
    assert sorted(os.listdir(tmp_path)) == [f".a.c.{os.getppid()}-0.unfinished", "a.c", "link.c"]


def test_a_path_in_the_home_directory_has_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    home = os.path.expanduser("~/x.svg")
    with pytest.raises(FileNotFoundError) as caught:
        file_to_write("~/x.svg", "draw(y).write('y.svg')")
    assert str(caught.value) == (
        "cannot write '~/x.svg': the folder '~' does not exist; ~ is not expanded; write os.path.expanduser('~/x.svg'), "
        f"here {home!r}"
    )
    with pytest.raises(FileNotFoundError, match=r"the folder 'new' does not exist; create it first$"):
        file_to_write(Path("new/x.svg"), "")
    (tmp_path / "~").mkdir()
    assert file_to_write("~/x.svg", "") == Path("~/x.svg")
