"""The facts about a graph: names, kinds, gradients and their source, stale numbers, groups."""

from __future__ import annotations

import math
import random
import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
from autograd import Value, backward_steps, explain, node_names, where
from nn import MLP, Module, binary_cross_entropy, cross_entropy, mse_loss
from visualize import draw
from visualize.scene.facts import Scene
from visualize.scene.folding import folded_groups
from visualize.scene.scene import describe


def by_name(scene: Scene) -> dict[str, Any]:
    """Return the nodes by name."""
    return {node.name: node for node in scene.nodes if node.name}


# ---- names ----


def random_graph(seed: int) -> tuple[list[Value], Value]:
    """Return some leaves and a result that depends on them."""
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-2, 2), rng.choice([None, "x", "v3"])) for _ in range(3)]
    nodes = list(leaves)
    for _ in range(rng.randint(1, 12)):
        a, b = rng.choice(nodes), rng.choice(nodes)
        choices = [a * b, a - b, a.tanh(), autograd.sum([a, b, 2.0]), a.relu(), a * 3, where(a > b, a, b)]
        nodes.append(rng.choice(choices))
    return leaves, nodes[-1] if nodes[-1].op else nodes[-1] * 1.0


@given(st.integers(0, 10**6))
def test_names_are_those_of_backward_steps_and_explain(seed: int) -> None:
    leaves, y = random_graph(seed)
    scene = describe(y)
    for step in backward_steps(y):
        names = tuple(scene.nodes[scene.index(node)].name for node in (y, step.node, step.operand))
        assert step.names == names
    shown = re.findall(r"^  (\w+) = ", str(explain(y, leaves[0])), re.MULTILINE)
    assert set(shown) <= {node.name for node in scene.nodes}
    assert len({node.name for node in scene.nodes if node.name}) == len(node_names(y))


def test_parameters_have_the_names_of_textbooks() -> None:
    model = MLP(2, [3, 1], seed=0)
    names = {node.name for node in describe(model([1.0, 2.0])[0], model=model).nodes if node.kind == "parameter"}
    weights = {f"W1[{i},{j}]" for i in range(3) for j in range(2)} | {f"W2[0,{j}]" for j in range(3)}
    assert names == weights | {"b1[0]", "b1[1]", "b1[2]", "b2[0]"}


def test_other_parameters_have_the_names_of_their_attributes() -> None:
    w = Value(2.0)
    assert by_name(describe(w * 3.0, model={"encoder.scale": w})).keys() == {"encoder.scale", "v2"}


def test_given_names_win_over_labels_and_make_kinds() -> None:
    x, w, t = Value(1.0, "old"), Value(2.0), Value(3.0)
    nodes = by_name(describe((w * x - t) ** 2, model={"w": w}, inputs=[x], targets={"truth": t}))
    assert {name: node.kind for name, node in nodes.items() if not node.op} == {
        "x[0]": "input",
        "w": "parameter",
        "truth": "target",
    }


def test_a_leaf_that_only_the_loss_uses_is_a_target() -> None:
    model, x, t = MLP(1, [2, 1], seed=0), Value(1.0, "x"), Value(0.5, "t")
    kinds = {name: node.kind for name, node in by_name(describe((model([x])[0] - t) ** 2, model=model)).items()}
    assert (kinds["x"], kinds["t"]) == ("input", "target")


