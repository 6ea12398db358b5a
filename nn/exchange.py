"""Models for other tools: to and from PyTorch, and to ONNX.

To add an activation function, add a row to ``_ACTIVATIONS``. Modules of ``torch`` and ``onnx`` are imported when needed.
"""

import os
from collections.abc import Iterator
from typing import Any

from autograd import Value
from autograd.shared import warn
from nn.activations import ACTIVATIONS
from nn.base.checks import describe, file_path
from nn.base.names import REMEDIES_BY_NAME
from nn.layers import Dropout, Layer, Linear, Neuron
from nn.modules import Module
from nn.networks import Sequential
from nn.training.checkpoint import write_file

OPSET = 20  # the first version with Gelu

# For each activation: the name of the class in torch.nn with its arguments, and the ONNX operators with their attributes,
# from the input on. A number is a second operand, and "input" is the input of the activation again.
_ACTIVATIONS: dict[str, tuple[str, dict[str, Any], list[tuple[str, Any]]]] = {
    "linear": ("Identity", {}, []),
    "tanh": ("Tanh", {}, [("Tanh", {})]),
    "sigmoid": ("Sigmoid", {}, [("Sigmoid", {})]),
    "relu": ("ReLU", {}, [("Relu", {})]),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}, [("Mul", 0.01), ("Max", "input")]),
    "elu": ("ELU", {"alpha": 1.0}, [("Elu", {"alpha": 1.0})]),
    "silu": ("SiLU", {}, [("Sigmoid", {}), ("Mul", "input")]),
    "gelu": ("GELU", {"approximate": "none"}, [("Gelu", {"approximate": "none"})]),
    "celu": ("CELU", {"alpha": 1.0}, [("Elu", {"alpha": 1.0})]),
    "selu": ("SELU", {}, [("Selu", {})]),
    "mish": ("Mish", {}, [("Mish", {})]),
    "relu6": ("ReLU6", {}, [("Relu", {}), ("Min", 6.0)]),
    "hardswish": ("Hardswish", {}, [("Add", 3.0), ("Relu", {}), ("Min", 6.0), ("Mul", 1 / 6), ("Mul", "input")]),
    "hardtanh": ("Hardtanh", {"min_val": -1.0, "max_val": 1.0}, [("Max", -1.0), ("Min", 1.0)]),
    "hardsigmoid": ("Hardsigmoid", {}, [("Add", 3.0), ("Relu", {}), ("Min", 6.0), ("Mul", 1 / 6)]),
    "log_sigmoid": ("LogSigmoid", {}, [("Neg", {}), ("Softplus", {}), ("Neg", {})]),
    "softsign": ("Softsign", {}, [("Softsign", {})]),
    "tanhshrink": ("Tanhshrink", {}, [("Tanh", {}), ("Neg", {}), ("Add", "input")]),
    "hardshrink": ("Hardshrink", {"lambd": 0.5}, [("Shrink", {"lambd": 0.5, "bias": 0.0})]),
    "softshrink": ("Softshrink", {"lambd": 0.5}, [("Shrink", {"lambd": 0.5, "bias": 0.5})]),
    # Above its threshold, PyTorch returns x itself. From 40 on, this equals softplus(x) in double precision.
    "softplus": ("Softplus", {"beta": 1.0, "threshold": 40.0}, [("Softplus", {})]),
}
LEAST_THRESHOLD = 20.0  # PyTorch's default, with which its softplus differs by at most 2.1e-9


def to_torch(model: Module) -> Any:
    """Return a ``torch.nn.Sequential`` with the same layers, weights and mode, in double precision.

    A layer that occurs several times is one layer in PyTorch, too.

    Raises:
        TypeError: If a part of the model is neither a Layer, a Dropout, a Sequential nor a named activation function.
        ImportError: If PyTorch is not installed.

    >>> from nn import MLP
    >>> to_torch(MLP(2, [3, 1], seed=0))  # doctest: +SKIP
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): Tanh()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """
    if not isinstance(model, Module):
        raise TypeError(_not_a_module(model))
    import torch

    parts: list[Any] = []
    layers: dict[int, Any] = {}
    for kind, payload, module in _parts(model):
        if kind == "linear" and id(module) in layers:
            parts.append(layers[id(module)])
        elif kind == "linear":
            weights, biases = payload
            layer = torch.nn.Linear(len(weights[0]), len(weights), bias=biases is not None, dtype=torch.float64)
            with torch.no_grad():
                layer.weight[:] = torch.tensor(weights, dtype=torch.float64)
                if biases is not None:
                    layer.bias[:] = torch.tensor(biases, dtype=torch.float64)
            parts.append(layer.train(module.training))
            layers[id(module)] = layer
        elif kind == "dropout":
            parts.append(torch.nn.Dropout(payload).train(module.training))
        elif payload != "linear":
            name, options, _ = _ACTIVATIONS[payload]
            parts.append(getattr(torch.nn, name)(**options).train(module.training))
    network = torch.nn.Sequential(*parts)
    network.training = model.training  # train() would set the modes of the parts, too
    return network


