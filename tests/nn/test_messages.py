"""What people type at first, and the messages that say how to go on."""

from __future__ import annotations

import copy
import inspect
import pickle
import pydoc
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn import datasets

import nn
import nn.base
import nn.data
from autograd import Value
from nn import MLP, SGD, Adam, Neuron, StepLR, Training, accuracy, cross_entropy, fit, load_iris, predict

X, Y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
model: Any = MLP(2, [3, 2], seed=0)  # also called in ways that type checkers reject
FRUIT = pd.DataFrame({"weight": [1.0, 2.0], "colour": ["red", "green"]})


def bunch() -> Any:
    return datasets.load_iris()


def optimizer() -> Any:
    return Adam(Neuron(1).parameters())


def assigned(thing: Any, name: str) -> None:
    setattr(thing, name, 0.9)


def read(thing: Any, name: str) -> Any:
    return getattr(thing, name)


def called(function: Any, *args: Any, **options: Any) -> Any:
    """Call a function in a way that type checkers would reject."""
    return function(*args, **options)


def imported(line: str) -> None:
    exec(line, {})


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
        (lambda: fit(model, X, Y, loss="mse", learning_rate=0.1), "argument 'learning_rate'; did you mean 'lr'?"),  # type: ignore[call-arg]
        (lambda: fit(model, X, Y, loss="mse", verbose=1), "argument 'verbose'; did you mean 'progress'?"),  # type: ignore[call-arg]
        (lambda: fit(model, X, Y, loss="mse", n_epochs=5), "argument 'n_epochs'; did you mean 'epochs'?"),  # type: ignore[call-arg]
        (lambda: fit(model, X, Y, loss="mse", zzz=5), "fit() got an unexpected keyword argument 'zzz'"),  # type: ignore[call-arg]
        (
            lambda: fit(model, X, Y, loss="mse", optimizer=Adam),
            "must not be the class Adam; pass 'adam', or an instance: Adam(model.par",
        ),
        (lambda: fit(model, X, Y, loss="mse", optimizer="adamx"), "; did you mean 'adam'?"),
        (lambda: fit(model, X, Y, loss="mean_squared_error"), "; did you mean 'mse'?"),
        (lambda: called(fit, model, X, Y, loss="mse", class_weight={}), "'class_weight'; did you mean 'class_weights'?"),
        (lambda: called(fit, model, X, loss="mse"), "fit() needs y, the target of each row; pass it, or a Dataset, such as "),
        (lambda: called(nn.train_test_split, X), "train_test_split() needs y, the target of each row; pass it, or a Dataset, "),
        (
            lambda: called(nn.mse_loss, X, load_iris()),
            "targets of mse_loss must be a list or an array, not a Dataset; pass data.X or ",
        ),
        (lambda: fit(model, X, Y, loss="squared_error"), "; did you mean 'mse'?"),
        (lambda: fit(model, X, Y, loss="mse", metrics=["acc"]), "; did you mean 'accuracy'?"),
        (lambda: called(fit, model, X, Y, loss="mse", steps=5), "argument 'steps'; did you mean 'epochs'?"),
        (lambda: called(fit, model, X, Y, loss="mse", iterations=5), "argument 'iterations'; did you mean 'epochs'?"),
        (lambda: called(fit, model, X, Y, loss="mse", shuffle=True), "; with batch_size=, the rows are shuffled"),
        (
            lambda: called(fit, model, X, Y, loss="mse", momentum=0.9),
            "optimizer=SGD(model.parameters(), lr=0.1, momentum=0.9))",
        ),
        (lambda: called(fit, model, X, Y, "mse"), "options by name, not 'mse'; write fit(model, X, y, loss='mse')"),
        (lambda: called(fit, model, X, Y, nn.mse_loss), "; write fit(model, X, y, loss=mse_loss)"),
        (lambda: called(fit, model, X, Y, 100), "; write fit(model, X, y, name=...)"),
        (lambda: called(nn.EarlyStopping, "accuracy"), "not str ('accuracy'); write monitor='accuracy' for a column"),
        (
            lambda: called(nn.ModelCheckpoint, "m.npz", "accuracy"),
            "not str ('accuracy'); write monitor='accuracy' for a column",
        ),
        (lambda: called(fit), "missing 2 required positional arguments: 'model' and 'X'; write fit(model, X, y, loss='mse')"),
        (lambda: called(fit, model), "missing 1 required positional argument: 'X'; write fit(model, X, y, loss='mse')"),
        (
            lambda: called(fit, X, Y, loss="mse"),
            "model must be callable with one row, not list ([[0.0, 1.0], [1.0, 0.0]]); pass th",
        ),
        (lambda: predict(X, model), "; pass the model first, and then the rows"),
        (
            lambda: called(fit, model, X, Y, loss="mse", device="cuda"),
            "argument 'device'; omit it: nn computes on the processor",
        ),
        (lambda: called(fit, model, X, Y, loss="mse", val_split=0.1), "argument 'val_split'; write validation_split="),
        (lambda: called(predict, model, X, proba=True), "argument 'proba'; did you mean 'probabilities'?"),
        (lambda: called(predict, model), "missing 1 required positional argument: 'X'; write predict(model, X)"),
        (lambda: called(nn.train_test_split, X, Y, test_fraction=0.5), "argument 'test_fraction'; did you mean 'test_size'?"),
        (
            lambda: called(nn.Sequential, nn.Linear(2, 3), seed=0),
            "argument 'seed'; pass it to each part, such as Linear(2, 8, s",
        ),
        (lambda: called(nn.Sequential, nn.Linear(2, 3), zzz=0), "got an unexpected keyword argument 'zzz'"),
        (lambda: called(nn.Linear, 2, 3, activation="relu"), "argument 'activation'; write Layer(2, 3, activation='relu')"),
        # names of nn in its folders
        (lambda: read(nn.optim, "Adam"), "module 'nn.optim' has no attribute 'Adam'; use nn.Adam"),
        (lambda: imported("from nn.optim import SGD"), "cannot import name 'SGD' from 'nn.optim'; use nn.SGD"),
        (lambda: read(nn.optim, "lr_scheduler"), "no attribute 'lr_scheduler'; schedules are in nn itself, such as nn.StepLR"),
        (lambda: read(nn.optim, "adamm"), "module 'nn.optim' has no attribute 'adamm'; did you mean 'nn.Adam'?"),
        (lambda: read(nn.data, "load_csv"), "module 'nn.data' has no attribute 'load_csv'; use nn.load_csv"),
        (
            lambda: read(nn.data, "DataLoader"),
            "has no attribute 'DataLoader'; use nn.minibatches(X, y, batch_size), or nn.fit(",
        ),
        (lambda: read(nn.data, "TensorDataset"), "has no attribute 'TensorDataset'; use nn.minibatches(X, y, batch_size), or"),
        (
            lambda: imported("from nn.training import History"),
            "cannot import name 'History' from 'nn.training'; use nn.History",
        ),
        (lambda: read(nn.base, "Module"), "module 'nn.base' has no attribute 'Module'; use nn.Module"),
        (lambda: read(nn, "Optim"), "module 'nn' has no attribute 'Optim'; optimizers are in nn itself, such as nn.Adam"),
        # data sets, histories and checkpoints
        (lambda: called(load_iris, return_X_y=True), "argument 'return_X_y'; write X, y = load_iris()"),
        (lambda: read(load_iris(), "data"), "'Dataset' object has no attribute 'data'; use dataset.X"),
        (lambda: read(load_iris(), "target"), "has no attribute 'target'; use dataset.y"),
        (lambda: read(load_iris(), "target_names"), "has no attribute 'target_names'; use dataset.class_names"),
        (lambda: read(load_iris(), "shape"), "has no attribute 'shape'; use len(dataset.X) and len(dataset.feature_names)"),
        (lambda: read(load_iris(), "head"), "has no attribute 'head'; print(dataset) shows the first rows"),
        (lambda: called(nn.load_csv, "a.csv", sep=";"), "argument 'sep'; omit it: commas, semicolons and tabs are recognized"),
        (
            lambda: called(nn.load_csv, "a.csv", na_values="?"),
            "argument 'na_values'; write missing=, the entries that mean a mis",
        ),
        (lambda: called(nn.load_csv, 3), "path must be a file path, not int (3)"),
        (
            lambda: called(nn.load_csv, "~/a.csv"),
            "path must not begin with ~, which is not expanded, not '~/a.csv'; write os.path.",
        ),
        (lambda: read(nn.History({"loss": [1.0]}), "loss"), "'History' object has no attribute 'loss'; use history['loss']"),
        (
            lambda: read(nn.History({"loss": [1.0]}), "history"),
            "; the history is a table itself: history['loss'], or dict(history)",
        ),
        (lambda: model.load_state_dict({"model": {}}), "; pass one part of it: state['model']"),
        (lambda: read(optimizer(), "param_groups"), "'Adam' object has no attribute 'param_groups'; use optimizer.groups"),
        (lambda: read(optimizer(), "learning_rate"), "'Adam' object has no attribute 'learning_rate'; use optimizer.lr"),
        (lambda: model.cuda(), "has no attribute 'cuda'; omit it: Values are floats of 64 bits in main memory"),
        (lambda: model.to("cpu"), "has no attribute 'to'; omit it: Values are floats of 64 bits in main memory"),
        # names of arguments
        (
            lambda: called(SGD, model.parameters(), learning_rate=0.1),
            "SGD.__init__() got an unexpected keyword argument 'learning_rate'; did you mean 'lr'?",
        ),
        (lambda: called(Adam, model.parameters(), beta1=0.9), "argument 'beta1'; did you mean 'betas'?"),
        (lambda: called(Adam), "Adam.__init__() missing 1 required positional argument: 'parameters'; pass model.parameters()"),
        (
            lambda: called(StepLR, optimizer(), gama=0.1),
            "StepLR.__init__() got an unexpected keyword argument 'gama'; did you mean 'gamma'",
        ),
        (
            lambda: called(MLP, 2, [4, 1], activaton="tanh"),
            "MLP.__init__() got an unexpected keyword argument 'activaton'; did you mean 'act",
        ),
        (lambda: called(nn.Layer, 2, 3, act="relu"), "argument 'act'; did you mean 'activation'?"),
        (
            lambda: called(nn.Dropout, rate=0.5),
            "Dropout.__init__() got an unexpected keyword argument 'rate'; the arguments are p, seed",
        ),
        (
            lambda: called(MLP, [2, 3, 1]),
            "MLP.__init__() missing 1 required positional argument: 'n_outputs'; write MLP(2, [3, 1])",
        ),
        (lambda: called(MLP, [2, 3, 1], "relu"), "n_inputs must be an integer, not [2, 3, 1]; write MLP(2, [3, 1])"),
        (lambda: called(MLP, 2), "; write, for example, MLP(2, [3, 1])"),
        (lambda: called(nn.Sequential, [nn.Linear(2, 1)]), "one by one, not in a list; write Sequential(*layers)"),
        # methods and attributes of other libraries
        (lambda: model.fit(X, Y), "'MLP' object has no attribute 'fit'; write fit(model, X, y, loss=...)"),
        (lambda: model.predict(X), "'MLP' object has no attribute 'predict'; write predict(model, X)"),
        (lambda: model.weights, "'MLP' object has no attribute 'weights'; parameters() and named_parameters() list all"),
        (lambda: getattr(Neuron(2), "w"), "the weights of a neuron are neuron.weights"),  # noqa: B009
        (lambda: model.zzz, "'MLP' object has no attribute 'zzz'"),
        (lambda: model.train(X, Y), "; to train the parameters, write fit(model, X, y, loss=...)"),
        (lambda: model.train(X), "mode must be True or False, not list ([[0.0, 1.0], [1.0, 0.0]]); to train the parameters, "),
        # models
        (lambda: MLP(2, [3, 1], "rleu"), "; did you mean 'relu'?"),
        (
            lambda: MLP(2, [3, 1], "softmax"),
            "; omit it: cross_entropy applies it, and predict(model, X, probabilities=True) returns",
        ),
        (lambda: nn.Sequential(nn.Linear(2, 3), "LogSoftmax"), "; omit it: cross_entropy applies it, and predict(model, X, "),
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
        (lambda: predict(model, FRUIT), "; encode categories as numbers, for example with pandas.get_dummies"),
        (
            lambda: predict(model, FRUIT.assign(colour=pd.array([1, None], dtype="Int64"))),
            "row 1 of X, column 'colour', must contain numbers, not <NA>; fill in missing numbers or drop the row",
        ),
        (lambda: predict(model, [[1.0, None]]), "row 0 of X must contain numbers, not None; fill in missing numbers or drop"),
        (
            lambda: predict(model, FRUIT.assign(colour=pd.to_datetime(["2024-01-31", "2024-02-01"]))),
            "row 0 of X, column 'colour': the data of a Value must be a real number, not Timestamp",
        ),
        (
            lambda: predict(model, FRUIT.assign(colour=pd.to_datetime(["2024-01-31", "2024-02-01"]))),
            "; for dates, use numbers of",
        ),
        (lambda: predict(model, FRUIT["weight"]), "row 0 of X must be a list or an array, not float (1.0); create rows with"),
        (lambda: fit(model, FRUIT, pd.Series([0, None]), loss="mse"), "row 0 of X, column 'colour': "),
        (lambda: fit(model, X, pd.Series([0, None]), loss="mse"), "row 1 of y must contain finite numbers, not nan; fill in"),
        (lambda: fit(model, X, pd.Series(["a", None]), loss="cross_entropy"), "row 1 of y must be a string, like other labels"),
        (
            lambda: predict(model, csr_array(X)),
            "rows must be dense, not csr_array, which is sparse; convert it with .toa",
        ),
        (lambda: called(fit, model, bunch(), loss="mse"), "fit() needs y, the target of each row; pass X.data and X.target"),
        # checkpoints
        (lambda: nn.save_checkpoint("m.npz", model), "save_checkpoint('m.npz', model=model), not only MLP (MLP(2, [3, 2]))"),
        (lambda: nn.load_checkpoint("m.npz", model), "load_checkpoint('m.npz', model=model), not only MLP (MLP(2, [3, 2]))"),
        (
            lambda: called(nn.save_checkpoint, model, "n.npz"),
            "path must be a file name, not MLP; write save_checkpoint('n.npz', ",
        ),
        (lambda: called(nn.save_checkpoint, model), "not MLP; write save_checkpoint('m.npz', model=model)"),
        (lambda: called(nn.load_checkpoint, model, "n.npz"), "not MLP; write load_checkpoint('n.npz', model=model)"),
        (
            lambda: called(nn.load_checkpoint, model),
            "path must be a file name, not MLP; write load_checkpoint('m.npz', model=mo",
        ),
        (lambda: read(nn.History(), "to_csv"), "'to_csv'; use history.to_frame().to_csv('history.csv'), or a CSVLogger in fit"),
        (lambda: read(nn.History(), "to_pandas"), "has no attribute 'to_pandas'; use history.to_frame()"),
        (lambda: read(load_iris(), "to_frame"), "'to_frame'; use pandas.DataFrame(dataset.X, columns=dataset.feature_names)"),
        # optimizers and schedules
        (
            lambda: called(nn.LBFGS([Value(1.0)]).step),
            "argument: 'closure'; write optimizer.step(closure), where closure() computes the loss, calls its backward() and",
        ),
        (
            lambda: called(nn.LBFGS([Value(1.0)]).step, Value(1.0)),
            "closure must be a function that computes the loss, calls its backward() and returns it, not Value (Value(1.0))",
        ),
        (lambda: assigned(optimizer(), "learning_rate"), "Adam has no option 'learning_rate'; did you mean 'lr'?"),
        (lambda: assigned(optimizer(), "weigth_decay"), "Adam has no option 'weigth_decay'; did you mean 'weight_decay'?"),
        (lambda: assigned(SGD([Value(1.0)]), "momentun"), "SGD has no option 'momentun'; did you mean 'momentum'?"),
        (lambda: assigned(StepLR(optimizer(), 3), "gama"), "StepLR has no option 'gama'; did you mean 'gamma'?"),
    ],
)
def test_a_frequent_mistake_gets_a_message_with_a_remedy(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError, ImportError), match=re.escape(message)):
        call()


