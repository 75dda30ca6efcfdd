"""What befalls a run and is nobody's defect: the token ends, the caller is blocked, the deployment is down or elsewhere."""

from __future__ import annotations

from starlette.requests import Request

from conformance.contracts.dcp.causes import SHUT_OUT
from conformance.contracts.dcp.oddities.collection import Collection
from conformance.contracts.dcp.oddities.refusals import LENIENT
from conformance.contracts.dcp.reference import EXAMPLES, Behaviour
from conformance.diagnosis.circumstances import BLOCKED, ENDED, NEVER, OUTAGE
from conformance.reference.behaviour import Answer, Refusal

oddity = Collection()


class Uses(Behaviour):
    """Lets the token in so many times."""

    uses = 12

    def prepare(self) -> None:
        super().prepare()
        self._used = 0

    def authorize(self, request: Request) -> Refusal | None:
        refusal = super().authorize(request)
        self._used += refusal is None
        expired = Refusal(401, "invalid_token: the access token expired")
        return expired if refusal is None and self._used > self.uses else refusal


@oddity("token-expires", "The token expires after twelve reads.", circumstance=ENDED)
class Expires(Uses):
    pass


@oddity("token-for-one-use", "The token is good for one use.", circumstance=ENDED)
class OneUse(Uses):
    uses = 1


@oddity("token-expires-late", "The token expires near the end of the run.", circumstance=ENDED)
class ExpiresLate(Uses):
    uses = 60


class Blocks(Behaviour):
    """Blocks whoever was refused so many times, for so many requests."""

    allowed, length, refusal = 5, 10_000, Refusal(403, "Too many failed attempts: your address is blocked.")

    def prepare(self) -> None:
        super().prepare()
        self._failed = self._blocked = 0

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        if self._failed >= self.allowed and self._blocked < self.length:
            self._blocked += 1
            return self.refuse(request, self.refusal)
        answer = super().answer(request, body)
        self._failed += answer.status == 401
        return answer


@oddity("caller-blocked", "Five refusals block the caller.", circumstance=BLOCKED)
class FiveFailures(Blocks):
    pass


@oddity("caller-blocked-by-429", "After seven refusals there is only a 429.", circumstance=BLOCKED)
class SevenFailures(Blocks):
    allowed, refusal = 7, Refusal(429, "Too many failed attempts.")


@oddity(
    "caller-blocked-for-a-while", "Seven refusals block the caller for 25 requests.", circumstance=SHUT_OUT.id
)
class ForAWhile(Blocks):
    allowed, length = 7, 25


@oddity(
    "profile-caller-blocked", "Under the protocol's own profile, too.", inputs=LENIENT, circumstance=BLOCKED
)
class LenientBlocked(Blocks):
    allowed = 8


class Down(Behaviour):
    """Is there for some requests, and then for some not."""

    first, last, refusal = 30, 10_000, Refusal(502, "Bad gateway.")

    def prepare(self) -> None:
        super().prepare()
        self._seen = 0

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        self._seen += 1
        down = self.first < self._seen <= self.last
        return self.refuse(request, self.refusal) if down else super().answer(request, body)


@oddity(
    "gateway-goes-down", "After thirty requests the gateway answers 502 to everything.", circumstance=OUTAGE
)
class GoesDown(Down):
    pass


@oddity("wants-a-certificate", "A proxy wants a client certificate.", circumstance=NEVER)
class WantsCertificate(Down):
    first, refusal = 0, Refusal(400, "No required SSL certificate was sent")


@oddity(
    "one-request-blocked",
    "The operator knows of one request only, and the caller is blocked.",
    inputs={"request": EXAMPLES["request"][:1]},
    circumstance=BLOCKED,
)
class OneRequestBlocked(Blocks):
    pass
