"""Optimizers. Their formulas are tested in test_optim_as_pytorch.py."""

from __future__ import annotations

import json
import math
import pickle
import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, read_data, write_data, write_grads
from nn import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, Neuron, Optimizer, RMSprop
from nn.optim.optimizers import WithParameters

# One optimizer for each kind of state that is kept between steps.
MADE: dict[str, Callable[[Iterable[Value]], Optimizer]] = {
    "SGD": lambda parameters: SGD(parameters, lr=0.1),
    "SGD, momentum": lambda parameters: SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.01),
    "SGD, nesterov": lambda parameters: SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
    "Adagrad": lambda parameters: Adagrad(parameters, lr=0.1),
    "RMSprop": lambda parameters: RMSprop(parameters, lr=0.1, momentum=0.5),
    "Adam": lambda parameters: Adam(parameters, lr=0.1, weight_decay=0.01),
    "AdamW": lambda parameters: AdamW(parameters, lr=0.1),
}
every_kind = pytest.mark.parametrize("make", MADE.values(), ids=MADE)


def values(*numbers: float) -> list[Value]:
    return [Value(number) for number in numbers]


def train(optimizer: Optimizer, steps: int) -> list[bytes]:
    """Return the bytes of the parameters after each step towards 1, 2, 3, ..."""
    course = []
    for _ in range(steps):
        optimizer.zero_grad()
        for target, p in enumerate(optimizer.parameters, 1):
            ((p - target) ** 2 + (0.3 * p).tanh()).backward()
        optimizer.step()
        course.append(read_data(optimizer.parameters).tobytes())
    return course


def test_a_step_subtracts_lr_times_gradient_from_each_parameter() -> None:
    p, q = Value(1.0), Value(-2.0)
    optimizer = SGD([p, q], lr=0.5)
    (3 * p + q * q).backward()
    optimizer.step()
    assert (p.data, q.data) == (1.0 - 0.5 * 3.0, -2.0 - 0.5 * -4.0)


@given(st.floats(), st.floats(), st.floats(1e-300, 1e300))
def test_plain_descent_is_one_product_and_one_difference_bit_for_bit(start: float, gradient: float, lr: float) -> None:
    (p,) = values(start)
    p.grad = gradient
    SGD([p], lr).step()
    assert repr(p.data) == repr(start - lr * gradient)  # repr shows every bit, except in nan


def test_momentum_accumulates_gradients_and_older_ones_count_less() -> None:
    (p,) = values(0.0)
    optimizer = SGD([p], lr=1.0, momentum=0.5)
    course = []
    for gradient in (1.0, 0.0, 2.0):
        p.grad = gradient
        optimizer.step()
        course.append(p.data)
    assert course == [-1.0, -1.5, -1.5 - 2.25]


def test_the_first_step_of_adam_has_length_lr_for_any_gradient() -> None:
    p, q = parameters = values(0.0, 0.0)
    write_grads(parameters, [1e-3, -1e3])
    Adam(parameters, lr=0.1, eps=0.0).step()
    assert (p.data, q.data) == pytest.approx((-0.1, 0.1), rel=1e-15)


def test_adam_scales_weight_decay_by_the_gradients_and_adamw_does_not() -> None:
    coupled, decoupled = values(5.0), values(5.0)
    Adam(coupled, lr=0.1, weight_decay=0.2).step()
    AdamW(decoupled, lr=0.1, weight_decay=0.2).step()
    assert coupled[0].data == pytest.approx(5.0 - 0.1)
    assert decoupled[0].data == pytest.approx(5.0 * (1 - 0.1 * 0.2))


@every_kind
def test_a_step_uses_the_data_and_the_gradient_assigned_before_it(make: Callable[..., Optimizer]) -> None:
    (p,) = values(0.0)
    optimizer = make([p])
    for start, gradient in ((50.0, 1e3), (-50.0, -1e4)):
        train(optimizer, 2)
        p.data, p.grad = start, gradient
        optimizer.step()
        assert (p.data - start) * gradient < 0
        assert start - 0.2 * gradient < p.data < start or start < p.data < start - 0.2 * gradient


