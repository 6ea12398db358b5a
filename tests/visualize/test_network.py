"""``draw(model)``: every weight as a line."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from reading_svg import SVG

from autograd import Value
from nn import MLP, Layer, Module, Neuron
from visualize import draw


def test_every_weight_is_a_line_with_its_number_width_and_sign() -> None:
    model = MLP(3, [4, 2], seed=1)
    root = ET.fromstring(draw(model).pipe("svg"))
    lines = {}
    for group in root.iter(f"{SVG}g"):
        if group.get("class") == "weight":
            path = group.find(f"{SVG}path")
            assert path is not None
            lines[group.findtext(f"{SVG}title")] = path
    names = {f"W1[{j},{k}]": w for j, n in enumerate(model.layers[0].neurons) for k, w in enumerate(n.weights)}
    names |= {f"W2[{j},{k}]": w for j, n in enumerate(model.layers[1].neurons) for k, w in enumerate(n.weights)}
    assert set(lines) == {f"{name} = {weight.data!r}" for name, weight in names.items()}
    for name, weight in names.items():
        path = lines[f"{name} = {weight.data!r}"]
        assert (path.get("stroke-dasharray") is not None) == (weight.data < 0)
        layer = [w for other, w in names.items() if other[:2] == name[:2]]
        if abs(weight.data) == max(abs(w.data) for w in layer):
            assert float(path.get("stroke-width") or 0) == 4.0


def test_a_large_layer_shows_its_first_and_last_neurons() -> None:
    svg = draw(MLP(100, [50, 1], seed=0)).pipe("svg", encoding="utf-8")
    assert {"85 more", "35 more"} <= set(re.findall(r">(\d+ more)<", svg))
    assert svg.count('class="unit"') == 15 + 15 + 1


@pytest.mark.parametrize("model", [Neuron(3, seed=0), Layer(3, 2, seed=0), MLP(2, [3], dropout=0.5, seed=0)])
def test_neurons_and_layers_are_models_too(model: Module) -> None:
    assert draw(model).pipe("svg", encoding="utf-8").count('class="weight"') >= 3


def test_a_model_without_layers_raises_an_error_with_a_remedy() -> None:
    class Line(Module):
        def __init__(self) -> None:
            self.slope = Value(2.0)

    with pytest.raises(TypeError, match=r"the parameter 'slope' belongs to no neuron in .*; draw a result: draw\(model"):
        draw(Line())


def test_a_model_with_inputs_draws_the_computation() -> None:
    model = MLP(2, [3, 1], seed=0)
    drawing = draw(model, [0.5, -1.0])
    assert {box.name for box in drawing.picture} >= {"x[0]", "x[1]", "W1[2,1]", "b2[0]"}
    assert all(parameter.grad == 0.0 for parameter in model.parameters())


def test_a_function_is_called_with_labeled_arguments_and_its_gradients_are_shown() -> None:
    drawing = draw(lambda a, b: a * b, 2.0, 3.0)
    assert {box.name: (box.data, box.grad) for box in drawing.picture} == {"a": (2.0, 3.0), "b": (3.0, 2.0), "v3": (6.0, 1.0)}


def test_gradients_of_other_values_are_not_changed_by_drawing_a_function() -> None:
    w = Value(5.0, "w")
    drawing = draw(lambda a: a * w, 2.0)
    assert w.grad == 0.0
    assert drawing.caption.startswith("no gradients yet")


def test_a_function_that_returns_no_value_raises_an_error() -> None:
    with pytest.raises(TypeError, match=r"the function must return a Value or a list of Values, not float \(4.0\)"):
        draw(lambda a: a.data * 2, 2.0)


def test_the_inputs_of_a_network_have_their_names() -> None:
    svg = draw(MLP(2, [3, 1], seed=0), inputs=["petal length", "<b>"]).pipe("svg", encoding="utf-8")
    texts = [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]
    assert {"petal length", "<b>"} <= set(texts)
    assert "<b>" not in svg
    with pytest.raises(ValueError, match=r"inputs must name the 2 inputs of the model, as a list of names, not \['x'\]"):
        draw(MLP(2, [3, 1]), inputs=["x"])


@pytest.mark.parametrize("option", [{"steps": 2}, {"fold": True}, {"highlight": "x"}, {"engine": "dot"}, {"partials": True}])
def test_options_of_a_graph_are_refused_with_a_model_alone(option: dict[str, object]) -> None:
    (name,) = option
    with pytest.raises(TypeError, match=rf"{name} must not be given with a model alone; draw a result: draw\(model, \["):
        draw(MLP(2, [3, 1]), **option)  # type: ignore[arg-type]
