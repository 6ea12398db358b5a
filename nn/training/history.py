"""``History``: the losses and metrics of a training run, epoch by epoch."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, KeysView, Mapping
from typing import TYPE_CHECKING, Any

from attrs import asdict, define, field

from autograd.shared import OtherNames, counted, suggesting
from nn.base.names import did_you_mean
from nn.base.tables import html_table, shortened
from nn.losses import LOSSES

if TYPE_CHECKING:
    import pandas as pd

MAX_SHOWN = 10  # rows of a table in a notebook

HIGHER_IS_BETTER = {"accuracy", "r2_score"}
LOWER_IS_BETTER = {"loss", *LOSSES, *(loss.__name__ for loss in LOSSES.values())}


class Row(dict[str, Any]):
    """An epoch as a dict. A key that is missing raises the error of ``History``."""

    def __missing__(self, name: str) -> Any:
        raise unknown_column(name, self)


def unknown_column(name: Any, known: Mapping[str, Any]) -> KeyError:
    """Return the error for a column that does not exist."""
    known_names = ", ".join(map(repr, known)) or "no columns"
    remedy = ""
    if str(name).startswith("val_") and "val_loss" not in known:
        remedy = "; pass validation_split= or validation_data= to fit for columns named val_..."
    remedy = remedy or did_you_mean(str(name), known)
    return KeyError(f"unknown column: {name!r} (must be one of {known_names}){remedy}")


def direction(column: str, mode: str | None = None) -> str:
    """Return ``mode``, or if it is None, whether the lowest (``"min"``) or the highest (``"max"``) number of a column is best.

    Raises:
        ValueError: If ``mode`` is None and the column is neither a loss nor a metric of nn.

    >>> direction("val_loss"), direction("val_accuracy")
    ('min', 'max')
    """
    name = re.sub(r"partial\((\w+), .*\)", r"\1", column.removeprefix("val_"))  # of a metric without its options
    if mode is None and name not in HIGHER_IS_BETTER | LOWER_IS_BETTER:
        remedy = "pass mode='min' if lower numbers are better, mode='max' if higher numbers are better"
        raise ValueError(f"mode must be given for the column {column!r}, which is neither a loss nor a metric of nn; {remedy}")
    return mode or ("max" if name in HIGHER_IS_BETTER else "min")


# Remedies for attributes of other libraries, by name.
_REMEDIES = {
    "history": "the history is a table itself: history['loss'], or dict(history)",
    "epoch": "use range(1, len(history) + 1)", "epochs": "use len(history)",
    **dict.fromkeys(("to_csv", "to_excel", "to_json"), "use history.to_frame().to_csv('history.csv'), or a CSVLogger in fit"),
    **dict.fromkeys(("to_pandas", "to_df", "DataFrame"), "use history.to_frame()"),
    "params": "print(history) shows the course", "keys": "use list(history)", "items": "use dict(history).items()",
}  # fmt: skip
_SAVE, _SCALE = "write history.plot().savefig('history.png')", "use history.plot().axes[0].set_yscale('log')"
_PLOT_REMEDIES = {
    **dict.fromkeys(("filename", "path", "file", "save", "savefig", "dpi"), _SAVE),
    **dict.fromkeys(("log", "logy", "log_scale", "yscale", "scale"), _SCALE),
    **dict.fromkeys(("figsize", "size"), "use history.plot().set_size_inches(8, 6)"),
    **dict.fromkeys(("ax", "axes"), "use visualize.plot_losses(history, ax=ax), or plot_metrics, which draw into axes"),
    **dict.fromkeys(("x", "y", "columns", "metrics", "names"), "use visualize.plot_metrics(history), or plot_losses"),
    "title": "use history.plot().suptitle('...')",
}


@define(repr=False, slots=False)
class History(OtherNames):
    """The course of a training run: a table with one row per completed epoch.

    As for a pandas DataFrame, ``len`` is the number of rows, and iteration yields the names of the columns. ``dict(history)``
    contains the columns.

    Attributes:
        columns: Lists with one item per epoch, by name. ``"loss"`` is the mean loss of the training rows, each computed before
            the step of its batch, including the penalty; with LBFGS, after the steps. ``"val_loss"`` is the loss of the
            validation rows after the epoch, without the penalty. Metrics follow by name, for training rows and for validation
            rows (``"val_..."``). ``"lr"`` is the learning rate of the epoch, and ``"seconds"`` the time since the start of
            training at the end of the epoch.
        seconds: Total time of the training run.
        stopped: Reason for the end: ``"epochs"`` (all epochs completed), ``"tolerance"``, ``"loss_tolerance"``,
            ``"patience"``, ``"max_seconds"``, ``"converged"``, ``"diverged"``, ``"interrupted"``, or the reason given by a
            callback.

    >>> history = History({"loss": [2.0, 1.0, 0.5], "val_loss": [2.5, 1.5, 1.75]}, seconds=1.25)
    >>> history
    History(3 epochs, loss 2 -> 0.5, val_loss 2.5 -> 1.75, 1.25 s, stopped='epochs')
    >>> history["loss"][-1]
    0.5
    >>> list(history), len(history), dict(history)["loss"]
    (['loss', 'val_loss'], 3, [2.0, 1.0, 0.5])
    >>> history.best
    {'epoch': 2, 'loss': 1.0, 'val_loss': 1.5}
    >>> history.best_by("loss")["epoch"]
    3
    """

    _remedies = _REMEDIES
    columns: dict[str, list[Any]] = field(factory=dict)
    seconds: float = 0.0
    stopped: str = "epochs"

    def _instead_of(self, name: str) -> str:
        is_column = name in vars(self).get("columns", ())  # not there yet while a copy is made
        return f"; use history[{name!r}]" if is_column else super()._instead_of(name)

    def __len__(self) -> int:
        """Return the number of epochs."""
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> list[Any]:
        """Return a column.

        Raises:
            KeyError: If there is no column with this name. The message lists the valid names.
        """
        if name not in self.columns:
            raise unknown_column(name, self.columns)
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the columns."""
        return iter(self.columns)

    def keys(self) -> KeysView[str]:
        """Return the names of the columns."""
        return self.columns.keys()

    @property
    def losses(self) -> list[float]:
        """The column ``"loss"``."""
        return self.columns.get("loss", [])

    @property
    def best(self) -> dict[str, Any]:
        """The row with the lowest validation loss (or the lowest loss, without validation rows), with its ``"epoch"`` from 1.

        Raises:
            ValueError: If there are no epochs.
        """
        return self.best_by(self.monitor)

    def best_by(self, column: str, mode: str | None = None) -> dict[str, Any]:
        """Return the row of the epoch with the best number in a column, with its ``"epoch"`` from 1.

        Args:
            column: Name of the column.
            mode: ``"min"`` if lower numbers are better, ``"max"`` if higher numbers are better. By default, it is known for
                losses and for the metrics of nn.

        Raises:
            ValueError: If there are no epochs, or the column needs a ``mode``.
            KeyError: If there is no column with this name.
            TypeError: If the column does not contain numbers.

        >>> History({"loss": [2.0, 1.0], "accuracy": [0.75, 0.5]}).best_by("accuracy")
        {'epoch': 1, 'loss': 2.0, 'accuracy': 0.75}
        """
        if not len(self):
            raise ValueError("there is no best epoch, because training ended before the first epoch was completed")
        numbers = self[column]
        if not all(isinstance(number, int | float) for number in numbers):
            raise TypeError(f"column must be the name of a column of numbers, not {column!r}, which has {numbers[0]!r:.40}")
        sign = -1 if direction(column, mode) == "max" else 1
        return self.row(min(range(len(numbers)), key=lambda i: (math.isnan(numbers[i]), sign * numbers[i])))

    @property
    def monitor(self) -> str:
        """The name of the column that determines the best epoch: ``"val_loss"``, or ``"loss"`` without validation rows."""
        return "val_loss" if "val_loss" in self.columns else "loss"

    def row(self, index: int) -> dict[str, Any]:
        """Return the row of an epoch by name. Index 0 is the first epoch, -1 the last one."""
        return Row(epoch=range(1, len(self) + 1)[index], **{name: column[index] for name, column in self.columns.items()})

    def append(self, row: Mapping[str, Any]) -> None:
        """Add an epoch. ``row`` must have all existing columns."""
        for name, number in row.items():
            self.columns.setdefault(name, []).append(number)

    def trim(self) -> None:
        """Remove entries of an incomplete epoch, which exist if Ctrl-C was pressed during ``append``."""
        complete = min(map(len, self.columns.values()), default=0)
        self.columns = {name: column[:complete] for name, column in self.columns.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as a dict, ready for JSON. ``History(**history.to_dict())`` is an equal History.

        >>> History({"loss": [2.0, 1.0]}, seconds=0.5).to_dict()
        {'columns': {'loss': [2.0, 1.0]}, 'seconds': 0.5, 'stopped': 'epochs'}
        """
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the columns as a pandas DataFrame, indexed by the epochs from 1.

        Raises:
            ImportError: If pandas is not installed.

        >>> History({"loss": [2.0, 1.0]}).to_frame().to_dict()
        {'loss': {1: 2.0, 2: 1.0}}
        """
        try:
            import pandas as pd
        except ImportError:
            raise ImportError("History.to_frame needs pandas: pip install 'scalar-autograd[data]'") from None
        return pd.DataFrame(self.columns, index=pd.RangeIndex(1, len(self) + 1, name="epoch"))

    @suggesting("history.plot().savefig('history.png')", _PLOT_REMEDIES)
    def plot(self) -> Any:
        """Plot losses, metrics and the learning rate by epoch with ``visualize.plot_history``. A notebook shows the picture."""
        from visualize import plot_history

        return plot_history(self.columns)

    def __repr__(self) -> str:
        """Return one line for any number of epochs."""
        names = [name for name in ("loss", "val_loss") if self.columns.get(name)]
        courses = [f"{name} {self[name][0]:.4g} -> {self[name][-1]:.4g}" for name in names]
        return f"History({', '.join([counted(len(self), 'epoch'), *courses])}, {self.seconds:.2f} s, stopped={self.stopped!r})"

    def _repr_html_(self) -> str:
        """Return a table for Jupyter. A long one has the first and the last epochs."""
        shown = shortened(range(len(self)), MAX_SHOWN)
        rows = [["..."] * (len(self.columns) + 1) if i is None else [*self.row(i).values()] for i in shown]
        return html_table([["epoch", *self.columns], *rows], repr(self))
