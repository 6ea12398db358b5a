"""Functions of functions: ``grad`` to ``vjp``, over nested structures of numbers, to any order."""
