"""Sizes of boxes, and the positions that our own layout assigns to them."""

from __future__ import annotations

import pytest

from autograd import Value, dot
from visualize import draw
from visualize.boxes.style import Look
from visualize.layout.geometry import Geometry, arrange, box_size


def arranged(value: Value) -> tuple[dict[str, float], Geometry]:
    """Return the height of each box by its label or operation, and the geometry."""
    boxes = draw(value).picture
    geometry = arrange(boxes)
    return {box.name or box.op: geometry.boxes[i][1] for i, box in enumerate(boxes)}, geometry


def test_texts_fit_into_their_boxes() -> None:
    """Widths of the characters in Helvetica; 0.556 is the width of a digit and of most letters."""
    helvetica = {" ": 0.278, "-": 0.333, ".": 0.278, "t": 0.278, "r": 0.333, "+": 0.584}
    for box in draw(Value(-1.2345e-300) * -1.2345e-7).picture:
        for text in (f"data {box.data:.5g}", f"grad {box.grad}") if box.grad is not None else (f"{box.data:.5g}",):
            assert sum(helvetica.get(c, 0.556) for c in text) * 11 <= box_size(box)[0]


def test_leaves_are_in_the_order_of_operands() -> None:
    a, b, c, d = (Value(1.0, name) for name in "abcd")
    height, _ = arranged((d - a) / (c - b))
    assert height["d"] < height["a"] < height["c"] < height["b"]


def test_the_leaves_of_a_neuron_are_in_pairs() -> None:
    w, x = [Value(1.0, f"w{i}") for i in range(3)], [Value(1.0, f"x{i}") for i in range(3)]
    height, _ = arranged(dot(w, x, Value(1.0, "b")).tanh())
    order = ["w0", "x0", "w1", "x1", "w2", "x2", "b"]
    assert sorted(order, key=height.__getitem__) == order


def test_a_chain_with_numbers_is_level() -> None:
    y = Value(1.0)
    for _ in range(200):
        y = y * 2
    _, geometry = arranged(y)
    assert geometry.height < 200


@pytest.mark.parametrize(("direction", "axis", "sign"), [("LR", 0, 1), ("RL", 0, -1), ("TB", 1, 1), ("BT", 1, -1)])
def test_the_picture_has_the_direction_of_the_option(direction: str, axis: int, sign: int) -> None:
    y = (Value(1.0, "a") * Value(2.0, "b")).tanh() + dot([Value(1.0)], [Value(2.0)], 3.0)
    boxes = draw(y).picture
    geometry = arrange(boxes, Look(direction=direction))
    for edge in geometry.edges:
        assert sign * (geometry.boxes[edge.box][axis] - geometry.boxes[edge.operand][axis]) > 0
        assert sign * (edge.points[-1][axis] - edge.points[0][axis]) > 0
    for x, y0, width, height in geometry.boxes.values():
        assert -1e-9 <= x <= x + width <= geometry.width + 10 + 1e-9
        assert -1e-9 <= y0 <= y0 + height <= geometry.height + 10 + 1e-9
