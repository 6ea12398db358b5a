"""Argument checks and random number generators."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from fresh import run_python
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import Neuron, fit, train_test_split
from nn.base.checks import generator, normal, probability
from nn.base.names import choose


@pytest.mark.parametrize("rng", [random.Random(0), np.random.default_rng(0)], ids=["Python", "NumPy"])
def test_a_generator_is_returned_unchanged_and_has_the_required_methods(rng: Any) -> None:
    same = generator(rng)
    assert same is rng
    assert 0 <= same.random() < 1
    assert 2 <= same.uniform(2, 3) <= 3
    numbers = list(range(100))
    same.shuffle(numbers)
    assert sorted(numbers) == list(range(100)) != numbers
    assert isinstance(normal(same), float)


def test_an_integer_of_any_type_is_a_seed() -> None:
    assert generator(7).random() == generator(np.int64(7)).random() == random.Random(7).random()  # type: ignore[arg-type]
    assert generator(None).random() != generator(None).random()


@pytest.mark.parametrize(
    "seed",
    [1.0, "1", True, np.random.RandomState(0), np.random.Generator, np.random, random],
    ids=["float", "text", "bool", "RandomState", "class", "numpy.random", "random"],
)
def test_invalid_seeds_are_rejected(seed: Any) -> None:
    kind = type(seed).__name__
    message = rf"^seed must be an integer, a random.Random, a NumPy Generator or None, not {kind} \("
    with pytest.raises(TypeError, match=message):
        generator(seed)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": Value(0.5)}, r"lr must be a number, not Value \(Value\(0.5\)\)"),
        ({"lr": np.array([0.5])}, r"lr must be a number, not ndarray \(array\(\[0.5\]\)\)"),
        ({"epochs": np.array([5])}, r"epochs must be an integer, not ndarray"),
        ({"seed": np.array([5])}, r"seed must be an integer, .*, not ndarray"),
    ],
)
def test_the_error_for_a_value_or_an_array_as_an_option_names_the_option(options: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        fit(Neuron(1), [[0.0], [1.0]], [1.0, 3.0], loss="mse", **options)


def test_creating_a_generator_does_not_import_numpy() -> None:
    assert (
        run_python("import sys; from nn.base.checks import *; generator(1), generator(None); print('numpy' in sys.modules)")
        == "False"
    )


@given(st.integers(0, 2**32))
def test_normal_numbers_depend_only_on_the_numbers_of_the_generator(seed: int) -> None:
    class Same(random.Random):
        """Python's generator under another name."""

    assert [normal(Same(seed)) for _ in range(3)] == [normal(random.Random(seed)) for _ in range(3)]


@given(st.floats(0, 1, exclude_max=True))
def test_a_probability_is_returned_unchanged(p: float) -> None:
    assert probability(p, "p") == p
    assert probability(np.float64(p), "p") == p


def test_a_choice_is_a_name_or_a_function_but_not_a_class() -> None:
    known = {"abs": abs}
    assert choose("abs", known, "function", "a function") is abs
    assert choose(len, known, "function", "a function") is len
    with pytest.raises(TypeError, match=r"unknown function: <class 'int'> \(must be one of 'abs', or a function\)"):
        choose(int, known, "function", "a function")


def test_a_numpy_generator_shuffles_data_reproducibly() -> None:
    X, y = [[float(i)] for i in range(30)], [float(i) for i in range(30)]
    one, other = (train_test_split(X, y, seed=np.random.default_rng(1)) for _ in range(2))
    assert one == other != (X[:24], X[24:], y[:24], y[24:])
    models = [Neuron(1, seed=0) for _ in range(2)]
    for model in models:
        fit(model, X, y, loss="mse", lr=1e-4, epochs=3, batch_size=7, seed=np.random.default_rng(2))
    assert models[0].state_dict() == models[1].state_dict()
