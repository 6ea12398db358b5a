"""The writer of C programs: a ``Program`` as a C source file and its header, which need only the C library.

``Program.to_c`` calls ``write_c``. Each elementwise instruction becomes one statement. The functions of the operations come
from the table, as those of the compiled core do. ``c_parts.py`` has the sums and the loop over rows, which add numbers in the
order of the compiled core. Therefore the results are bit for bit equal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from autograd import ops
from autograd.base.real import as_float
from autograd.base.typesetting import printable
from autograd.export.c_source import c_functions, c_number
from autograd.replay import instructions
from autograd.replay.c_names import why_unusable
from autograd.replay.c_parts import DRIVER, SUPPORT
from autograd.replay.job import MAX_LEAVES, MIN_LEAF_ROWS
from autograd.shared import counted, file_to_write, write_atomically
from autograd.value import Value

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from typing import Any

    Program = Any  # the class imports this file, so this file does not import the class

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CALL = re.compile(r"\b(\w+)_(?:forward|dx|dy)\(")
ROWS = {row.name: row for row in ops.WITH_KERNELS}
LEVELS = MAX_LEAVES.bit_length()  # of the tree of sums
PER_LINE = 12  # numbers per line of a table


def write_c(program: Program, path: str | os.PathLike[str], parameters: Iterable[Value | float] | None) -> str:
    """Write ``path`` and its header. ``Program.to_c`` describes the arguments, results and errors."""
    target = file_to_write(path, "program.to_c('model.c')")
    name = target.stem
    if target.suffix != ".c" or not NAME.fullmatch(name):
        raise ValueError(f"path must be an identifier of C with the suffix .c, such as 'model.c', not {str(path)!r}")
    if reason := why_unusable(name, _CWriter(program, "model_", None).source()):
        raise ValueError(f"{name!r} is {reason}, and so not a name for the function; use another file, such as 'my_{name}.c'")
    numbers = None if parameters is None else _numbers(program, list(parameters))
    writer = _CWriter(program, name, numbers)
    source, header = writer.source(), writer.header()
    write_atomically({target: source.encode(), target.with_suffix(".h"): header.encode()})
    return source


def _numbers(program: Program, parameters: list[Any]) -> list[float]:
    """Return the data of the parameters, after checking that they are those of the program."""
    names = program.names
    listed = f" ({', '.join(names[:8])}{', ...' * (len(names) > 8)})" if names else ""
    wanted = f"{counted(len(names), 'parameter')} of the program{listed}"
    if len(parameters) != len(names):
        raise ValueError(f"parameters must be the {wanted}, not {counted(len(parameters), 'number')}")
    for name, given in zip(names, parameters, strict=True):
        label = printable(given.label or "") if isinstance(given, Value) else ""
        if label != name and label in names:
            raise ValueError(f"parameters must be the {wanted} in this order, but {label} is in the place of {name}")
    return [p.data if isinstance(p, Value) else as_float(p, "a parameter") for p in parameters]


class _CWriter:
    """Writes one program.

    Attributes:
        program: The program.
        name: The name of the C function, and of both files without their suffixes.
        numbers: The data of the parameters, or None.
        has_rows: Whether the function has an argument with rows.
        has_gradient: Whether the program computes a gradient.
    """

    def __init__(self, program: Program, name: str, parameters: list[float] | None) -> None:
        self.program = program
        self.name = name
        self.numbers = parameters
        self.has_rows = program.n_wide_inputs > 0
        self.has_gradient = program.root >= 0

    # ---- the files ----

    def header(self) -> str:
        """Return the text of the header."""
        guard = f"{self.name.upper()}_H"
        lines = [
            f"/* {self._stamp()} */",
            f"#ifndef {guard}",
            f"#define {guard}",
            "",
            *self._comment(),
            f"{self._signature()};",
        ]
        lines += ["", f"enum {{ {self.name}_work = {self._work_size()} }}; /* the number of doubles in `work` */"]
        if self.numbers is not None:
            lines += [f"extern const double {self.name}_parameters[{max(1, len(self.numbers))}];"]
        return "\n".join([*lines, "", "#endif", ""])

    def source(self) -> str:
        """Return the text of the source file."""
        program = self.program
        first, second = self._functions(), self._statements()
        names = {"WIDE": program.wide_values, "WIDE_ADJOINTS": program.wide_adjoints}
        if self.has_rows:
            names |= {"COLUMNS": program.n_wide_inputs, "LANES": program.lanes, "MAX_LEAVES": MAX_LEAVES}
            names |= {"MIN_LEAF_ROWS": MIN_LEAF_ROWS, "LEVELS": LEVELS}
        lines = [
            f"/* {self._stamp()}",
            "   Compile it without -ffast-math, and with -ffp-contract=off where the processor has fused instructions. */",
            "#include <math.h>",
            f'#include "{self.name}.h"',
            "",
            "#if defined(__GNUC__)",
            "#define OPERATION static inline __attribute__((unused))",
            "#define SOMETIMES_UNUSED static __attribute__((unused))",
            "#define LONG_FUNCTION static __attribute__((noinline, unused))",
            "#else",
            "#define OPERATION static inline",
            "#define SOMETIMES_UNUSED static",
            "#define LONG_FUNCTION static",
            "#endif",
            "",
            f"enum {{ {', '.join(f'{name} = {number}' for name, number in names.items())} }};",
        ]
        if program.constants:
            lines += _table("static const double constants", [c_number(number) for number in program.constants])
        if self.numbers is not None:
            lines += _table(f"const double {self.name}_parameters", [c_number(number) for number in self.numbers])
        lines += _table("static const int terms", list(map(str, program.terms))) if program.terms else []
        lines += _table("static const int targets", list(map(str, program.targets))) if program.targets else []
        functions = "\n".join([*first, "", SUPPORT]).replace("static inline", "SOMETIMES_UNUSED inline")  # for clang
        return "\n".join([*lines, "", functions, *second, "", *self._main(), ""])

    def _stamp(self) -> str:
        from autograd import __version__

        return f"Generated by scalar-autograd {__version__}. Do not edit."

    def _functions(self) -> list[str]:
        """Return the functions of the operations that the program uses, and of those that they call."""
        code = self.program.code
        found: dict[str, None] = {"dot": None}
        found.update((ops.ROWS[code[8 * i + 1]].name, None) for i in range(len(self.program)) if self._is_elementwise(i))
        texts: dict[str, str] = {}
        for row in (pending := list(found)):
            for function, text in c_functions(ROWS[row]).items():
                texts[function] = text
                pending += [name for name in CALL.findall(text) if name in ROWS and name not in pending]
        written = [text.replace("static inline ", "OPERATION ", 1) for text in texts.values()]
        return [*[text.split(" { ")[0] + ";" for text in written], *written]

    def _is_elementwise(self, i: int) -> bool:
        return self.program.code[8 * i] in (
            instructions.UNARY,
            instructions.BINARY,
            instructions.UNARY_BACK,
            instructions.BINARY_BACK_X,
            instructions.BINARY_BACK_Y,
        )

    # ---- the statements ----

    def _statements(self) -> list[str]:
        """Return one C function for each section of the program that is not empty."""
        sections = ["forward_once", "copy_to_lanes", "forward_rows", "backward_rows", "backward_once"]
        lines: list[str] = []
        for number, name in enumerate(sections):
            first, last = self.program.sections[number : number + 2]
            wide = 0 < number < 4
            if wide and not self.has_rows:
                continue
            backward = number > 2
            arguments = ("double *a, const double *v" if backward else "double *v") + (", long n" if wide else "")
            lines.append(f"SOMETIMES_UNUSED {'void' if backward else 'int'} {name}({arguments}) {{")
            lines += [f"    {line}" for i in range(first, last) for line in self._statement(i, wide)]
            unused = ["(void) v;", *(["(void) a;"] if backward else []), *(["(void) n;"] if wide else [])]
            lines += [f"    {' '.join(unused)}" if first == last or number == 1 else "    (void) v;"]
            lines += ["}", ""] if backward else ["    return 0;", "}", ""]
        return lines

    def _statement(self, i: int, wide: bool) -> Iterator[str]:  # noqa: C901 - one branch per instruction kind
        """Write instruction ``i``. Without ``wide`` there is one lane."""
        code = self.program.code
        kind, row, p, q, r, s, t, u = code[8 * i : 8 * i + 8]
        n = "n" if wide else "1"
        name = ops.ROWS[row].name
        lane = " + i" if wide else ""
        loop = "for (long i = 0; i < n; i++) " if wide else ""
        if kind == instructions.UNARY:
            yield f"{loop}v[{p}{lane}] = {name}_forward(v[{q}{lane}]);"
        elif kind == instructions.BINARY:
            yield f"{loop}v[{p}{lane}] = {name}_forward(v[{q}{lane}], v[{r}{lane}]);"
        elif kind == instructions.BROADCAST:
            yield f"for (long i = 0; i < LANES; i++) v[{p} + i] = v[{q}];"
        elif kind in (instructions.DOT, instructions.NEURON):
            yield f"dot(v, terms + {s}, terms + {s + r}, {r}, {p}, {q}, {n});"
        elif kind == instructions.TAKE:
            yield f"if (!take(v, terms + {s}, {r}, {p}, {q}, {n})) return 1;"
        elif kind == instructions.RUN:
            yield f"v[{p}] = v[{q}];"
            yield f"for (int k = 0; k < {r}; k++) v[{p}] += dot_forward(v[{s} + k], v[{t} + k]);"
        elif kind == instructions.UNARY_BACK:
            yield loop + self._contribution(row, p, q, f"{name}_dx(v[{r}{lane}], v[{s}{lane}])", lane)
        elif kind in (instructions.BINARY_BACK_X, instructions.BINARY_BACK_Y):
            suffix = "dx" if kind == instructions.BINARY_BACK_X else "dy"
            yield loop + self._contribution(row, p, q, f"{name}_{suffix}(v[{r}{lane}], v[{s}{lane}], v[{t}{lane}])", lane)
        elif kind in (instructions.DOT_BACK, instructions.NEURON_BACK):
            yield (f"dot_back(a, v, terms + {s}, terms + {s + r}, targets + {t}, targets + {t + r}, {r}, {q}, {p}, {n});")
        elif kind == instructions.RUN_BACK:
            bias, sender, count, left, right, to_left, to_right = row, p, q, r, s, t, u
            for target, factor in ((to_left, right), (to_right, left)):
                if target >= 0:
                    yield f"for (int k = 0; k < {count}; k++) a[{target >> 1} + k] += passed_on(a[{sender}], v[{factor} + k]);"
            if bias >= 0:
                yield f"a[{bias >> 1}] += passed_on(a[{sender}], 1.0);"
        elif kind == instructions.REDUCE:
            yield f"a[{p >> 1}] += sum_lanes(a + {q}, {n});"
        elif kind == instructions.CLEAR:
            yield f"for (long i = 0; i < {n}; i++) a[{p >> 1} + i] = -0.0;"
        elif kind == instructions.TAKE_BACK:
            yield f"take_back(a, v, targets + {t}, {p}, {q}, {n});"

    def _contribution(self, row: int, target: int, sender: int, partial: str, lane: str) -> str:
        passed = f"{'passed_if' if ops.ROWS[row].blocks else 'passed_on'}(a[{sender}{lane}], {partial})"
        return f"a[{target >> 1}{lane}] {'=' if target & 1 else '+='} {passed};"

    # ---- the function that users call ----

    def _arguments(self) -> list[tuple[str, str]]:
        """Return each argument of the function and its description."""
        program, wide = self.program, self.has_rows
        inputs = [f"x{j}" for j in program.inputs]
        scalars, columns = inputs[: program.n_scalar_inputs], inputs[program.n_scalar_inputs :]
        per_row = " * rows, one result after another" if wide else ""
        of = "parameters" if program.n_parameters else "scalars"
        sum_of = "the sum of the result over the rows" if wide else "the result"
        found = [
            (wide, "const double *inputs", f"rows * {_listed(columns)}, one row after another"),
            (wide, "long rows", "number of rows"),
            (scalars, "const double *scalars", _listed(scalars)),
            (program.n_parameters, "const double *parameters", _listed(program.names)),
            (True, "double *results", f"{len(program.outputs)}{per_row}; or NULL"),
            (self.has_gradient, "double seed", "factor of all gradients: 1, or 1.0 / rows for those of the mean"),
            (self.has_gradient, "double *sum", f"1: {sum_of}"),
            (program.n_scalar_gradients, "double *gradients", f"{program.n_scalar_gradients}: of the sum, by {of}, times seed"),
            (wide and program.input_adjoints, "double *input_gradients", f"{len(program.input_adjoints)}{per_row}"),
            (True, "double *work", f"{self.name}_work, for intermediate results"),
        ]
        return [(argument, meaning) for is_used, argument, meaning in found if is_used]

    def _signature(self) -> str:
        return f"int {self.name}({', '.join(argument for argument, _ in self._arguments())})"

    def _comment(self) -> list[str]:
        arguments = self._arguments()
        width = max(len(argument) for argument, _ in arguments)
        lines = [f"   {argument:<{width}}    {meaning}" for argument, meaning in arguments]
        return [
            "/* Return 0, or 1 if an index of take() is out of range. Memory is not allocated. The arguments are arrays of",
            *lines,
            "*/",
        ]

    def _work_size(self) -> int:
        levels = LEVELS if self.has_rows else 0
        return int(self.program.n_values + self.program.n_adjoints + levels * self.program.wide_adjoints)

    def _main(self) -> list[str]:
        program = self.program
        lines = [f"{self._signature()} {{", f"    double *const v = work, *const a = work + {program.n_values};"]
        counts = [
            ("constants", len(program.constants)),
            ("parameters", program.n_parameters),
            ("scalars", program.n_scalar_inputs),
        ]
        place = 0
        for name, count in counts:
            if count:
                lines.append(f"    for (int i = 0; i < {count}; i++) v[{place} + i] = {name}[i];")
            place += count
        lines.append("    if (forward_once(v)) return 1;")
        lines += [f"    {line}" for line in (self._rows() if self.has_rows else self._once())]
        if self.has_gradient:
            lines += ["    backward_once(a, v);", "    *sum = total;"]
            if program.n_scalar_gradients:
                lines.append(f"    for (int i = 0; i < {program.n_scalar_gradients}; i++) gradients[i] = a[i] + 0.0;")
        else:
            lines.append("    (void) a;")
        return [*lines, "    return 0;", "}"]

    def _once(self) -> list[str]:
        """Return the statements between the two scalar sections, for a program without rows."""
        program = self.program
        lines = [f"if (results) results[{k}] = v[{place}];" for k, place in enumerate(program.outputs)]
        if self.has_gradient:
            lines += [f"const double total = v[{program.root}];", "for (int i = 0; i < WIDE_ADJOINTS; i++) a[i] = -0.0;"]
            if program.root_adjoint >= 0:
                lines.append(f"a[{program.root_adjoint}] = seed + 0.0;")
        return lines

    def _rows(self) -> list[str]:
        """Return the loop over rows."""
        program = self.program
        results, backward, block_sum = [], [], []
        for k, place in enumerate(program.outputs):
            number = f"v[{place} + i]" if place >= program.wide_values else f"v[{place}]"
            results.append(f"if (results) for (long i = 0; i < n; i++) results[{k} * rows + row + i] = {number};")
        if program.root >= program.wide_values:
            block_sum.append(f"total += sum_lanes(v + {program.root}, n);")
        elif program.root >= 0:
            block_sum.append(f"total += v[{program.root}] * n;")
        if program.root_adjoint >= program.wide_adjoints:
            backward += [f"for (long i = 0; i < n; i++) a[{program.root_adjoint} + i] = seed + 0.0;", "backward_rows(a, v, n);"]
            for k, place in enumerate(program.input_adjoints):
                number = f"a[{place} + i] + 0.0" if place >= 0 else "0.0"
                backward.append(f"for (long i = 0; i < n; i++) input_gradients[{k} * rows + row + i] = {number};")
        indent = " " * 8
        text = DRIVER
        for mark, lines in (("@results@", results), ("@block_sum@", block_sum), ("@backward@", backward)):
            text = text.replace(f"{mark}\n", "".join(f"{indent}{line}\n" for line in lines))
        found = [
            f"double *const sums = a + {program.n_adjoints};",
            "double total = 0.0;",
            "copy_to_lanes(v, LANES);",
            *text.splitlines(),
        ]
        if not self.has_gradient:
            found.append("(void) total;")
        elif program.root_adjoint >= 0 and program.root < program.wide_values:
            found.append(f"a[{program.root_adjoint}] += seed * rows + 0.0;")
        return found


def _listed(names: list[str]) -> str:
    """Return the number of names and the first eight of them."""
    return f"{len(names)} ({', '.join(names[:8])}{', ...' if len(names) > 8 else ''})"


def _table(declaration: str, numbers: list[str]) -> list[str]:
    rows = [", ".join(numbers[i : i + PER_LINE]) for i in range(0, len(numbers), PER_LINE)] or ["0"]
    return [f"{declaration}[] = {{", *(f"    {row}," for row in rows), "};"]
