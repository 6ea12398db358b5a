"""Expressions and their derivatives as Python source."""

from __future__ import annotations

from autograd.base.real import as_float, refusal
from autograd.export.derivation import derivatives, to_symbols
from autograd.export.expressions import NAME, Symbol, in_order
from autograd.export.python_source import Names, Writer
from autograd.topology import leaves, refuse_large, topological_order
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from autograd.export.expressions import Term

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
    function = _Function("to_python", y, None if inputs is None else _inputs("to_python", inputs))
    return function.source([function.symbols[id(y)]], [], "{}")


def derivative_program(y: Value, x: Value | Sequence[Value]) -> PythonSource:
    """A Python function that computes ``y`` and its derivative by ``x``: what ``backward`` does, as a program, to the bit.

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
    function = _Function("derivative_program", y, _inputs("derivative_program", x))
    _check_independent(function)
    result = y.label if y.label and y.label.isidentifier() else "y"
    output = function.symbols[id(y)]
    if isinstance(output, Symbol) and output.kind != NAME:
        output.label = result

    def name(node: Value) -> str | None:
        is_result = id(node) in function.named  # those get their names below
        return f"d{result}_d{node.label}" if node.label and not is_result else None

    by_inputs = derivatives(y, function.inputs, function.symbols, name)
    names = [function.names.new(f"d{result}_d{symbol.what}", "d") for symbol in function.named.values()]
    returned = names[0] if isinstance(x, Value) else f"[{', '.join(names)}]"
    return function.source([output, *by_inputs], names, f"{{}}, {returned}")


class PythonSource:
    """A function as Python source; ``print`` shows it, and calling it runs it.

    Attributes:
        source: Python code that defines the function ``f``, and imports ``math`` alone. Operations of your own are called
            by their names.
    """

    def __init__(self, source: str, own: dict[str, Any]) -> None:
        self.source = source
        self._own = own
        self._function: Callable[..., Any] | None = None

    def __call__(self, *numbers: float) -> Any:
        """What the function returns for these numbers.

        Raises:
            TypeError: if there are too few or too many numbers, or one is not a real number.
            ValueError, OverflowError, ZeroDivisionError: where ``math`` and Python raise, and the engine has nan or infinity.
        """
        floats = [as_float(number, f"argument {i} of the function") for i, number in enumerate(numbers)]
        if self._function is None:
            namespace = dict(self._own)
            exec(compile(self.source, "<exported from autograd>", "exec"), namespace)
            self._function = namespace["f"]
        return self._function(*floats)

    def __repr__(self) -> str:
        return self.source


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


class _Function:
    """A graph as a function of inputs: its symbols, its names, its arguments."""

    def __init__(self, function: str, y: Any, inputs: list[Value] | None) -> None:
        if not isinstance(y, Value):
            raise TypeError(refusal(y, f"{function}() writes down how a Value was computed"))
        refuse_large(y, MOST_NODES, f"{function}()", "write down its parts, with computed Values as the inputs")
        self.names = Names()
        self.inputs = leaves(y) if inputs is None else inputs
        self.named = {id(node): self._name(node) for node in self.inputs}
        self._others: list[tuple[Symbol, Value]] = []
        self.symbols = to_symbols(y, dict(self.named), self._other)

    def _name(self, node: Value) -> Symbol:
        return Symbol(NAME, (), self.names.new(node.label, "x"))

    def _other(self, leaf: Value) -> Symbol:
        symbol = self._name(leaf)
        self._others.append((symbol, leaf))
        return symbol

    def source(self, outputs: list[Term], results: list[str], end: str) -> PythonSource:
        """The source that computes the outputs, gives names to those but the first, and returns what ``end`` says."""
        writer = Writer()
        statements, texts = writer.body(outputs, self.names)
        statements += [f"{name} = {text}" for name, text in zip(results, texts[1:], strict=True)]
        used = {id(symbol) for symbol in in_order(outputs)}
        parameters = [symbol.what for symbol in self.named.values()]
        parameters += [f"{other.what}={writer.constant(leaf.data)[0]}" for other, leaf in self._others if id(other) in used]
        returned = end.format(texts[0])
        return PythonSource(writer.module("f", parameters, [*statements, f"return {returned}"]), writer.own)


def _check_independent(function: _Function) -> None:
    for i, node in enumerate(function.inputs):
        below = {id(other) for other in topological_order(node)[:-1]} if node.op else set()
        for j, other in enumerate(function.inputs):
            if id(other) in below:
                raise ValueError(
                    f"input {i} of derivative_program() (counted from 0), {node!r}, was computed from input {j}, {other!r}; a "
                    "function's arguments are independent: leave one of them out"
                )
