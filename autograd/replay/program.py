"""``Program``: a recorded function as a flat list of instructions, without Values."""

from __future__ import annotations

import functools
from array import array
from collections import Counter
from typing import TYPE_CHECKING

from autograd import ops
from autograd.replay import instructions
from autograd.shared import counted

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import Any

    import numpy as np

    from autograd.replay.executor import Executor

SECTIONS = ("once", "broadcast", "in each row", "backward in each row", "backward once")
_VARIADIC = {instructions.DOT: "dot", instructions.NEURON: "dot", instructions.RUN: "dot", instructions.TAKE: "take"}


class Program:
    """A recorded function, lowered to instructions that can be printed, counted, pickled and replayed.

    ``compile(f).program(...)`` returns one. ``print`` lists the forward instructions of a program. Inputs are named
    ``x0, x1, ...``, parameters by their labels or ``p0, p1, ...``, and results ``t1, t2, ...``. Names of numbers with one value
    per row end in ``[]``.

    A pickled program runs in another process without the function that it was recorded from; see ``run``. Loading a program
    that was pickled by another version of autograd raises ValueError, or ImportError if this class was in another module. A
    checksum detects damage. It does not make a pickle of unknown origin safe: loading any pickle can run code.

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
        sizes = ((len(self), "instruction"), (inputs, "input"), (self.n_parameters, "parameter"), (self.nbytes, "byte"))
        return f"<Program: {', '.join([counted(*size) for size in sizes])}>"

    def __str__(self) -> str:
        """Return the forward instructions, one per line. Names of numbers with one value per row end in ``[]``."""
        lines = []
        for number, section in enumerate(SECTIONS[:3]):
            first, last = self.sections[number], self.sections[number + 1]
            if first < last and section != "broadcast":
                lines += [f"{section}:", *(f"    {line}" for i in range(first, last) for line in self._lines(i))]
        lines.append(f"result: {', '.join(map(self.name, self.outputs if self.root < 0 else [self.root]))}")
        if self.sections[5] > self.sections[3]:
            lines.append(f"and {counted(self.sections[5] - self.sections[3], 'instruction')} for the gradient")
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
            place = self.code[8 * i + 2]
            if self.code[8 * i] != instructions.LAYER and place not in found:  # a sum of several runs has one place
                count += 1
                found[place] = f"t{count}[]" if place >= self.wide_values else f"t{count}"
        return found

    def _operations(self, i: int) -> list[str]:
        """Return the names of the operations that instruction ``i`` performs."""
        kind, row = self.code[8 * i], self.code[8 * i + 1]
        if kind == instructions.LAYER:
            return []
        return [_VARIADIC.get(kind) or ("copy" if kind == instructions.BROADCAST else ops.ROWS[row].name)]

    def _lines(self, i: int) -> list[str]:
        """Return instruction ``i`` as text: a line, or none if it has no result."""
        kind, row, out, x, y, first = self.code[8 * i : 8 * i + 6]
        if kind == instructions.LAYER:
            return []
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

    @functools.cached_property
    def executor(self) -> Executor:
        """The program, ready to run in this process. It is not pickled."""
        from autograd.replay.executor import Executor

        return Executor(self)

    def run(
        self, *arguments: Any, parameters: Iterable[Any] | None = None, reduce: str = "mean", threads: int = 1,
        gradient: np.ndarray | None = None,
    ) -> Any:  # fmt: skip
        """Run the program, without the function that it was recorded from.

        The numbers equal the results of the compiled function bit for bit.

        Args:
            arguments: The arguments of the function, with the structure that the program was recorded for: plain numbers,
                arrays of rows, and lists, tuples and dicts of them. Static arguments are omitted.
            parameters: The parameters, as numbers or Values, in the order of ``names``. ``Compiled.parameters`` returns the
                Values in this order. An array of floats is read fastest.
            reduce: For a program with a gradient, ``"mean"`` or ``"sum"`` over the rows.
            threads: Number of threads that share the rows. Results do not depend on it.
            gradient: For a program with a gradient, an array of floats to write the gradient to.

        Returns:
            The results as an array of shape (results, rows), or of shape (results,) if no argument is an array. A program
            with a gradient, ``compile(f).program(..., gradient=True)``, returns a pair instead: the mean of the result, and
            its gradient with respect to the parameters as an array of shape (parameters,).

        Raises:
            ValueError: If the structure of the arguments or the number of parameters differs from the recording, or the mean
                of no rows is requested.
            TypeError: If an argument or a parameter is not a number.
            IndexError: If an index passed to ``take`` is not an integer or is out of range.

        Example:
            >>> import pickle
            >>> import numpy as np
            >>> from autograd import Value, compile
            >>> w = Value(2.0, label="w")
            >>> loss = compile(lambda x, t: (w * x - t) ** 2)
            >>> X, t = np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 7.0])
            >>> saved = pickle.dumps(loss.program(X, t, gradient=True))  # another process loads it
            >>> program = pickle.loads(saved)
            >>> program.names
            ['w']
            >>> program.run(X, t, parameters=[2.0])
            (1.0, array([-4.]))
            >>> loss.program(X, t).run(X, t, parameters=[2.0])
            array([[1., 1., 1.]])
        """
        from autograd.replay.running import run_program

        return run_program(self, arguments, parameters, reduce, threads, gradient)

    def to_c(self, path: str | os.PathLike[str], parameters: Iterable[Any] | None = None) -> str:
        r"""Write the program as C: a source file and its header, which need nothing but the C library.

        The file defines one function, named like the file. It computes the results for any number of rows and, for a program
        with a gradient, their sum and its gradient. The header describes the arguments. It allocates no memory, and several
        threads can call it, each with its own buffers. The numbers equal the results of this program in Python bit for bit, if
        both use the same C library and no fused instructions (``-ffp-contract=off``). The file calls the C library even if the
        program was compiled with ``exact=False``.

        Args:
            path: The source file, such as ``"model.c"``. The header has the suffix ``.h``.
            parameters: The parameters, as Values or numbers, to write their data as ``const double model_parameters[]``. They
                must be in the order of ``names``.

        Returns:
            The text of the source file.

        Raises:
            ValueError: If the name of the file is not an identifier of C, or is a keyword, a function of the C library, such as
                ``sin``, or a name that the file uses, such as ``tree``. Also if the parameters are not those of the program.
            TypeError: If a parameter is neither a Value nor a number.
            FileNotFoundError: If the folder does not exist.
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
        """Return the pickled state: the attributes, a checksum, the version, and the names of operations and instructions."""
        fields = {name: self.__dict__[name] for name in _FIELDS}
        return {**fields, "version": _version(), "meaning": _meaning(), "checksum": _checksum(fields)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickled program.

        Raises:
            ValueError: If it was pickled by another version of autograd, or by a copy of this version in which operations or
                instructions have other numbers, or is damaged.
        """
        state = state if isinstance(state, dict) else {}
        found, ours = state.get("version", "unknown"), _version()
        if found != ours or state.get("meaning") != _meaning():
            other = f"version {found}" if found != ours else "in which operations or instructions have other numbers"
            raise ValueError(
                f"this program was pickled by another version of autograd, {other}, and this is version {ours}; compile the "
                "function again with the version that runs it"
            )
        fields = {name: state[name] for name in _FIELDS if name in state}
        if len(fields) < len(_FIELDS) or state.get("checksum") != _checksum(fields):
            # It could crash Python.
            raise ValueError("this pickled program is damaged: its checksum is wrong; use another copy")
        self.__dict__.update(fields)


_FIELDS = tuple(Program.__annotations__)


def _meaning() -> str:
    """Return the names of all instructions and operations in the order of their numbers, to check pickles."""
    kinds = {number: name for name, number in vars(instructions).items() if name.isupper()}
    return " ".join([*[kinds[number] for number in sorted(kinds)], *[row.name for row in ops.ROWS[: ops.take.code + 1]]])


def _version() -> str:
    """Return the version of autograd."""
    from autograd import __version__

    return __version__


def _checksum(fields: dict[str, Any]) -> str:
    """Return a checksum of the attributes of a program."""
    import hashlib

    found = hashlib.sha256()
    for name, field in fields.items():
        found.update(f"{name} {type(field).__name__} ".encode())
        found.update(field.typecode.encode() + field.tobytes() if isinstance(field, array) else repr(field).encode())
    return found.hexdigest()
