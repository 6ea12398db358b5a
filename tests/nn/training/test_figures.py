"""Accuracy of networks on well-known data sets: the documented figures, compared with scikit-learn."""

from __future__ import annotations

import warnings
from statistics import mean
from typing import Any, NamedTuple

import pytest

from nn import MLP, accuracy, column_statistics, fit, load_iris, make_spirals, standardize, train_test_split

SEEDS = range(5)


@pytest.fixture(autouse=True)
def _quick(compiled: bool) -> None:
    if not compiled:
        pytest.skip("without the compiled core this takes minutes and gives the same numbers")


class Split(NamedTuple):
    """A data set split in two parts, both standardized with the statistics of the first."""

    X_train: list[list[float]]
    X_test: list[list[float]]
    y_train: list[int]
    y_test: list[int]


def split(X: Any, y: Any, seed: int) -> Split:
    X_train, X_test, y_train, y_test = train_test_split(X, y, seed=seed)
    statistics = column_statistics(X_train)
    return Split(standardize(X_train, *statistics), standardize(X_test, *statistics), y_train, y_test)


def held_out_accuracy(data: Split, hidden: int, seed: int, epochs: int, activation: str = "relu") -> float:
    """Return the accuracy of an MLP with one hidden layer, trained with Adam on mini-batches of 32 rows."""
    model = MLP(len(data.X_train[0]), [hidden, max(data.y_train) + 1], activation, seed=seed)
    fit(
        model,
        data.X_train,
        data.y_train,
        loss="cross_entropy",
        optimizer="adam",
        lr=0.01,
        epochs=epochs,
        batch_size=32,
        seed=seed,
    )
    return accuracy(model, data.X_test, data.y_test)


def test_accuracy_on_held_out_iris_is_at_least_95_percent() -> None:
    iris = load_iris()
    assert mean(held_out_accuracy(split(iris.X, iris.y, seed), 16, seed, 50, "tanh") for seed in SEEDS) >= 0.95


@pytest.mark.parametrize("name", ["wine", "breast_cancer"])
def test_accuracy_on_wine_and_breast_cancer_matches_scikit_learn(name: str) -> None:
    datasets, networks = pytest.importorskip("sklearn.datasets"), pytest.importorskip("sklearn.neural_network")
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    ours, theirs = [], []
    for seed in SEEDS:
        data = split(X, y, seed)
        ours.append(held_out_accuracy(data, 16, seed, epochs=30))
        other = networks.MLPClassifier([16], alpha=0, batch_size=32, learning_rate_init=0.01, max_iter=30, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # ConvergenceWarning: more iterations would help
            other.fit(data.X_train, data.y_train)
        theirs.append(other.score(data.X_test, data.y_test))
    assert min(theirs) > 0.9
    assert mean(ours) >= mean(theirs) - 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_accuracy_on_two_spirals_is_at_least_98_percent(seed: int) -> None:
    spirals = make_spirals()
    X = standardize(spirals.X, *column_statistics(spirals.X))
    model = MLP(2, [16, 16, 1], seed=seed)
    fit(model, X, spirals.y, loss="binary_cross_entropy", optimizer="adam", lr=0.01, epochs=2000)
    assert accuracy(model, X, spirals.y) >= 0.98


def test_accuracy_on_held_out_digits_is_at_least_95_percent() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = datasets.load_digits(return_X_y=True)
    assert X.shape == (1797, 64)
    assert mean(held_out_accuracy(split(X, y, seed), 32, seed, epochs=10) for seed in range(2)) >= 0.95
