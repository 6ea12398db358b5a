"""Names and numbers in LaTeX, and labels in plain text."""

# ruff: noqa: RUF001 - the Greek letters are meant
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
    r"""Return a name in LaTeX: a letter with an optional index as a variable, and any other name in upright type.

    The names of Greek letters, also as LaTeX writes them, are written as these letters.

    >>> tex_name("w1"), tex_name("alpha_2"), tex_name("β₁"), tex_name("$\\gamma_1$"), tex_name("my_loss")
    ('w_{1}', '\\alpha_{2}', '\\beta_{1}', '\\gamma_{1}', '\\mathrm{my\\_loss}')
    """
    name = printable(" ".join(name.splitlines()))
    letters = "|".join(_GREEK.values())
    if match := re.fullmatch(rf"(\$?)(?:\\?({letters})|([^\W\d_]))(?:_?(\d*)|([₀-₉]+))\1", name):
        letter, index = match[2] or match[3], (match[4] or match[5] or "").translate(_SUBSCRIPTS)
        letter = _GREEK.get(letter, letter)
        letter = rf"\{letter}" if letter in _GREEK.values() else letter
        return f"{letter}_{{{index}}}" if index else letter
    return rf"\mathrm{{{''.join(_ESCAPES.get(character, character) for character in name)}}}"


# The letters for which LaTeX has a command.
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi",
    "Ω": "Omega",
}  # fmt: skip
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ESCAPES = {character: "\\" + character for character in "_{}#$%&"} | {
    "\\": r"\backslash{}", "^": r"\wedge{}", "~": r"\sim{}", " ": r"\ ",
}  # fmt: skip
