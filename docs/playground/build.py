"""Build the playground: Python in the browser (Pyodide), the editor, and the packages, as static files.

This file is an extension of Sphinx, so ``make docs`` builds the playground with the site. The libraries come from npm, in the
versions of ``package-lock.json``. Without npm, the site is built without the playground and without the links "Try it".
Everything is kept in ``out/node`` and ``out/playground`` between builds.

    python docs/playground/build.py          build, and print the sizes
"""

from __future__ import annotations

import ast
import gzip
import hashlib
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NODE = ROOT / "out" / "node"  # where npm installs the libraries
STATIC = ROOT / "out" / "playground"  # a folder for html_static_path
TARGET = STATIC / "playground"
PACKAGES = ("autograd", "nn", "visualize")
DATA = (".py", ".css", ".js", ".html", ".csv")
LIBRARIES = ("mpmath", "attrs", "graphviz")  # the libraries that the packages import, except NumPy
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
STDLIB = "python_stdlib.zip"
LEAST_NODE = 20  # the oldest version with which bytecode.mjs was tried
# Modules of the standard library that the playground omits: those that cannot work in a browser (processes, terminals,
# servers and clients of other protocols), copies in Python of modules in C, and the code pages of DOS, mainframes and old Macs.
NOT_IN_BROWSERS = re.compile(
    r"(multiprocessing|wsgiref|xmlrpc|imaplib|mailbox|smtplib|ftplib|poplib|socketserver|_pyio|_pydatetime)(/|\.py)"
    r"|http/server|logging/config|asyncio/(windows|proactor)|_pyrepl/(windows|unix)"
    r"|encodings/(mac_|cp(0|273|424|500|7|8(5[^02]|6|75)|1026|1125|1140))"
)
WITHOUT_DOCSTRINGS = "mpmath/"  # which has a manual in its docstrings
YEAR_1980 = (1980, 1, 1, 0, 0, 0)  # in archives, so that the same files result in the same archive


class LeftOutError(Exception):
    """The playground cannot be built here."""


