"""The command line: ``python -m nn train``, ``predict`` and ``show``. Without any of these it trains on Fisher's iris."""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nn
from autograd import Value, softmax
from nn.checkpoint import write_whole
from nn.data import Row
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
            return options.run(options) or 0
    except (OSError, ValueError) as problem:
        print(f"python -m nn {options.command}: error: {problem}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nn",
        description="Train a small network of scalar Values on a table, and use it. Without a command, it is trained to tell "
        "Fisher's three species of iris apart, with the options of train.",
    )
    parsers = parser.add_subparsers(dest="command", required=True)

    def command(run: Callable[[Any], int | None]) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = parsers.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
        added.set_defaults(run=run)
        return added

    def option(flag: str, default: Any, about: str, **rest: Any) -> None:
        training.add_argument(flag, default=default, help=f"{about} (default: %(default)s)", **{"type": type(default), **rest})

    def sizes(text: str) -> list[int]:
        listed = text.replace(" ", "").split(",")
        if not all(size.isdecimal() and int(size) for size in listed):
            raise argparse.ArgumentTypeError(f"it must be whole numbers of 1 or more, as 16,16, not {text!r}")
        return [int(size) for size in listed]

    training, predicting, showing = command(train), command(predict), command(show)
    training.add_argument("file", type=Path, help="a table whose first line names the columns")
    training.add_argument("--target", required=True, metavar="COLUMN", help="the column to learn from the others")
    training.add_argument("--task", choices=TASKS, help="what the target is; if not given, its entries tell")
    option("--test-size", 0.2, "the share of the rows to hold out", metavar="SHARE")
    option("--hidden", "16", "neurons in each hidden layer", type=sizes, metavar="N,N")
    option("--activation", "tanh", "of the hidden layers", choices=list(nn.ACTIVATIONS))
    option("--optimizer", "adam", "what changes the weights", choices=list(nn.OPTIMIZERS))
    option("--lr", 0.01, "learning rate")
    option("--epochs", 50, "how many times to go through the rows")
    option("--batch-size", 16, "rows in each step")
    option("--seed", 0, "of the split, the first weights and the order of the rows")
    option("--out", "out", "folder for the files written", type=Path, metavar="DIR")
    for using in (predicting, showing):
        using.add_argument("model", type=Path, help="a file that train wrote: ...-model.npz")
    predicting.add_argument("file", type=Path, help="a table with the same columns; more may be in it")
    return parser


def train(options: Any) -> int:
    """Train a network on a CSV file, say how good it is on rows held out, write it, its loss and a neuron."""
    data = nn.load_csv(options.file, options.target, options.task)
    classes, outputs = data.class_names, None
    X_train, X_test, y_train, y_test = nn.train_test_split(data.X, data.y, options.test_size, options.seed)
    X_train, X_test, inputs = _standardized(X_train, X_test)
    if not classes:  # amounts are learnt in units of their deviation
        y_train, y_test, outputs = _standardized([[t] for t in y_train], [[t] for t in y_test])
    shape = (len(X_train[0]), [*options.hidden, len(classes) or 1], options.activation)
    model = nn.MLP(*shape, seed=options.seed)

    def make_folder(_: nn.Training) -> None:  # after the first epoch: options that cannot be leave nothing behind
        options.out.mkdir(parents=True, exist_ok=True)

    kind = f"classification of {options.target} ({', '.join(classes)})" if classes else f"regression of {options.target}"
    settings = {name: getattr(options, name) for name in ("optimizer", "lr", "epochs", "batch_size", "seed")}
    told = ", ".join(f"{name} {value}" for name, value in settings.items())
    about = [f"{kind} from {len(data.columns)} other columns of {options.file}", f"{model!r} trained with {told}"]
    print(*about, sep="\n")
    loss = "cross_entropy" if classes else "mse"
    held_out = X_test, y_test
    history = nn.fit(model, X_train, y_train, loss=loss, validation_data=held_out, callbacks=[make_folder], **settings)
    print(history)
    code = {"diverged": 1, "interrupted": 130}.get(history.stopped, 0)
    if code == 1 or not len(history):
        print("nothing was written, as nothing was learnt", file=sys.stderr)
        return code
    where = f"on the {len(y_test)} rows held out:"
    if outputs is None:
        confusion = zip(classes, nn.confusion_matrix(model, X_test, y_test), strict=True)
        results = [f"{where} accuracy {nn.accuracy(model, X_test, y_test):.3f}"]
        results += [f"  {name}: {row[i]} of {sum(row)} rows" for i, (name, row) in enumerate(confusion)]
    else:
        squared: Any = nn.mse_loss(nn.predict(model, X_test), y_test)
        error = f"root mean squared error {outputs[1][0] * math.sqrt(squared):.4g}"
        results = [f"{where} r2 {nn.r2_score(model, X_test, y_test):.3f}, {error}"]
    print(*results, sep="\n")

    stem = options.out / options.file.stem
    try:
        figure, content = history.plot(), io.BytesIO()
        figure.savefig(content, format="svg")
        print(f"wrote {write_whole(f'{stem}-loss.svg', content.getvalue())}: the losses by epoch")
    except ImportError as missing:
        print(f"no loss curve: {missing}")
    path = _draw_neuron(model, X_test[0], data.feature_names, f"{stem}-neuron.svg")
    print(f"wrote {path}: the first hidden neuron for one row held out, with its gradients")
    path = nn.save_checkpoint(
        f"{stem}-model.npz", model=model, shape=shape, target=options.target, columns=data.columns, class_names=classes,
        inputs=inputs, outputs=outputs, report=[*about, *results],
    )  # fmt: skip
    print(f"wrote {path}: the trained network, for predict and show")
    return code


