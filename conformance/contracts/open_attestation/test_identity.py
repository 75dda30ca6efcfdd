"""Checks that hashes never share state, also when they look alike or are written at the same time."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest


def _other(digit: str) -> str:
    return "0" if digit != "0" else "1"


def lookalikes(target: str) -> tuple[str, ...]:
    """Hashes that differ from `target` in one digit: the last, the first (now a leading zero), one in the middle."""
    middle, start = len(target) // 2, 2 if target.startswith("0x") else 0
    return (
        target[:-1] + _other(target[-1]),
        target[:start] + _other(target[start]) + target[start + 1 :],
        target[:middle] + _other(target[middle]) + target[middle + 1 :],
    )


@pytest.mark.requirement("OA-I1", "OA-I2", "OA-R2", "OA-R5", "OA-R10")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_lookalikes_are_separate(deployment: Any) -> None:
    """Hashes with a long common prefix or suffix have their own status and events."""
    target = deployment.fresh("lookalike")
    last, first, middle = lookalikes(target)
    deployment.write(target, deployment.value())
    deployment.settle(target)
    deployment.client.gather([partial(deployment.read, one) for one in (last, first, middle)])
    for one in (last, first):
        deployment.write(one, deployment.value())
        deployment.settle(one)
    for one in (target, last, first, middle):
        deployment.read(one)


@pytest.mark.requirement("OA-I2", "OA-W2", "OA-W3", "OA-R2", "OA-R6", "OA-A1")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_writes_at_the_same_time_are_separate(deployment: Any) -> None:
    """Writes to different hashes at the same time get their own receipts, and read back; one has no key."""
    targets = [deployment.fresh(f"at once {number}") for number in range(4)]
    values = [deployment.value() or 1 for _ in targets]
    calls = [partial(deployment.write, *pair, spaced=False) for pair in zip(targets, values, strict=True)]
    calls[1] = partial(calls[1], credential="none")
    deployment.client.gather(calls)
    deployment.client.gather([partial(deployment.settle, one) for one in targets])
    deployment.write(targets[1], values[1])
    deployment.client.gather([partial(deployment.settle, one) for one in targets])


@pytest.mark.requirement("OA-I3")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_other_spellings_are_noted(deployment: Any) -> None:
    """What the hash in upper case and with 0x gives; both are unspecified."""
    target = deployment.fresh("spelling")
    deployment.write(target, deployment.value())
    deployment.settle(target)
    deployment.read(target.swapcase(), op="aside", spelling="in the other letter case")
    deployment.read("0x" + target, op="aside", spelling="with 0x in front")
