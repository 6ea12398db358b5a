"""``History``: columns, rows, the best epoch and conversion to JSON."""

from __future__ import annotations

import json

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
