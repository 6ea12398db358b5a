"""Initialization of weights."""

from __future__ import annotations

import math
import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import ACTIVATIONS, INITS, MLP, Layer, Linear, Neuron
from nn.base.checks import normal

seeds = st.integers(0, 2**32)
sizes = st.integers(30, 60)


def weights(layer: Layer) -> np.ndarray:
    return np.array([[weight.data for weight in neuron.weights] for neuron in layer.neurons])


def test_the_seed_determines_the_weights() -> None:
    assert MLP(4, [16, 3], seed=5).state_dict() == MLP(4, [16, 3], seed=5).state_dict()
    assert MLP(4, [16, 3], seed=5).state_dict() != MLP(4, [16, 3], seed=6).state_dict()


@pytest.mark.parametrize("make", [lambda s: Neuron(2, seed=s), lambda s: Layer(2, 2, seed=s), lambda s: MLP(2, [2], seed=s)])
def test_a_seed_must_be_an_integer_or_a_generator(make: Any) -> None:
    assert make(np.int64(3)).state_dict() == make(random.Random(3)).state_dict() == make(3).state_dict()
    for seed in (1.5, "3", [3]):
        kind = type(seed).__name__
        with pytest.raises(TypeError, match=rf"seed must be an integer, .*, a NumPy Generator or None, not {kind} \(.*"):
            make(seed)


def test_without_a_seed_every_model_is_different() -> None:
    assert MLP(4, [16, 3]).state_dict() != MLP(4, [16, 3]).state_dict()


def test_the_first_weights_of_seed_0_are_the_same_on_every_machine() -> None:
    assert [w.data for w in Neuron(3, seed=0).weights] == [0.8436577925009958, 0.6318566641080297, -0.194559098040328]


@pytest.mark.parametrize(
    ("activation", "bound"),
    [("tanh", math.sqrt(6 / 90)), ("linear", math.sqrt(6 / 90)), ("relu", math.sqrt(6 / 50)), ("gelu", math.sqrt(6 / 50))],
)
def test_weights_fill_the_xavier_or_he_interval_and_biases_are_zero(activation: str, bound: float) -> None:
    layer = Layer(50, 40, activation, seed=1)
    sizes = [abs(w.data) for neuron in layer.neurons for w in neuron.weights]
    assert 0.99 * bound < max(sizes) <= bound
    assert all(neuron.bias.data == 0.0 for neuron in layer.neurons)


DEVIATIONS: dict[str, Any] = {
    "xavier_uniform": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "xavier_normal": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "he_uniform": lambda fan_in, _: math.sqrt(2 / fan_in),
    "he_normal": lambda fan_in, _: math.sqrt(2 / fan_in),
    "uniform": lambda fan_in, _: math.sqrt(1 / (3 * fan_in)),
}


def test_every_init_except_zeros_has_an_expected_deviation() -> None:
    assert {*DEVIATIONS, "zeros"} == set(INITS)


@pytest.mark.parametrize("init", DEVIATIONS)
def test_weights_have_the_mean_and_the_deviation_of_their_init(init: str) -> None:
    """Both estimates are within six standard errors.

    For the mean it is d / sqrt(n). For the deviation it is at most d / sqrt(2 n), which is its value for normal weights.
    """

    @given(sizes, sizes, seeds)
    def check(fan_in: int, fan_out: int, seed: int) -> None:
        numbers = weights(Layer(fan_in, fan_out, seed=seed, init=init))
        deviation, n = DEVIATIONS[init](fan_in, fan_out), fan_in * fan_out
        assert abs(numbers.mean()) < 6 * deviation / math.sqrt(n)
        assert abs(numbers.std() - deviation) < 6 * deviation / math.sqrt(2 * n)
        largest = np.abs(numbers).max() / deviation
        if init.endswith("uniform"):
            assert 0.97 * math.sqrt(3) < largest <= math.sqrt(3) * (1 + 1e-12)
        else:
            assert 2.4 < largest < 8

    check()


@pytest.mark.parametrize("init", DEVIATIONS)
def test_the_deviation_of_twenty_thousand_weights_is_correct_to_two_percent(init: str) -> None:
    rng = random.Random(0)
    numbers = np.array([INITS[init](30, 20, rng) for _ in range(20_000)])
    assert numbers.std() == pytest.approx(DEVIATIONS[init](30, 20), rel=0.02)


