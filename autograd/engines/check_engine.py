"""``check_engine``: run the traps on another engine, and report the mistakes.

A trap is a function that tests one fact, such as that gradients of a node used twice add up. The parts are:

    traps.py    the list of all traps; they are in arithmetic_traps.py, backward_traps.py and number_traps.py
    engine.py   the engine under test, and the comparison of its results
    exact.py    the expected results, from mpmath
    limits.py   a thread with a time limit, and a separate process
    report.py   the report as text, HTML and JSON
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import warnings

from autograd.engines.engine import Engine, Fault, NotOffered, describe
from autograd.engines.limits import TimeLimitError, run_limited, run_process
from autograd.engines.report import FAILED, NOT_OFFERED, PASSED, EngineReport, TrapResult
from autograd.engines.traps import TRAPS
from autograd.shared import did_you_mean, suggesting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from autograd.engines.trap import Trap


@suggesting()
def check_engine(
    engine: Callable[[float], Any],
    *,
    only: Iterable[str] | None = None,
    rtol: float = 1e-9,
    time_limit: float = 20.0,
    in_process: bool = False,
) -> EngineReport:
    """Test another scalar engine for the mistakes that such engines make.

    The engine is a class whose instances have ``.data``, ``.grad`` and ``.backward()``, and operators. Functions such as
    ``tanh`` are its methods, or functions in its module. The gradients of leaves must add up over several backward passes, as
    in PyTorch. The expected numbers are computed with mpmath and do not depend on any engine.

    A missing operation is reported as not offered, and is not a failure. Errors, endless loops and crashes of the engine are
    failures of the trap in which they occur.

    Args:
        engine: The class, or a function that creates a leaf from a float.
        only: Names of the traps to run; by default all.
        rtol: Maximum relative error. Pass 1e-4 for an engine that computes with 32 bits.
        time_limit: Time per trap, in seconds.
        in_process: Run also the traps that can crash the interpreter in this process. By default, they run in a separate one
            if the engine can be imported there.

    Returns:
        A report that is true if no trap failed. ``print`` shows it, ``report.score`` counts the passed traps, and
        ``report.to_json()`` is for programs.

    Raises:
        TypeError: If ``engine`` is not callable, or the nodes that it creates have no ``data`` or ``backward``.
        ValueError: If a name in ``only`` is unknown, or a limit is not positive.

    >>> class Half:  # backward does nothing
    ...     def __init__(self, data): self.data, self.grad = float(data), 0.0
    ...     def __mul__(self, other): return Half(self.data * other.data)
    ...     def backward(self): pass
    >>> print(check_engine(Half, only=["node used twice", "sum"]))
    check_engine of Half: 0 of 1 passed, 1 not offered
      sum              not offered (__add__)
      node used twice  FAILED
          x * x at x = 3
          expected: x.grad = 6
          found: x.grad = 0
          usual cause: assigns the gradient instead of adding to it; each use of a node adds its contribution (`+=`)
    """
    traps = _select(only)
    for name, number in (("rtol", rtol), ("time_limit", time_limit)):
        if not number > 0:
            raise ValueError(f"{name} must be positive, not {number!r}")
    if not callable(engine):
        raise TypeError(
            f"engine must be a class or a function that creates a leaf, not {type(engine).__name__} ({engine!r:.40})"
        )
    under_test = Engine(engine, rtol, time_limit)
    entries = []
    place = None if in_process else _import_place(engine)
    with contextlib.redirect_stdout(under_test.output), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an engine on NumPy may warn of an overflow, and be right
        _check_interface(under_test)
        for trap in traps:
            separate = _run_separately(trap, place, under_test) if trap.may_crash and place else None
            entries.append(_run_trap(trap, under_test) if separate is None else separate)
    return EngineReport(getattr(engine, "__name__", type(engine).__name__), entries)


def _select(only: Iterable[str] | None) -> list[Trap]:
    """Return the traps with these names, in the order of the report."""
    if only is None:
        return list(TRAPS)
    names = [only] if isinstance(only, str) else list(only)
    known = [trap.name for trap in TRAPS]
    for name in names:
        if name not in known:
            listed = ", ".join(map(repr, known))
            raise ValueError(f"unknown trap: {name!r} (must be one of {listed}){did_you_mean(str(name), known)}")
    return [trap for trap in TRAPS if trap.name in names]


def _check_interface(engine: Engine) -> None:
    """Raise TypeError if the engine does not create nodes. If it raises an error itself, the traps report it."""
    created: list[Any] = []
    with contextlib.suppress(Exception, TimeLimitError, SystemExit):
        run_limited(lambda: created.append(engine.create(1.0)), engine.time_limit)
    for name in ("data", "backward"):
        if created and not hasattr(created[0], name):
            kind = type(created[0]).__name__
            raise TypeError(f"engine must create nodes with .data, .grad and .backward(), but {kind} has no {name!r}")


def _run_trap(trap: Trap, engine: Engine) -> TrapResult:
    """Run one trap in this process."""
    engine.n_checks, engine.skipped = 0, []
    try:
        run_limited(lambda: trap.run(engine), engine.time_limit)
    except Fault as fault:
        return _failed(trap, fault)
    except NotOffered as missing:
        return TrapResult(trap.name, NOT_OFFERED, note=str(missing))
    except TimeLimitError:
        return _failed(trap, _timed_out(trap, engine))
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # noqa: BLE001 - also SystemExit: every error of the engine is a finding
        return _failed(trap, Fault(trap.fact, "no error", describe(problem), error=problem))
    missing_names = ", ".join(dict.fromkeys(engine.skipped))
    if missing_names and not engine.n_checks:
        return TrapResult(trap.name, NOT_OFFERED, note=missing_names)
    return TrapResult(trap.name, PASSED, note=missing_names and f"not offered: {missing_names}")


def _run_separately(trap: Trap, place: str, engine: Engine) -> TrapResult | None:
    """Run one trap in its own process; return None if the engine cannot be imported there."""
    arguments = ["check-engine", place, "--only", trap.name, "--json", "--in-process"]
    limits = ["--rtol", repr(engine.rtol), "--time-limit", repr(engine.time_limit)]
    try:
        done = run_process([*arguments, *limits], engine.time_limit)
    except subprocess.TimeoutExpired:
        return _failed(trap, _timed_out(trap, engine))
    if done.returncode in (0, 1):
        with contextlib.suppress(ValueError, LookupError):
            return TrapResult(**json.JSONDecoder().raw_decode(done.stdout)[0]["entries"][0])  # the engine may print at its exit
    if done.returncode == 2:
        return None
    lines = done.stderr.strip().splitlines() or ["no message"]
    found = f"the interpreter ended with exit code {done.returncode}: {lines[0]:.80}"
    cause = "the C stack overflows; use a loop instead of recursion"
    return _failed(trap, Fault(trap.fact, "no crash", found, cause=cause))


def _failed(trap: Trap, fault: Fault) -> TrapResult:
    return TrapResult(trap.name, FAILED, fault.expression, fault.expected, fault.found, trap.cause_of(fault))


def _timed_out(trap: Trap, engine: Engine) -> Fault:
    return Fault(trap.fact, f"less than {engine.time_limit:g} s", "no result in this time", error=TimeoutError())


def _import_place(engine: Any) -> str | None:
    """Return ``module:Class`` if another process can import the engine, else None."""
    module, name = getattr(engine, "__module__", ""), getattr(engine, "__qualname__", "")
    found = sys.modules.get(module) if module != "__main__" else None
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is engine else None
