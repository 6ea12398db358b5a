"""``Value``: a number that records the operation that computed it.

Every operation on Values creates a new node. A node stores its number, its operands, and the partial derivative with respect
to each operand. The nodes that a result depends on form its computation graph. A graph has no cycles, because operands exist
before results. ``backward`` needs only the saved partials. No derivative is defined in this file: all are in ``ops.py``.

Names used throughout the package
    node        a Value, as part of a graph
    leaf        a node without operands: an input or a parameter
    constant    a plain number used as an operand. It is stored in place of the partial, which a constant does not need, so
                ``x * 2`` creates one node instead of two
    code        the index of the operation's row in the table, ``ops.ROWS``
    a, b        the first and second operand of a node; None for a constant
    kind        where a node keeps its operands, and which of them a gradient reaches, see ``base/_capi.pxd``

How the core is compiled
    The core is ordinary Python. Cython can compile it to C (its "pure Python mode"); otherwise the same files run as they are,
    only slower. ``cython.compiled`` is True in compiled code, and ``base/_cython.py`` replaces Cython when it is absent.
    Annotations such as ``cython.double`` are C types. A ``.pxd`` file lists the C fields and functions that other files use.
    ``@cython.cclass`` makes a C struct, ``@cython.cfunc`` a C function that only compiled code can call, and
    ``@cython.exceptval`` states how that function reports an exception. ``cython.cast`` converts without a check.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

from operator import eq, ge, gt, index, le, lt, ne

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops
from autograd.base import modes
from autograd.base.modes import TRACER
from autograd.base.real import NEVER_OPERANDS, as_float, is_real, refusal
from autograd.shared import refuse_other_value

if cython.compiled:
    from cython.cimports.autograd.base import modes
    from cython.cimports.autograd.base._capi import (  # isort: skip
        BLOCKS, BLOCKS_A, BLOCKS_B, CUT, LEAF, NODE, WATCHED, check_init, clear_flags, set_signature,
        set_type_attribute,
    )  # fmt: skip
    from cython.cimports.autograd.base._node import data_of, grad_of, set_data, set_grad
    from cython.cimports.autograd.base._kernels import (  # isort: skip
        ABS, ADD, CEIL, DIV, FLOOR, FLOOR_DIV, GATE, MOD, MUL, NEG, POW, ROUND, SUB, TRUNC,
        blocks, forward1, forward2, partial1, partial2x, partial2y,
    )  # fmt: skip
    from cython.cimports.autograd.base._memory import make_computed, make_node, manage_memory
    from cython.cimports.autograd.base.operand_lists import Terms
    from cython.cimports.cpython.contextvars import get_value
else:
    from autograd.base._cython import (  # fmt: skip
        BLOCKS,
        BLOCKS_A,
        BLOCKS_B,
        CUT,
        LEAF,
        NODE,
        WATCHED,
        check_init,
        clear_flags,
        data_of,
        get_value,
        grad_of,
        set_data,
        set_grad,
        set_type_attribute,
    )
    from autograd.base.operand_lists import Terms
    from autograd.ops import blocks, forward1, forward2, partial1, partial2x, partial2y

    ADD, SUB, MUL, DIV, NEG, POW = (row.code for row in (ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.pow))
    MOD, FLOOR_DIV, ABS, FLOOR, CEIL = (row.code for row in (ops.mod, ops.floor_div, ops.abs, ops.floor, ops.ceil))
    GATE, ROUND, TRUNC = ops.gate.code, ops.round.code, ops.trunc.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    Number = TypeVar("Number", float, "Value")  # for functions that map floats to a float and Values to a Value

COMPILED: bool = cython.compiled

# The code of a leaf that represents a constant. The code of any other leaf is -1.
CONSTANT = cython.declare(cython.short, -2)


@cython.final
@cython.no_gc
@cython.cclass
class Value:
    """A number that records the operations it is used in, so that they can be differentiated.

    Args:
        data: The number. int, bool, Fraction and NumPy real scalars are converted to float.
        label: A name, shown by ``repr`` and in pictures.

    Raises:
        TypeError: If ``data`` is not a real number, or ``label`` is not a string. The message suggests a fix.

    >>> x = Value(3.0, label="x")
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> y.data, x.grad  # dy/dx = 2 * x + 2
    (15.0, 8.0)
    """

    if not cython.compiled:  # the fields; compiled, value.pxd declares them
        _data: float
        _grad: float
        _place: int  # the state of the node during a traversal, see topology.py; otherwise 0
        _code: int
        _kind: int
        _a: Value | None
        _b: Any  # a Value, or the Terms or Rows of a node of that kind
        _partial_a: float  # the constant if _a is None; in a leaf, during backward, the previous gradient
        _partial_b: float  # the constant if _b is None; in a node of kind ROW, the index of its row
        _label: str | None
        __slots__ = tuple(__annotations__)

    def __init__(self, data: Any, label: Any = None) -> None:
        if not cython.compiled:
            _set_fields(self, 0.0)
        set_data(self, data if type(data) is float else as_float(data))
        self._code = -1
        modes.data_writes += 1  # the Value may have existed before
        if label is not None:
            if isinstance(label, (tuple, list, set)):  # as in engines that record operations with their class
                _complain((data, label))
            self.label = label
        if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
            tracer.created(self)

    @property
    def data(self) -> float:
        """The number. It can be assigned to in a leaf, and is read-only in a computed node."""
        if modes.tracers:
            modes.refuse_if_tracing("its data is read")
        return data_of(self)

    @data.setter
    def data(self, number: Any) -> None:
        if self._kind != LEAF:
            raise AttributeError(
                f"the data of a Value computed by {self.op!r} is read-only, because it follows from the operands; "
                "update the leaves and compute it again, or create a new leaf with v.detach()"
            )
        if modes.tracers:
            modes.refuse_if_tracing("data is assigned to")
        set_data(self, number if type(number) is float else as_float(number))
        modes.data_writes += 1

    @property
    def grad(self) -> float:
        """The derivative of the result, on which ``backward`` was called, with respect to this Value. It is 0.0 before.

        A leaf accumulates the gradients of all passes until ``zero_grad``. A computed node holds the most recent gradient.
        """
        if modes.tracers:
            modes.refuse_if_tracing("a gradient is read")
        return grad_of(self)

    @grad.setter
    def grad(self, number: Any) -> None:
        if modes.tracers:
            modes.refuse_if_tracing("a gradient is assigned to")
        set_grad(self, number if type(number) is float else as_float(number, "a gradient"))

    @property
    def label(self) -> str | None:
        """The name shown in pictures and by ``repr``, or None."""
        return self._label

    @label.setter
    def label(self, label: Any) -> None:
        if label is not None and not isinstance(label, str):
            remedy = "write one string, without a comma after it" if isinstance(label, tuple) else "use str(...)"
            raise TypeError(f"a label must be a string or None, not {type(label).__name__} ({label!r}); {remedy}")
        self._label = label

    @property
    def op(self) -> str:
        """The symbol of the operation, such as ``"*"`` or ``"tanh"``; ``""`` for a leaf, ``"const"`` for a constant."""
        if self._kind == LEAF:
            return "const" if self._code == CONSTANT else ""
        return ops.ROWS[self._code].symbol

    def __repr__(self) -> str:
        if modes.is_tracing():  # the number is omitted, because each replay has another one
            return f"Value(recorded, op={self.op!r}, label={self._label!r})"
        parts = [repr(data_of(self))]
        if self._kind != LEAF or grad_of(self) != 0.0:
            parts.append(f"grad={grad_of(self)!r}")
        if self.op:
            parts.append(f"op={self.op!r}")
        if self._label:
            parts.append(f"label={self._label!r}")
        return f"Value({', '.join(parts)})"

    def detach(self) -> Value:
        """Return a new leaf with the same number. No gradient flows from it to this Value."""
        if modes.tracers and get_value(TRACER, None) is not None:  # recorded, because each replay has another number
            node: Value = _record2(ADD, self, data_of(self), None, -0.0)  # x + -0.0 is x, bit for bit
            node._kind = CUT
            return node
        leaf: Value = new_node(data_of(self))
        if modes.watchers:
            modes.notify_detached(leaf, self)
        return leaf

    def conjugate(self) -> Value:
        """Return the Value itself, as it is real. ``np.var`` and ``np.std`` call this."""
        return self

    # fmt: off
    # ---- arithmetic: each operator applies a row of the table ----

    def __add__(self, other: Any) -> Value: return _binary(ADD, self, other)
    def __radd__(self, other: Any) -> Value: return _reflected(ADD, other, self)
    def __sub__(self, other: Any) -> Value: return _binary(SUB, self, other)
    def __rsub__(self, other: Any) -> Value: return _reflected(SUB, other, self)
    def __mul__(self, other: Any) -> Value: return _binary(MUL, self, other)
    def __rmul__(self, other: Any) -> Value: return _reflected(MUL, other, self)
    def __truediv__(self, other: Any) -> Value: return _binary(DIV, self, other)
    def __rtruediv__(self, other: Any) -> Value: return _reflected(DIV, other, self)
    def __mod__(self, other: Any) -> Value: return _binary(MOD, self, other)
    def __rmod__(self, other: Any) -> Value: return _reflected(MOD, other, self)
    def __floordiv__(self, other: Any) -> Value: return _binary(FLOOR_DIV, self, other)
    def __rfloordiv__(self, other: Any) -> Value: return _reflected(FLOOR_DIV, other, self)
    def __divmod__(self, other: Any) -> tuple[Value, Value]: return self // other, self % other
    def __rdivmod__(self, other: Any) -> tuple[Value, Value]: return other // self, other % self
    def __rpow__(self, other: Any, modulus: Any = None) -> Value: return _reflected(POW, other, self)
    def __neg__(self) -> Value: return _record1(NEG, self)
    def __pos__(self) -> Value: return self
    def __abs__(self) -> Value: return _record1(ABS, self)
    def __floor__(self) -> Value: return _record1(FLOOR, self)
    def __ceil__(self) -> Value: return _record1(CEIL, self)
    def __trunc__(self) -> Value: return _record1(TRUNC, self)

    def __round__(self, ndigits: Any = None) -> Value:
        if ndigits is None:
            return _record1(ROUND, self)
        if not -22 <= index(ndigits) <= 22:  # the exponents of the powers of 10 that a float stores exactly
            raise ValueError(f"ndigits must be from -22 to 22, not {ndigits}; use round(v.data, {ndigits}) for the number")
        power = 10.0 ** abs(ndigits)
        return round(self * power) / power if ndigits >= 0 else round(self / power) * power  # as np.round

    def __pow__(self, other: Any, modulus: Any = None) -> Value:
        if modulus is not None:
            raise TypeError("pow() with a modulus is for ints only; use (x ** y) % modulus")
        return _binary(POW, self, other)

    # These operators have another meaning in Python. Each raises an error with the operator or function to use instead.
    def __xor__(self, other: Any) -> Any: return _refuse_operator("^", self, other)
    def __rxor__(self, other: Any) -> Any: return _refuse_operator("^", other, self)
    def __and__(self, other: Any) -> Any: return _refuse_operator("&", self, other)
    def __rand__(self, other: Any) -> Any: return _refuse_operator("&", other, self)
    def __or__(self, other: Any) -> Any: return _refuse_operator("|", self, other)
    def __ror__(self, other: Any) -> Any: return _refuse_operator("|", other, self)
    def __matmul__(self, other: Any) -> Any: return _refuse_operator("@", self, other)
    def __rmatmul__(self, other: Any) -> Any: return _refuse_operator("@", other, self)

    # ---- comparisons are by value, like a float's; the hash is by identity, because the number may change ----

    def __eq__(self, other: object) -> bool: return _compare("==", eq, self, other)
    def __ne__(self, other: object) -> bool: return _compare("!=", ne, self, other)
    def __lt__(self, other: Any) -> bool: return _compare("<", lt, self, other)
    def __le__(self, other: Any) -> bool: return _compare("<=", le, self, other)
    def __gt__(self, other: Any) -> bool: return _compare(">", gt, self, other)
    def __ge__(self, other: Any) -> bool: return _compare(">=", ge, self, other)
    def __hash__(self) -> int: return object.__hash__(self)
    # fmt: on

    # ---- conversions: allowed where no gradient is lost ----

    def __bool__(self) -> bool:
        if modes.tracers:
            modes.refuse_if_tracing("a branch depends on it")
        return data_of(self) != 0.0

    def __format__(self, spec: str) -> str:
        modes.refuse_if_tracing("it is formatted")
        return format(data_of(self), spec)

    def __float__(self) -> float:
        _check_conversion("float")
        return data_of(self)

    def __int__(self) -> int:
        _check_conversion("int")
        return int(data_of(self))

    if not cython.compiled:

        def __init_subclass__(cls) -> None:
            raise TypeError("type 'autograd.value.Value' is not an acceptable base type")  # as a compiled class says it

    if not cython.compiled and TYPE_CHECKING:  # methods that other files and the rows of the table add

        def backward(self, seed: float = 1.0) -> None:
            """Compute the gradient of this Value with respect to every Value it depends on; see ``backward.py``."""

        def zero_grad(self) -> None:
            """Set ``.grad`` to 0.0 in this Value and in every Value it depends on; see ``backward.py``."""

        def draw(self, *values: Any, **options: Any) -> Any:
            """Return a picture of the graph; see ``export/display.py``."""

        def explain(self, x: Value, limit: int = 10) -> Any:  # an Explanation, which is defined later
            """Write out the chain rule for the derivative with respect to ``x``; see ``export/display.py``."""

        @property
        def operands(self) -> tuple[Value, ...]:
            """The Values that this node was computed from; see ``nodes/parts.py``."""

        @property
        def partials(self) -> tuple[float | None, ...]:
            """The partial derivative with respect to each operand; see ``nodes/parts.py``."""

        def __getattr__(self, name: str) -> Callable[..., Value]: ...


# The remedies for keywords of other libraries.
_KEYWORDS = {
    "requires_grad": "omit it, because every Value has a gradient; for a constant use a plain number",
    "dtype": "omit it, because the number is always a float of 64 bits",
    "grad": "assign it later: x.grad = 1.0",
    "value": "write Value(2.0)",
}


def _complain(arguments: tuple[Any, ...], keywords: Iterable[str] = ()) -> None:
    """Raise the error for a call of ``Value`` with other arguments than a number and a label, as far as it is the cause."""
    unknown = [key for key in keywords if key not in ("data", "label")]
    is_list = len(arguments) > 1 and isinstance(arguments[1], (tuple, list, set))
    operands = [repr(arguments[1])] if len(arguments) > 2 or is_list else []
    operands += [f"{key}=" for key in unknown if key.strip("_") in ("children", "prev", "op")]
    if operands:
        raise TypeError(
            f"Value() takes a number and a label, not the operands of an operation ({operands[0]:.40}); operations such as "
            "x + y and x.tanh() create their nodes themselves, and autograd.primitive defines a new operation"
        )
    if unknown:
        remedy = _KEYWORDS.get(unknown[0], "write Value(2.0, label='x')")
        raise TypeError(f"Value() takes a number and a label, not {unknown[0]}=; {remedy}")
    if len(arguments) > 2:
        raise TypeError(f"Value() takes a number and a label, not {len(arguments)} arguments; write Value(2.0, 'x')")
    if not arguments and "data" not in keywords:
        raise TypeError("Value() must be called with its number; write Value(0.0)")


@cython.cfunc
def _manage_memory(value: Value, terms: Terms) -> cython.int:
    """Replace the memory management of Value and Terms, see ``base/_memory.h``."""
    if cython.compiled:
        manage_memory(
            Value, cython.cast(cython.p_void, value), cython.address(value._place),
            Terms, cython.cast(cython.p_void, terms), cython.address(terms.partials),
        )  # fmt: skip
    return 0


check_init(Value, _complain)
if cython.compiled:
    set_signature(Value, b"Value(data, label=None)")  # for help()
    _manage_memory(Value.__new__(Value), Terms.__new__(Terms))


# ---- creating nodes --------------------------------------------------------------------------------------------


@cython.cfunc
@cython.inline
def new_node(data: cython.double) -> Value:
    """Return a new leaf."""
    if cython.compiled:
        return cython.cast(Value, make_node(data))
    node: Value = Value.__new__(Value)
    _set_fields(node, data)
    return node


@cython.cfunc
@cython.inline
def new_computed(
    data: cython.double, code: cython.int, kind: cython.int,
    a: Value | None, partial_a: cython.double, b: object, partial_b: cython.double,
) -> Value:  # fmt: skip
    """Return a new node with operands."""
    if cython.compiled:
        return cython.cast(Value, make_computed(data, code, kind, a, partial_a, b, partial_b))
    node: Value = Value.__new__(Value)
    _set_fields(node, data, code, kind, a, partial_a, b, partial_b)
    return node


@cython.cfunc
def _check_conversion(kind: str) -> cython.int:
    """Raise an error if a Value must not become a plain number now."""
    if modes.tracers:
        result = "an int" if kind == "int" else "a float, as math.exp(x) does it; write autograd.exp(x)"
        modes.refuse_if_tracing(f"it is turned into {result}")
    if not modes.is_off():
        instead = "round(v) for a rounded Value" if kind == "int" else "autograd.exp(v) instead of math.exp(v)"
        raise TypeError(
            f"cannot convert a Value to {kind} implicitly, because its gradient would be silently lost; use v.data for the "
            f"number, [v.data for v in values] for a plot, {instead}, f'{{v:.2f}}' for text, np.array(values, dtype=object) "
            "for arrays, or work inside `with autograd.no_grad():`"
        )
    return 0


def _set_fields(
    node: Any, data: float, code: int = -1, kind: int = LEAF,
    a: Any = None, partial_a: float = 0.0, b: Any = None, partial_b: float = 0.0,
) -> None:  # fmt: skip
    """Set all fields of a new node, as C does."""
    node._data, node._grad, node._place, node._code, node._kind = data, 0.0, 0, code, kind
    node._a, node._partial_a, node._b, node._partial_b, node._label = a, partial_a, b, partial_b, None


@cython.cfunc
def _watched(node: Value) -> Value:
    """Return the node, after notifying the watchers."""
    modes.notify_watchers(node)
    return node


@cython.cfunc
@cython.inline
def _record1(code: cython.int, a: Value) -> Value:
    """Apply a row with one operand."""
    data: cython.double = forward1(code, data_of(a))
    recording: cython.int = modes.is_recording() if modes.is_special else 1  # not special: no_grad and watchers were never used
    if not recording:
        return new_node(data)
    partial: cython.double = partial1(code, data, data_of(a))
    kind: cython.int = BLOCKS if blocks(code) and partial == 0.0 else NODE
    node: Value = new_computed(data, code, kind, a, partial, None, 0.0)
    return node if recording != WATCHED else _watched(node)


@cython.cfunc
def kind_of(code: cython.int, a: Value | None, partial_a: cython.double, b: object, partial_b: cython.double) -> cython.int:
    """Return the kind of a node whose row blocks: a gradient passes to the operands whose partial is not 0."""
    reaches_a: cython.bint = a is not None and partial_a != 0.0
    reaches_b: cython.bint = b is not None and partial_b != 0.0
    if code == GATE and not reaches_a:
        return CUT
    if reaches_a:
        return NODE if reaches_b or b is None else BLOCKS_B  # an open gate passes nothing to its condition
    return BLOCKS if not reaches_b else NODE if a is None else BLOCKS_A


@cython.cfunc
@cython.inline
def _record2(code: cython.int, a: Value | None, x: cython.double, b: Value | None, y: cython.double) -> Value:
    """Apply a row with two operands, whose numbers are ``x`` and ``y``. A constant is None and its number."""
    data: cython.double = forward2(code, x, y)
    recording: cython.int = modes.is_recording() if modes.is_special else 1  # not special: no_grad and watchers were never used
    if not recording:
        return new_node(data)
    partial_a: cython.double = x if a is None else partial2x(code, data, x, y)
    partial_b: cython.double = y if b is None else partial2y(code, data, x, y)
    kind: cython.int = NODE
    if blocks(code) and (partial_a == 0.0 or partial_b == 0.0):  # a constant in each operator, like the check above
        kind = kind_of(code, a, partial_a, b, partial_b)
    if code not in (ADD, SUB, MUL):  # a constant in each operator: the check costs nothing there
        clear_flags()
    node: Value = new_computed(data, code, kind, a, partial_a, b, partial_b)
    return node if recording != WATCHED else _watched(node)


@cython.cfunc
@cython.inline
def _binary(code: cython.int, a: Value, other: object) -> object:
    """Apply a row to a Value and a Value or number; NotImplemented if ``other`` may handle the operation."""
    if type(other) is Value:
        b: Value = cython.cast(Value, other)
        return _record2(code, a, data_of(a), b, data_of(b))
    if type(other) is float:
        return _record2(code, a, data_of(a), None, other)
    number = _as_operand(code, other)
    return number if number is NotImplemented else _record2(code, a, data_of(a), None, number)


@cython.cfunc
@cython.inline
def _reflected(code: cython.int, other: object, b: Value) -> object:
    """Apply a row to a number and a Value; NotImplemented if ``other`` may handle the operation."""
    if type(other) is float:
        return _record2(code, None, other, b, data_of(b))
    number = _as_operand(code, other)
    return number if number is NotImplemented else _record2(code, None, number, b, data_of(b))


@cython.cfunc
def _as_operand(code: cython.int, other: object) -> object:
    """Return ``other`` as a float, or NotImplemented if its type, such as an array, may handle the operation."""
    if type(other) is int and -(2**1000) < other < 2**1000:
        return float(other)
    if is_real(other):
        return as_float(other, f"an operand of {ops.ROWS[code].symbol}")
    if isinstance(other, NEVER_OPERANDS) or type(other).__name__ == "Decimal":
        symbol = ops.ROWS[code].symbol
        several = _zipped(code) if symbol.isidentifier() else f"apply it to each element: [v {symbol} x for x in xs]"
        raise TypeError(refusal(other, f"an operand of {symbol} must be a real number or a Value", several))
    # Another engine would take the Value for a number, and lose its gradient.
    refuse_other_value(other, f"an operand of {ops.ROWS[code].symbol} must be a real number or a Value of autograd")
    return NotImplemented


_OPERATORS = {
    "^": "use ** for a power: x ** 2",
    "@": "use autograd.dot(xs, ys) for lists of Values, or * for two of them",
    "&": "put comparisons in parentheses: (x > 0) & (y > 0)",
    "|": "put comparisons in parentheses: (x > 0) | (y > 0)",
}


def _refuse_operator(symbol: str, left: object, right: object) -> object:
    """Raise Python's error for an operator that Values do not have, with a remedy."""
    kinds = f"{type(left).__name__!r} and {type(right).__name__!r}"
    raise TypeError(f"unsupported operand type(s) for {symbol}: {kinds}; {_OPERATORS[symbol]}")


