"""The operation to blame: it has a wrong rule, or loses digits.

Each function searches the steps of a tape that connect some inputs with the result, and returns a description, or "" if no
operation is to blame. Nothing is guessed: each description states the two numbers that differ.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from autograd.base.real import as_float, evaluate, same_number
from autograd.checking.checked_function import CheckedFunction
from autograd.checking.exact import CONTEXT, RULE_BOUND, UNIT, ZERO, Number, from_float, isfinite
from autograd.checking.slopes import NONE, SMOOTH, Slope, first_step, local_slope
from autograd.checking.tape import DOT, GATED, OWN_ROWS, SUM, Step, Tape, contradicts
from autograd.checking.truth import Truth

KERNEL_UNITS = 32  # by which a saved partial may differ from the rule at the same operands
TINY = 2.0**-1060  # absolute errors, in numbers that underflow
MOST = 3  # operations that are named


def wrong_rules(tape: Tape, inputs: set[int]) -> str:
    """Name the operations whose rule differs from differences of the value."""
    found: dict[str, None] = {}
    for step in tape.active(inputs):
        for i in step.differentiable():
            if text := _wrong_rule(step, i, tape.numbers_of(step)):
                found[text] = None
    return _joined(found)


def _wrong_rule(step: Step, i: int, numbers: list[Number]) -> str:
    if step.code in (DOT, SUM):
        return ""
    if step.is_opaque:
        measured = step.measured[i]
        if contradicts(measured, step.saved[i]):
            return _describe(step, i, float(step.saved[i] or 0.0), measured.value)
        return ""
    rule = step.partial(i, numbers, step.number)
    tolerance = RULE_BOUND * abs(rule) + TINY
    slope = _slope(step, i, numbers, rule, tolerance)
    if slope.kind != SMOOTH or abs(slope.value - rule) <= tolerance + 10 * slope.error:
        return ""
    return _describe(step, i, float(rule), float(slope.value))


def _slope(step: Step, i: int, numbers: list[Number], guess: Number = None, tolerance: Number = ZERO) -> Slope:
    """Return the true slope of one operation with respect to an operand."""

    def along(t: Number) -> Number:
        return step.compute([*numbers[:i], numbers[i] + t, *numbers[i + 1 :]])

    # A moved operand is rounded, too: near 1, a small value of log is less exact than its size suggests.
    size = abs(numbers[i] * step.partial(i, numbers, step.number))
    return local_slope(along, first_step(abs(numbers[i]) or 1), guess, tolerance, size)


def _describe(step: Step, i: int, stated: float, measured: float) -> str:
    one, other = _told_apart(stated, measured)
    return f"{_place(step)}: its partial with respect to {_operand_name(step, i)} is {one}, differences say {other}"


def wrong_second_rules(tape: Tape, inputs: set[int]) -> str:
    """Name the operations whose rules, differentiated again, differ from second differences of the value."""
    found: dict[str, None] = {}
    for step in tape.active(inputs):
        places = step.differentiable()
        if step.code in (DOT, SUM) or not places or step.is_opaque:
            continue
        function = CheckedFunction(step.row.function or step.row, step.floats, None)
        truth = Truth(function.record, function.light_run, step.floats)
        stated = function.hessian()
        for i, j in itertools.product(places, places):
            guess = from_float(stated[i][j])
            slope = truth.second(0, i, j, guess, abs(guess) * 2.0**-40, 0.0)
            apart = abs(slope.value - guess)
            if slope.kind == SMOOTH and apart > 1e-9 * max(abs(slope.value), abs(guess)) + slope.error:
                one, other = _told_apart(stated[i][j], float(slope.value))
                operands = " and ".join(_operand_name(step, k) for k in (i, j))
                text = f"{_place(step)}: its second derivative with respect to {operands} is {one}, differences say {other}"
                found[text] = None
    return _joined(found)


def wrong_kernels(tape: Tape, inputs: set[int]) -> str:
    """Name the operations whose saved partial differs from the rule of the table at the same floats.

    A saved partial that is the rule computed in floats is no other rule, even if it has lost digits by cancellation.
    """
    found: dict[str, None] = {}
    for step in tape.active(inputs):
        if step.code in (DOT, SUM) or step.code >= OWN_ROWS:
            continue
        for i in step.differentiable():
            numbers, out = [from_float(x) for x in step.floats], from_float(step.node.data)
            saved, rule = as_float(step.saved[i]), step.partial(i, numbers, out)
            if not math.isfinite(saved) or not isfinite(rule) or abs(saved - rule) <= KERNEL_UNITS * UNIT * abs(rule) + TINY:
                continue
            stated = step.row.partials[i]
            if callable(stated) and same_number(saved, evaluate(stated, step.node.data, *step.floats)):
                continue
            if abs(saved - rule) > KERNEL_UNITS * _sensitivity(step, i, numbers, out) + TINY:
                one, other = _told_apart(saved, float(rule))
                saved_text = f"its saved partial with respect to {_operand_name(step, i)} is {one}"
                found[f"{_place(step)}: {saved_text}, its rule says {other}"] = None
    return _joined(found)


def _sensitivity(step: Step, i: int, numbers: list[Number], out: Number) -> Number:
    """Return the change of a partial if each of the numbers it is computed from changes in the last place."""
    here = step.partial(i, numbers, out)
    given = [out, *numbers]
    changes = [abs(here) * UNIT]
    for k, number in enumerate(given):
        moved = [*given[:k], number * (1 + UNIT), *given[k + 1 :]]
        changes.append(abs(step.partial(i, moved[1:], moved[0]) - here))
    return sum(change for change in changes if isfinite(change))


def kinks(tape: Tape, inputs: set[int]) -> str:
    """Name the operations that are at a kink, a jump or an infinite slope, where their derivative is a convention."""
    found: dict[str, None] = {}
    for step in tape.active(inputs):
        numbers = tape.numbers_of(step)
        if step.code not in (DOT, SUM) and any(
            _slope(step, i, numbers).kind not in (SMOOTH, NONE) for i in step.differentiable()
        ):
            found[_place(step)] = None
    return _joined(found)


def hidden_uses(tape: Tape, inputs: set[int]) -> str:
    """Name the ways in which the result depends on an input that gradients cannot see: ``"detach()"``, ``"no_grad()"``."""
    ways = dict.fromkeys(step.hidden_by for step in tape.active(inputs) if step.hidden_by not in ("", GATED))
    return " and ".join(ways)


def lost_digits(tape: Tape, inputs: set[int]) -> str:
    """Name the operation that loses the most digits, relative to the errors of its operands."""
    worst, found = 16.0, ""
    errors: dict[int, float] = {}
    for place, step in enumerate(tape.steps, len(tape.inputs)):
        error = _relative_error(step.node.data, step.number)
        before = max([UNIT, *(errors.get(x, 0.0) for x in step.operands if type(x) is int)])
        errors[place] = error
        if error > worst * before and math.isfinite(step.node.data):
            worst = error / before
            found = f"{_place(step)} is {step.node.data!r}, exactly {_digits(step.number)}"
    return found


def _relative_error(number: float, exact: Number) -> float:
    if not math.isfinite(number) or not isfinite(exact):
        return 0.0
    return float(abs(number - exact) / abs(exact)) if exact else (0.0 if not number else 1.0)


def overflow(tape: Tape, inputs: set[int]) -> str:
    """Name the operation whose value or partial is not finite in floats, although it is exactly."""
    for step in tape.active(inputs):
        if not math.isfinite(step.node.data) and isfinite(step.number):
            return f"{_place(step)} is {step.node.data!r}, exactly {_digits(step.number)}"
        for i in step.differentiable():
            partial = step.partial(i, tape.numbers_of(step), step.number)
            if not math.isfinite(as_float(step.saved[i])) and isfinite(partial):
                name = _operand_name(step, i)
                return f"the partial of {_place(step)} with respect to {name} is {step.saved[i]!r}, exactly {_digits(partial)}"
    return ""


# ---- descriptions ------------------------------------------------------------------------------------------------------


def _place(step: Step) -> str:
    """Return the operation and its operands: ``"logistic at 0.7"``, ``"1.0 - 0.25"``."""
    symbol, numbers = step.row.symbol if step.code >= 0 else "detach", [f"{x:.6g}" for x in step.floats]
    if len(numbers) == 2 and not symbol.isidentifier():
        return f"{numbers[0]} {symbol} {numbers[1]}"
    return f"{symbol} at {', '.join(numbers[:4])}{', ...' if len(numbers) > 4 else ''}"


def _operand_name(step: Step, i: int) -> str:
    """Return the name of an operand in the rules of the row, which are functions of the result and the operands."""
    row = step.row
    for function, skipped in [(row.source, 0), *[(rule, 1) for rule in row.partials]]:
        code: Any = getattr(function, "__code__", None)
        if code is not None and code.co_argcount == len(step.floats) + skipped:
            return str(code.co_varnames[i + skipped])
    return "xy"[i] if len(step.floats) <= 2 else f"operand {i}"


def _told_apart(one: float, other: float) -> tuple[str, str]:
    """Return two numbers with six digits, or more if they look equal otherwise."""
    return next((pair for pair in _pairs(one, other) if pair[0] != pair[1]), (repr(one), repr(other)))


def _pairs(one: float, other: float) -> Iterator[tuple[str, str]]:
    for digits in range(6, 18):
        yield f"{one:.{digits}g}", f"{other:.{digits}g}"


def _digits(number: Number) -> str:
    return str(CONTEXT.nstr(number, 17))


def _joined(found: dict[str, None]) -> str:
    texts = list(found)
    more = f" and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return "; ".join(texts[:MOST]) + more
