"""Train a small network of scalar Values on a table, and use it; without a command, on Fisher's three species of iris."""

from __future__ import annotations

import argparse
import csv
import io
import sys
import warnings
from pathlib import Path
from typing import Any

import nn
from autograd import Value, softmax
from nn.data.tables import TASKS
from nn.training.checkpoint import write_whole

IRIS = ["train", str(Path(__file__).parent / "data" / "iris.csv"), "--target", "species"]


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


def train(options: Any) -> int:
    """Train a network on a CSV file, say how good it is on rows held out, write it, its loss and a neuron."""
    data = nn.load_csv(options.file, options.target, options.task)
    classes = data.class_names
    X_train, X_test, y_train, y_test = nn.train_test_split(data.X, data.y, options.test_size, options.seed)
    inputs, outputs = nn.column_statistics(X_train), None
    X_train, X_test = (nn.standardize(X, *inputs) for X in (X_train, X_test))
    if not classes:  # amounts are learnt in units of their deviation
        outputs = nn.column_statistics([[amount] for amount in y_train])
        y_train, y_test = (nn.standardize([[amount] for amount in y], *outputs) for y in (y_train, y_test))
    shape = (len(X_train[0]), [*options.hidden, len(classes) or 1], options.activation)
    model = nn.MLP(*shape, seed=options.seed)
    settings = {name: getattr(options, name) for name in ("optimizer", "lr", "epochs", "batch_size", "seed")}
    told = ", ".join(f"{name} {value}" for name, value in settings.items())
    kind = f"classification of {options.target} ({', '.join(classes)})" if classes else f"regression of {options.target}"
    report = [f"{kind} from {len(data.columns)} other columns of {options.file}", f"{model!r} trained with {told}"]
    print(*report, sep="\n")

    fitting = {"loss": "cross_entropy" if classes else "mse", "validation_data": (X_test, y_test), **settings}
    # The folder is made after the first epoch: options that cannot be leave nothing behind.
    history = nn.fit(model, X_train, y_train, callbacks=[lambda _: options.out.mkdir(parents=True, exist_ok=True)], **fitting)
    print(history)
    code = {"diverged": 1, "interrupted": 130}.get(history.stopped, 0)
    if code == 1 or not len(history):
        print("nothing was written, as nothing was learnt", file=sys.stderr)
        return code

    where = f"on the {len(y_test)} rows held out:"
    if outputs is None:
        results = [f"{where} accuracy {nn.accuracy(model, X_test, y_test):.3f}"]
        for i, row in enumerate(nn.confusion_matrix(model, X_test, y_test)):
            results.append(f"  {classes[i]}: {row[i]} of {sum(row)} rows")
    else:
        error = outputs[1][0] * nn.mse_loss(nn.predict(model, X_test), y_test) ** 0.5
        results = [f"{where} r2 {nn.r2_score(model, X_test, y_test):.3f}, root mean squared error {error:.4g}"]
    print(*results, sep="\n")

    stem = options.out / options.file.stem
    try:
        curves = io.BytesIO()
        history.plot().savefig(curves, format="svg")
        print(f"wrote {write_whole(f'{stem}-loss.svg', curves.getvalue())}: the losses by epoch")
    except ImportError as missing:
        print(f"no loss curve: {missing}")
    neuron = _draw_neuron(model, dict(zip(data.feature_names, X_test[0], strict=True)))
    print(f"wrote {neuron.write(f'{stem}-neuron.svg')}: the first hidden neuron for one row held out, with its gradients")
    path = nn.save_checkpoint(
        f"{stem}-model.npz", model=model, shape=shape, target=options.target, columns=data.columns, class_names=classes,
        inputs=inputs, outputs=outputs, report=[*report, *results],
    )  # fmt: skip
    print(f"wrote {path}: the trained network, for predict and show")
    return code


def predict(options: Any) -> None:
    """Print what a trained network makes of each row of a CSV file: its class and how probable that is, or an amount."""
    model, notes = _load(options.model)
    classes = notes["class_names"]
    data = nn.load_csv(options.file, like=nn.Dataset([], [], [], classes, notes["columns"]))
    rows = nn.predict(model, nn.standardize(data.X, *notes["inputs"]))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if classes:
        writer.writerow([notes["target"], "probability"])
        writer.writerows([classes[row.index(max(row))], f"{max(softmax(row)):.4f}"] for row in rows)
    else:
        (mean,), (deviation,) = notes["outputs"]
        writer.writerow([notes["target"]])
        writer.writerows([mean + deviation * row[0]] for row in rows)


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


def _draw_neuron(model: nn.MLP, row: dict[str, float]) -> Any:
    """The first hidden neuron for one row, with the derivative of its output by everything below."""
    from visualize import draw

    model.zero_grad()
    neuron = model.layers[0].neurons[0]
    for parameter, label in zip(neuron.parameters(), [*(f"weight of {name}" for name in row), "bias"], strict=True):
        parameter.label = label
    output = neuron([Value(x, label=name) for name, x in row.items()])
    output.label = "output"
    output.backward()
    return draw(output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nn", description=f"{__doc__} That takes the options of train.")
    parsers, commands = parser.add_subparsers(dest="command", required=True), {}
    for run in (train, predict, show):
        commands[run] = parsers.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
        commands[run].set_defaults(run=run)
        if run is not train:
            commands[run].add_argument("model", type=Path, help="a file that train wrote: ...-model.npz")
    commands[predict].add_argument("file", type=Path, help="a table with the same columns; more may be in it")

    def option(flag: str, default: Any, about: str, **rest: Any) -> None:
        settings = {"default": default, "type": type(default), "help": f"{about} (default: %(default)s)"}
        commands[train].add_argument(flag, **settings | rest)

    commands[train].add_argument("file", type=Path, help="a table whose first line names the columns")
    commands[train].add_argument("--target", required=True, metavar="COLUMN", help="the column to learn from the others")
    commands[train].add_argument("--task", choices=TASKS, help="what the target is; if not given, its entries tell")
    option("--test-size", 0.2, "the share of the rows to hold out", metavar="SHARE")
    option("--hidden", "16", "neurons in each hidden layer", type=_sizes, metavar="N,N")
    option("--activation", "tanh", "of the hidden layers", choices=list(nn.ACTIVATIONS))
    option("--optimizer", "adam", "what changes the weights", choices=list(nn.OPTIMIZERS))
    option("--lr", 0.01, "learning rate")
    option("--epochs", 50, "how many times to go through the rows")
    option("--batch-size", 16, "rows in each step")
    option("--seed", 0, "of the split, the first weights and the order of the rows")
    option("--out", "out", "folder for the files written", type=Path, metavar="DIR")
    return parser


def _sizes(text: str) -> list[int]:
    sizes = text.replace(" ", "").split(",")
    if not all(size.isdecimal() and int(size) for size in sizes):
        raise argparse.ArgumentTypeError(f"it must be whole numbers of 1 or more, as 16,16, not {text!r}")
    return list(map(int, sizes))


if __name__ == "__main__":
    sys.exit(main())
