"""A search for broken histories alone, in process, against a case of the proof."""

from __future__ import annotations

from importlib import import_module

from conformance.clock import VirtualClock
from conformance.contract import Effort, Settings
from conformance.exploration import Explorer
from conformance.outcome import Diagnosis
from conformance.proof.cases import HOST, START, Case, setting
from conformance.reference.application import Room, deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.registry import find
from conformance.session import Narrowing, Session, scope_of
from conformance.target import parse, redactor_for
from conformance.wire.client import Client
from conformance.wire.limits import Limits

MACHINES = {
    "open-attestation": ("open_attestation", "StatusMachine"),
    "dcp": ("dcp", "RequestMachine"),
    "tydids": ("tydids", "GrantMachine"),
}
SEARCH = 120
"""Requests that a search may spend."""


def explored(case: Case, search: int = SEARCH, concurrency: int = 4, *, again: bool = False) -> Session:
    """The session of a search against `case` that no check has gone before; with `again` what it found is sent again."""
    contract = find(case.contract)
    reference = contract.module("reference")
    chosen = Settings(inputs=reference.EXAMPLES, nonce="faults", effort=Effort.DEEP)
    target = parse(HOST + reference.BASE_PATH, contract)
    clock = VirtualClock(START)
    package, name = MACHINES[case.contract]
    machine = getattr(import_module(f"conformance.contracts.{package}.machine"), name)
    with Database() as database:
        app = reference.build(
            reference.EXAMPLES, database=database, clock=clock, behaviours=setting(case).behaviours
        )
        room = Room(contract.name, reference.BASE_PATH, app)
        client = Client(
            target.base_url,
            clock=clock,
            limits=Limits(concurrency=concurrency),
            transport=InProcessTransport(deployment([room])),
        )
        scope = scope_of(contract, chosen, Narrowing())
        session = Session(contract, client, chosen, scope, redactor_for(contract, chosen, target))
        Explorer(session).run(machine, share=search / 900)
        if again:
            session.reproduce()
        client.close()
    return session


def reproduced(contract: str, fault: str) -> dict[str, Diagnosis]:
    """The causes that a search finds against a fault, sent again, by the first requirement that each breaks."""
    done = explored(Case(contract, "fault", f"{contract}.{fault}"), again=True).finish()
    found: dict[str, Diagnosis] = {}
    for one in done.diagnosis:
        for requirement in one.requirements:
            found.setdefault(requirement, one)
    return found
