"""Draw a model as a network: neurons as circles, weights as lines whose width and color show their size and sign."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.shared import counted
from visualize.boxes.boxes import Box
from visualize.boxes.colors import LIGHT, dark_rules
from visualize.boxes.style import FONT, FONT_SIZE, LINE, SMALL, number, one_line, text_width
from visualize.scene.naming import parameter_names, parameter_paths
from visualize.writers.svg import MAX_PIXELS, whole_size

if TYPE_CHECKING:
    from autograd import Value

RADIUS = 13.0
GAP = 11.0  # between neurons
COLUMN = 200.0  # distance of layers
MARGIN = 24.0
MAX_SHOWN = 16  # neurons of a layer; of a larger layer, the first and last ones
WIDTHS = 0.4, 4.0  # of lines
_PATH = re.compile(r"(?:(.*?)\.)?neurons\.(\d+)\.(?:weights\.(\d+)|bias)|(?:weights\.(\d+)|bias)")


class Layer(NamedTuple):
    """A layer of neurons. ``weights[j][k]`` is the weight of neuron j for input k; ``biases`` has None for no bias."""

    title: str
    weights: list[list[Value]]
    biases: list[Value | None]


def find_layers(model: Any) -> list[Layer]:
    """Return the layers of a model, from its parameters.

    Raises:
        TypeError: If its parameters do not form consecutive layers of neurons.

    Example:
        >>> from nn import MLP
        >>> [(layer.title, len(layer.weights), len(layer.weights[0])) for layer in find_layers(MLP(2, [3, 1]))]
        [('layer 1', 3, 2), ('layer 2', 1, 3)]
    """
    found: dict[str, dict[int, tuple[dict[int, Value], list[Value]]]] = {}
    paths = parameter_paths(model)
    values = {id(value): value for _, value in (model.items() if hasattr(model, "items") else model.named_parameters())}
    for key, path in paths.items():
        match = _PATH.fullmatch(path)
        if match is None:
            raise TypeError(_refusal(model, f"the parameter {path!r} belongs to no neuron"))
        layer, neuron, weight, alone = match.groups()
        weights, bias = found.setdefault(layer or "", {}).setdefault(int(neuron or 0), ({}, []))
        index = weight if weight is not None else alone
        if index is None:
            bias.append(values[key])
        else:
            weights[int(index)] = values[key]
    if not found:
        raise TypeError(_refusal(model, "it has no parameters"))
    layers: list[Layer] = []
    for position, neurons in enumerate(found.values(), 1):
        rows = [list(weights.values()) for weights, _ in neurons.values()]
        biases = [bias[0] if bias else None for _, bias in neurons.values()]
        inputs = len(layers[-1].weights) if layers else len(rows[0])
        if any(len(row) != inputs for row in rows):
            raise TypeError(
                _refusal(model, f"layer {position} does not have the {counted(inputs, 'input')} of a network of layers")
            )
        layers.append(Layer(f"layer {position}", rows, biases))
    return layers


def _refusal(model: Any, reason: str) -> str:
    return f"draw(model) needs a network of layers, but {reason} in {model!r:.60}; draw a result: draw(model, [1.0, 2.0])"


def layer_boxes(layers: list[Layer]) -> list[Box]:
    """Return one folded box per layer, for DOT and text.

    Example:
        >>> from nn import MLP
        >>> [(box.name, box.counts) for box in layer_boxes(find_layers(MLP(2, [3])))]
        [('inputs', ['2 inputs']), ('layer 1', ['3 neurons', '9 parameters'])]
    """
    boxes = [Box("folded", "inputs", "", None, None, counts=[counted(len(layers[0].weights[0]), "input")])]
    for i, layer in enumerate(layers):
        size = sum(map(len, layer.weights)) + sum(bias is not None for bias in layer.biases)
        counts = [counted(len(layer.weights), "neuron"), counted(size, "parameter")]
        boxes.append(Box("folded", layer.title, "", None, None, operands=[i], partials=[None], counts=counts))
    boxes[-1].is_root = True
    return boxes


def input_names(inputs: Any, count: int) -> list[str]:
    """Return the names of the inputs of a network: a list of names, or the keys of a dict.

    Raises:
        ValueError: If there is not one name per input.

    Example:
        >>> input_names(["length", "width"], 2), input_names(None, 2)
        (['length', 'width'], [])
    """
    if inputs is None:
        return []
    names = list(inputs) if isinstance(inputs, Iterable) and not isinstance(inputs, str) else [inputs]
    if len(names) != count or not all(isinstance(name, str) for name in names):
        raise ValueError(f"inputs must name the {counted(count, 'input')} of the model, as a list of names, not {inputs!r:.60}")
    return [one_line(name) for name in names]


def network_svg(model: Any, layers: list[Layer], digits: int, inputs: Sequence[str] = ()) -> str:
    """Return the picture of a network as SVG. ``inputs`` are the names of the inputs, if they are given.

    The widest line of each layer is its largest weight. Negative weights are dashed and orange, positive ones blue.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], seed=0)
        >>> network_svg(model, find_layers(model), 5).count('class="weight')
        9
    """
    names = parameter_names(model)
    sizes = [len(layers[0].weights[0]), *(len(layer.weights) for layer in layers)]
    shown = [_shown(size) for size in sizes]
    tallest = max(map(len, shown))
    height = tallest * (2 * RADIUS + GAP) + 3 * LINE
    distance = max(COLUMN, 14.0 * tallest)
    caption = "width: size of the weight within its layer; blue: positive; orange, dashed: negative; in the circles: biases"
    room = max((text_width(name, SMALL) + SMALL for name in inputs), default=0.0)  # left of the inputs
    width = distance * len(layers) + 2 * RADIUS
    wide = max(width + room, 0.85 * text_width(caption))
    scale = min(1.25, MAX_PIXELS / (wide + 2 * MARGIN))
    picture = whole_size(wide + 2 * MARGIN, height + 2 * MARGIN, scale, -MARGIN)
    left = (wide - width - room) / 2 + room
    places: list[dict[int, tuple[float, float]]] = []
    for column, neurons in enumerate(shown):
        top = (tallest - len(neurons)) * (RADIUS + GAP / 2) + RADIUS
        x = left + RADIUS + distance * column
        places.append({k: (x, top + (2 * RADIUS + GAP) * row) for row, k in enumerate(neurons) if k >= 0})
    texts, lines, circles = [], [], []
    for column, (size, neurons) in enumerate(zip(sizes, shown, strict=True)):
        title = counted(size, "input") if column == 0 else f"{layers[column - 1].title} ({size:,})"
        x = left + RADIUS + distance * column
        texts.append(_text(title, x, height - 1.5 * LINE, SMALL))
        if -1 in neurons:
            row = neurons.index(-1)
            y = (tallest - len(neurons)) * (RADIUS + GAP / 2) + RADIUS + (2 * RADIUS + GAP) * row
            texts.append(
                f'<rect class="sa-bg" x="{x - 28:.1f}" y="{y - 9:.1f}" width="56" height="18" fill="{LIGHT.background}"/>'
                + _text(f"{size - len(neurons) + 1:,} more", x, y + 4, SMALL)
            )
    for column, layer in enumerate(layers):
        widest = max(1.2, min(WIDTHS[1], 400 / (len(places[column]) * len(places[column + 1]))))
        largest = max((abs(w.data) for row in layer.weights for w in row if math.isfinite(w.data)), default=0.0) or 1.0
        for j, end in places[column + 1].items():
            for k, start in places[column].items():
                lines.append(_line(layer.weights[j][k], names, start, end, largest, widest))
            circles.append(_neuron(layer.biases[j], names, end, digits))
    named = dict(enumerate(inputs))
    circles += [_circle("input", named.get(k, f"input {k}"), place) for k, place in places[0].items()]
    texts += [_text(named[k], x - RADIUS - SMALL / 2, y + 3, SMALL, "end") for k, (x, y) in places[0].items() if k in named]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" {picture.attributes} class="sa" role="img" '
                f'aria-label="network with {counted(sizes[0], "input")} and {counted(sum(sizes[1:]), "neuron")}: '
                f'{", ".join(layer.title for layer in layers)}" '
                f'font-family="{FONT},Helvetica,sans-serif" font-size="{FONT_SIZE}" fill="{LIGHT.text}">'
            ),
            f"<style>{dark_rules()}</style>",
            picture.background,
            *lines,
            *circles,
            *texts,
            _text(caption, 0.0, height + 0.5 * LINE, FONT_SIZE, "start"),
            "</svg>\n",
        ]
    )


def _shown(size: int) -> list[int]:
    """Return the indices of the neurons to draw; -1 stands for the omitted ones."""
    if size <= MAX_SHOWN:
        return list(range(size))
    return [*range(MAX_SHOWN - 3), -1, size - 2, size - 1]


def _line(
    weight: Value, names: dict[int, str], start: tuple[float, float], end: tuple[float, float], largest: float, widest: float
) -> str:  # fmt: skip
    """Return the line of a weight. A weight that is not finite has the width of the largest."""
    share = min(abs(weight.data) / largest, 1.0) if math.isfinite(weight.data) else 1.0
    width = WIDTHS[0] + (widest - WIDTHS[0]) * share
    negative = weight.data < 0
    sign, color = ("neg", LIGHT.negative) if negative else ("pos", LIGHT.positive)
    dashes = ' stroke-dasharray="7 4"' if negative else ""
    return (
        f'<g class="weight"><title>{escape(names[id(weight)])} = {weight.data!r}</title><path class="sa-{sign}" '
        f'stroke="{color}" stroke-width="{width:.2f}"{dashes} d="M{start[0]:.1f},{start[1]:.1f}L{end[0]:.1f},{end[1]:.1f}"/>'
        "</g>"
    )


def _neuron(bias: Value | None, names: dict[int, str], place: tuple[float, float], digits: int) -> str:
    if bias is None:
        return _circle("operation", "no bias", place)
    return _circle("operation", f"{names[id(bias)]} = {bias.data!r}", place, number(bias.data, min(digits, 2)))


def _circle(kind: str, title: str, place: tuple[float, float], text: str = "") -> str:
    fill, frame = LIGHT.kinds[kind]
    inside = _text(text, place[0], place[1] + 3, SMALL) if text else ""
    return (
        f'<g class="unit"><title>{escape(title)}</title><circle class="sa-{kind}" cx="{place[0]:.1f}" cy="{place[1]:.1f}" '
        f'r="{RADIUS:g}" fill="{fill}" stroke="{frame}" stroke-width="1.3"/>{inside}</g>'
    )


def _text(text: str, x: float, y: float, size: float, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}">{escape(text)}</text>'
