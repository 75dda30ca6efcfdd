"""Faults about the body as bytes, the shape of the document and its label."""

from __future__ import annotations

import json
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.tydids.faults.collection import VERDICTS, Changes, Collection, document
from conformance.contracts.tydids.reference import Behaviour
from conformance.reference.behaviour import Answer

fault = Collection()
BOTH = "TY-G2 TY-R2"


class Encodes(Behaviour):
    """Writes every body in another way."""

    def encode(self, value: object) -> bytes:
        return self.spoil(super().encode(value))

    def spoil(self, body: bytes) -> bytes:
        return body


@fault("body-encoded-twice", "A body is a JSON string that holds JSON.", must=BOTH)
class EncodedTwice(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return json.dumps(body.decode()).encode()


@fault("body-trailing-bytes", "A body is followed by the text of a debugger.", must=BOTH)
class TrailingBytes(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body + b"\n<!-- rendered in 3 ms -->"


@fault("body-semicolon", "A body ends with a semicolon.", must=BOTH)
class Semicolon(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body + b";"


@fault("body-two-documents", "A body holds the document twice, one a line.", must=BOTH)
class TwoDocuments(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body + b"\n" + body


@fault("body-callback", "A body is a call of a JavaScript function.", must=BOTH)
class Callback(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return b"callback(" + body + b")"


@fault("body-prefixed", "A body begins with )]}' as a guard.", must=BOTH)
class Prefixed(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return b")]}',\n" + body


@fault("body-single-quotes", "A body is written with single quotes.", must=BOTH)
class SingleQuotes(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'"', b"'")


@fault("body-trailing-comma", "The object ends with a comma.", must=BOTH)
class TrailingComma(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body[:-1] + b",}"


@fault("body-utf-16", "A body is in UTF-16.", must=BOTH)
class Utf16(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.decode().encode("utf-16")


@fault("body-byte-order-mark", "A body begins with a byte order mark.", must=BOTH)
class ByteOrderMark(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return b"\xef\xbb\xbf" + body


@fault("body-cut", "A body ends in the middle.", must=BOTH)
class Cut(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body[:-3]


@fault("body-nan", "The consensus is written as NaN.", must=BOTH)
class NotANumber(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'"consensus": ', b'"consensus": NaN, "block": ')


@fault("body-infinity", "A revocation without end has Infinity in it.", must="TY-R2")
class Infinite(Encodes):
    def spoil(self, body: bytes) -> bytes:
        return body[:-1] + b', "until": Infinity}' if b'"revoked"' in body else body


class Shaped(Changes):
    """Gives the document of a verdict another shape."""

    def of_any(self, answer: Answer) -> Answer:
        return replace(answer, value=self.shape(answer))

    def shape(self, answer: Answer) -> object:
        return answer.value


@fault("document-array", "The document is wrapped into an array.", must=BOTH)
class InArray(Shaped):
    def shape(self, answer: Answer) -> object:
        return [answer.value]


@fault("document-nested", "The document is nested in a member data.", must=BOTH)
class Nested(Shaped):
    def shape(self, answer: Answer) -> object:
        return {"data": answer.value}


@fault("document-result", "The document is nested in a member result beside success.", must=BOTH)
class Result(Shaped):
    def shape(self, answer: Answer) -> object:
        return {"success": answer.status == 200, "result": answer.value}


@fault("document-word", "The document is the bare word.", must=BOTH)
class BareWord(Shaped):
    def shape(self, answer: Answer) -> object:
        return document(answer).get("status")


@fault("document-by-word", "The document maps the word to the members.", must=BOTH, may="TY-R4")
class ByWord(Shaped):
    def shape(self, answer: Answer) -> object:
        return {str(document(answer).get("status")): answer.value}


@fault("document-null", "The document is null.", must=BOTH)
class Nothing(Shaped):
    def shape(self, answer: Answer) -> object:
        return None


class Instead(Behaviour):
    """Answers a verdict with other bytes."""

    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        if answer.status in VERDICTS:
            response.body = self.text(document(answer)).encode()
            response.headers["content-length"] = str(len(response.body))
        return response

    def text(self, members: dict[str, object]) -> str:
        return ""


@fault("body-empty", "A verdict has no body.", must=BOTH)
class Empty(Instead):
    pass


@fault("body-plain-text", "A verdict is one word of plain text.", must=BOTH)
class PlainText(Instead):
    def text(self, members: dict[str, object]) -> str:
        return str(members.get("status"))


@fault("body-form", "A verdict is written like a form.", must=BOTH)
class Form(Instead):
    def text(self, members: dict[str, object]) -> str:
        return "&".join(f"{name}={value}" for name, value in members.items())


@fault("body-page", "A verdict is a page.", must=BOTH)
class Page(Instead):
    def text(self, members: dict[str, object]) -> str:
        return f"<!doctype html><title>TyDIDs</title><p>{members.get('status')}</p>"


class Labels(Behaviour):
    """Labels verdicts in another way."""

    label: str | None = None
    codes: tuple[int, ...] = VERDICTS

    def media_type(self, answer: Answer) -> str | None:
        return self.label if answer.status in self.codes else super().media_type(answer)


@fault("label-missing", "A verdict has no Content-Type.", must="TY-C4")
class LabelMissing(Labels):
    pass


@fault("label-text", "A verdict is labelled text/plain.", must="TY-C4")
class LabelText(Labels):
    label = "text/plain; charset=utf-8"


@fault("label-html", "A verdict is labelled text/html.", must="TY-C4")
class LabelHtml(Labels):
    label = "text/html; charset=utf-8"


@fault("label-text-json", "A verdict is labelled text/json.", must="TY-C4")
class LabelTextJson(Labels):
    label = "text/json"


@fault("label-javascript", "A verdict is labelled application/javascript.", must="TY-C4")
class LabelJavascript(Labels):
    label = "application/javascript"


@fault("label-of-revocations", "A revocation is labelled text/plain.", must="TY-C4")
class LabelOfRevocations(Labels):
    label, codes = "text/plain", (403,)


@fault("label-problem", "A revocation is labelled application/problem+json.", must="TY-C4")
class LabelProblem(Labels):
    label, codes = "application/problem+json", (403,)


@fault("label-of-grants", "A grant is labelled application/octet-stream.", must="TY-C4")
class LabelOfGrants(Labels):
    label, codes = "application/octet-stream", (200,)
