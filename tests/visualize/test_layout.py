"""Facts about our own layout: nothing overlaps, operands stay in order, edges avoid boxes."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from autograd import Value, dot
from visualize import layout
from visualize.layout import Item, Layout, place, ranks
from visualize.picture import make_picture
from visualize.units import make_units, to_items


def random_items(seed: int) -> list[Item]:
    """A random graph whose last item uses all that nothing else does."""
    rng = random.Random(seed)
    items: list[Item] = []
    unused: set[int] = set()
    for i in range(rng.randint(1, 60)):
        width, height = rng.uniform(10, 90), rng.uniform(10, 60)
        count = rng.randint(0, min(i, 4))
        operands = [rng.randrange(i) for _ in range(count)]
        unused = unused - set(operands) | {i}
        items.append(Item(width, height, height / 2, [(o, height * (k + 1) / (count + 1)) for k, o in enumerate(operands)]))
    last = sorted(unused)
    items.append(Item(50.0, 40.0, 20.0, [(o, 40.0 * (k + 1) / (len(last) + 1)) for k, o in enumerate(last)]))
    return items


def boxes(items: list[Item], found: Layout) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of each item."""
    return [(x, y, x + i.width, y + i.height) for i, x, y in zip(items, found.x, found.y, strict=True)]


@pytest.mark.parametrize("seed", range(20))
def test_boxes_do_not_overlap_and_stay_inside(seed: int) -> None:
    items = random_items(seed)
    found = place(items)
    placed = boxes(items, found)
    for i, (left, top, right, bottom) in enumerate(placed):
        assert min(left, top) >= -1e-9
        assert right <= found.width + 1e-9
        assert bottom <= found.height + 1e-9
        for other in placed[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] + 1e-9 or other[3] <= top + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_operands_stand_left_of_what_is_computed_from_them(seed: int) -> None:
    items = random_items(seed)
    placed = boxes(items, place(items))
    for i, item in enumerate(items):
        assert all(placed[operand][2] < placed[i][0] for operand, _ in item.inputs)


@pytest.mark.parametrize("seed", range(20))
def test_edges_climb_only_between_columns_so_they_cross_no_box(seed: int) -> None:
    items = random_items(seed)
    found = place(items)
    placed = boxes(items, found)
    for routes in found.routes:
        for route in routes:
            for (x0, y0), (x1, y1) in pairwise(route):
                assert x0 <= x1 + 1e-9
                for left, top, right, bottom in placed:
                    beside = x1 <= left + 1e-9 or right <= x0 + 1e-9
                    level_and_clear = y0 == y1 and not top + 1e-9 < y0 < bottom - 1e-9
                    assert beside or level_and_clear


def test_edges_end_at_their_arrivals_in_the_order_of_operands() -> None:
    items = random_items(3)
    found = place(items)
    for i, item in enumerate(items):
        ends = [route[-1] for route in found.routes[i]]
        assert ends == [(found.x[i], found.y[i] + arrives) for _, arrives in item.inputs]
        assert ends == sorted(ends)


def laid_out(value: Value) -> tuple[list[str], Layout]:
    """The label or operation of each unit, and the layout."""
    picture = make_picture(value, None, 1_000)
    units = make_units(picture)
    return [picture[max(unit.places)].label or picture[max(unit.places)].op for unit in units], place(to_items(units))


def test_leaves_stand_in_the_order_in_which_they_are_operands() -> None:
    a, b, c, d = (Value(1.0, name) for name in "abcd")
    names, found = laid_out((d - a) / (c - b))
    height = dict(zip(names, found.y, strict=True))
    assert height["d"] < height["a"] < height["c"] < height["b"]


def test_the_leaves_of_a_neuron_stand_in_pairs() -> None:
    w, x = [Value(1.0, f"w{i}") for i in range(3)], [Value(1.0, f"x{i}") for i in range(3)]
    names, found = laid_out(dot(w, x, Value(1.0, "b")).tanh())
    height = dict(zip(names, found.y, strict=True))
    order = ["w0", "x0", "w1", "x1", "w2", "x2", "b"]
    assert sorted(order, key=height.__getitem__) == order


def test_a_chain_with_numbers_stays_level() -> None:
    y = Value(1.0)
    for _ in range(200):
        y = y * 2
    _, found = laid_out(y)
    assert found.height < 200


def test_ranks_count_the_longest_way_to_the_root() -> None:
    assert ranks([[], [0], [1], [0, 2]]) == [3, 2, 1, 0]


def test_beyond_a_limit_long_edges_are_not_bent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_PASSES", 0)
    items = random_items(5)
    assert all(len(route) <= 4 for routes in place(items).routes for route in routes)


def test_a_deep_and_a_wide_graph_are_laid_out_without_recursion() -> None:
    deep = [Item(10.0, 10.0, 5.0, [(i - 1, 5.0)] if i else []) for i in range(20_000)]
    assert len(place(deep).x) == 20_000
    wide = [Item(10.0, 10.0, 5.0, []) for _ in range(20_000)]
    assert len(place([*wide, Item(10.0, 10.0, 5.0, [(i, 5.0) for i in range(20_000)])]).x) == 20_001