def predict(options: Any) -> None:
    """Print what a trained network makes of each row of a CSV file: its class and how probable that is, or an amount."""
    model, notes = _load(options.model)
    classes = notes["class_names"]
    data = nn.load_csv(options.file, like=nn.Dataset([], [], [], classes, notes["columns"]))
    answers: list[list[Any]] = [[notes["target"], "probability"] if classes else [notes["target"]]]
    for row in nn.predict(model, nn.standardize(data.X, *notes["inputs"])):
        if classes:
            best = row.index(max(row))
            answers.append([classes[best], f"{softmax(row)[best]:.4f}"])
        else:
            (mean,), (deviation,) = notes["outputs"]
            answers.append([mean + deviation * row[0]])
    csv.writer(sys.stdout, lineterminator="\n").writerows(answers)


def show(options: Any) -> None:
    """Print what is in a file that train wrote: of what and how well the network learnt, its parts, the columns it takes."""
    model, notes = _load(options.model)
    columns = [f"  {name}: {', '.join(categories) or 'numbers'}" for name, categories in notes["columns"].items()]
    print(*notes["report"], nn.summary(model), "columns:", *columns, sep="\n")


def _load(path: Path) -> tuple[nn.MLP, dict[str, Any]]:
    notes = nn.load_checkpoint(path)
    if not {"model", "shape", "report"} <= notes.keys():
        raise ValueError(f"{path} is a checkpoint, but none of `python -m nn train`; it holds {', '.join(notes)}")
    model = nn.MLP(*notes["shape"])
    model.load_state_dict(notes["model"])
    return model, notes


def _standardized(train: list[Row], test: list[Row]) -> tuple[list[Row], list[Row], tuple[Row, Row]]:
    statistics = nn.column_statistics(train)
    return nn.standardize(train, *statistics), nn.standardize(test, *statistics), statistics


def _draw_neuron(model: nn.MLP, row: Row, names: list[str], path: str) -> Path:
    """Draw the first hidden neuron for one row, with the derivative of its output by everything below."""
    from visualize import draw

    neuron = model.layers[0].neurons[0]
    inputs = [Value(x, label=name) for x, name in zip(row, names, strict=True)]
    for weight, name in zip(neuron.weights, names, strict=True):
        weight.label = f"weight of {name}"
    neuron.bias.label = "bias"
    model.zero_grad()
    output = neuron(inputs)
    output.label = "output"
    output.backward()
    return draw(output).write(path)


if __name__ == "__main__":
    sys.exit(main())
