"""Build the compiled core. The rest of the packaging is configured in pyproject.toml.

The compiled core is optional. Without a C compiler, the installation succeeds and the same files run as Python;
``autograd.backend()`` returns the backend in use. ``SCALAR_AUTOGRAD_COMPILE=0`` skips the compilation.
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).parent
os.environ["AUTOGRAD_BACKEND"] = "python"  # do not import the results of an earlier build
sys.path.insert(0, str(HERE))

from autograd.base.build_info import HEADERS, MODULES, SOURCES, write_build_info
from autograd.export.c_source import write_kernels

C_FLAGS = [
    "-O3",
    "-ffp-contract=off",  # a * b + c must round twice, as in Python
    "-fno-math-errno",  # errno is never read; without it, sqrt is one instruction
    "-fno-trapping-math",  # floating-point exceptions are never read; so `x > 0 ? a : b` can use vectors
]
DIRECTIVES = {
    "language_level": 3,
    "cdivision": True,  # 1 / 0 is inf, as in IEEE-754
    "infer_types": None,
    "auto_pickle": False,  # nodes/copying.py implements pickling
}


class BuildOptionally(build_ext):
    """Compile the core and record the hashes of its sources; fall back to Python if compilation fails."""

    def run(self) -> None:
        try:
            super().run()
            write_build_info(Path(self.build_lib) / "autograd", HERE / "autograd")
        except Exception as problem:  # noqa: BLE001 - a missing compiler raises various errors; none may stop the installation
            print(f"The compiled core was not built ({problem}); the package works without it, but is slower.")

    def copy_extensions_to_source(self) -> None:  # for editable installations
        super().copy_extensions_to_source()
        write_build_info(HERE / "autograd", HERE / "autograd")

    def get_outputs(self) -> list[str]:
        return [path for path in super().get_outputs() if Path(path).exists()]


def extensions() -> list[Extension]:
    """Return the modules to compile; none if compilation is disabled."""
    if os.environ.get("SCALAR_AUTOGRAD_COMPILE") == "0":
        return []
    from Cython.Build import cythonize

    write_kernels(HERE / "autograd")
    generated = ("base/_kernels.h", "base/_kernels.pxd", "replay/_lanes_rows.h")
    headers = [f"autograd/{name}" for name in (*HEADERS, *generated)]
    modules = [
        Extension(
            f"autograd.{module}",
            [f"autograd/{source}"],
            include_dirs=["autograd/base", "autograd/replay"],
            extra_compile_args=C_FLAGS,
            depends=headers,
        )
        for module, source in zip(MODULES, SOURCES, strict=True)
    ]
    return cythonize(modules, compiler_directives=DIRECTIVES, build_dir="build/cython")


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildOptionally})
