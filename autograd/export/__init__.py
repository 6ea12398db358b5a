"""Graphs as expressions, and the writers of expressions: Python, LaTeX, SymPy, and the C kernels of the compiled core."""
