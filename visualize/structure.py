"""Find repeated structure in a graph that has no modules: long sums, chains, and parts of large graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visualize.facts import Scene


def structural_groups(scene: Scene) -> None:
    """Add groups for structure that no module explains."""
