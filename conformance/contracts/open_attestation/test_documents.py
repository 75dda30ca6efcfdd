"""Checks of what is written: one document's life, and bodies that hold no plain status; the first ones of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

WIDE = (5003, 1, 2, 1, 0, 10, 4294967297)
FEW = (5003, 1, 0, 4294967297)
INVALID = (
    ("not JSON", b'{"status": 71'),
    ("a null status", b'{"status": null}'),
    ("a boolean status", b'{"status": true}'),
    ("a JSON array", b'[{"status": 72}]'),
    ("an object without status", b"{}"),
    ("empty", b""),
    ("a status with a bracket behind it", b'{"status": 73}]'),
    ("a bare number", b"74"),
)
ODD = ('"1"', "1.5", "-1")


@pytest.mark.requirement("OA-W1", "OA-W2", "OA-W3", "OA-W4", "OA-W5", "OA-W6", "OA-W7", "OA-W8", "OA-I1")
@pytest.mark.requirement("OA-R1", "OA-R2", "OA-R3", "OA-R4", "OA-R5", "OA-R6", "OA-R7", "OA-R8", "OA-R9")
@pytest.mark.requirement("OA-R14", "OA-R15", "OA-R17", "OA-I3")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_documents_are_written(deployment: Any) -> None:
    """A document becomes stale, stays listed, its status goes up and down to any value, and to the one it has; no other body records any.

    It also shows which values and which form of a hash this deployment takes, for the checks that follow.
    """
    target = deployment.find_style()
    deployment.settle(target)
    others = besides(deployment, target)
    for turn, status in enumerate(FEW if deployment.quick else WIDE):
        write(deployment, target, turn, status)
        if status != WIDE[-1]:
            deployment.client.gather([partial(deployment.settle, target), *next(others, [])])
    last = deployment.last_status(target)
    if last is not None:
        deployment.write(target, last)
    deployment.client.gather(invalid(deployment))


def write(deployment: Any, target: str, turn: int, status: int) -> None:
    """Write `status`; where it is known that few values are taken, and this is none of them, one of those as well."""
    case = "" if turn == 0 else "value"
    deployment.write(target, status, case=case)
    values = deployment.values
    if values.narrow and status not in values.taken:
        deployment.write(target, values.other_than(deployment.last_status(target)), case="value")


def besides(deployment: Any, target: str) -> Iterator[list[Callable[[], Any]]]:
    """What goes beside the reads of `target`: other spellings of it, documents to try other bodies and small values on, odd values.

    A reader without the key comes while the second document is written, before anybody has read it, and once more
    when nothing is written any more: neither may be shown an old answer then, nor anybody else. In a quick run the
    reader looks at `target`, whose status is replaced anyway.
    """
    control, spelled = deployment.fresh("invalid"), partial(deployment.read, op="aside")
    settle = partial(deployment.settle, control)
    early = partial(deployment.read, target if deployment.quick else control, "keyless")
    replace = partial(write_amid_a_read, deployment, control)
    small = [] if deployment.quick else [partial(overtaking, deployment, deployment.fresh("small values"))]
    yield [partial(spelled, target.swapcase(), spelling="in the other letter case"), *small]
    yield [partial(deployment.write, control, deployment.value())]
    yield [settle, early] if deployment.quick else [early, replace]
    yield [partial(spelled, "0x" + target, spelling="with 0x in front"), odd(deployment, ODD[0]), settle]
    yield [odd(deployment, value) for value in ODD[1:]]


def write_amid_a_read(deployment: Any, target: str) -> None:
    """A write that begins half as long after a read as the last one took."""
    took = next((e.ended - e.started for e in reversed(deployment.client.exchanges) if not e.writes), 0.0)
    deployment.clock.sleep(took / 2)
    deployment.write(target, deployment.value())


def overtaking(deployment: Any, target: str) -> None:
    """Two writes with nothing in between, which may overtake each other where they are queued; the last one is of 1."""
    deployment.write(target, deployment.value())
    deployment.write(target, 1)


def odd(deployment: Any, value: str) -> Callable[[], Any]:
    """A write of what may be refused or accepted, but never changed, on a hash of its own."""
    body = f'{{"status": {value}}}'.encode()
    return partial(deployment.write_raw, deployment.fresh(f"odd {value}"), body, value, "odd")


def invalid(deployment: Any) -> list[Callable[[], Any]]:
    """Writes of what is no status to a written hash and to a new one; the last check reads both."""
    written, new = deployment.fresh("invalid"), deployment.fresh("invalid first")
    known, first = (INVALID[:4], ()) if deployment.quick else (INVALID, INVALID[4:5])
    pairs = [(written, one) for one in known] + [(new, one) for one in first]
    return [partial(deployment.write_raw, target, body, case, "invalid") for target, (case, body) in pairs]
