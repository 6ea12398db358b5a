"""Evaluation of a function to be differentiated: Values replace the numbers in its arguments, and its result is checked.

The transforms in ``derivatives.py`` use this file. It also contains their argument checks and error messages.
"""

from __future__ import annotations

import operator
from contextvars import ContextVar

from autograd.base.modes import NO_GRAD_DEPTH, change_no_grad_depth
from autograd.base.real import is_real
from autograd.shared import counted, warn
from autograd.topology import topological_order
from autograd.transforms.error_notes import add_note
from autograd.transforms.joined_lists import describe_joined
from autograd.transforms.pytrees import Structure, flatten, flatten_arguments, format_path, map_leaves, paths
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    Function: TypeAlias = Callable[..., Any]
    Argnums: TypeAlias = int | Sequence[int]  # the position of one argument, or a sequence of positions

# Whether a function is being differentiated. Derivatives computed inside it must then be differentiable, too.
IS_DIFFERENTIATING: ContextVar[bool] = ContextVar("autograd.is_inside", default=False)


class recording_enabled:  # noqa: N801 - used like a function
    """A ``with`` block in which operations are recorded, even inside ``no_grad``."""

    def __enter__(self) -> None:
        self.depth: int = NO_GRAD_DEPTH.get()
        if self.depth:
            change_no_grad_depth(-self.depth)

    def __exit__(self, *exception: object) -> None:
        if self.depth:
            change_no_grad_depth(self.depth)


class Evaluation:
    """The result of calling a function with Values in place of the numbers in the arguments to differentiate.

    Attributes:
        name: The name of the function, for error messages.
        inputs: The Values, in order.
        structure: The structure of the inputs: a tuple of the arguments.
        arguments: The original arguments, by position.
        result: The result of the function.
        create_graph: Whether the derivatives are Values.
        is_single: Whether the derivative is with respect to one argument, instead of a tuple of arguments.
        unused: The treatment of an input that the result does not depend on: ``"zero"`` or ``"error"``.
        has_aux: Whether the function returns a pair ``(result, aux)``.
        aux: The second item of the pair; None without ``has_aux``.
    """

    def __init__(
        self, f: Function, argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any], create_graph: bool, unused: str,
        has_aux: bool = False,
    ) -> None:  # fmt: skip
        self.function = f
        self.name: str = getattr(f, "__name__", "the function")
        self.is_single: bool = not isinstance(argnums, tuple | list)
        self.unused = unused
        if kwargs:
            args = by_position(f, args, kwargs, argnums)
        self.arguments: dict[int, Any] = {i: args[i] for i in _positions(argnums, len(args), self.name)}
        self.structure: Structure
        numbers, self.structure = flatten_arguments(self.arguments)
        self.create_graph: bool = (
            create_graph or IS_DIFFERENTIATING.get() or any(isinstance(number, Value) for number in numbers)
        )
        with recording_enabled():
            # A Value is replaced by a new node, because the function may also use the same Value as a constant.
            self.inputs: list[Any] = [number * 1.0 if isinstance(number, Value) else Value(number) for number in numbers]
            arguments = list(args)
            for i, value in zip(self.arguments, self.structure.unflatten(self.inputs), strict=True):
                arguments[i] = value
            before = IS_DIFFERENTIATING.get()
            IS_DIFFERENTIATING.set(True)
            try:
                self.result: Any = f(*arguments, **kwargs)
            except TypeError as problem:
                add_note(problem, [(f"argument {i}", thing) for i, thing in enumerate(arguments)])
                raise
            finally:
                # Not reset(): Python 3.11 may collect garbage within it, and a __del__ that reads the variable corrupts it.
                IS_DIFFERENTIATING.set(before)
        self.has_aux = has_aux
        self.aux: Any = self._split_aux() if has_aux else None

    def _split_aux(self) -> Any:
        """Split the result of the function, a pair. Return its second item, with floats for Values as in ``as_results``."""
        if not isinstance(self.result, tuple) or len(self.result) != 2:
            shown = f"{type(self.result).__name__} ({self.result!r:.40})"
            raise TypeError(
                f"{self.name} must return a pair (result, aux) with has_aux=True, not {shown}; omit has_aux otherwise"
            )
        self.result, aux = self.result
        return aux if self.create_graph else map_leaves(lambda item: item.data if isinstance(item, Value) else item, aux)

    def single_output(self, transform: str) -> Value:
        """Return the result, which must be a single Value or number. A number is a constant, whose derivatives are 0."""
        result = self.result
        if getattr(result, "shape", None) == () and hasattr(result, "item"):
            result = result.item()  # such as the result of np.sum
        if isinstance(result, Value) or is_real(result):
            self._check_used([result])
            return result if isinstance(result, Value) else Value(result)
        self._check_not_none()
        raise TypeError(
            f"{self.name} must return one Value to be differentiated by {transform}, not {type(result).__name__}; "
            "add the outputs, or use autograd.jacobian for several" + ", or has_aux=True for a pair" * isinstance(result, tuple)
        )

    def outputs(self) -> tuple[list[Any], Structure]:
        """Return the numbers in the result, and the structure of the result. Numbers are constants, as in `single_output`."""
        self._check_not_none()
        if isinstance(self.result, list | tuple | dict):
            names = [f"argument {i}" for i in self.arguments]
            joined = describe_joined(self.result, zip(names, self.structure.unflatten(self.inputs), strict=True), self.function)
            if joined:
                warn(f"{joined}: np.array(...)")
        outputs, structure = flatten(self.result, f"the result of {self.name}")
        self._check_used(outputs)
        return outputs, structure

    def as_results(self, outputs: list[Any]) -> list[Any]:
        """Return the outputs as floats, or unchanged if ``create_graph`` is true."""
        if self.create_graph:
            return outputs
        return [output.data if isinstance(output, Value) else float(output) for output in outputs]

    def with_aux(self, derivative: Any) -> Any:
        """Return the derivative, or the pair ``(derivative, aux)`` if the function returns a pair."""
        return (derivative, self.aux) if self.has_aux else derivative

    def unpack(self, derivative: tuple[Any, ...]) -> Any:
        """Return the derivative with respect to the single argument, or the tuple for all arguments."""
        return derivative[0] if self.is_single else derivative

    def _check_not_none(self) -> None:
        if self.result is None:
            raise TypeError(f"{self.name} must return the Value to differentiate, not None")

    def _check_used(self, outputs: list[Any]) -> None:
        names = (f"argument {path[0]}{format_path(path[1:])}" for i, x in self.arguments.items() for path in paths(x, (i,)))
        check_used(outputs, self.inputs, names, self.unused)


