"""What a correct deployment may answer to the reads of a run, given all that was sent; nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from conformance.contract import Rule, Settings, rule
from conformance.contracts.dcp import states, tokens
from conformance.contracts.dcp.ids import MUCH_THE_SAME, OTHER_CASE, PLAIN, SAME_FORM, named
from conformance.contracts.dcp.message import is_credential_status
from conformance.contracts.dcp.observations import KNOWN, MISSING, ODD, UNKNOWN, WRONG, Read, read_of
from conformance.diagnosis.cause import Anomalies, Anomaly, Hypothesis
from conformance.evidence import UNDECIDED, Answer, code, received
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange

REQUIREMENTS = {
    KNOWN: "DCP-S1",
    MISSING: "DCP-E1",
    WRONG: "DCP-E2",
    UNKNOWN: "DCP-E3",
    ODD: "DCP-E4",
}
EXPECTED = {KNOWN: "200", MISSING: "401", WRONG: "401", UNKNOWN: "404", ODD: "a 4xx"}
ABSENT = frozenset({404, 405, 501})
EMPTY = frozenset({204, 205})
MALFORMED = frozenset({400, 414, 422})
LIKELY = (SAME_FORM, MUCH_THE_SAME)
"""Kinds of ids that a server takes for one of its own."""
MOST_BLOCKS = 2
"""More often than this no deployment shuts a client out within one run and lets it in again."""
NODES = 4
"""How many nodes may each let a token in once that is good for one use."""
BLOCKED_HINT = "the deployment may block clients after wrong tokens and odd ids"
PROFILE_HINT = "the protocol itself is content with any 4xx: --profile dcp judges by that"


@dataclass(frozen=True)
class View:
    """All reads in the order of sending, and what follows from them together: the model of a correct deployment.

    `shut` are proper reads that were denied while a circumstance lasted: they decide nothing, but tell when it was.
    """

    settings: Settings
    reads: tuple[Read, ...]
    shut: tuple[Read, ...] = ()

    @property
    def lenient(self) -> bool:
        """Whether any refusal will do, as the protocol has it: `--profile dcp`."""
        return self.settings.one("profile", "ishare") == "dcp"

    @cached_property
    def proper(self) -> tuple[Read, ...]:
        """The reads of known requests with the right token."""
        return tuple(read for read in self.reads if read.role == KNOWN)

    @cached_property
    def shown(self) -> tuple[Read, ...]:
        """The proper reads that were accepted, with a body to look at."""
        return tuple(r for r in self.proper if r.answer is Answer.ACCEPTED and r.status not in EMPTY)

    @cached_property
    def by_id(self) -> dict[str, list[Read]]:
        """The accepted proper reads of each known request."""
        found: dict[str, list[Read]] = {}
        for read in self.shown:
            found.setdefault(read.id, []).append(read)
        return found

    @cached_property
    def codes(self) -> frozenset[int]:
        """The codes of all answers about ids that can be one, the undecided ones left out."""
        ordinary = (read.status for read in self.reads if not read.odd)
        return frozenset(code for code in ordinary if code is not None and code not in UNDECIDED)

    @cached_property
    def absence(self) -> str:
        """Why the endpoint is not offered here, or nothing; only proper reads can tell."""
        told = {read.status for read in self.proper if read.status is not None} - UNDECIDED
        without = 501 in told or (405 in told and told <= ABSENT)
        everywhere = bool(told) and self.codes <= ABSENT
        if not everywhere and (not without or any(200 <= code < 300 for code in self.codes)):
            return ""
        listed = " or ".join(map(str, sorted(self.codes if everywhere else told)))
        return f"the answer was {listed}: the endpoint is OPTIONAL and is not offered here"

    def control(self, read: Read) -> Read | None:
        """A proper read that succeeded in the same check; of the same request, where the token is what differs."""
        beside = (one for one in self.shown if one.exchange.check == read.exchange.check)
        return next((one for one in beside if one.id == read.id or read.ours), None)

    # When the token worked

    @cached_property
    def working(self) -> tuple[Read, ...]:
        """The proper reads of requests that the token opens at all."""
        return tuple(read for read in self.proper if read.id in self.by_id)

    def _neighbours(self, read: Read) -> tuple[list[Read], list[Read], list[Read]]:
        """The last working read before `read`, those in flight beside it, and the first one after it."""
        working = (*self.working, *self.shut)
        before = [one for one in working if one.before(read)]
        after = [one for one in working if read.before(one)]
        beside = [one for one in working if not (one.before(read) or read.before(one))]
        last = sorted(before, key=lambda one: one.exchange.ended)[-1:]
        return last, beside, sorted(after, key=lambda one: one.exchange.started)[:1]

    def settled(self, read: Read) -> bool:
        """Whether the token surely worked when `read` was made, before and after it; nobody is blocked at first."""
        before, beside, after = self._neighbours(read)
        near = (*before, *beside, *after)
        known_before = bool(before) or read.exchange.number == 1
        return known_before and bool(after) and all(one.answer is Answer.ACCEPTED for one in near)

    def blocked(self, read: Read) -> bool:
        """Whether the token was denied around `read`, in a time in which this caller was shut out."""
        void = {one.exchange.number for block in (*self.blocks, self.shut) for one in block}
        near = (one for some in self._neighbours(read) for one in some)
        return bool(void) and any(one.exchange.number in void for one in near)

    @cached_property
    def blocks(self) -> tuple[tuple[Read, ...], ...]:
        """The times in which everything sent with the token was denied, for a reason that need not be a defect."""
        denied = [one for one in self._denials() if any(read.role == KNOWN for read in one)]
        return tuple(tuple(b) for b in denied if self._excused(b)) if len(denied) <= MOST_BLOCKS else ()

    @cached_property
    def _open(self) -> tuple[Read, ...]:
        """The reads with the token that were answered by something else than a denial."""
        kinds = (Answer.ACCEPTED, Answer.REFUSED)
        return tuple(r for r in self.reads if r.ours and r.role and not r.denied and r.answer in kinds)

    def _denials(self) -> list[list[Read]]:
        """The denied reads with the token, those together between which it opened nothing."""
        asked = sorted((r for r in self.reads if r.ours and r.role), key=lambda r: r.exchange.started)
        blocks: list[list[Read]] = []
        for read in (one for one in asked if one.denied):
            last = blocks[-1][-1] if blocks else None
            if last and not any(last.before(one) and one.before(read) for one in self._open):
                blocks[-1].append(read)
            else:
                blocks.append([read])
        return blocks

    def _excused(self, block: Sequence[Read]) -> bool:
        """Whether the token may have ended, or the caller been blocked: for good, or for a time after a guess."""
        first = block[0]
        if self.shown and not any(first.before(one) for one in self.shown):
            tolerance = self.settings.clock_tolerance
            expired = bool(first.expires) and int(first.expires) <= first.exchange.ended + tolerance
            return len(block) > 1 or expired or (first.jwt and len(self.shown) <= NODES)
        return first.generated or self._guessed(first, len(block) > 1)

    def _guessed(self, first: Read, long: bool) -> bool:
        """Whether a guess came before a denial: since the token last opened something, where it is a single one."""
        guesses = [r for r in self.reads if r.guessing and not first.before(r)]
        opened = [one for one in self._open if one.before(first)]
        since = [r for r in guesses if r not in self._open and not any(r.before(one) for one in opened)]
        alone = all(one.before(first) or first.before(one) for one in self._open)
        return bool(guesses) if long else bool(since) and alone

    # What an answer decides

    def always_breaks(self, read: Read) -> bool:
        """Whether the server broke over this very read each of several times, while the token worked beside it.

        A gateway's word for it counts where the token worked right before and right after, twice: else the whole may
        have been down.
        """
        same = [one for one in self.reads if (one.id, one.credential) == (read.id, read.credential)]
        enough = len(same) >= (2 if read.role == UNKNOWN else 3) and all(one.broke for one in same)
        likely = read.role != UNKNOWN or read.unknown in LIKELY
        if not (enough and likely and (read.role == KNOWN or all(map(self.control, same)))):
            return False
        by_itself = all(one.answer is Answer.BROKEN for one in same)
        afterwards = read.role == KNOWN or self.settled(same[-1])
        return afterwards and (by_itself or sum(map(self.settled, same)) > 1)

    def right(self, read: Read) -> bool:
        """Whether the answer is what the contract says."""
        refused = read.answer is Answer.REFUSED
        if read.role == KNOWN:
            return read.status == 200
        if read.role == ODD:
            return refused or read.answer is Answer.REDIRECTED
        if read.role == UNKNOWN and read.unknown not in PLAIN:
            return refused
        if read.credential in tokens.MALFORMED and read.status == 400:
            return True
        wanted = 404 if read.role == UNKNOWN else 401
        return read.status == wanted or (self.lenient and refused)

    def tolerated(self, read: Read) -> str:
        """Why the answer is no more than a warning, or nothing.

        RFC 6750, section 3.1, has 400 for a header that is no well-formed bearer credential; hexadecimal digits in the
        other letter case are the same digits; an id in the other letter case may be another name for a known one.
        """
        if read.credential in ("empty", "raw") and read.status == 400 and not self.lenient:
            return f"a read with {read.what} is answered with 400 instead of 401"
        if read.let_in and (read.credential == "recased" or read.unknown == OTHER_CASE):
            return f"{read.case or f'a read with {read.what}'} is answered with {read.status}"
        return ""

    def told(self, read: Read) -> bool:
        """Whether the answer is about a requirement at all: without a token only known requests have to be refused."""
        if read.role not in REQUIREMENTS or (read.role != KNOWN and not read.let_in and not self.proper):
            return False
        if read.role != MISSING or read.known:
            return True
        anyway = read.let_in and not read.recorded and bool(self.shown)
        shows = read.let_in and is_credential_status(read.members)
        return anyway or shows or (read.recorded and read.status == 401)

    def doubt(self, read: Read) -> tuple[str, str]:
        """Why the answer decides nothing, with a hint, or two empty strings."""
        if self.always_breaks(read) or (read.let_in and read.role != ODD):
            return "", ""
        return self._doubt_known(read) if read.role == KNOWN else self._doubt_refusal(read)

    def _doubt_known(self, read: Read) -> tuple[str, str]:
        if read.answer is Answer.UNDECIDED:
            return "no answer about a known request came through", "try again later"
        if self.codes and all(300 <= code < 400 for code in self.codes):
            return "everything is redirected", "run against the address it points to"
        if read.denied and not self.shown:
            ended = read.expires and int(read.expires) < read.exchange.started
            hint = "the token has expired: give a fresh one" if ended else "check --token: is it valid here?"
            return f"the token opens nothing: the answer is {read.status}", hint
        there = any(code < 300 or (400 <= code < 500 and code not in ABSENT) for code in self.codes)
        if read.status == 404 and not there:
            return "a known request is answered with 404", "check --request and the base URL"
        return "", ""

    def _doubt_refusal(self, read: Read) -> tuple[str, str]:
        got = f"{read.case or f'a read with {read.what}'} got {code(read.exchange)}"
        if read.answer is Answer.UNDECIDED or (read.answer is Answer.BROKEN and read.role != ODD):
            return f"{got}, which is no refusal", ""
        if self.control(read) is None:
            return (
                "no known request was answered with the token beside it, so that this proves nothing",
                "see DCP-S1",
            )
        if read.denied and self.blocked(read):
            return f"{got}, as reads with the right token did by then", BLOCKED_HINT
        if self.right(read) or self.tolerated(read) or read.role == ODD:
            return "", ""
        if self.lenient:
            return f"{got}, which is no refusal", ""
        if read.role == UNKNOWN and read.unknown != SAME_FORM and read.status in MALFORMED:
            return f"{got}, perhaps for its form", "give a --request whose id is a UUID or has 16 characters"
        if not self.settled(read) or (read.generated and read.denied):
            return f"{got}, but whether the token worked then was not seen", BLOCKED_HINT
        return "", ""

    def counts(self, read: Read) -> bool:
        """Whether a doubtful answer leaves its requirement open: a few things need no answer where enough is known."""
        if read.role == WRONG and read.status == 429:
            same = (one for one in self.reads if one.credential == read.credential)
            return read.credential in tokens.NAMED and all(one.answer is Answer.UNDECIDED for one in same)
        if read.role == UNKNOWN and read.unknown not in PLAIN:
            return False
        if read.role == UNKNOWN:
            failing = read.unknown in LIKELY and read.answer in (Answer.UNDECIDED, Answer.BROKEN)
            return failing or not any(one.role == UNKNOWN for one in self.decisive)
        return True

    # What is not allowed

    @cached_property
    def doubts(self) -> dict[int, tuple[str, str]]:
        """Why an answer decides nothing, with a hint, by number; only those that are about something."""
        return {r.exchange.number: self.doubt(r) for r in self.reads if self.told(r)}

    @cached_property
    def decisive(self) -> tuple[Read, ...]:
        """The reads whose answers decide something."""
        return tuple(r for r in self.reads if self.doubts.get(r.exchange.number) == ("", ""))

    @cached_property
    def suspects(self) -> dict[int, Read]:
        """The reads, by number, whose answers are not allowed."""
        return {r.exchange.number: r for r in self.decisive if not self.right(r) and not self.tolerated(r)}

    @cached_property
    def history(self) -> Mapping[states.Key, Anomaly]:
        """What reads say of the states and pids of a request that cannot be true together."""
        return states.contradictions(self.by_id)

    @cached_property
    def unexplained(self) -> Anomalies:
        """Every answer that the contract does not allow."""
        found: dict[Hashable, Anomaly] = dict(self.history.items())
        return found | {number: self._anomaly(read) for number, read in self.suspects.items()}

    def _anomaly(self, read: Read) -> Anomaly:
        about = {KNOWN: "a known request with the token", UNKNOWN: read.case, ODD: read.case}
        message = f"{about.get(read.role, f'a read with {read.what}')} is answered with {read.status}"
        hint = PROFILE_HINT if read.answer is Answer.REFUSED and read.role != KNOWN else ""
        found = received(read.exchange)
        return Anomaly(REQUIREMENTS[read.role], (read.exchange,), message, EXPECTED[read.role], found, hint)

    def anomalies(self, assumed: frozenset[Hypothesis]) -> Anomalies:
        """The answers that are not allowed even if `assumed` were at work."""
        allowed = {key for one in assumed for key in one.about}
        return {key: one for key, one in self.unexplained.items() if key not in allowed}


def view(exchanges: Iterable[Exchange], settings: Settings) -> View:
    """Sort out the reads among `exchanges`; recorders leave Authorization headers out: then nothing follows from that."""
    named_here = named(settings.many("request"))
    ordered = sorted(exchanges, key=lambda exchange: exchange.number)
    found = [read for exchange in ordered if (read := read_of(exchange, settings, named_here))]
    recorded = [read for read in found if read.recorded]
    bare = bool(recorded) and all(read.credential == "none" for read in recorded)
    reads = [replace(one, credential="assumed") if bare and one.recorded else one for one in found]
    shut = (one for one in reads if one.exchange.superseded and one.role == KNOWN and one.denied)
    return View(settings, tuple(r for r in reads if not r.exchange.superseded), tuple(shut))


def offered(*requirements: str) -> Callable[[Callable[[View, Assessment], None]], Rule]:
    """Make a function the rule that decides `requirements`, where the endpoint is offered at all."""

    def wrap(decide: Callable[[View, Assessment], None]) -> Rule:
        def guarded(seen: View, assessment: Assessment) -> None:
            if not seen.absence:
                return decide(seen, assessment)
            exchanges = [read.exchange for read in seen.reads]
            for requirement in requirements:
                assessment.unclear(requirement, *exchanges, message=seen.absence)
            return None

        return rule(*requirements)(guarded)

    return wrap
