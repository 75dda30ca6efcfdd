"""Rules about hashes: which ones work, and that they never share state."""

from __future__ import annotations

import re

from conformance.contract import rule
from conformance.contracts.open_attestation.judge.reading import foreign, objects
from conformance.contracts.open_attestation.model import (
    View,
    complaints,
    events_of,
    target_of,
)
from conformance.evidence import Answer, answer, code, member, received
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import show

PLAIN = re.compile(r"[0-9a-f]{64}")


@rule("OA-I1")
def plain_hash(view: View, assessment: Assessment) -> None:
    """A 64-digit lower-case hex hash works: it can be written and read back."""
    for read in objects(view):
        before = view.histories[target_of(read)].acknowledged(read)
        if PLAIN.fullmatch(target_of(read)) and before and not complaints(view, read):
            assessment.met("OA-I1", before[-1].exchange, read)
    short = [w for w in view.writes if w.acknowledged and not PLAIN.fullmatch(w.target)]
    for write in view.writes:
        refused = answer(write.exchange) in (Answer.REFUSED, Answer.BROKEN)
        if PLAIN.fullmatch(write.target) and write.authorised and write.op == "write" and refused and short:
            assessment.broken(
                "OA-I1",
                write.exchange,
                short[0].exchange,
                message=f"a 64-digit hash is answered with {code(write.exchange)}, a shorter one is accepted",
                expected="a 64-digit lower-case hex hash without 0x works",
                received=received(write.exchange),
            )


@rule("OA-I2")
def separate(view: View, assessment: Assessment) -> None:
    """Two hashes never share state."""
    written = {write.target for write in view.writes if write.acknowledged}
    for read in objects(view):
        leak = _leak(view, read)
        if leak:
            assessment.broken(
                "OA-I2",
                read,
                message="a hash shows what was written to another one",
                expected="nothing of other hashes",
                received=leak,
            )
        elif len(written) > 1 and not complaints(view, read):
            assessment.met("OA-I2", read)


def _leak(view: View, read: Exchange) -> str | None:
    target, status = target_of(read), member(read, "status")
    origin = foreign(view, read, status)
    if origin is not None:
        return f'"status": {show(status)}, written to {origin.target}'
    others = {write.target for write in view.writes} - {target}
    for event in events_of(read) or ():
        if isinstance(event.id, str) and event.id in others:
            return f"an event of {event.id}"
        origin = foreign(view, read, event.status)
        if origin is not None:
            return f"an event with the status {show(event.status)}, written to {origin.target}"
    return None


@rule("OA-I3")
def spellings(view: View, assessment: Assessment) -> None:
    """What becomes of a hash in upper case, or with 0x in front; unspecified."""
    for exchange in view.exchanges:
        spelling = exchange.intent.get("spelling")
        if spelling and exchange.response is not None:
            shown = f"{code(exchange)}, status {show(member(exchange, 'status'), 20)}"
            assessment.note("OA-I3", exchange, message=f"the hash {spelling} is answered with {shown}")


RULES = (plain_hash, separate, spellings)
