"""Optimizers: update parameters from their gradients.

Each optimizer is a class with options and one method, ``update(p, g)``. ``p`` holds the parameters and ``g`` their gradients.
Both, and any state kept between steps, are arrays with one element per parameter. The formulas are in ``update_rules.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, fields

from autograd import LeafTuple, Value, read_leaves, same_items, write_data, write_grads
from autograd.shared import OtherNames
from nn.base.checks import NOT_LISTS, boolean, describe, non_negative_float, positive_float, probability
from nn.base.options import Stateful, all_or_nothing, option
from nn.optim import update_rules
from nn.optim._arrays import quiet, zeros

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray

    class ParameterList:
        """Tells type checkers that any iterable can be passed and assigned, and that it is stored as a list."""

        def __get__(self, optimizer: Any, kind: Any) -> list[Value]: ...
        def __set__(self, optimizer: Any, given: Iterable[Value] | Iterable[Mapping[str, Any]]) -> None: ...


class Grouped(list[Value]):
    """The parameters of all groups, and the groups: the options of each, with its parameters under ``"params"``."""

    def __init__(self, groups: list[dict[str, Any]]) -> None:
        super().__init__(parameter for group in groups for parameter in group["params"])
        self.groups = groups


def parameter_list(parameters: Iterable[Value] | Iterable[Mapping[str, Any]]) -> list[Value]:
    """Return ``parameters`` as a list if they are iterable, or as a list with groups if they are dicts."""
    if not isinstance(parameters, Iterable) or isinstance(parameters, NOT_LISTS):
        raise TypeError(f"parameters must be a list of Values, not {parameters!r:.40}; pass model.parameters()")
    items: list[Any] = list(parameters)
    if not any(isinstance(item, Mapping) for item in items):
        return items
    for i, item in enumerate(items):
        if not isinstance(item, Mapping) or "params" not in item:
            raise TypeError(f"group {i} must be a dict with a list of Values under 'params', not {describe(item)}")
    return Grouped([{**item, "params": parameter_list(item["params"])} for item in items])


def two_probabilities(numbers: Any, name: str) -> tuple[float, float]:
    """Return ``numbers`` as a tuple if they are two numbers in [0, 1)."""
    if not isinstance(numbers, tuple | list) or len(numbers) != 2:
        raise TypeError(f"{name} must be two numbers, such as (0.9, 0.999), not {numbers!r:.40}")
    return probability(numbers[0], f"{name}[0]"), probability(numbers[1], f"{name}[1]")


# Remedies for attributes of other libraries, by name.
_REMEDIES = {
    "param_groups": "use optimizer.groups, and optimizer.lr without groups",
    **dict.fromkeys(("learning_rate", "get_lr", "eta"), "use optimizer.lr"),
    "state": "use optimizer.state_dict()",
    **dict.fromkeys(("minimize", "apply_gradients"), "write loss.backward(), optimizer.step() and optimizer.zero_grad()"),
    "add_param_group": "pass all groups when the optimizer is created",
}


class WithParameters(Stateful, OtherNames):
    """Base class of everything that changes parameters: a list of leaves.

    Attributes:
        step_count: Number of completed steps.
    """

    _remedies = _REMEDIES
    _checked = LeafTuple([])
    parameters: ParameterList = field(converter=parameter_list)

    def __attrs_post_init__(self) -> None:
        self.step_count = 0
        if not self.parameters:
            raise ValueError("parameters must not be empty; pass model.parameters()")
        self._leaves()

    def _leaves(self) -> LeafTuple:
        """Return the parameters. They are checked again only if the list has changed."""
        if not same_items([self.parameters], [self._checked]):
            if len(set(map(id, self.parameters))) < len(self.parameters):
                raise ValueError("a parameter is listed twice, and would be updated twice; list each parameter once")
            try:
                self._checked = LeafTuple(self.parameters)
            except (TypeError, AttributeError) as problem:  # an item is not a Value, or not a leaf
                raise type(problem)(f"{type(self).__name__}: {problem}; pass model.parameters()") from None
        return self._checked

    @staticmethod
    def _instead(*_: Any) -> str:
        """Return what to do about missing arguments."""
        return "; pass model.parameters()"

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.0. Call this before each ``backward``."""
        write_grads(self._leaves(), 0.0)


