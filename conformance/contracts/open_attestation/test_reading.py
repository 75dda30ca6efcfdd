"""Checks of reading hashes, written or not."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.requirement("OA-R10", "OA-R11", "OA-R13", "OA-R3", "OA-R15")
@pytest.mark.parametrize("number", range(2))
def test_unwritten_hash_has_status_zero(deployment: Any, number: int) -> None:
    """A hash that nobody wrote has status 0 and no events, however often it is read."""
    target = deployment.fresh(f"unwritten {number}")
    for _ in range(3):
        deployment.read(target)


@pytest.mark.requirement("OA-R12")
@pytest.mark.needs("api-key")
def test_the_printed_request_works(deployment: Any) -> None:
    """GET with the key, Content-Type: application/json and no body."""
    deployment.read(deployment.fresh("unwritten 0"), "printed")


@pytest.mark.requirement("OA-A3", "OA-R2")
def test_reading_without_a_key(deployment: Any) -> None:
    """What a reader without a key gets; if it is an answer, it is the right one."""
    deployment.look(deployment.fresh("life"), "keyless")


@pytest.mark.requirement("OA-R16")
def test_reading_from_a_page(deployment: Any) -> None:
    """Whether a page of another origin may read the answer."""
    deployment.look(deployment.fresh("life"), "page")


@pytest.mark.requirement("OA-R1", "OA-R3", "OA-R4", "OA-R5", "OA-R7", "OA-R8", "OA-R15")
def test_known_hash(deployment: Any, known: str) -> None:
    """A hash that the operator named gives its status and events; it is only read."""
    for _ in range(3):
        deployment.read(known)
