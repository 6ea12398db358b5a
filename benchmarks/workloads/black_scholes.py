"""The price of a European call option with its first and second derivatives, for many options.

F. Black and M. Scholes, "The pricing of options and corporate liabilities", Journal of Political Economy 81 (1973). The inputs
are the price of the stock, the strike, the time to expiry, the interest rate and the volatility.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from report import peer

import autograd
from autograd import erf, exp, hessian, log, sqrt, value_and_grad
from workloads.peers import call_through_buffers, compiled_by_cc, jax_implementation, load_jax, load_torch
from workloads.workload import OURS, Array, Implementation, Workload

LOW, HIGH = [80.0, 80.0, 0.25, 0.0, 0.1], [120.0, 120.0, 2.0, 0.05, 0.4]
INPUTS = len(LOW)


def problem(options: int) -> Array:
    """Return the inputs, of shape (options, 5)."""
    return np.random.default_rng(0).uniform(LOW, HIGH, (options, INPUTS))


def call_price(log: Any, exp: Any, sqrt: Any, erf: Any, p: Any) -> Any:
    """Return the price, for any type of number."""
    price, strike, time, rate, volatility = p
    deviation = volatility * sqrt(time)
    d1 = (log(price / strike) + (rate + 0.5 * volatility * volatility) * time) / deviation

    def normal_cdf(z: Any) -> Any:
        return 0.5 + 0.5 * erf(z * math.sqrt(0.5))

    return price * normal_cdf(d1) - strike * exp(-rate * time) * normal_cdf(d1 - deviation)


def our_price(p: Any) -> Any:
    """Return the price in scalars."""
    return call_price(log, exp, sqrt, erf, p)


def ours(inputs: Array) -> Implementation:
    """Return price and gradient."""
    step = autograd.compile(our_price, threads=1)
    return Implementation(lambda: step.value_and_grad(inputs))


def ours_second(inputs: Array) -> Implementation:
    """Return price, gradient and Hessian."""
    step = autograd.compile(lambda p: (*value_and_grad(our_price)(p), hessian(our_price)(p)), threads=1)
    return Implementation(lambda: step(inputs))


def jax_price() -> tuple[Any, Callable[[Any], Any]]:
    """Return jax, and the price of one option with JAX."""
    jax, jnp = load_jax()
    return jax, lambda p: call_price(jnp.log, jnp.exp, jnp.sqrt, jax.scipy.special.erf, p)


def by_jax(inputs: Array) -> Implementation:
    """Return price and gradient of one option, mapped over all options."""
    jax, price = jax_price()
    return jax_implementation(jax.vmap(jax.value_and_grad(price)), inputs)


def by_jax_second(inputs: Array) -> Implementation:
    """Return price, gradient and Hessian of one option, mapped over all options."""
    jax, price = jax_price()
    return jax_implementation(jax.vmap(lambda p: (*jax.value_and_grad(price)(p), jax.hessian(price)(p))), inputs)


def torch_gradient(torch: Any, p: Any, create_graph: bool) -> tuple[Any, Any]:
    """Return prices and gradients with PyTorch. The rows of ``p`` are the inputs, which is quicker than its columns."""
    price = call_price(torch.log, torch.exp, torch.sqrt, torch.erf, p)
    return price.detach(), torch.autograd.grad(price.sum(), p, create_graph=create_graph)[0]


def by_torch(inputs: Array) -> Implementation:
    """Return price and gradient of all options by one backward pass."""
    torch = load_torch()
    p = torch.tensor(inputs.T.copy(), requires_grad=True)
    return Implementation(lambda: torch_gradient(torch, p, False), lambda found: (found[0], found[1].T))


def by_torch_second(inputs: Array) -> Implementation:
    """Return price, gradient and Hessian by one backward pass for each row of the Hessian."""
    torch = load_torch()
    p = torch.tensor(inputs.T.copy(), requires_grad=True)

    def run() -> tuple[Any, Any, Any]:
        price, gradient = torch_gradient(torch, p, True)
        rows = [torch.autograd.grad(gradient[i].sum(), p, retain_graph=True)[0] for i in range(INPUTS)]
        return price, gradient.detach(), torch.stack(rows)

    return Implementation(run, lambda found: (found[0], found[1].T, found[2].permute(2, 0, 1)))


def by_casadi(inputs: Array, second: bool = False) -> Implementation:
    """Return the results by C code from CasADi, compiled by the system's ``cc``, for all options in one call."""
    casadi = peer("casadi")
    p = casadi.SX.sym("p", INPUTS)
    price = call_price(casadi.log, casadi.exp, casadi.sqrt, casadi.erf, [p[i] for i in range(INPUTS)])
    hessian, gradient = casadi.hessian(price, p)
    outputs = [price, gradient, casadi.densify(hessian)][: 3 if second else 2]
    arrays = [np.zeros(len(inputs)), np.zeros((len(inputs), INPUTS)), np.zeros((len(inputs), INPUTS, INPUTS))][: len(outputs)]
    function = compiled_by_cc(casadi.Function("black_scholes", [p], outputs)).map(len(inputs))
    return Implementation(call_through_buffers(function, [inputs], arrays), lambda _: [array.copy() for array in arrays])


