"""Oddities about how an answer is written."""

from __future__ import annotations

import gzip
import json

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.dcp.oddities.collection import Collection
from conformance.contracts.dcp.reference import Behaviour
from conformance.reference.behaviour import Answer, HeaderPairs

oddity = Collection()


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


@oddity("labelled-jsonld", "The document is labelled application/ld+json.", warns="DCP-S2")
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
    coding = "gzip"

    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        if response.body:
            response.body = gzip.compress(bytes(response.body))
            response.headers["content-length"] = str(len(response.body))
            response.headers["content-encoding"] = self.coding
        return response


@oddity("x-gzip", "Bodies are compressed, and that goes by its old name.")
class CompressedByOldName(Compressed):
    coding = "x-gzip"


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
