"""What a step of an optimizer costs, against the gradient it goes by: it is never to cost more.

    python benchmarks/optimizers.py       (PyTorch is left out if it is not installed; the extra `bench` has it)

PyTorch's step goes through two tensors a layer, weights and biases; ours reads and writes one Value for each number.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from report import Report, peer
from timing import Seconds, digits, duration, ratio, side_by_side

# Inputs and layers of a model, and how many rows its gradient is of: one, a small batch and a larger one.
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
Way = Callable[[], object]


def shapes(inputs: int, layers: list[int]) -> list[tuple[int, ...]]:
    """Of the weights and the biases of each layer."""
    sizes = [inputs, *layers]
    return [shape for before, size in zip(sizes, layers) for shape in ((size, before), (size,))]


def torch_optimizers(numbers: Any, gradients: Any, inputs: int, layers: list[int]) -> dict[str, tuple[Any, list[Any]]]:
    """By name, each with tensors of its own, which have the same numbers and gradients; none if there is no PyTorch."""
    try:
        torch = peer("torch")
    except ImportError:
        return {}
    torch.set_num_threads(1)
    made: dict[str, tuple[Any, list[Any]]] = {}
    for name, options in OPTIMIZERS.items():
        tensors, start = [], 0
        for shape in shapes(inputs, layers):
            tensor = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
            end = start + tensor.numel()
            tensor.data = torch.tensor(numbers[start:end]).reshape(shape)
            tensor.grad = torch.tensor(gradients[start:end]).reshape(shape)
            tensors.append(tensor)
            start = end
        made[name] = getattr(torch.optim, name.split(",")[0])(tensors, **options), tensors
    return made


def measure(report: Report, inputs: int, layers: list[int], rows: list[int]) -> None:
    """One model: check that the steps agree, and time them and the gradients in turn."""
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
    ways: dict[str, Way] = {f"gradient, {n}": partial(squared.backward, rng.normal(size=(n, inputs))) for n in rows}
    ways |= {f"{name}, PyTorch": optimizer.step for name, (optimizer, _) in theirs.items()}
    ways |= {name: optimizer.step for name, optimizer in ours.items()}
    seconds = side_by_side(ways, *((1, 0.0) if report.quick else (9, 0.1)))
    tell(report, f"MLP({inputs}, {layers})", len(parameters), seconds, rows)


def tell(report: Report, model: str, count: int, seconds: Seconds, rows: list[int]) -> None:
    """The table of one model, and the aim."""
    report.say(f"{model}, {count:,} parameters; how many times as long as a step the gradient takes, by its rows:\n")
    table = [
        [name, *(duration(statistics.median(seconds[way])) if way in seconds else "-" for way in (name, f"{name}, PyTorch")),
         *(f"{digits(ratio(seconds, f'gradient, {n}', name))}x" for n in rows)]
        for name in OPTIMIZERS
    ]  # fmt: skip
    table.append(["the gradient", "", "", *(duration(statistics.median(seconds[f"gradient, {n}"])) for n in rows)])
    report.table(["", "step", "PyTorch's", *(f"{n} row{'s' * (n > 1)}" for n in rows)], table)
    least = min(ratio(seconds, f"gradient, {rows[0]}", name) for name in OPTIMIZERS)
    report.aim(f"{model}: the gradient of one row takes as long as any step", least, 1.0)
    report.say()


def main() -> int:
    """Measure both models."""
    report = Report("optimizers", "The step of an optimizer, against the gradient")
    report.say("All steps agree with PyTorch's to 1e-12, if it is there.\n")
    for inputs, layers, rows in MODELS:
        measure(report, inputs, layers, rows)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
