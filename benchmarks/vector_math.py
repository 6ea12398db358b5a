"""``compile(f, exact=False)`` compared with the default and with JAX, and the number of lanes of long programs.

python benchmarks/vector_math.py     (skips JAX if it is not installed)
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from moons_problem import Problem, Step, assert_all_agree, load_all
from moons_scalar import compiled_step, mlp_model
from moons_tensor import jax_step
from report import Report, peer
from timing import digits, duration, ratio, side_by_side

import autograd
from autograd.compiler import layout

FUNCTIONS = ["exp", "log", "tanh", "sigmoid", "erf", "sin", "cos", "pow"]
REPEATS = 20  # of each function in a row, so that the rest of a call takes little of the time
ROWS = 4_000


def repeated(name: str) -> Callable[[Any, Any], Any]:
    """Return a function that applies a row of the table ``REPEATS`` times to slightly different numbers."""
    row = getattr(autograd, name)
    if name == "pow":
        return lambda x, y: autograd.sum([row(x + 0.01 * k, y) for k in range(REPEATS)])
    return lambda x, y: autograd.sum([row(x + 0.01 * k) for k in range(REPEATS)])


def black_scholes(spot: Any, strike: Any, years: Any, rate: Any, volatility: Any) -> Any:
    """Return the price of a European call option."""
    spread = volatility * autograd.sqrt(years)
    d1 = (autograd.log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / spread

    def normal(x: Any) -> Any:
        return 0.5 + 0.5 * autograd.erf(x * math.sqrt(0.5))

    return spot * normal(d1) - strike * autograd.exp(-rate * years) * normal(d1 - spread)


def market(rows: int) -> list[np.ndarray]:
    """Return the five arguments of ``black_scholes`` for each row."""
    rng = np.random.default_rng(0)
    bounds = [(80.0, 120.0), (80.0, 120.0), (0.1, 2.0), (0.0, 0.05), (0.1, 0.5)]
    return [rng.uniform(low, high, rows) for low, high in bounds]


def jax_gradient(columns: list[np.ndarray]) -> Callable[[], Any]:
    """Return the same gradient computed by JAX, in 64 bits."""
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def price(spot: Any, strike: Any, years: Any, rate: Any, volatility: Any) -> Any:
        spread = volatility * jnp.sqrt(years)
        d1 = (jnp.log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / spread

        def normal(x: Any) -> Any:
            return 0.5 + 0.5 * jax.scipy.special.erf(x * math.sqrt(0.5))

        return spot * normal(d1) - strike * jnp.exp(-rate * years) * normal(d1 - spread)

    gradient = jax.jit(jax.vmap(jax.value_and_grad(price, argnums=(0, 1, 2, 3, 4))))
    arrays = [jnp.asarray(column) for column in columns]
    return lambda: jax.block_until_ready(gradient(*arrays))


def path(steps: int) -> Callable[[Any, Any], Any]:
    """Return a function that simulates a path of the Heston model in this number of steps."""

    def payoff(shock: Any, start: Any) -> Any:
        price, variance = start, 0.04 + 0.0 * start
        for k in range(steps):
            noise = shock * (1.0 if k % 3 else -0.5)
            root = (variance * variance + 1e-6) ** 0.5
            price = price + price * (0.01 / steps + 0.1 * root * noise)
            variance = variance + 0.02 * (0.04 - variance) + 0.01 * root * noise
        return price

    return payoff


def with_lanes(count: int, function: Callable[[Any, Any], Any], *columns: np.ndarray) -> Callable[[], Any]:
    """Return a call of the gradient whose program has at least this number of lanes, if a large block has room for them."""
    before, layout.MIN_LANES = layout.MIN_LANES, count
    try:
        compiled = autograd.compile(function, threads=1)
        compiled.value_and_grad(*columns)
    finally:
        layout.MIN_LANES = before
    return lambda: compiled.value_and_grad(*columns)


def functions_table(report: Report, rounds: int, turn: float) -> None:
    """Add one line per function: nanoseconds per number with and without ``exact``."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.1, 3, ROWS), rng.uniform(-2, 2, ROWS)
    rows = []
    for name in FUNCTIONS:
        compiled = {exact: autograd.compile(repeated(name), exact=exact, threads=1) for exact in (True, False)}
        np.testing.assert_allclose(compiled[True](x, y), compiled[False](x, y), rtol=1e-13)
        calls: dict[str, Callable[[], Any]] = {}
        for exact, f in compiled.items():
            calls[f"value {exact}"] = lambda f=f: f(x, y)  # type: ignore[misc]
            calls[f"gradient {exact}"] = lambda f=f: f.value_and_grad(x, y)  # type: ignore[misc]
        seconds = side_by_side(calls, rounds, turn)
        cells = [name]
        for kind in ("value", "gradient"):
            medians = [statistics.median(seconds[f"{kind} {exact}"]) for exact in (True, False)]
            cells += [f"{median / ROWS / REPEATS * 1e9:.2f}" for median in medians] + [f"{medians[0] / medians[1]:.2f}x"]
        rows.append(cells)
    heading = ["ns per number", "value", "exact=False", "speed", "value and gradient", "exact=False", "speed"]
    report.table(heading, rows)


