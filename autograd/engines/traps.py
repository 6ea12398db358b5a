"""The traps: one small function per mistake that engines make. ``TRAPS`` lists them in the order of the report.

A trap checks expressions from small to large, so the first fault is the smallest one. The docstring of a trap states the fact
that it tests. ``cause`` is the usual cause of a wrong result, and ``errors`` the usual cause of an error, by its type.
"""

from __future__ import annotations

import contextlib
import gc
import math
import re
import sys
import time

from autograd.engines.engine import Engine, Fault, NotOffered, as_number
from autograd.engines.limits import TimeLimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DEPTH = 10_000  # nodes in a chain
SHARED = 60  # doublings; 2**60 paths
SEARCH = 0.5  # part of the time limit for the search of random graphs
SMALL, LARGE = 128, 2_048  # leaves of the graphs that are timed
MAX_RATIO = 4.0  # of the times per node; a list searched for visited nodes has 10 or more, n log n has 1.5
EXAMPLES = 200  # random graphs

ASSIGNS = "assigns the gradient instead of adding to it; each use of a node adds its contribution (`+=`)"
OVERWRITES = "backward resets or assigns the gradients of leaves; they must add up, for example over the rows of a batch"
ONE_PASS = "already one pass is wrong; see the traps above"
TWO_PASSES = "the two passes must add up in the leaves, and each pass must start with 0 in all other nodes"
KEEPS = "nodes between the leaves and the root keep the gradient of the previous pass; backward must reset them first"
NOT_A_NUMBER = "a NumPy scalar is not recognized as a number; test for `numbers.Real`, not for int and float"
QUADRATIC = "a list is searched for visited nodes, or copied at each node; use a set, and append to one list"
ORDER = "a node passes its gradient on before all nodes that use it have contributed; sort the nodes topologically"


class Trap:
    """A trap: its name, its function, and causes of failures.

    Attributes:
        name: The name in reports.
        run: The function. It raises ``Fault`` or ``NotOffered``.
        cause: The usual cause of a wrong result.
        errors: The usual causes of errors, by type.
        may_crash: Whether a fault can crash the interpreter, so that the trap needs its own process.
    """

    def __init__(
        self, run: Callable[[Engine], None], name: str, cause: str, errors: dict[type[BaseException], str], may_crash: bool
    ) -> None:
        self.run: Callable[[Engine], None] = run
        self.name: str = name
        self.cause: str = cause
        self.errors: dict[type[BaseException], str] = errors
        self.may_crash: bool = may_crash

    def cause_of(self, fault: Fault) -> str:
        """Return the usual cause of a fault, or "" if the error of the engine is not a usual one."""
        if fault.error is None:
            return fault.cause or self.cause
        return next((text for kind, text in self.errors.items() if isinstance(fault.error, kind)), "")


TRAPS: list[Trap] = []


def trap(
    name: str, cause: str, errors: dict[type[BaseException], str] | None = None, may_crash: bool = False
) -> Callable[[Callable[[Engine], None]], Callable[[Engine], None]]:
    """Return a decorator that adds a trap to ``TRAPS``; see ``Trap``."""

    def add(run: Callable[[Engine], None]) -> Callable[[Engine], None]:
        TRAPS.append(Trap(run, name, cause, errors or {}, may_crash))
        return run

    return add


# ---- operators and functions -------------------------------------------------------------------------------------------


@trap(
    "operators",
    "the value or a local derivative of this operator is wrong",
    {AttributeError: "a number is taken for a node; turn operands that are numbers into nodes first"},
)
def operators(engine: Engine) -> None:
    """Operators on two nodes, and on a node and a number, have the right value and gradient."""
    for code in ("x + y", "x * y", "x - y", "x / y"):
        engine.check(f"lambda x, y: {code}", 3.0, 2.0)
    for code in ("-x", "x + 2", "x * 2", "x - 2", "x / 2"):
        engine.check(f"lambda x: {code}", 3.0)


@trap(
    "reflected operators",
    "a reflected operator (`__rsub__`, `__rtruediv__`) computes `x - 2` or `x / 2` instead of `2 - x` or `2 / x`",
    {TypeError: "the reflected operator is missing; Python calls `__radd__`, `__rmul__`, `__rsub__`, `__rtruediv__`"},
)
def reflected_operators(engine: Engine) -> None:
    """Operators with a number on the left are those with the number on the right, where the engine offers these."""
    for symbol in "+*-/":
        if engine.passes(f"lambda x: x {symbol} 2", 3.0):
            engine.check(f"lambda x: 2 {symbol} x", 3.0)
        else:
            engine.skipped.append(f"x {symbol} 2")


@trap("sum", "`sum` computes `0 + x` first", {TypeError: "`sum` starts with `0 + x`, which needs `__radd__`"})
def built_in_sum(engine: Engine) -> None:
    """The built-in sum accepts nodes."""
    engine.check("lambda x, y: sum([x, y])", 3.0, 2.0)


