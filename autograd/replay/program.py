"""What ``compile`` makes of a recorded graph: a flat program, without Values, which can be printed, pickled and replayed."""

from __future__ import annotations

import functools
from array import array
from collections import Counter
from typing import TYPE_CHECKING

from autograd import ops
from autograd.replay import instructions

if TYPE_CHECKING:
    from typing import Any

LAYER_SIZE = 4  # the number of neurons in a LAYER instruction
SECTIONS = ("once", "spread", "in each row", "back in each row", "back once")
_VARIADIC = {instructions.DOT: "dot", instructions.NEURON: "dot", instructions.RUN: "dot", instructions.TAKE: "take"}


class Program:
    """Instructions over numbers that lie at known offsets; ``instructions.py`` says what they mean; ``executor.py`` runs them.

    Values lie in one array: constants, parameters, scalar inputs and other scalars first, then the wide ones, each as long
    as a block: inputs, copies of scalars, and the rest. Adjoints lie in another, in the same way.

    Attributes:
        code: the instructions, eight ints each; ``sections`` says where each of ``SECTIONS`` begins, and where all ends.
        terms, targets: the operands of ``dot`` and ``take``, and where their gradients go.
        constants: the numbers at the first offsets.
        n_parameters, n_scalar_inputs, n_wide_inputs: how many numbers a call is to give.
        outputs: the offsets of the results; ``root`` that of the only one, if there are gradients of it, else -1.
        root_adjoint: where its adjoint goes, or -1 if there are no gradients.
        n_found: how many gradients lie at the first offsets of the adjoints: by the parameters or by the scalar inputs.
        input_adjoints: the offsets of those by wide inputs, or -1 where there is none.
        lanes: how many rows are done at once, in a block.
        work: how many steps of loops there are for a row.
        names, inputs: for printing: names of the parameters, and numbers of the inputs, the scalars first.

    >>> import autograd
    >>> print(autograd.compile(lambda x, y: (x * y).sin() + 2).program(1.0, 2.0))
    once:
        t1 = x0 * x1
        t2 = sin(t1)
        t3 = t2 + 2.0
    result: t3
    """

    def __init__(self, **fields: Any) -> None:
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

    def __len__(self) -> int:
        """How many instructions there are."""
        return len(self.code) // 8

    @property
    def nbytes(self) -> int:
        """How many bytes the program takes, and the numbers of one block while it runs."""
        return 4 * (len(self.code) + len(self.terms) + len(self.targets)) + 8 * (self.n_values + self.n_adjoints)

    def counts(self) -> dict[str, int]:
        """How many instructions there are of each operation, forward; those that occur most first."""
        forward = range(self.sections[0], self.sections[3])
        return dict(Counter(name for i in forward for name in self._operations(i)).most_common())

    def __repr__(self) -> str:
        inputs = self.n_scalar_inputs + self.n_wide_inputs
        return f"<Program: {len(self)} instructions, {inputs} inputs, {self.n_parameters} parameters, {self.nbytes:,} bytes>"

    def __str__(self) -> str:
        """The instructions forward, one a line; what differs from row to row has ``[]`` behind its name."""
        lines = []
        for number, section in enumerate(SECTIONS[:3]):
            first, last = self.sections[number], self.sections[number + 1]
            if first < last and section != "spread":
                lines += [f"{section}:", *(f"    {line}" for i in range(first, last) for line in self._lines(i))]
        lines.append(f"result: {', '.join(map(self.name, self.outputs if self.root < 0 else [self.root]))}")
        if self.sections[5] > self.sections[3]:
            lines.append(f"and {self.sections[5] - self.sections[3]} instructions for the gradient")
        return "\n".join(lines)

    def name(self, place: int) -> str:
        """What to call the number at this offset."""
        return self._name_of[place]

    @functools.cached_property
    def _name_of(self) -> dict[int, str]:
        wide = [self.wide_values + k * self.lanes for k in range(self.n_wide_inputs)]
        inputs = [f"x{j}" if k < self.n_scalar_inputs else f"x{j}[]" for k, j in enumerate(self.inputs)]
        found = dict(enumerate([*map(repr, self.constants), *self.names, *inputs[: self.n_scalar_inputs]]))
        found.update(zip(wide, inputs[self.n_scalar_inputs :], strict=True))
        count = 0
        for i in range(self.sections[0], self.sections[3]):
            if self.code[8 * i] == instructions.BROADCAST:
                found[self.code[8 * i + 2]] = found[self.code[8 * i + 3]]
                continue
            for place in self._outs(i):
                count += 1
                found[place] = f"t{count}[]" if place >= self.wide_values else f"t{count}"
        return found

    def _outs(self, i: int) -> list[int]:
        """The offsets of what an instruction computes."""
        first = self.code[8 * i + 5]
        return (
            self.terms[first : first + LAYER_SIZE].tolist()
            if self.code[8 * i] == instructions.LAYER
            else [self.code[8 * i + 2]]
        )

    def _operations(self, i: int) -> list[str]:
        kind, row = self.code[8 * i], self.code[8 * i + 1]
        if kind == instructions.LAYER:
            return ["dot"] * LAYER_SIZE
        return [_VARIADIC.get(kind) or ("copy" if kind == instructions.BROADCAST else ops.ROWS[row].name)]

    def _lines(self, i: int) -> list[str]:
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
        return ", ".join(self.name(place) for place in self.terms[first : first + count])

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the flat arrays, and what their numbers mean here."""
        return {**{name: self.__dict__[name] for name in _FIELDS}, "meaning": _meaning()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Raises a ValueError if the numbers mean something else here."""
        if state.pop("meaning", None) != _meaning():
            raise ValueError(
                "this program was pickled by another version of autograd, in which operations and instructions have other "
                "numbers: compile the function again, with the version that is to run it"
            )
        self.__dict__.update(state)


_FIELDS = tuple(Program.__annotations__)


def _meaning() -> str:
    """The names of all instructions and operations, in the order of their numbers."""
    kinds = {number: name for name, number in vars(instructions).items() if name.isupper()}
    return " ".join([*[kinds[number] for number in sorted(kinds)], *[row.name for row in ops.ROWS[: ops.take.code + 1]]])