def test_an_input_of_a_model_without_modules_is_no_target() -> None:
    w, x, t = Value(2.0, "w"), Value(1.0, "x"), Value(3.0, "t")
    kinds = {name: node.kind for name, node in by_name(describe((w * x).tanh() - t, model={"w": w})).items()}
    assert (kinds["w"], kinds["x"], kinds["t"]) == ("parameter", "input", "target")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": MLP}, "model must be an object with named_parameters(), such as a Module, not type"),
        ({"model": [1]}, "model must be an object with named_parameters(), such as a Module, not list ([1])"),
        ({"model": {"w": 1.0}}, "the parameter w of the model must be a Value, not float (1.0)"),
        ({"names": [1]}, "names must be a dict of names and Values, not list ([1])"),
        ({"names": {"a": 1.0}}, "names must be a dict of names and Values, but 'a' is float (1.0)"),
        ({"inputs": "x"}, "inputs must consist of Values and numbers, not str ('x'); pass a dict of names and Values"),
    ],
)
def test_a_wrong_argument_raises_an_error_with_a_remedy(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        describe(Value(1.0) * 2, **options)


def test_a_model_that_did_not_compute_the_graph_raises_an_error() -> None:
    with pytest.raises(ValueError, match="model must be the model that computed the graph, not another one"):
        describe(MLP(2, [1])([1.0, 2.0])[0], model=MLP(2, [1]))


# ---- gradients ----


def test_no_gradient_is_known_before_backward() -> None:
    x = Value(3.0, "x")
    scene = describe(x * x)
    assert [node.gradient for node in scene.nodes] == [None, None]
    assert scene.caption == "no gradients yet: v2.backward() computes them"
    assert "grad " not in draw(x * x).source


def test_the_caption_says_whose_gradients_are_shown() -> None:
    x = Value(3.0, "x")
    n = x * 2
    n.label = "n"
    y = n * n + x
    y.label = "y"
    y.backward()
    assert describe(y).caption == "gradients of y"
    assert describe(n).caption == "gradients of a result r with dr/dn = 12; 1 accumulated over several passes"
    assert by_name(describe(n))["x"].gradient == 25.0


def test_gradients_of_another_result_are_marked() -> None:
    x = Value(3.0, "x")
    h = x.tanh()
    first, second = h * 2, h * 5
    first.label = "first"
    first.backward()
    second.backward()
    scene = describe(first)
    assert scene.caption.startswith("gradients of another result, not of first (1 node differs)")
    assert {node.name: node.source for node in scene.nodes if node.name} == {"x": "several", "v2": "other", "first": "pass"}


def test_a_result_without_a_pass_shows_no_gradient_beside_one_that_has_one() -> None:
    x = Value(3.0, "x")
    y, z = x * 2, x * 5
    y.backward()
    nodes = by_name(describe([y, z]))
    assert (nodes["v2"].gradient, nodes["v3"].gradient, nodes["x"].gradient) == (1.0, None, 2.0)
    unused = Value(0.0, "unused")
    y = x * 2 + (x * unused) * 0.0  # a node that the pass reaches with the number 0
    y.backward()
    assert by_name(describe([y, z]))["unused"].gradient == 0.0


def test_the_caption_says_that_gradients_before_a_change_are_out_of_date() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    x.data = 4.0
    assert describe(y).caption == "gradients of v2; 1 stale: data changed since, so the gradients are out of date"
    assert describe(x * 2 + y).caption.endswith("; 2 stale: data changed since")


def test_accumulated_gradients_are_marked() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    y.backward()
    node = by_name(describe(y))["x"]
    assert (node.gradient, node.source) == (12.0, "several")
    assert "several passes" in draw(y).picture[0].marks


def test_a_gradient_set_to_zero_is_not_shown_as_zero() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    x.grad = 0.0
    assert by_name(describe(y))["x"].gradient is None


@given(st.integers(0, 10**6), st.floats(-3, 3).filter(bool))
def test_after_backward_all_gradients_are_those_of_the_pass(seed: int, scale: float) -> None:
    _, y = random_graph(seed)
    y.backward(scale)
    scene = describe(y)
    assert {node.source for node in scene.nodes if node.op != "const"} == {"pass"}
    for node in autograd.topological_order(y):
        assert scene.nodes[scene.index(node)].gradient == node.grad


# ---- stale numbers ----


OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda a, b: a * b,
    lambda a, b: a + b,
    lambda a, b: a.relu(),
    lambda a, b: a.exp(),
    lambda a, b: autograd.dot([a, b], [b, 2.0], a),
    lambda a, b: autograd.sum([a, b, a]),
    lambda a, b: autograd.maximum(a, b),
    lambda a, b: a.log(),
    lambda a, b: a / b,
]


