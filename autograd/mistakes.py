"""Warnings of what is seldom meant: gradients that add up, data changed too late, parameters that get no gradient."""

from __future__ import annotations

import math
import warnings

from autograd.errors import MistakeWarning
from autograd.real import refusal
from autograd.stepping import reached
from autograd.value import Value
from autograd.watching import Watcher, in_words, users_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from autograd.watching import Place


class find_mistakes(Watcher):  # noqa: N801 - used like a function
    """Within ``with find_mistakes():``, a warning points to each line of your code that does what is seldom meant.

    - A second ``backward`` adds to the gradients of the first, as nothing set them to 0.0 in between.
    - The ``data`` of a leaf was changed between an operation on it and ``backward``, which goes by the number that it was.
    - One of the ``parameters`` gets no gradient from a ``backward``.

    Each is told once for each leaf. ``nn.find_mistakes(model, optimizer)`` finds more. Everything takes longer and is kept
    in memory until the block ends. It is for the thread or task that enters it.

    Args:
        parameters: the leaves that each ``backward`` should reach, or a dict with their names.

    Warns:
        MistakeWarning: at the line. ``warnings.simplefilter("error")`` makes errors of them, raised before a ``.grad`` changes.

    Raises:
        TypeError: if the parameters are not Values.

    >>> import warnings
    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> with warnings.catch_warnings(record=True) as told, find_mistakes():
    ...     (x * x).backward()
    ...     (x * x).backward()
    >>> print(told[0].message)  # doctest: +ELLIPSIS
    this backward() adds to the gradients of an earlier one: x.grad is 6.0 already; if they are not meant to add up, ...
    """

    def __init__(self, parameters: Iterable[Value] | Mapping[str, Value] = ()) -> None:
        super().__init__()
        self._parameters = _named(parameters)
        self._given: dict[int, list[tuple[int, float]]] = {}  # by node: which operands are leaves, and their numbers then
        self._reached: dict[int, Value] = {}  # the leaves that got gradients
        self._told: set[tuple[str, str | int]] = set()

    def recorded(self, node: Value) -> None:
        """Remember what went in."""
        super().recorded(node)
        given = [(index, operand.data) for index, operand in enumerate(node.operands) if not operand.op]
        if given:
            self._given[id(node)] = given

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Look for all mistakes that can be seen when a pass begins."""
        order = reached(root)
        leaves = [node for node in order if not node.op]
        self._check_data(order)
        if adds:
            self._check_sums(leaves)
            self._check_parameters({id(leaf) for leaf in leaves})
            self._reached.update({id(leaf): leaf for leaf in leaves})

    def forget(self) -> None:
        """Let go of what was kept, as the block has ended."""
        super().forget()
        self._given.clear()
        self._reached.clear()

    def warn(self, kind: str, about: Value | str, message: str, place: Place | None = None) -> None:
        """Point to a line, else to the one that is running; once for each kind and what it is about."""
        key = kind, about if isinstance(about, str) else id(about)
        if key not in self._told:
            self._told.add(key)
            file, line = place or users_line()
            warnings.warn_explicit(message, MistakeWarning, file, line)

    def _check_sums(self, leaves: list[Value]) -> None:
        adding = [leaf for leaf in leaves if leaf.grad != 0.0 and id(leaf) in self._reached]
        if adding:
            more = f" (and {len(adding) - 1} more)" if len(adding) > 1 else ""
            self.warn(
                "sums",
                adding[0],
                f"this backward() adds to the gradients of an earlier one: {in_words(adding[0])}.grad is {adding[0].grad!r} "
                f"already{more}; if they are not meant to add up, call zero_grad() before each backward()",
            )

    def _check_data(self, order: list[Value]) -> None:
        for node in order:
            for index, number in self._given.get(id(node), ()):
                leaf = node.operands[index]
                if not _same(leaf.data, number):
                    self.warn(
                        "data",
                        leaf,
                        f"{in_words(leaf)} was {number!r} when this line computed {node.op!r} of it, and was changed to "
                        f"{leaf.data!r} before backward(), whose gradients are those at {number!r}; compute the result again "
                        "after a change",
                        self.place_of(node),
                    )

    def _check_parameters(self, leaves: set[int]) -> None:
        missing = [(name, parameter) for name, parameter in self._parameters if id(parameter) not in leaves]
        for name, parameter in missing:
            self.warn(
                "parameter",
                parameter,
                f"{name} gets no gradient from this backward() ({len(missing)} of {len(self._parameters)} parameters): the "
                "result was not computed from it; was it computed within no_grad(), or from .data, or is this another Value?",
            )


def _named(parameters: Iterable[Value] | Mapping[str, Value]) -> list[tuple[str, Value]]:
    if not hasattr(parameters, "items"):
        parameters = list(parameters) if hasattr(parameters, "__iter__") else [parameters]  # type: ignore[list-item]
        named = [(in_words(p) if isinstance(p, Value) else str(i), p) for i, p in enumerate(parameters)]
    else:
        named = list(parameters.items())
    for name, parameter in named:
        if not isinstance(parameter, Value):
            raise TypeError(refusal(parameter, f"parameter {name} of find_mistakes() must be a Value"))
        if parameter.op:
            raise ValueError(f"parameter {name} of find_mistakes() must be a leaf, but is {parameter!r}, computed from others")
    return named


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