@trap(
    "powers",
    "the local derivative of the power is wrong, for this exponent or this sign",
    {ValueError: "the power is computed from a logarithm, which fails for negative numbers"},
)
def powers(engine: Engine) -> None:
    """Powers with a constant exponent, also of negative numbers."""
    for exponent, x in ((2, 3.0), (-1, 2.0), (0.5, 4.0), (3, -2.0)):
        engine.check(f"lambda x: x ** {exponent}", x)


def _offers_exponents(engine: Engine) -> None:
    """Raise NotOffered if the exponent of a power must be a number."""
    x, y = engine.create(2.0), engine.create(3.0)
    try:
        x**y
    except Exception as problem:  # noqa: BLE001 - engines refuse by TypeError, AssertionError or NotImplementedError
        raise NotOffered(f"an exponent that is a node raises {type(problem).__name__}") from None


@trap("x ** y", "the gradient with respect to the exponent is missing or wrong; it contains the logarithm of the base")
def power_of_nodes(engine: Engine) -> None:
    """Powers whose exponent is a node."""
    _offers_exponents(engine)
    engine.check("lambda x, y: x ** y", 2.0, 3.0)


@trap(
    "2 ** x",
    "`__rpow__` computes x**2 instead of 2**x, or the logarithm of the base is missing in the gradient",
    {TypeError: "the reflected operator is missing; Python calls `__rpow__`"},
)
def power_of_a_number(engine: Engine) -> None:
    """Powers of a number, where the engine accepts exponents that are nodes."""
    if not hasattr(type(engine.create(1.0)), "__rpow__"):
        _offers_exponents(engine)
    engine.check("lambda x: 2 ** x", 3.0)


@trap("functions", "the local derivative of this function is wrong")
def functions(engine: Engine) -> None:
    """The usual functions, as methods or as functions of the module, at ordinary points."""
    for name in ("exp", "tanh", "relu", "sigmoid", "log", "sqrt", "sin", "cos"):
        for x in (2.0, 0.5) if name in ("log", "sqrt") else (2.0, -0.5):
            engine.check(f"lambda x: {name}(x)", x)


# ---- the backward pass -------------------------------------------------------------------------------------------------


@trap("node used twice", ASSIGNS)
def node_used_twice(engine: Engine) -> None:
    """Both operands of one operation are the same node."""
    for code in ("x * x", "x + x", "x - x", "x / x"):
        engine.check(f"lambda x: {code}", 3.0)


@trap("diamond", ORDER)
def diamond(engine: Engine) -> None:
    """Two paths lead from a node to the root. The paths may have different lengths."""
    for code in ("(h := x * y) * x + h * y", "(h := x * y) + h * x * y", "(h := x * y) * x * y + h"):
        engine.check(f"lambda x, y: {code}", 3.0, 2.0)
    engine.check("lambda x, y: (h := x * y) * (k := h + x) + k * h", 3.0, 2.0)


@trap("random graphs", ORDER)
def random_graphs(engine: Engine) -> None:
    """Sums and products that share results in random ways. Hypothesis finds the smallest graph with a wrong gradient."""
    try:
        from hypothesis import find, settings
        from hypothesis import strategies as st
        from hypothesis.errors import HypothesisException

        from autograd.strategies import expressions
    except ImportError:
        raise NotOffered("needs Hypothesis: pip install 'scalar-autograd[strategies]'") from None
    symbols = [symbol for symbol in "+*" if not engine.missing(f"lambda x, y: x {symbol} y")]
    if not symbols:
        raise NotOffered("needs + or *")
    graphs = expressions(symbols, max_inputs=2, max_operations=12, number=st.integers(1, 3))
    if not engine.passes(f"lambda x: x {symbols[0]} 2", 3.0):
        graphs = graphs.filter(lambda f: not re.search(r"\d[.]\d", f.code))  # without constants

    faults: list[Fault] = []
    end = time.monotonic() + SEARCH * engine.time_limit

    def is_wrong(f: Any) -> bool:
        if time.monotonic() > end:
            raise TimeLimitError  # Hypothesis passes it on, because it is not an Exception
        try:
            engine.check(f.code, *f.inputs)
        except Fault as fault:
            faults.append(fault)
            return True
        return False

    repeatable = settings(max_examples=EXAMPLES, database=None, derandomize=True, deadline=None)
    with contextlib.suppress(HypothesisException, TimeLimitError):  # there is no fault, or the engine is not deterministic
        find(graphs, is_wrong, settings=repeatable)
    if faults:
        smallest = min(faults, key=lambda fault: len(fault.expression))
        if len(re.findall("[+*]", smallest.expression)) == 1:  # the order of one operation cannot be wrong
            smallest.cause = ASSIGNS
        raise smallest


@trap(
    "shared nodes",
    ASSIGNS,
    {TimeoutError: "backward follows each path instead of visiting each node once; remember the visited nodes in a set"},
)
def shared_nodes(engine: Engine) -> None:
    """A chain of doublings has few nodes, and 2**60 paths."""
    shown = f"y = x; {SHARED} times: y = y + y; y.backward()"
    _check_chain(engine, shown, lambda y, x: y + y, SHARED, 2.0**SHARED)


