"""The exceptions of this package that are more specific than Python's own.

Wrong types raise ``TypeError`` and wrong values raise ``ValueError``, as everywhere in Python; the classes here
derive from those, so ``except ValueError`` keeps working for people who do not know them.
"""


class AutogradError(Exception):
    """Base class: ``except autograd.AutogradError`` catches what only this package raises."""


class GraphTooLargeError(AutogradError, ValueError):
    """A graph has more nodes than the called function handles; the message gives both numbers and the way out."""


class ChangedLeafError(AutogradError, RuntimeError):
    """The data of a leaf was changed after it was used, and a derivative of higher order was asked for; names the leaf."""


class RecordingError(AutogradError, TypeError):
    """A function that ``compile`` refuses: a step depends on a recorded number, or a replay would not do what a call does."""


class AnomalyError(AutogradError, ArithmeticError):
    """Within ``detect_anomaly``, a nan or an infinity arose; the message says from which operation, on which line."""


class MistakeWarning(AutogradError, UserWarning):  # noqa: N818 - a warning, raised only if warnings are errors
    """Within ``find_mistakes``, something was seen that is seldom meant; it points to the line of your code."""


class StaleBuildWarning(AutogradError, UserWarning):  # noqa: N818 - a warning, raised only if warnings are errors
    """A source file was edited after it was compiled, so the Python source runs instead: correct, but slow."""
