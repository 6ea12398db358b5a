"""The arrays of integers in which ``compile`` stores a graph."""

from __future__ import annotations

from array import array

import pytest

from autograd.base.int_arrays import Ints, ints


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 1000])
def test_an_array_has_the_given_size_and_items(size: int) -> None:
    column = Ints(size, -7)
    assert len(column) == size
    assert column.tolist() == [-7] * size
    assert column.to_array() == array("i", [-7] * size)


def test_an_array_grows() -> None:
    numbers = [(-1) ** i * i for i in range(1000)]
    assert ints(numbers).tolist() == numbers


@pytest.mark.parametrize("number", [2**31 - 1, -(2**31)])
def test_an_array_holds_the_largest_and_the_smallest_integer(number: int) -> None:
    assert ints([number]).tolist() == [number]