def rebuilt(values: list[float], program: list[tuple[int, int, int]]) -> tuple[list[Value], list[Value]]:
    """Run a program on new leaves, and return the leaves and all nodes."""
    leaves = [Value(value) for value in values]
    nodes = list(leaves)
    for kind, i, j in program:
        nodes.append(OPERATIONS[kind](nodes[i % len(nodes)], nodes[j % len(nodes)]))
    return leaves, nodes


numbers = st.sampled_from([-1.5, -0.0, 0.0, 0.5, 2.0, 3.0])
programs = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=10)


def same(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and math.isnan(a) and math.isnan(b))


@given(st.lists(numbers, min_size=2, max_size=2), st.lists(numbers, min_size=2, max_size=2), programs)
@example([-1.5, -0.0], [-1.5, 0.0], [(0, 0, 1), (0, 0, 0), (0, 0, 0), (0, 0, 0), (7, 14, 0)])
@example([0.0, 2.0], [0.0, 3.0], [(0, 0, 1)])
def test_a_node_is_stale_exactly_if_a_recomputation_differs(old: list[float], new: list[float], program: Any) -> None:
    leaves, nodes = rebuilt(old, program)
    for leaf, number in zip(leaves, new, strict=True):
        leaf.data = number
    _, fresh = rebuilt(new, program)
    scene = describe(nodes[-1])
    for node, again in zip(nodes[2:], fresh[2:], strict=True):
        if id(node) in scene.keys:
            partials = zip(node.partials, again.partials, strict=True)
            differs = not same(node.data, again.data) or not all(same(a, b) for a, b in partials)
            assert scene.nodes[scene.index(node)].stale == differs


def test_a_node_is_stale_if_only_a_partial_derivative_would_differ() -> None:
    x, w = Value(0.0, "x"), Value(2.0, "w")
    y = x * w
    w.data = 3.0
    assert y.partials == (2.0, 0.0)
    assert describe(y).nodes[-1].stale  # the number is still 0.0, but dy/dx would be 3.0


def test_a_stale_number_is_marked_in_the_picture() -> None:
    x = Value(3.0, "x")
    y = x * x
    assert "stale" not in draw(y).source
    x.data = 4.0
    drawing = draw(y)
    assert drawing.picture[-1].marks == ["stale"]
    assert "1 stale: data changed since" in drawing.caption


# ---- nan, infinity and dead relus ----


def test_nan_and_infinity_are_traced_to_where_they_began() -> None:
    x = Value(0.0, "x")
    y = x.log() * x + 1
    y.backward()
    marks = {box.name: box.marks for box in draw(y).picture if box.name}
    assert marks == {"x": ["grad nan from v3"], "v2": ["inf began here"], "v3": ["nan from v2"], "v4": ["nan from v2"]}


def test_a_dead_relu_is_marked() -> None:
    y = Value(-1.0).relu() + Value(1.0).relu()
    assert [box.marks for box in draw(y).picture if box.op == "relu"] == [["dead"], []]


# ---- groups ----


def titles(scene: Scene) -> list[str]:
    """Return the titles of the boxes that are folded at first, in the order of the graph."""
    return list(dict.fromkeys(scene.groups[g].path for g in folded_groups(scene) if g is not None))


def test_a_row_of_a_network_folds_into_layers() -> None:
    model = MLP(4, [16, 3], seed=0)
    scene = describe(cross_entropy([model([1.0, 2.0, 3.0, 4.0])], [1]), model=model)
    assert sorted(titles(scene)) == ["layer 1", "layer 2", "loss"]
    assert len(draw(cross_entropy([model([1.0, 2.0, 3.0, 4.0])], [1]), model=model).picture) <= 12


