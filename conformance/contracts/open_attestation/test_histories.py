"""Generated checks: hypothesis looks for a history of writes and reads that breaks the contract."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.requirement("OA-R2", "OA-R6", "OA-R9", "OA-R10", "OA-R17", "OA-W2", "OA-W3", "OA-W6", "OA-W8")
@pytest.mark.requirement("OA-A1", "OA-A2", "OA-I2", "OA-R5", "OA-R7", "OA-R8")
@pytest.mark.needs("api-key")
@pytest.mark.writes
@pytest.mark.generated
def test_no_history_breaks_the_contract(explorer: Any) -> None:
    """Writes with and without the key, odd values and reads, on hashes that look alike."""
    from conformance.contracts.open_attestation.machine import StatusMachine

    explorer.run(StatusMachine)
