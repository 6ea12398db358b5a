"""Every row of the table as JavaScript, run by a real engine and compared with Python."""

from __future__ import annotations

import itertools
import math
import random
from functools import partial

import pytest
from javascript import run_javascript, written

import autograd
from autograd import javascript_rows, ops
from autograd.base.real import evaluate
from autograd.export import javascript_writer

EDGES = [
    0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 28.0, 711.0, -746.0, 1e-310, -1e-310, 1e200, -1e308, math.inf, -math.inf, math.nan,
]  # fmt: skip
RELATIVE = 1e-12


def points(row: ops.Operation) -> list[tuple[float, ...]]:
    """Random points in the domain of a row, and edge values, most of them outside."""
    generator = random.Random(row.name)

    def inside(low: float, high: float) -> float:
        if math.isinf(low) and math.isinf(high):
            return generator.gauss(0.0, 3.0)
        if math.isinf(high):
            return low + math.exp(generator.gauss(0.0, 2.0))
        return generator.uniform(low, high)

    random_points = [tuple(inside(*domain) for domain in row.domain) for _ in range(50)]
    return [*random_points, *itertools.product(EDGES, repeat=len(row.domain))]


def close(found: float | str, expected: float) -> bool:
    """Whether two numbers agree. JSON cannot represent nan, infinities and -0.0: the code converts them to text."""
    number = float(found)
    if math.isnan(expected) or math.isinf(expected):
        return number == expected or (math.isnan(number) and math.isnan(expected))
    if expected == 0:
        return number == 0 and math.copysign(1.0, number) == math.copysign(1.0, expected)
    return math.isclose(number, expected, rel_tol=RELATIVE, abs_tol=1e-307)


def test_every_row_computes_the_numbers_of_python() -> None:
    table = {row.name: points(row) for row in ops.ROWS if row.function is None}
    calls = []
    for name, numbers in table.items():
        for point in numbers:
            arguments = ", ".join(map(written, point))
            calls.append(f"at(rows.{name}, [{arguments}])")
    code = (
        "(() => { const text = (x) => Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? '-0' : "
        "String(x).replace('Infinity', 'inf'); const at = (row, x) => { const out = row.value(...x);"
        f" return [out, ...row.partials.map((d) => d(out, ...x))].map(text); }}; const rows = {javascript_rows()};"
        f" return [{', '.join(calls)}]; }})()"
    )
    results = iter(run_javascript(code))
    wrong = []
    for name, numbers in table.items():
        row = getattr(ops, name)
        for point in numbers:
            out = evaluate(row.forward, *point)
            expected = [out, *(evaluate(partial(row.partial, i), out, *point) for i in range(len(point)))]
            found = next(results)
            if not all(map(close, found, expected)):
                wrong.append((name, point, found, expected))
    assert wrong == []


def test_only_the_wanted_rows_and_the_rows_they_call_are_written() -> None:
    code = javascript_rows(["tanh"])
    assert "const exp = " in code  # the derivative of tanh calls exp and abs, and that of abs calls sign
    assert "const sign = " in code
    assert "sigmoid" not in code
    assert "log" not in code
    assert "c_erf" not in code


@pytest.mark.parametrize("name", ["no_such_row", "Tanh", ""])
def test_an_unknown_name_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="names must be names of rows of the table"):
        javascript_rows([name])


def test_a_single_name_is_not_taken_for_a_list_of_letters() -> None:
    with pytest.raises(TypeError, match=r"names must be a list of names, not str; pass \['sin'\]"):
        javascript_rows("sin")


def test_a_custom_operation_cannot_be_written() -> None:
    @autograd.primitive(lambda out, x: 2 * x)
    def squared_in_python(x: float) -> float:
        return x * x

    del squared_in_python
    with pytest.raises(ValueError, match="a custom operation has no formula"):
        javascript_rows(["squared_in_python"])


def test_a_function_that_javascript_lacks_is_an_error_and_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(javascript_writer.C_FUNCTIONS, "fmod")
    with pytest.raises(ValueError, match=r"calls fmod\(\) of the C library, which JavaScript does not have"):
        javascript_rows(["mod"])
    assert "floor_div" not in javascript_rows()