class Optimizer(WithParameters):
    """Base class of all optimizers. Subclasses implement ``update``.

    Annotated attributes are options, for example ``momentum: float = 0.9``; ``attrs.field`` adds validators. Attributes
    declared with ``attrs.field(init=False)`` are state per parameter: arrays, initialized to zeros.

    Args:
        parameters: Values to optimize, such as ``model.parameters()``; or groups of them, as in PyTorch: dicts with a list of
            Values under ``"params"``, and options by name, which replace the options of the optimizer for this group.
        lr: Learning rate, positive. It may be assigned later, even to 0, as schedules do.
        weight_decay: Strength of the pull of each parameter towards 0, as if the loss had an extra term
            ``weight_decay / 2 * p**2``. Non-negative.

    Raises:
        TypeError: If ``parameters`` is not iterable or contains anything except Values, or an option has the wrong type.
        AttributeError: If a parameter is not a leaf.
        ValueError: If ``parameters`` is empty or contains duplicates, or an option is out of range.

    >>> class SignDescent(Optimizer):
    ...     def update(self, p, g):
    ...         return p - self.lr * (g > 0) + self.lr * (g < 0)
    >>> p, q = Value(1.0), Value(2.0)
    >>> (5 * p - q).backward()
    >>> SignDescent([p, q], lr=0.5).step()
    >>> p.data, q.data
    (0.5, 2.5)

    Groups are optimizers of the same class, in the attribute ``groups``. When ``lr`` is assigned later, as by schedules, the
    rate of a group that has its own changes in proportion. Assign other options to the groups.

    >>> groups = [{"params": [p], "weight_decay": 0.1}, {"params": [q], "lr": 0.05}]
    >>> optimizer = SGD(groups, lr=0.5)
    >>> optimizer.lr = 0.25
    >>> optimizer.step()
    >>> optimizer.groups[1].lr, optimizer
    (0.025, SGD(2 parameters, lr=0.25, groups=[SGD(1 parameter, lr=0.25, weight_decay=0.1), SGD(1 parameter, lr=0.025)]))

    Attributes:
        groups: The groups, as optimizers; empty if the parameters are a list of Values.
        step_count: Number of completed steps.
    """

    lr: float = option(positive_float, default=0.01, later=non_negative_float)
    weight_decay: float = option(non_negative_float, default=0.0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        given = getattr(self.parameters, "groups", [])
        attributes = fields(type(self))  # type: ignore[arg-type]  # attrs.define is called by Configurable
        self.groups: list[Any] = [self._group(group) for group in given]
        self._rates = [(group, group.lr, self.lr) for group in self.groups]
        for attribute in attributes:
            if not attribute.init and not self.groups:
                setattr(self, attribute.name, zeros(len(self.parameters)))

    def _group(self, group: Mapping[str, Any]) -> Any:
        mine = {a.name: getattr(self, a.name) for a in fields(type(self)) if a.init and a.name != "parameters"}  # type: ignore[arg-type]
        options = {name: value for name, value in group.items() if name != "params"}
        if unknown := options.keys() - mine:
            raise ValueError(f"unknown option of a group: {min(unknown)!r} (must be 'params' or one of {', '.join(mine)})")
        return type(self)(group["params"], **mine | options)

    def step(self) -> None:
        """Update every parameter from its gradient. If this raises an error, no parameter is changed."""
        parameters = self._leaves()
        p, g = read_leaves(parameters)
        if self.groups:
            try:
                for group, own, shared in self._rates:
                    group.lr = own * (self.lr / shared)
                    group.step()
            except BaseException:
                write_data(parameters, p)
                raise
            vars(self)["step_count"] += 1
            return
        with quiet():  # as with floats, a divergence results in inf and nan without a warning
            if self.weight_decay:
                p, g = self.decay(p, g)
            p = self.update(p, g)
        write_data(parameters, p)
        vars(self)["step_count"] += 1  # faster than an assignment, which looks for validators

    def update(self, p: Array, g: Array) -> Array:
        """Return the updated parameters. ``step_count`` is the number of previous steps."""
        raise NotImplementedError(f"{type(self).__name__} needs a method update(p, g)")

    def decay(self, p: Array, g: Array) -> tuple[Array, Array]:
        """Return parameters and gradients after weight decay, which is part of the gradient here (but not in AdamW)."""
        return p, update_rules.decay(p, g, self.weight_decay)

    def options(self) -> list[str]:
        """Return the options that differ from their defaults, the learning rate, and the groups, as text."""
        return [*super().options(), *([f"groups={self.groups}"] if self.groups else [])]

    def state_dict(self) -> dict[str, Any]:
        """Return the state, as described in ``Stateful``, and the state of each group."""
        return super().state_dict() | {f"group {i}": group.state_dict() for i, group in enumerate(self.groups)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state returned by ``state_dict``. See ``Stateful`` for the errors."""
        groups = {f"group {i}": group for i, group in enumerate(self.groups)}
        with all_or_nothing(groups):
            for name in groups.keys() & (state if isinstance(state, Mapping) else {}):
                groups[name].load_state_dict(state[name])
            super().load_state_dict(state)


class SGD(Optimizer):
    """Gradient descent: ``p -= lr * g``. It is called stochastic if each gradient is computed from a random batch.

    Args:
        parameters, lr, weight_decay: See ``Optimizer``.
        momentum: Fraction of the velocity that is kept in each step, in [0, 1) (Polyak 1964).
        nesterov: Whether to use Nesterov's momentum, in the formulation of Sutskever et al. (2013).

    Raises:
        TypeError, ValueError: See ``Optimizer``. ValueError if ``nesterov`` is used without momentum.

    >>> p = Value(1.0)
    >>> optimizer = SGD([p], lr=0.1)
    >>> (p * 3).backward()
    >>> optimizer.step()
    >>> p.data
    0.7
    """

    momentum: float = option(probability, default=0.0)
    nesterov: bool = option(boolean, default=False)
    velocity: Array = field(init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a positive momentum, such as momentum=0.9")
        if not self.momentum and not self.groups:
            del self.velocity  # without momentum there is no state

    def update(self, p: Array, g: Array) -> Array:
        """Subtract ``lr`` times the gradient, or times the velocity if there is momentum."""
        if not self.momentum:
            return update_rules.descend(p, g, self.lr)
        if not hasattr(self, "velocity"):  # momentum was assigned later
            self.velocity = zeros(len(p))
        return update_rules.momentum(p, g, self.velocity, self.lr, self.momentum, self.nesterov)


class Adagrad(Optimizer):
    """A learning rate per parameter, which decreases with the sum of its squared gradients (Duchi, Hazan and Singer 2011).

    Args:
        parameters, lr, weight_decay: See ``Optimizer``.
        eps: Small non-negative number that prevents division by 0.

    Raises:
        TypeError, ValueError: See ``Optimizer``.

    >>> p, q = Value(1.0), Value(1.0)
    >>> (100 * p + q).backward()
    >>> Adagrad([p, q], lr=0.5).step()  # the first step is lr, whatever the gradient
    >>> round(p.data, 6), round(q.data, 6)
    (0.5, 0.5)
    """

    eps: float = option(non_negative_float, default=1e-10, kw_only=True)  # PyTorch has another option in this position
    squares: Array = field(init=False)

    def update(self, p: Array, g: Array) -> Array:
        """Divide by the root of the sum of all squared gradients."""
        return update_rules.adagrad(p, g, self.squares, self.lr, self.eps)


class RMSprop(Optimizer):
    """Adagrad with a moving average of squared gradients, over about ``1 / (1 - alpha)`` steps (Hinton 2012, lecture 6).

    Args:
        parameters, lr, weight_decay: See ``Optimizer``.
        alpha: Fraction of the average that is kept in each step, in [0, 1).
        eps: Small non-negative number that prevents division by 0.
        momentum: See ``SGD``.

    Raises:
        TypeError, ValueError: See ``Optimizer``.

    >>> p = Value(1.0)
    >>> (100 * p).backward()
    >>> RMSprop([p], lr=0.05, alpha=0.75).step()  # a step of lr / sqrt(1 - alpha)
    >>> round(p.data, 6)
    0.9
    """

    alpha: float = option(probability, default=0.99)
    eps: float = option(non_negative_float, default=1e-8)
    momentum: float = option(probability, default=0.0, kw_only=True)  # PyTorch has another option in this position
    squares: Array = field(init=False)
    velocity: Array = field(init=False)

    def update(self, p: Array, g: Array) -> Array:
        """Divide by the root of the mean square, hence the name."""
        return update_rules.rmsprop(p, g, self.squares, self.velocity, self.lr, self.alpha, self.eps, self.momentum)


class Adam(Optimizer):
    """RMSprop with momentum; both averages are corrected for starting at 0 (Kingma and Ba 2015, algorithm 1).

    Args:
        parameters, lr, weight_decay: See ``Optimizer``.
        betas: Fractions of the averages of gradients and of squared gradients that are kept in each step, in [0, 1).
        eps: Small non-negative number that prevents division by 0.
        amsgrad: Whether to divide by the largest mean square so far, so that the steps of a parameter do not grow again (Reddi,
            Kale and Kumar 2018, AMSGrad).

    Raises:
        TypeError, ValueError: See ``Optimizer``.

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

    lr: float = option(positive_float, default=0.001, later=non_negative_float)
    betas: tuple[float, float] = option(two_probabilities, default=(0.9, 0.999))
    eps: float = option(non_negative_float, default=1e-8)
    amsgrad: bool = option(boolean, default=False, kw_only=True)
    m: Array = field(init=False)
    v: Array = field(init=False)
    v_max: Array = field(init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not self.amsgrad and not self.groups:
            del self.v_max

    def update(self, p: Array, g: Array) -> Array:
        """Divide the mean of the gradients by the root of the mean of their squares."""
        if self.amsgrad and not hasattr(self, "v_max"):  # amsgrad was assigned later
            self.v_max = zeros(len(p))
        (beta1, beta2), largest = self.betas, self.v_max if self.amsgrad else None
        return update_rules.adam(p, g, self.m, self.v, self.lr, beta1, beta2, self.eps, self.step_count + 1, largest)


class AdamW(Adam):
    """Adam with decoupled weight decay, which is not part of the averages (Loshchilov and Hutter 2019).

    Args:
        parameters, lr, betas, eps, amsgrad: See ``Adam``.
        weight_decay: Each step first shrinks every parameter by the fraction ``lr * weight_decay``. Non-negative.

    Raises:
        TypeError, ValueError: See ``Optimizer``.

    >>> p = Value(1.0)  # its gradient is 0
    >>> AdamW([p], lr=0.1, weight_decay=0.5).step()
    >>> p.data
    0.95
    """

    weight_decay: float = option(non_negative_float, default=0.01, kw_only=True)

    def decay(self, p: Array, g: Array) -> tuple[Array, Array]:
        """Return shrunk parameters, and the gradients unchanged."""
        return update_rules.shrink(p, 1 - self.lr * self.weight_decay), g


OPTIMIZERS: dict[str, type[Optimizer]] = {kind.__name__.lower(): kind for kind in (SGD, Adagrad, RMSprop, Adam, AdamW)}
