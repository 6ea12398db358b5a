"""The shadow run: a function runs on ordinary Values, and each recorded node is computed a second time in high precision.

``record`` calls a function while a watcher observes it, and returns a ``Tape``. A custom operation runs on Values as well, in a
separate tape, if its Python code allows it. ``light_run`` only lists the operations and constants of a function.
"""

from __future__ import annotations

import functools
import math
import types
from collections.abc import Callable, Sequence
from typing import Any

import autograd
from autograd.base.modes import WATCHERS, change_watchers
from autograd.checking import exact
from autograd.checking.exact import Number, from_float, isfinite
from autograd.checking.noise import noise_level
from autograd.checking.slopes import SMOOTH, Slope, first_step, local_slope
from autograd.checking.tape import DETACH, GATED, NO_GRAD, OWN_ROWS, Step, Tape, in_signature
from autograd.nodes.parts import make_leaf, row_and_operands
from autograd.transforms.calls import IS_DIFFERENTIATING, recording_enabled
from autograd.value import Value

FLOAT_RULE = 2.0**-40  # relative rounding error of a rule that is computed in floats
LIGHT = 2.0**-20  # relative distance over which a rule is called again


class CustomStep(Step):
    """A custom operation. Its function and its rules run on Values, each in a separate tape, or on exact numbers."""

    @property
    def is_opaque(self) -> bool:
        """Whether the operation is replaced by its tangent, because its function needs floats."""
        return self.body is None and not self.accepts_exact

    def compute(self, numbers: Sequence[Number]) -> Number:
        """Return the result for these exact operands."""
        if self.body is not None:
            return self.body.evaluate(numbers)[0]
        return exact.evaluate(self.row.source, numbers) if self.accepts_exact else self.tangent(numbers)

    @functools.cached_property
    def accepts_exact(self) -> bool:
        """Whether the code of the operation accepts exact numbers, such as formulas with the functions of the table."""
        try:
            found = exact.evaluate(self.row.source, list(map(from_float, self.floats)))
        except Exception:  # noqa: BLE001 - the code expects floats, and may raise anything for other numbers
            return False
        # Where two polynomials of an approximation meet, exact numbers show a jump that is smaller than rounding.
        return _is_close(float(found), self.node.data) and all(
            self._exact_slope(functools.partial(exact.evaluate, self.row.source), i).kind == SMOOTH
            or self.measured[i].kind != SMOOTH
            for i in self.differentiable()
        )

    @functools.cached_property
    def body(self) -> Tape | None:
        """The custom operation as a tape, or None if its code works only on floats."""
        tape = _record_code(self.row.source, self.floats, self.node.data)
        if tape is None or not all(i in tape.results or tape.active({i}) for i in range(len(self.floats))):
            return None
        # At a branch of Python, such as `if x < 0` at 0, the tape shows one side only, and may have a kink that is not in f.
        is_whole = _is_same_nearby(tape, self.row.source, self.floats) or all(self._confirms(tape, i) for i in self.measured)
        return tape if is_whole else None

    def _confirms(self, tape: Tape, i: int) -> bool:
        """Return whether the slope of a tape equals the slope that differences of floats show."""
        measured, slope = self.measured[i], self._exact_slope(lambda numbers: tape.evaluate(numbers)[0], i)
        return slope.kind == measured.kind == SMOOTH and bool(abs(slope.value - measured.value) <= measured.error)

    def _exact_slope(self, compute: Callable[[Sequence[Number]], Number], i: int) -> Slope:
        """Return the slope of a function of exact numbers with respect to operand ``i``, at the floats."""
        numbers = list(map(from_float, self.floats))
        h = first_step(abs(numbers[i]) or 1)
        return local_slope(lambda t: compute([*numbers[:i], numbers[i] + t, *numbers[i + 1 :]]), h)

    def partial(self, i: int, numbers: Sequence[Number], out: Number) -> Number:
        """Return the rule for operand ``i``, for these exact operands and result."""
        rule = self.row.partials[i]
        if not callable(rule):
            return from_float(rule)
        tapes: dict[int, Tape | None] = self.__dict__.setdefault("_rule_tapes", {})
        if i not in tapes:
            tapes[i] = self._rule_tape(i, rule.source)  # type: ignore[attr-defined]
        tape = tapes[i]
        return self._float_rule(i, numbers) if tape is None else tape.evaluate([out, *numbers])[0]

    def _rule_tape(self, i: int, code: Callable[..., Any]) -> Tape | None:
        """Return a rule as a tape, or None if its code works only on floats, or reads ``.data``."""
        floats = (self.node.data, *self.floats)
        tape = _record_code(code, floats, self.saved[i])
        if tape is None or type(tape.results[0]) is not int:
            return None
        return tape if _is_same_nearby(tape, code, floats) else None

    def _float_rule(self, i: int, numbers: Sequence[Number]) -> Number:
        """Return the partial of a rule that works only on floats: the true one if both are equal except for rounding."""
        stated = from_float(self.saved[i] or 0.0)
        if self.is_opaque or not isfinite(stated):
            return stated
        slope = local_slope(
            lambda t: self.compute([*numbers[:i], numbers[i] + t, *numbers[i + 1 :]]), first_step(abs(numbers[i]) or 1)
        )
        if slope.kind != SMOOTH:
            return stated
        apart = abs(slope.value - stated)
        is_close = apart <= FLOAT_RULE * abs(slope.value) or apart <= 16 * noise_level(
            lambda x: self._stated(i, x), self.floats[i]
        )
        return slope.value if is_close else stated

    def _stated(self, i: int, x: float) -> float:
        """Return the rule for operand ``i`` as a float, if that operand is ``x``."""
        operands = (*self.floats[:i], x, *self.floats[i + 1 :])
        return float(self.row.partial(i, self.row(*operands), *operands))


