"""Peculiarities of what stands before a deployment: firewalls, limits, caches, replicas."""

from __future__ import annotations

import json
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.tydids.oddities.naming import oddity
from conformance.contracts.tydids.oddities.values import RevokedNow, Unfinished
from conformance.contracts.tydids.reference import GRANTED_EXAMPLE, Behaviour, Grant
from conformance.diagnosis.circumstances import BLOCKED, ENDED
from conformance.reference.behaviour import EMPTY, Answer, HeaderPairs, Refusal

BLOCK = b"<html><title>Attention Required!</title><h1>Sorry, you have been blocked</h1></html>"


class Bytes(Behaviour):
    """May answer with bytes that are no JSON."""

    def encode(self, value: object) -> bytes:
        return value if isinstance(value, bytes) else super().encode(value)

    def media_type(self, answer: Answer) -> str | None:
        return "text/html" if isinstance(answer.value, bytes) else super().media_type(answer)


class Firewall(Bytes):
    """A firewall answers whatever looks like an attack with its page."""

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        given = request.query_params.get("identity") or ""
        harmless = given.isprintable() and not set(given) & set("%'\"<>,")
        return super().decide(request, body) if harmless else Answer(403, BLOCK)


class Lockout(Bytes):
    """Five malformed identities block the caller."""

    _bad = 0

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        if self._bad >= 5:
            return Answer(403, BLOCK)
        usual = super().answer(request, body)
        self._bad += usual.status == 400
        return usual


class DailyQuota(Behaviour):
    """After sixty calls the quota is used up."""

    _calls = 0

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        self._calls += 1
        spent = self._calls > 60
        return Refusal(429, "Daily quota exceeded.") if spent else super().decide(request, body)


class SessionEnds(Behaviour):
    """A gateway's session ends after fifty calls; it says nothing of it but 401."""

    _calls = 0

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        self._calls += 1
        return Answer(401, EMPTY) if self._calls > 50 else super().decide(request, body)


class Bucket(Behaviour):
    """Forty calls a second, ten more in a burst; what is more has to come back after a second."""

    _excess, _last = 0.0, 0.0
    code, more = 429, (("retry-after", "1"),)

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        now = self.clock.time()
        self._excess = max(0.0, self._excess - (now - (self._last or now)) * 40)
        self._last = now
        if self._excess > 10:
            return Refusal(self.code, "Too fast.", self.more)
        self._excess += 1
        return super().decide(request, body)


class BucketOf503(Bucket):
    code = 503


class ShortCache(Behaviour):
    """A cache keeps answers for two seconds and says so."""

    def prepare(self) -> None:
        super().prepare()
        self._kept: dict[str, tuple[float, Answer | Refusal]] = {}

    def verdict(self, identity: str) -> Answer | Refusal:
        now = self.clock.time()
        since, kept = self._kept.get(identity, (0.0, Refusal(500, "")))
        if now - since > 2:
            self._kept[identity] = now, super().verdict(identity)
            return self._kept[identity][1]
        more: HeaderPairs = (("age", f"{now - since:.0f}"), ("x-cache", "HIT"))
        return replace(kept, headers=(*kept.headers, *more))


class Replicas(RevokedNow):
    """One of two replicas hears of a fresh revocation three seconds after the other."""

    _since: float | None = None
    _calls = 0

    def revoked(self, grant: Grant) -> Answer | Refusal:
        self.revoked_at(grant)
        self._since = self._since or self.clock.time()
        self._calls += 1
        behind = self._calls % 2 == 0 and self.clock.time() < self._since + 3
        return super().granted(grant) if behind else super().revoked(grant)


class RevokesOnOneNodeFirst(RevokedNow):
    """A granted identity revokes after its tenth answer; one of two nodes hears of it two seconds later."""

    _answers = 0

    def granted(self, grant: Grant) -> Answer | Refusal:
        if grant.identity != self.canonical(GRANTED_EXAMPLE):
            return super().granted(grant)
        self._answers += 1
        if self._answers <= 10:
            return super().granted(grant)
        moment = int(str(self.revoked_at(grant)))
        behind = self._answers % 2 == 0 and self.clock.time() < moment + 2
        return super().granted(grant) if behind else self.revoked(grant)

    def revoked_at(self, grant: Grant) -> object:
        return grant.revoked or super().revoked_at(grant)


