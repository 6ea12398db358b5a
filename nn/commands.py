"""What the commands of ``python -m nn`` do: ``train``, ``predict`` and ``show``.

Each takes the options that ``__main__`` parsed and returns an exit code. What goes wrong with a file is a ValueError or an
OSError, of which ``__main__`` shows the message.
"""

from __future__ import annotations

import csv
import io
import math
import sys
from pathlib import Path
from typing import Any

from autograd import Value, softmax
from nn.checkpoint import load_checkpoint, save_checkpoint, write_whole
from nn.data import Dataset, Row, column_statistics, standardize, train_test_split
from nn.metrics import accuracy, confusion_matrix, r2_score
from nn.networks import MLP, summary
from nn.plots import plot_losses
from nn.prediction import predict as outputs_of
from nn.tables import load_csv
from nn.training import fit

# What a file of `train` holds, beside the numbers of the model.
NOTES = ("shape", "target", "columns", "class_names", "inputs", "outputs", "training", "losses", "held_out")


def train(options: Any) -> int:
    """Train an MLP on a table, and write it."""
    data = load_csv(options.file, options.target, options.task)
    X_train, X_test, y_train, y_test = train_test_split(data.X, data.y, options.test_size, options.seed)
    inputs = column_statistics(X_train)
    X_train, X_test = standardize(X_train, *inputs), standardize(X_test, *inputs)
    outputs = None if data.class_names else column_statistics([[t] for t in y_train])
    if outputs:  # amounts are learnt in units of their deviation
        y_train, y_test = ([row[0] for row in standardize([[t] for t in y], *outputs)] for y in (y_train, y_test))
    options.out.mkdir(parents=True, exist_ok=True)

    shape = {
        "n_inputs": len(inputs[0]), "n_outputs": [*options.hidden, len(data.class_names) or 1], "activation": options.activation
    }  # fmt: skip
    model = MLP(**shape, seed=options.seed)
    print(f"{_task(options.target, data.class_names)} from {len(data.columns)} other columns of {options.file}")
    print(f"{len(X_train)} rows to train on, {len(X_test)} held out, by seed {options.seed}")
    print(f"{model!r}: {len(model.parameters())} parameters")
    history = fit(
        model, X_train, y_train, loss="mse" if outputs else "cross_entropy", optimizer=options.optimizer, lr=options.lr,
        epochs=options.epochs, batch_size=options.batch_size, seed=options.seed, validation_data=(X_test, y_test),
        progress=False if options.no_progress else None,
    )  # fmt: skip
    print(history)
    if history.stopped == "diverged" or not len(history):
        print("nothing was written, as nothing was learnt", file=sys.stderr)
        return 1 if history.stopped == "diverged" else 130
    print("on the rows trained on", _quality(model, X_train, y_train, outputs))
    held_out = _quality(model, X_test, y_test, outputs)
    print("on the rows held out  ", held_out)
    if data.class_names:
        for i, row in enumerate(confusion_matrix(model, X_test, y_test)):
            print(f"  {data.class_names[i]}: {row[i]} of {sum(row)} rows")

    stem = options.file.stem
    _write_losses(history, options.out / f"{stem}-loss.svg")
    _write_neuron(model, X_test[0], data.feature_names, options.out / f"{stem}-neuron.svg")
    training = {name: getattr(options, name) for name in ("optimizer", "lr", "batch_size", "seed", "test_size")}
    path = save_checkpoint(
        options.out / f"{stem}-model.npz", model=model, shape=shape, target=options.target, columns=data.columns,
        class_names=data.class_names, inputs=inputs, outputs=outputs, training=training | {"epochs": len(history)},
        losses={name: history[name] for name in ("loss", "val_loss")}, held_out=held_out,
    )  # fmt: skip
    print(f"wrote {path}: the trained network, for predict and show")
    return 130 if history.stopped == "interrupted" else 0


def predict(options: Any) -> int:
    """Write what a trained network says about each row of a table: a class and its probability, or an amount."""
    model, notes = _load(options.model)
    classes = notes["class_names"]
    data = load_csv(options.file, like=Dataset([], [], [], classes, notes["columns"]))
    lines: list[list[Any]] = [[notes["target"], "probability"] if classes else [notes["target"]]]
    for row in outputs_of(model, standardize(data.X, *notes["inputs"])):
        if classes:
            probabilities = [p.data if isinstance(p, Value) else p for p in softmax(row)]
            best = max(range(len(row)), key=row.__getitem__)
            lines.append([classes[best], f"{probabilities[best]:.4f}"])
        else:
            (mean,), (deviation,) = notes["outputs"]
            lines.append([mean + deviation * row[0]])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    if options.out is None:
        print(text.getvalue(), end="")
    else:
        print(f"wrote {write_whole(options.out, text.getvalue().encode())}: {len(lines) - 1} rows")
    return 0


def show(options: Any) -> int:
    """Print what is known of a trained network."""
    model, notes = _load(options.model)
    print(_task(notes["target"], notes["class_names"]))
    print("trained with", ", ".join(f"{name} {value}" for name, value in notes["training"].items()))
    print(summary(model))
    print("columns:")
    for name, categories in notes["columns"].items():
        print(f"  {name}: {', '.join(categories) or 'numbers'}")
    for name, losses in notes["losses"].items():
        print(f"{name} {losses[0]:.4g} -> {losses[-1]:.4g}")
    print(f"on the rows held out: {notes['held_out']}")
    return 0


def _load(path: Path) -> tuple[MLP, dict[str, Any]]:
    notes = load_checkpoint(path)
    lacking = [name for name in ("model", *NOTES) if name not in notes]
    if lacking:
        raise ValueError(f"{path} is a checkpoint, but none of `python -m nn train`: it lacks {', '.join(lacking)}")
    model = MLP(**notes["shape"])
    model.load_state_dict(notes["model"])
    return model, notes


def _task(target: str, class_names: list[str]) -> str:
    return f"classification of {target} ({', '.join(class_names)})" if class_names else f"regression of {target}"


def _quality(model: MLP, X: list[Row], y: list[Any], outputs: tuple[Row, Row] | None) -> str:
    if outputs is None:
        share = accuracy(model, X, y)
        return f"accuracy {share:.3f} ({round(share * len(X))} of {len(X)} rows)"
    errors = [row[0] - target for row, target in zip(outputs_of(model, X), y, strict=True)]
    return (
        f"r2 {r2_score(model, X, y):.3f}, root mean squared error {outputs[1][0] * math.hypot(*errors) / math.sqrt(len(y)):.4g}"
    )


def _write_losses(history: Any, path: Path) -> None:
    try:
        figure = plot_losses(history)
    except ImportError as missing:
        print(f"no loss curve: {missing}")
        return
    content = io.BytesIO()
    figure.savefig(content, format="svg")
    print(f"wrote {write_whole(path, content.getvalue())}: the losses by epoch")


def _write_neuron(model: MLP, row: Row, names: list[str], path: Path) -> None:
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
    print(f"wrote {draw(output).write(path)}: the first hidden neuron for one row held out, with its gradients")
