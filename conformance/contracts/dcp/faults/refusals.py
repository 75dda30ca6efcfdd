"""Faults about the way in which somebody without the token is refused."""

from __future__ import annotations

from starlette.requests import Request

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour
from conformance.reference.behaviour import Answer, HeaderPairs, Refusal

fault = Collection()
BOTH = "DCP-E1 DCP-E2"


class Refuses(Behaviour):
    """Refuses with another code."""

    code = 401

    def error_code(self, refusal: Refusal) -> int:
        return self.code if refusal.status == 401 else refusal.status


@fault("refusal-403", "Somebody without the token gets 403.", must=BOTH)
class Forbidden(Refuses):
    code = 403


@fault("refusal-404", "Somebody without the token gets 404.", must=BOTH)
class NotFound(Refuses):
    code = 404


@fault("refusal-400", "Somebody without the token gets 400.", must=BOTH)
class BadRequest(Refuses):
    code = 400


@fault("refusal-422", "Somebody without the token gets 422, as from a validator of headers.", must=BOTH)
class Unprocessable(Refuses):
    code = 422


@fault("refusal-500", "Somebody without the token breaks the server.", must=BOTH)
class Breaks(Refuses):
    code = 500


@fault("refusal-200", "Somebody without the token gets 200 and an error.", must=BOTH)
class Fine(Refuses):
    code = 200


@fault("refusal-204", "Somebody without the token gets 204.", must=BOTH)
class Nothing(Behaviour):
    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        return Answer(204) if refusal.status == 401 else super().refuse(request, refusal)


@fault("refusal-302", "Somebody without the token is sent to a page to log in.", must=BOTH)
class Login(Behaviour):
    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        if refusal.status != 401:
            return super().refuse(request, refusal)
        location: HeaderPairs = (("location", "https://issuer.example/login"),)
        return Answer(302, headers=location)


@fault("refusal-302-unless-json", "Who does not ask for JSON is sent to a page to log in.", must=BOTH)
class LoginUnlessJson(Login):
    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        asked = "json" in request.headers.get("accept", "")
        return Behaviour.refuse(self, request, refusal) if asked else super().refuse(request, refusal)


@fault("refusal-200-of-unknown", "Without a token an unknown request gets 200 and an error.", must="DCP-E1")
class UnknownFine(Behaviour):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        bare = "authorization" not in request.headers and self.lookup(request_id) is None
        return Answer(200, {"error": "unknown"}) if bare else super().read(request, request_id, body)


@fault("refusal-200-null", "Somebody without the token gets 200 and null.", must=BOTH)
class Null(Behaviour):
    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        return Answer(200, None) if refusal.status == 401 else super().refuse(request, refusal)


@fault("refusal-missing-403", "A header without a token gets 403, a wrong token 401.", must=BOTH)
class MissingForbidden(Behaviour):
    def missing_token(self) -> Refusal:
        return Refusal(403, "Not authenticated")


@fault("refusal-wrong-403", "A missing token gets 401, a wrong one 403.", must="DCP-E2")
class WrongForbidden(Behaviour):
    def wrong_token(self) -> Refusal:
        return Refusal(403, "The token is not valid.")


@fault("refusal-missing-500", "A missing token breaks the server.", must="DCP-E1")
class MissingBreaks(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        if "authorization" not in request.headers:
            return Refusal(500, "'NoneType' object has no attribute 'split'")
        return super().authorize(request)


@fault(
    "refusal-missing-500-when-rejected",
    "Without a token a rejected request breaks the server.",
    must="DCP-E1",
)
class MissingBreaksWhenRejected(Behaviour):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        found = self.lookup(self.normalize(request_id))
        if "authorization" not in request.headers and found and found.state == "REJECTED":
            return Refusal(500, "'NoneType' object has no attribute 'split'")
        return super().read(request, request_id, body)


@fault(
    "refusal-missing-502",
    "A missing token ends in a 502 of the gateway, time and again.",
    must=BOTH,
)
class MissingBreaksBehindGateway(Behaviour):
    def missing_token(self) -> Refusal:
        return Refusal(502, "Internal server error")


@fault(
    "refusal-wrong-504",
    "A wrong token ends in a 504 of the gateway, time and again.",
    must="DCP-E2",
)
class WrongHangsBehindGateway(Behaviour):
    def wrong_token(self) -> Refusal:
        return Refusal(504, "Endpoint request timed out")


@fault("refusal-wrong-500", "A token that does not parse breaks the server.", must="DCP-E2")
class WrongBreaks(Behaviour):
    def wrong_token(self) -> Refusal:
        return Refusal(500, "JWTDecodeException: the token was expected to have 3 parts")


@fault("refusal-scheme-500", "A header without a space in it breaks the server.", must="DCP-E2")
class SchemeBreaks(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        given = request.headers.get("authorization", "Bearer x")
        return (
            Refusal(500, "list index out of range")
            if " " not in given.strip()
            else super().authorize(request)
        )


@fault("refusal-empty-400", "An empty token and one without a scheme get 400.", must="DCP-E2")
class MalformedBadRequest(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        given = request.headers.get("authorization", "Bearer x")
        return Refusal(400, "invalid_request") if " " not in given.strip() else super().authorize(request)


@fault("refusal-basic-400", "Another scheme than Bearer gets 400.", must="DCP-E2")
class SchemeBadRequest(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        scheme = request.headers.get("authorization", "Bearer").partition(" ")[0]
        other = scheme.lower() in ("basic", "digest", "token")
        return Refusal(400, "unsupported scheme") if other else super().authorize(request)


@fault(
    "refusal-after-lookup",
    "Finished requests are looked up before the token: without one there is a 404.",
    must=BOTH,
)
class AfterLookup(Behaviour):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, request_id, body)
        found = self.lookup(self.normalize(request_id))
        hidden = isinstance(answer, Refusal) and answer.status == 401 and found and found.state != "RECEIVED"
        return self.unknown_request() if hidden else answer
