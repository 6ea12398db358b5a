"""The plot of a row of the table and of its derivative, and its kinks: both are computed by the row itself."""

from __future__ import annotations

import html
import itertools
import math

from row_formulas import operands

from autograd import ops

FIXED = {"heaviside": 0.5, "gate": 1.0, "polygamma": 1.0}  # the operand that does not move; otherwise 2
HALF_WIDTH = {"j0": 12.0, "j1": 12.0, "degrees": 0.1, "radians": 180.0, "relu6": 8.0, "sinc": 5.0}  # of a plot; otherwise 4
LARGEST = {"degrees": 6.0}  # larger numbers are not shown; otherwise 5
STEPS = {
    "floor": "at each whole number", "ceil": "at each whole number", "trunc": "at each whole number except 0",
    "round": "halfway between whole numbers",
}  # fmt: skip
REMAINDERS = ("mod", "fmod", "floor_div")
SMOOTH = ("pow", "atan2", *REMAINDERS)  # or with jumps that depend on both operands
PLACES = (-6.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0)  # where a row may have a kink
WIDTH, HEIGHT, LEFT, BELOW = 320.0, 190.0, 26.0, 18.0  # pixels


def moving(row: ops.Operation) -> int:
    """Return the index of the operand that moves in a plot."""
    return 1 if row.name == "polygamma" else 0


def at(row: ops.Operation, x: float) -> tuple[float, float]:
    """Return the value and the derivative of a row where one operand is ``x``."""
    place = [FIXED.get(row.name, 2.0)] * len(row.partials)
    index = moving(row)
    place[index] = x
    out = row(*place)
    return out, float(ops.evaluate(lambda out, *place: row.partial(index, out, *place), out, *place))


def kinks(row: ops.Operation) -> list[str]:
    """Return sentences about the points where the value or the slope of a row jumps."""
    if row.name in STEPS:
        return [f"The value jumps {STEPS[row.name]}; the derivative is 0 everywhere."]
    if row.name in REMAINDERS:
        return ["The value jumps where the quotient is a whole number. The derivative ignores these jumps."]
    if row.variadic or row.name in SMOOTH:
        return []
    found = []
    low, high = row.domain[moving(row)]
    tie = FIXED.get(row.name, 2.0) if len(row.partials) == 2 and row.name != "heaviside" else math.nan
    for x in dict.fromkeys((*PLACES, tie)):
        if not low < x < high:
            continue
        (left, before), (value, here), (right, after) = (at(row, x + step) for step in (-1e-9, 0.0, 1e-9))
        place = "where both operands are equal" if x == tie else f"at {x:g}"
        if abs(left - right) > 0.01:
            found.append(
                f"The value jumps {place}, from {left:g} to {right:g}; there it is {value:g} and the derivative {here:g}."
            )
        elif abs(before - after) > 1e-6 * max(1.0, abs(before)) and math.isfinite(before):
            found.append(
                f"Kink {place}: the slope is {before:g} before and {after:g} after it, and the derivative there is {here:g}."
            )
    return found


def plot(row: ops.Operation) -> str:
    """Return the graphs of a row and of its derivative, as SVG whose colors follow the theme of the page."""
    low, high = row.domain[moving(row)]
    half, largest = HALF_WIDTH.get(row.name, 4.0), LARGEST.get(row.name, 5.0)
    low, high = max(low, -half), min(high, half)
    xs = [low + (high - low) * (i + 0.5) / 400 for i in range(400)]
    points = [at(row, x) for x in xs]
    shown = [y for pair in points for y in pair if abs(y) <= largest] or [0.0]
    rest = 0.06 * (max(*shown, 0.1) - min(*shown, -0.1))
    bottom, top = min(*shown, -0.1) - rest, max(*shown, 0.1) + rest

    def right(x: float) -> float:
        return LEFT + (x - low) / (high - low) * (WIDTH - LEFT)

    def down(y: float) -> float:
        return (top - y) / (top - bottom) * (HEIGHT - BELOW)

    def path(series: list[float]) -> str:
        parts: list[str] = []
        pen = "M"
        for (x, y), (_, following) in itertools.pairwise(zip(xs, series, strict=True)):
            if bottom <= y <= top and abs(following - y) < 0.2 * (top - bottom):
                parts.append(f"{pen}{right(x):.1f},{down(y):.1f}")
                pen = "L"
            else:
                pen = "M"
        return "".join(parts)

    texts = [f'<text x="{right(x):.1f}" y="{HEIGHT - 4:g}" text-anchor="middle">{x:g}</text>' for x in ticks(low, high)]
    texts += [f'<text x="{LEFT - 5:g}" y="{down(y) + 4:.1f}" text-anchor="end">{y:g}</text>' for y in ticks(bottom, top)]
    axes = f'<path class="axis" d="M{LEFT:g},{down(0):.1f}H{WIDTH:g}"/>'
    if low < 0 < high:
        axes += f'<path class="axis" d="M{right(0):.1f},0V{HEIGHT - BELOW:g}"/>'
    letters = operands(row)
    name = letters[moving(row)]
    names = ("f(x)", "f'(x)") if len(letters) == 1 else ("f", f"∂f/∂{name}")
    fixed = "" if len(letters) == 1 else f" for {letters[1 - moving(row)]} = {FIXED.get(row.name, 2.0):g}"
    label = html.escape(f"Plot of {row.name} and its derivative, {name} from {low:g} to {high:g}{fixed}", quote=True)
    values, slopes = ([pair[i] for pair in points] for i in (0, 1))
    return (
        f'<figure class="plot"><svg viewBox="-8 -4 {WIDTH + 16:g} {HEIGHT + 6:g}" role="img" aria-label="{label}">'
        f'{axes}{"".join(texts)}<path class="value" d="{path(values)}"/><path class="derivative" d="{path(slopes)}"/></svg>'
        f'<figcaption><span class="value">{names[0]}</span><span class="derivative">{names[1]}</span>{fixed}</figcaption>'
        "</figure>"
    )


def ticks(low: float, high: float) -> list[float]:
    """Return two to five round numbers from ``low`` to ``high``, with 0 among them."""
    step = 10.0 ** math.floor(math.log10(high - low))
    step *= next(factor for factor in (0.1, 0.2, 0.5, 1.0, 2.0) if (high - low) / (factor * step) < 5)
    return [round(i * step, 12) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
