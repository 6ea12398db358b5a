"""A program can be printed, counted and pickled, and runs in another process from the pickle alone."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fresh import run_python
from replayed import same

import autograd
from autograd import Value, ops
from autograd.replay import instructions
from autograd.replay.program import Program

X = np.array([1.0, 2.0, 3.0])
w, b = Value(0.5, label="w"), Value(-1.0)


def f(x: Any, y: Any) -> Any:
    return (w * x + y).tanh() * y + b.exp()


def test_print_separates_instructions_run_once_and_in_each_row() -> None:
    """Parameters have their labels, inputs their positions, and results t1, t2, ..., with [] if they differ per row."""
    assert str(autograd.compile(f).program(X, 2.0)) == (
        "once:\n"
        "    t1 = exp(p1)\n"
        "in each row:\n"
        "    t2[] = w * x0[]\n"
        "    t3[] = t2[] + x1\n"
        "    t4[] = tanh(t3[])\n"
        "    t5[] = t4[] * x1\n"
        "    t6[] = t5[] + t1\n"
        "result: t6[]"
    )


def test_on_numbers_every_instruction_runs_once() -> None:
    text = str(autograd.compile(f).program(1.0, 2.0))
    assert text.startswith("once:\n    t1 = ")
    assert "row" not in text
    assert "[]" not in text


def test_print_counts_the_instructions_of_the_gradient() -> None:
    program = autograd.compile(lambda x: (w * x).sin()).program(X, gradient=True)
    assert str(program).endswith("result: t2[]\nand 3 instructions for the gradient")


@pytest.mark.parametrize(("function", "lines"), [
    (lambda x, y: autograd.dot([w, 2.0], [x, y], b), ["t1[] = dot([w, 2.0], [x0[], x1[]], p1)"]),
    (lambda x, y: autograd.sum([x, y, w]), ["t1[] = dot([1.0, 1.0, 1.0], [x0[], x1[], w], 0.0)"]),
    (lambda x, y: autograd.take([w, x, 3.0], y), ["t1[] = take([w, x0[], 3.0], x1[])"]),
    (lambda x, y: autograd.where(x < y, x, 0.0), ["t1[] = less(x0[], x1[])", "t2[] = gate(x0[], t1[])"]),
    (lambda x, y: autograd.maximum(x, y), ["t1[] = maximum(x0[], x1[])"]),
    (lambda x, y: -(x**y), ["t1[] = x0[] ** x1[]", "t2[] = neg(t1[])"]),
    (lambda x, y: autograd.affine([[w, b]] * 4, [x, y], [w, b, 0.5, 0.0]),
     ["t1[] = dot([w, p1], [x0[], x1[]], w)", "t4[] = dot([w, p1], [x0[], x1[]], 0.0)"]),
])  # fmt: skip
def test_each_kind_of_instruction_is_printed_readably(function: Any, lines: list[str]) -> None:
    text = str(autograd.compile(function).program(X, X))
    assert all(f"    {line}\n" in text for line in lines), text


def test_results_are_printed_by_name() -> None:
    assert str(autograd.compile(lambda x, y: (x, w, 2.0, y, x * y)).program(X, 1.0)).endswith("result: x0[], w, 2.0, x1, t1[]")
    assert str(autograd.compile(lambda: 3.0).program()) == "result: 3.0"


def test_names_are_unique() -> None:
    program = autograd.compile(f).program(X, 2.0)
    names = [line.split(" = ")[0] for line in str(program).splitlines() if " = " in line]
    assert len(set(names)) == len(names) == 6


def test_length_counts_and_bytes() -> None:
    program = autograd.compile(f).program(X, 2.0)
    assert program.counts() == {"copy": 3, "mul": 2, "add": 2, "exp": 1, "tanh": 1}
    assert len(program) == sum(program.counts().values()) == 9
    assert program.nbytes > 4 * 8 * len(program)
    with_gradient = autograd.compile(f).program(X, 2.0, gradient=True)
    assert with_gradient.counts() == program.counts()
    assert len(with_gradient) > len(program)
    assert with_gradient.nbytes / with_gradient.lanes > program.nbytes / program.lanes
    layer = autograd.compile(lambda x: autograd.affine([[w, x]] * 5, [x, x], [b] * 5)).program(X)
    assert layer.counts()["dot"] == 1  # five identical neurons are computed once
    layer = autograd.compile(lambda x: autograd.affine([[w, 1.0 * k] for k in range(5)], [x, x], [b] * 5)).program(X)
    assert layer.counts()["dot"] == 5


def test_repr_is_short() -> None:
    program = autograd.compile(f).program(X, 2.0)
    assert repr(program) == f"<Program: 9 instructions, 2 inputs, 2 parameters, {program.nbytes:,} bytes>"


def test_programs_are_cached() -> None:
    compiled = autograd.compile(f)
    assert compiled.program(X, 2.0) is compiled.program(2 * X, 3.0)
    assert compiled.program(X, 2.0) is not compiled.program(X, 2.0, gradient=True)


def test_a_pickled_program_runs_in_another_process(tmp_path: Path) -> None:
    """With floats as parameters, without the function and its Values."""
    compiled = autograd.compile(f)
    w.grad = b.grad = 0.0
    loss = compiled.backward(X, 2.0)
    program = compiled.program(X, 2.0, gradient=True)
    str(program)
    path = tmp_path / "program.pickle"
    path.write_bytes(pickle.dumps(program))
    printed = run_python(
        f"""
