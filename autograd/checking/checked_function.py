"""The function under check and its stated derivatives, as functions of one flat list of floats."""

from __future__ import annotations

from autograd.base.real import as_float, is_real, same_number
from autograd.base.signatures import accepts
from autograd.checking.adapters import adapt
from autograd.no_grad import no_grad
from autograd.transforms.derivatives import hessian, value_and_grad
from autograd.transforms.pytrees import flatten_arguments, format_path, paths
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.checking.adapters import Adapter
    from autograd.transforms.pytrees import Path, Structure  # a path: the position of an argument, then keys and indices


class CheckedFunction:
    """A function, its inputs, and its stated derivatives.

    Args:
        f, inputs, gradient: See ``gradcheck``.

    Attributes:
        adapter: What calls the function if it belongs to another library, such as PyTorch; else None.
        name: Name of the function.
        numbers: All inputs as one flat list of floats.
        paths: Path of each input in the arguments.
        structure: Structure of the arguments.

    Raises:
        TypeError: If an input is not a number, or ``f`` cannot be called with the inputs.
        ValueError: If there are no inputs.
    """

    def __init__(self, f: Callable[..., Any], inputs: Any, gradient: Callable[..., Any] | None) -> None:
        arguments = inputs if type(inputs) is tuple else (inputs,)
        adapter = adapt(f, arguments)
        numbers, structure = (
            flatten_arguments(dict(enumerate(arguments))) if adapter is None else (adapter.numbers, adapter.structure)
        )
        if not numbers:
            raise ValueError("the inputs of gradcheck() must contain at least one number")
        self.f: Callable[..., Any] = f
        self.adapter: Adapter | None = adapter
        self.stated_gradient: Callable[..., Any] | None = gradient
        self.name: str = getattr(f, "__name__", type(f).__name__)
        self.numbers: list[float] = [number.data if isinstance(number, Value) else as_float(number) for number in numbers]
        self.paths: list[Path] = [path for i, argument in enumerate(arguments) for path in paths(argument, (i,))]
        self.structure: Structure = structure
        if not accepts(f, len(arguments)):
            raise TypeError(
                f"{self.name} cannot be called with {len(arguments)} argument{'s' * (len(arguments) != 1)}, as given to "
                "gradcheck(); pass several arguments as a tuple, gradcheck(f, (x, y)), because a list is one argument"
            )

    @property
    def has_one_argument(self) -> bool:
        """Whether the function is called with one argument."""
        return len(self.structure.tree) == 2  # the kind and one child

    def input_name(self, i: int) -> str:
        """Return the name of input ``i`` in reports: ``"argument 0['w'][1]"``."""
        return _name(self.paths[i])

    def moved(self, i: int, number: float) -> list[float]:
        """Return the inputs with input ``i`` replaced by ``number``."""
        return [*self.numbers[:i], number, *self.numbers[i + 1 :]]

    def value(self, numbers: list[float]) -> float:
        """Compute the function."""
        if self.adapter is not None:
            return self.adapter.value(numbers)
        if self.stated_gradient is not None:
            return _plain_number(self.f(*self.structure.unflatten(list(numbers))), self.name)
        with no_grad():
            result = _unpack(self.f(*self.structure.unflatten([Value(number) for number in numbers])))
        if isinstance(result, Value):
            return result.data
        if is_real(result):
            raise TypeError(
                f"{self.name} returned the number {result!r}, not a Value, so autograd cannot differentiate it; return a "
                "Value, or pass a gradient that you computed in another way: gradcheck(f, inputs, gradient=g)"
            )
        raise TypeError(_wrong_result(self.name, result, "Value"))

    def gradient(self, numbers: list[float]) -> list[float]:
        """Compute the stated derivative with respect to each input."""
        if self.adapter is not None and self.stated_gradient is None:
            return self.adapter.gradient(numbers)
        if self.stated_gradient is None:
            with_gradient = value_and_grad(lambda inputs: _unpack(self.f(*self.structure.unflatten(inputs))))
            return with_gradient(list(numbers))[1]  # type: ignore[no-any-return]  # a list, like its argument
        source = self.structure.unflatten if self.adapter is None else self.adapter.arguments
        found = self.stated_gradient(*source(list(numbers)))
        return _flatten_gradient(found, self.paths, self.has_one_argument)

    def hessian(self) -> list[list[float]]:
        """Compute the stated second derivatives at the inputs."""
        second = hessian(lambda inputs: _unpack(self.f(*self.structure.unflatten(inputs))))
        return second(list(self.numbers))  # type: ignore[no-any-return]  # see above

    def find_inconsistency(self, value: float, gradient: list[float]) -> str:
        """Return the reason if a second call of the function or its gradient disagrees with the first, else ""."""
        again = self.value(self.numbers)
        if not same_number(value, again):
            return f"f does not depend only on its arguments: two calls returned {value!r} and {again!r}"
        for path, first, second in zip(self.paths, gradient, self.gradient(self.numbers), strict=True):
            if not same_number(first, second):
                hint = "; is it added to the previous gradient, which is never reset to zero?" if second == 2 * first else ""
                return f"two calls of the gradient returned {first!r} and {second!r} for {_name(path)}{hint}"
        return ""


