"""Build the compiled core. All other package settings are in pyproject.toml.

The compiled core is optional. Without a C compiler the installation succeeds, and the same files run as Python.
``autograd.backend()`` reports which of the two is in use. ``SCALAR_AUTOGRAD_COMPILE=0`` disables compilation: the wheel then
fits every interpreter and platform. PyPy, Pyodide and free-threaded Python are never compiled for.
"""

import os
import shutil
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).parent
os.environ["AUTOGRAD_BACKEND"] = "python"  # do not load files compiled by an earlier build
sys.path.insert(0, str(HERE))

from autograd.base.build_info import HEADERS, SOURCES, why_never_compiled, write_build_info
from autograd.export.kernel_files import write_if_changed, write_kernels
from autograd.replay import instructions

OPTIMIZERS = ("nn/optim/update_rules.py", "nn/optim/_arrays.pxd", "nn/optim/_arrays.h")
others = tuple(f"../{source}" for source in OPTIMIZERS)
C_FLAGS = [
    "-O3",
    "-ffp-contract=off",  # a * b + c must be rounded twice, as in Python
    "-fno-builtin-pow",  # pow(x, 2.0) must not become x * x, which differs from Python in the last bit
    "-fno-math-errno",  # errno is never read; without it, sqrt is one instruction
    "-fno-trapping-math",  # floating-point exceptions are never read; allows `x > 0 ? a : b` on vectors
]
DIRECTIVES = {
    "language_level": 3,
    "cdivision": True,  # 1 / 0 is inf, as in IEEE-754
    "infer_types": None,
    "auto_pickle": False,  # nodes/copying.py implements pickling
}


class BuildOptionally(build_ext):
    """Compile, and write the hashes of the sources next to the result. If that fails, the package runs as Python."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel: int | None = os.cpu_count()

    def run(self) -> None:
        try:
            super().run()
            write_build_info(Path(self.build_lib) / "autograd", HERE / "autograd", others)
        except Exception as problem:  # noqa: BLE001 - a missing compiler causes many kinds of errors; none may stop the installation
            print(f"The core was not compiled ({problem}); the package works without it, but slower.")

    def build_extensions(self) -> None:
        if self.compiler.compiler_type == "msvc":
            self._use_clang_cl()
        super().build_extensions()

    def _use_clang_cl(self) -> None:
        """Replace Microsoft's compiler, which lacks the vector extensions of the kernels, by Clang."""
        clang = shutil.which("clang-cl")
        if clang is None:
            raise RuntimeError(
                "the kernels need vector extensions that Microsoft's compiler lacks; install clang-cl, part of LLVM"
            )
        if not self.compiler.initialized:
            self.compiler.initialize()
        self.compiler.cc = clang
        for extension in self.extensions:
            extension.extra_compile_args = [f"/clang:{flag}" for flag in C_FLAGS]

    def copy_extensions_to_source(self) -> None:  # for an editable installation
        super().copy_extensions_to_source()
        write_build_info(HERE / "autograd", HERE / "autograd", others)

    def get_outputs(self) -> list[str]:
        return [path for path in super().get_outputs() if Path(path).exists()]


def reason_not_to_compile() -> str | None:
    """Return why the core is not compiled, or None if it is."""
    if os.environ.get("SCALAR_AUTOGRAD_COMPILE") == "0":
        return "SCALAR_AUTOGRAD_COMPILE is 0"
    return why_never_compiled()


def extensions() -> list[Extension]:
    """Return the modules to compile; none if compilation is disabled."""
    reason = reason_not_to_compile()
    if reason is not None:
        print(f"The core is not compiled: {reason}.\nThe package runs as Python, with the same results but slower.")
        return []
    from Cython.Build import cythonize

    write_kernels(HERE / "autograd")
    write_if_changed(HERE / "autograd/replay/_instructions.pxd", instructions.as_constants())
    generated = ("base/_kernels.h", "base/_kernels.pxd", "replay/_lanes_rows.h", "replay/_instructions.pxd")
    headers = [f"autograd/{name}" for name in (*HEADERS, *generated)]
    modules = [
        Extension(
            source.removesuffix(".py").replace("/", "."),
            [source],
            include_dirs=["autograd/base", "autograd/replay", "nn/optim"],
            extra_compile_args=C_FLAGS,
            libraries=[] if sys.platform == "win32" else ["m"],  # exp, log and pow in the same versions as in Python
            depends=headers if source.startswith("autograd/") else list(OPTIMIZERS),
        )
        for source in (*(f"autograd/{source}" for source in SOURCES), OPTIMIZERS[0])
    ]
    # Cython does not track the files that `cython.cimports` names, so every module is translated again.
    return cythonize(modules, compiler_directives=DIRECTIVES, build_dir="build/cython", force=True)


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildOptionally})
