"""Known requests, read without a token, beside reads with it."""

from __future__ import annotations

import pytest

from conformance.contracts.dcp.driver import Driver

pytestmark = pytest.mark.needs("token", "request")
TURNS = ("token", "none", "none", "token", "none", "token")


@pytest.mark.requirement("DCP-E1", "DCP-E5")
def test_no_token_no_answer(deployment: Driver) -> None:
    """Reads with and without a token take turns, unevenly, so that caches and flapping are noticed."""
    first = deployment.known[0].id
    for name in TURNS[:4] if deployment.quick else TURNS:
        deployment.read(first, name)
    others = deployment.others
    deployment.at_once([(other, name) for other in others for name in ("token", "none")])
    deployment.read(first)
