"""Every optimizer takes the same steps as PyTorch's optimizer of the same name."""

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

shares = st.floats(0.0, 0.99)  # momentum, and decay rates of running averages
# PyTorch's Adam multiplies the old mean by 1 - (1 - beta1). This is beta1 only if 1 - beta1 is exact; otherwise the error of
# 1e-16 is divided by a small beta1, and by eps after a gradient of 0.
betas = st.tuples(shares.map(lambda share: 1 - (1 - share)), shares)
decays = st.floats(0.0, 0.5)
small = st.floats(1e-12, 1e-3)  # eps
rates = st.floats(1e-4, 0.3)
# The options of each class, with the names that PyTorch uses.
OPTIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "SGD": st.fixed_dictionaries({"lr": rates, "momentum": shares, "nesterov": st.just(False), "weight_decay": decays})
    | st.fixed_dictionaries(
        {"lr": rates, "momentum": st.floats(0.01, 0.99), "nesterov": st.just(True), "weight_decay": decays}
    ),
    "Adagrad": st.fixed_dictionaries({"lr": rates, "eps": small, "weight_decay": decays}),
    "RMSprop": st.fixed_dictionaries({"lr": rates, "alpha": shares, "eps": small, "momentum": shares, "weight_decay": decays}),
    **dict.fromkeys(
        ("Adam", "AdamW"),
        st.fixed_dictionaries({"lr": rates, "betas": betas, "eps": small, "weight_decay": decays, "amsgrad": st.booleans()}),
    ),
}
optimizers = st.sampled_from(sorted(OPTIONS)).flatmap(lambda name: st.tuples(st.just(name), OPTIONS[name]))


def both(name: str, options: dict[str, Any]) -> tuple[list[Value], nn.Optimizer, Any, Any]:
    """Return our parameters and optimizer, and PyTorch's."""
    ours = [Value(number) for number in START]
    theirs = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    return ours, getattr(nn, name)(ours, **options), theirs, getattr(torch.optim, name)([theirs], **options)


def assert_same(ours: list[Value], theirs: Any) -> None:
    """Assert equality to 1e-12 of the largest parameter, because a parameter that crosses 0 loses all its digits."""
    wanted = theirs.detach().numpy()
    np.testing.assert_allclose(read_data(ours), wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_the_defaults_match_pytorch_except_for_the_lr_of_sgd(name: str) -> None:
    mine, other = (inspect.signature(getattr(module, name)).parameters for module in (nn, torch.optim))
    differ = [option for option in mine if option != "parameters" and mine[option].default != other[option].default]
    assert differ == (["lr"] if name == "SGD" else [])


@given(optimizers, st.lists(st.lists(st.floats(-100, 100), min_size=5, max_size=5), min_size=1, max_size=7))
@example(("Adam", {"lr": 0.25, "betas": (1 - (1 - 1e-6), 0.0), "eps": 1e-6}), [[0.0] * 5, [1.0] * 5])
def test_the_same_gradients_give_the_same_steps(chosen: tuple[str, dict[str, Any]], gradients: list[list[float]]) -> None:
    """Weight decay adds a gradient and amplifies small differences near 0, so the next test covers it."""
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
def test_the_same_loss_gives_the_same_steps(chosen: tuple[str, dict[str, Any]]) -> None:
    """The loss stays far from its minimum, because gradients there are rounding errors and give steps in any direction."""
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


@given(optimizers, optimizers, rates)
@example(("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.2, "weight_decay": 0.5}), 0.3)
@example(("SGD", {"lr": 0.1, "momentum": 0.5, "nesterov": True}), ("SGD", {"lr": 0.2, "momentum": 0.0, "nesterov": False}), 0.3)
def test_groups_take_the_steps_of_pytorch(
    chosen: tuple[str, dict[str, Any]], other: tuple[str, dict[str, Any]], rate: float
) -> None:
    """The first group has its own options, as far as it is of the same class; the second one has none."""
    name, options = chosen
    own = other[1] if other[0] == name else {"weight_decay": 0.25}
    ours, theirs = ([make(number) for number in START] for make in (Value, lambda x: torch.tensor([x], dtype=torch.float64)))
    made = [
        getattr(module, name)([{"params": numbers[:2], **own}, {"params": numbers[2:]}], **options)
        for module, numbers in ((nn.optim.optimizers, ours), (torch.optim, theirs))
    ]
    for step in range(STEPS):
        if step == STEPS // 2:
            made[0].lr *= rate
            for group in made[1].param_groups:
                group["lr"] *= rate
        gradients = [c * (p.data - 1000) for c, p in zip(CURVATURE, ours, strict=True)]
        write_grads(ours, gradients)
        for p, gradient in zip(theirs, gradients, strict=True):
            p.grad = torch.tensor([gradient], dtype=torch.float64)
        for optimizer in made:
            optimizer.step()
        assert_same(ours, torch.cat(theirs))
