"""Expressions and their derivatives as Python source."""

from __future__ import annotations

import math

from autograd.derivation import derivatives, to_symbols
from autograd.graph import leaves, refuse_large
from autograd.python_source import Names, Writer, function_text
from autograd.real import as_float, refusal
from autograd.symbols import NAME, Symbol, in_order, known
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from autograd.symbols import Term

MOST_NODES = 100_000


def to_python(y: Value, inputs: Value | Sequence[Value] | None = None) -> PythonSource:
    """A Python function that computes ``y``, to the bit.

    What is used more than once is given a name, ``t1``, ``t2``, ..., or its label. Operations that ``math`` does not have are
    written as functions, from the table. What a Python ``if``, or ``where``, decided when y was computed stays decided.

    Args:
        y: the result.
        inputs: the arguments of the function, in order: a Value or several, leaves or computed. Other leaves that y depends
            on become arguments with their present number as the default. None for all leaves.

    Returns:
        The source: ``print`` it, ``exec`` its ``.source``, or call it with numbers.

    Raises:
        TypeError: if ``y`` or an input is not a Value.
        ValueError: if an input is given twice.
        autograd.GraphTooLargeError: for more than 100,000 nodes.

    >>> from autograd import Value, to_python
    >>> x, w = Value(2.0, label="x"), Value(0.5, label="w")
    >>> wave = (w * x).sin()
    >>> to_python(wave * wave + wave.sigmoid(), x)
    import math
    <BLANKLINE>
    <BLANKLINE>
    def sigmoid(x):
        t1 = math.exp(-math.fabs(x))
        return (t1 if x < 0.0 else 1.0) / (1.0 + t1)
    <BLANKLINE>
    <BLANKLINE>
    def f(x, w=0.5):
        t1 = math.sin(w * x)
        return t1 * t1 + sigmoid(t1)
    """
    return _source("to_python", y, None if inputs is None else _inputs("to_python", inputs), None)


def derivative_program(y: Value, x: Value | Sequence[Value]) -> PythonSource:
    """A Python function that computes ``y`` and its derivative by ``x``: what ``backward`` does, as a program.

    The derivative is made from the table, and holds on both sides of a kink; of an operation of your own, it takes the
    branches that its partial took. In all else as ``to_python``.

    Args:
        y: the result.
        x: a Value, for one derivative; or several, for a list of them. The arguments of the function.

    Raises:
        TypeError: if ``y`` or ``x`` is not a Value.
        ValueError: if an ``x`` is given twice, or one is computed from another.
        autograd.GraphTooLargeError: for more than 100,000 nodes.

    >>> from autograd import Value, derivative_program
    >>> x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    >>> program = derivative_program(x1.log() + x1 * x2 - x2.sin(), [x1, x2])
    >>> program
    import math
    <BLANKLINE>
    <BLANKLINE>
    def f(x1, x2):
        y = math.log(x1) + x1 * x2 - math.sin(x2)
        dy_dx1 = x2 + (1.0 / x1 if x1 >= 0.0 else math.nan)
        dy_dx2 = -math.cos(x2) + x1
        return y, [dy_dx1, dy_dx2]
    >>> program(2.0, 5.0)
    (11.652071455223084, [5.5, 1.7163378145367738])
    """
    inputs = _inputs("derivative_program", x)
    return _source("derivative_program", y, inputs, isinstance(x, Value))


