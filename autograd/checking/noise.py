"""The noise of a function of one float: the irregular part of its values, such as rounding errors.

``noise_level`` measures it with the difference table of J. J. Moré and S. M. Wild, "Estimating Computational Noise", SIAM
Journal on Scientific Computing 33(3), 2011. Functions that round to few digits are constant over short distances and have
stairs over longer ones. ``flat_part`` and ``stairs`` find them, and ``largest_rounding`` tells whether they
look like rounding or like the function itself, such as ``floor``.
"""

from __future__ import annotations

import itertools
import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POINTS = 7  # points of a difference table
SPACINGS = (1.37, 3.19, 7.43, 17.3)  # spacings of difference tables: no powers of two, which resonate with rounding inside f
MORE_SPACINGS = (4.61, 10.9, 23.9, 29.3)  # where f has stairs, in case some of these are multiples of the spacings
ROUNDED = 2.0**-22  # stairs of this relative height may be rounding of 32-bit numbers inside f
HALVINGS = 12  # steps of a bisection: a smooth function changes by 2**-12 of the change over the whole interval


class Samples:
    """Values of a function, each computed once.

    Args:
        g: The function, from float to float. Where it raises ArithmeticError or ValueError, its value is nan.
        x: The point near which it is computed.
    """

    def __init__(self, g: Callable[[float], float], x: float) -> None:
        self.g: Callable[[float], float] = g
        self.x: float = x
        self.known: dict[float, float] = {}
        self.unit: float = math.ulp(1.0)  # see rounding_unit

    def at(self, point: float) -> float:
        """Return the value at ``point``."""
        if point not in self.known:
            try:
                self.known[point] = float(self.g(point))
            except (ArithmeticError, ValueError):
                self.known[point] = math.nan
        return self.known[point]

    @property
    def reach(self) -> float:
        """The distance from x within which f is expected to have the same order of magnitude."""
        return max(abs(self.x), 1.0)


def distances(x: float) -> Iterator[float]:
    """Yield distances from x, from short to long: relative to x, then, where x is small, up to 1, and finally beyond.

    Each is four times the previous one. At 0, and between a tiny x and 1, the scale of f is unknown, and they are sparse.
    """
    size = math.frexp(x)[1] if x else -1080
    ranges = [range(max(size - 44, -1070), min(size, 1023), 2)] if x else []
    ranges += [range(size + 60, -60, 60), range(max(size, -60), 0, 2)]
    ranges += [range(max(size, 0), min(max(size, 0) + 60, 1023), 6)]
    return (math.ldexp(SPACINGS[0], exponent) for exponents in ranges for exponent in exponents)


# ---- difference tables -------------------------------------------------------------------------------------------------


def noise_level(g: Callable[[float], float], x: float) -> float:
    """Return the standard deviation of the irregular part of ``g`` near ``x``, such as its rounding errors.

    >>> noise_level(lambda x: x + 1e6, 1.0) < 2e-10
    True
    >>> 1e-6 < noise_level(lambda x: round(math.exp(x), 5), 1.0) < 1e-5
    True
    """
    samples = Samples(g, x)
    if not math.isfinite(samples.at(x)):
        return 0.0
    size = math.frexp(x)[1] if x else 0
    *near, far = [_noise_on_sides(samples, math.ldexp(SPACINGS[0], size - bits), 2) or 0.0 for bits in (48, 42, 36, 30, 24)]
    here = abs(samples.at(x))
    # Few values may differ however large the noise is. Over longer distances, an oscillation may look like noise.
    return max(measured_noise(samples), *near, min(far, 1e-3 * here), here * rounding_unit(samples) / 2)


def measured_noise(samples: Samples) -> float:
    """Return the noise at the shortest spacing at which at least five of seven values differ, or 0."""
    for k, distance in enumerate(distances(samples.x)):
        if POINTS * distance > samples.reach:
            break
        if k % 2 == 0 and _noise_on_sides(samples, distance) is not None:
            spacings = SPACINGS if k == 0 else (*SPACINGS, *MORE_SPACINGS)
            return max(_noise_on_sides(samples, distance / SPACINGS[0] * spacing) or 0.0 for spacing in spacings)
    return 0.0


def _noise_on_sides(samples: Samples, spacing: float, count: int = POINTS - 2) -> float | None:
    """Return the noise with this spacing, or None if there are fewer than ``count`` different values on both sides.

    The points lie on either side of x, and the smaller result counts. A kink or a jump at x is therefore not noise.
    """
    found = []
    for side in (-1, 1):
        values = [samples.at(samples.x + side * k * spacing) for k in range(1, POINTS + 1)]
        if all(map(math.isfinite, values)) and len(set(values)) >= count:
            found.append(_noise_of_table(values))
    return min(found, default=None)


def _noise_of_table(values: list[float]) -> float:
    """Return the noise in values at equidistant points (Moré and Wild 2011, section 3).

    The k-th differences of a smooth function vanish as k grows; the differences of noise grow. Scaled by the factor gamma,
    noise gives the same level at each k.
    """
    table, levels, has_both_signs = values, [], []
    for k in range(1, POINTS - 1):
        table = [b - a for a, b in itertools.pairwise(table)]
        gamma = math.factorial(k) ** 2 / math.factorial(2 * k)
        size = max(map(abs, table))
        levels.append(size and size * math.sqrt(gamma * sum((d / size) ** 2 for d in table) / len(table)))
        has_both_signs.append(min(table) < 0 < max(table))
    for k in range(len(levels) - 2):
        three = levels[k : k + 3]
        if max(three) <= 4 * min(three) and has_both_signs[k]:
            return levels[k]
    return min(levels)  # not measured with this spacing, but it is at most this


