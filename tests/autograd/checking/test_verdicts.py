"""Right gradients are never WRONG, also where digits cancel; wrong ones are found, and the operation or cause is named."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, gradcheck, no_grad, ops, primitive, strategies
from autograd.checking import checked_function
from autograd.checking.entry import Entry
from autograd.strategies import Expression

QUICK = settings().max_examples < 1000
FEW = settings(max_examples=15 if QUICK else settings().max_examples // 6)  # for each of the six parameters of a property


def only(f: Any, x: Any, **options: Any) -> Entry:
    (entry,) = gradcheck(f, x, **options).entries
    return entry


def variance(x: Any) -> Any:
    """The naive formula, which cancels."""
    return autograd.sum([t * t for t in x]) / len(x) - (autograd.sum(x) / len(x)) ** 2


# ---- right gradients ----


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (autograd.logsumexp, [0.0, -8.0, -8.0]),
        (lambda x: autograd.softmax([x] * 5)[0], 0.7),
        (lambda a: autograd.log(1 + autograd.exp(a)), -37.5),
        (lambda z: nn.cross_entropy([z], [1]), [31.0, -14.0, 2.0]),
        (variance, [100.001, 100.0, 99.9999]),
        (lambda x: 1 + autograd.exp(-36 + 3 * autograd.sin(x)), 1.2),
        (lambda x: 1 + 1e-16 * autograd.sin(x), 0.3),
        (lambda x: autograd.sin(math.pi * x), 3.0),
        (lambda x: x % 1, 0.3),
        (autograd.hypot, (9.016860340732647e-248, 2.0812474159298974e-258)),
        (autograd.hypot, (6.954614745092982e239, 5.741830910760326e-138)),  # the derivative is 1e-378
        (lambda x: autograd.cbrt(x) - autograd.cbrt(x), 0.5),
        (autograd.asin, 1 - 2.0**-53),
        (autograd.atan2, (1.0, 2.2250738585072014e-308)),  # both inputs need more digits, the second one also a longer step
        (autograd.pow, (2.0, 3e-310)),
        (autograd.logsumexp, [0.0, 270.0, 5.658168184054114e-144]),
        (autograd.sin, 1e300),
        (autograd.erfc, 29.0),  # the derivative underflows
        (lambda x: x - x, 0.0),
        (lambda x: autograd.log2(1 + x * x) ** 2, 0.0),
        (lambda x: autograd.where(x > 2, x * x, 4 * x - 4) + x.data * 0, 3.0),
    ],
)
def test_right_gradients_agree_where_differences_of_floats_fail(f: Any, x: Any) -> None:
    report = gradcheck(f, x)
    assert {entry.verdict for entry in report.entries} <= {"agrees", "rounded"}, str(report)


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=4), st.sampled_from([1e-3, 1.0, 15.0]))
def test_gradients_of_the_library_are_never_wrong(z: list[float], size: float) -> None:
    z = [size * x for x in z]
    for f in (autograd.logsumexp, variance, lambda z: nn.cross_entropy([z], [1]), lambda z: autograd.log_softmax(z)[0]):
        report = gradcheck(f, z)
        assert report, str(report)


@given(strategies.expressions())
@example(Expression("lambda x: softplus(softplus(log2(1 + square(x))))", 0.0))
def test_random_expressions_pass(f: Expression) -> None:
    report = gradcheck(f, f.inputs)
    assert "WRONG" not in [entry.verdict for entry in report.entries], str(report)


def test_the_numeric_derivative_has_all_digits() -> None:
    entry = only(lambda x: 1 + autograd.exp(-36 + 3 * autograd.sin(x)), 1.2)
    with mpmath.workdps(50):
        x = mpmath.mpf(1.2)
        exactly = 3 * mpmath.cos(x) * mpmath.exp(-36 + 3 * mpmath.sin(x))
        assert entry.numeric == float(exactly)
        assert entry.error <= math.ulp(entry.numeric)


def test_rounding_is_named_with_the_operation_that_loses_digits() -> None:
    entry = only(lambda x: (1 + x - 1) ** 2, 1e-10)
    assert entry.verdict == "rounded"
    assert entry.why == ("the rules are right, but rounding leaves 7 digits: 1 - 1 is 1.000000082740371e-10, exactly 1.0e-10")
    assert gradcheck(lambda x: (1 + x - 1) ** 2, 1e-10)


def test_an_overflow_is_not_called_wrong() -> None:
    entry = only(lambda x: 1 / autograd.exp(x * x), 40.0)
    assert entry.verdict in ("agrees", "inconclusive")
    entry = only(lambda x: autograd.where(x > 0, x, autograd.exp(x)), 1.0)
    assert entry.verdict == "agrees"


# ---- wrong rules ----

FAULTS = {"sign": -1.0, "factor 2": 2.0, "zero": 0.0, "1 %": 1.01, "1e-4": 1 + 1e-4, "1e-8": 1 + 1e-8}


def faulty(factor: float) -> Any:
    def shifted_sine(x: float) -> float:
        return math.sin(x) + 3 * x

    return primitive(lambda out, x: factor * (autograd.cos(x) + 3))(shifted_sine)


AROUND: list[Callable[[Any, Any], Any]] = [
    lambda x, y: y,
    lambda x, y: autograd.tanh(y / 50) * x + y,
    lambda x, y: 1 + 1e-3 * y * y,
    lambda x, y: autograd.logsumexp([y, x, 0.0]),
]


@pytest.mark.parametrize("fault", FAULTS)
@FEW
@given(x=st.floats(-30, 30), around=st.sampled_from(AROUND))
@example(x=5e-324, around=AROUND[3])  # the change of the result over a small step is far below its size
@example(x=2.0264838541208e-129, around=AROUND[2])  # the same; a few digits of the change are left
@example(x=5e-29, around=AROUND[2])  # a stated derivative of 0, and changes that are lost in the result
@example(x=1e-145, around=AROUND[2])
@example(x=2.0808018844733619e-26, around=AROUND[2])  # the rounding of the result is larger than the slope
@example(x=3e-24, around=AROUND[2])
@example(x=1.014688831322462e-131, around=AROUND[2])
@example(x=-5.0, around=AROUND[3])  # the result is small in relation to intermediate results
def test_a_wrong_rule_of_a_custom_operation_is_named(fault: str, x: float, around: Callable[[Any, Any], Any]) -> None:
    operation = faulty(FAULTS[fault])
    entry = only(lambda x: around(x, operation(x)), x)
    assume(abs(entry.analytic - entry.numeric) > max(1e-9 * abs(entry.numeric), 1e-300))  # it matters, and does not underflow
    assert entry.verdict == "WRONG", entry
    assert "shifted_sine at " in entry.why
    operation = faulty(1.0)
    right = only(lambda x: around(x, operation(x)), x)
    assert right.verdict == "agrees", right


@pytest.mark.parametrize("name", ["tanh", "sin", "log", "exp", "sigmoid"])
@pytest.mark.parametrize("factor", [1.01, 1 + 1e-8, -1.0])
def test_a_wrong_rule_in_the_table_is_named(monkeypatch: pytest.MonkeyPatch, name: str, factor: float) -> None:
    """Compiled, the kernels still have the right rule: then the table differs from them."""
    row = getattr(ops, name)
    (right,) = row.partials
    monkeypatch.setattr(row, "partials", (lambda out, x: factor * right(out, x),))
    entry = only(lambda x: getattr(autograd, name)(x) * x + autograd.cos(x), 0.7)
    assert entry.verdict == "WRONG"
    assert entry.why.startswith(f"{name} at 0.7: its partial with respect to x is ")


def test_a_wrong_saved_partial_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a compiled kernel that differs from the table by 1e-12. The stated gradient contains the same error."""
    from autograd.checking import tape

    monkeypatch.setattr(
        tape, "partials_of", lambda node: tuple(p and p * (1 + 1e-12 * (node.op == "tanh")) for p in node.partials)
    )
    right = checked_function.CheckedFunction.gradient
    monkeypatch.setattr(
        checked_function.CheckedFunction, "gradient", lambda self, numbers: [[(1 + 1e-12) * right(self, numbers)[0][0]]]
    )
    entry = only(autograd.tanh, 0.7)
    assert entry.verdict == "WRONG"
    assert entry.why.startswith("tanh at 0.7: its saved partial with respect to x is 0.6347")


