"""Optimizers: they change parameters by their gradients.

Each is a class with its options and one method, ``update``, in which ``p`` are the parameters and ``g`` their gradients, as
arrays with one number a parameter; so is what the optimizer remembers from step to step. The arithmetic itself is in
``autograd/rules.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, fields
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from autograd import Value, read_leaves, rules, write_data, write_grads
from nn.base.checks import NotNegative, Share, Switch, not_negative, positive_float, probability
from nn.base.options import Stateful

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray

    class Leaves:
        """Assigned is any Iterable, which becomes a list: how type checkers are told that."""

        def __get__(self, optimizer: Any, kind: Any) -> list[Value]: ...
        def __set__(self, optimizer: Any, given: Iterable[Value]) -> None: ...


def two_shares(numbers: Any, name: str) -> tuple[float, ...]:
    """``numbers``, if they are two from 0 to below 1."""
    if not isinstance(numbers, tuple | list) or len(numbers) != 2:
        raise TypeError(f"{name} must be two numbers, such as (0.9, 0.999), not {numbers!r:.40}")
    return tuple(probability(number, f"{name}[{i}]") for i, number in enumerate(numbers))


Betas: TypeAlias = Annotated[tuple[float, float], two_shares]
Rate: TypeAlias = Annotated[float, positive_float, not_negative]  # a schedule may end at 0, but nothing begins there


class Optimizer(Stateful):
    """What all optimizers share; one of your own needs an ``update``.

    Its annotated attributes are its options, as ``momentum: float = 0.9``; those with ``dataclasses.field(init=False)`` are
    what it remembers of each parameter, at first zeros.

    Args:
        parameters: what to change, as ``model.parameters()``.
        lr: the learning rate, above 0. It can be assigned to later, also 0; ``nn.schedules`` does that.
        weight_decay: how strongly each parameter is pulled towards 0, as if the loss had ``weight_decay / 2 * p**2`` more.

    Raises:
        TypeError: if the parameters are no list, one of them is not a Value, or an option is no number.
        AttributeError: if a parameter was computed from others.
        ValueError: if there are none, or one is there twice; if an option is out of its range.

    >>> class SignDescent(Optimizer):
    ...     def update(self, p, g):
    ...         return p - self.lr * (g > 0) + self.lr * (g < 0)
    >>> p, q = Value(1.0), Value(2.0)
    >>> (5 * p - q).backward()
    >>> SignDescent([p, q], lr=0.5).step()
    >>> p.data, q.data
    (0.5, 2.5)
    """

    parameters: Leaves
    lr: Rate = 0.01
    weight_decay: NotNegative = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        import numpy as np

        if not isinstance(self.parameters, Iterable):
            raise TypeError(f"{type(self).__name__} takes parameters, not {self.parameters!r:.40}; give model.parameters()")
        self.parameters = list(self.parameters)
        self.step_count = 0
        if not self.parameters:
            raise ValueError("there are no parameters to optimize; give model.parameters()")
        if len(set(map(id, self.parameters))) < len(self.parameters):
            raise ValueError("a parameter is listed twice and would be changed twice; list each one once")
        try:
            read_leaves(self.parameters)
        except (TypeError, AttributeError) as problem:  # one is no Value, or no leaf
            raise type(problem)(f"{type(self).__name__}: {problem}; give model.parameters()") from None
        for attribute in fields(self):
            if not hasattr(self, attribute.name):  # what is remembered of each parameter
                setattr(self, attribute.name, np.zeros(len(self.parameters)))

    def step(self) -> None:
        """Change every parameter by its gradient; after an error none is changed."""
        import numpy as np

        p, g = read_leaves(self.parameters)
        with np.errstate(all="ignore"):  # as with floats, what diverges becomes inf and nan without a warning
            if self.weight_decay:
                p, g = self.decay(p, g)
            p = self.update(p, g)
        write_data(self.parameters, p)
        self.step_count += 1

    def update(self, p: Array, g: Array) -> Array:
        """The new parameters; ``step_count`` is how many steps there were before."""
        raise NotImplementedError(f"{type(self).__name__} needs a method update(p, g)")

    def decay(self, p: Array, g: Array) -> tuple[Array, Array]:
        """Parameters and gradients with weight decay: here it is part of the gradient (AdamW has another)."""
        return p, g + self.weight_decay * p

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.0, as is needed before each ``backward``."""
        write_grads(self.parameters, 0.0)


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

    momentum: Share = 0.0
    nesterov: Switch = False
    velocity: Array = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a momentum above 0, such as momentum=0.9")
        if not self.momentum:
            del self.velocity  # plain descent remembers nothing

    def update(self, p: Array, g: Array) -> Array:
        """By the gradient, or by the velocity."""
        if not self.momentum:
            return rules.descend(p, g, self.lr)
        if not hasattr(self, "velocity"):  # the momentum was assigned later
            self.velocity = 0.0 * g
        return rules.momentum(p, g, self.velocity, self.lr, self.momentum, self.nesterov)


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

    eps: NotNegative = field(default=1e-10, kw_only=True)  # PyTorch has something else in its place
    squares: Array = field(init=False)

    def update(self, p: Array, g: Array) -> Array:
        """Divide by the root of the sum of all squared gradients."""
        return rules.adagrad(p, g, self.squares, self.lr, self.eps)


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

    alpha: Share = 0.99
    eps: NotNegative = 1e-8
    momentum: Share = field(default=0.0, kw_only=True)  # PyTorch has something else in its place
    squares: Array = field(init=False)
    velocity: Array = field(init=False)

    def update(self, p: Array, g: Array) -> Array:
        """Divide by the root of the mean square, hence the name."""
        return rules.rmsprop(p, g, self.squares, self.velocity, self.lr, self.alpha, self.eps, self.momentum)


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

    lr: Rate = 0.001
    betas: Betas = (0.9, 0.999)
    eps: NotNegative = 1e-8
    m: Array = field(init=False)
    v: Array = field(init=False)

    def update(self, p: Array, g: Array) -> Array:
        """Divide the mean of the gradients by the root of that of their squares."""
        beta1, beta2 = self.betas
        return rules.adam(p, g, self.m, self.v, self.lr, beta1, beta2, self.eps, self.step_count + 1)


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

    weight_decay: NotNegative = field(default=0.01, kw_only=True)

    def decay(self, p: Array, g: Array) -> tuple[Array, Array]:
        """Off the parameters, and not into the gradients."""
        return p * (1 - self.lr * self.weight_decay), g


OPTIMIZERS: dict[str, type[Optimizer]] = {kind.__name__.lower(): kind for kind in (SGD, Adagrad, RMSprop, Adam, AdamW)}
