"""Python versions of the Cython and C names that the compiled files use. They allow running these files uncompiled."""

from __future__ import annotations

import operator
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Thing = TypeVar("Thing")

compiled = False
double = float
int = short = schar = uint = Py_ssize_t = size_t = int  # noqa: A001, PLW0127 - the names of C types
bint = bool
NULL = void = None
p_double = p_int = p_void = pp_void = pp_double = object


def _unchanged(thing: Thing) -> Thing:
    return thing


def freelist(size: Any) -> Any:
    """Decorate a class. Cython keeps this number of freed objects for reuse; here it has no effect."""
    return _unchanged


def annotation_typing(enabled: Any) -> Any:
    """Decorate a function. Cython reads whether its annotations are C types; here it has no effect."""
    return _unchanged


def exceptval(value: Any = None, check: Any = True) -> Any:
    """Decorate a C function. Cython reads the return value that signals an exception; here it has no effect."""
    return _unchanged


def cast(type_: Any, thing: Any, typecheck: Any = False) -> Any:
    """Return ``thing``. Python needs no casts, except from float to int."""
    return int(thing) if type_ is int else thing


def declare(type_: Any, value: Any) -> Any:
    """Return the value of a variable that has a C type when compiled."""
    return value


final = no_gc = cclass = ccall = cfunc = inline = _unchanged


class _NoGil:
    """``with nogil:`` and ``@nogil`` release the global interpreter lock when compiled; here they have no effect."""

    __call__ = staticmethod(_unchanged)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        pass


nogil = _NoGil()

# ---- Python versions of the names in _capi.pxd -------------------------------------------------------------------

LEAF, NODE, TERMS, CUT, ROW, BLOCKS_A, BLOCKS_B, BLOCKS = range(8)
WATCHED = 2
HAS_ADJOINT = 0xFFFFFFFE
set_type_attribute = setattr


def check_arguments(function: Any, count: Any, complain: Any) -> Any:
    """Return a function that calls ``complain`` for other arguments than ``count`` positional ones."""

    def checked(*arguments: Any, **keywords: Any) -> Any:
        if len(arguments) == count and not keywords:
            return function(*arguments)
        return complain(checked, count, arguments, keywords)

    checked.__wrapped__ = function  # type: ignore[attr-defined]  # for its signature
    return checked


def check_init(kind: Any, complain: Any) -> None:
    """Make a class call ``complain`` if its ``__init__`` does not accept the arguments."""
    init = kind.__init__

    def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:  # noqa: N807 - the name in error messages
        try:
            init(self, *arguments, **keywords)
        except TypeError as problem:
            if problem.__traceback__ is None or problem.__traceback__.tb_next is not None:
                raise  # from inside the function
            wrong = problem
        else:
            return
        complain(arguments, keywords)
        raise wrong

    __init__.__wrapped__ = init  # type: ignore[attr-defined]
    __init__.__doc__, __init__.__qualname__ = init.__doc__, init.__qualname__
    kind.__init__ = __init__


def item_of(items: Any, i: Any) -> Any:
    """Return an item of a tuple."""
    return items[i]


def items_of(items: Any) -> Any:
    """Return the items of a list or tuple."""
    return items


def have_same_items(container: Any, before: Any) -> bool:
    """Return whether a list, tuple or dict holds the same objects as a tuple. A dict holds keys and values, in turn."""
    items = [part for item in container.items() for part in item] if isinstance(container, dict) else container
    return len(items) == len(before) and all(map(operator.is_, items, before))


def has_type(item: Any, type_: Any) -> bool:
    """Return whether the type of the item is exactly ``type_``."""
    return type(item) is type_


_one: Any = None  # numpy.float64(1.0), once NumPy is loaded


def clear_flags() -> Any:
    """Clear the floating-point exception flags, which NumPy checks after a loop over objects. Its own addition clears them."""
    global _one  # noqa: PLW0603 - a lookup in each call would be slow
    if _one is None:
        float64 = getattr(sys.modules.get("numpy"), "float64", None)  # NumPy may be absent or partly loaded
        if float64 is None:
            return 0
        _one = float64(1.0)
    _one + _one
    return 0


def get_value(variable: Any, default: Any) -> Any:
    """Return the value of a context variable in the current context."""
    return variable.get(default)


def numbers_of(array: Any) -> Any:
    """Return a writable view of the elements of an array, row by row."""
    return memoryview(array.reshape(-1) if hasattr(array, "reshape") else array)  # Python's arrays have one dimension


def bits_of(number: Any) -> Any:
    """Return the bits of a number, as an integer."""
    return struct.unpack("q", struct.pack("d", number))[0]


data_of = operator.attrgetter("_data")
grad_of = operator.attrgetter("_grad")


def set_data(value: Any, number: Any) -> None:
    """Set the data of a Value, without a check."""
    value._data = number


def set_grad(value: Any, number: Any) -> None:
    """Set the gradient of a Value, without a check."""
    value._grad = number


def add_to_grad(value: Any, number: Any) -> None:
    """Add a number to the gradient of a Value."""
    value._grad += number


data_at, grad_at, set_data_at, set_grad_at, add_to_grad_at = data_of, grad_of, set_data, set_grad, add_to_grad