def build() -> Path:
    """Build the playground, and return its folder.

    Raises:
        LeftOutError: If npm is missing or cannot install the libraries, or a Python library is not installed.
    """
    modules = install()
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "pyodide").mkdir(exist_ok=True)
    for name in PYODIDE:
        copy(modules / "pyodide" / name, TARGET / "pyodide" / name)
    lock = json.loads((modules / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    (TARGET / "pyodide" / "pyodide-lock.json").write_text(json.dumps({**lock, "packages": {}}), encoding="utf-8")
    bundle(modules / "katex" / "dist" / "katex.mjs", TARGET / "katex.mjs")
    bundle(HERE / "playground.js", TARGET / "playground.js")
    for name in ("playground.css", "tryit.js", "worker.js"):
        copy(HERE / name, TARGET / name)
    write_packages(NODE / "packages.zip")
    bytecode = compile_first(modules / "pyodide", NODE / "packages.zip")
    write_compiled(NODE / "packages.zip", TARGET / "packages.zip", bytecode)
    write_stdlib(modules / "pyodide" / STDLIB, NODE / STDLIB)
    write_compiled(NODE / STDLIB, TARGET / "pyodide" / STDLIB, bytecode)
    (TARGET / "licenses.txt").write_text("\n\n".join(licenses(modules)), encoding="utf-8")
    return TARGET


def install() -> Path:
    """Install the libraries with npm, unless the lock file has not changed since. Return ``node_modules``."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise LeftOutError("npm is not installed; install Node.js")
    NODE.mkdir(parents=True, exist_ok=True)
    version = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = NODE / "installed.txt"
    if not stamp.exists() or stamp.read_text() != version:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, NODE / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LeftOutError(f"npm could not install its libraries\n{done.stderr.strip()}")
        stamp.write_text(version)
    return NODE / "node_modules"


def licenses(modules: Path) -> Iterator[str]:
    """Yield the license of each library from npm that the playground contains. Python libraries bring theirs in the archive."""
    listed = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, entry in listed.items():
        if name and not entry.get("dev") and (modules.parent / name).is_dir():
            texts = [path.read_text(encoding="utf-8") for path in (modules.parent / name).glob("LICENSE*")]
            heading = f"{name.removeprefix('node_modules/')} {entry['version']}: {entry.get('license', '')}"
            yield "\n\n".join([heading, *texts])


def find_library(path: str) -> str:
    """Return a folder of a library from npm, such as ``"katex/dist"``, or "" if the libraries cannot be installed."""
    try:
        return str(install() / path)
    except LeftOutError:
        return ""


def bundle(source: Path, target: Path) -> None:
    """Join a script and its imports into one file, and minify it."""
    examples = NODE / "examples.js"
    examples.write_text(f"export default {json.dumps(list(read_examples()))};", encoding="utf-8")
    command = [
        "node", "node_modules/esbuild/bin/esbuild", str(source), "--bundle", "--minify", "--log-level=error",
        f"--outfile={target}", f"--alias:playground-examples={examples}",
        f"--format={'esm' if source.suffix == '.mjs' else 'iife'}",
    ]  # fmt: skip
    subprocess.run(command, cwd=NODE, env={**os.environ, "NODE_PATH": str(NODE / "node_modules")}, check=True)


def read_examples() -> Iterator[tuple[str, str]]:
    """Yield title and program of each example. The title is the comment in the first line."""
    for path in sorted((HERE / "examples").glob("*.py")):
        first, _, program = path.read_text(encoding="utf-8").partition("\n")
        yield first.removeprefix("# "), program


def write_packages(target: Path) -> None:
    """Write an archive of the Python files that the playground imports: this project, its libraries, and ``runner.py``.

    Compiled files are not part of it, so the packages run as Python.
    """
    files = {path.name: path for path in (ROOT / "docs" / "tutorial").glob("*.py")}  # which pages of the tutorial import
    files |= {f"playground/{name}.py": HERE / f"{name}.py" for name in ("bytecode", "problems", "results", "runner")}
    files["scalar_autograd_installation.py"] = ROOT / "scalar_autograd_installation.py"
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.suffix in DATA:
                files[path.relative_to(ROOT).as_posix()] = path
    for library in LIBRARIES:
        files |= library_files(library)
    contents = {name: path.read_bytes() for name, path in files.items()}
    for name in contents:
        if name.startswith(WITHOUT_DOCSTRINGS) and name.endswith(".py"):
            contents[name] = without_docstrings(contents[name].decode(), name == "mpmath/function_docs.py").encode()
    write_archive(target, contents)


def write_stdlib(source: Path, target: Path) -> None:
    """Write Python's standard library without the modules that cannot work in a browser."""
    with zipfile.ZipFile(source) as archive:
        names = [name for name in archive.namelist() if not NOT_IN_BROWSERS.match(name)]
        write_archive(target, {name: archive.read(name) for name in names})


def node_version() -> int:
    """Return the major version of Node.js, as in 20 for v20.1.0."""
    return int(subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout[1:].partition(".")[0])


def compile_first(pyodide: Path, packages: Path) -> dict[str, bytes]:
    """Return the bytecode of the modules that the first example imports, by path. See ``bytecode.py``.

    Older versions of Node.js may not run Pyodide. Then there is no bytecode, and the playground starts more slowly.

    Args:
        pyodide: The folder of Pyodide.
        packages: The archive of packages.
    """
    if node_version() < LEAST_NODE:
        print(f"The playground has no bytecode, which needs Node.js {LEAST_NODE}, not {node_version()}.", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "first.py")
        program.write_text(next(read_examples())[1], encoding="utf-8")
        target = Path(folder, "bytecode")
        command = ["node", str(HERE / "bytecode.mjs"), str(pyodide), str(packages), str(program), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the first example does not run in Pyodide\n{done.stderr.strip()[-2000:]}")
        return {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*.pyc")}


def write_compiled(source: Path, target: Path, bytecode: dict[str, bytes]) -> None:
    """Write an archive with bytecode instead of the sources that it belongs to."""
    with zipfile.ZipFile(source) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    for name in [name for name in contents if f"{name}c" in bytecode]:
        del contents[name]
        contents[f"{name}c"] = bytecode[f"{name}c"]
    write_archive(target, contents)


def write_archive(target: Path, contents: dict[str, bytes]) -> None:
    """Write an archive. The same contents result in the same archive, which is written only if it differs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(contents.items()):
            archive.writestr(zipfile.ZipInfo(name, YEAR_1980), content, zipfile.ZIP_DEFLATED)
    if not target.exists() or target.read_bytes() != buffer.getvalue():
        target.write_bytes(buffer.getvalue())


def without_docstrings(code: str, assigned: bool = False) -> str:
    r"""Return Python code without its docstrings and comments; with ``assigned``, texts that are assigned become empty.

    >>> print(without_docstrings('def f():\n    "text"\nx = "text"  # comment', True))
    def f():
        pass
    x = ''
    """
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.Pass()
        if (
            assigned
            and isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            node.value = ast.Constant("")
    return ast.unparse(ast.fix_missing_locations(tree))


def library_files(name: str) -> dict[str, Path]:
    """Return the Python files of an installed library, and its license."""
    try:
        listed = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        raise LeftOutError(f"the Python library {name} is not installed") from None
    return {
        file.as_posix(): Path(str(file.locate()))
        for file in listed
        if ".." not in file.parts and "tests" not in file.parts
        and (file.suffix == ".py" or "license" in file.name.lower())
    }  # fmt: skip


def copy(source: Path, target: Path) -> None:
    """Copy a file if it has changed. An unchanged copy keeps its time, so that Sphinx need not copy it again."""
    if not target.exists() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)


def sizes(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the size of each file of a folder in bytes, as it is and compressed as by a web server."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, len(gzip.compress(path.read_bytes())))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# ---- the Sphinx extension --------------------------------------------------------------------------------------


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", add_playground)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_playground(app: Any, config: Any) -> None:
    """Build the playground, and add it to the site, or print why it is missing."""
    try:
        build()
    except LeftOutError as problem:
        print(f"The site is built without the playground: {problem}.", file=sys.stderr)  # Sphinx may be quiet
        return
    app.tags.add("playground")
    config.html_static_path.append(str(STATIC))
    app.connect("html-page-context", add_scripts)


def add_scripts(app: Any, page: str, *_: Any) -> None:
    """Add the scripts: the playground itself to its page, and the links "Try it" to the others."""
    app.add_css_file("playground/playground.css")
    app.add_js_file(f"playground/{'playground' if page == 'playground/index' else 'tryit'}.js", loading_method="defer")


if __name__ == "__main__":
    found = sizes(build())
    for name, (size, compressed) in found.items():
        print(f"{size:12,} {compressed:12,}  {name}")
    print(f"{sum(size for size, _ in found.values()):12,} {sum(compressed for _, compressed in found.values()):12,}  total")
