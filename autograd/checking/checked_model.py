"""A model under check: its parameters are the inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.base.real import is_real
from autograd.checking.checked_function import CheckedFunction
from autograd.checking.shadow import light_run, record
from autograd.checking.tape import Tape
from autograd.transforms.derivatives import gradients
from autograd.value import Value


class CheckedModel(CheckedFunction):
    """A model and its parameters, which are the inputs.

    Args:
        model: An object with a method ``named_parameters`` that can be called with a row.
        rows: The rows: a sequence, or a DataFrame of pandas or polars.
        targets: The second argument of ``loss``: a sequence, a Series or a DataFrame.
        loss: A function of the list of all outputs and the targets, or None to check the outputs themselves.
    """

    def __init__(self, model: Any, rows: Any, targets: Any, loss: Callable[..., Any] | None) -> None:
        named = model.named_parameters()
        if not named:
            raise ValueError(f"{model!r:.60} has no parameters to check; pass a function of its inputs instead")
        self.parameters: list[Value] = [parameter for _, parameter in named]
        self.model: Any = model
        self.rows: Any = _as_lists(rows)
        if not hasattr(self.rows, "__iter__") or any(is_real(row) or isinstance(row, Value) for row in self.rows):
            raise TypeError("inputs must be rows for a model, not numbers; write gradcheck(model, [[1.0, 2.0]]) for one row")
        self.targets: Any = _as_lists(targets)
        self.loss: Any = loss
        super().__init__(self._run, [parameter.data for parameter in self.parameters], None)
        self.name: str = type(model).__name__
        self.names: list[str] = [name for name, _ in named]

    def _run(self, values: Any) -> Any:
        if values[0] is not self.parameters[0]:
            self._set([value.data for value in values])
        outputs = [self.model(row) for row in self.rows]
        return outputs if self.loss is None else self.loss(outputs, self.targets)

    def _set(self, numbers: Sequence[float]) -> None:
        for parameter, number in zip(self.parameters, numbers, strict=True):
            parameter.data = number

    def _with(self, numbers: Sequence[float], compute: Callable[[], Any]) -> Any:
        """Return the result of a function that is called while the parameters have these numbers."""
        before = [parameter.data for parameter in self.parameters]
        try:
            self._set(numbers)
            return compute()
        finally:
            self._set(before)

    def record(self, floats: Sequence[float]) -> Tape:
        """Run the model with these parameters, and return the tape."""
        return self._with(floats, lambda: record(self.call, self.parameters))  # type: ignore[no-any-return]

    def light_run(self, floats: Sequence[float]) -> list[Any]:
        """Run the model with these parameters, and return its operations and constants."""
        return self._with(floats, lambda: light_run(self.call, self.parameters))  # type: ignore[no-any-return]

    def value(self, numbers: Sequence[float]) -> list[float]:
        """Compute the outputs with these parameters."""
        return self._with(numbers, lambda: super(CheckedModel, self).value(numbers))  # type: ignore[no-any-return]

    def gradient(self, numbers: Sequence[float]) -> list[list[float]]:
        """Compute the derivatives of each output with respect to the parameters."""

        def compute() -> list[list[float]]:
            return [
                gradients(output, self.parameters) if isinstance(output, Value) else [0.0] * len(self.parameters)
                for output in self.call(self.parameters)
            ]

        return self._with(numbers, compute)  # type: ignore[no-any-return]

    def hessian(self) -> list[list[float]]:
        """Compute the second derivatives with respect to the parameters."""
        first = gradients(self.call(self.parameters)[0], self.parameters, create_graph=True)
        return [gradients(derivative, self.parameters) for derivative in first]

    def record_gradient(self) -> Tape:
        """Return the tape of the model and its gradient."""

        def derivatives(values: list[Value]) -> list[Any]:
            return gradients(self.call(values)[0], values, create_graph=True)  # type: ignore[no-any-return]  # a list

        return record(derivatives, self.parameters)


def _as_lists(table: Any) -> Any:
    """Return the rows of a DataFrame, whose items are its columns otherwise, as lists; anything else unchanged."""
    return table.to_numpy().tolist() if hasattr(table, "to_numpy") else table
