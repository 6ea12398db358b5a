"""Traps of the backward pass: shared nodes, the order, several passes, large graphs, second order."""

from __future__ import annotations

import contextlib
import gc
import math
import re
import sys
import time

from autograd.engines.engine import Engine, Fault, NotOffered, as_number
from autograd.engines.limits import TimeLimitError
from autograd.engines.trap import trap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DEPTH = 10_000  # nodes in a chain
SHARED = 60  # doublings; 2**60 paths
EXAMPLES = 200  # random graphs
SEARCH, SHRINKING = 0.9, 0.5  # the search of random graphs ends after these parts of the time limit: without and with a fault
SMALL, LARGE = 128, 2_048  # leaves of the graphs that are timed
MAX_RATIO = 4.0  # of the times per node; a list searched for visited nodes has 10 or more, n log n has 1.5

WRONG_VALUE = "the value is wrong before backward is called; see the trap `operators`"
ASSIGNS = "assigns the gradient instead of adding to it; each use of a node adds its contribution (`+=`)"
OVERWRITES = "backward resets or assigns the gradients of leaves; they must add up, for example over the rows of a batch"
ONE_PASS = "already one pass is wrong; see the traps above"
TWO_PASSES = "the two passes must add up in the leaves, and each pass must start with 0 in all other nodes"
KEEPS = "nodes between the leaves and the root keep the gradient of the previous pass; backward must reset them first"
QUADRATIC = "a list is searched for visited nodes, or copied at each node; use a set, and append to one list"
ORDER = "a node passes its gradient on before all nodes that use it have contributed; sort the nodes topologically"


@trap("node used twice", ASSIGNS, value_cause=WRONG_VALUE)
def node_used_twice(engine: Engine) -> None:
    """Both operands of one operation are the same node."""
    for code in ("x * x", "x + x", "x - x", "x / x"):
        engine.check(f"lambda x: {code}", 3.0)


@trap("diamond", ORDER, value_cause=WRONG_VALUE)
def diamond(engine: Engine) -> None:
    """Two paths lead from a node to the root. The paths may have different lengths."""
    for code in ("(h := x * y) * x + h * y", "(h := x * y) + h * x * y", "(h := x * y) * x * y + h"):
        engine.check(f"lambda x, y: {code}", 3.0, 2.0)
    engine.check("lambda x, y: (h := x * y) * (k := h + x) + k * h", 3.0, 2.0)


