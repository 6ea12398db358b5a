"""Trains a small network on Fisher's iris, says how good it is, and writes what it learnt: ``python -m nn``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd import Value
from nn.activations import ACTIVATIONS
from nn.checkpoint import save_weights
from nn.choices import positive_float, positive_int
from nn.data import Row, column_statistics, load_iris, standardize, train_test_split
from nn.networks import MLP
from nn.plots import plot_losses
from nn.training import accuracy, fit


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code: 0, or 1 if training failed, or 130 if it was interrupted."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        parser.error(f"argument --out: cannot make the folder {options.out}: {problem.strerror}")

    iris = load_iris()
    X_train, X_test, y_train, y_test = train_test_split(iris.X, iris.y, seed=options.seed)
    means, deviations = column_statistics(X_train)
    X_train, X_test = standardize(X_train, means, deviations), standardize(X_test, means, deviations)
    model = MLP(4, [*options.hidden, 3], activation=options.activation, seed=options.seed)
    print(f"Fisher's iris: {len(X_train)} flowers to train on, {len(X_test)} held out, by seed {options.seed}")
    print(f"{model!r}: {len(model.parameters())} parameters")

    history = fit(
        model, X_train, y_train, loss="cross_entropy", lr=options.lr, epochs=options.epochs,
        batch_size=options.batch_size, seed=options.seed, progress=False if options.no_progress else None,
    )  # fmt: skip
    print(history)
    if history.stopped == "diverged" or not history.losses:
        print("nothing was written, as nothing was learnt", file=sys.stderr)
        return 1 if history.stopped == "diverged" else 130
    for name, X, y in (("train   ", X_train, y_train), ("held-out", X_test, y_test)):
        share = accuracy(model, X, y)
        print(f"{name} accuracy {share:.3f} ({round(share * len(X))} of {len(X)} flowers)")

    _write_loss_curve(history, options.out / "iris-loss.svg")
    _write_neuron(model, X_test[0], iris.feature_names, options.out / "iris-neuron.svg")
    shapes = [[layer.n_inputs, len(layer.neurons)] for layer in model.layers]
    path = save_weights(
        model, options.out / "iris-weights.json", shapes=shapes, seed=options.seed, features=iris.feature_names,
        means=means, deviations=deviations, classes=iris.class_names,
    )  # fmt: skip
    print(f"wrote {path}: the trained weights, and how the inputs were standardized")
    return 130 if history.stopped == "interrupted" else 0


def _write_loss_curve(history: Any, path: Path) -> None:
    try:
        figure = plot_losses(history)
    except ImportError as missing:
        print(f"no loss curve: {missing}")
        return
    figure.savefig(path)
    print(f"wrote {path}: the loss by epoch")


def _write_neuron(model: MLP, row: Row, names: list[str], path: Path) -> None:
    """Draw the first hidden neuron for one flower, with the derivative of its output by everything below."""
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
    draw(output).write(path)
    print(f"wrote {path}: the first hidden neuron for one held-out flower, with its gradients")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nn",
        description="Train a small network of scalar Values to tell Fisher's three species of iris apart (cross-entropy, SGD). "
        "Prints the accuracy; writes the loss curve, a drawing of one neuron and the trained weights.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    count, number = _checked(int, positive_int), _checked(float, positive_float)
    parser.add_argument("--epochs", type=count, default=50, help="how many times to go through the training data")
    parser.add_argument("--hidden", type=count, nargs="+", default=[16], metavar="N", help="neurons in each hidden layer")
    parser.add_argument("--activation", choices=list(ACTIVATIONS), default="tanh", help="of the hidden layers")
    parser.add_argument("--lr", type=number, default=0.3, help="learning rate")
    parser.add_argument("--batch-size", type=count, default=16, help="flowers in each step")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the first weights and the order of the flowers")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the files written")
    parser.add_argument("--no-progress", action="store_true", help="show no progress bar, even in a terminal")
    return parser


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
