"""Time of an optimizer's step, compared with the time of the gradient that it uses.

A step must not take longer than the gradient of a small batch. The gradient of one row takes hardly longer than reading and
writing each parameter once, which a step must do, too.

    python benchmarks/optimizers.py       (skips PyTorch if it is not installed; the extra `bench` installs it)

PyTorch's step updates two tensors per layer, weights and biases. Our step reads and writes one Value per parameter.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from report import Report, peer
from timing import Seconds, digits, duration, ratio, side_by_side

# Inputs and layers of a model, and the batch sizes for its gradient: one row, a small batch and a larger batch.
MODELS = [(2, [16, 16, 1], [1, 16, 100]), (64, [32, 10], [1, 8, 32])]
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.01},
    "SGD, Nesterov": {"lr": 0.01, "momentum": 0.9, "nesterov": True},
    "Adagrad": {},
    "RMSprop": {"momentum": 0.5},
    "Adam": {},
    "Adam, weight decay": {"weight_decay": 0.01},
    "AdamW": {},
}
LARGE_LIMITS = {"model.zero_grad()": 0.15, "optimizer.zero_grad()": 0.15, "SGD": 0.3, "Adam": 0.3}  # milliseconds


def shapes(inputs: int, layers: list[int]) -> list[tuple[int, ...]]:
    """Return the shapes of the weights and the biases of each layer."""
    sizes = [inputs, *layers]
    return [shape for before, size in zip(sizes, layers) for shape in ((size, before), (size,))]


def torch_optimizers(numbers: Any, gradients: Any, inputs: int, layers: list[int]) -> dict[str, tuple[Any, list[Any]]]:
    """Return PyTorch's optimizers by name, each with separate tensors of these values; an empty dict without PyTorch."""
    try:
        torch = peer("torch")
    except ImportError:
        return {}
    torch.set_num_threads(1)
    found: dict[str, tuple[Any, list[Any]]] = {}
    for name, options in OPTIMIZERS.items():
        tensors, start = [], 0
        for shape in shapes(inputs, layers):
            tensor = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
            end = start + tensor.numel()
            tensor.data = torch.tensor(numbers[start:end]).reshape(shape)
            tensor.grad = torch.tensor(gradients[start:end]).reshape(shape)
            tensors.append(tensor)
            start = end
        found[name] = getattr(torch.optim, name.split(",")[0])(tensors, **options), tensors
    return found


def measure(report: Report, inputs: int, layers: list[int], rows: list[int]) -> None:
    """Check for one model that the steps agree, and time the steps and the gradients in turns."""
    import numpy as np

    import autograd
    import nn

    model = nn.MLP(inputs, layers, seed=0)
    parameters = model.parameters()
    rng = np.random.default_rng(0)
    numbers, gradients = autograd.read_data(parameters), rng.normal(size=len(parameters))
    theirs = torch_optimizers(numbers, gradients, inputs, layers)
    ours: dict[str, Any] = {}
    for name, options in OPTIMIZERS.items():
        autograd.write_data(parameters, numbers)
        autograd.write_grads(parameters, gradients)
        ours[name] = getattr(nn, name.split(",")[0])(parameters, **options)
        for _ in range(3 if theirs else 0):
            ours[name].step()
            theirs[name][0].step()
        if theirs:
            wanted = np.concatenate([tensor.detach().numpy().ravel() for tensor in theirs[name][1]])
            error = np.abs(autograd.read_data(parameters) - wanted).max()
            assert error < 1e-12, f"{name}: a parameter differs by {error:g} after three steps"
    autograd.write_data(parameters, numbers)

    squared = autograd.compile(lambda x: autograd.dot(*[model(list(x))] * 2))
    functions: dict[str, Callable[[], object]] = {
        f"gradient, {n}": partial(squared.backward, rng.normal(size=(n, inputs))) for n in rows
    }
    functions |= {f"{name}, PyTorch": optimizer.step for name, (optimizer, _) in theirs.items()}
    functions |= {name: optimizer.step for name, optimizer in ours.items()}
    seconds = side_by_side(functions, *((1, 0.0) if report.quick else (9, 0.1)))
    add_table(report, f"MLP({inputs}, {layers})", len(parameters), seconds, rows)


def measure_large(report: Report) -> None:
    """Time what a training step does with the parameters of a large model, apart from the gradient."""
    import autograd
    import nn

    model = nn.MLP(2, [256, 256, 1], seed=0)
    parameters = model.parameters()
    numbers = autograd.read_data(parameters)
    sgd, adam = nn.SGD(parameters), nn.Adam(parameters)
    functions: dict[str, Callable[[], object]] = {
        "copy of an array of the parameters": numbers.copy,
        "model.parameters()": model.parameters,
        "model.zero_grad()": model.zero_grad,
        "optimizer.zero_grad()": sgd.zero_grad,
        "SGD": sgd.step,
        "Adam": adam.step,
    }
    seconds = side_by_side(functions, *((1, 0.0) if report.quick else (9, 0.1)))
    report.say(f"MLP(2, [256, 256, 1]), {len(parameters):,} parameters:\n")
    report.table(["", "time"], [[name, duration(statistics.median(times))] for name, times in seconds.items()])
    report.say()
    for name, limit in LARGE_LIMITS.items():
        report.target(f"{len(parameters):,} parameters: {name}", 1e3 * statistics.median(seconds[name]), limit, at_most="ms")


def add_table(report: Report, model: str, count: int, seconds: Seconds, rows: list[int]) -> None:
    """Add the table of one model, and its target."""
    report.say(f"{model}, {count:,} parameters: time of a step, and time of the gradient relative to it, by number of rows:\n")
    table = [
        [name, *(duration(statistics.median(seconds[key])) if key in seconds else "-" for key in (name, f"{name}, PyTorch")),
         *(f"{digits(ratio(seconds, f'gradient, {n}', name))}x" for n in rows)]
        for name in OPTIMIZERS
    ]  # fmt: skip
    table.append(["the gradient", "", "", *(duration(statistics.median(seconds[f"gradient, {n}"])) for n in rows)])
    report.table(["", "step", "PyTorch", *(f"{n} row{'s' * (n > 1)}" for n in rows)], table)
    least = min(ratio(seconds, f"gradient, {rows[1]}", name) for name in OPTIMIZERS)
    report.target(f"{model}: gradient of {rows[1]} rows, relative to the slowest step", least, 1.0)
    report.say()


def main() -> int:
    """Measure both models."""
    report = Report("optimizers", "The step of an optimizer, compared with the gradient")
    report.say("All steps agree with PyTorch to 1e-12, if it is installed.\n")
    for inputs, layers, rows in MODELS:
        measure(report, inputs, layers, rows)
    measure_large(report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
