"""Checks of reading hashes, written or not."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest


@pytest.mark.requirement("OA-R10", "OA-R11", "OA-R12", "OA-R13", "OA-R3", "OA-R15")
@pytest.mark.requirement("OA-A3", "OA-R16", "OA-R2")
def test_reading_in_every_form(deployment: Any) -> None:
    """A hash that nobody wrote has status 0 and no events, however often and in whatever form it is read.

    What a reader without a key gets of a written one, if it is an answer, is the right one; so is what a page of
    another origin gets of either. The last check reads the unwritten hashes again.
    """
    life, few = deployment.fresh("life"), deployment.quick
    calls = [
        partial(deployment.read, deployment.fresh("unwritten 0"), "printed"),
        partial(deployment.read, life if few else deployment.fresh("invalid"), "keyless"),
        partial(deployment.read, life, "page"),
    ]
    if not few:
        calls.append(partial(deployment.read, deployment.fresh("unwritten 1"), "page"))
    deployment.client.gather(calls)


@pytest.mark.requirement("OA-R1", "OA-R3", "OA-R4", "OA-R5", "OA-R7", "OA-R8", "OA-R15")
def test_known_hash(deployment: Any, known: str) -> None:
    """A hash that the operator named gives its status and events; it is only read, and by the last check again."""
    deployment.client.gather([partial(deployment.read, known)] * (1 if deployment.quick else 2))
