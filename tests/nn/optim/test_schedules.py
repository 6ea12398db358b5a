"""Learning rate schedules."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nn
from autograd import Value
from nn import SGD, Adam, CosineAnnealingLR, ExponentialLR, LinearLR, ReduceLROnPlateau, Schedule, StepLR

EPOCHS = 50

factors = st.floats(0.01, 1.0)
below_one = st.floats(0.0, 0.99)
counts = st.integers(1, 60)
# The options of each class, with the names that PyTorch uses.
OPTIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "StepLR": st.fixed_dictionaries({"step_size": counts}, optional={"gamma": factors}),
    "ExponentialLR": st.fixed_dictionaries({"gamma": factors}),
    "CosineAnnealingLR": st.fixed_dictionaries({"T_max": counts}, optional={"eta_min": st.floats(0.0, 0.01)}),
    "LinearLR": st.fixed_dictionaries(
        {}, optional={"start_factor": factors, "end_factor": st.floats(0.0, 1.0), "total_iters": counts}
    ),
    "ReduceLROnPlateau": st.fixed_dictionaries(
        {},
        optional={
            "factor": below_one,
            "patience": st.integers(0, 12),
            "threshold": below_one,
            "min_lr": st.floats(0.0, 0.01),
            "eps": st.floats(0.0, 0.01),
        },
    ),
}
schedules = st.sampled_from(sorted(OPTIONS)).flatmap(lambda name: st.tuples(st.just(name), OPTIONS[name]))
losses = st.lists(
    st.floats(-1.0, 100.0) | st.sampled_from([math.nan, math.inf, -math.inf, 1.0]), min_size=EPOCHS, max_size=EPOCHS
)
EXAMPLES = [
    ("StepLR", {"step_size": 10}),
    ("ExponentialLR", {"gamma": 0.95}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 1}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 30}),
    ("ReduceLROnPlateau", {"patience": 2}),
]


def optimizer(lr: float = 0.1) -> SGD:
    return SGD([Value(1.0)], lr=lr)


def make(name: str, options: dict[str, Any], of: SGD | None = None) -> Schedule:
    made: Schedule = getattr(nn, name)(of or optimizer(), **options)
    return made


def rates(schedule: Schedule, epoch_losses: list[float]) -> list[float]:
    """Return the initial learning rate and the learning rate after each epoch."""
    return [schedule.optimizer.lr, *(schedule.step(loss) for loss in epoch_losses)]


def torch_rates(chosen: list[tuple[str, dict[str, Any]]], epoch_losses: list[float]) -> list[float]:
    """Return the learning rates of PyTorch's schedules, all with the same optimizer."""
    torch = pytest.importorskip("torch")
    theirs = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    made = [getattr(torch.optim.lr_scheduler, name)(theirs, **options) for name, options in chosen]
    theirs.step()  # otherwise PyTorch warns that the schedules are called first
    found = [theirs.param_groups[0]["lr"]]
    for loss in epoch_losses:
        for schedule in made:
            schedule.step(*([loss] if isinstance(schedule, torch.optim.lr_scheduler.ReduceLROnPlateau) else []))
        found.append(theirs.param_groups[0]["lr"])
    return found


def assert_same(found: list[float], wanted: list[float]) -> None:
    """Assert equality to 1e-15.

    PyTorch's rate may be a rounding error, such as -1.5e-18 for a LinearLR that ends at 0, where ours is 0.
    """
    assert found == pytest.approx(wanted, rel=1e-15, abs=1e-17)
    assert min(found) >= 0.0


@given(schedules, losses)
@example(("LinearLR", {"end_factor": 0.0}), [0.0] * EPOCHS)
@pytest.mark.filterwarnings("error")
def test_the_rates_match_pytorch(chosen: tuple[str, dict[str, Any]], epoch_losses: list[float]) -> None:
    assert_same(rates(make(*chosen), epoch_losses), torch_rates([chosen], epoch_losses))


@pytest.mark.parametrize("chosen", EXAMPLES, ids=str)
def test_the_rates_of_typical_schedules_match_pytorch(chosen: tuple[str, dict[str, Any]]) -> None:
    epoch_losses = [3.0, 2.0, 1.0, *[1.0] * 20, 0.5, *[0.6] * 26]
    assert_same(rates(make(*chosen), epoch_losses), torch_rates([chosen], epoch_losses))


