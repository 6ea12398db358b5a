"""What the files that Cython compiles use of Cython and of C, for when they run uncompiled."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

compiled = False
double = float
int = short = schar = uint = Py_ssize_t = size_t = int  # noqa: A001, PLW0127 - the names of C's types
bint = bool
NULL = void = None
p_double = p_int = p_void = pp_void = pp_double = object


def _unchanged(thing: Any) -> Any:
    return thing


def freelist(size: Any) -> Any:
    """Decorator for classes: how many freed objects are kept for the next ones. Here: nothing."""
    return _unchanged


def annotation_typing(enabled: Any) -> Any:
    """Decorator: whether annotations of the function are types of C. Here: nothing."""
    return _unchanged


def exceptval(value: Any = None, check: Any = True) -> Any:
    """Decorator for C functions: what they return if there was an exception; or, without a check, that there is none."""
    return _unchanged


def cast(type_: Any, thing: Any, typecheck: Any = False) -> Any:
    """``thing``, which Python needs nobody to call by another type; but a float that is to be an int becomes one."""
    return int(thing) if type_ is int else thing


def declare(type_: Any, value: Any) -> Any:
    """A variable with a C type; here just its value."""
    return value


final = no_gc = cclass = ccall = cfunc = inline = _unchanged


class _NoGil:
    """Without Python's global lock: ``with nogil:`` a block, ``@nogil`` a function. Here: nothing."""

    __call__ = staticmethod(_unchanged)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        pass


nogil = _NoGil()

# ---- the twins of what is in _capi.pxd ---------------------------------------------------------------------------

LEAF, NODE, TERMS, CUT, ROW = range(5)
set_type_attribute = setattr


def item_of(items: Any, i: Any) -> Any:
    """One item of a tuple."""
    return items[i]


def items_of(items: Any) -> Any:
    """The items of a list or tuple, which stays as it is."""
    return items


def has_type(item: Any, type_: Any) -> bool:
    """Whether the item is exactly of that type."""
    return type(item) is type_


def get_value(variable: Any, default: Any) -> Any:
    """The value of a context variable in the current context."""
    return variable.get(default)


def numbers_of(array: Any) -> Any:
    """The numbers of an array one after the other, row by row, to be read and written."""
    return memoryview(array.reshape(-1))


def numbers_to_change(array: Any, count: Any) -> Any:
    """The numbers of an array of that many, to be read and written by steps of NumPy's."""
    if array.shape != (count,):
        size = array.size
        raise ValueError(
            f"an array of {count} numbers is needed, one a parameter, not of {size}; for other parameters make a new optimizer"
        )
    return array


def every(count: Any) -> Any:
    """In place of ``range``: one step for the places of all numbers of an array."""
    return (slice(count),)


def sqrt(numbers: Any) -> Any:
    """The square root, also of each number of an array."""
    return numbers**0.5
