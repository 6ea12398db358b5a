"""The function under check and its stated derivatives, as functions of one flat list of floats."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.base.real import as_float, is_real, same_number
from autograd.base.signatures import accepts
from autograd.checking.adapters import Adapter, adapt
from autograd.checking.shadow import light_run, record
from autograd.checking.tape import Tape
from autograd.no_grad import no_grad
from autograd.ops import TABLE
from autograd.shared import counted
from autograd.transforms.derivatives import gradients, hessian, jacobian, value_and_grad
from autograd.transforms.error_notes import add_note
from autograd.transforms.pytrees import Structure, flatten, flatten_arguments, follow, format_path, paths
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.transforms.pytrees import Path


class CheckedFunction:
    """A function, its inputs, and its stated derivatives.

    Args:
        f, inputs, gradient: See ``gradcheck``.

    Attributes:
        adapter: The adapter for a function of another library, such as PyTorch; otherwise None.
        name: Name of the function.
        numbers: All inputs as one flat list of floats.
        paths: Path of each input in the arguments.
        names: Name of each input, such as ``"p['w'][0]"``.
        structure: Structure of the arguments.
        outputs: Path of each output, ``()`` for a function that returns one number; known after a call.

    Raises:
        TypeError: If an input is not a number, or ``f`` cannot be called with the inputs.
        ValueError: If there are no inputs.
    """

    def __init__(self, f: Callable[..., Any], inputs: Any, gradient: Callable[..., Any] | None) -> None:
        arguments = inputs if type(inputs) is tuple else (inputs,)
        self.adapter: Adapter | None = adapt(f, arguments)
        if self.adapter is None:
            numbers, structure = flatten_arguments(dict(enumerate(arguments)))
        else:
            numbers, structure = self.adapter.numbers, self.adapter.structure
        if not numbers:
            raise ValueError("the inputs of gradcheck() must contain at least one number")
        self.f: Callable[..., Any] = f
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
        names = _argument_names(f, len(arguments))
        self.names: list[str] = [names[path[0]] + format_path(path[1:]) for path in self.paths]
        self.outputs: list[Path] = [()]

    @property
    def has_one_argument(self) -> bool:
        """Whether the function is called with one argument."""
        return len(self.structure.tree) == 2  # the kind and one child

    def output_name(self, k: int) -> str:
        """Return the name of output ``k`` in reports: ``"output[0]"``, or "" if the function returns one number."""
        return f"output{format_path(self.outputs[k])}" if self.outputs[k] else ""

    def call(self, values: Sequence[Any]) -> list[Any]:
        """Call the function with Values or floats, and return its outputs as a flat list."""
        arguments = self.structure.unflatten(list(values))
        try:
            result = _unpack(self.f(*arguments))
        except TypeError as problem:
            if self.stated_gradient is None and (remedy := _instead_of(self.f)):
                raise TypeError(f"{self.name} does not accept Values; {remedy}") from problem
            add_note(problem, [(f"argument {i}", thing) for i, thing in enumerate(arguments)])
            raise
        except AttributeError as problem:
            if self.stated_gradient is None or type(problem.obj) is not float:
                raise
            ours = any(row.name == problem.name for row in TABLE)
            remedy = f"write autograd.{problem.name}(x), which accepts both" if ours else "write it for plain numbers"
            raise AttributeError(
                f"with gradient=, {self.name} is called with plain numbers, and a float has no {problem.name}; {remedy}, or "
                "omit gradient= to check the derivative of this package"
            ) from problem
        if result is None:
            raise TypeError(_wrong_result(self.name, result, self._kind))
        if isinstance(result, Value | complex) or is_real(result):
            return [result]
        if not hasattr(result, "__iter__") or isinstance(result, str):
            raise TypeError(_wrong_result(self.name, result, self._kind))
        outputs, _ = flatten(_to_lists(result), f"the result of {self.name}")
        if not outputs:
            raise ValueError(f"{self.name} must return at least one {self._kind}, not {result!r:.40}")
        self.outputs = list(paths(_to_lists(result), ()))
        return outputs

    @property
    def _kind(self) -> str:
        return "Value" if self.stated_gradient is None else "number"

    def record(self, floats: Sequence[float]) -> Tape:
        """Run the function on new Values, and return the tape."""
        return record(self.call, [Value(number) for number in floats])

    def light_run(self, floats: Sequence[float]) -> list[Any]:
        """Run the function on new Values, and return its operations and constants."""
        return light_run(self.call, [Value(number) for number in floats])

    def value(self, numbers: Sequence[float]) -> list[float]:
        """Compute the outputs."""
        if self.adapter is not None:
            outputs = self.adapter.outputs(list(numbers))
            self.outputs = [()] if len(outputs) == 1 else [(k,) for k in range(len(outputs))]
            return outputs
        if self.stated_gradient is not None:
            return [_plain_number(output, self.name) for output in self.call(numbers)]
        values = [Value(number) for number in numbers]
        with no_grad():
            outputs = self.call(values)
        for name, value, number in zip(self.names, values, numbers, strict=True):
            if not same_number(value.data, number):
                raise ValueError(f"{self.name} must not change its arguments, but sets {name} to {value.data!r}; change a copy")
        return [output.data if isinstance(output, Value) else as_float(output) for output in outputs]

    def gradient(self, numbers: Sequence[float]) -> list[list[float]]:
        """Compute the stated derivatives: for each output, the derivative with respect to each input."""
        if self.stated_gradient is not None:
            return self._stated(numbers)
        if self.adapter is not None:
            return self.adapter.jacobian(list(numbers))
        if self.outputs == [()]:
            return [value_and_grad(lambda values: self.call(values)[0])(list(numbers))[1]]
        return jacobian(self.call)(list(numbers))  # type: ignore[no-any-return]  # lists, like the result and the argument

    def our_gradient(self, numbers: Sequence[float], output: int) -> list[float]:
        """Compute the gradient of an output with this package, even if another gradient is checked."""
        values = [Value(number) for number in numbers]
        result = self.call(values)[output]
        return gradients(result, values) if isinstance(result, Value) else [0.0] * len(values)

    def _stated(self, numbers: Sequence[float]) -> list[list[float]]:
        assert self.stated_gradient is not None
        make_arguments = self.structure.unflatten if self.adapter is None else self.adapter.arguments
        found = _to_lists(self.stated_gradient(*make_arguments(list(numbers))))
        if self._is_elementwise(found):
            slopes = [as_float(number) for number in flatten(found, "the gradient")[0]]
            return [[slope if i == k else 0.0 for i in range(len(slopes))] for k, slope in enumerate(slopes)]
        rows = []
        for path in self.outputs:
            row = found
            try:
                for key in path:
                    row = row[key]
            except (LookupError, TypeError):
                place = format_path(path)
                raise ValueError(
                    f"gradient returned {found!r:.60}, without {place}; it must return the gradient of each output"
                ) from None
            rows.append(_flatten_gradient(row, self.paths, self.has_one_argument))
        return rows

    def _is_elementwise(self, gradient: Any) -> bool:
        """Return whether the gradient has one number per output, as ``numpy.cos`` for ``numpy.sin`` of an array."""
        size = len(self.paths)
        places = [path[1:] for path in self.paths]
        return size > 1 and self.has_one_argument and self.outputs == places == list(paths(gradient, ()))

    def hessian(self) -> list[list[float]]:
        """Compute the stated second derivatives at the inputs."""
        return hessian(lambda values: self.call(values)[0])(list(self.numbers))  # type: ignore[no-any-return]  # see above

    def record_gradient(self) -> Tape:
        """Return the tape of the function and its gradient. Its results are the derivatives with respect to the inputs."""

        def derivatives(values: list[Value]) -> list[Any]:
            result = self.call(values)[0]
            return gradients(result, values, create_graph=True) if isinstance(result, Value) else [0.0] * len(values)

        return record(derivatives, [Value(number) for number in self.numbers])

    def find_inconsistency(self, values: list[float], stated: list[list[float]]) -> str:
        """Return the reason if a second call of the function or its gradient disagrees with the first, else ""."""
        for value, again in zip(values, self.value(self.numbers), strict=True):
            if not same_number(value, again):
                return f"f does not depend only on its arguments: two calls returned {value!r} and {again!r}"
        for first_row, second_row in zip(stated, self.gradient(self.numbers), strict=True):
            for name, first, second in zip(self.names, first_row, second_row, strict=True):
                if not same_number(first, second):
                    hint = (
                        "; is it added to the previous gradient, which is never reset to zero?" if second == 2 * first else ""
                    )
                    return f"two calls of the gradient returned {first!r} and {second!r} for {name}{hint}"
        return ""


def _instead_of(f: Callable[..., Any]) -> str:
    """Return how to check a function of another library that does not accept Values, or ``""`` for any other function."""
    name = getattr(f, "__name__", "f")
    library = str(getattr(f, "__module__", None) or type(f).__module__).partition(".")[0]
    if library == "torch":
        return f"call it with tensors: gradcheck({name}, torch.tensor([0.5, 2.0], dtype=torch.float64))"
    if library not in ("math", "cmath", "numpy", "scipy", "builtins", "statistics"):
        return ""
    ours = f"use autograd.{name}, or " if any(row.name == name for row in TABLE) else ""
    return f"{ours}state the gradient to check: gradcheck({name}, x, gradient=...)"


def _argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """Return the names of the first parameters of a function."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # a function written in C
        parameters = []
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    return names[:count] if len(names) >= count else [f"argument {i}" for i in range(count)]


