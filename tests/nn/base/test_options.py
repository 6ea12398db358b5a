"""Declared options, and atomic changes of several parts."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, ClassVar

import numpy as np
import pytest
from attrs import field
from fresh import run_python

from autograd import Value, write_grads
from nn import (
    MLP,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    EarlyStopping,
    ModelCheckpoint,
    Optimizer,
    ReduceLROnPlateau,
    RMSprop,
    Schedule,
    StepLR,
)  # fmt: skip
from nn.base.checks import positive_float, positive_int, probability
from nn.base.options import all_or_nothing, option


def parts() -> dict[str, Any]:
    optimizer = SGD([Value(1.0)], lr=0.5)
    return {"model": MLP(1, [2, 1], seed=0), "optimizer": optimizer, "schedule": StepLR(optimizer, 2)}


@pytest.mark.parametrize("error", [ValueError, KeyError, KeyboardInterrupt])
def test_after_any_error_all_parts_are_unchanged(error: type[BaseException]) -> None:
    present = parts()
    before = {name: part.state_dict() for name, part in present.items()}

    @all_or_nothing(present)
    def change_and_fail() -> None:
        present["model"].load_state_dict(MLP(1, [2, 1], seed=1).state_dict())
        present["optimizer"].lr = 0.25
        present["schedule"].step()
        raise error("in the middle")

    with pytest.raises(error, match="in the middle"):
        change_and_fail()
    assert {name: part.state_dict() for name, part in present.items()} == before


def test_without_an_error_the_changes_are_kept() -> None:
    present = parts()
    with all_or_nothing(present):
        present["optimizer"].lr = 0.25
    assert present["optimizer"].lr == 0.25


# ---- options ----


class Sign(Optimizer):
    """An optimizer with one option and one state array."""

    share: float = option(probability, default=0.5)
    seen: np.ndarray = field(init=False)

    def update(self, p: Any, g: Any) -> Any:
        self.seen += abs(g)
        return p - self.lr * self.share * np.sign(g)


class Halving(Schedule):
    """A schedule with a required option."""

    every: int = option(positive_int)

    def next_lr(self, lr: float) -> float:
        return lr if self.epoch % self.every else lr / 2


class Tired(SGD):
    """An optimizer with a custom ``__init__``."""

    def __init__(self, parameters: list[Value], limit: int, lr: float = 0.5) -> None:
        super().__init__(parameters, lr)
        self.limit = limit
        self.steps: list[float] = []

    def update(self, p: Any, g: Any) -> Any:
        self.steps.append(self.lr)
        return super().update(p, g) if self.step_count < self.limit else p


class MoreTired(Tired):
    """A subclass of an optimizer with a custom ``__init__``."""


def stepped(optimizer: Optimizer, steps: int = 1) -> float:
    """Return the first parameter after the given number of steps with a gradient of 1."""
    write_grads(optimizer.parameters, 1.0)
    for _ in range(steps):
        optimizer.step()
    return optimizer.parameters[0].data


def one() -> list[Value]:
    return [Value(1.0)]


def test_a_custom_optimizer_needs_only_options_and_update() -> None:
    mine = Sign(one(), 0.25, share=0.5)
    assert repr(mine) == "Sign(1 parameter, lr=0.25)"
    assert repr(Sign(one(), share=0.75, weight_decay=0.5)) == "Sign(1 parameter, lr=0.01, share=0.75, weight_decay=0.5)"
    assert (stepped(mine), mine.seen.tolist()) == (1.0 - 0.125, [1.0])
    other = Sign(one(), 0.125)
    other.load_state_dict(mine.state_dict())
    assert (other.lr, other.seen.tolist(), other.step_count) == (0.25, [1.0], 1)
    with pytest.raises(ValueError, match=r"^share must be in \[0, 1\), not 1\.5$"):
        Sign(one(), share=1.5)


def test_a_custom_schedule_needs_only_options_and_next_lr() -> None:
    schedule = Halving(SGD(one(), lr=1.0), every=2)
    assert ([schedule.step() for _ in range(4)], repr(schedule)) == ([1.0, 0.5, 0.5, 0.25], "Halving(every=2)")
    with pytest.raises(TypeError, match=r"__init__\(\) missing 1 required positional argument: 'every'"):
        Halving(SGD(one()))  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", [Tired, MoreTired])
def test_a_custom_init_is_kept(kind: type[Tired]) -> None:
    mine = kind(one(), 1)
    assert (stepped(mine, 3), mine.steps, repr(mine)) == (0.5, [0.5] * 3, f"{kind.__name__}(1 parameter, limit=1, lr=0.5)")
    with pytest.raises(ValueError, match=r"lr must be positive and finite, not 0\.0"):
        kind(one(), 1, lr=0.0)


def test_options_may_be_declared_without_postponed_annotations() -> None:
    assert run_python("""
