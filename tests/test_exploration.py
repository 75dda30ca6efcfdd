"""Histories: what hypothesis finds alone, how it is shown again, and what it costs."""

from __future__ import annotations

import pytest
from hypothesis.internal.conjecture import providers

from conformance.exploration import BROKEN
from conformance.proof.cases import Case
from conformance.registry import BUILT_IN

from .explored import SEARCH, explored, reproduced

STATEFUL = {
    "open-attestation": {
        "read-creates-event": "OA-R13",
        "read-counts": "OA-R13",
        "order-oldest-first": "OA-R7",
        "event-id-oldest-wrong": "OA-R5",
        "refusal-records": "OA-A1",
        "refusal-changes-status-only": "OA-A1",
        "hash-first-63": "OA-I2",
        "hash-as-float": "OA-I2",
        "events-global": "OA-I2",
    },
    "dcp": {
        "state-on-second-read": "DCP-S10",
        "state-goes-back": "DCP-S10",
        "state-flips": "DCP-S10",
        "state-cycles": "DCP-S10",
        "state-after-refusal": "DCP-S10",
        "state-poisoned-by-unknown": "DCP-S10",
        "issuer-pid-new-each-read": "DCP-S13",
        "holder-pid-vanishes": "DCP-S3",
        "code-304": "DCP-S1",
        "token-optional": "DCP-E1",
        "token-any": "DCP-E2",
        "token-once-per-client": "DCP-E1",
        "unknown-is-received": "DCP-E3",
        "unknown-made-known": "DCP-E3",
        "unknown-shows-similar": "DCP-E5",
    },
    "tydids": {
        "verdict-of-the-call-before": "TY-R1",
        "identity-of-the-call-before": "TY-G1",
        "grant-sticks": "TY-R1",
        "first-verdict-kept": "TY-R1",
        "verdict-kept-by-length": "TY-R1",
        "second-call-200": "TY-R1",
        "second-call-string": "TY-G3",
        "consensus-counts-down": "TY-C3",
        "concurrent-identity": "TY-R1",
    },
}
CASES = [(name, fault, found) for name, faults in STATEFUL.items() for fault, found in faults.items()]
FEW = 3


@pytest.mark.parametrize(("contract", "fault", "requirement"), CASES)
def test_a_stateful_fault_is_shown_by_a_short_history(contract: str, fault: str, requirement: str) -> None:
    found = reproduced(contract, fault)
    assert requirement in found
    assert len(found[requirement].reproduction) >= 1
    assert found[requirement].reproduced or len(found[requirement].reproduction) <= FEW


@pytest.mark.parametrize("contract", BUILT_IN)
def test_no_history_breaks_the_reference(contract: str) -> None:
    session = explored(Case(contract, "healthy"))
    assert session.judge() == [] or not {one.outcome for one in session.judge()} & set(BROKEN)
    assert len([one for one in session.client.exchanges if not one.superseded]) <= SEARCH


@pytest.mark.parametrize("contract", BUILT_IN)
def test_a_broken_deployment_costs_no_more_than_a_right_one(contract: str) -> None:
    fault = next(iter(STATEFUL[contract]))
    first, again = (explored(Case(contract, "fault", f"{contract}.{fault}"), concurrency=1) for _ in range(2))
    sent = [one.request for one in first.client.exchanges]
    assert len(sent) <= SEARCH
    assert sent == [one.request for one in again.client.exchanges]


def test_what_is_drawn_depends_on_no_other_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis would take numbers from the source of whatever is imported."""
    read: list[object] = []
    monkeypatch.setattr(providers, "constants_from_module", read.append)
    monkeypatch.setattr(providers, "_seen_modules", set())
    monkeypatch.setattr(providers, "_sys_modules_len", None)
    explored(Case("open-attestation", "healthy"))
    assert read == []
