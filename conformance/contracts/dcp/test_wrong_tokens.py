"""Known requests, read with wrong tokens beside reads with the right one.

This comes late: a deployment may shut a client out after several wrong tokens.
"""

from __future__ import annotations

from functools import partial

import pytest

from conformance.contracts.dcp.driver import Driver


@pytest.mark.needs("token", "request")
@pytest.mark.requirement("DCP-E2", "DCP-E5")
def test_wrong_token_no_answer(deployment: Driver) -> None:
    """Every wrong token for the first request, garbage for the others."""
    first = deployment.known[0].id
    wrong = deployment.wrong_tokens
    deployment.insist(deployment.beside([partial(deployment.read, first, name) for name in wrong]))
    deployment.read(first)
    if not deployment.quick:
        others = deployment.others
        deployment.at_once([(other, name) for other in others for name in ("token", "garbage")])
        deployment.read(first)