@every_kind
def test_each_parameter_is_updated_independently_of_the_others(make: Callable[..., Optimizer]) -> None:
    """Hence state is assigned to parameters by their position in the list."""
    together = make(values(5.0, 5.0, 5.0))
    train(together, 10)
    for target in (1, 2, 3):
        alone = make(values(5.0))
        for _ in range(10):
            alone.zero_grad()
            (p,) = alone.parameters
            ((p - target) ** 2 + (0.3 * p).tanh()).backward()
            alone.step()
        assert p.data == together.parameters[target - 1].data


@every_kind
@pytest.mark.filterwarnings("error")
def test_numbers_that_overflow_become_infinite_or_nan_without_a_warning(make: Callable[..., Optimizer]) -> None:
    parameters = values(1e308, 1.0)
    optimizer = make(parameters)
    for _ in range(2):
        write_grads(parameters, [-1e308, math.nan])
        optimizer.lr = 1e300
        optimizer.step()
    assert not math.isfinite(parameters[0].data) or abs(parameters[0].data) > 1e299
    assert math.isnan(parameters[1].data)


@every_kind
@given(before=st.integers(0, 5), after=st.integers(1, 5), as_json=st.booleans())
@example(before=0, after=3, as_json=True)
def test_an_optimizer_restored_from_its_state_continues_bit_for_bit(
    make: Callable[..., Optimizer], before: int, after: int, as_json: bool
) -> None:
    optimizer = make(values(0.1, -0.2, 0.3))
    train(optimizer, before)
    state: dict[str, Any] = optimizer.state_dict()
    if as_json:
        state = json.loads(json.dumps(state, default=np.ndarray.tolist))
    other = make(values(5.0, 6.0, 7.0))
    train(other, 2)
    write_data(other.parameters, read_data(optimizer.parameters))
    other.load_state_dict(state)
    assert train(other, after) == train(optimizer, after)


@every_kind
def test_changing_the_arrays_of_a_state_changes_no_optimizer(
    make: Callable[..., Optimizer],
) -> None:
    optimizer, other = make(values(0.1, -0.2)), make(values(0.1, -0.2))
    train(optimizer, 3)
    state = optimizer.state_dict()
    other.load_state_dict(state)
    for array in state.values():
        if isinstance(array, np.ndarray):
            array[:] = math.nan
    assert "nan" not in repr((optimizer.state_dict(), other.state_dict()))


@every_kind
def test_further_steps_do_not_change_a_saved_state(make: Callable[..., Optimizer]) -> None:
    optimizer = make(values(0.1, -0.2))
    train(optimizer, 3)
    state = optimizer.state_dict()
    kept = repr(state)
    train(optimizer, 3)
    assert repr(state) == kept


