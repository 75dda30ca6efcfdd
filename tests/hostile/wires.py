"""What a server does on the wire, below HTTP's meaning."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator

from ..raw_server import CLOSE, KEEP, Call, Script
from .behaviour import ANY, CONFORMANT, TOLERATED, UNANSWERED, WHATEVER, Behaviour, Right, Site, always, bent

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
EITHER = CONFORMANT | UNANSWERED
"""An odd spelling of HTTP that one may read or refuse."""


def chunked(body: bytes, size: int = 7, extension: str = "", trailer: str = "") -> bytes:
    """A body in chunks."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    coded = b"".join(f"{len(one):x}{extension}\r\n".encode() + one + b"\r\n" for one in pieces)
    return coded + b"0\r\n" + trailer.encode() + b"\r\n"


def in_chunks(right: Right, **how: object) -> bytes:
    head = right.head("Transfer-Encoding: chunked", length=False)
    return head + chunked(right.body, **how)  # type: ignore[arg-type]


def _split(site: Site, pieces: Callable[[bytes], Iterator[bytes]], pause: float) -> Script:
    def script(call: Call) -> bool:
        call.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces(site.right(call).whole()):
            call.send(piece)
            time.sleep(pause)
        return KEEP

    return script


def byte_by_byte(site: Site) -> Script:
    return _split(site, lambda data: (data[at : at + 1] for at in range(len(data))), 0.0)


def in_three(site: Site) -> Script:
    return _split(site, lambda data: iter((data[:20], data[20:-5], data[-5:])), 0.02)


def reset(call: Call) -> bool:
    """Answer half and reset the connection."""
    call.send(PLAIN[:50])
    call.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return CLOSE


def reset_at_once(call: Call) -> bool:
    call.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return CLOSE


