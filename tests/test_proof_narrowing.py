"""A run with --only finds about that requirement what the full run finds; the whole of it is in `make proof`."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from conformance.contract import Effort
from conformance.defects import Fault
from conformance.proof.cases import Case, run_case
from conformance.proof.narrowing import Pair, difference
from conformance.registry import BUILT_IN, find
from conformance.showcase import faults_of
from conformance.wire.exchange import Exchange

from .test_proof import RECORDED

FEW = 8
"""How many faults of each contract are tried in the default run; a whole contract takes minutes."""


def pairs_of(contract: str, faults: Sequence[Fault]) -> list[Pair]:
    cases = [(Case(contract, "fault", one.id), one.must) for one in faults]
    return [
        (case, name, Effort(RECORDED[case]["effort"]))
        for case, must in cases
        if case in RECORDED
        for name in must
    ]


def sampled(contract: str) -> list[Pair]:
    """The pairs of some faults, those with the most requirements first, since they tell most."""
    faults = list(faults_of(find(contract)))
    random.Random(20261129).shuffle(faults)
    return pairs_of(contract, sorted(faults[: 4 * FEW], key=lambda one: -len(one.must))[:FEW])


SAMPLE = [pair for name in BUILT_IN for pair in sampled(name)]


@pytest.mark.parametrize("pair", SAMPLE, ids=lambda pair: f"{pair[0].id}-{pair[1]}")
def test_a_narrowed_run_finds_what_the_full_run_finds(pair: Pair) -> None:
    assert difference(pair) == ""


@pytest.mark.slow
@pytest.mark.parametrize("contract", BUILT_IN)
def test_every_narrowed_run_finds_what_the_full_run_finds(contract: str) -> None:
    assert [
        one for pair in pairs_of(contract, list(faults_of(find(contract)))) if (one := difference(pair))
    ] == []


def sent(exchanges: Sequence[Exchange]) -> list[tuple[str, str, bytes]]:
    return sorted((one.request.method, one.request.url, one.request.body) for one in exchanges)


@pytest.mark.parametrize("contract", BUILT_IN)
def test_what_is_sent_does_not_depend_on_what_is_reported(contract: str) -> None:
    case = Case(contract, "healthy")
    whole = run_case(case, effort=Effort.QUICK)
    one = next(one.requirement.id for one in whole.results if not one.requirement.not_assessed)
    narrowed = run_case(case, effort=Effort.QUICK, only=(one,))
    assert [result.requirement.id for result in narrowed.results] == [one]
    assert sent(narrowed.exchanges) == sent(whole.exchanges)
