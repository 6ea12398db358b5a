"""Check the arguments of ``draw``, and find the results to draw."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import Value, leaves
from autograd.shared import did_you_mean, refuse_other_value
from visualize.boxes.style import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from visualize.scene.facts import Scene

DIRECTIONS = ("LR", "RL", "TB", "BT")
MAX_DIGITS = 17
_RESOLUTION = "a .png has twice the width and height of the .svg in pixels; write .svg or .pdf, which have any resolution"
_SPEED = "each step of a moving picture takes 1.3 seconds; a page, as in .write('y.html'), plays at the speed of the reader"
# Remedies for options of writing a file, by name.
WRITE_REMEDIES = {
    **dict.fromkeys(("dpi", "ppi", "scale", "resolution", "width", "height", "size", "figsize"), _RESOLUTION),
    **dict.fromkeys(("duration", "fps", "speed", "interval", "delay", "seconds"), _SPEED),
    **dict.fromkeys(("format", "suffix"), "the suffix of the path is the format, as in .write('y.png')"),
    **dict.fromkeys(("transparent", "background", "bbox_inches"), "omit it: a picture is cropped and has a white background"),
    **dict.fromkeys(("loop", "repeat"), "omit it: a moving picture repeats without end"),
    **dict.fromkeys(("view", "show"), "open the picture with .show(), as in draw(y).show()"),
    **dict.fromkeys(("quality", "optimize"), "omit it: no format of write() loses details"),
    "fold": "write draw(y, fold=...).write('y.png')",
}
_WRITE = "the result writes a file with .write('y.svg'), or .write('y.html') for a page"
# Remedies for arguments of other functions and libraries, by name.
REMEDIES = {
    **dict.fromkeys(("dpi", "ppi", "scale", "resolution"), _RESOLUTION),
    **dict.fromkeys(("duration", "fps", "speed", "interval"), _SPEED),
    "max_nodes": "graphs of any size are drawn, folded; see fold",
    "filename": _WRITE,
    "path": _WRITE,
    "file": _WRITE,
    "title": "a picture has no title; explore(y, title=...) makes a page with one",
    "rankdir": "use direction='LR', as in draw(y, direction='LR')",
    "orientation": "use direction='LR', as in draw(y, direction='LR')",
    "steps": "the page plays all steps; draw(y, steps=n) draws the state after n of them",
    "size": "a picture has the size that its boxes need; .svg can be scaled",
    "figsize": "a picture has the size that its boxes need; .svg can be scaled",
    **dict.fromkeys(
        ("dark", "dark_mode", "theme", "style", "background"), "a picture follows the light or dark mode of its reader"
    ),
    **dict.fromkeys(("color", "colors", "colormap", "cmap"), "colors show the kinds of Values; highlight=[x] marks some"),
    "animate": "write a moving picture with draw(y).write('y.svg', animate=True)",
    "depth": "use fold to show less",
    "view": "open the picture with .show(), as in draw(y).show()",
}


class Subject(NamedTuple):
    """The results to draw, and the model that was called to compute them, if any."""

    roots: list[Value]
    model: Any


def find_subject(value: Any, arguments: Sequence[Any], model: Any) -> Subject:
    """Return the results to draw. A function is called with the arguments, whose numbers become labeled Values.

    Raises:
        TypeError: If ``value`` is neither a Value, a list of Values nor a function of them.

    Example:
        >>> find_subject(lambda a, b: a * b, (2.0, 3.0), None).roots
        [Value(6.0, grad=1.0, op='*')]
    """
    if arguments and not callable(value):
        raise TypeError(f"value must be alone or a function, not followed by {arguments[0]!r:.40}; {_instead(arguments[0])}")
    if isinstance(value, Value):
        return Subject([value], model)
    if callable(value) and not isinstance(value, type):
        return _call(value, arguments, model)
    if isinstance(value, list | tuple) and value and all(isinstance(item, Value) for item in value):
        return Subject(list(value), model)
    if isinstance(value, list | tuple) and any(isinstance(item, Value) for item in value):
        i, item = next((i, item) for i, item in enumerate(value) if not isinstance(item, Value))
        raise TypeError(
            f"value must be a list of Values, but item {i} is {item!r:.40}; omit it, or write a number as Value(2.0)"
        )
    if value is None:
        raise TypeError(
            "value must be a Value, a list of Values, a function or a model, not None; backward() returns None: call "
            "y.backward() first, then draw(y)"
        )
    found = (
        f"an empty {type(value).__name__}"
        if isinstance(value, list | tuple) and not value
        else f"{type(value).__name__} ({value!r:.40})"
    )
    rule = "value must be a Value, a list of Values, a function or a model"
    refuse_other_value(value, rule)
    raise TypeError(
        f"{rule}, not {found}; draw the result of a computation, or a function with its arguments, as in draw(f, 2.0, 3.0)"
    )


def _instead(argument: Any) -> str:
    """Return what to write instead of a second argument after a result."""
    if isinstance(argument, Value):
        return "draw([y, x]) draws two results, draw(y, highlight=x) marks x, and explain(y, x) lists the paths from y to x"
    if hasattr(argument, "named_parameters"):
        return "model=model names its parameters"
    return "pass several results as [a, b], and options by name"


def _call(function: Callable[..., Any], arguments: Sequence[Any], model: Any) -> Subject:
    created: list[Value] = []
    if not arguments and hasattr(function, "named_parameters"):
        raise TypeError(
            "a model must be followed by its input, as in explore(model, [1.0, 2.0]); draw(model) shows the weights"
        )
    if not arguments and (needed := _needed(function)):
        call = ", ".join(["draw(f", *(f"{i}.0" for i in range(2, 2 + len(needed)))])
        raise TypeError(f"a function must be followed by its arguments ({', '.join(needed)}); write {call})")
    names = _argument_names(function, len(arguments))
    result = function(*[_as_values(name, argument, created) for name, argument in zip(names, arguments, strict=True)])
    results = list(result) if isinstance(result, list | tuple) else [result]
    if not results or not all(isinstance(item, Value) for item in results):
        raise TypeError(
            f"the function must return a Value or a list of Values, not {type(result).__name__} ({result!r:.40}); it must "
            "compute with its arguments"
        )
    fresh = set(map(id, created))
    if len(results) == 1 and all(id(leaf) in fresh for leaf in leaves(results[0])):
        results[0].backward()  # changes only Values that were created here
    return Subject(results, function if model is None and hasattr(function, "named_parameters") else model)


def _needed(function: Callable[..., Any]) -> list[str]:
    """Return the names of the positional arguments without a default."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _argument_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if hasattr(function, "named_parameters") and count == 1:
        return ["x"]  # the inputs of a model
    return [*plain[:count], *(f"x{i}" for i in range(len(plain), count))]