def endless(head: bytes, piece: bytes) -> Callable[[Site], Script]:
    """Bytes for as long as anybody takes them, at most 200 MB."""

    def made(_: Site) -> Script:
        def script(call: Call) -> bool:
            call.send(head)
            for _ in range(200_000_000 // len(piece)):
                if call.server.closing.is_set():
                    break
                call.send(piece)
            return CLOSE

        return script

    return made


def hangs_up_silently(site: Site) -> Script:
    """Close each connection after its answer, without saying so."""

    def script(call: Call) -> bool:
        call.send(site.right(call).whole())
        return CLOSE

    return script


def plain(script: Script) -> Callable[[Site], Script]:
    return lambda _: script


def refused(name: str, data: bytes, **more: object) -> Behaviour:
    """Nothing in these bytes is an answer."""
    return Behaviour(name, "wire", always(data), UNANSWERED, **more)  # type: ignore[arg-type]


def read(name: str, data: bytes) -> Behaviour:
    """Odd, but an answer: one that is literally wrong."""
    return Behaviour(name, "wire", always(data), WHATEVER, ANY)


def line(text: str) -> bytes:
    return PLAIN.replace(b"HTTP/1.1 200 OK", text.encode("latin-1"))


def header(text: str) -> bytes:
    return PLAIN.replace(b"Content-Length: 2", text.encode("latin-1"))


def legal(
    name: str,
    bend: Callable[[Right], bytes],
    *,
    keep: bool = True,
    codes: frozenset[int] = CONFORMANT,
    **more: object,
) -> Behaviour:
    """An odd wire below a correct deployment."""
    return Behaviour(name, "wire", bent(bend, keep=keep), codes, **more)  # type: ignore[arg-type]


LEGAL = (
    Behaviour("byte by byte", "wire", byte_by_byte, CONFORMANT, telling=True),
    Behaviour("in three pieces", "wire", in_three, CONFORMANT),
    Behaviour("hangs up after each answer without saying so", "wire", hangs_up_silently, CONFORMANT),
    legal("Connection: close", lambda right: right.whole("Connection: close"), keep=False),
    legal("chunks of seven bytes", in_chunks),
    legal("chunks of one byte", lambda right: in_chunks(right, size=1)),
    legal("chunk extensions", lambda right: in_chunks(right, extension=';name="value"')),
    legal("trailers", lambda right: in_chunks(right, trailer="X-Checksum: 1\r\n")),
    legal("HTTP/1.0 with a length", lambda right: right.whole(line=f"HTTP/1.0 {right.status} OK"), keep=False),
    legal("the end of the connection is the end of the body", lambda right: right.head("Connection: close", length=False) + right.body, keep=False),
    legal("HTTP/1.0 without a length", lambda right: right.head(line=f"HTTP/1.0 {right.status} OK", length=False) + right.body, keep=False),
    legal("no reason phrase", lambda right: right.whole(line=f"HTTP/1.1 {right.status} ")),
    legal("no reason phrase and no space", lambda right: right.whole(line=f"HTTP/1.1 {right.status}")),
    legal("a reason phrase of 4,000 characters", lambda right: right.whole(line=f"HTTP/1.1 {right.status} {'x' * 4000}"), codes=EITHER),
    legal("bytes above 127 in the reason phrase", lambda right: right.whole(line=f"HTTP/1.1 {right.status} gew\xe4hrt")),
    legal("100 Continue first", lambda right: b"HTTP/1.1 100 Continue\r\n\r\n" + right.whole()),
    legal("early hints first", lambda right: b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + right.whole()),
    legal("102 Processing a hundred times first", lambda right: b"HTTP/1.1 102 Processing\r\n\r\n" * 100 + right.whole(), codes=EITHER),
    legal("a hundred headers", lambda right: right.whole(*(f"X-{number}: {number}" for number in range(100)))),
    legal("a header of 8 KB", lambda right: right.whole("X-Long: " + "x" * 8000)),
    legal("a folded header", lambda right: right.whole("X-Folded: one\r\n two"), codes=EITHER),
    legal("an empty header value", lambda right: right.whole("X-Empty:")),
    legal("bytes above 127 in a header", lambda right: right.whole("X-Name: \xe4\xff"), codes=EITHER),
    legal("lines that end with LF alone", lambda right: right.head().replace(b"\r\n", b"\n") + right.body, codes=EITHER),
    legal("a blank line before the status line", lambda right: b"\r\n" + right.whole(), codes=EITHER),
    legal("the same length twice", lambda right: right.whole(f"Content-Length: {len(right.body)}"), codes=EITHER),
    legal("length and chunks", lambda right: right.head("Transfer-Encoding: chunked") + chunked(right.body), codes=EITHER),
    legal("a second answer that nobody asked for", lambda right: right.whole() + PLAIN, codes=EITHER, telling=True),
    legal("bytes beyond the length", lambda right: right.whole() + b"garbage", codes=EITHER),
    legal("Set-Cookie a hundred times", lambda right: right.whole(*(f"Set-Cookie: c{number}={'v' * 50}" for number in range(100)))),
    legal("Upgrade: h2c is offered", lambda right: right.whole("Upgrade: h2c", "Connection: Upgrade"), codes=EITHER),
    legal("Content-Type twice", lambda right: right.whole("Content-Type: application/json"), codes=TOLERATED),
)  # fmt: skip

REFUSED = (
    refused("an empty answer", b""),
    refused("HTTP/0.9: a body and nothing else", b'{"status": "granted", "consensus": 1}'),
    refused("a greeting by mail", b"220 mail.example ESMTP\r\n\x1b[2J\x07\r\n\r\n"),
    refused("a greeting by SSH", b"SSH-2.0-OpenSSH_9.6\r\n"),
    refused("a TLS alert on a plain port", b"\x15\x03\x01\x00\x02\x02\x28"),
    refused("NUL bytes", bytes(4096)),
    refused("all byte values", bytes(range(256)) * 8),
    refused("a status that is a word", line("HTTP/1.1 abc OK")),
    refused("a status of two digits", line("HTTP/1.1 99 OK")),
    refused("a status of four digits", line("HTTP/1.1 1000 OK")),
    refused("a negative status", line("HTTP/1.1 -200 OK")),
    read("HTTP/9.9", line("HTTP/9.9 200 OK")),
    refused("ICY 200 OK", line("ICY 200 OK")),
    refused("no space after the version", line("HTTP/1.1200 OK")),
    refused("a status line in lower case", line("http/1.1 200 ok")),
    refused("a status line of 200 KB", line("HTTP/1.1 200 " + "x" * 200_000)),
    refused("a header without a colon", header("Content-Length: 2\r\nnonsense")),
    refused("a header name with a space", header("Content-Length: 2\r\nBad Name: x")),
    refused("NUL in a header", header("Content-Length: 2\r\nX-Nul: a\0b")),
    refused("CR in a header", header("Content-Length: 2\r\nX-Cr: a\rb")),
    refused("an empty header name", header("Content-Length: 2\r\n: x")),
    read("ten thousand headers", header("Content-Length: 2\r\n" + "\r\n".join(f"X-{n}: {n}" for n in range(10_000)))),
    refused("a header of 1 MB", header("Content-Length: 2\r\nX-Long: " + "x" * 1_000_000)),
    refused("two lengths that differ", header("Content-Length: 2\r\nContent-Length: 3")),
    refused("a negative length", header("Content-Length: -2")),
    refused("a length that is a word", header("Content-Length: two")),
    refused("a length in hexadecimal", header("Content-Length: 0x2")),
    refused("a length beyond 64 bits", header("Content-Length: 99999999999999999999999")),
    refused("a length of 5,000 digits", header("Content-Length: " + "9" * 5000)),
    refused("a body shorter than its length", header("Content-Length: 200")),
    refused("a chunk size that is a word", header("Transfer-Encoding: chunked").replace(b"\r\n\r\n{}", b"\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n")),
    refused("a negative chunk size", header("Transfer-Encoding: chunked").replace(b"\r\n\r\n{}", b"\r\n\r\n-2\r\n{}\r\n0\r\n\r\n")),
    refused("a chunk size beyond 64 bits", header("Transfer-Encoding: chunked").replace(b"\r\n\r\n{}", b"\r\n\r\nfffffffffffffffffffff\r\n{}")),
    refused("no last chunk", header("Transfer-Encoding: chunked").replace(b"\r\n\r\n{}", b"\r\n\r\n2\r\n{}\r\n")),
    refused("no line end after a chunk", header("Transfer-Encoding: chunked").replace(b"\r\n\r\n{}", b"\r\n\r\n2\r\n{}0\r\n\r\n")),
    refused("an unknown transfer coding", header("Transfer-Encoding: rot13\r\nContent-Length: 2")),
    refused("101 Switching Protocols", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    refused("closes in the middle of the status line", b"HTTP/1."),
    refused("closes in the middle of the headers", PLAIN[:40]),
    Behaviour("resets in the middle", "wire", plain(reset), UNANSWERED),
    Behaviour("resets at once", "wire", plain(reset_at_once), UNANSWERED),
    Behaviour("an answer before the question", "wire", always(b""), WHATEVER, ANY, greeting=PLAIN),
)  # fmt: skip

ENDLESS = (
    Behaviour("headers without an end", "wire", endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 4000 + b"\r\n"), UNANSWERED, telling=True),
    Behaviour("a status line without an end", "wire", endless(b"HTTP/1.1 200 ", b"x" * 4096), UNANSWERED),
    Behaviour("100 Continue without an end", "wire", endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), UNANSWERED, telling=True),
    Behaviour("a body without an end", "wire", endless(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" " * 65536), UNANSWERED, telling=True),
    Behaviour("chunks without an end", "wire", endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b" " * 4096 + b"\r\n"), UNANSWERED),
    Behaviour("a chunk extension without an end", "wire", endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;", b"x" * 4096), UNANSWERED),
    Behaviour("trailers without an end", "wire", endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"X: y\r\n" * 500), UNANSWERED),
    Behaviour("a body of a promised 10 GB", "wire", endless(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", b" " * 65536), UNANSWERED),
)  # fmt: skip

BEHAVIOURS = (*LEGAL, *REFUSED, *ENDLESS)
