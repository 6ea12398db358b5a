"""The executor of a coordinator. If the coordinator created it, it can also replace and close it."""

from __future__ import annotations

import inspect
import os
import signal
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from typing import Any

EXIT_SECONDS = 5.0  # that idle workers have to end
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # a process that is stopped ignores SIGTERM


class Pool:
    """An executor, or a function that creates one on first use.

    Attributes:
        is_ours: Whether the executor is created here, so that it can be replaced and must be closed.

    Raises:
        TypeError: If ``executor`` is neither an executor nor a function.
    """

    def __init__(self, executor: Any) -> None:
        has_submit = callable(getattr(executor, "submit", None)) and not isinstance(executor, type)
        if not has_submit and not callable(executor):
            rule = "executor must be a concurrent.futures.Executor, or a function that creates one"
            raise TypeError(_refusal(rule, executor))
        self.is_ours: bool = not has_submit
        self._create: Callable[[], Executor] | None = None if has_submit else executor
        self._executor: Executor | None = executor if has_submit else None

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Submit a call to the executor. If it is ours and does not exist, create it.

        Raises:
            TypeError: If the executor returns another kind of future, as a dask ``Client`` does.
        """
        if self._executor is None and self._create is not None:
            created = self._create()
            if not callable(getattr(created, "submit", None)):
                raise TypeError(_refusal("executor must be a function that returns a concurrent.futures.Executor", created))
            self._executor = created
        assert self._executor is not None
        future = self._executor.submit(function, *arguments)
        if not isinstance(future, Future):
            raise TypeError(_refusal("executor.submit must return a concurrent.futures.Future", future))
        return future

    def close(self, patience: float = EXIT_SECONDS) -> None:
        """Shut down an executor that is ours, and end its processes. The next call of ``submit`` creates another one.

        Args:
            patience: Seconds in which the workers may complete their tasks. Then they are killed.
        """
        if self._create is None or self._executor is None:
            return
        executor, self._executor = self._executor, None
        # Most executors of processes have this attribute. Without it, shutdown() is all that can be done.
        processes = list((getattr(executor, "_processes", None) or {}).values())
        options = {"wait": False, "cancel_futures": True}
        with suppress(TypeError, ValueError):  # no signature
            known = inspect.signature(executor.shutdown).parameters
            options = {name: option for name, option in options.items() if name in known}
        executor.shutdown(**options)
        end = time.monotonic() + patience
        for process in processes:
            process.join(max(0.0, end - time.monotonic()))
            with suppress(ProcessLookupError):  # it may end at this moment
                if process.is_alive():
                    os.kill(process.pid, KILL)
                    process.join(EXIT_SECONDS)


def _refusal(rule: str, found: Any) -> str:
    """Return the message of an error: the rule, the object that was given, and two executors."""
    return (
        f"{rule}, not {type(found).__name__} ({found!r:.40}); pass functools.partial(ProcessPoolExecutor, 4), or "
        "client.get_executor(pure=False) of dask"
    )
