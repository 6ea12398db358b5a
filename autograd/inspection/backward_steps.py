"""Backpropagation as a sequence of single contributions."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from autograd.base.real import as_float, refusal
from autograd.base.typesetting import printable
from autograd.inspection.names import node_names
from autograd.nodes.parts import blocks_operand
from autograd.shared import refuse_non_value, suggesting
from autograd.topology import reached_nodes
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

MAX_PRINTED = 50


class Step(NamedTuple):
    """One contribution to the gradient of one operand. ``print`` shows it as a line.

    Attributes:
        node: The Value whose gradient is complete and is now propagated to its operands.
        operand: The operand that receives the contribution.
        position: Index of the operand in ``node.operands``.
        adjoint: Derivative of the root with respect to ``node``, times the seed.
        partial: Derivative of ``node`` with respect to the operand, saved when ``node`` was recorded.
        contribution: ``adjoint * partial``.
        gradient: Sum of all contributions to ``operand`` so far, including this one.
        names: Names of the root, the node and the operand. Each name is the label of the Value (``x_2`` for a second ``x``)
            or ``v1``, ``v2``, ... in the order of the graph.

    Example:
        >>> from autograd import Value, backward_steps
        >>> x = Value(3.0, label="x")
        >>> step = next(backward_steps(x * 2))
        >>> step.adjoint, step.partial, step.contribution
        (1.0, 2.0, 2.0)
    """

    node: Value
    operand: Value
    position: int
    adjoint: float
    partial: float
    contribution: float
    gradient: float
    names: tuple[str, str, str]

    def __repr__(self) -> str:
        root, node, operand = map(printable, self.names)
        return (
            f"d{root}/d{operand} += d{root}/d{node} * d{node}/d{operand} "
            f"= {self.adjoint!r} * {self.partial!r} = {self.contribution!r}, now {self.gradient!r}"
        )


@suggesting()
def backward_steps(root: Value, *, seed: float = 1.0) -> Steps:
    """List the contributions of ``root.backward(seed)``, in the order in which it adds them.

    No ``.grad`` changes, and the iteration may stop anywhere. The last ``gradient`` of each operand is bit for bit the
    number that ``backward`` adds to the ``.grad`` of a leaf, or stores in the ``.grad`` of a computed Value. No
    contribution passes to an operand that is not selected, such as a branch of ``where`` or a negative operand of ``relu``.

    Args:
        root: The result, whose gradient is propagated.
        seed: Gradient of ``root`` itself.

    Returns:
        An iterator of ``Step``. ``print`` shows all steps.

    Raises:
        TypeError: If ``root`` is not a Value or ``seed`` is not a real number.

    Example:
        >>> from autograd import Value, backward_steps
        >>> x = Value(3.0, label="x")
        >>> y = x * x + 2 * x
        >>> y.label = "y"
        >>> backward_steps(y)
        dy/dv2 += dy/dy * dy/dv2 = 1.0 * 1.0 = 1.0, now 1.0
        dy/dv3 += dy/dy * dy/dv3 = 1.0 * 1.0 = 1.0, now 1.0
        dy/dx += dy/dv3 * dv3/dx = 1.0 * 2.0 = 2.0, now 2.0
        dy/dx += dy/dv2 * dv2/dx = 1.0 * 3.0 = 3.0, now 5.0
        dy/dx += dy/dv2 * dv2/dx = 1.0 * 3.0 = 3.0, now 8.0
    """
    if not isinstance(root, Value):
        rule = "the root of backward_steps() must be a Value"
        refuse_non_value(root, rule)
        raise TypeError(refusal(root, rule))
    return Steps(root, as_float(seed, "the seed of backward_steps()"))


class Steps:
    """Iterator over the steps of one backward pass.

    ``print`` always shows all steps, including those already consumed. Only the first 50 are written out.

    Example:
        >>> from autograd import Value, backward_steps
        >>> x = Value(3.0, label="x")
        >>> steps = backward_steps(x * x)
        >>> next(steps).gradient
        3.0
        >>> [step.gradient for step in steps]
        [6.0]
    """

    def __init__(self, root: Value, seed: float) -> None:
        self._root: Value = root
        self._seed: float = seed
        self._remaining: Iterator[Step] = _steps(root, seed)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Step:
        return next(self._remaining)

    def __repr__(self) -> str:
        steps = _steps(self._root, self._seed)
        lines = [str(step) for step in itertools.islice(steps, MAX_PRINTED)]
        more = sum(1 for _ in steps)
        lines += [f"and {more:,} more"] if more else []
        return "\n".join(lines) or f"<no steps: {self._root!r} has no operand that receives a gradient>"


def _steps(root: Value, seed: float) -> Iterator[Step]:
    names = {id(node): name for node, name in node_names(root).items()}
    gradients = {id(root): seed}  # only of nodes that a gradient reaches
    root_name = names[id(root)]
    for node in reversed(reached_nodes(root)):
        key = id(node)
        if key not in gradients:
            continue
        adjoint, name = gradients[key], names[key]
        for position, operand, partial in gradient_edges(node):
            below, contribution = id(operand), adjoint * partial
            gradient = gradients[below] = gradients.get(below, 0.0) + contribution
            yield Step(node, operand, position, adjoint, partial, contribution, gradient, (root_name, name, names[below]))


def nodes_with_gradient(root: Value) -> list[Value]:
    """Return ``root`` and the Values that receive a contribution to their gradient, each after its operands."""
    nodes = reached_nodes(root)
    found = {id(root)}
    for node in reversed(nodes):
        if id(node) in found:
            found.update([id(operand) for _, operand, _ in gradient_edges(node)])
    return [node for node in nodes if id(node) in found]


def gradient_edges(node: Value) -> list[tuple[int, Value, float]]:
    """Return the operands that receive a gradient from ``node``, each as (position, operand, partial derivative)."""
    pairs = enumerate(zip(node.operands, node.partials, strict=True))
    return [
        (position, operand, partial)
        for position, (operand, partial) in pairs
        if partial is not None and not blocks_operand(node, position)
    ]
