"""The examples run, and their claims are true."""

from __future__ import annotations

import ast
import importlib.util
import random
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autograd
from nn import ACTIVATIONS, Linear, Neuron, Sequential, fit, mse_loss

EXAMPLES = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
ARGUMENTS = {"microgpt": ["--steps", "12"]}  # to save time


def load(name: str) -> ModuleType:
    """Import an example."""
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
    monkeypatch.chdir(tmp_path)  # plots are written to the current folder
    monkeypatch.setattr("sys.argv", [script.name, *ARGUMENTS.get(script.stem, [])])
    assert runpy.run_path(str(script), run_name="__main__")["__doc__"]
    assert capsys.readouterr().out


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_every_example_uses_public_names_only(script: Path) -> None:
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("autograd", "nn", "visualize"):
            public = importlib.import_module(node.module or "").__all__
            assert {alias.name for alias in node.names} <= {*public, *autograd._BUILTINS}


def test_the_regression_converges_to_least_squares() -> None:
    example = load("linear_regression")
    model = Neuron(1, seed=1)
    history = example.train(model)
    assert history.stopped == "tolerance"
    assert model.weights[0].data == pytest.approx(1.0, abs=1e-8)
    assert model.bias.data == pytest.approx(0.4, abs=1e-8)
    assert mse_loss([model(row) for row in example.X], example.y).data == pytest.approx(0.08, abs=1e-12)
    assert history.losses[-1] == pytest.approx(0.08, abs=1e-12)


@pytest.mark.parametrize("epochs", [1, 10, 100, 1000])
def test_the_gradients_of_the_regression_equal_the_matrix_formulas_during_training(epochs: int) -> None:
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


def test_adaptive_rates_find_weights_of_different_scales_and_a_single_rate_does_not() -> None:
    example = load("optimizers")
    X, y = example.weather()
    losses = {name: example.best(make, X, y)[0] for name, make in example.OPTIMIZERS.items()}
    assert min(losses["SGD"], losses["SGD, momentum 0.9"]) > 1.0
    assert max(losses["Adagrad"], losses["RMSprop"], losses["Adam"], losses["AdamW"]) < 0.1


def test_a_decaying_rate_ends_closer_to_least_squares_than_a_constant_rate() -> None:
    example = load("schedules")
    X, y = example.points()
    least = np.linalg.lstsq(np.column_stack([np.ravel(X), np.ones(len(X))]), y, rcond=None)[1][0] / len(X)
    excess = {name: example.train(*rate)[0][-1] - least for name, rate in example.RATES.items()}
    assert max(excess["exponential decay"], excess["step decay"]) < 0.01 * min(excess["too large"], excess["too small"])


def test_the_plot_of_schedules_shows_the_losses_and_the_rates() -> None:
    pytest.importorskip("matplotlib")
    example = load("schedules")
    runs = {name: example.train(*rate) for name, rate in example.RATES.items()}
    top, bottom = example.plot(runs).axes
    for k in range(len(runs)):
        losses, rates = list(runs.values())[k]
        assert list(top.lines[k].get_ydata()) == losses
        assert list(bottom.lines[k].get_ydata()) == rates
    assert [text.get_text() for text in top.get_legend().get_texts()] == list(runs)


def test_without_matplotlib_schedules_prints_only_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr("sys.argv", ["schedules.py"])
    load("schedules").main()
    assert capsys.readouterr().out.endswith("The plot needs matplotlib: pip install scalar-autograd[plots]\n")


# Other starts do not learn XOR in 3,000 epochs: neurons stay on a flat part, where the derivative is 0, or selu is too steep.
SEEDS = {"hardshrink": (1, 2, 3), "hardtanh": (2, 4, 5), "selu": (1, 2, 3), "softshrink": (1, 3, 4)}


