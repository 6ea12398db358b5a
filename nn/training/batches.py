"""The loss of a batch and its gradient, computed by replaying a recording of one row, or node by node.

Replaying a model is many times faster than running it. It requires that the model does the same for each row and in each call,
which ``autograd.compile`` checks. The exception is Dropout: its masks are drawn here and passed to the replay with each row. A
model that cannot be replayed is run node by node. A replay of many rows may be shared by the workers of an executor.
"""

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any

from autograd import Value, leaves, stale_nodes
from autograd.shared import warn
from nn.base.checks import describe, get_state, set_state
from nn.data.targets import as_items
from nn.layers import Dropout, replaced_masks
from nn.losses import LOSSES, Loss, unwrapped, weighted
from nn.modules import Module
from nn.training.masks import Draws, Masks
from nn.training.prediction import as_numbers, generators_of, modules_of, recorded, replay_pays
from nn.training.workers import MIN_WORK, Workers

# Takes the indices of the rows in a batch, returns the loss, and adds its gradient to the gradients of the parameters.
BatchLoss = Callable[[Sequence[int]], float]
Penalty = Callable[[], Value]


def batch_loss(
    model: Any, rows: list[Any], targets: list[Any], loss: Loss, times: int, replay: bool | None,
    penalty: Penalty | None = None, weights: list[float] | None = None, workers: Workers | None = None, exact: bool = True,
    trained: Sequence[Value] = (),
) -> BatchLoss:  # fmt: skip
    """Return the fastest function that computes the loss of a batch for this model and loss.

    If replaying is not possible, a warning states the reason. To find out, the model is called a few times; the states of the
    global random number generators are restored afterwards.

    Args:
        model, rows, targets, penalty: See ``fit``. The penalty is called for each batch, not replayed.
        loss: The loss function. The functions in ``LOSSES`` are replayed, with or without options, as in
            ``functools.partial(cross_entropy, label_smoothing=0.1)``.
        times: Number of passes over the rows.
        replay: Whether to replay. None: choose the faster way.
        weights: The weight of each row, or None. See ``nn.losses.weighted``.
        workers: The workers that compute large batches, or None.
        exact: See ``autograd.compile``.
        trained: The parameters that change during training. A warning names a result that was computed from them before.
    """
    weights = _with_class_weights(loss, targets, weights)

    steps = 0

    def node_by_node(batch: Sequence[int]) -> float:
        nonlocal steps
        steps += 1
        outputs = [model(rows[i]) for i in batch[:1]]
        if steps == 2:  # the parameters changed after the first step
            _warn_of_stale(as_items(outputs[0]), trained, model)
        outputs += [model(rows[i]) for i in batch[1:]]
        own = None if weights is None else [weights[i] for i in batch]
        value = _computed(weighted(loss, outputs, [targets[i] for i in batch], own), "loss", loss)
        if math.isfinite(value.data):
            value.backward()
        return value.data

    loss_of: BatchLoss = node_by_node
    if workers is not None and _options(loss) is None:
        text = f"executor is not used, because only losses of nn are computed by workers, not {loss!r}"
        warn(f"{text}; use a name in nn.LOSSES, or omit executor")
    if _options(loss) is not None and (workers is not None or replay_pays(replay, len(rows) * times)):
        with _generators_restored(model):
            outputs, draws = _outputs_and_draws(model, rows[0])
            _computed(loss([outputs], targets[:1]), "loss", loss)
            # This validates all targets, which is not possible while a loss is recorded.
            loss([as_numbers(outputs)] * len(targets), targets)
            try:
                loss_of = _replayed(model, rows, targets, loss, draws, weights, workers, exact, trained)
            except Exception as problem:  # noqa: BLE001 - a model may raise anything while it is recorded
                text = f"fit runs {model!r} node by node, which is correct but slow, because it cannot be replayed: {problem}"
                warn(f"{text} (use compile=False to avoid this warning)")
                steps = 2  # no look for stale results, because the model may have kept some of this recording
    if penalty is None:
        return loss_of

    penalties = 0

    def with_penalty(batch: Sequence[int]) -> float:
        nonlocal penalties
        penalties += 1
        value = _computed(penalty(), "penalty", penalty)
        if penalties == 2:
            _warn_of_stale([value], trained)
        value.backward()
        return loss_of(batch) + value.data

    return with_penalty


def _outputs_and_draws(model: Any, row: Any) -> tuple[Any, Draws]:
    """Return the outputs for a row without dropping anything, and the masks that the model needs for any row."""
    draws: Draws = []

    def drop_nothing(dropout: Dropout, n: int) -> list[float]:
        draws.append((dropout, n))
        return [1.0] * n

    with replaced_masks(modules_of(model), drop_nothing):
        return model(row), draws


@contextmanager
def _generators_restored(model: Any) -> Iterator[None]:
    """Restore the global random number generators, and the generators of the model, after the ``with`` block."""
    with ExitStack() as stack:
        stack.callback(random.setstate, random.getstate())
        if numpy_random := sys.modules.get("numpy.random"):
            stack.callback(numpy_random.set_state, numpy_random.get_state())
        for generator in generators_of(model).values():
            stack.callback(set_state, generator, get_state(generator))
        yield


