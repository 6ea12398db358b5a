"""The rows of leaves in a graph. The row of an operation is its position in the table, ``ops.ROWS``, which is not negative."""

INPUT, PARAMETER, CONSTANT = -1, -2, -3
FUSED = -4  # a node that became part of a ``dot``
