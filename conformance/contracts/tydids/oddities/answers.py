"""Peculiarities of answers: documents, headers, bytes, refusals."""

from __future__ import annotations

import json
from dataclasses import replace

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.contracts.tydids.oddities.naming import oddity
from conformance.contracts.tydids.reference import Behaviour, Grant
from conformance.reference.behaviour import EMPTY, Answer, HeaderPairs, Refusal

# Documents


class ExtraMembers(Behaviour):
    """Verdicts have further members, some with names that resemble ours."""

    def granted_document(self, grant: Grant) -> dict[str, object]:
        return {
            "Status": "x",
            "revokedAt": None,
            "identity": grant.identity,
            **super().granted_document(grant),
        }

    def revoked_document(self, grant: Grant) -> dict[str, object]:
        return {
            "granted": 0,
            "meta": {"status": "granted"},
            **super().revoked_document(grant),
            "reason": None,
        }


class AnyOrder(Behaviour):
    """Members stand in another order each time."""

    _turn = 0

    def encode(self, value: object) -> bytes:
        self._turn += 1
        items = sorted(value.items(), reverse=bool(self._turn % 2)) if isinstance(value, dict) else None
        return super().encode(value if items is None else dict(items))


class Pretty(Behaviour):
    """Bodies are indented and surrounded by blank lines."""

    def encode(self, value: object) -> bytes:
        return b"\r\n " + json.dumps(value, indent=4).encode() + b"\r\n\r\n"


class Escaped(Behaviour):
    """Every letter is written as an escape sequence."""

    def encode(self, value: object) -> bytes:
        escaped = super().encode(value).decode()
        for word in ("granted", "revoked", "status", "consensus"):
            escaped = escaped.replace(
                f'"{word}"', '"' + "".join(f"\\u{ord(sign):04x}" for sign in word) + '"'
            )
        return escaped.encode()


# Headers and bytes


class Parameters(Behaviour):
    """The media type is in capitals and has parameters."""

    def media_type(self, answer: Answer) -> str | None:
        return None if answer.value is EMPTY else 'Application/JSON; charset="utf-8"; profile=x'


class ManyHeaders(Behaviour):
    """Cookies are set, and tracing and CORS headers added."""

    async def after(self, request: Request, response: Response) -> Response:
        response.set_cookie("session", "0123456789abcdef")
        more = {
            "etag": '"1"',
            "access-control-allow-origin": "*",
            "vary": "origin, accept",
            "via": "1.1 proxy",
        }
        response.headers.update(more)
        return response


class CapitalHeaders(Behaviour):
    """Header names are in capitals."""

    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        response.raw_headers = [(name.upper(), value) for name, value in response.raw_headers]
        return response


class Caching(Behaviour):
    """Answers may be kept for a minute."""

    def caching(self) -> HeaderPairs:
        return (("cache-control", "public, max-age=60"), ("age", "12"))


class CachedByIdentity(Behaviour):
    """A cache in front keeps answers for an hour and tells their age; the consensus goes on behind it."""

    def prepare(self) -> None:
        super().prepare()
        self._kept: dict[str, tuple[float, Answer | Refusal]] = {}

    def verdict(self, identity: str) -> Answer | Refusal:
        now = self.clock.time()
        since, kept = self._kept.setdefault(identity, (now, super().verdict(identity)))
        return replace(kept, headers=(("age", f"{now - since:.0f}"),)) if isinstance(kept, Answer) else kept

    def consensus(self) -> object:
        return int(self.clock.time() * 100)

    def caching(self) -> HeaderPairs:
        return (("cache-control", "max-age=3600"),)


class Compressed(Behaviour):
    """Bodies are compressed with gzip."""

    def wrap(self, app: ASGIApp) -> ASGIApp:
        return GZipMiddleware(app, minimum_size=1)


