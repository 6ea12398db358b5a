"""Strategies: the examples they draw, the examples these shrink to, and the registration with Hypothesis."""

from __future__ import annotations

import itertools
import math
import re
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from fresh import PACKAGE, run_python
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, count_nodes, gradcheck, primitive, write_data
from autograd.ops import TABLE, Operation
from autograd.strategies.drawing import (
    SPECIAL_FUNCTIONS,
    Expression,
    _default_operations,
    arrays,
    expressions,
    numbers,
    operands,
    parameters,
    values,
)

ROWS = [row for row in TABLE if not row.variadic]
ROOT = PACKAGE.parent
MANY_EXAMPLES = settings(max_examples=2000, database=None, derandomize=True)


@primitive(lambda out, x: out * (1 - out))
def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


# ---- numbers, operands, values ----


@given(st.data(), st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_a_number_is_normal_and_strictly_between_the_bounds(data: st.DataObject, one: float, other: float) -> None:
    low, high = sorted([one, other])
    if max(abs(low), abs(high)) > 1e-300 and high - low > 1e-300 and high > math.nextafter(low, math.inf):
        x = data.draw(numbers(low, high))
        assert low < x < high
        assert x == 0 or abs(x) >= sys.float_info.min


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_operands_are_in_the_domain_of_the_operation(row: Operation) -> None:
    @given(operands(row.name))
    def check(point: tuple[float, ...]) -> None:
        assert len(point) == len(row.partials)
        assert all(low < x < high for x, (low, high) in zip(point, row.domain, strict=True))
        assert row.name in ("div", "mod", "fmod", "floor_div", "polygamma") or not math.isnan(row(*point))

    check()


@pytest.mark.parametrize(
    "wanted", [lambda x: 0 < x < 1e-300, lambda x: x > 1e300, lambda x: 0 < abs(x - 1) < 1e-12, lambda x: 2 < x < 3]
)
def test_numbers_reach_every_part_of_an_interval(wanted: Callable[[float], bool]) -> None:
    assert wanted(find(numbers(0.0), wanted, settings=MANY_EXAMPLES))


@given(numbers(min_value=-1, max_value=2.5))
def test_numbers_with_inclusive_bounds_are_inside(x: float) -> None:
    assert -1 <= x <= 2.5


@pytest.mark.parametrize("bound", [0.0, 1.0, -1e300, 3e-308])
def test_inclusive_bounds_are_drawn(bound: float) -> None:
    assert find(numbers(min_value=bound), lambda x: x == bound, settings=MANY_EXAMPLES) == bound
    assert find(numbers(max_value=bound), lambda x: x == bound, settings=MANY_EXAMPLES) == bound
    assert find(numbers(min_value=bound, max_value=bound), lambda _: True) == bound


def test_bounds_of_both_kinds_can_be_combined() -> None:
    @given(numbers(0.0, max_value=1.0))
    def check(x: float) -> None:
        assert 0.0 < x <= 1.0

    check()
    assert find(numbers(0.0, max_value=1.0), lambda x: x == 1.0, settings=MANY_EXAMPLES) == 1.0


@given(arrays((2, 3)), arrays(st.just((4,)), numbers(min_value=7.0, max_value=8.0)))
def test_arrays_have_the_shape_and_the_elements_that_are_asked_for(x: Any, y: Any) -> None:
    assert (x.shape, x.dtype, y.shape) == ((2, 3), float, (4,))
    assert all(-3 <= number <= 3 for number in x.ravel())
    assert all(7 <= number <= 8 for number in y)


class Model:
    """A model of another library: its parameters are Values."""

    def __init__(self, count: int) -> None:
        self.weights = [Value(0.0) for _ in range(count)]

    def parameters(self) -> list[Value]:
        return self.weights


def test_parameters_are_one_number_for_each_parameter() -> None:
    model = Model(3)

    @given(parameters(model), parameters(model, st.just(1.5)))
    def check(drawn: list[float], constant: list[float]) -> None:
        write_data(model.parameters(), drawn)
        assert [weight.data for weight in model.weights] == drawn
        assert constant == [1.5, 1.5, 1.5]

    check()
    assert find(parameters(model), lambda drawn: drawn[1] > 2) == [0.0, 3.0, 0.0]


def test_an_operation_is_given_by_name_symbol_or_function() -> None:
    for name in ("log", autograd.log, math.log):
        assert find(operands(name), lambda x: x[0] > 4, settings=MANY_EXAMPLES) == (5.0,)
    for name in ("*", "mul", logistic):
        find(operands(name), lambda _: True)


def test_each_value_is_a_new_leaf() -> None:
    seen: list[Value] = []

    @given(st.lists(values(), min_size=2))
    def check(found: list[Value]) -> None:
        assert all(x.op == "" and x.grad == 0.0 and math.isfinite(x.data) for x in found)
        assert len({id(x) for x in found}) == len(found)
        seen.extend(found)

    check()
    assert seen
    assert find(values(st.just(2.5)), lambda _: True).data == 2.5


# ---- expressions ----


@given(expressions())
def test_an_expression_has_a_finite_value_and_gradient(f: Expression) -> None:
    inputs = [Value(x) for x in f.inputs]
    result = f(*inputs)
    result.backward()
    assert result.op
    assert abs(result.data) <= 1e6
    assert all(math.isfinite(x.grad) for x in inputs)


@given(expressions([*ROWS, "sum", "dot", logistic], max_operations=60))
def test_the_repr_of_an_expression_recreates_it(f: Expression) -> None:
    again = eval(repr(f), {"Expression": Expression, "logistic": logistic})
    assert again == f
    assert hash(again) == hash(f)
    assert float.hex(again(*map(Value, f.inputs)).data) == float.hex(f(*map(Value, f.inputs)).data)


@given(expressions(["sin", "*", "+"], max_inputs=2, max_operations=5, number=st.integers(1, 2)))
def test_the_options_of_expressions_are_respected(f: Expression) -> None:
    assert set(re.findall(r"[a-z]+(?=\()", f.code)) <= {"sin"}
    assert set(re.findall(r" ([^\w\s(]+) ", f.code)) <= {"*", "+", ":="}
    assert len(f.inputs) <= 2
    assert set(f.inputs) <= {1.0, 2.0}
    assert set(re.findall(r"(?<![\w.])[\d.]+", f.code)) <= {"1.0", "2.0"}
    assert count_nodes(f(*map(Value, f.inputs))) <= 7


SHRUNK: list[tuple[Callable[[Expression], bool], str]] = [
    (lambda f: "dot(" in f.code, "Expression('lambda x: dot([x], [x], x)', 0.0)"),
    (lambda f: "logistic(" in f.code, "Expression('lambda x: logistic(x)', 0.0, logistic=logistic)"),
]


@pytest.mark.parametrize(("wanted", "shown"), SHRUNK, ids=[shown for _, shown in SHRUNK])
def test_an_expression_shrinks_to_a_short_expression(wanted: Callable[[Expression], bool], shown: str) -> None:
    assert repr(find(expressions(["+", "*", "dot", logistic], max_operations=8), wanted, settings=MANY_EXAMPLES)) == shown


def test_expressions_are_large_nested_and_share_results() -> None:
    wanted: list[Callable[[Expression], bool]] = [
        lambda f: f.code.count(":=") >= 3,
        lambda f: count_nodes(f(*map(Value, f.inputs))) > 50,
        lambda f: max(itertools.accumulate(f.code, lambda depth, c: depth + (c == "(") - (c == ")"), initial=0)) > 15,
        lambda f: all(f"x{i}" in f.code.split(":", 1)[1] for i in (1, 2, 3)),
    ]
    for condition in wanted:  # find raises NoSuchExample if no expression meets it
        assert condition(find(expressions(), condition, settings=settings(MANY_EXAMPLES, phases=[Phase.generate])))


def test_results_that_are_too_large_are_discarded() -> None:
    @given(expressions(["*", "pow", "exp"], number=st.floats(500, 1000)))
    def check(f: Expression) -> None:
        assert abs(f(*f.inputs)) <= 1e6

    check()


@given(expressions(["+", "*", "/", "sin", "tanh", "exp", "log", "sqrt"], max_operations=8))
def test_gradcheck_accepts_random_expressions(f: Expression) -> None:
    wrong = [entry for entry in gradcheck(f, f.inputs).entries if entry.verdict == "WRONG"]
    assert all(abs(entry.analytic) < 1e-10 for entry in wrong)  # too small: lost to rounding where f adds larger numbers


def test_an_expression_can_use_other_functions() -> None:
    f = Expression("lambda x: sin(x) * 2", 0.0)
    assert f.on({"sin": lambda x: x + 10})(1) == 22
    assert f.on(vars(math))(0.5) == 2 * math.sin(0.5)


ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: numbers(1.0, 1.0),
        ValueError,
        "low must be less than high, with a float between them, not low = 1.0 and high = 1.0",
    ),
    (
        lambda: numbers(0.0, math.nan),
        ValueError,
        "low must be less than high, with a float between them, not low = 0.0 and high = nan",
    ),
    (lambda: numbers(1.0, 1.0 + 2**-52), ValueError, "low must be less than high, with a float between them"),
    (lambda: numbers("1"), TypeError, "low must be a real number, not str ('1')"),  # type: ignore[arg-type]
    (
        lambda: numbers(min_value=2.0, max_value=1.0),
        ValueError,
        "min_value must be at most max_value, not min_value = 2.0 and max_value = 1.0",
    ),
    (lambda: numbers(min_value=math.nan), ValueError, "min_value must be at most max_value, not min_value = nan and"),
    (lambda: numbers(max_value="1"), TypeError, "max_value must be a real number, not str ('1')"),  # type: ignore[arg-type]
    (lambda: parameters([1.0]), TypeError, "model must have a method parameters(), not list ([1.0]); use st.lists"),
    (lambda: operands("lgo"), ValueError, "unknown operation: 'lgo' (must be one of add, sub, mul, "),
    (lambda: operands(len), ValueError, "unknown operation: <built-in function len> (must be one of"),
    (
        lambda: operands("dot"),
        ValueError,
        "operation must have one or two operands, but dot takes any number of them; use st.lists",
    ),
    (lambda: expressions("sin"), TypeError, "operations must be a list of operations, not str; pass ['sin']"),
    (lambda: expressions(autograd.sin), TypeError, "operations must be a list of operations, not "),  # type: ignore[arg-type]
    (lambda: expressions([]), ValueError, "operations must contain at least one operation; pass None for all"),
    (lambda: expressions(["sin", "sine"]), ValueError, "unknown operation: 'sine'"),
    (lambda: expressions(max_inputs=0), ValueError, "max_inputs must be from 1 to 250, not 0"),
    (lambda: expressions(max_operations=61), ValueError, "max_operations must be from 1 to 60, not 61"),
    (
        lambda: expressions([primitive(1.0)(lambda x: x)]),
        ValueError,
        "a custom operation must have a unique name that is an identifier, not '<lambda>'",
    ),
    (lambda: Expression("x + 1", 0.0), ValueError, "the code of an Expression must be a lambda, not 'x + 1'"),
    (lambda: Expression("lambda x:", 0.0), ValueError, "the code of an Expression must be a lambda, not 'lambda x:': "),
    (lambda: Expression("lambda x: x"), ValueError, "an Expression needs one input per argument, not 0 for the 1 of"),
    (lambda: Expression("lambda x: x", "1"), TypeError, "an input of an Expression must be a real number"),  # type: ignore[arg-type]
    (lambda: Expression("lambda x: sine(x)", 0.0), ValueError, "needs functions that are missing: sine"),
    (lambda: Expression("lambda x: (lambda: sine)()", 0.0), ValueError, "needs functions that are missing: sine"),
    (lambda: Expression("lambda x=[0] * 10**12: x", 0.0), ValueError, "must have positional arguments without defaults, not"),
    (lambda: Expression("lambda x, *rest: x", 0.0), ValueError, "must have positional arguments without defaults, not"),
    (lambda: Expression("lambda x: " + "-" * 100_000 + "x", 0.0), ValueError, "the code of an Expression must be a lambda"),
    (lambda: Expression("lambda x: " + "x + " * 20_000 + "x", 0.0), ValueError, "the code of an Expression must be a lambda"),
    (lambda: Expression("lambda x: '\ud800'", 0.0), ValueError, "the code of an Expression must be a lambda"),
    (lambda: Expression("lambda x, x: x", 0.0, 1.0), ValueError, "duplicate argument 'x'"),
    (lambda: Expression("lambda x: await x", 0.0), ValueError, "'await' outside async function"),
    (lambda: Expression("lambda x, /: x"), ValueError, "an Expression needs one input per argument, not 0 for the 1 of"),
    (lambda: Expression("lambda x: relu(x)", 0.0).on(vars(math)), ValueError, "needs functions that are missing: relu"),
]


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=[text[:50] for _, _, text in ERRORS])
def test_invalid_arguments_raise_an_error(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_without_hypothesis_the_error_explains_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for name in ("autograd.strategies.drawing", "autograd.strategies", "nn.strategies"):
        monkeypatch.delitem(sys.modules, name, raising=False)
        with pytest.raises(ImportError, match=re.escape("pip install 'scalar-autograd[strategies]'")):
            __import__(name)


# ---- registration with Hypothesis ----


@given(...)
def test_given_draws_arguments_annotated_value(x: Value, many: list[Value], maybe: Value | None) -> None:
    assert all(isinstance(one, Value) for one in (x, *many))
    assert maybe is None or isinstance(maybe, Value)


USE = """
from hypothesis import find, strategies as st
def f(x: Value) -> float: return x.data
print(find(st.builds(f), lambda number: number > 2), find(st.from_type(Value), lambda x: x < -2))
"""


@pytest.mark.parametrize(
    "imports", ["import hypothesis\nfrom autograd import Value", "from autograd import Value\nimport hypothesis"]
)
def test_value_is_registered_whichever_package_is_imported_first(imports: str) -> None:
    assert run_python(imports + USE, PYTHONWARNINGS="ignore") == "3.0 Value(-3.0)"


def test_the_entry_point_is_installed() -> None:
    assert [point.value for point in entry_points(group="hypothesis") if point.name == "scalar-autograd"] == [
        "scalar_autograd_hypothesis:register"
    ]


def test_importing_hypothesis_does_not_import_autograd() -> None:
    code = "import sys, hypothesis; print('scalar_autograd_hypothesis' in sys.modules, 'autograd' in sys.modules)"
    assert run_python(code) == "True False"


BROKEN = {
    "its import fails": ("autograd/__init__.py", "raise RuntimeError('broken')"),
    "its import exits": ("autograd/__init__.py", "raise SystemExit(3)"),
    "it does not parse": ("autograd/__init__.py", "def"),
    "another package has its name": ("autograd/__init__.py", "import numpy\ndef grad(f): return f"),
    "a compiled file cannot be loaded": ("autograd/value.py", "raise ImportError('undefined symbol')"),
    "registration fails": ("autograd/base/registration.py", "def register(): raise RuntimeError('broken')"),
    "its strategies do not import": ("autograd/strategies/__init__.py", "raise RuntimeError('broken')"),
    "NumPy is missing": ("numpy/__init__.py", "raise ImportError('no numpy')"),
    "the build is stale": ("autograd/ops.py", "# changed\n" + (PACKAGE / "ops.py").read_text(encoding="utf-8")),
}


@pytest.mark.parametrize(("file", "content"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("before", ["", "try: import autograd\nexcept BaseException: pass\n"], ids=["alone", "after autograd"])
def test_hypothesis_can_be_imported_if(file: str, content: str, before: str, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "autograd", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content, encoding="utf-8")
    code = before + "from hypothesis import find, strategies as st; print(find(st.integers(), lambda i: i > 4))"
    assert run_python(code, tmp_path, AUTOGRAD_BACKEND="", PYTHONWARNINGS="ignore") == "5"


def test_autograd_can_be_imported_with_an_incompatible_hypothesis(tmp_path: Path) -> None:
    (tmp_path / "hypothesis").mkdir()
    (tmp_path / "hypothesis" / "__init__.py").touch()
    (tmp_path / "hypothesis" / "strategies.py").touch()
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import hypothesis.strategies, autograd; print(autograd.backend())"
    )
    assert run_python(code) == autograd.backend()


def test_special_functions_are_drawn_on_request_only() -> None:
    @given(expressions(["+", *sorted(SPECIAL_FUNCTIONS - {"polygamma"})]))
    def check(f: Expression) -> None:
        inputs = [Value(x) for x in f.inputs]
        f(*inputs).backward()
        assert all(math.isfinite(x.grad) for x in inputs)

    check()
    assert not {row.name for row in _default_operations()} & SPECIAL_FUNCTIONS
