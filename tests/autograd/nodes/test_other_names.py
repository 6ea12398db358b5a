"""Names of other libraries are errors with a remedy, and do not show up as attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.nodes.other_names import REMEDIES

SOURCES = ("data", "detach", "grad", "backward", "operands", "op", "partials", "label", "log", "square", "draw", "maximum")


def message(name: str) -> str:
    with pytest.raises(AttributeError) as caught:
        getattr(Value(2.0), name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("value", "a Value has no attribute 'value'; x.data is its number"),
        ("item", "a Value has no attribute 'item'; x.data is its number"),
        ("numpy", "a Value has no attribute 'numpy'; x.data is its number"),
        ("gradient", "a Value has no attribute 'gradient'; use x.grad after y.backward()"),
        ("children", "a Value has no attribute 'children'; use x.operands"),
        ("name", "a Value has no attribute 'name'; use x.label"),
        ("shape", "a Value has no attribute 'shape'; a Value is one number, not an array; x.data is its number"),
        ("sum", "a Value has no attribute 'sum'; a Value is one number, not an array; autograd.sum accepts a list of Values"),
        ("retain_grad",
         "a Value has no attribute 'retain_grad'; every Value keeps the gradient of the latest pass in x.grad"),
    ],
)  # fmt: skip
def test_the_message_names_the_attribute_to_use(name: str, text: str) -> None:
    assert message(name) == text


@pytest.mark.parametrize("name", REMEDIES)
def test_the_name_is_not_an_attribute(name: str) -> None:
    x: Any = Value(2.0)
    if name not in ("_prev", "_op", "_backward"):  # autograd.micrograd adds these
        assert not hasattr(x, name)
        assert not hasattr(Value, name)
        assert name not in dir(x)
        assert getattr(x, name, "default") == "default"
        with pytest.raises(AttributeError, match=f"^a Value has no attribute '{name}'; "):
            setattr(x, name, 1.0)


@pytest.mark.parametrize("name", SOURCES)
def test_the_attributes_of_the_remedies_exist(name: str) -> None:
    assert name in dir(Value(2.0))


def test_python_adds_no_other_suggestion() -> None:
    with pytest.raises(AttributeError) as caught:
        Value(2.0).item()
    assert caught.value.name is None


def test_a_typing_error_gets_the_suggestion_of_python() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'gard'") as caught:
        Value(2.0).gard  # noqa: B018 - the access is the test
    assert caught.value.name == "gard"


def test_numpy_still_reduces_a_value() -> None:
    x: Any = Value(3.0)
    assert (np.sum(x).data, np.mean(x).data, np.shape(x), np.ndim(x)) == (3.0, 3.0, (), 0)


def test_all_functions_of_the_remedies_exist() -> None:
    for name in ("sum", "mean", "prod", "norm", "softmax", "dot", "no_grad", "primitive", "maximum", "minimum"):
        assert callable(getattr(autograd, name))
