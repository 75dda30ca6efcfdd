"""Known requests, read without a token, beside reads with it."""

from __future__ import annotations

import pytest

from conformance.contracts.dcp.driver import Driver

pytestmark = pytest.mark.needs("token", "request")
JSON, ANY = "application/json", "*/*"
TURNS = (("token", JSON), ("none", JSON), ("none", ANY), ("token", JSON))


@pytest.mark.requirement("DCP-E1", "DCP-E5")
def test_no_token_no_answer(deployment: Driver) -> None:
    """Reads with and without a token take turns, unevenly, so that caches and flapping are noticed.

    One without a token takes any type, as the document's example does, and one with it: where browsers are sent to
    a page to log in, so are other clients.
    """
    first = deployment.known[0].id
    for name, wish in TURNS:
        deployment.read(first, name, accept=wish)
    others = deployment.others
    deployment.insist(deployment.at_once([(other, name) for other in others for name in ("token", "none")]))
    if not deployment.quick:
        deployment.read(first, "none")
    deployment.read(first, accept=ANY)
