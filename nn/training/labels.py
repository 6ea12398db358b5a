"""Text labels of classes, and the weights of rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.shared import counted
from nn.base.checks import describe, non_negative_float, positive_float
from nn.data.rows import Dataset, as_list
from nn.data.targets import as_items
from nn.losses import QUANTITIES, Loss, binary_cross_entropy, hinge_loss, unwrapped


def names_of_classes(labels: list[Any], loss: Loss, known: Sequence[str], own: Sequence[str] = ()) -> list[str]:
    """Return the names of the classes in the order of their numbers; an empty list if the labels are numbers.

    Args:
        labels: The label of each row.
        loss: The loss function. For losses of quantities, strings are not names of classes.
        known: The names from an earlier training run. They are kept if they include all labels.
        own: The names of all classes in the order of their numbers, if the labels are from a Dataset.

    Raises:
        TypeError: If only some labels are strings.
        ValueError: If there are not two classes for a loss of two classes, or an earlier training run had other classes.

    >>> names_of_classes(["pear", "fig", "pear"], hinge_loss, [])
    ['fig', 'pear']
    """
    function, _ = unwrapped(loss)
    if (function in QUANTITIES and not own) or not any(isinstance(label, str) for label in labels):
        return []
    for i, label in enumerate(labels):
        if not isinstance(label, str):
            raise TypeError(
                f"row {i} of y must be a string, like other labels, not {describe(label)}; fill it in or drop the row"
            )
    if known and (new := sorted(set(labels) - set(known))):
        problem = f"y must have labels of the earlier training run ({', '.join(map(repr, known)):.100}), not {new[0]!r:.40}"
        raise ValueError(f"{problem}; create a new model for other classes, or assign model.class_names = () to forget them")
    names = list(known or own or sorted(set(labels)))
    if function in (binary_cross_entropy, hinge_loss) and len(names) != 2:
        rule = f"y must have two classes for {function.__name__}, not {len(names)} ({', '.join(map(repr, names[:4]))}"
        raise ValueError(f"{rule}{', ...' * (len(names) > 4)}); use loss='cross_entropy' with one output per class")
    return names


def numbered(labels: Any, names: Sequence[str], loss: Loss | None = None) -> list[Any]:
    """Return the number of the class of each label: its index in ``names``, or -1 and 1 for ``hinge_loss``.

    Labels that are numbers are returned unchanged.

    Raises:
        ValueError: If a label is not in ``names``.

    >>> numbered(["pear", "fig"], ["fig", "pear"]), numbered(["pear", "fig"], ["fig", "pear"], hinge_loss)
    ([1, 0], [1, -1])
    """
    items = as_list(labels, "y")
    if not names or not any(isinstance(label, str) for label in items):
        return items
    indices = {name: i for i, name in enumerate(names)}
    for i, label in enumerate(items):
        if label not in indices:
            raise ValueError(f"row {i} of y must be one of {names!r:.200}, not {label!r:.40}; train with rows of all classes")
    is_hinge = loss is not None and unwrapped(loss)[0] is hinge_loss
    return [2 * indices[label] - 1 if is_hinge else indices[label] for label in items]


def named(data: Dataset) -> list[Any] | None:
    """Return the name of the class of each row, or None if the targets are not numbers of classes with names.

    >>> from nn import make_xor
    >>> named(make_xor())
    ['equal', 'equal', 'different', 'different']
    """
    names, targets = data.class_names, as_list(data.y, "y")
    are_names = all(isinstance(name, str) for name in names) and len({*names}) == len(names)
    if not targets or not are_names or not all(target in range(len(names)) for target in targets):
        return None
    return [names[int(target)] for target in targets]


def targets_for(model: Any, data: Dataset) -> list[Any]:
    """Return the targets of ``data``: the names of their classes if ``model`` knows names, and the numbers otherwise."""
    return (named(data) if len(getattr(model, "class_names", ())) else None) or data.y


def check_features(known: Sequence[str], X: Any, remedy: str = "read it with load_csv(..., like=train)") -> None:
    """Raise a ValueError if ``X`` is a Dataset whose columns differ from those that the model was trained on.

    >>> from nn import make_xor
    >>> check_features(["x2", "x1"], make_xor())
    Traceback (most recent call last):
        ...
    ValueError: the features must be ['x2', 'x1'], as in training, not ['x1', 'x2']; read it with load_csv(..., like=train)
    """
    found = list(X.feature_names) if isinstance(X, Dataset) else []
    if found and len(known) and found != list(known):
        different = [(a, b) for a, b in zip(known, found, strict=False) if a != b]  # long lists may begin with the same names
        wanted, given = map(list, zip(*different, strict=True)) if len(known) == len(found) else (list(known), found)
        raise ValueError(f"the features must be {wanted!r:.200}, as in training, not {given!r:.200}; {remedy}")


def check_outputs(model: Any, n_outputs: int, names: list[str]) -> None:
    """Raise a ValueError unless there is one output per class.

    >>> check_outputs("model", 3, ["fig", "kiwi"])
    Traceback (most recent call last):
        ...
    ValueError: 'model' must have one output per class, but has 3 outputs for 2 classes ('fig', 'kiwi'); end it with 2 outputs
    """
    if n_outputs != len(names):
        listed = f"{', '.join(map(repr, names[:4]))}{', ...' * (len(names) > 4)}"
        rule = f"{model!r} must have one output per class, but has {counted(n_outputs, 'output')}"
        raise ValueError(f"{rule} for {counted(len(names), 'class')} ({listed}); end it with {counted(len(names), 'output')}")


def compared(who: str, outputs: Any, targets: Any) -> tuple[list[Any], list[list[int]]] | None:
    """Return the classes and the confusion matrix if ``outputs`` are labels, as ``predict(..., labels=True)`` returns them.

    Labels are strings, or non-negative ints of which at least one is above 1. The rows of the matrix are the targets.

    Raises:
        TypeError: If the targets are not labels of the same kind.
        ValueError: If there is not one target per label.

    >>> compared("accuracy", ["a", "b"], ["a", "a"]), compared("accuracy", [[0.5], [2.0]], [0, 1])
    ((['a', 'b'], [[1, 1], [0, 0]]), None)
    """
    labels, goals = (as_list(items, f"the {kind} of {who}") for items, kind in ((outputs, "outputs"), (targets, "targets")))
    for kind in (str, int):
        if not labels or not all(isinstance(label, kind) and not isinstance(label, bool) for label in labels):
            continue
        if kind is int and (min(labels) < 0 or max([*labels, *[goal for goal in goals if isinstance(goal, int)]]) < 2):
            return None  # they may be logits
        for i, goal in enumerate(goals):
            if not isinstance(goal, kind):
                found = f"not {describe(goal)} in row {i}"
                raise TypeError(
                    f"{who} of labels needs labels as targets, {found}; compare predict(model, X, labels=True) with y"
                    f" if y has labels, or write {who}(model, X, y)"
                )
        if len(labels) != len(goals):
            raise ValueError(
                f"{who} needs one target per row, not {counted(len(labels), 'row')} and {counted(len(goals), 'target')}"
            )
        names: list[Any] = sorted({*labels, *goals}) if kind is str else list(range(max([*labels, *goals]) + 1))
        matrix = [[0] * len(names) for _ in names]
        for label, goal in zip(labels, goals, strict=True):
            matrix[names.index(goal)][names.index(label)] += 1
        return names, matrix
    return None


def class_of(label: Any) -> Any:
    """Return the class of a row, or None if its target is not a single label.

    >>> class_of(2), class_of([2]), class_of([2, 3])
    (2, 2, None)
    """
    items = as_items(label)
    return items[0] if len(items) == 1 else None


def weights_by_class(class_weights: Any, classes: list[Any], trained: list[Any]) -> dict[Any, float]:
    """Return the weight of each class.

    Args:
        class_weights: ``"balanced"``: the number of rows, divided by the number of classes and by the number of rows of this
            class, as in scikit-learn. Or a dict of positive weights by class; other classes have the weight 1. Or a list with
            the weight of each class, in the order of the classes.
        classes: The class of each row.
        trained: The class of each row that is trained on.

    Raises:
        ValueError: If a class is unknown, or a weight is not positive, or the list has another length.
        TypeError: If ``class_weights`` is of another type, or a row has several targets.

    >>> weights_by_class("balanced", ["a", "b", "b", "b"], ["a", "b", "b", "b"])["a"]
    2.0
    """
    if None in classes:
        raise TypeError(f"class_weights need one class per row of y, but row {classes.index(None)} has several targets")
    if isinstance(class_weights, str) and class_weights == "balanced":
        counts = Counter(trained)
        return {label: len(trained) / (len(counts) * n) for label, n in counts.items()}
    known = sorted(set(classes))
    if not isinstance(class_weights, Mapping):
        if isinstance(class_weights, str):
            raise ValueError(f"class_weights must be 'balanced', a dict by class, or a list, not {class_weights!r}")
        numbers = as_list(class_weights, "class_weights")
        if len(numbers) != len(known):
            rule = f"class_weights must have one number for each of the {counted(len(known), 'class')}"
            raise ValueError(f"{rule}, not {counted(len(numbers), 'number')}")
        class_weights = dict(zip(known, numbers, strict=True))
    for label in class_weights:
        if label not in known:
            raise ValueError(f"class_weights must have classes of y as keys ({known!r:.200}), not {label!r:.40}")
    return {label: positive_float(weight, f"class_weights[{label!r}]") for label, weight in class_weights.items()}


def sample_weight_list(weights: Any, n_rows: int) -> list[float]:
    """Return one non-negative weight per row.

    Raises:
        ValueError: If there is not one weight per row, or a weight is negative, infinite or nan, or all are 0.
        TypeError: If a weight is not a number.
    """
    numbers = [non_negative_float(w, f"sample_weights[{i}]") for i, w in enumerate(as_list(weights, "sample_weights"))]
    if len(numbers) != n_rows or not any(numbers):
        found = "only zeros" if len(numbers) == n_rows else counted(len(numbers), "number")
        raise ValueError(
            f"sample_weights must have one number for each of the {counted(n_rows, 'row')}, and not all 0, but has {found}"
        )
    return numbers
