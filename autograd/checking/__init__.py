"""``gradcheck``: checked functions, numerical derivatives, verdicts and the report."""