def test_a_wrong_backward_pass_is_told_from_a_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    right = checked_function.CheckedFunction.gradient
    monkeypatch.setattr(
        checked_function.CheckedFunction, "gradient", lambda self, numbers: [[(1 + 1e-10) * right(self, numbers)[0][0]]]
    )
    entry = only(lambda x: autograd.tanh(x) * x, 0.7)
    assert entry.verdict == "WRONG"
    assert "the backward pass does not add them up correctly" in entry.why


def test_a_wrong_second_derivative_is_named() -> None:
    def cube(x: float) -> float:
        return x**3

    operation = primitive(lambda out, x: 3 * x * Value(x.data))(cube)  # the second x is a constant
    first, second = gradcheck(lambda x: autograd.sin(operation(x)), 0.8, order=2).entries
    assert (first.verdict, second.verdict) == ("agrees", "WRONG")
    assert second.why == "cube at 0.8: its second derivative with respect to x and x is 2.4, differences say 4.8"


def test_an_opaque_operation_with_a_wrong_rule_is_named() -> None:
    def table(x: float) -> float:
        return float(np.sin(np.float64(float(x))))

    right, wrong = (primitive(lambda out, x, c=c: c * autograd.cos(x))(table) for c in (1.0, 1 + 1e-6))
    assert only(lambda x: right(x) * x, 0.7).verdict == "agrees"
    entry = only(lambda x: wrong(x) * x, 0.7)
    assert entry.verdict == "WRONG"
    assert entry.why.startswith("table at 0.7: its partial with respect to x is 0.764843, differences say 0.764842")


