"""Peculiarities of identities, numbers, times and pace."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from conformance.contracts.tydids.oddities.naming import oddity
from conformance.contracts.tydids.reference import (
    GRANTED_EXAMPLE,
    REVOKED_EXAMPLE,
    Behaviour,
    Grant,
)
from conformance.reference.behaviour import Answer, HeaderPairs, Refusal

OTHERS: Mapping[str, tuple[str, ...]] = {
    "granted": (GRANTED_EXAMPLE, "did:ethr:0x" + "ab" * 20, "did:web:example.com%3A3000:user"),
    "revoked": (REVOKED_EXAMPLE, "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH", "0x" + "1" * 40),
}
SLACK: Mapping[str, tuple[str, ...]] = {"consensus-slack": ("3",)}


# Identities


class MalformedRevoked(Behaviour):
    """What is no identity is revoked."""

    def malformed_identity(self, identity: str) -> Answer | Refusal:
        return self.revoked(Grant(identity, 1_722_722_789))


class MalformedUnknown(Behaviour):
    """What is no identity is answered with 200 and the status unknown."""

    def malformed_identity(self, identity: str) -> Answer | Refusal:
        return Answer(200, {"status": "unknown", "consensus": self.consensus()})


class LongRefused(Behaviour):
    """A long URL is answered with 414."""

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        return Refusal(414, "Too long.") if len(request.url.query) > 255 else super().decide(request, body)


class Trims(Behaviour):
    """White space around an identity does not count."""

    def identity(self, request: Request) -> str | Answer | Refusal:
        given = super().identity(request)
        trimmed = given.strip() if isinstance(given, str) else given
        return trimmed or self.missing_identity()


class TrimsBlanks(Trims):
    """White space around an identity does not count, but a firewall refuses control characters."""

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        given = request.query_params.get("identity") or ""
        harmless = given.isprintable()
        return super().decide(request, body) if harmless else Refusal(400, "Control characters.")


class Unfinished(Response):
    """An answer that ends before its body, so that the connection is lost."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"9")]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})


class HangsUp(Behaviour):
    """What is no identity is answered by closing the connection."""

    async def after(self, request: Request, response: Response) -> Response:
        malformed = response.status_code == 400 and request.query_params.get("identity")
        return Unfinished(status_code=400) if malformed else response


class Unknown(Behaviour):
    """An identity that nobody published is refused with `code`."""

    code = 404

    def unknown(self, identity: str) -> Answer | Refusal:
        return Refusal(self.code, "Nothing is known about this identity.")


class Unknown400(Unknown):
    code = 400


class Unknown403(Unknown):
    """An identity that nobody published is answered with a 403 that has no verdict."""

    code = 403


class CaseCounts(Unknown):
    """Letter case counts: an address in another case is another identity."""

    def canonical(self, identity: str) -> str:
        return identity


class LowerCaseRefused(CaseCounts):
    """An address without its checksum is no identity."""

    def unknown(self, identity: str) -> Answer | Refusal:
        return self.malformed_identity(identity)


# Numbers and times


class StandsStill(Behaviour):
    """The consensus stands still."""

    number = 7

    def consensus(self) -> object:
        return self.number


class NeverAny(StandsStill):
    """No consensus has been reached yet: it is 0."""

    number = 0


class Huge(StandsStill):
    """The consensus needs more than 64 bits."""

    number = 2**64 + 1


class Jumps(Behaviour):
    """The consensus jumps by a million with every answer."""

    _number = 0

    def consensus(self) -> object:
        self._number += 1_000_000
        return self._number


class TwoNodes(Jumps):
    """Two nodes answer in turns, one of them three behind, which the operator allows for."""

    def consensus(self) -> object:
        self._number += 1
        return 40_856 - 3 * (self._number % 2)


