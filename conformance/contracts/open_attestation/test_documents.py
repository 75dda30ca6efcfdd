"""Checks of one document's life: written, read back, written again; the first ones of a run."""

from __future__ import annotations

from typing import Any

import pytest

WIDE = (2, 1, 3, 1, 5003)
NARROW = (0, 1, 0, 1, 0)


@pytest.mark.requirement("OA-W1", "OA-W2", "OA-W3", "OA-W4", "OA-W5", "OA-W6", "OA-I1")
@pytest.mark.requirement("OA-R1", "OA-R2", "OA-R3", "OA-R4", "OA-R5", "OA-R6", "OA-R7", "OA-R8", "OA-R9")
@pytest.mark.requirement("OA-R14", "OA-R15", "OA-R17")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_life_of_a_document(deployment: Any) -> None:
    """A document becomes stale, stays listed, and its status goes up and down.

    It also shows which values and which form of a hash this deployment takes, for the checks that follow.
    """
    target = deployment.find_style()
    deployment.settle(target)
    for wide, narrow in zip(WIDE, NARROW, strict=True):
        deployment.write(target, narrow if deployment.narrow else wide)
        deployment.settle(target)
    for _ in range(3):
        deployment.read(target)