def test_a_state_holds_options_counters_and_arrays_with_one_element_per_parameter() -> None:
    optimizer = Adam(values(0.1, -0.2), lr=0.5)
    write_grads(optimizer.parameters, [1.0, 2.0])
    optimizer.step()
    state = optimizer.state_dict()
    assert state.pop("m").tolist() == pytest.approx([0.1, 0.2])
    assert state.pop("v").tolist() == pytest.approx([0.001, 0.004])
    options = {"lr": 0.5, "weight_decay": 0.0, "betas": (0.9, 0.999), "eps": 1e-8, "amsgrad": False}
    assert state == {"class": "Adam", "step_count": 1, **options}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"class": "SGD"}, ValueError, r"the state of 'SGD' cannot be loaded into Adam\(2 parameters, lr=0.1\)"),
        (
            {"m": [1.0, 2.0, 3.0]},
            ValueError,
            r"m .* is \[1.0, 2.0, 3.0\] of shape \(3,\), unlike .* of shape \(2,\); was it saved from",
        ),
        (
            {"v": 0.0},
            ValueError,
            r"v in the state is 0.0 of shape \(\), unlike array.* of shape \(2,\); was it saved from another model",
        ),
        ({"v": ["a", "b"]}, ValueError, r"v in the state is \['a', 'b'\] of shape \(2,\), unlike array\(\[0., 0.\]\) of shape"),
        ({"betas": [0.9]}, ValueError, r"betas in the state is \[0.9\] of shape \(1,\), unlike \(0.9, 0.999\) of shape \(2,\)"),
        ({"betas": [0.9, "x"]}, ValueError, r"betas in the state is \[0.9, 'x'\] of shape \(2,\), unlike \(0.9, 0.999\)"),
        ({"lr": "0.5"}, ValueError, r"lr in the state is '0.5' of shape \(\), unlike 0.1 of shape \(\)"),
        ({"lr": True}, ValueError, r"lr in the state is True of shape \(\), unlike 0.1 of shape \(\)"),
        ({"lr": None}, ValueError, r"lr in the state is None of shape \(\), unlike 0.1 of shape \(\)"),
        ({"step_count": 1.5}, ValueError, r"step_count in the state is 1.5 of shape \(\), unlike 0 of shape \(\)"),
        (
            {"velocity": [0.0, 0.0]},
            ValueError,
            r"the state has velocity, unlike Adam\(2 parameters, lr=0.1\); create it with the sa",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_rejected_and_changes_nothing(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    optimizer, other = Adam(values(0.1, 0.2), lr=0.1), Adam(values(0.1, 0.2), lr=0.3)
    train(other, 3)
    before = repr(optimizer.state_dict())
    with pytest.raises(error, match=message):
        optimizer.load_state_dict(other.state_dict() | change)
    assert repr(optimizer.state_dict()) == before


def test_an_incomplete_state_is_rejected() -> None:
    state = SGD(values(1.0), lr=0.1).state_dict()
    with pytest.raises(ValueError, match=r"the state lacks velocity, unlike SGD\(1 parameter, lr=0.1, momentum=0.9\); create"):
        SGD(values(1.0), lr=0.1, momentum=0.9).load_state_dict(state)


@pytest.mark.parametrize("given", [None, [], "state", 3])
def test_a_state_that_is_not_a_dict_is_rejected(given: Any) -> None:
    kind = type(given).__name__
    with pytest.raises(TypeError, match=rf"state must be a dict from state_dict\(\), not {kind} \("):
        SGD(values(1.0)).load_state_dict(given)


def test_every_optimizer_has_a_name() -> None:
    assert {"sgd": SGD, "adagrad": Adagrad, "rmsprop": RMSprop, "adam": Adam, "adamw": AdamW} == OPTIMIZERS


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD(p, momentum=1.0), r"momentum must be in \[0, 1\), not 1.0"),
        (lambda p: SGD(p, weight_decay=-0.1), "weight_decay must be non-negative and finite, not -0.1"),
        (lambda p: SGD(p, nesterov=True), "nesterov=True needs a positive momentum, such as momentum=0.9"),
        (lambda p: Adagrad(p, eps=-1.0), "eps must be non-negative and finite, not -1.0"),
        (lambda p: RMSprop(p, alpha=1.5), r"alpha must be in \[0, 1\), not 1.5"),
        (lambda p: RMSprop(p, momentum=-0.5), r"momentum must be in \[0, 1\), not -0.5"),
        (lambda p: RMSprop(p, eps=math.nan), "eps must be non-negative and finite, not nan"),
        (lambda p: Adam(p, betas=(0.9, 1.0)), r"betas\[1\] must be in \[0, 1\), not 1.0"),
        (lambda p: Adam(p, betas=(-0.1, 0.9)), r"betas\[0\] must be in \[0, 1\), not -0.1"),
        (lambda p: AdamW(p, eps=math.inf), "eps must be non-negative and finite, not inf"),
    ],
)
def test_an_option_out_of_range_is_rejected(make: Callable[..., Optimizer], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        make(values(1.0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD(p, momentum="0.9"), r"momentum must be a number, not str \('0.9'\)"),  # type: ignore[arg-type]
        (lambda p: SGD(p, momentum=0.9, nesterov=1), r"nesterov must be True or False, not int \(1\)"),  # type: ignore[arg-type]
        (lambda p: Adam(p, betas=0.9), r"betas must be two numbers, such as \(0.9, 0.999\), not 0.9"),  # type: ignore[arg-type]
        (lambda p: Adam(p, betas=(0.9,)), r"betas must be two numbers, such as \(0.9, 0.999\), not \(0.9,\)"),  # type: ignore[arg-type]
        (lambda p: AdamW(p, betas=(0.9, None)), r"betas\[1\] must be a number, not NoneType \(None\)"),  # type: ignore[arg-type]
    ],
)
def test_an_option_of_the_wrong_type_is_rejected(make: Callable[..., Optimizer], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make(values(1.0))


def test_a_later_assigned_lr_may_be_zero_but_not_negative() -> None:
    optimizer = SGD(values(1.0), momentum=0.5)
    write_grads(optimizer.parameters, 1.0)
    optimizer.lr = 0
    optimizer.step()
    before = repr(optimizer.state_dict())
    for lr, error, message in (
        (-0.1, ValueError, r"lr must be non-negative and finite, not -0.1"),
        ("0.1", TypeError, r"lr must be a number, not str \('0.1'\)"),
    ):
        with pytest.raises(error, match=message):
            optimizer.lr = lr  # type: ignore[assignment]
    assert repr(optimizer.state_dict()) == before
    optimizer.step()
    assert optimizer.parameters[0].data == 1.0


def test_an_optimizer_without_update_raises_an_error() -> None:
    with pytest.raises(NotImplementedError, match=r"Optimizer needs a method update\(p, g\)"):
        Optimizer(values(1.0), lr=0.1).step()


def test_zero_grad_clears_the_gradients() -> None:
    p = Value(1.0)
    optimizer = SGD([p])
    (3 * p).backward()
    optimizer.zero_grad()
    assert p.grad == 0.0


def test_parameters_may_come_from_a_generator() -> None:
    assert len(SGD(p for p in Neuron(3).parameters()).parameters) == 4


@pytest.mark.parametrize("lr", [0, -0.1, float("nan"), float("inf")])
def test_lr_must_be_positive(lr: float) -> None:
    with pytest.raises(ValueError, match=r"lr must be positive and finite, not "):
        SGD([Value(1.0)], lr)


@pytest.mark.parametrize("lr", ["0.1", None, [0.1], True])
def test_lr_must_be_a_number(lr: Any) -> None:
    with pytest.raises(TypeError, match=rf"lr must be a number, not {type(lr).__name__} \("):
        SGD([Value(1.0)], lr)


def test_an_empty_list_of_parameters_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"parameters must not be empty; pass model.parameters\(\)"):
        SGD([])