# ---- results of functions ----------------------------------------------------------------------------------------------


def _unpack(result: Any) -> Any:
    """Return the number in an array without axes, such as a sum computed by NumPy; anything else unchanged."""
    return result.item() if getattr(result, "shape", None) == () and hasattr(result, "item") else result


def _plain_number(result: Any, name: str) -> float:
    """Convert an output of a function of plain numbers to a float."""
    result = _unpack(result)
    if isinstance(result, complex):
        raise ValueError(f"{name} returned the complex number {result!r}, which has no real derivative")
    if isinstance(result, Value):
        return result.data
    if is_real(result):
        return as_float(result)
    raise TypeError(_wrong_result(name, result, "number"))


def _wrong_result(name: str, result: Any, kind: str) -> str:
    """Return the error message for a result without numbers."""
    if result is None:
        return f"{name} must return the {kind} to differentiate, not None"
    return f"{name} must return a {kind}, or a structure of them, not {type(result).__name__} ({result!r:.40})"


def _flatten_gradient(gradient: Any, places: list[Path], has_one_argument: bool) -> list[float]:
    """Return a gradient as a flat list. It must have the same structure as the inputs."""
    if has_one_argument and len(places[0]) == 1 and isinstance(gradient, list) and len(gradient) == 1:
        gradient = gradient[0]  # a function of one number may return a tuple with one item
    wanted = "return the structure of its only argument" if has_one_argument else "return a tuple with one item per argument"
    several = "return one number per argument" if all(len(path) == 1 for path in places) else wanted
    found, numbers = sum(1 for _ in paths(gradient, ())), []
    for path in places:
        place = f"argument {path[0]}{format_path(path[1:])}"
        try:
            part = follow(gradient, path[1:] if has_one_argument else path)
        except (LookupError, TypeError, AttributeError):
            raise ValueError(f"gradient returned {gradient!r:.60}, without {place}; it must {wanted}") from None
        role = f"the gradient with respect to {place}"
        numbers.append(part.data if isinstance(part, Value) else as_float(part, role, several))
    if found != len(places):
        raise ValueError(f"gradient returned {counted(found, 'number')} for {counted(len(places), 'input')}; it must {wanted}")
    return numbers


def _to_lists(thing: Any) -> Any:
    """Convert arrays, tensors and tuples to lists, at any depth."""
    if isinstance(thing, dict):
        return {key: _to_lists(item) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        return [_to_lists(item) for item in thing]
    return thing.tolist() if hasattr(thing, "tolist") else thing