def test_a_batch_folds_into_rows_and_a_recurrent_network_into_steps() -> None:
    model = MLP(2, [3, 1], seed=0)
    loss = mse_loss([model(x) for x in ([0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0])], [0.0, 1.0, 1.0, 0.0])
    assert {"row 0", "row 1", "row 2", "row 3"} <= set(titles(describe(loss, model=model)))
    cell, h = MLP(2, [6], seed=0), Value(0.0)
    for x in (0.5, -1.0, 0.25):
        h = autograd.sum(cell([h, x]))
    groups = {group.path for group in describe(h, model=cell).groups}
    assert {"step 0", "step 1", "step 2"} <= groups


def test_each_row_has_the_nodes_of_this_row_only() -> None:
    model = MLP(1, [2, 1], seed=0)
    inputs = [[Value(float(i), f"x{i}")] for i in range(4)]
    outputs = [model(row)[0] for row in inputs]
    scene = describe(autograd.sum([output**2 for output in outputs]), model=model)
    for i, (row, output) in enumerate(zip(inputs, outputs, strict=True)):
        below = {scene.index(node) for node in autograd.topological_order(output) if node.op}
        for index in below:
            group = scene.nodes[index].group
            assert group is not None
            assert scene.groups[group].path.split("/")[0] == f"row {i}"
        assert scene.nodes[scene.index(row[0])].kind == "input"


def test_long_sums_chains_and_large_graphs_fold() -> None:
    assert titles(describe(autograd.sum([Value(1.0) for _ in range(64)]))) == ["64 terms"]
    w = Value(2.0, "w")
    terms = autograd.sum([(w * float(i) - 1.0) ** 2 for i in range(50)])
    assert titles(describe(terms)) == ["50 terms"]
    y = Value(0.5)
    for _ in range(100):
        y = y.tanh()
    assert titles(describe(y)) == ["chain of 99"]


def test_a_graph_is_folded_by_its_number_of_values_with_and_without_a_model() -> None:
    model = MLP(2, [3, 1], seed=0)
    for rows, is_folded in ((2, False), (3, False), (4, True)):
        loss = mse_loss([model([0.5 + k, -1.0]) for k in range(rows)], [1.0] * rows)
        assert (autograd.count_nodes(loss) > 40) is is_folded
        for drawing in (draw(loss), draw(loss, model=model)):
            assert any(box.kind == "folded" for box in drawing.picture) is is_folded
    assert len(draw(autograd.sum([Value(1.0), *range(78)])).picture) == 80
    assert len(draw(autograd.sum([Value(1.0), *range(79)])).picture) < 5


@given(st.integers(0, 10**6))
def test_folded_boxes_have_no_cycles_and_hold_every_node_once(seed: int) -> None:
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-1, 1)) for _ in range(5)]
    for _ in range(rng.randint(40, 400)):
        a, b = rng.choice(nodes[-30:]), rng.choice(nodes)
        nodes.append(OPERATIONS[rng.randint(0, 2)](a, b))
    drawing = draw(autograd.sum(nodes[-10:]))
    members = [i for box in drawing.picture for i in box.nodes]
    assert drawing.scene is not None
    assert sorted(members) == list(range(len(drawing.scene.nodes)))
    for i, box in enumerate(drawing.picture):
        assert all(operand < i for operand in box.operands)
    assert len(drawing.picture) <= 40


def test_many_edges_from_one_folded_box_are_one_edge() -> None:
    model = MLP(2, [16, 1], seed=0)
    boxes = draw(model([1.0, 2.0])[0].tanh(), model=model, fold=["layer 1"]).picture
    (layer,) = [i for i, box in enumerate(boxes) if box.kind == "folded"]
    (dot,) = [box for box in boxes if box.op == "dot"]
    assert dot.operands.count(layer) == 1
    assert len(dot.operands) == 16 + 1 + 1  # weights, the layer, the bias


def test_the_local_derivative_with_respect_to_a_weight_is_its_input() -> None:
    w, x = [Value(2.0, "w0"), Value(3.0, "w1")], [Value(5.0, "x0"), Value(7.0, "x1")]
    boxes = draw(autograd.dot(w, x, 1.0)).picture
    products = [([boxes[k].name for k in box.operands], box.partials) for box in boxes if box.kind == "product"]
    assert products == [(["w0", "x0"], [5.0, 2.0]), (["w1", "x1"], [7.0, 3.0])]


