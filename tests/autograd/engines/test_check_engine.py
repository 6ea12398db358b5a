"""``check_engine``: known findings of known engines, one planted mistake per trap, and engines that crash, hang or print."""

from __future__ import annotations

import json
import math
import re
import sys
import threading
import time
from importlib.util import find_spec
from typing import Any

import pytest
from planted_engines import ALSO_FAILS, PLANTED, BreadthFirst, FollowsPaths
from small_engines import MicrogptValue, MicrogradValue, SoundValue, torch_leaf

from autograd import EngineReport, Value, check_engine, no_grad
from autograd.__main__ import load
from autograd.engines import backward_traps
from autograd.engines.traps import TRAPS
from autograd.strategies import expressions

NAMES = [trap.name for trap in TRAPS]


def entry(report: EngineReport, name: str) -> Any:
    """The entry of a trap."""
    return next(entry for entry in report.entries if entry.name == name)


# ---- known engines ----


def test_our_engine_passes_and_offers_everything() -> None:
    report = check_engine(Value)
    report.raise_unless_passed()
    assert report.score == f"{len(TRAPS)} of {len(TRAPS)} passed"


@pytest.mark.parametrize(
    ("engine", "failed", "missing"),
    [
        (
            MicrogradValue,
            ["second backward", "two roots", "deep graph", "NumPy scalars", "exp(1000)", "large arguments", "wrong data"],
            ["x ** y", "2 ** x", "second order", "log(0)"],
        ),
        (
            MicrogptValue,
            ["second backward", "two roots", "deep graph", "NumPy scalars", "exp(1000)", "log(0)", "wrong data"],
            ["x ** y", "2 ** x", "second order", "large arguments"],
        ),
        (SoundValue, [], ["second order"]),
        pytest.param(
            torch_leaf,
            ["wrong data"],  # a list is a tensor with an axis
            ["second backward", "two roots"],  # they need retain_graph=True
            marks=pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed"),
        ),
    ],
    ids=["micrograd", "microgpt", "sound", "torch"],
)
def test_the_findings_of_an_engine_are_these(engine: Any, failed: list[str], missing: list[str]) -> None:
    report = check_engine(engine)
    assert report.failed_traps == failed
    assert [entry.name for entry in report.entries if entry.status == "not offered"] == missing
    assert report.passed is bool(report) is (not failed)


@pytest.mark.skipif(find_spec("micrograd") is None, reason="micrograd is not installed")
def test_the_findings_of_micrograd_itself_are_these() -> None:
    from micrograd.engine import Value as Original

    report = check_engine(Original)
    assert report.failed_traps == ["second backward", "two roots", "deep graph", "NumPy scalars", "wrong data"]


def test_the_findings_name_the_expression_the_numbers_and_the_cause() -> None:
    report = check_engine(MicrogradValue, only=["second backward", "two roots", "deep graph"])
    twice, roots, deep = report.entries
    assert (twice.expression, twice.expected, twice.found) == (
        "y = x * x * x; y.backward(); y.backward() at x = 2", "x.grad = 24", "x.grad = 32",
    )  # fmt: skip
    assert (roots.expected, roots.found) == ("x.grad = 44", "x.grad = 52")
    assert "keep the gradient of the previous pass" in twice.cause
    assert deep.expected == "x.grad = 10001"
    assert re.search(r"^RecursionError: .* \(line \d+ of small_engines.py\)$", deep.found)
    assert "recursive" in deep.cause


# ---- one planted mistake per trap ----


