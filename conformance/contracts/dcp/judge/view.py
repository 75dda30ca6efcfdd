"""What the reads of a run say together, whoever recorded them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.contract import Rule, Settings, rule
from conformance.contracts.dcp.ids import named
from conformance.contracts.dcp.judge.blocking import closed_around, open_around, shut_out
from conformance.contracts.dcp.judge.reads import Read, assumed, read_of
from conformance.evidence import UNDECIDED, Answer
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange

ABSENT = frozenset({404, 405, 501})
EMPTY = frozenset({204, 205})


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
        told = {read.status for read in self.proper if read.status is not None} - UNDECIDED
        without = 501 in told or (405 in told and told <= ABSENT)
        if without and not any(200 <= code < 300 for code in self.codes):
            code = 501 if 501 in told else 405
            return f"the answer was {code}: the endpoint is OPTIONAL and is not offered here"
        return ""

    @cached_property
    def redirected(self) -> bool:
        """Whether everything is redirected."""
        return bool(self.codes) and all(300 <= code < 400 for code in self.codes)

    def control(self, read: Read, same_id: bool = True) -> Read | None:
        """A proper read that succeeded in the same check, of the same request unless told otherwise."""
        beside = (one for one in self.shown if one.exchange.check == read.exchange.check)
        return next((one for one in beside if one.id == read.id or not same_id), None)

    @cached_property
    def working(self) -> tuple[Read, ...]:
        """The proper reads of requests that the token opens at all."""
        return tuple(read for read in self.proper if read.id in self.by_id)

    def open_around(self, read: Read) -> bool:
        """Whether the token surely worked when `read` was made: if not, this client may have been blocked."""
        return open_around(read, self.working, self.reads)

    def closed_around(self, read: Read) -> bool:
        """Whether the token was denied when `read` was made, too."""
        return closed_around(read, self.working)

    @cached_property
    def shut_out(self) -> frozenset[int]:
        """The numbers of the proper reads that were denied for a reason that need not be the deployment's."""
        return shut_out(self.proper, self.reads, self.settings.clock_tolerance)


def view(exchanges: Sequence[Exchange], settings: Settings) -> View:
    """Sort out the reads among `exchanges`."""
    named_here = named(settings.many("request"))
    ordered = sorted(exchanges, key=lambda exchange: exchange.number)
    found = [read for exchange in ordered if (read := read_of(exchange, settings, named_here))]
    recorded = [read for read in found if read.recorded]
    bare = bool(recorded) and all(read.credential == "none" for read in recorded)
    reads = (assumed(read) if bare and read.recorded else read for read in found)
    return View(exchanges, settings, tuple(reads))


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
