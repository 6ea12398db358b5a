"""``Value``: a number that remembers where it came from.

Every operation on Values makes a new node: its number, the nodes it was computed from (its operands) and the partial
derivative by each of them, all known at that moment. The nodes below a result are its computation graph. It cannot
have cycles, because operands exist before results. ``backward`` then needs nothing but the saved partials.

This file is ordinary Python, and Cython compiles it, taking the annotations as C types; ``cython.compiled`` says which
of the two is running. What the derivatives are is stated in ``ops.py``; nothing here knows what an operation means.

Names used throughout
    node        a Value, seen as part of a graph
    leaf        a node without operands: an input or a parameter
    constant    a plain number that was an operand. It is kept in the node's slot for the partial that nobody needs,
                so that ``x * 2`` costs one node, not two
    code        the number of the operation's row in the table
    a, b        the first and the second operand of a node; None where it is a constant
"""

# Type checkers, also those of users, are to read what runs uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:  # Cython compiles this file; running it needs only the names
    from autograd.base import _cython as cython

from autograd import ops
from autograd.base import modes
from autograd.base.modes import TRACER
from autograd.base.real import NEVER_OPERANDS, as_float, is_real, refusal

if cython.compiled:
    from cython.cimports.autograd.base import modes
    from cython.cimports.autograd.base._capi import CUT, LEAF, NODE, set_signature, set_type_attribute
    from cython.cimports.autograd.base._kernels import (  # isort: skip
        ABS, ADD, CEIL, DIV, FLOOR, FLOOR_DIV, GATE, MOD, MUL, NEG, POW, SUB,
        forward1, forward2, partial1, partial2x, partial2y,
    )  # fmt: skip
    from cython.cimports.autograd.base._memory import make_computed, make_node, manage_memory
    from cython.cimports.autograd.base.operand_lists import Terms
    from cython.cimports.cpython.contextvars import get_value
else:
    from autograd.base._cython import CUT, LEAF, NODE, get_value, set_type_attribute
    from autograd.base.operand_lists import Terms
    from autograd.ops import forward1, forward2, partial1, partial2x, partial2y

    ADD, SUB, MUL, DIV, NEG, POW = (row.code for row in (ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.pow))
    MOD, FLOOR_DIV, ABS, FLOOR, CEIL = (row.code for row in (ops.mod, ops.floor_div, ops.abs, ops.floor, ops.ceil))
    GATE = ops.gate.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

COMPILED = cython.compiled

# A leaf's code: -1, or this where it stands for a plain number.
CONSTANT = cython.declare(cython.short, -2)