def test_parents_come_before_their_children() -> None:
    model = MLP(3, [9, 9, 2], seed=0)
    scene = describe(cross_entropy([model([1.0, 2.0, float(i)]) for i in range(9)], [i % 2 for i in range(9)]), model=model)
    assert all(group.parent is None or group.parent < i for i, group in enumerate(scene.groups))
    assert len({group.path for group in scene.groups}) == len(scene.groups)


def test_fold_names_groups() -> None:
    model = MLP(2, [9, 9, 1], seed=0)
    y = model([1.0, 2.0])[0]
    assert [box.name for box in draw(y, model=model, fold="layer 2").picture if box.kind == "folded"] == ["layer 2"]
    names = [box.name for box in draw(y, model=model, fold={"layer 3": False}).picture if box.kind == "folded"]
    assert names == ["layer 1", "layer 2", "layer 3, neuron 0"]
    with pytest.raises(ValueError, match="not 'layer 9'; did you mean 'layer 3'"):
        draw(y, model=model, fold=["layer 9"])


def test_the_gradient_norm_of_a_folded_layer_is_the_norm_over_its_parameters() -> None:
    model = MLP(4, [16, 3], seed=0)
    loss = cross_entropy([model([1.0, 2.0, 3.0, 4.0])], [1])
    loss.backward()
    (box,) = [box for box in draw(loss, model=model).picture if box.name == "layer 1"]
    assert box.grad == math.hypot(*(p.grad for p in model.layers[0].parameters()))
    assert box.counts == ["32 operations", "80 parameters"]


def test_the_caption_names_a_later_result_that_the_gradients_belong_to() -> None:
    x, w = Value(3.0, "x"), Value(2.0, "w")
    n = w * x
    y = (n + 1.0) ** 2 * x
    y.backward()
    assert describe(n).caption.startswith("gradients of a result r with dr/dv3 = 42")
    scene = describe(n, names={"y": y})
    assert scene.caption == "gradients of y, not of v3"
    assert {node.name: node.gradient for node in scene.nodes} == {"w": 126.0, "x": 133.0, "v3": 42.0}
    n.tanh().backward()  # the latest pass is of another result
    assert describe(n, names={"y": y}).caption.startswith("gradients of a result r with dr/dv3 = ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": {"other": Value(1.0)}}, r"^names must be in the graph, not 'other'; nothing in the picture has this name$"),
        ({"inputs": [1.0, 2.0]}, r"^inputs must be in the graph, not 'x\[0\]', 'x\[1\]'; nothing .* has these names$"),
        ({"targets": {"truth": 7.0}}, "^targets must be in the graph, not 'truth'"),
        (
            {"inputs": {f"x{i}": Value(1.0) for i in range(9)}},
            r"^inputs must be in the graph, not 'x0', 'x1', 'x2' and 6 more;",
        ),
    ],
)
def test_names_that_are_not_in_the_graph_are_warned_of(arguments: Any, message: str) -> None:
    with pytest.warns(UserWarning, match=message):
        describe(Value(2.0, "x") * 3.0, **arguments)


MODEL = MLP(2, [1], seed=0)


