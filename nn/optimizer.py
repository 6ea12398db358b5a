"""What all optimizers share: the parameters, the learning rate, and a step for all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from autograd import Value, read_data, read_grads, write_data, write_grads
from nn.choices import not_negative, positive_float
from nn.state import Stateful

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray


class Optimizer(Stateful):
    """What all optimizers share; one of your own needs an ``update``.

    Args:
        parameters: what to change, as ``model.parameters()``.
        lr: the learning rate, above 0. It can be assigned to later; ``nn.schedules`` does that.
        weight_decay: how strongly each parameter is pulled towards 0, as if the loss had ``weight_decay / 2 * p**2`` more.

    Raises:
        TypeError: if the parameters are no list, one of them is not a Value, or an option is no number.
        ValueError: if there are none, one is there twice or was computed from others; if an option is out of its range.

    >>> class SignDescent(Optimizer):
    ...     def update(self, p, g):
    ...         return p - self.lr * (g > 0) + self.lr * (g < 0)
    >>> p, q = Value(1.0), Value(2.0)
    >>> (5 * p - q).backward()
    >>> SignDescent([p, q], lr=0.5).step()
    >>> p.data, q.data
    (0.5, 2.5)
    """

    def __init__(self, parameters: Iterable[Value], lr: float, weight_decay: float = 0.0) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(
                f"{type(self).__name__} takes the parameters as a list, not {type(parameters).__name__} ({parameters!r:.40}); "
                "give model.parameters()"
            )
        self.parameters = list(parameters)
        self.lr = positive_float(lr, "lr")
        self.weight_decay = not_negative(weight_decay, "weight_decay")
        self.step_count = 0
        if not self.parameters:
            raise ValueError("there are no parameters to optimize; give model.parameters()")
        for index, parameter in enumerate(self.parameters):
            if not isinstance(parameter, Value):
                raise TypeError(f"parameter {index} is not a Value but {type(parameter).__name__}; give model.parameters()")
            if parameter.op:
                raise ValueError(f"parameter {index} ({parameter!r}) was computed from others; only leaves can be changed")
        if len({id(parameter) for parameter in self.parameters}) < len(self.parameters):
            raise ValueError("a parameter is listed twice and would be changed twice; list each one once")

    @property
    def lr(self) -> float:
        """The learning rate: 0 or more, once a schedule changes it."""
        return float(vars(self)["lr"])

    @lr.setter
    def lr(self, lr: float) -> None:
        vars(self)["lr"] = not_negative(lr, "lr")

    def step(self) -> None:
        """Change every parameter by its gradient."""
        import numpy as np

        self.step_count += 1
        p, g = read_data(self.parameters), read_grads(self.parameters)
        with np.errstate(all="ignore"):  # as with floats, what diverges becomes inf and nan without a warning
            if self.weight_decay:
                p, g = self.decay(p, g)
            p = self.update(p, g)
        write_data(self.parameters, p)

    def update(self, p: Array, g: Array) -> Array:
        """The new parameters. What is remembered is assigned to attributes; ``step_count`` is 1 in the first step."""
        raise NotImplementedError(f"{type(self).__name__} needs a method update(p, g)")

    def decay(self, p: Array, g: Array) -> tuple[Array, Array]:
        """Parameters and gradients with weight decay: here it is part of the gradient (AdamW has another)."""
        return p, g + self.weight_decay * p

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.0, as is needed before each ``backward``."""
        write_grads(self.parameters, 0.0)

    def _zeros(self) -> Array:
        """What is remembered of each parameter before the first step."""
        import numpy as np

        return np.zeros(len(self.parameters))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, {self._options()})"
