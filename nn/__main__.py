"""Train a small network on a table and use it. Without a command, train on Fisher's iris data with the options of train."""

import argparse
import ast
import csv
import io
import re
import shlex
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import nn
from autograd import Value, softmax
from autograd.shared import counted
from nn.data.datasets import IRIS
from nn.data.tables import TASKS
from nn.training.checkpoint import write_file

MAX_PARAMETERS = 1_000_000  # each is a Value, and a step on one row makes several more
DEMO = ["train", IRIS, "--target", "species"]


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code.

    Exit codes: 0 after success; 1 if training diverged; 2 if an option or a file is invalid, with the reason on standard error;
    130 if training was interrupted.
    """
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = [*DEMO, *given]
    options = _parser().parse_args(given)
    try:
        with warnings.catch_warnings():  # show only the text of a warning, without the source line
            warnings.showwarning = lambda message, *_: _complain(options.command, str(message))
            return options.run(options) or 0
    except (OSError, ValueError, ImportError) as problem:
        _complain(options.command, f"error: {problem}")
        return 2


def train(options: Any) -> int:
    """Train a network on a CSV file, evaluate it on held-out rows, and write the network, its losses and a neuron to files."""
    columns = {"categories": options.categories, "exclude": options.exclude}
    data = nn.load_csv(options.file, options.target, options.task, **columns, **_format(options))
    classes = data.class_names
    X_train, X_test, y_train, y_test = nn.train_test_split(
        data.X, data.y, options.test_size, options.seed, stratify=data.y if classes else None
    )
    inputs, outputs = nn.column_statistics(X_train), None
    X_train, X_test = (nn.standardize(X, *inputs) for X in (X_train, X_test))
    if not classes:  # quantities are standardized too
        outputs = nn.column_statistics([[quantity] for quantity in y_train])
        y_train, y_test = (nn.standardize([[quantity] for quantity in y], *outputs) for y in (y_train, y_test))
    shape = (len(X_train[0]), [*options.hidden, len(classes) or 1], options.activation)
    model = _network(shape, options.seed)
    settings = {name: getattr(options, name) for name in ("optimizer", "lr", "epochs", "batch_size", "seed")}
    settings_text = ", ".join(f"{name} {value}" for name, value in settings.items())
    task = f"classification of {options.target} ({', '.join(classes)})" if classes else f"regression of {options.target}"
    report = [f"{task} from {len(data.columns)} other columns of {options.file}", f"{model!r} trained with {settings_text}"]
    _print(*report)

    fitting = {"loss": "cross_entropy" if classes else "mse", "validation_data": (X_test, y_test), **settings}
    # The folder is created after the first epoch, so that invalid options leave nothing behind.
    history = nn.fit(model, X_train, y_train, callbacks=[lambda _: options.out.mkdir(parents=True, exist_ok=True)], **fitting)
    print(history)
    code = {"diverged": 1, "interrupted": 130}.get(history.stopped, 0)
    if code == 1 or not len(history):
        print("no files were written, because the network was not trained", file=sys.stderr)
        return code

    where = f"on the {counted(len(y_test), 'held-out row')}:"
    if outputs is None:
        results = [f"{where} accuracy {nn.accuracy(model, X_test, y_test):.3f}"]
        for i, row in enumerate(nn.confusion_matrix(model, X_test, y_test)):
            results.append(f"  {classes[i]}: {row[i]} of {counted(sum(row), 'row')}")
    else:
        error = outputs[1][0] * nn.mse_loss(nn.predict(model, X_test), y_test) ** 0.5
        enough = len(y_test) > 1  # one target has no spread
        r2 = f"r2 {nn.r2_score(model, X_test, y_test):.3f}" if enough else "r2 needs at least 2 rows"
        results = [f"{where} {r2}, root mean squared error {error:.4g}"]
    _print(*results)

    stem = options.out / options.file.stem
    replaced = _target(f"{stem}-model.npz")
    path = nn.save_checkpoint(
        f"{stem}-model.npz", model=model, shape=shape, target=options.target, columns=data.columns, class_names=classes,
        inputs=inputs, outputs=outputs, report=[*report, *results],
    )  # fmt: skip
    _print(f"wrote {path}: the trained network, for predict and show")
    if replaced not in ("", options.target):
        _print(f"replaced {path}, which predicted {replaced}")

    def draw_losses() -> str:
        curves = io.BytesIO()
        history.plot().savefig(curves, format="svg")
        return f"{write_file(f'{stem}-loss.svg', curves.getvalue())}: the losses by epoch"

    def draw_neuron() -> str:
        neuron = _draw_neuron(model, dict(zip(data.feature_names, X_test[0], strict=True)))
        return f"{neuron.write(f'{stem}-neuron.svg')}: the first hidden neuron for a held-out row, with its gradients"

    for picture, draw in (("loss curve", draw_losses), ("picture of a neuron", draw_neuron)):
        try:
            _print(f"wrote {draw()}")
        except Exception as problem:  # noqa: BLE001 - the model is saved, and that matters more than any picture
            _print(f"python -m nn train: warning: no {picture}: {problem}", file=sys.stderr)
    return code


def predict(options: Any) -> None:
    """Print the predictions of a trained network for each row of a CSV file: a class and its probability, or a quantity."""
    model, notes = _load(options.model)
    classes = notes["class_names"]
    data = nn.load_csv(options.file, like=nn.Dataset([], [], [], classes, notes["columns"]), **_format(options))
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
    """Print the content of a file written by train: the task, the results, the layers, and the columns of the table."""
    model, notes = _load(options.model)
    columns = [f"  {name}: {', '.join(categories) or 'numbers'}" for name, categories in notes["columns"].items()]
    _print(*notes["report"], nn.summary(model), "columns:", *columns)


def _print(*parts: object, file: Any = None) -> None:
    """Print lines. Names come from files, so control characters, which a terminal would obey, are escaped."""
    lines = "\n".join(map(str, parts))
    print("".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in lines), file=file or sys.stdout)


def _complain(command: str, text: str) -> None:
    """Print a message on standard error. The arguments of functions in it are written as the options of the command."""
    columns = "categories|exclude" if command == "train" else "no columns"
    text = re.sub(rf"\b({columns})=(\[[^]]*\])", lambda found: f"--{found[1]} {_names_as_text(found[2])}", text)
    text = re.sub(r"\b(encoding|decimal)='([^']+)'", r"--\1 \2", text)
    # The command lacks these options.
    text = re.sub(r"(; if it is a category, pass|, or pass) (missing|categories|exclude)=\[.*?\]( if [^,;]*)?", "", text)
    _print(f"python -m nn {command}: {text}", file=sys.stderr)


def _names_as_text(names: str) -> str:
    """Return a list of names, written in Python, as ``_names`` reads it.

    >>> _names_as_text("['a', 'b c']")
    "'a,b c'"
    """
    return shlex.quote(",".join(ast.literal_eval(names)))


def _format(options: Any) -> dict[str, Any]:
    """Return how the file is read."""
    return {"encoding": options.encoding, "decimal": options.decimal}


def _load(path: Path) -> tuple[nn.MLP, dict[str, Any]]:
    notes = nn.load_checkpoint(path)
    if not {"model", "shape", "report"} <= notes.keys():
        raise ValueError(f"{path} was not written by `python -m nn train`; it contains {', '.join(notes)}")
    model = _network(notes["shape"])
    model.load_state_dict(notes["model"])
    return model, notes


def _target(path: str) -> str:
    """Return the target of the network in a file, or "" if the file does not exist or has no network."""
    try:
        return str(nn.load_checkpoint(path).get("target", ""))
    except (OSError, ValueError):
        return ""


def _network(shape: Any, seed: int = 0) -> nn.MLP:
    """Return a network, unless it would not fit into memory."""
    n_inputs, n_outputs, activation = shape
    parameters = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise([n_inputs, *n_outputs]))
    if parameters > MAX_PARAMETERS:
        rule = f"the network must have at most {MAX_PARAMETERS:,} parameters, not {parameters:,}"
        raise ValueError(f"{rule}; use fewer neurons in --hidden, or fewer columns and categories")
    return nn.MLP(n_inputs, n_outputs, activation, seed)


def _draw_neuron(model: nn.MLP, row: dict[str, float]) -> Any:
    """Draw the first hidden neuron for one row, with the gradient of its output with respect to each node."""
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
    parser = argparse.ArgumentParser(prog="python -m nn", description=__doc__)
    parsers, commands = parser.add_subparsers(dest="command", required=True), {}
    for run in (train, predict, show):
        commands[run] = parsers.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
        commands[run].set_defaults(run=run)
        if run is not train:
            commands[run].add_argument("model", type=Path, help="a file written by train: ...-model.npz")
    commands[predict].add_argument("file", type=Path, help="a table with the same columns; other columns are ignored")
    for run in (train, predict):
        commands[run].add_argument("--encoding", help="encoding of the table, such as cp1252 (default: UTF-8)")
        commands[run].add_argument("--decimal", default=".", help="decimal point of the table (default: %(default)s)")

    def option(flag: str, default: Any, description: str, **rest: Any) -> None:
        settings = {"default": default, "type": type(default), "help": f"{description} (default: %(default)s)"}
        commands[train].add_argument(flag, **settings | rest)

    commands[train].add_argument("file", type=Path, help="a table with the names of the columns in its first line")
    commands[train].add_argument("--target", required=True, metavar="COLUMN", help="the column to predict from the others")
    commands[train].add_argument("--task", choices=TASKS, help="the kind of target; by default, it depends on the entries")
    option("--categories", "", "columns that are text although they look like numbers", type=_names, metavar="NAME,NAME")
    option("--exclude", "", "columns to leave out, such as names and comments", type=_names, metavar="NAME,NAME")
    option("--test-size", 0.2, "fraction of the rows to hold out", metavar="FRACTION")
    option("--hidden", "16", "number of neurons in each hidden layer", type=_sizes, metavar="N,N")
    option("--activation", "tanh", "activation function of the hidden layers", choices=list(nn.ACTIVATIONS))
    option("--optimizer", "adam", "optimizer", choices=list(nn.OPTIMIZERS))
    option("--lr", 0.01, "learning rate")
    option("--epochs", 50, "number of passes over the rows")
    option("--batch-size", 16, "number of rows per step")
    option("--seed", 0, "seed of the split, the initial weights and the order of the rows")
    option("--out", "out", "folder for the files", type=Path, metavar="DIR")
    return parser


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _sizes(text: str) -> list[int]:
    sizes = text.replace(" ", "").split(",")
    if not all(size.isdecimal() and int(size) for size in sizes):
        raise argparse.ArgumentTypeError(f"it must be positive integers, such as 16,16, not {text!r}")
    return list(map(int, sizes))


if __name__ == "__main__":
    sys.exit(main())
