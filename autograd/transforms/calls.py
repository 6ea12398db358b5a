"""One call of a function that is to be differentiated: its numbers become Values, and what it returns is looked at.

The transforms of ``transforms.py`` are written with it. Here is also what they refuse, and in which words.
"""

from __future__ import annotations

import operator
from contextvars import ContextVar

from autograd.base.modes import NO_GRAD_DEPTH, change_no_grad_depth
from autograd.topology import topological_order
from autograd.transforms.pytrees import Structure, flatten, flatten_arguments, format_path, paths
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    Function: TypeAlias = Callable[..., Any]
    Argnums: TypeAlias = int | Sequence[int]  # the position of an argument, or several

# Whether a function is being differentiated: then inner derivatives are to be differentiable too.
IS_INSIDE: ContextVar[bool] = ContextVar("autograd.is_inside", default=False)


class Recording:
    """A block in which operations are recorded, ``no_grad`` or not."""

    def __enter__(self) -> None:
        self.depth = NO_GRAD_DEPTH.get()
        if self.depth:
            change_no_grad_depth(-self.depth)

    def __exit__(self, *exception: object) -> None:
        if self.depth:
            change_no_grad_depth(self.depth)


class Call:
    """One call of the function, with Values in the place of the numbers in some of its arguments.

    Attributes:
        inputs: those Values, in order.
        structure: how they are arranged: a tuple of the arguments.
        result: what the function returned.
        create_graph: whether the derivatives are to be Values.
        is_single: whether the derivative is by one argument, not by a tuple of arguments.
        unused: what to do about an input that the result does not depend on: ``"zero"`` or ``"error"``.
    """

    def __init__(
        self, f: Function, argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any], create_graph: bool, unused: str
    ) -> None:
        self.name = getattr(f, "__name__", "the function")
        self.is_single = not isinstance(argnums, tuple | list)
        self.unused = unused
        self.arguments = {i: args[i] for i in _positions(argnums, len(args), self.name)}
        numbers, self.structure = flatten_arguments(self.arguments)
        self.create_graph = create_graph or IS_INSIDE.get() or any(isinstance(number, Value) for number in numbers)
        with Recording():
            # A Value gets a node of its own: the function may use the same Value besides, as a constant.
            self.inputs = [number * 1.0 if isinstance(number, Value) else Value(number) for number in numbers]
            arguments = list(args)
            for i, value in zip(self.arguments, self.structure.unflatten(self.inputs), strict=True):
                arguments[i] = value
            before = IS_INSIDE.get()
            IS_INSIDE.set(True)
            try:
                self.result = f(*arguments, **kwargs)
            finally:
                # Not reset(): Python 3.11 may collect garbage within it, and then goes on with what a __del__ looked up there.
                IS_INSIDE.set(before)

    def one_output(self, transform: str) -> Value:
        """The result, which must be one Value."""
        result = self.result
        if getattr(result, "shape", None) == () and hasattr(result, "item"):
            result = result.item()  # what NumPy makes of a sum, for example
        if isinstance(result, Value):
            self._check_used([result])
            return result
        self._check_not_none()
        if isinstance(result, int | float):
            raise TypeError(
                f"{self.name} returned the number {result!r}, which does not depend on its arguments by way of Values: "
                "did it use v.data, float(v) or a function that is not autograd's? Return a Value"
            )
        raise TypeError(
            f"{self.name} returned a {type(result).__name__}, but {transform} takes functions that return one Value: "
            "add the outputs up, or use autograd.jacobian for many"
        )

    def outputs(self, transform: str) -> tuple[list[Any], Structure]:
        """The numbers in the result, at least one of them a Value, and how they are arranged."""
        self._check_not_none()
        outputs, structure = flatten(self.result, f"the result of {self.name}")
        if not any(isinstance(output, Value) for output in outputs):
            raise TypeError(
                f"{self.name} returned no Value, so there is nothing for {transform} to differentiate: "
                "did it use v.data, float(v) or a function that is not autograd's?"
            )
        self._check_used(outputs)
        return outputs, structure

    def finished(self, outputs: list[Any]) -> list[Any]:
        """The numbers of the outputs, or the outputs themselves where the graph is wanted."""
        if self.create_graph:
            return outputs
        return [output.data if isinstance(output, Value) else float(output) for output in outputs]

    def unpacked(self, derivative: tuple[Any, ...]) -> Any:
        """The derivative by the one argument, or the tuple of those by all."""
        return derivative[0] if self.is_single else derivative

    def _check_not_none(self) -> None:
        if self.result is None:
            raise TypeError(f"{self.name} returned None; return the Value to differentiate")

    def _check_used(self, outputs: list[Any]) -> None:
        names = (f"argument {path[0]}{format_path(path[1:])}" for i, x in self.arguments.items() for path in paths(x, (i,)))
        check_used(outputs, self.inputs, names, self.unused)


# ---- what is refused ----------------------------------------------------------------------------------------------


def check_transform(transform: str, f: object, argnums: Any = 0, unused: str = "zero") -> None:
    """Refuse what can be seen to be wrong before there are arguments.

    Raises:
        TypeError: if ``f`` is not a function, or ``argnums`` not a position or several.
        ValueError: if ``argnums`` are none or twice the same, or ``unused`` is unknown.
    """
    check_function(transform, f)
    check_unused(unused)
    positions = argnums if isinstance(argnums, tuple | list) else (argnums,)
    for position in positions:
        if isinstance(position, bool) or not hasattr(position, "__index__") or hasattr(position, "__len__"):
            raise TypeError(
                f"argnums must be the position of an argument or a tuple of positions, not {argnums!r:.40}; "
                f"{transform}(f) returns a function, and that is called with the arguments: {transform}(f)(x)"
            )
    if not positions:
        raise ValueError(f"argnums = {argnums!r}: there must be an argument to differentiate by")


def check_function(transform: str, f: object) -> None:
    """Raise a TypeError that names the way out if ``f`` is not a function."""
    if callable(f):
        return
    way_out = "pass the function itself, not what it returns"
    if isinstance(f, Value):
        way_out += "; of a Value, gradients(y, x) is the derivative by another"
    raise TypeError(f"{transform} takes a function to differentiate, not {type(f).__name__} ({f!r:.40}); {way_out}")


def check_unused(unused: str) -> None:
    """Raise a ValueError if ``unused`` is not one of the words for what to do."""
    if unused not in ("zero", "error"):
        raise ValueError(f"unknown unused: {unused!r} (must be 'zero' or 'error')")


def check_used(outputs: list[Any], inputs: list[Value], names: Iterable[str], unused: str) -> None:
    """If ``unused`` is ``"error"``, raise a ValueError for an input on which no output depends."""
    if unused == "error":
        below = {id(node) for output in outputs if isinstance(output, Value) for node in topological_order(output)}
        for name, value in zip(names, inputs, strict=True):
            if id(value) not in below:
                raise ValueError(
                    f"the output does not depend on {name}, {value!r}; "
                    "leave it out, or pass unused='zero' to get 0.0 as its derivative"
                )


def _positions(argnums: Argnums, count: int, name: str) -> Iterator[int]:
    seen = set()
    for position in argnums if isinstance(argnums, tuple | list) else (argnums,):
        if not -count <= operator.index(position) < count:
            raise ValueError(
                f"argnums = {argnums!r}, but {name} was called with {count} positional argument{'s' * (count != 1)}; "
                "arguments to differentiate by must be given by position"
            )
        found = operator.index(position) % count
        if found in seen:
            raise ValueError(f"argnums = {argnums!r} has argument {found} twice; leave one out")
        seen.add(found)
        yield found
