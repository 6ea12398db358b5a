"""Exceptions and warnings that are more specific than Python's built-in ones.

Wrong types raise ``TypeError`` and wrong values raise ``ValueError``, as usual in Python. The exceptions below derive from the
built-in ones, so ``except ValueError`` also catches ``GraphTooLargeError``.
"""


class AutogradError(Exception):
    """Base class of the exceptions and warnings below. ``except autograd.AutogradError`` catches all of them, and no others."""


class GraphTooLargeError(AutogradError, ValueError):
    """A graph has more nodes than the function supports. The message states both numbers and suggests a remedy."""


class ChangedLeafError(AutogradError, RuntimeError):
    """A higher-order derivative was requested, but a leaf's data changed after it was used. The message shows the leaf."""


class RecordingError(AutogradError, TypeError):
    """``compile`` cannot record a function: a step depends on a recorded number, or the function is not pure."""


class AnomalyError(AutogradError, ArithmeticError):
    """Within ``detect_anomaly``, a nan or an infinity occurred. The message states the operation and the line."""


class WorkerError(AutogradError, RuntimeError):
    """An executor failed: it does not accept tasks, or a task was lost repeatedly. The cause is the executor's exception."""


class MistakeWarning(AutogradError, UserWarning):  # noqa: N818 - a warning, raised only if warnings are errors
    """Within ``find_mistakes``, a probable mistake was found. The warning refers to the line in your code."""


class StaleBuildWarning(AutogradError, UserWarning):  # noqa: N818 - a warning, raised only if warnings are errors
    """A source file is newer than the compiled core. The Python sources run instead, with the same results but slower."""
