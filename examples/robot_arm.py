"""A robot arm reaches for a point by gradient descent. Prints the steps, and draws them if matplotlib is installed.

    python examples/robot_arm.py [PLOT.svg]           (default: out/robot_arm.svg)

The arm has three links in a plane. Sines and cosines of the angles of its joints state where its hand is: the forward
kinematics. The question is the inverse: which angles bring the hand to a given point? No formula is needed. The squared
distance between hand and target is a function of the angles, and each step of gradient descent turns the joints to reduce it.

Three angles for two coordinates leave a choice: many sets of angles reach the target. Gradient descent ends at one of them,
which depends on the start.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from autograd import Value, cos, gradients, sin

LINKS = (1.0, 0.8, 0.6)
START = (0.1, 0.2, 0.2)  # angles of the joints, each relative to the previous link
TARGET = (-0.5, 1.6)
STEPS, RATE = 120, 0.06
Point = tuple[Any, Any]


def joints(angles: Any) -> list[Point]:
    """Return the places of the base, the joints and the hand."""
    places: list[Point] = [(0.0, 0.0)]
    direction: Any = 0.0
    for length, angle in zip(LINKS, angles, strict=True):
        direction = direction + angle
        x, y = places[-1]
        places.append((x + length * cos(direction), y + length * sin(direction)))
    return places


def squared_distance(angles: Any) -> Any:
    """Return the squared distance of the hand from the target."""
    x, y = joints(angles)[-1]
    return (x - TARGET[0]) ** 2 + (y - TARGET[1]) ** 2


def reach() -> list[list[float]]:
    """Return the angles before the first step and after each step."""
    angles = [Value(angle) for angle in START]
    found = [list(START)]
    for _ in range(STEPS):
        for angle, slope in zip(angles, gradients(squared_distance(angles), angles), strict=True):
            angle.data -= RATE * slope
        found.append([angle.data for angle in angles])
    return found


def plot(steps: list[list[float]]) -> Any:
    """Return a matplotlib Figure: the arm in some of the steps, and the distance by step."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    shown = [0, 1, 2, 4, 20, len(steps) - 1]
    for step in shown:
        is_last = step == shown[-1]
        color = "tab:orange" if is_last else str(0.85 - 0.1 * shown.index(step))
        left.plot(*zip(*joints(steps[step]), strict=True), "o-", color=color, linewidth=2 + 2 * is_last, label=f"step {step}")
    left.plot(*zip(*(joints(angles)[-1] for angles in steps), strict=True), ":", color="tab:blue", label="path of the hand")
    left.plot(*TARGET, "x", color="tab:red", markersize=12, markeredgewidth=3, label="target")
    left.set(aspect="equal", xlim=(-1.2, 2.6), ylim=(-1.4, 2.4), title="the arm")
    left.legend(fontsize=8, loc="lower center", ncols=3)
    right.plot([squared_distance(angles) ** 0.5 for angles in steps])
    right.set(yscale="log", xlabel="step", title="distance between hand and target")
    return figure


def main() -> None:
    """Print some steps, and draw them."""
    steps = reach()
    print("step    angles                 hand              distance")
    for step in (0, 4, 8, 20, 60, STEPS):
        (x, y), distance = joints(steps[step])[-1], squared_distance(steps[step]) ** 0.5
        print(f"{step:4}  " + "".join(f"{angle:7.3f}" for angle in steps[step]) + f"   ({x:6.3f}, {y:6.3f}) {distance:10.6f}")
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "out/robot_arm.svg")
    try:
        figure = plot(steps)
    except ImportError:
        print("The plot needs matplotlib: pip install scalar-autograd[plots]")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Plot written to {path}")


if __name__ == "__main__":
    main()