@cython.cfunc
def _compare(symbol: str, relation: Any, value: Value, other: object) -> object:
    """Return ``relation(value, other)`` by value. While ``compile`` records, the tracer records the comparison."""
    if modes.tracers and (tracer := get_value(TRACER, None)) is not None:
        return tracer.compare(symbol, value, other)
    if type(other) is Value:
        return relation(data_of(value), data_of(other))
    return relation(data_of(value), other) if is_real(other) else NotImplemented


@cython.cfunc
def apply2(code: cython.int, left: object, right: object) -> object:
    """Apply a row with two operands to Values and numbers."""
    if isinstance(left, Value):
        result = _binary(code, left, right)
    elif isinstance(right, Value):
        result = _reflected(code, left, right)
    else:
        return forward2(code, _argument(code, left), _argument(code, right))
    if result is NotImplemented:
        _refuse_argument(code, right if isinstance(left, Value) else left)
    return result


@cython.cfunc
def _argument(code: cython.int, number: object) -> cython.double:
    """Return an argument of a function of two numbers as a float."""
    if type(number) is float:
        return number
    return as_float(number, f"an argument of autograd.{ops.ROWS[code].name}()", _zipped(code))


def _refuse_argument(code: int, other: object) -> None:
    rule = f"an argument of autograd.{ops.ROWS[code].name}() must be a Value or a real number"
    raise TypeError(refusal(other, rule, _zipped(code)))


def _zipped(code: int) -> str:
    """Return the remedy for lists as arguments of a function of two numbers."""
    return f"apply it to each pair: [{ops.ROWS[code].name}(x, y) for x, y in zip(xs, ys)]"


def add_method(name: str, function: Callable[..., Any] | property) -> None:
    """Make ``x.name(...)`` call ``function(x, ...)``."""
    set_type_attribute(Value, name, function)
