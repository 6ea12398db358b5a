"""The facts about a graph: nodes, names, groups, and which groups are folded."""
