"""Which hashes did not show what they had to when they were looked at, and have to be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from conformance.contracts.open_attestation.history import lost
from conformance.contracts.open_attestation.model import View, complaints
from conformance.evidence import Answer, answer, member
from conformance.wire.strict import show


def doubt(seen: View, target: str, *, readable: bool) -> bool:
    """Whether the last read of `target` left a doubt; `readable` tells that a form of reading is known to be let in."""
    history = seen.histories.get(target)
    if history is None or not history.reads:
        return False
    last = history.reads[-1]
    if last.status in (401, 403) and readable:
        return True
    if history.tainted(last):
        odd = [w for w in history.writes if w.op == "odd" and answer(w.exchange) is Answer.ACCEPTED]
        return any(show(member(last, "status")) != w.case for w in odd)
    return bool(history.acknowledged()) and bool(complaints(seen, last) or lost(last, history))


def relapse(seen: View, targets: Iterable[str]) -> bool:
    """Whether one of `targets` once showed what it had to, and then did not any more."""
    for history in (seen.histories[target] for target in targets):
        for first, second in pairwise(history.reads):
            same = history.acknowledged(first) == history.acknowledged(second)
            wrong = answer(second) is not Answer.UNDECIDED and complaints(seen, second)
            if same and wrong and not complaints(seen, first):
                return True
    return False
