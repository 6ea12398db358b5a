"""``nn.sklearn.MLPClassifier`` and ``MLPRegressor`` compared with scikit-learn's own: scores on test rows, and times.

    python benchmarks/sklearn_networks.py       (needs scikit-learn, the extra `sklearn`)

For each seed, a quarter of the rows is held out, and columns are standardized by the other rows. Both libraries get the same
rows, and take turns in one process. The score of a classifier is its accuracy, and the score of a regressor is R2.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

from report import Report, peer
from timing import digits, duration

SETS = ["iris", "wine", "breast_cancer", "digits", "diabetes"]
DEFAULTS = "defaults"
SETTINGS: dict[str, dict[str, Any]] = {
    DEFAULTS: {},
    "lbfgs": {"hidden_layer_sizes": (32,), "activation": "tanh", "solver": "lbfgs", "alpha": 1.0, "max_iter": 200},
    "adam": {
        "hidden_layer_sizes": (32,), "activation": "tanh", "solver": "adam", "alpha": 1.0, "learning_rate_init": 0.01,
        "batch_size": 32, "max_iter": 50,
    },
}  # fmt: skip
Runs = dict[str, list[tuple[float, float]]]  # the score and the seconds of each seed, by library


def libraries(is_regression: bool) -> dict[str, Callable[..., Any]]:
    """Return the estimator of each library."""
    from sklearn import neural_network

    import nn.sklearn

    name = "MLPRegressor" if is_regression else "MLPClassifier"
    return {"nn": getattr(nn.sklearn, name), "scikit-learn": getattr(neural_network, name)}


def split(name: str, seed: int) -> list[Any]:
    """Return the standardized rows to train on and to test on, and their targets."""
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    X_train, X_test, *targets = train_test_split(X, y, random_state=seed, stratify=None if name == "diabetes" else y)
    scaler = StandardScaler().fit(X_train)
    return [scaler.transform(X_train), scaler.transform(X_test), *targets]


def measure(name: str, settings: dict[str, Any], seeds: int) -> Runs:
    """Return the score on test rows and the seconds of ``fit`` for each seed."""
    runs: Runs = {}
    for seed in range(seeds):
        X_train, X_test, y_train, y_test = split(name, seed)
        for library, create in libraries(name == "diabetes").items():
            model = create(**settings, random_state=seed)
            start = time.perf_counter()
            model.fit(X_train, y_train)
            seconds = time.perf_counter() - start
            runs.setdefault(library, []).append((model.score(X_test, y_test), seconds))
    return runs


def check_agreement() -> None:
    """Check that both libraries compute the same probabilities from the same weights."""
    import numpy as np

    X, X_test, y, _ = split("iris", 0)
    ours, theirs = (
        create((5,), activation="tanh", solver="lbfgs", max_iter=3, random_state=0).fit(X, y)
        for create in libraries(False).values()
    )
    for layer, weights, biases in zip(ours.model_.layers, theirs.coefs_, theirs.intercepts_):
        for neuron, row, bias in zip(layer.neurons, weights.T, biases):
            neuron.bias.data = float(bias)
            for weight, number in zip(neuron.weights, row):
                weight.data = float(number)
    error = np.abs(ours.predict_proba(X_test) - theirs.predict_proba(X_test)).max()
    assert error < 1e-12, f"a probability differs by {error:g}"


def row_of(name: str, runs: Runs) -> list[str]:
    """Return a row of the table."""
    cells = [name.replace("_", " ")]
    for library in ("nn", "scikit-learn"):
        scores = [score for score, _ in runs[library]]
        spread = statistics.pstdev(scores)
        cells += [
            f"{statistics.mean(scores):.3f} \u00b1 {spread:.3f}",
            duration(statistics.median(s for _, s in runs[library])),
        ]
    ratio = statistics.median(slow / fast for (_, slow), (_, fast) in zip(runs["nn"], runs["scikit-learn"]))
    return [cells[0], cells[1], cells[3], cells[2], cells[4], f"{digits(ratio)}x"]


def main() -> int:
    """Measure all sets with all settings."""
    report = Report("sklearn_networks", "Networks as estimators, compared with the networks of scikit-learn", seeds=5)
    try:
        peer("sklearn")
    except ImportError:
        report.say("scikit-learn is not installed.\n\n| | |\n|---|---|\n| 0 | 0 |\n")
        return report.finish()
    warnings.simplefilter("ignore")  # about training that ends before it has converged
    check_agreement()
    seeds = 1 if report.quick else report.counts["seeds"]
    report.say(
        f"Mean and standard deviation of the scores of {seeds} seeds, and median time of `fit`. With the same weights, both"
    )
    report.say("libraries compute the same probabilities to 1e-12.\n")
    for kind, settings in SETTINGS.items():
        text = ", ".join(f"{key}={value!r}" for key, value in settings.items())
        report.say(f"{'Default settings of each library' if kind == DEFAULTS else f'The same settings: {text}'}:\n")
        options = {**settings, "max_iter": 3} if report.quick else settings
        rows = [row_of(name, measure(name, options, seeds)) for name in (SETS[:2] if report.quick else SETS)]
        report.table(["", "score, nn", "scikit-learn", "time, nn", "scikit-learn", "time ratio"], rows)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
