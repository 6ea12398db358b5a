"""Errors of NumPy and SciPy for arrays of Values have a note with the remedy, in each function that passes such arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, grad, gradcheck, hessian, jacobian, value_and_grad

OWN = "compute it with operations on Values, or check your own gradient with gradcheck(f, x, gradient=...)"
LINEAR_ALGEBRA = f"NumPy's linear algebra does not accept Values; {OWN}"


@pytest.mark.parametrize(
    "call",
    [
        lambda f, x: gradcheck(f, x),
        lambda f, x: grad(f)(x),
        lambda f, x: value_and_grad(f)(x),
        lambda f, x: jacobian(f)(x),
        lambda f, x: hessian(f)(x),
        lambda f, x: grad(grad(f))(x),
        lambda f, x: autograd.compile(f)(x[None]),
    ],
)
def test_each_function_names_the_remedy_for_linear_algebra(call: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(TypeError) as error:
        call(lambda a: np.linalg.det(a), np.eye(2))
    assert error.value.__notes__[0] == LINEAR_ALGEBRA
    assert error.value.__notes__.count(LINEAR_ALGEBRA) == 1


@pytest.mark.parametrize(
    ("f", "note"),
    [
        (lambda a: np.linalg.inv(a).sum(), LINEAR_ALGEBRA),
        (lambda a: np.linalg.solve(a, np.ones(2)).sum(), LINEAR_ALGEBRA),
        (lambda a: np.linalg.eigvalsh(a).sum(), LINEAR_ALGEBRA),
        (lambda a: np.linalg.svd(a)[1].sum(), LINEAR_ALGEBRA),
        (lambda a: np.linalg.cholesky(a).sum(), LINEAR_ALGEBRA),
        (lambda a: abs(np.fft.fft(a).sum()), f"fft of an array does not accept Values; {OWN}"),
        (lambda a: np.copysign(a, a).sum(), "copysign of an array does not accept Values; use autograd.copysign"),
        (
            lambda a: np.isnan(a).sum(),
            "isnan of an array does not accept Values; use np.isnan(autograd.read_data(list(array)))",
        ),
    ],
)
def test_the_remedy_depends_on_the_function(f: Callable[[Any], Any], note: str) -> None:
    with pytest.raises(TypeError) as error:
        grad(f)(np.eye(2))
    assert error.value.__notes__ == [note]


def test_the_remedies_work() -> None:
    x = np.array([[2.0, 1.0], [0.5, 3.0]])
    assert gradcheck(lambda a: np.linalg.det(a), x, gradient=lambda a: np.linalg.det(a) * np.linalg.inv(a).T)
    assert not np.isnan(autograd.read_data(list(np.array([Value(1.0), Value(2.0)])))).any()


def test_other_errors_have_no_note() -> None:
    def fails(x: Any) -> Any:
        raise TypeError("something else")

    with pytest.raises(TypeError) as error:
        grad(fails)(1.0)
    assert not getattr(error.value, "__notes__", [])
