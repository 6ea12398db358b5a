"""Bundled and generated data sets: content, reproducibility and errors."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from nn import Dataset, load_iris, make_circles, make_moons, make_spirals, make_xor

MAKERS = [make_moons, make_circles, make_spirals, make_xor]


def test_iris_has_fifty_flowers_of_each_species() -> None:
    iris = load_iris()
    assert iris.class_names == ["setosa", "versicolor", "virginica"]
    assert iris.feature_names == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert [iris.y.count(c) for c in range(3)] == [50, 50, 50]
    assert {len(row) for row in iris.X} == {4}


def test_iris_has_the_means_and_sums_of_squares_that_fisher_published() -> None:
    X, y = np.array(load_iris().X), np.array(load_iris().y)
    means = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]]
    np.testing.assert_allclose([X[y == c].mean(axis=0) for c in range(3)], means, rtol=1e-12)
    within = sum(((X[y == c] - means[c]) ** 2).sum(axis=0) for c in (0, 1))  # setosa and versicolor together
    np.testing.assert_allclose(within, [19.1434, 11.8658, 12.2978, 2.4604], rtol=1e-12)


def test_iris_has_fishers_numbers_where_the_uci_copy_is_wrong() -> None:
    assert load_iris().X[34] == [4.9, 3.1, 1.5, 0.2]
    assert load_iris().X[37] == [4.9, 3.6, 1.4, 0.1]


def test_the_iris_file_names_its_source() -> None:
    text = files("nn.data").joinpath("iris.csv").read_text(encoding="utf-8")
    assert "Fisher (1936)" in text
    assert "Annals of Eugenics 7" in text
    assert "scikit-learn" in text


# ---- two-dimensional data sets ----


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("n", [2, 7, 50])
def test_a_data_set_has_the_requested_number_of_points_half_in_each_class(make: Callable[..., Dataset], n: int) -> None:
    data = make(n, seed=0)
    assert data.y == [0] * (n // 2) + [1] * (n - n // 2)
    assert {len(row) for row in data.X} == {2}
    assert len(data.X) == n
    assert len(data.feature_names) == len(data.class_names) == 2
    assert list(data.columns) == data.feature_names


@pytest.mark.parametrize("make", MAKERS)
def test_the_seed_determines_the_noise(make: Callable[..., Dataset]) -> None:
    assert make(20, noise=0.1, seed=1) == make(20, noise=0.1, seed=1) == make(20, noise=0.1, seed=random.Random(1))
    assert make(20, noise=0.1, seed=1) != make(20, noise=0.1, seed=2)
    assert make(20, noise=0.1) != make(20, noise=0.1)
    assert make(20, noise=0.0, seed=1) == make(20, noise=0.0, seed=2)


@pytest.mark.parametrize("make", MAKERS)
def test_noise_is_normal_and_independent_with_the_requested_deviation(make: Callable[..., Dataset]) -> None:
    noise = (np.array(make(20_000, noise=0.3, seed=0).X) - np.array(make(20_000, noise=0.0).X)) / 0.3
    np.testing.assert_allclose(np.cov(noise.T), np.eye(2), atol=0.03)
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.03)
    np.testing.assert_allclose((noise**4).mean(axis=0), 3, atol=0.2)  # the kurtosis of the normal distribution


@pytest.mark.parametrize("n", [2, 7, 50])
def test_moons_and_circles_match_scikit_learn(n: int) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    for data, (X, y) in (
        (make_moons(n, noise=0.0), datasets.make_moons(n, shuffle=False)),
        (make_circles(n, noise=0.0, factor=0.3), datasets.make_circles(n, shuffle=False, factor=0.3)),
    ):
        np.testing.assert_allclose(data.X, X, atol=1e-14)
        assert data.y == y.tolist()


def test_spirals_match_the_paper() -> None:
    X = make_spirals().X
    for i in range(97):  # as the C program in Lang & Witbrock (1988) prints them
        angle, radius = i * math.pi / 16, 6.5 * (104 - i) / 104
        x, y = radius * math.sin(angle), radius * math.cos(angle)
        assert X[i] == pytest.approx([x, y], abs=1e-12)
        assert X[97 + i] == pytest.approx([-x, -y], abs=1e-12)


def test_xor_repeats_the_truth_table() -> None:
    data = make_xor(10)
    assert [int(a) ^ int(b) for a, b in data.X] == data.y
    assert {tuple(row) for row in data.X} == {(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_samples": 1}, "n_samples must be at least 2, not 1"),
        ({"n_samples": 10.0}, r"n_samples must be an integer, not float \(10.0\)"),
        ({"noise": -0.1}, "noise must be non-negative and finite, not -0.1"),
        ({"noise": math.nan}, "noise must be non-negative and finite, not nan"),
        ({"noise": "much"}, r"noise must be a number, not str \('much'\)"),
        ({"seed": "1"}, r"seed must be an integer, .* not str \('1'\)"),
    ],
)
def test_invalid_arguments_are_rejected(make: Callable[..., Dataset], options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make(**options)


@pytest.mark.parametrize(
    ("factor", "message"), [(1.0, r"in \[0, 1\), not 1.0"), (-1, r"in \[0, 1\), not -1.0"), ("1", "a number, not str")]
)
def test_a_circle_that_is_not_inside_the_other_is_rejected(factor: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=f"factor must be .*{message}"):
        make_circles(factor=factor)
