"""``gradcheck``: whether derivatives are right, by comparing them with differences of the function's values.

It checks functions of Values, whose derivatives come from this package (order 1 and 2), and anybody else's pair of a
function and its gradient: numbers in, numbers out. How a numerical derivative is found and when it can be trusted is in
``ridders.py`` and ``judge.py``; how the result is shown, in ``report.py``.
"""

from __future__ import annotations

import functools
import math

from autograd.base.real import as_float, is_real
from autograd.base.signatures import accepts
from autograd.checking.report import Entry, GradcheckReport
from autograd.checking.verdicts import INCONCLUSIVE, WRONG, Finding, judge
from autograd.no_grad import no_grad
from autograd.transforms.derivatives import hessian, value_and_grad
from autograd.transforms.pytrees import Leaf, flatten_arguments, format_path, paths
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.transforms.pytrees import Path  # the position of an argument, then keys and indices into it


def gradcheck(
    f: Callable[..., Any], inputs: Any, order: int = 1, *, gradient: Callable[..., Any] | None = None
) -> GradcheckReport:
    """Compare the derivatives of ``f`` with numerical ones, by Ridders' extrapolation with an estimate of its error.

    Args:
        f: a function that returns one Value; with ``gradient``, one that takes and returns plain numbers.
        inputs: where to check. A tuple holds the arguments of ``f``; anything else is its only argument. An argument is a
            number, a NumPy array, or lists, tuples and dicts of such; a Value stands for its number.
        order: 1, or 2 to check second derivatives too.
        gradient: the gradient to check, of a function that is not written with Values: it is called as ``f`` is, and
            returns numbers arranged as its only argument, or a tuple or list of these, one an argument.

    Returns:
        A report that is true if every derivative agrees, to the digits that it shows; at a kink or a jump also if it is one
        of the one-sided derivatives or lies between them. A numerical derivative that is worth nothing makes it
        inconclusive, and false. ``print`` shows all; ``raise_if_wrong()`` is for tests.

    Raises:
        TypeError: if ``f`` or an input is not of the right kind, or ``f`` does not return one number.
        ValueError: for an ``order`` other than 1 and 2, for ``order=2`` with ``gradient``, if there is no number among
            the inputs, or what ``gradient`` returns is arranged in another way than the inputs are.

    >>> from autograd import sin
    >>> report = gradcheck(lambda x, y: sin(x) * y, (1e4, 2.0), order=2)
    >>> bool(report), len(report.entries)
    (True, 6)
    >>> bad = gradcheck(lambda x, y: x / y, (3.0, 2.0), gradient=lambda x, y: (1 / y, x / y**2))
    >>> [entry.verdict for entry in bad.entries], bad.diagnosis
    (['agrees', 'WRONG'], ['the sign is wrong (by argument 1)'])
    """
    for name, function in (("f", f), ("gradient", gradient)):
        if not callable(function) and not (function is None and name == "gradient"):
            raise TypeError(f"{name} must be a function, not {type(function).__name__} ({function!r:.40})")
    if type(order) is not int or order not in (1, 2):
        hint = "; several arguments of f go into one tuple: gradcheck(f, (x, y))" if isinstance(order, float | Value) else ""
        raise ValueError(f"unknown order: {order!r} (must be 1 or 2){hint}")
    if gradient is not None and order == 2:
        raise ValueError(
            "order=2 needs second derivatives, which gradient= does not give; check those of one partial derivative at a "
            "time: gradcheck(lambda x: gradient(x)[0], inputs, gradient=lambda x: hessian(x)[0])"
        )
    return _Check(f, inputs, gradient).report(order)


