"""A check that ``import autograd`` finds the package of this distribution, and not other files with that name.

``nn`` and ``visualize`` run it when they are imported. This module is not part of the package ``autograd``, so that it can be
imported if ``autograd`` is another package: a file of the user, or the package by HIPS.
"""

import os

ROOT = os.path.dirname(os.path.abspath(__file__))
REINSTALL = "then run `pip install --force-reinstall scalar-autograd`"


def check_autograd(package: str) -> None:
    """Raise ImportError if ``import autograd`` does not find the package of this distribution.

    Args:
        package: The name of the package that needs it.
    """
    import autograd

    if hasattr(autograd, "backend") and hasattr(autograd, "Value"):
        return
    file = getattr(autograd, "__file__", None)
    found = f"{package} needs the package autograd of scalar-autograd, but `import autograd` found"
    if file is None:
        folders = ", ".join(getattr(autograd, "__path__", []))
        raise ImportError(f"{found} the folder {folders} without a file __init__.py; remove the folder, {REINSTALL}")
    if os.path.realpath(os.path.dirname(file)) == os.path.realpath(os.path.join(ROOT, "autograd")):
        raise ImportError(
            f"{found} {file} of another package, probably the one by HIPS, which pip installed over it; use a separate "
            f"environment for each of the two, or run `pip uninstall autograd`, {REINSTALL}"
        )
    hiding = os.path.dirname(file) if os.path.basename(file) == "__init__.py" else file
    raise ImportError(f"{found} {file}, which hides it; rename {hiding}, or run Python in another folder")
