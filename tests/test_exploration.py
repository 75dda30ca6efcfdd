"""Histories: what hypothesis finds alone, how short it is told, and what it costs."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis.internal.conjecture import providers

from conformance.exploration import SHRINKING
from conformance.proof.cases import Case, cases, setting
from conformance.registry import BUILT_IN
from conformance.shortening import FEW

from .explored import SEARCH, explored, histories

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
        "issuer-pid-shared": "DCP-S14",
        "code-304": "DCP-S1",
        "token-optional": "DCP-E1",
        "token-any": "DCP-E2",
        "token-once-per-client": "DCP-E1",
        "refusal-wrong-403": "DCP-E2",
        "unknown-is-received": "DCP-E3",
        "unknown-made-known": "DCP-E3",
        "unknown-403": "DCP-E3",
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
LONGER_BY_NATURE = {
    "open-attestation.default-502",  # once is a gateway's mishap; only every time is a breach
    "tydids.consensus-wraps",  # falls back after several answers
    "tydids.consensus-behind-when-revoked",
    "tydids.flapping-grant-with-time",  # right most of the time
    "tydids.forgotten-is-granted",  # known only while nothing else was asked for in between
}
"""Faults that no three requests show."""


@pytest.mark.parametrize(("contract", "fault", "requirement"), CASES)
def test_a_stateful_fault_is_shown_by_a_short_history(contract: str, fault: str, requirement: str) -> None:
    found = histories(contract, fault)
    assert requirement in found
    assert found[requirement].reproduced
    assert len(found[requirement].exchanges) <= FEW


@pytest.mark.slow
@pytest.mark.parametrize("case", list(chain.from_iterable(map(cases, BUILT_IN))), ids=lambda case: case.name)
def test_every_fault_that_is_found_again_has_a_short_history(case: Case) -> None:
    if case.kind != "fault" or setting(case).wire or case.name in LONGER_BY_NATURE:
        pytest.skip("not a fault that a few requests can show")
    found = [one for one in explored(case).histories.values() if one.reproduced]
    assert not found or min(len(one.exchanges) for one in found) <= FEW


@pytest.mark.parametrize(
    ("contract", "fault", "requirement"),
    [
        ("dcp", "state-on-second-read", "DCP-S13"),
        ("tydids", "first-call-granted", "TY-R1"),
        ("tydids", "consensus-falls-once", "TY-C3"),
    ],
)
def test_what_cannot_be_repeated_is_told_as_it_was_found(contract: str, fault: str, requirement: str) -> None:
    assert not histories(contract, fault)[requirement].reproduced


@pytest.mark.parametrize("contract", BUILT_IN)
def test_no_history_breaks_the_reference(contract: str) -> None:
    session = explored(Case(contract, "healthy"))
    assert session.histories == {}
    assert len([one for one in session.client.exchanges if not one.superseded]) <= SEARCH


@pytest.mark.parametrize("contract", BUILT_IN)
def test_a_broken_deployment_costs_no_more_than_the_allowance(contract: str) -> None:
    fault = next(iter(STATEFUL[contract]))
    first, again = (explored(Case(contract, "fault", f"{contract}.{fault}"), concurrency=1) for _ in range(2))
    sent = [one.request for one in first.client.exchanges]
    assert len(sent) <= SEARCH + SHRINKING
    assert sent == [one.request for one in again.client.exchanges]


def test_what_is_drawn_depends_on_no_other_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis would take numbers from the source of whatever is imported."""
    read: list[object] = []
    monkeypatch.setattr(providers, "constants_from_module", read.append)
    monkeypatch.setattr(providers, "_seen_modules", set())
    monkeypatch.setattr(providers, "_sys_modules_len", None)
    explored(Case("open-attestation", "healthy"))
    assert read == []


def test_a_history_is_shown_with_the_plainest_values() -> None:
    session = explored(Case("open-attestation", "fault", "open-attestation.refusal-records"))
    numbers = session.histories["OA-A1"].exchanges
    bodies = [one.request.body for one in session.client.exchanges if one.number in numbers]
    assert bodies[0] == b'{"status": 1}'