@pytest.mark.parametrize("given", [Neuron(1), 0.1, Value(1.0), Neuron(1).parameters, None])
def test_a_model_or_a_number_instead_of_parameters_is_rejected(given: Any) -> None:
    shown = re.escape(f"{given!r:.40}")
    with pytest.raises(TypeError, match=rf"parameters must be a list of Values, not {shown}; pass model.parameters\(\)"):
        SGD(given)


def test_a_parameter_that_is_not_a_value_is_rejected() -> None:
    with pytest.raises(
        TypeError, match=r"SGD: LeafTuple\(\) takes Values, but item 1 is float \(2.0\); pass model.parameters\(\)"
    ):
        SGD([Value(1.0), 2.0])  # type: ignore[arg-type]


def test_a_computed_value_is_rejected() -> None:
    with pytest.raises(AttributeError, match=r"is for leaves, but item 0 is Value\(6.0, .*update the leaves that it depends"):
        SGD([Value(2.0) * 3])


@every_kind
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            lambda parameters: parameters.pop(),
            ValueError,
            "one number per parameter, here 1, not 2; create a new optimizer for other",
        ),
        (lambda parameters: parameters.append(2.0), TypeError, r"takes Values, but item 2 is float \(2.0\)"),
        (lambda parameters: parameters.append(parameters[0] * 2), AttributeError, "is for leaves, but item 2 is Value"),
    ],
)
def test_a_step_after_the_list_of_parameters_changed_is_rejected_and_changes_nothing(
    make: Callable[..., Optimizer], change: Callable[[list[Any]], Any], error: type[Exception], message: str
) -> None:
    optimizer = make(values(5.0, 6.0))
    train(optimizer, 2)
    before = repr((optimizer.state_dict(), optimizer.parameters[0]))
    if change(optimizer.parameters) is not None and optimizer.state_dict().keys().isdisjoint({"velocity", "squares", "m"}):
        optimizer.step()  # plain descent keeps no state and accepts any leaves
        return
    with pytest.raises(error, match=message):
        optimizer.step()
    assert repr((optimizer.state_dict(), optimizer.parameters[0])) == before


