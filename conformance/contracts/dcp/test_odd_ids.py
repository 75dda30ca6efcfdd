"""Ids that cannot be one, read with the token beside a known request."""

from __future__ import annotations

from functools import partial

import pytest

from conformance.contracts.dcp import ids
from conformance.contracts.dcp.driver import Driver


@pytest.mark.needs("token", "request")
@pytest.mark.requirement("DCP-E4", "DCP-E5")
def test_odd_ids(deployment: Driver) -> None:
    """A few together with an ordinary read, so that a dropped connection is not the next one's fault."""
    known = deployment.known[0].id
    odd = ids.odd_ids(known, few=deployment.quick)
    deployment.beside([partial(deployment.read_odd, one) for one in odd])
    deployment.read(known)
