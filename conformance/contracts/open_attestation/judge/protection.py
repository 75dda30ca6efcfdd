"""Rules about the key: who may write, and who may read."""

from __future__ import annotations

from conformance.contract import rule
from conformance.contracts.open_attestation.history import History, Write, events_of
from conformance.contracts.open_attestation.judge.reading import DISTINCT, KEYLESS
from conformance.contracts.open_attestation.judge.unwritten import at_rest, defaults, state, unwritten
from conformance.contracts.open_attestation.model import View, complaints, is_among, settled
from conformance.evidence import Answer, answer, code, member, received
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import integer_kind


@rule("OA-A1")
def without_key(view: View, assessment: Assessment) -> None:
    """A write without a key is refused and changes nothing."""
    _judge(view, [w for w in _attempts(view) if w.credential == "none"], "OA-A1", assessment)


@rule("OA-A2")
def wrong_key(view: View, assessment: Assessment) -> None:
    """A write with a wrong key is refused and changes nothing."""
    _judge(view, [w for w in _attempts(view) if w.credential != "none"], "OA-A2", assessment)


def _attempts(view: View) -> list[Write]:
    return [write for write in view.writes if write.op == "write" and not write.authorised]


def _judge(view: View, attempts: list[Write], requirement: str, assessment: Assessment) -> None:
    """Judge each attempt.

    One without a control of its own proves nothing where others have one, nor does one that nothing was read after, or
    that was throttled or lost, where others were read after and answered.
    """
    controlled = [write for write in attempts if _control(view, write)]
    telling = [write for write in controlled if _looks(view, write)] or controlled or attempts
    decided = [write for write in telling if answer(write.exchange) is not Answer.UNDECIDED] or telling
    for write in attempts:
        if not _breach(view, write, requirement, assessment) and write in decided:
            _refusal(view, write, requirement, assessment)


def _what(*writes: Write) -> str:
    """The write, or one of several that a single read speaks of."""
    names = ", ".join(write.credential for write in writes)
    with_what = "without a key" if writes[0].credential == "none" else f"with a wrong key ({names})"
    return f"a write {with_what}" if len(writes) == 1 else f"one of {len(writes)} writes {with_what}"


WANTED = "401 or 403, and nothing recorded"


def _breach(view: View, write: Write, requirement: str, assessment: Assessment) -> bool:
    """Whether the attempt was accepted or left a mark, which needs no control to be wrong."""
    exchange = write.exchange
    if answer(exchange) is Answer.ACCEPTED:
        message = f"{_what(write)} is accepted"
        assessment.broken(
            requirement, exchange, message=message, expected=WANTED, received=received(exchange)
        )
        return True
    marks = _marks(view, write) or _late_marks(view, write)
    for read in marks[:1]:
        message = f"{_what(*_together(view, write, read))} is refused, but {_done(read, write)} all the same"
        assessment.broken(
            requirement, exchange, read, message=message, expected=WANTED, received=received(read)
        )
    return bool(marks)


def _done(read: Exchange, write: Write) -> str:
    shows = _shown(read, write) or is_among(member(read, "status"), {write.status or 0})
    return "recorded" if shows else "changes what is shown"


def _refusal(view: View, write: Write, requirement: str, assessment: Assessment) -> None:
    exchange, what, control = write.exchange, _what(write), _control(view, write)
    if answer(exchange) in (Answer.UNDECIDED, Answer.BROKEN):
        message = f"{what} is answered with {code(exchange)}, which is no refusal"
        assessment.unclear(requirement, exchange, message=message, received=received(exchange))
    elif control is None:
        message = "the same write with the key was not accepted either, so a refusal proves nothing"
        assessment.unclear(requirement, exchange, message=message)
    elif not _looks(view, write):
        assessment.unclear(requirement, exchange, message="the hash could not be read after the refusal")
    elif exchange.status in (401, 403):
        assessment.met(requirement, exchange, control.exchange)
    else:
        message = f"{what} is turned away with {code(exchange)}, not with 401 or 403"
        assessment.warn(requirement, exchange, message=message, expected=WANTED, received=received(exchange))


def _control(view: View, write: Write) -> Write | None:
    """The same write with the key, accepted: it differs in nothing but the credential."""
    same = view.histories[write.target].acknowledged()
    return next((w for w in same if w.status == write.status), None)


def _looks(view: View, write: Write) -> list[Exchange]:
    """Reads that would have shown the refused write, until something else than more of its kind was sent to the hash."""
    history, exchange = view.histories[write.target], write.exchange
    others = [w for w in history.writes if w.exchange.number > exchange.number and not _alike(w, write)]
    end = min((w.exchange.started for w in others), default=float("inf"))
    return [r for r in history.reads if exchange.ended <= r.started and r.ended <= end and r.status == 200]


def _alike(one: Write, other: Write) -> bool:
    """Whether two writes are the same, were not accepted, and both had no key or both a wrong one."""
    return (
        one.op == other.op == "write"
        and one.status == other.status
        and not (one.authorised or other.authorised)
        and (one.credential == "none") is (other.credential == "none")
        and Answer.ACCEPTED not in (answer(one.exchange), answer(other.exchange))
    )


def _together(view: View, write: Write, read: Exchange) -> list[Write]:
    """Which of the refused writes may have left what `read` shows: those after the read before it, else all of a kind."""
    history = view.histories[write.target]
    looked = max((r.started for r in history.reads if r.ended <= read.started), default=0.0)
    sent = [w for w in history.writes if w.exchange.ended <= read.started]
    mine = [w for w in sent if w is write or _alike(w, write)]
    return [w for w in mine if looked < w.exchange.ended] or mine