@every_kind
def test_a_parameter_replaced_in_the_list_is_updated_from_then_on(make: Callable[..., Optimizer]) -> None:
    optimizer, twin = make(values(5.0, 6.0)), make(values(5.0, 6.0))
    train(optimizer, 2)
    train(twin, 2)
    old, new = optimizer.parameters[1], Value(optimizer.parameters[1].data)
    optimizer.parameters[1] = new
    assert train(optimizer, 2) == train(twin, 2)
    assert new.data == twin.parameters[1].data != old.data


@every_kind
@pytest.mark.parametrize("duplicate", [deepcopy, lambda optimizer: pickle.loads(pickle.dumps(optimizer))])
def test_a_copy_of_an_optimizer_has_parameters_of_its_own(make: Callable[..., Optimizer], duplicate: Any) -> None:
    optimizer = make(values(5.0, 6.0))
    train(optimizer, 2)
    copied, before = duplicate(optimizer), read_data(optimizer.parameters).tobytes()
    course = train(copied, 2)
    assert read_data(optimizer.parameters).tobytes() == before
    assert train(optimizer, 2) == course


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_an_optimizer_can_be_subclassed(kind: Callable[..., Optimizer]) -> None:
    class Clipped(kind):  # type: ignore[valid-type,misc]
        def update(self, p: Any, g: Any) -> Any:
            return super().update(p, g.clip(-1, 1))

    plain, clipped = kind(values(0.5, 1.0), 0.1), Clipped(values(0.5, 1.0), 0.1)
    for _ in range(3):
        write_grads(plain.parameters, [1.0, -0.25])
        write_grads(clipped.parameters, [7.0, -0.25])
        plain.step()
        clipped.step()
    assert read_data(clipped.parameters).tolist() == read_data(plain.parameters).tolist()


def test_a_parameter_listed_twice_is_rejected() -> None:
    p = Value(1.0)
    with pytest.raises(ValueError, match="a parameter is listed twice, and would be updated twice"):
        SGD([p, p])


@pytest.mark.parametrize(
    ("optimizer", "text"),
    [
        (SGD([Value(1.0)], lr=0.5), "SGD(1 parameter, lr=0.5)"),
        (SGD(values(1, 2), momentum=0.9, nesterov=True), "SGD(2 parameters, lr=0.01, momentum=0.9, nesterov=True)"),
        (Adam(values(1, 2), betas=(0.9, 0.999)), "Adam(2 parameters, lr=0.001)"),
        (AdamW(values(1, 2), weight_decay=0.0), "AdamW(2 parameters, lr=0.001, weight_decay=0.0)"),
    ],
)
def test_the_repr_is_one_line_with_the_options_that_are_not_default(optimizer: Optimizer, text: str) -> None:
    assert repr(optimizer) == text


# ---- groups of parameters ----


def grouped(make: Callable[..., Optimizer], p: list[Value]) -> Optimizer:
    return make([{"params": p[:2], "weight_decay": 0.25}, {"params": p[2:], "lr": 0.05}])


@every_kind
def test_groups_resume_bit_for_bit_from_json(make: Callable[..., Optimizer]) -> None:
    whole = train(grouped(make, values(3.0, -1.0, 0.5)), 8)
    p = values(3.0, -1.0, 0.5)
    first = grouped(make, p)
    train(first, 3)
    first.lr *= 1.0  # schedules assign it
    state = json.loads(json.dumps(first.state_dict(), default=lambda array: array.tolist()))
    second = grouped(make, p)
    second.load_state_dict(state)
    assert train(second, 5) == whole[3:]
    assert second.step_count == second.groups[1].step_count == 8


