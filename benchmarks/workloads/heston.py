"""An Asian call option in Heston's model, priced by Monte Carlo, with seven sensitivities.

The variance ``v`` of the price ``S`` is itself random (S. Heston, "A closed-form solution for options with stochastic
volatility", Review of Financial Studies 6, 1993)::

    d ln S = (r - v/2) dt + sqrt(v) dW1        dv = kappa (theta - v) dt + xi sqrt(v) dW2        dW1 dW2 = rho dt

The step is Euler's with full truncation: ``max(v, 0)`` replaces ``v`` (R. Lord, R. Koekkoek and D. van Dijk, Quantitative
Finance 10, 2010). The floor is 1e-12 instead of 0, because JAX and PyTorch return nan for the derivative of ``sqrt(max(v, 0))``
at a negative ``v``; this library does not. The option pays the mean price of all steps minus the strike, if that is positive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Value, exp, maximum, read_grads, sqrt, write_grads
from workloads.peers import jax_implementation, load_jax, load_torch
from workloads.workload import OURS, Array, Implementation, Workload

PARAMETERS = {"S": 100.0, "v": 0.04, "kappa": 1.5, "theta": 0.04, "xi": 0.3, "rho": -0.7, "r": 0.03}
STRIKE, YEARS, FLOOR = 100.0, 1.0, 1e-12


def problem(paths: int, steps: int) -> list[Array]:
    """Return the parameters (7,) and two standard normal numbers per path and step (paths, steps, 2)."""
    return [np.array(list(PARAMETERS.values())), np.random.default_rng(0).normal(size=(paths, steps, 2))]


def advance(maximum: Any, sqrt: Any, p: Any, dt: float, state: Any, normal: Any) -> tuple[Any, Any]:
    """Return log price and variance after one step, for any type of number."""
    (_, _, kappa, theta, xi, rho, r), (log_price, variance), (first, second) = p, state, normal
    positive = maximum(variance, FLOOR)
    deviation = sqrt(positive * dt)
    log_price = log_price + (r - 0.5 * positive) * dt + deviation * first
    variance = variance + kappa * (theta - positive) * dt + xi * deviation * (rho * first + sqrt(1.0 - rho * rho) * second)
    return log_price, variance


def ours(parameters: Array, normals: Array, *, threads: int = 1) -> Implementation:
    """Return the price of one path in scalars, over all paths."""
    p = [Value(number) for number in parameters]
    steps = normals.shape[1]

    def price(path: Any) -> Any:
        state: tuple[Any, Any] = (0.0, p[1])
        total: Any = 0.0
        for normal in path:
            state = advance(maximum, sqrt, p, YEARS / steps, state, normal)
            total = total + exp(state[0])
        return exp(-p[6] * YEARS) * maximum(p[0] * total / steps - STRIKE, 0.0)

    step = autograd.compile(price, threads=threads)

    def run() -> tuple[float, Any]:
        write_grads(p, 0.0)
        return step.backward(normals), read_grads(p)

    return Implementation(run)


def by_jax(parameters: Array, normals: Array) -> Implementation:
    """Return the mean price with ``scan`` over the steps."""
    jax, jnp = load_jax()
    steps, paths = normals.shape[1], len(normals)

    def price(p: Any, normals: Any) -> Any:
        def advance_all(carry: Any, normal: Any) -> Any:
            state, total = carry
            state = advance(jnp.maximum, jnp.sqrt, p, YEARS / steps, state, normal)
            return (state, total + jnp.exp(state[0])), None

        zero = jnp.zeros(paths)
        (_, total), _ = jax.lax.scan(advance_all, ((zero, zero + p[1]), zero), normals)
        return (jnp.exp(-p[6] * YEARS) * jnp.maximum(p[0] * total / steps - STRIKE, 0.0)).mean()

    by_step = np.ascontiguousarray(normals.transpose(1, 2, 0))
    return jax_implementation(jax.value_and_grad(price), parameters, by_step)


def by_torch(parameters: Array, normals: Array) -> Implementation:
    """Return the mean price with PyTorch tensors, in a loop over the steps."""
    torch = load_torch()
    p, by_step = torch.tensor(parameters, requires_grad=True), torch.tensor(normals.transpose(1, 2, 0).copy())
    steps, zero = len(by_step), torch.zeros(len(normals))

    def run() -> tuple[Any, Any]:
        state, total = (zero, p[1]), zero
        for normal in by_step:
            state = advance(torch.clamp_min, torch.sqrt, p, YEARS / steps, state, normal)
            total = total + torch.exp(state[0])
        value = (torch.exp(-p[6] * YEARS) * torch.clamp_min(p[0] * total / steps - STRIKE, 0.0)).mean()
        return value.detach(), torch.autograd.grad(value, p)[0]

    return Implementation(run)


def heston(paths: int, steps: int) -> Workload:
    """Return the workload."""
    data = problem(paths, steps)
    factories: dict[str, Callable[[], Implementation]] = {
        OURS: lambda: ours(*data),
        "JAX": lambda: by_jax(*data),
        "PyTorch": lambda: by_torch(*data),
    }
    text = f"Price of an Asian option from {paths:,} paths of {steps} steps, and its derivatives with respect to 7 parameters"
    return Workload("Heston Monte Carlo", text, ("price", "sensitivities"), factories)
