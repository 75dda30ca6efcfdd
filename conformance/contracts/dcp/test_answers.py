"""Known requests, read with the token: their answers, their states, and that they stay as they are."""

from __future__ import annotations

import pytest

from conformance.contracts.dcp.driver import Driver

pytestmark = pytest.mark.needs("token", "request")
FEW, MANY, MOST = 6, 8, 12
IN_TURN = 4


@pytest.mark.requirement("DCP-S1", "DCP-S2", "DCP-S3", "DCP-S4", "DCP-S5", "DCP-S6", "DCP-S7", "DCP-S8")
@pytest.mark.requirement("DCP-S9", "DCP-S11", "DCP-S12", "DCP-O1", "DCP-O2")
def test_known_requests_are_answered(deployment: Driver) -> None:
    """Every known request, with the token; what breaks the server is asked for again."""
    deployment.insist(deployment.at_once([(one.id, "token") for one in deployment.known]))


@pytest.mark.requirement("DCP-S10", "DCP-S13", "DCP-S14")
def test_requests_keep_what_they_say(deployment: Driver) -> None:
    """Some known requests in turn."""
    for one in deployment.known[:IN_TURN]:
        deployment.read(one.id)


@pytest.mark.requirement("DCP-S10", "DCP-S13", "DCP-S14", "DCP-E1")
def test_requests_in_flight_together(deployment: Driver) -> None:
    """Known requests at the same time, among them reads without a token."""
    known = [one.id for one in deployment.known]
    number = FEW if deployment.quick else min(max(MANY, 2 * len(known)), MOST)
    reads = [(known[turn % len(known)], "token") for turn in range(number)]
    reads.insert(3, (known[0], "none"))
    reads.insert(7, (known[(number - 1) % len(known)], "none"))
    deployment.at_once(reads)
