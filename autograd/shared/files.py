"""Files that are complete or not there at all, even if the process that writes them is killed."""

from __future__ import annotations

import itertools
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any, TypeAlias

    FilePath: TypeAlias = str | os.PathLike[str]

_numbers: Iterator[int] = itertools.count()
_unfinished: set[str] = set()  # the names of the temporary files that threads of this process are writing


def file_to_write(path: Any, call: str) -> Path:
    """Return ``path`` as a Path if it is a file path whose folder exists.

    Args:
        path: The argument.
        call: A correct call, for the error.

    Raises:
        TypeError: If it is neither a string nor a path.
        FileNotFoundError: If the folder does not exist.

    >>> file_to_write(3, "draw(y).write('y.svg')")
    Traceback (most recent call last):
        ...
    TypeError: path must be a file path, not int (3); write draw(y).write('y.svg')
    """
    from pathlib import Path

    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a file path, not {type(path).__name__} ({path!r:.40}); write {call}")
    target = Path(path)
    if not target.parent.is_dir():
        remedy = "create it first"
        if (home := os.path.expanduser(path)) != os.fspath(path):
            remedy = f"~ is not expanded; write os.path.expanduser({os.fspath(path)!r}), here {home!r}"
        raise FileNotFoundError(f"cannot write {str(path)!r}: the folder {str(target.parent)!r} does not exist; {remedy}")
    return target


def write_atomically(contents: Mapping[FilePath, bytes]) -> None:
    """Write files atomically: each is complete or not there at all, even if the process is killed.

    All contents are written under temporary names first. Therefore an error, such as a full disk, changes none of the files.
    The mode of an existing file is kept, and the target of a symbolic link is replaced, not the link. Each thread writes to its
    own temporary file. The file that a killed process leaves behind is removed by the next call with the same path.

    Args:
        contents: The content of each file.

    Raises:
        OSError: If a file cannot be written.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.c"
    >>> write_atomically({path: b"int x;"})
    >>> path.read_text(), len(list(path.parent.iterdir()))
    ('int x;', 1)
    """
    from contextlib import suppress  # slow to import, as is pathlib
    from pathlib import Path

    renamed: list[tuple[Path, Path]] = []
    try:
        for path, content in contents.items():
            target = Path(os.path.realpath(path))
            _remove_leftovers(target)
            temporary = target.with_name(f".{target.name}.{os.getpid()}-{next(_numbers)}.unfinished")
            _unfinished.add(temporary.name)
            renamed.append((temporary, target))
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # otherwise, after a power cut, the new name may exist without the content
            with suppress(FileNotFoundError):
                temporary.chmod(target.stat().st_mode & 0o7777)
        for temporary, target in renamed:
            temporary.replace(target)
    finally:
        for temporary, _ in renamed:
            temporary.unlink(missing_ok=True)
            _unfinished.discard(temporary.name)


def _remove_leftovers(target: Path) -> None:
    """Remove temporary files of ``target`` that no living process is writing."""
    import glob
    import re

    for path in target.parent.glob(f".{glob.escape(target.name)}.*.unfinished"):
        number = re.fullmatch(r"(\d+)-\d+", path.name[len(target.name) + 2 : -len(".unfinished")])
        # A file of this process that no thread is writing was left by an earlier process with the same number.
        if number and path.name not in _unfinished and (int(number[1]) == os.getpid() or not _is_alive(int(number[1]))):
            path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    """Return whether a process exists, or True if that is unknown."""
    if os.name == "posix":  # elsewhere, os.kill ends the process
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except (PermissionError, OverflowError):  # it belongs to another user, or the number is impossible
            return True
    return True