@pytest.mark.parametrize(("activation", "seed"), [(name, seed) for name in ACTIVATIONS for seed in SEEDS.get(name, range(3))])
def test_xor_is_learned_with_an_activation_function_and_not_without(activation: str, seed: int) -> None:
    """Without an activation function, the best output is 1/2 for each row, with an error of 1/4."""
    example = load("activations")
    model, loss = example.train(activation, seed)
    outputs = [model(row)[0].data for row in example.X]
    if activation == "linear":
        assert loss == pytest.approx(0.25, abs=1e-9)
        assert outputs == pytest.approx([0.5] * 4, abs=1e-4)
    else:
        assert loss < 0.1
        assert [round(output) for output in outputs] == example.y


def test_two_layers_without_an_activation_function_equal_one() -> None:
    example = load("activations")
    model = Sequential(Linear(2, 5, seed=0), "linear", Linear(5, 3, seed=1))
    model.layers[0].neurons[2].bias.data = 0.75
    W, b = example.as_one_layer(model)
    for row in ([1.0, -2.0], [0.25, 3.0]):
        assert [z.data for z in model(row)] == pytest.approx(list(W @ row + b), rel=1e-12)


@pytest.mark.parametrize(("method", "distance"), [("L-BFGS-B", 1e-3), ("trust-exact", 1e-8)])
def test_scipy_finds_the_minimum_with_our_derivatives(method: str, distance: float) -> None:
    found = load("scipy_minimize").minimize_rosenbrock(method)
    assert found.x == pytest.approx(np.ones(10), abs=distance)


def test_outliers_bend_a_line_fitted_by_mse_but_not_by_mae_or_huber() -> None:
    example = load("losses")
    slope, intercept = example.line_with_outliers("mse")
    assert abs(slope - 2) > 0.3
    assert intercept > 2.5
    for loss in ("mae", "huber"):
        assert example.line_with_outliers(loss) == pytest.approx((2.0, 1.0), abs=0.15)


def test_cross_entropy_gives_probabilities_and_hinge_does_not() -> None:
    example = load("losses")
    boundary, probabilities = example.two_classes("binary_cross_entropy")
    assert boundary == pytest.approx(0.5, abs=0.1)
    assert probabilities == pytest.approx([0.1, 0.5, 0.9], abs=0.03)
    boundary, probabilities = example.two_classes("hinge")
    assert boundary == pytest.approx(0.5, abs=0.1)
    assert np.abs(np.array(probabilities) - [0.1, 0.5, 0.9]).max() > 0.05


def test_class_weights_find_a_rare_class_and_label_smoothing_lowers_confidence() -> None:
    example = load("losses")
    (plain, _, confidence), (weighted, others, _), (_, _, smooth) = (example.rare_class(loss) for loss in example.RARE.values())
    assert weighted > plain + 0.3
    assert others > 0.85
    assert smooth < confidence - 0.1


@pytest.mark.parametrize("seed", range(5))
def test_l1_makes_irrelevant_weights_nearly_zero_l2_shrinks_them_and_both_lower_the_held_out_loss(seed: int) -> None:
    example = load("regularization")
    none, l1, l2 = (example.train(penalty, seed) for penalty in ("none", "L1", "L2"))
    assert none.train_loss < min(l1.train_loss, l2.train_loss)
    assert l1.held_out_loss < l2.held_out_loss < 0.9 * none.held_out_loss
    assert l1.nearly_zero >= 8 > l2.nearly_zero + 3
    assert l1.irrelevant < l2.irrelevant < none.irrelevant
    assert l1.relevant > 5 * l1.irrelevant


def test_the_greeks_of_an_option_equal_their_published_formulas() -> None:
    """Hull, "Options, Futures, and Other Derivatives": delta N(d1), gamma n(d1) / (S s sqrt(T)), vega S n(d1) sqrt(T), ..."""
    stats = pytest.importorskip("scipy.stats")
    example = load("option_greeks")
    stock, strike, time, r, s = np.linspace(60.0, 140.0, 9), example.STRIKE, example.TIME, example.RATE, example.VOLATILITY
    d1 = (np.log(stock / strike) + (r + s**2 / 2) * time) / (s * np.sqrt(time))
    d2 = d1 - s * np.sqrt(time)
    cdf, density, today = stats.norm.cdf, stats.norm.pdf(d1), strike * np.exp(-r * time)
    expected = {
        "price": stock * cdf(d1) - today * cdf(d2),
        "delta": cdf(d1),
        "gamma": density / (stock * s * np.sqrt(time)),
        "vega": stock * density * np.sqrt(time),
        "theta": -stock * density * s / (2 * np.sqrt(time)) - r * today * cdf(d2),
        "rho": time * today * cdf(d2),
    }
    found = example.curves(stock)
    assert list(found) == list(expected)
    for name, numbers in expected.items():
        np.testing.assert_allclose(found[name], numbers, rtol=1e-9, err_msg=name)


