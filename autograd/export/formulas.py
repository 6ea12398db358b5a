"""The formula of a graph: one expression in terms of its leaves, for writers of mathematical notation."""

from __future__ import annotations

from itertools import count

from autograd.errors import GraphTooLargeError
from autograd.export.expressions import fold, variable
from autograd.export.symbolic import check_result, to_expressions
from autograd.inspection.contents import leaves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from autograd.export.expressions import Term
    from autograd.value import Value

MAX_NODES = 1_000  # a longer formula is not readable
MAX_PARTS = 10_000


def formula(
    function: str, y: Any, names: Mapping[Value, str] | None = None, written: Callable[[str], str] = str
) -> Term:  # fmt: skip
    """Return ``y`` as an expression in which the leaves are variables.

    Without ``names``, a leaf is named by its label, or x1, x2, ... if it has none. Other leaves of the same name get a number,
    as in w, w_1, w_2.

    Args:
        function: Name of the calling function, for error messages.
        y: The result.
        names: The names of the leaves.
        written: Returns a name in the notation of the writer. Names that are written alike are the same name.

    Raises:
        TypeError: If ``y`` is not a Value.
        autograd.GraphTooLargeError: If the graph has more than 1,000 nodes or the formula more than 10,000 parts.
    """
    check_result(function, y, MAX_NODES, "export parts of it")
    inputs = leaves(y)
    wanted = [names[leaf] if names else leaf.label or "" for leaf in inputs]
    reserved = {written(name) for name in wanted if name}
    given: set[str] = set()
    unused: dict[str, Iterator[str]] = {}
    variables = {}
    for leaf, name in zip(inputs, wanted, strict=True):
        if not name or written(name) in given:
            stem = f"{name}_" if name else "x"
            numbered = unused.setdefault(stem, (f"{stem}{i}" for i in count(1)))
            name = next(new for new in numbered if written(new) not in reserved | given)  # noqa: PLW2901
        given.add(written(name))
        variables[id(leaf)] = variable(name)
    expression = to_expressions(y, variables)[id(y)]
    parts = fold(expression, lambda _, operands: 1 + sum(operands), lambda _: 1)
    if parts > MAX_PARTS:
        raise GraphTooLargeError(
            f"the formula would have {_rounded(parts)} parts, because shared Values are written out each time, and "
            f"{function}() writes at most {MAX_PARTS:,}; use to_python(), which assigns shared Values to variables"
        )
    return expression


def _rounded(number: int) -> str:
    return f"{number:,}" if number < 10**12 else f"about 2**{number.bit_length() - 1}"
