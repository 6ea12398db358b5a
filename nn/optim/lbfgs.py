"""``LBFGS``: the optimizer for small models and data that fit in one batch, by SciPy."""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd import Value, read_data, read_grads, write_data
from nn.base.checks import describe, non_negative_float, positive_int
from nn.base.names import suggesting
from nn.base.options import option
from nn.optim.optimizers import WithParameters


class LBFGS(WithParameters):
    """Limited-memory BFGS: approximates the second derivatives from recent gradients (Liu and Nocedal 1989).

    A line search chooses the length of each step, so there is no learning rate. The loss must be the same function in each
    call: use all rows, and no Dropout. ``fit(..., optimizer="lbfgs")`` calls ``step`` once per epoch.

    Args:
        parameters: Values to optimize, such as ``model.parameters()``.
        max_iter: Maximum number of iterations of one ``step``.
        history_size: Number of recent gradients to keep. Each ``step`` starts without any.
        tolerance_grad: Stop if no component of the gradient exceeds this number.

    Raises:
        TypeError, AttributeError: See ``Optimizer``.
        ValueError: See ``Optimizer``. Also if there are groups of parameters.

    Attributes:
        converged: Whether the latest step ended at a minimum: the gradient is below ``tolerance_grad``, or the loss does not
            decrease further.
        iterations: Number of iterations of the latest step.
        loss: The loss after the latest step; nan before the first one.

    >>> x, y = Value(-1.0), Value(2.0)
    >>> optimizer = LBFGS([x, y], max_iter=100)
    >>> def closure():
    ...     loss = (1 - x) ** 2 + 100 * (y - x**2) ** 2  # Rosenbrock's function
    ...     loss.backward()
    ...     return loss
    >>> round(optimizer.step(closure), 6), optimizer.converged, round(x.data, 6), round(y.data, 6)
    (104.0, True, 1.0, 1.0)
    """

    max_iter: int = option(positive_int, default=20)
    history_size: int = option(positive_int, default=10)
    tolerance_grad: float = option(non_negative_float, default=1e-7)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if hasattr(self.parameters, "groups"):
            raise ValueError("LBFGS must have a list of parameters, not groups, because it updates all of them together")
        self.converged: bool = False
        self.iterations: int = 0
        self.loss: float = math.nan

    @suggesting("optimizer.step(closure), where closure() computes the loss, calls its backward() and returns it")
    def step(self, closure: Callable[[], Value | float]) -> float:
        """Minimize the loss by up to ``max_iter`` iterations. If this raises an error, no parameter is changed.

        Args:
            closure: Computes the loss and calls its ``backward``. It is called several times. Gradients are reset before.

        Returns:
            The loss before the step.

        Raises:
            ImportError: If SciPy is not installed.
            ValueError: In the first step, if two calls of the closure return different losses, for example with Dropout.
        """
        if not callable(closure):
            rule = "closure must be a function that computes the loss, calls its backward() and returns it"
            raise TypeError(f"{rule}, not {describe(closure)}")
        try:
            from scipy.optimize import minimize
        except ImportError:
            raise ImportError("LBFGS needs SciPy: pip install 'scalar-autograd[scipy]'") from None
        losses: list[float] = []

        def loss_and_gradient(numbers: object) -> tuple[float, object]:
            write_data(self.parameters, numbers)
            self.zero_grad()
            loss = closure()
            losses.append(loss.data if isinstance(loss, Value) else float(loss))
            return losses[-1], read_grads(self.parameters)

        before = read_data(self.parameters)
        if not self.step_count:
            once, again = (loss_and_gradient(before)[0] for _ in range(2))
            if abs(once - again) > 1e-12 * abs(once):
                found = f"two calls with the same parameters returned {once!r} and {again!r}"
                raise ValueError(
                    f"the loss of LBFGS must be the same in each call, but {found}; use Adam with Dropout and other "
                    "random numbers"
                )
            losses.clear()
        # ftol: stop if the loss decreases by less than about 64 units in its last place, as in scikit-learn.
        options = {"maxiter": self.max_iter, "maxcor": self.history_size, "gtol": self.tolerance_grad, "ftol": 64 * 2.0**-52}
        try:
            found = minimize(loss_and_gradient, before, jac=True, method="L-BFGS-B", options=options)
        except BaseException:
            write_data(self.parameters, before)
            raise
        write_data(self.parameters, found.x)
        self.converged, self.iterations, self.loss = found.status == 0, int(found.nit), float(found.fun)
        self.step_count += 1
        return losses[0]
