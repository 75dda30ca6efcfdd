"""The faults and oddities of dcp: in quick runs, and over their descriptions.

That each is judged rightly by a whole run is shown with the proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.catalogue import Level
from conformance.clock import VirtualClock
from conformance.contract import Effort, Settings
from conformance.contracts.dcp import CONTRACT
from conformance.contracts.dcp.faults import FAULTS
from conformance.contracts.dcp.oddities import ODDITIES
from conformance.contracts.dcp.reference import BASE_PATH, EXAMPLES, room
from conformance.defects import Oddity
from conformance.outcome import Outcome, Run, Verdict
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.runner import Plan, run
from conformance.target import parse

HOST = "http://deployment.test"
WRONG = (Outcome.FAILED, Outcome.WARNED, Outcome.ERROR)
QUICK = Settings(inputs=EXAMPLES, nonce="faults", effort=Effort.QUICK)
BY_ID = {one.id.partition(".")[2]: one for one in FAULTS}
FIRST = dict.fromkeys(one.must[:1] for one in FAULTS)
FEW = [next(one.id.partition(".")[2] for one in FAULTS if one.must[:1] == must) for must in FIRST]
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in BY_ID if name not in FEW]
MISSED_WHEN_QUICK = {
    "unknown-urn-500",
    "token-needed-while-received",
    "token-suffix",
    "token-end-ignored",
    "token-first-character-ignored",
    "token-blanks-ignored",
    "token-second-word",
    "token-now-and-then-refused",
    "scheme-jwt",
    "scheme-with-colon",
    "scheme-basic-password",
    "refusal-missing-500-when-rejected",
    "issuer-pid-renewed",
    "request-forgotten",
    "state-fades",
    "odd-line-break-500",
    "odd-reserved-200",
    "id-prefix-of-known",
    "id-second-group-ignored",
    "id-of-digits-received",
    "token-other-case",
    "scheme-by-length",
    "scheme-token",
    "refusal-after-lookup",
    "id-last-characters",
    "id-ends",
    "id-suffix-ignored",
    "id-long-cut",
    "id-pattern",
    "id-as-bytes-to-nul",
    "id-normalised-as-path",
    "odd-foreign-500",
    "odd-bytes-500",
}


def against(
    behaviours: Sequence[type],
    inputs: Mapping[str, tuple[str, ...]],
    base_path: str = BASE_PATH,
    **chosen: Any,
) -> Run:
    """A run in process against the reference deployment with `behaviours` over it."""
    clock, given = VirtualClock(), {**EXAMPLES, **inputs}
    with Database() as database:
        placed = replace(
            room(given, database=database, clock=clock, behaviours=behaviours), base_path=base_path
        )
        transport = InProcessTransport(deployment([placed]))
        settings = replace(QUICK, inputs=given, **chosen)
        return run(
            CONTRACT, Plan(parse(HOST + base_path, CONTRACT), settings, transport=transport, clock=clock)
        )


def wrong(done: Run) -> dict[str, str]:
    """What a run complains about, with the first message."""
    return {one.requirement.id: one.findings[0].message for one in done.with_outcome(*WRONG)}


@pytest.mark.parametrize("name", [*FEW, *SLOW])
def test_a_quick_run_accuses_nobody_wrongly_and_misses_little(name: str) -> None:
    fault = BY_ID[name]
    found = wrong(against((fault.behaviour,), {}))
    assert set(found) <= {*fault.must, *fault.may}, found
    assert name in MISSED_WHEN_QUICK or set(fault.must) <= set(found)


@pytest.mark.parametrize("oddity", ODDITIES, ids=lambda one: one.id.partition(".")[2])
def test_a_quick_run_lets_oddities_be(oddity: Oddity) -> None:
    done = against((oddity.behaviour,), oddity.inputs, oddity.base_path or BASE_PATH, **oddity.settings)
    right = (Verdict.CONFORMANT, Verdict.INCOMPLETE) if oddity.circumstance else (Verdict.CONFORMANT,)
    assert done.verdict in right, done.reason
    assert set(wrong(done)) <= set(oddity.warns)


def test_a_quick_run_decides_everything_with_few_requests() -> None:
    done = against((), {})
    settled = {Outcome.PASSED, Outcome.NOTED}
    open_ones = [one.requirement.id for one in done.results if one.outcome not in settled]
    assert open_ones == [one.id for one in CONTRACT.catalogue.requirements if one.not_assessed]
    assert len(done.exchanges) <= 48


@pytest.mark.parametrize("number", [20, 60])
def test_many_requests_cost_few_reads_each(number: int) -> None:
    ids = tuple(f"issued=8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0{1000 + n:04x}" for n in range(number))
    done = against((), {"request": ids}, effort=Effort.STANDARD, fuzz=0)
    assert done.verdict is Verdict.CONFORMANT
    assert len(done.exchanges) <= 100 + 3 * number


def test_every_binding_requirement_is_proven_by_two_faults() -> None:
    proven = Counter(one for fault in FAULTS for one in fault.must)
    binding = [
        one for one in CONTRACT.catalogue.requirements if one.level is not Level.MAY and not one.not_assessed
    ]
    assert [one.id for one in binding if proven[one.id] < 2] == []


def test_every_oddity_says_what_is_odd() -> None:
    assert len(ODDITIES) >= 40
    assert all(one.description.endswith(".") for one in ODDITIES)
