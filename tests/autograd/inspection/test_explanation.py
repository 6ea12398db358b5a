"""``explain``: the paths of the chain rule, compared with an enumeration of all paths."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from on_engine import run

import autograd
from autograd import Value, dot, explain, gradients, maximum, minimum, node_names, where
from autograd.inspection.paths import Paths
from autograd.strategies.drawing import Expression, expressions

# The operations that do not depend on an operand at all where the partial is 0.
SELECTING = {"gate", "relu", "maximum", "minimum", "sign", "floor", "ceil", "//", "less", "less_equal", "equal"}


def all_paths(node: Value, x: Value, most: int = 3000) -> list[tuple[float, ...]]:
    """Return the partials along each path, by enumerating all paths."""
    found: list[tuple[float, ...]] = []

    def go_down(node: Value, so_far: tuple[float, ...]) -> None:
        assume(len(found) < most)
        if node is x:
            found.append(so_far)
        else:
            for operand, partial in zip(node.operands, node.partials, strict=True):
                if partial is not None and not (partial == 0.0 and node.op in SELECTING):
                    go_down(operand, (*so_far, partial))

    go_down(node, ())
    return found


@given(expressions(max_inputs=2, max_operations=10))
def test_all_paths_are_counted_and_the_largest_come_first(expression: Expression) -> None:
    inputs, y = run(expression)
    assume(isinstance(y, Value) and y.op)
    for x in inputs:
        paths = all_paths(y, x)
        explanation = explain(y, x, limit=4)
        assert explanation.count == len(paths)
        assert explanation.left_out == max(0, len(paths) - 4)
        assert explanation.gradient == gradients(y, x)
        products = [math.prod(partials, start=1.0) for partials in paths]
        shown = [path.product for path in explanation.paths]
        sizes = sorted((abs(product) for product in products), reverse=True)
        assert [abs(product) for product in shown] == pytest.approx(sizes[:4], rel=1e-12)
        scale = sum(sizes)
        assert sum(shown) + explanation.rest == pytest.approx(explanation.gradient, rel=1e-9, abs=1e-9 * scale)
        everything = explain(y, x, limit=max(1, len(paths)))
        assert sorted(path.partials for path in everything.paths) == sorted(paths)
        assert everything.rest == 0.0


@given(expressions(max_inputs=2, max_operations=10))
def test_each_path_follows_edges_of_the_graph(expression: Expression) -> None:
    inputs, y = run(expression)
    assume(isinstance(y, Value) and y.op)
    for path in explain(y, inputs[0]).paths:
        assert path.nodes[0] is y
        assert path.nodes[-1] is inputs[0]
        for above, position, partial, below in zip(path.nodes[:-1], path.positions, path.partials, path.nodes[1:], strict=True):
            assert above.operands[position] is below
            assert above.partials[position] == partial


def test_more_paths_than_can_be_enumerated_are_counted() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(5000):
        y = y * 0.5 + y * 0.5
    text = str(explain(y, x, limit=2))
    assert text.startswith("dv15001/dx = 1.0, the sum over about 1.412e1505 paths:\n")
    assert "(10,000 factors)" in text
    assert "and about 1.412e1505 more paths, together 1.0" in text


def test_a_deep_graph_needs_no_recursion() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(20_000):
        y = y * 1.0
    explanation = explain(y, x)
    assert (explanation.count, explanation.gradient) == (1, 1.0)
    assert len(explanation.paths[0].partials) == 20_000
    assert " * ... * " in str(explanation)
    assert r"\cdots" in explanation._repr_latex_()


def test_explaining_changes_nothing() -> None:
    x = Value(3.0)
    y = x * x
    (y * 2).backward()
    explain(y, x)
    assert (x.grad, y.grad) == (12.0, 2.0)


def test_products_are_rounded_as_backward_rounds_them() -> None:
    x = Value(1.0, "x")
    y = x * 1e200 * 1e200 * 1e-200 * 1e-190 + x * 3.0 + x * 2e10
    products = [path.product for path in explain(y, x).paths]
    assert products == [2e10, 3.0, 0.0]  # the last one is mathematically 1e10, but 1e-190 * 1e-200 is 0
    y.backward()
    assert x.grad == sum(products)


def test_a_path_that_makes_the_derivative_nan_comes_first() -> None:
    x = Value(0.0, "x")
    y = x * 5.0 + (x * 0.0).sqrt() * 0.0
    found = explain(y, x, limit=1)
    assert math.isnan(found.gradient)
    assert not math.isfinite(found.paths[0].product)
    assert found.left_out == 1
    assert found.rest == 5.0


def test_paths_are_ordered_by_their_product_not_by_their_largest_factor() -> None:
    x = Value(1.0, "x")
    y = x * 100.0 * 0.1 + x * 5.0 * 5.0 + x * -6.0 * 5.0
    assert [path.product for path in explain(y, x, limit=1).paths] == [-30.0]
    assert [path.product for path in explain(y, x, limit=3).paths] == [-30.0, 25.0, 10.0]


def test_a_partial_that_is_nan_counts_as_a_path() -> None:
    x = Value(-1.0, "x")
    found = explain(x * 5.0 + x.log(), x)
    assert [str(path.product) for path in found.paths] == ["nan", "5.0"]
    assert found.count == 2


def test_names_are_defined_in_order_from_the_result_to_the_input() -> None:
    x = Value(3.0, "x")
    y = (x * 2).sin() + 1
    y.label = "y"
    lines = str(explain(y, x)).splitlines()
    assert [line.split()[0] for line in lines[lines.index("where") + 1 :]] == ["y", "v3", "v2", "x"]


def test_names_are_never_ambiguous() -> None:
    """Two Values may have the same label, and a label may look like a generated name."""
    x, other, v2 = Value(2.0, "x"), Value(3.0, "x"), Value(4.0, "v4")
    y = x * other + v2
    assert "v3 = x * x_2 = 6.0" in str(explain(y, other))
    names = re.findall(r"^  (\w+) = ", str(explain(y * v2, v2)), re.MULTILINE)
    assert len(names) == len(set(names))


def test_the_computation_of_each_operation_is_written_out() -> None:
    w, x, b = Value(2.0, "w"), Value(3.0, "x"), Value(0.5, "b")
    assert "= b + w * x + 4.0 * 5.0 = 26.5" in str(explain(dot([w, 4.0], [x, 5.0], b), w))
    assert "= w + x + 1.0 = 6.0" in str(explain(autograd.sum([w, x, 1.0]), w))
    assert "= -v2 = -1.6" in str(explain(-(w * 0.8), w))
    assert "= maximum(w, 1.0) = 2.0" in str(explain(autograd.maximum(w, 1.0), w))


BLOCKED = (
    "dy/dx = 0.0: y depends on x only through operations that pass no gradient to it: where() if it selects another branch, "
    "or for example relu of a negative number"
)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda x: (x, x), "dx/dx = 1.0: both are the same Value"),
        (lambda x: (x * x, Value(1.0, "w")), "dy/dw = 0.0: y does not depend on w"),
        (lambda x: (x * x, Value(2.0, "x")), "dy/dx = 0.0: y does not depend on x, but on another Value with the same label"),
        (lambda x: (x, x * x), "dx/dy = 0.0: x does not depend on y, but y depends on x; see explain(y, x)"),
        (lambda x: (where(x > 5, x, 1.0) * 2, x), BLOCKED),
        (lambda x: ((-x).relu() + 1, x), BLOCKED),
        (lambda x: ((x * 3.0), (x * 3.0).operands[1]),
         "dy/dinput = 0.0: input represents a plain number, and derivatives are taken only with respect to Values"),
    ],
)  # fmt: skip
def test_a_trivial_derivative_is_explained_in_a_sentence(make: Any, sentence: str) -> None:
    y, x = make(Value(2.0, "x"))
    for node, name in ((y, "y"), (x, "y")):
        if node.op and not node.label and node.op != "const":
            node.label = name
    assert str(explain(y, x)) == sentence
    assert explain(y, x)._repr_latex_() is None  # then Jupyter shows the sentence


def test_values_without_labels_have_distinct_names() -> None:
    x = Value(2.0, "x")
    assert str(explain(x, x * x)).startswith("dx/dinput = 0.0: x does not depend on input, but input depends on x; see ")


def test_long_lists_of_nodes_are_truncated() -> None:
    x = Value(1.0, "x")
    y = autograd.sum([(x * float(i)).sin() for i in range(50)])
    text = str(explain(y, x, limit=50))
    assert re.search(r"^  and 72 more$", text, re.MULTILINE)


def test_the_latex_for_notebooks_shows_the_largest_paths() -> None:
    x = Value(3.0, "x")
    y = x * x - x
    y.label = "y"
    assert explain(y, x, limit=2)._repr_latex_() == (
        r"$\displaystyle \begin{array}{l}\begin{aligned}\frac{\mathrm{d} y}{\mathrm{d} x} ={}& "
        r"\frac{\partial y}{\partial v_{2}} \cdot \frac{\partial v_{2}}{\partial x} && = 1 \cdot 3 = 3\\"
        "\n"
        r"&+ \frac{\partial y}{\partial v_{2}} \cdot \frac{\partial v_{2}}{\partial x} && = 1 \cdot 3 = 3\\"
        "\n"
        r"&+ \cdots && = -1 \quad \text{(1 more path)}\\"
        "\n"
        r"={}& 5\end{aligned}\\"
        "\n"
        r"\text{where}\\"
        "\n"
        r"\begin{aligned}y &= v_{2} - x = 6\\"
        "\n"
        r"v_{2} &= x \cdot x = 9\\"
        "\n"
        r"x &= 3\end{aligned}\end{array}$"
    )


def test_the_latex_rounds_and_writes_each_operation() -> None:
    x = Value(2 / 3, "x")
    parts = {
        x + 0.1: r"x + 0.1 = 0.766667", x - 1: r"x - 1 = -0.333333", x * -2: r"x \cdot \left(-2\right) = -1.33333",
        x / 3: r"\frac{x}{3} = 0.222222", x**2: r"{x}^{2} = 0.444444", x % 0.5: r"x \bmod 0.5 = 0.166667",
        -x: "-x = -0.666667", x.tanh(): r"\mathrm{tanh}(x) = 0.582783", autograd.sum([x, 1]): "x + 1 = 1.66667",
        dot([x], [2.0], 1e-9): r"1 \cdot 10^{-9} + x \cdot 2 = 1.33333",
    }  # fmt: skip
    for y, text in parts.items():
        latex = explain(y, x)._repr_latex_()
        assert rf"v_{{2}} &= {text}\\" in latex
    many = explain(autograd.sum([(x * float(i)).sin() for i in range(50)]), x, limit=50)._repr_latex_()
    assert r"&\text{and 72 more}\end{aligned}" in many


@pytest.mark.parametrize("names", [("x", "y"), ("a", None), (None, "b"), (None, None)])
def test_a_blocked_value_has_the_name_that_it_has_in_the_picture(names: tuple[str | None, str | None]) -> None:
    x = Value(2.0, names[0])
    inner = x * 3.0
    y = (where(inner > 100, inner, 1.0) + x).exp()
    y.label = names[1]
    shown = node_names(y)
    for node in (inner, y.operands[0]):
        assert str(explain(y, node)).startswith(f"d{shown[y]}/d{shown[node]} = ")
    assert f"{shown[y]} depends on {shown[inner]} only through operations that pass no gradient" in str(explain(y, inner))
    assert str(explain(x, y)).startswith(f"d{names[0] or 'v1'}/d{names[1] or ('input' if names[0] == 'x' else 'x')} = 0.0: ")


def test_the_search_keeps_only_the_paths_that_it_shows() -> None:
    """It keeps a few alternatives, regardless of the number of paths."""
    x = Value(1.0)
    y = autograd.sum([x * float(i) for i in range(1, 2001)])
    found = Paths(y, x, 3)
    assert [path.product for path in found.best] == [2000.0, 1999.0, 1998.0]
    assert found.count == 2000
    assert found.rest == sum(range(1, 1998))


explained: Any = explain  # for calls that type checkers reject


def test_the_users_own_class_named_value_is_named_with_its_module() -> None:
    other: Any = type("Value", (), {"__module__": "engine", "__repr__": lambda self: "Value(2.0)"})()
    with pytest.raises(
        TypeError, match=r"must be a Value, not engine\.Value \(Value\(2\.0\)\); record the expression with auto"
    ):
        explain(other, other)
    with pytest.raises(TypeError, match=r"must be a Value, not engine\.Value "):
        autograd.to_latex(other)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda y, x: explained(2.0, x), TypeError, r"y in explain\(y, x\) must be a Value, not float .*; convert it"),
        (
            lambda y, x: explained(y, [x]),
            TypeError,
            r"x in explain\(y, x\) must be a Value, not list .*; use one of its elements",
        ),
        (lambda y, x: explained(y, x, 0), ValueError, "the limit of explain.. must be at least 1 path, not 0"),
        (lambda y, x: explained(y, x, 2.0), TypeError, "the limit of explain.. must be an int, a number of paths, not float"),
        (lambda y, x: explained(y, x, True), TypeError, "the limit of explain.. must be an int, a number of paths, not bool"),
    ],
)
def test_the_error_for_an_invalid_call_names_the_problem(call: Any, error: type[Exception], message: str) -> None:
    x = Value(2.0)
    with pytest.raises(error, match=message):
        call(x * x, x)


def test_a_stale_graph_is_named_in_the_last_line() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    y = (w * x).tanh() + 1.0
    y.label = "y"
    assert "changed" not in str(explain(y, x))
    w.data = 1.0
    text, latex = str(explain(y, x)), explain(y, x)._repr_latex_()
    assert text.splitlines()[-1] == "the data of w or x changed after these numbers were computed; compute y again"
    assert r"\text{the data of } w \text{ or } x \text{ changed afterwards; compute } y \text{ again}" in latex
    z = x * 2
    x.data = 4.0
    assert str(explain(z, x)).splitlines()[-1].startswith("the data of x changed after")
    many = [Value(1.0) for _ in range(8)]
    total = dot(many, many)
    many[0].data = 2.0
    assert "the data of v1 or v2 or v3 or 5 more changed" in str(explain(total, many[0]))


def test_the_definitions_contain_the_operands_off_the_path() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    y = w.exp() * x
    assert str(explain(y, x)).splitlines()[2:] == [
        "where",
        "  v4 = v2 * x = " + repr(y.data),
        "  x = 3.0",
        f"  v2 = {w.exp().data!r}",
    ]
    terms = [Value(float(i)) for i in range(100)]
    assert len(str(explain(autograd.sum(terms), terms[0])).splitlines()) == 2 + 1 + 7  # the formula names six terms


def test_a_label_in_place_of_a_value_is_answered_with_the_call() -> None:
    a: Any = Value(2.0, label="a")
    wrong: Any = "a"
    for call in (lambda: explain(a * a, wrong), lambda: (a * a).explain(wrong)):
        with pytest.raises(
            TypeError, match=r"^x in explain\(y, x\) must be .* \('a'\); pass the Value itself: explain\(y, a\)$"
        ):
            call()
    with pytest.raises(TypeError, match=r"pass the Value itself: explain\(a, x\)$"):
        explain(wrong, a)


def test_the_repr_of_a_path_shows_its_nodes() -> None:
    x = Value(3.0, label="x")
    assert repr(explain((2 * x).exp() * 0.0, x).paths) == "[<path '*' -> 'exp' -> '*' -> x, product 0.0>]"
    y = x
    for _ in range(20):
        y = y * 1.0
    assert repr(explain(y, x).paths[0]) == "<path '*' -> '*' -> '*' -> '*' -> '*' -> '*' -> ... -> x, product 1.0>"


def test_to_latex_is_the_formula_of_the_notebook_without_dollars() -> None:
    x = Value(2.0, label="x")
    found = explain(x * x, x)
    assert found._repr_latex_() == rf"$\displaystyle {found.to_latex()}$"
    assert explain(x, x).to_latex() == r"\mathrm{dx/dx\ =\ 1.0:\ both\ are\ the\ same\ Value}"


@pytest.mark.parametrize(
    ("function", "note"),
    [
        (lambda x: x.clip(0, 1) + x, "1 more path passes no gradient: through clip"),
        (lambda x: (-x).relu() + x + maximum(x, 9.0) * 2, "2 more paths pass no gradient: through maximum, relu"),
        (lambda x: where(x > 0, x, x * x + x) + x * x, "3 more paths pass no gradient: through where"),
        (lambda x: x.floor() + x, "1 more path passes no gradient: through floor"),
        (lambda x: maximum(minimum(x, 1.0), 2.0) + x, "1 more path passes no gradient: through maximum, minimum"),
    ],
)
def test_paths_that_pass_no_gradient_are_counted(function: Callable[[Value], Value], note: str) -> None:
    found = explain(function(Value(3.0, "x")), Value(0.0))
    assert found.blocked == 0
    x = Value(3.0, "x")
    found = explain(function(x), x)
    assert found.blocked == int(note[0])
    assert f"\n  ({note})\nwhere\n" in str(found)
    assert note.partition(" through")[0] in found.to_latex()


def test_a_graph_without_blocked_paths_has_no_note_about_them() -> None:
    x = Value(3.0, "x")
    for y in (x.relu() * x + x.clip(0, 5), where(x > 5, Value(1.0) * 2, x)):
        found = explain(y, x)
        assert (found.blocked, "no gradient" in str(found), "no gradient" in found.to_latex()) == (0, False, False)


def test_more_blocked_paths_than_can_be_enumerated_are_counted() -> None:
    x = y = Value(1.0, "x")
    for _ in range(2000):
        y = y * 0.5 + y * 0.5
    assert "(about 1.148e602 more paths pass no gradient: through relu)" in str(explain((-y).relu() + x, x))


def test_an_operation_that_passes_no_gradient_is_shown_with_its_formula() -> None:
    a = Value(1.0, label="a")
    assert repr(explain((-2 * a).relu() * a, a)).splitlines()[2:] == [
        "  (1 more path passes no gradient: through relu)",
        "where",
        "  v4 = v3 * a = 0.0",
        "  a = 1.0",
        "  v3 = relu(v2) = 0.0",
        "  v2 = -2.0",
    ]
    assert r"v_{3} &= \mathrm{relu}(v_{2}) = 0\\" in explain((-2 * a).relu() * a, a).to_latex()
