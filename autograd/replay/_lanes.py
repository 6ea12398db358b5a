"""The replay kernels in Python, for use without a compiler. Results are bit for bit equal to the results of the C kernels.

The C kernels are in ``_lanes_body.h``. ``v`` and ``a`` are lists of values and adjoints, and the other arguments are offsets
into them. A target is twice the offset of an adjoint, plus one for the first contribution, which overwrites the adjoint. A
negative target discards the gradient. An adjoint of -0.0 marks a node that no gradient reaches in this lane.
"""

from __future__ import annotations

import math

from autograd import ops
from autograd.ops import blocks, partial1, partial2x, partial2y
from autograd.ops import forward1 as _forward1
from autograd.ops import forward2 as _forward2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Numbers = list[float]


def passed_on(adjoint: float, partial: float) -> float:
    """Return the contribution of a node to an operand: -0.0 if no gradient reaches the node, even if ``partial`` is inf."""
    return adjoint if adjoint == 0.0 and math.copysign(1.0, adjoint) < 0 else adjoint * partial + 0.0


def _add_contribution(code: int, a: Numbers, target: int, sender: int, n: int, partial: Callable[[int], float]) -> None:
    """Add the contributions of ``n`` lanes of a node to the adjoint of an operand."""
    place = target >> 1
    for i in range(n):
        derivative = partial(i)
        passed = -0.0 if derivative == 0.0 and blocks(code) else passed_on(a[sender + i], derivative)
        a[place + i] = passed if target & 1 else a[place + i] + passed


def _tree(sums: Sequence[float]) -> float:
    """Add eight partial sums, pairwise."""
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))


