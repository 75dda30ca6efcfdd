"""What every reference behaviour does alike: take one request, decide, answer in JSON."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Final
from urllib.parse import quote, unquote_to_bytes

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.clock import Clock
from conformance.reference.storage import Database

EMPTY: Final = object()
Inputs = Mapping[str, tuple[str, ...]]
HeaderPairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one request: the code, the value to encode (EMPTY for no body), further headers."""

    status: int
    value: object = EMPTY
    headers: HeaderPairs = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a request gets no document: the code, one sentence, further headers."""

    status: int
    detail: str
    headers: HeaderPairs = ()


class ReferenceBehaviour:
    """The common part of the behaviours: an ASGI application whose every decision is one method.

    A contract's behaviour overrides `prepare`, `resource` and the methods named in `actions`. A subclass that
    overrides one method is a deployment with one peculiarity.
    """

    actions: ClassVar[Mapping[str, str]] = {"GET": "read", "HEAD": "read", "OPTIONS": "options"}
    body_limit = 64 * 1024
    drain_limit = 8 * 1024 * 1024

    def __init__(self, inputs: Inputs, *, database: Database, clock: Clock) -> None:
        self.inputs = inputs
        self.database = database
        self.clock = clock
        self.prepare()

    # The way of a request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the reference deployment speaks HTTP, not {scope['type']}")
        with suppress(ClientDisconnect):
            response = await self.handle(Request(scope, receive))
            await response(scope, receive, send)

    async def handle(self, request: Request) -> Response:
        """Read, decide, answer. Storage is asked without leaving the event loop: it answers in microseconds."""
        await self.before(request)
        body = await self.body(request)
        response = self.respond(request, self.answer(request, body))
        return await self.after(request, response)

    async def before(self, request: Request) -> None:
        """Nothing; the place for a delay before the decision."""

    async def after(self, request: Request, response: Response) -> Response:
        """The response as it is; the place for a delay after the decision."""
        return response

    async def body(self, request: Request) -> bytes | Refusal:
        """The request's body, read to its end (within reason) so that a refusal can be heard."""
        read, body = 0, bytearray()
        async for chunk in request.stream():
            read += len(chunk)
            if read > self.drain_limit:
                break
            body += chunk if read <= self.body_limit else b""
        return self.too_large() if read > self.body_limit else bytes(body)

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        """The decision, with a refusal put into words."""
        decision = body if isinstance(body, Refusal) else self.decide(request, body)
        return self.refuse(request, decision) if isinstance(decision, Refusal) else decision

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        """Find the resource, then let the method's action decide."""
        resource = self.resource(request)
        if isinstance(resource, Refusal):
            return resource
        action = self.actions.get(request.method)
        if action is None:
            return self.method_not_allowed()
        decision: Answer | Refusal = getattr(self, action)(request, resource, body)
        return decision

    # What a contract fills in

    def prepare(self) -> None:
        """Make the tables and load what the inputs name."""

    def resource(self, request: Request) -> str | Refusal:
        """What the path addresses."""
        return self.not_found()

    def read(self, request: Request, resource: str, body: bytes) -> Answer | Refusal:
        """The answer to GET and HEAD."""
        return self.not_found()

    def options(self, request: Request, resource: str, body: bytes) -> Answer | Refusal:
        """The answer to OPTIONS: the methods, and no body."""
        return Answer(204, headers=(("allow", self.allowed_methods()),))

    # Refusals

    def not_found(self) -> Refusal:
        return Refusal(404, "There is nothing at this path.")

    def too_large(self) -> Refusal:
        return Refusal(413, f"The body is larger than {self.body_limit} bytes.", (("connection", "close"),))

    def method_not_allowed(self) -> Refusal:
        allowed = self.allowed_methods()
        return Refusal(405, f"This resource understands {allowed}.", (("allow", allowed),))

    def allowed_methods(self) -> str:
        return ", ".join(self.actions)

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        """A refusal as an answer."""
        return Answer(self.error_code(refusal), self.error_body(refusal), refusal.headers)

    def error_code(self, refusal: Refusal) -> int:
        return refusal.status

    def error_body(self, refusal: Refusal) -> object:
        """A problem report; it has no member `status`, which means something else in these contracts."""
        return {"title": HTTPStatus(refusal.status).phrase, "detail": refusal.detail}

    # The last steps

    def respond(self, request: Request, answer: Answer) -> Response:
        """The answer as it goes out."""
        content = b"" if answer.value is EMPTY else self.encode(answer.value)
        response = Response(content, answer.status)
        response.raw_headers.extend(
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in self.headers_for(request, answer)
        )
        return response

    def encode(self, value: object) -> bytes:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()

    def media_type(self, answer: Answer) -> str | None:
        """The label of the body; None for no label."""
        return None if answer.value is EMPTY else "application/json"

    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        """Every header but Content-Length."""
        label = self.media_type(answer)
        labels = (("content-type", label),) if label else ()
        return (*labels, *self.caching(), ("x-content-type-options", "nosniff"), *answer.headers)

    def caching(self) -> HeaderPairs:
        """A status may change at any moment, so nobody keeps an answer."""
        return (("cache-control", "no-store"),)

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The application itself; the place for what concerns the wire: codings, header names, chunks."""
        return app


def assemble(
    kind: type[ReferenceBehaviour],
    behaviours: Sequence[type],
    inputs: Inputs,
    *,
    database: Database,
    clock: Clock,
) -> ASGIApp:
    """The application of `kind` with every mixin of `behaviours` put over it, the first one outermost."""
    bases = (*dict.fromkeys(behaviours), kind)
    combined = type("Combined", bases, {}) if behaviours else kind
    behaviour: ReferenceBehaviour = combined(inputs, database=database, clock=clock)
    return behaviour.wrap(behaviour)


def is_one_of(given: str, secrets: Sequence[str]) -> bool:
    """Whether a header's `given` is one of `secrets`, found out in a time that does not tell how close it was."""
    shown = given.encode("latin-1")
    return True in [hmac.compare_digest(shown, secret.encode()) for secret in secrets]


def raw_path(scope: Scope) -> bytes:
    """The path below the application's root as it was sent, percent-encoding included."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    root = quote(scope.get("root_path", "")).encode()
    return raw.removeprefix(root)


def segments(request: Request) -> tuple[str, ...] | None:
    """The decoded segments of the path; a percent-encoded slash separates nothing. None if it is not UTF-8."""
    try:
        return tuple(unquote_to_bytes(part).decode() for part in raw_path(request.scope)[1:].split(b"/"))
    except UnicodeDecodeError:
        return None
