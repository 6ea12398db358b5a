"""Transforms of functions, from ``grad`` to ``vjp``: over nested structures of numbers, to any order."""
