"""``History``: what ``fit`` tells about a training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class History:
    """How a training went: a table with a row for each epoch that was completed.

    Attributes:
        columns: for each name a list with an item an epoch. ``"loss"`` is the mean loss of the rows, each taken when its batch
            was met, before the step, with the penalty if there is one; ``"val_loss"`` that of the validation rows after the
            epoch, without; then come the metrics by name, of the training rows and (``"val_..."``) of the validation rows;
            ``"lr"``, the learning rate of the epoch; and ``"seconds"``, how long the training had taken by its end.
        seconds: how long all of it took.
        stopped: why it ended: ``"epochs"`` (all done), ``"tolerance"``, ``"loss_tolerance"``, ``"patience"``,
            ``"max_seconds"``, ``"diverged"``, ``"interrupted"``, or what a callback said.

    >>> history = History({"loss": [2.0, 1.0, 0.5], "val_loss": [2.5, 1.5, 1.75]}, seconds=1.25)
    >>> history
    History(3 epochs, loss 2 -> 0.5, val_loss 2.5 -> 1.75, 1.25 s, stopped='epochs')
    >>> history["loss"][-1]
    0.5
    >>> history.best
    {'epoch': 2, 'loss': 1.0, 'val_loss': 1.5}
    """

    columns: dict[str, list[Any]] = field(default_factory=dict)
    seconds: float = 0.0
    stopped: str = "epochs"

    def __len__(self) -> int:
        """How many epochs there are."""
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> list[Any]:
        """The column of that name.

        Raises:
            KeyError: if there is none; the message lists those that there are.
        """
        if name not in self.columns:
            raise KeyError(f"unknown column: {name!r} (must be one of {', '.join(map(repr, self.columns)) or 'no columns'})")
        return self.columns[name]

    @property
    def losses(self) -> list[float]:
        """The column ``"loss"``."""
        return self.columns.get("loss", [])

    @property
    def best(self) -> dict[str, Any]:
        """The row with the least validation loss, or the least loss if there is none; with its number from 1 as ``"epoch"``.

        Raises:
            ValueError: if there are no epochs.
        """
        if not len(self):
            raise ValueError("there is no best epoch: the training ended before its first epoch did")
        column = self[self.monitor]
        return self.row(column.index(min(column)))

    @property
    def monitor(self) -> str:
        """The column that tells which epoch is best: ``"val_loss"``, or ``"loss"`` if there are no validation rows."""
        return "val_loss" if "val_loss" in self.columns else "loss"

    def row(self, index: int) -> dict[str, Any]:
        """All about one epoch, by name: the first is that of ``index`` 0, the last that of -1."""
        return {"epoch": range(1, len(self) + 1)[index], **{name: column[index] for name, column in self.columns.items()}}

    def append(self, row: Mapping[str, Any]) -> None:
        """Add an epoch, which has all the columns that there are."""
        for name, number in row.items():
            self.columns.setdefault(name, []).append(number)

    def trim(self) -> None:
        """Drop what was added of an epoch that is not complete, as Ctrl-C can come at any moment."""
        complete = min(map(len, self.columns.values()), default=0)
        self.columns = {name: column[:complete] for name, column in self.columns.items()}

    def to_dict(self) -> dict[str, Any]:
        """The attributes as a dict, ready for JSON; ``History(**that)`` makes the same again.

        >>> History({"loss": [2.0, 1.0]}, seconds=0.5).to_dict()
        {'columns': {'loss': [2.0, 1.0]}, 'seconds': 0.5, 'stopped': 'epochs'}
        """
        return asdict(self)

    def plot(self) -> Any:
        """The losses and the metrics by epoch, as ``visualize.plot_losses`` draws them."""
        from visualize import plot_losses

        return plot_losses(self.columns)

    def __repr__(self) -> str:
        """One line, however many epochs."""
        shown = [name for name in ("loss", "val_loss") if self.columns.get(name)]
        courses = [f"{name} {self[name][0]:.4g} -> {self[name][-1]:.4g}" for name in shown]
        return f"History({', '.join([f'{len(self)} epochs', *courses])}, {self.seconds:.2f} s, stopped={self.stopped!r})"
