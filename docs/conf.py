"""Configuration of the documentation. ``make docs`` builds it; `docs/_ext` holds the extensions written for it.

The reference reads signatures and docstrings from the Python sources, so this process uses them instead of the compiled core.
The cells of pages and the examples run in other processes, with the compiled core if there is one.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE), str(ROOT)]
chosen = os.environ.get("AUTOGRAD_BACKEND")
os.environ["AUTOGRAD_BACKEND"] = "python"
from playground.build import find_library  # noqa: E402

import autograd  # noqa: E402 - with the backend chosen above
import nn  # noqa: E402, F401
import visualize  # noqa: E402, F401
from autograd.base import build_info  # noqa: E402

if changed := build_info.changed_since_build(str(ROOT / "autograd")):
    raise SystemExit(f"the compiled core is out of date: {', '.join(changed)} changed; compile it again with make install")
del os.environ["AUTOGRAD_BACKEND"]
if chosen is not None:
    os.environ["AUTOGRAD_BACKEND"] = chosen
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))  # for these processes

project = "scalar-autograd"
author = "the scalar-autograd authors"
copyright = f"2026, {author}"  # noqa: A001 - the name is Sphinx's
release = autograd.__version__
extensions = [
    "myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode", "sphinx_copybutton", "sphinx_design",
    "sphinx_gallery.gen_gallery", "formulas", "pictures", "operations", "api", "repository", "navigation", "signatures",
    "example_gallery",
    "playground.build",
]  # fmt: skip
exclude_patterns = ["_ext", "examples/*.ipynb", "examples/*.py", "examples/*.zip", "examples/*.json", "**/node_modules"]
suppress_warnings = ["config.cache"]  # functions in the configuration of the gallery

# Pages are MyST Markdown. Pages of the tutorial are notebooks in MyST: their cells are executed, others are not.
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3


def digest() -> str:
    """Return a hash of the packages: outputs of cells are kept as long as it does not change."""
    files = sorted(path for package in ("autograd", "nn", "visualize") for path in (ROOT / package).rglob("*.[pjc]*"))
    sources = [path.read_bytes() for path in files if path.suffix in (".py", ".js", ".css", ".csv")]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:16]


# A separate configuration of the kernels: they warn that connections are not encrypted, but these stay on this machine.
profile = ROOT / "out" / "ipython" / "profile_default"
profile.mkdir(parents=True, exist_ok=True)
(profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 'ERROR'\n", encoding="utf-8")
os.environ["IPYTHONDIR"] = str(profile.parent)
nb_execution_mode = "cache"
nb_execution_cache_path = str(ROOT / "out" / "docs-cells" / digest())
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

# Docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_type_aliases = {"Scalar": "Scalar", "Numbers": "Numbers"}
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 88
napoleon_google_docstring = True
napoleon_numpy_docstring = False
add_module_names = False

# Appearance
html_theme = "pydata_sphinx_theme"
html_title = "scalar-autograd"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/icon.svg"
html_show_sourcelink = False
html_copy_source = False
html_context = {"default_mode": "auto"}
html_sidebars = {"index": [], "installation": [], "playground/index": []}
html_theme_options = {
    "logo": {"text": "scalar-autograd"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 7,
    "collapse_navigation": True,
    "show_toc_level": 1,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"
html_math_renderer = "formulas"
katex_folder = find_library("katex/dist")

from example_gallery import CONFIGURATION as sphinx_gallery_conf  # noqa: E402, F401, N811 - the name is Sphinx-Gallery's
