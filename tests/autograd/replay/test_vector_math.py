"""``exact=False``: errors against mpmath, special numbers, and equality over vector widths and threads."""

from __future__ import annotations

import math
import re
import runpy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from replayed import BINARY, UNARY, bits, same

import autograd
from autograd import Value, ops
from autograd.compiler.layout import MAX_LANES
from autograd.ops import Operation

ROOT = Path(__file__).parents[3]
REPLAY = ROOT / "autograd" / "replay"
compiled_core = pytest.mark.skipif(autograd.backend() == "python", reason="exact=False has no effect in the Python backend")

MAX = 1.7976931348623157e308
EDGES = [
    0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, -2.2e-308, 1e-310, MAX, -MAX, math.inf, -math.inf, math.nan, 1.0,
    -1.0, math.nextafter(1, 0), math.nextafter(1, 2), 0.5, 2.0, 3.0, -3.0, 6.0, -6.0, 0.875, math.nextafter(0.875, 0), 18.7,
    22.0, -22.0, 36.8, -36.8, 709.782712893384, 709.7827128933841, 709.79, -708.4, -745.1332191019411, -745.1332191019412,
    -745.2,
]  # fmt: skip
RNG = np.random.default_rng(0)
N = 400
ANY = RNG.integers(0, 2**64, N, dtype=np.uint64).view(float)  # floats with random bits
TINY = 10 ** RNG.uniform(-320, 0, N)


def uniform(low: float, high: float) -> np.ndarray:
    return RNG.uniform(low, high, N)


# The exact function, and arguments. Near multiples of pi / 2, sin and cos are small. Large results of exp overflow.
TURNS = (np.arange(1, 636_000, 1500)) * (math.pi / 2)
ANGLES = [uniform(-7, 7), uniform(-1e6, 1e6), uniform(1e6, 1e9), TINY, TURNS, -TURNS]
# The formulas of tanh and sigmoid change at these sizes, to the left and to the right, and round 1 + 2**-k from 18 and 36 on.
STEPS = np.outer((np.arange(55) + 0.5) * (math.log(2) / 2), [1 - 1e-12, 1 - 1e-7, 1 + 1e-7, 1 + 1e-12]).ravel()
UNARY_CASES: dict[str, tuple[Callable[[Any], Any], list[np.ndarray]]] = {
    "exp": (mp.exp, [uniform(-745.2, 709.8), uniform(-1, 1), uniform(-745.2, -707), ANY]),
    "log": (mp.log, [np.abs(ANY), uniform(0.5, 2), uniform(0.99, 1.01), TINY]),
    "tanh": (mp.tanh, [uniform(-22, 22), uniform(-1, 1), uniform(18, 19.1), STEPS, -STEPS, TINY, ANY]),
    "sigmoid": (
        lambda x: 1 / (1 + mp.exp(-x)),
        [uniform(-745, 40), uniform(-3, 3), uniform(-745, -705), uniform(-37, 37), uniform(36, 37.5), 2 * STEPS, -2 * STEPS],
    ),
    "erf": (mp.erf, [uniform(-6, 6), uniform(-1.5, 1.5), TINY, ANY]),
    "sin": (mp.sin, ANGLES),
    "cos": (mp.cos, ANGLES),
}


def error_in_ulps(exact: Any, found: float) -> float:
    """Return the error in units in the last place of the exact number; subnormal numbers have the smallest unit."""
    if abs(exact) >= mpf(MAX) * (1 + mpf(2) ** -54):
        return 0.0 if found == math.copysign(math.inf, exact) else math.inf
    if not math.isfinite(found):
        return math.inf
    unit = mpf(2) ** max(mp.mag(exact) - 53, -1074) if exact else mpf(2) ** -1074
    return float(abs(mpf(found) - exact) / unit)


def run(name: str, *columns: np.ndarray) -> np.ndarray:
    """Return the values of a row of the table, computed with ``exact=False``."""
    found: np.ndarray = autograd.compile(getattr(autograd, name), exact=False)(*columns)
    return found


