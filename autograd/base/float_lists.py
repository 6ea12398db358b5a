"""``FloatList``: the replacement of a NumPy array where NumPy is missing, as in the playground of the documentation.

It has the few properties that reading many Values and the update rules of optimizers need: arithmetic element by element, with
the results of NumPy.
"""

from __future__ import annotations

import operator

from autograd.base.real import Ieee, libm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class FloatList(list[float]):
    """A list of floats with the arithmetic of a NumPy array of one dimension.

    >>> numbers = FloatList([1.0, -2.0])
    >>> 2 * numbers + 1
    FloatList([3.0, -3.0])
    >>> numbers / 0.0
    FloatList([inf, -inf])
    """

    __slots__ = ()

    @property
    def shape(self) -> tuple[int]:
        """The number of floats, in a tuple."""
        return (len(self),)

    @property
    def size(self) -> int:
        """The number of floats."""
        return len(self)

    def tolist(self) -> list[float]:
        """Return a list of Python's own type."""
        return list(self)

    def copy(self) -> FloatList:
        """Return a new list with the same floats."""
        return FloatList(self)

    def __getitem__(self, index: Any) -> Any:
        item = super().__getitem__(index)
        return FloatList(item) if isinstance(index, slice) else item

    def __repr__(self) -> str:
        return f"FloatList({super().__repr__()})"

    def clip(self, low: float, high: float) -> FloatList:
        """Return the floats, limited to an interval."""
        return FloatList([min(max(number, low), high) for number in self])

    # fmt: off
    def __neg__(self) -> FloatList: return FloatList([-number for number in self])
    def __abs__(self) -> FloatList: return FloatList([abs(number) for number in self])
    def __add__(self, other: Any) -> Any: return self._apply(operator.add, self, other)
    def __radd__(self, other: Any) -> Any: return self._apply(operator.add, other, self)
    def __sub__(self, other: Any) -> Any: return self._apply(operator.sub, self, other)
    def __rsub__(self, other: Any) -> Any: return self._apply(operator.sub, other, self)
    def __mul__(self, other: Any) -> Any: return self._apply(operator.mul, self, other)
    def __rmul__(self, other: Any) -> Any: return self._apply(operator.mul, other, self)
    def __truediv__(self, other: Any) -> Any: return self._apply(_divide, self, other)
    def __rtruediv__(self, other: Any) -> Any: return self._apply(_divide, other, self)
    def __pow__(self, other: Any) -> Any: return self._apply(_power, self, other)
    def __lt__(self, other: Any) -> Any: return self._apply(operator.lt, self, other)
    def __le__(self, other: Any) -> Any: return self._apply(operator.le, self, other)
    def __gt__(self, other: Any) -> Any: return self._apply(operator.gt, self, other)
    def __ge__(self, other: Any) -> Any: return self._apply(operator.ge, self, other)
    # fmt: on

    def _apply(self, function: Callable[[float, float], float], x: Any, y: Any) -> Any:
        """Apply a function element by element. One of ``x`` and ``y`` may be a number."""
        x, y = ([float(side)] * len(self) if isinstance(side, int | float) else side for side in (x, y))
        if not isinstance(x, list) or not isinstance(y, list):
            return NotImplemented
        if len(x) != len(y):
            raise ValueError(f"both lists must have the same length, not {len(x)} and {len(y)}")
        return FloatList([float(function(*pair)) for pair in zip(x, y, strict=True)])


def zeros(count: int) -> FloatList:
    """Return a list of zeros."""
    return FloatList([0.0] * count)


def _divide(x: float, y: float) -> float:
    return float(Ieee(x) / y)


def _power(base: float, exponent: float) -> float:
    """Return the power as NumPy computes it, which rounds square roots correctly."""
    return float(libm.sqrt(base) if exponent == 0.5 else libm.pow(base, exponent))
