"""The reference of functions and classes, by topic. The line ``<!-- api -->`` in a page becomes its public names.

A public name belongs to the topic of the module that defines it, so a new function appears by itself. The operations of the
table have separate pages, see ``operations.py``.
"""

from __future__ import annotations

import importlib
from pathlib import PurePosixPath
from typing import Any

from sphinx.application import Sphinx

from autograd import ops

PACKAGES = ("autograd", "autograd.strategies", "autograd.micrograd", "nn", "nn.strategies", "visualize")
TOPICS = {  # the modules of each topic; a longer name has precedence
    "values": (
        "autograd", "autograd.inspection.contents", "autograd.inspection.names", "autograd.inspection.staleness",
        "autograd.no_grad",
    ),
    "functions": ("autograd.functions", "autograd.nodes"),
    "derivatives": ("autograd.transforms",),
    "inspection": ("autograd.inspection",),
    "compiling": ("autograd.compiler", "autograd.distribution", "autograd.replay"),
    "checking": ("autograd.checking", "autograd.engines"),
    "exporting": ("autograd.export",),
    "errors": ("autograd.errors",),
    "strategies": ("autograd.strategies", "nn.strategies"),
    "micrograd": ("autograd.micrograd",),
    "modules": ("nn", "nn.modules", "nn.layers", "nn.networks"),
    "losses": ("nn.losses", "nn.training.metrics", "nn.training.regularization"),
    "optimizers": ("nn.optim",),
    "training": ("nn.training",),
    "data": ("nn.data",),
    "drawing": ("visualize",),
}  # fmt: skip


def public() -> dict[str, Any]:
    """Return the public objects of all packages by their full names, each once."""
    found: dict[str, Any] = {}
    for name in PACKAGES:
        try:
            package = importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        own = [
            key for key, item in vars(package).items() if getattr(item, "__module__", "") == name and not key.startswith("_")
        ]
        more = vars(package).get("__dir__", list)()  # such as autograd.sum, which a star import leaves out
        for key in dict.fromkeys([*getattr(package, "__all__", own), *more]):
            item = getattr(package, key)
            home = getattr(item, "__module__", name)
            is_row = name == "autograd" and key in {row.name for row in ops.ROWS}
            is_known = any(item is other for other in found.values())  # under another name
            if (
                home.partition(".")[0] == name.partition(".")[0]
                and not is_known
                and not is_row
                and (callable(item) or isinstance(item, dict))
            ):
                found[f"{name}.{key}"] = item
    return found


def topic(name: str, item: Any) -> str:
    """Return the topic of a public object."""
    home = getattr(item, "__module__", None) or name.rpartition(".")[0]
    if isinstance(item, dict):
        home = name.rpartition(".")[0]
    prefixes = {prefix: title for title, modules in TOPICS.items() for prefix in modules}
    while home not in prefixes:
        home = home.rpartition(".")[0]
    return prefixes[home]


def directive(name: str, item: Any) -> list[str]:
    """Return the lines of reStructuredText that document an object."""
    if isinstance(item, dict):
        names = ", ".join(f"``{key!r}``" for key in item)
        return [f".. py:data:: {name}", "", f"   Accepted names: {names}.", ""]
    if isinstance(item, type):
        lines = [f".. autoclass:: {name}", "   :members:"]
        if name == "autograd.Value":  # the operations of the table are also methods
            methods = {key for row in ops.ROWS for key in (row.name, *row.aliases)}
            lines.append(f"   :exclude-members: {', '.join(sorted(methods & set(dir(item))))}")
        return [*lines, ""]
    return [f".. autofunction:: {name}", ""]


def expand(app: Sphinx, page: str, source: list[str]) -> None:
    """Replace the mark in a page."""
    if "<!-- api -->" not in source[0]:
        return
    title = PurePosixPath(page).name
    lines = [line for name, item in public().items() if topic(name, item) == title for line in directive(name, item)]
    source[0] = source[0].replace("<!-- api -->", "\n".join(["```{eval-rst}", *lines, "```"]))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", expand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
