"""Rules about hashes: which ones work, and that they never share state."""

from __future__ import annotations

import re

from conformance.contract import rule
from conformance.contracts.open_attestation.history import Write, events_of
from conformance.contracts.open_attestation.judge.reading import foreign, objects
from conformance.contracts.open_attestation.model import View, complaints, target_of
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
    refused, instead = refused_form(view)
    for write in refused if instead else ():
        assessment.broken(
            "OA-I1",
            write.exchange,
            instead[0].exchange,
            message=f"a plain 64-digit hash is answered with {code(write.exchange)}, one in another form is accepted",
            expected="a 64-digit lower-case hex hash without 0x works",
            received=received(write.exchange),
        )


def refused_form(view: View) -> tuple[list[Write], list[Write]]:
    """The writes to plain hashes, if all were turned away, and the accepted ones to hashes in another form."""
    keyed = [write for write in view.writes if write.op == "write" and write.authorised]
    plain = [write for write in keyed if PLAIN.fullmatch(write.target)]
    if any(answer(write.exchange) not in (Answer.REFUSED, Answer.BROKEN) for write in plain):
        return [], []
    return plain, [write for write in keyed if write.acknowledged and write not in plain]


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


def leaks(view: View) -> bool:
    """Whether any hash shows what was written to another one."""
    return any(_leak(view, read) for read in objects(view))


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
