"""Checks of identities that have not revoked."""

from __future__ import annotations

import pytest

from conformance.contracts.tydids.driver import Driver

pytestmark = pytest.mark.needs("granted")


@pytest.mark.requirement("TY-G1", "TY-G2", "TY-G3", "TY-G4", "TY-C2", "TY-C4", "TY-P1")
def test_an_identity_that_has_not_revoked_is_granted(deployment: Driver, granted: str) -> None:
    deployment.repeatedly(lambda: deployment.granted(granted))
