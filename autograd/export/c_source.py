"""Generator of the C kernels: writes the table of operations as C when the package is built.

It calls each formula of the table with expressions and writes the result in C,
so the compiled derivatives come from the same source as the uncompiled ones.

``kernel_files.py`` writes the files.
"""

from __future__ import annotations

import math
from collections import Counter

from autograd import ops
from autograd.export.expressions import IF, LIBM, NEGATIVE, ROW, VARIABLE, Expr, fold, postorder, variable
from autograd.ops import WITH_KERNELS, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd.export.expressions import Term

# A formula with more expressions becomes a C function that is not inlined, because the loops over lanes call it in many places.
MAX_INLINE = 40
MACRO = "#define LONG_FUNCTION static __attribute__((noinline, unused))"

# ---- the C writer --------------------------------------------------------------------------------------------------

# The C code of each kind of expression. {0}, {1} and {2} are the operands, {name} is the variable or function.
C_CODE = {
    VARIABLE: "{name}", NEGATIVE: "(-{0})", IF: "({0} ? {1} : {2})", "and": "({0} & {1})", "or": "({0} | {1})",
} | {sign: f"({{0}} {sign} {{1}})" for sign in ("+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=")}  # fmt: skip
CONDITIONS = {"and", "or", "<", "<=", ">", ">=", "==", "!="}


def c_name(expression: Expr) -> str:
    """Return the name of the C function that an expression calls, or ``""`` if it is written with operators."""
    if expression.kind == LIBM:
        return str(expression.payload.c_name)
    return f"{expression.payload.name}_forward" if expression.kind == ROW else ""


def c_code(expression: Term, name_of: Callable[[Expr], str] = c_name) -> str:
    """Return the C code of an expression, in which ``name_of`` names the functions.

    >>> c_code(ops.exp(variable("x")) + 1)
    '(exp_forward(x) + 1.0)'
    """
    code: str = fold(expression, lambda term, operands: _c_operation(term, operands, name_of), c_number)
    return code


def _c_operation(expression: Expr, operands: list[str], name_of: Callable[[Expr], str]) -> str:
    if name := name_of(expression):
        return f"{name}({', '.join(operands)})"
    return C_CODE[expression.kind].format(*operands, name=expression.payload)


def c_number(number: float) -> str:
    """Return a number as a constant of C."""
    if math.isnan(number):
        return "NAN"
    if math.isinf(number):
        return "INFINITY" if number > 0 else "(-INFINITY)"
    # repr has enough digits to restore the same float.
    return repr(number) if math.copysign(1.0, number) > 0 else f"({number!r})"


# ---- the generated files -------------------------------------------------------------------------------------------


def c_functions(
    operation: Operation, name_of: Callable[[Expr], str] = c_name, prefix: str = ""
) -> dict[str, str]:  # fmt: skip
    """Return the C functions of one row by name: its value and its partial derivatives.

    Args:
        operation: The row.
        name_of: Names the functions that the formulas call.
        prefix: The start of each name.

    >>> print(c_functions(ops.exp)["exp_dx"])
    static inline double exp_dx(double out, double x) { return out; }
    """
    names = ["x", "y"][: len(operation.partials)]
    operands = [variable(name) for name in names]
    name = f"{prefix}{operation.name}_forward"
    functions = {name: _c_function(name, names, operation.forward(*operands), name_of)}
    for index, suffix in enumerate(["dx", "dy"][: len(names)]):
        name = f"{prefix}{operation.name}_{suffix}"
        partial = operation.partial(index, variable("out"), *operands)
        functions[name] = _c_function(name, ["out", *names], partial, name_of)
    return functions


def _c_function(name: str, arguments: list[str], result: Term, name_of: Callable[[Expr], str]) -> str:
    is_long = len(postorder([result])) > MAX_INLINE
    statements, code = _statements(result, name_of) if is_long else ("", c_code(result, name_of))
    qualifier = "LONG_FUNCTION" if statements else "static inline"
    return f"{qualifier} double {name}({_parameters(arguments)}) {{ {statements}return {code}; }}"