# ---- argument checks ----------------------------------------------------------------------------------------------


def check_transform(transform: str, f: object, argnums: Any = 0, unused: str = "zero") -> None:
    """Check the options of a transform, before the function is called.

    Raises:
        TypeError: If ``f`` is not callable, or ``argnums`` is not a position or a sequence of positions.
        ValueError: If ``argnums`` is empty, or ``unused`` is unknown.
    """
    check_function(transform, f)
    check_unused(unused)
    positions = argnums if isinstance(argnums, tuple | list) else (argnums,)
    for position in positions:
        if isinstance(position, bool) or not hasattr(position, "__index__") or hasattr(position, "__len__"):
            raise TypeError(
                f"argnums must be the position of an argument or a tuple of positions, not {argnums!r:.40}; "
                f"{transform}(f) returns a function that takes the arguments: {transform}(f)(x)"
            )
    if not positions:
        raise ValueError(f"argnums must contain at least one position, not {argnums!r}")
    if argnums != 0:
        _check_signature(transform, f, [operator.index(position) for position in positions], argnums)


def _check_signature(transform: str, f: Any, positions: list[int], argnums: Any) -> None:
    """Raise a ValueError for a position that the function does not have, as in ``grad(f, 3)`` instead of ``grad(f)(3)``."""
    import inspect  # slow to import, and rarely needed

    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # a function of C, whose signature is unknown
        return
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return
    count = sum(parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD) for parameter in parameters)
    if not all(-count <= position < count for position in positions):
        name = getattr(f, "__name__", "the function")
        raise ValueError(
            f"argnums = {argnums!r:.40}, but {name} takes {counted(count, 'positional argument')}; "
            f"{transform}(f) returns a function that takes the arguments: {transform}(f)(x)"
        )


def check_function(transform: str, f: object) -> None:
    """Raise a TypeError that suggests a remedy if ``f`` is not callable."""
    if callable(f):
        return
    remedy = "pass the function itself, not its result"
    if isinstance(f, Value):
        remedy += "; gradients(y, x) computes the derivative of a Value"
    raise TypeError(f"{transform} takes a function to differentiate, not {type(f).__name__} ({f!r:.40}); {remedy}")


def check_unused(unused: str) -> None:
    """Raise a ValueError if ``unused`` is not ``"zero"`` or ``"error"``."""
    if unused not in ("zero", "error"):
        raise ValueError(f"unused must be 'zero' or 'error', not {unused!r}")


def check_used(outputs: list[Any], inputs: list[Value], names: Iterable[str], unused: str) -> None:
    """If ``unused`` is ``"error"``, raise a ValueError for the first input that no output depends on."""
    if unused == "error":
        used = {id(node) for output in outputs if isinstance(output, Value) for node in topological_order(output)}
        for name, value in zip(names, inputs, strict=True):
            if id(value) not in used:
                raise ValueError(
                    f"the output does not depend on {name}, {value!r}; omit it, or pass unused='zero' for a derivative of 0.0"
                )


def by_position(f: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: Argnums) -> Sequence[Any]:
    """Return the positional arguments of a call, after moving those from ``kwargs`` that ``argnums`` refers to.

    >>> kwargs = {"x": 2.0, "y": 3.0, "option": True}
    >>> by_position(lambda x, y, option: x, [], kwargs, 1), kwargs
    ([2.0, 3.0], {'option': True})
    """
    highest = max(argnums if isinstance(argnums, tuple | list) else (argnums,))
    if highest < len(args):
        return args
    import inspect  # slow to import, and rarely needed

    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # a function of C, whose signature is unknown
        return args
    needed = list(parameters)[len(args) : highest + 1]
    if len(args) + len(needed) <= highest or not all(p.kind is p.POSITIONAL_OR_KEYWORD and p.name in kwargs for p in needed):
        return args
    return [*args, *[kwargs.pop(p.name) for p in needed]]


def _positions(argnums: Argnums, count: int, name: str) -> Iterator[int]:
    seen = set()
    for position in argnums if isinstance(argnums, tuple | list) else (argnums,):
        if not -count <= operator.index(position) < count:
            raise ValueError(
                f"argnums = {argnums!r}, but {name} was called with {counted(count, 'positional argument')}; "
                "pass the arguments to differentiate by position"
            )
        found = operator.index(position) % count
        if found in seen:
            raise ValueError(f"argnums must not contain an argument twice, but argument {found} occurs twice in {argnums!r}")
        seen.add(found)
        yield found
