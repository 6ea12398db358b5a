"""``Program``: a recorded function as a flat list of instructions, without Values."""

from __future__ import annotations

import functools
from array import array
from collections import Counter
from typing import TYPE_CHECKING

from autograd import ops
from autograd.replay import instructions

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import Any

LAYER_SIZE = 4  # the number of neurons in a LAYER instruction
SECTIONS = ("once", "broadcast", "in each row", "backward in each row", "backward once")
_VARIADIC = {instructions.DOT: "dot", instructions.NEURON: "dot", instructions.RUN: "dot", instructions.TAKE: "take"}


class Program:
    """A recorded function, lowered to instructions that can be printed, counted, pickled and replayed.

    ``compile(f).program(...)`` returns one. ``print`` lists the forward instructions of a program. Inputs are named
    ``x0, x1, ...``, parameters by their labels or ``p0, p1, ...``, and results ``t1, t2, ...``. Names of numbers with one value
    per row end in ``[]``.

    A pickled program runs in another process without the function that it was recorded from. Loading a program that was
    pickled by another version of autograd raises ValueError if operations or instructions are numbered differently, or
    ImportError if this class was in another module.

    All values are in one array, and the instructions refer to them by offset. The scalars come first (constants, parameters,
    scalar inputs, scalar results), then the wide values (inputs, copies of scalars, results). A wide value has room for one
    number per lane. Adjoints are in a second array. ``autograd/compiler/layout.py`` describes the order in both arrays,
    ``autograd/replay/instructions.py`` the instructions. ``autograd/replay/executor.py`` runs them.

    Attributes:
        code: The instructions, eight ints each.
        sections: The index of the first instruction of each of ``SECTIONS``, and the number of instructions.
        terms: Offsets of the operands of ``dot`` and ``take``.
        targets: Targets of the gradients with respect to these operands.
        constants: The constants, which are the first values.
        n_parameters, n_scalar_inputs, n_wide_inputs: Number of values that each call provides.
        outputs: Offsets of the results.
        root: Offset of the only result if the program computes its gradient, else -1.
        root_adjoint: Offset of its adjoint, or -1 without gradients.
        n_scalar_gradients: Number of gradients with respect to parameters or scalar inputs. They are the first adjoints.
        input_adjoints: Offsets of the gradients with respect to wide inputs, or -1 where the gradient is 0.
        lanes: Number of rows per block.
        work: Number of loop steps per row.
        n_values, n_adjoints: Sizes of the two arrays.
        wide_values, wide_adjoints: Offsets of the first wide value and the first wide adjoint.
        names: Names of the parameters, for printing.
        inputs: Positions of the inputs in the flattened arguments, scalar inputs first, for printing.
        exact: Whether results are bit for bit equal to the results of the function. See ``compile``.

    >>> import autograd
    >>> print(autograd.compile(lambda x, y: (x * y).sin() + 2).program(1.0, 2.0))
    once:
        t1 = x0 * x1
        t2 = sin(t1)
        t3 = t2 + 2.0
    result: t3
    >>> import numpy as np
    >>> print(autograd.compile(lambda x, y: (x * y).sin() + y.exp()).program(np.ones(3), 1.0))
    once:
        t1 = exp(x1)
    in each row:
        t2[] = x0[] * x1
        t3[] = sin(t2[])
        t4[] = t3[] + t1
    result: t4[]
    """

    def __init__(self, **fields: Any) -> None:
        """Set all attributes. Programs are created by ``compile(f).program(...)``."""
        self.exact = True
        self.__dict__.update(fields)

    code: array[int]
    sections: list[int]
    terms: array[int]
    targets: array[int]
    constants: array[float]
    n_parameters: int
    n_scalar_inputs: int
    n_wide_inputs: int
    outputs: list[int]
    root: int
    root_adjoint: int
    n_scalar_gradients: int
    input_adjoints: list[int]
    lanes: int
    work: int
    n_values: int
    n_adjoints: int
    wide_values: int
    wide_adjoints: int
    names: list[str]
    inputs: list[int]
    exact: bool

    def __len__(self) -> int:
        """Return the number of instructions."""
        return len(self.code) // 8

    @property
    def nbytes(self) -> int:
        """Size in bytes of the program and of the values and adjoints of one block."""
        return 4 * (len(self.code) + len(self.terms) + len(self.targets)) + 8 * (self.n_values + self.n_adjoints)

    def counts(self) -> dict[str, int]:
        """Count the forward instructions per operation, most frequent first.

        >>> import autograd
        >>> autograd.compile(lambda x: x * x + x * 3).program(2.0).counts()
        {'mul': 2, 'add': 1}
        """
        forward = range(self.sections[0], self.sections[3])
        return dict(Counter(name for i in forward for name in self._operations(i)).most_common())

    def __repr__(self) -> str:
        inputs = self.n_scalar_inputs + self.n_wide_inputs
        return f"<Program: {len(self)} instructions, {inputs} inputs, {self.n_parameters} parameters, {self.nbytes:,} bytes>"

    def __str__(self) -> str:
        """Return the forward instructions, one per line. Names of numbers with one value per row end in ``[]``."""
        lines = []
        for number, section in enumerate(SECTIONS[:3]):
            first, last = self.sections[number], self.sections[number + 1]
            if first < last and section != "broadcast":
                lines += [f"{section}:", *(f"    {line}" for i in range(first, last) for line in self._lines(i))]
        lines.append(f"result: {', '.join(map(self.name, self.outputs if self.root < 0 else [self.root]))}")
        if self.sections[5] > self.sections[3]:
            lines.append(f"and {self.sections[5] - self.sections[3]} instructions for the gradient")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the instructions for notebooks."""
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"

    def name(self, place: int) -> str:
        """Return the printed name of the value at offset ``place``."""
        return self._name_of[place]

    @functools.cached_property
    def _name_of(self) -> dict[int, str]:
        """The printed names of all values, by offset."""
        wide = [self.wide_values + k * self.lanes for k in range(self.n_wide_inputs)]
        inputs = [f"x{j}" if k < self.n_scalar_inputs else f"x{j}[]" for k, j in enumerate(self.inputs)]
        found = dict(enumerate([*map(repr, self.constants), *self.names, *inputs[: self.n_scalar_inputs]]))
        found.update(zip(wide, inputs[self.n_scalar_inputs :], strict=True))
        count = 0
        for i in range(self.sections[0], self.sections[3]):
            if self.code[8 * i] == instructions.BROADCAST:
                found[self.code[8 * i + 2]] = found[self.code[8 * i + 3]]
                continue
            for place in self._result_offsets(i):
                count += 1
                found[place] = f"t{count}[]" if place >= self.wide_values else f"t{count}"
        return found

    def _result_offsets(self, i: int) -> list[int]:
        """Return the offsets of the results of instruction ``i``."""
        first = self.code[8 * i + 5]
        return (
            self.terms[first : first + LAYER_SIZE].tolist()
            if self.code[8 * i] == instructions.LAYER
            else [self.code[8 * i + 2]]
        )

    def _operations(self, i: int) -> list[str]:
        """Return the names of the operations that instruction ``i`` performs."""
        kind, row = self.code[8 * i], self.code[8 * i + 1]
        if kind == instructions.LAYER:
            return ["dot"] * LAYER_SIZE
        return [_VARIADIC.get(kind) or ("copy" if kind == instructions.BROADCAST else ops.ROWS[row].name)]

    def _lines(self, i: int) -> list[str]:
        """Return instruction ``i`` as text: one line per result."""
        kind, row, out, x, y, first = self.code[8 * i : 8 * i + 6]
        if kind == instructions.LAYER:
            outs, biases = self.terms[first : first + LAYER_SIZE], self.terms[first + LAYER_SIZE : first + 2 * LAYER_SIZE]
            first += 2 * LAYER_SIZE
            inputs = self._names(first + LAYER_SIZE * y, y)
            return [
                f"{self.name(out)} = dot([{self._names(first + j * y, y)}], [{inputs}], {self.name(bias)})"
                for j, (out, bias) in enumerate(zip(outs, biases, strict=True))
            ]
        if kind == instructions.UNARY:
            code = f"{ops.ROWS[row].name}({self.name(x)})"
        elif kind == instructions.BINARY:
            symbol = ops.ROWS[row].symbol
            infix = not symbol.isidentifier()
            code = f"{self.name(x)} {symbol} {self.name(y)}" if infix else f"{symbol}({self.name(x)}, {self.name(y)})"
        elif kind == instructions.TAKE:
            code = f"take([{self._names(first, y)}], {self.name(x)})"
        elif kind == instructions.RUN:
            left, right = (", ".join(map(self.name, range(start, start + y))) for start in self.code[8 * i + 5 : 8 * i + 7])
            code = f"dot([{left}], [{right}], {self.name(x)})"
        else:
            code = f"dot([{self._names(first, y)}], [{self._names(first + y, y)}], {self.name(x)})"
        return [f"{self.name(out)} = {code}"]

    def _names(self, first: int, count: int) -> str:
        """Return the names of ``count`` operands, from position ``first`` in ``terms``."""
        return ", ".join(self.name(place) for place in self.terms[first : first + count])

    def to_c(self, path: str | os.PathLike[str], parameters: Iterable[Any] | None = None) -> str:
        r"""Write the program as C: a source file and its header, which need nothing but the C library.

        The file defines one function, named like the file. It computes the results for any number of rows and, for a program
        with a gradient, their sum and its gradient. The header describes the arguments. It allocates no memory, and several
        threads can call it, each with its own buffers. The numbers equal the results of this program in Python bit for bit, if
        both use the same C library and no fused instructions (``-ffp-contract=off``). The file calls the C library even if the
        program was compiled with ``exact=False``.

        Args:
            path: The source file, such as ``"model.c"``. The header has the suffix ``.h``.
            parameters: The parameters, as Values or numbers, to write their data as ``const double model_parameters[]``.

        Returns:
            The text of the source file.

        Raises:
            ValueError: If the name of the file is not an identifier of C, or the number of parameters is wrong.
            OSError: If a file cannot be written. No file is left half-written.

        Example:
            >>> import autograd, tempfile, pathlib
            >>> program = autograd.compile(lambda x, y: (x * y).sin() + 2).program(1.0, 2.0)
            >>> folder = pathlib.Path(tempfile.mkdtemp())
            >>> source = program.to_c(folder / "wave.c")
            >>> print("\n".join(line for line in source.splitlines() if "sin_forward(v" in line))
                v[4] = sin_forward(v[3]);
        """
        from autograd.replay.c_writer import write_c

        return write_c(self, path, parameters)

    def __getstate__(self) -> dict[str, Any]:
        """Return the pickled state: the attributes, and the names of the operations and instructions in this version."""
        return {**{name: self.__dict__[name] for name in _FIELDS}, "meaning": _meaning()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickled program.

        Raises:
            ValueError: If it was pickled by a version of autograd in which operations or instructions have other numbers.
        """
        if state.pop("meaning", None) != _meaning():
            raise ValueError(
                "this program was pickled by another version of autograd, in which operations or instructions have other "
                "numbers; compile the function again with the version that runs it"
            )
        self.__dict__.update(state)


_FIELDS = tuple(Program.__annotations__)


def _meaning() -> str:
    """Return the names of all instructions and operations in the order of their numbers, to check pickles."""
    kinds = {number: name for name, number in vars(instructions).items() if name.isupper()}
    return " ".join([*[kinds[number] for number in sorted(kinds)], *[row.name for row in ops.ROWS[: ops.take.code + 1]]])
