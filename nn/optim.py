"""Optimizers: they change parameters by their gradients.

Each is a class with one method, ``update``: the formula of its paper. In it ``p`` are the parameters and ``g`` their gradients,
as arrays with one number a parameter, and so is what the optimizer remembers from step to step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from autograd import Value
from nn.choices import not_negative, probability, switch
from nn.optimizer import Optimizer

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray


class SGD(Optimizer):
    """Gradient descent: each step takes ``lr * gradient`` off each parameter ("stochastic" if the data comes in batches).

    Args:
        parameters, lr, weight_decay: as for ``Optimizer``.
        momentum: how much of its velocity a parameter keeps, from 0 to below 1 (Polyak 1964).
        nesterov: whether to take the gradient a step ahead, as Sutskever et al. (2013) put Nesterov's method.

    Raises:
        TypeError, ValueError: as ``Optimizer``; ValueError for nesterov without momentum.

    >>> p = Value(1.0)
    >>> optimizer = SGD([p], lr=0.1)
    >>> (p * 3).backward()
    >>> optimizer.step()
    >>> p.data
    0.7
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.momentum = probability(momentum, "momentum")
        self.nesterov = switch(nesterov, "nesterov")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a momentum above 0, such as momentum=0.9")
        if self.momentum:
            self.velocity = self._zeros()

    def update(self, p: Array, g: Array) -> Array:
        """The velocity is a sum of all gradients in which older ones count less and less."""
        if not self.momentum:
            return p - self.lr * g
        self.velocity = self.momentum * self.velocity + g
        return p - self.lr * (g + self.momentum * self.velocity if self.nesterov else self.velocity)


class Adagrad(Optimizer):
    """A rate for each parameter, the smaller, the larger its gradients have been (Duchi, Hazan and Singer 2011).

    Args:
        parameters, lr, weight_decay: as for ``Optimizer``.
        eps: a small number, not negative, against division by 0.

    Raises:
        TypeError, ValueError: as ``Optimizer``.

    >>> p, q = Value(1.0), Value(1.0)
    >>> (100 * p + q).backward()
    >>> Adagrad([p, q], lr=0.5).step()  # however different the gradients, the first step is lr
    >>> round(p.data, 6), round(q.data, 6)
    (0.5, 0.5)
    """

    def __init__(self, parameters: Iterable[Value], lr: float = 0.01, eps: float = 1e-10, weight_decay: float = 0.0) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.eps = not_negative(eps, "eps")
        self.squares = self._zeros()

    def update(self, p: Array, g: Array) -> Array:
        """Divide by the root of the sum of all squared gradients."""
        self.squares = self.squares + g * g
        return p - self.lr * g / (self.squares**0.5 + self.eps)


class RMSprop(Optimizer):
    """Adagrad that forgets: the squared gradients are averaged over some ``1 / (1 - alpha)`` steps (Hinton 2012, lecture 6).

    Args:
        parameters, lr, weight_decay: as for ``Optimizer``.
        alpha: how much of the average is kept in each step, from 0 to below 1.
        eps: a small number, not negative, against division by 0.
        momentum: as for ``SGD``.

    Raises:
        TypeError, ValueError: as ``Optimizer``.

    >>> p = Value(1.0)
    >>> (100 * p).backward()
    >>> RMSprop([p], lr=0.05, alpha=0.75).step()  # by lr / sqrt(1 - alpha)
    >>> round(p.data, 6)
    0.9
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.alpha = probability(alpha, "alpha")
        self.eps = not_negative(eps, "eps")
        self.momentum = probability(momentum, "momentum")
        self.squares = self._zeros()
        self.velocity = self._zeros()

    def update(self, p: Array, g: Array) -> Array:
        """Divide by the root of the mean square, hence the name."""
        self.squares = self.alpha * self.squares + (1 - self.alpha) * g * g
        self.velocity = self.momentum * self.velocity + g / (self.squares**0.5 + self.eps)
        return p - self.lr * self.velocity


class Adam(Optimizer):
    """RMSprop with momentum, both averages corrected for starting at 0 (Kingma and Ba 2015, algorithm 1).

    Args:
        parameters, lr, weight_decay: as for ``Optimizer``.
        betas: how much of the averages of gradients and of their squares is kept in a step: two numbers from 0 to below 1.
        eps: a small number, not negative, against division by 0.

    Raises:
        TypeError, ValueError: as ``Optimizer``.

    >>> p = Value(1.0)
    >>> optimizer = Adam([p], lr=0.1)
    >>> for step in range(3):
    ...     loss = (p - 0.7) ** 2
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     optimizer.step()
    >>> round(p.data, 2)
    0.71
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise TypeError(f"betas must be two numbers, such as (0.9, 0.999), not {betas!r:.40}")
        self.betas = tuple(probability(beta, f"betas[{i}]") for i, beta in enumerate(betas))
        self.eps = not_negative(eps, "eps")
        self.m = self._zeros()
        self.v = self._zeros()

    def update(self, p: Array, g: Array) -> Array:
        """The names are those of the paper."""
        beta1, beta2 = self.betas
        self.m = beta1 * self.m + (1 - beta1) * g
        self.v = beta2 * self.v + (1 - beta2) * g * g
        m_hat = self.m / (1 - beta1**self.step_count)
        v_hat = self.v / (1 - beta2**self.step_count)
        return p - self.lr * m_hat / (v_hat**0.5 + self.eps)


class AdamW(Adam):
    """Adam with decoupled weight decay: it does not go through the averages (Loshchilov and Hutter 2019).

    Args:
        parameters, lr, betas, eps: as for ``Adam``.
        weight_decay: each step first makes all parameters smaller by this share of ``lr``; not negative.

    Raises:
        TypeError, ValueError: as ``Optimizer``.

    >>> p = Value(1.0)  # its gradient is 0
    >>> AdamW([p], lr=0.1, weight_decay=0.5).step()
    >>> p.data
    0.95
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def decay(self, p: Array, g: Array) -> tuple[Array, Array]:
        """Off the parameters, and not into the gradients."""
        return p * (1 - self.lr * self.weight_decay), g


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}