class _Check:
    """One call of ``gradcheck``: the function and its derivatives as functions of one flat list of floats."""

    def __init__(self, f: Callable[..., Any], inputs: Any, gradient: Callable[..., Any] | None) -> None:
        arguments = inputs if type(inputs) is tuple else (inputs,)
        numbers, self.structure = flatten_arguments(dict(enumerate(arguments)))
        if not numbers:
            raise ValueError("there is no number among the inputs of gradcheck(), so there is no derivative")
        self.numbers = [number.data if isinstance(number, Value) else as_float(number) for number in numbers]
        self.paths = [path for i, argument in enumerate(arguments) for path in paths(argument, (i,))]
        self.f = f
        self.name = getattr(f, "__name__", type(f).__name__)
        if not accepts(f, len(arguments)):
            raise TypeError(
                f"{self.name} cannot be called with {len(arguments)} argument{'s' * (len(arguments) != 1)}, which are what "
                "gradcheck() was given; a tuple holds the arguments, gradcheck(f, (x, y)), and a list is one argument"
            )
        self.stated_gradient = gradient

    def value(self, numbers: list[float]) -> float:
        """The function."""
        if self.stated_gradient is not None:
            return _plain_number(self.f(*self.structure.unflatten(list(numbers))), self.name)
        with no_grad():
            result = _unpacked(self.f(*self.structure.unflatten([Value(number) for number in numbers])))
        if isinstance(result, Value):
            return result.data
        if is_real(result):
            raise TypeError(
                f"{self.name} returned the number {result!r}, not a Value, so autograd knows no derivative of it; return a "
                "Value, or, to check a gradient that you computed in another way, pass it: gradcheck(f, inputs, gradient=g)"
            )
        raise TypeError(_not_one(self.name, result, "Value"))

    def gradient(self, numbers: list[float]) -> list[float]:
        """Its derivative by each input, as stated."""
        if self.stated_gradient is None:
            with_gradient = value_and_grad(lambda inputs: _unpacked(self.f(*self.structure.unflatten(inputs))))
            return with_gradient(list(numbers))[1]  # type: ignore[no-any-return]  # as it got a list
        found = self.stated_gradient(*self.structure.unflatten(list(numbers)))
        return _arranged(found, self.paths, len(self.structure.tree) == 2)

    def hessian(self) -> list[list[float]]:
        """Its second derivatives."""
        second = hessian(lambda inputs: _unpacked(self.f(*self.structure.unflatten(inputs))))
        return second(list(self.numbers))  # type: ignore[no-any-return]  # as above

    def report(self, order: int) -> GradcheckReport:
        """Check everything."""
        value, gradient = self.value(self.numbers), self.gradient(self.numbers)
        trouble = self._trouble(value, gradient)
        entries = []
        for i, stated in enumerate(gradient):
            finding = Finding(INCONCLUSIVE, why=trouble) if trouble else self._judge(self.value, i, stated)
            entries.append(Entry(_name(self.paths[i]), (i,), stated, finding, functools.partial(self._snippet, i=i)))
        entries += self._second_order(trouble) if order == 2 else []
        stale = [
            entry for entry in entries if entry.verdict == WRONG and len(entry.numbers) == 1 and math.isfinite(entry.analytic)
        ]
        return GradcheckReport(self.name, entries, ["the gradient is that of another point"] if self._is_stale(stale) else [])

    def _second_order(self, trouble: str) -> list[Entry]:
        size = range(len(self.numbers))
        stated = self.hessian()
        entries: dict[tuple[int, int], Entry] = {}
        for j in size:
            known: dict[float, list[float]] = {}  # a gradient has the derivatives of all the rows of the Hessian in it

            def partial(moved: list[float], i: int, j: int = j, known: dict[float, list[float]] = known) -> float:
                if moved[j] not in known:
                    known[moved[j]] = self.gradient(moved)
                return known[moved[j]][i]

            for i in size:
                along = functools.partial(partial, i=i)
                finding = Finding(INCONCLUSIVE, why=trouble) if trouble else self._judge(along, j, stated[i][j])
                by = f"{_name(self.paths[i])}, {_name(self.paths[j])}"
                make_snippet = functools.partial(self._snippet, i=i, j=j)
                entries[i, j] = Entry(by, (i, j), stated[i][j], finding, make_snippet)
        return [entries[i, j] for i in size for j in size]

    def _judge(self, function: Callable[[list[float]], float], i: int, stated: float) -> Finding:
        """Compare a derivative by input ``i``."""
        return judge(lambda number: function(self._moved(i, number)), self.numbers[i], stated)

    def _moved(self, i: int, number: float) -> list[float]:
        return [*self.numbers[:i], number, *self.numbers[i + 1 :]]

    def _trouble(self, value: float, gradient: list[float]) -> str:
        """What keeps f and its gradient from being functions at all, or ""."""
        again = self.value(self.numbers)
        if not _is_same(value, again):
            return f"f is not a function of its arguments alone: called twice, it returned {value!r} and {again!r}"
        for path, first, second in zip(self.paths, gradient, self.gradient(self.numbers), strict=True):
            if not _is_same(first, second):
                hint = "; is it added to that of the call before, and never set to zero?" if second == 2 * first else ""
                return f"the gradient by {_name(path)} was {first!r}, and {second!r} when computed once more{hint}"
        return ""

    def _is_stale(self, wrong: list[Entry]) -> bool:
        """Whether the gradient stays as it is when the inputs move, and f is not so simple that it may."""
        if not wrong:
            return False
        moved = [number + 0.01 * (abs(number) or 1.0) for number in self.numbers]
        try:
            if self.gradient(moved) != self.gradient(self.numbers):
                return False
            i = wrong[0].numbers[0]
            there = judge(lambda number: self.value([*moved[:i], number, *moved[i + 1 :]]), moved[i], wrong[0].analytic)
        except (ArithmeticError, ValueError):
            return False
        return abs(there.numeric - wrong[0].numeric) > there.error + wrong[0].error

    def _snippet(self, step: float, i: int, j: int | None = None) -> str:
        """Code that computes a derivative both ways."""
        names = {i: "t"} if j is None or j == i else {i: "s", j: "t"}
        point = ", ".join(_text(self.numbers[k]) for k in names)
        *before, last = [_text(self.numbers[k]) for k in names]
        h = step if math.isfinite(step) else 1e-5 * max(1.0, abs(self.numbers[i]))
        plus, minus = (", ".join([*before, f"{last} {sign} h"]) for sign in "+-")
        lines = ["import numpy as np"] if "np.array" in self._call({}) else []
        lines += ["from autograd import grad"] if self.stated_gradient is None else []
        lines += [f"def along({', '.join(names.values())}):", f"    return f{self._call(names)}"]
        if self.stated_gradient is not None:
            path = self.paths[i][1:] if len(self.structure.tree) == 2 else self.paths[i]
            stated = f"gradient{self._call({})}{format_path(path)}"
        elif j is None:
            stated = f"grad(along)({point})"
            lines = [line.replace("import grad", "import Value, grad") for line in lines]
            plus, minus = f"Value({plus})", f"Value({minus})"
        else:
            lines.append("slope = grad(along)")
            stated = f"grad(slope{', 1' if before else ''})({point})"
        function, end = ("along" if j is None else "slope"), (".data" if "Value(" in plus else "")
        difference = f"({function}({plus}){end} - {function}({minus}){end}) / (2 * h)"
        return "\n".join([*lines, f"h = {h!r}", f"print({stated}, {difference})"])

    def _call(self, names: dict[int, str]) -> str:
        """The arguments, written down, with names in the place of some numbers."""
        texts = [_Text(names.get(i, _text(number))) for i, number in enumerate(self.numbers)]

        def leaf(part: Leaf) -> _Text:
            if not part.is_array:
                return texts[part.start]
            inside = f"[{', '.join(map(repr, part.of(texts)))}]"
            return _Text(
                f"np.array({inside}{', dtype=object' if names and self.stated_gradient is None else ''}).reshape({part.shape})"
            )

        arguments = self.structure.rebuild(leaf)
        return f"({', '.join(map(repr, arguments))})"