def from_torch(module: Any) -> Sequential:
    """Return a Sequential with the layers, weights and modes of a PyTorch module. A layer that occurs twice stays one layer.

    Args:
        module: A ``torch.nn.Linear``, a Dropout, an activation with the options of ``nn.ACTIVATIONS``, or a
            ``torch.nn.Sequential`` of them.

    Raises:
        TypeError: If a part of the module is anything else, or has options or hooks that a part of nn does not have. The
            message names it.
        ImportError: If PyTorch is not installed.

    Warns:
        UserWarning: If only some parameters have ``requires_grad=False``, because ``fit`` trains them without ``frozen``.

    >>> import torch  # doctest: +SKIP
    >>> from_torch(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()))  # doctest: +SKIP
    Sequential(Linear(2, 3), 'relu')
    """
    import torch

    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, not {describe(module)}")
    parts: list[Any] = []
    converted: dict[int, Any] = {}
    for part in _flattened(module, torch):
        if id(part) not in converted:
            converted[id(part)] = _part_from(part, torch)
        parts.append(converted[id(part)])
    model = Sequential(*parts)
    for part, layer in zip(_flattened(module, torch), model.layers, strict=True):
        layer.train(part.training)
    model.training = module.training
    fixed = [name for name, parameter in module.named_parameters() if not parameter.requires_grad]
    if 0 < len(fixed) < len([*module.parameters()]):
        problem = f"{fixed[0]!r} of the module has requires_grad=False, but every parameter of nn can be trained"
        warn(f"{problem}; pass frozen= to fit, or exclude= to model.parameters()")
    return model


def to_onnx(model: Module, path: str | os.PathLike[str] | None = None, dtype: str = "float32") -> Any:
    """Return the model as an ONNX ``ModelProto``, which other runtimes can execute. Dropout is omitted.

    The input is ``X``, of shape (rows, inputs), and the output is ``Y``, of shape (rows, outputs).

    Args:
        model: A network of Layers, Dropout, Sequential and named activation functions.
        path: If given, the file to write, such as ``"model.onnx"``.
        dtype: ``"float32"``, which all runtimes support, or ``"float64"``, which agrees with Python to about 1e-15.

    Raises:
        TypeError: If a part of the model is of another kind.
        ValueError: If ``dtype`` is unknown.
        ImportError: If ONNX is not installed. The extra ``onnx`` installs it.

    >>> from nn import MLP
    >>> to_onnx(MLP(2, [3, 1], seed=0), "model.onnx")  # doctest: +SKIP
    """
    if path is not None:
        file_path(path, "path")
    if dtype not in ("float32", "float64"):
        raise ValueError(f"dtype must be 'float32' or 'float64', not {dtype!r:.40}")
    try:
        from onnx import checker, helper
    except ImportError:
        raise ImportError("to_onnx() needs the package onnx; install it with: pip install 'scalar-autograd[onnx]'") from None
    graph = _OnnxGraph(dtype)
    for kind, payload, _ in _parts(model):
        if kind == "linear":
            graph.add_linear(*payload)
        elif kind == "activation":
            graph.add_activation(_ACTIVATIONS[payload][2])
    version = [helper.make_opsetid("", OPSET)]
    proto = helper.make_model(graph.finish(), producer_name="scalar-autograd", opset_imports=version)
    proto.ir_version = 9  # the version of the format that belongs to this opset
    checker.check_model(proto, full_check=True)
    if path is not None:
        write_file(path, proto.SerializeToString())
    return proto


