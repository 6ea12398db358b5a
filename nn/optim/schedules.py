"""Schedules: change the learning rate of an optimizer from epoch to epoch.

Each schedule computes the next rate from the current one, with the formula of the PyTorch class of the same name. Therefore
several schedules, such as a warm-up and a decay, can share an optimizer: each ``step`` applies its own change.
"""

import math
from typing import Protocol

from nn.base.checks import any_float, non_negative_float, non_negative_int, positive_float, positive_int, probability
from nn.base.options import Stateful, option


class HasRate(Protocol):
    """The part of an optimizer that schedules use."""

    lr: float


class Schedule(Stateful):
    """Base class of all schedules. Subclasses implement ``next_lr``. Annotated attributes are options; see ``Optimizer``.

    The state of a schedule consists of the epoch and the options. The learning rate is part of the optimizer's state.

    Args:
        optimizer: An object with a learning rate ``lr``.

    Raises:
        TypeError: If the optimizer has no ``lr``, or an option has the wrong type.
        ValueError: If an option is out of range.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> class Harmonic(Schedule):
    ...     def next_lr(self, lr):
    ...         return lr * self.epoch / (self.epoch + 1)
    >>> schedule = Harmonic(SGD([Value(0.0)], lr=0.6))
    >>> [round(schedule.step(), 6) for epoch in range(2)]
    [0.3, 0.2]
    """

    optimizer: HasRate

    def __attrs_post_init__(self) -> None:
        given = self.optimizer
        if isinstance(given, type) or not hasattr(given, "lr"):
            rule = "an optimizer, such as SGD(model.parameters())"
            raise TypeError(f"the first argument of {type(self).__name__} must be {rule}, not {given!r:.40}")
        self.epoch: int = 0

    def step(self, loss: float | None = None) -> float:
        """Set the learning rate of the next epoch and return it. Call this at the end of each epoch.

        Args:
            loss: The loss of the epoch. Only ``ReduceLROnPlateau`` uses it.
        """
        self.epoch += 1
        self.optimizer.lr = max(0.0, self.next_lr(self.optimizer.lr))  # rounding may result in a negative number
        return self.optimizer.lr

    def next_lr(self, lr: float) -> float:
        """Return the learning rate that follows ``lr``. ``epoch`` is 1 after the first epoch."""
        raise NotImplementedError(f"{type(self).__name__} needs a method next_lr(lr)")


class StepLR(Schedule):
    """Step decay: multiply the rate by ``gamma`` after every ``step_size`` epochs.

    Args:
        optimizer: See ``Schedule``.
        step_size: Number of epochs between two changes.
        gamma: The factor, positive.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = StepLR(SGD([Value(0.0)], lr=1.0), step_size=2, gamma=0.5)
    >>> [schedule.step() for epoch in range(4)]
    [1.0, 0.5, 0.5, 0.25]
    """

    step_size: int = option(positive_int)
    gamma: float = option(positive_float, default=0.1)

    def next_lr(self, lr: float) -> float:
        """Multiply by ``gamma`` if ``epoch`` is a multiple of ``step_size``."""
        return lr if self.epoch % self.step_size else lr * self.gamma


class ExponentialLR(Schedule):
    """Exponential decay: multiply the rate by ``gamma`` after every epoch.

    Args:
        optimizer: See ``Schedule``.
        gamma: The factor, positive.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = ExponentialLR(SGD([Value(0.0)], lr=1.0), gamma=0.5)
    >>> [schedule.step() for epoch in range(4)]
    [0.5, 0.25, 0.125, 0.0625]
    """

    gamma: float = option(positive_float)

    def next_lr(self, lr: float) -> float:
        """Multiply by ``gamma``."""
        return lr * self.gamma


