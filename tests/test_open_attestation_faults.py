"""Runs against Open Attestation as a whole; its faults and oddities are judged one by one in test_proof.py.

Runs are in process and on a virtual clock. Generated checks are off: the written ones have to find everything, and
in quick runs all but a few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.clock import VirtualClock
from conformance.contract import Effort, Settings
from conformance.contracts.open_attestation.faults import FAULTS
from conformance.contracts.open_attestation.oddities import ODDITIES
from conformance.contracts.open_attestation.reference import BASE_PATH, EXAMPLES, room
from conformance.outcome import Outcome, Run, Verdict
from conformance.proof.cases import Case, complaints, faults, missed, row, run_case
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.registry import find
from conformance.runner import Plan, run
from conformance.target import parse

CONTRACT = find("open-attestation")
NEGATIVE = {"OA-A1", "OA-A2", "OA-W8"}
WRONG = (Outcome.FAILED, Outcome.WARNED, Outcome.ERROR)
FIRST = {fault.must[:1]: fault.id for fault in reversed(FAULTS)}
FEW = [fault.id for fault in FAULTS if fault.id in FIRST.values()]
SLOW = [pytest.param(fault.id, marks=pytest.mark.slow) for fault in FAULTS if fault.id not in FEW]
MISSED_WHEN_QUICK = {
    "body-refused-after-record",
    "coerces-fractions",
    "coerces-strings",
    "delivered-twice",
    "events-expire",
    "everything-expires",
    "fades-after-three",
    "first-delivered-again",
    "habit-fraction-truncated",
    "habit-missing-as-zero",
    "habit-string-coerced",
    "hash-magic-zero",
    "invalid-bare-number",
    "invalid-bytes-after",
    "key-beheaded",
    "key-digits-only",
    "key-ends",
    "key-extended",
    "key-first-half",
    "key-for-large-only",
    "key-last-characters",
    "key-other-case",
    "key-repeated",
    "key-same-characters",
    "key-second-half",
    "key-upper-case",
    "last-write-rolled-back",
    "negatives-become-zero",
    "refusal-drops-newest",
    "refusal-records-later",
    "refused-odd-recorded",
    "repeat-needs-no-key",
    "replay-needs-no-key",
    "replay-recorded",
    "same-bytes-ignored",
    "status-fades",
    "status-returns",
    "unwritten-404-on-pages",
}
"""Odd values and bodies, rarer wrong keys, small values without one, and what shows only half a second later: a quick run is over before."""


def against(
    app: ASGIApp, clock: VirtualClock, settings: Mapping[str, Any], base_path: str = BASE_PATH
) -> Run:
    """A run against `app`."""
    chosen = replace(Settings(inputs=EXAMPLES, nonce="faults", fuzz=0), **dict(settings))
    target = parse("http://deployment.test" + base_path, CONTRACT)
    return run(CONTRACT, Plan(target, chosen, transport=InProcessTransport(app), clock=clock))


def against_reference(
    behaviours: Sequence[type] = (), settings: Mapping[str, Any] | None = None, base_path: str = BASE_PATH
) -> Run:
    """A run against the reference deployment with `behaviours` over it."""
    clock = VirtualClock()
    with Database() as database:
        placed = replace(room(database=database, clock=clock, behaviours=behaviours), base_path=base_path)
        return against(deployment([placed]), clock, settings or {}, base_path)


def wrong(done: Run) -> dict[str, str]:
    """What a run complains about, with the first message."""
    return {one.requirement.id: one.findings[0].message for one in done.with_outcome(*WRONG)}


def test_every_binding_requirement_is_proven_by_two_faults() -> None:
    proven = Counter(one for fault in FAULTS for one in fault.must)
    binding = [one for one in CONTRACT.catalogue.requirements if one.level != "MAY" and not one.not_assessed]
    assert [one.id for one in binding if proven[one.id] < 2] == []


def test_faults_and_oddities_are_well_described() -> None:
    ids = [one.id for one in (*FAULTS, *ODDITIES)]
    known = {one.id for one in CONTRACT.catalogue.requirements}
    assert len(set(ids)) == len(ids)
    assert len(FAULTS) >= 55
    assert len(ODDITIES) >= 25
    for one in (*FAULTS, *ODDITIES):
        assert one.id.startswith("open-attestation.")
        assert one.description.endswith(".")
    for fault in FAULTS:
        assert fault.must
        assert {*fault.must, *fault.may} <= known
        assert not {*fault.must} & {*fault.may}


ALWAYS = {
    "always 200": (200, {}),
    "always 401": (401, {"message": "Unauthorized"}),
    "always 403": (403, {"status": "revoked"}),
    "always 404": (404, {"message": "Not Found"}),
    "always 500": (500, {"message": "Internal Server Error"}),
}
EVENT = {"id": "abcd", "status": 1, "timestamp": 1583395314532}


@pytest.mark.parametrize("name", [*ALWAYS, "a copy of the examples"])
def test_a_hopeless_server_passes_no_negative_requirement(name: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        example = EVENT if Request(scope).method == "POST" else {"status": 1, "events": [EVENT]}
        code, body = ALWAYS.get(name, (200, example))
        await JSONResponse(body, code)(scope, receive, send)

    done = against(app, VirtualClock(), {})
    passed = {one.requirement.id for one in done.with_outcome(Outcome.PASSED, Outcome.NOTED)}
    assert done.verdict is not Verdict.CONFORMANT
    assert not done.with_outcome(Outcome.ERROR)
    assert not passed & NEGATIVE


def test_a_run_without_a_key_reads_and_is_incomplete() -> None:
    done = against_reference(settings={"inputs": {}})
    outcomes = {one.requirement.id: one.outcome for one in done.results}
    assert done.verdict is Verdict.INCOMPLETE
    assert not wrong(done)
    assert outcomes["OA-R10"] is outcomes["OA-R11"] is outcomes["OA-R13"] is Outcome.PASSED
    assert outcomes["OA-A1"] is outcomes["OA-W1"] is Outcome.SKIPPED
    assert not any(exchange.writes for exchange in done.exchanges)


def test_a_run_with_the_wrong_key_accuses_nobody() -> None:
    wrong_key = {"inputs": {"api-key": ("not-the-key-at-all-0123456789",)}}
    done = against_reference(settings=wrong_key)
    assert done.verdict is Verdict.INCOMPLETE
    assert not wrong(done)


def test_a_known_hash_is_only_read() -> None:
    inputs = {**EXAMPLES, "known": ("abcd",)}
    done = against_reference(settings={"inputs": inputs, "read_only": True})
    assert done.verdict is Verdict.CONFORMANT
    assert not wrong(done)
    assert not any(exchange.writes for exchange in done.exchanges)


@pytest.mark.parametrize("name", [*FEW, *SLOW])
def test_a_quick_run_accuses_nobody_wrongly_and_misses_little(name: str) -> None:
    case = Case(CONTRACT.name, "fault", name)
    told = row(case, run_case(case, effort=Effort.QUICK), Effort.QUICK)
    overlooked = missed(faults(CONTRACT.name)[name], told)
    assert name.partition(".")[2] in MISSED_WHEN_QUICK or not overlooked
    assert not told.errors
    assert [one for one in complaints(CONTRACT, told) if "not caught" not in one] == []


@pytest.mark.parametrize("name", [one.id for one in ODDITIES])
def test_a_quick_run_lets_oddities_be(name: str) -> None:
    case = Case(CONTRACT.name, "oddity", name)
    assert complaints(CONTRACT, row(case, run_case(case, effort=Effort.QUICK), Effort.QUICK)) == []


@pytest.mark.parametrize("name", sorted(MISSED_WHEN_QUICK))
def test_what_a_quick_run_misses_the_written_checks_find(name: str) -> None:
    fault = next(one for one in FAULTS if one.id.endswith("." + name))
    assert set(fault.must) <= set(wrong(against_reference((fault.behaviour,))))
