"""A Python prompt in a pseudo-terminal, for tests that type lines as a user does."""

from __future__ import annotations

import codecs
import os
import re
import select
import subprocess
import sys
import time
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Self

import autograd

PROMPT = re.compile(r"(^|\n)(>>> |\.\.\. )$")
TRACEBACK = "Traceback (most recent call last):\n"
TIMEOUT = 120  # seconds for one line


class Terminal:
    """``python -i`` in a pseudo-terminal with 2,000 columns.

    Args:
        folder: The current folder of the process.
    """

    def __init__(self, folder: Path) -> None:
        import fcntl  # these modules do not exist on Windows
        import pty
        import struct
        import termios

        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 2_000, 0, 0))
        root = str(Path(autograd.__file__).parent.parent)
        settings = {"PYTHONPATH": root, "TERM": "dumb", "NO_COLOR": "1", "PYTHON_BASIC_REPL": "1", "PYTHON_COLORS": "0"}
        environment = {**os.environ, "AUTOGRAD_BACKEND": autograd.backend(), **settings}
        command = [sys.executable, "-i", "-q"]
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder)
        os.close(theirs)
        self.file = ours
        read_to_prompt(self.file)

    def type(self, line: str) -> str:
        """Type a line and Return. Return the output."""
        os.write(self.file, f"{line}\n".encode())
        echo, _, printed = read_to_prompt(self.file).partition("\n")
        assert echo == line
        # From Python 3.13 on, each line typed is a file of its own, which a warning shows.
        return re.sub(r"<stdin>-\d+(:.*)\n  .*", r"<stdin>\1", printed.strip("\n"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self.file)  # the process ends, because its terminal does
        self.process.wait(timeout=TIMEOUT)


def read_to_prompt(file: int) -> str:
    """Return the text of a file descriptor up to the next prompt, without the prompt.

    A terminal may pass on the bytes of one character in two parts.
    """
    text, end, decoder = "", time.monotonic() + TIMEOUT, codecs.getincrementaldecoder("utf-8")()
    while not PROMPT.search(text):
        ready, _, _ = select.select([file], [], [], max(0.0, end - time.monotonic()))
        assert ready, f"no prompt after {TIMEOUT} seconds: {text!r}"
        text += decoder.decode(os.read(file, 65536)).replace("\r", "")
    return PROMPT.sub("", text)


def play(terminal: Terminal, session: str) -> list[str]:
    """Type the lines of a session, written as a doctest, and return the differences.

    An expected output is compared in full. Three dots stand for any text. The output of an error is its text, with its notes.
    """
    differences = []
    for example in re.split(r"(?m)^(?=>>> )", session.strip()):
        lines = [line for line in example.splitlines() if line]
        code = [line[4:] for line in takewhile(lambda line: line[:4].strip() in (">>>", "..."), lines)]
        expected = "\n".join(lines[len(code) :])
        printed = "\n".join(filter(None, map(terminal.type, code)))
        if TRACEBACK in printed:
            after = printed.rpartition(TRACEBACK)[2].splitlines()
            printed = "\n".join(dropwhile(lambda line: line.startswith(" "), after))
        pattern = ".*".join(re.escape(part) for part in expected.split("..."))
        if not re.fullmatch(pattern, printed, re.DOTALL):
            differences.append(f"{chr(10).join(code)}\n  expected: {expected}\n  printed:  {printed}")
    return differences
