"""Nodes other than operators: ``sum``, ``dot``, rows of the table as functions, custom primitives, copies, bulk access."""
