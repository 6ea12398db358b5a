"""What ``gradcheck`` found: a table of derivatives, and a guess at what is wrong with those that are."""

from __future__ import annotations

import math

from autograd.checking.verdicts import INCONCLUSIVE, WRONG, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_ROWS = 20  # of a table; what failed comes first
LONGEST_SNIPPET = 1500  # characters
CLOSE = 1e-5  # relative difference up to which a guess fits


class Entry:
    """One derivative, stated and computed from differences.

    Attributes:
        by: what it is a derivative by: ``"argument 0['w'][1]"``; of second order two of these, with a comma.
        numbers: those inputs by number, counted through all arguments: ``(1,)``, or ``(0, 1)`` of second order.
        analytic: the derivative as stated.
        numeric: the derivative by differences; nan if there is none.
        error: how far off ``numeric`` may be.
        verdict: ``"agrees"``, ``"one-sided"`` (at a kink or jump), ``"negligible"`` (0 as far as can be seen), ``"WRONG"``, or
            ``"inconclusive"`` (``numeric`` is worth nothing).
        why: more about the verdict, or ``""``.
        snippet: Python code that computes both again, given the function.
    """

    def __init__(
        self, by: str, numbers: tuple[int, ...], analytic: float, finding: Finding, make_snippet: Callable[[float], str]
    ):
        self.by = by
        self.numbers = numbers
        self.analytic = analytic
        self.numeric = finding.numeric
        self.error = finding.error
        self.verdict = finding.verdict
        self.why = finding.why
        self._step = finding.step
        self._make_snippet = make_snippet

    def __bool__(self) -> bool:
        return self.verdict not in (WRONG, INCONCLUSIVE)

    @property
    def difference(self) -> float:
        """``analytic - numeric``."""
        return self.analytic - self.numeric

    @property
    def digits(self) -> int:
        """To how many digits the two are known to agree."""
        size, apart = max(abs(self.analytic), abs(self.numeric)), max(abs(self.difference), self.error)
        if not (math.isfinite(size) and math.isfinite(apart)) or size == 0 or apart == 0:
            return 16 if apart == 0 else 0
        return min(16, max(0, math.floor(math.log10(size) - math.log10(apart))))

    @property
    def snippet(self) -> str:
        """Made when it is asked for."""
        return self._make_snippet(self._step)

    def __repr__(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return f"by {self.by}: analytic {self.analytic:.6g}, numeric {self.numeric:.6g}: {self.verdict}{why}"


class GradcheckReport:
    """The result of ``gradcheck``: true if no derivative is wrong or in doubt; ``print`` shows it as a table.

    Attributes:
        entries: one an input, in order; with ``order=2`` followed by one a pair of inputs.
        diagnosis: guesses at what is wrong, a sentence each.
    """

    def __init__(self, name: str, entries: list[Entry], notes: list[str]) -> None:
        self.name = name
        self.entries = entries
        self.diagnosis = [*_guesses([e for e in entries if e.verdict == WRONG]), *notes]

    def __bool__(self) -> bool:
        return all(self.entries)

    def raise_if_wrong(self) -> None:
        """Raise an AssertionError that shows the whole report, if it is false; for tests.

        ``assert gradcheck(...)`` fails as well, but pytest shortens what it shows of the report to a line.
        """
        if not self:
            raise AssertionError(f"\n{self}")

    def __repr__(self) -> str:
        """At most 200 characters, as pytest cuts longer ones in the middle."""
        bad = [entry for entry in self.entries if not entry]
        line = f"<{self._headline()}" + "".join(f"; {text}" for text in [*self.diagnosis[:1], *map(repr, bad[:1])])
        return line + ">" if len(line) < 200 else line[:196] + "...>"

    def __str__(self) -> str:
        shown = sorted(self.entries, key=bool)[:MOST_ROWS]
        shown = [entry for entry in self.entries if any(entry is one for one in shown)]  # in order again
        rows = [("by", "analytic", "numeric", "difference", "error", "digits", "verdict"), *map(_row, shown)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [self._headline()]
        for row in rows:
            cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
            lines.append(("  " + "  ".join(cells)).rstrip())
        if len(shown) < len(self.entries):
            lines.append(f"  and {len(self.entries) - len(shown):,} more")
        lines += [f"{entry.by}: {entry.why}" for entry in shown if entry.why]
        lines += [f"{text[0].upper()}{text[1:]}." for text in self.diagnosis]
        lines += self._reproduction()
        return "\n".join(lines)

    def _headline(self) -> str:
        counts = [(sum(entry.verdict == verdict for entry in self.entries), verdict) for verdict in (WRONG, INCONCLUSIVE)]
        bad = [f"{count:,} {verdict}" for count, verdict in counts if count]
        total = f"{len(self.entries):,} derivative{'s' * (len(self.entries) != 1)}"
        return f"gradcheck of {self.name}: " + (f"of {total}, {' and '.join(bad)}" if bad else f"{total}, none wrong")

    def _reproduction(self) -> Iterator[str]:
        for entry in [entry for entry in self.entries if entry.verdict == WRONG][:1]:
            snippet = entry.snippet
            if len(snippet) <= LONGEST_SNIPPET:
                yield f"To see it by {entry.by} again:"
                yield from ("    " + line for line in snippet.splitlines())
            else:
                yield f"The code to see it by {entry.by} again is long: report.entries[{self.entries.index(entry)}].snippet"


def _row(entry: Entry) -> tuple[str, ...]:
    numbers = f"{entry.analytic:.10g}", f"{entry.numeric:.10g}", f"{entry.difference:.2g}", f"{entry.error:.1g}"
    return (entry.by, *numbers, str(entry.digits), entry.verdict)


# ---- guesses -------------------------------------------------------------------------------------------------------


def _guesses(wrong: list[Entry]) -> list[str]:
    """What the wrong derivatives have in common; those that a guess explains are not guessed about again."""
    guesses = []
    rest = [entry for entry in wrong if math.isfinite(entry.analytic)]
    for order in (1, 2):
        group = [entry for entry in rest if len(entry.numbers) == order]
        for one, other in _swapped(group):
            numbers = [" and ".join(map(str, entry.numbers)) for entry in (one, other)]
            what = "gradients of inputs" if order == 1 else "second derivatives of the pairs"
            guesses.append(f"the {what} {numbers[0]}{' and' if order == 1 else ', and'} {numbers[1]} look swapped")
            rest = [entry for entry in rest if entry is not one and entry is not other]
    by_guess: dict[str, list[Entry]] = {}
    for entry in rest:
        by_guess.setdefault(_guess(entry), []).append(entry)
    for guess, entries in by_guess.items():
        if guess:
            places = " and ".join(entry.by for entry in entries) if len(entries) <= 2 else f"{len(entries)} derivatives"
            guesses.append(f"{guess} (by {places})")
    return guesses


def _swapped(entries: list[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of which each has what the other should have."""
    left = list(entries)[:200]  # each is compared with each
    while left:
        one = left.pop(0)
        for other in left:
            if _fits(one.analytic, other) and _fits(other.analytic, one):
                left.remove(other)
                yield one, other
                break


def _fits(number: float, entry: Entry) -> bool:
    return abs(number - entry.numeric) <= max(entry.error, CLOSE * abs(entry.numeric))


def _guess(entry: Entry) -> str:
    if _fits(-entry.analytic, entry):
        return "the sign is wrong"
    if entry.analytic == 0:
        return "the stated derivative is 0: the input may not be connected to the output, or its gradient was not computed"
    if entry.numeric == 0 or abs(entry.numeric) <= entry.error:
        return ""
    ratio = entry.analytic / entry.numeric
    if abs(ratio - 1) < 1e-3:
        return f"nearly right, off by {abs(ratio - 1):.0e} of it: a constant with too few digits, or numbers of 32 bits"
    for bottom in range(1, 13):
        top = round(ratio * bottom)
        if top and abs(top) <= 1000 and _fits(entry.analytic * bottom / top, entry):
            hints = {
                0.5: "; is one of two uses of an input not counted?",
                2.0: "; is something counted twice, or added to an old gradient?",
            }
            return f"off by the factor {top / bottom:.6g}{hints.get(top / bottom, '')}"
    for name, constant in (
        ("pi", math.pi),
        ("log(2)", math.log(2)),
        ("log(10)", math.log(10)),
        ("sqrt(pi)", math.sqrt(math.pi)),
    ):
        for sign, power in ((sign, power) for sign in (1, -1) for power in (1, -1)):
            if _fits(entry.analytic / (sign * constant**power), entry):
                return f"off by the factor {'-' * (sign < 0)}{'1/' * (power < 0)}{name}"
    return ""