class PythonSource:
    """A function as Python source; ``print`` shows it, and calling it runs it.

    Attributes:
        source: Python code that defines a function ``f``. It imports ``math`` alone, except for operations of your own, and
            where y, with the numbers that it was recorded with, was computed from an infinity or a nan of which Python makes
            an exception: then it imports the engine's functions, which make none.
    """

    def __init__(self, write: Callable[[bool], tuple[str, dict[str, Any]]], example: list[float]) -> None:
        self._write = write
        self._functions: dict[bool, Callable[..., Any]] = {}
        try:
            self._function(strict=False)(*example)
            strict = False
        except (ArithmeticError, ValueError):
            strict = True
        self.source = write(strict)[0]

    def __call__(self, *numbers: float) -> Any:
        """What the function returns for these numbers; where Python would raise for 1 / 0 or log(0), what IEEE-754 says.

        Raises:
            TypeError: if there are too few or too many numbers, or one is not a real number.
        """
        floats = [as_float(number, f"argument {i} of the function") for i, number in enumerate(numbers)]
        try:
            return self._function(strict=False)(*floats)
        except (ArithmeticError, ValueError):
            return self._function(strict=True)(*floats)

    def __repr__(self) -> str:
        return self.source

    def _function(self, strict: bool) -> Callable[..., Any]:
        if strict not in self._functions:
            source, namespace = self._write(strict)
            exec(compile(source, "<exported from autograd>", "exec"), namespace)
            self._functions[strict] = namespace["f"]
        return self._functions[strict]


def _inputs(function: str, x: Any) -> list[Value]:
    inputs = [x] if isinstance(x, Value) else list(x) if isinstance(x, list | tuple) else None
    if inputs is None:
        raise TypeError(refusal(x, f"{function}() needs a Value or a list of Values to be the arguments"))
    seen = set()
    for i, value in enumerate(inputs):
        if not isinstance(value, Value):
            raise TypeError(f"the inputs of {function}() must be Values, but number {i} is {value!r:.40}")
        if id(value) in seen:
            raise ValueError(f"input {i} of {function}() (counted from 0), {value!r}, is given twice; leave one out")
        seen.add(id(value))
    return inputs


def _source(function: str, y: Any, inputs: list[Value] | None, is_single: bool | None) -> PythonSource:
    """The source of ``y`` as a function of the inputs; and, unless ``is_single`` is None, of the derivative by them."""
    if not isinstance(y, Value):
        raise TypeError(refusal(y, f"{function}() writes down how a Value was computed"))
    refuse_large(y, MOST_NODES, f"{function}()", "write down its parts, with computed Values as the inputs")
    names = Names()
    parameters = leaves(y) if inputs is None else inputs
    known_names = {id(node): Symbol(NAME, (), names.new(node.label, "x")) for node in parameters}
    others: list[tuple[Symbol, Value]] = []

    def leaf(node: Value) -> Symbol:
        symbol = Symbol(NAME, (), names.new(node.label, "x"))
        others.append((symbol, node))
        return symbol

    symbols = to_symbols(y, dict(known_names), leaf)
    outputs = [symbols[id(y)]]
    results: list[str] = []
    if is_single is not None:
        _check_independent(parameters, symbols, known_names)
        result = y.label if y.label and y.label.isidentifier() else "y"
        if isinstance(outputs[0], Symbol) and outputs[0].kind != NAME:
            outputs[0].label = result
        outputs += derivatives(y, parameters, symbols, lambda node: f"d{result}_d{node.label}" if node.label else None)
        results = [names.new(f"d{result}_d{known_names[id(node)].what}", "d") for node in parameters]
    used = {id(symbol) for symbol in in_order(outputs)}
    defaults = [(symbol.what, node.data) for symbol, node in others if id(symbol) in used]
    arguments = [known_names[id(node)].what for node in parameters]

    def write(strict: bool) -> tuple[str, dict[str, Any]]:
        writer = Writer(strict)
        statements, texts = writer.body(outputs, names.copy())
        statements += [f"{name} = {text}" for name, text in zip(results, texts[1:], strict=True)]
        finished = [f"float({text})" if strict else text for text in (texts[0], *results)]
        end = finished[0] if is_single is None else f"{finished[0]}, " + (finished[1] if is_single else _listed(finished[1:]))
        start = _as_ieee([*arguments, *(name for name, _ in defaults)]) if strict else []
        given = [*arguments, *(f"{name}={writer.constant(number)[0]}" for name, number in defaults)]
        return writer.module(given, [*start, *statements, f"return {end}"])

    return PythonSource(write, [node.data for node in parameters])
