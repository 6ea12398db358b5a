"""Python code that reproduces one entry of a report: the stated derivative next to a central difference."""

from __future__ import annotations

import math

from autograd.transforms.pytrees import format_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.checking.adapters import Adapter
    from autograd.checking.checked_function import CheckedFunction
    from autograd.transforms.pytrees import Leaf


def snippet(function: CheckedFunction, step: float, i: int, j: int | None = None) -> str:
    """Return code that prints both derivatives with respect to input ``i``, or second derivatives with respect to i and j.

    The code expects the function as ``f``, and a gradient that was passed to ``gradcheck`` as ``gradient``.
    """
    if function.adapter is not None:
        return _adapter_snippet(function, function.adapter, step, i)
    numbers = function.numbers
    names = {i: "t"} if j is None or j == i else {i: "s", j: "t"}
    point = ", ".join(_number_code(numbers[k]) for k in names)
    *others, last = [_number_code(numbers[k]) for k in names]
    h = step if math.isfinite(step) else 1e-5 * max(1.0, abs(numbers[i]))
    plus, minus = (", ".join([*others, f"{last} {sign} h"]) for sign in "+-")
    at_inputs = _arguments_code(function, {})
    lines = ["import numpy as np"] if "np.array" in at_inputs else []
    along = [f"def along({', '.join(names.values())}):", f"    return f{_arguments_code(function, names)}"]
    if function.stated_gradient is not None:
        lines += along
        path = function.paths[i][1:] if function.has_one_argument else function.paths[i]
        stated = f"gradient{at_inputs}{format_path(path)}"
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


def _adapter_snippet(function: CheckedFunction, adapter: Adapter, step: float, i: int) -> str:
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
    return "\n".join([
        *adapter.SETUP, "def along(t):", f"    return {call}",
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
