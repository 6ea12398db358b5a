"""``Module``: the base class of all layers and networks, which finds their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Never, Self, TypeVar

from autograd import Value, leaves, write_grads
from autograd.shared import OtherNames, counted
from nn.base.checks import NOT_LISTS, any_float, describe
from nn.base.contents import Contents, Kept, Searched, search
from nn.base.names import tidy_signature
from nn.base.tables import Part, Summary

Kind = TypeVar("Kind")

# Remedies for attributes that a Module does not have, by name.
REMEDIES = {
    "fit": "write fit(model, X, y, loss=...), a function of nn",
    "predict": "write predict(model, X), a function of nn",
    "predict_proba": "write predict(model, X, probabilities=True)",
    "score": "write accuracy(model, X, y) or r2_score(model, X, y)",
    "evaluate": "write accuracy(model, X, y) or r2_score(model, X, y)",
    "forward": "call the model: model(row)",
    "save": "write save_checkpoint('m.npz', model=model)",
    "load": "write load_checkpoint('m.npz', model=model)",
    "weights": "parameters() and named_parameters() list all, and model[0].neurons[0].weights are those of one neuron",
    "weight": "parameters() and named_parameters() list all, and model[0].neurons[0].weights are those of one neuron",
    "bias": "parameters() and named_parameters() list all, and model[0].neurons[0].bias is that of one neuron",
    "w": "the weights of a neuron are neuron.weights",
    "b": "the bias of a neuron is neuron.bias",
    **dict.fromkeys(("to", "cuda", "cpu", "half", "double", "float"), "omit it: Values are floats of 64 bits in main memory"),
    "compile": "omit it: fit records the model itself; its options are arguments of fit",
    "children": "use model.modules() or model.named_modules()",
}


def _refuse_call(self: Any, *_: Any, **__: Any) -> Never:
    """Raise the error for a call of a module that has a method ``forward``, as in PyTorch, but no ``__call__``."""
    raise TypeError(f"a {type(self).__name__} cannot be called; define __call__ instead of forward")


class Module(Searched, OtherNames):
    """Base class of everything that has parameters. Subclasses need no registration: parameters are found automatically.

    The parameters are the leaf Values in the module's attributes, in the order in which the attributes were first assigned.
    Lists, tuples, dicts, NumPy object arrays and Modules in attributes are searched too, at any depth. A parameter that is
    reachable in several ways is listed once.

    Attributes whose names begin with ``_`` are not searched; use them to store results. A computed Value, such as
    ``0.1 * Value(2.0)``, is not a parameter; ``(0.1 * Value(2.0)).detach()`` is one.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.intercept = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.intercept
    >>> Line().named_parameters()
    [('slope', Value(2.0)), ('intercept', Value(1.0))]

    Attributes:
        training: True in training mode, set by ``train()``; False in evaluation mode, set by ``eval()``. Only some modules,
            such as Dropout, depend on it.
        class_names: The names of the classes, if ``fit`` was called with text labels or with a Dataset.
        feature_names: The names of the columns, if ``fit`` was called with a Dataset. Another Dataset must have the same ones.
        trained_with: The name of the loss with which ``fit`` trained the module, such as ``"cross_entropy"``.
        class_threshold: With one output, the limit above which it means class 1. ``fit`` sets the one that suits the loss and
            the targets: 0.0 for logits, 0.5 for probabilities and for quantities trained to equal 0 or 1. None if unknown.
    """

    training: bool = True
    class_names: Sequence[str] = ()
    feature_names: Sequence[str] = ()
    trained_with: str = ""
    class_threshold: float | None = None
    _remedies = REMEDIES
    _arguments = ""  # of the call that creates the module; empty if the repr shows the number of parameters instead

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "forward" in vars(cls) and not any("__call__" in vars(base) for base in cls.__mro__):
            cls.__call__ = _refuse_call  # type: ignore[method-assign]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters with their paths of attributes, such as ``layers.0.neurons.3.weights.1``.

        Raises:
            ValueError: If two parameters have the same name, for example in ``{1: ..., "1": ...}``. Use ``parameters``.
        """
        named: dict[str, Value] = {}
        for name, parameter in self._find(Value):
            if not parameter.op and named.setdefault(name, parameter) is not parameter:
                raise ValueError(f"two parameters of {self!r} have the name {name!r}; rename an attribute or key")
        return list(named.items())

    def parameters(self, *, exclude: Any = ()) -> list[Value]:
        """Return the parameters, in the order of ``named_parameters``.

        Args:
            exclude: Parameters to omit: a Value or a Module inside this one, or a list of them. They are compared by identity;
                ``p not in frozen`` would compare numbers, and also omit parameters that happen to have equal ones.

        Raises:
            ValueError: If ``exclude`` contains anything that is not inside this module.

        >>> from nn import MLP
        >>> model = MLP(2, [3, 1])
        >>> len(model.parameters()), len(model.parameters(exclude=model[0]))
        (13, 4)
        """
        found = list(self._contents().parameters)
        if type(exclude) in (tuple, list) and not exclude:
            return found
        omitted = identities(exclude, found, "exclude", self)
        return [value for value in found if id(value) not in omitted] if omitted else found

    def named_modules(self) -> list[tuple[str, Module]]:
        """Return this module, under the name ``""``, and all modules inside it, with names such as ``layers.0``.

        Modules are found in the same places and the same order as parameters, and each is listed once.
        """
        return self._find(Module)

    def modules(self) -> list[Module]:
        """Return this module and all modules inside it, in the order of ``named_modules``."""
        return list(self._contents().modules)

    @tidy_signature
    def train(self, mode: bool = True, *unnamed: Never) -> Self:
        """Set ``training`` of this module and all modules inside it to ``mode``, and return this module.

        Raises:
            TypeError: If ``mode`` is not True or False.

        >>> from nn import Dropout
        >>> Dropout(0.5).train(False).training
        False
        """
        if unnamed or not isinstance(mode, bool):
            rule = f"mode must be True or False, not {describe(mode)}"
            raise TypeError(f"{rule}; to train the parameters, write fit(model, X, y, loss=...)")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch to evaluation mode. Same as ``train(False)``."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.0."""
        write_grads(self._contents().parameters, 0.0)

    def state_dict(self) -> dict[str, float]:
        """Return the number in each parameter, by name.

        >>> from nn import Neuron
        >>> Neuron(2, init="zeros").state_dict()
        {'weights.0': 0.0, 'weights.1': 0.0, 'bias': 0.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set the parameters to the numbers returned by ``state_dict`` of a module of the same shape.

        Raises:
            ValueError: If a name is missing or unknown.
            TypeError: If ``state`` is not a mapping or one of its values is not a number. After an error, nothing is changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict from state_dict(), not {describe(state)}; see load_checkpoint for files")
        own = dict(self.named_parameters())
        differing = sorted(own.keys() ^ state.keys(), key=str)
        if differing:
            problem = f"{differing[0]!r} is {'missing' if differing[0] in own else 'unknown'} (one of {len(differing)})"
            remedy = "create the module with the shape of the saved one"
            if inside := [key for key, part in state.items() if isinstance(part, Mapping)]:  # a whole checkpoint
                remedy = f"pass one part of it: state[{inside[0]!r}]"
            raise ValueError(
                f"{self!r} has {counted(len(own), 'parameter')} and cannot load these {len(state)}: {problem}; {remedy}"
            )
        numbers = {name: any_float(number, f"{name!r} in the state") for name, number in state.items()}
        for name, parameter in own.items():
            parameter.data = numbers[name]

    def summary(self) -> Summary:
        """Return the modules inside this one, except single neurons of layers, with their shapes and numbers of parameters.

        Lines below the table name layers that do not fit together.

        >>> from nn import MLP
        >>> MLP(2, [3, 1]).summary()
        name      module                           shape  parameters
        layers.0  Layer(2, 3, activation='tanh')  2 -> 3           9
        layers.1  Layer(3, 1)                     3 -> 1           4
        total     MLP(2, [3, 1])                  2 -> 1          13
        """
        named = self.named_modules()
        problems = [text for name, module in named for text in module._misfits(f"{name}." if name else "")]
        parts = Summary(problems=problems)
        neurons = {id(neuron) for _, module in named for neuron in getattr(module, "neurons", ())}
        for name, module in [*named[1:], ("total", self)]:
            if id(module) not in neurons:
                # The repr of a Sequential would repeat, in one long line, the modules that have their own rows.
                text = repr(module) if module._arguments or not hasattr(module, "layers") else type(module).__name__
                sizes = module._sizes()
                shape = f"{sizes[0]} -> {sizes[-1]}" if sizes else ""
                parts.append(Part(name, text, shape, len(module.parameters())))
        return parts

    def _misfits(self, prefix: str = "") -> list[str]:
        """Return a line for each part that needs another number of inputs than the part before it returns.

        Args:
            prefix: The name of this module and a point, for the names of its parts.
        """
        return []

    def _sizes(self) -> list[int]:
        """Return the sizes of all layers in order: the number of inputs and of outputs of each, where they are known."""
        return []

    def _contents(self) -> Contents:
        """Return the parameters and modules in this module, in the order of ``_find``. Quicker: no names are made."""
        kept: Kept = vars(self).get("_searched") or vars(self).setdefault("_searched", Kept())
        contents = kept.contents
        if contents is None or not contents.are_current(self):
            contents = kept.contents = Contents(self)
        return contents

    def _find(self, kind: type[Kind]) -> list[tuple[str, Kind]]:
        """Return each Module or Value (also computed ones) in this module, itself included, with its name."""
        found: dict[int, tuple[str, Any]] = {id(self): ("", self)}
        search("", self, found)
        return [(name, item) for name, item in found.values() if isinstance(item, kind)]

    def __repr__(self) -> str:
        """Return one line: the call that creates the module, or the class and the number of parameters."""
        return f"{type(self).__name__}({self._arguments or counted(len(self.parameters()), 'parameter')})"

    def _repr_html_(self) -> str:
        """Return the table of ``summary`` for Jupyter."""
        return self.summary()._repr_html_()


def identities(given: Any, parameters: list[Value], name: str, model: Any) -> set[int]:
    """Return the ids of the given parameters: a Value or a Module inside ``model``, or a list of them.

    Args:
        given: The Value, Module or list.
        parameters: All parameters of the model.
        name: Name of the argument, for error messages.
        model: The model.

    Raises:
        ValueError: If one of them is not inside the model.
    """
    known, found = set(map(id, parameters)), set[int]()
    is_list = isinstance(given, Iterable) and not isinstance(given, (Module, Value, *NOT_LISTS))
    for item in given if is_list else [given]:
        ids = {id(value) for value in item.parameters()} if isinstance(item, Module) else {id(item)}
        if not ids <= known:
            rule = f"{name} must contain parameters or Modules inside {model!r}"
            raise ValueError(f"{rule}, not {describe(item)}; take them from the attributes of the model")
        found |= ids
    return found


def check_computed(module: Module) -> None:
    """Raise a ValueError if an attribute is a computed Value, such as ``self.w = 0.1 * Value(2.0)``.

    A Value computed from a parameter of the module is accepted: it is a stored result.
    """
    values = module._find(Value)
    parameters = {id(value) for _, value in values if not value.op}
    for name, value in values:
        if value.op and parameters.isdisjoint(map(id, leaves(value))):
            remedy = "store its .detach() to train it, or its .data if it is constant"
            raise ValueError(f"{name} of {module!r} must be a parameter, not {value!r}, which is computed; {remedy}")