def test_the_arm_reaches_the_target_and_its_links_keep_their_lengths() -> None:
    example = load("robot_arm")
    steps = example.reach()
    assert example.squared_distance(steps[-1]) < 1e-6
    places = np.array(example.joints(steps[-1]))
    assert np.linalg.norm(np.diff(places, axis=0), axis=1) == pytest.approx(example.LINKS)


def test_bundle_adjustment_finds_points_and_cameras_up_to_the_noise_of_the_pixels() -> None:
    example = load("bundle_adjustment")
    cameras, points, pixels = example.scene()
    found_cameras, found_points, history = example.adjust(*example.start(cameras, points), pixels)
    assert history[0] > 20 * history[-1]
    assert history[-1] < example.NOISE
    by = example.aligned(found_points, points)
    assert example.moved(found_points, by) == pytest.approx(points, abs=0.03)
    assert example.moved(found_cameras[:, 1:], by) == pytest.approx(cameras[:, 1:], abs=0.1)


@pytest.mark.parametrize("name", ["option_greeks", "robot_arm", "bundle_adjustment"])
def test_without_matplotlib_an_example_prints_its_table(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr("sys.argv", [f"{name}.py"])
    load(name).main()
    assert capsys.readouterr().out.endswith("The plot needs matplotlib: pip install scalar-autograd[plots]\n")


def torch_loss(torch: ModuleType, matrices: dict[str, Any], tokens: list[int]) -> Any:
    """Return the loss of microgpt computed with tensors: all characters at once, with a causal mask."""
    m, functional = matrices, torch.nn.functional
    n = len(tokens) - 1

    def rms_norm(x: Any) -> Any:
        return functional.rms_norm(x, (16,), eps=1e-5)

    x = rms_norm(m["token_embedding"][tokens[:-1]] + m["position_embedding"][:n])
    y = rms_norm(x)
    heads = [(y @ m[name].T).reshape(n, 4, 4).transpose(0, 1) for name in ("query", "key", "value")]
    mixed = functional.scaled_dot_product_attention(*heads, is_causal=True).transpose(0, 1).reshape(n, 16)
    x = x + mixed @ m["projection"].T
    x = x + torch.relu(rms_norm(x) @ m["up"].T) @ m["down"].T
    return functional.cross_entropy(x @ m["unembedding"].T, torch.tensor(tokens[1:]))


@pytest.mark.parametrize("name", ["a", "anna", "maximilianaurelius"])
def test_the_gpt_has_the_same_loss_and_gradients_as_an_implementation_with_tensors(name: str) -> None:
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


def test_replaying_the_loss_of_the_gpt_gives_bit_for_bit_the_same_losses_and_weights() -> None:
    example = load("microgpt")
    losses, weights = [], []
    for replay in (False, True):
        model = example.GPT(random.Random(0))
        losses.append(example.train(model, 15, random.Random(0), replay))
        weights.append([p.data for p in model.parameters()])
    assert losses[0] == losses[1]
    assert weights[0] == weights[1]


def test_the_gpt_learns_and_generates_names() -> None:
    example = load("microgpt")
    rng = random.Random(0)
    model = example.GPT(rng)
    losses = example.train(model, 60, rng)
    assert sum(losses[:10]) / 10 > 3.0  # if all characters are equally likely, the loss is log(27) = 3.3
    assert sum(losses[-10:]) / 10 < 2.9
    names = [model.sample(rng, temperature=0.5) for _ in range(5)]
    assert all(len(name) <= 16 and set(name) <= set(example.LETTERS) for name in names)
    assert len(set(names)) > 1
