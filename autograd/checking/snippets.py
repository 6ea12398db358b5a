"""Python code that reproduces one entry of a report: the stated derivative next to a central difference."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.checking.checked_function import CheckedFunction
from autograd.checking.checked_model import CheckedModel
from autograd.checking.differences import measure
from autograd.transforms.pytrees import format_path

if TYPE_CHECKING:
    from autograd.checking.adapters import Adapter
    from autograd.transforms.pytrees import Leaf


def snippet(function: CheckedFunction, step: float, i: int, j: int | None = None, output: int = 0) -> str:
    """Return code that prints the stated derivative and a central difference.

    The code uses the function and its gradient by their names, or as ``f`` and ``gradient`` if they have none. It expects a
    model as ``model``, its rows and targets as ``X`` and ``y``, and its loss by name.

    Args:
        function: The function.
        step: A step for the difference, or nan to choose one.
        i: The input.
        j: The second input of a second derivative.
        output: The output.
    """
    if function.adapter is not None:
        return _adapter_snippet(function, function.adapter, step, i, output)
    h = step if math.isfinite(step) else _step(function, i if j is None else j, output)
    if isinstance(function, CheckedModel):
        return _model_snippet(function, h, i, j, output)
    numbers = function.numbers
    names = {i: "t"} if j is None or j == i else {i: "s", j: "t"}
    point = ", ".join(_number_code(numbers[k]) for k in names)
    *others, last = [_number_code(numbers[k]) for k in names]
    plus, minus = (", ".join([*others, f"{last} {sign} h"]) for sign in "+-")
    at_inputs = _arguments_code(function, {})
    item = format_path(function.outputs[output])
    lines = ["import numpy as np"] if "np.array" in at_inputs else []
    lines += [line for used in dict.fromkeys((function.f, function.stated_gradient)) for line in _import(used)]
    call = f"{_name(function.f, 'f')}{_arguments_code(function, names)}{item}"
    along = [f"def along({', '.join(names.values())}):", f"    return {call}"]
    if function.stated_gradient is not None:
        lines += along
        path = function.paths[i][1:] if function.has_one_argument else function.paths[i]
        stated = f"{_name(function.stated_gradient, 'gradient')}{at_inputs}{item}{format_path(path)}"
        difference = f"(along({plus}) - along({minus})) / (2 * h)"
    elif j is None:
        lines += ["from autograd import Value, grad", *along]
        stated = f"grad(along)({point})"
        difference = f"(along(Value({plus})).data - along(Value({minus})).data) / (2 * h)"
    else:
        lines += ["from autograd import grad", *along, "slope = grad(along)"]
        stated = f"grad(slope{', 1' if others else ''})({point})"
        difference = f"(slope({plus}) - slope({minus})) / (2 * h)"
    return "\n".join([*lines, f"h = {h!r}", f"print({stated}, {difference})"])


def _model_snippet(function: CheckedModel, h: float, i: int, j: int | None, output: int) -> str:
    """Return the code for a parameter of a model."""
    result = f"[model(row) for row in X]{format_path(function.outputs[output])}"
    if function.loss is not None:
        result = f"{_name(function.loss, 'loss')}([model(row) for row in X], y)"
    x = _number_code(function.numbers[i if j is None else j])
    lines = ["from autograd import gradients", f"p = dict(model.named_parameters())[{function.names[i if j is None else j]!r}]"]
    lines += ["def at(t):", "    p.data = t", f"    return {result}"]
    if j is None:
        stated, difference = f"gradients(at({x}), p)", f"(at({x} + h).data - at({x} - h).data) / (2 * h)"
    else:
        lines += [f"q = dict(model.named_parameters())[{function.names[i]!r}]"]
        stated = f"gradients(gradients(at({x}), q, create_graph=True), p)"
        difference = f"(gradients(at({x} + h), q) - gradients(at({x} - h), q)) / (2 * h)"
    return "\n".join([*lines, f"h = {h!r}", f"print({stated}, {difference})", f"p.data = {x}"])


def _step(function: CheckedFunction, i: int, output: int) -> float:
    """Return a step at which a central difference of floats shows the derivative."""
    numbers = function.numbers
    along: Callable[[float], float] = lambda x: function.value([*numbers[:i], x, *numbers[i + 1 :]])[output]  # noqa: E731
    found = measure(along, numbers[i]).step if math.isfinite(numbers[i]) else math.nan
    longest = 1e-3 * max(1.0, abs(numbers[i]))
    return min(found, longest) if math.isfinite(found) else longest / 100


def _name(function: Any, default: str) -> str:
    """Return the name of a function for code."""
    name: str = getattr(function, "__name__", "")
    return name if name.isidentifier() else default


def _import(function: Any) -> list[str]:
    """Return the line that imports a function of another library, such as ``math.sin``."""
    name = getattr(function, "__name__", "")
    library = str(getattr(function, "__module__", None) or type(function).__module__).partition(".")[0]
    known = library in ("autograd", "cmath", "math", "numpy", "statistics")
    return [f"from {library} import {name}"] if known and getattr(sys.modules[library], name, None) is function else []


def _adapter_snippet(function: CheckedFunction, adapter: Adapter, step: float, i: int, output: int) -> str:
    """Return code for a function of another library."""
    path, number = function.paths[i], _number_code(function.numbers[i])
    (leaf,) = (leaf for leaf in function.structure.leaves if leaf.start <= i < leaf.start + leaf.size)
    keys = len(path) - len(leaf.shape)  # the rest of the path leads into an array
    parts = {"place": format_path(path[:keys]), "index": format_path(path[keys:]), "count": len(function.structure.tree) - 1}
    stated = [line.format(**parts) for line in adapter.STATED]
    if function.stated_gradient is not None:
        stated = [f"stated = gradient(*inputs){format_path(path[1:] if function.has_one_argument else path)}"]
    h = step if math.isfinite(step) else 1e-3 * max(1.0, abs(function.numbers[i]))
    call = adapter.RESULT.format(f"f(*{_adapter_code(function, adapter, {i: 't'})})")
    difference = f"(along({number} + h) - along({number} - h)) / (2 * h)"
    setup = [*adapter.SETUP]
    if function.outputs != [()]:
        setup += ["whole = f", *adapter.PART, f"def f(*inputs):\n    return parts(whole(*inputs))[{output}]"]
    return "\n".join([
        *setup, "def along(t):", f"    return {call}",
        f"inputs = {_adapter_code(function, adapter, {})}", *stated, f"h = {h!r}", f"print(stated, {difference})",
    ])  # fmt: skip


def _adapter_code(function: CheckedFunction, adapter: Adapter, names: dict[int, str]) -> str:
    """Return a tuple of arguments as code, with names instead of some of the numbers."""
    texts = [names.get(k, _number_code(number)) for k, number in enumerate(function.numbers)]
    originals = iter(adapter.originals)
    return repr(function.structure.rebuild(lambda leaf: _Code(adapter.code(next(originals), leaf.of(texts)))))


def _arguments_code(function: CheckedFunction, names: dict[int, str]) -> str:
    """Return the arguments of a call as code, with names instead of some of the numbers."""
    texts = [_Code(names.get(i, _number_code(number))) for i, number in enumerate(function.numbers)]
    dtype = ", dtype=object" if names and function.stated_gradient is None else ""

    def leaf(part: Leaf) -> _Code:
        if not part.is_array:
            return texts[part.start]
        items = ", ".join(map(repr, part.of(texts)))
        return _Code(f"np.array([{items}]{dtype}).reshape({part.shape})")

    arguments = function.structure.rebuild(leaf)
    return f"({', '.join(map(repr, arguments))})"


class _Code(str):
    """Code, whose ``repr`` has no quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _number_code(number: float) -> str:
    return repr(number) if math.isfinite(number) else f"float('{number}')"
