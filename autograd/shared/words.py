"""Words of messages: numbers of things, and names that resemble a given one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name that resembles ``word`` most, or ``""``.

    >>> did_you_mean("Vlaue", ["Value", "MLP"]), did_you_mean("value", ["Value", "MLP"]), did_you_mean("x", ["Value"])
    ("; did you mean 'Value'?", "; did you mean 'Value'?", '')
    """
    from difflib import get_close_matches  # only for an error

    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), names, 1)
    return f"; did you mean {names[found[0]]!r}?" if found else ""
