"""Reads a body within the size cap, whatever its length or coding pretends."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

STEP = 32
"""Bytes of a coded body that are decoded at a time: the worst coding makes some megabytes of them."""


class _Sips(httpx.SyncByteStream):
    """A stream cut into small pieces, and cut off behind `limit` bytes."""

    def __init__(self, stream: httpx.SyncByteStream, limit: int, step: int) -> None:
        self._stream = stream
        self._limit = limit
        self._step = step
        self.cut = False

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        for chunk in self._stream:
            for at in range(0, len(chunk), self._step):
                yield chunk[at : at + self._step]
            seen += len(chunk)
            if seen > self._limit:
                self.cut = True
                return

    def close(self) -> None:
        self._stream.close()


def read_body(incoming: httpx.Response, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes of the decoded body, and whether there was more; none of one that does not decode.

    Raises httpx.HTTPError when the connection breaks or the body is coded more than once.
    """
    assert isinstance(incoming.stream, httpx.SyncByteStream)
    incoming.stream = sips = _Sips(incoming.stream, limit, STEP if _is_coded(incoming) else limit + 1)
    body = bytearray()
    try:
        for chunk in incoming.iter_bytes():
            body += chunk
            if len(body) > limit:
                return bytes(body[:limit]), True
    except httpx.DecodingError:
        return b"", False
    return bytes(body), sips.cut


def _is_coded(incoming: httpx.Response) -> bool:
    """Whether the body is coded; x-gzip is another name for gzip (RFC 9110, section 8.4.1.3), unknown to httpx."""
    names = [name.strip().lower() for name in incoming.headers.get("content-encoding", "").split(",")]
    codings = [name for name in names if name not in ("", "identity")]
    if len(codings) > 1:
        raise httpx.DecodingError("it names more than one coding")
    if codings == ["x-gzip"]:
        incoming.headers["content-encoding"] = "gzip"
    return bool(codings)