def test_the_parts_of_a_checkpoint_are_suggested(tmp_path: Path) -> None:
    saved = nn.load_checkpoint(nn.save_checkpoint(tmp_path / "m.npz", model=model, epoch=3))
    with pytest.raises(KeyError, match=r"the checkpoint has no part 'modle', only 'model', 'epoch'; did you mean 'model'\?"):
        saved["modle"]
    assert saved.get("modle") is None


def test_objects_with_other_names_are_copied_and_pickled() -> None:
    for thing in (load_iris(), nn.History({"loss": [1.0]}), optimizer(), model):
        for other in (copy.copy(thing), copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):
            assert repr(other) == repr(thing)
            assert not hasattr(other, "head")


def test_the_case_of_names_does_not_matter() -> None:
    made = MLP(2, [3, 1], "ReLU", init="He_Uniform", seed=0)
    assert repr(made) == repr(MLP(2, [3, 1], "relu", init="he_uniform"))
    seen: list[Training] = []
    options: dict[str, Any] = {"loss": "MSE", "optimizer": "Adam", "metrics": ["R2_score"], "epochs": 1}
    history = fit(made, X, Y, callbacks=[seen.append], **options)
    assert "r2_score" in history.columns
    assert (seen[0].settings["loss"], seen[0].settings["optimizer"]) == ("mse", "Adam")


