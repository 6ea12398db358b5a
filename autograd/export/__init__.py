"""Graphs as expressions, and their writers: Python, LaTeX, SymPy, and the C kernels of the compiled core."""
