"""Programs written as C: compiled by real compilers, their results equal those of the program bit for bit."""

from __future__ import annotations

import ctypes
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from replayed import GATED, SPECIAL, random_function, random_number, same

import autograd
import nn
from autograd import Value, ops
from autograd.compiler.static import Call
from autograd.replay.executor import Executor
from autograd.replay.program import Program

COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
pytestmark = [
    pytest.mark.skipif(not COMPILERS, reason="no C compiler"),
    pytest.mark.xdist_group("C programs"),  # they share compiled programs
]
FLAGS = ["-O2", "-std=c99", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-ffp-contract=off", "-shared", "-fPIC"]
DOUBLES = ctypes.POINTER(ctypes.c_double)
BUILT: dict[tuple[str, str], Any] = {}  # the functions of all programs so far, because a C compiler takes most of the time


def build(program: Program, folder: Path, compiler: str = COMPILERS[0] if COMPILERS else "") -> Any:
    """Write the program as C, compile it, and return its function."""
    key = program.to_c(folder / "program.c", [0.5] * program.n_parameters), compiler
    if key not in BUILT:
        library = folder / f"program{len(BUILT)}.so"
        subprocess.run([compiler, *FLAGS, "-o", str(library), str(folder / "program.c"), "-lm"], check=True)
        BUILT[key] = ctypes.CDLL(str(library)).program
    return BUILT[key], (folder / "program.h").read_text()


def run(program: Program, folder: Path, X: np.ndarray, scalars: list[float], parameters: list[float], seed: float) -> Any:
    """Run the C function on rows (or once, if X is empty in its second axis). Return everything that it writes."""
    rows = len(X) if program.n_wide_inputs else 1
    function, header = build(program, folder)
    work = np.full(int(header.split("_work = ")[1].split()[0]), np.nan)
    results, total = np.zeros((len(program.outputs), rows)), np.zeros(1)
    gradients, by_input = np.zeros(program.n_scalar_gradients), np.zeros((len(program.input_adjoints), rows))
    given: list[Any] = []
    if program.n_wide_inputs:
        given += [X, ctypes.c_long(rows)]
    given += [np.array(numbers) for numbers in (scalars, parameters) if numbers]
    given.append(results)
    if program.root >= 0:
        given += [ctypes.c_double(seed), total]
        given += [gradients] if program.n_scalar_gradients else []
        given += [by_input] if program.n_wide_inputs and program.input_adjoints else []
    given.append(work)
    code = function(*[g.ctypes.data_as(DOUBLES) if isinstance(g, np.ndarray) else g for g in given])
    return code, results, total[0], gradients, by_input


def assert_equal(
    f: Callable[..., Any], columns: list[Any], folder: Path, parameters: list[Value] | None = None, seed: float = 1.0
) -> None:
    """Assert that the C programs for values, for parameters and for each argument equal the Python ones."""
    parameters = parameters or []
    compiled = autograd.compile(f)
    call = Call(f, compiled.static, tuple(columns), {})
    given, recording = call.given, compiled._recording(call)
    X = np.ascontiguousarray(np.hstack([np.zeros((max(given.rows, 0), 0)), *given.arrays]))
    wanted_kinds: list[Any] = ["values", "parameters"]
    for wanted in wanted_kinds if len(recording.graph.results) == 1 else wanted_kinds[:1]:
        program = recording.program(wanted)
        rows = given.rows
        results = np.zeros((len(program.outputs), max(rows, 0) if rows >= 0 else 1))
        executor = Executor(program)
        total, gradients = executor.run(given.arrays, given.scalars, recording.parameters, rows, seed, results, None)
        data = [p.data for p in recording.parameters]
        code, found, found_total, found_gradients, _ = run(program, folder, X, given.scalars, data, seed)
        assert code == 0
        assert same(found, results)
        if program.root >= 0:
            assert same([found_total, *found_gradients], [total, *gradients])


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 8, 9, 300, 5000])
def test_networks_on_rows_equal_the_program(rows: int, tmp_path: Path) -> None:
    model = nn.MLP(2, [8, 5, 1], seed=1)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(rows, 2)), rng.normal(size=rows)
    assert_equal(lambda x, t: (model(x)[0] - t) ** 2, [X, y], tmp_path, seed=1 / 3)


