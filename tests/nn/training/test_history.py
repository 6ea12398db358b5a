"""``History``: columns, rows, the best epoch and conversion to JSON."""

from __future__ import annotations

import json
import math

import pytest

from nn import History, Neuron, fit

HISTORY = History({"loss": [3.0, 1.0, 2.0], "val_loss": [3.0, 2.5, 2.5], "lr": [0.1, 0.1, 0.05]}, 1.5, "patience")


def test_columns_are_accessed_by_name() -> None:
    assert (HISTORY["val_loss"], HISTORY.losses, len(HISTORY)) == ([3.0, 2.5, 2.5], [3.0, 1.0, 2.0], 3)
    assert (History().losses, len(History())) == ([], 0)


def test_the_error_for_an_unknown_column_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"unknown column: 'accuracy' \(must be one of 'loss', 'val_loss', 'lr'\)"):
        HISTORY["accuracy"]
    with pytest.raises(KeyError, match=r"unknown column: 'loss' \(must be one of no columns\)"):
        History()["loss"]


def test_the_best_epoch_is_the_first_with_the_lowest_validation_loss() -> None:
    assert HISTORY.best == {"epoch": 2, "loss": 1.0, "val_loss": 2.5, "lr": 0.1}


def test_without_validation_the_best_epoch_has_the_lowest_loss() -> None:
    assert History({"loss": [3.0, 1.0, 0.5, 2.0]}).best == {"epoch": 3, "loss": 0.5}


def test_the_best_epoch_by_a_column_depends_on_its_direction() -> None:
    columns = {"loss": [3.0, 1.0], "val_accuracy": [0.75, 0.5], "huber": [1.0, 2.0], "mae": [math.nan, 2.0], "f1": [0.1, 0.2]}
    history = History(columns)
    best = {name: history.best_by(name)["epoch"] for name in columns if name != "f1"}
    assert best == {"loss": 2, "val_accuracy": 1, "huber": 1, "mae": 2}
    assert (history.best_by("f1", "max")["epoch"], history.best_by("f1", mode="min")["epoch"]) == (2, 1)
    with pytest.raises(ValueError, match="mode must be given for the column 'f1', which is neither a loss nor a metric of nn;"):
        history.best_by("f1")
    with pytest.raises(TypeError, match=r"column must be the name of a column of numbers, not 'm', which has \[\[1\]\]"):
        History({"m": [[[1]]]}).best_by("m")


def test_the_error_for_an_unknown_key_of_a_row_says_how_to_get_a_validation_loss() -> None:
    message = r"unknown column: 'val_loss' \(must be one of 'epoch', 'loss'\); pass validation_split= or validation_data= to"
    for row in (History({"loss": [1.0]}).best, History({"loss": [1.0]}).row(0)):
        with pytest.raises(KeyError, match=message):
            row["val_loss"]


def test_a_history_without_epochs_has_no_best_epoch() -> None:
    with pytest.raises(ValueError, match="there is no best epoch, because training ended before the first epoch was completed"):
        _ = History().best


def test_epochs_are_numbered_from_1_and_rows_are_indexed_from_either_end() -> None:
    assert HISTORY.row(0) == {"epoch": 1, "loss": 3.0, "val_loss": 3.0, "lr": 0.1}
    assert HISTORY.row(-1) == {"epoch": 3, "loss": 2.0, "val_loss": 2.5, "lr": 0.05}
    with pytest.raises(IndexError):
        HISTORY.row(3)


def test_the_repr_of_a_history_is_one_line() -> None:
    assert repr(HISTORY) == "History(3 epochs, loss 3 -> 2, val_loss 3 -> 2.5, 1.50 s, stopped='patience')"
    assert repr(History()) == "History(0 epochs, 0.00 s, stopped='epochs')"


def test_a_history_survives_a_round_trip_through_json() -> None:
    saved = json.loads(json.dumps(HISTORY.to_dict()))
    assert saved == {"columns": HISTORY.columns, "seconds": 1.5, "stopped": "patience"}
    assert History(**saved) == HISTORY


def test_trim_drops_a_partially_recorded_epoch() -> None:
    history = History({"loss": [3.0, 1.0, 2.0], "lr": [0.1, 0.1], "seconds": [1.0, 2.0]})
    history.trim()
    assert history.columns == {"loss": [3.0, 1.0], "lr": [0.1, 0.1], "seconds": [1.0, 2.0]}
    history = History()
    history.trim()
    assert len(history) == 0


def test_fit_records_loss_learning_rate_and_time_of_each_epoch() -> None:
    history = fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", lr=0.1, epochs=3)
    assert list(history.columns) == ["loss", "lr", "seconds"]
    assert history["lr"] == [0.1] * 3
    assert 0 < history["seconds"][0] < history["seconds"][1] < history["seconds"][2] < history.seconds