def named_numbers(loss: Value, **options: Any) -> dict[str, float]:
    """Return the plain numbers with names; a missing name of ``options`` raises an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nodes = describe(loss, **options).nodes
    names = [node.name for node in nodes if node.name]
    assert len(names) == len(set(names))
    return {node.name: node.data for node in nodes if node.name and node.op == "const"}


@pytest.mark.parametrize(
    ("row", "inputs", "expected"),
    [
        ([0.5, -1.0], {"x1": 0.5, "x2": -1.0}, {"x1": 0.5, "x2": -1.0}),
        ([0.5, -1.0], {"x2": -1.0, "x1": 0.5}, {"x1": 0.5, "x2": -1.0}),
        ([0.5, -1.0], {"x2": -1.0}, {"x[0]": 0.5, "x2": -1.0}),
        ([2.0, 2.0], {"b": 2, "a": 2}, {"b": 2.0, "a": 2.0}),
        ([math.nan, 0.0], {"zero": 0.0, "unknown": math.nan}, {"unknown": math.nan, "zero": 0.0}),
    ],
)
@pytest.mark.parametrize("model", [MODEL, None])
def test_an_input_names_the_plain_number_that_it_is(
    row: list[float], inputs: Any, expected: dict[str, float], model: Any
) -> None:
    found = named_numbers(mse_loss([MODEL(row)], [7.0]), model=model, inputs=inputs)
    assert str(found) == str({name: x for name, x in expected.items() if model or name in inputs})


def test_inputs_may_mix_values_and_numbers() -> None:
    x = Value(0.5)
    loss = mse_loss([MODEL([x, 2.0])], [1.0])
    assert named_numbers(loss, model=MODEL, inputs=[x, 2.0]) == {"x[1]": 2.0}
    assert named_numbers(loss, model=MODEL, inputs={"b": 2.0, "a": x}) == {"b": 2.0}


def test_each_row_has_the_names_of_its_inputs_and_targets() -> None:
    rows, targets = [[-1.0, 3.0], [0.5, -1.0], [0.5, -1.0]], [1.0, 0.0, 1.0]
    loss = mse_loss([MODEL(row) for row in rows], targets)
    names = {f"x[{i},{k}]": rows[i][k] for i in range(3) for k in range(2)}
    names |= {f"t[{i}]": target for i, target in enumerate(targets)}
    assert named_numbers(loss, model=MODEL, inputs=rows, targets=targets) == names
    order = {f"t{i}": targets[i] for i in (1, 2, 0)}
    found = named_numbers(loss, model=MODEL, inputs={"a": 0.5, "b": -1.0}, targets=order)
    assert {name: found[name] for name in ("a", "b", *order)} == {"a": 0.5, "b": -1.0, **order}
    assert [name for name in found if name.startswith("x")] == ["x[0,0]", "x[0,1]", "x[2,0]", "x[2,1]"]


def test_two_networks_with_the_same_inputs_use_the_same_names() -> None:
    class Pair(Module):
        def __init__(self) -> None:
            self.left, self.right = MLP(1, [1], seed=0), MLP(1, [1], seed=1)

    pair = Pair()
    scene = describe(pair.left([3.0])[0] + pair.right([3.0])[0], model=pair, inputs={"x": 3.0})
    assert [node.name for node in scene.nodes if node.op == "const" and node.data == 3.0] == ["x", "x"]


def test_inputs_and_targets_of_other_operations_are_named() -> None:
    w = Value(2.0, "w")
    assert named_numbers((w * 3.0 - 3.0) ** 3.0, model={"w": w}, inputs=[3.0], targets=[3.0]) == {"x[0]": 3.0, "t[0]": 3.0}
    loss = binary_cross_entropy([MODEL([0.5, -1.0])], [1])
    assert named_numbers(loss, model=MODEL, targets={"label": 1})["label"] == 1.0
    with pytest.warns(UserWarning, match="inputs must be in the graph, not 'exponent'"):
        describe(w**2.0, inputs={"exponent": 2.0})


def test_inputs_with_other_numbers_are_warned_of() -> None:
    loss = mse_loss([MODEL([0.5, -1.0])], [1.0])
    with pytest.warns(
        UserWarning, match="^inputs must be in the graph, not 'x1', 'x2'; nothing in the picture has these names$"
    ):
        scene = describe(loss, model=MODEL, inputs={"x1": 7, "x2": 9})
    assert [node.name for node in scene.nodes if node.kind == "input"] == ["x[0]", "x[1]"]
    with pytest.warns(UserWarning, match=r"^targets must be in the graph, not 't\[1\]'; "):
        describe(loss, model=MODEL, targets=[1.0, 1.0])