# ---- lost gradients ----


def with_no_grad(x: Value) -> Value:
    with no_grad():
        return autograd.sin(5 * x)


LOST: dict[str, tuple[Callable[[Any], Any], str]] = {
    "detach": (lambda x: autograd.sin(5 * x.detach()), "through detach()"),
    "no_grad": (with_no_grad, "through no_grad()"),
    ".data": (lambda x: autograd.sin(5 * Value(x.data)), "uses the number of an input as a constant"),
    "math": (lambda x: math.sin(5 * x.data), "uses the number of an input as a constant"),
    "period": (lambda x: autograd.sin(2 * math.pi * x.data) * x, "uses the number of an input as a constant"),
    "fast": (lambda x: math.sin(1e6 * x.data), "uses the number of an input as a constant"),
}


@pytest.mark.parametrize("way", LOST)
@FEW
@given(x=st.floats(0.1, 50))
@example(x=1.0)
@example(x=3.0)
def test_a_lost_gradient_is_found(way: str, x: float) -> None:
    lost, why = LOST[way]
    size = abs(
        {"period": 2 * math.pi * x * math.cos(2 * math.pi * x), "fast": 1e6 * math.cos(1e6 * x)}.get(way, 5 * math.cos(5 * x))
    )
    assume(size > 0.01)
    entry = only(lambda x: autograd.log(1 + x * x) + lost(x), x)
    assert entry.verdict == "WRONG", entry
    assert why in entry.why


def test_a_branch_of_python_is_a_kink_only_where_it_branches() -> None:
    def f(x: Any) -> Any:
        return x if x > 1 else 3 * x - 2

    assert [only(f, x).verdict for x in (0.5, 1 - 2.0**-40, 1 + 2.0**-40, 2.0)] == ["agrees"] * 4
    entry = only(f, 1.0)
    assert (entry.verdict, entry.why) == ("one-sided", "a kink: the derivative is 3 from the left and 1 from the right")
    assert only(lambda x: x + math.floor(x.data), 2.0).why == "a jump; the slopes are 1 from the left and 1 from the right"


