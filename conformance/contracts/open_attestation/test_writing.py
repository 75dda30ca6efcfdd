"""Checks of what can be written: free values, invalid bodies, odd values."""

from __future__ import annotations

from typing import Any

import pytest

VALUES = (0, 2, 10, 4294967297)
INVALID = (
    ("not JSON", b'{"status": '),
    ("an object without status", b"{}"),
    ("a null status", b'{"status": null}'),
    ("a boolean status", b'{"status": true}'),
    ("a JSON array", b"[1]"),
    ("empty", b""),
)
ODD = ('"1"', "1.5", "-1")


@pytest.mark.requirement("OA-W7", "OA-W1", "OA-W3", "OA-R2", "OA-R6")
@pytest.mark.needs("api-key")
@pytest.mark.writes
@pytest.mark.parametrize("status", VALUES)
def test_any_value_reads_back(deployment: Any, status: int) -> None:
    """Any non-negative integer is accepted and reads back unchanged, over another value."""
    target = deployment.fresh(f"value {status}")
    deployment.write(target, 1)
    deployment.write(target, status, case="value")
    deployment.settle(target)


@pytest.mark.requirement("OA-W8")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_invalid_bodies_record_nothing(deployment: Any) -> None:
    """A body without an integer status is refused and records nothing, be the hash new or written."""
    target = deployment.fresh("invalid")
    for case, body in INVALID:
        deployment.write_raw(target, body, case, "invalid")
    deployment.read(target)
    deployment.write(target, deployment.value())
    deployment.settle(target)
    for case, body in INVALID[:2]:
        deployment.write_raw(target, body, case, "invalid")
    deployment.read(target)


@pytest.mark.requirement("OA-W8")
@pytest.mark.needs("api-key")
@pytest.mark.writes
@pytest.mark.parametrize("value", ODD)
def test_odd_values_read_back_unchanged(deployment: Any, value: str) -> None:
    """Strings, fractions and negatives may be refused or accepted, but never changed."""
    target = deployment.fresh(f"odd {value}")
    written = deployment.write_raw(target, f'{{"status": {value}}}'.encode(), value, "odd")
    if written.status is not None and written.status < 300:
        deployment.settle_odd(target, value)
