"""``explain``: the chain rule for one derivative, written out path by path."""

from __future__ import annotations

import math

from autograd import ops
from autograd.backward import adjoints
from autograd.base.real import refusal
from autograd.base.typesetting import printable, tex_name, tex_number
from autograd.inspection.names import node_names
from autograd.inspection.paths import Path, Paths
from autograd.inspection.staleness import stale_nodes
from autograd.nodes.parts import operands_of
from autograd.shared import refuse_non_value, suggesting
from autograd.topology import topological_order
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

MAX_FACTORS = 6  # of a longer product, only the first five factors and the last one are shown
MAX_DEFINITIONS = 30
MAX_STALE = 3
MAX_BLOCKERS = 3  # operations in a note
_FUNCTIONS = {"gate": "where", "clamp_min": "clip", "clamp_max": "clip"}  # that record an operation of another name

_TEX_LINE = "\\\\\n"
_TEX_OPERATORS = {
    "+": "{} + {}", "-": "{} - {}", "*": r"{} \cdot {}", "/": r"\frac{{{}}}{{{}}}", "**": "{{{}}}^{{{}}}", "%": r"{} \bmod {}",
    "//": r"\left\lfloor\frac{{{}}}{{{}}}\right\rfloor",
}  # fmt: skip


_NAMES = "names come from labels: for name, p in model.named_parameters(): p.label = name"


