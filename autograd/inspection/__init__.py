"""Inspecting a graph: steps of a backward pass, paths, ``explain``, ``detect_anomaly`` and ``find_mistakes``."""
