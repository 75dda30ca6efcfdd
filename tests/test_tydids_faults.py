"""Every fault of the grant status is caught, every oddity is let be, by the written checks alone.

A quick run, of some forty calls, is used for all of them: what only a longer run can see is named and looked at so.
The whole matrix, generated checks included, is in test_proof.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from conformance.clock import VirtualClock
from conformance.contract import Effort, Settings
from conformance.contracts.tydids import CONTRACT
from conformance.contracts.tydids.faults import FAULTS
from conformance.contracts.tydids.machine import GrantMachine
from conformance.contracts.tydids.oddities import ODDITIES
from conformance.contracts.tydids.reference import BASE_PATH, EXAMPLES, room
from conformance.defects import Fault, Oddity
from conformance.exploration import Explorer
from conformance.outcome import Outcome, Run, Scope, Verdict
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.runner import Plan, run
from conformance.session import Session
from conformance.target import parse, redactor_for
from conformance.wire.client import Client

BASE = "http://deployment.test"
WRONG = (Outcome.FAILED, Outcome.WARNED, Outcome.ERROR)
NEEDS_TIME = {"consensus-of-the-second", "consensus-restarts", "revoked-ago", "revoked-days-ago"}
NEEDS_TIME |= {"revocation-expires", "later-denied", "later-string", "later-revoked"}
NEEDS_CALLS = {
    "consensus-falls-once",
    "empty-granted-now-and-then",
    "encoded-now-and-then",
    "revocation-sticks",
}
NEEDS_CASES = {"malformed-blank", "malformed-decoded-twice"}
HARD = {f"{CONTRACT.name}.{name}" for name in NEEDS_TIME | NEEDS_CALLS | NEEDS_CASES}


def against(
    behaviours: Sequence[type],
    effort: Effort,
    given: Mapping[str, tuple[str, ...]] | None = None,
    base_path: str = BASE_PATH,
) -> Run:
    """A run of the written checks against the reference deployment with `behaviours` over it."""
    clock = VirtualClock()
    inputs = {**EXAMPLES, **(given or {})}
    with Database() as database:
        place = room(inputs, database=database, clock=clock, behaviours=behaviours)
        app = deployment([replace(place, base_path=base_path)])
        settings = Settings(inputs=inputs, nonce="faults", fuzz=0, effort=effort)
        target = parse(BASE + base_path, CONTRACT)
        return run(CONTRACT, Plan(target, settings, transport=InProcessTransport(app), clock=clock))


def wrong(done: Run) -> dict[str, str]:
    """What a run complains about, with the first message."""
    return {one.requirement.id: one.findings[0].message for one in done.with_outcome(*WRONG)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.id)
def test_a_fault_is_caught_by_its_requirements_and_no_others(fault: Fault) -> None:
    effort = Effort.STANDARD if fault.id in HARD else Effort.QUICK
    done = against((fault.behaviour,), effort)
    found = wrong(done)
    assert not done.with_outcome(Outcome.ERROR)
    assert set(fault.must) <= set(found), "missed"
    assert set(found) <= {*fault.must, *fault.may}, f"wrongly reported: {found}"
    assert (done.verdict is Verdict.NON_CONFORMANT) is bool(done.with_outcome(Outcome.FAILED))


@pytest.mark.parametrize("oddity", ODDITIES, ids=lambda one: one.id)
@pytest.mark.parametrize("effort", [Effort.QUICK, Effort.STANDARD])
def test_an_oddity_is_conformant(oddity: Oddity, effort: Effort) -> None:
    behaviours = () if oddity.behaviour is object else (oddity.behaviour,)
    done = against(behaviours, effort, oddity.inputs, oddity.base_path or BASE_PATH)
    assert done.verdict is Verdict.CONFORMANT, done.reason
    assert set(wrong(done)) <= set(oddity.warns), wrong(done)


def test_every_binding_requirement_is_proven_by_two_faults() -> None:
    proven = Counter(one for fault in FAULTS for one in fault.must)
    binding = [one for one in CONTRACT.catalogue.requirements if one.level != "MAY" and not one.not_assessed]
    assert [one.id for one in binding if proven[one.id] < 2] == []


def test_there_are_many_of_both() -> None:
    assert len(FAULTS) >= 200
    assert len(ODDITIES) >= 40


def explored(*behaviours: type) -> dict[str, int]:
    """The lengths of the shortest histories that hypothesis alone finds, by requirement."""
    clock = VirtualClock()
    target = parse(BASE + BASE_PATH, CONTRACT)
    settings = Settings(inputs=EXAMPLES, nonce="histories")
    with Database() as database:
        app = deployment([room(database=database, clock=clock, behaviours=behaviours)])
        client = Client(target.base_url, clock=clock, transport=InProcessTransport(app))
        session = Session(CONTRACT, client, settings, Scope(), redactor_for(CONTRACT, settings, target))
        Explorer(session).run(GrantMachine)
    return {requirement: len(numbers) for requirement, numbers in session.histories.items()}


STATEFUL = (
    "verdict-of-the-call-before",
    "identity-of-the-call-before",
    "revocation-sticks",
    "grant-sticks",
    "first-verdict-kept",
    "verdict-kept-by-length",
    "second-call-200",
    "second-call-string",
    "consensus-counts-down",
    "concurrent-identity",
)


@pytest.mark.parametrize("name", STATEFUL)
def test_a_short_history_shows_a_stateful_fault(name: str) -> None:
    fault = next(one for one in FAULTS if one.id == f"{CONTRACT.name}.{name}")
    found = explored(fault.behaviour)
    assert found
    assert min(found.values()) <= 3


def test_no_history_accuses_the_reference() -> None:
    assert explored() == {}