def test_every_trap_has_a_planted_engine() -> None:
    assert list(PLANTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_mistake_fails_its_trap_and_no_other(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "random graphs" not in (name, *ALSO_FAILS.get(name, [])):
        monkeypatch.setattr(backward_traps, "EXAMPLES", 20)
    limit = 5.0 if PLANTED[name] is FollowsPaths else 100.0
    report = check_engine(PLANTED[name], time_limit=limit, in_process=True)
    assert report.failed_traps == [other for other in NAMES if other in (name, *ALSO_FAILS.get(name, []))]
    found = entry(report, name)
    assert all((found.expression, found.expected, found.found))
    assert found.expected != found.found
    assert found.cause


def test_a_wrong_value_is_not_explained_by_the_backward_pass() -> None:
    class WrongProduct(SoundValue):
        def __mul__(self, other: Any) -> Any:
            return super().__mul__(other) + 1

    report = check_engine(WrongProduct, only=["operators", "node used twice"])
    assert [(one.found, one.cause) for one in report.entries] == [
        ("data = 7", "the value or a local derivative of this operator is wrong"),
        ("data = 10", "the value is wrong before backward is called; see the trap `operators`"),
    ]


def test_the_smallest_random_graph_is_reported() -> None:
    class Backwards(BreadthFirst):
        """Passes gradients on in the order in which the nodes are found."""

    found = check_engine(Backwards, only=["random graphs"], time_limit=100).entries[0]
    assert found.expression.count("+") + found.expression.count("*") == 3  # a node, two paths of lengths 1 and 2, their sum
    assert len(found.expression) < 40


class Assigns(SoundValue):
    """Assigns the gradients of operands."""

    def backward(self) -> None:
        self.grad = 1.0
        for node in reversed(self.order()):
            for operand, local in zip(node.operands, node.local, strict=True):
                operand.grad = local * node.grad


@pytest.mark.parametrize(("engine", "status"), [(Assigns, "failed"), (SoundValue, "not offered")])
def test_random_graphs_that_are_drawn_slowly_do_not_pass(engine: Any, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def delay(drawn: Any) -> Any:
        time.sleep(0.2)
        return drawn

    def slow(*arguments: Any, **options: Any) -> Any:
        return expressions(*arguments, **options).map(delay)

    monkeypatch.setattr("autograd.strategies.expressions", slow)
    found = check_engine(engine, only=["random graphs"], time_limit=4).entries[0]
    assert found.status == status
    if status == "not offered":
        assert re.fullmatch(r"only \d+ of 200 graphs were compared in \d+ s; pass a larger time_limit", found.note)


def test_graphs_have_no_constants_for_an_engine_that_refuses_numbers() -> None:
    class OnlyNodes(BreadthFirst):
        def __add__(self, other: Any) -> Any:
            return super().__add__(other) if isinstance(other, OnlyNodes) else NotImplemented

        def __mul__(self, other: Any) -> Any:
            return super().__mul__(other) if isinstance(other, OnlyNodes) else NotImplemented

        __radd__ = __rmul__ = None  # type: ignore[assignment]

    found = check_engine(OnlyNodes, only=["random graphs"], time_limit=100).entries[0]
    assert found.status == "failed"
    assert "." not in found.expression.partition(" at ")[0]


# ---- crashes, endless loops, output ----


CRASHES = """
import os
from small_engines import SoundValue

class Aborts(SoundValue):  # in deep graphs, as a C extension that recurses
    def backward(self):
        if len(self.order()) > 5_000:
            os.abort()
        super().backward()

class ExitsSilently(SoundValue):
    def backward(self):
        if len(self.order()) > 5_000:
            os._exit(0)
        super().backward()
"""


@pytest.mark.parametrize(("engine", "code"), [("Aborts", "-6"), ("ExitsSilently", "0")])
def test_a_crash_of_the_interpreter_is_a_finding(
    engine: str, code: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (tmp_path / "crashing_engines.py").write_text(CRASHES)
    report = check_engine(load(f"crashing_engines:{engine}"), only=["deep graph", "diamond"])
    assert report.failed_traps == ["deep graph"]
    assert f"the interpreter ended with exit code {code}" in entry(report, "deep graph").found


class Hangs(SoundValue):
    def backward(self) -> None:
        while True:
            time.sleep(0.001)


class Exits(SoundValue):
    def backward(self) -> None:
        raise SystemExit(3)


class Raises(SoundValue):
    def __init__(self, data: Any, operands: tuple[Any, ...] = (), local: tuple[float, ...] = ()) -> None:
        raise KeyError("data")


def test_an_endless_loop_is_a_finding_and_its_thread_ends() -> None:
    before = threading.active_count()
    report = check_engine(Hangs, only=["diamond"], time_limit=0.2)
    assert report.entries[0].found == "no result in this time"
    assert report.entries[0].expected == "less than 0.2 s"
    assert report.entries[0].cause == ""
    assert threading.active_count() == before


def test_an_exit_is_a_finding() -> None:
    report = check_engine(Exits, only=["diamond"])
    assert report.entries[0].found.startswith("SystemExit: 3 (line ")


def test_an_engine_whose_constructor_fails_fails_all_traps_that_create_nodes() -> None:
    report = check_engine(Raises)
    assert set(NAMES) - set(report.failed_traps) == {"wrong data", "no output", "reflected operators", "NumPy scalars"}
    assert entry(report, "reflected operators").note == "x + 2, x * 2, x - 2, x / 2"
    assert entry(report, "diamond").found.startswith("KeyError: 'data' (line ")


def test_output_of_the_engine_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    report = check_engine(PLANTED["no output"], only=["diamond", "no output"])
    assert report.failed_traps == ["no output"]
    assert capsys.readouterr().out == ""


def test_the_modes_of_the_caller_do_not_matter() -> None:
    with no_grad():
        assert check_engine(Value, only=["diamond"])


# ---- what counts as offered ----


class OnlyProducts:
    def __init__(self, data: float) -> None:
        self.data, self.grad = float(data), 0.0
        self.operands: tuple[Any, ...] = ()

    def __mul__(self, other: Any) -> OnlyProducts:
        other = other if isinstance(other, OnlyProducts) else OnlyProducts(other)
        out = OnlyProducts(self.data * other.data)
        out.operands = (self, other)
        return out

    def backward(self) -> None:
        self.grad = 1.0
        for one, other in (self.operands, self.operands[::-1]):
            one.grad += other.data


MISSING_OR_PARTLY = {
    "operators": ("passed", "not offered: __add__, __sub__, __truediv__, __neg__"),
    "sum": ("not offered", "__add__"),
    "functions": ("not offered", "exp, tanh, relu, sigmoid, log, sqrt, sin, cos"),
    "node used twice": ("passed", "not offered: __add__, __sub__, __truediv__"),
    "deep graph": ("not offered", "__add__"),
    "NumPy scalars": ("passed", "not offered: 2 * x, x - 2, 2 - x, x / 2, 2 / x"),
    "log(0)": ("not offered", "log"),
}


def test_missing_operations_are_not_failures() -> None:
    report = check_engine(OnlyProducts, only=[*MISSING_OR_PARTLY])
    assert {one.name: (one.status, one.note) for one in report.entries} == MISSING_OR_PARTLY
    assert report.score == "3 of 3 passed, 4 not offered"


def test_a_missing_reflected_operator_is_a_failure_if_the_operator_is_offered() -> None:
    class NoReflection(SoundValue):
        __rsub__: Any = None
        __rpow__: Any = None
        __radd__: Any = None

    report = check_engine(NoReflection, only=["reflected operators", "2 ** x", "sum"])
    assert report.failed_traps == ["reflected operators", "sum", "2 ** x"]
    assert all("missing" in one.cause or "__radd__" in one.cause for one in report.entries)


MODULE = """
import math
from math import sin
from small_engines import SoundValue

class Engine(SoundValue):
    pass

def cos(x):  # the gradient has a wrong sign
    return Engine(math.cos(x.data), (x,), (math.sin(x.data),))
"""


def test_functions_of_the_module_are_tested_but_not_those_that_it_imports(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "functional_engine.py").write_text(MODULE)
    engine = load(f"{tmp_path}/functional_engine.py:Engine")
    found = check_engine(engine, only=["functions"]).entries[0]
    assert (found.expression, found.expected) == ("cos(x) at x = 2", "x.grad = -0.9092974268")
    assert found.found == "x.grad = 0.9092974268"


# ---- the report ----


def test_the_report_as_text_html_and_json() -> None:
    report = check_engine(MicrogradValue, only=["two roots", "log(0)", "diamond"])
    assert str(report).splitlines() == [
        "check_engine of MicrogradValue: 1 of 2 passed, 1 not offered",
        "  diamond    passed",
        "  two roots  FAILED",
        "      h = x * x; (h * x).backward(); (h * h).backward() at x = 2",
        "      expected: x.grad = 44",
        "      found: x.grad = 52",
        "      usual cause: " + report.entries[1].cause,
        "  log(0)     not offered (log)",
    ]
    assert repr(report) == "<check_engine of MicrogradValue: 1 of 2 passed, 1 not offered; failed: two roots>"
    assert len(repr(check_engine(Raises))) == 200
    html = report._repr_html_()
    assert html.count("<tr>") == 4
    assert "found: x.grad = 52" in html
    parsed = json.loads(report.to_json())
    assert [parsed[key] for key in ("engine", "passed", "failed", "not_offered")] == ["MicrogradValue", 1, 1, 1]
    assert parsed["entries"][1]["expected"] == "x.grad = 44"


def test_raise_unless_passed_shows_the_report() -> None:
    check_engine(SoundValue, only=["diamond"]).raise_unless_passed()
    with pytest.raises(AssertionError, match=re.escape("x.grad = 52")):
        check_engine(MicrogradValue, only=["two roots"]).raise_unless_passed()


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        ((3.0,), {}, TypeError, "engine must be a class or a function that creates a leaf, not float (3.0)"),
        ((float,), {}, TypeError, "engine must create nodes with .data, .grad and .backward(), but float has no 'data'"),
        ((Value,), {"only": ["diamonds"]}, ValueError, "unknown trap: 'diamonds' (must be one of 'operators', "),
        ((Value,), {"rtol": 0}, ValueError, "rtol must be positive, not 0"),
        ((Value,), {"time_limit": math.nan}, ValueError, "time_limit must be positive, not nan"),
    ],
)
def test_invalid_arguments_raise_an_error(arguments: Any, options: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        check_engine(*arguments, **options)


def test_engines_with_32_bits_pass_with_a_larger_tolerance() -> None:
    import numpy as np

    class Single(SoundValue):
        def __init__(self, data: Any, operands: tuple[Any, ...] = (), local: tuple[float, ...] = ()) -> None:
            super().__init__(data, operands, local)
            self.data = float(np.float32(data))

    names = ["functions", "operators"]
    assert check_engine(Single, only=names).failed_traps == ["functions"]
    assert check_engine(Single, only=names, rtol=1e-5)
