"""Content codings: right, wrong, nested, and as bombs."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import brotli
import zstandard

from ..raw_server import Script
from .behaviour import CONFORMANT, TOLERATED, UNANSWERED, Behaviour, Right, Site, bent

MISLABELLED = frozenset(
    f"TY-{one}" for one in ("G1", "G2", "G3", "G4", "R1", "R2", "R3", "R4", "R5", "R6", "C1", "I1", "I6")
)
"""What a body that cannot be decoded breaks, as far as one likes to tell."""
UNDECIDED = frozenset({1, 3, 4})


def deflate(body: bytes) -> bytes:
    return zlib.compress(body)


def raw_deflate(body: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(body) + coder.flush()


def zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(body)


def labelled(coding: str, code: Callable[[bytes], bytes]) -> Callable[[Right], bytes]:
    return lambda right: right.coded(coding, code(right.body))


def right(
    name: str, coding: str, code: Callable[[bytes], bytes], codes: frozenset[int] = CONFORMANT
) -> Behaviour:
    return Behaviour(name, "coding", bent(labelled(coding, code)), codes)


def wrong(name: str, coding: str, code: Callable[[bytes], bytes], **more: object) -> Behaviour:
    return Behaviour(name, "coding", bent(labelled(coding, code)), UNDECIDED, MISLABELLED, **more)  # type: ignore[arg-type]


@cache
def zeros(coding: str) -> bytes:
    """A quarter of a gigabyte of spaces, coded; made once, while nobody waits for it."""
    piece, number = b" " * (1 << 20), 256
    if coding == "gzip":
        coder = zlib.compressobj(9, wbits=31)
        return b"".join(coder.compress(piece) for _ in range(number)) + coder.flush()
    if coding == "deflate":
        coder = zlib.compressobj(9)
        return b"".join(coder.compress(piece) for _ in range(number)) + coder.flush()
    if coding == "br":
        compressor = brotli.Compressor(quality=5, lgwin=24)
        return b"".join(compressor.process(piece) for _ in range(number)) + compressor.finish()
    stream = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join(stream.compress(piece) for _ in range(number)) + stream.flush()


def bomb(name: str, coding: str, layers: int = 0, **more: Any) -> Behaviour:
    """A quarter of a gigabyte that unfolds from little, coded again `layers` times."""

    def made(site: Site) -> Script:
        data = zeros(coding)
        for _ in range(layers):
            data = gzip.compress(data, mtime=0)
        codings = ", ".join([coding, *["gzip"] * layers])
        return bent(lambda answer: answer.coded(codings, data))(site)

    return Behaviour(name, "coding", made, UNANSWERED, **more)


def nested(times: int) -> Callable[[Right], bytes]:
    def bend(answer: Right) -> bytes:
        body = answer.body
        for _ in range(times):
            body = gzip.compress(body, mtime=0)
        return answer.coded(", ".join(["gzip"] * times), body)

    return bend


def wide_window(body: bytes) -> bytes:
    """Zstandard with a window of 2 GB announced in its header (RFC 8878, section 3.1.1)."""
    block = bytes([(len(body) << 3 | 1) & 255, len(body) << 3 >> 8 & 255, len(body) << 3 >> 16 & 255])
    return b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + block + body


BEHAVIOURS = (
    right("gzip", "gzip", gzip.compress),
    right("gzip in capitals", "GZIP", gzip.compress),
    right("x-gzip", "x-gzip", gzip.compress),
    right("deflate", "deflate", deflate),
    right("deflate without its wrapper", "deflate", raw_deflate, TOLERATED),
    right("brotli", "br", brotli.compress),
    right("zstandard", "zstd", zstd),
    right("identity", "identity", bytes, TOLERATED),
    right("gzip in several members", "gzip", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:]), TOLERATED),
    Behaviour("gzip within gzip", "coding", bent(nested(2)), TOLERATED),
    Behaviour("gzip ten times", "coding", bent(nested(10)), TOLERATED | UNANSWERED),
    Behaviour("a hundred codings", "coding", bent(lambda one: one.coded(", ".join(["gzip"] * 100), one.body)), UNDECIDED, MISLABELLED),
    Behaviour("ten thousand codings", "coding", bent(lambda one: one.coded(",".join(["br"] * 10_000), one.body)), UNDECIDED, MISLABELLED),
    wrong("labelled br, but plain", "br", bytes, words=("br",), telling=True),
    wrong("labelled gzip, but plain", "gzip", bytes, words=("gzip",)),
    wrong("labelled deflate, but plain", "deflate", bytes),
    wrong("labelled zstd, but plain", "zstd", bytes),
    wrong("labelled br, but gzip", "br", gzip.compress),
    wrong("labelled gzip, but brotli", "gzip", brotli.compress),
    # A coding that nobody knows is left alone, as clients do; some deployments name a character set there.
    Behaviour("an unknown coding", "coding", bent(labelled("rot13", bytes)), TOLERATED | UNDECIDED, MISLABELLED),
    Behaviour("a coding of 8 KB", "coding", bent(labelled("x" * 8000, bytes)), TOLERATED | UNDECIDED, MISLABELLED),
    wrong("gzip cut short", "gzip", lambda body: gzip.compress(body)[:-12]),
    wrong("zstandard cut short", "zstd", lambda body: zstd(body)[:-4]),
    wrong("brotli cut short", "br", lambda body: brotli.compress(body)[:-3]),
    wrong("a broken checksum in gzip", "gzip", lambda body: gzip.compress(body)[:-8] + b"\0" * 8),
    Behaviour("bytes after gzip", "coding", bent(labelled("gzip", lambda body: gzip.compress(body) + b"garbage")), UNDECIDED | CONFORMANT, MISLABELLED),
    wrong("labelled gzip, but empty", "gzip", lambda body: b""),
    wrong("zstandard with a window of 2 GB", "zstd", wide_window),
    bomb("256 MB in gzip", "gzip"),
    bomb("256 MB in deflate", "deflate"),
    bomb("256 MB in brotli", "br", telling=True),
    bomb("256 MB in zstandard", "zstd"),
    bomb("256 MB in gzip within gzip", "gzip", 1),
    bomb("256 MB in brotli within gzip thrice", "br", 3),
    Behaviour("gzip in chunks of one byte", "coding", bent(lambda one: _in_chunks(one, 1)), CONFORMANT),
)  # fmt: skip


def _in_chunks(answer: Right, size: int) -> bytes:
    from .wires import chunked

    coded = replace(answer, body=gzip.compress(answer.body))
    head = coded.head("Transfer-Encoding: chunked", "Content-Encoding: gzip", length=False)
    return head + chunked(coded.body, size)
