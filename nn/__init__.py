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
from nn.init import INITS
from nn.layers import Dropout, Layer, Linear, Neuron
from nn.losses import LOSSES, binary_cross_entropy, cross_entropy, hinge_loss, huber_loss, mae_loss, mse_loss
from nn.mistakes import find_mistakes
from nn.modules import Module
from nn.networks import MLP, Sequential
from nn.optim import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, RMSprop
from nn.optimizer import Optimizer
from nn.plots import plot_losses
from nn.regularization import clip_grad_norm, clip_grad_value, l1_penalty, l2_penalty
from nn.schedules import SCHEDULES, CosineAnnealingLR, ExponentialLR, LinearLR, ReduceLROnPlateau, Schedule, StepLR
from nn.summary import Summary, summary
from nn.training import History, accuracy, fit

__all__ = [
    "ACTIVATIONS", "INITS", "LOSSES", "MLP", "OPTIMIZERS", "SCHEDULES", "SGD", "Adagrad", "Adam", "AdamW",
    "CosineAnnealingLR", "Dataset", "Dropout", "ExponentialLR", "History", "Layer", "Linear", "LinearLR", "Module", "Neuron",
    "Optimizer", "RMSprop", "ReduceLROnPlateau", "Schedule", "Sequential", "StepLR", "Summary", "accuracy",
    "binary_cross_entropy", "clip_grad_norm", "clip_grad_value", "column_statistics", "cross_entropy", "find_mistakes", "fit",
    "hinge_loss", "huber_loss", "l1_penalty", "l2_penalty", "load_iris", "load_weights", "mae_loss", "mse_loss",
    "plot_losses", "save_weights", "standardize", "summary", "train_test_split",
]  # fmt: skip