def test_a_constant_that_changes_with_the_input_proves_nothing() -> None:
    """logsumexp subtracts the largest number, which it reads as data."""
    report = gradcheck(autograd.logsumexp, [3.0, 1.0, 2.9999999])
    assert [entry.verdict for entry in report.entries] == ["agrees"] * 3


def test_operations_at_a_kink_are_named_where_their_kinks_cancel() -> None:
    entry = only(lambda x: autograd.relu(x) - autograd.relu(-x), 0.0)
    assert (entry.verdict, entry.numeric) == ("inconclusive", 1.0)
    assert entry.why.endswith("where a derivative is a convention: relu at 0; relu at -0")


# ---- options and kinds of functions ----


def test_rtol_and_atol_replace_the_bounds() -> None:
    def stated(x: float) -> float:
        return 2 * x * 1.001

    assert not gradcheck(lambda x: x * x, 3.0, gradient=stated)
    assert gradcheck(lambda x: x * x, 3.0, gradient=stated, rtol=0.01)
    assert gradcheck(lambda x: x * x, 3.0, gradient=stated, atol=0.01)
    entry = only(lambda x: x * x, 3.0, gradient=stated, rtol=1e-4)
    assert (entry.verdict, entry.why) == ("WRONG", "the difference exceeds rtol and atol")
    assert only(autograd.relu, 0.0, rtol=1e-9).verdict == "one-sided"
    assert only(math.sin, 1.0, gradient=lambda x: 1.001 * math.cos(x), rtol=0.01).verdict == "agrees"
    assert only(math.sin, 1.0, gradient=lambda x: 1.001 * math.cos(x), rtol=1e-4).verdict == "WRONG"


def test_every_output_of_a_vector_valued_function_is_checked() -> None:
    def f(x: Any, y: Any) -> Any:
        return {"product": x * y, "list": [x.detach() * x, 7.0]}

    report = gradcheck(f, (2.0, 3.0))
    assert [entry.by for entry in report.entries] == [
        "output['product'], x", "output['product'], y", "output['list'][0], x", "output['list'][0], y",
        "output['list'][1], x", "output['list'][1], y",
    ]  # fmt: skip
    assert [entry.verdict for entry in report.entries] == ["agrees", "agrees", "WRONG", "agrees", "agrees", "agrees"]
    arrays = gradcheck(lambda x: np.array([[x[0] * x[1], x[1]]], dtype=object), np.array([2.0, 3.0]))
    assert [entry.analytic for entry in arrays.entries] == [3.0, 2.0, 0.0, 1.0]
    with pytest.raises(ValueError, match="order must be 1 for a function with 2 outputs"):
        gradcheck(lambda x: [x, x], 1.0, order=2)


def test_a_jacobian_of_plain_numbers_is_checked() -> None:
    def f(x: list[float]) -> list[float]:
        return [math.sin(x[0]) * x[1], x[0]]

    def jacobian(x: list[float]) -> list[list[float]]:
        return [[math.cos(x[0]) * x[1], math.sin(x[0])], [1.0, 0.5]]

    report = gradcheck(f, [0.7, 2.0], gradient=jacobian)
    assert [entry.verdict for entry in report.entries] == ["agrees", "agrees", "agrees", "WRONG"]


def test_a_gradient_of_a_function_that_also_accepts_values_has_an_exact_truth() -> None:
    entry = only(lambda x: x**3, 1.7, gradient=lambda x: 3 * x**2 * (1 + 1e-11))
    assert entry.verdict == "WRONG"
    noisy = only(autograd.tanh, 5.0, gradient=lambda x: 1 - math.tanh(x) ** 2)  # right to 12 digits
    assert noisy.verdict == "agrees"


ROWS = [[1.0, -2.0], [0.5, 0.0], [2.0, 1.0]]


@pytest.mark.parametrize("sizes", [[3, 1], [16, 16, 1]])
def test_parameters_of_a_model_are_checked_by_name(sizes: list[int]) -> None:
    model = nn.MLP(2, sizes, seed=0)
    before = model.state_dict()
    report = gradcheck(model, ROWS, [1.0, -1.0, 0.0], loss=nn.mse_loss)
    assert report, str(report)
    assert [entry.by for entry in report.entries] == list(before)
    assert report.name == "MLP"
    assert model.state_dict() == before
    assert all(parameter.grad == 0.0 for parameter in model.parameters())