def network_steps(problem: Problem) -> dict[str, Step]:
    """Return the implementations of the moons step with ``tanh``."""
    return load_all({
        "default": lambda: compiled_step(problem, *mlp_model(problem, "tanh"), threads=1),
        "exact=False": lambda: compiled_step(problem, *mlp_model(problem, "tanh"), threads=1, exact=False),
        "JAX": lambda: jax_step(problem, "tanh"),
    })  # fmt: skip


def networks_table(report: Report, rounds: int, turn: float) -> None:
    """Add one line per width: the loss and all gradients of a network with ``tanh``."""
    widths, points = ([4], 5) if report.quick else ([64, 128, 256], 1024)
    names = ["default", "exact=False", "JAX"]
    rows, ratios = [], {}
    for width in widths:
        problem = Problem(points, (width, width))
        steps = network_steps(problem)
        assert_all_agree(steps, problem.numbers)
        seconds = side_by_side({name: step.run for name, step in steps.items()}, rounds, turn)
        ratios[width] = ratio(seconds, "JAX", "exact=False")
        times = [duration(statistics.median(seconds[name])) if name in seconds else "" for name in names]
        rows.append([f"{width}", *times, f"{digits(ratios[width])}x"])
    report.say(f"\nThe moons step with tanh and MLP(2, [width, width, 1]) on {points:,} points, on one thread.\n")
    report.table(["width", *names, "exact=False against JAX"], rows)
    for width, speed in ratios.items():
        report.target(f"tanh, width {width}, exact=False against JAX", speed, 0.8)


def main() -> int:
    """Print the tables and targets."""
    report = Report("vector_math", "Vector mathematics: exact=False")
    rounds, turn = (1, 0.0) if report.quick else (5, 0.05)
    functions_table(report, rounds, turn)

    count = 1_000 if report.quick else 100_000
    columns, positions = market(count), (0, 1, 2, 3, 4)
    calls: dict[str, Callable[[], Any]] = {}
    for name, exact in (("default", True), ("exact=False", False)):
        f = autograd.compile(black_scholes, exact=exact, threads=1)
        calls[name] = lambda f=f: f.value_and_grad(*columns, argnums=positions)  # type: ignore[misc]
    wanted = calls["default"]()
    np.testing.assert_allclose(np.array(calls["exact=False"]()[1]), np.array(wanted[1]), rtol=1e-9, atol=1e-9)
    try:
        calls["JAX"] = jax_gradient(columns)
        np.testing.assert_allclose(np.array(calls["JAX"]()[1]), np.array(wanted[1]), rtol=1e-9, atol=1e-9)
    except ImportError as error:
        print(f"without JAX: {error}")
    seconds = side_by_side(calls, rounds, turn)
    report.say(f"Black-Scholes: price and gradient of {count:,} rows.\n")
    report.times(seconds, "default")
    report.target("Black-Scholes gradient, exact=False against JAX", ratio(seconds, "JAX", "exact=False"), 1.4)
    report.target("Black-Scholes gradient, default against JAX", ratio(seconds, "JAX", "default"), 0.65)

    networks_table(report, rounds, turn)

    steps, paths = (20, 100) if report.quick else (400, 2_000)
    rng = np.random.default_rng(0)
    shocks, starts = rng.normal(size=paths), rng.uniform(0.9, 1.1, paths)
    calls = {f"at least {lanes} lanes": with_lanes(lanes, path(steps), shocks, starts) for lanes in (8, layout.MIN_LANES)}
    found = [call()[1] for call in calls.values()]
    np.testing.assert_array_equal(*found)
    report.say(f"\nA path of {steps} steps, value and gradient of {paths:,} rows.\n")
    report.times(side_by_side(calls, rounds, turn), "at least 8 lanes")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