def test_things_of_pytorch_get_a_message_with_a_remedy() -> None:
    torch = pytest.importorskip("torch")
    linear, rows, y = torch.nn.Linear(2, 2), torch.tensor(X), torch.tensor(Y)
    data = torch.utils.data.TensorDataset(rows, y)
    optimizer = torch.optim.SGD(linear.parameters(), lr=0.1)
    some: dict[str, Any] = {"loss": "cross_entropy", "epochs": 1}
    remedy = "model must be a Module of nn, not Linear of torch; convert it with nn.from_torch(model)"
    calls: list[tuple[Callable[[], Any], str]] = [
        (lambda: fit(linear, rows, y, **some), remedy),
        (lambda: predict(linear, rows), remedy),
        (lambda: accuracy(linear, rows, y), remedy),
        (lambda: nn.summary(linear), "; convert it with nn.from_torch(model)"),
        (lambda: fit(model, rows, y, loss=torch.nn.CrossEntropyLoss()), "CrossEntropyLoss of torch; did you mean 'cross_ent"),
        (lambda: fit(model, rows, y, loss=torch.nn.functional.mse_loss), "Values, not mse_loss of torch; did you mean 'mse'?"),
        (lambda: fit(model, rows, y, **some, optimizer=optimizer), "or an instance: SGD(model.parameters(), lr=0.1), not SGD"),
        (lambda: fit(model, rows, y, **some, schedule=torch.optim.lr_scheduler.StepLR(optimizer, 3)), "schedule must be a sch"),
        (lambda: MLP(2, [2, 2], torch.tanh), "activation must compute with Values, not tanh of torch; did you mean 'tanh'?"),
        (lambda: called(fit, model, data, **some), "needs y, the target of each row; pass all rows and all targets, such as *"),
        (lambda: called(fit, model, torch.utils.data.DataLoader(data), **some), "such as *dataset.tensors"),
        (lambda: model(rows), "needs one row of numbers, not a table; use predict(model, X) for"),
        (lambda: predict(model, rows.to_sparse()), "rows must be dense, not Tensor, which is sparse; convert it with .to_den"),
        (lambda: predict(model, rows.to(torch.complex64)), "row 0 of X: the data of a Value must be a real number, not compl"),
    ]  # fmt: skip
    for call, message in calls:
        with pytest.raises((TypeError, ValueError), match=re.escape(message)):
            call()