@compiled_core
@pytest.mark.parametrize("name", UNARY_CASES)
def test_errors_are_at_most_1_ulp(name: str) -> None:
    exact, arguments = UNARY_CASES[name]
    x = np.concatenate([*arguments, EDGES])
    with mp.workprec(1200 if name in ("sin", "cos") else 150):
        for argument, found in zip(x.tolist(), run(name, x).tolist(), strict=True):
            if math.isfinite(argument) and argument != 0 and not (name == "log" and argument < 0):
                assert error_in_ulps(exact(mpf(argument)), found) <= 1.0, (argument, found)
            else:  # defined by IEEE-754, as in the C library
                assert bits(found) == bits(getattr(ops, name)(argument)), (argument, found)


@compiled_core
def test_errors_of_pow_are_at_most_one_and_a_half_ulps() -> None:
    large = np.where(np.isfinite(ANY) & (ANY != 0), np.abs(ANY), 2.0)
    near_1 = np.abs(1 + RNG.uniform(-1, 1, N) * 10 ** RNG.uniform(-15, -1, N))
    near_1[near_1 == 1] = 1.5
    columns, rows = np.meshgrid([*EDGES, 4503599627370497.0, 0.3], [*EDGES, 2.5, 1e16])
    pairs = [
        (np.exp(uniform(-5, 5)), uniform(-4, 4)),
        (large, uniform(-745, 709) / np.log(large)),
        (near_1, uniform(-745, 709) / np.log(near_1)),
        (uniform(0, 100), RNG.choice([2.0, 3.0, 0.5, -1.0, -2.0, -0.5, 1.5], N)),
        (uniform(-100, 0), RNG.choice([2.0, 3.0, -1.0, -2.0, 7.0], N)),
        (columns.ravel(), rows.ravel()),
    ]
    x, y = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    with mp.workprec(200):
        for base, exponent, found in zip(x.tolist(), y.tolist(), run("pow", x, y).tolist(), strict=True):
            reference = ops.pow(base, exponent)
            if math.isfinite(base) and math.isfinite(exponent) and base != 0 and math.isfinite(reference) and reference != 0:
                exact = mp.power(abs(mpf(base)), mpf(exponent)) * math.copysign(1, reference)
                assert error_in_ulps(exact, found) <= 1.5, (base, exponent, found)
            else:
                assert bits(found) == bits(reference), (base, exponent, found)


@compiled_core
def test_errors_of_the_derivative_of_tanh_are_at_most_3_5_ulp() -> None:
    """Also where 1 - tanh(x)**2 is 0, up to the smallest subnormal number."""
    x = np.concatenate(
        [uniform(-374, 374), uniform(-22, 22), uniform(-1, 1), uniform(354, 374), STEPS, -STEPS, TINY, ANY, EDGES]
    )
    gradient = autograd.compile(autograd.tanh, exact=False).value_and_grad(x)[1]
    with mp.workprec(150):
        for argument, found in zip(x.tolist(), gradient.tolist(), strict=True):
            if abs(argument) < 1000:
                assert error_in_ulps(mp.sech(mpf(argument)) ** 2, found) <= 3.5, (argument, found)
            else:
                assert same([found], [math.nan if math.isnan(argument) else 0.0]), (argument, found)


@compiled_core
@pytest.mark.parametrize("factor", [-1.0, -0.5])
def test_errors_of_the_gaussian_function_are_at_most_one_and_a_half_ulps(factor: float) -> None:
    """The derivatives of erf and of the normal distribution use these factors."""
    x = np.concatenate([uniform(-39, 39), uniform(-3, 3), uniform(25, 28), uniform(37, 39), TINY, EDGES])
    found = autograd.compile(ops.gaussian, exact=False)(x, factor)
    with mp.workprec(150):
        for argument, number in zip(x.tolist(), found.tolist(), strict=True):
            if math.isfinite(argument):
                assert error_in_ulps(mp.exp(factor * mpf(argument) ** 2), number) <= 1.5, (argument, number)
            else:
                assert same([number], [math.nan if math.isnan(argument) else 0.0]), (argument, number)


@compiled_core
def test_errors_of_erf_are_at_most_1_ulp_where_they_are_largest() -> None:
    """Near 1/16, and on both sides of 0.875, where one formula replaces the other."""
    x = np.concatenate([RNG.uniform(*ends, 2000) for ends in ((0.04, 0.0625), (0.84, 0.875), (0.875, 1.06))])
    with mp.workprec(100):
        for argument, number in zip(x.tolist(), run("erf", x).tolist(), strict=True):
            assert error_in_ulps(mp.erf(mpf(argument)), number) <= 1.0, (argument, number)