class CosineAnnealingLR(Schedule):
    """Half a cosine: ``eta_min + (lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2`` (Loshchilov and Hutter 2017, eq. 5).

    Args:
        optimizer: See ``Schedule``.
        T_max: Number of epochs in which the rate falls to ``eta_min``. After ``T_max`` more epochs it is at its maximum again.
        eta_min: The smallest rate, non-negative.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = CosineAnnealingLR(SGD([Value(0.0)], lr=1.0), T_max=4)
    >>> [round(schedule.step(), 4) for epoch in range(4)]
    [0.8536, 0.5, 0.1464, 0.0]
    """

    T_max: int = option(positive_int)
    eta_min: float = option(non_negative_float, default=0.0)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.base_lr: float = self.optimizer.lr

    def next_lr(self, lr: float) -> float:
        """Multiply by the ratio of the formula at this epoch and at the previous one, unless both are 0."""
        if (self.epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            return lr + (self.base_lr - self.eta_min) * (1 - math.cos(math.pi / self.T_max)) / 2
        now = 1 + math.cos(math.pi * self.epoch / self.T_max)
        before = 1 + math.cos(math.pi * (self.epoch - 1) / self.T_max)
        return now / before * (lr - self.eta_min) + self.eta_min


class LinearLR(Schedule):
    """Linear warm-up: the rate changes linearly from ``start_factor`` to ``end_factor`` times the optimizer's rate.

    Args:
        optimizer: See ``Schedule``. Its rate is changed immediately.
        start_factor: The first factor, positive.
        end_factor: The last factor, non-negative.
        total_iters: Number of epochs from the first factor to the last.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = LinearLR(SGD([Value(0.0)], lr=1.0), start_factor=0.25, total_iters=3)
    >>> [schedule.step() for epoch in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """

    start_factor: float = option(positive_float, default=1 / 3)
    end_factor: float = option(non_negative_float, default=1.0)
    total_iters: int = option(positive_int, default=5)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.optimizer.lr *= self.start_factor

    def next_lr(self, lr: float) -> float:
        """Multiply by the ratio of the factors of this epoch and the previous one."""
        if self.epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1.0 + rise / (self.total_iters * self.start_factor + (self.epoch - 1) * rise))


class ReduceLROnPlateau(Schedule):
    """Multiply the rate by ``factor`` whenever the loss has not improved for more than ``patience`` epochs.

    Args:
        optimizer: See ``Schedule``.
        factor: The factor, in [0, 1).
        patience: Number of epochs to wait for an improvement, non-negative.
        threshold: A loss counts as an improvement if it is lower than the best one by this fraction of it, in [0, 1).
        min_lr: Lower bound of the rate, non-negative.
        eps: Changes of the rate that are not greater than this are omitted. Non-negative.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = ReduceLROnPlateau(SGD([Value(0.0)], lr=1.0), factor=0.5, patience=1)
    >>> [schedule.step(loss) for loss in (3.0, 2.0, 2.0, 2.5)]
    [1.0, 1.0, 1.0, 0.5]
    """

    factor: float = option(probability, default=0.1)
    patience: int = option(non_negative_int, default=10)
    threshold: float = option(probability, default=1e-4)
    min_lr: float = option(non_negative_float, default=0.0)
    eps: float = option(non_negative_float, default=1e-8)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.best: float = math.inf
        self.bad_epochs: int = 0

    def step(self, loss: float | None = None) -> float:
        """Compare the loss of the epoch with the best one, set the learning rate of the next epoch and return it.

        Raises:
            TypeError: If ``loss`` is missing or not a number.
        """
        number = any_float(loss, "loss in step(loss)")
        if number < self.best * (1 - self.threshold):
            self.best, self.bad_epochs = number, 0
        else:  # also if the loss is nan
            self.bad_epochs += 1
        return super().step()

    def next_lr(self, lr: float) -> float:
        """Multiply by ``factor`` if there was no improvement for more than ``patience`` epochs."""
        if self.bad_epochs <= self.patience:
            return lr
        self.bad_epochs = 0
        reduced = max(lr * self.factor, self.min_lr)
        return reduced if lr - reduced > self.eps else lr
