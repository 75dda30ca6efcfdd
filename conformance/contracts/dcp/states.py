"""What reads of known requests say that cannot be true together: states only go forward, pids stay and are nobody else's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

from conformance.contracts.dcp.ids import same_resource
from conformance.contracts.dcp.observations import Read
from conformance.diagnosis.cause import Anomaly
from conformance.evidence import received
from conformance.wire.strict import show

FINAL = ("ISSUED", "REJECTED")
PIDS = ("issuerPid", "holderPid")
NAMED, BACK, PID, SHARED = "named", "back", "pid", "shared"
Key = tuple[str, str, object]
"""A kind of contradiction, the request, and what tells it from others of its kind."""


def contradictions(by_id: Mapping[str, Sequence[Read]]) -> dict[Key, Anomaly]:
    """Everything that the shown reads contradict, request by request, and between them."""
    found: dict[Key, Anomaly] = {}
    for request_id, reads in by_id.items():
        found |= {(NAMED, request_id, r.exchange.number): _named(r) for r in misnamed(reads)}
        back = backwards(reads)
        found |= {(BACK, request_id, ""): _back(*back)} if back else {}
        for name in PIDS:
            for other in changed(reads, name):
                found[PID, request_id, (name, other.exchange.number)] = _pid(name, reads, other)
    return found | {(SHARED, one.id, two.id): _shared(one, two) for one, two in shared(by_id)}


def misnamed(reads: Sequence[Read]) -> list[Read]:
    """The reads that contradict the state that the operator named.

    A received request may be finished during the run, but not before it was seen as received.
    """
    worded = [read for read in reads if read.word and read.state]
    waiting = [read for read in worded if read.word == "RECEIVED"]

    def wrong(read: Read) -> bool:
        if read.state != "RECEIVED":
            return read.word != read.state
        early = not waiting and read.seen != "RECEIVED"
        return read not in waiting and (early or any(read.before(other) for other in waiting))

    return [read for read in worded if wrong(read)]


def _named(read: Read) -> Anomaly:
    hint = "if it was finished meanwhile, name it with its state of now, or name another one"
    return Anomaly(
        "DCP-S10",
        (read.exchange,),
        f"a request that is {read.state} reports {read.word}",
        f"status: {show(read.state)}",
        received(read.exchange),
        hint if read.state == "RECEIVED" else "",
    )


def backwards(reads: Sequence[Read]) -> tuple[Read, Read] | None:
    """Two reads of which the second contradicts that the first was final."""
    for final, other in product([read for read in reads if read.word in FINAL], reads):
        left = final.before(other) and other.word == "RECEIVED"
        if left or (other.word in FINAL and other.word != final.word):
            return final, other
    return None


def _back(final: Read, other: Read) -> Anomaly:
    return Anomaly(
        "DCP-S13",
        (final.exchange, other.exchange),
        f"a request that was {final.word} is {other.word} in another read",
        f"status: {show(final.word)}, which is final",
        f"status: {show(other.word)}",
    )


def pid(read: Read, name: str) -> str:
    """A pid as it is written in a report; nothing when it is missing."""
    found = (read.members or {}).get(name)
    return "" if found is None else show(found, 1000)


def changed(reads: Sequence[Read], name: str) -> list[Read]:
    """The reads that tell another pid than most do; a missing pid is no other one."""
    told = [read for read in reads if pid(read, name)]
    usual = [pid(read, name) for read in told]
    common = max(usual, key=usual.count, default="")
    return [read for read in told if pid(read, name) != common]


def _pid(name: str, reads: Sequence[Read], other: Read) -> Anomaly:
    first = next(r for r in reads if pid(r, name) and r not in changed(reads, name))
    return Anomaly(
        "DCP-S13",
        (first.exchange, other.exchange),
        f"{name} of the same request is not the same in every read",
        f"{name}: {pid(first, name)}",
        f"{name}: {pid(other, name)}",
    )


def shared(by_id: Mapping[str, Sequence[Read]]) -> Iterator[tuple[Read, Read]]:
    """Reads of two requests that tell the same issuerPid; those that were in flight together may be mixed up."""
    for one, two in apart(by_id):
        if pid(one, "issuerPid") == pid(two, "issuerPid"):
            yield one, two


def several(by_id: Mapping[str, Sequence[Read]]) -> bool:
    """Whether there are two requests, and not only two spellings of one."""
    return any(not same_resource(one, two) for one, two in combinations(by_id, 2))


def apart(by_id: Mapping[str, Sequence[Read]]) -> Iterator[tuple[Read, Read]]:
    """A read of each of two requests, whose pids can be compared: they stay, and are no empty strings."""
    for one, two in combinations([key for key in by_id if not changed(by_id[key], "issuerPid")], 2):
        pairs = () if same_resource(one, two) else product(_telling(by_id[one]), _telling(by_id[two]))
        pair = next(((a, b) for a, b in pairs if a.before(b) or b.before(a)), None)
        if pair:
            yield pair


def _telling(reads: Sequence[Read]) -> list[Read]:
    """The reads that tell an issuerPid; a single one in a generated history may be mixed up."""
    values = ((read, (read.members or {}).get("issuerPid")) for read in reads)
    told = [read for read, value in values if isinstance(value, str) and value.strip()]
    return told if len(told) > 1 or not any(read.generated for read in told) else []


def _shared(one: Read, two: Read) -> Anomaly:
    return Anomaly(
        "DCP-S14",
        (one.exchange, two.exchange),
        "two requests have the same issuerPid",
        "an issuerPid of its own for each request",
        f"issuerPid: {pid(one, 'issuerPid')} for {one.id} and for {two.id}",
    )


def borrowed(by_id: Mapping[str, Sequence[Read]]) -> frozenset[int]:
    """The reads, by number, that tell both pids of another known request than the one that was asked for."""
    usual = {key: (_usual(reads, "issuerPid"), _usual(reads, "holderPid")) for key, reads in by_id.items()}
    return frozenset(
        read.exchange.number
        for key, reads in by_id.items()
        for read in reads
        for both in [(pid(read, "issuerPid"), pid(read, "holderPid"))]
        if both != usual[key] and any(both == theirs for other, theirs in usual.items() if other != key)
    )


def _usual(reads: Sequence[Read], name: str) -> str:
    told = [pid(read, name) for read in reads]
    return max(told, key=told.count, default="")
