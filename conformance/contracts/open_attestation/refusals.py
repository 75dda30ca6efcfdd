"""Causes about writes with the key that are not accepted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.contracts.open_attestation.history import View, Write
from conformance.contracts.open_attestation.model import Change, StatusModel
from conformance.contracts.open_attestation.sight import Sighting
from conformance.diagnosis.cause import Cause, Hypothesis
from conformance.evidence import Answer, answer

PLAIN = re.compile(r"(?=.*[a-f])[0-9a-f]{64}")
"""A hash as the document has them; one of digits alone has no letter case."""
SAME = "the same"


def _legal(view: View) -> list[Write]:
    return [write for write in view.writes if write.kind == "key"]


def _of_form(model: StatusModel, one: Sighting, _: Hypothesis) -> bool:
    """Whether all plain hashes are turned away and others are not."""
    if one.kind != "refused":
        return False
    legal = _legal(model.view)
    plain = [w for w in legal if PLAIN.fullmatch(w.target)]
    refused = all(answer(w.exchange) in (Answer.REFUSED, Answer.BROKEN) for w in plain)
    instead = [w.target for w in legal if w.acknowledged and w not in plain]
    return refused and bool(instead) and one.target not in instead


def _of_value(model: StatusModel, one: Sighting, _: Hypothesis) -> bool:
    """Whether the status is never accepted while others are; a crash counts only beyond what is accepted."""
    if one.kind != "refused" or one.write is None or one.write.status == 1:
        return False
    taken = {w.status for w in model.view.writes if w.acknowledged}
    limit = answer(one.write.exchange) in (Answer.REFUSED, Answer.UNDECIDED) or one.write.status > max(
        taken, default=-1
    )
    return one.write.status not in taken and limit


def values(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, with the statuses that were not accepted."""
    found = [
        s.write.status
        for s in model.sightings().values()
        if s.write and _of_value(model, s, Hypothesis(cause))
    ]
    if found and model.view.key_works:
        yield Hypothesis(cause, detail=", ".join(map(str, dict.fromkeys(found))))


def ways(view: View, write: Write) -> set[str]:
    """How `write` relates to what was written before: lower or higher, and perhaps a status that the hash had."""
    before = view.histories[write.target].acknowledged(write.exchange)
    if not before:
        return set()
    old, new = before[-1].status, write.status
    if new == old:
        return {SAME}
    former = {"former"} if any(w.status == new for w in before) else set()
    return former | {"higher" if new > old else "lower"}


def _of_replacing(model: StatusModel, one: Sighting, _: Hypothesis) -> bool:
    """Whether no hash that has a status accepts another one, or a lower, a higher or a former one."""
    if one.kind != "refused" or one.write is None or not one.write.refused:
        return False
    mine = ways(model.view, one.write)
    done = set().union(*(ways(model.view, w) for w in model.view.writes if w.acknowledged))
    return bool(mine) and (not done or bool(mine - done - {SAME}))


def replacing(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, with the ways in which no status is replaced."""
    mine = [
        s.write for s in model.sightings().values() if s.write and _of_replacing(model, s, Hypothesis(cause))
    ]
    found = set().union(*(ways(model.view, w) for w in mine)) - {SAME}
    if mine:
        yield Hypothesis(cause, detail=" or ".join(sorted(found)))


FORM, VALUE, REPLACING = Change(allows=_of_form), Change(allows=_of_value), Change(allows=_of_replacing)
WRITE = Change(allows=lambda _, one, __: one.kind == "refused")
