"""The result of ``gradcheck``: a table of derivatives, and a diagnosis of the wrong ones."""

from __future__ import annotations

import html
from collections.abc import Iterator

from autograd.checking.diagnosis import diagnose
from autograd.checking.entry import Entry
from autograd.checking.verdicts import INCONCLUSIVE, WRONG
from autograd.shared import OtherNames, counted

MAX_ROWS = 20  # rows of the printed table; failures have priority
MAX_SNIPPET = 1500  # characters
COLUMNS = ("input", "analytic", "numeric", "difference", "error", "digits", "verdict")


# Names that other reports have, and the names of this one.
_REMEDIES = {
    **dict.fromkeys(("ok", "success", "is_correct", "correct", "valid", "is_ok"), "use report.passed, or bool(report)"),
    **dict.fromkeys(("errors", "results", "failures", "rows", "verdicts"), "use report.entries, each with .verdict and .error"),
    **dict.fromkeys(("failed", "wrong"), "use not report.passed, or [entry for entry in report.entries if not entry]"),
    **dict.fromkeys(("message", "summary", "text"), "use print(report) or str(report); report.diagnosis lists likely causes"),
    **dict.fromkeys(("max_error", "max_diff"), "use max(entry.error for entry in report.entries)"),
}


class GradcheckReport(OtherNames):
    """The result of ``gradcheck``. It is true if no derivative is wrong or inconclusive; ``print`` shows it as a table.

    Attributes:
        name: Name of the function.
        entries: One ``Entry`` per input and output, in order; with ``order=2``, followed by one per pair of inputs.
        diagnosis: Likely causes of wrong derivatives, and remarks, one sentence each.

    >>> from autograd import gradcheck
    >>> report = gradcheck(lambda x: x**3, 2.0, gradient=lambda x: x**2)
    >>> bool(report), report.diagnosis
    (False, ['looks off by a factor of 0.333333 (x)'])
    """

    _remedies = _REMEDIES

    def __init__(self, name: str, entries: list[Entry], notes: list[str]) -> None:
        self.name: str = name
        self.entries: list[Entry] = entries
        self.diagnosis: list[str] = [*diagnose(entries), *notes]

    @property
    def passed(self) -> bool:
        """Whether no derivative is wrong or inconclusive; the same as ``bool(report)``."""
        return all(self.entries)

    def __bool__(self) -> bool:
        return self.passed

    def raise_if_wrong(self) -> None:
        """Raise AssertionError with the whole report if a derivative is WRONG, for use in tests.

        ``assert gradcheck(...)`` fails too, but pytest then shows only one line of the report.
        """
        __tracebackhide__ = True  # pytest shows the line that called this method
        if any(entry.verdict == WRONG for entry in self.entries):
            raise AssertionError(f"\n{self}")

    def raise_unless_passed(self) -> None:
        """Raise AssertionError with the whole report if a derivative is WRONG or inconclusive, for use in tests."""
        __tracebackhide__ = True
        if not self.passed:
            raise AssertionError(f"\n{self}")

    def __repr__(self) -> str:
        """Return at most 200 characters, because pytest truncates longer text in the middle."""
        bad = [entry for entry in self.entries if not entry]
        line = f"<{self._headline()}" + "".join(f"; {text}" for text in [*self.diagnosis[:1], *map(repr, bad[:1])])
        return line + ">" if len(line) < 200 else line[:196] + "...>"

    def __str__(self) -> str:
        shown = self._shown()
        rows = [COLUMNS, *[entry.row() for entry in shown]]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [self._headline()]
        for row in rows:
            cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
            lines.append(("  " + "  ".join(cells)).rstrip())
        return "\n".join([*lines, *self._remarks(shown), *self._reproduction()])

    def _repr_html_(self) -> str:
        """Return the table for Jupyter."""
        shown = self._shown()
        header = "".join(f"<th>{text}</th>" for text in COLUMNS)
        rows = "".join(
            f"<tr{'' if entry else ' style=background:#fdd;color:#000'}>"
            + "".join(f"<td>{html.escape(text)}</td>" for text in entry.row())
            + "</tr>"
            for entry in shown
        )
        remarks = "".join(f"<p>{html.escape(text)}</p>" for text in self._remarks(shown))
        code = html.escape("\n".join(self._reproduction()))
        return (
            f"<p><b>{html.escape(self._headline())}</b></p><table><tr>{header}</tr>{rows}</table>{remarks}"
            + f"<pre>{code}</pre>" * bool(code)
        )

    def _shown(self) -> list[Entry]:
        """Return the entries of the table, in the original order. Failures have priority."""
        first = sorted(self.entries, key=bool)[:MAX_ROWS]
        return [entry for entry in self.entries if any(entry is one for one in first)]

    def _headline(self) -> str:
        counts = [(sum(entry.verdict == verdict for entry in self.entries), verdict) for verdict in (WRONG, INCONCLUSIVE)]
        bad = [f"{count:,} {verdict}" for count, verdict in counts if count]
        total = counted(len(self.entries), "derivative")
        return f"gradcheck of {self.name}: {total}, {' and '.join(bad) or 'none wrong'}"

    def _remarks(self, shown: list[Entry]) -> Iterator[str]:
        if len(shown) < len(self.entries):
            yield f"  and {len(self.entries) - len(shown):,} more"
        places: dict[str, list[str]] = {}
        for entry in shown:
            places.setdefault(entry.why, []).append(entry.by)
        for why, names in places.items():
            if why:
                more = f" and {len(names) - 2} more" if len(names) > 2 else ""
                yield f"{' and '.join(names[:2]) if not more else ', '.join(names[:2])}{more}: {why}"
        yield from (f"{text[0].upper()}{text[1:]}." for text in self.diagnosis)

    def _reproduction(self) -> Iterator[str]:
        for entry in [entry for entry in self.entries if entry.verdict == WRONG][:1]:
            snippet = entry.snippet
            if len(snippet) <= MAX_SNIPPET:
                yield f"To reproduce the entry for {entry.by}:"
                yield from ("    " + line for line in snippet.splitlines())
            else:
                yield f"Code to reproduce the entry for {entry.by}: report.entries[{self.entries.index(entry)}].snippet"
