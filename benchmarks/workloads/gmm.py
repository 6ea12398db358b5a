"""A Gaussian mixture model: the gradient of the log-likelihood of 1,000 points, as in ADBench.

The objective is from F. Srajer, Z. Kukelova and A. Fitzgibbon, "A benchmark of selected algorithmic differentiation tools
on some problems in computer vision and machine learning", Optimization Methods and Software 33 (2018): a mixture with weights
``softmax(alphas)``, whose inverse covariances are ``Q' Q``. ``Q`` is a lower triangular matrix. Its diagonal is ``exp(q)``, and
its other numbers are stored column by column. A Wishart prior with ``gamma = 1`` and ``m = 0`` is added.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Value, dot, exp, logsumexp, read_grads, write_grads
from workloads.peers import jax_implementation, load_jax, load_torch
from workloads.workload import OURS, Array, Implementation, Workload

GAMMA, M = 1.0, 0


def problem(points: int, d: int, components: int) -> list[Array]:
    """Return alphas (K,), means (K, d), the factors of the inverse covariances (K, d (d + 1) / 2), and points (n, d)."""
    rng = np.random.default_rng(0)
    means = rng.uniform(size=(components, d))
    return [rng.normal(size=components), means, rng.normal(size=(components, d * (d + 1) // 2)), rng.normal(size=(points, d))]


def constant(points: int, d: int, components: int) -> float:
    """Return the part of the objective that depends on no parameter."""
    n = d + M + 1
    log_gamma = d * (d - 1) / 4 * math.log(math.pi) + math.fsum(math.lgamma((n - j) / 2) for j in range(d))
    prior = n * d * (math.log(GAMMA) - math.log(2) / 2) - log_gamma
    return -points * d / 2 * math.log(2 * math.pi) - components * prior


def lower_triangle(d: int) -> tuple[Any, Any]:
    """Return the rows and the columns of the numbers below the diagonal, column by column."""
    columns, rows = np.triu_indices(d, 1)
    return rows, columns


def ours(alphas: Array, means: Array, covariances: Array, X: Array, *, threads: int = 1) -> Implementation:
    """Return the objective of one point, in scalars, over all points, and its prior."""
    points, d = X.shape
    weights = [Value(number) for number in alphas]
    centers = [[Value(number) for number in row] for row in means]
    triangles = [[Value(number) for number in row] for row in covariances]
    parameters = [*weights, *(v for row in centers for v in row), *(v for row in triangles for v in row)]
    place = {pair: d + i for i, pair in enumerate(zip(*map(np.ndarray.tolist, lower_triangle(d)), strict=True))}

    def log_density(x: Any) -> Any:
        scores = []
        for weight, center, q in zip(weights, centers, triangles, strict=True):
            z = [xi - mean for xi, mean in zip(x, center, strict=True)]
            products = [dot([*(q[place[i, j]] for j in range(i)), exp(q[i])], z[: i + 1]) for i in range(d)]
            scores.append(weight + autograd.sum(q[:d]) - 0.5 * autograd.sum([y * y for y in products]))
        return logsumexp(scores)

    def prior() -> Any:
        squares = [exp(2 * q) for row in triangles for q in row[:d]] + [q * q for row in triangles for q in row[d:]]
        logarithms = [q for row in triangles for q in row[:d]]
        return GAMMA**2 / 2 * autograd.sum(squares) - M * autograd.sum(logarithms) - points * logsumexp(weights)

    likelihood, rest = autograd.compile(log_density, threads=threads), autograd.compile(prior)
    base = constant(points, d, len(alphas))

    def run() -> tuple[float, Any]:
        write_grads(parameters, 0.0)
        value = likelihood.backward(X, reduce="sum") + rest.backward() + base
        return value, read_grads(parameters)

    return Implementation(run)


def by_jax(alphas: Array, means: Array, covariances: Array, X: Array) -> Implementation:
    """Return the objective with JAX arrays."""
    jax, jnp = load_jax()
    points, d = X.shape
    rows, columns = lower_triangle(d)
    base = constant(points, d, len(alphas))

    def objective(parameters: Any, X: Any) -> Any:
        alphas, means, covariances = parameters
        diagonal, below = covariances[:, :d], covariances[:, d:]
        factors = jax.vmap(jnp.diag)(jnp.exp(diagonal)).at[:, rows, columns].set(below)
        z = jnp.einsum("kij,nkj->nki", factors, X[:, None, :] - means)
        scores = alphas + diagonal.sum(1) - 0.5 * (z * z).sum(2)
        prior = GAMMA**2 / 2 * ((jnp.exp(diagonal) ** 2).sum() + (below**2).sum()) - M * diagonal.sum()
        return jax.nn.logsumexp(scores, axis=1).sum() - points * jax.nn.logsumexp(alphas) + prior + base

    def run(alphas: Any, means: Any, covariances: Any, X: Any) -> Any:
        value, gradients = jax.value_and_grad(objective)((alphas, means, covariances), X)
        return value, jnp.concatenate([gradient.ravel() for gradient in gradients])

    return jax_implementation(run, alphas, means, covariances, X)


def by_torch(alphas: Array, means: Array, covariances: Array, X: Array) -> Implementation:
    """Return the objective with PyTorch tensors."""
    torch = load_torch()
    points, d = X.shape
    rows, columns = map(torch.as_tensor, lower_triangle(d))
    base = constant(points, d, len(alphas))
    parameters = [torch.tensor(array, requires_grad=True) for array in (alphas, means, covariances)]
    data = torch.tensor(X)

    def run() -> tuple[Any, Any]:
        alphas, means, covariances = parameters
        diagonal, below = covariances[:, :d], covariances[:, d:]
        factors = torch.diag_embed(diagonal.exp())
        factors[:, rows, columns] = below
        z = torch.einsum("kij,nkj->nki", factors, data[:, None, :] - means)
        scores = alphas + diagonal.sum(1) - 0.5 * (z * z).sum(2)
        prior = GAMMA**2 / 2 * ((diagonal.exp() ** 2).sum() + (below**2).sum()) - M * diagonal.sum()
        value = torch.logsumexp(scores, 1).sum() - points * torch.logsumexp(alphas, 0) + prior + base
        gradients = torch.autograd.grad(value, parameters)
        return value.detach(), torch.cat([gradient.ravel() for gradient in gradients])

    return Implementation(run)


def gmm(points: int, d: int, components: int) -> Workload:
    """Return the workload with ``components`` Gaussians in ``d`` dimensions."""
    data = problem(points, d, components)
    factories: dict[str, Callable[[], Implementation]] = {
        OURS: lambda: ours(*data),
        "JAX": lambda: by_jax(*data),
        "PyTorch": lambda: by_torch(*data),
    }
    text = f"Log-likelihood of {points:,} points and its gradient with respect to {sum(a.size for a in data[:3]):,} parameters"
    return Workload(f"GMM d{d} K{components}", text, ("value", "gradient"), factories)
