"""``Expression``: a function written as one Python expression, with inputs. ``assemble`` builds one from random operations.

Operands are transformed to be inside the domain of their operation, for example ``log(1 + square(x))``. Therefore the function
has a finite value and gradient everywhere near its inputs, and a gradient checker does not encounter poles.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

import autograd
from autograd import ops
from autograd.base.real import as_float
from autograd.no_grad import no_grad
from autograd.value import Value

# An operation and its operands. A float operand is a constant. 0, 1, 2, ... are inputs and results that have not been used
# yet, latest first; -1, -2, ... are used ones, most recently used first. If either list is empty, the other one is used.
Application = tuple[ops.Operation, Sequence[int | float]]

MAX_RESULT = 1e6  # larger results are discarded: the gradient of sin(1e20) is not meaningful

# Domains that exclude poles and overflow. Other operations have the domains of the table.
_SAFE_DOMAINS = {
    "div": (ops.REAL, ops.POSITIVE),
    "mod": (ops.REAL, ops.POSITIVE),
    "floor_div": (ops.REAL, ops.POSITIVE),
    "fmod": (ops.REAL, ops.POSITIVE),
    "pow": (ops.POSITIVE, ops.UNIT),
    "atan2": (ops.REAL, ops.POSITIVE),
    "cbrt": (ops.POSITIVE,),
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "tan", "erfcx", "i0", "i1"), (ops.UNIT,)),
}


class Expression:
    """A function as Python code, with inputs. ``repr`` returns code that creates the expression again.

    An expression can be called with floats, Values, or other arguments that autograd's functions accept.

    Args:
        code: A ``lambda`` that calls autograd's functions by name.
        inputs: One number per argument.
        own: Custom operations that the code calls, by name.

    Attributes:
        code: The source code.
        inputs: The inputs, as floats.

    Raises:
        ValueError: If ``code`` is not a lambda with one positional argument per input and no defaults, is nested too deeply
            for Python, or calls a function that is neither in autograd nor in ``own``.
        TypeError: If an input is not a real number.

    >>> f = Expression("lambda x, y: sin(x) * y", 0.0, 2.0)
    >>> f(*f.inputs), f(1.0, Value(0.0))
    (0.0, Value(0.0, grad=0.0, op='*'))
    """

    def __init__(self, code: str, *inputs: float, **own: Callable[..., Any]) -> None:
        self.code: str = code
        self.inputs: tuple[float, ...] = tuple(as_float(number, "an input of an Expression") for number in inputs)
        self._own = own
        try:
            tree = ast.parse(code, mode="eval")
            self._compiled = compile(tree, "<expression>", "eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:  # the last two if it is nested too deeply
            reason = str(problem) or type(problem).__name__
            raise ValueError(f"the code of an Expression must be a lambda, not {code!r:.200}: {reason:.200}") from None
        if not isinstance(tree.body, ast.Lambda):
            raise ValueError(f"the code of an Expression must be a lambda, not {code!r:.200}")
        signature = tree.body.args
        if signature.defaults or signature.vararg or signature.kwonlyargs or signature.kwarg:  # a default is computed at once
            raise ValueError(f"the lambda of an Expression must have positional arguments without defaults, not {code!r:.200}")
        if (count := len(signature.posonlyargs) + len(signature.args)) != len(inputs):
            raise ValueError(f"an Expression needs one input per argument, not {len(inputs)} for the {count} of {code!r:.200}")
        self._function = self.on(vars(autograd))
        self.__signature__: inspect.Signature = inspect.signature(self._function)  # for the names in reports of gradcheck

    def __call__(self, *arguments: Any) -> Any:
        """Compute the function."""
        return self._function(*arguments)

    def on(self, functions: Mapping[str, Any]) -> Callable[..., Any]:
        """Return the same function built from other implementations of ``sin``, ``maximum``, ...

        Operators such as ``*`` are the operators of the arguments. ``sum`` is called with a list, ``dot`` with two lists and
        a number, and every function may be called with plain numbers.

        Args:
            functions: Functions by name. ``f.on(vars(torch))`` accepts tensors.

        Raises:
            ValueError: If functions are missing; the message lists them.

        >>> import math
        >>> Expression("lambda x: sin(x) * 2", 0.0).on(vars(math))(0.0)
        0.0
        """
        namespace: dict[str, Any] = {"__builtins__": {}}
        function: Callable[..., Any] = eval(self._compiled, namespace)
        needed = _names_in(function.__code__)
        namespace.update((name, item[name]) for item in (self._own, functions) for name in needed if name in item)
        missing = [name for name in needed if name not in namespace]
        if missing:
            raise ValueError(f"{self.code!r:.200} needs functions that are missing: {', '.join(missing)}")
        return function

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        own = [f"{name}={name}" for name in self._own]
        return f"Expression({', '.join([*map(repr, [self.code, *self.inputs]), *own])})"


def _names_in(code: CodeType) -> list[str]:
    """Return the global names and attributes that code uses, including the functions in it."""
    inner = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names_in(part)]
    return list(dict.fromkeys([*code.co_names, *inner]))


def assemble(inputs: Sequence[float], applications: Sequence[Application]) -> Expression:
    """Return the expression whose value is the last result. Operations that it does not depend on are omitted."""
    names = ["x"] if len(inputs) == 1 else [f"x{i}" for i in range(1, len(inputs) + 1)]
    results = {name: Value(number) for name, number in zip(names, inputs, strict=True)}
    functions = {**vars(autograd), **{row.name: row.function for row, _ in applications if row.function is not None}}
    computed: dict[str, tuple[ops.Operation, list[str | float]]] = {}
    unused, used = names[::-1], list[str]()  # latest first
    for row, operands in applications:
        chosen = [_take(x, unused, used) if isinstance(x, int) else x for x in operands]
        with no_grad():
            result = eval(_apply(row, chosen), functions, results)
        if abs(result.data) <= MAX_RESULT:
            name = f"t{len(computed)}"
            computed[name], results[name] = (row, chosen), result
            unused.insert(0, name)
    code = ast.unparse(ast.parse(f"lambda {', '.join(names)}: {_inlined(list(results)[-1], computed)}"))
    own = {row.name: row.function for row, _ in computed.values() if row.function is not None and f"{row.name}(" in code}
    return Expression(code, *inputs, **own)


def _take(place: int, unused: list[str], used: list[str]) -> str:
    """Return the name at this position, and move it to the front of ``used``."""
    names = (used or unused) if place < 0 else (unused or used)
    index = -1 - place if place < 0 else place
    name = names.pop(min(index, len(names) - 1))
    used.insert(0, name)
    return name


def _inlined(last: str, computed: Mapping[str, tuple[ops.Operation, list[str | float]]]) -> str:
    """Return a result as one expression of the inputs. A result with several uses is assigned to a name at its first use."""
    uses = dict.fromkeys(computed, 0)
    todo = [last]
    while todo:
        name = todo.pop()
        if name in computed:
            uses[name] += 1
            if uses[name] == 1:
                todo += [x for x in computed[name][1] if isinstance(x, str)]
    written: dict[str, str] = {}

    def text(operand: str | float) -> str | float:  # recursion depth: at most the number of operations
        if not isinstance(operand, str) or operand not in computed:
            return operand
        if operand not in written:
            row, operands = computed[operand]
            code = _apply(row, [text(x) for x in operands])
            if uses[operand] == 1:
                return code
            written[operand] = f"t{len(written) + 1}"
            return f"({written[operand]} := {code})"
        return written[operand]

    return str(text(last))


def _apply(row: ops.Operation, operands: Sequence[str | float]) -> str:
    """Return the code of an operation on code or constants. ``ast.unparse`` later removes redundant parentheses."""
    if row.variadic:
        *terms, bias = map(_written, operands)
        half = len(terms) // 2
        if row is ops.dot:
            return f"dot([{', '.join(terms[:half])}], [{', '.join(terms[half:])}], {bias})"
        return f"sum([{', '.join([*terms, bias])}])"
    domain = _SAFE_DOMAINS.get(row.name, row.domain)
    texts = [_inside(operand, *interval) for operand, interval in zip(operands, domain, strict=True)]
    if row is ops.pow and not isinstance(operands[1], str):
        texts = [_written(operands[0]), str(2 + int(abs(operands[1])) % 2)]  # a square or a cube, of any sign
    if row is ops.neg:
        return f"(-{texts[0]})"
    if row.symbol.isidentifier():
        return f"{row.name}({', '.join(texts)})"
    return f"({texts[0]} {row.symbol} {texts[1]})"


def _inside(operand: str | float, low: float, high: float) -> str:
    """Return code that maps an operand of any size into the interval from ``low`` to ``high``."""
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
    return repr(round(eval(text, vars(autograd).copy()), 3))  # a constant stays a constant


def _written(operand: str | float) -> str:
    """Return the code of an operand, with a constant in parentheses."""
    return operand if isinstance(operand, str) else f"({operand!r})"
