"""Choose the groups that are folded into one box each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from autograd.shared import did_you_mean

if TYPE_CHECKING:
    from visualize.scene.facts import Scene

MAX_FIRST = 16  # boxes of a larger graph, unless its structure has more


def folded_groups(scene: Scene, fold: Any = None) -> list[int | None]:
    """Return, for each node, the group whose box it is in, or None if the node has its own box.

    Args:
        scene: The graph.
        fold: None: fold only a graph of more than 40 Values, or of more than 80 Values and plain numbers, and then unfold
            groups up to 16 boxes. True or False: fold all groups, or none. A title, or a list of titles: fold these groups
            only. A dict ``{title: bool}``: fold as for None, except that these groups are folded or unfolded.

    Raises:
        TypeError: If ``fold`` is anything else.
        ValueError: If no group has this title. The message lists the groups.

    Example:
        >>> from autograd import Value, sum
        >>> from visualize.scene.scene import describe
        >>> scene = describe(sum([Value(1.0) for _ in range(64)]))
        >>> folded_groups(scene)[-2:], folded_groups(scene, fold=False)[-2:]
        ([0, None], [None, None])
    """
    if fold is None or isinstance(fold, bool):
        opened = _automatic(scene) if fold is None else set() if fold else set(range(len(scene.groups)))
    elif isinstance(fold, str):
        opened = set(range(len(scene.groups))) - _named(scene, fold)
    elif isinstance(fold, Mapping):
        opened = _automatic(scene)
        for name, folded in fold.items():
            for group in _named(scene, name):
                opened = opened - {group} if folded else opened | {group, *_ancestors(scene, group)}
    elif isinstance(fold, Iterable):
        opened = set(range(len(scene.groups)))
        for name in fold:
            opened -= _named(scene, name)
    else:
        raise TypeError(f"fold must be True, False, None, a title, a list of titles or a dict, not {fold!r:.40}")
    return _without_cycles(scene, opened)


def _named(scene: Scene, name: Any) -> set[int]:
    found = {i for i, group in enumerate(scene.groups) if name in (group.path, group.title)}
    if not found:
        paths = [group.path for group in scene.groups]
        listed = ", ".join(paths[:12]) + (", ..." if len(paths) > 12 else "")
        hint = did_you_mean(str(name), paths) or (f"; the groups are: {listed}" if paths else "; this graph has no groups")
        raise ValueError(f"fold must name groups of the picture, not {name!r:.40}{hint}")
    return found


def _ancestors(scene: Scene, group: int) -> set[int]:
    found = set()
    parent = scene.groups[group].parent
    while parent is not None:
        found.add(parent)
        parent = scene.groups[parent].parent
    return found


def _automatic(scene: Scene) -> set[int]:
    """Return the open groups: all groups of a small graph; otherwise one kind and depth after the other, while they fit."""
    everything = set(range(len(scene.groups)))
    if not scene.is_large():
        return everything
    depth = [len(_ancestors(scene, group)) for group in everything]
    children: dict[int | None, int] = {}  # number of items directly in a group
    for node in scene.nodes:
        children[node.group] = children.get(node.group, 0) + 1
    for child in scene.groups:
        children[child.parent] = children.get(child.parent, 0) + 1
    in_parts = {group.parent for group in scene.groups if group.kind == "part"}  # opening these would explain nothing
    in_parts |= {i for i, group in enumerate(scene.groups) if group.kind == "part" or (group.kind == "parameters" and depth[i])}
    opened: set[int] = set()
    total = children.get(None, 0)
    tried: set[tuple[str, int]] = set()
    while True:
        visible = [g for g in everything - opened if scene.groups[g].parent is None or scene.groups[g].parent in opened]
        classes: dict[tuple[str, int], list[int]] = {}
        for group in visible:
            classes.setdefault((scene.groups[group].kind, depth[group]), []).append(group)
        classes = {key: found for key, found in classes.items() if key not in tried and not in_parts.intersection(found)}
        if not classes:
            return opened
        key = min(classes, key=lambda key: sum(children.get(g, 0) - 1 for g in classes[key]))
        tried.add(key)
        after = total + sum(children.get(group, 0) - 1 for group in classes[key])
        if after <= MAX_FIRST:
            opened.update(classes[key])
            total = after


def _without_cycles(scene: Scene, opened: set[int]) -> list[int | None]:
    """Return the folded group of each node. A group is opened if a path between two of its nodes leads outside of it."""
    while True:
        outermost: list[
            int | None
        ] = []  # of each group: the outermost folded group that contains it; parents need not be first
        for group in range(len(scene.groups)):
            chain = [group]
            while (parent := scene.groups[chain[-1]].parent) is not None:
                chain.append(parent)
            outermost.append(next((g for g in reversed(chain) if g not in opened), None))
        box = [None if node.group is None else outermost[node.group] for node in scene.nodes]
        in_cycles = _in_cycles(scene, box)
        if not in_cycles:
            return box
        opened = opened | in_cycles


def _in_cycles(scene: Scene, box: list[int | None]) -> set[int]:
    """Return folded groups that are on a cycle, or between cycles. Boxes without inputs or users are removed first."""
    key = [~group if group is not None else i for i, group in enumerate(box)]
    forward: dict[int, set[int]] = {k: set() for k in key}
    backward: dict[int, set[int]] = {k: set() for k in key}
    for i, node in enumerate(scene.nodes):
        for operand in node.operands:
            if key[operand] != key[i]:
                forward[key[operand]].add(key[i])
                backward[key[i]].add(key[operand])
    remaining = set(forward)
    for after, before in ((forward, backward), (backward, forward)):
        count = {k: len(before[k] & remaining) if len(remaining) < len(forward) else len(before[k]) for k in remaining}
        free = [k for k in remaining if not count[k]]
        while free:
            k = free.pop()
            remaining.discard(k)
            for other in after[k]:
                if other in remaining:
                    count[other] -= 1
                    if not count[other]:
                        free.append(other)
    return {~k for k in remaining if k < 0}