from nn import SGD, StepLR
from nn.base.checks import positive_float
from nn.base.options import option

class Slow(SGD):
    factor: float = option(positive_float, default=0.5)

class Fast(Slow):
    factor: float = 2.0  # an annotation without a check

class Own(Fast):
    seen: list  # not an option, because there is an __init__

    def __init__(self, parameters):
        super().__init__(parameters, lr=0.5)
        self.seen = []

from autograd import Value
print(Slow([Value(1.0)], factor=1), Fast([Value(1.0)], factor=-1), Own([Value(1.0)]).lr)
try:
    Slow([Value(1.0)], factor=-1)
except ValueError as problem:
    print(problem)
""").splitlines() == [
        "Slow(1 parameter, lr=0.01, factor=1.0) Fast(1 parameter, lr=0.01, factor=-1) 0.5",
        "factor must be positive and finite, not -1.0",
    ]


@pytest.mark.parametrize(
    ("thing", "name", "value", "error", "message"),
    [
        (SGD(one()), "momentum", 1.0, ValueError, r"momentum must be in \[0, 1\), not 1.0"),
        (SGD(one()), "nesterov", 1, TypeError, r"nesterov must be True or False, not int \(1\)"),
        (AdamW(one()), "weight_decay", -1, ValueError, "weight_decay must be non-negative and finite, not -1.0"),
        (Adam(one()), "betas", 0.9, TypeError, r"betas must be two numbers, such as \(0.9, 0.999\), not 0.9"),
        (Adam(one()), "betas", [0.9, 1], ValueError, r"betas\[1\] must be in \[0, 1\), not 1.0"),
        (StepLR(SGD(one()), 3), "step_size", 0.5, TypeError, r"step_size must be an integer, not float \(0.5\)"),
        (ReduceLROnPlateau(SGD(one())), "patience", -1, ValueError, "patience must be at least 0, not -1"),
        (EarlyStopping(), "patience", 0, ValueError, "patience must be at least 1, not 0"),
        (EarlyStopping(), "min_delta", -1, ValueError, "min_delta must be non-negative and finite, not -1.0"),
        (EarlyStopping(), "mode", "best", ValueError, r"unknown mode: 'best' \(must be 'min', if lower is better, or 'max'\)"),
        (ModelCheckpoint("a"), "save_best_only", None, TypeError, r"save_best_only must be True or False, not NoneType"),
    ],
)
def test_assigning_an_invalid_option_raises_an_error_and_changes_nothing(
    thing: Any, name: str, value: Any, error: type[Exception], message: str
) -> None:
    before = getattr(thing, name)
    with pytest.raises(error, match=f"^{message}"):
        setattr(thing, name, value)
    assert getattr(thing, name) == before


def test_a_state_with_an_option_out_of_range_is_rejected_and_changes_nothing() -> None:
    optimizer = Adam(one(), lr=0.5)
    before = repr(optimizer.state_dict())
    for change, message in (
        ({"lr": -1.0}, "lr must be non-negative and finite, not -1.0"),
        ({"betas": [0.9, 1.5]}, r"betas\[1\] must be in \[0, 1\), not 1.5"),
    ):
        with pytest.raises(ValueError, match=message):
            optimizer.load_state_dict(optimizer.state_dict() | {"eps": 0.5} | change)
    assert repr(optimizer.state_dict()) == before
    optimizer.load_state_dict(optimizer.state_dict() | {"lr": 0.0})
    assert optimizer.lr == 0.0


GROUPS = "Iterable[Value] | Iterable[Mapping[str, Any]]"


@pytest.mark.parametrize(
    ("kind", "signature"),
    [
        (SGD, f"parameters: {GROUPS}, lr: float = 0.01, momentum: float = 0.0, nesterov: bool = False, *, weight_"),
        (
            AdamW,
            f"parameters: {GROUPS}, lr: float = 0.001, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-08, ",
        ),
        (StepLR, "optimizer: nn.optim.schedules.HasRate, step_size: int, gamma: float = 0.1)"),
        (EarlyStopping, "patience: int = 10, min_delta: float = 0.0, *, monitor: str | None = None, mode: str | None = None)"),
    ],
)
def test_a_signature_shows_options_with_kinds_and_defaults(kind: Any, signature: str) -> None:
    assert str(inspect.signature(kind)).replace("'", "").startswith("(" + signature)


def test_the_kind_of_an_option_may_be_qualified_with_its_module() -> None:
    class Slow(SGD):
        factor: float = option(positive_float, default=0.5)

    assert Slow(one(), factor=2).factor == 2.0
    with pytest.raises(ValueError, match=r"factor must be positive and finite, not -1\.0"):
        Slow(one(), factor=-1.0)


def test_options_in_another_position_than_in_pytorch_are_keyword_only() -> None:
    for kind, name in ((RMSprop, "momentum"), (Adagrad, "eps"), (SGD, "weight_decay")):
        assert inspect.signature(kind).parameters[name].kind is inspect.Parameter.KEYWORD_ONLY


def test_momentum_may_be_assigned_later() -> None:
    [p], [q] = one(), one()
    late, early = SGD([p], lr=0.5), SGD([q], lr=0.5, momentum=0.9)
    late.momentum = 0.9
    for optimizer, parameter in ((late, p), (early, q)):
        for _ in range(3):
            parameter.grad = 1.0
            optimizer.step()
    assert p.data == q.data


class Fast(SGD):
    lr: float = 0.5


class Private(Fast):
    known: ClassVar[dict[str, int]] = {}
    _scale: float = 2.0


def test_an_option_that_is_declared_again_keeps_its_position() -> None:
    assert repr(Fast(one(), 0.1, 0.9)) == "Fast(1 parameter, lr=0.1, momentum=0.9)"
    assert repr(Private(one(), 0.1, _scale=3.0)) == "Private(1 parameter, lr=0.1, _scale=3.0)"


def test_defaults_are_attributes_of_the_class() -> None:
    assert (SGD.lr, Fast.lr, Fast.momentum, StepLR.gamma) == (0.01, 0.5, 0.0, 0.1)


@pytest.mark.parametrize("default", [[], {}, dataclasses.field(init=False)])
def test_a_default_that_cannot_be_used_is_an_error(default: Any) -> None:
    names = {"__annotations__": {"history": Any}, "__module__": __name__, "history": default}
    with pytest.raises(TypeError, match=r"Odd.history must be an immutable default, not \w+ .*; use attrs.field\("):
        type("Odd", (Optimizer,), names)


def test_a_post_init_of_a_dataclass_is_an_error() -> None:
    with pytest.raises(TypeError, match="Odd must not define __post_init__, which is not called; name it __attrs_post_init__"):
        type("Odd", (Optimizer,), {"__post_init__": lambda self: None})


class Own(Optimizer):
    beta: float = option(probability, default=0.5)
    scale: float  # type: ignore[misc]  # the class has its own __init__
    mean: Any = field(init=False)

    def __init__(self, parameters: list[Value], scale: float) -> None:
        super().__init__(parameters)
        self.scale = scale


def test_options_are_validated_in_a_class_with_its_own_init() -> None:
    optimizer = Own(one(), 3.0)
    assert (optimizer.beta, optimizer.scale, optimizer.mean.tolist()) == (0.5, 3.0, [0.0])
    with pytest.raises(ValueError, match=r"beta must be in \[0, 1\), not 2.0"):
        optimizer.beta = 2
