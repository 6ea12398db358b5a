"""Finding the first operation that made a nan or an infinity."""

from __future__ import annotations

import math

from autograd.errors import AnomalyError
from autograd.inspection.stepping import backward_steps
from autograd.inspection.watching import Watcher, in_words
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.inspection.stepping import Step


class detect_anomaly(Watcher):  # noqa: N801 - used like a function
    """Within ``with detect_anomaly():``, the first nan or infinity is an error that says where it comes from.

    In the forward direction that is an operation whose result is nan or infinite; in a backward pass (of ``backward``,
    ``grad``, ``gradients`` and the others that go backward), a contribution to a gradient. The message has the operation,
    the numbers that went in, the line of your code that recorded it, and, for a gradient, the path that it came down.
    Everything takes many times longer and is kept in memory until the block ends: it is for finding mistakes. It is for the
    thread or task that enters it.

    Raises:
        AnomalyError: when it happens, before anything has been changed; no ``.grad`` is.

    >>> from autograd import Value
    >>> x = Value(0.0, label="x")
    >>> with detect_anomaly():
    ...     y = x.sqrt() * 3
    ...     y.backward()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd.errors.AnomalyError: the backward pass finds the gradient inf at x, ...
    """

    def recorded(self, node: Value) -> None:
        """Look at a result."""
        super().recorded(node)
        if not math.isfinite(node.data):
            raise AnomalyError(self._forward(node))

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Go through the pass beforehand, looking at each contribution."""
        came_from: dict[int, Step] = {}  # by node: the latest contribution to it
        for step in backward_steps(root, seed):
            came_from[id(step.operand)] = step
            if not math.isfinite(step.gradient):  # as it is if the contribution is not
                raise AnomalyError(self._backward(step, root, came_from))

    def _forward(self, node: Value) -> str:
        # Given one, an operation is not to blame for giving one; and inside the block it can come only from outside.
        given = [operand for operand in node.operands if not math.isfinite(operand.data)]
        blame = f"; {in_words(given[0])} is {given[0].data!r} already" if given else ""
        operands = "".join(f"\n    {in_words(operand)} = {operand.data!r}, {self.where(operand)}" for operand in node.operands)
        return f"{node.op!r} gave {node.data!r}{blame}; {self.where(node)}; its operands:{operands}"

    def _backward(self, step: Step, root: Value, came_from: dict[int, Step]) -> str:
        node = step.node
        path = [node]
        while path[-1] is not root:
            path.append(came_from[id(path[-1])].node)
        contribution = f"{step.adjoint!r} * {step.partial!r} = {step.contribution!r}"
        inputs = ", ".join(f"{operand.data!r}" for operand in node.operands)
        lines = "".join(f"\n    {in_words(above)} = {above.data!r}, {self.where(above)}" for above in reversed(path))
        return (
            f"the backward pass finds the gradient {step.gradient!r} at {in_words(step.operand)}, where {node.op!r}({inputs}) "
            f"= {node.data!r} passes on its gradient times its derivative, {contribution}; {self.where(node)}; "
            f"the path from the root:{lines}"
        )
