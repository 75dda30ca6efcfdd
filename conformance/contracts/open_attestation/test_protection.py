"""Checks that hashes never share state, and that only the key writes: at the same time, and one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from conformance.wire.exchange import Exchange

Call = Callable[[], Exchange]
ROUNDS = 4
"""How often writes are made at the same time when the refusal of one seems to have befallen others."""


def _other(digit: str) -> str:
    return "0" if digit != "0" else "1"


def lookalikes(target: str) -> tuple[str, ...]:
    """`target` and hashes that differ from it in one digit: the first (a leading zero), the last, one in the middle."""
    middle, start = len(target) // 2, 2 if target.startswith("0x") else 0
    return (
        target,
        target[:start] + _other(target[start]) + target[start + 1 :],
        target[:-1] + _other(target[-1]),
        target[:middle] + _other(target[middle]) + target[middle + 1 :],
    )


def later(function: Callable[..., Exchange]) -> Callable[..., Call]:
    """`function` as one that only makes the calls, for others to make them together."""
    return partial(partial, function)


@pytest.mark.requirement("OA-I1", "OA-I2", "OA-R2", "OA-R5", "OA-R6", "OA-R10", "OA-W1", "OA-W2", "OA-W3")
@pytest.mark.requirement("OA-A1", "OA-A2")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_hashes_are_separate_and_only_the_key_writes(deployment: Any) -> None:
    """Hashes of digits that look alike are written at the same time, another one without the key; then wrong keys are tried.

    A refused write is tried on a new hash, then on one that is written with the key in between. Each has a status that
    nothing else writes, so that what one of them leaves tells whose it is.
    """
    alike = lookalikes(deployment.digits("lookalike"))
    keyless, guessed = deployment.fresh("no key"), deployment.fresh("wrong key")
    together = at_once(deployment, alike, keyless)
    for _ in range(ROUNDS):
        answers = deployment.client.gather(together)
        if not mixed_up(deployment, answers):
            break
    for calls in rounds(deployment, alike, keyless, guessed):
        deployment.client.gather(calls)


def rounds(deployment: Any, alike: Sequence[str], keyless: str, guessed: str) -> Iterator[list[Call]]:
    """What is sent together, each round when the one before it is answered."""
    yield after(deployment, alike, guessed)
    yield from controls(deployment, alike, keyless, guessed)
    yield refusals(deployment, keyless, guessed)


def at_once(deployment: Any, alike: Sequence[str], keyless: str) -> list[Call]:
    """Writes at the same time, one of them without the key."""
    write = later(deployment.write)
    first, *others = [write(one, deployment.value() or 1) for one in alike[:3]]
    return [first, write(keyless, deployment.value() or 1, "none"), *others]


def mixed_up(deployment: Any, answers: Sequence[Exchange]) -> bool:
    """Whether a write with the key, which works elsewhere, was refused like the one without it that went beside it."""
    keyed = [one for one in answers if one.intent["credential"] == "key"]
    return deployment.first_write() is not None and any(one.status in (401, 403) for one in keyed)


def after(deployment: Any, alike: Sequence[str], guessed: str) -> list[Call]:
    """Reads of what was written; attempts with a random key, and without one on a hash of digits, both on new hashes."""
    write, settle = later(deployment.write), later(deployment.settle)
    numbers = [] if deployment.quick else [write(deployment.digits("number", "0e"), deployment.value())]
    return [
        write(guessed, deployment.value() or 1, "random"),
        write(alike[-1], deployment.value() or 1, "none"),
        *numbers,
        *(settle(one) for one in (alike[:1] if deployment.quick else alike[:3:2])),
    ]


def controls(deployment: Any, alike: Sequence[str], keyless: str, guessed: str) -> Iterator[list[Call]]:
    """What was refused is read; then the same is done with the key, twice.

    Each write has only reads beside it: what two of them may spoil for each other has shown by now, and would show
    here as something else.
    """
    write, look = later(deployment.write), later(deployment.read)
    former = deployment.value() or 1
    others = [] if deployment.quick else [look(deployment.digits("another number", "0e")), look(alike[1])]
    yield [look(one) for one in (keyless, guessed, alike[-1])]
    yield [write(keyless, former), *others]
    yield [write(guessed, deployment.value())]
    yield [write(keyless, deployment.unwritten_value(keyless))]
    yield [later(deployment.settle)(one) for one in (keyless, guessed)]


def refusals(deployment: Any, keyless: str, guessed: str) -> list[Call]:
    """What was refused on new hashes, now on known ones: without a key, and with each wrong one.

    Without a key the very bytes are sent, too, that the key wrote there before the last ones, and small values on a
    hash of their own, the current one among them.
    """
    write, few = later(deployment.write), deployment.quick
    wrong = [name for name in deployment.wrong_keys if name != "random"] + ([] if few else ["random"])
    small = deployment.fresh("small values")
    return [
        write(keyless, deployment.unwritten_value(keyless), "none"),
        *([] if few else [write(keyless, deployment.former_status(keyless), "none")]),
        *(write(small, status, "none") for status in (() if few else (1, 0))),
        *(write(guessed, deployment.unwritten_value(guessed), name) for name in wrong),
    ]
