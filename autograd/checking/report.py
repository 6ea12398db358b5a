"""The result of ``gradcheck``: a table of derivatives, and a diagnosis of the wrong ones."""

from __future__ import annotations

import math

from autograd.checking.verdicts import INCONCLUSIVE, WRONG, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_ROWS = 20  # rows of the printed table; failures have priority
MAX_SNIPPET = 1500  # characters
CLOSE = 1e-5  # maximum relative difference at which a guess fits

# Factors that a wrong derivative may differ by.
CONSTANTS = {"pi": math.pi, "log(2)": math.log(2), "log(10)": math.log(10), "sqrt(pi)": math.sqrt(math.pi)}
HINTS = {
    0.5: "; is one of two uses of an input not counted?",
    2.0: "; is something counted twice, or added to a previous gradient?",
}


class Entry:
    """One derivative: the stated value, the numerical value and the verdict. It is false if wrong or inconclusive.

    Attributes:
        by: The input, such as ``"argument 0['w'][1]"``. For a second derivative, two inputs separated by a comma.
        numbers: Positions of these inputs among all inputs: ``(1,)``, or ``(0, 1)`` for a second derivative.
        analytic: The stated derivative.
        numeric: The numerical derivative, or nan.
        error: Bound on the error of ``numeric``.
        verdict: ``"agrees"``, ``"one-sided"`` (at a kink or jump), ``"negligible"`` (too small to be measured), ``"WRONG"``,
            or ``"inconclusive"`` (``numeric`` is not reliable).
        why: An explanation of the verdict, or ``""``.

    >>> from autograd import gradcheck
    >>> gradcheck(lambda x: x * x, 3.0).entries[0]
    argument 0: analytic 6, numeric 6: agrees
    """

    def __init__(
        self, by: str, numbers: tuple[int, ...], analytic: float, finding: Finding, make_snippet: Callable[[float], str]
    ) -> None:
        self.by: str = by
        self.numbers: tuple[int, ...] = numbers
        self.analytic: float = analytic
        self.numeric: float = finding.numeric
        self.error: float = finding.error
        self.verdict: str = finding.verdict
        self.why: str = finding.why
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
        """Number of digits to which ``analytic`` and ``numeric`` are known to agree."""
        size, apart = max(abs(self.analytic), abs(self.numeric)), max(abs(self.difference), self.error)
        if not (math.isfinite(size) and math.isfinite(apart)) or size == 0 or apart == 0:
            return 16 if apart == 0 else 0
        return min(16, max(0, math.floor(math.log10(size) - math.log10(apart))))

    @property
    def snippet(self) -> str:
        """Python code that computes both derivatives again. It expects the function as ``f``."""
        return self._make_snippet(self._step)

    def __repr__(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return f"{self.by}: analytic {self.analytic:.6g}, numeric {self.numeric:.6g}: {self.verdict}{why}"


class GradcheckReport:
    """The result of ``gradcheck``. It is true if no derivative is wrong or inconclusive; ``print`` shows it as a table.

    Attributes:
        name: Name of the function.
        entries: One ``Entry`` per input, in order; with ``order=2``, followed by one per pair of inputs.
        diagnosis: Likely causes of wrong derivatives, one sentence each.

    >>> from autograd import gradcheck
    >>> report = gradcheck(lambda x: x**3, 2.0, gradient=lambda x: x**2)
    >>> bool(report), report.diagnosis
    (False, ['off by a factor of 0.333333 (argument 0)'])
    """

    def __init__(self, name: str, entries: list[Entry], notes: list[str]) -> None:
        self.name: str = name
        self.entries: list[Entry] = entries
        self.diagnosis: list[str] = [*_guesses([e for e in entries if e.verdict == WRONG]), *notes]

    def __bool__(self) -> bool:
        return all(self.entries)

    def raise_if_wrong(self) -> None:
        """Raise AssertionError with the whole report if it is false, for use in tests.

        ``assert gradcheck(...)`` fails too, but pytest then shows only one line of the report.
        """
        if not self:
            raise AssertionError(f"\n{self}")

    def __repr__(self) -> str:
        """Return at most 200 characters, because pytest truncates longer text in the middle."""
        bad = [entry for entry in self.entries if not entry]
        line = f"<{self._headline()}" + "".join(f"; {text}" for text in [*self.diagnosis[:1], *map(repr, bad[:1])])
        return line + ">" if len(line) < 200 else line[:196] + "...>"

    def __str__(self) -> str:
        shown = sorted(self.entries, key=bool)[:MAX_ROWS]
        shown = [entry for entry in self.entries if any(entry is one for one in shown)]  # in the original order
        rows = [("input", "analytic", "numeric", "difference", "error", "digits", "verdict"), *map(_row, shown)]
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
        return f"gradcheck of {self.name}: {total}, {' and '.join(bad) or 'none wrong'}"

    def _reproduction(self) -> Iterator[str]:
        for entry in [entry for entry in self.entries if entry.verdict == WRONG][:1]:
            snippet = entry.snippet
            if len(snippet) <= MAX_SNIPPET:
                yield f"To reproduce the entry for {entry.by}:"
                yield from ("    " + line for line in snippet.splitlines())
            else:
                yield f"Code to reproduce the entry for {entry.by}: report.entries[{self.entries.index(entry)}].snippet"


def _row(entry: Entry) -> tuple[str, ...]:
    numbers = f"{entry.analytic:.10g}", f"{entry.numeric:.10g}", f"{entry.difference:.2g}", f"{entry.error:.1g}"
    return (entry.by, *numbers, str(entry.digits), entry.verdict)


# ---- diagnosis -------------------------------------------------------------------------------------------------------


def _guesses(wrong: list[Entry]) -> list[str]:
    """Return likely causes of the wrong derivatives. Swapped pairs are not considered again."""
    guesses = []
    rest = [entry for entry in wrong if math.isfinite(entry.analytic)]
    for order in (1, 2):
        group = [entry for entry in rest if len(entry.numbers) == order]
        for one, other in _swapped(group):
            numbers = [" and ".join(map(str, entry.numbers)) for entry in (one, other)]
            if order == 1:
                guesses.append(f"the gradients with respect to inputs {numbers[0]} and {numbers[1]} look swapped")
            else:
                guesses.append(f"the second derivatives with respect to inputs {numbers[0]}, and {numbers[1]}, look swapped")
            rest = [entry for entry in rest if entry is not one and entry is not other]
    by_guess: dict[str, list[Entry]] = {}
    for entry in rest:
        by_guess.setdefault(_guess(entry), []).append(entry)
    for guess, entries in by_guess.items():
        if guess:
            places = " and ".join(entry.by for entry in entries) if len(entries) <= 2 else f"{len(entries)} derivatives"
            guesses.append(f"{guess} ({places})")
    return guesses


def _swapped(entries: list[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Yield pairs of entries in which the stated derivative of each entry fits the other entry."""
    left = list(entries)[:200]  # all pairs are compared
    while left:
        one = left.pop(0)
        for other in left:
            if _fits(one.analytic, other) and _fits(other.analytic, one):
                left.remove(other)
                yield one, other
                break


def _fits(number: float, entry: Entry) -> bool:
    """Return whether ``number`` would be the right derivative for this entry."""
    return abs(number - entry.numeric) <= max(entry.error, CLOSE * abs(entry.numeric))


def _guess(entry: Entry) -> str:
    """Return a likely cause of one wrong derivative, or ""."""
    if _fits(-entry.analytic, entry):
        return "the sign is wrong"
    if entry.analytic == 0:
        return "the stated derivative is 0: the input may not be connected to the output, or its gradient was not computed"
    if entry.numeric == 0 or abs(entry.numeric) <= entry.error:
        return ""
    ratio = entry.analytic / entry.numeric
    if abs(ratio - 1) < 1e-3:
        return f"nearly right, relative error {abs(ratio - 1):.0e}: a constant with too few digits, or 32-bit arithmetic"
    factor = _fraction(entry, ratio) or _constant(entry)
    return f"off by a factor of {factor}" if factor else ""


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
