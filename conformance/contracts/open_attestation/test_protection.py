"""Checks of the key: refused writes change nothing, and the same write with the key works."""

from __future__ import annotations

from typing import Any

import pytest


def attempt(deployment: Any, label: str, credentials: tuple[str, ...]) -> None:
    """Write a value with the key, replace it, then try to write it again with each of `credentials`, and look."""
    target, refused, current = deployment.fresh(label), deployment.value(), deployment.value()
    for status in (refused, current):
        deployment.write(target, status)
        deployment.settle(target)
    for credential in credentials:
        deployment.write(target, refused, credential)
        deployment.read(target)


@pytest.mark.requirement("OA-A1")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_no_key_no_write(deployment: Any) -> None:
    """Without the key nothing can be written."""
    attempt(deployment, "no key", ("none", "none"))


@pytest.mark.requirement("OA-A2")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_wrong_key_no_write(deployment: Any) -> None:
    """With a key that is random, empty or nearly right nothing can be written."""
    attempt(deployment, "wrong key", (*deployment.wrong_keys, "random"))


@pytest.mark.requirement("OA-A1", "OA-A2", "OA-R10")
@pytest.mark.needs("api-key")
@pytest.mark.writes
@pytest.mark.parametrize("credential", ["none", "random"])
def test_refused_write_creates_nothing(deployment: Any, credential: str) -> None:
    """A refused first write to a hash leaves it unwritten; the same write with the key is accepted."""
    target, refused = deployment.fresh(f"refused first {credential}"), deployment.value() or 1
    deployment.write(target, refused, credential)
    deployment.read(target)
    deployment.write(target, refused)
    deployment.settle(target)
