"""Scripts of some faults, run by `sh` against fresh deployments that have them; `make proof` tries all."""

from __future__ import annotations

import random

import pytest

from conformance.proof.cases import Case, faults
from conformance.proof.reproductions import Seen, Tried, attempt, report
from conformance.registry import BUILT_IN

CHOSEN = [
    name
    for contract in BUILT_IN
    for name in random.Random(7).sample([one for one in faults(contract) if "poisoned" not in one], 3)
]
"""What stays poisoned by the run shows again there by itself, and not on a fresh deployment."""


@pytest.mark.parametrize("fault", CHOSEN)
def test_a_script_shows_the_fault_again(fault: str) -> None:
    assert attempt(Case(fault.partition(".")[0], "fault", fault)).seen in (Seen.SHOWN, Seen.MARKED)


def test_too_many_marked_ones_are_not_good_enough() -> None:
    shown, marked = Tried("a", Seen.SHOWN), Tried("b", Seen.MARKED)
    assert report([shown] * 99 + [marked])[1]
    assert not report([shown] * 9 + [marked])[1]
    assert not report([shown] * 99 + [Tried("c", Seen.MISSED)])[1]
