"""Generator of the C kernels for ``exact=False``: the rows that use the functions of ``_vector_math.h``.

A row calls functions of the C library, or other rows that do. Where ``_vector_math.h`` has the function, these kernels call it
instead, so that compilers turn the loops over lanes into vector instructions. All other rows run in the exact kernels. The
formulas come from the table in either case.
"""

from __future__ import annotations

from autograd.export import c_source
from autograd.export.c_source import LANE_LOOPS, c_functions, elements, rows_with
from autograd.export.expressions import IF, LIBM, ROW, Expr, postorder, variable
from autograd.ops import WITH_KERNELS, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.export.expressions import Term

FUNCTIONS = frozenset(["exp", "log", "pow", "tanh", "erf", "sin", "cos"])  # of the C library
ROWS = frozenset(["sigmoid", "sech_squared", "gaussian"])  # whose formula would add the errors of several operations
KEPT = ("tanh", "sigmoid", "erf")  # whose partials share work with the values; see `keep` in replay/instructions.py
LIMITED = frozenset(["sin", "cos"])  # for large operands, the kernels call the C library


def uses(formula: Term, functions: Iterable[str], rows: Iterable[str]) -> bool:
    """Return whether a formula calls one of these functions of the C library, or one of these rows."""
    return any(
        (term.kind == LIBM and term.payload.c_name in functions) or (term.kind == ROW and term.payload.name in rows)
        for term in postorder([formula])
    )


def _formulas(row: Operation) -> dict[str, Term]:
    """Return the formulas of a row by the suffix of the C function."""
    operands = [variable(name) for name in ("x", "y")[: len(row.partials)]]
    partials = [row.partial(index, variable("out"), *operands) for index in range(len(operands))]
    return {"forward": row.forward(*operands), **dict(zip(("dx", "dy"), partials, strict=False))}


def _reached(functions: frozenset[str], rows: frozenset[str]) -> frozenset[str]:
    """Return the names of the C functions of rows that call these functions or rows, directly or through other rows."""
    formulas = {row.name: _formulas(row) for row in WITH_KERNELS}
    changed = set(rows)
    size = -1
    while size < len(changed):
        size = len(changed)
        changed |= {name for name, found in formulas.items() if uses(found["forward"], functions, changed)}
    found = {f"{name}_{suffix}" for name, all_ in formulas.items() for suffix in all_ if uses(all_[suffix], functions, changed)}
    return frozenset(found | {f"{name}_forward" for name in rows})


CHANGED = _reached(FUNCTIONS, ROWS)
PATCHED = _reached(LIMITED, frozenset())


def c_name(expression: Expr) -> str:
    """Return the name of the C function that an expression calls in these kernels, or ``""``."""
    if expression.kind == IF:
        return "vm_pick"  # compilers do not use vectors for a branch with long formulas
    name = c_source.c_name(expression)
    if expression.kind == LIBM:
        return f"vm_{name}" if name in FUNCTIONS else name
    return f"fast_{name}" if name in CHANGED else name


def vector_functions() -> list[str]:
    """Return the C functions of the changed rows: their declarations, because rows use each other, then their definitions."""
    found = {name: text for row in WITH_KERNELS for name, text in c_functions(row, c_name, "fast_").items()}
    found = {name: text.replace("static inline", "VECTOR_MATH") for name, text in found.items()}
    for row in WITH_KERNELS:
        if row.name in ROWS:
            operands = ("x", "y")[: len(row.partials)]
            head = f"VECTOR_MATH double fast_{row.name}_forward({', '.join(f'double {x}' for x in operands)})"
            found[f"fast_{row.name}_forward"] = f"{head} {{ return vm_{row.name}({', '.join(operands)}); }}"
    texts = [text for name, text in found.items() if name.removeprefix("fast_") in CHANGED]
    return [*[text.split(" { ")[0] + ";" for text in texts], *texts]


def vector_loops() -> list[str]:
    """Return the loops over lanes of the changed rows, forward and backward."""
    lines = []
    for names in (["x"], ["x", "y"]):
        entry = f"forward{len(names)}"
        lines += _head(f"fast_{entry}", "double *v, int out", names)
        lines += ["    double *restrict outs = v + out;", "    switch (code) {"]
        lines += _cases(len(names), "forward", names, "outs")
        lines += [f"        default: NAME({entry})(code, v, out, {', '.join(names)}, n); return;", "    }", "}", ""]
    for entry, arity, suffix, arguments in LANE_LOOPS:
        lines += _head(f"fast_{entry}", "double *a, const double *v, int target, int from", arguments)
        lines += ["    double partials[MAX_LANES]; /* compilers would not use vectors in one loop with the sum */"]
        lines += ["    switch (code) {", *_cases(arity, suffix, arguments, "partials")]
        lines += [f"        default: NAME({entry})(code, a, v, target, from, {', '.join(arguments)}, n); return;", "    }"]
        lines += ["    NAME(add_passed)(a + (target >> 1), a + from, partials, target & 1, n);", "}", ""]
    return [*lines, *_keeping_loops()]


def _keeping_loops() -> list[str]:
    """Return the loop that replaces operands with partials, and the loop that uses them."""
    lines = ["TARGET static void NAME(fast_forward1_keep)(int code, double *v, int out, int x, long n) {"]
    lines += ["    double *restrict xs = v + x, *restrict outs = v + out;", "    switch (code) {"]
    for name in KEPT:
        lines += [f"        case {name.upper()}:", "            for (long i = 0; i < n; i++) {"]
        lines += ["                const double operand = xs[i];", f"                outs[i] = fast_{name}_forward(operand);"]
        lines += [f"                xs[i] = fast_{name}_dx(outs[i], operand);", "            }", "            return;"]
    lines += ["        default: NAME(fast_forward1)(code, v, out, x, n); return;", "    }", "}", ""]
    lines += _head("fast_give1_kept", "double *a, const double *v, int target, int from", ["out", "x"])[:1]
    cases = " ".join(f"case {name.upper()}:" for name in KEPT)
    lines += [
        "    switch (code) {",
        f"        {cases} NAME(add_passed)(a + (target >> 1), a + from, v + x, target & 1, n); return;",
    ]
    return [*lines, "        default: NAME(fast_give1)(code, a, v, target, from, out, x, n); return;", "    }", "}", ""]


def _head(name: str, first: str, arguments: list[str]) -> list[str]:
    offsets = ", ".join(f"int {x}" for x in arguments)
    return [
        f"TARGET static void NAME({name})(int code, {first}, {offsets}, long n) {{",
        *[f"    const double *restrict {x}s = v + {x};" for x in arguments],
    ]


def _cases(arity: int, suffix: str, arguments: list[str], to: str) -> list[str]:
    lines = []
    for row in rows_with(arity):
        name = f"{row.name}_{suffix}"
        if name not in CHANGED:
            continue
        if row.blocks:
            raise NotImplementedError(f"{name}: the loop that adds contributions does not block them")
        loop = f"for (long i = 0; i < n; i++) {to}[i] = "
        lines += [f"        case {row.name.upper()}:", f"            {loop}fast_{name}({elements(arguments)});"]
        if name in PATCHED:
            patch = f"if (!(fabs(xs[i]) <= VM_SIN_LIMIT)) {to}[i] = {name}({elements(arguments)});"
            lines.append(f"            if (NAME(exceeds)(xs, VM_SIN_LIMIT, n)) for (long i = 0; i < n; i++) {patch}")
        lines.append("            return;" if to == "outs" else "            break;")
    return lines
