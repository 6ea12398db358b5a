"""``to_python`` and ``derivative_program``: a graph as a Python function, without and with its derivatives."""

from __future__ import annotations

from autograd.base.real import as_float, refusal
from autograd.export.array_writer import LIBRARIES, ArrayWriter
from autograd.export.expressions import VARIABLE, Expr, postorder, variable
from autograd.export.python_writer import Names, Writer
from autograd.export.symbolic import check_result, derivatives, to_expressions
from autograd.inspection.contents import leaves
from autograd.nodes.parts import row_and_operands
from autograd.nodes.sums import sum as _sum
from autograd.shared import refuse_non_value, suggesting
from autograd.topology import topological_order
from autograd.transforms.calls import recording_enabled
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from autograd.export.expressions import Term

MAX_NODES = 100_000
FOR_ARRAYS = "for arrays write it by to_numpy(), or derivative_program(y, x, library='numpy')"
REMEDY = "export parts of it, with computed Values as the inputs"


@suggesting()
def to_python(y: Value, inputs: Value | Sequence[Value] | None = None) -> PythonSource:
    """Return a Python function that computes ``y`` from its inputs. Its results are bit for bit equal.

    A Value that is used more than once is assigned to a variable, named by its label or ``t1``, ``t2``, ... Operations that
    are missing in ``math`` are written as functions, generated from the table. The program contains the branches that a Python
    ``if`` or ``where`` selected when ``y`` was computed.

    Args:
        y: The result.
        inputs: The arguments of the function, in order: one Value or several, leaves or computed. Other leaves that ``y``
            depends on become arguments with their current data as the default. By default, all leaves are inputs.

    Returns:
        The source. ``print`` it, run its ``.source``, or call it with numbers.

    Raises:
        TypeError: If ``y`` or an input is not a Value.
        ValueError: If an input is given twice.
        autograd.GraphTooLargeError: If the graph has more than 100,000 nodes.

    Example:
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
    check_result("to_python", y, MAX_NODES, REMEDY)
    return write_value(y, leaves(y) if inputs is None else check_inputs("to_python", inputs), Writer())


@suggesting()
def derivative_program(y: Value, x: Value | Sequence[Value], library: str | None = None) -> PythonSource:
    """Return a Python function that computes ``y`` and its derivative with respect to ``x``.

    The results are bit for bit equal to ``y.data`` and the gradients of ``backward``. Derivatives are derived from the
    table, and are valid on both sides of a kink. The partial derivatives of a custom operation take the branches that they
    take at the current data. Otherwise the function follows the rules of ``to_python``.

    Args:
        y: The result.
        x: The arguments of the function: one Value for one derivative, or several for a list of derivatives.
        library: None for a function of numbers, or ``"numpy"``, ``"jax"`` or ``"torch"`` for a function of arrays that
            computes the derivatives of each element, as described at ``to_numpy``. ``y`` holds only the branch that ``where``
            selected. ``to_numpy(f, ..., derivatives=True)`` of the function keeps both.

    Returns:
        The source of a function that returns the result and the derivative, or the list of derivatives.

    Raises:
        TypeError: If ``y`` or ``x`` is not a Value.
        ValueError: If a Value in ``x`` is given twice, or was computed from another Value in ``x``. Also if ``library`` is
            unknown, or is given and ``y`` was computed with a custom operation.
        autograd.GraphTooLargeError: If the graph has more than 100,000 nodes.

    Example:
        >>> from autograd import Value, derivative_program
        >>> x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
        >>> program = derivative_program(x1.log() + x1 * x2 - x2.sin(), [x1, x2])
        >>> program
        import math
        <BLANKLINE>
        <BLANKLINE>
        def f(x1, x2):
            t1 = math.log(x1)
            y = t1 + x1 * x2 - math.sin(x2)
            dy_dx1 = x2 + (1.0 / x1 if x1 >= 0.0 else t1)
            dy_dx2 = -math.cos(x2) + x1
            return y, [dy_dx1, dy_dx2]
        >>> program(2.0, 5.0)
        (11.652071455223084, [5.5, 1.7163378145367738])
    """
    if library is not None and library not in LIBRARIES:
        raise ValueError(f"library must be None, {', '.join(map(repr, LIBRARIES))}, not {library!r:.40}")
    inputs = check_inputs("derivative_program", x)
    check_result("derivative_program", y, MAX_NODES, REMEDY)
    return write_derivatives(y, inputs, ArrayWriter(library) if library else Writer(), isinstance(x, Value))


def write_value(y: Value, inputs: list[Value], writer: Writer) -> PythonSource:
    """Return a function that computes ``y``."""
    signature = _Signature(y, inputs)
    output = to_expressions(y, signature.variables)[id(y)]
    statements, (result,) = writer.body([output], signature.names)
    return _source(writer, signature.parameters([output], writer), [*statements, f"return {result}"])


def write_derivatives(y: Value, inputs: list[Value], writer: Writer, is_single: bool = False) -> PythonSource:
    """Return a function that computes ``y`` and a list of its derivatives; the derivative itself if ``is_single``."""
    _check_independent(inputs)
    signature = _Signature(y, inputs)
    result = y.label if y.label and y.label.isidentifier() else "y"
    expressions = to_expressions(y, signature.variables)
    output = expressions[id(y)]
    if isinstance(output, Expr) and output.kind != VARIABLE:
        output.label = result
    outputs = [output, *derivatives(y, inputs, expressions, f"d{result}_d")]
    names = [signature.names.new(f"d{result}_d{signature.variables[id(node)].payload}", "d") for node in inputs]
    statements, (value, *gradient) = writer.body(outputs, signature.names)
    if isinstance(writer, ArrayWriter):
        reached = _variables(outputs)
        gradient = [
            code if found == reached[0] else writer.broadcast(code, value)
            for code, found in zip(gradient, reached[1:], strict=True)
        ]
    statements += [f"{name} = {code}" for name, code in zip(names, gradient, strict=True)]
    derivative = names[0] if is_single else f"[{', '.join(names)}]"
    return _source(writer, signature.parameters(outputs, writer), [*statements, f"return {value}, {derivative}"])


def _variables(outputs: list[Term]) -> list[int]:
    """Return, for each expression, the variables that it depends on, as the bits of an int."""
    bits: dict[int, int] = {}
    count = 0
    for expression in postorder(outputs):
        if expression.kind == VARIABLE:
            bits[id(expression)] = 1 << count
            count += 1
        else:
            bits[id(expression)] = 0
            for operand in expression.operands:
                bits[id(expression)] |= bits.get(id(operand), 0)
    return [bits.get(id(output), 0) for output in outputs]


class PythonSource:
    """A function as Python source, returned by ``to_python``, ``derivative_program`` and ``to_numpy``.

    ``print`` shows the source, and a call runs it.

    Attributes:
        source: Python code that defines the function ``f`` and imports only ``math`` or the array library. Custom operations
            are called by their names and must be defined where the code runs.

    Example:
        >>> from autograd import Value, to_python
        >>> x = Value(2.0, label="x")
        >>> program = to_python(x * x + 1)
        >>> program
        def f(x):
            return x * x + 1.0
        >>> program(3.0)
        10.0
    """

    def __init__(self, source: str, custom: dict[str, Any], on_arrays: bool) -> None:
        self.source: str = source
        self._custom: dict[str, Any] = custom
        self._on_arrays: bool = on_arrays
        self._function: Callable[..., Any] | None = None

    @property
    def function(self) -> Callable[..., Any]:
        """The function that the source defines, without a check of the arguments."""
        if self._function is None:
            namespace = dict(self._custom)
            exec(compile(self.source, "<exported from autograd>", "exec"), namespace)
            self._function = namespace["f"]
        return self._function

    def __call__(self, *numbers: Any, **by_name: Any) -> Any:
        """Run the function.

        Args:
            *numbers: The arguments, in the order of the inputs: numbers, or arrays for an array library. Arguments with a
                default may be omitted.
            **by_name: The same, by the names in the source.

        Returns:
            The result. From ``derivative_program``, the result and the derivative or derivatives.

        Raises:
            TypeError: If there are too few or too many arguments, a name is unknown, or an argument is not a real number.
            ValueError, OverflowError, ZeroDivisionError: Where Python and ``math`` raise an error and the engine computes
                nan or infinity.
        """
        if self._on_arrays:
            return self.function(*numbers, **by_name)
        floats = [as_float(number, f"argument {i} of the function", FOR_ARRAYS) for i, number in enumerate(numbers)]
        named = {name: as_float(number, f"argument {name!r} of the function", FOR_ARRAYS) for name, number in by_name.items()}
        return self.function(*floats, **named)

    def __repr__(self) -> str:
        return self.source


class _Signature:
    """The arguments of an exported function: the inputs, and the other leaves with default values.

    Attributes:
        names: The names that are in use.
        variables: The variable of each argument, by ``id`` of its Value.
    """

    def __init__(self, y: Value, inputs: list[Value]) -> None:
        self.names = Names()
        self.variables: dict[int, Expr] = {}
        for node in inputs:
            self._add(node)
        self._required = len(inputs)
        self._leaves = [node for node in topological_order(y) if not node.op and id(node) not in self.variables]
        for node in self._leaves:
            self._add(node)

    def _add(self, node: Value) -> None:
        self.variables[id(node)] = variable(self.names.new(node.label, "x"))

    def parameters(self, outputs: list[Term], writer: Writer) -> list[str]:
        """Return the parameter list. Leaves that the outputs do not use are omitted."""
        used = {id(expression) for expression in postorder(outputs)}
        parameters = [expression.payload for expression in list(self.variables.values())[: self._required]]
        for leaf in self._leaves:
            expression = self.variables[id(leaf)]
            if id(expression) in used:
                parameters.append(f"{expression.payload}={writer.number(leaf.data)[0]}")
        return parameters


def _source(writer: Writer, parameters: list[str], lines: list[str]) -> PythonSource:
    return PythonSource(writer.module("f", parameters, lines), writer.custom, isinstance(writer, ArrayWriter))


def check_inputs(function: str, x: Any) -> list[Value]:
    """Return the inputs of an exported function as a list of different Values."""
    inputs = [x] if isinstance(x, Value) else list(x) if isinstance(x, list | tuple) else None
    if inputs is None:
        rule = f"the inputs of {function}() must be a Value or a list of Values"
        refuse_non_value(x, rule)
        raise TypeError(refusal(x, rule))
    seen = set()
    for i, value in enumerate(inputs):
        if not isinstance(value, Value):
            rule = f"input {i} of {function}() must be a Value"
            refuse_non_value(value, rule)
            raise TypeError(refusal(value, rule))
        if id(value) in seen:
            raise ValueError(f"the inputs of {function}() must differ, but input {i}, {value!r}, is given twice; omit one")
        seen.add(id(value))
    return inputs


def _check_independent(inputs: list[Value]) -> None:
    if not any(node.op for node in inputs):
        return
    with recording_enabled():
        nodes = topological_order(_sum(inputs))[:-1]
    positions = {id(node): i for i, node in enumerate(inputs)}
    below: dict[int, int] = {}  # for each node that was computed from an input, the position of this input
    for node in nodes:
        for operand in row_and_operands(node)[2] if node.op else ():
            found = positions.get(id(operand), below.get(id(operand)))
            if found is not None:
                below[id(node)] = found
    for i, node in enumerate(inputs):
        if id(node) in below:
            raise ValueError(
                f"the inputs of derivative_program() must be independent, but input {i}, {node!r}, was computed from "
                f"input {below[id(node)]}, {inputs[below[id(node)]]!r}; omit one"
            )
