"""Real workloads, written as scalar code with this library and as users of the other libraries write them.

Each module has a function that returns a ``Workload``: its implementations by name. ``benchmarks/real_workloads.py`` runs them.
"""
