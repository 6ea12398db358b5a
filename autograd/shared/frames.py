"""The line of user code that is running: the innermost frame of the call stack outside these packages."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

# Frames of these packages are not user code. A user's own modules of nn have other package names.
_LIBRARIES = ("autograd", "nn", "visualize", "numpy", "copy")
# The import system, and the methods that attrs generates.
_GENERATED = ("<frozen importlib", "<attrs generated")


def users_frame() -> FrameType:
    """Return the innermost frame of the call stack that is user code."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (
        frame.f_globals.get("__name__", "").partition(".")[0] in _LIBRARIES or frame.f_code.co_filename.startswith(_GENERATED)
    ):
        frame = frame.f_back
    return frame
