"""Known requests, read with wrong tokens beside reads with the right one.

This comes late: a deployment may shut a client out after several wrong tokens.
"""

from __future__ import annotations

import pytest

from conformance.contracts.dcp.driver import Driver


@pytest.mark.needs("token", "request")
@pytest.mark.requirement("DCP-E2", "DCP-E5")
def test_wrong_token_no_answer(deployment: Driver) -> None:
    """Every wrong token, a few for each of the first requests."""
    exchanges = deployment.read_wrongly(deployment.wrong_tokens)
    deployment.insist(exchanges)
    deployment.doubt(exchanges)
    deployment.read(deployment.known[0].id)
