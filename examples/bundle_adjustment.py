"""Cameras and points from photographs. Prints the steps of a fit, and draws the result if matplotlib is installed.

    python examples/bundle_adjustment.py [PLOT.svg]           (default: out/bundle_adjustment.svg)

Five cameras look at 40 points. It is known where each camera saw each point, with an error of half a pixel. Bundle adjustment
finds the points, and the places and directions of the cameras, together. It minimizes the sum of squared differences between
the pixels where points were seen and the pixels where the model says that they are.

The model of one observation is a few lines of scalar code. ``compile`` computes the Jacobian of all observations at once, and
NumPy solves for the step: the method of Levenberg and Marquardt, as in programs that build maps from photographs. At the end,
the typical error is a little less than the noise of the pixels, because the fit follows some of the noise.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import autograd
from autograd import cos, sin

CAMERAS, POINTS, FOCAL, NOISE = 5, 40, 500.0, 0.5
STEPS = 8
Array = npt.NDArray[np.float64]


def see(camera: Any, point: Any) -> list[Any]:
    """Return the pixel (x, y) where a camera, with its turn about the vertical axis and its place, sees a point."""
    turn, place = camera[0], camera[1:4]
    x, y, z = (p - c for p, c in zip(point, place, strict=True))
    x, z = cos(turn) * x + sin(turn) * z, cos(turn) * z - sin(turn) * x  # as seen by the camera; z is the depth
    return [FOCAL * x / z, FOCAL * y / z]


def scene() -> tuple[Array, Array, Array]:
    """Return the cameras on a curve around the points, the points on a spiral, and the noisy pixels (CAMERAS, POINTS, 2)."""
    rng = np.random.default_rng(0)
    turns = np.linspace(-0.6, 0.6, CAMERAS)
    cameras = np.column_stack([turns, 6 * np.sin(turns), rng.normal(0, 0.3, CAMERAS), -6 * np.cos(turns)])
    angles = np.linspace(0, 4 * np.pi, POINTS)
    points = np.column_stack([np.cos(angles), np.linspace(-1, 1, POINTS), np.sin(angles)])
    pixels = [[see(camera, point) for point in points] for camera in cameras]
    return cameras, points, np.array(pixels) + rng.normal(0, NOISE, (CAMERAS, POINTS, 2))


def every_pair(cameras: Array, points: Array) -> tuple[Array, Array]:
    """Return camera and point of each observation: each camera sees each point."""
    return np.repeat(cameras, POINTS, axis=0), np.tile(points, (CAMERAS, 1))


def adjust(cameras: Array, points: Array, pixels: Array) -> tuple[Array, Array, list[float]]:
    """Return the fitted cameras and points, and the typical error in pixels before the first step and after each step."""
    model = autograd.compile(see)
    unknowns = cameras.size + points.size
    # In the matrix of all derivatives, the columns of the camera and of the point of each observation
    camera_columns = np.repeat(np.arange(cameras.size).reshape(CAMERAS, 4), POINTS, axis=0)
    point_columns = cameras.size + np.tile(np.arange(points.size).reshape(POINTS, 3), (CAMERAS, 1))
    columns = np.hstack([camera_columns, point_columns])

    def errors(cameras: Array, points: Array) -> Array:
        return np.stack(model(*every_pair(cameras, points)), axis=-1) - pixels.reshape(-1, 2)

    found, damping = errors(cameras, points), 1e-3
    history = [float(np.sqrt(np.mean(found**2)))]
    for _ in range(STEPS):
        jacobian = np.zeros((len(found), 2, unknowns))
        for k, (by_camera, by_point) in enumerate(model.jacobian(*every_pair(cameras, points), argnums=(0, 1))):
            np.put_along_axis(jacobian[:, k], columns, np.hstack([by_camera, by_point]), axis=1)
        matrix = jacobian.reshape(-1, unknowns)
        step = np.linalg.solve(matrix.T @ matrix + damping * np.eye(unknowns), -matrix.T @ found.ravel())
        cameras, points = cameras + step[: cameras.size].reshape(-1, 4), points + step[cameras.size :].reshape(-1, 3)
        found = errors(cameras, points)
        history.append(float(np.sqrt(np.mean(found**2))))
    return cameras, points, history


def start(cameras: Array, points: Array) -> tuple[Array, Array]:
    """Return a bad guess: the truth with large errors."""
    rng = np.random.default_rng(1)
    return cameras + rng.normal(0, [0.05, 0.5, 0.5, 0.5], cameras.shape), points + rng.normal(0, 0.4, points.shape)


def aligned(found: Array, true: Array) -> Array:
    """Return a map (4, 3) that turns, scales and moves the found places to the true ones, as far as possible.

    Pixels determine neither the place and direction of the whole scene, nor its size.
    """
    mean_found, mean_true = found.mean(0), true.mean(0)
    left, scales, right = np.linalg.svd((true - mean_true).T @ (found - mean_found))
    rotation = left @ right
    scale = scales.sum() / np.sum((found - mean_found) ** 2)
    return np.vstack([scale * rotation.T, mean_true - scale * rotation @ mean_found])


def moved(places: Array, by: Array) -> Array:
    """Return the places after the map of ``aligned``."""
    moved_places: Array = places @ by[:3] + by[3]
    return moved_places


def plot(true: tuple[Array, Array], guess: tuple[Array, Array], found: tuple[Array, Array], history: list[float]) -> Any:
    """Return a matplotlib Figure: the scene from above before and after, and the errors by step."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 3.6), layout="constrained")
    before, after, right = figure.subplots(1, 3)
    by = aligned(found[1], true[1])
    first, last = (guess[0][:, 1:], guess[1]), (moved(found[0][:, 1:], by), moved(found[1], by))
    for axes, (cameras, points), title in ((before, first, "the first guess"), (after, last, "the result")):
        axes.plot(true[1][:, 0], true[1][:, 2], "o", color="lightgray", label="true points")
        axes.plot(true[0][:, 1], true[0][:, 3], "^", color="lightgray", markersize=11, label="true cameras")
        axes.plot(points[:, 0], points[:, 2], ".", color="tab:orange", label="points")
        axes.plot(cameras[:, 0], cameras[:, 2], "^", color="tab:blue", markersize=5, label="cameras")
        axes.set(aspect="equal", title=f"{title}, from above", xlabel="x", ylabel="z", ylim=(-7.5, 2.5), xlim=(-4.8, 4.8))
    before.legend(fontsize=7)
    right.plot(history, ".-")
    right.axhline(NOISE, color="gray", linestyle=":", label="noise of the pixels")
    right.set(yscale="log", xlabel="step", title="typical error in pixels")
    right.legend(fontsize=8)
    return figure


def main() -> None:
    """Print the errors of the steps, and draw the result."""
    cameras, points, pixels = scene()
    guess = start(cameras, points)
    *found, history = adjust(*guess, pixels)
    print("step   typical error in pixels")
    for step, error in enumerate(history):
        print(f"{step:4} {error:12.3f}")
    misplaced = moved(found[1], aligned(found[1], points)) - points
    print(f"The points are at most {np.abs(misplaced).max():.3f} from their true places.")
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "out/bundle_adjustment.svg")
    try:
        figure = plot((cameras, points), guess, (found[0], found[1]), history)
    except ImportError:
        print("The plot needs matplotlib: pip install scalar-autograd[plots]")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Plot written to {path}")


if __name__ == "__main__":
    main()
