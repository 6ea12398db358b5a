"""``MLPClassifier`` and ``MLPRegressor``: networks as estimators of scikit-learn, for pipelines, grid search and its metrics.

They need the extra ``sklearn``. Names of arguments and attributes are scikit-learn's.

>>> from sklearn.datasets import load_iris
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> X, y = load_iris(return_X_y=True)
>>> model = make_pipeline(StandardScaler(), MLPClassifier((8,), random_state=0)).fit(X, y)
>>> model.score(X, y) > 0.97
True
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from autograd.shared import suggesting, warn
from nn.base.checks import non_negative_float, positive_float, positive_int
from nn.networks import MLP
from nn.optim.lbfgs import LBFGS
from nn.optim.optimizers import OPTIMIZERS
from nn.training.fit import fit
from nn.training.prediction import predict
from nn.training.regularization import l2_penalty

# The activations of scikit-learn that have other names here.
_ACTIVATIONS = {"logistic": "sigmoid", "identity": "linear"}
_OTHER_OPTIONS = "use nn.fit(model, X, y, optimizer=...) with an optimizer that has this option"
_REMEDIES = {
    **dict.fromkeys(("early_stopping", "n_iter_no_change", "validation_fraction"), "use nn.fit(..., patience=...)"),
    **dict.fromkeys(
        ("momentum", "nesterovs_momentum", "beta_1", "beta_2", "epsilon", "learning_rate", "power_t"), _OTHER_OPTIONS
    ),
    "warm_start": "partial_fit continues training, with solver='adam', 'sgd' or another one that takes steps on batches",
    "shuffle": "omit it: batches are always shuffled",
    "verbose": "omit it: training prints nothing",
    "max_fun": "use max_iter",
    "C": "use alpha=1 / C",
}


def _is_stochastic(estimator: Any) -> bool:
    if estimator.solver == "lbfgs":  # scikit-learn raises its own error, and shows this one as the cause
        raise AttributeError("partial_fit needs steps on batches, not solver='lbfgs'; use solver='adam' or 'sgd'")
    return True


class _Estimator(BaseEstimator):
    """What classification and regression have in common.

    Attributes:
        model_: The trained ``nn.MLP``.
        n_iter_: Number of iterations (``lbfgs``) or epochs.
        loss_: The loss of the last iteration or epoch.
        loss_curve_: The loss of each epoch; with ``lbfgs``, only the last one.
        coefs_, intercepts_: The weights of each layer, an array of shape (inputs, neurons), and its biases.
        n_layers_, n_outputs_: The number of layers, including the inputs, and of neurons in the last layer.
        n_features_in_, feature_names_in_: The number of columns, and their names if ``X`` was a DataFrame.
    """

    _loss = ""

    @suggesting(remedies=_REMEDIES)
    def __init__(
        self, hidden_layer_sizes: Sequence[int] = (16,), activation: str = "tanh", *, solver: str = "lbfgs",
        alpha: float = 1.0, batch_size: int | str | None = None, learning_rate_init: float = 0.01, max_iter: int = 200,
        tol: float = 1e-4, random_state: Any = None,
    ) -> None:  # fmt: skip
        self.hidden_layer_sizes, self.activation, self.solver = hidden_layer_sizes, activation, solver
        self.alpha, self.batch_size, self.learning_rate_init = alpha, batch_size, learning_rate_init
        self.max_iter, self.tol, self.random_state = max_iter, tol, random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network.

        Args:
            X: N rows of numbers: an array or a DataFrame.
            y: N targets.
            sample_weight: N non-negative weights of the rows.

        Returns:
            The estimator.

        Raises:
            ValueError, TypeError: If the data or an argument is invalid.

        Warns:
            ConvergenceWarning: If training ended after ``max_iter`` without convergence.
        """
        X, y = self._checked(X, y, reset=True)
        self._start(X.shape[1], self._targets(y))
        self._train(X, y, sample_weight, self.max_iter)
        if self.solver == "lbfgs" and not self._optimizer.converged:
            steps = self._optimizer.iterations
            text = f"lbfgs stopped after max_iter={self.max_iter} iterations; scale the data, or increase max_iter"
            if steps < self.max_iter:
                text = f"lbfgs stopped after {steps} iterations, because no further step decreased the loss; scale the data"
            warn(text, ConvergenceWarning)
        return self

    @available_if(_is_stochastic)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train the network for one more epoch. Not available with ``solver="lbfgs"``.

        Args:
            X, y, sample_weight: See ``fit``.
            classes: All classes, if the first call does not have a row of each. Only for classifiers.

        Returns:
            The estimator.
        """
        first = not hasattr(self, "model_")
        X, y = self._checked(X, y, reset=first)
        if first:
            self._start(X.shape[1], self._targets(y if classes is None else np.asarray(classes)))
        self._train(X, y, sample_weight, 1)
        return self

    def _checked(self, X: Any, y: Any, reset: bool) -> Any:
        quantities = self._loss == "mse"
        return validate_data(self, X, y, dtype=np.float64, multi_output=quantities, y_numeric=quantities, reset=reset)

    def _targets(self, y: Any) -> int:
        """Store what the targets determine, and return the number of outputs."""
        raise NotImplementedError

    def _encoded(self, y: Any) -> Any:
        """Return the targets as the loss requires them."""
        raise NotImplementedError

    def _start(self, n_inputs: int, n_outputs: int) -> None:
        """Create the network and the optimizer. Arguments are validated here: scikit-learn demands that __init__ does not."""
        self._generator = check_random_state(self.random_state)
        hidden = np.atleast_1d(self.hidden_layer_sizes).tolist()
        if not all(type(size) is int and size > 0 for size in hidden):
            raise ValueError(f"hidden_layer_sizes must be positive integers, such as (16,), not {self.hidden_layer_sizes!r}")
        activation = _ACTIVATIONS.get(self.activation, self.activation)
        self.model_ = MLP(n_inputs, [*hidden, n_outputs], activation, seed=int(self._generator.randint(2**31 - 1)))
        parameters, kinds = self.model_.parameters(), OPTIMIZERS
        non_negative_float(self.alpha, "alpha")
        tolerance, max_iter = non_negative_float(self.tol, "tol"), positive_int(self.max_iter, "max_iter")
        rate = positive_float(self.learning_rate_init, "learning_rate_init")
        self._rows_per_step(1)
        if self.solver != "lbfgs" and self.solver not in kinds:
            raise ValueError(f"unknown solver: {self.solver!r} (must be one of {', '.join(map(repr, ['lbfgs', *kinds]))})")
        if self.solver == "lbfgs":
            self._optimizer: Any = LBFGS(parameters, max_iter, tolerance_grad=tolerance)
        else:
            self._optimizer = kinds[self.solver](parameters, rate)
        self.n_iter_ = 0
        self.loss_curve_: list[float] = []

    def _rows_per_step(self, n_rows: int) -> int:
        """Return the number of rows per step. Its argument is valid also for ``lbfgs``, which does not use it."""
        size = self.batch_size
        if isinstance(size, str):
            if size != "auto":
                raise ValueError(f"batch_size must be a positive integer, None or 'auto', not {size!r:.40}")
            size = 200
        return min(32 if size is None else positive_int(size, "batch_size"), n_rows)

    def _train(self, X: Any, y: Any, sample_weight: Any, max_iter: int) -> None:
        lbfgs = self.solver == "lbfgs"
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        n = len(X) if weights is None else weights.sum()
        strength = self.alpha / (2 * n) if n else 0.0
        inner = [p for name, p in self.model_.named_parameters() if "bias" not in name]
        history = fit(
            self.model_, X, self._encoded(y), loss=self._loss, optimizer=self._optimizer, epochs=1 if lbfgs else max_iter,
            batch_size=None if lbfgs else self._rows_per_step(len(X)), seed=int(self._generator.randint(2**31 - 1)),
            penalty=(lambda: l2_penalty(inner, strength)) if strength else None, sample_weights=weights,
            loss_tolerance=None if lbfgs else self.tol or None, progress=False, compile=True,
        )  # fmt: skip
        self.n_iter_ += self._optimizer.iterations if lbfgs else len(history)
        self.loss_ = history.losses[-1] if history.losses else float("nan")
        self.loss_curve_ += history.losses

    @property
    def coefs_(self) -> list[Any]:
        """The weights of each layer, as an array of shape (inputs, neurons)."""
        return [np.array([[w.data for w in neuron.weights] for neuron in layer.neurons]).T for layer in self.model_.layers]

    @property
    def intercepts_(self) -> list[Any]:
        """The biases of each layer."""
        return [np.array([neuron.bias.data for neuron in layer.neurons]) for layer in self.model_.layers]

    @property
    def n_layers_(self) -> int:
        """The number of layers, including the inputs."""
        return len(self.model_.layers) + 1

    @property
    def n_outputs_(self) -> int:
        """The number of neurons in the last layer."""
        return len(self.model_.layers[-1].neurons)

    def _outputs(self, X: Any, **options: Any) -> Any:
        check_is_fitted(self)
        return np.array(predict(self.model_, validate_data(self, X, dtype=np.float64, reset=False), **options))


class MLPClassifier(ClassifierMixin, _Estimator):
    """A multi-layer perceptron for classification, trained on the cross-entropy.

    Args:
        hidden_layer_sizes: Number of neurons in each hidden layer.
        activation: Activation of the hidden layers: a name in ``nn.ACTIVATIONS``, or ``"logistic"`` or ``"identity"``.
        solver: ``"lbfgs"``, or a name in ``nn.OPTIMIZERS``, which takes steps on batches.
        alpha: Strength of the L2 penalty on the weights, divided by the number of rows, as in scikit-learn. The default has
            the same effect as ``C=1`` of ``LogisticRegression``.
        batch_size: Number of rows per step, 32 by default; or ``"auto"``, scikit-learn's default: at most 200. ``lbfgs`` uses
            all rows.
        learning_rate_init: Learning rate. ``lbfgs`` does not use it.
        max_iter: Maximum number of iterations (``lbfgs``) or epochs.
        tol: Training ends if no component of the gradient (``lbfgs``) or no change of the loss exceeds this number.
        random_state: An int results in the same network each time.

    Attributes:
        classes_: The classes, in the order of the columns of ``predict_proba``.
        model_: The trained ``nn.MLP``.
    """

    _loss = "cross_entropy"

    def _targets(self, y: Any) -> int:
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"y must have at least two classes, not 1 class ({self.classes_.tolist()})")
        return len(self.classes_)

    def _encoded(self, y: Any) -> Any:
        if unknown := set(y.tolist()) - set(self.classes_.tolist()):
            raise ValueError(f"y must have the classes {self.classes_.tolist()}, not {min(unknown, key=str)!r}")
        return np.searchsorted(self.classes_, y).tolist()

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class for each row: an array of shape (N, number of classes)."""
        return self._outputs(X, probabilities=True)

    def predict(self, X: Any) -> Any:
        """Return the most probable class of each row."""
        largest = self.predict_proba(X).argmax(axis=1)
        return self.classes_[largest]


