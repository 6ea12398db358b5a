"""Text labels of classes, and the weights of rows."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from nn.base.checks import describe, non_negative_float, positive_float
from nn.data.rows import as_list
from nn.data.targets import as_items
from nn.losses import QUANTITIES, Loss, binary_cross_entropy, hinge_loss, unwrapped


def names_of_classes(labels: list[Any], loss: Loss, known: list[str]) -> list[str]:
    """Return the names of the classes in the order of their numbers; an empty list if the labels are numbers.

    Args:
        labels: The label of each row.
        loss: The loss function. For losses of quantities, strings are not names of classes.
        known: The names from an earlier training run. They are kept if they include all labels.

    Raises:
        TypeError: If only some labels are strings.
        ValueError: If there are not two classes for a loss of two classes.

    >>> names_of_classes(["pear", "fig", "pear"], hinge_loss, [])
    ['fig', 'pear']
    """
    function, _ = unwrapped(loss)
    if function in QUANTITIES or not any(isinstance(label, str) for label in labels):
        return []
    for i, label in enumerate(labels):
        if not isinstance(label, str):
            raise TypeError(
                f"row {i} of y must be a string, like other labels, not {describe(label)}; fill it in or drop the row"
            )
    names = known if set(labels) <= set(known) else sorted(set(labels))
    if function in (binary_cross_entropy, hinge_loss) and len(names) != 2:
        rule = f"y must have two classes for {function.__name__}, not {len(names)} ({', '.join(map(repr, names[:4]))}"
        raise ValueError(f"{rule}{', ...' * (len(names) > 4)}); use loss='cross_entropy' with one output per class")
    return names


def numbered(labels: Any, names: list[str], loss: Loss | None = None) -> list[Any]:
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
            raise ValueError(
                f"class_weights must have one number for each of the {len(known)} classes, not {len(numbers)} numbers"
            )
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
        found = "only zeros" if len(numbers) == n_rows else f"{len(numbers)} numbers"
        raise ValueError(f"sample_weights must have one number for each of the {n_rows} rows, and not all 0, but has {found}")
    return numbers
