"""Content codings as behaviours: an answer goes out compressed when the client takes it so."""

from __future__ import annotations

import gzip
from importlib import import_module
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.behaviour import Answer, ReferenceBehaviour


class Coded(ReferenceBehaviour):
    """Codes every body that a client takes coded (RFC 9110, section 8.4)."""

    coding: ClassVar[str]

    def compress(self, body: bytes) -> bytes:
        """The body in the coding."""
        raise NotImplementedError

    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        response.headers["vary"] = "Accept-Encoding"
        if response.body and self.coding in _taken(request):
            response.body = self.compress(bytes(response.body))
            response.headers["content-encoding"] = self.coding
            response.headers["content-length"] = str(len(response.body))
        return response


def _taken(request: Request) -> set[str]:
    """The codings that the client names without ruling them out."""
    named = [part.replace(" ", "").lower() for part in request.headers.get("accept-encoding", "").split(",")]
    return {part.partition(";")[0] for part in named if not part.endswith((";q=0", ";q=0.0"))}


class Gzip(Coded):
    """Answers in gzip."""

    coding = "gzip"

    def compress(self, body: bytes) -> bytes:
        return gzip.compress(body)


class Brotli(Coded):
    """Answers in Brotli."""

    coding = "br"

    def compress(self, body: bytes) -> bytes:
        coded: bytes = import_module("brotli").compress(body)
        return coded


class Zstandard(Coded):
    """Answers in Zstandard."""

    coding = "zstd"

    def compress(self, body: bytes) -> bytes:
        coded: bytes = import_module("zstandard").ZstdCompressor().compress(body)
        return coded


CODINGS: dict[str, type[Coded]] = {"gzip": Gzip, "br": Brotli, "zstd": Zstandard}
