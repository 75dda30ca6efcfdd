"""What the reads of a run say together, whoever recorded them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, takewhile
from typing import Any

from conformance.contract import Rule, Settings, rule
from conformance.contracts.dcp.ids import Named, named
from conformance.contracts.dcp.message import WORDS
from conformance.contracts.dcp.recording import meant
from conformance.evidence import UNDECIDED, Answer, answer
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange

ABSENT = frozenset({404, 405, 501})
EMPTY = frozenset({204, 205})
DENYING = frozenset({401, 403, 407})
LONG_RUN = 60.0
NOTHING_GIVEN = Settings()


@dataclass(frozen=True, slots=True)
class Read:
    """One GET of a request with what was meant by it.

    `credential` is "token", "none", "assumed" (recorded without Authorization headers) or the name of
    a wrong one, `what` the same in words; `state` is what it has to report, `seen` what it reported at some time
    before; `unknown` is how close an unknown id comes to a known one, `odd`
    whether the id cannot be one, `case` either in words; `expires` is when the token does, in Unix seconds.
    """

    exchange: Exchange
    id: str
    credential: str
    what: str = ""
    known: bool = False
    state: str = ""
    seen: str = ""
    unknown: str = ""
    odd: bool = False
    case: str = ""
    expires: str = ""
    recorded: bool = False

    @property
    def status(self) -> int | None:
        """The HTTP status code."""
        return self.exchange.status

    @property
    def answer(self) -> Answer:
        """The kind of answer."""
        return answer(self.exchange)

    @property
    def let_in(self) -> bool:
        """Whether the answer is a success, even one whose body was cut at the size cap."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def members(self) -> dict[str, Any] | None:
        """The body's members if it is an object."""
        return self.exchange.response.document.members if self.exchange.response else None

    @property
    def word(self) -> str:
        """The state that the body reports, if it is one of the three words."""
        found = (self.members or {}).get("status")
        return found if isinstance(found, str) and found in WORDS else ""

    @property
    def ours(self) -> bool:
        """Whether the read carried the right token."""
        return self.credential in ("token", "assumed")

    def before(self, other: Read) -> bool:
        """Whether this read was answered before the other one was sent."""
        return self.exchange.ended <= other.exchange.started


@dataclass(frozen=True)
class View:
    """All reads in the order of sending, and what follows from them together."""

    exchanges: Sequence[Exchange]
    settings: Settings
    reads: tuple[Read, ...]

    @property
    def lenient(self) -> bool:
        """Whether any refusal will do, as the protocol has it: `--profile dcp`."""
        return self.settings.one("profile", "ishare") == "dcp"

    @cached_property
    def proper(self) -> tuple[Read, ...]:
        """The reads of known requests with the right token."""
        return tuple(read for read in self.reads if read.known and read.ours)

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
        if not self.proper or not self.codes:
            return ""
        if self.codes <= ABSENT:
            listed = " or ".join(map(str, sorted(self.codes)))
            return f"every answer was {listed}: the endpoint is OPTIONAL and is not offered here"
        unimplemented = any(read.status == 501 for read in self.proper)
        if unimplemented and not any(200 <= code < 300 for code in self.codes):
            return "the answer was 501: the endpoint is OPTIONAL and is not offered here"
        return ""

    @cached_property
    def redirected(self) -> bool:
        """Whether everything is redirected."""
        return bool(self.codes) and all(300 <= code < 400 for code in self.codes)

    def control(self, read: Read, same_id: bool = True) -> Read | None:
        """A proper read that succeeded in the same check, of the same request unless told otherwise."""
        beside = (one for one in self.shown if one.exchange.check == read.exchange.check)
        return next((one for one in beside if one.id == read.id or not same_id), None)

    def still_open(self, read: Read) -> bool:
        """Whether the next proper read succeeded: if not, this client may have been blocked by then."""
        after = (one for one in self.proper if one.exchange.number > read.exchange.number)
        return any(one.answer is Answer.ACCEPTED for one in islice(after, 1))

    @cached_property
    def shut_out(self) -> bool:
        """Whether the token worked, and then never again for a reason that need not be the deployment's.

        Tokens expire, and wrong tokens or odd ids may get a client blocked.
        """
        decided = [read for read in self.proper if read.answer is not Answer.UNDECIDED]
        worked = list(takewhile(lambda read: read.status == 200, decided))
        after = decided[len(worked) :]
        if not worked or not after or any(read.status not in DENYING for read in after):
            return False
        return self._expired(after[0]) or self._provoked(after[0]) or self._long(after[0])

    def _expired(self, read: Read) -> bool:
        return bool(read.expires) and int(read.expires) <= read.exchange.ended + self.settings.clock_tolerance

    def _provoked(self, read: Read) -> bool:
        earlier = (one for one in self.reads if one.exchange.number < read.exchange.number)
        return any(one.odd or not (one.ours or one.credential == "none") for one in earlier)

    def _long(self, read: Read) -> bool:
        return read.exchange.ended - self.proper[0].exchange.started > LONG_RUN


def view(exchanges: Sequence[Exchange], settings: Settings) -> View:
    """Sort out the reads among `exchanges`."""
    named_here = named(settings.many("request"))
    ordered = sorted(exchanges, key=lambda exchange: exchange.number)
    found = [read for exchange in ordered if (read := _read(exchange, settings, named_here))]
    recorded = [read for read in found if read.recorded]
    bare = bool(recorded) and all(read.credential == "none" for read in recorded)
    reads = (_assumed(read) if bare and read.recorded else read for read in found)
    return View(exchanges, settings, tuple(reads))


def _assumed(read: Read) -> Read:
    """Recorders leave Authorization headers out: where no request has one, nothing follows from that."""
    return replace(read, credential="assumed")


def intent_of(exchange: Exchange, settings: Settings = NOTHING_GIVEN) -> Mapping[str, str]:
    """What a request was meant to be: as the driver said, or as it seems."""
    return exchange.intent or meant(exchange, settings)


def _read(exchange: Exchange, settings: Settings, named_here: Iterable[Named]) -> Read | None:
    intent = intent_of(exchange, settings)
    if intent.get("op") != "read":
        return None
    request_id = intent.get("id", "")
    state = next((one.state for one in named_here if one.id == request_id), "")
    return Read(
        exchange=exchange,
        id=request_id,
        credential=intent.get("credential", "token"),
        what=intent.get("what", ""),
        known=bool(intent.get("known")),
        state=intent.get("state", state),
        seen=intent.get("seen", ""),
        unknown=intent.get("unknown", ""),
        odd=bool(intent.get("odd")),
        case=intent.get("case", ""),
        expires=intent.get("expires", ""),
        recorded=bool(intent.get("recorded")),
    )


def offered(*requirements: str) -> Callable[[Callable[[View, Assessment], None]], Rule]:
    """Make a function the rule that decides `requirements`, where the endpoint is offered at all."""

    def wrap(decide: Callable[[View, Assessment], None]) -> Rule:
        def guarded(seen: View, assessment: Assessment) -> None:
            if not seen.absence:
                return decide(seen, assessment)
            for requirement in requirements:
                exchanges = [read.exchange for read in seen.reads]
                assessment.unclear(requirement, *exchanges, message=seen.absence)
            return None

        return rule(*requirements)(guarded)

    return wrap