def by_drjit(inputs: Array) -> Implementation:
    """Return price and gradient with Dr.Jit, on its LLVM backend."""
    dr, llvm = peer("drjit"), peer("drjit.llvm.ad")
    if not dr.has_backend(dr.JitBackend.LLVM):
        raise ImportError("Dr.Jit needs the shared library of LLVM, which is not installed")
    dr.set_thread_count(1)
    columns = [llvm.Float64(column) for column in inputs.T]

    def run() -> tuple[Any, list[Any]]:
        p = [llvm.Float64(column) for column in columns]
        dr.enable_grad(p)
        price = call_price(dr.log, dr.exp, dr.sqrt, dr.erf, p)
        dr.backward(price)
        gradient = [dr.grad(column) for column in p]
        price = dr.detach(price)
        dr.eval(price, gradient)
        dr.sync_thread()
        return price, gradient

    return Implementation(run, lambda found: (np.array(found[0]), np.stack([np.array(column) for column in found[1]], 1)))


def by_pytensor(inputs: Array) -> Implementation:
    """Return price and gradient with PyTensor. The rows of its matrix are the inputs."""
    pytensor, tensor = peer("pytensor"), peer("pytensor.tensor")
    p = tensor.dmatrix("p")
    price = call_price(tensor.log, tensor.exp, tensor.sqrt, tensor.erf, [p[i] for i in range(INPUTS)])
    function = pytensor.function([p], [price, tensor.grad(price.sum(), p)], trust_input=True)
    columns = inputs.T.copy()
    return Implementation(lambda: function(columns), lambda found: (found[0], found[1].T))


def by_xad(inputs: Array) -> Implementation:
    """Return price and gradient with XAD, whose Python binding computes one option after the other."""
    adjoint, math_of_xad = peer("xad.adj_1st"), peer("xad.math")
    rows = inputs.tolist()

    def run() -> tuple[list[float], list[list[float]]]:
        prices, gradients = [], []
        with adjoint.Tape() as tape:
            for row in rows:
                tape.clearAll()
                p = [adjoint.Real(number) for number in row]
                for number in p:
                    tape.registerInput(number)
                tape.newRecording()
                price = call_price(math_of_xad.log, math_of_xad.exp, math_of_xad.sqrt, math_of_xad.erf, p)
                tape.registerOutput(price)
                price.setDerivative(1.0)
                tape.computeAdjoints()
                prices.append(price.getValue())
                gradients.append([number.getDerivative() for number in p])
        return prices, gradients

    return Implementation(run)


def black_scholes_gradient(options: int) -> Workload:
    """Return the workload without second derivatives."""
    inputs = problem(options)
    factories: dict[str, Callable[[], Implementation]] = {
        OURS: lambda: ours(inputs),
        "JAX": lambda: by_jax(inputs),
        "PyTorch": lambda: by_torch(inputs),
        "CasADi, C": lambda: by_casadi(inputs),
        "Dr.Jit": lambda: by_drjit(inputs),
        "PyTensor": lambda: by_pytensor(inputs),
        "XAD": lambda: by_xad(inputs),
    }
    text = f"Price and gradient of {options:,} options"
    return Workload("Black-Scholes gradient", text, ("price", "gradient"), factories)


def black_scholes_hessian(options: int) -> Workload:
    """Return the workload with second derivatives."""
    inputs = problem(options)
    factories: dict[str, Callable[[], Implementation]] = {
        OURS: lambda: ours_second(inputs),
        "JAX": lambda: by_jax_second(inputs),
        "PyTorch": lambda: by_torch_second(inputs),
        "CasADi, C": lambda: by_casadi(inputs, second=True),
    }
    text = f"Price, gradient and Hessian of {options:,} options"
    return Workload("Black-Scholes Hessian", text, ("price", "gradient", "Hessian"), factories)