def _as_values(name: str, argument: Any, created: list[Value]) -> Any:
    """Return an argument with labeled Values in place of numbers."""
    if hasattr(argument, "tolist"):
        argument = argument.tolist()
    if isinstance(argument, bool | int | float):
        created.append(Value(argument, label=name))
        return created[-1]
    if isinstance(argument, list | tuple):
        return [_as_values(f"{name}[{i}]", item, created) for i, item in enumerate(argument)]
    return argument


def check_look(digits: Any, partials: Any, direction: Any) -> Look:
    """Return the options of the appearance.

    Raises:
        ValueError: If one is invalid. The message lists the choices.

    Example:
        >>> check_look(3, True, "TB")
        Look(digits=3, partials=True, direction='TB')
    """
    if not isinstance(digits, int) or isinstance(digits, bool) or not 1 <= digits <= MAX_DIGITS:
        raise ValueError(f"digits must be an integer from 1 to {MAX_DIGITS}, not {digits!r:.40}")
    if not isinstance(partials, bool):
        raise ValueError(f"partials must be True or False, not {partials!r:.40}")
    if direction not in DIRECTIONS:
        hint = did_you_mean(str(direction), DIRECTIONS)
        raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, not {direction!r:.40}{hint}")
    return Look(digits, partials, direction)


def find_highlighted(scene: Scene, highlight: Any) -> set[int]:
    """Return the indices of the nodes to highlight: a Value, a name in the picture, or a list of them.

    Raises:
        ValueError: If one is not in the graph.
        TypeError: If one is neither a Value nor a name.

    Example:
        >>> from visualize.scene.scene import describe
        >>> x = Value(3.0, label="x")
        >>> find_highlighted(describe(x * x), ["x"])
        {0}
    """
    if highlight is not None and not isinstance(highlight, Value | str | Iterable):
        raise TypeError(f"highlight must list Values or names, not {type(highlight).__name__} ({highlight!r:.40})")
    items = [] if highlight is None else [highlight] if isinstance(highlight, Value | str) else list(highlight)
    names = {node.name: i for i, node in enumerate(scene.nodes) if node.name}
    found = set()
    for item in items:
        if isinstance(item, Value):
            index = scene.keys.get(id(item))
        elif isinstance(item, str):
            index = names.get(item)
        else:
            raise TypeError(f"highlight must list Values or names, not {type(item).__name__} ({item!r:.40})")
        if index is None:
            hint = did_you_mean(item, names) if isinstance(item, str) else ""
            raise ValueError(f"highlight must list nodes of the graph, not {item!r:.40}{hint}")
        found.add(index)
    return found
