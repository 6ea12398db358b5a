"""The cost of a random expression is proportional to its number of operations. See ``work_counts``."""

from __future__ import annotations

from collections.abc import Callable

from work_counts import assert_proportional

from autograd import ops
from autograd.strategies.expression import Application, assemble


def test_the_work_to_write_an_expression_is_proportional_to_its_number_of_operations() -> None:
    def make(n: int) -> Callable[[], object]:
        rows = [ops.add, ops.sin, ops.mul, ops.log]
        applications: list[Application] = [(rows[i % 4], [0, -1][: len(rows[i % 4].partials)]) for i in range(n)]
        return lambda: assemble([0.5, 0.25], applications)

    assert_proportional(make, 15)