def _name(path: Path) -> str:
    return f"argument {path[0]}{format_path(path[1:])}"


# ---- results of functions ----------------------------------------------------------------------------------------------


def _unpack(result: Any) -> Any:
    """Return the number in an array without axes, such as a sum computed by NumPy; anything else unchanged."""
    return result.item() if getattr(result, "shape", None) == () and hasattr(result, "item") else result


def _plain_number(result: Any, name: str) -> float:
    """Convert the result of a function of plain numbers to a float."""
    result = _unpack(result)
    if isinstance(result, complex):
        raise ValueError(f"{name} returned the complex number {result!r}, which has no real derivative")
    if isinstance(result, Value):
        return result.data
    if is_real(result):
        return as_float(result)
    raise TypeError(_wrong_result(name, result, "number"))


def _wrong_result(name: str, result: Any, kind: str) -> str:
    """Return the error message for a result that is not one number."""
    if result is None:
        return f"{name} must return the {kind} to differentiate, not None"
    return (
        f"{name} must return one {kind}, not {type(result).__name__} ({result!r:.40}); "
        "check one output at a time, gradcheck(lambda x: f(x)[0], inputs), or the sum of all outputs"
    )


def _flatten_gradient(gradient: Any, places: list[Path], has_one_argument: bool) -> list[float]:
    """Return a gradient as a flat list. It must have the same structure as the inputs."""
    gradient = _to_lists(gradient)
    if has_one_argument and len(places[0]) == 1 and isinstance(gradient, list) and len(gradient) == 1:
        gradient = gradient[0]  # a function of one number may return a tuple with one item
    wanted = "return the structure of its only argument" if has_one_argument else "return a tuple with one item per argument"
    found, numbers = sum(1 for _ in paths(gradient, ())), []
    for path in places:
        part = gradient
        try:
            for key in path[1:] if has_one_argument else path:
                part = part[key]
        except (LookupError, TypeError):
            raise ValueError(f"gradient returned {gradient!r:.60}, without {_name(path)}; it must {wanted}") from None
        name = f"the gradient with respect to {_name(path)}"
        numbers.append(part.data if isinstance(part, Value) else as_float(part, name))
    if found != len(places):
        raise ValueError(f"gradient returned {found} numbers for {len(places)} inputs; it must {wanted}")
    return numbers


def _to_lists(thing: Any) -> Any:
    """Convert arrays, tensors and tuples to lists, at any depth."""
    if isinstance(thing, dict):
        return {key: _to_lists(item) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        return [_to_lists(item) for item in thing]
    return thing.tolist() if hasattr(thing, "tolist") else thing
