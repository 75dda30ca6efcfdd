"""One request and its response, as seen on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.wire import strict
from conformance.wire.clipping import clip

Headers = tuple[tuple[str, str], ...]
CHECKS, GENERATED, ROBUSTNESS, AGAIN = "checks", "generated", "robustness", "again"


def find(headers: Headers, name: str) -> str | None:
    """The first header called `name`, whatever its case."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was sent; its headers, which may hold a secret, stay out of the `repr`."""

    method: str
    url: str
    headers: Headers = field(default=(), repr=False)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header called `name`, whatever its case."""
        return find(self.headers, name)


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it was received; `body` has its content coding undone, `truncated` tells of the size cap.

    Where the coding does not fit, there is no body: `raw` is how the bytes that came begin, `coding` how they were
    labelled. What may hold a secret stays out of the `repr`, which tracebacks and debuggers show.
    """

    status: int
    reason: str = field(default="", repr=False)
    http_version: str = "HTTP/1.1"
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    truncated: bool = False
    raw: bytes = field(default=b"", repr=False)
    coding: str = ""

    def header(self, name: str) -> str | None:
        """The first header called `name`, whatever its case."""
        return find(self.headers, name)

    @property
    def media_type(self) -> str | None:
        """The media type in lower case without parameters (RFC 9110, section 8.3.1)."""
        label = self.header("content-type")
        return label.split(";", 1)[0].strip().lower() if label else None

    @property
    def document(self) -> strict.Document:
        """The body read as JSON."""
        if self.truncated:
            return strict.Document(strict.MISSING, "the answer is longer than the size cap and was cut")
        if self.coding:
            message = (
                f"the body does not decode as its Content-Encoding says, which is {clip(self.coding, 60)}"
            )
            return strict.Document(strict.MISSING, message)
        return strict.parse(self.body)

    @property
    def beyond(self) -> str | None:
        """Why the body says nothing, through no fault of its sender: it is more than we take in."""
        return self.document.problem if self.truncated else None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came of it.

    `started` and `ended` are Unix seconds; `intent` is what the driver meant by the request; `failure` says in a
    sentence why there is no response; `superseded` marks an attempt that was repeated after a throttling answer
    or a network failure, and `redirected` one that was sent on to another path of the same origin; `part` says which
    part of the suite sent it: a check, a generated history (its number is in the intent), or the robustness part, which
    no judge looks at. What has the same `connection` shared it; 0 is none, or none that is known.
    """

    number: int
    request: Request
    response: Response | None
    started: float
    ended: float
    failure: str | None = None
    intent: Mapping[str, str] = field(default_factory=dict)
    check: str = ""
    requirements: tuple[str, ...] = ()
    writes: bool = False
    superseded: bool = False
    part: str = CHECKS
    redirected: bool = False
    connection: int = 0

    @property
    def status(self) -> int | None:
        """The HTTP status code, or None when there is no response."""
        return self.response.status if self.response else None

    @property
    def elapsed(self) -> float:
        """Seconds between sending and the last byte."""
        return self.ended - self.started

    @property
    def line(self) -> str:
        """The exchange in a few words: "GET /status/abcd: 200"."""
        answer = str(self.status) if self.response else (self.failure or "no answer")
        return f"{self.request.method} {self.request.url}: {answer}"
