"""The base of what watches a computation while it runs: which line of the user's code recorded each node."""

from __future__ import annotations

import sys
from typing import NamedTuple

from autograd.base.modes import WATCHERS, change_watchers
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class Place(NamedTuple):
    """A line of code."""

    file: str
    line: int

    def in_words(self) -> str:
        """For messages."""
        return f"{self.file}, line {self.line}"


# Frames of these packages are not the user's; the modules below nn that a user writes are not called so.
_NOT_THE_USERS = ("autograd", "nn", "visualize", "numpy", "copy")


def users_line() -> Place:
    """Where the code that is running now was called from: the innermost line that is not in one of these packages."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _NOT_THE_USERS:
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)


class Watcher:
    """``with`` it, every operation and every backward pass of this thread or task is seen.

    It keeps the nodes that were recorded meanwhile, and so their memory, until the block ends.
    """

    def __init__(self) -> None:
        self._places: dict[int, tuple[Value, Place]] = {}  # by id, which is the node's own as long as that is kept

    def recorded(self, node: Value) -> None:
        """Remember the line."""
        self._places[id(node)] = node, users_line()

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """See that a pass begins."""

    def place_of(self, node: Value) -> Place | None:
        """Where it was recorded; None for a leaf, and for what was recorded outside of the block."""
        return self._places[id(node)][1] if id(node) in self._places else None

    def where(self, node: Value) -> str:
        """The same in words."""
        place = self.place_of(node)
        if place is not None:
            return f"recorded at {place.in_words()}"
        return "recorded before the block" if node.op and node.op != "const" else "a leaf"

    def __enter__(self) -> Self:
        change_watchers((*WATCHERS.get(), self))
        return self

    def __exit__(self, *exception: object) -> None:
        watchers = list(WATCHERS.get())
        if self in watchers:
            del watchers[len(watchers) - 1 - watchers[::-1].index(self)]  # the same one may have been entered twice
        change_watchers(tuple(watchers))
        if self not in watchers:
            self.forget()

    def forget(self) -> None:
        """Let go of what was kept, as the block has ended."""
        self._places.clear()


def in_words(node: Value) -> str:
    """What to call it: its label, or its operation, or its number."""
    return node.label or (repr(node.op) if node.op and node.op != "const" else f"Value({node.data!r})")