@trap("second backward", TWO_PASSES)
def second_backward(engine: Engine) -> None:
    """Leaves accumulate the gradients of passes: 12 + 12 = 24. It is 32 if interior nodes keep the gradients of the first pass."""
    engine.check("lambda x: x * x * x", 2.0, cause=ONE_PASS)
    shown = "y = x * x * x; y.backward(); y.backward()"
    engine.check("lambda x: (y := x * x * x, y)", 2.0, shown=shown, causes={32.0: KEEPS, 12.0: OVERWRITES})


@trap("two roots", TWO_PASSES)
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
            y.backward()
            slope = x.grad
            if not hasattr(slope, "backward"):
                raise NotOffered("gradients are numbers, and the module has no function grad")
            x.grad = engine.create(0.0)
            try:
                slope.backward()
            except RuntimeError as problem:  # PyTorch: the gradient is a tensor that does not require a gradient
                raise NotOffered(str(problem)[:60]) from None
            second = x.grad
        if not engine.is_close(second, 12.0):
            raise Fault(shown, wanted, str(as_number(second)))


# ---- numbers -----------------------------------------------------------------------------------------------------------


@trap(
    "NumPy scalars",
    NOT_A_NUMBER,
    {
        TypeError: NOT_A_NUMBER,
        AssertionError: NOT_A_NUMBER,
        AttributeError: "a NumPy scalar is taken for a node; test for the class of nodes, not for an attribute",
        ValueError: "NumPy's integers have no negative powers; convert numbers by `float`",
    },
)
def numpy_scalars(engine: Engine) -> None:
    """NumPy's numbers work on both sides of the operators that work with Python's numbers."""
    for name in ("float64", "float32", "int64"):
        for code in ("x * 2", "2 * x", "x - 2", "2 - x", "x / 2", "2 / x"):
            if engine.passes(f"lambda x: {code}", 3.0):
                engine.check(f"lambda x: {code.replace('2', f'{name}(2)')}", 3.0)
            else:
                engine.skipped.append(code)


@trap(
    "exp(1000)",
    "the result of exp(1000) and its derivative are infinite; exp(-1000) and its derivative are 0",
    {OverflowError: "`math.exp` raises an error from 710 on; return infinity, as IEEE-754 and NumPy do"},
)
def exp_of_large_numbers(engine: Engine) -> None:
    """An overflow is infinity, not an error."""
    engine.check("lambda x: exp(x)", 1000.0)
    engine.check("lambda x: exp(x)", -1000.0)


@trap(
    "large arguments",
    "the formula divides infinity by infinity; use a formula that never computes exp of a large positive number",
    {OverflowError: "the formula computes exp of a large number; use `math.tanh`, and exp(-abs(x)) for sigmoid"},
)
def large_arguments(engine: Engine) -> None:
    """Tanh and sigmoid saturate: their values are 1, -1 or 0, and their derivatives 0."""
    for name in ("tanh", "sigmoid"):
        for x in (1000.0, -1000.0):
            engine.check(f"lambda x: {name}(x)", x)


@trap(
    "log(0)",
    "the result of log(0) is -inf, and its derivative inf",
    {
        ValueError: "`math.log` raises an error at 0; return -inf, as IEEE-754 and NumPy do",
        ZeroDivisionError: "the derivative 1 / x raises an error at 0; use infinity, as IEEE-754 and NumPy do",
    },
)
def log_of_zero(engine: Engine) -> None:
    """A logarithm of 0 is minus infinity, not an error."""
    engine.check("lambda x: log(x)", 0.0, expected=(-math.inf, math.inf))


@trap("relu(0)", "the test is `>= 0` instead of `> 0`; the convention of PyTorch, TensorFlow and JAX is the derivative 0")
def relu_at_zero(engine: Engine) -> None:
    """The derivative of relu at 0 is 0 by convention."""
    engine.check("lambda x: relu(x)", 0.0, expected=(0.0, 0.0))
    engine.check("lambda x: relu(x)", -0.0, expected=(0.0, 0.0))


@trap("wrong data", "the constructor does not check its argument; raise a TypeError if it is not a real number")
def wrong_data(engine: Engine) -> None:
    """Data that is not a number raises an error when the node is created."""
    for data in ("one", 1j, None, [1.0]):
        try:
            node = engine.create(data)
        except Exception:  # noqa: BLE001 - any error is a refusal
            continue
        raise Fault(f"a node with the data {data!r}", "an error, such as TypeError", f"data = {node.data!r:.40}")


@trap("no output", "a call of `print` is left over")
def no_output(engine: Engine) -> None:
    """The engine prints nothing."""
    engine.passes("lambda x, y: x * y + x", 3.0, 2.0)
    if text := engine.output.getvalue().strip():
        raise Fault("all expressions of the report", "no output", f"{text.splitlines()[0]!r:.60}")
