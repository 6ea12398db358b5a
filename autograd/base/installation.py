"""Find files that hide packages of this distribution, and files that another package put into the folder of ``autograd``.

A file ``nn.py`` next to a program hides the package ``nn``. HIPS also distributes a package ``autograd``. pip installs it into
the same folder without a warning, for example because another package requires it.
"""

from __future__ import annotations

import os
import sys

from autograd.shared import warn

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILES_OF_HIPS = ("core.py", "tracer.py")  # since its version 1.2; this package has no files with these names


def check_folders() -> None:
    """Warn if other files are in the folder of ``autograd``, or hide ``nn`` or ``visualize``.

    Warns:
        UserWarning: The message names the files and states the remedy.
    """
    found = [name for name in FILES_OF_HIPS if os.path.exists(os.path.join(FOLDER, name))]
    if found:
        warn(
            f"{FOLDER} also contains {' and '.join(found)} of the package autograd by HIPS; pip installed both packages into "
            "one folder, where each overwrites files of the other; use a separate environment for each of the two, or run "
            "`pip uninstall autograd`, then `pip install --force-reinstall scalar-autograd`"
        )
    for package in ("nn", "visualize"):
        file = hiding_file(package)
        if file:
            warn(f"{hidden(package, file)}; `import {package}` imports that file")


def hiding_file(package: str) -> str | None:
    """Return the file that ``import package`` finds instead of a package of this distribution, or None."""
    own = os.path.join(os.path.dirname(FOLDER), package, "__init__.py")
    spec = sys.modules["_frozen_importlib_external"].PathFinder.find_spec(package)  # Python has always loaded this module
    found: str | None = spec.origin if spec else None
    if found is None or found == own or not os.path.exists(own) or os.path.realpath(found) == os.path.realpath(own):
        return None
    return found


def hidden(package: str, file: str) -> str:
    """Return the error message for a hidden package."""
    hiding = os.path.dirname(file) if os.path.basename(file) == "__init__.py" else file
    return f"{file} hides the package {package} of scalar-autograd; rename {hiding}, or run Python in another folder"