def test_a_lost_gradient_of_one_parameter_among_many_is_found() -> None:
    model = nn.MLP(2, [8, 1], seed=0, activation="tanh")
    parameter = model.parameters()[7]

    def loss(outputs: Any, targets: Any) -> Any:
        return nn.mse_loss(outputs, targets) + 1e-6 * autograd.square(parameter.detach())

    report = gradcheck(model, ROWS, [1.0, -1.0, 0.0], loss=loss)
    (wrong,) = [entry for entry in report.entries if not entry]
    assert wrong.by == model.named_parameters()[7][0]
    assert "through detach()" in wrong.why
    namespace = {"model": model, "X": ROWS, "y": [1.0, -1.0, 0.0], "loss": loss}
    exec(wrong.snippet, namespace)


def test_outputs_of_a_model_are_checked_without_a_loss() -> None:
    report = gradcheck(nn.MLP(2, [2, 1], seed=0), ROWS[:2])
    assert report
    assert report.entries[0].by == "output[0][0], layers.0.neurons.0.weights.0"


def test_second_derivatives_of_a_model() -> None:
    model = nn.MLP(2, [2, 1], seed=1, activation="tanh")
    report = gradcheck(model, ROWS[:2], [1.0, -1.0], loss=nn.mse_loss, order=2)
    assert report, str(report)
    assert len(report.entries) == 9 + 81


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradcheck(nn.MLP(2, [1]), ROWS, [1.0]), "loss must be given for a model"),
        (lambda: gradcheck(nn.MLP(2, [1]), ROWS, loss=nn.mse_loss), "targets must be given for a model"),
        (lambda: gradcheck(nn.MLP(2, [1]), ROWS, [1.0], loss="mse"), "loss must be a function of outputs and targets"),  # type: ignore[arg-type]
        (lambda: gradcheck(nn.MLP(2, [1]), ROWS, gradient=abs), "gradient must be None for a model"),
        (lambda: gradcheck(abs, 1.0, loss=nn.mse_loss), "loss must be None unless f is a model"),
    ],
)
def test_misuse_with_models(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_a_negative_tolerance_raises() -> None:
    with pytest.raises(ValueError, match="rtol must be non-negative, not -1"):
        gradcheck(abs, 1.0, rtol=-1)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_model_is_checked_on_a_data_frame(library: str) -> None:
    frames = pytest.importorskip(library)
    table = frames.DataFrame({"a": [0.5, -1.0, 2.0], "b": [1.0, 0.25, -0.5], "y": [1.0, -1.0, 0.0]})
    model = nn.MLP(2, [2, 1], seed=0, activation="tanh")
    report = gradcheck(model, table[["a", "b"]], table["y"], loss=nn.mse_loss)
    rows = [[0.5, 1.0], [-1.0, 0.25], [2.0, -0.5]]
    assert report.passed
    assert str(report) == str(gradcheck(model, rows, [1.0, -1.0, 0.0], loss=nn.mse_loss))


# ---- kinks of higher order ----

# Functions with a continuous first derivative, a point, and the second derivatives on both sides.
SECOND_KINKS: list[tuple[Callable[[Any], Any], float, float, float]] = [
    (autograd.elu, 0.0, 1.0, 0.0),
    (autograd.celu, 0.0, 1.0, 0.0),
    (lambda x: autograd.relu(x) ** 2, 0.0, 0.0, 2.0),
    (autograd.hardswish, 3.0, 1 / 3, 0.0),
    (lambda x: nn.huber_loss([[x]], [0.0]), 1.0, 1.0, 0.0),
    (lambda x: x * abs(x), 0.0, -2.0, 2.0),
    (lambda x: autograd.where(x > 0, x, autograd.expm1(x)), 0.0, 1.0, 0.0),
    (lambda x: 2 * x - 1 if x > 1 else x * x, 1.0, 2.0, 0.0),
    (lambda x: 2 * x - 1 if x >= 1 else x * x, 1.0, 2.0, 0.0),
    (lambda x: autograd.where(x > -3, x * x * x, -27 * x * x / 2 + 40.5 - 54 * (x + 3)), -3.0, -27.0, -18.0),
]


@pytest.mark.parametrize(("f", "x", "left", "right"), SECOND_KINKS)
def test_a_jump_of_the_second_derivative_is_one_sided(f: Callable[[Any], Any], x: float, left: float, right: float) -> None:
    first, second = gradcheck(f, x, order=2).entries
    assert second.verdict == "one-sided", second
    low, high = sorted((left, right))
    assert f"the second derivative is {low:.6g} on one side and {high:.6g} on another" in second.why
    assert first.verdict in ("agrees", "one-sided", "WRONG")


@pytest.mark.parametrize(
    "f", [lambda x: x if x > 0 else autograd.sin(x), lambda x: x * x if x >= 0 else autograd.cosh(x) * 2 - 2]
)
def test_branches_with_the_same_second_derivative_agree(f: Callable[[Any], Any]) -> None:
    assert [entry.verdict for entry in gradcheck(f, 0.0, order=2).entries] == ["agrees", "agrees"]


def test_a_jump_of_a_mixed_second_derivative_is_one_sided() -> None:
    report = gradcheck(lambda x, y: x * y if x > 1 else y, (1.0, 2.0), order=2)
    mixed = [entry for entry in report.entries if entry.numbers in ((0, 1), (1, 0))]
    assert all("the second derivative is 0 on one side and 1 on another" in entry.why for entry in mixed)


# ---- the report ----


def test_raise_if_wrong_and_raise_unless_passed() -> None:
    inconclusive = gradcheck(autograd.log, 0.0)
    assert not inconclusive.passed
    inconclusive.raise_if_wrong()
    with pytest.raises(AssertionError, match="1 inconclusive"):
        inconclusive.raise_unless_passed()
    wrong = gradcheck(lambda x: x * x.detach(), 2.0)
    for check in (wrong.raise_if_wrong, wrong.raise_unless_passed):
        with pytest.raises(AssertionError, match="1 WRONG") as caught:
            check()
        assert caught.traceback[-1].frame.f_locals["__tracebackhide__"]  # pytest shows the line of the user's test
    gradcheck(abs, 1.0).raise_unless_passed()


def test_the_report_is_a_table_in_jupyter() -> None:
    text = gradcheck(lambda x: x * x.detach(), 2.0)._repr_html_()
    assert "<b>gradcheck of &lt;lambda&gt;: 1 derivative, 1 WRONG</b>" in text
    assert "<td>WRONG</td>" in text
    assert "<pre>To reproduce the entry for x:" in text
    assert "<pre>" not in gradcheck(abs, 1.0)._repr_html_()


def test_equal_reasons_are_stated_once() -> None:
    text = str(gradcheck(lambda x: autograd.sum([t.detach() * 2 for t in x]) + 0 * x[0], [1.0, 2.0, 3.0, 4.0]))
    assert text.count("through detach()") == 1
    assert "x[0], x[1] and 2 more: f depends on this input through detach()" in text


def test_no_pair_is_called_swapped_if_the_derivatives_are_equal() -> None:
    report = gradcheck(lambda x, y: x + y, (1.0, 2.0), gradient=lambda x, y: (1.0, -1.0))
    assert report.diagnosis == ["the sign looks wrong (y)"]
    report = gradcheck(lambda x, y: 3 * x * y, (2.0, 2.0), gradient=lambda x, y: (2.7 * y, 2.7 * x))
    assert report.diagnosis == ["looks off by a factor of 0.9 (x and y)"]


@pytest.mark.parametrize("order", [1, 2])
def test_all_pairs_of_kinks_and_orders_have_a_verdict(order: int) -> None:
    kinks = [autograd.relu, abs, autograd.sign, autograd.floor, autograd.sqrt, autograd.cbrt]
    for f, g in itertools.product(kinks, kinks):
        for entry in gradcheck(lambda x, f=f, g=g: f(g(x)) + x, 0.0, order=order).entries:
            assert entry.verdict in ("agrees", "one-sided", "inconclusive", "WRONG")
            assert entry.why or entry.verdict == "agrees"


# ---- custom operations whose rules work only on floats -----------------------------------------------------------------


def custom_tanh(rule: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    @primitive(rule)
    def float_tanh(x: float) -> float:
        return math.tanh(x)

    return float_tanh


FLOAT_RULES: list[Callable[[Any, Any], Any]] = [
    lambda out, x: 1 - math.tanh(x) ** 2,
    lambda out, x: 1 - out.data**2,
    lambda out, x: 1 - float(np.tanh(x.data)) ** 2,
]


@pytest.mark.parametrize("x", [0.0, -0.7, 2.5, 5.5, 15.0, 20.0])
@pytest.mark.parametrize("rule", FLOAT_RULES)
def test_a_right_rule_that_works_only_on_floats_passes(rule: Callable[[Any, Any], Any], x: float) -> None:
    tanh = custom_tanh(rule)
    gradcheck(tanh, x).raise_unless_passed()
    gradcheck(lambda x: autograd.sin(tanh(x)) * x, x).raise_unless_passed()


@pytest.mark.parametrize("rule", FLOAT_RULES)
def test_a_wrong_rule_that_works_only_on_floats_is_named(rule: Callable[[Any, Any], Any]) -> None:
    tanh = custom_tanh(lambda out, x: rule(out, x) * (1 + 1e-8))
    (entry,) = gradcheck(lambda x: autograd.sin(tanh(x)) * x, 0.7).entries
    assert entry.verdict == "WRONG"
    assert "tanh at 0.7: its partial with respect to x" in entry.why


def test_a_rule_may_use_its_own_operation() -> None:
    @primitive(lambda out, x: exponential(x))
    def exponential(x: float) -> float:
        return math.exp(x)

    gradcheck(exponential, 1.5, order=2).raise_unless_passed()


# ---- kinks of the first derivative -------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [lambda x: x * autograd.relu(x), lambda x: autograd.relu(x) ** 2])
def test_a_second_derivative_where_the_first_has_a_kink_is_one_sided(f: Any) -> None:
    first, second = gradcheck(f, 0.0, order=2).entries
    assert first.verdict == "agrees"  # the slope is 0, and its differences only approach 0
    assert second.verdict == "one-sided"
    assert "0 on one side and 2 on another" in second.why


def test_a_second_derivative_beyond_a_kink_of_the_first_is_wrong() -> None:
    @primitive(lambda out, x: autograd.where(x > 0, 2 * x, 0.0 * x) - 3 * x)
    def square_of_relu(x: float) -> float:
        return max(x, 0.0) ** 2

    _, second = gradcheck(square_of_relu, 0.0, order=2).entries
    assert second.verdict == "WRONG"


# ---- functions that cannot be checked ----------------------------------------------------------------------------------


def test_a_function_that_assigns_to_its_inputs_raises_an_error() -> None:
    def f(x: Any) -> Any:
        x.data = 5.0
        return x * x

    with pytest.raises(ValueError, match=r"f must not change its arguments, but sets x to 5.0; change a copy"):
        gradcheck(f, 3.0)


def test_second_derivatives_of_other_libraries_are_refused() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(ValueError, match="order must be 1 for a function of another library, not 2"):
        gradcheck(lambda x: (x**3).sum(), torch.ones(2, dtype=torch.float64), order=2)


@pytest.mark.parametrize("x", [1.9e154, -1.9e154, 1e300, -1e300])
@pytest.mark.parametrize("f", [autograd.ndtr, autograd.log_ndtr, autograd.erfcx])
def test_points_beyond_the_range_of_mpmath_raise_no_error(f: Any, x: float) -> None:
    assert only(f, x).verdict != "WRONG"


def test_the_infinite_second_derivative_of_maximum_at_a_tie_is_one_sided() -> None:
    report = gradcheck(autograd.maximum, (2.0, 2.0), order=2)
    assert {entry.verdict for entry in report.entries} == {"one-sided"}
