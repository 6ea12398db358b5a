"""``Trap``: a test of one fact, with the usual causes of a failure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd.engines.engine import Engine, Fault


class Trap:
    """A test of one fact about an engine.

    Args:
        run: The function. It raises ``Fault`` or ``NotOffered``. Its docstring states the fact.
        name, cause, errors, value_cause, may_crash: See ``trap``.
    """

    def __init__(
        self,
        run: Callable[[Engine], None],
        name: str,
        cause: str,
        errors: dict[type[BaseException], str],
        value_cause: str,
        may_crash: bool,
    ) -> None:
        self.run: Callable[[Engine], None] = run
        self.name: str = name
        self.cause: str = cause
        self.value_cause: str = value_cause
        self.errors: dict[type[BaseException], str] = errors
        self.may_crash: bool = may_crash

    @property
    def fact(self) -> str:
        """The fact that the trap tests, in a sentence."""
        return " ".join((self.run.__doc__ or "").split())

    def cause_of(self, fault: Fault) -> str:
        """Return the usual cause of a fault, or "" if the error of the engine is not a usual one."""
        if fault.error is None:
            return self.value_cause if fault.is_value else fault.cause or self.cause
        return next((text for kind, text in self.errors.items() if isinstance(fault.error, kind)), "")


def trap(
    name: str,
    cause: str,
    errors: dict[type[BaseException], str] | None = None,
    *,
    value_cause: str | None = None,
    may_crash: bool = False,
) -> Callable[[Callable[[Engine], None]], Trap]:
    """Return a decorator that makes a trap of a function.

    Args:
        name: The name in reports.
        cause: The usual cause of a wrong result.
        errors: The usual causes of errors, by type. TimeoutError means that the time limit was exceeded.
        value_cause: The usual cause of a wrong value; by default ``cause``.
        may_crash: Whether a fault can crash the interpreter, so that the trap runs in a separate process.
    """
    return lambda run: Trap(run, name, cause, errors or {}, cause if value_cause is None else value_cause, may_crash)
