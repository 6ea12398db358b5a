"""Parts that are given states together."""

from __future__ import annotations

from typing import Any

import pytest

from autograd import Value
from nn import MLP, SGD, StepLR
from nn.state import all_or_nothing


def parts() -> dict[str, Any]:
    optimizer = SGD([Value(1.0)], lr=0.5)
    return {"model": MLP(1, [2, 1], seed=0), "optimizer": optimizer, "schedule": StepLR(optimizer, 2)}


@pytest.mark.parametrize("error", [ValueError, KeyError, KeyboardInterrupt])
def test_after_an_error_of_any_kind_all_parts_are_as_they_were(error: type[BaseException]) -> None:
    present = parts()
    before = {name: part.state_dict() for name, part in present.items()}

    @all_or_nothing(present)
    def change_and_fail() -> None:
        present["model"].load_state_dict(MLP(1, [2, 1], seed=1).state_dict())
        present["optimizer"].lr = 0.25
        present["schedule"].step()
        raise error("in the middle")

    with pytest.raises(error, match="in the middle"):
        change_and_fail()
    assert {name: part.state_dict() for name, part in present.items()} == before


def test_without_an_error_they_keep_what_they_were_given() -> None:
    present = parts()
    with all_or_nothing(present):
        present["optimizer"].lr = 0.25
    assert present["optimizer"].lr == 0.25
