"""What people type at first, and the messages that say how to go on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nn
from autograd import Value
from nn import MLP, SGD, Adam, Neuron, StepLR, Training, accuracy, cross_entropy, fit, load_iris, predict

X, Y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
model: Any = MLP(2, [3, 2], seed=0)  # also called in ways that type checkers reject
FRUIT = pd.DataFrame({"weight": [1.0, 2.0], "colour": ["red", "green"]})


def optimizer() -> Any:
    return Adam(Neuron(1).parameters())


def assigned(thing: Any, name: str) -> None:
    setattr(thing, name, 0.9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        # fit
        (
            lambda: fit(model, X, Y),
            "loss must be one of 'mse', 'mae', 'huber', 'hinge', 'binary_cross_entropy', 'cross_entropy'",
        ),
        (lambda: fit(model, X, Y, loss="bce"), "; did you mean 'binary_cross_entropy'?"),
        (lambda: fit(model, X, Y, loss="BCEWithLogitsLoss"), "; did you mean 'binary_cross_entropy'?"),
        (lambda: fit(model, X, Y, loss="CrossEntropyLoss"), "; did you mean 'cross_entropy'?"),
        (lambda: fit(model, X, Y, loss="mse_loss"), "; did you mean 'mse'?"),
        (lambda: fit(model, X, Y, loss="L1"), "; did you mean 'mae'?"),
        (lambda: fit(model, X, Y, loss="mse", metrics=["acuracy"]), "; did you mean 'accuracy'?"),
        (lambda: fit(model, X, Y, loss="mse", learning_rate=0.1), "argument 'learning_rate'; did you mean 'lr'?"),  # type: ignore[arg-type]
        (lambda: fit(model, X, Y, loss="mse", verbose=1), "argument 'verbose'; did you mean 'progress'?"),  # type: ignore[arg-type]
        (lambda: fit(model, X, Y, loss="mse", n_epochs=5), "argument 'n_epochs'; did you mean 'epochs'?"),  # type: ignore[arg-type]
        (lambda: fit(model, X, Y, loss="mse", zzz=5), "fit() got an unexpected keyword argument 'zzz'"),  # type: ignore[arg-type]
        (lambda: fit(model, X, Y, loss="mse", optimizer=Adam), "or an instance: Adam(model.parameters(), lr=0.1), not type"),
        (lambda: fit(model, X, Y, loss="mse", optimizer="adamx"), "; did you mean 'adam'?"),
        # models
        (lambda: MLP(2, [3, 1], "rleu"), "; did you mean 'relu'?"),
        (lambda: MLP(2, [3, 1], "LeakyReLU"), "; did you mean 'leaky_relu'?"),
        (lambda: MLP(2, [3, 1], init="kaiming"), "; did you mean 'he_uniform'?"),
        (lambda: model(np.ones((2, 2))), "needs one row of numbers, not a table; use predict(model, X) for"),
        (lambda: model(np.ones((5, 2))), "needs one row of numbers, not a table; use predict(model, X) for"),
        (lambda: model([[1.0, 2.0], [3.0, 4.0]]), "needs one row of numbers, not a table; use predict(model, X) for"),
        (lambda: model([[1.0, 2.0]]), "needs one row of numbers, not a table; use predict(model, X) for"),
        (lambda: model(FRUIT), "needs one row of numbers, not a table; use predict(model, X) for"),
        (lambda: model[0].neurons[0](X), "needs one row of numbers, not a table; use predict(model, X) for"),
        (lambda: model(1, 2), "MLP(2, [3, 2]) needs one list of numbers, not 2 arguments; use model([1, 2])"),
        (lambda: model[0](1, 2), "needs one list of numbers, not 2 arguments; use model([1, 2])"),
        (lambda: model[0].neurons[0](1, 2), "needs one list of numbers, not 2 arguments; use model([1, 2])"),
        # data
        (
            lambda: cross_entropy([[1.0, 2.0, 3.0]], [[1, 0, 0]]),
            "cross_entropy needs class numbers from 0 to 2 as targets, not [1, 0, 0] in row 0; convert one-hot rows with",
        ),
        (lambda: fit(model, X, np.eye(2), loss="cross_entropy"), "convert one-hot rows with [list(row).index(1) for row in y]"),
        (lambda: accuracy(model, X, np.eye(2)), "accuracy needs class numbers from 0 to 1 as targets, not [1.0, 0.0] in row 0"),
        (
            lambda: predict(model, FRUIT),
            "row 0 of X, column 'colour': the data of a Value must be a real number, not str",
        ),
        (lambda: fit(model, FRUIT, Y, loss="mse"), "row 0 of X, column 'colour': "),
        (
            lambda: predict(model, FRUIT.assign(colour=[1.0, np.nan])),
            "row 1 of X, column 'colour', must contain finite num",
        ),
        # checkpoints
        (lambda: nn.save_checkpoint("m.npz", model), "save_checkpoint('m.npz', model=model), not only MLP (MLP(2, [3, 2]))"),
        (lambda: nn.load_checkpoint("m.npz", model), "load_checkpoint('m.npz', model=model), not only MLP (MLP(2, [3, 2]))"),
        # optimizers and schedules
        (lambda: assigned(optimizer(), "learning_rate"), "Adam has no option 'learning_rate'; did you mean 'lr'?"),
        (lambda: assigned(optimizer(), "weigth_decay"), "Adam has no option 'weigth_decay'; did you mean 'weight_decay'?"),
        (lambda: assigned(SGD([Value(1.0)]), "momentun"), "SGD has no option 'momentun'; did you mean 'momentum'?"),
        (lambda: assigned(StepLR(optimizer(), 3), "gama"), "StepLR has no option 'gama'; did you mean 'gamma'?"),
    ],
)
def test_a_frequent_mistake_gets_a_message_with_a_remedy(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError), match=re.escape(message)):
        call()


def test_the_case_of_names_does_not_matter() -> None:
    made = MLP(2, [3, 1], "ReLU", init="He_Uniform", seed=0)
    assert repr(made) == repr(MLP(2, [3, 1], "relu", init="he_uniform"))
    seen: list[Training] = []
    options: dict[str, Any] = {"loss": "MSE", "optimizer": "Adam", "metrics": ["R2_score"], "epochs": 1}
    history = fit(made, X, Y, callbacks=[seen.append], **options)
    assert "r2_score" in history.columns
    assert (seen[0].settings["loss"], seen[0].settings["optimizer"]) == ("mse", "Adam")


def test_a_data_set_unpacks_to_rows_and_targets() -> None:
    iris = load_iris()
    rows, targets = load_iris()
    assert (rows, targets) == (iris.X, iris.y)
    assert predict(MLP(4, [3], seed=0), rows[:1]) == predict(MLP(4, [3], seed=0), iris.X[:1])


def test_attributes_that_do_not_resemble_an_option_may_be_assigned() -> None:
    adam = optimizer()
    adam.note = adam.lr_history = adam.previous_gradients = [0.1]
    adam.lr, adam.betas = 0.5, (0.5, 0.5)
    assert (adam.lr, adam.note) == (0.5, [0.1])
