"""Known requests, read once more after everything else."""

from __future__ import annotations

from functools import partial

import pytest

from conformance.contracts.dcp.driver import Driver

pytestmark = pytest.mark.needs("token", "request")


@pytest.mark.last
@pytest.mark.requirement("DCP-S1", "DCP-S2", "DCP-S10", "DCP-S13")
def test_requests_are_still_the_same(deployment: Driver) -> None:
    """Every known request, a second after the run began; without a wish for JSON, as the document prints it."""
    deployment.wait_a_while()
    deployment.client.gather([partial(deployment.read, one.id, accept="*/*") for one in deployment.known])
