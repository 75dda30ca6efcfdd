"""Tells which reads have to be repeated, and when: they do not show yet, or not any more, what had been written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from conformance.contract import Settings
from conformance.contracts.open_attestation.causes import CHANGES
from conformance.contracts.open_attestation.history import View, form_of, target_of, view
from conformance.contracts.open_attestation.model import StatusModel
from conformance.evidence import Answer, answer, member
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING


def behind(exchanges: Sequence[Exchange], settings: Settings) -> set[int]:
    """The reads among `exchanges`, by number, that do not show everything that had been written."""
    seen = view(exchanges, replace(settings, consistency_window=0.0))
    sighted = StatusModel(seen, CHANGES).sightings().values()
    late = [one for one in sighted if one.kind in ("status", "missing") and "OA-R10" not in one.contradicts]
    wrong = {one.look.read.number for one in late if one.look}
    return wrong | {read.number for read in seen.reads if _lacks(seen, read)}


def _lacks(seen: View, read: Exchange) -> bool:
    """Whether a read in a form that works was not answered, or has no events though there are some."""
    written = bool(seen.histories[target_of(read)].acknowledged(read))
    refused = read.status != 200 and form_of(read) in seen.answered_forms
    return refused or (written and member(read, "events") is MISSING)


def due(exchanges: Sequence[Exchange], settings: Settings) -> float:
    """The moment (Unix s) from which everything written among `exchanges` has to show."""
    ended = max((one.ended for one in exchanges if one.request.method == "POST"), default=0.0)
    return ended + settings.consistency_window


def relapsed(exchanges: Sequence[Exchange], settings: Settings) -> bool:
    """Whether a hash once showed what it had to, and then did not any more."""
    late, seen = behind(exchanges, settings), view(exchanges, settings)
    return any(
        second.number in late
        and first.number not in late
        and answer(second) is not Answer.UNDECIDED
        and history.acknowledged(first) == history.acknowledged(second)
        for history in seen.histories.values()
        for first, second in pairwise(history.reads)
    )
