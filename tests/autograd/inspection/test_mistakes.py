"""``find_mistakes``: warnings that point to the line of a likely mistake."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import AutogradError, MistakeWarning, Value, find_mistakes, no_grad


@contextmanager
def recorded_warnings(
    parameters: Iterable[Value] | Mapping[str, Value] = (), optimizer: object = None
) -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as messages, find_mistakes(parameters, optimizer):
        warnings.simplefilter("always")
        yield messages


def lines_of(messages: list[warnings.WarningMessage]) -> list[str]:
    """Return the trailing comments of the lines of this file that the warnings point to."""
    with open(__file__) as file:
        lines = file.readlines()
    assert {message.filename for message in messages} <= {__file__}
    return [lines[message.lineno - 1].rpartition("# ")[2].strip() for message in messages]


def test_a_second_backward_without_zeroing_is_reported_at_its_line() -> None:
    x, y = Value(3.0, label="x"), Value(4.0)
    with recorded_warnings() as messages:
        (x * y).backward()
        (x + y).backward()  # the second
        x.zero_grad()
        y.zero_grad()
        (x * y).backward()
    assert lines_of(messages) == ["the second"]
    assert str(messages[0].message) == (
        "this backward() adds to the gradients of an earlier one: x.grad is already 4.0 (and 1 more); call zero_grad() before "
        "each backward(), unless gradients should accumulate"
    )
    assert issubclass(messages[0].category, MistakeWarning)


def test_gradients_from_before_the_block_and_separate_leaves_are_not_a_mistake() -> None:
    x, y = Value(3.0), Value(4.0)
    (x * x).backward()
    with recorded_warnings() as messages:
        (x * x).backward()
        (y * y).backward()
    assert messages == []


def test_data_changed_between_recording_and_backward_is_reported_at_the_line_that_recorded() -> None:
    x = Value(3.0, label="x")
    with recorded_warnings() as messages:
        y = x * x  # recorded here
        x.data = 4.0
        y.backward()
    assert lines_of(messages) == ["recorded here"]
    assert str(messages[0].message) == (
        "x was 3.0 when this line computed '*' from it, and was changed to 4.0 before backward(), which computes the gradients "
        "at 3.0; compute the result again after a change"
    )
    assert x.grad == 6.0


@pytest.mark.parametrize("number", [3.0, math.nan, 0.0])
def test_assigning_the_same_number_is_not_a_change(number: float) -> None:
    x = Value(number)
    with recorded_warnings() as messages:
        y = x * x
        x.data = number
        y.backward()
    assert messages == []


def test_a_change_after_backward_is_not_a_mistake() -> None:
    x = Value(3.0)
    with recorded_warnings() as messages:
        for _ in range(3):
            x.grad = 0.0
            (x * x).backward()
            x.data -= 0.1 * x.grad
    assert messages == []


def test_a_parameter_without_a_gradient_is_reported_at_the_line_of_backward() -> None:
    w, b = Value(1.0, label="w"), Value(2.0, label="b")
    for parameters in ([w, b], (x for x in (w, b)), {"the slope": w, "the intercept": b}):
        with recorded_warnings(parameters) as messages:
            with no_grad():
                offset = b + 1
            (w * 2 + offset).backward()  # not from b
            (w * 0).backward()
        assert lines_of(messages)[0] == "not from b"
        name = "the intercept" if isinstance(parameters, dict) else "b"
        assert str(messages[0].message).startswith(f"{name} receives no gradient from this backward() (1 of 2 parameters), ")
        w.grad = 0.0


def test_parameters_without_a_gradient_are_reported_together() -> None:
    parameters = [Value(float(i), label=f"w{i}") for i in range(3)]
    with recorded_warnings(parameters) as messages:
        with no_grad():
            total = parameters[0] + parameters[1]
        (total + parameters[2]).backward()
        with no_grad():
            total = parameters[2] * 2
        total.backward()
    first, second = (str(message.message) for message in messages)
    assert first == (
        "w0 and 1 more parameter receive no gradient from this backward() (2 of 3 parameters), because the result does not "
        "depend on them; were they used within no_grad() or through .data, or are other Values used instead?"
    )
    assert second == (
        "w2 receives no gradient from this backward() (3 of 3 parameters), because the result does not depend on it; was it "
        "used within no_grad() or through .data, or is another Value used instead?"
    )


def test_a_pass_that_accumulates_no_gradients_needs_no_parameters() -> None:
    from autograd import gradients

    w, b = Value(1.0), Value(2.0)
    with recorded_warnings([w, b]) as messages:
        y = w * 2
        assert gradients(y, [w]) == [2.0]
        assert gradients(y, [w]) == [2.0]
    assert messages == []


def test_each_mistake_is_reported_once() -> None:
    x = Value(3.0)
    with recorded_warnings() as messages:
        for _ in range(5):
            (x * x).backward()
    assert len(messages) == 1


def test_a_warning_raised_as_an_error_comes_before_any_gradient_changes() -> None:
    x = Value(3.0)
    with warnings.catch_warnings(), find_mistakes():
        warnings.simplefilter("error")
        (x * x).backward()
        with pytest.raises(AutogradError, match="adds to the gradients"):
            (x * x).backward()
    assert x.grad == 6.0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([1.0], r"parameter 0 of find_mistakes\(\) must be a Value, not float \(1.0\)"),
        (3, r"parameter 0 of find_mistakes\(\) must be a Value, not int"),
        ({"w": None}, r"parameter w of find_mistakes\(\) must be a Value, not NoneType"),
    ],
)
def test_parameters_that_are_not_values_are_rejected(parameters: list[Value], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        find_mistakes(parameters)


def test_a_computed_value_as_a_parameter_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"must be a leaf, but Value\(2.0.* was computed from other Values"):
        find_mistakes([Value(1.0) * 2])


class Held:
    """The minimal interface of an optimizer."""

    def __init__(self, *parameters: Value) -> None:
        self.parameters = list(parameters)


def test_a_parameter_rebound_in_a_dict_or_list_is_reported_if_the_optimizer_holds_the_old_one() -> None:
    way = "is not in the model now; to change a parameter, assign to its data, and create the optimizer after the model"
    for held in ({"w": Value(2.0)}, [Value(2.0)]):
        key: Any = "w" if isinstance(held, dict) else 0
        with recorded_warnings(held, Held(held[key])) as messages:
            held[key] = held[key] - 0.5  # rebound
            (held[key] * 3).backward()  # went back
        (message,) = [message for message in messages if "optimizer" in str(message.message)]
        assert lines_of([message]) == ["rebound" if key else "went back"]
        assert str(message.message).startswith(f"the optimizer updates a Value that was {key or 'Value(2.0)'} of ")
        assert str(message.message).endswith(f", which {way}")


def test_an_optimizer_of_another_model_is_reported() -> None:
    w, other = Value(2.0), Value(3.0)
    for parameters in ([w], {"w": w}, iter([w])):
        with recorded_warnings(parameters, Held(w, other)) as messages:
            (w * 3).backward()
            w.grad = 0.0
        assert [str(message.message).partition(", which")[0] for message in messages] == ["the optimizer updates Value(3.0)"]


def test_without_given_parameters_the_parameters_of_the_optimizer_are_checked() -> None:
    w, b = Value(2.0), Value(3.0, label="b")
    with recorded_warnings((), Held(w, b)) as messages:
        (w * 2).backward()
    assert [str(message.message).partition(", because")[0] for message in messages] == [
        "b receives no gradient from this backward() (1 of 2 parameters)"
    ]


def test_relus_are_grouped_by_the_names_of_their_weights_and_together_without_names() -> None:
    first, second = Value(1.0), Value(-1.0)
    for parameters, dead in (({"first": first, "second.1": second}, ["every relu of second"]), ([first, second], [])):
        with recorded_warnings(parameters) as messages:
            ((first * 2).relu() + (second * 2).relu()).backward()
            first.grad = second.grad = 0.0
        assert [str(message.message).split(" is 0")[0] for message in messages if "relu" in str(message.message)] == dead
    with recorded_warnings([second, first]) as messages:
        ((second * 2).relu() + (first * -2).relu()).backward()
    assert str(messages[0].message).startswith("every relu of the parameters is 0 in this backward() (2 of them), so no ")


@pytest.mark.parametrize("optimizer", ["sgd", Held])
def test_an_optimizer_without_a_list_of_parameters_is_rejected(optimizer: object) -> None:
    with pytest.raises(TypeError, match=r"optimizer must be an object with a list named parameters, such as SGD"):
        find_mistakes([Value(1.0)], optimizer)


def test_a_block_entered_again_has_no_state_from_before() -> None:
    x, block = Value(3.0), find_mistakes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(100):  # so that new nodes reuse addresses of freed ones
            with block:
                y = x * x
                assert block.line_of(y) is not None
                y.backward()
            assert block.line_of(y) is None
            x.data += 1.0


def descend(update: str, f: str, steps: int = 3) -> list[str]:
    """Return the warnings of a descent in which the line ``update`` changes ``w``."""
    names: dict[str, Any] = {"w": Value(2.0, label="w"), "lr": 0.05}
    with recorded_warnings() as messages:
        for _ in range(steps):
            exec(f"y = {f}\ny.backward()\n{update}", names)
    return [str(message.message) for message in messages]


@pytest.mark.parametrize("f", ["(w - 3) ** 2", "w * w", "(3 * w + 1).tanh() + w", "(w + 1).exp() - 2 * w"])
@pytest.mark.parametrize("update", ["w -= lr * w.grad", "w = w - w.grad * lr", "w = w + -lr * w.grad"])
def test_an_update_that_computes_a_new_value_is_reported_once(update: str, f: str) -> None:
    (message,) = descend(update, f)
    assert message == (
        "this line looks like an update that computes a new Value from w and w.grad. The new Value depends on the old one, so "
        "each backward() passes all earlier steps and adds to the gradient of the old w; change the number in place, "
        "x.data -= lr * x.grad, and call zero_grad() before each backward()"
    )
    assert descend("w.data -= lr * w.grad; w.zero_grad()", f) == []
    (forgotten,) = descend("w.data -= lr * w.grad", f, steps=2)
    assert forgotten.startswith("this backward() adds to the gradients of an earlier one: w.grad is already")


def test_an_update_that_computes_a_new_value_is_reported_at_its_line() -> None:
    w = Value(2.0, label="w")
    with recorded_warnings() as messages:
        (w * w).backward()
        w -= 0.1 * w.grad  # the update
        (w * w).backward()
    assert lines_of(messages) == ["the update"]


ROUND = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, -1.0, -2.0, 10.0]) | st.integers(-20, 20).map(float)


@given(start=ROUND, minimum=ROUND, lr=st.sampled_from([0.5, 0.1, 0.05, 0.01, 0.3]), sign=st.sampled_from("-+"))
def test_constants_of_the_function_are_not_updates(start: float, minimum: float, lr: float, sign: str) -> None:
    """A constant such as 1 in ``(x - 1)**2`` may have a short ratio to the gradient by accident."""
    names: dict[str, Any] = {"x": Value(start, label="x"), "lr": lr}
    run = f"y = (x {sign} ({minimum}))**2\ny.backward()\n"
    for update, zero_grad in (("x.data -= lr * x.grad", True), ("x.data -= lr * x.grad", False), ("", False)):
        names["x"].data, names["x"].grad = start, 0.0
        with recorded_warnings([names["x"]]) as messages:
            for _ in range(3):
                exec(f"{'x.zero_grad()' if zero_grad else ''}\n{run}{update}", names)
        texts = [str(message.message) for message in messages]
        reached_minimum = names["x"].grad == 0.0 or start == (minimum if sign == "-" else -minimum)
        if zero_grad:
            assert texts == []
        elif not reached_minimum:
            (text,) = texts
            assert text.startswith("this backward() adds to the gradients of an earlier one: x.grad is already")


def test_losses_of_several_targets_at_one_line_are_not_updates() -> None:
    x = Value(3.0, label="x")
    with recorded_warnings() as messages:
        for target in (1.0, 2.0):
            ((x - target) ** 2).backward()  # the second time
    assert lines_of(messages) == ["the second time"]
    assert str(messages[0].message).startswith("this backward() adds to the gradients of an earlier one: x.grad is already 4.0")


UNCHANGED = (
    "backward() ran 3 times in this block, but no parameter changed; if this is training, call optimizer.step(), with the "
    "parentheses, after backward() and before zero_grad(), or change each number in place, p.data -= lr * p.grad"
)


def test_an_update_that_changes_no_parameter_is_reported_at_its_line() -> None:
    parameters = {"slope": Value(2.0), "offset": Value(3.0)}
    with recorded_warnings(parameters) as messages:
        for _ in range(3):
            for p in parameters.values():
                p.grad = 0.0
            ((parameters["slope"] * 2 + parameters["offset"]) ** 2).backward()
            for p in parameters.values():
                p -= 0.1 * p.grad  # noqa: PLW2901  # the update
    assert lines_of(messages) == ["the update"]
    assert str(messages[0].message) == (
        "backward() ran 3 times in this block, but no parameter changed, because this line looks like an update that computes "
        "a new Value from slope and slope.grad; change each number in place, p.data -= lr * p.grad"
    )


def test_an_update_without_recording_that_changes_no_parameter_is_reported_at_the_block() -> None:
    w = Value(2.0)
    with recorded_warnings([w]) as messages:
        for _ in range(3):
            w.grad = 0.0
            (w * w).backward()
            with no_grad():
                w - 0.1 * w.grad
    assert [str(message.message) for message in messages] == [UNCHANGED]


def test_parameters_that_need_no_change_are_not_a_mistake() -> None:
    w = Value(2.0)
    with recorded_warnings([w]) as messages:
        for _ in range(3):
            w.grad = 0.0
            ((w - 2) ** 2).backward()  # the gradient is 0
            w.data -= 0.1 * w.grad
    assert messages == []


def test_one_pass_without_an_update_is_not_a_mistake() -> None:
    w = Value(2.0)
    with recorded_warnings([w]) as messages:
        (w * w).backward()
    with recorded_warnings([w]):
        Value(3.0) * 2  # does not depend on a parameter
        with no_grad():
            w * 2
    assert messages == []


def test_results_of_parameters_without_a_pass_are_reported_unless_an_error_ends_the_block() -> None:
    w = Value(2.0)
    with recorded_warnings([w]) as messages:
        loss = w * 2
        loss.backward  # noqa: B018  # the forgotten call is the subject of this test
    (message,) = messages
    assert str(message.message) == (
        "no backward() ran in this block, but results were computed from the parameters; if this is training, call "
        "loss.backward(), with the parentheses"
    )


def test_a_block_that_an_error_ends_is_not_checked_at_its_end() -> None:
    w = Value(2.0)

    def interrupted() -> None:
        with find_mistakes([w]):
            w * 2
            raise KeyError

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(KeyError):
            interrupted()