class Lanes:
    """The kernels, with the same parameters as in C."""

    width = 1

    @property
    def one_lane(self) -> Lanes:
        """The kernels for a single lane, which are not different in Python."""
        return self

    @staticmethod
    def forward1(code: int, v: Numbers, out: int, x: int, n: int) -> None:
        """Compute a unary operation."""
        for i in range(n):
            v[out + i] = _forward1(code, v[x + i])

    @staticmethod
    def forward2(code: int, v: Numbers, out: int, x: int, y: int, n: int) -> None:
        """Compute a binary operation."""
        for i in range(n):
            v[out + i] = _forward2(code, v[x + i], v[y + i])

    @staticmethod
    def give1(code: int, a: Numbers, v: Numbers, target: int, sender: int, out: int, x: int, n: int) -> None:
        """Add the gradient of a unary operation with respect to its operand."""
        _add_contribution(code, a, target, sender, n, lambda i: partial1(code, v[out + i], v[x + i]))

    # They may keep partials, but do not.
    forward1_keep, give1_kept = forward1, give1

    @staticmethod
    def give2x(code: int, a: Numbers, v: Numbers, target: int, sender: int, out: int, x: int, y: int, n: int) -> None:
        """Add the gradient of a binary operation with respect to its first operand."""
        _add_contribution(code, a, target, sender, n, lambda i: partial2x(code, v[out + i], v[x + i], v[y + i]))

    @staticmethod
    def give2y(code: int, a: Numbers, v: Numbers, target: int, sender: int, out: int, x: int, y: int, n: int) -> None:
        """Add the gradient of a binary operation with respect to its second operand."""
        _add_contribution(code, a, target, sender, n, lambda i: partial2y(code, v[out + i], v[x + i], v[y + i]))

    # They need not look for the mark, but do.
    reached2x, reached2y = give2x, give2y

    @staticmethod
    def sum_lanes(x: Numbers, start: int, n: int) -> float:
        """Return the sum over lanes: eight partial sums, of lanes 0, 8, 16, ..., lanes 1, 9, 17, ... etc., added as a tree."""
        sums = [-0.0] * 8
        for i in range(n):
            sums[i & 7] += x[start + i]
        return _tree(sums)

    @staticmethod
    def copy(to: Any, start: int, source: Any, first: int, zero: float, n: int) -> None:
        """Copy ``n`` numbers between lanes and a table. For ``zero`` 0.0, -0.0 becomes 0.0; for -0.0, no number changes."""
        for i in range(n):
            to[start + i] = source[first + i] + zero

    @staticmethod
    def dot(v: Numbers, terms: list[int], start: int, count: int, out: int, bias: int, n: int, wide: int) -> None:
        """Add the products to the bias, in order."""
        for i in range(n):
            total = v[bias + i] if bias >= wide else v[bias]
            for k in range(start, start + count):
                w, x = terms[k], terms[k + count]
                total += ops.dot.forward(v[w + i] if w >= wide else v[w], v[x + i] if x >= wide else v[x])
            v[out + i] = total

    @staticmethod
    def run(v: Numbers, w: int, x: int, count: int, out: int, bias: int) -> None:
        """Compute a dot product of one lane. The left operands are contiguous, and so are the right operands."""
        total = v[bias]
        for k in range(count):
            total += ops.dot.forward(v[w + k], v[x + k])
        v[out] = total

    @staticmethod
    def run_back(
        a: Numbers, v: Numbers, w: int, x: int, to_w: int, to_x: int, count: int, sender: int, to_bias: int
    ) -> None:  # fmt: skip
        """Add the gradients of ``run``: with respect to all left operands, then all right operands, then the bias."""
        adjoint = a[sender]
        for target, factor in ((to_w, x), (to_x, w)):
            for k in range(count) if target >= 0 else ():
                a[(target >> 1) + k] += passed_on(adjoint, v[factor + k])
        if to_bias >= 0:
            a[to_bias >> 1] += passed_on(adjoint, 1.0)

    @classmethod
    def neuron(cls, v: Numbers, terms: list[int], start: int, count: int, out: int, bias: int, n: int) -> None:
        """Compute a dot product of scalar weights and wide inputs, with a scalar bias."""
        wide = max(terms[start : start + count], default=bias) + 1
        cls.dot(v, terms, start, count, out, bias, n, max(wide, bias + 1))

    @classmethod
    def dot_back(
        cls, a: Numbers, v: Numbers, terms: list[int], start: int, targets: list[int], first: int, count: int, sender: int,
        to_bias: int, n: int, wide_values: int, wide_adjoints: int,
    ) -> None:  # fmt: skip
        """Add the gradients of ``dot``: with respect to all left operands, then all right operands, then the bias."""
        for k in range(2 * count):
            factor = terms[start + (k + count) % (2 * count)]
            cls._add_dot_contribution(a, v, targets[first + k], sender, factor, n, wide_values, wide_adjoints)
        cls._add_dot_contribution(a, v, to_bias, sender, -1, n, wide_values, wide_adjoints)

    @staticmethod
    def _add_dot_contribution(
        a: Numbers, v: Numbers, target: int, sender: int, factor: int, n: int, wide_values: int, wide_adjoints: int
    ) -> None:
        """Add the contribution of all lanes to one operand of a dot; ``factor`` is the other operand, or -1 for the bias."""
        if target < 0:
            return
        sums = [-0.0] * 8
        for i in range(n):
            partial = 1.0 if factor < 0 else v[factor + i] if factor >= wide_values else v[factor]
            passed = passed_on(a[sender + i], partial)
            place = (target >> 1) + i
            if target >> 1 < wide_adjoints:
                sums[i & 7] += passed
            else:
                a[place] = passed if target & 1 else a[place] + passed
        if target >> 1 < wide_adjoints:
            a[target >> 1] += _tree(sums) if n > 1 else sums[0]

    @classmethod
    def neuron_back(
        cls, a: Numbers, v: Numbers, terms: list[int], start: int, targets: list[int], first: int, count: int, sender: int,
        to_bias: int, n: int,
    ) -> None:  # fmt: skip
        """Add the gradients of a neuron with respect to its weights, inputs and bias."""
        wide_values = max(terms[start : start + count]) + 1
        wide_adjoints = max([to_bias >> 1, *(target >> 1 for target in targets[first : first + count])]) + 1
        cls.dot_back(a, v, terms, start, targets, first, count, sender, to_bias, n, wide_values, wide_adjoints)

    @classmethod
    def layer(cls, v: Numbers, terms: list[int], code: list[int], first: int, size: int, n: int) -> None:
        """Compute the neurons of a layer, which are the instructions from ``first`` on, one after another."""
        for at in range(8 * first, 8 * (first + size), 8):
            out, bias, count, start = code[at + 2 : at + 6]
            cls.neuron(v, terms, start, count, out, bias, n)

    @classmethod
    def layer_back(
        cls, a: Numbers, v: Numbers, terms: list[int], targets: list[int], code: list[int], first: int, size: int, n: int
    ) -> None:
        """Add the gradients of the neurons of a layer, one neuron after another."""
        for at in range(8 * first, 8 * (first + size), 8):
            to_bias, sender, count, start, first_target = code[at + 2 : at + 7]
            cls.neuron_back(a, v, terms, start, targets, first_target, count, sender, to_bias, n)


def choose_lanes(widest: int, exact: bool) -> Lanes:
    """Return the kernels. In Python, there is only one vector width, and all kernels are exact."""
    return Lanes()
