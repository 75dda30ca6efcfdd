"""The faults and oddities of the grant status as a set; each of them is judged in test_proof.py."""

from __future__ import annotations

from collections import Counter

from conformance.contracts.tydids import CONTRACT
from conformance.contracts.tydids.faults import FAULTS
from conformance.contracts.tydids.oddities import ODDITIES


def test_every_binding_requirement_is_proven_by_two_faults() -> None:
    proven = Counter(one for fault in FAULTS for one in fault.must)
    binding = [one for one in CONTRACT.catalogue.requirements if one.level != "MAY" and not one.not_assessed]
    assert [one.id for one in binding if proven[one.id] < 2] == []


def test_there_are_many_of_both() -> None:
    assert len(FAULTS) >= 200
    assert len(ODDITIES) >= 40


def test_hardly_a_fault_is_allowed_to_be_reported_by_others() -> None:
    assert sum(len(fault.may) for fault in FAULTS) <= len(FAULTS) // 20
