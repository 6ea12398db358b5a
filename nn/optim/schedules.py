"""Schedules: they change the learning rate of an optimizer from epoch to epoch.

Each computes a rate from the one before it, by the formulas of PyTorch's class of the same name; so an optimizer may have
several of them, as a warm-up and a decay, and each ``step`` applies its own change.
"""

from __future__ import annotations

import math
from typing import Protocol

from nn.base.checks import Count, CountFrom0, NotNegative, Positive, Share, any_float
from nn.base.options import Stateful


class HasRate(Protocol):
    """An optimizer, as far as a schedule is concerned."""

    lr: float


class Schedule(Stateful):
    """What all schedules share; one of your own needs a ``next_lr``. Its annotated attributes are its options.

    Its state is the epoch and the options; the rate itself is part of the state of the optimizer.

    Args:
        optimizer: what has a learning rate ``lr``.

    Raises:
        TypeError: if it has none, or an option is no number.
        ValueError: if an option is out of its range.

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

    def __post_init__(self) -> None:
        given = self.optimizer
        if isinstance(given, type) or not hasattr(given, "lr"):
            raise TypeError(f"{type(self).__name__} takes an optimizer, such as SGD(model.parameters()), not {given!r:.40}")
        self.epoch = 0

    def step(self, loss: float | None = None) -> float:
        """Set the rate of the next epoch, and return it; called at the end of each one.

        Args:
            loss: that of the epoch, which only ``ReduceLROnPlateau`` looks at.
        """
        self.epoch += 1
        self.optimizer.lr = max(0.0, self.next_lr(self.optimizer.lr))  # rounding may lead a little below 0
        return self.optimizer.lr

    def next_lr(self, lr: float) -> float:
        """The rate that follows on ``lr``; ``epoch`` is 1 after the first epoch."""
        raise NotImplementedError(f"{type(self).__name__} needs a method next_lr(lr)")


class StepLR(Schedule):
    """Step decay: the rate times ``gamma`` after every ``step_size`` epochs.

    Args:
        optimizer: as for ``Schedule``.
        step_size: how many epochs.
        gamma: the factor, above 0.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = StepLR(SGD([Value(0.0)], lr=1.0), step_size=2, gamma=0.5)
    >>> [schedule.step() for epoch in range(4)]
    [1.0, 0.5, 0.5, 0.25]
    """

    step_size: Count
    gamma: Positive = 0.1

    def next_lr(self, lr: float) -> float:
        """Smaller, if as many epochs are over."""
        return lr if self.epoch % self.step_size else lr * self.gamma


class ExponentialLR(Schedule):
    """Exponential decay: the rate times ``gamma`` after every epoch.

    Args:
        optimizer: as for ``Schedule``.
        gamma: the factor, above 0.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = ExponentialLR(SGD([Value(0.0)], lr=1.0), gamma=0.5)
    >>> [schedule.step() for epoch in range(4)]
    [0.5, 0.25, 0.125, 0.0625]
    """

    gamma: Positive

    def next_lr(self, lr: float) -> float:
        """Always by the same factor."""
        return lr * self.gamma


class CosineAnnealingLR(Schedule):
    """Half a cosine: ``eta_min + (lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2`` (Loshchilov and Hutter 2017, eq. 5).

    Args:
        optimizer: as for ``Schedule``.
        T_max: in how many epochs the rate falls to ``eta_min``; after as many more it is back at the top.
        eta_min: the smallest rate, not negative.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = CosineAnnealingLR(SGD([Value(0.0)], lr=1.0), T_max=4)
    >>> [round(schedule.step(), 4) for epoch in range(4)]
    [0.8536, 0.5, 0.1464, 0.0]
    """

    T_max: Count
    eta_min: NotNegative = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.base_lr = self.optimizer.lr

    def next_lr(self, lr: float) -> float:
        """By the ratio of the formula's values at this epoch and the one before it, unless that is 0 / 0."""
        if (self.epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            return lr + (self.base_lr - self.eta_min) * (1 - math.cos(math.pi / self.T_max)) / 2
        now = 1 + math.cos(math.pi * self.epoch / self.T_max)
        before = 1 + math.cos(math.pi * (self.epoch - 1) / self.T_max)
        return now / before * (lr - self.eta_min) + self.eta_min


class LinearLR(Schedule):
    """A warm-up: the rate goes up evenly, from ``start_factor`` times the optimizer's rate; or down, if you say so.

    Args:
        optimizer: as for ``Schedule``; its rate is changed at once.
        start_factor: above 0.
        end_factor: not negative.
        total_iters: in how many epochs.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = LinearLR(SGD([Value(0.0)], lr=1.0), start_factor=0.25, total_iters=3)
    >>> [schedule.step() for epoch in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """

    start_factor: Positive = 1 / 3
    end_factor: NotNegative = 1.0
    total_iters: Count = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        self.optimizer.lr *= self.start_factor

    def next_lr(self, lr: float) -> float:
        """By the ratio of the factors of this epoch and the one before it."""
        if self.epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1.0 + rise / (self.total_iters * self.start_factor + (self.epoch - 1) * rise))


class ReduceLROnPlateau(Schedule):
    """The rate times ``factor``, whenever the loss has not improved for more than ``patience`` epochs.

    Args:
        optimizer: as for ``Schedule``.
        factor: from 0 to below 1.
        patience: a whole number from 0.
        threshold: the share of the best loss by which another must be less to count as better, from 0 to below 1.
        min_lr: no rate is less than this; not negative.
        eps: a rate is left as it is, if it would change by no more than this; not negative.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> schedule = ReduceLROnPlateau(SGD([Value(0.0)], lr=1.0), factor=0.5, patience=1)
    >>> [schedule.step(loss) for loss in (3.0, 2.0, 2.0, 2.5)]
    [1.0, 1.0, 1.0, 0.5]
    """

    factor: Share = 0.1
    patience: CountFrom0 = 10
    threshold: Share = 1e-4
    min_lr: NotNegative = 0.0
    eps: NotNegative = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        self.best, self.bad_epochs = math.inf, 0

    def step(self, loss: float | None = None) -> float:
        """Look at the loss of the epoch, set the rate of the next one, and return that.

        Raises:
            TypeError: if there is no loss, or it is no number.
        """
        number = any_float(loss, "the loss in step(loss)")
        if number < self.best * (1 - self.threshold):
            self.best, self.bad_epochs = number, 0
        else:  # also if it is nan
            self.bad_epochs += 1
        return super().step()

    def next_lr(self, lr: float) -> float:
        """Less, if patience is over."""
        if self.bad_epochs <= self.patience:
            return lr
        self.bad_epochs = 0
        reduced = max(lr * self.factor, self.min_lr)
        return reduced if lr - reduced > self.eps else lr
