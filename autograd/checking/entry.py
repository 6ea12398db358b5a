"""One line of a report: a stated derivative, the true one, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd.checking.verdicts import INCONCLUSIVE, WRONG, Finding


class Entry:
    """One derivative: the stated value, the true value and the verdict. It is false if wrong or inconclusive.

    Attributes:
        by: The input, such as ``"p['w'][1]"``. For a second derivative, two inputs separated by a comma. If the function
            returns a structure, the output comes first: ``"output[0], x"``.
        numbers: Positions of these inputs among all inputs: ``(1,)``, or ``(0, 1)`` for a second derivative.
        analytic: The stated derivative.
        numeric: The true derivative, from values of the function alone, or nan.
        error: Bound on the error of ``numeric``.
        verdict: ``"agrees"``, ``"one-sided"`` (at a kink or jump), ``"rounded"`` (right, but rounding leaves few digits),
            ``"WRONG"``, or ``"inconclusive"`` (``numeric`` is not reliable).
        why: An explanation of the verdict, or ``""``.

    >>> from autograd import gradcheck
    >>> gradcheck(lambda x: x * x, 3.0).entries[0]
    x: analytic 6, numeric 6: agrees
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
            return 16 if apart == 0 or (size == 0 and self.error < 1e-60) else 0
        return min(16, max(0, math.floor(math.log10(size) - math.log10(apart))))

    @property
    def snippet(self) -> str:
        """Python code that computes the stated derivative and a central difference. It uses the function by its name."""
        return self._make_snippet(self._step)

    def row(self) -> tuple[str, ...]:
        """Return the row of the table."""
        numbers = f"{self.analytic:.10g}", f"{self.numeric:.10g}", f"{self.difference:.2g}", f"{self.error:.1g}"
        return (self.by, *numbers, str(self.digits), self.verdict)

    def __repr__(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return f"{self.by}: analytic {self.analytic:.6g}, numeric {self.numeric:.6g}: {self.verdict}{why}"
