"""Replay of a ``Program``: its instruction set, interpreter and kernels, and the executor over rows and threads."""
