"""Rosenbrock's function of 50 variables: value, gradient and Hessian at one point, as a minimizer needs them in each step.

H. Rosenbrock, "An automatic method for finding the greatest or least value of a function", The Computer Journal 3 (1960).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from report import peer
from rosenbrock import START, rosenbrock

import autograd
from autograd import hessian, value_and_grad
from workloads.peers import call_through_buffers, jax_implementation, load_jax, load_torch
from workloads.workload import OURS, Array, Implementation, Workload

RESULTS = ("value", "gradient", "Hessian")


def ours(x: Array) -> Implementation:
    """Return the three results as arrays."""
    step = autograd.compile(lambda x: (*value_and_grad(rosenbrock)(x), hessian(rosenbrock)(x)), by_row=False)
    return Implementation(lambda: step(x))


def ours_as_lists(x: Array) -> Implementation:
    """Return the three results as a number and lists."""
    step = autograd.compile(lambda x: (*value_and_grad(rosenbrock)(x), hessian(rosenbrock)(x)))
    numbers = x.tolist()
    return Implementation(lambda: step(numbers))


def by_jax(x: Array) -> Implementation:
    """Return the three results, written with array operations, which JAX compiles quicker and to quicker code than loops."""
    jax, _ = load_jax()

    def function(x: Any) -> Any:
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    return jax_implementation(lambda x: (*jax.value_and_grad(function)(x), jax.hessian(function)(x)), x)


def by_torch(x: Array) -> Implementation:
    """Return the three results with PyTorch."""
    torch = load_torch()
    point = torch.tensor(x, requires_grad=True)

    def function(x: Any) -> Any:
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    def run() -> tuple[Any, Any, Any]:
        value = function(point)
        (gradient,) = torch.autograd.grad(value, point)
        return value.detach(), gradient, torch.autograd.functional.hessian(function, point.detach(), vectorize=True)

    return Implementation(run)


def by_casadi(x: Array) -> Implementation:
    """Return the three results of CasADi's tape, called through buffers."""
    casadi = peer("casadi")
    symbols = casadi.SX.sym("x", len(x))
    value = rosenbrock([symbols[i] for i in range(len(x))])
    second, first = casadi.hessian(value, symbols)
    function = casadi.Function("rosenbrock", [symbols], [value, first, casadi.densify(second)])
    results = [np.zeros(1), np.zeros(len(x)), np.zeros((len(x), len(x)))]
    run = call_through_buffers(function, [x], results)
    return Implementation(run, lambda _: [results[0][0], results[1].copy(), results[2].copy()])


def rosenbrock50() -> Workload:
    """Return the workload."""
    x = np.array(START)
    factories: dict[str, Callable[[], Implementation]] = {
        OURS: lambda: ours(x),
        f"{OURS}, as lists": lambda: ours_as_lists(x),
        "JAX": lambda: by_jax(x),
        "PyTorch": lambda: by_torch(x),
        "CasADi": lambda: by_casadi(x),
    }
    return Workload("Rosenbrock-50", "Value, gradient and Hessian of Rosenbrock's function at one point", RESULTS, factories)
