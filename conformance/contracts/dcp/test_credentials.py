"""Known requests, read without the token or with a wrong one, beside reads with the right one."""

from __future__ import annotations

import pytest

from conformance.contracts.dcp.driver import Driver

pytestmark = pytest.mark.needs("token", "request")
TURNS = ("token", "none", "none", "token", "none", "token")
BATCH = 4


@pytest.mark.requirement("DCP-E1", "DCP-E5")
def test_no_token_no_answer(deployment: Driver) -> None:
    """Reads with and without a token take turns, unevenly, so that caches and flapping are noticed."""
    first, *others = (one.id for one in deployment.known)
    for name in TURNS:
        deployment.read(first, name)
    for other in others:
        deployment.read(other)
        deployment.read(other, "none")


@pytest.mark.requirement("DCP-E2", "DCP-E5")
def test_wrong_token_no_answer(deployment: Driver) -> None:
    """Every wrong token for the first request, garbage for the others."""
    first, *others = (one.id for one in deployment.known)
    wrong = deployment.wrong_tokens
    for start in range(0, len(wrong), BATCH):
        deployment.read(first)
        deployment.at_once([(first, name) for name in wrong[start : start + BATCH]])
    deployment.read(first)
    for other in others:
        deployment.at_once([(other, "token"), (other, "garbage")])