def _with_class_weights(loss: Loss, targets: list[Any], weights: list[float] | None) -> list[float] | None:
    """Return the weights of the rows in a weighted mean, including the class weights that are an option of the loss."""
    options = _options(loss) or {}
    by_class = options.get("class_weights") if options.get("reduction") != "sum" else None
    if by_class is None:
        return weights
    return [weight * by_class[int(target)] for weight, target in zip(weights or [1.0] * len(targets), targets, strict=True)]


def _replayed(
    model: Any, rows: list[Any], targets: list[Any], loss: Loss, draws: Draws, row_weights: list[float] | None,
    workers: Workers | None, exact: bool, trained: Sequence[Value],
) -> BatchLoss:  # fmt: skip
    """Record one row. For the losses in ``LOSSES``, the loss of a batch is the sum or the mean of the losses of its rows.

    Raises:
        RecordingError: If a replay would differ from a call of the model.
    """
    import numpy as np

    X, y = np.array(rows, dtype=float), np.array(targets, dtype=float)
    weights = None if row_weights is None else np.array(row_weights)
    reduction = (_options(loss) or {}).get("reduction", "mean")
    reduce = "sum" if weights is not None else reduction
    masks = Masks(draws)
    kept = masks.kept if workers is not None else None  # workers receive bits: whether a number is kept

    def loss_of_row(row: Any, target: Any, factors: Sequence[Any] = (), weight: float | Value = 1.0) -> Value:
        rest = iter(factors if kept is None else [bit * factor for bit, factor in zip(factors, kept, strict=True)])
        with replaced_masks(modules_of(model), lambda _, n: list(islice(rest, n))):
            outputs = model(row.tolist())
        value = loss([outputs], [target.tolist() if isinstance(target, np.ndarray) else target])
        return value if weights is None else weight * value

    def drawn(batch: Any, count: int) -> list[Any]:
        """Return the arguments that follow the row and the target: the masks and the weights, if there are any."""
        if not draws and weights is None:
            return []  # unused arguments would take time
        own = np.ones(count) if weights is None else weights[batch]
        own = own if reduction == "sum" else own / (own.sum() or 1.0)
        return [masks.factors(count) if kept is None else masks.bits(count), own]

    first = [X[:1], y[:1], *drawn(slice(1), 1)]  # the caller restores the generators
    replay = recorded(loss_of_row, *first, exact=exact)
    if earlier := _dependent([node for node in replay.parameters(*first) if node.op], trained):
        _warn_of_earlier(earlier, model)
    work = 0 if workers is None else replay.program(*first, gradient=True).work
    sharded = None if workers is None else workers.share(replay, X, y, reduce=reduce)

    def loss_of(batch: Sequence[int]) -> float:
        is_all = len(batch) == len(X)  # a batch of all rows is not shuffled
        indices: Any = slice(None) if is_all else np.array(batch)
        more = drawn(indices, len(batch))
        if sharded is not None and work * len(batch) >= MIN_WORK:
            return sharded.backward(*more, rows=None if is_all else indices)
        return float(replay.backward(X[indices], y[indices], *more, reduce=reduce))

    return loss_of


def _warn_of_stale(results: Sequence[Any], trained: Sequence[Value], model: Any = None) -> None:
    """Warn if numbers that were just computed do not follow from the parameters, because a part was computed earlier."""
    stale = [node for result in results if isinstance(result, Value) for node in stale_nodes(result)]
    ids = {id(node) for node in stale}
    if _dependent([node for node in stale if not any(id(operand) in ids for operand in node.operands)], trained):
        _warn_of_earlier(stale, model)


def _dependent(nodes: list[Value], trained: Sequence[Value]) -> list[Value]:
    """Return the nodes that were computed from these parameters."""
    ids = {id(parameter) for parameter in trained} if nodes else set()
    return [node for node in nodes if any(id(leaf) in ids for leaf in leaves(node))]


def _warn_of_earlier(nodes: list[Value], model: Any = None) -> None:
    """Warn that ``model``, or the penalty if it is None, uses a result that was computed before training."""
    modules = model.named_modules() if isinstance(model, Module) else []
    names = {id(item): f"{path}.{key}".strip(".") for path, module in modules for key, item in vars(module).items()}
    name = next((f"{names[id(node)]} = " for node in nodes if id(node) in names), "")
    node = next((node for node in nodes if id(node) in names), nodes[0])
    user, place = ("the penalty", "the function penalty") if model is None else (f"{model!r:.60}", "__call__")
    warn(
        f"{user} uses a result that was computed from the parameters before this step: {name}{node!r:.60}. It keeps its number "
        f"while they change; compute it inside {place}"
    )


def _options(loss: Loss) -> dict[str, Any] | None:
    """Return the options of a loss in ``LOSSES``, or None for any other function, which may depend on a batch as a whole."""
    function, options = unwrapped(loss)
    return options if function in LOSSES.values() else None


def _computed(value: Any, kind: str, source: Any) -> Value:
    """Return ``value`` if it is a computed Value."""
    if isinstance(value, float) and kind == "loss" and _options(source) is not None:
        raise TypeError(
            f"the output of the model must depend on its parameters, but the loss is {value!r}, a plain number; does the model "
            "read .data? compute its output with the Values themselves"
        )
    if not isinstance(value, Value):
        raise TypeError(f"the {kind} must return one Value, but {source!r} returned {describe(value)}")
    if not value.op:
        found = f"{source!r} returned {value!r}, which is not computed from the model"
        raise ValueError(f"{found}; use its outputs, and do not call fit within no_grad()")
    return value
