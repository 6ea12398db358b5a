"""A reader moves through the epochs of a training run, with the mouse and with the keyboard."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd import write_data
from nn import MLP, accuracy, fit, make_moons
from visualize import TrainingRecorder

Open = Callable[..., Any]
MOONS = make_moons(40, seed=0)
EPOCHS = 6


@pytest.fixture(scope="module")
def trained() -> tuple[Any, Any, TrainingRecorder]:
    recorder, model = TrainingRecorder(), MLP(2, [4, 2], seed=1)
    history = fit(
        model, MOONS.X, MOONS.y, loss="cross_entropy", optimizer="adam", lr=0.05, epochs=EPOCHS, metrics=["accuracy"], seed=0,
        callbacks=[recorder],
    )  # fmt: skip
    return model, history, recorder


@pytest.fixture
def page(trained: Any, show: Open) -> Any:
    return show(trained[2].page())


def shown(page: Any, column: str) -> str:
    text: str = page.locator(f"[data-column={column}]").inner_text()
    return text


def test_each_epoch_shows_the_numbers_of_the_history_and_its_weights(page: Any, trained: Any) -> None:
    model, history, recorder = trained
    for frame in range(EPOCHS):
        page.locator("#at").fill(str(frame))
        assert page.locator("#epoch").inner_text() == f"epoch {frame + 1} of {EPOCHS}"
        assert float(shown(page, "accuracy")) == pytest.approx(history["accuracy"][frame], rel=1e-3)
        assert float(shown(page, "loss")) == pytest.approx(history["loss"][frame], rel=1e-3)
        write_data(model.parameters(), recorder.frames[frame])
        assert accuracy(model, MOONS.X, MOONS.y) == history["accuracy"][frame]
        titles = page.locator("#network line title").all_text_contents()
        weights = [w.data for layer in model.layers for neuron in layer.neurons for w in neuron.weights]
        assert [float(title.split(": ")[1]) for title in titles] == pytest.approx(weights, rel=1e-3)
        signs = page.locator("#network line").evaluate_all(
            "(lines) => lines.map((line) => line.classList.contains('negative'))"
        )
        assert signs == [weight < 0 for weight in weights]
    assert titles[0].startswith("layer 1 neuron 0, weight 0: ")


def test_the_picture_of_the_plane_follows_the_epoch(page: Any) -> None:
    picture = "$('plane').toDataURL()"
    last = page.evaluate(picture)
    page.locator("#at").fill("0")
    assert page.evaluate(picture) != last
    page.locator("#at").fill(str(EPOCHS - 1))
    assert page.evaluate(picture) == last


def test_keys_the_curve_and_play_change_the_epoch(page: Any) -> None:
    for key, epoch in [("Home", 1), ("ArrowRight", 2), ("End", EPOCHS), ("ArrowLeft", EPOCHS - 1)]:
        page.keyboard.press(key)
        assert page.locator("#epoch").inner_text() == f"epoch {epoch} of {EPOCHS}"
    box = page.locator("#curves").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 44 / 640, box["y"] + box["height"] / 2)  # the left end of the axis
    assert page.locator("#epoch").inner_text() == f"epoch 1 of {EPOCHS}"
    page.locator("#play").click()
    assert page.locator("#play").get_attribute("aria-label") == "pause"
    page.wait_for_function("frame === last && !playing")
    assert page.locator("#play").get_attribute("aria-label") == "play"


def test_a_screen_reader_hears_the_epoch_and_its_numbers(page: Any) -> None:
    page.locator("#at").press("ArrowLeft")
    assert page.locator("#at").get_attribute("aria-valuetext") == f"epoch {EPOCHS - 1}"
    assert page.locator("#live").text_content().startswith(f"epoch {EPOCHS - 1}: loss 0.")


def test_all_pictures_are_on_the_first_screen_and_fit_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    bottom = page.locator("footer").bounding_box()["y"]
    assert all(
        figure.bounding_box()["y"] + figure.bounding_box()["height"] <= bottom for figure in page.locator("figure").all()
    )
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_run_with_numbers_that_are_not_finite_is_shown(show: Open) -> None:
    recorder, model = TrainingRecorder(), MLP(2, [2, 2], seed=0)
    fit(model, MOONS.X, MOONS.y, loss="cross_entropy", epochs=2, callbacks=[recorder])
    recorder.frames[-1][:] = math.nan
    page = show(recorder.page())
    page.keyboard.press("Home")
    page.keyboard.press("End")
    assert page.locator("#network line title").first.text_content() == "layer 1 neuron 0, weight 0: not finite"
