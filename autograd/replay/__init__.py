"""Running a ``Program``: its instruction set, the interpreter, the executor over rows and threads, the kernels."""
