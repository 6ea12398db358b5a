"""Nodes beyond one operator: ``sum`` and ``dot``, rows of the table as functions, custom primitives, copies, bulk access."""
