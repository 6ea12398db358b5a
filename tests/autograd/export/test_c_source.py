"""The C code generated from the table is bit-for-bit equivalent to the table in Python."""

from __future__ import annotations

import ctypes
import math
import operator
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import ops, strategies
from autograd.base.real import libm
from autograd.export.c_source import (
    ENTRY_POINTS,
    c_code,
    c_functions,
    kernels_declarations,
    kernels_header,
)
from autograd.export.expressions import Expr, variable
from autograd.export.kernel_files import lanes_rows, write_kernels
from autograd.ops import TABLE, Operation

GENERATED = ("base/_kernels.h", "base/_kernels.pxd", "replay/_lanes_rows.h")
COMPILER = shutil.which("cc") or shutil.which("gcc")
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, 1.7e308, 1000.0, -1000.0, 28.0]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Compile the generated header with the flags of the build, with one function for each entry point."""
    if COMPILER is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("kernels")
    write_kernels(folder)
    lines = ['#include "base/_kernels.h"']
    for name, _, _, arguments in ENTRY_POINTS:
        declared = ", ".join(f"double {a}" for a in arguments)
        lines.append(f"double call_{name}(int code, {declared}) {{ return {name}(code, {', '.join(arguments)}); }}")
    (folder / "all.c").write_text("\n".join(lines) + "\n")
    flags = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC"]
    subprocess.run([COMPILER, *flags, "all.c", "-o", "all.so", "-lm"], cwd=folder, check=True)
    loaded = ctypes.CDLL(str(folder / "all.so"))
    for name, _, _, arguments in ENTRY_POINTS:
        function = getattr(loaded, f"call_{name}")
        function.restype, function.argtypes = ctypes.c_double, [ctypes.c_int, *[ctypes.c_double] * len(arguments)]
    return loaded


def bits(number: float) -> bytes:
    return b"nan" if math.isnan(number) else struct.pack("<d", number)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_compiled_rows_equal_rows_in_python_bit_for_bit(row: Operation, library: ctypes.CDLL) -> None:
    """The value and every partial are compared, for floats of every size and special floats."""
    arity = len(row.partials)
    names = ["forward1", "partial1"] if arity == 1 else ["forward2", "partial2x", "partial2y"]
    places = [st.sampled_from(SPECIAL) | strategies.numbers(low, high) | st.floats() for low, high in row.domain]

    @given(st.tuples(*places))
    def check(operands: tuple[float, ...]) -> None:
        out = getattr(ops, names[0])(row.code, *operands)
        assert bits(getattr(library, f"call_{names[0]}")(row.code, *operands)) == bits(out)
        for name in names[1:]:
            in_c, in_python = getattr(library, f"call_{name}"), getattr(ops, name)
            assert bits(in_c(row.code, out, *operands)) == bits(in_python(row.code, out, *operands)), (name, out)

    check()


def test_an_unknown_row_is_nan(library: ctypes.CDLL) -> None:
    assert math.isnan(library.call_forward1(-1, 1.0))


def test_every_row_is_in_the_header_and_in_the_declarations() -> None:
    header, declarations = kernels_header(), kernels_declarations()
    for row in TABLE:
        assert f"{row.name.upper()} = {row.code}," in header
        assert f"        {row.name.upper()}\n" in declarations


@pytest.mark.parametrize(("number", "code"), [
    (1.0, "1.0"), (-1.0, "(-1.0)"), (0.1, "0.1"), (2, "2.0"), (-0.0, "(-0.0)"), (1e300, "1e+300"),
    (math.inf, "INFINITY"), (-math.inf, "(-INFINITY)"), (math.nan, "NAN"), (variable("x"), "x"),
])  # fmt: skip
def test_constants_are_written_as_c_literals(number: Any, code: str) -> None:
    assert c_code(number) == code


x: Any = variable("x")
y: Any = variable("y")


@pytest.mark.parametrize(("make", "code"), [
    (lambda: x + y, "(x + y)"), (lambda: 1 - x, "(1.0 - x)"), (lambda: x * 2, "(x * 2.0)"), (lambda: 1 / x, "(1.0 / x)"),
    (lambda: -x, "(-x)"), (lambda: x < y, "(x < y)"), (lambda: operator.lt(1, x), "(x > 1.0)"), (lambda: x == 0, "(x == 0.0)"),
    (lambda: (x > 0) & (y < 0) | (x != y), "(((x > 0.0) & (y < 0.0)) | (x != y))"),
    (lambda: ops.pick(x > 0, x, 0.0), "((x > 0.0) ? x : 0.0)"), (lambda: ops.exp(x), "exp_forward(x)"),
    (lambda: libm.fmod(x, 2.0), "fmod(x, 2.0)"),
])  # fmt: skip
def test_formulas_are_written_as_c_expressions(make: Callable[[], Expr], code: str) -> None:
    assert c_code(make()) == code


def test_a_row_becomes_one_c_function_for_the_value_and_each_partial() -> None:
    assert c_functions(ops.mul) == {
        "mul_forward": "static inline double mul_forward(double x, double y) { return (x * y); }",
        "mul_dx": "static inline double mul_dx(double out, double x, double y) { return y; }",
        "mul_dy": "static inline double mul_dy(double out, double x, double y) { return x; }",
    }


def test_files_that_are_up_to_date_are_not_written(tmp_path: Path) -> None:
    """This avoids unnecessary compilation."""
    write_kernels(tmp_path)
    for name in GENERATED:
        (tmp_path / name).chmod(0o444)
    before = [(tmp_path / name).stat().st_mtime_ns for name in GENERATED]
    write_kernels(tmp_path)
    assert [(tmp_path / name).stat().st_mtime_ns for name in GENERATED] == before
    assert set(tmp_path.rglob("_*")) == {tmp_path / name for name in GENERATED}
    (tmp_path / "base/_kernels.h").unlink()
    write_kernels(tmp_path)
    assert (tmp_path / "base/_kernels.h").read_text() == kernels_header()


# ---- loops over lanes ----


def test_every_row_has_its_loops() -> None:
    text, _, fast = lanes_rows().partition("TARGET static void NAME(fast_")
    assert "case TANH:" in fast
    assert "case SQRT:" not in fast  # does not use a function of _vector_math.h
    for row in TABLE:
        wanted = 0 if row.variadic else 1 + len(row.partials)
        assert text.count(f"        case {row.name.upper()}:") == wanted
    # For each operand, a loop for the first contribution and one for the others.
    assert text.count("passed_if(") == 2 * sum(len(row.partials) for row in ops.WITH_KERNELS if row.blocks)
    assert all(f"NAME({name})(" in text for name in ("forward1", "forward2", "give1", "give2x", "give2y"))
