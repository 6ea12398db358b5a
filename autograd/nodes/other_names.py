"""Names that other libraries use for the attributes of a Value. Reading one of them raises an error that states our name.

The names are descriptors, which Python asks only when they are used. A method ``__getattr__`` would slow every method call:
Python then creates a bound method for ``x.tanh()`` that it otherwise does not need.
"""

from __future__ import annotations

from autograd.value import Value, add_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_NUMBER = "x.data is its number"
_ONE = "a Value is one number, not an array; "
REMEDIES = {
    **dict.fromkeys(("value", "val", "item", "numpy", "tolist", "number", "result"), _NUMBER),
    **dict.fromkeys(("gradient", "gradients", "derivative", "adjoint"), "use x.grad after y.backward()"),
    **dict.fromkeys(("children", "parents", "inputs", "prev", "args"), "use x.operands"),
    **dict.fromkeys(("_prev", "_children"), "use x.operands, or import Value from autograd.micrograd"),
    **dict.fromkeys(("operation", "operator", "grad_fn"), "use x.op"),
    "_op": "use x.op, or import Value from autograd.micrograd",
    "_backward": "use x.partials, or import Value from autograd.micrograd; autograd.primitive defines a new operation",
    "name": "use x.label",
    "is_leaf": "use `not x.op`",
    "clone": "use x itself: no operation changes it; x.detach() is a leaf with the same number, without a gradient",
    "copy": "use x.detach() for a leaf with the same number, or copy.copy(x)",
    **dict.fromkeys(("requires_grad", "requires_grad_"), "every Value records; use `with autograd.no_grad():` to avoid it"),
    "retain_grad": "every Value keeps the gradient of the latest pass in x.grad",
    "backprop": "use y.backward()",
    **dict.fromkeys(("shape", "ndim", "dtype", "T", "size", "reshape", "flatten"), f"{_ONE}{_NUMBER}"),
    **dict.fromkeys(("cuda", "cpu", "to"), "a Value is a float in main memory"),
    "zero_": "assign x.data = 0.0",
    **dict.fromkeys(("sum", "mean", "prod", "norm", "softmax", "dot"), f"{_ONE}autograd.NAME accepts a list of Values"),
    **dict.fromkeys(("max", "argmax"), f"{_ONE}use max(values), or autograd.maximum(x, y)"),
    **dict.fromkeys(("min", "argmin"), f"{_ONE}use min(values), or autograd.minimum(x, y)"),
    **dict.fromkeys(("plot", "show", "render"), "use y.draw()"),
    "ln": "use x.log()",
    "sqr": "use x.square() or x**2",
    "power": "use x**n",
    "explore": "use visualize.explore(y)",
    **dict.fromkeys(("save", "write"), "use y.draw().write('y.svg') for a picture, or pickle for the graph"),
    **dict.fromkeys(("to_latex", "latex"), "use autograd.to_latex(y)"),
    **dict.fromkeys(("steps", "backward_steps"), "use autograd.backward_steps(y)"),
    "leaves": "use autograd.leaves(y)",
    "gradcheck": "use autograd.gradcheck(f, x), where f is a function of numbers",
    **dict.fromkeys(("forward", "recompute"), "a Value is computed once; change the data of leaves and compute it again"),
    **dict.fromkeys(("update", "step"), "use x.data -= lr * x.grad, or an optimizer such as nn.SGD"),
    **dict.fromkeys(("d", "local_derivatives"), "use y.partials, or autograd.gradients(y, x)"),
    "graph": "use autograd.topological_order(y) for its nodes, or y.draw()",
    "print": "use print(y), or print(y.draw().to_text()) for the graph",
    "id": "use id(x)",
}


class _OtherName:
    """An attribute that does not exist. Reading or assigning it raises an AttributeError with a remedy."""

    def __init__(self, name: str, remedy: str) -> None:
        self.__doc__ = f"Not an attribute of a Value: {remedy}."
        self._message = f"a Value has no attribute {name!r}; {remedy}"

    def __get__(self, value: Any, owner: Any = None) -> NoReturn:
        # With a name, Python would add the name of an attribute that is spelled in a similar way.
        raise AttributeError(self._message, name=None, obj=None)

    def __set__(self, value: Any, new: Any) -> NoReturn:
        raise AttributeError(self._message, name=None, obj=None)


def _dir(self: Value) -> list[str]:
    """Return the names of the attributes, without the names of this file."""
    own = vars(Value)
    return [name for name in object.__dir__(self) if not isinstance(own.get(name), _OtherName)]


for _name, _remedy in REMEDIES.items():
    add_method(_name, _OtherName(_name, _remedy.replace("NAME", _name)))  # type: ignore[arg-type]  # like a property
add_method("__dir__", _dir)