def _statements(result: Term, name_of: Callable[[Expr], str]) -> tuple[str, str]:
    """Return C code that stores each expression with several uses in a variable, and the code of the result."""
    order = postorder([result])
    uses = Counter(id(operand) for expression in order for operand in expression.operands)
    codes: dict[int, str] = {}
    lines = ""
    for expression in order:
        operands = [codes[id(x)] if isinstance(x, Expr) else c_number(float(x)) for x in expression.operands]
        code = _c_operation(expression, operands, name_of)
        if uses[id(expression)] > 1 and expression.kind != VARIABLE:
            variable_name = f"t{lines.count(';') + 1}"
            lines += f"const {'int' if expression.kind in CONDITIONS else 'double'} {variable_name} = {code}; "
            code = variable_name
        codes[id(expression)] = code
    return lines, code


def _parameters(arguments: list[str]) -> str:
    return ", ".join(f"double {argument}" for argument in arguments)


# The entry points: name, number of operands of the rows, suffix of the function of a row, arguments.
ENTRY_POINTS = [
    ("forward1", 1, "forward", ["x"]),
    ("forward2", 2, "forward", ["x", "y"]),
    ("partial1", 1, "dx", ["out", "x"]),
    ("partial2x", 2, "dx", ["out", "x", "y"]),
    ("partial2y", 2, "dy", ["out", "x", "y"]),
]


def kernels_header() -> str:
    """Return the text of ``_kernels.h``: the functions of every row, and a switch over the rows for each entry point."""
    functions = [function for operation in WITH_KERNELS for function in c_functions(operation).values()]
    lines = [
        "/* Generated from autograd/ops.py by autograd/export/c_source.py. Do not edit. */",
        "#include <math.h>",
        MACRO,
        "",
    ]
    lines += [function.split(" { ")[0] + ";" for function in functions]  # declared first, because rows use each other
    lines += ["", *functions, "", *dot_macros(), "", "enum {"]
    lines += [f"    {operation.name.upper()} = {operation.code}," for operation in WITH_KERNELS]
    blocking = " ".join(f"case {operation.name.upper()}:" for operation in WITH_KERNELS if operation.blocks)
    lines += [
        "};",
        "",
        f"static inline int blocks(int code) {{ switch (code) {{ {blocking} return 1; default: return 0; }} }}",
        "",
    ]
    for name, arity, suffix, arguments in ENTRY_POINTS:
        lines += [
            f"static inline double {name}(int code, {_parameters(arguments)}) {{",
            "    switch (code) {",
        ]
        for operation in WITH_KERNELS:
            if len(operation.partials) == arity:
                call = f"{operation.name}_{suffix}({', '.join(arguments)})"
                lines.append(f"        case {operation.name.upper()}: return {call};")
        lines += ["        default: return NAN;", "    }", "}", ""]
    return "\n".join(lines)


def kernels_declarations() -> str:
    """Return the text of ``_kernels.pxd``, which declares the header for Cython."""
    lines = [
        "# Generated from autograd/ops.py by autograd/export/c_source.py. Do not edit.",
        'cdef extern from "_kernels.h" nogil:',
        "    enum:",
    ]
    lines += [f"        {operation.name.upper()}" for operation in WITH_KERNELS]
    lines += ["    bint blocks(int code)"]
    lines += [f"    double {name}(int code, {_parameters(arguments)})" for name, _, _, arguments in ENTRY_POINTS]
    return "\n".join(lines) + "\n"


# The backward loops over lanes: name, number of operands of the rows, suffix of the function of a row, arguments.
LANE_LOOPS = [
    ("give1", 1, "dx", ["out", "x"]),
    ("give2x", 2, "dx", ["out", "x", "y"]),
    ("give2y", 2, "dy", ["out", "x", "y"]),
]


def rows_with(arity: int) -> list[Operation]:
    """Return the rows with this number of operands that the kernels compute lane by lane."""
    return [row for row in WITH_KERNELS if len(row.partials) == arity and not row.variadic]


def elements(names: list[str]) -> str:
    """Return the arguments of a call for lane ``i``."""
    return ", ".join(f"{name}s[i]" for name in names)


def dot_macros() -> list[str]:
    """Return the row of ``dot`` as macros, which accept numbers and vectors."""
    operands = variable("w"), variable("x")
    bodies = {
        "dot_term": ops.dot.forward(*operands),
        "dot_partial_w": ops.dot.partial(0, None, *operands),
        "dot_partial_x": ops.dot.partial(1, None, *operands),
    }
    return [f"#define {name}(w, x) ({c_code(body)})" for name, body in bodies.items()]