def test_two_schedules_of_one_optimizer_combine_as_in_pytorch() -> None:
    warm_up: tuple[str, dict[str, Any]] = ("LinearLR", {"start_factor": 0.1, "total_iters": 5})
    decay: tuple[str, dict[str, Any]] = ("ExponentialLR", {"gamma": 0.9})
    mine = optimizer()
    pair = LinearLR(mine, **warm_up[1]), ExponentialLR(mine, **decay[1])
    found = [mine.lr]
    for _ in range(EPOCHS):
        for schedule in pair:
            schedule.step()
        found.append(mine.lr)
    assert_same(found, torch_rates([warm_up, decay], [0.0] * EPOCHS))


@pytest.mark.parametrize(
    ("name", "options", "formula"),
    [
        ("StepLR", {"step_size": 7, "gamma": 0.5}, lambda epoch: 0.1 * 0.5 ** (epoch // 7)),
        ("ExponentialLR", {"gamma": 0.9}, lambda epoch: 0.1 * 0.9**epoch),
        (
            "CosineAnnealingLR",
            {"T_max": 20, "eta_min": 0.01},
            lambda epoch: 0.01 + 0.09 * (1 + math.cos(math.pi * epoch / 20)) / 2,
        ),
        ("LinearLR", {"start_factor": 0.2, "total_iters": 10}, lambda epoch: 0.1 * (0.2 + 0.8 * min(epoch, 10) / 10)),
    ],
)
def test_the_rates_follow_the_formula(name: str, options: dict[str, Any], formula: Any) -> None:
    found = rates(make(name, options), [0.0] * EPOCHS)
    assert found == pytest.approx([formula(epoch) for epoch in range(EPOCHS + 1)], rel=1e-12)


def test_a_plateau_is_patience_plus_one_epochs_without_a_better_loss() -> None:
    schedule = ReduceLROnPlateau(optimizer(1.0), factor=0.5, patience=2, threshold=0.1)
    better, not_enough, worse = 8.0, 7.3, 9.0
    assert [schedule.step(loss) for loss in (better, not_enough, worse, worse)] == [1.0, 1.0, 1.0, 0.5]
    assert [schedule.step(loss) for loss in (worse, worse, 7.1, worse, worse, math.nan)] == [0.5, 0.5, 0.5, 0.5, 0.5, 0.25]


@given(schedules, losses, st.integers(0, EPOCHS))
@example(("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}), [0.0] * EPOCHS, 3)
@example(("LinearLR", {"end_factor": 0.0}), [0.0] * EPOCHS, 7)
def test_a_schedule_restored_from_its_state_continues_bit_for_bit(
    chosen: tuple[str, dict[str, Any]], epoch_losses: list[float], saved_after: int
) -> None:
    first, second = optimizer(), optimizer()
    schedule, other = make(*chosen, first), make(*chosen, second)
    rates(schedule, epoch_losses[:saved_after])
    states = json.loads(json.dumps([first.state_dict(), schedule.state_dict()]))
    wanted = rates(schedule, epoch_losses[saved_after:])
    second.load_state_dict(states[0])
    other.load_state_dict(states[1])
    assert rates(other, epoch_losses[saved_after:]) == wanted


def test_a_state_contains_the_epoch_and_the_options() -> None:
    schedule = StepLR(optimizer(), step_size=3)
    schedule.step()
    assert schedule.state_dict() == {"class": "StepLR", "epoch": 1, "step_size": 3, "gamma": 0.1}


def test_a_state_of_another_schedule_is_rejected() -> None:
    schedule = StepLR(optimizer(), step_size=3)
    message = r"the state of 'ExponentialLR' cannot be loaded into StepLR\(step_size=3\)"
    with pytest.raises(ValueError, match=message):
        schedule.load_state_dict(ExponentialLR(optimizer(), 0.9).state_dict())
    assert schedule.state_dict() == StepLR(optimizer(), step_size=3).state_dict()


def test_any_object_with_an_lr_can_be_the_optimizer() -> None:
    class Mine:
        lr = 0.5

    mine = Mine()
    ExponentialLR(mine, 0.5).step()
    assert mine.lr == 0.25


def test_a_warm_up_starts_immediately() -> None:
    mine = optimizer(0.6)
    LinearLR(mine)
    assert mine.lr == pytest.approx(0.2)


@pytest.mark.parametrize("given", [SGD, 0.1, None, [Value(1.0)]])
def test_an_object_without_an_lr_is_rejected(given: Any) -> None:
    with pytest.raises(TypeError, match=r"ExponentialLR must be an optimizer, such as SGD\(model.parameters\(\)\), not "):
        ExponentialLR(given, 0.9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda of: StepLR(of, 0), "step_size must be at least 1, not 0"),
        (lambda of: StepLR(of, 2, -0.1), "gamma must be positive and finite, not -0.1"),
        (lambda of: ExponentialLR(of, 0.0), "gamma must be positive and finite, not 0.0"),
        (lambda of: CosineAnnealingLR(of, -3), "T_max must be at least 1, not -3"),
        (lambda of: CosineAnnealingLR(of, 3, -0.1), "eta_min must be non-negative and finite, not -0.1"),
        (lambda of: LinearLR(of, 0.0), "start_factor must be positive and finite, not 0.0"),
        (lambda of: LinearLR(of, 0.5, math.inf), "end_factor must be non-negative and finite, not inf"),
        (lambda of: LinearLR(of, total_iters=0), "total_iters must be at least 1, not 0"),
        (lambda of: ReduceLROnPlateau(of, 1.0), r"factor must be in \[0, 1\), not 1.0"),
        (lambda of: ReduceLROnPlateau(of, patience=-1), "patience must be at least 0, not -1"),
        (lambda of: ReduceLROnPlateau(of, threshold=-1), r"threshold must be in \[0, 1\), not -1.0"),
        (lambda of: ReduceLROnPlateau(of, min_lr=-1), "min_lr must be non-negative and finite, not -1.0"),
        (lambda of: ReduceLROnPlateau(of, eps=math.nan), "eps must be non-negative and finite, not nan"),
    ],
)
def test_an_option_out_of_range_is_rejected_and_the_rate_is_unchanged(make: Any, message: str) -> None:
    of = optimizer()
    with pytest.raises(ValueError, match=f"^{message}$"):
        make(of)
    assert of.lr == 0.1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda of: StepLR(of, 2.5), r"step_size must be an integer, not float \(2.5\)"),  # type: ignore[arg-type]
        (lambda of: ExponentialLR(of, "0.9"), r"gamma must be a number, not str \('0.9'\)"),  # type: ignore[arg-type]
        (lambda of: ReduceLROnPlateau(of, patience=None), r"patience must be an integer, not NoneType"),  # type: ignore[arg-type]
    ],
)
def test_an_option_that_is_not_a_number_is_rejected(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make(optimizer())


def test_reduce_lr_on_plateau_needs_a_loss() -> None:
    schedule = ReduceLROnPlateau(optimizer())
    with pytest.raises(TypeError, match=r"loss in step\(loss\) must be a number, not NoneType"):
        schedule.step()
    with pytest.raises(TypeError, match=r"loss in step\(loss\) must be a number, not str \('0.5'\)"):
        schedule.step("0.5")  # type: ignore[arg-type]
    assert schedule.state_dict() == ReduceLROnPlateau(optimizer()).state_dict()


def test_a_rate_that_overflows_is_rejected_by_the_step_that_sets_it() -> None:
    of = optimizer(1e300)
    with pytest.raises(ValueError, match="lr must be non-negative and finite, not inf"):
        ExponentialLR(of, 1e300).step()
    assert of.lr == 1e300


def test_a_schedule_without_next_lr_raises_an_error() -> None:
    with pytest.raises(NotImplementedError, match=r"Schedule needs a method next_lr\(lr\)"):
        Schedule(Adam([Value(1.0)])).step()


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        (StepLR(optimizer(), 3), "StepLR(step_size=3)"),
        (StepLR(optimizer(), 3, 0.5), "StepLR(step_size=3, gamma=0.5)"),
        (LinearLR(optimizer(), total_iters=9), "LinearLR(total_iters=9)"),
        (ReduceLROnPlateau(optimizer()), "ReduceLROnPlateau()"),
    ],
)
def test_the_repr_shows_the_options_that_are_not_default(schedule: Schedule, text: str) -> None:
    assert repr(schedule) == text
