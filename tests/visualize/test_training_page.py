"""The page about a training run: what the recorder keeps, and the numbers in the page."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
import pytest

from autograd import Value, read_data, sigmoid, write_data
from nn import MLP, Linear, Neuron, Sequential, accuracy, fit, make_moons, predict
from visualize import TrainingRecorder, plot_decision_boundary
from visualize.page.training import RESOLUTION
from visualize.plots.models import grid

MOONS = make_moons(40, seed=0)


def trained(n_outputs: int = 2, epochs: int = 6, max_frames: int = 200, **options: Any) -> tuple[Any, Any, TrainingRecorder]:
    recorder = TrainingRecorder(max_frames=max_frames)
    model = MLP(2, [4, n_outputs], seed=1)
    loss = "cross_entropy" if n_outputs > 1 else "binary_cross_entropy"
    history = fit(
        model, MOONS.X, MOONS.y, loss=loss, optimizer="adam", lr=0.05, epochs=epochs, metrics=["accuracy"], seed=0,
        callbacks=[recorder], **options,
    )  # fmt: skip
    return model, history, recorder


def data_of(recorder: TrainingRecorder) -> Any:
    text = re.search('<script type="application/json" id="data">(.*?)</script>', recorder.page().html, re.DOTALL)
    assert text
    return json.loads(text[1])


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_the_accuracy_of_each_frame_is_the_accuracy_in_the_history(n_outputs: int) -> None:
    model, history, recorder = trained(n_outputs)
    assert recorder.epochs == [1, 2, 3, 4, 5, 6]
    for epoch, frame in zip(recorder.epochs, recorder.frames, strict=True):
        write_data(model.parameters(), frame)
        assert accuracy(model, MOONS.X, MOONS.y) == history["accuracy"][epoch - 1]


@pytest.mark.parametrize("last", ["linear", "sigmoid"])
def test_the_page_agrees_with_the_accuracy_of_models_trained_to_equal_0_or_1(last: str) -> None:
    recorder, model = TrainingRecorder(), Sequential(Linear(2, 1, seed=0), last)
    X, y = [[0.0, 0.0], [0.1, 0.0], [1.0, 1.0], [0.9, 1.0]], [0, 0, 1, 1]
    history = fit(model, X, y, loss="mse", lr=1.0 if last == "sigmoid" else 0.2, epochs=300, metrics=["accuracy"],
                  callbacks=[recorder])  # fmt: skip
    assert history["accuracy"][-1] == 1.0
    picture = np.frombuffer(base64.b64decode(data_of(recorder)["plane"]["frames"][-1]), dtype=np.uint8)
    _, _, points = grid(np.array(X), RESOLUTION)
    outputs = np.array(predict(model, points.tolist()))[:, 0]
    np.testing.assert_array_equal(picture >> 5, outputs > 0.5)
    assert 0 < (picture >> 5).sum() < len(picture)
    np.testing.assert_allclose((picture & 31) / 31, np.clip(np.maximum(outputs, 1 - outputs), 0, 1), atol=0.51 / 31)
    plane = plot_decision_boundary(model, X, y, resolution=5).collections[0]
    low = plot_decision_boundary(model, X, y, resolution=5, threshold=-9.0).collections[0]
    assert len([path for path in plane.get_paths() if len(path)]) == 2
    assert len([path for path in low.get_paths() if len(path)]) == 1


def test_a_function_that_ends_in_a_sigmoid_is_divided_at_one_half() -> None:
    axes = plot_decision_boundary(lambda row: sigmoid(Value(row[0])), [[-1.0, 0.0], [1.0, 1.0]], [0, 1], resolution=5)
    assert len([path for path in axes.collections[0].get_paths() if len(path)]) == 2


def test_the_number_of_frames_has_a_name() -> None:
    with pytest.raises(TypeError, match="positional"):
        TrainingRecorder(3)  # type: ignore[call-arg]


def test_the_page_has_every_column_and_every_weight() -> None:
    _, history, recorder = trained()
    data = data_of(recorder)
    assert data["epochs"] == recorder.epochs
    assert data["columns"] == history.columns
    np.testing.assert_allclose(data["weights"], recorder.frames, rtol=1e-4)


@pytest.mark.parametrize("n_outputs", [1, 2, 3])
def test_the_plane_shows_the_predicted_class_and_its_probability(n_outputs: int) -> None:
    model, _, recorder = trained(n_outputs)
    plane = data_of(recorder)["plane"]
    _, _, points = grid(np.array(MOONS.X), RESOLUTION)
    for frame, text in zip(recorder.frames, plane["frames"], strict=True):
        write_data(model.parameters(), frame)
        outputs = np.array(predict(model, points.tolist()))
        logits = np.hstack([0 * outputs, outputs]) if n_outputs == 1 else outputs
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        bytes_of_frame = np.frombuffer(base64.b64decode(text), dtype=np.uint8)
        np.testing.assert_array_equal(bytes_of_frame >> 5, logits.argmax(axis=1))
        np.testing.assert_allclose((bytes_of_frame & 31) / 31, shares.max(axis=1), atol=0.51 / 31)
    assert plane["classes"] == MOONS.y


def test_making_the_page_does_not_change_the_model() -> None:
    model, _, recorder = trained()
    before = read_data(model.parameters())
    recorder.page()
    np.testing.assert_array_equal(read_data(model.parameters()), before)


def test_the_network_names_the_position_of_every_weight_and_bias() -> None:
    model, _, recorder = trained()
    positions = {id(parameter): i for i, parameter in enumerate(model.parameters())}
    network = data_of(recorder)["network"]
    assert [layer["name"] for layer in network] == ["layer 1", "layer 2"]
    for layer, drawn in zip(model.layers, network, strict=True):
        for neuron, one in zip(layer.neurons, drawn["neurons"], strict=True):
            assert one == {"weights": [positions[id(w)] for w in neuron.weights], "bias": positions[id(neuron.bias)]}


def test_a_model_without_layers_of_neurons_and_rows_of_one_number_have_no_such_picture() -> None:
    recorder = TrainingRecorder()
    fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", epochs=2, callbacks=[recorder])
    data = data_of(recorder)
    assert (data["network"], data["plane"], data["layers"]) == (None, None, {"weights": [0], "bias": [1]})


@pytest.mark.parametrize(("epochs", "kept"), [(5, [1, 2, 3, 4, 5]), (6, [2, 4, 6]), (7, [2, 4, 6, 7]), (13, [4, 8, 12, 13])])
def test_long_training_runs_keep_every_second_or_fourth_epoch_and_the_last(epochs: int, kept: list[int]) -> None:
    model, _, recorder = trained(epochs=epochs, max_frames=5)
    assert recorder.epochs == kept
    assert len(recorder.frames) == len(kept)
    np.testing.assert_array_equal(recorder.frames[-1], read_data(model.parameters()))


def test_another_training_run_starts_a_new_recording() -> None:
    model, _, recorder = trained(epochs=3)
    fit(model, MOONS.X, MOONS.y, loss="cross_entropy", epochs=2, callbacks=[recorder])
    assert recorder.epochs == [1, 2]


def test_a_recorder_without_epochs_or_room_is_rejected() -> None:
    with pytest.raises(ValueError, match="pass it to fit"):
        TrainingRecorder().page()
    with pytest.raises(ValueError, match="max_frames must be at least 2"):
        TrainingRecorder(max_frames=1)


def test_a_hostile_title_is_shown_as_text() -> None:
    _, _, recorder = trained()
    page = recorder.page("</title><script>alert(1)</script> @@DATA@@").html
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; @@DATA@@" in page


def test_a_recorder_shows_itself() -> None:
    recorder = TrainingRecorder()
    assert repr(recorder) == "<TrainingRecorder without epochs: pass it to fit(..., callbacks=[recorder])>"
    assert recorder._repr_html_() is None
    _, _, recorder = trained(epochs=2)
    assert repr(recorder).startswith("<TrainingRecorder of 2 epochs: .page().show() opens the page")
    assert (recorder._repr_html_() or "").startswith('<iframe srcdoc="&lt;!doctype html&gt;')
