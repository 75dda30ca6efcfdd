"""Ids that cannot be one, read with the token beside a known request."""

from __future__ import annotations

import pytest

from conformance.contracts.dcp import ids
from conformance.contracts.dcp.driver import Driver


@pytest.mark.needs("token", "request")
@pytest.mark.requirement("DCP-E4", "DCP-E5")
def test_odd_ids(deployment: Driver) -> None:
    """One after the other; after a dropped connection an ordinary read comes before the next."""
    known = deployment.known[0].id
    deployment.read(known)
    for odd in ids.odd_ids(known):
        if deployment.read_odd(odd).response is None:
            deployment.read(known)
    deployment.read(known)