@every_kind
def test_one_group_takes_the_steps_of_a_list(make: Callable[..., Optimizer]) -> None:
    assert train(make([{"params": values(3.0, -1.0)}]), 5) == train(make(values(3.0, -1.0)), 5)


def test_the_state_of_other_groups_is_rejected_and_nothing_is_changed() -> None:
    optimizer, p = grouped(MADE["Adam"], values(1.0, 2.0, 3.0)), values(1.0, 2.0, 3.0)
    train(optimizer, 2)
    before = repr(optimizer.state_dict())
    with pytest.raises(ValueError, match="the state lacks group 0, group 1, unlike Adam"):
        optimizer.load_state_dict({name: x for name, x in optimizer.state_dict().items() if "group" not in name})
    with pytest.raises(ValueError, match="the state lacks m, v, unlike Adam"):
        Adam(p).load_state_dict(optimizer.state_dict())
    wrong = optimizer.state_dict()
    wrong["group 1"]["m"] = [1.0, 2.0]
    with pytest.raises(ValueError, match=r"m in the state is \[1\.0, 2\.0\] of shape \(2,\)"):
        optimizer.load_state_dict(wrong)
    assert repr(optimizer.state_dict()) == before


def test_options_of_groups_are_assigned_to_the_groups() -> None:
    optimizer = grouped(SGD, values(1.0, 2.0, 3.0))
    with pytest.raises(AttributeError, match=r"weight_decay of an optimizer with groups must be .*: optimizer\.groups\[0\]\.w"):
        optimizer.weight_decay = 0.5
    optimizer.groups[1].weight_decay = 0.5
    assert [group.weight_decay for group in optimizer.groups] == [0.25, 0.5]


def test_a_failing_group_changes_no_parameter() -> None:
    class Half(Optimizer):
        fails: bool = False

        def update(self, p: Any, g: Any) -> Any:
            if self.fails:
                raise RuntimeError("planted")
            return p / 2

    p, q = values(1.0, 2.0)
    with pytest.raises(RuntimeError, match="planted"):
        Half([{"params": [p]}, {"params": [q], "fails": True}]).step()  # type: ignore[arg-type]
    assert (p.data, q.data) == (1.0, 2.0)


@pytest.mark.parametrize("method", ["step", "zero_grad"])
def test_parameters_that_are_added_later_are_checked(method: str) -> None:
    optimizer = SGD(values(1.0))
    optimizer.parameters.append(optimizer.parameters[0])
    with pytest.raises(ValueError, match="a parameter is listed twice, and would be updated twice"):
        getattr(optimizer, method)()
    optimizer.parameters[1] = Value(2.0) * 3.0
    with pytest.raises(AttributeError, match=r"SGD: LeafTuple\(\) is for leaves, but item 1 is .*; pass model.parameters\(\)"):
        getattr(optimizer, method)()
    optimizer.parameters[1] = Value(2.0)
    getattr(optimizer, method)()


def test_a_subclass_may_initialize_itself() -> None:
    class Clip(WithParameters):
        def __attrs_post_init__(self) -> None:
            self.step_count = 0

    p = values(1.0)
    p[0].grad = 3.0
    Clip(p).zero_grad()
    assert p[0].grad == 0.0


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        (
            [{"params": values(1.0), "momentun": 0.9}],
            ValueError,
            r"unknown option of a group: 'momentun' \(must be 'params'",
        ),
        ([{"lr": 0.1}], TypeError, "group 0 must be a dict with a list of Values under 'params', not dict "),
        (
            [{"params": values(1.0)}, Value(2.0)],
            TypeError,
            "group 1 must be a dict with a list of Values under 'params', not",
        ),
        ([{"params": values(1.0)}, {"params": []}], ValueError, "parameters must not be empty"),
        ([{"params": values(1.0) * 2}], ValueError, "a parameter is listed twice"),
        ([{"params": Value(1.0)}], TypeError, "parameters must be a list of Values, not Value"),
        ([{"params": values(1.0), "lr": -1}], ValueError, "lr must be positive and finite, not -1"),
        ({"params": values(1.0)}, TypeError, "parameters must be a list of Values, not {'params'"),
    ],
)
def test_invalid_groups_are_rejected(groups: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        SGD(groups)