@trap("random graphs", ORDER, value_cause=WRONG_VALUE)
def random_graphs(engine: Engine) -> None:
    """Sums and products that share results in random ways. Hypothesis finds the smallest graph with a wrong gradient."""
    try:
        from hypothesis import HealthCheck, find, settings
        from hypothesis import strategies as st
        from hypothesis.errors import HypothesisException

        from autograd.strategies import expressions
    except ImportError:
        raise NotOffered("needs Hypothesis: pip install 'scalar-autograd[strategies]'") from None
    symbols = [symbol for symbol in "+*" if not engine.missing(f"lambda x, y: x {symbol} y")]
    if not symbols:
        raise NotOffered("needs + or *")
    graphs = expressions(symbols, max_inputs=2, max_operations=12, number=st.integers(1, 3))
    has_constants = engine.passes(f"lambda x: x {symbols[0]} 2", 3.0)
    faults: list[Fault] = []
    n_compared, start = 0, time.monotonic()

    def is_wrong(f: Any) -> bool:
        nonlocal n_compared
        if time.monotonic() - start > (SHRINKING if faults else SEARCH) * engine.time_limit:
            raise TimeLimitError  # Hypothesis passes it on, because it is not an Exception
        code = f.code if has_constants else re.sub(r"\d+[.]\d+", f.code.split(":")[0].split()[-1], f.code)
        n_compared += 1
        try:
            engine.check(code, *f.inputs)
        except Fault as fault:
            faults.append(fault)
            return True
        return False

    repeatable = settings(
        max_examples=EXAMPLES, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    with contextlib.suppress(HypothesisException, TimeLimitError):  # there is no fault, or the engine is not deterministic
        find(graphs, is_wrong, settings=repeatable)
    if faults:
        smallest = min(faults, key=lambda fault: len(fault.expression))
        if len(re.findall("[+*]", smallest.expression)) == 1:  # the order of one operation cannot be wrong
            smallest.cause = ASSIGNS
        raise smallest
    if n_compared < EXAMPLES:
        seconds = time.monotonic() - start
        raise NotOffered(f"only {n_compared} of {EXAMPLES} graphs were compared in {seconds:.0f} s; pass a larger time_limit")


@trap(
    "shared nodes",
    ASSIGNS,
    {TimeoutError: "backward follows each path instead of visiting each node once; remember the visited nodes in a set"},
)
def shared_nodes(engine: Engine) -> None:
    """A chain of doublings has few nodes, and 2**60 paths."""
    shown = f"y = x; {SHARED} times: y = y + y; y.backward()"
    _check_chain(engine, shown, lambda y, x: y + y, SHARED, 2.0**SHARED)


@trap("second backward", TWO_PASSES, value_cause=WRONG_VALUE)
def second_backward(engine: Engine) -> None:
    """Leaves accumulate the gradients of passes: 12 + 12 = 24. It is 32 if interior nodes keep their gradients."""
    engine.check("lambda x: x * x * x", 2.0, cause=ONE_PASS)
    shown = "y = x * x * x; y.backward(); y.backward()"
    engine.check("lambda x: (y := x * x * x, y)", 2.0, shown=shown, causes={32.0: KEEPS, 12.0: OVERWRITES})


@trap("two roots", TWO_PASSES, value_cause=WRONG_VALUE)
def two_roots(engine: Engine) -> None:
    """Two results share a node, and backward is called on both: 12 + 32 = 44 in the leaf, not 52."""
    engine.check("lambda x: (h := x * x) * x", 2.0, cause=ONE_PASS)
    shown = "h = x * x; (h * x).backward(); (h * h).backward()"
    engine.check("lambda x: ((h := x * x) * x, h * h)", 2.0, shown=shown, causes={52.0: KEEPS, 32.0: OVERWRITES})


@trap(
    "deep graph",
    ASSIGNS,
    {RecursionError: "the nodes are sorted by a recursive function; use a loop with your own stack"},
    may_crash=True,
)
def deep_graph(engine: Engine) -> None:
    """A chain of 10,000 operations, such as a sum in a loop, is computed, differentiated and freed."""
    shown = f"y = x; {DEPTH:,} times: y = y + x; y.backward()"
    _check_chain(engine, shown, lambda y, x: y + x, DEPTH, DEPTH + 1.0)


def _check_chain(engine: Engine, shown: str, step: Callable[[Any, Any], Any], length: int, expected: float) -> None:
    """Check the gradient of ``step`` applied ``length`` times."""
    if missing := engine.missing("lambda x, y: x + y"):
        raise NotOffered(", ".join(missing))
    wanted = f"x.grad = {expected:.10g}"
    with engine.watch(shown, wanted):
        y = x = engine.create(1.0)
        for _ in range(length):
            y = step(y, x)
        y.backward()
        if not engine.is_close(x.grad, expected):
            raise Fault(shown, wanted, f"x.grad = {as_number(x.grad)}")
        del y  # an engine in C may crash here
        gc.collect()


@trap("cost per node", QUADRATIC, {TimeoutError: QUADRATIC})
def cost_per_node(engine: Engine) -> None:
    """The time of backward grows as the number of nodes, not as its square."""
    if missing := engine.missing("lambda x, y: x + y"):
        raise NotOffered(", ".join(missing))
    shown = f"the time per node of backward for sums of {SMALL:,} and of {LARGE:,} leaves"
    with engine.watch(shown, "equal times"):
        ratio = _seconds_per_node(engine, LARGE, 2) / _seconds_per_node(engine, SMALL, 5)
        if ratio > MAX_RATIO:  # was it a disturbance?
            ratio = min(ratio, _seconds_per_node(engine, LARGE, 2) / _seconds_per_node(engine, SMALL, 5))
    if ratio > MAX_RATIO:
        raise Fault(shown, f"a ratio near 1, at most {MAX_RATIO:g}", f"a ratio of {ratio:.0f}")


def _seconds_per_node(engine: Engine, n: int, repeats: int) -> float:
    """Return the time that backward takes per leaf of a balanced sum, in seconds: the shortest of several."""
    clock = time.perf_counter if sys.platform == "win32" else time.thread_time  # Windows counts this in steps of 15 ms
    best = math.inf
    for _ in range(repeats):
        level = [engine.create(1.0) for _ in range(n)]
        while len(level) > 1:
            level = [a + b for a, b in zip(level[::2], level[1::2], strict=True)]
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            start = clock()
            level[0].backward()
            best = min(best, clock() - start)
        finally:
            if was_enabled:
                gc.enable()
    return max(best, 1e-7) / n


@trap("second order", "backward must compute the gradient with operations on nodes, so that it can be differentiated again")
def second_order(engine: Engine) -> None:
    """Where gradients are nodes, or the module has a function ``grad``, the second derivative is right."""
    shown, wanted = "the second derivative of x * x * x at x = 2", "12"
    if engine.missing("lambda x: x * x"):
        raise NotOffered("__mul__")
    grad = engine.find_function("grad")
    with engine.watch(shown, wanted):
        x = engine.create(2.0)
        if grad is not None:
            second = grad(grad(lambda x: x * x * x))(x)
        else:
            y = x * x * x
            try:
                y.backward(create_graph=True)  # as in PyTorch
            except TypeError:
                y.backward()
            slope = x.grad
            if not hasattr(slope, "backward"):
                raise NotOffered("gradients are numbers, and the module has no function grad")
            x.grad = engine.create(0.0)
            try:
                slope.backward()
            except RuntimeError as problem:
                raise NotOffered(f"a gradient cannot be differentiated: {problem!s:.60}") from None
            second = x.grad
        if not engine.is_close(second, 12.0):
            raise Fault(shown, wanted, str(as_number(second)))
