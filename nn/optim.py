"""Optimizers: they change parameters by their gradients."""

from __future__ import annotations

from collections.abc import Iterable

from autograd import Value
from nn.choices import positive_float


class SGD:
    """Gradient descent: each step takes ``lr * gradient`` off each parameter ("stochastic" if the data comes in batches).

    Args:
        parameters: what to change, as ``model.parameters()``.
        lr: the learning rate, above 0.

    Raises:
        TypeError: if the parameters are no list, or one of them is not a Value.
        ValueError: if there are none, one is there twice or was computed from others, or the rate is not above 0.

    >>> p = Value(1.0)
    >>> optimizer = SGD([p], lr=0.1)
    >>> (p * 3).backward()
    >>> optimizer.step()
    >>> p.data
    0.7
    """

    def __init__(self, parameters: Iterable[Value], lr: float = 0.01) -> None:
        if not isinstance(parameters, Iterable):
            kind = type(parameters).__name__
            raise TypeError(f"SGD takes the parameters as a list, not {kind} ({parameters!r:.40}); give model.parameters()")
        self.parameters = list(parameters)
        self.lr = positive_float(lr, "lr")
        if not self.parameters:
            raise ValueError("there are no parameters to optimize; give model.parameters()")
        for index, parameter in enumerate(self.parameters):
            if not isinstance(parameter, Value):
                raise TypeError(f"parameter {index} is not a Value but {type(parameter).__name__}; give model.parameters()")
            if parameter.op:
                raise ValueError(f"parameter {index} ({parameter!r}) was computed from others; only leaves can be changed")
        if len({id(parameter) for parameter in self.parameters}) < len(self.parameters):
            raise ValueError("a parameter is listed twice and would be changed twice; list each one once")

    def step(self) -> None:
        """Change every parameter by its gradient."""
        lr = self.lr
        for parameter in self.parameters:
            parameter.data -= lr * parameter.grad

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.0, as is needed before each ``backward``."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def __repr__(self) -> str:
        return f"SGD({len(self.parameters)} parameters, lr={self.lr!r})"


OPTIMIZERS = {"sgd": SGD}
