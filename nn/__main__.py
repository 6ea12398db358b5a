"""The command line: ``python -m nn train``, ``predict`` and ``show``. Without any of these it trains on Fisher's iris."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nn import commands
from nn.activations import ACTIVATIONS
from nn.choices import positive_float, positive_int
from nn.optim import OPTIMIZERS
from nn.tables import TASKS

IRIS = ["train", str(Path(__file__).with_name("iris.csv")), "--target", "species"]


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns its exit code.

    It is 0 if all went well; 1 if the training diverged; 2 if an option or a file cannot be used, of which a line on standard
    error says why; 130 if it was interrupted.
    """
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = [*IRIS, *given]
    options = _parser().parse_args(given)
    try:
        with warnings.catch_warnings():  # of which users of a command need the text alone, not the line of our code
            warnings.showwarning = lambda message, *_: print(f"python -m nn {options.command}: {message}", file=sys.stderr)
            code: int = options.run(options)
    except OSError as problem:
        message = f"{problem.filename}: {problem.strerror}" if problem.filename else str(problem)
    except ValueError as problem:
        message = str(problem)
    else:
        return code
    print(f"python -m nn {options.command}: error: {message}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nn",
        description="Train a small network of scalar Values on a table, and use it. Without a command, it is trained to tell "
        "Fisher's three species of iris apart, with the options of train.",
    )
    parsers = parser.add_subparsers(dest="command", required=True)

    def add(name: str, about: str) -> argparse.ArgumentParser:
        added = parsers.add_parser(name, help=about, description=about)
        added.set_defaults(run=getattr(commands, name))
        return added

    def option(flag: str, default: Any, about: str, **rest: Any) -> None:
        train.add_argument(flag, default=default, help=f"{about} (default: %(default)s)", **rest)

    count, number = _checked(int, positive_int), _checked(float, positive_float)
    train = add("train", "Train a network on a CSV file, say how good it is on rows held out, write it, its loss and a neuron.")
    train.add_argument("file", type=Path, help="a table whose first line names the columns")
    train.add_argument("--target", required=True, metavar="COLUMN", help="the column to learn from the others")
    train.add_argument("--task", choices=TASKS, help="what the target is; if not given, its entries tell")
    option("--test-size", 0.2, "the share of the rows to hold out", type=number, metavar="SHARE")
    option("--hidden", "16", "neurons in each hidden layer", type=_sizes, metavar="N,N")
    option("--activation", "tanh", "of the hidden layers", choices=list(ACTIVATIONS))
    option("--optimizer", "adam", "what changes the weights", choices=list(OPTIMIZERS))
    option("--lr", 0.01, "learning rate", type=number)
    option("--epochs", 50, "how many times to go through the rows", type=count)
    option("--batch-size", 16, "rows in each step", type=count)
    option("--seed", 0, "of the split, the first weights and the order of the rows", type=int)
    option("--out", Path("out"), "folder for the files written", type=Path, metavar="DIR")
    train.add_argument("--no-progress", action="store_true", help="show no progress bar, even in a terminal")

    predict = add("predict", "Say what a trained network makes of each row of a CSV file, as a CSV file.")
    predict.add_argument("model", type=Path, help="a file that train wrote: ...-model.npz")
    predict.add_argument("file", type=Path, help="a table with the same columns; more may be in it")
    predict.add_argument("--out", type=Path, metavar="FILE", help="where to write; if not given, standard output")

    show = add("show", "Say what is in a file that train wrote.")
    show.add_argument("model", type=Path, help="the file: ...-model.npz")
    return parser


def _sizes(text: str) -> list[int]:
    return [_checked(int, positive_int)(size) for size in text.split(",")]


def _checked(convert: Callable[[str], Any], check: Callable[[Any, str], Any]) -> Callable[[str], Any]:
    """For argparse, which shows the message of this exception only."""

    def parse(text: str) -> Any:
        try:
            number = convert(text)
        except ValueError:
            kind = "a whole number" if convert is int else "a number"
            raise argparse.ArgumentTypeError(f"it must be {kind}, not {text!r}") from None
        try:
            return check(number, "it")
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None

    return parse


if __name__ == "__main__":
    sys.exit(main())
