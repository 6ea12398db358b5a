"""The chain rule of one gradient, spelt out."""

from __future__ import annotations

import math

from autograd import ops
from autograd.backward import adjoints
from autograd.base.real import refusal
from autograd.base.typesetting import tex_name, tex_number
from autograd.inspection.paths import Path, Paths
from autograd.inspection.stepping import names_in
from autograd.nodes.parts import operands_of
from autograd.topology import topological_order
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

MOST_FACTORS = 6  # shown of a product; of a longer one the first five and the last
MOST_NODES = 30  # shown below the paths


def explain(y: Value, x: Value, limit: int = 10) -> Explanation:
    """The chain rule for the derivative of ``y`` by ``x``: a product for each path from y down to x, and their sum.

    It only looks: no ``.grad`` changes. The time it takes grows with the number of nodes, not of paths.

    Args:
        y: the result.
        x: a Value that it was computed from, a leaf or computed itself.
        limit: how many paths to show: those with the largest products.

    Raises:
        TypeError: if ``y`` or ``x`` is not a Value, or ``limit`` not an int.
        ValueError: if ``limit`` is less than 1.

    >>> from autograd import Value, explain
    >>> x = Value(3.0, label="x")
    >>> y = x * x + 2 * x
    >>> y.label = "y"
    >>> explain(y, x)
    dy/dx = 8.0, the sum over 3 paths:
      dy/dv2 * dv2/dx = 1.0 * 3.0 = 3.0
      dy/dv2 * dv2/dx = 1.0 * 3.0 = 3.0
      dy/dv3 * dv3/dx = 1.0 * 2.0 = 2.0
    where
      y = v2 + v3 = 15.0
      v3 = 2.0 * x = 6.0
      v2 = x * x = 9.0
      x = 3.0
    """
    for what, thing in (("y", y), ("x", x)):
        if not isinstance(thing, Value):
            raise TypeError(refusal(thing, f"{what} in explain(y, x) must be a Value"))
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError(f"the limit of explain() must be a number of paths, not {type(limit).__name__} ({limit!r:.40})")
    if limit < 1:
        raise ValueError(f"the limit of explain() must be at least 1 path, not {limit}")
    return Explanation(y, x, limit)


