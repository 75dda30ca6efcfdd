"""Known requests, read without the token or with a wrong one, beside reads with the right one."""

from __future__ import annotations

from functools import partial

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
