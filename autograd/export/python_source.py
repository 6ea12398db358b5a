"""Symbols written down as Python: common subexpressions get names, all others stand where they are used.

What is written needs Python's ``math`` only and computes the same bits as the engine, except that where IEEE-754 has an
infinity or a nan for a result, ``math`` and a division by 0 raise.
"""

from __future__ import annotations

import keyword
import math
import unicodedata

from autograd import ops
from autograd.export.expressions import IF, LIBM, NAME, NEGATIVE, PARTIAL, ROW, Symbol, in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from autograd.export.expressions import Term

    Text = tuple[str, int]  # an expression, and how closely its outermost operator binds

LONGEST = 72  # characters of an expression that stands where it is used
BINDS = {  # the operators of Python, from loose to close
    IF: 1, "or": 2, "and": 3, "<": 5, "<=": 5, ">": 5, ">=": 5, "==": 5, "!=": 5, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7,
    "%": 7, NEGATIVE: 8, "**": 9,
}  # fmt: skip
ATOM = 10

# What compiled code calls by these names, in Python; the other functions are those of ``math``, by the same name.
IN_PYTHON = {
    "hypot": (
        "def hypot(x, y):\n    try:\n        return abs(complex(x, y))  # as C has it; math.hypot may differ in the last bit\n"
        "    except OverflowError:\n        return math.inf"
    ),
    "floor": "def floor(x):\n    return math.copysign(math.floor(x), x)  # a float, and of -0.0 that",
    "ceil": "def ceil(x):\n    return math.copysign(math.ceil(x), x)",
}


class Names:
    """Names for variables, each used once."""

    def __init__(self) -> None:
        suffixes = ("", "_dx", "_dy")  # of the functions that may be defined
        self._taken = {row.name + suffix for row in ops.ROWS for suffix in suffixes}
        self._taken |= {"f", "math", "abs", "complex", "__debug__"}
        self._counts: dict[str, int] = {}

    def new(self, wanted: str | None, otherwise: str) -> str:
        """The wanted name if it is one in Python and free, else with a number after it; or else the other, with a number."""
        name = unicodedata.normalize("NFKC", wanted or "")  # as Python reads names
        if not name.isidentifier() or keyword.iskeyword(name):
            return self._numbered(otherwise)
        if name in self._taken:
            return self._numbered(name + "_")
        self._taken.add(name)
        return name

    def _numbered(self, start: str) -> str:
        while True:
            self._counts[start] = self._counts.get(start, 0) + 1
            name = f"{start}{self._counts[start]}"
            if name not in self._taken:
                self._taken.add(name)
                return name


