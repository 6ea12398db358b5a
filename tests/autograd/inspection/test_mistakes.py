"""find_mistakes: warnings that point to the line of what is seldom meant."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from autograd import AutogradError, MistakeWarning, Value, find_mistakes, no_grad


@contextmanager
def told(
    parameters: Iterable[Value] | Mapping[str, Value] = (), optimizer: object = None
) -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as messages, find_mistakes(parameters, optimizer):
        warnings.simplefilter("always")
        yield messages


def lines_of(messages: list[warnings.WarningMessage]) -> list[str]:
    """The ends of the lines of this file that the warnings point to."""
    with open(__file__) as file:
        lines = file.readlines()
    assert {message.filename for message in messages} <= {__file__}
    return [lines[message.lineno - 1].rpartition("# ")[2].strip() for message in messages]


def test_a_second_backward_without_zeroing_is_told_at_its_line() -> None:
    x, y = Value(3.0, label="x"), Value(4.0)
    with told() as messages:
        (x * y).backward()
        (x + y).backward()  # the second
        x.zero_grad()
        y.zero_grad()
        (x * y).backward()
    assert lines_of(messages) == ["the second"]
    assert str(messages[0].message) == (
        "this backward() adds to the gradients of an earlier one: x.grad is 4.0 already (and 1 more); if they are not meant to "
        "add up, call zero_grad() before each backward()"
    )
    assert issubclass(messages[0].category, MistakeWarning)


def test_gradients_from_before_the_block_and_leaves_of_their_own_are_no_mistake() -> None:
    x, y = Value(3.0), Value(4.0)
    (x * x).backward()
    with told() as messages:
        (x * x).backward()
        (y * y).backward()
    assert messages == []


def test_data_changed_between_recording_and_backward_is_told_at_the_line_that_recorded() -> None:
    x = Value(3.0, label="x")
    with told() as messages:
        y = x * x  # recorded here
        x.data = 4.0
        y.backward()
    assert lines_of(messages) == ["recorded here"]
    assert str(messages[0].message) == (
        "x was 3.0 when this line computed '*' of it, and was changed to 4.0 before backward(), whose gradients are those at "
        "3.0; compute the result again after a change"
    )
    assert x.grad == 6.0


@pytest.mark.parametrize("number", [3.0, math.nan, 0.0])
def test_the_same_number_again_is_no_change(number: float) -> None:
    x = Value(number)
    with told() as messages:
        y = x * x
        x.data = number
        y.backward()
    assert messages == []


def test_a_change_after_backward_is_no_mistake() -> None:
    x = Value(3.0)
    with told() as messages:
        for _ in range(3):
            x.grad = 0.0
            (x * x).backward()
            x.data -= 0.1 * x.grad
    assert messages == []


def test_a_parameter_that_gets_no_gradient_is_told_at_the_line_of_backward() -> None:
    w, b = Value(1.0, label="w"), Value(2.0, label="b")
    for parameters in ([w, b], (x for x in (w, b)), {"the slope": w, "the intercept": b}):
        with told(parameters) as messages:
            with no_grad():
                offset = b + 1
            (w * 2 + offset).backward()  # not from b
            (w * 0).backward()
        assert lines_of(messages)[0] == "not from b"
        name = "the intercept" if isinstance(parameters, dict) else "b"
        assert str(messages[0].message).startswith(f"{name} gets no gradient from this backward() (1 of 2 parameters): ")
        w.grad = 0.0


def test_a_pass_that_adds_to_no_gradients_needs_no_parameters() -> None:
    from autograd import gradients

    w, b = Value(1.0), Value(2.0)
    with told([w, b]) as messages:
        y = w * 2
        assert gradients(y, [w]) == [2.0]
        assert gradients(y, [w]) == [2.0]
    assert messages == []


def test_each_mistake_is_told_once() -> None:
    x = Value(3.0)
    with told() as messages:
        for _ in range(5):
            (x * x).backward()
    assert len(messages) == 1


def test_as_an_error_it_comes_before_any_gradient_is_changed() -> None:
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
def test_what_is_no_value_is_refused(parameters: list[Value], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        find_mistakes(parameters)


def test_a_computed_value_is_no_parameter() -> None:
    with pytest.raises(ValueError, match=r"must be a leaf, but is Value\(2.0.*, computed from others"):
        find_mistakes([Value(1.0) * 2])


class Held:
    """All that is asked of an optimizer."""

    def __init__(self, *parameters: Value) -> None:
        self.parameters = list(parameters)


def test_a_parameter_rebound_in_a_dict_or_list_is_told_though_the_optimizer_changes_it() -> None:
    way = "is not in the model now; to change a parameter, assign to its data, and make the optimizer after the model"
    for held in ({"w": Value(2.0)}, [Value(2.0)]):
        key: Any = "w" if isinstance(held, dict) else 0
        with told(held, Held(held[key])) as messages:
            held[key] = held[key] - 0.5  # rebound
            (held[key] * 3).backward()  # went back
        (message,) = [message for message in messages if "optimizer" in str(message.message)]
        assert lines_of([message]) == ["rebound" if key else "went back"]
        assert str(message.message).startswith(f"the optimizer changes a Value that was {key or 'Value(2.0)'} of ")
        assert str(message.message).endswith(f", but {way}")


def test_an_optimizer_of_another_model_is_told() -> None:
    w, other = Value(2.0), Value(3.0)
    for parameters in ([w], {"w": w}, iter([w])):
        with told(parameters, Held(w, other)) as messages:
            (w * 3).backward()
            w.grad = 0.0
        assert [str(message.message).partition(", but")[0] for message in messages] == [
            "the optimizer changes a Value that is Value(3.0)"
        ]


def test_without_parameters_those_of_the_optimizer_should_get_gradients() -> None:
    w, b = Value(2.0), Value(3.0, label="b")
    with told((), Held(w, b)) as messages:
        (w * 2).backward()
    assert [str(message.message).partition(":")[0] for message in messages] == [
        "b gets no gradient from this backward() (1 of 2 parameters)"
    ]


def test_relus_are_told_apart_by_the_names_of_the_weights_and_without_names_taken_together() -> None:
    first, second = Value(1.0), Value(-1.0)
    for parameters, dead in (({"first": first, "second.1": second}, ["every relu of second"]), ([first, second], [])):
        with told(parameters) as messages:
            ((first * 2).relu() + (second * 2).relu()).backward()
            first.grad = second.grad = 0.0
        assert [str(message.message).split(" is 0")[0] for message in messages if "relu" in str(message.message)] == dead
    with told([second, first]) as messages:
        ((second * 2).relu() + (first * -2).relu()).backward()
    assert str(messages[0].message).startswith("every relu of the parameters is 0 in this backward() (2 of them), so no ")


@pytest.mark.parametrize("optimizer", ["sgd", Held])
def test_what_has_no_list_of_parameters_is_no_optimizer(optimizer: object) -> None:
    with pytest.raises(TypeError, match=r"the optimizer must have a list of its parameters, as those of nn do, not be "):
        find_mistakes([Value(1.0)], optimizer)


def test_a_block_entered_again_knows_nothing_of_before() -> None:
    x, block = Value(3.0), find_mistakes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(100):  # so that nodes are where others were
            with block:
                y = x * x
                assert block.place_of(y) is not None
                y.backward()
            assert block.place_of(y) is None
            x.data += 1.0
