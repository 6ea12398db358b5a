"""Runs: dots of scalars whose operands are adjacent in memory.

Scalars are computed once per call, and most of the time is spent on reading the offsets of the operands of each ``dot``. If the
operands are adjacent, only the offset of the first one is read, and several gradients are computed at once. Therefore
``layout.py`` lays out the operands of large dots side by side, and these dots become runs. A dot of all parameters, such as a
penalty, is often a few runs. Each number is still computed by the same operations in the same order.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd.compiler import layout

if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.replay._instructions import DOT, DOT_BACK, RUN, RUN_BACK
else:
    from autograd.base.int_arrays import Ints
    from autograd.replay.instructions import DOT, DOT_BACK, RUN, RUN_BACK

MIN_TERMS = cython.declare(cython.int, layout.MIN_TERMS)
MIN_RUN = cython.declare(cython.int, 8)  # average length of several runs. Shorter ones would not be faster than a DOT


def runs_forward(code: Ints, terms: Ints) -> Ints:
    """Return the instructions, with each DOT whose operands form long runs replaced by one RUN per run."""
    result: Ints = Ints()
    no_runs: Ints = Ints()
    at: cython.int
    k: cython.Py_ssize_t
    for at in range(0, code.size, 8):
        count: cython.int = code.items[at + 4]
        first: cython.int = code.items[at + 5]
        starts: Ints = no_runs
        if code.items[at] == DOT and count >= MIN_TERMS:
            starts = _find_runs(terms, first, terms, first + count, 1, count)
        if not _are_long(starts, count):
            result.extend(code, at, 8)
            continue
        out: cython.int = code.items[at + 2]
        bias: cython.int = code.items[at + 3]
        for k in range(starts.size - 1):
            start: cython.int = first + starts.items[k]
            length: cython.int = starts.items[k + 1] - starts.items[k]
            result.append_8(RUN, 0, out, bias, length, terms.items[start], terms.items[start + count], 0)
            bias = out  # the next run continues the sum
    return result


def runs_backward(code: Ints, terms: Ints, targets: Ints) -> Ints:
    """Return the instructions, with each DOT_BACK whose operands and targets form long runs replaced by RUN_BACKs.

    A single run needs one RUN_BACK for both sides. For several runs, the left operands come before the right operands, as in
    a DOT_BACK, because both may be the same numbers. If both sides are equal, as in a sum of squares, all contributions to an
    adjoint are the same number, so their order is free, and a RUN_BACK adds both.
    """
    result: Ints = Ints()
    no_runs: Ints = Ints()
    at: cython.int
    for at in range(0, code.size, 8):
        count: cython.int = code.items[at + 4]
        x: cython.int = code.items[at + 5] + count
        w: cython.int = code.items[at + 5]
        to_w: cython.int = code.items[at + 6]
        to_x: cython.int = to_w + count
        left: Ints = no_runs
        right: Ints = no_runs
        if code.items[at] == DOT_BACK and count >= MIN_TERMS:
            left = _find_runs(terms, x, targets, to_w, 2, count)
            right = _find_runs(terms, w, targets, to_x, 2, count)
        if not (_are_long(left, count) and _are_long(right, count)):
            result.extend(code, at, 8)
            continue
        bias: cython.int = code.items[at + 2]
        sender: cython.int = code.items[at + 3]
        if left.size == 2 and right.size == 2:
            result.append_8(
                RUN_BACK, bias, sender, count, terms.items[w], terms.items[x], targets.items[to_w], targets.items[to_x]
            )
            continue
        if terms.equal(w, terms, x, count) and targets.equal(to_w, targets, to_x, count):
            _emit_sides(result, sender, left, terms, x, targets, to_w, True, True)
        else:
            _emit_sides(result, sender, left, terms, x, targets, to_w, True, False)
            _emit_sides(result, sender, right, terms, w, targets, to_x, False, True)
        if bias >= 0:
            result.append_8(RUN_BACK, bias, sender, 0, 0, 0, -1, -1)
    return result


@cython.cfunc
@cython.exceptval(-1, check=False)
def _emit_sides(
    code: Ints, sender: cython.int, starts: Ints, terms: Ints, first: cython.int, targets: Ints, target: cython.int,
    to_left: cython.bint, to_right: cython.bint,
) -> cython.int:  # fmt: skip
    """Append a RUN_BACK for each run of one side or of two equal sides.

    ``first`` and ``target`` say where the factors and the targets begin.
    """
    k: cython.Py_ssize_t
    for k in range(starts.size - 1):
        start: cython.int = starts.items[k]
        length: cython.int = starts.items[k + 1] - start
        factor: cython.int = terms.items[first + start]
        to: cython.int = targets.items[target + start]
        if to >= 0:
            code.append_8(RUN_BACK, -1, sender, length, factor, factor, to if to_left else -1, to if to_right else -1)
    return 0


@cython.cfunc
def _find_runs(left: Ints, i: cython.int, right: Ints, j: cython.int, step: cython.int, count: cython.int) -> Ints:
    """Return where runs begin in two lists, and their length.

    In a run, the items from ``i`` on in ``left`` increase by 1. The items from ``j`` on in ``right`` increase by ``step``, or
    are negative.
    """
    starts: Ints = Ints(1)
    k: cython.int
    for k in range(1, count):
        previous: cython.int = right.items[j + k - 1]
        item: cython.int = right.items[j + k]
        continues: cython.bint = item == previous + step if previous >= 0 else item < 0
        if not continues or left.items[i + k] != left.items[i + k - 1] + 1:
            starts.append(k)
    starts.append(count)
    return starts


@cython.cfunc
@cython.exceptval(check=False)
def _are_long(starts: Ints, count: cython.int) -> cython.bint:
    """Return whether there is one run, or the runs are long on average."""
    return starts.size == 2 or (starts.size > 2 and (starts.size - 1) * MIN_RUN <= count)