class _Text(str):
    """Code, which prints without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _text(number: float) -> str:
    return repr(number) if math.isfinite(number) else f"float('{number}')"


def _name(path: Path) -> str:
    return f"argument {path[0]}{format_path(path[1:])}"


def _is_same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


# ---- what functions return ---------------------------------------------------------------------------------------


def _unpacked(result: Any) -> Any:
    """The number in an array without axes, which is what NumPy makes of a sum; anything else as it is."""
    return result.item() if getattr(result, "shape", None) == () and hasattr(result, "item") else result


def _plain_number(result: Any, name: str) -> float:
    result = _unpacked(result)
    if isinstance(result, complex):
        raise ValueError(f"{name} returned the complex number {result!r}, which has no real derivative")
    if isinstance(result, Value):
        return result.data
    if is_real(result):
        return as_float(result)
    raise TypeError(_not_one(name, result, "number"))


def _not_one(name: str, result: Any, kind: str) -> str:
    if result is None:
        return f"{name} returned None; return the {kind} whose derivatives are to be checked"
    return (
        f"{name} returned a {type(result).__name__} ({result!r:.40}), but gradcheck() takes functions that return one {kind}: "
        "check one output at a time, gradcheck(lambda x: f(x)[0], inputs), or their sum"
    )


def _arranged(gradient: Any, places: list[Path], is_single: bool) -> list[float]:
    """The numbers of a gradient, which must be arranged as the inputs are."""
    gradient = _lists(gradient)
    if is_single and len(places[0]) == 1 and isinstance(gradient, list) and len(gradient) == 1:
        gradient = gradient[0]  # a tuple with one item, of a function of one number
    wanted = "as its only argument is" if is_single else "as a tuple with one item for each argument"
    found, numbers = sum(1 for _ in paths(gradient, ())), []
    for path in places:
        part = gradient
        try:
            for key in path[1:] if is_single else path:
                part = part[key]
        except (LookupError, TypeError):
            raise ValueError(
                f"gradient returned {gradient!r:.60}, in which there is nothing for {_name(path)}; it must be arranged {wanted}"
            ) from None
        numbers.append(part.data if isinstance(part, Value) else as_float(part, f"the gradient by {_name(path)}"))
    if found != len(places):
        raise ValueError(f"gradient returned {found} numbers for {len(places)} inputs; they must be arranged {wanted}")
    return numbers


def _lists(thing: Any) -> Any:
    """The same with lists for arrays and tensors."""
    if isinstance(thing, dict):
        return {key: _lists(item) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        return [_lists(item) for item in thing]
    return thing.tolist() if hasattr(thing, "tolist") else thing
