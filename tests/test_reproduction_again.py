"""Findings are sent again on fresh ids, as the shortest history that shows them."""

from __future__ import annotations

import pytest

from conformance.outcome import Diagnosis, Run
from conformance.proof.cases import Case, run_case
from conformance.wire.exchange import AGAIN


def cause_of(run: Run, requirement: str) -> Diagnosis:
    return next(one for one in run.diagnosis if requirement in one.requirements)


@pytest.mark.parametrize(
    ("fault", "requirement", "requests"),
    [
        ("open-attestation.key-not-checked", "OA-A1", 1),
        ("open-attestation.receipt-status-missing", "OA-W3", 1),
        ("dcp.token-optional", "DCP-E1", 1),
        ("tydids.status-boolean", "TY-G2", 1),
    ],
)
def test_a_finding_is_sent_again(fault: str, requirement: str, requests: int) -> None:
    run = run_case(Case(fault.partition(".")[0], "fault", fault))
    cause = cause_of(run, requirement)
    sent = {one.number: one for one in run.exchanges}
    assert cause.reproduced is True
    assert len(cause.reproduction) >= requests
    assert {sent[number].part for number in cause.reproduction} == {AGAIN}


def test_what_was_written_again_went_to_a_fresh_hash() -> None:
    run = run_case(Case("open-attestation", "fault", "open-attestation.key-not-checked"))
    again = {one.request.url for one in run.exchanges if one.part == AGAIN}
    assert again
    assert again.isdisjoint({one.request.url for one in run.exchanges if one.part != AGAIN})


def test_a_right_deployment_is_asked_nothing_again() -> None:
    run = run_case(Case("tydids", "healthy"))
    assert not [one for one in run.exchanges if one.part == AGAIN]
    assert run.diagnosis == ()
