"""The imports among the modules of a package, read from their sources."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Set
from pathlib import Path


def module_name(path: Path) -> str:
    """Return the dotted name of the module in a file of a package."""
    root = path.parent
    while (root / "__init__.py").exists():
        root = root.parent
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(source: str) -> set[str]:
    """Return all dotted names that the source imports, including imports for type checkers and Cython's ``cimports``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").removeprefix("cython.cimports.")
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def import_cycle(package: Path) -> list[str]:
    """Return the modules of a package that are part of an import cycle, also for type checkers, or that lead into one."""
    sources = {module_name(path): path.read_text(encoding="utf-8") for path in package.rglob("*.py") if path.stem != "__init__"}
    return cycle_in({name: imported_modules(source) & sources.keys() for name, source in sources.items()})


def cycle_in(imports: Mapping[str, Set[str]]) -> list[str]:
    """Return the names in a graph of imports that cannot be sorted; an empty list if no cycle exists.

    >>> cycle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()})
    ['a', 'b', 'c', 'd']
    >>> cycle_in({"a": {"b"}, "b": {"c"}, "c": set()})
    []
    """
    remaining = dict(imports)
    while remaining:
        free = [name for name, others in remaining.items() if not others & (remaining.keys() - {name})]
        if not free:
            return sorted(remaining)
        for name in free:
            del remaining[name]
    return []
