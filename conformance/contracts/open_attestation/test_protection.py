"""Checks that hashes never share state, and that only the key writes: at the same time, and one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Guarded:
    """A hash that is written to without the right key: `refused` is tried, written with the key, and replaced."""

    target: str
    refused: int
    current: int


def later(function: Callable[..., Exchange]) -> Callable[..., Call]:
    """`function` as one that only makes the calls, for others to make them together."""
    return partial(partial, function)


@pytest.mark.requirement("OA-I1", "OA-I2", "OA-R2", "OA-R5", "OA-R6", "OA-R10", "OA-W1", "OA-W2", "OA-W3")
@pytest.mark.requirement("OA-A1", "OA-A2")
@pytest.mark.needs("api-key")
@pytest.mark.writes
def test_hashes_are_separate_and_only_the_key_writes(deployment: Any) -> None:
    """Hashes that look alike are written at the same time, another one without the key; then wrong keys are tried.

    A refused write is tried on a new hash, then on one that once had the status and now has another; in between the
    same write with the key works. What the last attempts left behind, the last check shows.
    """
    alike = lookalikes(deployment.fresh("lookalike"))
    values = [deployment.value() or 1 for _ in alike[:3]]
    keyless, guessed = guarded(deployment, "no key"), guarded(deployment, "wrong key")
    together = at_once(deployment, alike, values, keyless)
    for _ in range(ROUNDS):
        answers = deployment.client.gather(together)
        if not mixed_up(deployment, answers):
            break
    for calls in (
        after(deployment, alike, keyless, guessed),
        *controls(deployment, alike, keyless, guessed),
        refusals(deployment, keyless, guessed),
    ):
        deployment.client.gather(calls)


def guarded(deployment: Any, label: str) -> Guarded:
    """A new hash with two values, of which the refused one is not 0, and one that is taken where few are."""
    first, second = deployment.value(), deployment.value()
    taken = deployment.values.taken if deployment.values.narrow else [first]
    fits = first and first in taken
    return Guarded(deployment.fresh(label), *((first, second) if fits else (second, first)))


def at_once(deployment: Any, alike: Sequence[str], values: Sequence[int], keyless: Guarded) -> list[Call]:
    """Writes at the same time, one of them without the key."""
    write = later(deployment.write)
    first, *others = [write(*one) for one in zip(alike, values, strict=False)]
    return [first, write(keyless.target, keyless.refused, "none"), *others]


def mixed_up(deployment: Any, answers: Sequence[Exchange]) -> bool:
    """Whether a write with the key, which works elsewhere, was refused like the one without it that went beside it."""
    keyed = [one for one in answers if one.intent["credential"] == "key"]
    return deployment.first_write() is not None and any(one.status in (401, 403) for one in keyed)


def after(deployment: Any, alike: Sequence[str], keyless: Guarded, guessed: Guarded) -> list[Call]:
    """Reads of what was written, and an attempt with a random key on a new hash."""
    return [
        later(deployment.write)(guessed.target, guessed.refused, "random"),
        later(deployment.read)(keyless.target),
        *(later(deployment.settle)(one) for one in (alike[:1] if deployment.quick else alike[:3:2])),
    ]


def controls(
    deployment: Any, alike: Sequence[str], keyless: Guarded, guessed: Guarded
) -> Iterator[list[Call]]:
    """The refused writes with the key, replaced by others; in a quick run without the reads that are not needed.

    Each write has only reads beside it: what two of them may spoil for each other has shown by now, and would show
    here as something else.
    """
    write, settle = later(deployment.write), later(deployment.settle)
    reads = [] if deployment.quick else [settle(one.target) for one in (keyless, guessed)]
    looks = [later(deployment.read)(one) for one in (guessed.target, alike[-1])]
    yield [write(keyless.target, keyless.refused), *looks, *([] if deployment.quick else [settle(alike[1])])]
    yield [write(guessed.target, guessed.refused), *reads[:1]]
    yield [write(keyless.target, keyless.current), *reads[1:]]
    yield [write(guessed.target, guessed.current), *reads[:1]]
    yield reads[1:]


def refusals(deployment: Any, keyless: Guarded, guessed: Guarded) -> list[Call]:
    """What was refused on new hashes, now on known ones: with each other wrong key, and those of before some times.

    Small values, which others may have written too, are tried on a hash of their own, the current one among them.
    """
    write, few = later(deployment.write), deployment.quick
    wrong = [name for name in deployment.wrong_keys if name != "random"] + ([] if few else ["random"])
    small = deployment.fresh("small values")
    return [
        write(keyless.target, keyless.refused, "none"),
        *(write(small, status, "none") for status in (() if few else (1, 0))),
        *(write(guessed.target, guessed.refused, name) for name in wrong),
    ]
