"""Faults that look like circumstances and meet only one kind of identity."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from conformance.contracts.tydids.faults.collection import Changes, Collection
from conformance.contracts.tydids.reference import Behaviour, Grant
from conformance.reference.behaviour import Answer

fault = Collection()


class OneKind(Changes):
    """Answers identities of one kind with `instead`."""

    kind = "revoked"
    instead = Answer(503, {"message": "Service Unavailable"})

    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return self.instead if self.kind == "granted" else answer

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return self.instead if self.kind == "revoked" else answer


@fault("revoked-unavailable", "Whoever asks for a revoked identity gets 503.", must="TY-R1")
class RevokedUnavailable(OneKind):
    pass


@fault("granted-unavailable", "Whoever asks for a granted identity gets 503.", must="TY-G1")
class GrantedUnavailable(OneKind):
    kind = "granted"


@fault("granted-throttled", "Whoever asks for a granted identity gets 429.", must="TY-G1")
class GrantedThrottled(OneKind):
    kind, instead = "granted", Answer(429, {"message": "Too Many Requests"})


@fault("revoked-gateway-timeout", "Looking up a revocation takes too long for the gateway.", must="TY-R1")
class RevokedTimeout(OneKind):
    instead = Answer(504, {"message": "Gateway Timeout"})


class Lost(Response):
    """An answer that ends before its body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"9")]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})


@fault("revoked-hangs-up", "Whoever asks for a revoked identity loses the connection.", must="TY-R1")
class RevokedHangsUp(Behaviour):
    async def after(self, request: Request, response: Response) -> Response:
        return Lost(status_code=403) if response.status_code == 403 else response
