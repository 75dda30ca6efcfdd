"""How a server may write HTTP/1: all of these ways are legal, and few of them are usual."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

Headers = Iterable[tuple[bytes, bytes]]
OWN = frozenset({b"connection", b"content-length", b"keep-alive", b"transfer-encoding"})


class Framing(StrEnum):
    """How a body's end is told (RFC 9112, section 6.3)."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application says, before it is written down; `bodiless` is an answer that never has a body."""

    status: int
    headers: Headers
    body: bytes
    bodiless: bool = False


def phrase(status: int) -> str:
    """The usual reason of a status code, empty for an unknown one."""
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def same(name: str) -> str:
    """A header's name as the application wrote it."""
    return name


@dataclass(frozen=True, slots=True)
class Manners:
    """The habits of a server that writes HTTP/1; times are seconds.

    `interim` are status codes sent before the answer, `piece` is the number of bytes written at a time (0: all),
    `pause` what passes after every sixteen pieces, `delay` what passes before an answer, `idle` how long a connection
    is kept for a further request.
    """

    version: str = "HTTP/1.1"
    framing: Framing = Framing.LENGTH
    reason: Callable[[int], str] = phrase
    name: Callable[[str], str] = same
    colon: str = ": "
    interim: tuple[int, ...] = ()
    piece: int = 0
    pause: float = 0.0
    delay: float = 0.0
    idle: float = 5.0

    def write(self, answer: Answer, *, keep: bool) -> Iterator[bytes]:
        """The answer as it goes out, piece by piece; `keep` promises that the connection stays open."""
        for status in self.interim:
            link = self._line("link", "</openapi/>; rel=preload") if status == HTTPStatus.EARLY_HINTS else ""
            yield f"{self._start(status)}{link}\r\n".encode("latin-1")
        yield self._head(answer, keep=keep).encode("latin-1")
        if not answer.bodiless:
            yield from self._body(answer.body)

    def closes(self, answer: Answer) -> bool:
        """Whether the connection has to end for the body to end."""
        return self.framing is Framing.CLOSE and not answer.bodiless

    def _start(self, status: int) -> str:
        return f"{self.version} {status} {self.reason(status)}\r\n"

    def _line(self, name: str, value: str) -> str:
        return f"{self.name(name)}{self.colon}{value}\r\n"

    def _head(self, answer: Answer, *, keep: bool) -> str:
        given = [
            (n.decode("latin-1"), v.decode("latin-1")) for n, v in answer.headers if n.lower() not in OWN
        ]
        framing = [] if answer.bodiless else self._framing(len(answer.body))
        connection = ("connection", "keep-alive" if keep else "close")
        lines = [*given, *framing, connection]
        return self._start(answer.status) + "".join(self._line(*pair) for pair in lines) + "\r\n"

    def _framing(self, length: int) -> list[tuple[str, str]]:
        if self.framing is Framing.CHUNKED:
            return [("transfer-encoding", "chunked")]
        return [("content-length", str(length))] if self.framing is Framing.LENGTH else []

    def _body(self, body: bytes) -> Iterator[bytes]:
        size = self.piece or len(body) or 1
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        if self.framing is not Framing.CHUNKED:
            yield from pieces
            return
        for piece in pieces:
            yield b"%X\r\n%s\r\n" % (len(piece), piece)
        yield b"0\r\n\r\n"