class Explanation:
    """What ``explain`` found out; ``print`` shows it as text, and Jupyter as formulas.

    Attributes:
        output, input: the two Values.
        gradient: the derivative of one by the other, as ``backward`` finds it: the sum over all paths.
        paths: the most important paths, each with ``nodes``, ``positions``, ``partials`` and ``product``; a path whose product
            is nan or infinite comes first, then those with the largest products.
        count: how many paths there are.
        left_out: how many of them are not in ``paths``.
        rest: what those contribute to the gradient together.
    """

    def __init__(self, y: Value, x: Value, limit: int) -> None:
        found = Paths(y, x, limit)
        self.output = y
        self.input = x
        self.gradient = _gradient(found.order, x) if found.count else 0.0
        self.paths = found.best
        self.count = found.count
        self.left_out = found.count - len(found.best)
        self.rest = found.rest
        self._places = found.places
        self._names = names_in(found.order)

    def __repr__(self) -> str:
        if not self.count or self.output is self.input:
            return self._in_a_sentence()
        how = f"the sum over {_counted(self.count)}" if self.count > 1 else "along one path"
        lines = [f"d{self._name(self.output)}/d{self._name(self.input)} = {self.gradient!r}, {how}:"]
        for path in self.paths:
            derivatives = _joined(_steps(path), self._derivative, " * ")
            products = dict.fromkeys([derivatives, _joined(path.partials, repr, " * "), repr(path.product)])  # each once
            lines.append(f"  {' = '.join(products)}{_length(path)}")
        lines += [f"  and {_counted(self.left_out)} more, together {self.rest!r}"] if self.left_out else []
        return "\n".join([*lines, "where", *self._definitions()])

    def _repr_latex_(self) -> str:
        """The same for Jupyter, without what the names stand for."""
        total = tex_number(self.gradient)
        start = self._tex_derivative((self.output, self.input), r"\mathrm{d}")
        if not self.count or self.output is self.input:
            return rf"$\displaystyle {start} = {total}$"
        rows = []
        for path in self.paths:
            derivatives = _joined(_steps(path), self._tex_derivative, r" \cdot ", r"\cdots")
            products = [_joined(path.partials, _tex_factor, r" \cdot ", r"\cdots"), tex_number(path.product)]
            rows.append(rf"{derivatives} && = {' = '.join(dict.fromkeys(products))}")
        if self.left_out:
            rows.append(rf"\cdots && = {tex_number(self.rest)} \quad \text{{({_counted(self.left_out)} more)}}")
        lines = [f"{start} ={{}}& {rows[0]}", *(f"&+ {row}" for row in rows[1:]), f"={{}}& {total}"]
        separator = "\\\\\n"
        return rf"$\displaystyle \begin{{aligned}}{separator.join(lines)}\end{{aligned}}$"

    def _derivative(self, step: tuple[Value, Value]) -> str:
        return f"d{self._name(step[0])}/d{self._name(step[1])}"

    def _tex_derivative(self, step: tuple[Value, Value], d: str = r"\partial") -> str:
        above, below = (tex_name(self._name(node)) for node in step)
        return rf"\frac{{{d} {above}}}{{{d} {below}}}"

    def _name(self, node: Value) -> str:
        return self._names.get(id(node)) or node.label or "x"  # x: it is not below, or behind where()

    def _definitions(self) -> list[str]:
        """How the nodes on the paths shown were computed, from the result down."""
        shown = {}
        for path in self.paths:
            steps = filter(None, _shortened(_steps(path)))
            shown.update({self._places[id(node)]: node for step in steps for node in step})
        nodes = [shown[place] for place in sorted(shown, reverse=True)]
        lines = [f"  {self._name(node)} = {self._formula(node)}{node.data!r}" for node in nodes[:MOST_NODES]]
        return [*lines, f"  and {len(nodes) - MOST_NODES:,} more"] if len(nodes) > MOST_NODES else lines

    def _formula(self, node: Value) -> str:
        """How it was computed, with an equals sign after it."""
        if not node.op:
            return ""
        operands = [self._name(x) if isinstance(x, Value) else repr(x) for x in operands_of(node)]
        if node.op == ops.sum.symbol:
            return _joined(operands, str, " + ") + " = "
        if node.op == ops.dot.symbol:
            half = len(operands) // 2
            terms = [f"{w} * {x}" for w, x in zip(operands[:half], operands[half:-1], strict=True)]
            return _joined([operands[-1], *terms], str, " + ") + " = "
        if len(operands) == 2 and not node.op.isidentifier():
            return f" {node.op} ".join(operands) + " = "
        if node.op == ops.neg.symbol:
            return f"-{operands[0]} = "
        return f"{node.op}({', '.join(operands)}) = "

    def _in_a_sentence(self) -> str:
        """Why the derivative is 0, or 1."""
        y, x = self.output.label or "y", self.input.label or "x"
        if y == x and self.output is not self.input:
            y, x = "result", "input"
        if self.output is self.input:
            return f"d{x}/d{x} = 1.0: they are the same Value"
        below = topological_order(self.output)
        if self.input.op == "const":
            why = f"{x} stands for a plain number, and by those there is no derivative"
        elif any(node is self.input for node in below):
            why = f"{y} depends on {x} only through branches that where() did not take, and from there comes no gradient"
        elif any(node is self.output for node in topological_order(self.input)):
            why = f"{y} was not computed from {x}, but {x} from {y}: see explain({x}, {y})"
        else:
            why = f"{y} was not computed from {x}"
            if self.input.label and any(node.label == self.input.label for node in below):
                why += ", but from another Value with that label"
        return f"d{y}/d{x} = 0.0: {why}"


def _gradient(order: list[Value], x: Value) -> float:
    """The derivative of the last node by x, as backward finds it."""
    before = [node.grad for node in order]
    try:
        return adjoints(order[-1], [x])[0]
    finally:  # of computed nodes, this has changed .grad
        for node, gradient in zip(order, before, strict=True):
            node.grad = gradient


def _steps(path: Path) -> list[tuple[Value, Value]]:
    return list(zip(path.nodes, path.nodes[1:], strict=False))


def _length(path: Path) -> str:
    return f" ({len(path.partials):,} factors)" if len(path.partials) > MOST_FACTORS else ""


def _shortened(items: Sequence[Any]) -> Sequence[Any]:
    """The items; of many the first and the last, and None in place of the others."""
    return items if len(items) <= MOST_FACTORS else [*items[: MOST_FACTORS - 1], None, items[-1]]


def _joined(items: Sequence[Any], write: Callable[[Any], str], sign: str, dots: str = "...") -> str:
    return sign.join(dots if item is None else write(item) for item in _shortened(items))


def _tex_factor(number: float) -> str:
    text = tex_number(number)
    return rf"\left({text}\right)" if text.startswith("-") else text


def _counted(count: int) -> str:
    """So many paths, in words that are not too long."""
    if count < 10**15:
        return f"{count:,} path{'s' * (count != 1)}"
    exponent = math.floor(math.log10(count))
    return f"about {10 ** (math.log10(count) - exponent):.3f}e{exponent} paths"
