"""A deployment that takes one call at a time, whatever its contract."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.behaviour import Answer, ReferenceBehaviour, Refusal

MOMENT = 0.003
"""Seconds that a call takes at least, so that others can come meanwhile."""


class OneAtATime(ReferenceBehaviour):
    """Of several calls at the same time all but one are answered with 429 and Retry-After."""

    _in_flight = 0

    async def before(self, request: Request) -> None:
        await super().before(request)
        self._in_flight += 1
        await asyncio.sleep(MOMENT)

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        busy = self._in_flight > 1
        return Refusal(429, "Later.", (("retry-after", "1"),)) if busy else super().decide(request, body)

    async def after(self, request: Request, response: Response) -> Response:
        self._in_flight -= 1
        return await super().after(request, response)
