"""The instruction set."""

from __future__ import annotations

from autograd.replay import instructions


def test_all_kinds_are_constants_of_the_compiled_interpreter() -> None:
    lines = [line.split(" = ") for line in instructions.as_constants().splitlines() if " = " in line]
    assert {name.strip(): int(number) for name, number in lines} == {
        name: number for name, number in vars(instructions).items() if isinstance(number, int)
    }
    assert sorted(int(number) for _, number in lines) == list(range(len(lines)))
