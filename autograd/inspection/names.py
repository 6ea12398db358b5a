"""``node_names``: the names of the nodes of a graph, the same in pictures, ``explain`` and ``backward_steps``."""

from __future__ import annotations

from autograd.topology import check_root, reached_nodes, topological_order
from autograd.value import Value


def node_names(*roots: Value) -> dict[Value, str]:
    """Return a unique name for each node: its label, unless it is blank, or ``v1``, ``v2``, ... in the order of the graph.

    Repeated labels are numbered: ``x``, ``x_2``. ``explain``, ``backward_steps`` and ``visualize.draw`` use these names.

    Args:
        *roots: One or several results. They may share nodes.

    Returns:
        A dict with every node of the graphs. Nodes that no gradient reaches come last.

    Raises:
        TypeError: If a root is not a Value.

    Example:
        >>> from autograd import Value, node_names
        >>> x = Value(3.0, label="x")
        >>> list(node_names(x * x + 2 * x).values())
        ['x', 'v2', 'v3', 'v4']
    """
    nodes: dict[int, Value] = {}
    for root in roots:
        check_root(root)
        for found in (reached_nodes(root), topological_order(root)):
            for node in found:
                nodes.setdefault(id(node), node)
    labels = {node.label for node in nodes.values() if node.label and not node.label.isspace()}
    counts: dict[str, int] = {}
    names = {}
    for number, node in enumerate(nodes.values(), 1):
        labeled = node.label in labels
        name = node.label if labeled and node.label else f"v{number}"
        if name in counts or (not labeled and name in labels):
            count = counts.get(name, 1) + 1
            while f"{name}_{count}" in labels:
                count += 1
            counts[name] = count
            name = f"{name}_{count}"
        counts.setdefault(name, 1)
        names[node] = name
    return names