def test_a_network_on_numbers_equals_the_program(tmp_path: Path) -> None:
    model = nn.MLP(3, [8, 1], seed=1, activation="relu")
    assert_equal(lambda x, t: (model(x)[0] - t) ** 2, [[0.3, -0.2, 1.0], 2.0], tmp_path)


def test_each_operation_equals_the_program(tmp_path: Path) -> None:
    one = [getattr(autograd, row.name) for row in ops.TABLE if not row.variadic and len(row.partials) == 1]
    two = [row for row in ops.TABLE if not row.variadic and len(row.partials) == 2]
    pairs = [(x, y) for x in SPECIAL for y in SPECIAL]
    X = np.array(pairs, dtype=float)
    w = Value(1.0)
    # All operations in one program, because a C compiler takes most of the time.
    values = autograd.compile(lambda x, y: [*[f(x) for f in one], *[f(x, y) for f in two]])
    program = values.program(X[:, 0], X[:, 1])
    _, found, *_ = run(program, tmp_path, X, [], [], 1.0)
    assert same(found, np.array(values(X[:, 0], X[:, 1])))
    for f in [*[lambda x, y, f=f: f(w * x) for f in one], *[lambda x, y, f=f: f(w * x, w * y) for f in two]][::12]:
        assert_equal(f, [X[:, 0], X[:, 1]], tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_random_functions_equal_the_program(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    f = random_function(rng, 4, GATED)
    w = Value(rng.gauss(0, 1), label="w")
    columns = [np.array([random_number(rng) for _ in range(50)]) for _ in range(3)]
    assert_equal(lambda a, b, c: f(w * a, w, b, c), [columns[0], columns[1], random_number(rng)], tmp_path)
    assert_equal(lambda a, b, c: f(w * a, w, b, c), [random_number(rng) for _ in range(3)], tmp_path)


def test_gradients_with_respect_to_inputs_equal_the_program(tmp_path: Path) -> None:
    f = autograd.compile(lambda x, c: autograd.sum([x[0] * x[1], (x[0] * c).sin(), x[1].exp()]))
    X, c = np.random.default_rng(1).normal(size=(20, 2)), 0.7
    program = f._recording(Call(f.function, f.static, (X, c), {})).program((0,))
    _, (gradient, *_) = f.value_and_grad(X, c, argnums=(0,))
    code, _, _, _, found = run(program, tmp_path, X, [c], [], 1.0)
    assert code == 0
    assert same(found, gradient.T)


def test_an_invalid_index_is_reported(tmp_path: Path) -> None:
    f = autograd.compile(lambda x, i: autograd.take([x, 2 * x], i))
    X = np.array([[1.0, 0.0], [2.0, 2.0]])
    code, *_ = run(f.program(X[:, 0], X[:, 1]), tmp_path, X, [], [], 1.0)
    assert code == 1


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("standard", ["c99", "c11", "gnu17"])
def test_the_files_compile_without_warnings(compiler: str, standard: str, tmp_path: Path) -> None:
    model = nn.MLP(2, [4, 1], seed=1)
    program = autograd.compile(lambda x: model(x)[0]).program(np.zeros((3, 2)), gradient=True)
    program.to_c(tmp_path / "model.c", model.parameters())
    command = [compiler, *FLAGS, f"-std={standard}", "-o", str(tmp_path / "model.so"), str(tmp_path / "model.c"), "-lm"]
    subprocess.run(command, check=True)
    library = ctypes.CDLL(str(tmp_path / "model.so"))
    data = (ctypes.c_double * len(model.parameters())).in_dll(library, "model_parameters")
    assert list(data) == [p.data for p in model.parameters()]


def test_a_program_in_c_calls_the_function(tmp_path: Path) -> None:
    """The header has everything that a caller needs."""
    w = Value(3.0, label="w")
    autograd.compile(lambda x: w * x * x).program(2.0, gradient=True).to_c(tmp_path / "square.c", [w])
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "square.h"\n'
        "int main(void) {\n"
        "    double x = 2.0, y, gradient, work[square_work];\n"
        "    int failed = square(&x, square_parameters, NULL, 1.0, &y, &gradient, work);\n"
        '    printf("%d %g %g", failed, y, gradient);\n'
        "}\n"
    )
    files = [str(tmp_path / "main.c"), str(tmp_path / "square.c")]
    subprocess.run([COMPILERS[0], "-o", str(tmp_path / "main"), *files, "-lm"], check=True)
    assert subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=True).stdout == "0 12 4"


