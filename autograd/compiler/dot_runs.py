"""Runs: dots of scalars whose operands are adjacent in memory.

A program without wide numbers executes each instruction once, and spends most of its time reading the offsets of the operands
of each ``dot``. If the operands are adjacent, only the offset of the first one is read, and several gradients are computed at
once. Therefore ``layout.py`` lays out the operands of large dots side by side, and these dots become runs. Each number is still
computed by the same operations.

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
from autograd.replay import instructions

if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
else:
    from autograd.base.int_arrays import Ints

DOT = cython.declare(cython.int, instructions.DOT)
RUN = cython.declare(cython.int, instructions.RUN)
DOT_BACK = cython.declare(cython.int, instructions.DOT_BACK)
RUN_BACK = cython.declare(cython.int, instructions.RUN_BACK)
MIN_TERMS = cython.declare(cython.int, layout.MIN_TERMS)


def runs_forward(code: Ints, terms: Ints) -> None:
    """Replace each DOT whose operands are adjacent by a RUN."""
    at: cython.int
    for at in range(0, code.size, 8):
        count: cython.int = code.items[at + 4]
        if code.items[at] == DOT and count >= MIN_TERMS:
            w: cython.int = terms.first_of_run(code.items[at + 5], count, 1)
            x: cython.int = terms.first_of_run(code.items[at + 5] + count, count, 1)
            if w >= 0 and x >= 0:
                code.items[at], code.items[at + 5], code.items[at + 6] = RUN, w, x


def runs_backward(code: Ints, terms: Ints, targets: Ints) -> None:
    """Replace each DOT_BACK whose operands and targets are adjacent by a RUN_BACK."""
    at: cython.int
    for at in range(0, code.size, 8):
        count: cython.int = code.items[at + 4]
        if code.items[at] == DOT_BACK and count >= MIN_TERMS:
            w: cython.int = terms.first_of_run(code.items[at + 5], count, 1)
            x: cython.int = terms.first_of_run(code.items[at + 5] + count, count, 1)
            to_w: cython.int = targets.first_of_run(code.items[at + 6], count, 2)
            to_x: cython.int = targets.first_of_run(code.items[at + 6] + count, count, 2)
            if w >= 0 and x >= 0 and to_w > -2 and to_x > -2:
                code.items[at], code.items[at + 1], code.items[at + 2] = RUN_BACK, code.items[at + 2], code.items[at + 3]
                code.items[at + 3], code.items[at + 4], code.items[at + 5] = count, w, x
                code.items[at + 6], code.items[at + 7] = to_w, to_x
