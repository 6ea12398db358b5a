"""The writer of Python code. It assigns common subexpressions to variables and nests all other expressions.

The code needs only Python's ``math``. Its results are bit for bit equal to the engine's results, except where the IEEE-754
result is an infinity or nan: there, functions of ``math`` and divisions by 0 may raise an error.
"""

from __future__ import annotations

import keyword
import math
import unicodedata

from autograd import ops
from autograd.export.expressions import IF, LIBM, NEGATIVE, PARTIAL, ROW, VARIABLE, Expr, merge_equal, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from autograd.export.expressions import Term

    Text = tuple[str, int]  # Python code, and the precedence of its outermost operator

MAX_WIDTH = 72  # a longer expression is assigned to a variable
PRECEDENCE = {  # from low to high
    IF: 1, "or": 2, "and": 3, "<": 5, "<=": 5, ">": 5, ">=": 5, "==": 5, "!=": 5, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7,
    "%": 7, NEGATIVE: 8, "**": 9,
}  # fmt: skip
ATOM = 10

# Functions of the C library that math does not have in the same form.
DEFINITIONS = {
    "hypot": (
        "def hypot(x, y):\n    try:\n        return abs(complex(x, y))  # as in C; math.hypot may differ in the last bit\n"
        "    except OverflowError:\n        return math.inf"
    ),
    "floor": "def floor(x):\n    return math.copysign(math.floor(x), x)  # a float, also -0.0",
    "ceil": "def ceil(x):\n    return math.copysign(math.ceil(x), x)",
    "trunc": "def trunc(x):\n    return math.copysign(math.trunc(x), x)",
    "rint": "def rint(x):\n    return math.copysign(round(x), x)",
}


class Names:
    """Unique names of variables."""

    def __init__(self) -> None:
        suffixes = ("", "_dx", "_dy")  # of functions that may be defined
        self._taken = {row.name + suffix for row in ops.ROWS for suffix in suffixes}
        self._taken |= {"f", "math", "np", "jnp", "torch", "special", "float", "abs", "complex", "round", "rint", "__debug__"}
        self._counts: dict[str, int] = {}

    def new(self, wanted: str | None, default: str) -> str:
        """Return a new name.

        Args:
            wanted: The name to return. A number is appended if it is taken.
            default: Used with a number appended if ``wanted`` is None or not a valid name.
        """
        name = unicodedata.normalize("NFKC", wanted or "")  # as Python normalizes names
        if not name.isidentifier() or keyword.iskeyword(name):
            return self._numbered(default)
        if name in self._taken:
            return self._numbered(name + "_")
        self._taken.add(name)
        return name

    def _numbered(self, stem: str) -> str:
        while True:
            self._counts[stem] = self._counts.get(stem, 0) + 1
            name = f"{stem}{self._counts[stem]}"
            if name not in self._taken:
                self._taken.add(name)
                return name