class MLPRegressor(RegressorMixin, _Estimator):
    """A multi-layer perceptron for one or several quantities, trained on the mean squared error.

    ``alpha`` and ``tol`` refer to the loss in the units of the targets, so scale targets that are far from 1. See
    ``MLPClassifier`` for the arguments; the default of ``alpha`` is 1e-4, because a suitable one depends on these units.
    """

    _loss = "mse"

    @suggesting(remedies=_REMEDIES)
    def __init__(
        self, hidden_layer_sizes: Sequence[int] = (16,), activation: str = "tanh", *, solver: str = "lbfgs",
        alpha: float = 1e-4, batch_size: int | str | None = None, learning_rate_init: float = 0.01, max_iter: int = 200,
        tol: float = 1e-4, random_state: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            hidden_layer_sizes, activation, solver=solver, alpha=alpha, batch_size=batch_size,
            learning_rate_init=learning_rate_init, max_iter=max_iter, tol=tol, random_state=random_state,
        )  # fmt: skip

    def _targets(self, y: Any) -> int:
        self._single = y.ndim == 1
        return 1 if self._single else int(y.shape[1])

    def _encoded(self, y: Any) -> Any:
        return y

    def predict(self, X: Any) -> Any:
        """Return the predicted quantities: an array of shape (N,), or (N, number of quantities)."""
        outputs = self._outputs(X)
        return outputs.ravel() if self._single else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
