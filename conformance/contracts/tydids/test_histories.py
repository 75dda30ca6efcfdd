"""Generated checks: hypothesis looks for a history of questions that breaks the contract."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.requirement(
    "TY-G1", "TY-G2", "TY-G3", "TY-G4", "TY-R1", "TY-R2", "TY-R3", "TY-R4", "TY-R5", "TY-R6"
)
@pytest.mark.requirement(
    "TY-R7", "TY-C1", "TY-C2", "TY-C3", "TY-C4", "TY-I1", "TY-I2", "TY-I3", "TY-I4", "TY-I6"
)
@pytest.mark.generated
def test_no_history_breaks_the_contract(explorer: Any) -> None:
    """Named identities, unknown ones and what is none, in any order, some of them at the same time."""
    from conformance.contracts.tydids.machine import GrantMachine

    explorer.run(GrantMachine)