@cython.final
@cython.no_gc
@cython.cclass
class Value:
    """A number whose derivatives can be asked for.

    Args:
        data: the number; int, bool, Fraction and NumPy real scalars are converted to float.
        label: a name, shown by ``repr`` and in pictures.

    Raises:
        TypeError: if ``data`` is not a real number, or ``label`` not a string; the message names the way out.

    >>> x = Value(3.0, label="x")
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> y.data, x.grad  # dy/dx = 2 * x + 2
    (15.0, 8.0)
    """

    __slots__ = (  # their types in C are in value.pxd
        "_a",
        "_b",  # a Value, or the Terms or Rows of a node of that kind
        "_code",
        "_data",
        "_grad",
        "_kind",
        "_label",
        "_partial_a",  # or, where _a is None, the constant; in a leaf during backward, .grad as it was before
        "_partial_b",  # likewise; in a node of the kind ROW, which of the rows it is
        "_place",  # during a walk: how far that has got with it, see walk.py; otherwise 0
    )

    def __init__(self, data: Any, label: Any = None) -> None:
        if not cython.compiled:
            _clear(self)
        self._data = data if type(data) is float else as_float(data)
        self._code = -1
        if label is not None:
            self.label = label
        if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
            tracer.created(self)

    # ---- what it knows ----

    @property
    def data(self) -> float:
        """The number. Assigning to it updates a leaf; that of a computed node is read-only."""
        if modes.tracers:
            modes.refuse_if_tracing("its data is read")
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        if self._kind != LEAF:
            raise AttributeError(
                f"the data of a Value made by {self.op!r} is read-only, as it follows from the operands; "
                "update the leaves below it and compute it again, or take a copy with v.detach()"
            )
        if modes.tracers:
            modes.refuse_if_tracing("data is assigned to")
        self._data = number if type(number) is float else as_float(number)

    @property
    def grad(self) -> float:
        """The derivative of what ``backward`` was called on by this node; 0.0 before.

        A leaf adds up the gradients of all passes until ``zero_grad``; a computed node has that of the latest.
        """
        if modes.tracers:
            modes.refuse_if_tracing("a gradient is read")
        return self._grad

    @grad.setter
    def grad(self, number: Any) -> None:
        if modes.tracers:
            modes.refuse_if_tracing("a gradient is assigned to")
        self._grad = number if type(number) is float else as_float(number, "a gradient")

    @property
    def label(self) -> str | None:
        """A name for pictures and ``repr``, or None."""
        return self._label

    @label.setter
    def label(self, label: Any) -> None:
        if label is not None and not isinstance(label, str):
            raise TypeError(f"a label must be a string or None, not {type(label).__name__} ({label!r}); use str(...)")
        self._label = label

    @property
    def op(self) -> str:
        """The operation that made it: ``"*"``, ``"tanh"``, ...; ``""`` for a leaf, ``"const"`` for a plain number."""
        if self._kind == LEAF:
            return "const" if self._code == CONSTANT else ""
        return ops.ROWS[self._code].symbol

    def __repr__(self) -> str:
        if modes.is_tracing():  # without the number, which would be that of the first call for ever
            return f"Value(recorded, op={self.op!r}, label={self._label!r})"
        parts = [repr(self._data)]
        if self._kind != LEAF or self._grad != 0.0:
            parts.append(f"grad={self._grad!r}")
        if self.op:
            parts.append(f"op={self.op!r}")
        if self._label is not None:
            parts.append(f"label={self._label!r}")
        return f"Value({', '.join(parts)})"

    def detach(self) -> Value:
        """A new leaf with the same number: what is computed from it has no gradient by what is below this Value."""
        if modes.tracers and get_value(TRACER, None) is not None:  # recorded, as the number will be another one next time
            node: Value = _record2(ADD, self, self._data, None, -0.0)  # changes no bit
            node._kind = CUT
            return node
        return new_node(self._data)

    def conjugate(self) -> Value:
        """The Value itself, as it is real; for ``np.var`` and ``np.std``."""
        return self

    # ---- arithmetic: each operator is a row of the table ----

    def __add__(self, other: Any) -> Value:
        return _binary(ADD, self, other)

    def __radd__(self, other: Any) -> Value:
        return _number_first(ADD, other, self)

    def __sub__(self, other: Any) -> Value:
        return _binary(SUB, self, other)

    def __rsub__(self, other: Any) -> Value:
        return _number_first(SUB, other, self)

    def __mul__(self, other: Any) -> Value:
        return _binary(MUL, self, other)

    def __rmul__(self, other: Any) -> Value:
        return _number_first(MUL, other, self)

    def __truediv__(self, other: Any) -> Value:
        return _binary(DIV, self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return _number_first(DIV, other, self)

    def __pow__(self, other: Any, modulus: Any = None) -> Value:
        if modulus is not None:
            raise TypeError("pow() with a modulus is for ints only; use (x ** y) % modulus")
        return _binary(POW, self, other)

    def __rpow__(self, other: Any, modulus: Any = None) -> Value:
        return _number_first(POW, other, self)

    def __mod__(self, other: Any) -> Value:
        return _binary(MOD, self, other)

    def __rmod__(self, other: Any) -> Value:
        return _number_first(MOD, other, self)

    def __floordiv__(self, other: Any) -> Value:
        return _binary(FLOOR_DIV, self, other)

    def __rfloordiv__(self, other: Any) -> Value:
        return _number_first(FLOOR_DIV, other, self)

    def __divmod__(self, other: Any) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Value, Value]:
        return other // self, other % self

    def __neg__(self) -> Value:
        return _record1(NEG, self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return _record1(ABS, self)

    def __floor__(self) -> Value:
        return _record1(FLOOR, self)

    def __ceil__(self) -> Value:
        return _record1(CEIL, self)

    # ---- as a number: comparisons go by value, like a float's; a float it becomes only where nothing is lost ----

    def __eq__(self, other: object) -> bool:
        if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
            return tracer.compare("==", self, other)
        return self._data == _comparable(other) if _is_comparable(other) else NotImplemented

    def __ne__(self, other: object) -> bool:
        if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
            return tracer.compare("!=", self, other)
        return self._data != _comparable(other) if _is_comparable(other) else NotImplemented

    def __lt__(self, other: Any) -> bool:
        if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
            return tracer.compare("<", self, other)
        return self._data < _comparable(other) if _is_comparable(other) else NotImplemented

    def __le__(self, other: Any) -> bool:
        if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
            return tracer.compare("<=", self, other)
        return self._data <= _comparable(other) if _is_comparable(other) else NotImplemented

    def __gt__(self, other: Any) -> bool:
        if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
            return tracer.compare(">", self, other)
        return self._data > _comparable(other) if _is_comparable(other) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
            return tracer.compare(">=", self, other)
        return self._data >= _comparable(other) if _is_comparable(other) else NotImplemented

    def __hash__(self) -> int:
        return object.__hash__(self)  # by identity, as a Value's number may change

    def __bool__(self) -> bool:
        if modes.tracers:
            modes.refuse_if_tracing("a branch depends on it")
        return self._data != 0.0

    def __round__(self, ndigits: int | None = None) -> float:
        if modes.tracers:
            modes.refuse_if_tracing("it is rounded")
        return round(self._data, ndigits)

    def __format__(self, spec: str) -> str:
        if modes.tracers:
            modes.refuse_if_tracing("it is formatted")
        return format(self._data, spec)

    def __float__(self) -> float:
        if modes.tracers:
            modes.refuse_if_tracing("it is turned into a float")
        if modes.is_recording():
            raise TypeError(
                "a Value does not turn into a float by itself, because its gradient would be lost without a word; "
                "use v.data for the number, autograd.exp(v) instead of math.exp(v), np.array(values, dtype=object) "
                "for arrays, or work inside `with autograd.no_grad():`"
            )
        return self._data

    def __int__(self) -> int:
        return int(self.__float__())

    if not cython.compiled:

        def __init_subclass__(cls) -> None:
            raise TypeError("type 'autograd.value.Value' is not an acceptable base type")  # as compiled classes say it

    if not cython.compiled and TYPE_CHECKING:  # Cython, which has all this from elsewhere, leaves it out
        _data: float
        _grad: float
        _partial_a: float
        _partial_b: float
        _a: Value | None
        _b: Any
        _label: str | None
        _code: int
        _kind: int
        _place: int

        # Methods added by files that need a Value first: backward.py, nodes/parts.py, and nodes/elementwise.py, which adds
        # one for each row of the table.
        def backward(self, seed: float = 1.0) -> None: ...  # noqa: D102 - its docstring is in backward.py
        def zero_grad(self) -> None: ...  # noqa: D102 - its docstring is in backward.py
        @property
        def operands(self) -> tuple[Value, ...]: ...  # noqa: D102 - its docstring is in nodes/parts.py
        @property
        def partials(self) -> tuple[float | None, ...]: ...  # noqa: D102 - its docstring is in nodes/parts.py
        def __getattr__(self, name: str) -> Callable[..., Value]: ...

    def _apply(self, operation: ops.Operation, operands: tuple[Any, ...]) -> Any:
        """How the rules of the table reach Values; see ``Operation.__call__``."""
        if len(operands) == 1:
            return _record1(operation.code, self)
        return apply2(operation.code, operands[0], operands[1])


@cython.cfunc
def _arrange_memory(value: Value, terms: Terms) -> cython.int:
    if cython.compiled:
        manage_memory(
            Value, cython.cast(cython.p_void, value), cython.address(value._place),
            Terms, cython.cast(cython.p_void, terms), cython.address(terms.partials),
        )  # fmt: skip
    return 0


if cython.compiled:
    _arrange_memory(Value.__new__(Value), Terms.__new__(Terms))
    set_signature(Value, b"Value(data, label=None)")


# ---- making nodes ----------------------------------------------------------------------------------------------


@cython.cfunc
@cython.inline
def new_node(data: cython.double) -> Value:
    """A leaf."""
    if cython.compiled:
        return cython.cast(Value, make_node(data))
    node: Value = Value.__new__(Value)
    _clear(node)
    node._data = data
    node._code = -1
    return node


@cython.cfunc
@cython.inline
def new_computed(
    data: cython.double, code: cython.int, kind: cython.int,
    a: Value | None, partial_a: cython.double, b: object, partial_b: cython.double,
) -> Value:  # fmt: skip
    """A node with operands."""
    if cython.compiled:
        return cython.cast(Value, make_computed(data, code, kind, a, partial_a, b, partial_b))
    node: Value = new_node(data)
    node._code = code
    node._kind = kind
    node._a = a
    node._partial_a = partial_a
    node._b = b
    node._partial_b = partial_b
    return node


def _clear(node: Any) -> None:
    """What C does for every new object: all fields zero or None."""
    node._a = node._b = node._label = None
    node._grad = node._partial_a = node._partial_b = 0.0
    node._kind = LEAF
    node._place = 0


@cython.cfunc
@cython.inline
def recording_mode() -> cython.int:
    """The same; without a call where nobody ever used ``no_grad()`` and nobody watches."""
    return modes.is_recording() if modes.no_grad_was_used or modes.watchers else 1


@cython.cfunc
@cython.inline
def _record1(code: cython.int, a: Value) -> Value:
    return record1(code, a, recording_mode())


@cython.cfunc
@cython.inline
def record1(code: cython.int, a: Value, recording: cython.int) -> Value:
    """Apply a row of one operand; ``recording`` is the recording mode."""
    data: cython.double = forward1(code, a._data)
    if not recording:
        return new_node(data)
    node: Value = new_computed(data, code, NODE, a, partial1(code, data, a._data), None, 0.0)
    if recording == modes.WATCHED:
        modes.show_to_watchers(node)
    return node


@cython.cfunc
@cython.inline
def _record2(code: cython.int, a: Value | None, x: cython.double, b: Value | None, y: cython.double) -> Value:
    data: cython.double = forward2(code, x, y)
    recording: cython.int = recording_mode()
    if not recording:
        return new_node(data)
    partial_a: cython.double = x if a is None else partial2x(code, data, x, y)
    partial_b: cython.double = y if b is None else partial2y(code, data, x, y)
    kind: cython.int = CUT if code == GATE and partial_a == 0.0 else NODE
    node: Value = new_computed(data, code, kind, a, partial_a, b, partial_b)
    if recording == modes.WATCHED:
        modes.show_to_watchers(node)
    return node


@cython.cfunc
@cython.inline
def _binary(code: cython.int, a: Value, other: object) -> object:
    if type(other) is Value:
        b: Value = cython.cast(Value, other)
        return _record2(code, a, a._data, b, b._data)
    if type(other) is float:
        return _record2(code, a, a._data, None, other)
    number = _as_operand(code, other)
    return number if number is NotImplemented else _record2(code, a, a._data, None, number)


@cython.cfunc
@cython.inline
def _number_first(code: cython.int, other: object, b: Value) -> object:
    if type(other) is float:
        return _record2(code, None, other, b, b._data)
    number = _as_operand(code, other)
    return number if number is NotImplemented else _record2(code, None, number, b, b._data)


@cython.cfunc
def _as_operand(code: cython.int, other: object) -> object:
    """``other`` as a float; NotImplemented if it may know better what to do, as an array does."""
    if type(other) is int and -(2**1000) < other < 2**1000:
        return float(other)
    if is_real(other):
        return as_float(other, f"an operand of {ops.ROWS[code].symbol}")
    if isinstance(other, NEVER_OPERANDS) or type(other).__name__ == "Decimal":
        raise TypeError(refusal(other, f"an operand of {ops.ROWS[code].symbol} must be a real number or a Value"))
    return NotImplemented


def _is_comparable(other: object) -> bool:
    return isinstance(other, Value) or is_real(other)


def _comparable(other: Any) -> Any:
    return other.data if isinstance(other, Value) else other


@cython.cfunc
def apply2(code: cython.int, left: object, right: object) -> object:
    """Apply a row of two operands to Values and numbers."""
    if isinstance(left, Value):
        result = _binary(code, left, right)
    elif isinstance(right, Value):
        result = _number_first(code, left, right)
    else:
        what = f"an argument of autograd.{ops.ROWS[code].name}()"
        return forward2(code, as_float(left, what), as_float(right, what))
    if result is NotImplemented:
        other = right if isinstance(left, Value) else left
        raise TypeError(refusal(other, f"an argument of autograd.{ops.ROWS[code].name}() must be a Value or a real number"))
    return result


def add_method(name: str, function: Callable[..., Any] | property) -> None:
    """Make ``x.name(...)`` call ``function(x, ...)``."""
    set_type_attribute(Value, name, function)
