"""Builds the compiled core. Everything else about the package is in pyproject.toml.

The compiled core is optional: without a C compiler the install succeeds all the same, and the same files run as
Python; ``autograd.backend()`` says which. ``SCALAR_AUTOGRAD_COMPILE=0`` leaves it out on purpose.
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).parent
os.environ["AUTOGRAD_BACKEND"] = "python"  # what an earlier build left must not take part in this one
sys.path.insert(0, str(HERE))

from autograd.base.build_info import HEADERS, MODULES, SOURCES, write_build_info
from autograd.export.c_source import write_kernels

C_FLAGS = [
    "-O3",
    "-ffp-contract=off",  # a * b + c must round twice, as Python does it
    "-fno-math-errno",  # nobody reads errno; without it sqrt is one instruction
    "-fno-trapping-math",  # nobody asks whether there was a nan; so `x > 0 ? a : b` may be done on vectors
]
DIRECTIVES = {
    "language_level": 3,
    "cdivision": True,  # 1 / 0 is inf, as IEEE-754 has it
    "infer_types": None,
    "auto_pickle": False,  # copying.py has its own way
}


class BuildOptionally(build_ext):
    """Compile, and note beside the result which sources it came from; fall back to Python if that fails."""

    def run(self) -> None:
        try:
            super().run()
            write_build_info(Path(self.build_lib) / "autograd", HERE / "autograd")
        except Exception as problem:  # noqa: BLE001 - no compiler shows itself in many ways; none may stop the install
            print(f"The compiled core was left out ({problem}); the package works without it, slower.")

    def copy_extensions_to_source(self) -> None:  # for an install that is edited in place
        super().copy_extensions_to_source()
        write_build_info(HERE / "autograd", HERE / "autograd")

    def get_outputs(self) -> list[str]:
        return [path for path in super().get_outputs() if Path(path).exists()]


def extensions() -> list[Extension]:
    """The modules to compile, or none."""
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
