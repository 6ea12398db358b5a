"""``gradcheck``: numerical estimates, verdicts, and the report."""
