"""Strategies for Hypothesis: numbers in the domain of an operation, Values, arrays, and random expressions.

Use them to test gradients computed by this engine or by your own code.

>>> from hypothesis import given
>>> from autograd import gradcheck, strategies
>>> @given(strategies.expressions(["*", "sin"]))
... def test_my_gradient(f):
...     gradcheck(f, f.inputs).raise_if_wrong()
>>> test_my_gradient()

An argument annotated ``Value`` is drawn automatically: ``@given(...)`` on ``def test(x: Value)``. Strategies for networks
and data sets are in ``nn.strategies``.
"""

from __future__ import annotations

from autograd.strategies.drawing import arrays, expressions, numbers, operands, parameters, values
from autograd.strategies.expression import Expression

__all__ = ["Expression", "arrays", "expressions", "numbers", "operands", "parameters", "values"]
