"""``no_grad``: disable the recording of operations."""

from __future__ import annotations

from autograd.base.modes import change_no_grad_depth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self, TypeVar, overload

    Function = TypeVar("Function", bound=Callable[..., Any])

_IS_GENERATOR = 0x20 | 0x200  # flags of a function's code object; importing `inspect` is slow
_IS_COROUTINE = 0x80


class Block(type):
    """The class of classes whose instances are ``with`` blocks. It reports a forgotten call: ``with no_grad:``."""

    def __enter__(cls) -> None:
        raise TypeError(f"{cls.__name__} must be called in a with statement; write `with autograd.{cls.__name__}():`")

    def __exit__(cls, *exception: object) -> None:
        """Do nothing. Python looks the method up before it calls ``__enter__``."""


class no_grad(metaclass=Block):  # noqa: N801 - used like a function
    """Disable recording in a ``with`` block, or in a function decorated with it.

    Operations are computed, but their results are leaves without operands. A Value may also be used where a float is
    expected, for example in ``math.exp(v)``. The effect is local to the current thread and asyncio task. Blocks can be nested.

    Raises:
        TypeError: If the decorated object is not a function. Also if it is a generator function, because the caller's code runs
            between two of its items.

    >>> from autograd import Value
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y
    Value(4.0)
    >>> @no_grad()
    ... def predict(x):
    ...     return x * 10
    >>> predict(x).operands
    ()
    """

    if TYPE_CHECKING:

        @overload
        def __new__(cls, function: None = None) -> Self: ...
        @overload
        def __new__(cls, function: Function) -> Function: ...  # type: ignore[misc]  # __new__ may return another type

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """Also allow ``@no_grad`` without parentheses."""
        block = super().__new__(cls)
        return block if function is None else block(function)

    def __enter__(self) -> None:
        change_no_grad_depth(+1)

    def __exit__(self, *exception: object) -> None:
        change_no_grad_depth(-1)

    def __call__(self, function: Function) -> Function:
        """Decorate a function or a coroutine function."""
        if isinstance(function, type) or not callable(function):
            kind = type(function).__name__
            raise TypeError(f"no_grad decorates functions, not {kind} ({function!r:.60}); decorate the methods of a class")
        import functools  # slow to import

        flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
        if flags & _IS_GENERATOR:
            raise TypeError(
                f"no_grad cannot decorate the generator function {function.__name__!r}, because the caller's code runs between "
                "two of its items; use `with autograd.no_grad():` inside it, around the code between two yields"
            )
        if flags & _IS_COROUTINE:

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

        else:

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]  # it has the same signature
