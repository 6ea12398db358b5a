"""The C code generated from the table computes, to the bit, what the table computes in Python."""

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
from autograd.export import c_source as codegen
from autograd.export.c_source import (
    ENTRY_POINTS,
    Symbol,
    c,
    c_functions,
    kernels_declarations,
    kernels_header,
    lanes_rows,
    write_kernels,
)
from autograd.ops import TABLE, Operation

GENERATED = ("base/_kernels.h", "base/_kernels.pxd", "replay/_lanes_rows.h")
COMPILER = shutil.which("cc") or shutil.which("gcc")
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, 1.7e308, 1000.0, -1000.0, 28.0]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The generated header, compiled with the flags of the build: a function for each entry point."""
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
def test_compiled_rows_equal_rows_in_python_to_the_bit(row: Operation, library: ctypes.CDLL) -> None:
    """On floats of every size, and on those that are special: value and every partial."""
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


def test_every_row_is_in_both_files() -> None:
    header, declarations = kernels_header(), kernels_declarations()
    for row in TABLE:
        assert f"{row.name.upper()} = {row.code}," in header
        assert f"        {row.name.upper()}\n" in declarations


@pytest.mark.parametrize(("number", "code"), [
    (1.0, "1.0"), (-1.0, "(-1.0)"), (0.1, "0.1"), (2, "2.0"), (-0.0, "(-0.0)"), (1e300, "1e+300"),
    (math.inf, "INFINITY"), (-math.inf, "(-INFINITY)"), (math.nan, "NAN"), (Symbol("x"), "x"),
])  # fmt: skip
def test_constants_in_c(number: Any, code: str) -> None:
    assert c(number) == code


x: Any = Symbol("x")
y: Any = Symbol("y")


@pytest.mark.parametrize(("symbol", "code"), [
    (lambda: x + y, "(x + y)"), (lambda: 1 - x, "(1.0 - x)"), (lambda: x * 2, "(x * 2.0)"), (lambda: 1 / x, "(1.0 / x)"),
    (lambda: -x, "(-x)"), (lambda: x < y, "(x < y)"), (lambda: operator.lt(1, x), "(x > 1.0)"), (lambda: x == 0, "(x == 0.0)"),
    (lambda: (x > 0) & (y < 0) | (x != y), "(((x > 0.0) & (y < 0.0)) | (x != y))"),
    (lambda: ops.pick(x > 0, x, 0.0), "((x > 0.0) ? x : 0.0)"), (lambda: ops.exp(x), "exp_forward(x)"),
    (lambda: libm.fmod(x, 2.0), "fmod(x, 2.0)"),
])  # fmt: skip
def test_formulas_in_c(symbol: Callable[[], Symbol], code: str) -> None:
    assert symbol().code == code


def test_functions_of_a_row() -> None:
    assert c_functions(ops.mul) == {
        "mul_forward": "static inline double mul_forward(double x, double y) { return (x * y); }",
        "mul_dx": "static inline double mul_dx(double out, double x, double y) { return y; }",
        "mul_dy": "static inline double mul_dy(double out, double x, double y) { return x; }",
    }


def test_files_that_are_right_are_left_alone(tmp_path: Path) -> None:
    """So that nothing is compiled again for nothing."""
    write_kernels(tmp_path)
    for name in GENERATED:
        (tmp_path / name).chmod(0o444)
    before = [(tmp_path / name).stat().st_mtime_ns for name in GENERATED]
    write_kernels(tmp_path)
    assert [(tmp_path / name).stat().st_mtime_ns for name in GENERATED] == before
    assert set(tmp_path.rglob("_*")) == {tmp_path / name for name in GENERATED}
    (tmp_path / "base/_kernels.h").unlink()
    write_kernels(tmp_path)
    assert (tmp_path / "base/_kernels.h").read_text() == codegen.kernels_header()


# ---- loops over lanes ----


def test_every_row_has_its_loops() -> None:
    text = lanes_rows()
    for row in TABLE:
        wanted = 0 if row.variadic else 1 + len(row.partials)
        assert text.count(f"        case {row.name.upper()}:") == wanted
    assert text.count("passed_gate(") == 4  # two operands, each first and added
    assert all(f"NAME({name})(" in text for name in ("forward1", "forward2", "give1", "give2x", "give2y"))
