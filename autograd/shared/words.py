"""Words of messages: numbers of things, and names that resemble a given one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any


def counted(count: int, noun: str) -> str:
    """Return a number and a noun in the singular or plural.

    >>> counted(1, "node"), counted(2000, "node"), counted(0, "box")
    ('1 node', '2,000 nodes', '0 boxes')
    """
    return f"{count:,} {noun if count == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Return the plural of a noun.

    >>> plural("row"), plural("class"), plural("entry")
    ('rows', 'classes', 'entries')
    """
    if noun.endswith("y"):
        return f"{noun.removesuffix('y')}ies"
    return f"{noun}es" if noun.endswith(("s", "x")) else f"{noun}s"


def refuse_other_value(thing: Any, rule: str) -> None:
    """Raise TypeError if ``thing`` belongs to another class named ``Value``, such as an engine written by the user.

    >>> class Value: pass
    >>> refuse_other_value(Value(), "y must be a Value")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    TypeError: y must be a Value, not ....Value (<...); record the expression with autograd.Value
    """
    kind = type(thing)
    if kind.__name__ == "Value":
        raise TypeError(f"{rule}, not {kind.__module__}.Value ({thing!r:.40}); record the expression with autograd.Value")


def refuse_non_value(thing: Any, rule: str) -> None:
    """Raise TypeError if ``thing`` belongs to another class named ``Value``, or is a string, such as a label.

    >>> refuse_non_value("x", "y must be a Value")
    Traceback (most recent call last):
        ...
    TypeError: y must be a Value, not str ('x'); pass the Value itself, not its name
    """
    refuse_other_value(thing, rule)
    if isinstance(thing, str):
        raise TypeError(f"{rule}, not str ({thing!r:.40}); pass the Value itself, not its name")


def did_you_mean(
    word: str, known: Iterable[str], synonyms: Mapping[str, Sequence[str]] | None = None, exact: bool = False
) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name that resembles ``word`` most, or ``""``.

    Args:
        word: The given name. Its case does not matter.
        known: The known names.
        synonyms: Names in other libraries, in lower case, without "_", "-" and a final "loss". The first known one of each
            list is suggested. If it is given, abbreviations and longer names count as well.
        exact: Whether only synonyms and misspelt names count, but no abbreviations and longer names.

    >>> did_you_mean("Vlaue", ["Value", "MLP"]), did_you_mean("value", ["Value", "MLP"]), did_you_mean("x", ["Value"])
    ("; did you mean 'Value'?", "; did you mean 'Value'?", '')
    >>> did_you_mean("bce", ["mse", "binary_cross_entropy"], synonyms={})
    "; did you mean 'binary_cross_entropy'?"
    """
    from difflib import get_close_matches  # only for an error

    names, given = {name.lower(): name for name in known}, word.lower()
    found: list[str] = []
    if synonyms is not None:
        plain = given.replace("_", "").replace("-", "").removesuffix("loss") or given
        found = [name for name in names if name.replace("_", "") == plain]
        found = found or [name for name in synonyms.get(plain, ()) if name in names][:1]
    found = found or get_close_matches(given, names, 1, 0.75 if exact else 0.6)
    if not found and synonyms is not None and not exact:
        found = _abbreviated(given, list(names))
    return f"; did you mean {names[found[0]]!r}?" if found else ""


def _abbreviated(given: str, names: list[str]) -> list[str]:
    """Return the names that begin with ``given``, or whose initials are its first letters, or that are a part of it."""
    if len(given) > 2 and (found := [name for name in names if name.startswith(given)]):
        return found
    initials = {"".join(part[:1] for part in name.split("_")): name for name in names if "_" in name.strip("_")}
    found = [name for short, name in initials.items() if given == short]
    return found or sorted((name for name in names if len(name) > 1 and name in given), key=len)[-1:]
