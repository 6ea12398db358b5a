"""Hypothesis strategies for networks, and for data sets to train them. See ``autograd.strategies`` for numbers and expressions.

>>> from hypothesis import given
>>> from nn import fit
>>> from nn.strategies import data_sets, networks
>>> @given(networks(n_inputs=2, n_outputs=3), data_sets("cross_entropy", n_inputs=2, n_classes=3))
... def test_training_starts_with_a_finite_loss(model, data):
...     history = fit(model, *data, loss="cross_entropy", lr=0.1, epochs=1)
...     assert 0 <= history.losses[0] < 1000
>>> test_training_starts_with_a_finite_loss()
"""

from collections.abc import Sequence
from typing import TypeAlias

try:
    from hypothesis import note
    from hypothesis import strategies as st
except ImportError:
    raise ImportError("nn.strategies needs Hypothesis: pip install 'scalar-autograd[strategies]'") from None

from nn.activations import ACTIVATIONS, Activation, activation_function
from nn.base.checks import positive_int
from nn.losses import LOSSES
from nn.networks import MLP

Data: TypeAlias = tuple[list[list[float]], list[float]]


def networks(
    n_inputs: int | None = None, n_outputs: int | None = None,
    *, activations: Sequence[str | Activation] | None = None, max_layers: int = 3, max_neurons: int = 5,
) -> st.SearchStrategy[MLP]:  # fmt: skip
    """Generate networks. A failing test shows the call that creates the same network, including the seed.

    Args:
        n_inputs, n_outputs: Numbers of inputs and outputs. By default, from 1 to ``max_neurons``.
        activations: Activation functions of the hidden layers, by default all of ``nn.ACTIVATIONS``. Examples shrink towards
            the first one.
        max_layers: Maximum number of layers.
        max_neurons: Maximum number of neurons in each layer except the last.

    Raises:
        ValueError: If an activation is unknown, or a number is not positive.
        TypeError: If a number is not an integer.

    >>> from hypothesis import find
    >>> find(networks(n_outputs=1), lambda model: len(model.layers) == 2)
    MLP(1, [1, 1], activation='linear')
    """
    functions = [activation_function(f) for f in (ACTIVATIONS if activations is None else activations)]
    some = st.integers(1, positive_int(max_neurons, "max_neurons"))
    inputs = some if n_inputs is None else st.just(positive_int(n_inputs, "n_inputs"))
    last = some if n_outputs is None else st.just(positive_int(n_outputs, "n_outputs"))
    hidden = st.lists(some, max_size=positive_int(max_layers, "max_layers") - 1)

    def network(n: int, hidden: list[int], last: int, activation: Activation, seed: int) -> MLP:
        model = MLP(n, [*hidden, last], activation, seed)
        note(f"{repr(model)[:-1]}, seed={seed})")
        return model

    return st.builds(network, inputs, hidden, last, st.sampled_from(functions), st.integers(0, 2**32))


def data_sets(loss: str, n_inputs: int | None = None, n_classes: int = 3, *, max_rows: int = 8) -> st.SearchStrategy[Data]:
    """Generate data sets ``(X, y)`` for ``fit`` and ``accuracy``: rows of numbers from -3 to 3 with their targets.

    Args:
        loss: The loss that the targets are for. Targets are numbers for ``"mse"``, ``"mae"`` and ``"huber"``, +1 or -1 for
            ``"hinge"``, 0 or 1 for ``"binary_cross_entropy"``, and classes for ``"cross_entropy"``.
        n_inputs: Length of a row. By default, from 1 to 5.
        n_classes: Number of classes for ``"cross_entropy"``.
        max_rows: Maximum number of rows. There is at least one row.

    Raises:
        ValueError: If the loss is unknown, or a number is not positive.
        TypeError: If a number is not an integer.

    >>> from hypothesis import find
    >>> find(data_sets("hinge", n_inputs=2), lambda data: len(data[0]) > 1)
    ([[0.0, 0.0], [0.0, 0.0]], [1, 1])
    """
    number = st.floats(-3, 3).map(lambda x: round(x, 3) + 0.0)
    if loss not in LOSSES:
        raise ValueError(f"unknown loss: {loss!r} (must be one of {', '.join(map(repr, LOSSES))})")
    classes = st.integers(0, positive_int(n_classes, "n_classes") - 1)
    special = {"hinge": st.sampled_from([1, -1]), "binary_cross_entropy": st.sampled_from([0, 1]), "cross_entropy": classes}
    target = special.get(loss, number)
    sizes = st.integers(1, 5) if n_inputs is None else st.just(positive_int(n_inputs, "n_inputs"))
    most = positive_int(max_rows, "max_rows")

    def rows(size: int) -> st.SearchStrategy[Data]:
        row = st.lists(number, min_size=size, max_size=size)
        pairs = st.lists(st.tuples(row, target), min_size=1, max_size=most)
        return pairs.map(lambda pairs: ([row for row, _ in pairs], [target for _, target in pairs]))

    return sizes.flatmap(rows)
