"""Faults of several nodes, of caches between, and of what fades or returns with time."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request

from conformance.contracts.tydids.faults.collection import (
    Changes,
    Collection,
    document,
    granted_instead,
    having,
    revoked_instead,
)
from conformance.contracts.tydids.reference import Behaviour, Grant
from conformance.reference.behaviour import Answer, HeaderPairs, Refusal

fault = Collection()
FORGOTTEN = "TY-R1 TY-R7"


class InTurns(Changes):
    """Every second answer comes from another node."""

    every = 2

    def prepare(self) -> None:
        super().prepare()
        self._answers = {"granted": 0, "revoked": 0}

    def of_any(self, answer: Answer) -> Answer:
        word = str(document(answer)["status"])
        self._answers[word] += 1
        return self.other_node(answer) if self._answers[word] % self.every == 0 else answer

    def other_node(self, answer: Answer) -> Answer:
        return answer


@fault("node-without-revocations", "One of two nodes knows no revocations.", must=FORGOTTEN)
class WithoutRevocations(InTurns):
    def other_node(self, answer: Answer) -> Answer:
        return granted_instead(answer) if answer.status == 403 else answer


@fault("node-without-grants", "One of four nodes knows no grants: it answers with 404.", must="TY-G1")
class WithoutGrants(InTurns):
    every = 4

    def other_node(self, answer: Answer) -> Answer:
        return Answer(404, {"message": "unknown identity"}) if answer.status == 200 else answer


@fault("node-fails-closed", "One of five nodes takes everybody for revoked.", must="TY-G1")
class FailsClosed(InTurns):
    every = 5

    def other_node(self, answer: Answer) -> Answer:
        return revoked_instead(answer) if answer.status == 200 else answer


@fault(
    "node-in-another-zone", "One of two nodes tells the time of a revocation in its own zone.", must="TY-R7"
)
class InAnotherZone(InTurns):
    def other_node(self, answer: Answer) -> Answer:
        members = document(answer)
        return having(answer, revoked=members["revoked"] - 7200) if "revoked" in members else answer


@fault("node-rounds-up", "One of three nodes rounds the time of a revocation up.", must="TY-R7")
class RoundsUp(InTurns):
    every = 3

    def other_node(self, answer: Answer) -> Answer:
        members = document(answer)
        return having(answer, revoked=members["revoked"] + 1) if "revoked" in members else answer


@fault("node-that-crashes", "One of six nodes answers with 500.", must="TY-G1 TY-R1")
class Crashes(InTurns):
    every = 6

    def other_node(self, answer: Answer) -> Answer:
        return Answer(500, {"message": "Internal Server Error"})


@fault(
    "node-of-another-version",
    "One of three nodes answers with 200, whatever the verdict.",
    must="TY-R1 TY-C1",
)
class AnotherVersion(InTurns):
    every = 3

    def other_node(self, answer: Answer) -> Answer:
        return replace(answer, status=200)


@fault(
    "firewall-now-and-then", "Every fifth call for a granted identity gets a firewall's page.", must="TY-G1"
)
class FirewallNowAndThen(InTurns):
    every = 5

    def other_node(self, answer: Answer) -> Answer:
        return Answer(403, b"<html><h1>Request blocked</h1></html>") if answer.status == 200 else answer

    def encode(self, value: object) -> bytes:
        return value if isinstance(value, bytes) else super().encode(value)

    def media_type(self, answer: Answer) -> str | None:
        return "text/html" if isinstance(answer.value, bytes) else super().media_type(answer)


class CachesByPath(Behaviour):
    """A cache keeps whole answers under the path alone, for a few seconds."""

    seconds = 4.0
    says: HeaderPairs = (("x-cache", "HIT"),)
    _kept: Answer | None = None
    _until = 0.0

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        now = self.clock.time()
        if self._kept is None or now > self._until:
            self._kept, self._until = super().answer(request, body), now + self.seconds
            return self._kept
        return replace(self._kept, headers=(*self._kept.headers, *self.says))


@fault(
    "cache-ignores-the-query",
    "A cache keeps answers under the path, without the query.",
    must="TY-I1 TY-R1 TY-I2 TY-I3",
)
class IgnoresTheQuery(CachesByPath):
    seconds = 1e9


@fault("cache-of-all-refusals", "A refusal is kept for the next call, whoever asks.", must="TY-G1 TY-R1")
class RefusalsKept(Behaviour):
    _kept: Answer | None = None

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        kept, self._kept = self._kept, None
        if kept:
            return kept
        usual = super().answer(request, body)
        self._kept = usual if usual.status == 400 else None
        return usual


class Timed(Changes):
    """Answers otherwise between two moments after the first call, in seconds."""

    since, until = 3.0, 1e9
    _first: float | None = None

    def of_any(self, answer: Answer) -> Answer:
        now = self.clock.time()
        self._first = self._first or now
        return self.odd(answer) if self.since <= now - self._first < self.until else answer

    def odd(self, answer: Answer) -> Answer:
        return answer


@fault("revocation-fades", "A revocation is gone three seconds after the first call.", must=FORGOTTEN)
class Fades(Timed):
    def odd(self, answer: Answer) -> Answer:
        return granted_instead(answer) if answer.status == 403 else answer


@fault("revocation-blinks", "From the second to the fourth second a revocation is gone.", must=FORGOTTEN)
class Blinks(Fades):
    since, until = 2.0, 4.0


@fault("grants-end", "Three seconds after the first call granted identities are not found.", must="TY-G1")
class GrantsEnd(Timed):
    def odd(self, answer: Answer) -> Answer:
        return Answer(404, {"message": "expired"}) if answer.status == 200 else answer


@fault("grants-turn", "Four seconds after the first call everybody has always been revoked.", must="TY-G1")
class GrantsTurn(Timed):
    since = 4.0

    def odd(self, answer: Answer) -> Answer:
        return revoked_instead(answer) if answer.status == 200 else answer


@fault(
    "consensus-lost-in-a-restart",
    "Four seconds after the first call the consensus begins anew.",
    must="TY-C3",
)
class LostInARestart(Timed):
    since = 4.0

    def odd(self, answer: Answer) -> Answer:
        return having(answer, consensus=document(answer)["consensus"] % 1000)


@fault(
    "time-lost-in-a-restart",
    "Four seconds after the first call the times of revocations are new.",
    must="TY-R7",
)
class TimeLost(Timed):
    since = 4.0

    def odd(self, answer: Answer) -> Answer:
        return having(answer, revoked=document(answer)["revoked"] + 3600) if answer.status == 403 else answer


@fault("consensus-of-16-bits", "The consensus has sixteen bits, and counts fast.", must="TY-C3")
class SixteenBits(Changes):
    _count = 60_000

    def of_any(self, answer: Answer) -> Answer:
        self._count += 450
        return having(answer, consensus=self._count % 65_536)


@fault("consensus-of-ten-nodes", "Ten nodes count for themselves.", must="TY-C3")
class TenNodes(Changes):
    _calls = 0

    def of_any(self, answer: Answer) -> Answer:
        self._calls += 1
        return having(answer, consensus=document(answer)["consensus"] - self._calls * 7 % 10)


class Fresh(Changes):
    """The revocation has just happened."""

    _moment: int | None = None
    _answers = 0

    def revoked_at(self, grant: Grant) -> object:
        self._moment = self._moment or int(self.clock.time())
        return self._moment


@fault(
    "fresh-revocation-flaps", "A fresh revocation is told in two answers of three, for ever.", must=FORGOTTEN
)
class FreshFlaps(Fresh):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        self._answers += 1
        return granted_instead(answer) if self._answers % 3 == 0 else answer
