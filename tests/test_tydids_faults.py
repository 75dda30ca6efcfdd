"""The faults and oddities of the grant status as a set; each of them is judged in test_proof.py."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.clock import VirtualClock
from conformance.contract import Settings
from conformance.contracts.tydids import CONTRACT
from conformance.contracts.tydids.faults import FAULTS
from conformance.contracts.tydids.machine import GrantMachine
from conformance.contracts.tydids.oddities import ODDITIES
from conformance.contracts.tydids.reference import BASE_PATH, EXAMPLES, room
from conformance.exploration import Explorer
from conformance.outcome import Scope
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.session import Session
from conformance.target import parse, redactor_for
from conformance.wire.client import Client

BASE = "http://deployment.test"


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
