"""The writer of code for arrays: NumPy, JAX and PyTorch. Both branches of a condition are computed, and ``where`` selects one.

Each library is one row of ``LIBRARIES``. A function of the C library that is not in ``FUNCTIONS`` has the same name there.
"""

from __future__ import annotations

import math

from autograd.export.expressions import IF, NEGATIVE, VARIABLE, Expr
from autograd.export.python_writer import ATOM, PRECEDENCE, Writer, grouped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.export.python_writer import Text


class Library:
    """An array library.

    Attributes:
        name: The module that holds the functions, as the code calls it.
        imports: The statements that import it, and those that import its special functions.
        special: Where ``erf`` and ``erfc`` are.
        convert: The code that makes an array of double precision from the argument ``{}``.
        decorator: The line before each function, or an empty string.
    """

    def __init__(self, name: str, imports: tuple[str, str], special: str, convert: str, decorator: str = "") -> None:
        self.name: str = name
        self.imports: tuple[str, str] = imports
        self.special: str = special
        self.convert: str = convert
        self.decorator: str = decorator


LIBRARIES = {
    "numpy": Library(
        "np", ("import numpy as np", "from scipy import special"), "special", "np.asarray({}, dtype=float)",
        "@np.errstate(all='ignore')\n",  # the engine computes infinities and nan without warnings
    ),
    "jax": Library(
        "jnp", ("import jax.numpy as jnp", "from jax.scipy import special"), "special", "jnp.asarray({}, dtype=float)",
    ),
    "torch": Library("torch", ("import torch", ""), "torch", "torch.as_tensor({}, dtype=torch.float64)"),
}  # fmt: skip

FUNCTIONS = {"fabs": "abs", "pow": "power"}
INVERSE = ("acos", "acosh", "asin", "asinh", "atan", "atanh", "atan2")  # arccos etc. in NumPy and JAX
TORCH = {"fabs": "abs", "rint": "round", "pow": "pow"}
TORCH_DEFINITIONS = {"cbrt": "def cbrt(x):\n    return torch.copysign(torch.abs(x) ** (1.0 / 3.0), x)"}


class ArrayWriter(Writer):
    """Writes a function of arrays for one library."""

    def __init__(self, library: str) -> None:
        super().__init__()
        self.library: Library = LIBRARIES[library]

    def module(self, name: str, parameters: list[str], lines: list[str]) -> str:
        """Return the code of a module with one function and everything that it needs."""
        library = self.library
        names = [parameter.split("=")[0] for parameter in parameters]
        main = self.function_code(name, parameters, [*(f"{x} = {library.convert.format(x)}" for x in names), *lines])
        code = "\n\n\n".join([*self.functions.values(), library.decorator + main])
        imports = [
            line for line, prefix in zip(library.imports, (library.name, "special"), strict=True) if f"{prefix}." in code
        ]
        return "\n".join([*imports, "", "", code])

    def broadcast(self, code: str, like: str) -> str:
        """Return the code of an array with the shape of ``like``, for numbers that may have fewer rows, such as constants."""
        if self.library.name == "torch":
            code = self.library.convert.format(code)
        return f"{self.library.name}.broadcast_to({code}, {like}.shape)"

    def number(self, value: float) -> Text:
        """Return the code of a number."""
        if math.isfinite(value):
            return super().number(value)
        text = f"{'-' * (value < 0)}{self.library.name}.{'inf' if math.isinf(value) else 'nan'}"
        return text, PRECEDENCE[NEGATIVE] if value < 0 else ATOM

    def _expression(self, expression: Expr, operands: list[Text]) -> Text:
        kind = expression.kind
        if kind == IF:
            return f"{self.library.name}.where({', '.join(text for text, _ in self._as_arrays(expression, operands))})", ATOM
        if kind in ("and", "or"):
            left, right = (grouped(operand, ATOM) for operand in operands)
            return f"({left} {'&' if kind == 'and' else '|'} {right})", ATOM
        if kind in PRECEDENCE and PRECEDENCE[kind] == PRECEDENCE["<"]:
            return f"({super()._expression(expression, operands)[0]})", ATOM
        if kind == VARIABLE or kind in PRECEDENCE:
            return super()._expression(expression, operands)
        function = self._function(kind, expression.payload)
        return f"{function}({', '.join(text for text, _ in self._as_arrays(expression, operands))})", ATOM

    def _as_arrays(self, expression: Expr, operands: list[Text]) -> list[Text]:
        """Return the operands of a function. Those of PyTorch take tensors only."""
        if self.library.name != "torch":
            return operands
        return [
            (text, precedence) if isinstance(x, Expr) else (self.library.convert.format(text), ATOM)
            for x, (text, precedence) in zip(expression.operands, operands, strict=True)
        ]

    def _libm(self, function: Any) -> str:
        name: str = function.c_name
        library = self.library
        if name in ("erf", "erfc"):
            return f"{library.special}.{name}"
        if library.name != "torch":
            return f"{library.name}.{FUNCTIONS.get(name, 'arc' + name[1:] if name in INVERSE else name)}"
        if name in TORCH_DEFINITIONS:
            self.functions[name] = TORCH_DEFINITIONS[name]
            return name
        return f"torch.{TORCH.get(name, name)}"

    def _custom(self, name: str, function: Callable[..., Any]) -> str:
        raise ValueError(
            f"the custom operation {name!r} cannot be written for arrays, because it is a Python function of numbers; use "
            "operations of the table, or export with to_python()"
        )
