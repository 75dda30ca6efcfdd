"""Legal behaviours that unfair suites punish, each with the requirements that may warn."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.dcp.reference import CONTEXT, EXAMPLES, NAME, Behaviour, CredentialRequest
from conformance.defects import Oddity
from conformance.reference.behaviour import EMPTY, Answer, HeaderPairs, Refusal
from conformance.resources import folder

B = TypeVar("B", bound=Behaviour)
found: list[Oddity] = []
LENIENT = {"profile": ("dcp",)}
OTHER_CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://issuer.example/context.jsonld")


def oddity(name: str, description: str, *, warns: str = "", **more: object) -> Callable[[type[B]], type[B]]:
    """Add the decorated behaviour as oddity `name`; `warns` are ids separated by spaces."""

    def add(behaviour: type[B]) -> type[B]:
        found.append(Oddity(f"{NAME}.{name}", description, behaviour, tuple(warns.split()), **more))  # type: ignore[arg-type]
        return behaviour

    return add


# What is said of a known request


class Counts(Behaviour):
    """Counts how often each request was read."""

    def prepare(self) -> None:
        super().prepare()
        self._times: dict[str, int] = {}

    def document(self, found: CredentialRequest) -> dict[str, object]:
        self._times[found.request_id] = self._times.get(found.request_id, 0) + 1
        return super().document(found)


@oddity("finished-meanwhile", "A received request is issued while the run is under way.")
class FinishedMeanwhile(Counts):
    word = "ISSUED"

    def status(self, found: CredentialRequest) -> object:
        return self.word if found.state == "RECEIVED" and self._times[found.request_id] > 3 else found.state


@oddity("rejected-late", "A received request is rejected near the end of the run.")
class RejectedLate(FinishedMeanwhile):
    word = "REJECTED"

    def status(self, found: CredentialRequest) -> object:
        return self.word if found.state == "RECEIVED" and self._times[found.request_id] > 20 else found.state


class Changes(Behaviour):
    """Changes the document."""

    def document(self, found: CredentialRequest) -> dict[str, object]:
        return self.change(super().document(found), found)

    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return members


@oddity("extra-members", "The document has members that the text does not name.")
class ExtraMembers(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        more = {"rejectionReason": "no proof", "updatedAt": 1.7e9, "links": [{"rel": "self"}], "note": None}
        return {"version": 1, **members, **more}


@oddity("node-id", "The document has an id, which JSON-LD takes for its name.")
class NodeId(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return {**members, "id": f"https://issuer.example/requests/{found.issuer_pid}"}


@oddity("reversed-members", "The members stand in reversed order.")
class ReversedMembers(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return dict(reversed(members.items()))


@oddity("extra-context-behind", "Another context stands behind the protocol's.")
class ContextBehind(Behaviour):
    def context(self) -> object:
        return [CONTEXT, *OTHER_CONTEXTS]


@oddity("extra-context-before", "Another context stands before the protocol's.")
class ContextBefore(Behaviour):
    def context(self) -> object:
        return [*OTHER_CONTEXTS, CONTEXT]


@oddity(
    "extra-context-provided",
    "Another context stands beside the protocol's, and the operator provides it.",
    settings={"jsonld_contexts": {OTHER_CONTEXTS[0]: folder("schemas") / NAME / "dcp.jsonld"}},
)
class ContextProvided(Behaviour):
    def context(self) -> object:
        return [OTHER_CONTEXTS[0], CONTEXT]


@oddity("context-twice", "The protocol's context is listed twice.")
class ContextTwice(Behaviour):
    def context(self) -> object:
        return [CONTEXT, CONTEXT]


@oddity("inline-context", "An inline context object stands beside the strings.", warns="DCP-S4 DCP-S11")
class InlineContext(Behaviour):
    def context(self) -> object:
        return [CONTEXT, {"issuer": "https://issuer.example/terms#"}]


class Pids(Behaviour):
    """Has pids of another form."""

    def issuer_pid(self, found: CredentialRequest) -> object:
        return self.pid("issuance", found)

    def holder_pid(self, found: CredentialRequest) -> object:
        return self.pid("request", found)

    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"{side}-{found.request_id}"


@oddity("unicode-pids", "The pids hold characters outside ASCII, spaces and an emoji.")
class UnicodePids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"{side} žádost/申请 «{found.request_id}» 😀"


@oddity("url-pids", "The pids are URLs with a query and a fragment.")
class UrlPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"https://{side}.example/a?b={found.request_id}&c=%2F#d"


@oddity("number-like-pids", "The pids are strings of digits.")
class NumberPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return str(sum(f"{side}{found.request_id}".encode()))


@oddity("long-pids", "The pids have two thousand characters.")
class LongPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"{side}-{found.request_id}-".ljust(2000, "x")


@oddity(
    "pids-equal-request-id", "Both pids are the request's id, and errors repeat the id that was asked for."
)
class EchoedPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return found.request_id

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        answer = super().refuse(request, refusal)
        return Answer(answer.status, {"detail": "refused", "instance": request.url.path}, answer.headers)


@oddity("one-holder", "All requests come from one holder, who numbers none of them.")
class OneHolder(Behaviour):
    def holder_pid(self, found: CredentialRequest) -> object:
        return "did:web:holder.example"


@oddity("pids-like-words", "The pids are the words of the document's example, with a number.")
class WordPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"issuerPid{len(found.state)}{found.state}" if side == "issuance" else "holderPid"


# How it is written


class Encodes(Behaviour):
    """Writes JSON in another way."""

    def encode(self, value: object) -> bytes:
        return (json.dumps(value, indent=3, ensure_ascii=True) + "\r\n\t ").encode()


@oddity("pretty-printed", "JSON is pretty-printed, with line ends and blanks behind it.")
class PrettyPrinted(Encodes):
    pass


@oddity("escaped", "Every character in a string that may be escaped is escaped.")
class Escaped(Encodes):
    def encode(self, value: object) -> bytes:
        escaped = "".join(f"\\u{ord(c):04x}" if c in "/CERIS" else c for c in json.dumps(value))
        return escaped.encode()


class Labels(Behaviour):
    """Labels documents in another way."""

    label = 'Application/JSON; Charset="UTF-8"; profile=dcp'

    def media_type(self, answer: Answer) -> str | None:
        return self.label if answer.status == 200 else super().media_type(answer)


@oddity("label-with-parameters", "The media type is in mixed case and has parameters.")
class LabelParameters(Labels):
    pass


@oddity("label-jsonld", "The document is labelled application/ld+json.", warns="DCP-S2")
class LabelJsonLd(Labels):
    label = "application/ld+json"


@oddity(
    "label-by-negotiation",
    "Whoever takes anything gets application/ld+json, whoever asks gets JSON.",
    warns="DCP-S2",
)
class Negotiates(Behaviour):
    asked = "application/json"

    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        pairs = super().headers_for(request, answer)
        if answer.status != 200 or self.asked in request.headers.get("accept", ""):
            return pairs
        return (("content-type", "application/ld+json"), *pairs[1:])


@oddity("gzip", "Bodies are compressed.")
class Compressed(Behaviour):
    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        if response.body:
            response.body = gzip.compress(bytes(response.body))
            response.headers["content-length"] = str(len(response.body))
            response.headers["content-encoding"] = "gzip"
        return response


@oddity("upper-case-headers", "The names of headers are in upper case.")
class UpperCaseHeaders(Behaviour):
    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        response.raw_headers = [(name.upper(), value) for name, value in response.raw_headers]
        return response


@oddity("many-headers", "Answers carry headers for browsers, caches, tracing and cookies.")
class ManyHeaders(Behaviour):
    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        more = (
            ("access-control-allow-origin", "*"),
            ("etag", 'W/"1"'),
            ("vary", "Accept, Authorization"),
            ("set-cookie", "session=abc; HttpOnly"),
            ("set-cookie", "lang=cs"),
            ("retry-after", "1"),
            ("x-request-id", "7"),
        )
        return super().headers_for(request, answer) + more


# How somebody is refused


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


# What an id is


@oddity("odd-ids-404", "An id that cannot be one gets 404 like any unknown one.")
class OddNotFound(Codes):
    codes = ((400, 404), (414, 404))


@oddity("odd-ids-422", "An id that cannot be one gets 422, a long one 431.")
class OddUnprocessable(Codes):
    codes = ((400, 422), (414, 431))


@oddity("odd-ids-401", "A gateway refuses ids that cannot be one with 401 and 403.")
class OddUnauthorized(Codes):
    codes = ((400, 403), (414, 401))


@oddity("strict-uuids", "An id that is no UUID gets 400, a near miss too.")
class StrictIds(Behaviour):
    def well_formed(self, request_id: str) -> bool:
        digits = request_id.removeprefix("urn:uuid:").replace("-", "")
        return len(digits) == 32 and all(c in "0123456789abcdefABCDEF" for c in digits)


@oddity("uuids-by-value", "A UUID is known in either letter case, bare and as a URN.")
class ByValue(Behaviour):
    def normalize(self, request_id: str) -> str:
        bare = request_id.lower().removeprefix("urn:uuid:")
        return next((one for one in (bare, f"urn:uuid:{bare}") if self.lookup(one)), request_id)


@oddity("one-request", "The operator knows of one request only.", inputs={"request": EXAMPLES["request"][:1]})
class OneRequest(Behaviour):
    pass


@oddity(
    "uri-ids",
    "Request ids are URIs with slashes, a query and a fragment.",
    inputs={"request": ("received=https://issuer.example/r/17?x=1#y", "issued=tag:issuer.example,2025:r/18")},
)
class UriIds(Behaviour):
    pass


@oddity(
    "counted-ids",
    "Request ids are counted up.",
    inputs={"request": ("received=17", "issued=18", "rejected=19")},
)
class CountedIds(Behaviour):
    pass


@oddity(
    "opaque-ids",
    "Request ids are random letters and digits in either case.",
    inputs={"request": ("issued=NjU0MzIxMDk4NzY1NDMyMQ", "rejected=01JH2Q6S3Z8N4V7K5T9X0W1YRB")},
)
class OpaqueIds(Behaviour):
    pass


@oddity(
    "foreign-ids",
    "Request ids hold blanks, percent signs and characters outside ASCII.",
    inputs={"request": ("received=žádost 1/%25", "issued=a=b;c,d@e")},
)
class ForeignIds(Behaviour):
    pass


# Where it is, and how it behaves


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


ODDITIES: tuple[Oddity, ...] = tuple(found)