class RevokedNow(Behaviour):
    """The revocation happened when it was first asked for, by a clock that is `ahead` seconds ahead."""

    ahead = 0
    _moment: int | None = None

    def revoked_at(self, grant: Grant) -> object:
        self._moment = self._moment or int(self.clock.time()) + self.ahead
        return self._moment


class FourMinutesAhead(RevokedNow):
    ahead = 240


class HourAheadWithDate(RevokedNow):
    """The clock is an hour ahead, and the Date header says so."""

    ahead = 3600

    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        date = formatdate(self.clock.time() + self.ahead, usegmt=True)
        return (*super().headers_for(request, answer), ("date", date))


class RevokesMeanwhile(RevokedNow):
    """After its seventh answer a granted identity revokes its approval."""

    _answers = 0

    def granted(self, grant: Grant) -> Answer | Refusal:
        self._answers += grant.identity == self.canonical(GRANTED_EXAMPLE)
        late = self._answers > 7 and grant.identity == self.canonical(GRANTED_EXAMPLE)
        return self.revoked(grant) if late else super().granted(grant)

    def revoked_at(self, grant: Grant) -> object:
        return grant.revoked or super().revoked_at(grant)


class HeardOfLate(RevokedNow):
    """The revocation happened when it was first asked for, and is heard of two seconds later."""

    _since: float | None = None

    def revoked(self, grant: Grant) -> Answer | Refusal:
        self.revoked_at(grant)
        self._since = self._since or self.clock.time()
        late = self.clock.time() < self._since + 2
        return super().granted(grant) if late else super().revoked(grant)


class LongAgo(Behaviour):
    """The revocation was in 2001."""

    def revoked_at(self, grant: Grant) -> object:
        return 1_000_000_000


ODDITIES = (
    oddity("malformed-revoked", "What is no identity is revoked.", MalformedRevoked),
    oddity("malformed-unknown", "What is no identity is answered with 200 and unknown.", MalformedUnknown),
    oddity("trims", "White space around an identity does not count.", Trims),
    oddity("trims-blanks", "Blanks around an identity do not count; a line break is refused.", TrimsBlanks),
    oddity("malformed-hangs-up", "What is no identity is answered by hanging up.", HangsUp),
    oddity("long-414", "A long URL is answered with 414.", LongRefused),
    oddity("unknown-404", "An identity that nobody published is answered with 404.", Unknown),
    oddity("unknown-400", "An identity that nobody published is answered with 400.", Unknown400),
    oddity("unknown-403", "An identity that nobody published is answered with a bare 403.", Unknown403),
    oddity("case-counts", "An address in another letter case is another identity.", CaseCounts),
    oddity("lower-case-refused", "An address in another letter case is no identity.", LowerCaseRefused),
    oddity("consensus-stands-still", "The consensus stands still.", StandsStill),
    oddity("consensus-zero", "The consensus is 0.", NeverAny),
    oddity("consensus-huge", "The consensus needs more than 64 bits.", Huge),
    oddity("consensus-jumps", "The consensus jumps by a million with every answer.", Jumps),
    oddity(
        "two-nodes-within-slack", "One of two nodes is three behind, as allowed for.", TwoNodes, inputs=SLACK
    ),
    oddity("revoked-just-now", "The revocation has just happened.", RevokedNow),
    oddity("clock-ahead", "The clock is four minutes ahead.", FourMinutesAhead),
    oddity(
        "clock-ahead-with-date", "The clock is an hour ahead, as the Date header says.", HourAheadWithDate
    ),
    oddity("revoked-meanwhile", "A granted identity revokes while the run goes on.", RevokesMeanwhile),
    oddity("revoked-heard-of-late", "A recent revocation is heard of two seconds late.", HeardOfLate),
    oddity("revoked-long-ago", "The revocation was in 2001.", LongAgo),
    oddity("other-identities", "The identities are DIDs, and several.", inputs=OTHERS),
    oddity("deep-base", "The API stands below several segments.", base_path="/prod/v1/api/v2.0"),
)
