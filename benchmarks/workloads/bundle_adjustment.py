"""Bundle adjustment: the Jacobian of the reprojection errors of many observations, as in ADBench.

The camera has 11 numbers: a rotation vector (3), its center (3), the focal length, the principal point (2) and two coefficients
of radial distortion. F. Srajer, Z. Kukelova and A. Fitzgibbon (2018), see ``gmm.py``, describe the model. The sizes are those
of the smallest problem of ADBench: 49 cameras, 7,776 points and 31,843 observations (S. Agarwal, N. Snavely, S. Seitz and
R. Szeliski, "Bundle adjustment in the large", ECCV 2010). The numbers are synthetic: no rotation is 0, and every point is in
front of its camera.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from report import peer

import autograd
from autograd import cos, sin, sqrt
from workloads.peers import call_through_buffers, jax_implementation, load_jax, load_torch
from workloads.workload import OURS, Array, Implementation, Workload


def problem(cameras: int, points: int, observations: int) -> list[Array]:
    """Return camera, point and weight (n, 15) of each observation, and where the camera saw the point (n, 2)."""
    rng = np.random.default_rng(0)
    rotations, centers = rng.uniform(0.05, 0.3, (cameras, 3)), rng.normal(0, 0.3, (cameras, 3))
    focal, middle = rng.uniform(400, 600, (cameras, 1)), rng.normal(0, 5, (cameras, 2))
    camera = np.hstack([rotations, centers, focal, middle, rng.normal(0, 0.01, (cameras, 2))])
    point = np.hstack([rng.normal(0, 1, (points, 2)), rng.uniform(4, 8, (points, 1))])
    seen_by, seen = np.sort(rng.integers(0, cameras, observations)), rng.integers(0, points, observations)
    weights = rng.uniform(0.5, 1.0, (observations, 1))
    return [np.hstack([camera[seen_by], point[seen], weights]), rng.normal(0, 100, (observations, 2))]


def error(sqrt: Any, sin: Any, cos: Any, p: Any, seen: Any) -> list[Any]:
    """Return the weighted errors of one observation in x and y, for any type of number."""
    a, b, c = p[0], p[1], p[2]
    angle = sqrt(a * a + b * b + c * c)
    a, b, c = a / angle, b / angle, c / angle
    x, y, z = p[11] - p[3], p[12] - p[4], p[13] - p[5]
    sine, cosine = sin(angle), cos(angle)
    along = (a * x + b * y + c * z) * (1 - cosine)
    # Rodrigues' formula: the point in the coordinates of the camera
    u = x * cosine + (b * z - c * y) * sine + a * along
    v = y * cosine + (c * x - a * z) * sine + b * along
    depth = z * cosine + (a * y - b * x) * sine + c * along
    u, v = u / depth, v / depth
    square = u * u + v * v
    scale = p[6] * (1 + p[9] * square + p[10] * square * square)
    return [p[14] * (u * scale + p[7] - seen[0]), p[14] * (v * scale + p[8] - seen[1])]


def ours(inputs: Array, seen: Array) -> Implementation:
    """Return the Jacobian with this library."""
    step = autograd.compile(lambda p, seen: error(sqrt, sin, cos, p, seen), threads=1)

    def read(rows: Any) -> Sequence[Any]:
        return np.stack(step(inputs, seen), axis=1), np.stack(rows, axis=1)

    return Implementation(lambda: step.jacobian(inputs, seen), read)


def by_jax(inputs: Array, seen: Array) -> Implementation:
    """Return the Jacobian by ``vmap`` and reverse mode, which is faster here than forward mode."""
    jax, jnp = load_jax()

    def errors(p: Any, seen: Any) -> Any:
        return jnp.stack(error(jnp.sqrt, jnp.sin, jnp.cos, p, seen))

    found = jax_implementation(jax.vmap(jax.jacrev(errors)), inputs, seen)
    return Implementation(found.run, lambda rows: (jax.vmap(errors)(inputs, seen), rows))


def by_torch(inputs: Array, seen: Array) -> Implementation:
    """Return the Jacobian of all observations by one backward pass for each of the two errors."""
    torch = load_torch()
    p, place = torch.tensor(inputs, requires_grad=True), torch.tensor(seen)

    def errors() -> list[Any]:
        return error(torch.sqrt, torch.sin, torch.cos, p.T, place.T)

    def run() -> Any:
        x, y = errors()
        rows = [torch.autograd.grad(x.sum(), p, retain_graph=True)[0], torch.autograd.grad(y.sum(), p)[0]]
        return torch.stack(rows, 1)

    return Implementation(run, lambda rows: (torch.stack(errors(), 1).detach(), rows))


def by_casadi(inputs: Array, seen: Array) -> Implementation:
    """Return the Jacobian by ``map``, called through buffers."""
    casadi = peer("casadi")
    p, place = casadi.SX.sym("p", 15), casadi.SX.sym("seen", 2)
    errors = casadi.vertcat(*error(casadi.sqrt, casadi.sin, casadi.cos, p, place))
    value, rows = np.zeros((len(seen), 2)), np.zeros((len(seen), 15, 2))  # CasADi stores matrices column by column
    jacobian = casadi.Function("jacobian", [p, place], [casadi.densify(casadi.jacobian(errors, p))]).map(len(seen))
    only_value = casadi.Function("value", [p, place], [errors]).map(len(seen))
    run, run_value = (
        call_through_buffers(jacobian, [inputs, seen], [rows]),
        call_through_buffers(only_value, [inputs, seen], [value]),
    )

    def read(_: Any) -> Sequence[Any]:
        run_value()
        return value.copy(), rows.transpose(0, 2, 1).copy()

    return Implementation(run, read)


def bundle_adjustment(cameras: int, points: int, observations: int) -> Workload:
    """Return the workload."""
    data = problem(cameras, points, observations)
    factories: dict[str, Callable[[], Implementation]] = {
        OURS: lambda: ours(*data),
        "JAX": lambda: by_jax(*data),
        "PyTorch": lambda: by_torch(*data),
        "CasADi": lambda: by_casadi(*data),
    }
    text = f"Jacobian (2, 15) of the reprojection errors of {observations:,} observations; the errors are only compared"
    return Workload("Bundle adjustment", text, ("errors", "Jacobian"), factories)
