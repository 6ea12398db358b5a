"""Every optimizer takes the steps of PyTorch's of the same name."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nn
from autograd import Value, mean, read_data, write_grads

torch = pytest.importorskip("torch")

STEPS = 50
START = [1.5, -0.75, 0.3, 2.0, -1.0]
CURVATURE = [0.05, 0.3, 1.0, 2.0, 0.7]

shares = st.floats(0.0, 0.99)  # of momentum, or of an average that is kept
decays = st.floats(0.0, 0.5)
small = st.floats(1e-12, 1e-3)  # eps
rates = st.floats(1e-4, 0.3)
# The options of each class, by their names, which are PyTorch's.
OPTIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "SGD": st.fixed_dictionaries({"lr": rates, "momentum": shares, "weight_decay": decays})
    | st.fixed_dictionaries(
        {"lr": rates, "momentum": st.floats(0.01, 0.99), "nesterov": st.just(True), "weight_decay": decays}
    ),
    "Adagrad": st.fixed_dictionaries({"lr": rates, "eps": small, "weight_decay": decays}),
    "RMSprop": st.fixed_dictionaries({"lr": rates, "alpha": shares, "eps": small, "momentum": shares, "weight_decay": decays}),
    "Adam": st.fixed_dictionaries({"lr": rates, "betas": st.tuples(shares, shares), "eps": small, "weight_decay": decays}),
    "AdamW": st.fixed_dictionaries({"lr": rates, "betas": st.tuples(shares, shares), "eps": small, "weight_decay": decays}),
}
optimizers = st.sampled_from(sorted(OPTIONS)).flatmap(lambda name: st.tuples(st.just(name), OPTIONS[name]))


def both(name: str, options: dict[str, Any]) -> tuple[list[Value], nn.Optimizer, Any, Any]:
    """Our parameters and optimizer, and PyTorch's."""
    ours = [Value(number) for number in START]
    theirs = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    return ours, getattr(nn, name)(ours, **options), theirs, getattr(torch.optim, name)([theirs], **options)


def assert_same(ours: list[Value], theirs: Any) -> None:
    """To 1e-12 of the largest parameter: one that crosses 0 has no digits of its own."""
    wanted = theirs.detach().numpy()
    np.testing.assert_allclose(read_data(ours), wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_the_defaults_are_those_of_pytorch_but_for_the_rate_of_sgd(name: str) -> None:
    mine, other = (inspect.signature(getattr(module, name)).parameters for module in (nn, torch.optim))
    differ = [option for option in mine if option != "parameters" and mine[option].default != other[option].default]
    assert differ == (["lr"] if name == "SGD" else [])


@given(optimizers, st.lists(st.lists(st.floats(-100, 100), min_size=5, max_size=5), min_size=1, max_size=7))
def test_the_same_gradients_make_the_same_steps(chosen: tuple[str, dict[str, Any]], gradients: list[list[float]]) -> None:
    """Without weight decay, which is a gradient of its own, and lets small differences grow near 0: see the next test."""
    name, options = chosen
    ours, mine, theirs, other = both(name, options | {"weight_decay": 0.0})
    for step in range(STEPS):
        row = gradients[step % len(gradients)]
        write_grads(ours, row)
        theirs.grad = torch.tensor(row, dtype=torch.float64)
        mine.step()
        other.step()
        assert_same(ours, theirs)


@given(optimizers)
@example(("SGD", {"lr": 0.1}))
@example(("Adagrad", {"lr": 0.5}))
@example(("RMSprop", {"lr": 0.05}))
@example(("Adam", {"lr": 0.1}))
@example(("AdamW", {"lr": 0.1}))
def test_the_same_loss_makes_the_same_steps(chosen: tuple[str, dict[str, Any]]) -> None:
    """It is far from its minimum: there, gradients of 0 but for rounding would make steps of any direction."""
    ours, mine, theirs, other = both(*chosen)
    curvature = torch.tensor(CURVATURE, dtype=torch.float64)
    for _ in range(STEPS):
        mine.zero_grad()
        mean([c * (p - 1000) ** 2 for c, p in zip(CURVATURE, ours, strict=True)]).backward()
        mine.step()
        other.zero_grad()
        (curvature * (theirs - 1000) ** 2).mean().backward()
        other.step()
        assert_same(ours, theirs)
