"""Functions written as one Python expression, with inputs to call them with; and how random steps become one.

Every operation is kept inside its domain by what it is applied to, ``log(1 + square(x))``, so that the function has a
finite value and gradient everywhere near its inputs, and a checker of gradients need not look out for poles.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import autograd
from autograd import ops
from autograd.base.real import as_float
from autograd.no_grad import no_grad
from autograd.value import Value

# An operation and its operands. A float is a constant; 0, 1, 2, ... are inputs and results that no step has used yet, from
# the latest; -1, -2, ... those already used, from the last to be used. Where there are not so many, one of the others.
Step = tuple[ops.Operation, Sequence[int | float]]

LARGEST = 1e6  # a step with a larger result is left out: sin(1e20) would tell nothing about gradients

# Narrower domains than those of the table: away from poles, and from where a result grows beyond all numbers.
_NARROWER = {
    "div": (ops.REAL, ops.POSITIVE),
    "mod": (ops.REAL, ops.POSITIVE),
    "floor_div": (ops.REAL, ops.POSITIVE),
    "pow": (ops.POSITIVE, ops.UNIT),
    "atan2": (ops.REAL, ops.POSITIVE),
    "cbrt": (ops.POSITIVE,),
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "tan"), (ops.UNIT,)),
}


class Expression:
    """A function as Python code, and inputs to call it with; ``repr`` is the code that makes it again.

    Call it with floats, Values, or whatever else autograd's functions take.

    Args:
        code: a ``lambda`` that calls autograd's functions by their names.
        inputs: a number for each of its arguments.
        own: operations of your own that it calls, by name.

    Attributes:
        code: the source.
        inputs: the numbers, as a tuple of floats.

    Raises:
        ValueError: if the code is not a lambda of as many arguments as there are inputs, or calls a function that
            autograd does not have.
        TypeError: if an input is not a real number.

    >>> f = Expression("lambda x, y: sin(x) * y", 0.0, 2.0)
    >>> f(*f.inputs), f(1.0, Value(0.0))
    (0.0, Value(0.0, grad=0.0, op='*'))
    """

    def __init__(self, code: str, *inputs: float, **own: Callable[..., Any]) -> None:
        self.code = code
        self.inputs = tuple(as_float(number, "an input of an Expression") for number in inputs)
        self._own = own
        try:
            tree = ast.parse(code, mode="eval")
        except SyntaxError as problem:
            raise ValueError(f"the code of an Expression must be a lambda, not {code!r}: {problem}") from None
        if not isinstance(tree.body, ast.Lambda):
            raise ValueError(f"the code of an Expression must be a lambda, not {code!r}")
        if len(tree.body.args.args) != len(inputs):
            count = len(tree.body.args.args)
            raise ValueError(f"an Expression needs an input for each argument, not {len(inputs)} for the {count} of {code!r}")
        self._compiled = compile(tree, "<expression>", "eval")
        self._function = self.on(vars(autograd))

    def __call__(self, *arguments: Any) -> Any:
        """The value at these arguments."""
        return self._function(*arguments)

    def on(self, functions: Mapping[str, Any]) -> Callable[..., Any]:
        """The same function made of other ``sin``, ``maximum``, ...: ``f.on(vars(torch))`` takes tensors.

        Operators are those of the arguments. ``sum`` is given a list, ``dot`` two lists and a number, and any function
        numbers among its arguments, as autograd's are.

        Raises:
            ValueError: if a function that is needed is not there; the message names all such.
        """
        namespace: dict[str, Any] = {"__builtins__": {}}
        function: Callable[..., Any] = eval(self._compiled, namespace)
        needed = function.__code__.co_names
        namespace.update((name, item[name]) for item in (self._own, functions) for name in needed if name in item)
        missing = [name for name in needed if name not in namespace]
        if missing:
            raise ValueError(f"{self.code!r} needs functions that are not there: {', '.join(missing)}")
        return function

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        own = [f"{name}={name}" for name in self._own]
        return f"Expression({', '.join([*map(repr, [self.code, *self.inputs]), *own])})"


def assemble(inputs: Sequence[float], steps: Sequence[Step]) -> Expression:
    """The expression whose value is the result of the last step; what does not lead to it is left out."""
    names = ["x"] if len(inputs) == 1 else [f"x{i}" for i in range(1, len(inputs) + 1)]
    results = {name: Value(number) for name, number in zip(names, inputs, strict=True)}
    functions = {**vars(autograd), **{row.name: row.function for row, _ in steps if row.function is not None}}
    made: dict[str, tuple[ops.Operation, list[str | float]]] = {}
    unused, used = names[::-1], list[str]()  # each from the latest
    for row, operands in steps:
        chosen = [_take(x, unused, used) if isinstance(x, int) else x for x in operands]
        with no_grad():
            result = eval(_apply(row, chosen), functions, results)
        if abs(result.data) <= LARGEST:
            name = f"t{len(made)}"
            made[name], results[name] = (row, chosen), result
            unused.insert(0, name)
    code = ast.unparse(ast.parse(f"lambda {', '.join(names)}: {_inlined(list(results)[-1], made)}"))
    own = {row.name: row.function for row, _ in made.values() if row.function is not None and f"{row.name}(" in code}
    return Expression(code, *inputs, **own)


def _take(place: int, unused: list[str], used: list[str]) -> str:
    """The name at this place; it is used from now on."""
    if place < 0:
        among, others, place = used, unused, -1 - place
    else:
        among, others = unused, used
    name = (among or others).pop(min(place, len(among or others) - 1))
    used.insert(0, name)
    return name


def _inlined(last: str, made: Mapping[str, tuple[ops.Operation, list[str | float]]]) -> str:
    """A result as one expression of the inputs; what is used more than once is named where it is first used."""
    uses = dict.fromkeys(made, 0)
    todo = [last]
    while todo:
        name = todo.pop()
        if name in made:
            uses[name] += 1
            if uses[name] == 1:
                todo += [x for x in made[name][1] if isinstance(x, str)]
    written: dict[str, str] = {}

    def text(operand: str | float) -> str | float:  # recursion is as deep as there are steps
        if not isinstance(operand, str) or operand not in made:
            return operand
        if operand not in written:
            row, operands = made[operand]
            code = _apply(row, [text(x) for x in operands])
            if uses[operand] == 1:
                return code
            written[operand] = f"t{len(written) + 1}"
            return f"({written[operand]} := {code})"
        return written[operand]

    return str(text(last))


def _apply(row: ops.Operation, operands: Sequence[str | float]) -> str:
    """The code of the operation, of operands that are code or constants; ``ast.unparse`` takes off needless parentheses."""
    if row.variadic:
        *terms, bias = map(_written, operands)
        half = len(terms) // 2
        if row is ops.dot:
            return f"dot([{', '.join(terms[:half])}], [{', '.join(terms[half:])}], {bias})"
        return f"sum([{', '.join([*terms, bias])}])"
    domain = _NARROWER.get(row.name, row.domain)
    texts = [_inside(operand, *interval) for operand, interval in zip(operands, domain, strict=True)]
    if row is ops.pow and not isinstance(operands[1], str):
        texts = [_written(operands[0]), str(2 + int(abs(operands[1])) % 2)]  # a square or a cube, of any sign
    if row is ops.neg:
        return f"(-{texts[0]})"
    if row.symbol.isidentifier():
        return f"{row.name}({', '.join(texts)})"
    return f"({texts[0]} {row.symbol} {texts[1]})"


def _inside(operand: str | float, low: float, high: float) -> str:
    """Something that lies between the two, whatever the operand is."""
    text = _written(operand)
    if math.isfinite(low) and math.isfinite(high):
        middle, reach = (low + high) / 2, 0.9 * ((high - low) / 2)
        text = f"({middle:g} + {reach!r} * sin({text}))" if middle else f"({reach!r} * sin({text}))"
    elif math.isfinite(low):
        text = f"({low + 1:g} + square({text}))" if low != -1 else f"square({text})"
    elif math.isfinite(high):
        text = f"({high - 1:g} - square({text}))"
    if isinstance(operand, str) or (low, high) == ops.REAL:
        return text
    return repr(round(eval(text, vars(autograd).copy()), 3))  # of a constant, a constant


def _written(operand: str | float) -> str:
    return operand if isinstance(operand, str) else f"({operand!r})"
