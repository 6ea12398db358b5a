"""Random pairs of a function and a point, on which gradient checkers are tested and compared.

Half of the pairs are from families on which checkers fail: cancellation, saturation, quantities below rounding, jumps. The
other half are functions of the library, and compositions of its operations, at ordinary points. A seed determines the pairs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from exact import EXACT
from hypothesis import HealthCheck, Phase, given, seed, settings

import nn
from autograd import strategies
from autograd.ops import TABLE, Operation
from autograd.strategies import Expression
from autograd.strategies.drawing import FIRST_OPERAND, OTHER_OPERAND, STEP_FUNCTIONS
from autograd.strategies.expression import assemble


class Pair(NamedTuple):
    """A function with its point (``f.inputs``), and the name of its family."""

    family: str
    f: Expression


Draw = Callable[[random.Random], Expression]


def _cross_entropy(logits: list[Any], target: int) -> Any:
    return nn.cross_entropy([logits], [target])


def _around(rng: random.Random, center: float, deviation: float, count: int) -> list[float]:
    return [rng.gauss(center, deviation) for _ in range(count)]


def _names(count: int) -> str:
    return ", ".join("abcde"[:count])


# ---- families on which checkers fail ------------------------------------------------------------------------------------


def logsumexp_near_zero(rng: random.Random) -> Expression:
    # 0 and -8 are exact in floats, and their neighbors are not.
    return Expression("lambda a, b, c: logsumexp([a, b, c])", *rng.choice([(0.0, -8.0, -8.0), tuple(_near_zero(rng))]))


def _near_zero(rng: random.Random) -> list[float]:
    return [rng.gauss(0, 0.1), rng.gauss(-8, 0.5), rng.gauss(-8, 0.5)]


def softmax_of_one_number(rng: random.Random) -> Expression:
    return Expression(f"lambda x: softmax([{', '.join(['x'] * rng.randint(2, 9))}])[0]", rng.gauss(0, 3))


def log_of_one_plus_exp(rng: random.Random) -> Expression:
    return Expression("lambda a: log(1 + exp(a))", rng.uniform(-40, 0))


def cross_entropy(rng: random.Random) -> Expression:
    count = rng.randint(2, 5)
    code = f"lambda {_names(count)}: cross_entropy([{_names(count)}], {rng.randrange(count)})"
    return Expression(code, *_around(rng, 0, 15, count), cross_entropy=_cross_entropy)


def naive_variance(rng: random.Random) -> Expression:
    code = "lambda a, b, c: (a * a + b * b + c * c) / 3 - ((a + b + c) / 3) ** 2"
    return Expression(code, *_around(rng, 100, 10 ** rng.uniform(-6, 1), 3))


def one_plus_small_exponential(rng: random.Random) -> Expression:
    return Expression("lambda x: 1 + exp(-36 + 3 * sin(x))", rng.uniform(-5, 5))


def one_plus_less_than_rounding(rng: random.Random) -> Expression:
    return Expression("lambda x: 1 + 1e-16 * sin(x)", rng.uniform(-5, 5))


def periodic(rng: random.Random) -> Expression:
    x = rng.choice([rng.uniform(-10, 10), float(rng.randint(-9, 9)), rng.gauss(0, 1) * 10 ** rng.randint(1, 6)])
    return Expression(rng.choice(["lambda x: sin(3.141592653589793 * x)", "lambda x: x % 1"]), x)


FAMILIES: tuple[Draw, ...] = (
    logsumexp_near_zero, softmax_of_one_number, log_of_one_plus_exp, cross_entropy, naive_variance, one_plus_small_exponential,
    one_plus_less_than_rounding, periodic,
)  # fmt: skip


def default_expressions(seed_number: int, count: int) -> list[Expression]:
    """Return the expressions that ``strategies.expressions()`` draws in a test with this seed.

    Hypothesis also draws constants that it finds in the modules of the process, so another process may draw other expressions.
    """
    drawn: list[Expression] = []
    checks = list(HealthCheck)

    @seed(seed_number)
    @settings(max_examples=count, database=None, phases=[Phase.generate], deadline=None, suppress_health_check=checks)
    @given(strategies.expressions())
    def collect(f: Expression) -> None:
        drawn.append(f)

    collect()
    return drawn


# ---- ordinary functions and points --------------------------------------------------------------------------------------

KNOWN = [row for row in TABLE if row.name in EXACT]  # with an independent reference
ROWS = [row for row in KNOWN if not row.variadic]
SMOOTH = [row for row in KNOWN if row.name not in STEP_FUNCTIONS]
OF_A_LIST = ["logsumexp({})", "softmax({})[0]", "log_softmax({})[1]", "norm({})", "mean({})", "var({})", "prod({})"]
OF_A_NUMBER = ["square({})", "reciprocal({})", "clip({}, -1, 2)", "leaky_relu({})", "elu({})", "silu({})", "gelu({})"]


def _point(rng: random.Random, low: float = -math.inf, high: float = math.inf) -> float:
    """Return an ordinary number between the bounds."""
    if math.isfinite(low) and math.isfinite(high):
        return rng.uniform(low, high)
    if math.isfinite(low):
        return low + math.exp(rng.gauss(0, 2))
    return rng.choice([rng.gauss(0, 2), rng.uniform(-20, 20), rng.gauss(0, 1e-3), float(rng.randint(-5, 5))])


def operation(rng: random.Random, row: Operation | None = None) -> Expression:
    row = row or rng.choice(ROWS)
    names = _names(len(row.partials))
    return Expression(f"lambda {names}: {row.name}({names})", *(_point(rng, *bounds) for bounds in row.domain))


def function(rng: random.Random) -> Expression:
    if rng.random() < 0.5:
        return Expression(f"lambda x: {rng.choice(OF_A_NUMBER).format('x')}", _point(rng))
    count = rng.randint(2, 5)
    code = rng.choice(OF_A_LIST).format(f"[{_names(count)}]")
    return Expression(f"lambda {_names(count)}: {code}", *(_point(rng) for _ in range(count)))


def composition(rng: random.Random) -> Expression:
    """Return a composition of random operations of the table, which share results."""

    def constant() -> float:
        return round(rng.uniform(-3, 3), 3)

    def operand() -> int | float:
        return rng.choice(OTHER_OPERAND) if rng.random() < 0.7 else constant()

    def operands(row: Operation) -> list[int | float]:
        count = rng.choice([3, 5]) if row.variadic else len(row.partials)
        return [rng.choice(FIRST_OPERAND), *(operand() for _ in range(count - 1))]

    rows = [rng.choice(SMOOTH) for _ in range(rng.randint(2, 12))]
    return assemble([constant() for _ in range(rng.randint(1, 3))], [(row, operands(row)) for row in rows])


ORDINARY: tuple[Draw, ...] = (operation, function, composition)


def draw_pairs(seed_number: int, count: int) -> list[Pair]:
    """Return ``count`` pairs: each second one is from the families on which checkers fail."""
    rng = random.Random(seed_number)
    expressions = iter(default_expressions(seed_number, count // 2 // (len(FAMILIES) + 1) + 1))
    pairs = []
    for k in range(count):
        turn, is_ordinary = divmod(k, 2)
        if is_ordinary:
            draw = ORDINARY[turn % len(ORDINARY)]
        elif turn % (len(FAMILIES) + 1) < len(FAMILIES):
            draw = FAMILIES[turn % (len(FAMILIES) + 1)]
        elif (drawn := next(expressions, None)) is not None:
            pairs.append(Pair("default_expressions", drawn))
            continue
        else:  # Hypothesis stops early if it finds nothing new
            draw = composition
        pairs.append(Pair(draw.__name__, draw(rng)))
    return pairs
