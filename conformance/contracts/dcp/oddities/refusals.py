"""Oddities about how somebody is refused."""

from __future__ import annotations

from starlette.requests import Request

from conformance.contracts.dcp.oddities.collection import Collection
from conformance.contracts.dcp.reference import CONTEXT, Behaviour
from conformance.reference.behaviour import EMPTY, Answer, HeaderPairs, Refusal

oddity = Collection()
LENIENT = {"profile": ("dcp",)}


class Errors(Behaviour):
    """Gives errors another body."""

    shown: object = EMPTY
    label = "application/json"

    def error_body(self, refusal: Refusal) -> object:
        return self.shown

    def media_type(self, answer: Answer) -> str | None:
        return super().media_type(answer) if answer.status < 400 or answer.value is EMPTY else self.label


@oddity("errors-empty", "Errors have no body.")
class EmptyErrors(Errors):
    pass


@oddity("errors-of-a-gateway", "Errors have the body of an API gateway.")
class GatewayErrors(Errors):
    def error_body(self, refusal: Refusal) -> object:
        return {"message": "Forbidden"}


@oddity("errors-as-problems", "Errors are problem reports with type, status and detail.")
class ProblemErrors(Errors):
    label = "application/problem+json"

    def error_body(self, refusal: Refusal) -> object:
        return {"type": "about:blank", "title": "No", "status": refusal.status, "detail": refusal.detail}


@oddity("errors-as-dcp-errors", "Errors are messages with @context and type, but no CredentialStatus.")
class MessageErrors(Errors):
    def error_body(self, refusal: Refusal) -> object:
        return {"@context": [CONTEXT], "type": "CredentialError", "code": str(refusal.status), "reason": []}


@oddity("errors-as-lists", "Errors are a list of objects, as the EDC writes them.")
class ListErrors(Errors):
    def error_body(self, refusal: Refusal) -> object:
        return [{"message": refusal.detail, "type": "ObjectNotFound", "path": None, "invalidValue": None}]


@oddity("errors-as-pages", "Errors are HTML pages.")
class PageErrors(Errors):
    label = "text/html"

    def encode(self, value: object) -> bytes:
        page = isinstance(value, dict) and "issuerPid" not in value
        return b"<!doctype html><title>No</title><h1>No</h1>" if page else super().encode(value)

    def error_body(self, refusal: Refusal) -> object:
        return {}


@oddity("challenges", "A 401 offers several ways to authenticate.")
class Challenges(Behaviour):
    def missing_token(self) -> Refusal:
        offered = (("www-authenticate", 'DPoP algs="ES256"'), ("www-authenticate", 'Bearer realm="a, b"'))
        return Refusal(401, "Who are you?", offered)


@oddity("no-challenge", "A 401 names no way to authenticate.")
class NoChallenge(Behaviour):
    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        return tuple(pair for pair in super().headers_for(request, answer) if pair[0] != "www-authenticate")


@oddity(
    "malformed-credential-400",
    "A header that holds no token at all gets 400, as RFC 6750 has it.",
    warns="DCP-E2",
)
class MalformedCredential(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        given = request.headers.get("authorization", "Bearer x")
        return Refusal(400, "invalid_request") if " " not in given.strip() else super().authorize(request)


@oddity(
    "malformed-token-400", "A token with a blank, a tab or a colon about it gets 400, as RFC 6750 has it."
)
class MalformedToken(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        given = request.headers.get("authorization", "")
        bearer, strange = (
            given.lower().startswith("bearer"),
            given.count(" ") > 1 or {*given} & {":", "\t", "="},
        )
        return Refusal(400, "invalid_request") if bearer and strange else super().authorize(request)


@oddity("unknown-before-token", "An unknown request gets 404 even without a token.")
class UnknownBeforeToken(Behaviour):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        unknown = self.lookup(self.normalize(request_id)) is None
        return self.missing(request_id) if unknown else super().read(request, request_id, body)


@oddity("two-tokens", "There is a second token that is right, too.")
class TwoTokens(Behaviour):
    def tokens(self) -> tuple[str, ...]:
        return (*super().tokens(), "another-token-of-another-client-4711")


class Codes(Behaviour):
    """Refuses with other codes."""

    codes: tuple[tuple[int, int], ...] = ()

    def error_code(self, refusal: Refusal) -> int:
        return dict(self.codes).get(refusal.status, refusal.status)


@oddity(
    "profile-unknown-401",
    "Under the protocol's own profile everything that cannot be shown gets 401.",
    inputs=LENIENT,
)
class LenientUnauthorized(Codes):
    codes = ((404, 401), (400, 401), (414, 401))


@oddity("profile-refusal-403", "Under the protocol's own profile refusals are 403.", inputs=LENIENT)
class LenientForbidden(Codes):
    codes = ((404, 403), (401, 403))


@oddity("profile-refusal-404", "Under the protocol's own profile refusals are 404.", inputs=LENIENT)
class LenientNotFound(Codes):
    codes = ((401, 404), (400, 404))


@oddity("profile-refusal-400", "Under the protocol's own profile refusals are 400.", inputs=LENIENT)
class LenientBadRequest(Codes):
    codes = ((401, 400), (404, 400))