import pickle, sys
import numpy as np
program = pickle.load(open({str(path)!r}, "rb"))
loss, gradient = program.run(np.array([1.0, 2.0, 3.0]), 2.0, parameters=[0.5, -1.0])
print(loss, gradient.tolist())
print(len(program), program, "autograd.compiler" in sys.modules)
"""
    )
    assert printed == f"{loss} {[w.grad, b.grad]}\n{len(program)} {program} False"


def test_run_has_the_results_of_the_compiled_function() -> None:
    compiled = autograd.compile(lambda x, pair, y: [w * x[0] + pair[0], pair[1]["k"] * y * b])
    x, y = np.arange(12.0).reshape(4, 3), np.arange(4.0)
    arguments: tuple[Any, ...] = (x, [2.0, {"k": 3}], y)
    program = pickle.loads(pickle.dumps(compiled.program(*arguments)))
    found = program.run(*arguments, parameters=compiled.parameters(*arguments))
    assert found.shape == (2, 4)
    assert same(found, compiled(*arguments))
    assert same(program.run(x.astype(">f8"), [2, {"k": np.int8(3)}], y[::-1][::-1], parameters=(0.5, b)), found)
    assert autograd.compile(f).program(1.0, 2.0).run(1.0, np.array(2.0), parameters=(w, b)).tolist() == [f(1.0, 2.0).data]
    assert program.run(x[:0], [2.0, {"k": 3.0}], y[:0], parameters=[1.0, 2.0]).shape == (2, 0)


@pytest.mark.parametrize("threads", [1, 2])
def test_run_writes_the_gradient_of_backward_into_an_array(threads: int) -> None:
    compiled, x = autograd.compile(f), np.linspace(-1, 1, 300)
    program = compiled.program(x, 2.0, gradient=True)
    gradient = np.full(2, np.nan)
    for reduce in ("mean", "sum"):
        w.grad = b.grad = 0.0
        wanted = compiled.backward(x, 2.0, reduce=reduce)
        loss, found = program.run(x, 2.0, parameters=np.array([0.5, -1.0]), reduce=reduce, threads=threads, gradient=gradient)
        assert found is gradient
        assert same([loss, *found], [wanted, w.grad, b.grad])


@pytest.mark.parametrize(("arguments", "options", "message"), [
    ((X,), {}, r"plain numbers at the positions \[1\] of the flattened arguments and columns of arrays at \[0\], not \[\] and"),
    ((2.0, X), {}, r"not \[0\] and \[1\]"),
    ((X.reshape(3, 1) * np.ones(2), 2.0), {}, r"not \[2\] and \[0, 1\]"),
    ((X, [2.0, X[:2]]), {}, "all arrays must have the same number of rows, but argument 1.1. has 2, and another 3"),
    ((X, 2.0), {"parameters": None}, r"must be 2 numbers, in the order of program.names \(w, p1\), not omitted; pass"),
    ((X, 2.0), {"parameters": [1.0]}, r"not an array of shape \(1,\)"),
    ((1.0, 2.0), {}, r"plain numbers at the positions \[1\] .* and columns of arrays at \[0\], not \[0, 1\] and \[\]"),
    ((X, 2.0), {"parameters": np.ones((2, 1))}, r"not an array of shape \(2, 1\)"),
    ((X[:0], 2.0), {}, "the mean of no rows is undefined"),
    ((X, 2.0), {"reduce": "max"}, "unknown reduce: 'max'"),
    ((X, 2.0), {"threads": 0}, "threads must be a positive integer, not 0"),
])  # fmt: skip
def test_run_refuses_arguments_that_do_not_fit(arguments: Any, options: dict[str, Any], message: str) -> None:
    program = autograd.compile(f).program(X, 2.0, gradient=True)
    with pytest.raises(ValueError, match=message):
        program.run(*arguments, **{"parameters": (w, b), **options})


@pytest.mark.parametrize(("arguments", "options", "message"), [
    ((X, "2"), {}, "argument 1 must be a number, an array of rows, or a list, tuple or dict of them, not str"),
    ((np.array(["a"] * 3), 2.0), {}, "argument 0 must be an array of real numbers, not of <U1"),
    ((X, w), {}, "argument 1 must be a number"),
    ((X, 2.0), {"parameters": [w, None]}, "parameter 1 must be a number or a Value, not NoneType"),
    ((X, 2.0), {"parameters": {"w": 1.0, "p1": 2.0}}, "parameters must be a sequence, not dict; pass .* in program.names"),
    ((X, 2.0), {"gradient": np.zeros(2, dtype=int)}, r"gradient must be .*, not one of int64, shape \(2,\); pass np.zeros"),
    ((X, 2.0), {"gradient": [0.0, 0.0]}, r"gradient must be a contiguous, writable, .*, not list; pass np.zeros\(2\)"),
])  # fmt: skip
def test_run_refuses_things_that_are_not_numbers(arguments: Any, options: dict[str, Any], message: str) -> None:
    program = autograd.compile(f).program(X, 2.0, gradient=True)
    with pytest.raises(TypeError, match=message):
        program.run(*arguments, **{"parameters": (w, b), **options})


@pytest.mark.parametrize("options", [{"gradient": np.zeros(2)}, {"reduce": "sum"}])
def test_run_refuses_options_of_a_gradient_for_a_program_without_one(options: dict[str, Any]) -> None:
    program = autograd.compile(f).program(X, 2.0)
    with pytest.raises(ValueError, match=r"need a program that computes a gradient, .* create it by compile\(f\).program\("):
        program.run(X, 2.0, parameters=(w, b), **options)


@pytest.mark.parametrize("change", ["operation", "instruction", "missing", "version", "no version"])
def test_a_program_pickled_by_another_version_is_rejected(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = autograd.compile(f).program(X, 2.0)
    state = program.__getstate__()
    again = Program.__new__(Program)
    again.__setstate__(dict(state))
    assert str(again) == str(program)
    if change == "operation":
        monkeypatch.setattr(ops, "ROWS", [ops.ROWS[1], ops.ROWS[0], *ops.ROWS[2:]])
    elif change == "instruction":
        monkeypatch.setattr(instructions, "NEURON", 99)
    elif change == "missing":
        del state["meaning"]
    elif change == "version":
        state["version"] = "0.0.9"
    else:
        del state["version"]
    found = {"version": "version 0.0.9", "no version": "version unknown"}.get(change, "in which operations or instructions")
    rule = rf"pickled by another version of autograd, {found}.*, and this is version {autograd.__version__}; compile the fun"
    with pytest.raises(ValueError, match=rule):
        Program.__new__(Program).__setstate__(dict(state))


@pytest.mark.parametrize("change", ["an instruction", "a constant", "an offset", "a missing field", "a list for an array"])
def test_a_damaged_pickle_of_a_program_is_rejected(change: str) -> None:
    """Before, a wrong offset read and wrote memory out of bounds."""
    state = autograd.compile(f).program(X, 2.0, gradient=True).__getstate__()
    if change == "an instruction":
        state["code"][2] += 8
    elif change == "a constant":
        state["constants"].append(1.0)
    elif change == "an offset":
        state["outputs"] = [10**9]
    elif change == "a missing field":
        del state["lanes"]
    else:
        state["code"] = state["code"].tolist()
    with pytest.raises(ValueError, match="this pickled program is damaged: its checksum is wrong; use another copy"):
        Program.__new__(Program).__setstate__(state)


@pytest.mark.parametrize("state", [None, 1.0, "text", [], {}])
def test_another_state_is_rejected(state: Any) -> None:
    with pytest.raises(ValueError, match="pickled by another version"):
        Program.__new__(Program).__setstate__(state)


def test_custom_operations_do_not_change_the_version_of_a_pickle() -> None:
    before = autograd.compile(f).program(X, 2.0).__getstate__()["meaning"]

    @autograd.primitive(1.0)
    def added(x: float) -> float:
        return x + 1

    assert added(1.0) == 2.0
    assert autograd.compile(f).program(X, 2.0).__getstate__()["meaning"] == before
