"""Checks of arguments, and generators of random numbers."""

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
from nn.base.checks import choose, generator, normal, probability


@pytest.mark.parametrize("rng", [random.Random(0), np.random.default_rng(0)], ids=["Python", "NumPy"])
def test_a_generator_is_returned_as_it_is_and_has_what_is_needed_of_it(rng: Any) -> None:
    same = generator(rng)
    assert same is rng
    assert 0 <= same.random() < 1
    assert 2 <= same.uniform(2, 3) <= 3
    numbers = list(range(100))
    same.shuffle(numbers)
    assert sorted(numbers) == list(range(100)) != numbers
    assert isinstance(normal(same), float)


def test_a_whole_number_of_any_kind_is_a_seed() -> None:
    assert generator(7).random() == generator(np.int64(7)).random() == random.Random(7).random()  # type: ignore[arg-type]
    assert generator(None).random() != generator(None).random()


@pytest.mark.parametrize(
    "seed",
    [1.0, "1", True, np.random.RandomState(0), np.random.Generator, np.random, random],
    ids=["float", "text", "bool", "RandomState", "class", "numpy.random", "random"],
)
def test_what_is_no_seed_is_refused(seed: Any) -> None:
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
def test_a_value_or_an_array_is_no_option_and_the_option_is_named(options: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        fit(Neuron(1), [[0.0], [1.0]], [1.0, 3.0], loss="mse", **options)


def test_seeds_do_not_load_numpy() -> None:
    assert (
        run_python("import sys; from nn.base.checks import *; generator(1), generator(None); print('numpy' in sys.modules)")
        == "False"
    )


@given(st.integers(0, 2**32))
def test_normal_numbers_are_the_same_by_generators_that_give_the_same(seed: int) -> None:
    class Same(random.Random):
        """Python's under another name."""

    assert [normal(Same(seed)) for _ in range(3)] == [normal(random.Random(seed)) for _ in range(3)]


@given(st.floats(0, 1, exclude_max=True))
def test_a_probability_is_returned_as_it_is(p: float) -> None:
    assert probability(p, "p") == p
    assert probability(np.float64(p), "p") == p


def test_a_choice_is_by_name_or_a_function_and_no_class() -> None:
    known = {"abs": abs}
    assert choose("abs", known, "function", "a function") is abs
    assert choose(len, known, "function", "a function") is len
    with pytest.raises(TypeError, match=r"unknown function: <class 'int'> \(must be one of 'abs', or a function\)"):
        choose(int, known, "function", "a function")


def test_data_are_shuffled_by_a_generator_of_numpy_and_the_same_by_the_same() -> None:
    X, y = [[float(i)] for i in range(30)], [float(i) for i in range(30)]
    one, other = (train_test_split(X, y, seed=np.random.default_rng(1)) for _ in range(2))
    assert one == other != (X[:24], X[24:], y[:24], y[24:])
    models = [Neuron(1, seed=0) for _ in range(2)]
    for model in models:
        fit(model, X, y, loss="mse", lr=1e-4, epochs=3, batch_size=7, seed=np.random.default_rng(2))
    assert models[0].state_dict() == models[1].state_dict()