class Writer:
    """Writes a function, and the imports and auxiliary functions that it needs.

    Attributes:
        functions: The code of each auxiliary function, by name, in the order of their definition.
        custom: The custom operations that the code calls, by name.
    """

    def __init__(self) -> None:
        self.functions: dict[str, str] = {}
        self.custom: dict[str, Callable[..., Any]] = {}

    def body(self, outputs: Sequence[Term], names: Names) -> tuple[list[str], list[str]]:
        """Return statements that compute the outputs, and the code of each output."""
        order, indices, uses = merge_equal(outputs)
        texts: list[Text] = []
        statements = []

        def written(term: Term) -> Text:
            return texts[indices[id(term)]] if isinstance(term, Expr) else self.number(term)

        for i, expression in enumerate(order):
            text, precedence = self._expression(expression, [written(x) for x in expression.operands])
            if expression.kind != VARIABLE and (uses[i] > 1 or expression.label is not None or len(text) > MAX_WIDTH):
                name = names.new(expression.label, "t")
                statements.append(f"{name} = {text}")
                text, precedence = name, ATOM
            texts.append((text, precedence))
        return statements, [written(output)[0] for output in outputs]

    def module(self, name: str, parameters: list[str], lines: list[str]) -> str:
        """Return the code of a module with one function and everything that it needs."""
        blocks = [*self.functions.values(), self.function_code(name, parameters, lines)]
        header = [f"# {custom} is a custom operation, defined elsewhere" for custom in self.custom]
        if any("math." in block for block in blocks):
            header.append("import math")
        return "\n\n\n".join(["\n".join(header), *blocks] if header else blocks)

    @staticmethod
    def function_code(name: str, parameters: list[str], lines: list[str]) -> str:
        """Return the code of a function."""
        return "\n    ".join([f"def {name}({', '.join(parameters)}):", *lines])

    def number(self, value: float) -> Text:
        """Return the code of a number. ``repr`` has enough digits to restore the same float."""
        if math.isfinite(value):
            text = float.__repr__(value)
        else:
            text = f"{'-' * (value < 0)}math.{'inf' if math.isinf(value) else 'nan'}"
        return text, PRECEDENCE[NEGATIVE] if text.startswith("-") else ATOM

    def _expression(self, expression: Expr, operands: list[Text]) -> Text:
        kind, payload = expression.kind, expression.payload
        if kind == VARIABLE:
            return payload, ATOM
        if kind == IF:
            condition, x, y = operands
            return f"{grouped(x, 2)} if {grouped(condition, 2)} else {grouped(y, 1)}", PRECEDENCE[IF]
        if kind == NEGATIVE:
            return f"-{grouped(operands[0], PRECEDENCE[NEGATIVE])}", PRECEDENCE[NEGATIVE]
        if kind in PRECEDENCE:
            return _infix(kind, operands)
        if kind == ROW and _has_operator(expression):
            return _infix(payload.symbol, operands)
        return f"{self._function(kind, payload)}({', '.join(text for text, _ in operands)})", ATOM

    # ---- auxiliary functions, written when they are first needed ----

    def _function(self, kind: str, payload: Any) -> str:
        """Return the name of the function that computes a ROW, PARTIAL or LIBM expression."""
        if kind == LIBM:
            return self._libm(payload)
        if kind == PARTIAL:
            row, index = payload
            arguments = [variable("out"), *_arguments(row)]
            return self._define(f"{row.name}_d{'xy'[index]}", arguments, row.partial(index, *arguments))
        return self._row(payload)

    def _row(self, row: ops.Operation) -> str:
        if row.function is not None:
            return self._custom(row.name, row.function)
        arguments = _arguments(row)
        forward = row.forward(*arguments)
        if forward.kind == LIBM and list(map(id, forward.operands)) == list(map(id, arguments)):
            return self._libm(forward.payload)
        return self._define(row.name, arguments, forward)

    def _libm(self, function: Any) -> str:
        name: str = function.c_name
        if name in DEFINITIONS:
            self.functions[name] = DEFINITIONS[name]
            return name
        return f"math.{name if hasattr(math, name) else function.function.__name__}"

    def _define(self, name: str, arguments: list[Expr], value: Expr) -> str:
        if name not in self.functions:
            parameters = [argument.payload for argument in arguments]
            self.functions[name] = ""  # the value may call the function itself
            statements, (result,) = self.body([value], Names())
            del self.functions[name]  # insert it again, after the functions that it calls
            self.functions[name] = self.function_code(name, parameters, [*statements, f"return {result}"])
        return name

    def _custom(self, name: str, function: Callable[..., Any]) -> str:
        number = 1
        unique = name if name.isidentifier() else "operation"
        while self.custom.setdefault(unique, function) is not function:
            number += 1
            unique = f"{name}_{number}"
        return unique


def _arguments(row: ops.Operation) -> list[Expr]:
    return [variable(name) for name in ("x", "y")[: len(row.partials)]]


def _has_operator(expression: Expr) -> bool:
    """Return whether Python has an operator that computes the row bit for bit.

    The operator ``**`` does so for integer exponents. For others, the power of a negative number is complex in Python.
    """
    if expression.payload.symbol == "**":
        exponent = expression.operands[1]
        return isinstance(exponent, float) and exponent.is_integer()
    return expression.payload.symbol in ("%", "//")


def _infix(sign: str, operands: list[Text]) -> Text:
    precedence = PRECEDENCE[sign]
    left, right = operands
    if sign == "**":
        return f"{grouped(left, ATOM)}**{right[0]}", precedence
    is_comparison = precedence == PRECEDENCE["<"]  # comparisons cannot be chained
    return f"{grouped(left, precedence + is_comparison)} {sign} {grouped(right, precedence + 1)}", precedence


def grouped(operand: Text, minimum: int) -> str:
    """Return the operand, in parentheses if its precedence is lower than ``minimum``."""
    text, precedence = operand
    return text if precedence >= minimum else f"({text})"
