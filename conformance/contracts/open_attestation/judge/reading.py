"""Rules about reading a hash that has been written to."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract import rule
from conformance.contracts.open_attestation.history import Write
from conformance.contracts.open_attestation.model import (
    View,
    expected,
    form_of,
    locked_out,
    settled,
    target_of,
)
from conformance.evidence import Answer, answer, code, member, not_an_object, received, remark_on_json
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, kind, show

KEYLESS = ("keyless", "keyless printed")
DISTINCT = 100


def is_sample(view: View, read: Exchange) -> bool:
    """Whether the operator named the hash as one that has been written to."""
    return target_of(read) in view.settings.many("known")


def keyed_reads(view: View) -> list[Exchange]:
    """The reads in a form that has to work; one without the key counts only when it was answered."""
    return [read for read in view.reads if read.intent.get("form") not in KEYLESS or read.status == 200]


def written(view: View) -> Iterator[tuple[Exchange, Write | None]]:
    """Reads of hashes that have been written to, each with the last write before it (None for a sample)."""
    for read in keyed_reads(view):
        history = view.histories[target_of(read)]
        before = history.acknowledged(read)
        if before and not history.tainted(read):
            yield read, before[-1]
        elif is_sample(view, read) and not history.writes:
            yield read, None


def objects(view: View) -> list[Exchange]:
    """Answers with 200 and an object, to any read of a plain status."""
    return [
        read
        for read in view.reads
        if read.status == 200
        and not_an_object(read) is None
        and not view.histories[target_of(read)].tainted(read)
    ]


@rule("OA-R1")
def known_hash(view: View, assessment: Assessment) -> None:
    """A known hash gives 200 and an object with status and events."""
    for read, last in written(view):
        problem = _shape_problem(view, read, last)
        if wrong_form(view, read) or locked_out(view, read):
            continue
        if _blocked(view, read):
            assessment.unclear(
                "OA-R1", read, message=f"reading was answered with {code(read)}", hint=_KEY_HINT
            )
        elif answer(read) is Answer.UNDECIDED and not _only_this_fails(view, read):
            continue
        elif problem:
            wanted = '200 and an object with "status" and "events"'
            assessment.broken("OA-R1", read, message=problem, expected=wanted, received=received(read))
        else:
            remark_on_json(read, "OA-R1", assessment)
            assessment.met("OA-R1", read)


_KEY_HINT = "reading seems to need the key: check --api-key"


def _blocked(view: View, read: Exchange) -> bool:
    """Whether no read has ever been let in, so that the key may be wrong."""
    return read.status in (401, 403) and not any(one.status == 200 for one in keyed_reads(view))


def _only_this_fails(view: View, read: Exchange) -> bool:
    """Whether a gateway's error stands for one hash only, time and again, while others are answered."""
    same = [one for one in view.reads if target_of(one) == target_of(read)]
    steady = len(same) > 1 and all(one.status in (502, 503, 504) for one in same)
    return steady and any(one.status == 200 for one in view.reads)


def wrong_form(view: View, read: Exchange) -> bool:
    """Whether the read has a form that was never answered here, while another was; R12 judges the printed one."""
    return read.status != 200 and bool(view.answered_forms) and form_of(read) not in view.answered_forms


def answered(view: View) -> list[Exchange]:
    """The reads that were answered with 200."""
    return [read for read in view.reads if read.status == 200]


def is_printed(read: Exchange) -> bool:
    """Whether a read is the one that the document prints."""
    return bool(read.request.header("x-api-key") and read.request.header("content-type"))


def _shape_problem(view: View, read: Exchange, last: Write | None) -> str | None:
    if read.status != 200:
        return f"a known hash is answered with {code(read)}"
    problem = not_an_object(read)
    if problem:
        return f"a known hash is not answered with an object: {problem}"
    if member(read, "status") is MISSING:
        return 'the answer has no "status"'
    if member(read, "events") is MISSING and (last is None or settled(view, read)):
        return 'the answer has no "events"'
    return None


@rule("OA-R2", "OA-W6")
def written_last(view: View, assessment: Assessment) -> None:
    """The status is the value written last, once the consistency window is over."""
    for read, last in written(view):
        status = member(read, "status")
        if last is None or read.status != 200 or integer_kind(status) is None:
            continue
        allowed, _ = expected(view, read)
        ids = _ids(view, read)
        if status in allowed:
            for one in ids:
                assessment.met(one, last.exchange, read)
        elif settled(view, read) or not _explained(view, read, status):
            for one in ids:
                assessment.broken(
                    one,
                    last.exchange,
                    read,
                    message="the status is not the value written last",
                    expected=f'"status": {" or ".join(map(str, sorted(allowed)))}',
                    received=f'"status": {show(status)}',
                )


def _ids(view: View, read: Exchange) -> tuple[str, ...]:
    """W6 is about a write that replaces another value."""
    values = {write.status for write in view.histories[target_of(read)].acknowledged(read)}
    return ("OA-R2", "OA-W6") if len(values) > 1 else ("OA-R2",)


def _explained(view: View, read: Exchange, status: object) -> bool:
    """Whether eventual consistency, another hash or a refused write explains the value; other rules judge those."""
    history = view.histories[target_of(read)]
    own = {0} | {write.status for write in history.attempts(read)}
    return status in own or foreign(view, read, status) is not None


def foreign(view: View, read: Exchange, status: object) -> Write | None:
    """The write to another hash that left `status` here, if the value is that hash's alone and no small number."""
    if not isinstance(status, int) or status < DISTINCT:
        return None
    here = {write.status for write in view.histories[target_of(read)].writes}
    others = [w for w in view.writes if w.target != target_of(read) and w.exchange.started < read.ended]
    return next((w for w in others if w.op == "write" and w.status == status and status not in here), None)


@rule("OA-R3")
def integer_status(view: View, assessment: Assessment) -> None:
    """The status is a JSON integer, wherever one is shown."""
    for read in objects(view):
        status = member(read, "status")
        form = integer_kind(status)
        if form == "integer":
            assessment.met("OA-R3", read)
        elif form:
            assessment.warn("OA-R3", read, message="the status is an integer with a fraction part")
        elif status is not MISSING:
            assessment.broken(
                "OA-R3",
                read,
                message=f"the status is {kind(status)}, not an integer",
                expected='"status": a JSON integer',
                received=f'"status": {show(status)}',
            )


@rule("OA-R12")
def as_printed(view: View, assessment: Assessment) -> None:
    """GET with the key, Content-Type: application/json and no body works."""
    printed, works = [read for read in view.reads if is_printed(read)], answered(view)
    if any(map(is_printed, works)):
        assessment.met("OA-R12", *(read for read in printed if read.status == 200))
        return
    for read in printed if works else ():
        if answer(read) not in (Answer.UNDECIDED, Answer.ACCEPTED):
            assessment.broken(
                "OA-R12",
                read,
                works[0],
                message="the request that the document prints does not work, another form of it does",
                expected="200 for GET with x-api-key and Content-Type: application/json and no body",
                received=received(read),
            )


@rule("OA-R16")
def from_a_page(view: View, assessment: Assessment) -> None:
    """Whether a renderer in a browser can read the answer."""
    for read in view.reads:
        if read.intent.get("form") == "page" and read.response:
            allowed = read.response.header("access-control-allow-origin")
            seen = f"Access-Control-Allow-Origin: {allowed}" if allowed else "no Access-Control-Allow-Origin"
            assessment.note("OA-R16", read, message=f"a GET with an Origin is answered with {seen}")


RULES = (known_hash, written_last, integer_status, as_printed, from_a_page)