class _OnnxGraph:
    """The operators of a model, added from the input on."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.sizes: list[int] = []
        self.current = "X"

    def add_linear(self, weights: list[list[float]], biases: list[float] | None) -> None:
        self.sizes += [len(weights[0]), len(weights)]
        self._add("MatMul", [self.current, self._constant(list(zip(*weights, strict=True)))])
        if biases is not None:
            self._add("Add", [self.current, self._constant(biases)])

    def add_activation(self, operators: list[tuple[str, Any]]) -> None:
        start = self.current
        for operator, operand in operators:
            if isinstance(operand, dict):
                self._add(operator, [self.current], **operand)
            else:
                self._add(operator, [self.current, start if operand == "input" else self._constant(operand)])

    def finish(self) -> Any:
        """Return the graph, with its input ``X`` and its output ``Y``."""
        from onnx import TensorProto, helper

        self.nodes.append(helper.make_node("Identity", [self.current], ["Y"]))
        element = TensorProto.FLOAT if self.dtype == "float32" else TensorProto.DOUBLE
        first, last = (self.sizes[0], self.sizes[-1]) if self.sizes else (None, None)
        x, y = (helper.make_tensor_value_info(n, element, ["rows", size]) for n, size in (("X", first), ("Y", last)))
        return helper.make_graph(self.nodes, "model", [x], [y], self.constants)

    def _constant(self, numbers: Any) -> str:
        import numpy as np
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(numbers, dtype=self.dtype), name))
        return name

    def _add(self, operator: str, inputs: list[str], **attributes: Any) -> None:
        from onnx import helper

        self.current = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [self.current], **attributes))


def _parts(model: Module) -> Iterator[tuple[str, Any, Module]]:
    """Yield the steps of a model, each with its module.

    A step is ("linear", (weights, biases or None)), ("dropout", p) or ("activation", name).
    """
    if not isinstance(model, Module):
        raise TypeError(_not_a_module(model))
    if isinstance(model, Sequential):
        for layer in model.layers:
            yield from _parts(layer)
    elif isinstance(model, Layer | Neuron):
        neurons = model.neurons if isinstance(model, Layer) else (model,)
        has_bias = isinstance(neurons[0].bias, Value)
        weights = [[w.data for w in neuron.weights] for neuron in neurons]
        yield "linear", (weights, [neuron.bias.data for neuron in neurons] if has_bias else None), model
        yield "activation", _name_of(model.activation, model), model
    elif isinstance(model, Dropout):
        yield "dropout", model.p, model
    elif hasattr(model, "function"):
        yield "activation", _name_of(model.function, model), model
    else:
        remedy = "export a network of Layer, Linear, Dropout, Sequential and named activation functions"
        raise TypeError(f"{model!r:.60} cannot be exported; {remedy}")


def _not_a_module(model: Any) -> str:
    remedy = "; pass the model itself, without compile" if isinstance(getattr(model, "function", None), Module) else ""
    return f"model must be a Module, not {describe(model)}{remedy}"


def _name_of(function: Any, module: Module) -> str:
    for name, known in ACTIVATIONS.items():
        if known is function and name in _ACTIVATIONS:
            return name
    raise TypeError(f"the activation function of {module!r:.60} cannot be exported; use one of {', '.join(_ACTIVATIONS)}")


def _flattened(module: Any, torch: Any) -> Iterator[Any]:
    if _is_a(torch.nn.Sequential, module):
        for part in module:
            yield from _flattened(part, torch)
    else:
        yield module


def _is_a(kind: Any, part: Any) -> bool:
    """Return whether ``part`` has the ``forward`` method of this class, which a subclass may replace.

    Raises:
        TypeError: If hooks may change the result.
    """
    if not isinstance(part, kind) or type(part).forward is not kind.forward:
        return False
    if part._forward_hooks or part._forward_pre_hooks:
        raise TypeError(f"{part} has hooks, which may change its outputs and cannot be converted; remove them first")
    return True


def _part_from(part: Any, torch: Any) -> Any:
    """Return the counterpart of a PyTorch module: a module, or the name of an activation.

    Raises:
        TypeError: If nn has no counterpart.
    """
    if _is_a(torch.nn.Linear, part):
        return _linear_from(part)
    if _is_a(torch.nn.Dropout, part):
        return Dropout(part.p)
    for name, (kind, options, _) in _ACTIVATIONS.items():
        if _is_a(getattr(torch.nn, kind), part) and type(part).__name__ == kind and _fits(part, options):
            return name
    known = ", ".join(["Linear", "Dropout", "Sequential", *(kind for kind, _, _ in _ACTIVATIONS.values())])
    remedy = REMEDIES_BY_NAME.get(type(part).__name__.lower(), "")
    raise TypeError(f"{part} has no counterpart in nn; a module can be made of {known}, with their default options{remedy}")


def _fits(part: Any, options: dict[str, Any]) -> bool:
    """Return whether a PyTorch module has these options, or a threshold that makes no difference."""
    return all(
        getattr(part, key) >= LEAST_THRESHOLD if key == "threshold" else getattr(part, key) == value
        for key, value in options.items()
    )


def _linear_from(part: Any) -> Linear:
    n_outputs, n_inputs = part.weight.shape
    linear = Linear(n_inputs, n_outputs, bias=part.bias is not None, init="zeros")
    for i, neuron in enumerate(linear.neurons):
        for weight, number in zip(neuron.weights, part.weight[i].tolist(), strict=True):
            weight.data = number
        if part.bias is not None:
            neuron.bias.data = part.bias[i].item()
    return linear
