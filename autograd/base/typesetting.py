"""Names and numbers in LaTeX, and labels in plain text."""

from __future__ import annotations

import math
import re

_JOINERS = "\u200c\u200d"  # not printable, but part of emoji and of words in many scripts


def printable(text: str) -> str:
    r"""Return a label for a line of text: line breaks and control characters, also those of terminals, are escaped.

    Characters that change the direction of the text are escaped as well, because they would reorder what follows.

    >>> printable("a\nb"), printable("\x1b[31mred")
    ('a\\nb', '\\x1b[31mred')
    """
    if text.isprintable():
        return text
    return "".join([c if c.isprintable() or c in _JOINERS else repr(c)[1:-1] for c in text])


def tex_number(number: float, digits: int = 0) -> str:
    r"""Return a number in LaTeX, rounded to ``digits`` significant digits, or with all its digits.

    >>> tex_number(-1.5e-07), tex_number(2 / 3, 6)
    ('-1.5 \\cdot 10^{-7}', '0.666667')
    """
    if math.isnan(number):
        return r"\mathrm{nan}"
    if math.isinf(number):
        return r"\infty" if number > 0 else r"-\infty"
    mantissa, _, exponent = (f"{number:.{digits}g}" if digits else repr(number)).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def tex_name(name: str) -> str:
    """Return a name in LaTeX: a letter with an optional index as a variable, and any other name in upright type."""
    name = printable(" ".join(name.splitlines()))
    if match := re.fullmatch(r"([^\W\d_])_?(\d*)", name):
        letter, index = match.groups()
        return f"{letter}_{{{index}}}" if index else letter
    return rf"\mathrm{{{''.join(_ESCAPES.get(character, character) for character in name)}}}"


_ESCAPES = {character: "\\" + character for character in "_{}#$%&"} | {
    "\\": r"\backslash{}", "^": r"\wedge{}", "~": r"\sim{}", " ": r"\ ",
}  # fmt: skip
