"""``Engine``: the class under test, and the comparison of its results with exact ones.

A trap calls ``check`` with expressions, from small to large. ``check`` raises ``Fault`` at the first wrong result.
"""

from __future__ import annotations

import ast
import contextlib
import io
import math
import os
import sys
import traceback

from autograd.engines.exact import exact_functions, exact_results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "__add__", ast.Sub: "__sub__", ast.Mult: "__mul__", ast.Div: "__truediv__",
    ast.Pow: "__pow__", ast.USub: "__neg__",
}  # fmt: skip
NUMPY_TYPES = ("float64", "float32", "int64")


class Fault(Exception):  # noqa: N818 - a finding, not an error of this package
    """A wrong result or an error of the engine.

    Args:
        expression, expected, found: See ``TrapResult``.
        cause: The cause, if it is known better than the usual cause that is stated at the trap.
        error: The error that the engine raised, if any.
        is_value: Whether the value of the root is wrong, not the gradient.
    """

    def __init__(
        self,
        expression: str,
        expected: str,
        found: str,
        *,
        cause: str = "",
        error: BaseException | None = None,
        is_value: bool = False,
    ) -> None:
        super().__init__(expression, expected, found)
        self.expression: str = expression
        self.expected: str = expected
        self.found: str = found
        self.cause: str = cause
        self.error: BaseException | None = error
        self.is_value: bool = is_value


class NotOffered(Exception):  # noqa: N818 - not an error: the engine lacks the operation
    """The engine lacks the operations of a trap."""


