"""Under `make sanitize`, sanitizers check the core: an invalid memory access or an overflow ends the process.

The errors are in programs created only for these tests, because the core runs every program without checks.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from fresh import start_python
from sanitizers import SANITIZED

from autograd.base.build_info import MODULES

pytestmark = pytest.mark.skipif(not SANITIZED, reason="the core is not compiled for the sanitizers: `make sanitize`")

RUN = """
import numpy as np
import autograd
from autograd.replay.executor import Executor

x = np.ones((1000, 1))
program = autograd.compile(lambda x: (x * 2.0).sin()).program(x[:, 0])
for change in [dict(), dict({change})]:
    program.__dict__.update(change)
    Executor(program).run([x], [], (), 1000)
    print("ran")
"""
USE_OF_A_FREED_NODE = """
import ctypes
from autograd import Value

node, neighbours = Value(1.0), [Value(2.0), Value(3.0)]
place = id(node)
for _ in range(2):
    ctypes.string_at(place, 16)
    print("ran")
    node = None
"""
USE_OF_FREED_NUMBERS = USE_OF_A_FREED_NODE.replace("id(node)", "id(node) // 65536 * 65536 + 819 * 64 + id(node) % 65536 // 4")
MISTAKES = {
    # Memory that far away may belong to another object, or may not be mapped.
    "numbers behind the end of memory": (RUN.format(change="n_values=0, n_adjoints=0"), "ERROR: AddressSanitizer"),
    "a number too large for an int": (RUN.format(change="sections=range(2**30, 2**30 + 6)"), "signed integer overflow"),
    "a node that was freed": (USE_OF_A_FREED_NODE, "use-after-poison"),
    "the number of a node that was freed": (USE_OF_FREED_NUMBERS, "use-after-poison"),  # see autograd/base/_node.h
}


@pytest.mark.parametrize("module", MODULES)
def test_every_compiled_file_is_sanitized(module: str) -> None:
    compiled = Path(str(import_module(f"autograd.{module}").__file__)).read_bytes()
    assert b"__asan_report_store8" in compiled
    assert b"__ubsan_handle_type_mismatch_v1_abort" in compiled


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_memory_error_ends_the_process(mistake: str) -> None:
    code, finding = MISTAKES[mistake]
    done = start_python(code, PYTHONUNBUFFERED="1", ASAN_OPTIONS="detect_leaks=0", UBSAN_OPTIONS="print_stacktrace=1")
    assert done.stdout == "ran\n", done.stderr
    assert done.returncode != 0
    assert finding in done.stderr
