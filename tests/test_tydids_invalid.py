"""Identities that nobody has: made from those that somebody has."""

from __future__ import annotations

import re

import pytest

from conformance.contracts.tydids import invalid
from conformance.contracts.tydids.observations import ADDRESS
from conformance.contracts.tydids.reference import DID

FRESH = "0x" + "7" * 40
SOME = "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7"
KEY = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
NAMED = [
    [],
    [SOME],
    [KEY],
    [KEY, SOME],
    ["alice.eth"],
    ["1001"],
    ["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"],
]


@pytest.mark.parametrize("named", NAMED)
def test_what_is_no_identity_is_neither_an_address_nor_a_did(named: list[str]) -> None:
    cases = {**invalid.malformed(named, FRESH), **invalid.far_off(named, FRESH)}
    wrong = [one for one in cases.values() if ADDRESS.fullmatch(one) or DID.fullmatch(one)]
    assert not wrong
    assert len(set(cases.values())) == len(cases) >= 6


@pytest.mark.parametrize(
    "named", [["alice.eth"], ["1001"], ["urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]]
)
def test_where_identities_look_otherwise_only_what_no_uri_holds_is_none(named: list[str]) -> None:
    cases = {**invalid.malformed(named, FRESH), **invalid.far_off(named, FRESH)}
    assert all(re.search(r"[\0 <>%]", one) for one in cases.values())


@pytest.mark.parametrize(
    ("revoked", "number"),
    [([], 0), (["1001"], 0), (["mallory.eth"], 0), ([SOME], 7), (["1001", SOME], 7), ([KEY], 1)],
)
def test_neighbours_resemble_an_identity_that_is_long_enough_to_be_alone(
    revoked: list[str], number: int
) -> None:
    found = list(invalid.neighbours(revoked, "135790").values())
    assert len(found) == number
    assert not set(found) & set(revoked)
    assert all(len(one) in {len(other) for other in revoked} for one in found)
