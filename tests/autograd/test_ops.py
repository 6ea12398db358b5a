"""The table of operations: every row has the right value and derivatives, to 4 units in the last place."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from exact import EXACT
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mpmath import mp, mpf
from ulps import ulps

import autograd
from autograd import Value, ops, strategies
from autograd.ops import TABLE, Operation

ROWS = [row for row in TABLE if not row.variadic]
POLES = {
    "div": 1,
    "mod": 1,
    "floor_div": 1,
    "fmod": 1,
    "cbrt": 0,
}  # the operand that must not be 0; see test_numbers.py for the results at 0
MAX_ULPS = 4.0
INF, NAN = math.inf, math.nan

# Points at which the textbook formula, or a careless one, is inaccurate or fails.
NASTY: dict[str, list[tuple[float, ...]]] = {
    "div": [(1e-300, 1e10), (1e300, 1e-5), (3.0, -1e-160)],
    "pow": [(1e300, 1.1), (1e-300, 0.3), (0.9999999999, 1e10), (2.0, 0.5), (5e-324, 1.0), (1e10, 30.77), (0.5, 1e-20),
        (1 - 5.684341886080802e-14, 9007199254740996.0)],
    "mod": [(-1e-20, 3.0), (5.0, -3.0), (-5.0, 3.0), (1e300, 7.0), (5.3, 0.1), (1.0, 0.1)],
    "floor_div": [(1.0, 0.1), (-1.0, 0.1), (6.0, 0.1), (1e300, 7.0), (-0.5, 1e300), (1.7e308, -1e308),
        (-4565.301222590153, 48.39556296679571)],
    "exp": [(709.78,), (-745.0,), (1e-300,)],
    "exp2": [(1023.999,), (-1074.0,)],
    "expm1": [(-40.0,), (1e-300,), (1e-8,), (709.78,)],
    "log": [(1 + 2**-52,), (1 - 2**-53,), (5e-324,)],
    "log1p": [(1e-300,), (-1 + 2**-53,), (-1e-20,)],
    "log2": [(1 + 2**-52,), (8.0,), (5e-324,)],
    "log10": [(1000.0,), (1 - 2**-53,), (5e-324,)],
    "sqrt": [(5e-324,), (1.7e308,)],
    "cbrt": [(27.0,), (-27.0,), (1e-300,), (1.7754513745378941e-214,), (1.7e308,)],
    "sin": [(1e22,), (math.pi,), (1e300,)],
    "cos": [(math.pi / 2,), (1e22,), (1e-300,)],
    "tan": [(math.pi / 2,), (1e22,), (1e-300,)],
    "asin": [(1 - 2**-53,), (-1 + 2**-53,), (1e-300,)],
    "acos": [(1 - 2**-53,), (-1 + 2**-53,), (1e-300,)],
    "atan": [(1e200,), (1e8,), (99999999.0,), (-1e-300,), (1.7e308,)],
    "sinh": [(710.4,), (-1e-300,), (1e-5,)],
    "cosh": [(-710.4,), (1e-300,)],
    "tanh": [(19.1,), (-350.0,), (1e-300,), (0.5,)],
    "asinh": [(-1e300,), (1e-300,), (-2.0,)],
    "acosh": [(1 + 2**-52,), (1e300,), (1.7e308,)],
    "atanh": [(1 - 2**-53,), (-1 + 2**-53,), (1e-300,)],
    "hypot": [(3e200, 4e200), (3e-200, 4e-200), (1e-300, 1.0)],
    "atan2": [(1e200, 1e200), (1.2711610061536462e308, 1.2711610061536464e308), (1e-200, 1e-200), (1.0, -1e-300), (-0.5, -2.0)],
    "floor": [(-0.5,), (2.0,), (1e300,), (0.9999999999999999,)],
    "ceil": [(-0.5,), (2.0,), (1e300,), (1e-300,)],
    "maximum": [(2.0, 2.0), (0.0, -0.0), (1.0, 2.0)],
    "minimum": [(2.0, 2.0), (0.0, -0.0), (1.0, 2.0)],
    "less": [(2.0, 2.0), (0.0, -0.0), (1.0, 2.0)],
    "less_equal": [(2.0, 2.0), (0.0, -0.0), (2.0, 1.0)],
    "equal": [(2.0, 2.0), (0.0, -0.0), (1.0, 2.0)],
    "gate": [(3.0, 0.0), (3.0, 1.0), (3.0, -1e-300)],
    "trunc": [(-0.5,), (2.0,), (1e300,), (0.9999999999999999,)],
    "round": [(0.5,), (-1.5,), (2.5,), (0.49999999999999994,), (4503599627370495.5,)],
    "fmod": [(-1e-20, 3.0), (5.0, -3.0), (-5.0, 3.0), (1e300, 7.0), (5.3, 0.1), (1.0, 0.1)],
    "copysign": [(0.0, -1.0), (-3.0, 1e-300)],
    "heaviside": [(0.0, 0.3), (-0.0, 0.3), (1e-300, 0.3)],
    "rsqrt": [(5e-324,), (1.7e308,)],
    "log1mexp": [(1e-300,), (math.log(2),), (40.0,), (745.0,)],
    "logit": [(0.5,), (0.5 + 2**-53,), (0.25,), (0.75,), (1e-300,), (1 - 2**-53,)],
    "logaddexp": [(1000.0, 1000.0), (1000.0, 0.0), (-40.0, 0.0), (-math.log(2), -math.log(2))],
    "xlogy": [(0.0, 2.0), (1e-300, 1e-300), (2.0, 1 + 2**-52)],
    "entr": [(1 / math.e,), (1 - 2**-53,), (5e-324,)],
    "sinc": [(0.5,), (1.0,), (1 + 2**-52,), (1e-300,), (1e300,), (2.5,), (1.4302966531242027,)],
    "softsign": [(1e17,), (1e200,), (-1e-300,)],
    "hardtanh": [(1.0,), (-1.0,), (1e-300,)],
    "relu6": [(0.0,), (6.0,), (1e-300,)],
    "hardsigmoid": [(-3.0,), (3.0,), (-3 + 2**-51,)],
    "hardswish": [(-3.0,), (3.0,), (-1e-300,)],
    "selu": [(0.0,), (-1e-300,), (-40.0,)],
    "leaky_relu": [(0.0, 0.01), (-1e-300, 0.3), (-3.0, 0.01), (2.0, 0.01)],
    "hardshrink": [(0.5, 0.5), (-0.5, 0.5), (0.5000000000000001, 0.5), (1e-300, 0.0)],
    "softshrink": [(0.5, 0.5), (-0.5, 0.5), (0.5000000000000001, 0.5), (-0.75, 0.5), (1e-300, 0.0)],
    "elu": [(0.0, 0.3), (-1e-300, 0.3), (-40.0, 1.0), (800.0, 1.0)],
    "clamp_min": [(2.0, 2.0), (0.0, -0.0), (1.0, 2.0)],
    "clamp_max": [(2.0, 2.0), (0.0, -0.0), (1.0, 2.0)],
    "tanhshrink": [(1.2,), (1e-100,), (0.1,), (20.0,)],
    "erfcx": [(1.0,), (0.9999999999999999,), (4.0,), (-26.6,), (1e-300,), (1e300,), (1e10,), (1000.0,), (3e4,)],
    "erfinv": [(0.75,), (-0.75000001,), (1 - 2**-53,), (-1 + 2**-53,), (1e-300,), (0.99,)],
    "ndtr": [(-37.5,), (-1.0,), (-1.0000001,), (8.0,), (1e-300,), (-38.4,)],
    "ndtri": [(0.125,), (0.12499,), (0.5,), (0.5 + 2**-53,), (1e-300,), (1 - 2**-53,), (0.9,)],
    "log_ndtr": [(-1.0,), (-1e10,), (37.0,), (0.0,), (-0.1,), (5.0,)],
    "lgamma": [(1.0,), (2.0,), (1 + 2**-52,), (2 - 2**-52,), (0.5,), (1.5,), (2.5,), (4.5,), (8.5,), (1e-300,), (1e300,)],
    "digamma": [(1.4616321449683622,), (1.4616321449683624,), (1.0,), (2.0,), (4.0,), (8.0,), (1e-300,), (1e300,), (144.77,)],
    "polygamma": [(1.0, 1.0), (1.0, 1e-300), (2.0, 0.5), (3.0, 1e10), (20.0, 3.0), (21.0, 3.0), (170.0, 100.0), (1.0, 1e200),
        (0.5, 1.0), (0.0, 2.5), (171.0, 1.0)],
    "betaln": [(0.5, 0.5), (1e-300, 1.0), (1e10, 1.0), (1e10, 1e10), (8.0, 8.0), (7.9, 8.1), (0.37, 7.99), (1e300, 1e-10)],
    "beta": [(0.5, 0.5), (1.03125, 9.467107870958535e307), (1e-300, 1.0), (1e10, 1.0),
        (8.0, 8.0), (7.9, 8.1), (100.0, 100.0), (1.0, 2.2250738585072014e-308),
        (7.2, 0.44), (5.5, 3.6), (500.0, 500.0), (7.37, 171.0), (1e-300, 1e300), (7.9, 1e38), (5.81, 1.28e24),
        (131072.0, 1.1805916207174116e+21)],
    "i0": [(8.0,), (7.9999,), (-700.0,), (1e-300,), (713.0,)],
    "i1": [(8.0,), (7.9999,), (-700.0,), (1e-300,), (713.0,), (1.0,)],
    "j0": [(2.404825557695773,), (4.0,), (8.0,), (1e-300,), (1e10,), (5.52,)],
    "j1": [(3.8317059702075125,), (5.5,), (8.0,), (-1e-300,), (1e10,), (1.0,)],
    "abs": [(0.0,), (-1e-300,)],
    "relu": [(0.0,), (-1e-300,), (1e-300,)],
    "sigmoid": [(-40.0,), (40.0,), (-700.0,), (1000.0,)],
    "softplus": [(-40.0,), (40.0,), (-1000.0,), (1000.0,)],
    "erf": [(26.0,), (-5.9,), (1e-300,), (27.9,), (1e300,)],
    "erfc": [(26.0,), (-5.9,), (27.2,), (1.5,), (1e300,)],
}  # fmt: skip


# The sizes of terms that cancel, for the value and each partial: an error may be 4 units in the last place of these.
SIZES: dict[str, Callable[..., tuple[float, ...]]] = {
    "logaddexp": lambda x, y: (max(abs(x), abs(y)), *[math.exp(-min(abs(x - y), 745.0)) * (4 + abs(x - y)) / 4] * 2),
    "sinc": lambda x: (0.0, 1 / max(abs(x), 1.0)),
    "betaln": lambda x, y: betaln_sizes(x, y),
    # A partial is the value times a slope, which may underflow.
    "beta": lambda x, y: (0.0, *[Value(x).beta(y).data * sys.float_info.min] * 2),
    "j0": lambda x: (bessel_size(x), bessel_size(x)),
    "j1": lambda x: (bessel_size(x) if abs(x) > 4 else 0.0, bessel_size(x)),
}
# Units in the last place for rows with a larger bound.
ULPS: dict[str, Callable[..., float]] = {
    **dict.fromkeys(("erfcx", "erfinv", "ndtr", "ndtri", "log_ndtr", "i0", "i1"), lambda *_: 6.0),
    **dict.fromkeys(("digamma", "betaln"), lambda *_: 8.0),
    "polygamma": lambda n, x: 8 + max(n, 0.0) / 3,
    "beta": lambda x, y: 32.0,
}


def betaln_sizes(x: float, y: float) -> tuple[float, float, float]:
    a, b = min(x, y), max(x, y)
    value = max(math.lgamma(a + b), abs(math.lgamma(a)), 1.0) if b < 8 else 0.0
    if a < 8 <= b:
        value = abs(math.lgamma(a)) + a * math.log(b)
    return value, 0.0, 0.0


def bessel_size(x: float) -> float:
    return 0.8 / math.sqrt(max(abs(x), 1.0))


def on_domain(row: Operation, check: Callable[..., None]) -> None:
    """Run ``check`` on operands from the whole domain of a row, difficult points first."""
    test = given(strategies.operands(row))(check)
    for point in NASTY.get(row.name, []):
        test = example(point)(test)
    test()


def for_each(rows: Sequence[Operation]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


@for_each(TABLE)
def test_every_row_has_an_exact_reference(row: Operation) -> None:
    """This ensures that a new row is tested."""
    assert row.name in EXACT, (
        f"the operation {row.name!r} has no reference: add its value and its {len(row.partials)} derivative(s), as functions "
        "of mpmath, to EXACT in tests/support/exact.py, and the points at which it is hard to NASTY in this file"
    )
    assert len(EXACT[row.name]) == 1 + len(row.partials)


@for_each(ROWS)
def test_value_and_partials_are_exact_to_4_ulp(row: Operation) -> None:
    function = getattr(autograd, row.name)
    value, *derivatives = EXACT[row.name]

    def check(operands: tuple[float, ...]) -> None:
        assume(row.name not in POLES or operands[POLES[row.name]] != 0)
        operands = tuple(x + 0.0 for x in operands)  # -0.0 becomes 0.0: mpmath has only one zero
        node = function(*map(Value, operands))
        exactly = [mpf(x) for x in operands]
        most = ULPS[row.name](*operands) if row.name in ULPS else MAX_ULPS
        sizes = SIZES[row.name](*operands) if row.name in SIZES else (0.0, 0.0, 0.0)
        assert ulps(node.data, value(*exactly), sizes[0]) <= most, (node.data, value(*exactly))
        is_tiny = row.name == "beta" and abs(node.data) < sys.float_info.min
        if math.isinf(node.data) or is_tiny or (row.name == "pow" and underflows(*exactly)):
            return  # partials are computed from the value, or a similar power, which has lost its digits here
        for partial, derivative, size in zip(node.partials, derivatives, sizes[1:], strict=False):
            assert ulps(partial, derivative(*exactly), size) <= most, (partial, derivative(*exactly))

    on_domain(row, check)


def underflows(x: Any, y: Any) -> bool:
    """Return whether ``x**y`` or ``x**(y - 1)`` is too small for a normal float."""
    return min(mp.power(x, y), mp.power(x, y - 1)) < sys.float_info.min


@for_each(ROWS)
def test_function_method_float_and_table_agree_bit_for_bit(row: Operation) -> None:
    """``autograd.f(v)``, ``v.f()``, ``autograd.f(number)`` and the row evaluated by Python are the same operation."""
    function = getattr(autograd, row.name)

    def check(operands: tuple[float, ...]) -> None:
        node = function(*map(Value, operands))
        by_hand = row(*operands)
        first, *rest = map(Value, operands)
        by_method = [getattr(first, name)(*rest).data for name in (row.name, *row.aliases)]
        results = [node.data, function(*operands), *by_method]
        assert all(bits(result) == bits(by_hand) for result in results), results
        rules = [ops.partial1] if len(operands) == 1 else [ops.partial2x, ops.partial2y]
        assert [bits(p) for p in node.partials] == [bits(rule(row.code, by_hand, *operands)) for rule in rules]

    on_domain(row, check)


@for_each(ROWS)
def test_partials_evaluated_on_values_equal_partials_evaluated_on_floats(row: Operation) -> None:
    """The rules of a row accept numbers and Values, so that derivatives can be differentiated again."""

    def check(operands: tuple[float, ...]) -> None:
        assume(all(math.isfinite(x) for x in operands))
        values = [Value(x) for x in operands]
        out = row(*values)
        for i in range(len(operands)):
            by_values = row.partial(i, out, *values)
            number = by_values.data if isinstance(by_values, Value) else by_values
            assert bits(number) == bits(out.partials[i])

    on_domain(row, check)


@for_each(ROWS)
def test_backward_multiplies_the_partials_by_the_seed(row: Operation) -> None:
    def check(operands: tuple[float, ...]) -> None:
        values = [Value(x) for x in operands]
        node = getattr(autograd, row.name)(*values)
        node.backward(-2.0)
        expected = [0.0] * len(values) if row.name == "gate" and operands[1] == 0 else [-2.0 * p for p in node.partials]
        assert [bits(v.grad + 0.0) for v in values] == [bits(g + 0.0) for g in expected]  # + 0.0: -0.0 counts as 0.0

    on_domain(row, check)


@for_each(ROWS)
def test_nan_gives_nan(row: Operation) -> None:
    """A nan is never lost, neither by a comparison that is false, nor in the derivative."""
    if row.name in ("gate", "pow", "less", "less_equal", "equal"):
        pytest.skip("gate chooses by its second operand; in IEEE-754 1**nan and nan**0 are 1, and no comparison holds with nan")
    node = getattr(autograd, row.name)(*[Value(NAN)] * len(row.partials))
    assert math.isnan(node.data)


@for_each(ROWS)
def test_operations_never_raise_on_a_float(row: Operation) -> None:
    """Poles, infinities and nan follow IEEE-754, as in compiled code and in NumPy."""
    special = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, -3.0, INF, -INF, NAN, 5e-324, 1.7e308, 1000.0, -1000.0])

    @given(st.tuples(*[special | st.floats() for _ in row.partials]))
    def check(operands: tuple[float, ...]) -> None:
        node = getattr(autograd, row.name)(*map(Value, operands))
        node.backward()
        assert type(node.data) is float
        assert all(type(partial) is float for partial in node.partials)
        assert bits(node.data) == bits(row(*operands))

    check()


@pytest.mark.parametrize("name", [name for name in EXACT if name not in ("sum", "dot", "polygamma")])
def test_the_derivative_of_each_reference_matches_its_value(name: str) -> None:
    """A test of the reference itself, by numerical differentiation with 60 digits."""
    value, *derivatives = EXACT[name]
    point = (mpf("1.625"), mpf("0.71875"))[: len(derivatives)]
    if name in ("asin", "acos", "atanh", "erfinv", "ndtri"):
        point = (mpf("0.625"),)
    for i, derivative in enumerate(derivatives):

        def along(t: Any, i: int = i) -> Any:
            return value(*(t if j == i else x for j, x in enumerate(point)))

        if name in ("mod", "floor_div", "fmod"):  # their references are exact only for floats
            step = mpf(2) ** -20
            slope = (along(point[i] + step) - along(point[i] - step)) / (2 * step)
        else:
            slope = mp.diff(along, point[i], h=mpf(10) ** -20)
        assert abs(slope - derivative(*point)) < 1e-15


def test_uncompiled_division_follows_ieee_754() -> None:
    assert [row_div(1.0, 0.0), row_div(-1.0, 0.0), row_div(1.0, -0.0)] == [INF, -INF, -INF]
    assert math.isnan(row_div(0.0, 0.0))


def row_div(x: float, y: float) -> float:
    return ops.forward2(ops.div.code, x, y)


@given(st.floats(allow_infinity=False), st.floats(allow_infinity=False, allow_nan=False).filter(bool))
@example(1.7e308, -1e308)
@example(-1e-320, 5.0)
@example(-0.0, 2.0)
@example(6.0, 0.1)
def test_remainder_and_floor_division_equal_results_of_python(x: float, y: float) -> None:
    assert bits((Value(x) % Value(y)).data) == bits(x % y)
    assert bits((Value(x) // Value(y)).data) == bits(x // y)


# ---- sum and dot: any number of terms, one partial per operand ----

numbers = st.floats(-1e100, 1e100)


@given(st.lists(numbers, max_size=20))
@example([])
@example([1e100, 1.0, -1e100])
def test_sum_adds_from_left_to_right_with_every_partial_1(terms: list[float]) -> None:
    total = 0.0
    for term in terms:
        total += term
    node = autograd.sum([Value(x) for x in terms] + [Value(0.0)])
    assert bits(node.data) == bits(total + 0.0)
    assert node.partials == (1.0,) * (len(terms) + 1)
    assert bits(autograd.sum(terms)) == bits(total)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=20), numbers)
def test_dot_adds_products_to_the_bias_with_crossed_partials(pairs: list[tuple[float, float]], bias: float) -> None:
    ws, xs = [w for w, _ in pairs], [x for _, x in pairs]
    total = bias
    for w, x in pairs:
        total += w * x
    node = autograd.dot([Value(w) for w in ws], [Value(x) for x in xs], Value(bias))
    assert bits(node.data) == bits(total)
    assert node.partials == (*xs, *ws, 1.0)
    assert [operand.data for operand in node.operands] == [*ws, *xs, bias]
    assert bits(autograd.dot(ws, xs, bias)) == bits(total)


def test_dot_has_no_partial_for_constants() -> None:
    w, x = Value(3.0), Value(5.0)
    node = autograd.dot([w, 2.0], [7.0, x], 1.0)
    assert node.partials == (7.0, None, None, 2.0, None)
    assert [operand.op for operand in node.operands] == ["", "const", "const", "", "const"]
    node.backward()
    assert (w.grad, x.grad) == (7.0, 2.0)


def test_dot_of_repeated_operands_counts_each_use() -> None:
    x = Value(3.0)
    autograd.dot([x, x], [x, 2.0], x).backward()  # x*x + 2x + x
    assert x.grad == 2 * 3.0 + 2 + 1


KINDS: list[Callable[[float], Any]] = [float, Value, lambda number: Value(number) * 1.0]
maybe_values = st.tuples(numbers, st.sampled_from(KINDS))


@given(st.data(), st.integers(0, 5), st.integers(0, 4))
def test_affine_is_a_dot_for_each_row(data: st.DataObject, n_inputs: int, n_rows: int) -> None:
    def some(count: int) -> list[Any]:
        drawn = data.draw(st.lists(maybe_values, min_size=count, max_size=count))
        return [kind(number) for number, kind in drawn]

    inputs, weights, biases = some(n_inputs), [some(n_inputs) for _ in range(n_rows)], some(n_rows)
    layer = autograd.affine(weights, inputs, biases)
    dots = [autograd.dot(row, inputs, bias) for row, bias in zip(weights, biases, strict=True)]
    assert [type(out) for out in layer] == [type(out) for out in dots]
    for one, other in zip(layer, dots, strict=True):
        assert bits(one if isinstance(one, float) else one.data) == bits(other if isinstance(other, float) else other.data)
        if isinstance(one, Value):
            assert one.partials == other.partials
            assert [x if x.op == "const" else id(x) for x in one.operands] == [
                x if x.op == "const" else id(x) for x in other.operands
            ]


@given(st.data(), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_layers_behave_like_separate_dots_in_traversals_and_backward(
    data: st.DataObject, n_inputs: int, n_hidden: int, n_outputs: int
) -> None:
    """The order is the same, and so is the order of additions. The gradients are therefore equal bit for bit."""

    def some(count: int) -> list[float]:
        return data.draw(st.lists(numbers, min_size=count, max_size=count))

    first, second = [some(n_inputs) for _ in range(n_hidden)], [some(n_hidden) for _ in range(n_outputs)]
    x, used = some(n_inputs), data.draw(st.lists(st.integers(0, n_outputs - 1), min_size=1, max_size=5))

    def gradients(affine: Callable[..., list[Value]]) -> list[Any]:
        w1, w2 = ([[Value(w) for w in row] for row in rows] for rows in (first, second))
        inputs = [Value(number) for number in x]
        hidden = affine(w1, inputs, [0.5] * n_hidden)
        outputs = affine(w2, hidden, inputs[:1] * n_outputs)
        y = autograd.sum([outputs[i] * hidden[0] for i in used])  # some of the neurons, in any order, and a path around them
        w1[0][0].data = w2[0][0].data = 7.0  # no effect: the numbers were saved
        y.backward(0.5)
        y.backward()  # a second traversal
        order = [(v.op, bits(v.data), bits(v.grad)) for v in autograd.topological_order(y)]
        return [*order, *[bits(v.grad) for v in (*inputs, *itertools.chain(*w1, *w2))]]

    def one_by_one(weights: list[list[Value]], inputs: list[Any], biases: list[Any]) -> list[Value]:
        return [autograd.dot(row, inputs, bias) for row, bias in zip(weights, biases, strict=True)]

    assert gradients(autograd.affine) == gradients(one_by_one)


def test_one_neuron_keeps_the_data_it_needs_of_its_layer_alive() -> None:
    w, x = Value(2.0), Value(3.0)
    neuron = autograd.affine([[Value(1.0)], [w]], [x * 1.0], [0.0, 0.0])[1]
    neuron.backward()
    assert (w.grad, x.grad) == (3.0, 2.0)


@pytest.mark.parametrize("function", [autograd.relu, autograd.tanh, autograd.leaky_relu, lambda v: v * v, float])
def test_elementwise_applies_the_function_to_each_value(function: Callable[[Any], Any]) -> None:
    items = [1.5, -2.0, 3] if function is float else [Value(1.5), -2.0, Value(-0.0), Value(math.inf), 3]
    one_by_one = [function(item) for item in items]
    for results in (autograd.elementwise(function, items), autograd.elementwise(function, iter(items))):
        assert list(map(repr, results)) == list(map(repr, one_by_one))
        assert [v.partials for v in results if isinstance(v, Value)] == [v.partials for v in one_by_one if isinstance(v, Value)]
    with autograd.no_grad():
        assert not [v.operands for v in autograd.elementwise(function, items) if isinstance(v, Value) and v.operands]


def test_the_inputs_of_affine_are_read_once() -> None:
    x = Value(2.0)
    first, second = autograd.affine([[1.0], [10.0]], iter([x]), (0.5, 0.25))
    (first + second).backward()
    assert (first.data, second.data, x.grad) == (2.5, 20.25, 11.0)


@pytest.mark.parametrize("side", ["weights", "inputs"])
def test_a_dot_passes_the_gradient_through_computed_operands_on_either_side(side: str) -> None:
    x, y = Value(3.0), Value(5.0)
    mixed, numbers = [y, x * x, 1.0], [2.0, 7.0, 4.0]
    (autograd.dot(mixed, numbers) if side == "weights" else autograd.dot(numbers, mixed)).backward()
    assert (x.grad, y.grad) == (7.0 * 2 * 3.0, 2.0)


def test_sum_of_repeated_operands_counts_each_use() -> None:
    x = Value(3.0)
    autograd.sum([x, 1.0, x, x]).backward()
    assert x.grad == 3.0


def bits(number: float) -> str:
    """Return a string that is equal for equal floats and for all nans, and differs for 0.0 and -0.0."""
    return float.hex(number)


@pytest.mark.parametrize("exponent", [1e-20, 0.3])
def test_a_fractional_power_is_flat_at_infinity(exponent: float) -> None:
    x = Value(math.inf)
    (x**exponent).backward()
    assert x.grad == 0.0
