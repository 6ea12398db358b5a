"""Neural networks of scalar ``Value``s: modules, losses, optimizers and a training loop.

>>> from nn import MLP, fit
>>> model = MLP(2, [4, 1], seed=1)
>>> history = fit(model, [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1], loss="hinge", lr=0.2, epochs=200)
>>> [round(model(row)[0]) for row in ([0, 0], [0, 1], [1, 0], [1, 1])]
[-1, 1, 1, -1]
"""

from nn.activations import ACTIVATIONS
from nn.checkpoint import load_weights, save_weights
from nn.data import Dataset, column_statistics, load_iris, standardize, train_test_split
from nn.losses import LOSSES, binary_cross_entropy, cross_entropy, hinge_loss, huber_loss, mae_loss, mse_loss
from nn.mistakes import find_mistakes
from nn.modules import MLP, Layer, Module, Neuron
from nn.optim import OPTIMIZERS, SGD
from nn.plots import plot_losses
from nn.regularization import clip_grad_norm, clip_grad_value, l1_penalty, l2_penalty
from nn.training import History, accuracy, fit

__all__ = [
    "ACTIVATIONS", "LOSSES", "MLP", "OPTIMIZERS", "SGD", "Dataset", "History", "Layer", "Module", "Neuron", "accuracy",
    "binary_cross_entropy", "clip_grad_norm", "clip_grad_value", "column_statistics", "cross_entropy", "find_mistakes", "fit",
    "hinge_loss", "huber_loss", "l1_penalty", "l2_penalty", "load_iris", "load_weights", "mae_loss", "mse_loss", "plot_losses",
    "save_weights", "standardize", "train_test_split",
]  # fmt: skip
