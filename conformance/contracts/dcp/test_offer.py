"""What can be asked without a token."""

from __future__ import annotations

import pytest

from conformance.contracts.dcp.driver import Driver


@pytest.mark.requirement("DCP-O1", "DCP-O2")
def test_what_answers_without_a_token(deployment: Driver) -> None:
    """An unknown request; without a token the known ones too, since nobody may see them so."""
    deployment.read(deployment.fresh("offer"), "none")
    if not deployment.wrong_tokens:
        for one in deployment.known:
            deployment.read(one.id, "none")