@suggesting(remedies={"model": _NAMES, "names": _NAMES, "inputs": _NAMES})
def explain(y: Value, x: Value, limit: int = 10) -> Explanation:
    """Write out the chain rule for the derivative of ``y`` with respect to ``x``.

    The derivative is the sum, over all paths from y down to x, of the product of the partial derivatives along the path.
    No ``.grad`` changes. The time depends on the number of nodes, not on the number of paths.

    Args:
        y: The result.
        x: A leaf or computed Value that ``y`` depends on.
        limit: Maximum number of paths to show. The paths with the largest products are shown.

    Returns:
        The gradient and its most important paths. ``print`` shows them as text, and Jupyter as formulas.

    Raises:
        TypeError: If ``y`` or ``x`` is not a Value, or ``limit`` is not an int.
        ValueError: If ``limit`` is less than 1.

    Example:
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
    for name, argument in (("y", y), ("x", x)):
        if isinstance(argument, str):  # a label
            own = argument if argument.isidentifier() else name
            call = f"explain({own}, x)" if name == "y" else f"explain(y, {own})"
            raise TypeError(
                f"{name} in explain(y, x) must be a Value, not str ({argument!r:.40}); pass the Value itself: {call}"
            )
        if not isinstance(argument, Value):
            rule = f"{name} in explain(y, x) must be a Value"
            refuse_non_value(argument, rule)
            raise TypeError(refusal(argument, rule))
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError(f"the limit of explain() must be an int, a number of paths, not {type(limit).__name__} ({limit!r:.40})")
    if limit < 1:
        raise ValueError(f"the limit of explain() must be at least 1 path, not {limit}")
    return Explanation(y, x, limit)


class Explanation:
    """The result of ``explain``. ``print`` shows it as text, and Jupyter as formulas.

    Attributes:
        output: The Value ``y``.
        input: The Value ``x``.
        gradient: Derivative of ``output`` with respect to ``input``, bit for bit as ``backward`` computes it.
        paths: The most important paths, each with ``nodes``, ``positions``, ``partials`` and ``product``. Paths whose
            product is nan or infinite come first, followed by those with the largest products.
        count: Number of all paths.
        left_out: Number of paths that are not in ``paths``.
        rest: Sum of the products of the paths that are not in ``paths``.
        blocked: Number of further paths that pass no gradient, for example through a relu of a negative number.

    Example:
        >>> from autograd import Value, explain
        >>> x = Value(3.0)
        >>> explanation = explain(x * x + 2 * x, x, limit=1)
        >>> explanation.gradient, explanation.paths[0].product, explanation.left_out, explanation.rest
        (8.0, 3.0, 2, 5.0)
    """

    def __init__(self, y: Value, x: Value, limit: int) -> None:
        found = Paths(y, x, limit)
        self.output: Value = y
        self.input: Value = x
        self.gradient: float = _gradient(found.nodes, x) if found.count else 0.0
        self.paths: list[Path] = found.best
        self.count: int = found.count
        self.left_out: int = found.count - len(found.best)
        self.rest: float = found.rest
        self.blocked: int = found.blocked
        self._blocking: set[int] = {id(node) for node in found.blockers}
        self._blockers: list[str] = list(dict.fromkeys([_FUNCTIONS.get(x.op, x.op) for x in reversed(found.blockers)]))
        self._indices: dict[int, int] = found.indices
        self._names: dict[int, str] = {id(node): name for node, name in node_names(y).items()}

    def __repr__(self) -> str:
        if not self.count or self.output is self.input:
            return self._sentence()
        kind = f"the sum over {_number_of_paths(self.count)}" if self.count > 1 else "along one path"
        lines = [f"d{self._text(self.output)}/d{self._text(self.input)} = {self.gradient!r}, {kind}:"]
        for path in self.paths:
            derivatives = _joined(_steps(path), self._derivative, " * ")
            products = dict.fromkeys([derivatives, _joined(path.partials, repr, " * "), repr(path.product)])
            lines.append(f"  {' = '.join(products)}{_length(path)}")
        lines += [f"  and {_number_of_paths(self.left_out, 'more ')}, together {self.rest!r}"] if self.left_out else []
        lines += [f"  {self._blocked_note()}"] if self.blocked else []
        return "\n".join([*lines, "where", *[f"  {line}" for line in self._definitions()], *self._stale_note()])

    def to_latex(self) -> str:
        r"""Return the same as LaTeX in mathematical mode, without dollars, and with rounded numbers.

        >>> from autograd import Value, explain
        >>> x = Value(3.0, label="x")
        >>> explain(x * 2, x).to_latex().startswith(r"\begin{array}{l}")
        True
        """
        return self._latex() or tex_name(self._sentence())

    def _repr_latex_(self) -> Any:
        """Return ``to_latex()`` for notebooks; None if the explanation is a sentence."""
        latex = self._latex()
        return rf"$\displaystyle {latex}$" if latex else None

    def _latex(self) -> str:
        if not self.count or self.output is self.input:
            return ""
        total = _tex_rounded(self.gradient)
        start = self._tex_derivative((self.output, self.input), r"\mathrm{d}")
        rows = []
        for path in self.paths:
            derivatives = _joined(_steps(path), self._tex_derivative, r" \cdot ", r"\cdots")
            products = [_joined(path.partials, _tex_factor, r" \cdot ", r"\cdots"), _tex_rounded(path.product)]
            rows.append(rf"{derivatives} && = {' = '.join(dict.fromkeys(products))}")
        if self.left_out:
            rows.append(rf"\cdots && = {_tex_rounded(self.rest)} \quad \text{{({_number_of_paths(self.left_out, 'more ')})}}")
        lines = [f"{start} ={{}}& {rows[0]}", *(f"&+ {row}" for row in rows[1:]), f"={{}}& {total}"]
        blocked = [self._blocked_note(tex=True)] if self.blocked else []
        parts = [_aligned(lines), *blocked, r"\text{where}", _aligned(self._definitions(tex=True)), *self._stale_note(tex=True)]
        return rf"\begin{{array}}{{l}}{_TEX_LINE.join(parts)}\end{{array}}"

    def _derivative(self, step: tuple[Value, Value]) -> str:
        return f"d{self._text(step[0])}/d{self._text(step[1])}"

    def _tex_derivative(self, step: tuple[Value, Value], d: str = r"\partial") -> str:
        above, below = map(self._tex_name, step)
        return rf"\frac{{{d} {above}}}{{{d} {below}}}"

    def _name(self, node: Value) -> str:
        if id(node) not in self._names:  # an input that is not in the graph
            return node.label or ("input" if "x" in self._names.values() else "x")
        return self._names[id(node)]

    def _tex_name(self, node: Value) -> str:
        return tex_name(self._name(node))

    def _text(self, node: Value) -> str:
        return printable(self._name(node))

    def _definitions(self, tex: bool = False) -> list[str]:
        """Return a line for each node on the paths shown, from the result down: its name, formula and number.

        The other operands in these formulas follow with their numbers. Nodes that pass no gradient also have a formula.
        """
        shown = {}
        for path in self.paths:
            steps = filter(None, _shortened(_steps(path)))
            shown.update({self._indices[id(node)]: node for step in steps for node in step})
        nodes = [shown[index] for index in sorted(shown, reverse=True)]
        name, number, equals = (self._tex_name, _tex_rounded, "&=") if tex else (self._text, repr, "=")
        lines = [f"{name(node)} {equals} {self._formula(node, tex)}{number(node.data)}" for node in nodes]
        on_paths = {id(node) for node in nodes}
        others = {id(x): x for node in nodes[:MAX_DEFINITIONS] for x in _shown_operands(node) if id(x) not in on_paths}
        blocking = [x for x in others.values() if id(x) in self._blocking]
        others |= {id(x): x for node in blocking for x in _shown_operands(node) if id(x) not in on_paths}
        formulas = {id(x): self._formula(x, tex) for x in blocking}
        lines += [f"{name(x)} {equals} {formulas.get(id(x), '')}{number(x.data)}" for x in others.values()]
        more = f"and {len(lines) - MAX_DEFINITIONS:,} more"
        return [*lines[:MAX_DEFINITIONS], rf"&\text{{{more}}}" if tex else more] if len(lines) > MAX_DEFINITIONS else lines

    def _blocked_note(self, tex: bool = False) -> str:
        """Return a text about the paths that pass no gradient."""
        shown = [*self._blockers[:MAX_BLOCKERS], *(["..."] if self._blockers[MAX_BLOCKERS:] else [])]
        text = f"({_number_of_paths(self.blocked, 'more ')} {'passes' if self.blocked == 1 else 'pass'} no gradient: through "
        if tex:
            names = r"\text{, }".join([r"\dots" if name == "..." else tex_name(name) for name in shown])
            return rf"\text{{{text}}}{names}\text{{)}}"
        return f"{text}{', '.join(shown)})"

    def _stale_note(self, tex: bool = False) -> list[str]:
        """Return a line about leaves whose data changed, because the formulas then contradict the numbers; [] if none did."""
        stale = stale_nodes(self.output)
        if not stale:
            return []
        # A node does not store the earlier data of its leaves. The leaves of the first stale nodes may have changed.
        ids = {id(node) for node in stale}
        first = [node for node in stale if not any(id(x) in ids for x in node.operands)]
        names = list(dict.fromkeys([self._name(x) for node in first for x in node.operands if not x.op])) or ["a leaf"]
        rest = f"{len(names) - MAX_STALE:,} more"
        shown = names if len(names) <= MAX_STALE else [*names[:MAX_STALE], rest]
        y = self._name(self.output)
        if tex:
            changed = r" \text{ or } ".join(rf"\text{{{rest}}}" if name is rest else tex_name(name) for name in shown)
            return [rf"\text{{the data of }} {changed} \text{{ changed afterwards; compute }} {tex_name(y)} \text{{ again}}"]
        changed = printable(" or ".join(shown))
        return [f"the data of {changed} changed after these numbers were computed; compute {printable(y)} again"]

    def _formula(self, node: Value, tex: bool = False) -> str:
        """Return the operation that computed ``node``, followed by an equals sign. It is empty for a leaf."""
        if not node.op:
            return ""
        name, number = (self._tex_name, _tex_factor) if tex else (self._text, repr)
        times, dots = (r" \cdot ", r"\cdots") if tex else (" * ", "...")
        operands = [name(x) if isinstance(x, Value) else number(x) for x in operands_of(node)]
        if node.op == ops.sum.symbol:
            return _joined(operands, str, " + ", dots) + " = "
        if node.op == ops.dot.symbol:
            half = len(operands) // 2
            terms = [f"{w}{times}{x}" for w, x in zip(operands[:half], operands[half:-1], strict=True)]
            return _joined([operands[-1], *terms], str, " + ", dots) + " = "
        if tex and node.op in _TEX_OPERATORS:
            return _TEX_OPERATORS[node.op].format(*operands) + " = "
        if not tex and len(operands) == 2 and not node.op.isidentifier():
            return f" {node.op} ".join(operands) + " = "
        if node.op == ops.neg.symbol:
            return f"-{operands[0]} = "
        function = tex_name(node.op) if tex else node.op
        return f"{function}({', '.join(operands)}) = "

    def _sentence(self) -> str:
        """Return the reason why the derivative is 0, or 1."""
        y, x = self._text(self.output), self._text(self.input)
        if y == x and self.output is not self.input:
            y, x = "result", "input"
        if self.output is self.input:
            return f"d{x}/d{x} = 1.0: both are the same Value"
        below = topological_order(self.output)
        if self.input.op == "const":
            reason = f"{x} represents a plain number, and derivatives are taken only with respect to Values"
        elif any(node is self.input for node in below):
            reason = f"{y} depends on {x} only through operations that pass no gradient to it: where() if it selects another "
            reason += "branch, or for example relu of a negative number"
        elif any(node is self.output for node in topological_order(self.input)):
            reason = f"{y} does not depend on {x}, but {x} depends on {y}; see explain({x}, {y})"
        else:
            reason = f"{y} does not depend on {x}"
            if self.input.label and any(node.label == self.input.label for node in below):
                reason += ", but on another Value with the same label"
        return f"d{y}/d{x} = 0.0: {reason}"


def _gradient(nodes: list[Value], x: Value) -> float:
    """Return the derivative of the last node with respect to x, bit for bit as ``backward`` computes it."""
    before = [node.grad for node in nodes]
    try:
        return adjoints(nodes[-1], [x])[0]
    finally:  # the pass has changed .grad of computed nodes
        for node, gradient in zip(nodes, before, strict=True):
            node.grad = gradient


def _shown_operands(node: Value) -> list[Value]:
    """Return the operands that the formula of ``node`` names."""
    operands = operands_of(node) if node.op else ()
    if node.op == ops.dot.symbol:
        half = len(operands) // 2
        terms = _shortened([operands[-1:], *zip(operands[:half], operands[half:-1], strict=True)])
        operands = tuple(x for term in terms if term for x in term)
    elif node.op == ops.sum.symbol:
        operands = tuple(_shortened(operands))
    return [x for x in operands if isinstance(x, Value)]


def _steps(path: Path) -> list[tuple[Value, Value]]:
    return list(zip(path.nodes, path.nodes[1:], strict=False))


def _length(path: Path) -> str:
    return f" ({len(path.partials):,} factors)" if len(path.partials) > MAX_FACTORS else ""


def _shortened(items: Sequence[Any]) -> Sequence[Any]:
    """Return the items. If there are many, None replaces all but the first and the last ones."""
    return items if len(items) <= MAX_FACTORS else [*items[: MAX_FACTORS - 1], None, items[-1]]


def _joined(items: Sequence[Any], write: Callable[[Any], str], sign: str, dots: str = "...") -> str:
    return sign.join(dots if item is None else write(item) for item in _shortened(items))


def _tex_rounded(number: float) -> str:
    return tex_number(number, 6)


def _aligned(lines: list[str]) -> str:
    return rf"\begin{{aligned}}{_TEX_LINE.join(lines)}\end{{aligned}}"


def _tex_factor(number: float) -> str:
    text = _tex_rounded(number)
    return rf"\left({text}\right)" if text.startswith("-") else text


def _number_of_paths(count: int, more: str = "") -> str:
    """Return text such as "3 paths". A large number is rounded."""
    if count < 10**15:
        return f"{count:,} {more}path{'s' * (count != 1)}"
    exponent = math.floor(math.log10(count))
    return f"about {10 ** (math.log10(count) - exponent):.3f}e{exponent} {more}paths"
