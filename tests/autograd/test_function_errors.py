"""The error messages of the functions of the package."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import Value, clip, var

SEQUENCE_FUNCTIONS = ["mean", "var", "logsumexp", "softmax", "log_softmax"]
ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    *((lambda name=name: getattr(autograd, name)([]), ValueError, f"autograd.{name}() needs at least 1 value, not 0")
      for name in SEQUENCE_FUNCTIONS),
    (lambda: var([1.0], ddof=1), ValueError, "autograd.var() needs at least 2 values, not 1"),
    *((lambda name=name: getattr(autograd, name)(Value(1.0)), TypeError,
       f"autograd.{name}() takes a sequence of numbers and Values, not a single Value; use [x]")
      for name in [*SEQUENCE_FUNCTIONS, "prod", "norm"]),
    (lambda: autograd.mean(3.0), TypeError,  # type: ignore[arg-type]
     "autograd.mean() takes a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.mean(["a"]), TypeError,
     "the argument of autograd.mean() must be a real number or a Value, not str ('a')"),
    (lambda: clip(Value(1.0), 3.0, 2.0), ValueError,
     "low must be less than or equal to high in clip(), not low = 3.0 and high = 2.0"),
    (lambda: autograd.clip(Value(2.0), math.nan, 1.0), ValueError,
     "low must be less than or equal to high in clip(), not low = nan and high = 1.0"),
    (lambda: autograd.clip(Value(2.0), None, 1.0), TypeError,  # type: ignore[arg-type]
     "the argument of autograd.clip() must be a real number or a Value, not NoneType (None)"),
    (lambda: autograd.where(True, "a", 1.0), TypeError,  # type: ignore[type-var]
     "the argument of autograd.where() must be a real number or a Value, not str ('a')"),
    *((lambda name=name: getattr(autograd, name)("a"), TypeError,
       f"the argument of autograd.{name}() must be a real number or a Value, not str ('a')")
      for name in ["square", "leaky_relu", "elu", "silu", "gelu", "clip"]),
    (lambda: autograd.exp("a"), TypeError,
     "the argument of autograd.exp() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.hypot(1.0, None), TypeError,
     "an argument of autograd.hypot() must be a real number, not NoneType; pass a number, for example 0.0"),
    (lambda: autograd.hypot(Value(1.0), object), TypeError,
     ("an argument of autograd.hypot() must be a Value or a real number, not type (<class 'object'>); "
     "convert it to a float first")),
    (lambda: autograd.sum(3.0), TypeError,  # type: ignore[call-overload]
     "the argument of autograd.sum() must be a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.sum([1.0, "a"]), TypeError,
     "an element of the argument of autograd.sum() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.dot([1.0], [1.0, 2.0]), ValueError,
     "autograd.dot() needs one input per weight, not 2 inputs for 1 weights"),
    (lambda: autograd.dot(1.0, [1.0]), TypeError,  # type: ignore[call-overload]
     "the weights of autograd.dot() must be a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.dot([1.0], [None]), TypeError,
     "an element of the inputs of autograd.dot() must be a real number, not NoneType; pass a number, for example 0.0"),
    (lambda: autograd.dot([1.0], [1.0], "a"), TypeError,
     "a bias of autograd.dot() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.affine([[1.0], [1.0, 2.0]], [1.0], [0.0, 0.0]), ValueError,
     "autograd.affine() needs one weight per input in each row, not 2 weights for 1 inputs (row 1)"),
    (lambda: autograd.affine([[1.0]], [1.0], [0.0, 0.0]), ValueError,
     "autograd.affine() needs one bias per row of weights, not 2 for 1 rows"),
    (lambda: autograd.affine([[1.0]], [1.0], 0.0), TypeError,  # type: ignore[call-overload]
     "the biases of autograd.affine() must be a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.affine([1.0], [1.0], [0.0]), TypeError,  # type: ignore[list-item]
     "a row of the weights of autograd.affine() must be a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.affine([["a"]], [1.0], [0.0]), TypeError,
     "an element of the weights of autograd.affine() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.affine([[1.0]], [None], [0.0]), TypeError,
     "an element of the inputs of autograd.affine() must be a real number, not NoneType; pass a number, for example 0.0"),
    (lambda: autograd.affine([[1.0]], [1.0], ["a"]), TypeError,
     "a bias of autograd.affine() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.elementwise(autograd.relu, 3.0), TypeError,  # type: ignore[arg-type]
     "autograd.elementwise() takes a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.elementwise(autograd.relu, [Value(1.0), "a"]), TypeError,
     "the argument of autograd.relu() must be a real number, not str ('a'); convert it first: float(text)"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "error", "text"), ERRORS, ids=lambda a: a[:60] if isinstance(a, str) else "")
def test_error_message(expression: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        expression()
    assert str(caught.value) == text
