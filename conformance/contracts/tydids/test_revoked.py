"""Checks of identities that have revoked."""

from __future__ import annotations

import pytest

from conformance.contracts.tydids.driver import Driver

pytestmark = pytest.mark.needs("revoked")


@pytest.mark.requirement(
    "TY-R1", "TY-R2", "TY-R3", "TY-R4", "TY-R5", "TY-R6", "TY-R7", "TY-C2", "TY-C4", "TY-P1"
)
def test_an_identity_that_has_revoked_is_revoked(deployment: Driver, revoked: str) -> None:
    deployment.repeatedly(lambda: deployment.revoked(revoked))