class Writer:
    """Writes functions, and with them what they need: imports and further functions.

    Attributes:
        functions: the text of each further function, by name, in the order in which they are needed.
        own: the operations of the user's own that are called, by name.
    """

    def __init__(self) -> None:
        self.functions: dict[str, str] = {}
        self.own: dict[str, Callable[..., Any]] = {}

    def body(self, outputs: Sequence[Term], names: Names) -> tuple[list[str], list[str]]:
        """Statements that compute the outputs, and an expression for each."""
        order, number, uses = _merged(outputs)
        texts: list[Text] = []
        statements = []
        for i, symbol in enumerate(order):
            operands = [texts[number[id(x)]] if isinstance(x, Symbol) else self.constant(x) for x in symbol.operands]
            text, binds = self._expression(symbol, operands)
            if symbol.kind != NAME and (uses[i] > 1 or symbol.label is not None or len(text) > LONGEST):
                name = names.new(symbol.label, "t")
                statements.append(f"{name} = {text}")
                text, binds = name, ATOM
            texts.append((text, binds))
        ends = [texts[number[id(x)]] if isinstance(x, Symbol) else self.constant(x) for x in outputs]
        return statements, [text for text, _ in ends]

    def module(self, name: str, parameters: list[str], lines: list[str]) -> str:
        """The text of a module with one function, and all that it needs."""
        function = function_text(name, parameters, lines)
        own = [f"# {other} is an operation of your own, defined elsewhere" for other in self.own]
        parts = [*self.functions.values(), function]
        start = ["import math"] if any("math." in part for part in parts) else []
        return "\n\n\n".join(["\n".join([*own, *start]), *parts] if own or start else parts)

    def constant(self, value: float) -> Text:
        """A number; ``repr`` has all the digits that make the same float again."""
        if math.isfinite(value):
            text = float.__repr__(value)
        else:
            text = f"{'-' * (value < 0)}math.{'inf' if math.isinf(value) else 'nan'}"
        return text, BINDS[NEGATIVE] if text.startswith("-") else ATOM

    def _expression(self, symbol: Symbol, operands: list[Text]) -> Text:
        if symbol.kind == NAME:
            return symbol.what, ATOM
        if symbol.kind == IF:
            condition, x, y = operands
            return f"{_in_parentheses(x, 2)} if {_in_parentheses(condition, 2)} else {_in_parentheses(y, 1)}", BINDS[IF]
        if symbol.kind == NEGATIVE:
            return f"-{_in_parentheses(operands[0], BINDS[NEGATIVE])}", BINDS[NEGATIVE]
        if symbol.kind in BINDS:
            return _operation(symbol.kind, operands)
        if symbol.kind == ROW:
            if _is_operator(symbol):
                return _operation(symbol.what.symbol, operands)
            function = self._function(symbol.what)
        elif symbol.kind == PARTIAL:
            function = self._partial(*symbol.what)
        else:
            function = self._libm(symbol.what)
        return f"{function}({', '.join(text for text, _ in operands)})", ATOM

    # ---- functions, written down when they are first needed ----

    def _function(self, row: ops.Operation) -> str:
        """The name of a function that computes what the row does."""
        if row.function is not None:
            return self._own(row.name, row.function)
        arguments = _arguments(row)
        forward = row.forward(*arguments)
        if forward.kind == LIBM and list(map(id, forward.operands)) == list(map(id, arguments)):
            return self._libm(forward.what)
        return self._define(row.name, arguments, forward)

    def _partial(self, row: ops.Operation, index: int) -> str:
        arguments = [Symbol(NAME, (), "out"), *_arguments(row)]
        return self._define(f"{row.name}_d{'xy'[index]}", arguments, row.partial(index, *arguments))

    def _libm(self, function: Any) -> str:
        name: str = function.c_name
        if name in IN_PYTHON:
            self.functions[name] = IN_PYTHON[name]
            return name
        return f"math.{name if hasattr(math, name) else function.function.__name__}"

    def _define(self, name: str, arguments: list[Symbol], value: Symbol) -> str:
        if name not in self.functions:
            parameters = [symbol.what for symbol in arguments]
            self.functions[name] = ""  # it may need itself, and is needed by none of those before
            names = Names()
            statements, (result,) = self.body([value], names)
            del self.functions[name]  # behind those that it needs
            self.functions[name] = function_text(name, parameters, [*statements, f"return {result}"])
        return name

    def _own(self, name: str, function: Callable[..., Any]) -> str:
        number = 1
        unique = name if name.isidentifier() else "operation"
        while self.own.setdefault(unique, function) is not function:
            number += 1
            unique = f"{name}_{number}"
        return unique


def function_text(name: str, parameters: list[str], lines: list[str]) -> str:
    """A function of Python."""
    return "\n    ".join([f"def {name}({', '.join(parameters)}):", *lines])


def _merged(outputs: Sequence[Term]) -> tuple[list[Symbol], dict[int, int], list[int]]:
    """The symbols without those equal to others, in order; the number in it of each, by id; how often each is used."""
    order: list[Symbol] = []
    numbers: dict[Any, int] = {}
    number: dict[int, int] = {}
    uses: list[int] = []
    for symbol in in_order(outputs):
        operands = [number[id(x)] if isinstance(x, Symbol) else float.__repr__(x) for x in symbol.operands]
        key = (symbol.kind, symbol.what, *operands)
        i = number[id(symbol)] = numbers.setdefault(key, len(order))
        if i == len(order):
            order.append(symbol)
            uses.append(0)
            for operand in symbol.operands:
                if isinstance(operand, Symbol):
                    uses[number[id(operand)]] += 1
        order[i].label = order[i].label or symbol.label
    for output in outputs:
        if isinstance(output, Symbol):
            uses[number[id(output)]] += 1
    return order, number, uses


def _arguments(row: ops.Operation) -> list[Symbol]:
    return [Symbol(NAME, (), name) for name in ("x", "y")[: len(row.partials)]]


def _is_operator(symbol: Symbol) -> bool:
    """Whether Python has an operator for the row, with the same bits: ``**`` only for whole exponents, else it is complex."""
    if symbol.what.symbol == "**":
        exponent = symbol.operands[1]
        return isinstance(exponent, float) and exponent.is_integer()
    return symbol.what.symbol in ("%", "//")


def _operation(sign: str, operands: list[Text]) -> Text:
    binds = BINDS[sign]
    left, right = operands
    if sign == "**":
        return f"{_in_parentheses(left, ATOM)}**{right[0]}", binds
    return f"{_in_parentheses(left, binds + (binds == BINDS['<']))} {sign} {_in_parentheses(right, binds + 1)}", binds


def _in_parentheses(operand: Text, least: int) -> str:
    """The operand, in parentheses if it binds less closely than that."""
    text, binds = operand
    return text if binds >= least else f"({text})"
