"""What several reads say together: the named state (S10), repeatability (S13), own pids (S14)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

from conformance.contracts.dcp.ids import same_resource
from conformance.contracts.dcp.judge.reads import Read
from conformance.contracts.dcp.judge.view import View, offered
from conformance.evidence import received
from conformance.outcome import Assessment
from conformance.wire.strict import show

FINAL = ("ISSUED", "REJECTED")


@offered("DCP-S10")
def reports_state(view: View, assessment: Assessment) -> None:
    """Each request that was named with a state reports it."""
    if view.proper and not any(read.state for read in view.proper):
        hint = "name the state, as in --request issued=ID"
        assessment.skip("DCP-S10", "no request was named with its state", hint)
    for reads in view.by_id.values():
        worded = [read for read in reads if read.word]
        if worded and worded[0].state == "RECEIVED":
            _judge_received(worded, assessment)
        elif worded and worded[0].state:
            _judge_final(worded, assessment)


def _judge_final(reads: Sequence[Read], assessment: Assessment) -> None:
    for read in reads:
        if read.word == read.state:
            assessment.met("DCP-S10", read.exchange)
        else:
            _contradiction(read, assessment, "")


def _judge_received(reads: Sequence[Read], assessment: Assessment) -> None:
    """A received request may be finished during the run, but not before it was seen as received."""
    waiting = [read for read in reads if read.word == "RECEIVED"]
    for read in reads:
        if read in waiting:
            assessment.met("DCP-S10", read.exchange)
        elif not waiting and read.seen != "RECEIVED":
            hint = "if it was finished meanwhile, name it with its state of now, or name another one"
            _contradiction(read, assessment, hint)
        elif any(read.before(other) for other in waiting):
            _contradiction(read, assessment, "")
        else:
            assessment.met("DCP-S10", read.exchange, message=f"received at first, then {read.word}")


def _contradiction(read: Read, assessment: Assessment, hint: str) -> None:
    assessment.broken(
        "DCP-S10",
        read.exchange,
        message=f"a request that is {read.state} reports {read.word}",
        expected=f"status: {show(read.state)}",
        received=received(read.exchange),
        hint=hint,
    )


@offered("DCP-S13")
def repeatable(view: View, assessment: Assessment) -> None:
    """A request keeps its pids, and a finished one stays as it is."""
    for reads in view.by_id.values():
        read = [one for one in reads if one.members is not None]
        if len(read) < 2:
            continue
        changes = [found for name in ("issuerPid", "holderPid") if (found := _changed(read, name))]
        for name, first, other in changes:
            _changing(name, first, other, assessment)
        back = _backwards(read)
        if back:
            _going_back(*back, assessment)
        if not changes and not back:
            assessment.met("DCP-S13", *(one.exchange for one in read))


def _changed(reads: Sequence[Read], name: str) -> tuple[str, Read, Read] | None:
    """The first read, and one that tells another pid; a missing pid is no other one."""
    told = [read for read in reads if (read.members or {}).get(name) is not None]
    other = next((read for read in told if _pid(read, name) != _pid(told[0], name)), None)
    return (name, told[0], other) if other else None


def _pid(read: Read, name: str) -> str:
    return show((read.members or {}).get(name), 1000)


def _changing(name: str, first: Read, other: Read, assessment: Assessment) -> None:
    assessment.broken(
        "DCP-S13",
        first.exchange,
        other.exchange,
        message=f"{name} of the same request is not the same in every read",
        expected=f"{name}: {_pid(first, name)}",
        received=f"{name}: {_pid(other, name)}",
    )


def _backwards(reads: Sequence[Read]) -> tuple[Read, Read] | None:
    """Two reads of which the second contradicts that the first was final."""
    finals = [read for read in reads if read.word in FINAL]
    for final in finals:
        for other in reads:
            left = final.before(other) and other.word == "RECEIVED"
            if left or (other.word in FINAL and other.word != final.word):
                return (final, other)
    return None


def _going_back(final: Read, other: Read, assessment: Assessment) -> None:
    assessment.broken(
        "DCP-S13",
        final.exchange,
        other.exchange,
        message=f"a request that was {final.word} is {other.word} in another read",
        expected=f"status: {show(final.word)}, which is final",
        received=f"status: {show(other.word)}",
    )


@offered("DCP-S14")
def distinct(view: View, assessment: Assessment) -> None:
    """Two requests have different issuerPids."""
    told = {request_id: _telling(reads) for request_id, reads in view.by_id.items()}
    two_of_them = [pair for pair in combinations(told, 2) if not same_resource(*pair)]
    pairs = [pair for one, two in two_of_them if (pair := _apart(told[one], told[two]))]
    if view.shown and not two_of_them and not all(read.recorded for read in view.shown):
        assessment.skip("DCP-S14", "there are no two requests to compare", "give a second --request")
    for one, two in pairs:
        pid = _pid(one, "issuerPid")
        if pid != _pid(two, "issuerPid"):
            assessment.met("DCP-S14", one.exchange, two.exchange)
            continue
        assessment.broken(
            "DCP-S14",
            one.exchange,
            two.exchange,
            message="two requests have the same issuerPid",
            expected="an issuerPid of its own for each request",
            received=f"issuerPid: {pid} for {one.id} and for {two.id}",
        )


def _telling(reads: Sequence[Read]) -> Sequence[Read]:
    """The reads that tell an issuerPid; none when it changes, which is S13's to tell."""
    told = [read for read in reads if isinstance((read.members or {}).get("issuerPid"), str)]
    return told if _changed(reads, "issuerPid") is None else ()


def _apart(some: Sequence[Read], others: Sequence[Read]) -> tuple[Read, Read] | None:
    """One read of each that were not in flight together: those may have been mixed up."""
    pairs = product(some, others)
    return next(((one, two) for one, two in pairs if one.before(two) or two.before(one)), None)


RULES = (reports_state, repeatable, distinct)