def _record_code(code: Callable[..., Any] | None, floats: Sequence[float], result: float | None) -> Tape | None:
    """Return the tape of a function or a rule of a custom operation, or None if the code works only on floats."""
    function = _with_our_functions(code)
    try:
        tape = record(lambda values: [function(*values)], [Value(x) for x in floats])
    except Exception:  # noqa: BLE001 - the code expects floats, and may raise anything for Values
        return None
    return tape if _is_close(tape.float_of(tape.results[0]), result or 0.0) else None


def _is_close(found: float, result: float) -> bool:
    """Return whether code that runs on other numbers than floats computes the result that it computes from floats."""
    return found == result or abs(found - result) <= 1e-6 * max(abs(result), 1e-300)


def _is_same_nearby(tape: Tape, code: Callable[..., Any] | None, floats: Sequence[float]) -> bool:
    """Return whether a function performs the operations of a tape for moved floats, too, in either direction."""
    function = _with_our_functions(code)
    runs = ([Value(x + side * LIGHT * (x or 1.0)) for x in floats] for side in (1, -1))
    return all(light_run(lambda values: [function(*values)], moved) == tape.signature() for moved in runs)


class _LightWatcher:
    """Lists the operations and constants of a function, in the form of ``Tape.signature``, without exact numbers."""

    def __init__(self, values: Sequence[Value]) -> None:
        self.positions = {id(value): i for i, value in enumerate(values)}
        self.kept = list(values)  # ids stay unique while the Values are kept
        self.seen: list[Any] = []

    def recorded(self, node: Value, hidden_by: str = "") -> None:
        """Note an operation."""
        code, is_cut, operands = row_and_operands(node)
        self._add(node, code, operands, hidden_by or (GATED if is_cut else ""))

    def hidden(self, node: Value, source: Value | None) -> None:
        """Note a number that gradients cannot see."""
        if source is None:
            self.recorded(node, NO_GRAD)
            make_leaf(node)
        else:
            self._add(node, -1, (source,), DETACH)

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Do nothing: only operations are of interest."""

    def item(self, operand: Any) -> Any:
        """Return the position of an operand, which is an int, or its number if it is a constant, which is a float."""
        if not isinstance(operand, Value):
            return float(operand)
        place = self.positions.get(id(operand))
        return operand.data if place is None else place

    def _add(self, node: Value, code: int, operands: Sequence[Any], hidden_by: str) -> None:
        self.seen.append((code, hidden_by, *[in_signature(self.item(x)) for x in operands]))
        self.positions[id(node)] = len(self.kept)
        self.kept.append(node)


class _Watcher(_LightWatcher):
    """Builds the steps of a tape from the nodes that are recorded."""

    def __init__(self, values: Sequence[Value], numbers: Sequence[Number]) -> None:
        super().__init__(values)
        self.numbers = list(numbers)
        self.steps: list[Step] = []

    def _add(self, node: Value, code: int, operands: Sequence[Any], hidden_by: str) -> None:
        items = [self.item(x) for x in operands]
        items = [x if type(x) is int else from_float(x) for x in items]
        floats = tuple([x.data if isinstance(x, Value) else x for x in operands])
        step = (CustomStep if code >= OWN_ROWS else Step)(node, code, tuple(items), floats, hidden_by)
        step.number = step.compute([self.numbers[x] if type(x) is int else x for x in items])
        self.positions[id(node)] = len(self.kept)
        self.kept.append(node)
        self.numbers.append(step.number)
        self.steps.append(step)


def record(
    function: Callable[[list[Value]], Sequence[Any]], values: list[Value], numbers: Sequence[Number] | None = None
) -> Tape:
    """Call a function on Values, and return the tape of its operations.

    Args:
        function: Accepts a list of Values and returns a list of Values and numbers.
        values: Leaves.
        numbers: Their exact numbers, by default their floats.
    """
    exact_inputs = [from_float(value.data) for value in values] if numbers is None else list(numbers)
    watcher = _Watcher(values, exact_inputs)
    results = _watch(function, values, watcher)
    items = [watcher.item(x) for x in results]
    return Tape(exact_inputs, watcher.steps, [x if type(x) is int else from_float(x) for x in items])


def light_run(function: Callable[[list[Value]], Sequence[Any]], values: list[Value]) -> list[Any]:
    """Call a function on Values, and list its operations and constants, but not the numbers that depend on the Values.

    Plain numbers among the results are listed as they are, at the end.
    """
    watcher = _LightWatcher(values)
    results = _watch(function, values, watcher)
    return [*watcher.seen, *[in_signature(watcher.item(x)) if isinstance(x, Value) else x for x in results]]


def _watch(function: Callable[[list[Value]], Sequence[Any]], values: list[Value], watcher: _LightWatcher) -> Sequence[Any]:
    before, was_differentiating = WATCHERS.get(), IS_DIFFERENTIATING.get()
    change_watchers((watcher,))
    IS_DIFFERENTIATING.set(True)  # so that derivatives computed inside the function are recorded, too
    try:
        with recording_enabled():
            return function(values)
    finally:
        IS_DIFFERENTIATING.set(was_differentiating)
        change_watchers(before)


_OURS = {id(getattr(math, name)): getattr(autograd, name) for name in dir(math) if hasattr(autograd, name) and name[0] != "_"}


class _Module:
    """The functions of ``math`` for Values."""

    def __getattr__(self, name: str) -> Any:
        thing = getattr(math, name)
        return _OURS.get(id(thing), thing)


def _with_our_functions(function: Any) -> Any:
    """Return a copy of a Python function in which the functions of ``math`` are replaced by those for Values."""
    if not isinstance(function, types.FunctionType):
        return _OURS.get(id(function), function)
    names = function.__globals__
    used = {name: names[name] for name in function.__code__.co_names if name in names}
    ours: dict[str, Any] = {name: _OURS[id(thing)] for name, thing in used.items() if id(thing) in _OURS}
    ours.update((name, _Module()) for name, thing in used.items() if thing is math)
    return types.FunctionType(function.__code__, {**names, **ours}, None, function.__defaults__, function.__closure__)
