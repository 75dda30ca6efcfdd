"""Ids that nobody has, read with the token beside a known request."""

from __future__ import annotations

from functools import partial

import pytest

from conformance.contracts.dcp.driver import Driver

pytestmark = pytest.mark.needs("token", "request")
WISHES = ("*/*", "application/json")


@pytest.mark.requirement("DCP-E3", "DCP-E5")
def test_unknown_requests(deployment: Driver) -> None:
    """Unknown ids and near misses; the first is asked for again, since reading must not make it known."""
    unknown = deployment.unknown
    deployment.insist(deployment.beside([partial(deployment.read_unknown, one) for one in unknown]))
    again = [partial(deployment.read_unknown, unknown[0], accept=wish) for wish in WISHES]
    deployment.client.gather(again[:1] if deployment.quick else again)
    deployment.read(deployment.known[0].id)
