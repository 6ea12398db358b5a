"""Base class of the context managers that observe a computation, and the line of user code that is running."""

from __future__ import annotations

from typing import NamedTuple

from autograd.base.modes import WATCHERS, change_watchers
from autograd.base.typesetting import printable
from autograd.no_grad import Block
from autograd.shared import users_frame
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class SourceLine(NamedTuple):
    """A line of source code. ``str`` returns its text for messages."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


def users_line() -> SourceLine:
    """Return the innermost line of the call stack that is user code."""
    frame = users_frame()
    return SourceLine(frame.f_code.co_filename, frame.f_lineno)


class Watcher(metaclass=Block):
    """Context manager that observes every recorded node and every backward pass of the current thread or task.

    Recorded nodes are kept in memory until the block ends, with the line of user code that recorded them.
    """

    def __init__(self) -> None:
        # Keyed by id. Keeping the node prevents another node from reusing its id.
        self._recorded: dict[int, tuple[Value, SourceLine]] = {}

    def recorded(self, node: Value) -> None:
        """Store the line of user code that recorded ``node``."""
        self._recorded[id(node)] = node, users_line()

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Do nothing. Subclasses override this method to inspect a backward pass before it starts.

        Args:
            root: Result from which the pass starts.
            seed: Gradient of ``root``.
            adds: Whether the pass adds to the ``.grad`` of leaves, as ``backward`` does and ``gradients`` does not.
        """

    def line_of(self, node: Value) -> SourceLine | None:
        """Return the line that recorded ``node``, or None for a leaf or a node recorded outside the block."""
        return self._recorded[id(node)][1] if id(node) in self._recorded else None

    def origin(self, node: Value) -> str:
        """Return the origin of ``node`` as text for messages."""
        line = self.line_of(node)
        if line is not None:
            return f"recorded at {line}"
        return "recorded before the block" if node.op and node.op != "const" else "a leaf"

    def __enter__(self) -> Self:
        change_watchers((*WATCHERS.get(), self))
        return self

    def __exit__(self, *exception: object) -> None:
        watchers = list(WATCHERS.get())
        if self in watchers:  # it may occur twice, because a block may be entered within itself; the inner one ends
            del watchers[len(watchers) - 1 - watchers[::-1].index(self)]
        change_watchers(tuple(watchers))
        if self not in watchers:
            self.clear()

    def clear(self) -> None:
        """Release the recorded nodes at the end of the block."""
        self._recorded.clear()


def describe(node: Value) -> str:
    """Return the label of ``node``, or its operation, or its number, as text for messages."""
    return printable(node.label or "") or (repr(node.op) if node.op and node.op != "const" else f"Value({node.data!r})")
