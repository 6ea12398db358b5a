"""Writer of the generated C files, which ``setup.py`` compiles: a function per row, and loops over lanes for every row.

Nothing imports this module at run time. ``write_kernels(folder)`` writes ``_kernels.h`` (the functions), ``_kernels.pxd``
(their declarations for Cython) and ``_lanes_rows.h`` (loops over lanes, for replay).
"""

from __future__ import annotations

from pathlib import Path

from autograd.export.c_source import LANE_LOOPS, elements, kernels_declarations, kernels_header, rows_with
from autograd.export.vector_rows import vector_functions, vector_loops


def lanes_rows() -> str:
    """Return the text of ``_lanes_rows.h``: loops over lanes for every row, forward and backward for each operand.

    The functions at the top are the same for all vector widths, and the file is included once per width.
    """
    lines = ["/* Generated from autograd/ops.py by autograd/export/kernel_files.py. Do not edit. */"]
    lines += ["#ifndef SAME_FOR_ALL_WIDTHS", "#define SAME_FOR_ALL_WIDTHS", *vector_functions(), *_one_lane(), "#endif", ""]
    for names in (["x"], ["x", "y"]):
        lines += _forward_loops(names)
    for name, arity, suffix, arguments in LANE_LOOPS:
        lines += _backward_loops(name, arity, suffix, arguments)
    for name, suffix in (("reached2x", "dx"), ("reached2y", "dy")):
        lines += _reached_loops(name, suffix)
    lines += vector_loops()
    return "\n".join(lines)


def _one_lane() -> list[str]:
    """Return the elementwise kernels for a single lane, which takes a loop longer to begin than to compute."""
    lines = [
        "static void one_give(int code, double *a, int target, double adjoint, double partial) {",
        "    const int is_blocked = partial == 0.0 && blocks(code);",
        "    const double passed = is_blocked ? -0.0 : passed_on(adjoint, adjoint * partial);",
        "    a[target >> 1] = target & 1 ? passed : a[target >> 1] + passed;",
        "}",
    ]
    for names in (["x"], ["x", "y"]):
        offsets, numbers = _offsets(names)
        lines += [
            f"static void one_forward{len(names)}(int code, double *v, int out, {offsets}, long n) {{",
            "    (void) n;",
            f"    v[out] = forward{len(names)}(code, {numbers});",
            "}",
        ]
    for name, _, _, arguments in LANE_LOOPS:
        offsets, numbers = _offsets(arguments)
        lines += [
            f"static void one_{name}(int code, double *a, const double *v, int target, int from, {offsets}, long n) {{",
            "    (void) n;",
            f"    one_give(code, a, target, a[from], {name.replace('give', 'partial')}(code, {numbers}));",
            "}",
        ]
    return lines


def _offsets(names: list[str]) -> tuple[str, str]:
    """Return the declarations of offsets in the array of values, and the numbers there."""
    return ", ".join(f"int {name}" for name in names), ", ".join(f"v[{name}]" for name in names)


def _forward_loops(names: list[str]) -> list[str]:
    offsets, _ = _offsets(names)
    lines = [f"TARGET static void NAME(forward{len(names)})(int code, double *v, int out, {offsets}, long n) {{"]
    lines += [f"    const double *restrict {name}s = v + {name};" for name in names]
    lines += ["    double *restrict outs = v + out;", "    switch (code) {"]
    for row in rows_with(len(names)):
        call = f"{row.name}_forward({elements(names)})"
        lines.append(f"        case {row.name.upper()}: for (long i = 0; i < n; i++) outs[i] = {call}; return;")
    return [*lines, "    }", "}", ""]


def _backward_loops(name: str, arity: int, suffix: str, arguments: list[str]) -> list[str]:
    lines = [
        f"TARGET static void NAME({name})(",
        f"    int code, double *a, const double *v, int target, int from, {_offsets(arguments)[0]}, long n",
        ") {",
        "    double *restrict to = a + (target >> 1);",
        "    const double *restrict froms = a + from;",
    ]
    lines += [f"    const double *restrict {argument}s = v + {argument};" for argument in arguments]
    lines += ["    switch (code) {"]
    for row in rows_with(arity):
        partial = f"{row.name}_{suffix}({elements(arguments)})"
        passed = f"passed_if(froms[i], {partial})" if row.blocks else f"passed_on(froms[i], froms[i] * {partial})"
        lines += [
            f"        case {row.name.upper()}:",
            f"            if (target & 1) for (long i = 0; i < n; i++) to[i] = {passed};",
            f"            else for (long i = 0; i < n; i++) to[i] += {passed};",
            "            return;",
        ]
    return [*lines, "    }", "}", ""]


def _reached_loops(name: str, suffix: str) -> list[str]:
    """Return the loop for products that a gradient reaches in every lane. It does not look for the mark in the adjoints."""
    arguments = ["out", "x", "y"]
    product = f"froms[i] * mul_{suffix}({elements(arguments)}) + 0.0"
    return [
        f"TARGET static void NAME({name})(",
        f"    int code, double *a, const double *v, int target, int from, {_offsets(arguments)[0]}, long n",
        ") {",
        "    (void) code;",
        "    double *restrict to = a + (target >> 1);",
        "    const double *restrict froms = a + from;",
        *[f"    const double *restrict {argument}s = v + {argument};" for argument in arguments],
        f"    if (target & 1) for (long i = 0; i < n; i++) to[i] = {product};",
        f"    else for (long i = 0; i < n; i++) to[i] += {product};",
        "}",
        "",
    ]


def write_kernels(folder: Path) -> None:
    """Write the generated files into ``folder``. Files that are up to date are not written, which avoids recompilation."""
    texts = {
        "base/_kernels.h": kernels_header(),
        "base/_kernels.pxd": kernels_declarations(),
        "replay/_lanes_rows.h": lanes_rows(),
    }
    for name, text in texts.items():
        write_if_changed(folder / name, text)


def write_if_changed(path: Path, text: str) -> None:
    """Write a file, and its folder if needed. If the file has this text, it is not written, and keeps its time."""
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
