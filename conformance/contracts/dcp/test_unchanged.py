"""Known requests, looked at for some time after everything else."""

from __future__ import annotations

import pytest

from conformance.contracts.dcp.driver import Driver


@pytest.mark.last
@pytest.mark.needs("token", "request")
@pytest.mark.requirement("DCP-S1", "DCP-S2", "DCP-S10", "DCP-S13")
def test_requests_are_still_the_same(deployment: Driver) -> None:
    """Every known request, half way through the time to watch and at its end."""
    deployment.watch()
