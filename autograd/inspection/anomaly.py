"""``detect_anomaly``: find the first operation that produces a nan or an infinity."""

from __future__ import annotations

import math

from autograd.errors import AnomalyError
from autograd.inspection.backward_steps import backward_steps
from autograd.inspection.watching import Watcher, describe
from autograd.shared import suggesting
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.inspection.backward_steps import Step


class detect_anomaly(Watcher):  # noqa: N801 - used like a function
    """Raise an error at the first nan or infinity within ``with detect_anomaly():``.

    An operation raises the error if its result is nan or infinite. A backward pass raises the error if it computes a gradient
    that is nan or infinite. All backward passes are checked: ``backward``, ``gradients``, ``grad`` and every other transform
    that runs backward. The message states the operation, its operands and the line of your code that recorded it. For a
    gradient, the message also lists the path from the root.

    The block runs many times slower and keeps all its nodes in memory until it ends. Use it only to find mistakes. It applies
    to the thread or task that enters it.

    Raises:
        AnomalyError: At the first nan or infinity. No ``.grad`` has changed when it is raised.

    Example:
        >>> from autograd import Value
        >>> x = Value(0.0, label="x")
        >>> with detect_anomaly():
        ...     y = x.sqrt() * 3
        ...     y.backward()  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        autograd.errors.AnomalyError: the backward pass of 'sqrt'(0.0) = 0.0 adds 3.0 * inf = inf (its gradient times ...
    """

    @suggesting("with detect_anomaly(): ...")
    def __init__(self) -> None:
        super().__init__()

    def recorded(self, node: Value) -> None:
        """Check the result of an operation."""
        super().recorded(node)
        if not math.isfinite(node.data):
            raise AnomalyError(self._forward_message(node))

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Check every contribution of a backward pass before it starts."""
        last_steps: dict[int, Step] = {}  # the latest contribution to each node, by id
        for step in backward_steps(root, seed=seed):
            last_steps[id(step.operand)] = step
            if not math.isfinite(step.gradient):  # includes contributions that are not finite
                raise AnomalyError(self._backward_message(step, root, last_steps))

    def _forward_message(self, node: Value) -> str:
        # An operation is not the cause if one of its operands is not finite. The operand is then a leaf or was computed before
        # the block, because an operation within the block raises an error if its result is not finite.
        not_finite = [operand for operand in node.operands if not math.isfinite(operand.data)]
        cause = f"; its operand {describe(not_finite[0])} was already {not_finite[0].data!r}" if not_finite else ""
        operands = "".join(f"\n    {describe(operand)} = {operand.data!r}, {self.origin(operand)}" for operand in node.operands)
        return f"{node.op!r} returned {node.data!r}{cause}; {self.origin(node)}; its operands:{operands}"

    def _backward_message(self, step: Step, root: Value, last_steps: dict[int, Step]) -> str:
        node = step.node
        path = [node]
        while path[-1] is not root:
            path.append(last_steps[id(path[-1])].node)
        operands = ", ".join(f"{operand.data!r}" for operand in node.operands)
        lines = "".join(f"\n    {describe(above)} = {above.data!r}, {self.origin(above)}" for above in reversed(path))
        return (
            f"the backward pass of {node.op!r}({operands}) = {node.data!r} adds {step.adjoint!r} * {step.partial!r} = "
            f"{step.contribution!r} (its gradient times the partial derivative) to the gradient of {describe(step.operand)}, "
            f"which becomes {step.gradient!r}; {self.origin(node)}; the path from the root:{lines}"
        )
