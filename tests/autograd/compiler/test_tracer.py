"""While a function is recorded, whatever would freeze a number is refused, with the line of the code and the way out."""

from __future__ import annotations

import copy
import math
import pickle
import re
import threading
from typing import Any

import numpy as np
import pytest
from replayed import same

import autograd
from autograd import RecordingError, Value, grad, gradients, no_grad, primitive, where
from autograd.compiler.tracer import Condition, Tracer

X = np.array([1.0, -2.0, 3.0])
w = Value(2.0)


@primitive(lambda out, x: out)
def own_exp(x: float) -> float:
    return math.exp(x)


def within_no_grad(x: Any) -> Any:
    with no_grad():
        return x * 2


def assigning(x: Any, name: str) -> Any:
    setattr(w, name, 1.0)
    return x


REFUSED: dict[str, tuple[Any, str]] = {
    "a branch": (lambda x: x if x > 0 else -x, "a branch depends on it"),
    "a branch on a number": (lambda x: x or w, "a branch depends on it"),
    "a branch on a parameter": (lambda x: x if w > 0 else -x, "a branch depends on it"),
    "a branch on equality": (lambda x: x if x == 1.0 else -x, "a branch depends on it"),
    "a branch on inequality": (lambda x: x if x != 1.0 else -x, "a branch depends on it"),
    "a comparison with True": (lambda x: x if (x > 0) == True else w, "a branch depends on it"),  # noqa: E712
    "a comparison of comparisons": (lambda x: x if (x > 0) != (w > 0) else w, "a branch depends on it"),
    "and": (lambda x: where(x > 0 and x < 2, x, 0.0), "a branch depends on it"),
    "or": (lambda x: where(x > 5 or x < 2, x, 0.0), "a branch depends on it"),
    "not": (lambda x: where(not x > 0, x, 0.0), "a branch depends on it"),
    "a chain of comparisons": (lambda x: where(0 < x < 2, x, 0.0), "a branch depends on it"),
    "max": (lambda x: max(x, 1.0), "a branch depends on it"),
    "min": (lambda x: min([x, w]), "a branch depends on it"),
    "sorted": (lambda x: sorted([x, 1.0, w])[1], "a branch depends on it"),
    "in": (lambda x: x if x in [5.0, 6.0] else w, "a branch depends on it"),
    "index of a list": (lambda x: [5.0, 6.0].index(x), "a branch depends on it"),
    "any": (lambda x: any([x > 0]), "a branch depends on it"),
    "assert": (lambda x: (bool(x), x)[1], "a branch depends on it"),
    "numpy's maximum": (lambda x: np.maximum(np.array([x, 1.0], dtype=object), 0.0), "a branch depends on it"),
    "numpy's clip": (lambda x: np.clip(np.array([x, 1.0], dtype=object), 0.0, 1.0), "a branch depends on it"),
    "numpy's where": (lambda x: np.where(np.array([x], dtype=object) > 0, 1.0, 0.0), "a branch depends on it"),
    "numpy's argmax": (lambda x: np.argmax(np.array([x, 1.0], dtype=object)), "a branch depends on it"),
    "data": (lambda x: x.data * 2, "its data is read"),
    "data of a parameter": (lambda x: x * w.data, "its data is read"),
    "float()": (lambda x: float(x), "it is turned into a float"),
    "int()": (lambda x: int(x), "it is turned into a float"),
    "math.exp": (lambda x: math.exp(x), "it is turned into a float"),
    "a float array": (lambda x: np.array([x], dtype=float)[0], "it is turned into a float"),
    "round()": (lambda x: round(x), "it is rounded"),
    "round() to digits": (lambda x: round(x, 2), "it is rounded"),
    "grad": (lambda x: x * w.grad, "a gradient is read"),
    "partials": (lambda x: (x * x).partials[0], "its partials are read"),
    "assigning to data": (lambda x: assigning(x, "data"), "data is assigned to"),
    "assigning to grad": (lambda x: assigning(x, "grad"), "a gradient is assigned to"),
    "copy": (lambda x: copy.copy(x) * 2, "it is copied or pickled"),
    "deepcopy": (lambda x: copy.deepcopy([x])[0] * 2, "it is copied or pickled"),
    "pickle": (lambda x: pickle.loads(pickle.dumps(x)), "it is copied or pickled"),
    "no_grad": (within_no_grad, "it is used inside no_grad(), which gives plain numbers"),
    "backward": (lambda x: (x * x).backward(), "backward is called on what it gives"),
    "gradients": (lambda x: gradients(x * x, x), "its gradient is computed as a float"),
    "an operation of the user's own": (lambda x: own_exp(x), "its data is read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_line_and_the_way_out(name: str) -> None:
    function, why = REFUSED[name]
    line = function.__code__.co_firstlineno
    with pytest.raises(RecordingError) as caught:
        autograd.compile(function)(X)
    message = str(caught.value)
    assert message.endswith(
        f"a function that is compiled may not depend on a recorded number in this way: {why}. The number would for ever be "
        "that of the first call. Use where(condition, x, y), maximum, minimum, clip or relu for a branch, take(items, index) "
        "for an index, x.detach() for a number without gradient; or do not compile"
    )
    found = re.match(r"(.*), line (\d+): ", message)
    assert found is not None
    assert found[1] == __file__
    assert line <= int(found[2]) <= line + 2 or name.startswith("assigning")


def test_nothing_is_left_behind_by_a_refusal() -> None:
    for function, _ in REFUSED.values():
        with pytest.raises(RecordingError):
            autograd.compile(function)(X)
    assert (w.data, w.grad) == (2.0, 0.0)
    x = Value(3.0)
    assert x > 2
    assert float(round(x * 1.0, 1)) == 3.0
    y = x * x
    y.backward()
    assert x.grad == 6.0
    with no_grad():
        assert not (x * x).operands


def test_a_refused_function_may_be_called_again() -> None:
    flag = [True]

    def f(x: Any) -> Any:
        return x.data if flag[0] else x * 2

    compiled = autograd.compile(f)
    with pytest.raises(RecordingError, match="its data is read"):
        compiled(X)
    flag[0] = False
    assert same(compiled(X), X * 2)


@pytest.mark.parametrize(("condition", "plain"), [
    (lambda x: (x > 0) & (x < 2), lambda x: x > 0 and x < 2),
    (lambda x: (x > 2) | (x < 0), lambda x: x > 2 or x < 0),
    (lambda x: ~(x > 0), lambda x: not x > 0),
    (lambda x: ~((x >= 1) & (x <= 1)) | (x == 3), lambda x: not 1 <= x <= 1 or x == 3),
    (lambda x: (x != 1) & True, lambda x: x != 1),
    (lambda x: True & (x != 1), lambda x: x != 1),
    (lambda x: False | (x == -2), lambda x: x == -2),
    (lambda x: (x > w) | (w > x), lambda x: x > 2 or x < 2),
    (lambda x: x > 0, lambda x: x > 0),
    (lambda x: x > x * math.nan, lambda x: False),
    (lambda x: x != x * math.nan, lambda x: True),
])  # fmt: skip
def test_conditions_are_combined_by_and_or_not(condition: Any, plain: Any) -> None:
    x = np.array([1.0, -2.0, 3.0, 0.0, -0.0, 2.0, math.nan])
    found = autograd.compile(lambda x: where(condition(x), 1.0, 0.0))(x)
    assert found.tolist() == [float(plain(number)) for number in x]


def test_a_comparison_with_something_else_is_as_ever() -> None:
    assert autograd.compile(lambda x: x if x is not None and x != "a" and not x == [1.0] else 0.0)(X).tolist() == X.tolist()  # noqa: SIM201
    with pytest.raises(TypeError, match="'<' not supported"):
        autograd.compile(lambda x: x < "a")(X)


def test_a_condition_is_not_a_number() -> None:
    with pytest.raises(TypeError, match=r"<lambda> cannot be compiled: what it gives must be a number, .* not Condition"):
        autograd.compile(lambda x: x > 0)(X)
    with pytest.raises(TypeError, match="unsupported operand"):
        autograd.compile(lambda x: (x > 0) * x)(X)


def test_a_condition_that_outlives_its_recording_is_neither_true_nor_false() -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept.append(x > 0)
        return x

    autograd.compile(f)(X)
    assert repr(kept[0]) == "<a condition that is being recorded>"
    with pytest.raises(RecordingError, match="belongs to a function that was being compiled, and is neither true nor false"):
        bool(kept[0])
    with pytest.raises(TypeError, match="unhashable"):
        hash(kept[0])


def test_what_does_not_read_a_number_is_allowed() -> None:
    """Identity, labels, printing, integers that are no Values."""

    def f(x: Any) -> Any:
        memory = {x: "x", w: "w"}
        x.label = memory[x]
        repr(x), x.op, len((x * w).operands)
        return x * 2 if x is not w and x.label == "x" else w

    assert autograd.compile(f)(X).tolist() == [2.0, -4.0, 6.0]


def test_a_call_within_no_grad_is_recorded_and_has_gradients() -> None:
    p = Value(2.0)
    with no_grad():
        compiled = autograd.compile(lambda x: p * x)
        assert same(compiled(X), 2 * X)
        assert compiled.backward(X, reduce="sum") == 4.0
        assert not (p * p).operands
    assert p.grad == 2.0


def test_other_threads_do_not_notice_a_recording() -> None:
    began, go_on, found = threading.Event(), threading.Event(), []

    def f(x: Any) -> Any:
        began.set()
        go_on.wait(10)
        return x * 2

    def other() -> None:
        began.wait(10)
        x = Value(3.0)
        y = x * x if x > 2 else x
        y.backward()
        found.extend([x.grad, x.data, float(autograd.grad(lambda x: x**3)(2.0))])
        go_on.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert autograd.compile(f)(X).tolist() == (2 * X).tolist()
    thread.join()
    assert found == [6.0, 3.0, 12.0]


def test_a_recording_within_a_recording() -> None:
    """A compiled function that calls another: the inner one is just called."""
    inner = autograd.compile(lambda x: where(x > 0, x, -x))
    outer = autograd.compile(lambda x: inner(x) * 2)
    assert outer(X).tolist() == [2.0, 4.0, 6.0]
    assert autograd.compile(inner)(X).tolist() == [1.0, 2.0, 3.0]
    assert grad(lambda x: outer(x) * x)(-2.0) == 8.0


def test_the_tracer_keeps_the_nodes_of_its_block_only() -> None:
    x = Value(3.0)
    with Tracer() as tracer:
        y = x * x
        assert isinstance(x > 0, Condition)
    z = x * y
    assert list(tracer.nodes.values()) != []
    assert id(y) in tracer.nodes
    assert id(z) not in tracer.nodes
    assert (x > 0) is True


# ---- what a fresh pair of eyes found ----


def swallows_a_branch(x: Any) -> Any:
    try:
        if x > 1.5:
            return x * 10
    except Exception:  # noqa: BLE001 - what is tested
        pass
    return x


def swallows_a_float(x: Any) -> Any:
    try:
        factor = float(x)
    except Exception:  # noqa: BLE001 - what is tested
        factor = 1.0
    return x * factor


@pytest.mark.parametrize("function", [swallows_a_branch, swallows_a_float])
def test_a_refusal_that_the_function_catches_is_raised_all_the_same(function: Any) -> None:
    with pytest.raises(RecordingError, match="may not depend on a recorded number"):
        autograd.compile(function)(X)


def test_text_made_of_a_number_is_refused_and_its_repr_has_no_number() -> None:
    with pytest.raises(RecordingError, match="it is formatted"):
        autograd.compile(lambda x: x * float(f"{x:.0f}"))(X)
    shown: list[str] = []
    autograd.compile(lambda x: (shown.append(repr(x * 2)), x)[1])(X)  # type: ignore[func-returns-value]
    assert shown == ["Value(recorded, op='*', label=None)"] * 2


def test_an_error_while_recording_says_what_the_function_was_given() -> None:
    f = autograd.compile(lambda p, n, flags: p[0] + n)
    with pytest.raises(TypeError) as caught:
        f(X, 2.0, [1.0])
    (note,) = caught.value.__notes__
    assert note == (
        "autograd.compile called the function on Values, to record it: argument 0 was one Value for each of the 3 rows of an "
        "array (a vector that is the same in all rows is a list); argument 1 was a Value; argument 2 was a list. "
        "Options (flags, counts, names) do not belong among the arguments: bind them with a lambda"
    )


@pytest.mark.parametrize("call", [lambda f: f(x=X), lambda f: f.backward(x=X), lambda f: f.value_and_grad(x=X)])
def test_arguments_by_name_are_refused_with_the_way_out(call: Any) -> None:
    with pytest.raises(TypeError, match=r"given by position, not as x=\.\.\.; compile a lambda that passes them on by name"):
        call(autograd.compile(lambda x: x * 2))
