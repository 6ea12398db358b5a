"""``Value`` with the attributes that micrograd gives it: ``_prev``, ``_op`` and ``_backward``."""

from __future__ import annotations

from autograd import ops
from autograd.nodes.parts import blocks_operand, operands_of, partials_of, row_and_operands
from autograd.value import Value, add_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Value"]


def _has_constant_exponent(node: Value) -> bool:
    """Return whether the node is a power such as ``x**3``, whose exponent micrograd stores in the operation."""
    code, _, operands = row_and_operands(node)
    return bool(operands) and code == ops.pow.code and not isinstance(operands[1], Value)


def _prev(self: Value) -> set[Value]:
    """The operands as a set, empty for a leaf. Constants are Values, except the exponent of a power."""
    children = self.operands[:1] if _has_constant_exponent(self) else self.operands
    for node in (self, *children):
        if node.label is None:
            node.label = ""  # has the same meaning, and code that draws labels does not write "None"
    return set(children)


def _op(self: Value) -> str:
    """The operation, such as ``"+"``, ``"**3"`` or ``"ReLU"``; ``""`` for leaves and constants."""
    if _has_constant_exponent(self):
        return f"**{operands_of(self)[1]:g}"
    return {"const": "", "relu": "ReLU"}.get(self.op, self.op)


def _backward(self: Value) -> Callable[[], None]:
    """A function that adds the contributions of this node to the gradients of its operands."""

    def backward() -> None:
        for i, (operand, partial) in enumerate(zip(operands_of(self), partials_of(self), strict=True)):
            if partial is not None and not blocks_operand(self, i):
                operand.grad += partial * self.grad

    return backward


for _method in (_prev, _op, _backward):
    add_method(_method.__name__, property(_method))
