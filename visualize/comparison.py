"""``diff``: two graphs side by side, with the first node that differs marked."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.shared import refuse_other_value, suggesting
from visualize.arguments import MAX_DIGITS, REMEDIES, check_look
from visualize.boxes.boxes import Box, make_boxes
from visualize.boxes.style import number, one_line, printable
from visualize.drawing import Drawing
from visualize.scene.folding import folded_groups
from visualize.scene.scene import NO_GRADIENTS, describe
from visualize.writers import dot
from visualize.writers.panels import Panel

if TYPE_CHECKING:
    from visualize.scene.facts import Node, Scene

MARK = "first difference"


@suggesting(remedies=REMEDIES)
def diff(y1: Value, y2: Value, *, fold: Any = None, expand: bool | None = None, digits: int = 5) -> Drawing:
    """Draw two graphs side by side, and mark the first node in each that has no equal in the other.

    Two nodes are equal if their operations, their numbers, bit for bit, and their operands are equal. If the graphs are equal
    in this sense, their gradients are compared, in the order of backpropagation. Names do not matter.

    Args:
        y1, y2: The results to compare.
        fold, expand, digits: See ``draw``. More digits are shown if the results, or the marked nodes, would look equal.

    Returns:
        A ``Drawing`` of both graphs. Its ``caption`` states the first difference. ``to_text()`` returns text, and
        ``.write("page.html")`` writes a page with both graphs to play.

    Raises:
        TypeError: If one is not a Value, or an argument has an unknown name.

    Example:
        >>> x = Value(3.0, label="x")
        >>> print(diff(x * x + 1, x * x - 1).caption)
        first difference: v3 = v2 + 1.0 = 10.0 on the left, and v3 = v2 - 1.0 = 8.0 on the right
        >>> diff(x * x, x * x).caption
        'the graphs are equal'
    """
    for name, value in (("y1", y1), ("y2", y2)):
        if not isinstance(value, Value):
            refuse_other_value(value, f"{name} must be a Value")
            raise TypeError(f"{name} must be a Value, not {type(value).__name__} ({value!r:.40}); compare two results")
    look = check_look(digits, False, "LR")
    left, right = describe(y1), describe(y2)
    places, caption = _first_difference(left, right)
    caption = " ".join(printable(caption).split())
    look = replace(look, digits=_enough_digits(look.digits, [places, (left.roots[0], right.roots[0])], left, right))
    without = all(scene.caption.startswith(NO_GRADIENTS) for scene in (left, right))  # said twice, this would only distract
    panels: list[Panel] = []
    boxes: list[Box] = []
    for title, scene, place in (("left", left, places[0]), ("right", right, places[1])):
        side = make_boxes(scene, folded_groups(scene, fold), expand)
        for box in side:
            if place is not None and place in box.nodes:
                box.marks.insert(0, MARK)
                box.step = MARK
        shown = scene.caption.partition("; ")[2] if without else scene.caption
        panels.append(Panel(title, side, printable(shown), scene, place))
        boxes += [_moved(box, len(boxes)) for box in side]
    drawing = Drawing(picture=boxes, caption=caption, look=look, panels=panels, fold=fold)
    dot.add_boxes(drawing, boxes, caption, look)
    return drawing


def _enough_digits(digits: int, pairs: list[tuple[int | None, int | None]], left: Scene, right: Scene) -> int:
    """Return a number of digits that shows the differences between pairs of nodes."""
    numbers: list[tuple[float, float]] = []
    for i, k in pairs:
        if i is not None and k is not None:
            a, b = left.nodes[i], right.nodes[k]
            numbers += [(a.data, b.data), (a.gradient or 0.0, b.gradient or 0.0)]
    differ = [(a, b) for a, b in numbers if number(a, MAX_DIGITS) != number(b, MAX_DIGITS)]
    while any(number(a, digits) == number(b, digits) for a, b in differ):
        digits += 1
    return digits


def _moved(box: Box, offset: int) -> Box:
    """Return a copy of a box for a list in which its graph begins at ``offset``."""
    facts = {name: getattr(box, name) for name in Box.__slots__}
    facts["operands"] = [k + offset for k in box.operands]
    facts["products"] = [k + offset for k in box.products]
    return Box(**facts)


def _first_difference(left: Scene, right: Scene) -> tuple[tuple[int | None, int | None], str]:
    """Return the index of the first node that differs, on both sides, and a sentence about it."""
    numbers: dict[object, int] = {}
    classes = [_classes(scene, numbers) for scene in (left, right)]
    places = _unmatched(left, classes[0], set(classes[1])), _unmatched(right, classes[1], set(classes[0]))
    if places != (None, None):
        return places, f"{MARK}: {_sentence(left, places[0], right, places[1])}"
    equal = {found: i for i, found in enumerate(classes[1])}
    for i in reversed(range(len(left.nodes))):
        k = equal[classes[0][i]]
        a, b = left.nodes[i].gradient, right.nodes[k].gradient
        if a != b and not (a != a and b != b):
            text = f"the gradient of {left.nodes[i].name} is {a!r} on the left, and of {right.nodes[k].name} {b!r} on the right"
            return (i, k), f"{MARK}: {text}"
    return (None, None), "the graphs are equal"


def _unmatched(scene: Scene, own: list[int], other: set[int]) -> int | None:
    """Return the first node without an equal; instead of a plain number, the node that uses it."""
    found = [i for i, number in enumerate(own) if number not in other]
    return next((i for i in found if scene.nodes[i].kind != "constant"), found[0] if found else None)


def _classes(scene: Scene, numbers: dict[object, int]) -> list[int]:
    """Return a number for each node, the same for equal nodes: equal operation, data, and classes of the operands."""
    found: list[int] = []
    for node in scene.nodes:
        bits = struct.pack("d", node.data) if node.data == node.data else b"nan"
        key = node.op == "const", node.op, bits, tuple(found[k] for k in node.operands)
        found.append(numbers.setdefault(key, len(numbers)))
    return found


def _sentence(left: Scene, i: int | None, right: Scene, k: int | None) -> str:
    sides = ((left, i, "on the left"), (right, k, "on the right"))
    return ", and ".join(f"{_formula(s, place) if place is not None else 'nothing more'} {where}" for s, place, where in sides)


def _formula(scene: Scene, place: int) -> str:
    node = scene.nodes[place]
    names = [_name(scene.nodes[k]) for k in node.operands]
    if not names:
        return f"{node.name or 'the number'} = {node.data!r}" if node.name else f"the number {node.data!r}"
    if len(names) == 2 and not node.op.isidentifier():
        return f"{one_line(node.name)} = {names[0]} {node.op} {names[1]} = {node.data!r}"
    shown = [*names[:3], "..."] if len(names) > 4 else names
    return f"{one_line(node.name)} = {node.op}({', '.join(shown)}) = {node.data!r}"


def _name(node: Node) -> str:
    return one_line(node.name) or repr(node.data)