# ---- stairs ----------------------------------------------------------------------------------------------------------


def rounding_unit(samples: Samples) -> float:
    """Return the rounding unit of the values of f: ``2**-23`` if they are 32-bit numbers, else ``2**-52``."""
    # Near a zero of f, even values of 64 bits have few bits, because the first ones cancel. Far from it, they have all.
    far = [samples.x + part * size for size in (samples.x, samples.reach) for part in (-0.47, -0.11, 0.11, 0.47)]
    values = [*map(samples.at, far), *samples.known.values()]
    bits = [_bits(value) for value in values if math.isfinite(value) and value % 1]
    return 2.0**-23 if max(bits, default=0) <= 24 and sum(count > 12 for count in bits) >= 4 else 2.0**-52


def _bits(number: float) -> int:
    """Return the number of significant bits of a number."""
    numerator, _ = abs(number).as_integer_ratio()
    return numerator.bit_length() - (numerator & -numerator).bit_length() + 1 if numerator else 0


def largest_rounding(samples: Samples) -> float:
    """Return the largest stairs in the values of f that may be rounding inside f.

    These are errors of 32-bit numbers as large as f nearby, or of 64-bit numbers as large as x or 1.
    """
    largest, smallest = largest_nearby(samples), 16 * samples.unit
    return max(max(ROUNDED, 64 * smallest) * largest, min(smallest * samples.reach, largest / 32))


def largest_nearby(samples: Samples) -> float:
    """Return the largest size of f at the distances at which it is expected to have the same order of magnitude."""
    near = [samples.x + side * part * samples.reach for side in (-1, 1) for part in (0.0, 0.11, 0.23, 0.47, 0.97)]
    return max(abs(value) for value in map(samples.at, near) if math.isfinite(value))


def flat_part(samples: Samples) -> tuple[float, float]:
    """Return the distance within which f is constant on either side of x, and the height of the stairs at its ends.

    The height is 0 if f changes continuously beyond. A jump at x itself does not count.
    """
    reaches, stairs = [], []
    for side in (-1, 1):
        points = [point for distance in distances(samples.x) if (point := samples.x + side * distance) != samples.x]
        level = samples.at(points[0])
        end = next((k for k, point in enumerate(points) if samples.at(point) != level), len(points))
        reaches.append(abs(points[end - 1] - samples.x) if end > 1 else 0.0)
        if 1 < end < len(points):
            stairs.append(_stair(samples, points[end - 1], points[end]))
    return min(reaches), min((stair for stair in stairs if math.isfinite(stair)), default=0.0)


def _stair(samples: Samples, near: float, far: float) -> float:
    """Return the height of the jump at the end of the flat part, which lies between the two points, or 0."""
    level = samples.at(near)
    slope = abs(samples.at(far) - level) / abs(far - samples.x)
    while abs(far - near) > abs(far - samples.x) * 2.0**-HALVINGS:
        middle = near / 2 + far / 2
        if middle in (near, far):
            break  # neighbouring floats
        near, far = (middle, far) if samples.at(middle) == level else (near, middle)
    height = abs(samples.at(far) - level)
    return height if height > slope * abs(far - samples.x) / 16 else 0.0


def stairs(samples: Samples, h: float, noise: float, side: int, slope: float = 0.0) -> float:
    """Return the height of a stair in f on one side, between the distances h/4 and h, if it exceeds the noise; else 0.

    A change over a short distance that the slope explains is not a stair. Where f is not finite, the height is infinite.

    The stairs from rounding inside f may be longer than the steps at which f first changes, as in ``x + log(1 + x)`` for a
    tiny x. Over shorter steps f looks smooth, with another slope. An oscillation is not a stair: bisection finds no jump.
    """
    points = [samples.x + side * h * (1 + k / POINTS) / 4 for k in range(3 * POINTS + 1)]
    if not any(math.isfinite(samples.at(point)) for point in points):
        return math.inf
    pairs = [(a, b) for a, b in itertools.pairwise(points) if a != b]
    slopes = sorted((samples.at(b) - samples.at(a)) / (b - a) for a, b in pairs)
    typical = slopes[len(slopes) // 2] if slopes else math.nan

    def jump(ends: tuple[float, float]) -> float:
        return abs(samples.at(ends[1]) - samples.at(ends[0]) - typical * (ends[1] - ends[0]))

    ends = max(pairs, key=jump, default=(samples.x, samples.x))
    before = jump(ends)
    if not before > noise:
        return 0.0
    halvings = 0
    while halvings < HALVINGS or jump(ends) < 16 * abs(slope * (ends[1] - ends[0])):
        middle = ends[0] / 2 + ends[1] / 2
        halves = (ends[0], middle), (middle, ends[1])
        if ends in halves:
            return jump(ends) if halvings < HALVINGS else 0.0
        ends = max(halves, key=jump)
        if not jump(ends) > before / 4:
            return 0.0
        halvings += 1
    return jump(ends)
