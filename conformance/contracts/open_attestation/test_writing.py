"""Checks of writing and reading back: one document's life, free values, invalid bodies."""

from __future__ import annotations

from typing import Any

import pytest

VALUES = (0, 2, 10, 4294967297)
INVALID = (
    ("not JSON", b'{"status": '),
    ("an object without status", b"{}"),
    ("a null status", b'{"status": null}'),
    ("a JSON array", b"[1]"),
    ("empty", b""),
)
ODD = ('"1"', "1.5", "-1", "true")


@pytest.mark.requirement("OA-W1", "OA-W2", "OA-W3", "OA-W4", "OA-W5", "OA-W6", "OA-I1")
@pytest.mark.requirement("OA-R1", "OA-R2", "OA-R3", "OA-R4", "OA-R5", "OA-R6", "OA-R7", "OA-R8", "OA-R9")
@pytest.mark.requirement("OA-R14", "OA-R15", "OA-R17")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_life_of_a_document(deployment: Any) -> None:
    """A document becomes stale, stays listed, and its status goes up and down."""
    target = deployment.fresh("life")
    first = deployment.write(target, 1)
    if first.status in (400, 404, 413, 414, 422):
        deployment.write(deployment.fresh("life")[:16], 1)
    deployment.settle(target)
    for status in (2, 1, 3, 1, 5):
        deployment.write(target, status)
        deployment.settle(target)
    for _ in range(3):
        deployment.read(target)


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
    """A body without an integer status is refused and records nothing; then a valid one is accepted."""
    target = deployment.fresh("invalid")
    for case, body in INVALID:
        deployment.write_raw(target, body, case, "invalid")
    deployment.read(target)
    deployment.read(target)
    deployment.write(target, deployment.value())


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
