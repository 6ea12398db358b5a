"""Show the gradients in the middle of a backward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd import Value, backward_steps
from visualize.boxes.style import number

if TYPE_CHECKING:
    from visualize.boxes.style import Look
    from visualize.scene.facts import Scene


def show_steps(scene: Scene, roots: list[Value], count: int, look: Look) -> tuple[int, int, str] | None:
    """Replace the gradients with those after the first ``count`` contributions of a backward pass.

    Returns:
        The last contribution: the index of a node, the position of its operand, and the number. None if ``count`` is 0.

    Raises:
        ValueError: If there are several roots, or fewer contributions.

    Example:
        >>> from visualize.scene.scene import describe
        >>> from visualize.boxes.style import Look
        >>> x = Value(3.0, label="x")
        >>> y = x * 2
        >>> scene = describe(y)
        >>> show_steps(scene, [y], 1, Look()), scene.nodes[0].gradient, scene.caption
        ((2, 0, '+2'), 2.0, 'dv2/dx += dv2/dv2 * dv2/dx = 1.0 * 2.0 = 2.0, now 2.0')
    """
    if len(roots) > 1:
        raise ValueError(f"steps needs one result, not {len(roots)}; draw each result alone")
    steps = list(backward_steps(roots[0]))
    if len(steps) < count:
        raise ValueError(f"steps must be at most {len(steps)}, the number of contributions to gradients here, not {count}")
    for node in scene.nodes:
        node.gradient, node.source, node.gradient_origin = None, "", None
    scene.nodes[scene.roots[0]].gradient = 1.0
    for step in steps[:count]:
        scene.nodes[scene.index(step.operand)].gradient = step.gradient
    if not count:
        scene.caption = f"before the first of {len(steps):,} contributions: d{scene.nodes[scene.roots[0]].name} = 1"
        return None
    last = steps[count - 1]
    places = scene.roots[0], scene.index(last.node), scene.index(last.operand)
    root, user, operand = (scene.nodes[i].name for i in places)
    scene.caption = str(last._replace(names=(root, user, operand)))
    sign = "+" if last.contribution >= 0 else ""
    return places[1], last.position, f"{sign}{number(last.contribution, look.digits)}"
