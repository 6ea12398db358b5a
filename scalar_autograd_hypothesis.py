"""What Hypothesis calls at the end of its own import: the entry point named in ``pyproject.toml``.

It stands outside of the package ``autograd``, and imports nothing of it: so ``import hypothesis`` stays as quick as it
is, and works whatever is wrong with our package, or whoever else's is called ``autograd``.
"""

import sys


def register() -> None:
    """Tell Hypothesis about ``Value``, if our autograd is loaded; if it comes later, it tells by itself."""
    try:
        sys.modules["autograd.base.registration"].register()
    except Exception:  # noqa: BLE001 - nothing of ours may break the import of Hypothesis
        return