class Chunked(Behaviour):
    """Bodies come in chunks of three bytes, without a length."""

    def wrap(self, app: ASGIApp) -> ASGIApp:
        async def chunked(scope: Scope, receive: Receive, send: Send) -> None:
            async def pieces(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                    await send({**message, "headers": headers})
                    return
                body = message.get("body", b"")
                for at in range(0, len(body), 3):
                    await send({"type": "http.response.body", "body": body[at : at + 3], "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})

            await app(scope, receive, pieces)

        return chunked


# Refusals


class Refuses(Behaviour):
    """Words its refusals in another way."""

    words: object = EMPTY
    label = "application/json"

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        answer = super().refuse(request, refusal)
        return replace(answer, value=self.words, headers=(*answer.headers, ("x-refused", "yes")))

    def media_type(self, answer: Answer) -> str | None:
        refused = ("x-refused", "yes") in answer.headers
        return (self.label if answer.value is not EMPTY else None) if refused else super().media_type(answer)

    def encode(self, value: object) -> bytes:
        return value if isinstance(value, bytes) else super().encode(value)


class TextRefusals(Refuses):
    """Refusals are plain text."""

    words, label = b"No such identity.\n", "text/plain"


class PageRefusals(Refuses):
    """Refusals are pages that speak of granted and revoked."""

    words, label = b"<!doctype html><p>An identity is granted or revoked.</p>", "text/html"


class ProblemRefusals(Refuses):
    """Refusals are problem reports with a status of their own."""

    words: object = {"type": "about:blank", "title": "Bad Request", "status": 400}
    label = "application/problem+json"


class StatusRefusals(Refuses):
    """Refusals have a status that says error, and a consensus."""

    words: object = {"status": "error", "consensus": 40_850, "message": "identity?"}


class FrameworkRefusals(Refuses):
    """Refusals are 422 with a list of what is wrong."""

    words: object = {"detail": [{"loc": ["query", "identity"], "msg": "field required", "type": "missing"}]}

    def error_code(self, refusal: Refusal) -> int:
        return 422


class GatewayRefusals(Refuses):
    """Refusals are a gateway's 403."""

    words: object = {"message": "Missing Authentication Token"}

    def error_code(self, refusal: Refusal) -> int:
        return 403


class NotFoundRefusals(Behaviour):
    """Refusals are 404."""

    def error_code(self, refusal: Refusal) -> int:
        return 404


class Unauthorised(Behaviour):
    """A call without an identity is answered with 401."""

    def missing_identity(self) -> Answer | Refusal:
        return Refusal(401, "Who?", (("www-authenticate", "Bearer"),))


ODDITIES = (
    oddity("extra-members", "Verdicts have further members, some with names like ours.", ExtraMembers),
    oddity("any-order", "Members stand in another order each time.", AnyOrder),
    oddity("pretty", "Bodies are indented and surrounded by blank lines.", Pretty),
    oddity("escaped", "Words are written as escape sequences.", Escaped),
    oddity("parameters", "The media type is in capitals and has parameters.", Parameters),
    oddity("many-headers", "Cookies, CORS and tracing headers are added.", ManyHeaders),
    oddity("capital-headers", "Header names are in capitals.", CapitalHeaders),
    oddity("caching", "Answers may be kept for a minute.", Caching),
    oddity("cached", "A cache in front tells the age of its answers.", CachedByIdentity),
    oddity("compressed", "Bodies are compressed with gzip.", Compressed),
    oddity("chunked", "Bodies come in chunks of three bytes.", Chunked),
    oddity("errors-empty", "Refusals have no body.", Refuses),
    oddity("errors-text", "Refusals are plain text.", TextRefusals),
    oddity("errors-page", "Refusals are pages that speak of granted and revoked.", PageRefusals),
    oddity("errors-problem", "Refusals are problem reports with a status.", ProblemRefusals),
    oddity("errors-status", "Refusals have a status that says error.", StatusRefusals),
    oddity("errors-422", "Refusals are 422 with a list of what is wrong.", FrameworkRefusals),
    oddity("errors-403", "Refusals are a gateway's 403.", GatewayRefusals),
    oddity("errors-404", "Refusals are 404.", NotFoundRefusals),
    oddity("nobody-401", "A call without an identity is answered with 401.", Unauthorised),
)
