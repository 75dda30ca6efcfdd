"""Peculiarities of answers: codes, refusals, members, bytes, headers, places."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.defects import Oddity
from conformance.reference.behaviour import EMPTY, Answer, HeaderPairs, Refusal


class Created(Behaviour):
    """A write is answered with 201."""

    def write_code(self, event: Event) -> int:
        return 201


class CreatedOnce(Behaviour):
    """The first write to a hash is answered with 201, later ones with 200."""

    def write_code(self, event: Event) -> int:
        return 201 if len(self.events(event.target_hash)) == 1 else 200


class ReadNeedsKey(Behaviour):
    """Reading demands the key as well."""

    def authorize_read(self, request: Request) -> Refusal | None:
        return self.authorize_write(request)


class ReadWithKey403(ReadNeedsKey):
    """Reading demands the key, and answers 403 without it."""

    def missing_key(self) -> Refusal:
        return self.wrong_key()


class Always401(Behaviour):
    """A missing and a wrong key are answered with 401."""

    def wrong_key(self) -> Refusal:
        return self.missing_key()


class Always403(Behaviour):
    """A missing and a wrong key are answered with 403, as an API gateway does."""

    def missing_key(self) -> Refusal:
        return self.wrong_key()

    def error_body(self, refusal: Refusal) -> object:
        return {"message": "Forbidden" if refusal.status == 403 else "Internal server error"}


class Gateway(Always403):
    """An invalid body is answered with 502, as upstream behind its gateway does."""

    def invalid_body(self, detail: str) -> Refusal:
        return Refusal(502, "Internal server error")


class BodyFirst(Behaviour):
    """The body is validated before the key is looked at."""

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        status = self.parse_write(body)
        return status if isinstance(status, Refusal) else super().write(request, target_hash, body)


class Unprocessable(Behaviour):
    """An invalid body is answered with 422."""

    def invalid_body(self, detail: str) -> Refusal:
        return Refusal(422, detail)


class EmptyErrors(Behaviour):
    """Refusals have no body."""

    def error_body(self, refusal: Refusal) -> object:
        return EMPTY


class Labelled(Behaviour):
    """Refusals carry another media type."""

    label = "application/problem+json"

    def media_type(self, answer: Answer) -> str | None:
        return self.label if answer.status >= 400 else super().media_type(answer)


class TextErrors(Labelled):
    """Refusals are plain text."""

    label = "text/plain; charset=utf-8"

    def encode(self, value: object) -> bytes:
        refusal = isinstance(value, dict) and "detail" in value
        return b"No." if refusal else super().encode(value)


class StatusInErrors(Behaviour):
    """A problem report tells its code in a member status, as RFC 9457 has it."""

    def error_body(self, refusal: Refusal) -> object:
        return {"type": "about:blank", "title": "No", "status": refusal.status}


class ExtraMembers(Behaviour):
    """Every object has further members, some with names that resemble ours."""

    def event_view(self, event: Event) -> dict[str, object]:
        extra = {"Status": "STALE", "meta": {"status": "x", "events": None}, "_v": 1.5}
        return extra | super().event_view(event)

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        return {
            "id": target_hash,
            "meta": [],
            "status": self.current_status(events),
            "events": self.event_views(events),
        }


class NoEventsYet(Behaviour):
    """An unwritten hash has no events at all."""

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        whole = {"status": self.current_status(events), "events": self.event_views(events)}
        return whole if events else {"status": self.default_status()}


class AnyOrder(Behaviour):
    """Members stand in another order each time."""

    _turn = 0

    def encode(self, value: object) -> bytes:
        self._turn += 1
        items = sorted(value.items(), reverse=bool(self._turn % 2)) if isinstance(value, dict) else value
        return super().encode(dict(items) if isinstance(items, list) else value)


class Pretty(Behaviour):
    """Bodies are indented, escaped and end with a line."""

    def encode(self, value: object) -> bytes:
        return b"\n" + json.dumps(value, indent=4, ensure_ascii=True).encode() + b"\r\n\r\n"


class Parameters(Behaviour):
    """The media type is in capitals and has parameters."""

    def media_type(self, answer: Answer) -> str | None:
        return None if answer.value is EMPTY else 'Application/JSON; charset="utf-8"; profile=x'


class NoCors(Behaviour):
    """No page of another origin may read."""

    def cors(self) -> HeaderPairs:
        return ()


class ForeignPagesRefused(NoCors):
    """A request from a page of another origin is answered with 403."""

    def authorize_read(self, request: Request) -> Refusal | None:
        return Refusal(403, "Not from there.") if "origin" in request.headers else None


class BlocksGuessers(Behaviour):
    """After every third wrong key nobody is let in for a second."""

    def prepare(self) -> None:
        super().prepare()
        self._wrong, self._until = 0, 0.0

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        if self.clock.time() < self._until:
            return Refusal(403, "Too many guesses.")
        return super().decide(request, body)

    def wrong_key(self) -> Refusal:
        self._wrong += 1
        if self._wrong % 3 == 0:
            self._until = self.clock.time() + 1.0
        return super().wrong_key()


class TwoMethods(Behaviour):
    """HEAD and OPTIONS are answered with 405."""

    actions: ClassVar[Mapping[str, str]] = {"GET": "read", "POST": "write"}


class Compressed(Behaviour):
    """Bodies are compressed with gzip."""

    def wrap(self, app: ASGIApp) -> ASGIApp:
        return GZipMiddleware(app, minimum_size=1)


class ManyHeaders(Behaviour):
    """Cookies are set, and tracing headers added, whatever the client does with them."""

    async def after(self, request: Request, response: Response) -> Response:
        response.set_cookie("session", "0123456789abcdef")
        response.headers["x-amzn-requestid"] = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
        response.headers["etag"] = '"1"'
        response.headers["link"] = '</openapi.json>; rel="service-desc"'
        return response


def _oddity(name: str, description: str, behaviour: type, base_path: str | None = None) -> Oddity:
    return Oddity(f"open-attestation.{name}", description, behaviour, base_path=base_path)


ODDITIES = (
    _oddity("created", "A write is answered with 201.", Created),
    _oddity(
        "created-once", "The first write to a hash is answered with 201, later ones with 200.", CreatedOnce
    ),
    _oddity("read-needs-key", "Reading demands the key.", ReadNeedsKey),
    _oddity("read-needs-key-403", "Reading demands the key, with 403.", ReadWithKey403),
    _oddity("always-401", "A missing and a wrong key are answered with 401.", Always401),
    _oddity("always-403", "A missing and a wrong key are answered with 403 and a gateway's body.", Always403),
    _oddity("gateway", "An invalid body is answered with 502, as upstream does.", Gateway),
    _oddity("body-first", "The body is validated before the key.", BodyFirst),
    _oddity("unprocessable", "An invalid body is answered with 422.", Unprocessable),
    _oddity("errors-empty", "Refusals have no body.", EmptyErrors),
    _oddity("errors-problem", "Refusals are application/problem+json.", Labelled),
    _oddity("errors-text", "Refusals are plain text.", TextErrors),
    _oddity("errors-with-status", "Refusals tell their code in a member status.", StatusInErrors),
    _oddity("extra-members", "Every object has further members.", ExtraMembers),
    _oddity("no-events-yet", "An unwritten hash has no events.", NoEventsYet),
    _oddity("any-order", "Members stand in another order each time.", AnyOrder),
    _oddity("pretty", "Bodies are indented and end with empty lines.", Pretty),
    _oddity("parameters", "The media type is in capitals and has parameters.", Parameters),
    _oddity("no-cors", "There are no CORS headers.", NoCors),
    _oddity("foreign-pages-refused", "A read from a page of another origin is refused.", ForeignPagesRefused),
    Oddity(
        "open-attestation.blocks-guessers",
        "After three wrong keys nobody is let in for a second.",
        BlocksGuessers,
        circumstance="caller-blocked",
    ),
    _oddity("two-methods", "HEAD and OPTIONS are answered with 405.", TwoMethods),
    _oddity("compressed", "Bodies are compressed with gzip.", Compressed),
    _oddity("many-headers", "Cookies, tags and tracing headers are added.", ManyHeaders),
    _oddity("deep-base", "The API stands below several segments.", object, "/prod/v1/eu-west/api/status"),
)
