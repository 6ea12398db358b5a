"""The result of ``check_engine``: one entry per trap, as text, HTML and JSON."""

from __future__ import annotations

PASSED, FAILED, NOT_OFFERED = "passed", "failed", "not offered"


class TrapResult:
    """The result of one trap. It is false if the engine failed.

    Attributes:
        name: Name of the trap.
        status: ``"passed"``, ``"failed"``, or ``"not offered"`` if the engine lacks the operation.
        expression: The smallest failing expression, or ``""``.
        expected: The expected result of the expression.
        found: The result that the engine returned, or the error that it raised.
        cause: The usual cause of the failure, in a sentence.
        note: The operations that the engine lacks, or ``""``.

    >>> TrapResult("diamond", "passed")
    diamond: passed
    """

    def __init__(
        self, name: str, status: str, expression: str = "", expected: str = "", found: str = "", cause: str = "", note: str = ""
    ) -> None:
        self.name: str = name
        self.status: str = status
        self.expression: str = expression
        self.expected: str = expected
        self.found: str = found
        self.cause: str = cause
        self.note: str = note

    def __bool__(self) -> bool:
        return self.status != FAILED

    def lines(self) -> list[str]:
        """Return the details of a failure, one line each; none for other entries."""
        if self:
            return []
        pairs = [("", self.expression), ("expected: ", self.expected), ("found: ", self.found), ("usual cause: ", self.cause)]
        return [label + text for label, text in pairs if text]

    def __repr__(self) -> str:
        details = self.lines() or ([self.note] if self.note else [])
        return "; ".join([f"{self.name}: {self.status}", *details])


class EngineReport:
    """The result of ``check_engine``. It is true if no trap failed; ``print`` shows it as a table.

    Attributes:
        name: Name of the engine.
        entries: One ``TrapResult`` per trap, in order.

    >>> from autograd import Value, check_engine
    >>> report = check_engine(Value, only=["sum", "diamond"])
    >>> report.passed, report.score, report.entries
    (True, '2 of 2 passed', [sum: passed, diamond: passed])
    """

    def __init__(self, name: str, entries: list[TrapResult]) -> None:
        self.name: str = name
        self.entries: list[TrapResult] = entries

    @property
    def passed(self) -> bool:
        """Whether no trap failed."""
        return all(self.entries)

    @property
    def failed_traps(self) -> list[str]:
        """Names of the failed traps."""
        return [entry.name for entry in self.entries if not entry]

    @property
    def score(self) -> str:
        """Number of passed traps, out of those for which the engine offers the operations: ``"17 of 19 passed"``."""
        counts = self._counts()
        missing = f", {counts[NOT_OFFERED]} not offered" if counts[NOT_OFFERED] else ""
        return f"{counts[PASSED]} of {counts[PASSED] + counts[FAILED]} passed{missing}"

    def _counts(self) -> dict[str, int]:
        return {status: sum(entry.status == status for entry in self.entries) for status in (PASSED, FAILED, NOT_OFFERED)}

    def __bool__(self) -> bool:
        return self.passed

    def raise_unless_passed(self) -> None:
        """Raise AssertionError with the whole report if a trap failed, for use in tests."""
        __tracebackhide__ = True
        if not self.passed:
            raise AssertionError(f"\n{self}")

    def to_json(self) -> str:
        """Return the report as JSON: the name, the three counts, and a list of the entries with their attributes."""
        import json

        counts = {status.replace(" ", "_"): count for status, count in self._counts().items()}
        return json.dumps({"engine": self.name, **counts, "entries": [vars(entry) for entry in self.entries]}, indent=2)

    def __repr__(self) -> str:
        failed = f"; failed: {', '.join(self.failed_traps)}" if self.failed_traps else ""
        line = f"<check_engine of {self.name}: {self.score}{failed}"
        return line + ">" if len(line) < 200 else line[:196] + "...>"

    def __str__(self) -> str:
        width = max([len(entry.name) for entry in self.entries], default=0)
        lines = [f"check_engine of {self.name}: {self.score}"]
        for entry in self.entries:
            shown = entry.status if entry else entry.status.upper()
            lines.append(f"  {entry.name.ljust(width)}  {shown}{f' ({entry.note})' if entry.note else ''}")
            lines += ["      " + line for line in entry.lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the report as an HTML table, for notebooks."""
        from html import escape

        rows = []
        for entry in self.entries:
            mark = "" if entry else ' style="background:#fdd;color:#000"'  # readable in light and in dark mode
            details = "<br>".join(map(escape, entry.lines() or [entry.note]))
            rows.append(
                f'<tr><td style="text-align:left">{escape(entry.name)}</td><td{mark}>{entry.status}</td>'
                f'<td style="text-align:left">{details}</td></tr>'
            )
        head = "<tr><th>trap</th><th>result</th><th>details</th></tr>"
        return f"<p>check_engine of {escape(self.name)}: {self.score}</p><table>{head}{''.join(rows)}</table>"
