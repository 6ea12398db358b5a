"""Neural networks of scalar ``Value``s: modules, losses, optimizers and a training loop.

Start reading with ``modules.py``, ``layers.py``, ``networks.py``, ``activations.py`` and ``losses.py``. Optimizers and
schedules are in ``optim/``, the training loop ``fit`` is in ``training/``, and data sets are in ``data/``.

>>> from nn import MLP, fit
>>> model = MLP(2, [4, 1], seed=1)
>>> history = fit(model, [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1], loss="hinge", lr=0.2, epochs=200)
>>> [round(model(row)[0].data) for row in ([0, 0], [0, 1], [1, 0], [1, 1])]
[-1, 1, 1, -1]
"""

from typing import TYPE_CHECKING, Any

from scalar_autograd_installation import check_autograd

check_autograd("nn")

from autograd import find_mistakes
from nn.activations import ACTIVATIONS, INITS
from nn.base.tables import Summary
from nn.data.datasets import load_iris, make_circles, make_moons, make_spirals, make_xor
from nn.data.rows import Dataset, column_statistics, minibatches, standardize, train_test_split
from nn.data.tables import load_csv
from nn.exchange import from_torch, to_onnx, to_torch
from nn.layers import Dropout, Layer, Linear, Neuron
from nn.losses import LOSSES, binary_cross_entropy, cross_entropy, hinge_loss, huber_loss, mae_loss, mse_loss
from nn.modules import Module
from nn.networks import MLP, Sequential, summary
from nn.optim.lbfgs import LBFGS
from nn.optim.optimizers import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from nn.optim.schedules import CosineAnnealingLR, ExponentialLR, LinearLR, ReduceLROnPlateau, Schedule, StepLR
from nn.training.callbacks import CSVLogger, EarlyStopping, ModelCheckpoint
from nn.training.checkpoint import load_checkpoint, save_checkpoint
from nn.training.fit import fit
from nn.training.history import History
from nn.training.metrics import METRICS, accuracy, confusion_matrix, r2_score
from nn.training.prediction import predict
from nn.training.regularization import clip_grad_norm, clip_grad_value, l1_penalty, l2_penalty
from nn.training.training import Training

__all__ = [
    "ACTIVATIONS", "INITS", "LBFGS", "LOSSES", "METRICS", "MLP", "OPTIMIZERS", "SGD", "Adagrad", "Adam", "AdamW",
    "CSVLogger", "CosineAnnealingLR", "Dataset", "Dropout", "EarlyStopping", "ExponentialLR", "History", "Layer", "Linear",
    "LinearLR", "ModelCheckpoint", "Module", "Neuron", "Optimizer", "RMSprop", "ReduceLROnPlateau", "Schedule", "Sequential",
    "StepLR", "Summary", "Training", "accuracy", "binary_cross_entropy", "clip_grad_norm", "clip_grad_value",
    "column_statistics", "confusion_matrix", "cross_entropy", "find_mistakes", "fit", "from_torch", "hinge_loss", "huber_loss",
    "l1_penalty",
    "l2_penalty", "load_checkpoint", "load_csv", "load_iris", "mae_loss", "make_circles", "make_moons", "make_spirals",
    "make_xor", "minibatches", "mse_loss", "predict", "r2_score", "save_checkpoint", "standardize", "summary", "to_onnx",
    "to_torch", "train_test_split",
]  # fmt: skip

_IN_OTHER_LIBRARIES = {
    **dict.fromkeys(("L1Loss",), "use nn.mae_loss, or loss='mae' in fit"),
    **dict.fromkeys(("BCELoss", "BCEWithLogitsLoss"), "use nn.binary_cross_entropy, or its name in fit"),
    **dict.fromkeys(("Dense", "Linear1d"), "use nn.Linear(n_inputs, n_outputs), or nn.Layer with an activation"),
    "Parameter": "assign an autograd.Value to an attribute of a Module",
    "functional": "losses and activations are functions of nn and autograd",
    "Optim": "optimizers are in nn itself, such as nn.Adam",
    **dict.fromkeys(("save", "load"), "use nn.save_checkpoint('m.npz', model=model) and nn.load_checkpoint('m.npz')"),
    **dict.fromkeys(("mse", "MSE", "mean_squared_error"), "use nn.mse_loss(outputs, targets), or fit(..., loss='mse')"),
    **dict.fromkeys(("mae", "MAE", "mean_absolute_error"), "use nn.mae_loss(outputs, targets), or fit(..., loss='mae')"),
    **dict.fromkeys(("DataLoader", "TensorDataset"), "use nn.minibatches(X, y, batch_size), or nn.fit(..., batch_size=...)"),
    **dict.fromkeys(("make_blobs", "make_classification"), "use make_moons, make_circles, make_spirals or make_xor"),
    **dict.fromkeys(("train", "Trainer", "Model"), "use nn.fit(model, X, y, loss=...)"),
}

if not TYPE_CHECKING:  # type checkers would accept every name

    def __getattr__(name: str) -> Any:
        """Raise the error for a name that does not exist, with a remedy."""
        from autograd.shared import did_you_mean, missing_name

        remedy = _IN_OTHER_LIBRARIES.get(name)
        if name.lower() in ACTIVATIONS:
            remedy = f"write Layer(2, 3, activation={name.lower()!r}); the function is autograd.{name.lower()}"
        remedy = f"; {remedy}" if remedy else did_you_mean(name, __all__)
        raise missing_name("nn", name, remedy)
