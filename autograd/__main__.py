"""The command line of the engine: ``python -m autograd check-engine module:Class`` tests another engine."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any

from autograd.shared import did_you_mean


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code.

    Exit codes: 0 if all traps passed; 1 if a trap failed; 2 if the engine cannot be imported or an option is invalid, with the
    reason on standard error.
    """
    options = _parser().parse_args(arguments)
    try:
        return check(options)
    except (ImportError, AttributeError, TypeError, ValueError, OSError) as problem:
        print(f"python -m autograd check-engine: error: {problem}", file=sys.stderr)
        return 2


def check(options: argparse.Namespace) -> int:
    """Test an engine, print the report, and return the exit code."""
    from autograd import check_engine

    with contextlib.redirect_stdout(sys.stderr):  # a module may print when it is imported
        engine = load(options.engine)
    limits = {"rtol": options.rtol, "time_limit": options.time_limit, "in_process": options.in_process}
    report = check_engine(engine, only=options.only, **limits)
    print(report.to_json() if options.json else report)
    return 0 if report.passed else 1


def load(place: str) -> Any:
    """Return the class or function named by ``module:Class`` or ``folder/file.py:Class``.

    Raises:
        ValueError: If there is no colon in ``place``.
        ImportError: If the module cannot be imported. An error in its code is the cause.
        AttributeError: If the module does not contain the class.
    """
    module, colon, name = place.rpartition(":")
    if not (colon and module and name):
        raise ValueError(f"engine must be module:Class or file.py:Class, not {place!r}")
    folder, path = ".", Path()
    if module.endswith(".py"):
        path = Path(module)
        if not path.is_file():
            hint = did_you_mean(path.name, [file.name for file in path.absolute().parent.glob("*.py")])
            raise ImportError(f"the file {module} does not exist{hint}")
        folder, module = str(path.resolve().parent), path.stem
    sys.path.insert(0, folder)
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as problem:
        if problem.name != module.partition(".")[0]:
            raise  # a module that the engine imports
        hint = did_you_mean(module, [found.name for found in pkgutil.iter_modules()], exact=True)
        raise ImportError(f"there is no module {module!r} in this folder, and none is installed{hint}") from None
    except ImportError:
        raise
    except (Exception, SystemExit) as problem:
        raise ImportError(f"{module} cannot be imported: {type(problem).__name__}: {problem}") from problem
    if folder != "." and Path(found.__file__ or "").resolve() != path.resolve():
        raise ImportError(f"{path.name} has the name of another module, {found.__name__}; rename the file")
    for part in name.split("."):
        found = _part(found, part, module)
    return found


def _part(thing: Any, name: str, module: str) -> Any:
    """Return an attribute of a module or class. The error for a missing one suggests others."""
    if hasattr(thing, name):
        return getattr(thing, name)
    own = [key for key in dir(thing) if getattr(getattr(thing, key), "__module__", "") == module]
    listed = f"; it has {', '.join(own[:5])}{', ...' * (len(own) > 5)}" if own else ""
    raise AttributeError(f"{module} has no {name!r}{did_you_mean(name, dir(thing)) or listed}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m autograd", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    one = commands.add_parser("check-engine", help="test another engine for the mistakes that such engines make")
    one.add_argument("engine", help="module:Class or folder/file.py:Class; the class has .data, .grad and .backward()")
    one.add_argument("--only", action="append", metavar="TRAP", help="run only this trap; may be repeated")
    one.add_argument("--json", action="store_true", help="print the report as JSON")
    one.add_argument("--rtol", type=float, default=1e-9, help="maximum relative error (%(default)g)")
    one.add_argument("--time-limit", type=float, default=20.0, metavar="SECONDS", help="time per trap (%(default)g)")
    one.add_argument("--in-process", action="store_true", help="run all traps in this process")
    return parser


if __name__ == "__main__":
    sys.exit(main())
