"""Gradient checkers of other libraries, on functions written for ours.

Each checker tests its own library's gradient of the function, right or with a planted fault. ``peer(...)`` of a missing library
raises ImportError. A function that the library lacks makes ``check`` raise an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from composites import compose
from faults import black_box, engine_gradient
from hips import Hips
from peer_functions import NUMPY_NAMES, TORCH_NAMES, namespace
from report import peer
from wrong_gradients import WRONG_GRADIENTS

from autograd.strategies import Expression

SCIPY_TOLERANCE = 1e-5  # check_grad returns an error; whoever calls it has to choose a tolerance


class Result(NamedTuple):
    """The gradient that was checked, before the fault was planted, and whether it passed."""

    gradient: list[float]
    passed: bool


# The function, the name of a fault or None, and the entry that it changes.
Checker = Callable[[Expression, str | None, int], Result]


def torch_checker() -> Checker:
    """``torch.autograd.gradcheck`` with its default tolerances."""
    torch = peer("torch")

    def number(x: Any) -> Any:
        return x if isinstance(x, torch.Tensor) else torch.tensor(float(x), dtype=torch.float64)

    functions = namespace(TORCH_NAMES, torch, number)
    functions["softplus"] = torch.nn.functional.softplus
    functions["where"] = lambda condition, x, y: torch.where(condition, number(x), number(y))
    functions |= compose(functions | {"constant": lambda x: x.detach()})
    functions |= {
        "lost": lambda x: x.detach(),
        "softmax": lambda items: torch.softmax(torch.stack(items), 0),
        "logsumexp": lambda items: torch.logsumexp(torch.stack(items), 0),
        "log_softmax": lambda items: torch.log_softmax(torch.stack(items), 0),
        "cross_entropy": lambda items, k: torch.nn.functional.cross_entropy(torch.stack(items), torch.tensor(k)),
    }

    def check(f: Expression, fault: str | None, i: int) -> Result:
        call = f.on(functions)

        def gradient(xs: Sequence[Any]) -> list[Any]:
            leaves = [x.detach().requires_grad_() for x in xs]
            found = torch.autograd.grad(call(*leaves), leaves, allow_unused=True)
            return [torch.zeros_like(x) if g is None else g for g, x in zip(found, leaves, strict=True)]

        def stated(*xs: Any) -> Any:
            if fault is None:
                return call(*xs)
            wrong = WRONG_GRADIENTS[fault](gradient(xs), i)
            return call(*xs).detach() + sum(g * (x - x.detach()) for g, x in zip(wrong, xs, strict=True))

        inputs = tuple(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in f.inputs)
        passed = torch.autograd.gradcheck(stated, inputs, raise_exception=False)
        return Result([float(g) for g in gradient(inputs)], passed)

    return check


def jax_checker() -> Checker:
    """``jax.test_util.check_grads`` in reverse mode, in float64, with its default tolerances."""
    jax, jnp = peer("jax"), peer("jax.numpy")
    peer("jax.test_util")
    jax.config.update("jax_enable_x64", True)
    functions = namespace(NUMPY_NAMES, jnp, lambda x: x)
    functions |= {name: getattr(jax.nn, name) for name in ("relu", "sigmoid", "softplus")}
    functions |= {name: getattr(jax.scipy.special, name) for name in ("erf", "erfc")}
    functions["where"] = jnp.where
    functions |= compose(functions | {"constant": jax.lax.stop_gradient})
    functions |= {
        "lost": jax.lax.stop_gradient,
        "softmax": lambda items: jax.nn.softmax(jnp.stack(items)),
        "logsumexp": lambda items: jax.nn.logsumexp(jnp.stack(items)),
        "log_softmax": lambda items: jax.nn.log_softmax(jnp.stack(items)),
    }

    def check(f: Expression, fault: str | None, i: int) -> Result:
        call, stop = f.on(functions), jax.lax.stop_gradient
        gradient = jax.grad(call, argnums=tuple(range(len(f.inputs))))

        def stated(*xs: Any) -> Any:
            if fault is None:
                return call(*xs)
            fixed = [stop(x) for x in xs]
            wrong = WRONG_GRADIENTS[fault](list(gradient(*fixed)), i)
            return stop(call(*fixed)) + sum(stop(g) * (x - c) for g, x, c in zip(wrong, xs, fixed, strict=True))

        inputs = tuple(jnp.float64(x) for x in f.inputs)
        try:
            jax.test_util.check_grads(stated, inputs, order=1, modes=["rev"])
            passed = True
        except AssertionError:
            passed = False
        return Result([float(g) for g in gradient(*inputs)], passed)

    return check


def scipy_checker() -> Checker:
    """``scipy.optimize.check_grad`` on our gradient, which SciPy cannot compute, with a relative tolerance of 1e-5."""
    np, optimize = peer("numpy"), peer("scipy.optimize")

    def check(f: Expression, fault: str | None, i: int) -> Result:
        if "lost" in f.code:
            raise ValueError("SciPy computes no gradient that could be lost")
        change = WRONG_GRADIENTS[fault] if fault else lambda gradient, i: gradient
        plain = black_box(f)
        error = optimize.check_grad(
            lambda x: plain(*x.tolist()), lambda x: np.array(change(engine_gradient(f, x.tolist()), i)), np.array(f.inputs)
        )
        gradient = engine_gradient(f, f.inputs)
        return Result(gradient, bool(error <= SCIPY_TOLERANCE * np.linalg.norm(change(gradient, i))))

    return check


def hips_checker() -> Checker:
    """``autograd.test_util.check_grads`` of HIPS autograd in reverse mode, in a separate process."""
    worker = Hips("peer_checkers_hips.py")

    def check(f: Expression, fault: str | None, i: int) -> Result:
        answer = worker.ask(f.code, f.inputs, fault, i)
        if answer is None:
            raise ValueError("HIPS autograd cannot compute this function")
        return Result(*answer)

    return check


PEERS: dict[str, Callable[[], Checker]] = {
    "PyTorch gradcheck": torch_checker,
    "JAX check_grads": jax_checker,
    "HIPS autograd check_grads": hips_checker,
    "SciPy check_grad": scipy_checker,
}
