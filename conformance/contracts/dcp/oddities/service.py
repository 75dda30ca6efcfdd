"""Oddities about where the API is, and how it behaves."""

from __future__ import annotations

from itertools import count

from starlette.requests import Request

from conformance.contracts.dcp.oddities.collection import Collection
from conformance.contracts.dcp.reference import Behaviour
from conformance.reference.behaviour import Answer, Refusal

oddity = Collection()


@oddity("deep-base-path", "The API is five segments down.", base_path="/tenants/4711/issuer/api/v1")
class DeepBasePath(Behaviour):
    pass


@oddity("base-path-with-slash", "The base URL ends with a slash.", base_path="/issuer/")
class BasePathWithSlash(Behaviour):
    pass


@oddity("base-path-of-requests", "The base URL ends with a segment called requests.", base_path="/requests")
class BasePathOfRequests(Behaviour):
    pass


class Limits(Behaviour):
    """Lets some requests wait."""

    every, refusal = 10, Refusal(429, "Slow down.", (("retry-after", "1"),))

    def prepare(self) -> None:
        super().prepare()
        self._numbers = count(1)

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        limited = next(self._numbers) % self.every == 0
        return self.refuse(request, self.refusal) if limited else super().answer(request, body)


@oddity("rate-limit", "Every tenth request gets 429 and has to wait a second.")
class RateLimit(Limits):
    pass


@oddity("overload", "Every eleventh request gets 503 and has to wait two seconds.")
class Overload(Limits):
    every, refusal = 11, Refusal(503, "Busy.", (("retry-after", "2"),))


@oddity("gateway-errors", "A gateway answers every ninth request with 502.")
class GatewayTrouble(Limits):
    every, refusal = 9, Refusal(502, "Bad gateway.")


@oddity(
    "guard-against-guessing",
    "After eight wrong tokens in a row, wrong ones get 429 for ten minutes; the right one works.",
)
class Guard(Behaviour):
    allowed = 8

    def prepare(self) -> None:
        super().prepare()
        self._wrong = 0

    def wrong_token(self) -> Refusal:
        self._wrong += 1
        if self._wrong <= self.allowed:
            return super().wrong_token()
        return Refusal(429, "Too many attempts.", (("retry-after", "600"),))


@oddity("slow", "Every answer takes 300 milliseconds.")
class Slow(Behaviour):
    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        self.clock.sleep(0.3)
        return super().answer(request, body)
