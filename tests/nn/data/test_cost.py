"""The cost of reading and preparing data is proportional to its size. See ``work_counts``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from work_counts import assert_proportional

from nn import column_statistics, load_csv, make_moons, minibatches, standardize, train_test_split


def table(folder: Path, rows: int, columns: int, categories: int = 3) -> Path:
    path = folder / f"{rows}_{columns}_{categories}.csv"
    names = [*(f"c{i}" for i in range(columns)), "kind", "y"]
    lines = [[*(str(i + j / 10) for j in range(columns)), f"k{i % categories}", "ab"[i % 2]] for i in range(rows)]
    path.write_text("\n".join(",".join(line) for line in [names, *lines]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "size", [lambda n: (n, 3), lambda n: (4, n), lambda n: (2 * n, 1, n)], ids=["rows", "columns", "rows and categories"]
)
def test_the_work_to_read_a_table_is_proportional_to_its_size(size: Callable[[int], tuple[int, ...]], tmp_path: Path) -> None:
    def make(n: int) -> Callable[[], object]:
        path = table(tmp_path, *size(n))
        return lambda: load_csv(path, target="kind")

    assert_proportional(make, 32)


USES: dict[str, Callable[[Any, Any], object]] = {
    "statistics": lambda X, y: column_statistics(X),
    "standardize": lambda X, y: standardize(X),
    "split": lambda X, y: train_test_split(X, y, 0.25, seed=0),
    "stratified": lambda X, y: train_test_split(X, y, 0.25, seed=0, stratify=y),
    "many classes": lambda X, y: train_test_split(X, y, 0.5, seed=0, stratify=[i // 2 for i in range(len(y))]),
    "batches": lambda X, y: list(minibatches(X, y, 4, seed=0)),
    "moons": lambda X, y: make_moons(len(y), seed=0),
}


@pytest.mark.parametrize("use", USES)
def test_the_work_to_prepare_rows_is_proportional_to_their_number(use: str) -> None:
    def make(n: int) -> Callable[[], object]:
        X, y = [[i + 0.5, i % 7] for i in range(n)], [i % 2 for i in range(n)]
        return lambda: USES[use](X, y)

    assert_proportional(make, 64)