class LateRevocation(RevokedNow):
    """A granted identity revokes four seconds after the first call."""

    _since: float | None = None

    def granted(self, grant: Grant) -> Answer | Refusal:
        now = self.clock.time()
        self._since = self._since or now
        mine = grant.identity == self.canonical(GRANTED_EXAMPLE)
        return self.revoked(grant) if mine and now > self._since + 4 else super().granted(grant)

    def revoked_at(self, grant: Grant) -> object:
        return grant.revoked or super().revoked_at(grant)


class Restarts(Behaviour):
    """Two calls in the middle are lost with their connection, as a node restarts."""

    _calls = 0

    async def after(self, request: Request, response: Response) -> Response:
        self._calls += 1
        return Unfinished(status_code=200) if self._calls in (24, 57) else response


class WakesUp(Behaviour):
    """The first call takes four seconds."""

    _awake = False

    async def before(self, request: Request) -> None:
        if not self._awake:
            self._awake = True
            self.clock.sleep(4)


class Refuses(Behaviour):
    """Unknown identities are refused with `unknown_code`, malformed ones with `malformed_code`."""

    unknown_code = 404
    malformed_code = 400

    def unknown(self, identity: str) -> Answer | Refusal:
        return Refusal(self.unknown_code, "Unknown.")

    def malformed_identity(self, identity: str) -> Answer | Refusal:
        return Refusal(self.malformed_code, "Malformed.")


class Gone(Refuses):
    unknown_code, malformed_code = 410, 404


class Credentials(Refuses):
    unknown_code, malformed_code = 401, 401


class Crashes(Refuses):
    malformed_code = 500


class MissingRedirects(Behaviour):
    """A call without an identity is sent to the manual."""

    def missing_identity(self) -> Answer | Refusal:
        return Answer(302, EMPTY, (("location", "/docs"),))


class Batch(Behaviour):
    """A list of identities with commas is answered with a list."""

    def malformed_identity(self, identity: str) -> Answer | Refusal:
        if "," not in identity:
            return super().malformed_identity(identity)
        return Answer(200, [{"identity": one, "status": "granted"} for one in identity.split(",")])


class CaseOverlooked(Behaviour):
    """An address in another letter case is nobody's, and granted."""

    def canonical(self, identity: str) -> str:
        return identity


class DecimalConsensus(Behaviour):
    """Numbers are written without a decimal point but with many digits."""

    def consensus(self) -> object:
        return 10**30 + int(self.clock.time())


class ManyMembers(Behaviour):
    """Verdicts carry a proof of ten thousand characters, deeply nested."""

    def granted_document(self, grant: Grant) -> dict[str, object]:
        proof: object = "x" * 10_000
        for _ in range(60):
            proof = {"proof": [proof]}
        return {**super().granted_document(grant), "proof": json.loads(json.dumps(proof))}


ODDITIES = (
    oddity("firewall", "A firewall answers what looks like an attack with its page.", Firewall),
    oddity("lockout", "Five malformed identities block the caller.", Lockout, circumstance=BLOCKED),
    oddity("quota", "After sixty calls the quota is used up.", DailyQuota, circumstance=BLOCKED),
    oddity("session-ends", "After fifty calls there is only 401.", SessionEnds, circumstance=ENDED),
    oddity("bucket", "Calls beyond forty a second get 429 and Retry-After.", Bucket),
    oddity("bucket-of-503", "Calls beyond forty a second get 503 and Retry-After.", BucketOf503),
    oddity("cache-of-two-seconds", "A cache keeps answers for two seconds.", ShortCache),
    oddity("replicas", "One of two replicas hears of a fresh revocation three seconds late.", Replicas),
    oddity("revokes-on-one-node-first", "A revocation reaches one node first.", RevokesOnOneNodeFirst),
    oddity("revokes-at-last", "A granted identity revokes near the end of the run.", LateRevocation),
    oddity("restarts", "Two connections are lost while a node restarts.", Restarts),
    oddity("wakes-up", "The first call takes four seconds.", WakesUp),
    oddity("unknown-410", "Unknown identities are gone, malformed ones not found.", Gone),
    oddity("unknown-401", "Whatever is not known wants credentials.", Credentials),
    oddity("malformed-500", "What is no identity ends in a crash.", Crashes),
    oddity("nobody-redirected", "A call without an identity is sent to the manual.", MissingRedirects),
    oddity("batch", "A list of identities is answered with a list.", Batch),
    oddity("case-overlooked", "An address in another letter case is nobody's, and granted.", CaseOverlooked),
    oddity("consensus-of-thirty-digits", "The consensus has thirty digits.", DecimalConsensus),
    oddity("big-proof", "A grant carries a big proof.", ManyMembers),
)