@pytest.mark.parametrize("library", ["numpy", "pandas", "torch", "polars"])
def test_arrays_tensors_and_frames_are_accepted_everywhere(library: str) -> None:
    package = pytest.importorskip(library)
    array = {"numpy": np.array, "torch": getattr(package, "tensor", None)}.get(library) or package.DataFrame
    column = {"numpy": np.array, "torch": getattr(package, "tensor", None)}.get(library) or package.Series
    rows: Any = array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    y: Any = column([0, 1, 1])
    if library == "polars":
        rows = package.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 2.0]})
    plain, classes = [[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]], [0, 1, 1]
    outputs = predict(model, plain)
    assert predict(model, rows) == outputs
    assert (
        accuracy(model, rows, y)
        == accuracy(array(outputs) if library != "polars" else outputs, y)
        == accuracy(outputs, classes)
    )
    values = [model(row) for row in plain]
    assert cross_entropy(values, y).data == cross_entropy(values, classes).data
    assert nn.mse_loss([row[0] for row in values], y).data == nn.mse_loss([row[0] for row in values], classes).data
    losses = [
        fit(MLP(2, [2], seed=0), *data, loss="cross_entropy", epochs=2, validation_data=data, sample_weights=data[1]).losses
        for data in ((rows, y), (plain, classes))
    ]
    assert losses[0] == losses[1]
    assert nn.standardize(rows) == nn.standardize(plain)
    assert nn.train_test_split(rows, y, seed=0) == nn.train_test_split(plain, classes, seed=0)
    with pytest.raises(TypeError, match=r"needs one row of numbers, not a table; use predict\(model, X\) for"):
        model(rows)
    if library != "polars":
        row = rows.iloc[0] if library == "pandas" else rows[0]
        assert [z.data for z in model(row)] == [z.data for z in model(plain[0])]


