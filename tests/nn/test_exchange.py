"""Models in PyTorch and ONNX predict what our models predict."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import ACTIVATIONS, MLP, Dropout, Layer, Linear, Module, Neuron, Sequential, exchange, from_torch, to_onnx, to_torch

ROWS = np.random.default_rng(0).normal(size=(40, 3)) * 2


def predictions(model: Any) -> np.ndarray:
    return np.array([[z.data for z in model(row)] for row in ROWS.tolist()])


def networks() -> list[Module]:
    return [
        MLP(3, [5, 2], seed=1),
        MLP(3, [4, 4, 1], "relu", seed=2, dropout=0.5).eval(),
        Sequential(Linear(3, 4, bias=False, seed=3), "gelu", Sequential(Layer(4, 2, "sigmoid", seed=4), "softplus")),
    ]


NETWORKS = [pytest.param(model, id=str(i)) for i, model in enumerate(networks())]


def by_activation(name: str) -> Module:
    return Sequential(Layer(3, 6, name, seed=5), Linear(6, 2, seed=6), name)


@pytest.mark.parametrize("model", NETWORKS)
def test_pytorch_predicts_the_same(model: Module) -> None:
    torch = pytest.importorskip("torch")
    other = to_torch(model)
    with torch.no_grad():
        found = other(torch.tensor(ROWS)).numpy()
    np.testing.assert_allclose(found, predictions(model), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_in_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    model = by_activation(name)
    with torch.no_grad():
        found = to_torch(model)(torch.tensor(ROWS)).numpy()
    np.testing.assert_allclose(found, predictions(model), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("model", NETWORKS)
def test_a_model_returns_from_pytorch_with_the_same_weights(model: Module) -> None:
    pytest.importorskip("torch")
    back = from_torch(to_torch(model))
    assert [p.data for p in back.parameters()] == [p.data for p in model.parameters()]
    assert predictions(back).tolist() == predictions(model).tolist()
    assert back.training == model.training


def test_a_model_made_in_pytorch_predicts_the_same() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    other = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout(0.1), torch.nn.ELU(), torch.nn.Linear(8, 2)).eval()
    with torch.no_grad():
        wanted = other.double()(torch.tensor(ROWS)).numpy()
    np.testing.assert_allclose(predictions(from_torch(other)), wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_in_the_reference_of_onnx(name: str, dtype: str) -> None:
    reference = pytest.importorskip("onnx.reference")
    model = by_activation(name)
    (found,) = reference.ReferenceEvaluator(to_onnx(model, dtype=dtype)).run(None, {"X": ROWS.astype(dtype)})
    assert found.dtype == dtype
    tolerance = 1e-5 if dtype == "float32" or name == "gelu" else 1e-12  # the reference computes erf in single precision
    tolerance = 1e-6 if dtype == "float64" and name == "selu" else tolerance  # its attributes have single precision
    np.testing.assert_allclose(found, predictions(model), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("model", [*NETWORKS, *(pytest.param(by_activation(name), id=name) for name in sorted(ACTIVATIONS))])
def test_onnxruntime_predicts_the_same(model: Module, tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    to_onnx(model, tmp_path / "model.onnx")
    session = runtime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"X": ROWS.astype(np.float32)})
    np.testing.assert_allclose(found, predictions(model), rtol=1e-4, atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


class Own(Module):
    """A module that no export knows."""

    def __repr__(self) -> str:
        return "Own()"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Own(), r"Own\(\) cannot be exported; export a network of Layer, Linear, Dropout"),
        (
            Sequential(Linear(2, 1), lambda x: x * x),
            "the activation function of .* cannot be exported; use one of linear, tanh",
        ),
        (3.0, "model must be a Module, not"),
    ],
)
def test_what_cannot_be_exported_is_named(model: Any, message: str) -> None:
    for export in (to_torch, to_onnx):
        pytest.importorskip("torch" if export is to_torch else "onnx")
        with pytest.raises(TypeError, match=message):
            export(model)


def test_what_cannot_be_imported_is_named() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"Conv1d\(1, 1, kernel_size=\(1,\), stride=\(1,\)\) has no counterpart in nn"):
        from_torch(torch.nn.Conv1d(1, 1, 1))
    with pytest.raises(TypeError, match=r"LeakyReLU\(negative_slope=0.2\) has no counterpart in nn"):
        from_torch(torch.nn.LeakyReLU(0.2))
    with pytest.raises(TypeError, match=r"module must be a torch\.nn\.Module, not"):
        from_torch(3)
    with pytest.raises(
        TypeError, match=r"Softmax\(dim=1\) has no counterpart in nn; .*; omit it: cross_entropy applies it, and"
    ):
        from_torch(torch.nn.Sequential(torch.nn.Linear(1, 2), torch.nn.Softmax(dim=1)))


# Options of all layers that from_torch accepts, each with another value than the default; None if outputs do not depend on it.
OPTIONS: dict[str, dict[str, Any]] = {
    "LeakyReLU": {"negative_slope": 0.2, "inplace": None}, "ELU": {"alpha": 0.5, "inplace": None},
    "CELU": {"alpha": 0.5, "inplace": None}, "GELU": {"approximate": "tanh"}, "Hardshrink": {"lambd": 0.25},
    "Softshrink": {"lambd": 0.25}, "Softplus": {"beta": 2.0, "threshold": 5.0}, "Dropout": {"p": 0.25, "inplace": None},
    "Hardtanh": {"min_val": -2.0, "max_val": 2.0, "inplace": None, "min_value": None, "max_value": None},
    "Linear": {"in_features": 3, "out_features": 3, "bias": False, "device": None, "dtype": None},
    **{name: {"inplace": None} for name in ("ReLU", "SiLU", "SELU", "Mish", "ReLU6", "Hardswish", "Hardsigmoid")},
    **{name: {} for name in ("Tanh", "Sigmoid", "LogSigmoid", "Softsign", "Tanhshrink")}, "Identity": {},
}  # fmt: skip


def test_no_option_of_a_pytorch_layer_is_ignored() -> None:
    torch = pytest.importorskip("torch")
    wide = torch.tensor(ROWS) * 4
    kinds = [kind for kind, _, _ in exchange._ACTIVATIONS.values()]
    assert {*OPTIONS} == {*kinds, "Linear", "Dropout"}
    for name, options in OPTIONS.items():
        kind = getattr(torch.nn, name)
        assert {*options} == {*inspect.signature(kind).parameters} - {"args", "kwargs"}  # a new option of PyTorch
        for option, value in options.items():
            if value is None or name == "Linear":
                continue
            part = kind(**{option: value}).eval()
            try:
                model = from_torch(part)
            except TypeError as problem:
                assert "has no counterpart in nn" in str(problem)  # noqa: PT017
            else:
                found = [[float(getattr(z, "data", z)) for z in model(row)] for row in wide.tolist()]
                np.testing.assert_allclose(found, part(wide).numpy(), rtol=1e-13)
                assert name == "Dropout"
                assert getattr(model[0], option) == value


@pytest.mark.parametrize("threshold", [20, 30.0])
def test_a_threshold_that_makes_no_difference_is_accepted(threshold: float) -> None:
    torch = pytest.importorskip("torch")
    part = torch.nn.Softplus(threshold=threshold)
    for x in (-800.0, 0.5, 19.9, 20.1, 39.0, 41.0, 800.0):
        found = float(from_torch(part)([x])[0])
        assert found == pytest.approx(part(torch.tensor(x, dtype=torch.float64)).item(), abs=2.1e-9)
        exact = to_torch(from_torch(part))(torch.tensor([x], dtype=torch.float64)).item()
        assert exact == pytest.approx(found, rel=1e-15)


def test_each_dropout_keeps_its_own_mode() -> None:
    torch = pytest.importorskip("torch")
    other = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Tanh(), torch.nn.Dropout(0.25).eval())
    model = from_torch(other)
    assert [model.training, *(layer.training for layer in model.layers)] == [True, True, True, False]
    back = to_torch(model)
    assert [back.training, *(layer.training for layer in back)] == [True, True, True, False]


def test_a_layer_that_occurs_twice_stays_one_layer() -> None:
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(3, 3)
    model = from_torch(torch.nn.Sequential(layer, torch.nn.Tanh(), layer))
    assert len(model.parameters()) == 12
    assert len([*to_torch(model).parameters()]) == 2


def test_subclasses_and_hooks_that_change_outputs_are_named() -> None:
    torch = pytest.importorskip("torch")

    class Scaled(torch.nn.Linear):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return 2 * super().forward(x)

    class Twice(torch.nn.Sequential):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return super().forward(super().forward(x))

    class Tanh(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return x

    for part in (Scaled(3, 3), Twice(torch.nn.Tanh()), Tanh()):
        with pytest.raises(TypeError, match=rf"{type(part).__name__}(?s:.*) has no counterpart in nn"):
            from_torch(torch.nn.Sequential(part))
    hooked = torch.nn.Linear(3, 2)
    hooked.register_forward_hook(lambda module, inputs, output: output * 2)
    with pytest.raises(
        TypeError, match=r"Linear\(in_features=3, .*\) has hooks, which may change its outputs and cannot be conv"
    ):
        from_torch(hooked)
    normed = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(3, 2).double())
    assert [len(predictions(from_torch(normed))), from_torch(normed)[0].n_outputs] == [len(ROWS), 2]
    with torch.no_grad():
        np.testing.assert_allclose(predictions(from_torch(normed)), normed(torch.tensor(ROWS)).numpy(), rtol=1e-12, atol=1e-14)


def test_parameters_that_pytorch_does_not_train_are_named() -> None:
    torch = pytest.importorskip("torch")
    other = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 1))
    other[0].requires_grad_(requires_grad=False)
    with pytest.warns(
        UserWarning, match=r"'0.weight' of the module has requires_grad=False, .*; pass frozen= to fit, or exclude="
    ):
        from_torch(other)
    from_torch(other.requires_grad_(requires_grad=False))  # without a warning: it is only used for predictions


def test_an_unknown_dtype_is_refused() -> None:
    with pytest.raises(ValueError, match="dtype must be 'float32' or 'float64', not 'float16'"):
        to_onnx(Linear(2, 1), dtype="float16")


def test_a_neuron_and_dropout_are_models() -> None:
    torch = pytest.importorskip("torch")
    neuron = Neuron(3, "tanh", seed=1)
    with torch.no_grad():
        found = to_torch(neuron)(torch.tensor(ROWS)).numpy()
    np.testing.assert_allclose(found[:, 0], [neuron(row).data for row in ROWS.tolist()], rtol=1e-12, atol=1e-14)
    assert to_torch(Dropout(0.25))[0].p == 0.25
