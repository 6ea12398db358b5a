"""The entry point that Hypothesis calls at the end of its import; it is declared in ``pyproject.toml``.

This module is outside of the package ``autograd`` and imports nothing from it. So ``import hypothesis`` stays fast, and works
even if our package is broken or another package is called ``autograd``.
"""

import sys


def register() -> None:
    """Register ``Value`` with Hypothesis if our autograd is loaded. If it is imported later, it registers itself."""
    try:
        sys.modules["autograd.base.registration"].register()
    except Exception:  # noqa: BLE001 - a problem in this package must not break the import of Hypothesis
        return
