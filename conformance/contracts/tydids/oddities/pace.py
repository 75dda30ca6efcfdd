"""Peculiarities of pace: slow answers, throttling."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from conformance.clock import VirtualClock
from conformance.contracts.tydids.oddities.naming import oddity
from conformance.contracts.tydids.reference import Behaviour
from conformance.reference.behaviour import Answer, HeaderPairs, Refusal


class Slow(Behaviour):
    """Every answer takes 300 ms."""

    async def before(self, request: Request) -> None:
        if isinstance(self.clock, VirtualClock):
            self.clock.sleep(0.3)
        else:
            await asyncio.sleep(0.3)


class Throttled(Behaviour):
    """Every ninth call is answered with `code`."""

    code = 429
    hint: HeaderPairs = (("retry-after", "1"),)
    _calls = 0

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        self._calls += 1
        late = self._calls % 9 == 0
        return Refusal(self.code, "Later.", self.hint) if late else super().decide(request, body)


class ThrottledWithoutHint(Throttled):
    hint = ()


class Unavailable(Throttled):
    code = 503


class BadGateway(Throttled):
    code, hint = 502, ()


class ThrottledWith403(Throttled):
    code = 403


ODDITIES = (
    oddity("slow", "Every answer takes 300 ms.", Slow),
    oddity("throttled", "Every ninth call is answered with 429 and Retry-After.", Throttled),
    oddity("throttled-without-hint", "Every ninth call is answered with 429.", ThrottledWithoutHint),
    oddity("throttled-with-403", "Every ninth call is answered with 403 and Retry-After.", ThrottledWith403),
    oddity("unavailable-at-times", "Every ninth call is answered with 503 and Retry-After.", Unavailable),
    oddity("bad-gateway-at-times", "Every ninth call is answered with 502.", BadGateway),
)