# Names of losses, metrics, optimizers and initializers in Keras, scikit-learn and PyTorch, and ours.
OTHER_NAMES = {
    "loss": {
        "mse": ["MeanSquaredError", "mean_squared_error", "squared_error", "MSELoss", "mse_loss", "l2", "rmse"],
        "mae": ["MeanAbsoluteError", "mean_absolute_error", "absolute_error", "L1Loss", "l1_loss", "mae_loss"],
        "huber": ["HuberLoss", "huber_loss", "SmoothL1Loss", "smooth_l1_loss", "log_cosh"],
        "hinge": [
            "HingeEmbeddingLoss", "squared_hinge", "categorical_hinge", "MultiMarginLoss", "hinge_loss", "modified_huber",
        ],
        "binary_cross_entropy": [
            "binary_crossentropy", "BinaryCrossentropy", "log_loss", "BCELoss", "BCEWithLogitsLoss", "bce", "logistic",
            "binary_cross_entropy_with_logits", "SoftMarginLoss",
        ],
        "cross_entropy": [
            "categorical_crossentropy", "sparse_categorical_crossentropy", "CategoricalCrossentropy", "CrossEntropyLoss",
            "NLLLoss", "nll_loss", "crossentropy", "softmax", "KLDivLoss", "kl_divergence",
        ],
    },
    "optimizer": {"adam": ["Nadam", "Adamax"], "lbfgs": ["L-BFGS", "L-BFGS-B"], "adagrad": ["Adadelta"]},
    "metrics": {"accuracy": ["acc", "categorical_accuracy", "binary_accuracy"], "r2_score": ["r2"]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("option", "name", "ours"),
    [(option, name, ours) for option, names in OTHER_NAMES.items() for ours, others in names.items() for name in others],
)
def test_names_of_other_libraries_suggest_ours(option: str, name: str, ours: str) -> None:
    options: dict[str, Any] = {"loss": "mse", option: [name] if option == "metrics" else name}
    with pytest.raises(ValueError, match=rf"unknown \w+: {re.escape(repr(name))} .*; did you mean '{ours}'\?$"):
        fit(model, X, Y, **options)


def test_a_data_set_is_passed_whole() -> None:
    iris = load_iris()
    network = MLP(4, [3], seed=0)
    assert predict(network, iris) == predict(network, iris.X)
    assert accuracy(network, iris) == accuracy(network, *iris)
    assert nn.confusion_matrix(network, iris) == nn.confusion_matrix(network, *iris)
    assert nn.r2_score(MLP(4, [1], seed=0), iris) == nn.r2_score(MLP(4, [1], seed=0), *iris)
    assert nn.standardize(iris) == nn.standardize(iris.X)
    assert nn.train_test_split(iris, seed=1) == nn.train_test_split(iris.X, iris.y, seed=1)
    assert nn.train_test_split(iris, seed=1, stratify=iris.y) == nn.train_test_split(iris.X, iris.y, seed=1, stratify=iris.y)
    losses = [fit(MLP(4, [3], seed=0), *data, loss="cross_entropy", epochs=2).losses for data in ([iris], iris, [iris, iris.y])]
    assert losses[0] == losses[1] == losses[2]


MISFITS = nn.Sequential(
    nn.Linear(2, 4), "tanh", nn.Dropout(0.1), nn.Linear(5, 3), nn.Sequential(nn.Linear(1, 2), nn.Linear(3, 1))
)


def test_the_summary_names_layers_that_do_not_fit() -> None:
    problems = [
        "layers.3 needs 5 inputs, but layers.0 returns 4 numbers; change one of them",
        "layers.4 needs 1 input, but layers.3 returns 3 numbers; change one of them",
        "layers.4.layers.1 needs 3 inputs, but layers.4.layers.0 returns 2 numbers; change one of them",
    ]
    found = MISFITS.summary()
    assert found.problems == problems
    assert str(found).endswith("\n".join(["", *(f"! {problem}" for problem in problems)]))
    assert f"</table><p>! {problems[0]}</p>" in found._repr_html_()
    assert MLP(2, [3, 3, 1], dropout=0.5).summary().problems == []
    assert (
        nn.Sequential(nn.Linear(2, 4), nn.Module(), nn.Linear(5, 3)).summary().problems == []
    )  # a Module may change the number


@pytest.mark.parametrize(
    "call", [MISFITS, lambda row: predict(MISFITS, [row]), lambda row: fit(MISFITS, [row], [1], loss="mse")]
)
def test_a_call_of_layers_that_do_not_fit_names_them(call: Callable[[Any], Any]) -> None:
    message = " do not fit: layers.3 needs 5 inputs, but layers.0 returns 4 numbers; change one of them"
    with pytest.raises(ValueError, match=rf"the layers of Sequential\(Linear\(2, 4\), .*{message}"):
        call([1.0, 2.0])
    with pytest.raises(ValueError, match=r"Linear\(2, 4\) needs 2 inputs, not 3; pass rows of 2 numbers"):
        call([1.0, 2.0, 3.0])


def test_help_shows_no_parameters_that_accept_nothing() -> None:
    for function in (fit, nn.Module.train, nn.save_checkpoint, nn.load_checkpoint, nn.Layer.__call__, MLP.__call__):
        shown = inspect.signature(function).parameters.values()
        assert not any("Never" in str(parameter) for parameter in shown), function
        text = pydoc.plain(pydoc.render_doc(function))
        assert "Never" not in text
        assert "*unnamed" not in text
    assert [*inspect.signature(fit).parameters][:4] == ["model", "X", "y", "loss"]
    assert str(inspect.signature(MLP.__call__)).startswith("(self, inputs: ")
    assert str(inspect.signature(nn.Module.train)).startswith("(self, mode: ")


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


def test_a_column_of_another_name_gets_a_suggestion() -> None:
    with pytest.raises(KeyError, match=r"'losses'.*did you mean 'loss'"):
        nn.History({"loss": [1.0]})["losses"]


def test_constructors_keep_their_signatures_and_the_errors_from_inside() -> None:
    assert str(inspect.signature(MLP)).startswith("(n_inputs: int, n_outputs: ")
    assert [*inspect.signature(SGD).parameters][:2] == ["parameters", "lr"]

    def broken(fan_in: int, fan_out: int, rng: Any) -> float:
        return called(int, base_of=fan_in)

    with pytest.raises(TypeError, match="base_of") as caught:
        Neuron(2, init=broken)
    assert "did you mean" not in str(caught.value)
    assert not str(caught.value).startswith("Neuron()")


def test_a_property_that_fails_raises_its_own_error() -> None:
    class Net(nn.Module):
        @property
        def depth(self) -> Any:
            return self.layerz  # type: ignore[attr-defined]

    with pytest.raises(AttributeError, match="has no attribute 'layerz'"):
        Net().depth  # noqa: B018
    assert not hasattr(Net(), "depths")
    assert repr(copy.deepcopy(model)) == repr(pickle.loads(pickle.dumps(model))) == repr(model)


NOTE = (
    "receives lists: the outputs of each row, and the targets; return one mean, such as\nsum(({} - target) ** 2 for {}, target"
)


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ({"loss": lambda a, b: (a - b) ** 2}, f"a loss {NOTE.format('row[0]', 'row')}"),
        ({"loss": lambda a, b: a.mean()}, f"a loss {NOTE.format('row[0]', 'row')}"),
        ({"loss": lambda a, b: (a - b) ** 2, "sample_weights": [1.0, 2.0]}, f"a loss {NOTE.format('row[0]', 'row')}"),
        ({"loss": lambda a, b: (a - b) ** 2, "validation_data": (X, Y)}, f"a loss {NOTE.format('row[0]', 'row')}"),
        ({"loss": "mse", "metrics": [lambda a, b: abs(a - b)]}, f"a metric {NOTE.format('row[0]', 'row')}"),
    ],
)
def test_an_operation_on_lists_in_a_loss_gets_a_note(options: Any, note: str) -> None:
    with pytest.raises((TypeError, AttributeError)) as caught:
        fit(MLP(2, [1], seed=0), X, Y, **options)
    assert [text.partition(" in zip(")[0] for text in caught.value.__notes__] == [note]


def test_a_note_on_outputs_without_rows_names_the_output() -> None:
    with pytest.raises(TypeError) as caught:
        fit(Neuron(2, seed=0), X, Y, loss=lambda a, b: (a - b) ** 2)
    assert caught.value.__notes__[0].endswith(
        "sum((output - target) ** 2 for output, target in zip(outputs, targets)) / len(targets)"
    )


def test_errors_of_a_loss_that_do_not_concern_lists_have_no_note() -> None:
    with pytest.raises(TypeError) as caught:
        fit(Neuron(2, seed=0), X, Y, loss=lambda outputs: outputs)
    assert not hasattr(caught.value, "__notes__")
