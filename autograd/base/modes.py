"""Recording modes: whether operations create nodes, which watchers observe them, and whether ``compile`` is recording.

Each mode belongs to the current thread or asyncio task, so it is stored in a ``ContextVar``. Reading a ``ContextVar`` takes
much longer than an addition. Counters of the uses in all threads let the hot paths skip these reads while a mode is unused.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

from contextvars import ContextVar

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

if cython.compiled:
    from cython.cimports.autograd.base._capi import WATCHED
    from cython.cimports.cpython.contextvars import get_value
else:
    from autograd.base._cython import WATCHED, get_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The number of nested `no_grad` blocks.
NO_GRAD_DEPTH: ContextVar[int] = ContextVar("autograd.no_grad", default=0)
no_grad_was_used: bool = cython.declare(cython.bint, False)  # by any thread, since the program started

# Objects with the methods ``recorded(node)``, called for each recorded node, and ``before_backward(root, seed, adds)``, called
# before each backward pass. An exception raised by a watcher ends the operation. ``adds`` is whether the pass adds to the
# ``.grad`` of leaves. A watcher with a method ``hidden(node, source)`` is also told what gradients cannot see. It is called
# with a node recorded within `no_grad`, which it must turn into a leaf, and None; and with a leaf made by `detach`, and its
# source.
WATCHERS: ContextVar[tuple[Any, ...]] = ContextVar("autograd.watchers", default=())
watchers: int = cython.declare(cython.Py_ssize_t, 0)  # number of watchers in all threads and tasks

# Set by `compile` while it records. The tracer records comparisons and rejects reading a number, see compiler/tracer.py.
TRACER: ContextVar[Any] = ContextVar("autograd.tracer", default=None)
tracers: int = cython.declare(cython.Py_ssize_t, 0)  # number of tracers in all threads and tasks

# The number of times that the data of any existing Value was written. If it has not changed, compiled functions do not read
# their parameters again.
data_writes: int = cython.declare(cython.Py_ssize_t, 0)

# Whether is_recording() may return anything but 1: `no_grad` was used, or there are watchers. Hot paths read only this flag.
is_special: bool = cython.declare(cython.bint, False)


@cython.cfunc
@cython.inline
def is_off() -> cython.bint:
    """Return whether this is within ``no_grad()``, which ``compile`` ignores while it records."""
    return no_grad_was_used and get_value(NO_GRAD_DEPTH, 0) != 0 and not (tracers and get_value(TRACER, None) is not None)


@cython.ccall
@cython.exceptval(-1, check=False)
def is_recording() -> cython.int:
    """Return 0 within ``no_grad()``, ``WATCHED`` if watchers must see the nodes recorded here, otherwise 1."""
    if is_off():
        return WATCHED if watchers and _shadows() else 0
    return WATCHED if watchers and get_value(WATCHERS, ()) else 1


@cython.ccall
@cython.exceptval(-1, check=False)
def notify_watchers(node: object) -> cython.int:
    """Pass a recorded node to the watchers."""
    if is_off():
        for watcher in _shadows():
            watcher.hidden(node, None)
    else:
        for watcher in get_value(WATCHERS, ()):
            watcher.recorded(node)
    return 0


def _shadows() -> list[Any]:
    """Return the watchers that are also told what gradients cannot see."""
    return [watcher for watcher in get_value(WATCHERS, ()) if hasattr(watcher, "hidden")]


@cython.cfunc
@cython.exceptval(-1, check=False)
def notify_detached(node: object, source: object) -> cython.int:
    """Pass a leaf made by ``detach`` to the watchers that are told what gradients cannot see."""
    for watcher in _shadows():
        watcher.hidden(node, source)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def notify_backward(root: object, seed: cython.double, adds: cython.bint) -> cython.int:
    """Announce a backward pass to the watchers."""
    for watcher in get_value(WATCHERS, ()):
        watcher.before_backward(root, seed, bool(adds))
    return 0


def change_watchers(new: tuple[Any, ...]) -> None:
    """Replace the watchers of the current thread or task."""
    global watchers, is_special  # noqa: PLW0603 - one counter for all threads, and a C variable
    watchers += len(new) - len(WATCHERS.get())
    is_special = no_grad_was_used or watchers != 0
    WATCHERS.set(new)


def change_tracer(tracer: Any) -> None:
    """Replace the tracer of the current thread or task; None removes it."""
    global tracers  # noqa: PLW0603 - as above
    tracers += (tracer is not None) - (TRACER.get() is not None)
    TRACER.set(tracer)


def change_no_grad_depth(change: int) -> None:
    """Enter (+1) or leave (-1) a ``no_grad`` block in the current thread or task."""
    global no_grad_was_used, is_special  # noqa: PLW0603 - as above
    no_grad_was_used = is_special = True
    # Never negative: a generator that entered its block in one thread may be closed in another.
    NO_GRAD_DEPTH.set(max(0, NO_GRAD_DEPTH.get() + change))


def is_tracing() -> bool:
    """Return whether ``compile`` is recording in this thread or task."""
    return tracers != 0 and get_value(TRACER, None) is not None


def refuse_if_tracing(why: str) -> None:
    """Raise RecordingError if ``compile`` is recording in this thread or task."""
    tracer: Any = get_value(TRACER, None)
    if tracer is not None:
        tracer.refuse(why)
