"""Each target of ``make fuzz`` passes on its seeds, on random bytes and on past findings."""

from __future__ import annotations

from collections.abc import Callable

import fuzzing
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

for_each_target = pytest.mark.parametrize("target", fuzzing.TARGETS.values(), ids=fuzzing.TARGETS)


@for_each_target
def test_only_documented_errors_are_raised(target: Callable[[bytes], None]) -> None:
    for data in fuzzing.seeds():
        target(data)

    @settings(max_examples=20)
    @given(st.sampled_from(fuzzing.seeds()[1:5]), st.binary(max_size=200))
    def check(kind: bytes, data: bytes) -> None:
        target(kind + data)

    check()


def test_a_target_notices_an_undocumented_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a harness which raises nothing means something."""

    def broken(*_: object, **__: object) -> None:
        raise KeyError("not documented")

    monkeypatch.setattr("nn.load_csv", broken)
    with pytest.raises(KeyError):
        fuzzing.csv(b"")
