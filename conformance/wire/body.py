"""Takes a body in within a limit, whatever its length or coding pretends, and undoes its content codings."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

KEPT = 16 * 1024
"""Bytes that are kept of a body that was cut: it is evidence, and never judged."""
MOST_CODINGS = 10


@dataclass(frozen=True, slots=True)
class Body:
    """What came, decoded; `truncated` when there was more than the limit.

    When it does not decode, `content` is empty, `raw` is how the bytes that came begin, `coding` how they were labelled.
    """

    content: bytes
    truncated: bool = False
    raw: bytes = b""
    coding: str = ""


class Misfit(ValueError):
    """Bytes are not coded as they are labelled."""


def read_body(stream: Iterable[bytes], label: str, limit: int) -> Body:
    """At most `limit` bytes of a body with the Content-Encoding `label`, before and after decoding."""
    raw, cut = _gather(stream, limit)
    codings = [name.strip().lower() for name in label.split(",")]
    codings = [name for name in codings if name not in ("", "identity")]
    try:
        content, more = _apart().submit(_decoded, raw, codings, limit).result() if codings else (raw, False)
    except Misfit:
        return Body(b"", cut, raw[:KEPT], " ".join(label.split()))
    truncated = cut or more
    return Body(content[:KEPT] if truncated else content, truncated)


@cache
def _apart() -> ThreadPoolExecutor:
    """The one thread that decodes: a decoder may take a window of 16 MiB, and what a thread took it keeps."""
    return ThreadPoolExecutor(1, "decoder")


def _gather(stream: Iterable[bytes], limit: int) -> tuple[bytes, bool]:
    seen = bytearray()
    for chunk in stream:
        seen += chunk
        if len(seen) > limit:
            return bytes(seen[:limit]), True
    return bytes(seen), False


def _decoded(raw: bytes, codings: list[str], limit: int) -> tuple[bytes, bool]:
    """`raw` without its codings, the last one first; the codings from one on that nobody knows are left alone."""
    if len(codings) > MOST_CODINGS:
        raise Misfit
    cut = False
    for name in reversed(codings):
        if name not in DECODERS or not raw:
            break
        raw = DECODERS[name](raw, limit + 1)
        cut = cut or len(raw) > limit
        raw = raw[:limit]
    return raw, cut


def _inflated(data: bytes, most: int, bits: int = zlib.MAX_WBITS) -> tuple[bytes, zlib._Decompress]:
    decoder = zlib.decompressobj(bits)
    try:
        return decoder.decompress(data, most), decoder
    except zlib.error:
        raise Misfit from None


def _gzip(data: bytes, most: int) -> bytes:
    """All members of a gzip file (RFC 1952, section 2.2); one that was not closed as far as it goes, as all clients do."""
    found = bytearray()
    while data and len(found) < most:
        part, decoder = _inflated(data, most - len(found), 16 + zlib.MAX_WBITS)
        found += part
        if not decoder.eof:
            break
        data = decoder.unused_data if decoder.unused_data[:2] == b"\x1f\x8b" else b""
    if not found and data:
        raise Misfit
    return bytes(found)


def _deflate(data: bytes, most: int) -> bytes:
    """A zlib stream, or the bare deflate stream that some send instead (RFC 9110, section 8.4.1.2)."""
    with suppress(Misfit):
        found, decoder = _inflated(data, most)
        if found or decoder.eof:
            return found
    found, decoder = _inflated(data, most, -zlib.MAX_WBITS)
    if not decoder.eof and len(found) < most:
        raise Misfit
    return found


def _brotli(data: bytes, most: int) -> bytes:
    import brotli  # type: ignore[import-untyped]

    decoder, found = brotli.Decompressor(), bytearray()
    try:
        found += decoder.process(data, output_buffer_limit=most)
        while len(found) < most and not decoder.can_accept_more_data():
            found += decoder.process(b"", output_buffer_limit=most - len(found))
    except brotli.error:
        raise Misfit from None
    if not decoder.is_finished() and len(found) < most:
        raise Misfit
    return bytes(found)


def _zstd(data: bytes, most: int) -> bytes:
    import zstandard

    decoder = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    try:
        with decoder.stream_reader(io.BytesIO(data), read_across_frames=True) as reader:
            found = reader.read(most)
    except zstandard.ZstdError:
        raise Misfit from None
    if not found:
        raise Misfit
    return found


WINDOW = 8 * 1024 * 1024
"""The largest window of zstd as a content coding (RFC 9659)."""
DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