def _marks(view: View, write: Write) -> list[Exchange]:
    """Reads that show what the refused write sent, although nothing before it explains that."""
    return [
        read
        for read in _looks(view, write)
        if any(one is write for one in _together(view, write, read))
        and any(
            leaves(view, write, read) for leaves in (_adds_an_event, _changes_status, _does_something_else)
        )
    ]


def _late_marks(view: View, write: Write) -> list[Exchange]:
    """Reads that list the refused write although others were sent since: more events of the status than with the key.

    It is charged to the first of the writes to the hash, where all of them had no key or all a wrong one.
    """
    history = view.histories[write.target]
    wrong = [w for w in history.writes if w.op == "write" and not w.authorised]
    one_kind = len({w.credential == "none" for w in wrong}) == 1
    if not (view.lists_once and wrong[0] is write and one_kind and _told(history, write)):
        return []
    later = [r for r in history.reads if r.status == 200 and r.started >= write.exchange.ended]
    return [read for read in later if _shown(read, write) > len(_twins(history, write, read))]


def _twins(history: History, write: Write, before: Exchange | None = None) -> list[Write]:
    """The writes with the key, sent before, that would leave the same."""
    sent = history.attempts(before or write.exchange)
    return [w for w in sent if w.authorised and w.status == write.status]


def _adds_an_event(view: View, write: Write, read: Exchange) -> bool:
    """Whether `read` lists more events of the status than were written with the key, and than any read before.

    Where one was written with the key, a read between the two has to tell how it is listed, or those of other hashes.
    """
    history = view.histories[write.target]
    earlier = [r for r in history.reads if r.ended <= write.exchange.started]
    twins = _twins(history, write)
    told = any(r.started >= twins[-1].exchange.ended for r in earlier) if twins else True
    if not ((told or view.lists_once) and _told(history, write)):
        return False
    return _shown(read, write) > max([len(twins), *(_shown(r, write) for r in earlier)])


def _told(history: History, write: Write) -> bool:
    """Whether the status is one that nothing but a write shows, or a read told what the hash shows without this one."""
    before = history.acknowledged(write.exchange)
    since = before[-1].exchange.ended if before else 0.0
    seen = any(since <= r.started and r.ended <= write.exchange.started for r in history.reads)
    return seen or not before or (write.status or 0) >= DISTINCT


def _changes_status(view: View, write: Write, read: Exchange) -> bool:
    """Whether `read` shows the status of the refused write, and the reads before the first of its kind did not.

    A status that was written with the key as well may only show again: it counts when it had surely been replaced.
    """
    history, status = view.histories[write.target], {write.status or 0}
    last = history.acknowledged(write.exchange)[-1:]
    if not is_among(member(read, "status"), status) or any(w.status == write.status for w in last):
        return False
    since = last[0].exchange.ended if last else 0.0
    before = [r for r in history.reads if r.ended <= _first_of_its_kind(history, write, since).started]
    if not _twins(history, write) and write.status != 0:
        return not any(is_among(member(r, "status"), status) for r in before[-1:])
    shown = [is_among(member(r, "status"), status) for r in before if r.started >= since]
    looks = [r for r in _looks(view, write) if settled(view, r)]
    stays = read in looks and all(is_among(member(r, "status"), status) for r in looks)
    return shown[-1:] == [False] and stays and view.keeps


def _does_something_else(view: View, write: Write, read: Exchange) -> bool:
    """Whether a hash shows something else after the refused write than before, be it not what the write sent."""
    history = view.histories[write.target]
    last = history.acknowledged(write.exchange)[-1:]
    if not integer_kind(member(read, "status")) or not at_rest(view) or not view.keeps:
        return False
    sent = history.attempts(read)
    if not last:
        only_refused = all(w.refused_rightly for w in sent)
        return only_refused and bool(unwritten(view)) and state(read) not in defaults(view)
    since = last[0].exchange.ended
    first = _first_of_its_kind(history, write, since).started
    before = [r for r in history.reads if since <= r.started and r.ended <= first]
    if not before or complaints(view, before[-1]):
        return False
    made = [len(events_of(r) or ()) for r in before] + [len([w for w in sent if w.authorised])]
    more = view.lists_once and len(events_of(read) or ()) > max(made)
    later = [r for r in _looks(view, write) if settled(view, r)]
    return more or (read in later and all(complaints(view, r) for r in later))


def _first_of_its_kind(history: History, write: Write, since: float) -> Exchange:
    """The first of the refused writes to the hash from `since` up to `write`, as far as all are of one kind."""
    attempts = [w for w in history.attempts(write.exchange) if not w.authorised]
    recent = [w for w in attempts if w.exchange.started >= since]
    alike = len({w.credential == "none" for w in recent}) == 1
    return recent[0].exchange if alike else write.exchange


def _shown(read: Exchange, write: Write) -> int:
    """How many events with the status of `write` a read lists."""
    return len([e for e in events_of(read) or () if integer_kind(e.status) and e.status == write.status])


@rule("OA-A3")
def keyless_reading(view: View, assessment: Assessment) -> None:
    """Reading without a key: 200, 401 and 403 are all right."""
    for read in view.reads:
        keyless = read.intent.get("form") in KEYLESS or not read.request.header("x-api-key")
        if keyless and read.response is not None:
            assessment.note("OA-A3", read, message=f"reading without a key is answered with {code(read)}")


RULES = (without_key, wrong_key, keyless_reading)
