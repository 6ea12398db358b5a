"""``nn.sklearn``: the checks of scikit-learn, and its tools with our estimators."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sklearn", minversion="1.6")

from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from nn import cross_entropy, predict
from nn.sklearn import MLPClassifier, MLPRegressor

X, Y = load_iris(return_X_y=True)
Z = StandardScaler().fit_transform(X)
ESTIMATORS = [MLPClassifier((8,), max_iter=50), MLPRegressor((8,), max_iter=100)]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("default::UserWarning")  # of checks that compare warnings
@parametrize_with_checks(ESTIMATORS)
def test_every_check_of_scikit_learn_passes(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_a_classifier_works_in_a_pipeline_and_a_grid_search(solver: str) -> None:
    classifier = MLPClassifier((8,), solver=solver, learning_rate_init=0.05, max_iter=60, alpha=0.1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), classifier)
    assert cross_val_score(pipeline, X, Y, cv=3).mean() > 0.93
    search = GridSearchCV(pipeline, {"mlpclassifier__hidden_layer_sizes": [(2,), (8,)]}, cv=3).fit(X, Y)
    assert search.best_score_ > 0.93


def test_the_network_inside_is_one_of_nn() -> None:
    model = MLPClassifier((8,), alpha=0.1, random_state=0).fit(Z, Y)
    assert predict(model.model_, Z, probabilities=True) == model.predict_proba(Z).tolist()
    assert repr(model.model_) == "MLP(4, [8, 3])"
    assert model.loss_ > 0
    assert cross_entropy(predict(model.model_, Z), Y.tolist()) < 0.2


def test_names_of_classes_and_columns_are_kept_and_copies_predict_the_same() -> None:
    frame = pd.DataFrame(Z, columns=["a", "b", "c", "d"])
    names = np.array(["x", "y", "z"])[Y]
    model = MLPClassifier((8,), alpha=0.1, random_state=0).fit(frame, names)
    assert (model.classes_.tolist(), model.feature_names_in_.tolist()) == (["x", "y", "z"], ["a", "b", "c", "d"])
    predicted = model.predict(frame).tolist()
    assert (np.array(predicted) == names).mean() > 0.95
    assert pickle.loads(pickle.dumps(model)).predict(frame).tolist() == predicted
    assert clone(model).fit(frame, names).predict(frame).tolist() == predicted
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(Z)


def test_names_of_columns_of_polars_are_those_of_pandas() -> None:
    polars = pytest.importorskip("polars")
    names = ["a", "b", "c", "d"]
    frame = polars.DataFrame(dict(zip(names, Z.T.tolist(), strict=True)))
    model = MLPClassifier((3,), random_state=0).fit(frame, Y)
    assert model.feature_names_in_.tolist() == names
    assert model.predict(frame).tolist() == model.predict(pd.DataFrame(Z, columns=names)).tolist()
    with pytest.raises(ValueError, match="The feature names should match those that were passed during fit"):
        model.predict(frame.rename({"a": "e"}))


def test_the_default_penalty_is_that_of_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    ours = MLPClassifier((), tol=1e-9, random_state=0).fit(Z, Y).predict_proba(Z)
    np.testing.assert_allclose(ours, LogisticRegression(tol=1e-9, max_iter=1000).fit(Z, Y).predict_proba(Z), atol=1e-3)
    assert clone(MLPRegressor()).get_params() == {**MLPClassifier().get_params(), "alpha": 1e-4}


def test_a_weight_of_2_is_a_second_copy_of_the_row() -> None:
    weights = np.where(np.arange(150) % 3 == 0, 2, 1)
    rows = np.repeat(np.arange(150), weights)
    options: dict[str, Any] = {"hidden_layer_sizes": (), "alpha": 1.0, "random_state": 0, "tol": 1e-9}
    weighted = MLPClassifier(**options).fit(Z, Y, sample_weight=weights)
    repeated = MLPClassifier(**options).fit(Z[rows], Y[rows])
    np.testing.assert_allclose(weighted.predict_proba(Z), repeated.predict_proba(Z), atol=1e-6)


def test_partial_fit_takes_one_epoch_and_knows_all_classes() -> None:
    model = MLPClassifier((8,), solver="adam", learning_rate_init=0.05, random_state=0)
    model.partial_fit(Z[:50], Y[:50], classes=[0, 1, 2])  # all of class 0
    for _ in range(15):
        model.partial_fit(Z, Y)
    assert (model.n_iter_, model.score(Z, Y) > 0.93) == (16, True)
    assert not hasattr(MLPClassifier(), "partial_fit")  # it needs a solver that takes steps on batches
    with pytest.raises(ValueError, match=r"y must have the classes \[0, 1, 2\], not 3"):
        model.partial_fit(Z, Y + 1)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_regression_of_one_or_several_quantities() -> None:
    data, target = load_diabetes(return_X_y=True)
    data, target = StandardScaler().fit_transform(data), (target - target.mean()) / target.std()
    model = MLPRegressor((4,), alpha=10.0, random_state=0, max_iter=60)
    assert model.fit(data, target).score(data, target) > 0.5
    several = model.fit(data, np.column_stack([target, -target])).predict(data)
    assert several.shape == (442, 2)
    assert np.corrcoef(several.T)[0, 1] < -0.95


def test_scores_are_those_of_scikit_learns_own_network() -> None:
    from sklearn.neural_network import MLPClassifier as Other

    data, target = load_breast_cancer(return_X_y=True)
    scores = []
    for estimator in (
        MLPClassifier((4,), alpha=1.0, max_iter=50, random_state=0),
        Other((4,), "tanh", solver="lbfgs", alpha=1.0, max_iter=50, random_state=0),
    ):
        with pytest.warns(ConvergenceWarning):
            scores.append(cross_val_score(make_pipeline(StandardScaler(), estimator), data, target, cv=2).mean())
    assert scores[0] > 0.94
    assert abs(scores[0] - scores[1]) < 0.03


def test_the_error_for_an_unknown_solver_or_a_single_class_states_the_rule() -> None:
    with pytest.raises(ValueError, match="unknown solver: 'newton' \\(must be one of 'lbfgs', 'sgd', "):
        MLPClassifier(solver="newton").fit(Z, Y)
    with pytest.raises(ValueError, match="y must have at least two classes, not 1 class"):
        MLPClassifier().fit(Z, Y * 0)


@pytest.mark.parametrize("sizes", [0, (8, 0), (8.0,), "8", [[8]], None, True])
def test_the_error_for_wrong_sizes_names_their_argument(sizes: Any) -> None:
    with pytest.raises(ValueError, match=r"^hidden_layer_sizes must be positive integers, such as \(16,\), not "):
        MLPClassifier(hidden_layer_sizes=sizes).fit(Z, Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_weights_and_losses_have_the_names_and_shapes_of_scikit_learn() -> None:
    from sklearn.neural_network import MLPRegressor as Other

    X, y = load_diabetes(return_X_y=True)
    options: dict[str, Any] = {"hidden_layer_sizes": (5, 4), "activation": "logistic", "random_state": 0, "max_iter": 20}
    X = StandardScaler().fit_transform(X)
    ours, theirs = MLPRegressor(**options).fit(X, y), Other(**options, solver="lbfgs").fit(X, y)
    for name in ("coefs_", "intercepts_"):
        assert [array.shape for array in getattr(ours, name)] == [array.shape for array in getattr(theirs, name)]
    assert (ours.n_layers_, ours.n_outputs_) == (theirs.n_layers_, theirs.n_outputs_)
    assert ours.loss_curve_[-1] == ours.loss_
    theirs.coefs_, theirs.intercepts_ = ours.coefs_, ours.intercepts_
    np.testing.assert_allclose(theirs.predict(X), ours.predict(X), rtol=1e-12)


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ("early_stopping", "use nn.fit(..., patience=...)"),
        (
            "warm_start",
            "partial_fit continues training, with solver='adam', 'sgd' or another one that takes steps on batches",
        ),
        ("momentum", "use nn.fit(model, X, y, optimizer=...) with an optimizer that has this option"),
    ],
)  # fmt: skip
def test_an_option_without_a_counterpart_has_a_remedy(option: str, remedy: str) -> None:
    options: dict[str, Any] = {option: True}
    with pytest.raises(TypeError) as caught:
        MLPClassifier(**options)
    assert str(caught.value) == f"MLPClassifier.__init__() got an unexpected keyword argument {option!r}; {remedy}"


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": "a"}, "alpha must be a number, not str ('a')"),
        ({"alpha": -1}, "alpha must be non-negative and finite, not -1.0"),
        ({"tol": -1}, "tol must be non-negative and finite, not -1.0"),
        ({"tol": None}, "tol must be a number, not NoneType (None)"),
        ({"learning_rate_init": 0}, "learning_rate_init must be positive and finite, not 0.0"),
        ({"max_iter": 0}, "max_iter must be at least 1, not 0"),
        ({"max_iter": 1.5}, "max_iter must be an integer, not float (1.5)"),
        ({"batch_size": 0}, "batch_size must be at least 1, not 0"),
        ({"batch_size": 1.5}, "batch_size must be an integer, not float (1.5)"),
        ({"batch_size": "all"}, "batch_size must be a positive integer, None or 'auto', not 'all'"),
    ],
)
def test_the_error_for_an_argument_names_it_and_its_value(kind: Any, solver: str, options: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        kind(solver=solver, **options).fit(Z, Y)
    assert str(caught.value) == message


def test_batches_and_tolerances_of_scikit_learn_are_accepted() -> None:
    sizes: list[Any] = ["auto", 150, np.int64(150), 200, 32, None]
    fitted = {
        size: MLPClassifier((4,), solver="adam", batch_size=size, max_iter=2, tol=0, random_state=0).fit(Z, Y) for size in sizes
    }
    for size, model in fitted.items():
        same = fitted[32 if size is None else size if size == 32 else "auto"]
        assert model.loss_curve_ == same.loss_curve_
    assert fitted["auto"].loss_ != fitted[32].loss_


def test_partial_fit_states_the_solvers_that_have_it() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = MLPClassifier().partial_fit
    assert str(caught.value.__cause__) == "partial_fit needs steps on batches, not solver='lbfgs'; use solver='adam' or 'sgd'"
    assert not hasattr(MLPRegressor(), "partial_fit")
    assert hasattr(MLPClassifier(solver="sgd"), "partial_fit")


def test_training_that_cannot_take_a_step_is_not_said_to_reach_max_iter() -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match="lbfgs stopped after 0 iterations, because no further step decreased"):
        MLPClassifier(random_state=0, activation="relu").fit(X * 1e160, y)
