"""Guesses about wrong derivatives: a wrong sign, a factor, two derivatives that are swapped.

These are guesses from the numbers alone, and their texts say so. A derivative whose cause is known gets no guess.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from autograd.checking.entry import Entry
from autograd.checking.verdicts import WRONG

CLOSE = 1e-5  # maximum relative difference at which a guess fits

# Factors that a wrong derivative may differ by.
CONSTANTS = {"pi": math.pi, "log(2)": math.log(2), "log(10)": math.log(10), "sqrt(pi)": math.sqrt(math.pi)}
HINTS = {
    0.5: "; is one of two uses of an input not counted?",
    2.0: "; is something counted twice, or added to a previous gradient?",
}


def diagnose(entries: list[Entry]) -> list[str]:
    """Return guesses about the wrong derivatives, one sentence each."""
    guesses = []
    rest = [entry for entry in entries if entry.verdict == WRONG and not entry.why and math.isfinite(entry.analytic)]
    for one, other in _swapped(rest):
        guesses.append(f"the derivatives with respect to {one.by} and {other.by} look swapped")
        rest = [entry for entry in rest if entry is not one and entry is not other]
    by_guess: dict[str, list[Entry]] = {}
    for entry in rest:
        by_guess.setdefault(_guess(entry), []).append(entry)
    for guess, alike in by_guess.items():
        if guess:
            places = " and ".join(entry.by for entry in alike) if len(alike) <= 2 else f"{len(alike)} derivatives"
            guesses.append(f"{guess} ({places})")
    return guesses


def _swapped(entries: list[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Yield pairs of entries in which the stated derivative of each entry fits the other entry, and not its own."""
    left = list(entries)[:200]  # all pairs are compared
    while left:
        one = left.pop(0)
        for other in left:
            is_pair = len(one.numbers) == len(other.numbers) and not _fits(one.numeric, other)
            if is_pair and _fits(one.analytic, other) and _fits(other.analytic, one):
                left.remove(other)
                yield one, other
                break


def _fits(number: float, entry: Entry) -> bool:
    """Return whether ``number`` would be the right derivative for this entry."""
    return abs(number - entry.numeric) <= max(entry.error, CLOSE * abs(entry.numeric))


def _guess(entry: Entry) -> str:
    """Return a likely cause of one wrong derivative, or ""."""
    if not math.isfinite(entry.numeric) or entry.numeric == 0 or abs(entry.numeric) <= entry.error:
        return ""
    if entry.analytic == 0:
        return "the stated derivative is 0: it looks like the input is not connected, or its gradient was not computed"
    if _fits(-entry.analytic, entry):
        return "the sign looks wrong"
    ratio = entry.analytic / entry.numeric
    if abs(ratio - 1) < 1e-3:
        return f"nearly right, relative error {abs(ratio - 1):.0e}: it looks like a rounded constant, or 32-bit arithmetic"
    factor = _fraction(entry, ratio) or _constant(entry)
    return f"looks off by a factor of {factor}" if factor else ""


def _fraction(entry: Entry, ratio: float) -> str:
    """Return the simple fraction by which the stated derivative is too large, with a hint, or ""."""
    for bottom in range(1, 13):
        top = round(ratio * bottom)
        if top and abs(top) <= 1000 and _fits(entry.analytic * bottom / top, entry):
            return f"{top / bottom:.6g}{HINTS.get(top / bottom, '')}"
    return ""


def _constant(entry: Entry) -> str:
    """Return the constant by which the stated derivative is too large, or ""."""
    for name, constant in CONSTANTS.items():
        for sign, power in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            if _fits(entry.analytic / (sign * constant**power), entry):
                return f"{'-' * (sign < 0)}{'1/' * (power < 0)}{name}"
    return ""
