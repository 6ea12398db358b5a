"""How the other libraries are called: JAX compiled by ``jit``, PyTorch on one thread, CasADi through buffers or as C code."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from report import peer

from workloads.workload import Array, Implementation


def load_jax() -> tuple[Any, Any]:
    """Return the modules jax and jax.numpy, with float64."""
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    return jax, peer("jax.numpy")


def load_torch() -> Any:
    """Return PyTorch, on one thread, with float64 by default."""
    torch = peer("torch")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    return torch


def jax_implementation(function: Callable[..., Any], *arguments: Any) -> Implementation:
    """Return an implementation that compiles ``function`` with ``jit``, and waits for its results."""
    jax, jnp = load_jax()
    compiled = jax.jit(function)
    placed = [jnp.asarray(argument) for argument in arguments]
    return Implementation(lambda: jax.block_until_ready(compiled(*placed)))


def call_through_buffers(function: Any, arguments: Sequence[Array], results: Sequence[Array]) -> Callable[[], None]:
    """Return a call of a CasADi function that reads and writes these arrays, without conversions."""
    buffer, evaluate = function.buffer()
    for i, array in enumerate(arguments):
        buffer.set_arg(i, array.data)
    for i, array in enumerate(results):
        buffer.set_res(i, array.data)
    owners = (function, buffer, arguments, results)  # ``evaluate`` does not keep them alive

    def run() -> None:
        assert owners
        evaluate()

    return run


def compiled_by_cc(function: Any) -> Any:
    """Return a CasADi function that calls the C code of ``function``. Raises OSError if there is no C compiler."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{function.name()}.c"
        code = peer("casadi").CodeGenerator(source.name)
        code.add(function)
        code.generate(f"{folder}/")
        command = ["cc", "-O3", "-shared", "-fPIC", "-o", f"{folder}/code.so", str(source), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"{' '.join(command)} failed: {done.stderr}")
        return peer("casadi").external(function.name(), f"{folder}/code.so")