@compiled_core
def test_sin_and_cos_of_large_numbers_call_the_c_library_in_these_lanes_only() -> None:
    x = np.array([1.0, 1e22, 2.0, -1e300, 999_999.5, 1e6 + 0.5])
    for name in ("sin", "cos"):
        together, alone = run(name, x), [run(name, x[i : i + 1])[0] for i in range(len(x))]
        assert same(together, alone)
        assert same(together[[1, 3, 5]], [getattr(math, name)(x[i]) for i in (1, 3, 5)])


@compiled_core
@pytest.mark.parametrize("row", [*UNARY, *BINARY], ids=lambda row: row.name)
def test_results_do_not_depend_on_the_vector_width_or_the_number_of_threads(row: Operation) -> None:
    """Nor on the number of lanes: a call on numbers returns the same, too."""
    columns = [np.concatenate([RNG.normal(size=259) * 3, EDGES]) for _ in row.partials]
    f = autograd.compile(row, exact=False, threads=1)
    positions = tuple(range(len(columns)))
    wanted = [f(*columns), *f.value_and_grad(*columns, argnums=positions)[1]]
    two = autograd.compile(row, exact=False, threads=2).value_and_grad(*columns, argnums=positions)
    assert same(np.concatenate([two[0], *two[1]]), np.concatenate(wanted))
    for recording in f._recordings.values():
        for width in (2, 4, 8):
            recording.replay("values").use_vectors(width)
            recording.replay(positions).use_vectors(width)
            found = [f(*columns), *f.value_and_grad(*columns, argnums=positions)[1]]
            assert same(np.concatenate(found), np.concatenate(wanted))
    for i in (0, 3, 270):
        value, gradient = f.value_and_grad(*[float(column[i]) for column in columns], argnums=positions)
        assert same([value, *gradient], [column[i] for column in wanted])


@compiled_core
@pytest.mark.parametrize("exact", [True, False])
def test_results_in_the_largest_blocks_equal_results_in_small_blocks(exact: bool) -> None:
    x = RNG.normal(size=64 * MAX_LANES + 100)  # each of the 64 leaves has a block with all lanes, or two blocks
    f = autograd.compile(lambda x: x.softplus() * (x * 0.5).erf() - x.sin() * x, exact=exact, threads=1)
    value, gradient = f.value_and_grad(x)
    for start in (0, 400, len(x) - 300):
        part = slice(start, start + 300)
        found = f.value_and_grad(x[part])
        assert same(found[0], value[part])
        assert same(found[1], gradient[part])


@compiled_core
@pytest.mark.parametrize(("operand", "slope"), [
    (lambda x: autograd.dot([0.5], [x], 0.25), 0.5),
    (lambda x: x * 3.0, 3.0),
    (lambda x: 0.25 - x, -1.0),
    (lambda x: -x, -1.0),
])  # fmt: skip
@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_a_partial_kept_in_place_of_the_operand_is_the_partial_of_the_row(
    row: Operation, operand: Callable[[Any], Any], slope: float
) -> None:
    """For any vector width and number of threads, and for a call on numbers."""
    x = np.concatenate([RNG.normal(size=259) * 3, EDGES])
    z = autograd.compile(operand)(x)
    wanted, partials = autograd.compile(row, exact=False).value_and_grad(z)
    with np.errstate(over="ignore"):
        gradients = slope * partials + 0.0
    both = lambda x: row(operand(x))  # noqa: E731
    f = autograd.compile(both, exact=False, threads=1)
    for width in (8, 4, 2):
        value, gradient = f.value_and_grad(x)
        assert same(value, wanted)
        assert same(gradient, gradients)
        for recording in f._recordings.values():
            recording.replay((0,)).use_vectors(width)
    assert same(autograd.compile(both, exact=False, threads=2).value_and_grad(x)[1], gradients)
    for i in range(0, len(x), 9):
        assert same(f.value_and_grad(float(x[i])), [wanted[i], gradients[i]])


