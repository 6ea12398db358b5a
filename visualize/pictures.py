"""``draw``: from a graph to a picture."""

from __future__ import annotations

from typing import Any

from autograd import Value
from autograd.shared import suggesting
from visualize.arguments import REMEDIES, check_look, find_highlighted, find_subject
from visualize.boxes.boxes import make_boxes
from visualize.boxes.steps import show_steps
from visualize.boxes.style import Look, printable
from visualize.drawing import Drawing
from visualize.network import find_layers, input_names, layer_boxes, network_svg
from visualize.scene.folding import folded_groups
from visualize.scene.scene import describe
from visualize.writers import dot
from visualize.writers.formats import check_format


@suggesting("draw(y)", REMEDIES)
def draw(
    value: Any, *arguments: Any, format: str = "svg", model: Any = None, inputs: Any = None, names: Any = None,
    targets: Any = None, expand: bool | None = None, fold: Any = None, steps: int | None = None, partials: bool = False,
    direction: str = "LR", highlight: Any = None, digits: int = 5, engine: str | None = None,
) -> Drawing:  # fmt: skip
    """Draw the computation graph of ``value``: name, operation, data and gradient of every Value in it.

    The picture shows the numbers at the time of drawing. Gradients are shown after ``backward``, and the caption names
    the result that they belong to. Numbers that are stale, because the data of a leaf was changed, are marked. Edges arrive in
    the order of the operands, the first on top. Names such as ``v2`` are the same as in ``explain`` and ``backward_steps``.

    Args:
        value: Result whose graph is drawn, or a list of results; or a function, ``draw(f, 2.0, 3.0)``, which is called
            with the other arguments. Or a model alone: its layers and weights are drawn, and ``inputs`` may list the names
            of its inputs.
        arguments: Arguments of the function.
        format: Default format of ``.render()`` and ``.pipe()``: svg, png, pdf, dot or gv.
        model: Model whose parameters are named, ``W1[2,0]``, and whose layers, neurons and rows can be folded.
        inputs, targets: Values or numbers to name: a dict by name, or a list. A number names the plain number in the graph that
            is equal to it. Entries that are not in the graph are warned of.
        names: Dict of further names and their Values. After ``loss.backward()``, ``draw(y, names={"loss": loss})`` names the
            result that the gradients belong to.
        expand: Whether ``sum`` and ``dot`` are expanded into ``*`` and ``+``. By default, they are expanded if they have at
            most 4 terms.
        fold: Groups that are folded into one box each. None: graphs of more than 40 Values, or of more than 80 Values and
            plain numbers, are folded until they fit. True, False: everything or nothing. A list of titles: only these. A dict,
            such as ``{"layer 1": False}``: these as given.
        steps: Show the gradients during backpropagation instead of the current gradients: after this number of the
            contributions that ``autograd.backward_steps(value)`` yields. The edge of the last contribution is red.
        partials: Whether to show the local derivatives at the edges.
        direction: ``"LR"``, ``"RL"``, ``"TB"`` or ``"BT"``: from left to right, ..., from bottom to top.
        highlight: Values or names to highlight, such as ``explain(y, x).paths[0].nodes``.
        digits: Number of significant digits.
        engine: ``"dot"``: use the layout of Graphviz, if it is installed. By default, our own layout is used.

    Returns:
        A ``graphviz.Digraph`` that displays itself in a notebook. ``.show()`` opens it in a browser, ``.write("picture.png")``
        writes a file, and ``.to_text()`` returns a tree for the terminal.

    Raises:
        TypeError: If ``value`` cannot be drawn, or an argument has an unknown name or a wrong type.
        ValueError: If an argument is invalid. The message lists the choices.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> y = x * x
        >>> y.backward()
        >>> print(draw(y).source.count("n0 -> n1"))
        2
        >>> print(draw(y).to_text())
        v2 = x * x = 9, grad 1
        |- x = 3, grad 6
        `- x (see above)
        gradients of v2
    """
    if len(arguments) == 1 and not callable(value) and not _is_drawn(arguments[0]):  # draw(y, "png")
        format, arguments = arguments[0], ()
        if isinstance(format, str) and "." in format:
            raise ValueError(f"format must be a format, not the file name {format!r:.40}; write draw(y).write({format!r:.40})")
    format = check_format(format)
    if expand not in (True, False, None):
        raise ValueError(f"expand must be True, False or None (expand sums of few terms), not {expand!r:.40}")
    if steps is not None and (not isinstance(steps, int) or isinstance(steps, bool) or steps < 0):
        raise ValueError(f"steps must be a non-negative integer or None, not {steps!r:.40}")
    if engine not in (None, "dot"):
        raise ValueError(f"engine must be 'dot' or None (our own layout), not {engine!r:.40}")
    look = check_look(digits, partials, direction)
    if hasattr(value, "named_parameters") and not isinstance(value, type) and not arguments:
        options = {"model": model, "names": names, "targets": targets, "expand": expand, "fold": fold, "steps": steps}
        options |= {"partials": partials or None, "highlight": highlight, "engine": engine}
        for name, option in options.items():
            if option is not None:
                raise TypeError(
                    f"{name} must not be given with a model alone; draw a result: draw(model, [1.0, 2.0], {name}=...)"
                )
        return _draw_network(value, inputs, look, format)
    subject = find_subject(value, arguments, model)
    scene = describe(subject.roots, subject.model, inputs, names, targets)
    highlighted = find_highlighted(scene, highlight)
    step = show_steps(scene, subject.roots, steps, look) if steps is not None else None
    boxes = make_boxes(scene, folded_groups(scene, fold), expand, highlighted, step)
    caption = " ".join(printable(scene.caption).split())
    drawing = Drawing(picture=boxes, caption=caption, look=look, scene=scene, layout=engine, fold=fold, format=format)
    dot.add_boxes(drawing, boxes, caption, look)
    return drawing


def _is_drawn(argument: Any) -> bool:
    return isinstance(argument, Value) or hasattr(argument, "named_parameters")


def _draw_network(model: Any, inputs: Any, look: Look, format: str) -> Drawing:
    layers = find_layers(model)
    svg = network_svg(model, layers, look.digits, input_names(inputs, len(layers[0].weights[0])))
    drawing = Drawing(picture=layer_boxes(layers), look=look, svg=svg, format=format)
    dot.add_boxes(drawing, drawing.picture, "", look)
    return drawing
