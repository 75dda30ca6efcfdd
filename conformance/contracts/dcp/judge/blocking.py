"""Whether a client was shut out for a while: tokens expire, and guessing may get a client blocked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.contracts.dcp.judge.reads import Read
from conformance.evidence import Answer
from conformance.wire.exchange import GENERATED

DENYING = frozenset({401, 403, 407})
LONG_RUN = 60.0
NODES = 4
MOST_BLOCKS = 2
"""More often than this no deployment shuts a client out within one run and lets it in again."""


def shut_out(proper: Sequence[Read], reads: Sequence[Read], tolerance: float) -> frozenset[int]:
    """The numbers of the proper reads that were denied for a reason that need not be the deployment's.

    The token worked before. Then it was denied everything: for good because it may have expired or was good for one
    use, or for a while after the client had tried wrong tokens or guessed at ids: each time anew.
    """
    good = [read for read in proper if read.answer is Answer.ACCEPTED]
    blocks = list(_blocks(proper, good))
    if len(blocks) > MOST_BLOCKS:
        return frozenset()
    excused: list[Read] = []
    for place, block in enumerate(blocks):
        since = [one for one in reads if not place or not one.before(blocks[place - 1][-1])]
        if _excused(block, good, since, tolerance):
            excused += block
    return frozenset(read.exchange.number for read in excused)


def _blocks(proper: Sequence[Read], good: Sequence[Read]) -> Iterator[list[Read]]:
    """The denied reads, those together between which nothing else was accepted."""
    block: list[Read] = []
    for read in sorted(proper, key=lambda read: read.exchange.started):
        if read.status not in DENYING:
            continue
        if block and any(block[-1].before(one) and one.before(read) for one in good):
            yield block
            block = []
        block.append(read)
    if block:
        yield block


def _excused(block: Sequence[Read], good: Sequence[Read], since: Sequence[Read], tolerance: float) -> bool:
    """`since` are the reads after the block before."""
    first = block[0]
    if all(first.before(one) for one in good):
        return _seen_late(since)
    for_good = not any(first.before(one) for one in good)
    worn = _expired(first, tolerance) or _late(first, good) or _used_up(first, good)
    return (for_good and worn) or _provoked(block, since)


def _expired(read: Read, tolerance: float) -> bool:
    return bool(read.expires) and int(read.expires) <= read.exchange.ended + tolerance


def _seen_late(reads: Sequence[Read]) -> bool:
    """Whether what the client did before is not seen here, as in a generated history: it may have been blocked."""
    return min(read.exchange.number for read in reads) > 1


def _used_up(read: Read, good: Sequence[Read]) -> bool:
    """Whether the token may be good for one use, as a JWT is where its id is remembered (RFC 7519, section 4.1.7).

    Each node of a deployment may remember by itself, and reads in flight together may all be in time.
    """
    return read.jwt and len(good) <= NODES


def _late(read: Read, good: Sequence[Read]) -> bool:
    return read.exchange.ended - min(one.exchange.started for one in good) > LONG_RUN


def _provoked(block: Sequence[Read], reads: Sequence[Read]) -> bool:
    """Whether the first denial may have come after a wrong token, an odd id or an unknown one."""
    ends = min(read.exchange.ended for read in block)
    return any(one.guessing and one.exchange.started <= ends for one in reads)


def open_around(read: Read, proper: Sequence[Read], reads: Sequence[Read]) -> bool:
    """Whether the token surely worked at the time of `read`: in the reads nearest to it, and in those beside it.

    Nobody is blocked before the first request of all; what went before a generated history is not seen.
    """
    before, beside, after = _neighbours(read, proper)
    near = (*before, *beside, *after)
    known_before = bool(before) or read.exchange.number == 1
    steady = known_before and bool(after) and all(one.answer is Answer.ACCEPTED for one in near)
    return steady and not _perhaps_in_between(read, before, reads)


def _perhaps_in_between(read: Read, before: Sequence[Read], reads: Sequence[Read]) -> bool:
    """Whether a block may have begun and ended unseen: a history has few reads between its guesses, and is one of many."""
    if read.exchange.part != GENERATED or read.status not in DENYING:
        return False
    wrong = [one for one in reads if one.guessing and not one.ours and one.before(read)]
    return any(not one.before(last) for one in wrong for last in before)


def closed_around(read: Read, proper: Sequence[Read]) -> bool:
    """Whether the token was denied at the time of `read`, too."""
    return any(one.status in DENYING for near in _neighbours(read, proper) for one in near)


def _neighbours(read: Read, proper: Sequence[Read]) -> tuple[list[Read], list[Read], list[Read]]:
    """The last proper read before `read`, those in flight beside it, and the first one after it."""
    before = [one for one in proper if one.before(read)]
    after = [one for one in proper if read.before(one)]
    beside = [one for one in proper if not (one.before(read) or read.before(one))]
    last = sorted(before, key=lambda one: one.exchange.ended)[-1:]
    first = sorted(after, key=lambda one: one.exchange.started)[:1]
    return last, beside, first
