"""Prints the table of operations as C. Used when the package is built; nothing imports it at run time.

Every formula of the table is called once on symbols. A ``Symbol`` is a piece of C code that stands for a number:
adding two symbols gives the code of the sum. So the compiled derivative and the Python one have one source.

``write_kernels(folder)`` writes ``_kernels.h`` (the functions), ``_kernels.pxd`` (their declarations for Cython) and
``_lanes_rows.h`` (loops over lanes, for replay).
"""

from __future__ import annotations

import math
from pathlib import Path

from autograd import ops
from autograd.ops import TABLE, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Symbol:
    """C code for a number or a condition."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __neg__(self) -> Symbol:
        return Symbol(f"(-{self.code})")

    def _pick(self, x: Any, y: Any) -> Symbol:
        return Symbol(f"({self.code} ? {c(x)} : {c(y)})")

    def _call_libm(self, function: Any, arguments: tuple[Any, ...]) -> Symbol:
        return Symbol(f"{function.c_name}({', '.join(map(c, arguments))})")

    def _apply(self, operation: Operation, operands: tuple[Any, ...]) -> Symbol:
        return Symbol(f"{operation.name}_forward({', '.join(map(c, operands))})")

    __hash__ = None  # type: ignore[assignment]  # == makes code, so a symbol cannot be looked up


def _make_operator(sign: str, swapped: bool) -> Any:
    def operator(left: Any, right: Any) -> Symbol:
        if swapped:
            left, right = right, left
        return Symbol(f"({c(left)} {sign} {c(right)})")

    return operator


for _name, _sign in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=", "and": "&", "or": "|",
}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _make_operator(_sign, swapped=False))
    setattr(Symbol, f"__r{_name}__", _make_operator(_sign, swapped=True))


def c(number: Symbol | float) -> str:
    """The C code of a symbol or of a constant (``repr`` has all the digits that make the same float again)."""
    if isinstance(number, Symbol):
        return number.code
    if math.isnan(number):
        return "NAN"
    if math.isinf(number):
        return "INFINITY" if number > 0 else "(-INFINITY)"
    return repr(float(number)) if math.copysign(1.0, number) > 0 else f"({float(number)!r})"


def c_functions(operation: Operation) -> dict[str, str]:
    """The C functions of one row, by name: its value and its partial derivatives.

    >>> from autograd import ops
    >>> print(c_functions(ops.exp)["exp_dx"])
    static inline double exp_dx(double out, double x) { return out; }
    """
    names = ["x", "y"][: len(operation.partials)]
    operands = [Symbol(name) for name in names]
    bodies = {"forward": (operation.forward(*operands), names)}
    for index, suffix in enumerate(["dx", "dy"][: len(names)]):
        bodies[suffix] = (operation.partial(index, Symbol("out"), *operands), ["out", *names])
    return {
        f"{operation.name}_{suffix}": (
            f"static inline double {operation.name}_{suffix}({', '.join(f'double {a}' for a in arguments)}) "
            f"{{ return {c(body)}; }}"
        )
        for suffix, (body, arguments) in bodies.items()
    }


# The entry points: name, number of operands of the rows they serve, which function of the row, arguments.
ENTRY_POINTS = [
    ("forward1", 1, "forward", ["x"]),
    ("forward2", 2, "forward", ["x", "y"]),
    ("partial1", 1, "dx", ["out", "x"]),
    ("partial2x", 2, "dx", ["out", "x", "y"]),
    ("partial2y", 2, "dy", ["out", "x", "y"]),
]


def kernels_header() -> str:
    """The text of ``_kernels.h``: the functions of every row, and a switch over the rows for each entry point."""
    functions = [function for operation in TABLE for function in c_functions(operation).values()]
    lines = ["/* Generated from autograd/ops.py by autograd/codegen.py. Do not edit. */", "#include <math.h>", ""]
    lines += [function.split(" { ")[0] + ";" for function in functions]  # declared first: rows use each other
    lines += ["", *functions, "", *dot_macros(), "", "enum {"]
    lines += [f"    {operation.name.upper()} = {operation.code}," for operation in TABLE]
    lines += ["};", ""]
    for name, arity, suffix, arguments in ENTRY_POINTS:
        lines += [
            f"static inline double {name}(int code, {', '.join(f'double {a}' for a in arguments)}) {{",
            "    switch (code) {",
        ]
        for operation in TABLE:
            if len(operation.partials) == arity:
                call = f"{operation.name}_{suffix}({', '.join(arguments)})"
                lines.append(f"        case {operation.name.upper()}: return {call};")
        lines += ["        default: return NAN;", "    }", "}", ""]
    return "\n".join(lines)


def kernels_declarations() -> str:
    """The text of ``_kernels.pxd``, through which Cython sees the header."""
    lines = [
        "# Generated from autograd/ops.py by autograd/codegen.py. Do not edit.",
        'cdef extern from "_kernels.h" nogil:',
        "    enum:",
    ]
    lines += [f"        {operation.name.upper()}" for operation in TABLE]
    lines += [
        f"    double {name}(int code, {', '.join(f'double {a}' for a in arguments)})" for name, _, _, arguments in ENTRY_POINTS
    ]
    return "\n".join(lines) + "\n"


# The loops over lanes: name, number of operands of the rows, which function of the row, its arguments.
LANE_LOOPS = [
    ("give1", 1, "dx", ["out", "x"]),
    ("give2x", 2, "dx", ["out", "x", "y"]),
    ("give2y", 2, "dy", ["out", "x", "y"]),
]


def lanes_rows() -> str:
    """The text of ``_lanes_rows.h``: for every row loops over lanes, forward and for what each operand is given back."""
    lines = ["/* Generated from autograd/ops.py by autograd/codegen.py. Do not edit. */"]
    for arity, names in ((1, ["x"]), (2, ["x", "y"])):
        offsets = ", ".join(f"int {name}" for name in names)
        lines += [f"TARGET static void NAME(forward{arity})(int code, double *v, int out, {offsets}, long n) {{"]
        lines += [f"    const double *restrict {name}s = v + {name};" for name in names]
        lines += ["    double *restrict outs = v + out;", "    switch (code) {"]
        arguments = ", ".join(f"{name}s[i]" for name in names)
        for row in TABLE:
            if len(row.partials) == arity and not row.variadic:
                call = f"{row.name}_forward({arguments})"
                lines.append(f"        case {row.name.upper()}: for (long i = 0; i < n; i++) outs[i] = {call}; return;")
        lines += ["    }", "}", ""]
    for name, arity, suffix, places in LANE_LOOPS:
        offsets = ", ".join(f"int {place}" for place in places)
        lines += [
            f"TARGET static void NAME({name})(",
            f"    int code, double *a, const double *v, int target, int from, {offsets}, long n",
            ") {",
            "    double *restrict to = a + (target >> 1);",
            "    const double *restrict froms = a + from;",
        ]
        lines += [f"    const double *restrict {place}s = v + {place};" for place in places]
        lines += ["    switch (code) {"]
        arguments = ", ".join(f"{place}s[i]" for place in places)
        for row in TABLE:
            if len(row.partials) == arity and not row.variadic:
                partial = f"{row.name}_{suffix}({arguments})"
                passed = (
                    f"passed_gate(froms[i], {partial})" if row is ops.gate else f"passed_on(froms[i], froms[i] * {partial})"
                )
                lines += [
                    f"        case {row.name.upper()}:",
                    f"            if (target & 1) for (long i = 0; i < n; i++) to[i] = {passed};",
                    f"            else for (long i = 0; i < n; i++) to[i] += {passed};",
                    "            return;",
                ]
        lines += ["    }", "}", ""]
    return "\n".join(lines)


def dot_macros() -> list[str]:
    """The row of ``dot`` as macros, which take numbers and vectors alike."""
    operands = Symbol("w"), Symbol("x")
    bodies = {
        "dot_term": ops.dot.forward(*operands),
        "dot_partial_w": ops.dot.partial(0, None, *operands),
        "dot_partial_x": ops.dot.partial(1, None, *operands),
    }
    return [f"#define {name}(w, x) ({c(body)})" for name, body in bodies.items()]


def write_kernels(folder: Path) -> None:
    """Write the files into ``folder``, leaving alone what is already right so that nothing is rebuilt for nothing."""
    texts = {
        "base/_kernels.h": kernels_header(),
        "base/_kernels.pxd": kernels_declarations(),
        "replay/_lanes_rows.h": lanes_rows(),
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
