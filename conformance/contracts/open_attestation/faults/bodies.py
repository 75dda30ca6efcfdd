"""Faults about the body as bytes and its label."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour
from conformance.reference.behaviour import Answer, HeaderPairs

fault = Collection()
OBJECTS = "OA-R1 OA-R10 OA-W2"


class Labels(Behaviour):
    """Labels every body in the same way."""

    label: str | None = None

    def media_type(self, answer: Answer) -> str | None:
        return self.label


@fault("label-missing", "Bodies have no Content-Type.", must="OA-R15")
class LabelMissing(Labels):
    pass


@fault("label-text", "Bodies are labelled text/plain.", must="OA-R15")
class LabelText(Labels):
    label = "text/plain; charset=utf-8"


@fault("label-html", "Bodies are labelled text/html.", must="OA-R15")
class LabelHtml(Labels):
    label = "text/html; charset=utf-8"


@fault("label-form", "Bodies are labelled as binary.", must="OA-R15")
class LabelBinary(Labels):
    label = "application/octet-stream"


@fault("label-charset-only", "The label is a charset without a media type.", must="OA-R15")
class LabelCharset(Labels):
    label = "charset=utf-8"


@fault("label-of-receipts", "Only receipts are labelled text/plain.", must="OA-R15")
class LabelOfReceipts(Behaviour):
    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        pairs = super().headers_for(request, answer)
        wrong = request.method == "POST"
        return tuple((n, "text/plain" if wrong and n == "content-type" else v) for n, v in pairs)


class Encodes(Behaviour):
    """Encodes every body wrongly."""

    def encode(self, value: object) -> bytes:
        return self.spoil(super().encode(value))

    def spoil(self, body: bytes) -> bytes:
        return body


@fault("body-encoded-twice", "Bodies are JSON strings that hold JSON.", must=OBJECTS)
class EncodedTwice(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return json.dumps(body.decode()).encode()


@fault("body-trailing-bytes", "A body is followed by the text of a debugger.", must=OBJECTS)
class TrailingBytes(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body + b"\n<!-- rendered in 3 ms -->"


@fault("body-two-documents", "A body holds the document twice, one a line.", must=OBJECTS)
class TwoDocuments(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body + b"\n" + body


@fault("body-prefixed", "A body begins with )]}' as a guard.", must=OBJECTS)
class Prefixed(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return b")]}',\n" + body


@fault("body-single-quotes", "Bodies are written with single quotes.", must=OBJECTS)
class SingleQuotes(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'"', b"'")


@fault("body-comment", "The document's comment about older events is part of the body.", must="OA-R1 OA-R10")
class Comment(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'"events": [', b'"events": [ // eventually older events\n')


@fault("body-trailing-comma", "An object ends with a comma.", must=OBJECTS)
class TrailingComma(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body[:-1] + b",}"


@fault("body-utf-16", "Bodies are in UTF-16.", must=OBJECTS)
class Utf16(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.decode().encode("utf-16")


@fault("body-nan", "A status of 0 is written as NaN.", must="OA-R1 OA-R10", may="OA-W2")
class NotANumber(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'"status": 0,', b'"status": NaN,')


@fault("body-infinity", "A large status is written as Infinity.", must="OA-R1 OA-W2")
class Infinite(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.replace(b"4294967297", b"Infinity")


@fault("body-html", "Reads are answered with a page.", must="OA-R1 OA-R10")
class Page(Behaviour):
    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        if request.method == "GET":
            response.body = b"<!doctype html><title>Status</title><p>valid</p>"
            response.headers["content-length"] = str(len(response.body))
        return response


@fault("body-cut", "Reads are answered with the first bytes of the document.", must="OA-R1 OA-R10")
class Cut(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body[:20] if body.startswith(b'{"status"') else body
