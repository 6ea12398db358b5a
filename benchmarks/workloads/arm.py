"""The forward kinematics of a robot arm with seven joints: the pose of its hand, and the 6x7 Jacobian, for many poses.

The arm is the Panda of Franka Robotics. Its modified Denavit-Hartenberg parameters are published in the manufacturer's
documentation ("Robot and interface specifications"). J. Craig, "Introduction to Robotics", describes the convention. The pose
is the place of the hand, and its roll, pitch and yaw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from report import peer

import autograd
from autograd import asin, atan2, cos, sin
from workloads.peers import call_through_buffers, compiled_by_cc, jax_implementation, load_jax, load_torch
from workloads.workload import OURS, Array, Implementation, Workload

# Per joint: distance along x and turn about x (from the previous joint), and distance along z. Meters, quarter turns.
JOINTS = [(0, 0, 0.333), (0, -1, 0), (0, 1, 0.316), (0.0825, 1, 0), (-0.0825, -1, 0.384), (0, 1, 0), (0.088, 1, 0)]
FLANGE = 0.107


def problem(poses: int) -> list[Array]:
    """Return the angles of the joints, of shape (poses, 7)."""
    return [np.random.default_rng(0).uniform(-1.2, 1.2, (poses, len(JOINTS)))]


def hand(sin: Any, cos: Any, asin: Any, atan2: Any, angles: Any) -> list[Any]:
    """Return x, y, z, roll, pitch and yaw of the hand, for any type of number."""
    # The axes of the current joint, and its place, as seen from the base
    x: list[Any]
    x, y, z, place = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]
    for i, (a, quarter, d) in enumerate(JOINTS):
        place = [p + a * e for p, e in zip(place, x, strict=True)]
        if quarter:  # about x, so that y becomes z or -z
            y, z = (z, [-e for e in y]) if quarter == 1 else ([-e for e in z], y)
        s, c = sin(angles[i]), cos(angles[i])
        x, y = [c * e + s * f for e, f in zip(x, y, strict=True)], [c * f - s * e for e, f in zip(x, y, strict=True)]
        place = [p + d * e for p, e in zip(place, z, strict=True)]
    place = [p + FLANGE * e for p, e in zip(place, z, strict=True)]
    return [*place, atan2(y[2], z[2]), -asin(x[2]), atan2(x[1], x[0])]


def ours(angles: Array) -> Implementation:
    """Return the Jacobian in scalars."""
    step = autograd.compile(lambda q: hand(sin, cos, asin, atan2, q), threads=1)
    return Implementation(lambda: step.jacobian(angles), lambda rows: (np.stack(step(angles), 1), np.stack(rows, 1)))


def by_jax(angles: Array) -> Implementation:
    """Return the Jacobian by ``vmap`` and forward mode, which is faster here than reverse mode."""
    jax, jnp = load_jax()

    def pose(q: Any) -> Any:
        return jnp.stack(hand(jnp.sin, jnp.cos, jnp.arcsin, jnp.arctan2, q))

    found = jax_implementation(jax.vmap(jax.jacfwd(pose)), angles)
    return Implementation(found.run, lambda rows: (jax.vmap(pose)(angles), rows))


def by_torch(angles: Array) -> Implementation:
    """Return the Jacobian by six backward passes over all poses."""
    torch = load_torch()
    q = torch.tensor(angles, requires_grad=True)

    def pose() -> list[Any]:
        return hand(torch.sin, torch.cos, torch.asin, torch.atan2, q.T)

    def run() -> Any:
        return torch.stack([torch.autograd.grad(number.sum(), q, retain_graph=True)[0] for number in pose()], 1)

    return Implementation(run, lambda rows: (torch.stack(pose(), 1).detach(), rows))


def by_casadi(angles: Array) -> Implementation:
    """Return the Jacobian by C code from CasADi, compiled by the system's ``cc``, for all poses in one call."""
    casadi = peer("casadi")
    q = casadi.SX.sym("q", len(JOINTS))
    pose = casadi.vertcat(*hand(casadi.sin, casadi.cos, casadi.asin, casadi.atan2, q))
    jacobian = casadi.Function("jacobian", [q], [casadi.densify(casadi.jacobian(pose, q))])
    value, rows = np.zeros((len(angles), 6)), np.zeros((len(angles), 7, 6))  # CasADi stores matrices column by column
    run = call_through_buffers(compiled_by_cc(jacobian).map(len(angles)), [angles], [rows])
    run_value = call_through_buffers(casadi.Function("value", [q], [pose]).map(len(angles)), [angles], [value])

    def read(_: Any) -> Sequence[Any]:
        run_value()
        return value.copy(), rows.transpose(0, 2, 1).copy()

    return Implementation(run, read)


def arm(poses: int) -> Workload:
    """Return the workload."""
    data = problem(poses)
    factories: dict[str, Callable[[], Implementation]] = {
        OURS: lambda: ours(*data),
        "JAX": lambda: by_jax(*data),
        "PyTorch": lambda: by_torch(*data),
        "CasADi, C": lambda: by_casadi(*data),
    }
    text = f"Jacobian (6, 7) of the pose of a robot's hand for {poses:,} poses; the poses are only compared"
    return Workload("Arm kinematics", text, ("pose", "Jacobian"), factories)
