"""Generated checks: hypothesis looks for a history of reads that breaks the contract."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.requirement(
    "DCP-S1", "DCP-S2", "DCP-S3", "DCP-S4", "DCP-S6", "DCP-S9", "DCP-S10", "DCP-S13", "DCP-S14"
)
@pytest.mark.requirement("DCP-E1", "DCP-E2", "DCP-E3", "DCP-E5")
@pytest.mark.needs("token", "request")
@pytest.mark.generated
@pytest.mark.last
def test_no_history_breaks_the_contract(explorer: Any) -> None:
    """Reads of known and of unknown requests, with the token and without, in any order."""
    from conformance.contracts.dcp.machine import RequestMachine

    explorer.run(RequestMachine)