@pytest.mark.parametrize("row", [*UNARY, *BINARY], ids=lambda row: row.name)
def test_values_and_derivatives_are_near_those_of_the_function(row: Operation) -> None:
    """Both are computed from the same formulas of the table."""
    bounds = [(max(low, -4.0), min(high, 4.0)) for low, high in row.domain]
    columns = [RNG.uniform(low + 0.01, high - 0.01, 150) for low, high in bounds]
    positions = tuple(range(len(columns)))
    value, gradient = autograd.compile(row, exact=False).value_and_grad(*columns, argnums=positions)
    for i, numbers in enumerate(zip(*columns, strict=True)):
        operands = [Value(x) for x in numbers]
        result = row(*operands)
        result.backward()
        np.testing.assert_allclose(value[i], result.data, rtol=1e-14, atol=1e-15)
        np.testing.assert_allclose([column[i] for column in gradient], [x.grad for x in operands], rtol=1e-13, atol=1e-15)


def test_higher_derivatives_and_parameters_are_near_those_of_the_function() -> None:
    w = Value(0.7)
    x = np.linspace(-2, 2, 50)

    def f(x: Any) -> Any:
        return (w * x).tanh() * x.exp() + (x * x + 1).log() ** 1.5 + x.sin().erf()

    for method in ("hessian", "backward"):
        found = []
        for exact in (True, False):
            w.grad = 0.0
            result = getattr(autograd.compile(f, exact=exact), method)(x)
            found.append(np.append(result, w.grad))
        np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_the_default_is_exact() -> None:
    program = autograd.compile(lambda x: x.exp()).program(1.0)
    assert program.exact
    assert not autograd.compile(lambda x: x.exp(), exact=False).program(1.0).exact


def test_exact_must_be_a_flag() -> None:
    with pytest.raises(TypeError, match="exact must be True or False, not 'no'"):
        autograd.compile(lambda x: x, exact="no")  # type: ignore[call-overload]


def test_the_kernels_have_room_for_all_lanes() -> None:
    found = re.search(r"#define MAX_LANES (\d+)", (REPLAY / "_lanes.h").read_text(encoding="utf-8"))
    assert found is not None
    assert int(found[1]) >= MAX_LANES


OTHER_COMPILER, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64"
PROGRAM = """
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "_vector_math.h"

int main(void) {
    double x, y;
    while (fread(&x, 8, 1, stdin) == 1 && fread(&y, 8, 1, stdin) == 1) {
        double found[] = {
            vm_exp(x), vm_log(x), vm_tanh(x), vm_sech_squared(x), vm_sigmoid(x), vm_erf(x), vm_sin(x), vm_cos(x), vm_pow(x, y),
            vm_gaussian(x, y)
        };
        fwrite(found, 8, 10, stdout);
    }
}
"""


@pytest.mark.skipif(
    not (shutil.which(OTHER_COMPILER) and shutil.which(EMULATOR)), reason="needs a compiler and an emulator of 64-bit ARM"
)
def test_another_processor_computes_the_same_bits(tmp_path: Path) -> None:
    """The sign and the payload of nan may differ."""
    numbers = np.concatenate([EDGES, *[array for _, cases in UNARY_CASES.values() for array in cases]])
    pairs = np.stack([numbers, np.roll(numbers, 7)], axis=1)
    (tmp_path / "program.c").write_text(PROGRAM)
    results = []
    emulated: list[str] = [EMULATOR, "-L", "/usr/aarch64-linux-gnu"]
    for compiler, run_by in (("gcc", []), (OTHER_COMPILER, emulated)):
        program = tmp_path / compiler
        options = ["-O3", "-ffp-contract=off", f"-I{REPLAY}", "-o", str(program)]
        subprocess.run([compiler, str(tmp_path / "program.c"), *options, "-lm"], check=True)
        found = subprocess.run([*run_by, str(program)], input=pairs.tobytes(), stdout=subprocess.PIPE, check=True).stdout
        results.append(np.frombuffer(found))
    assert len(results[0]) == 10 * len(pairs)
    assert same(results[0], results[1])


def test_the_coefficients_are_those_of_the_script() -> None:
    with mp.workprec(53):  # other tests change the precision
        lines = runpy.run_path(str(ROOT / "benchmarks" / "vector_math_coefficients.py"))["header_lines"]()
    assert "\n".join(lines) in (REPLAY / "_vector_math.h").read_text(encoding="utf-8")
