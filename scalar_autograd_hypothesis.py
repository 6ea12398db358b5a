"""The entry point for Hypothesis named in ``pyproject.toml``. Hypothesis calls it at the end of its import.

This module is not part of the package ``autograd`` and imports nothing from it. ``import hypothesis`` therefore stays fast,
and works even if our package is broken, or if ``autograd`` is another package.
"""

import sys


def register() -> None:
    """Register ``Value`` with Hypothesis, if our autograd is loaded. If autograd is loaded later, it registers itself."""
    try:
        sys.modules["autograd.base.registration"].register()
    except Exception:  # noqa: BLE001 - a problem in our package must not break the import of Hypothesis
        return