@pytest.mark.parametrize("name", ["model.cpp", "model", "2.c", "my-model.c"])
def test_a_name_that_is_not_an_identifier_is_refused(name: str, tmp_path: Path) -> None:
    program = autograd.compile(lambda x: x * x).program(2.0)
    with pytest.raises(ValueError, match=r"path must be an identifier of C with the suffix \.c"):
        program.to_c(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_wrong_number_of_parameters_is_refused(tmp_path: Path) -> None:
    program = autograd.compile(lambda x: x * x).program(2.0)
    with pytest.raises(ValueError, match=r"^parameters must be the 0 parameters of the program, not 2 numbers$"):
        program.to_c(tmp_path / "model.c", [1.0, 2.0])


def test_other_parameters_are_refused_by_name(tmp_path: Path) -> None:
    w, b, c = Value(2.0, "w"), Value(3.0, "b"), Value(4.0)
    program = autograd.compile(lambda x: w * x + b * c).program(2.0)
    of_program = r"parameters must be the 3 parameters of the program \(w, b, p2\)"
    for parameters, text in (([w], ", not 1 number$"), ([b, w, c], " in this order, but b is in the place of w$")):
        with pytest.raises(ValueError, match=f"^{of_program}{text}"):
            program.to_c(tmp_path / "model.c", parameters)
    with pytest.raises(TypeError, match=r"^a parameter must be a real number, not str \("):
        program.to_c(tmp_path / "model.c", [w, "2", c])
    right: list[list[Any]] = [[w, b, c], [w, 3.0, 4.0], [Value(2.0, "slope"), b, c]]
    for numbers in right:
        assert "model_parameters[] = {\n    2.0, 3.0, 4.0,\n}" in program.to_c(tmp_path / "model.c", numbers)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("int", "a keyword of C or C++"), ("class", "a keyword of C or C++"), ("main", "a keyword of C or C++"),
        ("sin", "a function of the C library"), ("j0", "a function of the C library"), ("write", "a function of the C library"),
        ("__model", "reserved for the compiler"), ("_Model", "reserved for the compiler"),
        ("tree", "used in the file itself"), ("sin_forward", "used in the file itself"), ("LANES", "used in the file itself"),
        ("constants", "used in the file itself"), ("forward_rows", "used in the file itself"),
        ("LONG_FUNCTION", "used in the file itself"), ("NAN", "a macro or a type of the C library"),
        ("size_t", "a macro or a type of the C library"), ("linux", "a macro or a type of the C library"),
    ],
)  # fmt: skip
def test_a_name_that_c_cannot_use_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    program = autograd.compile(lambda x: x.sin() * 2.5).program(np.ones(3))
    with pytest.raises(ValueError, match=rf"^'{name}' is {re.escape(reason)}, .* use another file, such as 'my_{name}\.c'$"):
        program.to_c(tmp_path / f"{name}.c")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["f", "x", "model", "v", "n", "sum", "work", "results", "my_int"])
def test_other_names_compile(name: str, tmp_path: Path) -> None:
    w = Value(1.0)
    program = autograd.compile(lambda x: w * x.sin()).program(np.ones(3), gradient=True)
    program.to_c(tmp_path / f"{name}.c", [w])
    command = [COMPILERS[0], "-c", "-Wall", "-Werror", str(tmp_path / f"{name}.c"), "-o", str(tmp_path / "object.o")]
    subprocess.run(command, check=True)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "model.h").mkdir()  # the header cannot be written
    program = autograd.compile(lambda x: x * x).program(2.0)
    with pytest.raises(IsADirectoryError):
        program.to_c(tmp_path / "model.c")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.c", "model.h"]  # no temporary files


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    program = autograd.compile(lambda x: x * x).program(2.0)
    message = r"cannot write '.*model\.c': the folder '.*missing' does not exist; create it first"
    with pytest.raises(FileNotFoundError, match=message):
        program.to_c(tmp_path / "missing" / "model.c")
