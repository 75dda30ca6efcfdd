"""Faults about the body as bytes and its label."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour
from conformance.reference.behaviour import Answer, HeaderPairs

fault = Collection()


class Labels(Behaviour):
    """Labels every document in the same way."""

    label: str | None = None

    def media_type(self, answer: Answer) -> str | None:
        return self.label if answer.status == 200 else super().media_type(answer)


@fault("label-missing", "The document has no Content-Type.", must="DCP-S2")
class LabelMissing(Labels):
    pass


@fault("label-text", "The document is labelled text/plain.", must="DCP-S2")
class LabelText(Labels):
    label = "text/plain; charset=utf-8"


@fault("label-html", "The document is labelled text/html.", must="DCP-S2")
class LabelHtml(Labels):
    label = "text/html"


@fault("label-binary", "The document is labelled application/octet-stream.", must="DCP-S2")
class LabelBinary(Labels):
    label = "application/octet-stream"


@fault("label-jsonld", "The document is labelled application/ld+json.", must="DCP-S2")
class LabelJsonLd(Labels):
    label = "application/ld+json"


@fault("label-html-unless-asked", "Only whoever asks for JSON gets it labelled as such.", must="DCP-S2")
class LabelUnlessAsked(Behaviour):
    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        pairs = super().headers_for(request, answer)
        if answer.status != 200 or "json" in request.headers.get("accept", ""):
            return pairs
        return (("content-type", "text/html"), *pairs[1:])


class Encodes(Behaviour):
    """Encodes every document wrongly."""

    def encode(self, value: object) -> bytes:
        body = super().encode(value)
        return self.spoil(body) if isinstance(value, dict) and "issuerPid" in value else body

    def spoil(self, body: bytes) -> bytes:
        return body


@fault("body-encoded-twice", "The body is a JSON string that holds the document.", must="DCP-S3")
class EncodedTwice(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return json.dumps(body.decode()).encode()


@fault("body-trailing-bytes", "The document is followed by the text of a debugger.", must="DCP-S3")
class TrailingBytes(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body + b"\n<!-- rendered in 3 ms -->"


@fault("body-twice", "The body holds the document twice, one a line.", must="DCP-S3")
class Twice(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body + b"\n" + body


@fault("body-nan", "The body holds a progress that is NaN.", must="DCP-S3")
class NotANumber(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body[:-1] + b', "progress": NaN}'


@fault("body-utf-16", "The document is in UTF-16.", must="DCP-S3")
class Utf16(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.decode().encode("utf-16")


@fault("body-cut", "Only the first bytes of the document are sent.", must="DCP-S3")
class Cut(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body[:40]


@fault("body-duplicate-status", "The member status occurs twice.", must="DCP-S3")
class DuplicateStatus(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'"status":', b'"status": "RECEIVED", "status":')


class Shapes(Behaviour):
    """Puts the document into another shape."""

    def respond(self, request: Request, answer: Answer) -> Response:
        if answer.status == 200:
            answer = Answer(200, self.shape(answer.value), answer.headers)
        return super().respond(request, answer)

    def shape(self, value: object) -> object:
        return value


@fault("body-array", "The body is an array with one document.", must="DCP-S3")
class InArray(Shapes):
    def shape(self, value: object) -> object:
        return [value]


@fault("body-data", "The document is inside a member called data.", must="DCP-S3 DCP-S11 DCP-S12")
class InData(Shapes):
    def shape(self, value: object) -> object:
        return {"data": value}


@fault("body-graph", "The document is inside a member called @graph.", must="DCP-S3 DCP-S11 DCP-S12")
class InGraph(Shapes):
    def shape(self, value: object) -> object:
        assert isinstance(value, dict)
        rest = {name: member for name, member in value.items() if name != "@context"}
        return {"@context": value["@context"], "@graph": [rest]}


@fault("body-null", "The body is null.", must="DCP-S3")
class Null(Shapes):
    def shape(self, value: object) -> object:
        return None


@fault("body-empty", "The body is empty.", must="DCP-S3")
class Empty(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return b""