@pytest.mark.parametrize("init", ["xavier_uniform", "xavier_normal", "he_uniform", "he_normal"])
def test_weights_are_distributed_as_in_torch(init: str) -> None:
    torch, stats = pytest.importorskip("torch"), pytest.importorskip("scipy.stats")
    theirs = torch.empty(60, 90, dtype=torch.float64)  # fan_out, fan_in
    kind, shape = init.split("_")
    draw = getattr(torch.nn.init, f"{'kaiming' if kind == 'he' else kind}_{shape}_")
    draw(theirs, generator=torch.Generator().manual_seed(0), **({"nonlinearity": "relu"} if kind == "he" else {}))
    ours = weights(Linear(90, 60, init=init, seed=0))
    assert stats.ks_2samp(ours.ravel(), theirs.numpy().ravel()).statistic < 0.05
    assert ours.std() == pytest.approx(theirs.std().item(), rel=0.05)


@given(seeds)
def test_normal_numbers_are_distributed_normally(seed: int) -> None:
    """For 2,000 numbers, the Kolmogorov-Smirnov distance exceeds 0.06 with a probability of one in a million."""
    stats = pytest.importorskip("scipy.stats")
    rng = random.Random(seed)
    assert stats.kstest([normal(rng) for _ in range(2000)], "norm").statistic < 0.06


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_default_is_he_for_activations_like_relu_and_xavier_otherwise(activation: str) -> None:
    like_relu = {"relu", "leaky_relu", "relu6", "elu", "celu", "selu", "silu", "gelu", "mish", "hardswish"}
    fitting = "he_uniform" if activation in like_relu else "xavier_uniform"
    for init, wanted in ((None, fitting), ("he_normal", "he_normal")):
        model, layer = MLP(3, [4, 5], activation, seed=0, init=init), Layer(3, 4, activation, seed=0, init=wanted)
        assert model.layers[0].state_dict() == layer.state_dict()
    assert Neuron(3, activation, 0).state_dict() == Neuron(3, activation, 0, init=fitting).state_dict()
    assert Layer(3, 4, math.sin, 0).state_dict() == Layer(3, 4, "tanh", 0).state_dict()  # type: ignore[arg-type]  # a float


def test_the_init_of_an_mlp_applies_to_all_layers() -> None:
    assert set(MLP(2, [3, 3, 1], init="zeros", seed=0).state_dict().values()) == {0.0}


def test_an_init_may_be_a_function_of_fan_in_fan_out_and_a_generator() -> None:
    def init(fan_in: int, fan_out: int, rng: Any) -> float:
        return 100 * fan_in + 10 * fan_out + rng.random()

    expected = random.Random(3)
    assert weights(Layer(2, 4, init=init, seed=3)).tolist() == [[240 + expected.random() for _ in range(2)] for _ in range(4)]


@pytest.mark.parametrize("init", INITS)
def test_weights_are_drawn_only_from_the_given_generator(init: str) -> None:
    states = random.getstate(), repr(np.random.get_state())  # noqa: NPY002 - the global state, which must not change
    for make in (random.Random, np.random.default_rng):
        rng = make(5)
        one, other = Layer(3, 2, seed=rng, init=init), Layer(3, 2, seed=rng, init=init)
        assert one.state_dict() == Layer(3, 2, seed=make(5), init=init).state_dict()
        assert (one.state_dict() == other.state_dict()) is (init == "zeros")
        assert all(type(parameter.data) is float for parameter in one.parameters())
    assert (random.getstate(), repr(np.random.get_state())) == states  # noqa: NPY002


@pytest.mark.parametrize(
    ("init", "error", "message"),
    [
        (
            "glorot",
            ValueError,
            "unknown init: 'glorot' (must be one of 'xavier_uniform', 'xavier_normal', 'he_uniform', 'he_nor",
        ),
        (0.1, TypeError, "unknown init: 0.1 (must be one of 'xavier_uniform', "),
        (Neuron, TypeError, "unknown init: <class 'nn.layers.Neuron'> (must be one of 'xavier_uniform', "),
        (lambda *_: "w", TypeError, "must be a real number, not str ('w')"),
    ],
)
def test_an_unknown_init_is_rejected(init: Any, error: type[Exception], message: str) -> None:
    for make in (lambda: Neuron(1, init=init), lambda: Layer(1, 1, init=init), lambda: MLP(1, [2, 1], init=init)):
        with pytest.raises(error, match=re.escape(message)):
            make()