class Engine:
    """The class under test.

    Args:
        create: The class, or a function that creates a leaf from a float.
        rtol: Maximum relative error of results.
        time_limit: Time per trap, in seconds.

    Attributes:
        output: Everything that the engine has printed.
        n_checks: Number of expressions that the current trap has compared.
        skipped: Operations that the current trap needs and the engine lacks.
    """

    def __init__(self, create: Callable[[float], Any], rtol: float, time_limit: float) -> None:
        self.create: Callable[[Any], Any] = create
        self.rtol: float = rtol
        self.time_limit: float = time_limit
        self.output: io.StringIO = io.StringIO()
        self.n_checks: int = 0
        self.skipped: list[str] = []

    def check(
        self,
        code: str,
        *inputs: float,
        expected: tuple[float, float] | None = None,
        shown: str = "",
        cause: str = "",
        causes: Mapping[float, str] | None = None,
    ) -> None:
        """Compare the value and the gradient of an expression with the exact ones.

        An expression that needs operations that the engine lacks is skipped.

        Args:
            code: A lambda that returns a root, or a tuple of roots. ``backward`` is called on each root in turn, and the
                expected gradient is the gradient of the sum of all roots.
            inputs: The arguments of the lambda.
            expected: The value and the derivative with respect to the only argument, where a convention defines them.
            shown: The expression as shown in the report.
            cause: The cause of a wrong derivative, if it is not the usual one of the trap.
            causes: Causes of particular wrong derivatives.

        Raises:
            Fault: If the value or the gradient is wrong, or the engine raises an error.
            NotOffered: If the engine refuses to call ``backward`` again.
        """
        values, gradient = exact_results(code, inputs) if expected is None else ([expected[0]], [expected[1]])
        names = [argument.arg for argument in ast.parse(code, mode="eval").body.args.args]  # type: ignore[attr-defined]
        point = ", ".join(f"{name} = {number:g}" for name, number in zip(names, inputs, strict=True))
        shown = f"{shown or code.partition(': ')[2]} at {point}"
        wanted = [f"{name}.grad = {number:.10g}" for name, number in zip(names, gradient, strict=True)]
        with self.watch(shown, ", ".join([*(f"data = {value:.10g}" for value in values[:1]), *wanted])):
            if missing := self.missing(code):
                self.skipped += missing
                return
            self.n_checks += 1
            leaves = [self.create(number) for number in inputs]
            roots = self.function(code)(*leaves)
            roots = roots if isinstance(roots, tuple) else (roots,)
            for i, (root, value) in enumerate(zip(roots, values, strict=True)):
                if not hasattr(root, "backward"):
                    raise Fault(shown, "a node", f"{root!r:.40}, which has no backward()", is_value=True)
                if not self.is_close(root.data, value):
                    raise Fault(shown, f"data = {value:.10g}", f"data = {_text(root.data)}", is_value=True)
                _backward(root, is_first=i == 0)
            for name, leaf, number, text in zip(names, leaves, gradient, wanted, strict=True):
                if not self.is_close(leaf.grad, number):
                    cause = next((text for x, text in (causes or {}).items() if self.is_close(leaf.grad, x)), cause)
                    raise Fault(shown, text, f"{name}.grad = {_text(leaf.grad)}", cause=cause)

    @contextlib.contextmanager
    def watch(self, shown: str, expected: str) -> Iterator[None]:
        """Turn errors of the engine into a ``Fault``."""
        try:
            yield
        except (Fault, NotOffered):
            raise
        except Exception as problem:  # every error of the engine is a finding
            raise Fault(shown, expected, describe(problem), error=problem) from problem

    def passes(self, code: str, *inputs: float) -> bool:
        """Return whether the engine offers an expression and computes it without a fault. It does not count as a check."""
        n_checks, n_skipped = self.n_checks, len(self.skipped)
        try:
            self.check(code, *inputs)
        except (Fault, NotOffered):
            return False
        else:
            return self.n_checks > n_checks
        finally:
            self.n_checks = n_checks
            del self.skipped[n_skipped:]

    def function(self, code: str) -> Callable[..., Any]:
        """Return a lambda that calls the functions of the engine."""
        namespace: dict[str, Any] = {name: self.find_function(name) for name in exact_functions()}
        if any(name in code for name in NUMPY_TYPES):
            import numpy as np

            namespace |= {name: getattr(np, name) for name in NUMPY_TYPES}
        return eval(code, namespace | {"sum": sum})  # type: ignore[no-any-return]  # a lambda

    def missing(self, code: str) -> list[str]:
        """Return the operators and functions of an expression that the engine lacks."""
        kind = type(self.create(1.0))
        found = []
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.BinOp) or (isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant)):
                method = OPERATORS[type(node.op)]  # expressions have no other operators
                if not hasattr(kind, method):
                    found.append(method)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                name = node.func.id
                if name == "sum":
                    found += [] if hasattr(kind, "__add__") else ["__add__"]
                elif name not in NUMPY_TYPES and self.find_function(name) is None:
                    found.append(name)
        return found

    def find_function(self, name: str) -> Callable[..., Any] | None:
        """Return a function of the engine: the method of this name, or a function in the module or package of the class."""
        kind = type(self.create(1.0))
        if callable(getattr(kind, name, None)):
            return lambda x: getattr(x, name)()
        parts = kind.__module__.split(".")
        for end in range(len(parts), 0, -1):
            found = getattr(sys.modules.get(".".join(parts[:end])), name, None)
            # A function that the module has imported, such as math.exp, is not a function of the engine.
            if callable(found) and (getattr(found, "__module__", None) or "").split(".")[0] == parts[0]:
                return found  # type: ignore[no-any-return]  # it is callable
        return None

    def is_close(self, found: Any, expected: float) -> bool:
        """Return whether a number of the engine is the expected one. None, which means no gradient, is 0."""
        number = 0.0 if found is None else as_number(found)
        if number is None:
            return False
        if not math.isfinite(expected):
            return number == expected
        return abs(number - expected) <= self.rtol * max(1.0, abs(expected))


def _backward(root: Any, is_first: bool) -> None:
    """Call ``backward``. A refusal of the second call, as PyTorch has it, is not a wrong number."""
    try:
        root.backward()
    except RuntimeError as problem:
        if is_first or isinstance(problem, RecursionError):
            raise
        raise NotOffered(f"a second backward pass is refused: {problem!s:.60}") from None


def as_number(thing: Any) -> float | None:
    """Return a number, tensor or node of any engine as a float, or None if it is not a number."""
    for one in (thing, getattr(thing, "data", None)):
        with contextlib.suppress(TypeError, ValueError):
            return float(one)  # type: ignore[arg-type]  # None is a TypeError
    return None


def _text(thing: Any) -> str:
    number = as_number(thing)
    return f"{number:.10g}" if number is not None else f"{thing!r:.40}"


def describe(problem: BaseException) -> str:
    """Return an error as one line, with the line of the engine that raised it."""
    text = f"{type(problem).__name__}: {problem}".splitlines()[0][:120]
    here = os.path.dirname(__file__)
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if os.path.isfile(frame.filename)]
    frames = [frame for frame in frames if os.path.dirname(frame.filename) != here]
    return f"{text} (line {frames[-1].lineno} of {os.path.basename(frames[-1].filename)})" if frames else text
