"""The examples run, and what they claim is true."""

from __future__ import annotations

import importlib.util
import random
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from nn import ACTIVATIONS, Linear, Neuron, Sequential, fit, mse_loss

EXAMPLES = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
ARGUMENTS = {"microgpt": ["--steps", "12"]}  # so that it takes less long


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_every_example_has_a_docstring_and_prints_something(
    script: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # for pictures
    monkeypatch.setattr("sys.argv", [script.name, *ARGUMENTS.get(script.stem, [])])
    assert runpy.run_path(str(script), run_name="__main__")["__doc__"]
    assert capsys.readouterr().out


def test_the_regression_reaches_least_squares() -> None:
    example = load("linear_regression")
    model = Neuron(1, seed=1)
    history = example.train(model)
    assert history.stopped == "tolerance"
    assert model.weights[0].data == pytest.approx(1.0, abs=1e-8)
    assert model.bias.data == pytest.approx(0.4, abs=1e-8)
    assert mse_loss([model(row) for row in example.X], example.y).data == pytest.approx(0.08, abs=1e-12)
    assert history.losses[-1] == pytest.approx(0.08, abs=1e-12)


@pytest.mark.parametrize("epochs", [1, 10, 100, 1000])
def test_the_gradients_of_the_regression_equal_the_matrix_formulas_all_along_the_way(epochs: int) -> None:
    """dW = 2/N X'(XW + b - y), db = 2/N sum(XW + b - y)."""
    example = load("linear_regression")
    X, y = np.array(example.X), np.array(example.y)
    model = Neuron(1, seed=0)
    fit(model, X, y, loss="mse", lr=0.01, epochs=epochs)
    errors = X @ [model.weights[0].data] + model.bias.data - y
    expected = [2 / 5 * (X.T @ errors)[0], 2 / 5 * errors.sum()]
    assert example.gradients(model) == pytest.approx(expected, abs=1e-12)
    assert example.matrix_gradients(model) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_backpropagation_through_two_sigmoid_layers_equals_the_matrix_formulas(seed: int) -> None:
    """z = W a + b, a = f(z), and backwards dz = da * f'(z), dW = dz a', db = dz, da = W' dz."""
    example = load("two_layers")
    rng = np.random.default_rng(seed)
    model, x, target = example.TwoLayers(seed), list(rng.normal(size=3)), list(rng.uniform(size=2))
    by_nodes, by_matrices = example.node_gradients(model, x, target), example.matrix_gradients(model, x, target)
    for ours, theirs in zip(by_nodes, by_matrices, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
        assert np.abs(ours).max() > 1e-4


def test_adaptive_rates_find_weights_along_which_the_loss_is_differently_steep_and_one_rate_for_all_does_not() -> None:
    example = load("optimizers")
    X, y = example.weather()
    losses = {name: example.best(make, X, y)[0] for name, make in example.OPTIMIZERS.items()}
    assert min(losses["SGD"], losses["SGD, momentum 0.9"]) > 1.0
    assert max(losses["Adagrad"], losses["RMSprop"], losses["Adam"], losses["AdamW"]) < 0.1


def test_a_rate_that_decays_ends_nearer_to_least_squares_than_one_too_large_and_one_too_small() -> None:
    example = load("schedules")
    X, y = example.points()
    least = np.linalg.lstsq(np.column_stack([np.ravel(X), np.ones(len(X))]), y, rcond=None)[1][0] / len(X)
    excess = {name: example.train(*rate)[0][-1] - least for name, rate in example.RATES.items()}
    assert max(excess["exponential decay"], excess["step decay"]) < 0.01 * min(excess["too large"], excess["too small"])


def test_the_picture_of_rates_shows_the_losses_and_the_rates() -> None:
    pytest.importorskip("matplotlib")
    example = load("schedules")
    courses = {name: example.train(*rate) for name, rate in example.RATES.items()}
    above, below = example.picture(courses).axes
    for k in range(len(courses)):
        losses, rates = list(courses.values())[k]
        assert list(above.lines[k].get_ydata()) == losses
        assert list(below.lines[k].get_ydata()) == rates
    assert [text.get_text() for text in above.get_legend().get_texts()] == list(courses)


def test_without_matplotlib_the_rates_are_only_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr("sys.argv", ["schedules.py"])
    load("schedules").main()
    assert capsys.readouterr().out.endswith("The picture needs matplotlib: pip install scalar-autograd[plots]\n")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_xor_is_learnt_with_an_activation_function_and_not_without(activation: str, seed: int) -> None:
    """Without one, the best is 1/2 for each row, with an error of 1/4."""
    example = load("activations")
    model, loss = example.trained(activation, seed)
    outputs = [model(row)[0].data for row in example.X]
    if activation == "linear":
        assert loss == pytest.approx(0.25, abs=1e-9)
        assert outputs == pytest.approx([0.5] * 4, abs=1e-4)
    else:
        assert loss < 0.1
        assert [round(output) for output in outputs] == example.y


def test_two_layers_without_an_activation_function_are_one() -> None:
    example = load("activations")
    model = Sequential(Linear(2, 5, seed=0), "linear", Linear(5, 3, seed=1))
    model.layers[0].neurons[2].bias.data = 0.75
    W, b = example.as_one_layer(model)
    for row in ([1.0, -2.0], [0.25, 3.0]):
        assert [z.data for z in model(row)] == pytest.approx(list(W @ row + b), rel=1e-12)


@pytest.mark.parametrize(("method", "distance"), [("L-BFGS-B", 1e-3), ("trust-exact", 1e-8)])
def test_scipy_finds_the_minimum_with_our_derivatives(method: str, distance: float) -> None:
    found = load("scipy_minimize").minimise(method)
    assert found.x == pytest.approx(np.ones(10), abs=distance)


def test_outliers_bend_a_line_fitted_by_squares_and_hardly_one_by_absolute_errors_or_by_huber() -> None:
    example = load("losses")
    slope, intercept = example.line_with_outliers("mse")
    assert abs(slope - 2) > 0.3
    assert intercept > 2.5
    for loss in ("mae", "huber"):
        assert example.line_with_outliers(loss) == pytest.approx((2.0, 1.0), abs=0.15)


def test_of_losses_for_two_classes_only_the_cross_entropy_gives_probabilities() -> None:
    example = load("losses")
    boundary, chances = example.two_classes("binary_cross_entropy")
    assert boundary == pytest.approx(0.5, abs=0.1)
    assert chances == pytest.approx([0.1, 0.5, 0.9], abs=0.03)
    boundary, chances = example.two_classes("hinge")
    assert boundary == pytest.approx(0.5, abs=0.1)
    assert np.abs(np.array(chances) - [0.1, 0.5, 0.9]).max() > 0.05


def test_class_weights_find_a_rare_class_and_label_smoothing_makes_less_sure() -> None:
    example = load("losses")
    (plain, _, sure), (weighted, others, _), (_, _, smooth) = (example.rare_class(loss) for loss in example.RARE.values())
    assert weighted > plain + 0.3
    assert others > 0.85
    assert smooth < sure - 0.1


@pytest.mark.parametrize("seed", range(5))
def test_l1_drives_irrelevant_weights_to_nearly_zero_l2_shrinks_and_both_help_on_rows_held_out(seed: int) -> None:
    example = load("regularization")
    none, l1, l2 = (example.train(penalty, seed) for penalty in ("none", "L1", "L2"))
    assert none.train_loss < min(l1.train_loss, l2.train_loss)
    assert l1.held_out_loss < l2.held_out_loss < 0.9 * none.held_out_loss
    assert l1.nearly_zero >= 8 > l2.nearly_zero + 3
    assert l1.irrelevant < l2.irrelevant < none.irrelevant
    assert l1.relevant > 5 * l1.irrelevant


def torch_loss(torch: ModuleType, matrices: dict[str, Any], tokens: list[int]) -> Any:
    """The loss of microgpt with tensors: all characters at once, and attention to those before by a mask."""
    m, functional = matrices, torch.nn.functional
    n = len(tokens) - 1

    def normalised(x: Any) -> Any:
        return functional.rms_norm(x, (16,), eps=1e-5)

    x = normalised(m["token_embedding"][tokens[:-1]] + m["place_embedding"][:n])
    y = normalised(x)
    heads = [(y @ m[name].T).reshape(n, 4, 4).transpose(0, 1) for name in ("query", "key", "value")]
    mixed = functional.scaled_dot_product_attention(*heads, is_causal=True).transpose(0, 1).reshape(n, 16)
    x = x + mixed @ m["joined"].T
    x = x + torch.relu(normalised(x) @ m["up"].T) @ m["down"].T
    return functional.cross_entropy(x @ m["scores"].T, torch.tensor(tokens[1:]))


@pytest.mark.parametrize("name", ["a", "anna", "maximilianaurelius"])
def test_the_gpt_has_the_loss_and_the_gradients_of_one_made_of_tensors(name: str) -> None:
    torch = pytest.importorskip("torch")
    example = load("microgpt")
    model = example.GPT(random.Random(1))
    tokens = example.tokens_of(name)
    loss = model.loss(tokens)
    loss.backward()
    matrices = {
        key: torch.tensor([[p.data for p in row] for row in rows], dtype=torch.float64, requires_grad=True)
        for key, rows in vars(model).items()
    }
    assert tokens == [26, *(ord(letter) - ord("a") for letter in name), 26][:17]
    wanted = torch_loss(torch, matrices, tokens)
    wanted.backward()
    assert loss.data == pytest.approx(wanted.item(), rel=1e-13)
    for key, rows in vars(model).items():
        found = np.array([[p.grad for p in row] for row in rows])
        np.testing.assert_allclose(found, matrices[key].grad.numpy(), rtol=1e-9, atol=1e-14, err_msg=key)


def test_the_gpt_learns_the_same_to_the_bit_whether_its_loss_is_recorded_anew_or_replayed() -> None:
    example = load("microgpt")
    losses, weights = [], []
    for replay in (False, True):
        model = example.GPT(random.Random(0))
        losses.append(example.train(model, 15, random.Random(0), replay))
        weights.append([p.data for p in model.parameters()])
    assert losses[0] == losses[1]
    assert weights[0] == weights[1]


def test_the_gpt_learns_and_makes_up_names() -> None:
    example = load("microgpt")
    rng = random.Random(0)
    model = example.GPT(rng)
    losses = example.train(model, 60, rng)
    assert sum(losses[:10]) / 10 > 3.0  # all characters as likely as each other: log(27) = 3.3
    assert sum(losses[-10:]) / 10 < 2.9
    names = [model.sample(rng, temperature=0.5) for _ in range(5)]
    assert all(len(name) <= 16 and set(name) <= set(example.LETTERS) for name in names)
    assert len(set(names)) > 1
