"""The most telling of the hostile servers, files and circumstances; `make robustness` has all of them."""

from __future__ import annotations

import os

import pytest

from .hostile.behaviour import Behaviour
from .hostile.circumstances import Circumstance
from .hostile.rows import BEHAVIOURS, CIRCUMSTANCES, ROWS, meet

TELLING = [row for row in ROWS if row.telling]
posix = pytest.mark.skipif(os.name == "nt", reason="signals, pipes and devices of POSIX systems")


def test_there_are_enough() -> None:
    assert len(BEHAVIOURS) >= 150
    assert len(CIRCUMSTANCES) >= 60
    names = [(row.group, row.name) for row in ROWS]
    assert len(set(names)) == len(names)


@posix
@pytest.mark.parametrize("row", TELLING, ids=lambda row: f"{row.group}: {row.name}")
def test_it_is_survived(row: Behaviour | Circumstance) -> None:
    seen = meet(row, patience=4.0)
    assert seen.wrong == [], seen.out + seen.err
