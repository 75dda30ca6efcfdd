"""Takes an answer in: what fits within the limits, and what is the same only once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar, cast

import httpx

from conformance.wire.body import read_body
from conformance.wire.exchange import Headers, Response
from conformance.wire.limits import Budget, Limits

K = TypeVar("K", bytes, Headers)
MOST_HEADERS, HEADER_BYTES, REASON = 200, 64 * 1024, 200


class Receiver:
    """Makes a Response of what comes in; safe to share between threads."""

    def __init__(self, limits: Limits, budget: Budget) -> None:
        self._limits = limits
        self._budget = budget
        self._same: dict[bytes | Headers, bytes | Headers] = {}
        self._lock = threading.Lock()

    def receive(self, incoming: httpx.Response) -> Response:
        """Read an answer to its end or to the limits; raises httpx.HTTPError when the connection breaks."""
        assert isinstance(incoming.stream, httpx.SyncByteStream)
        # The stream itself, which has the bytes as they came: httpx would decode them without a bound.
        label = incoming.headers.get("content-encoding", "")
        body = read_body(incoming.stream, label, self._limits.max_body)
        headers, cut = _fitting(pairs(incoming.extensions["received"]))
        return Response(
            status=incoming.status_code,
            reason=incoming.reason_phrase[:REASON],
            http_version=incoming.http_version,
            headers=self._once(headers, sum(len(name) + len(value) for name, value in headers)),
            body=self._once(body.content, len(body.content)),
            truncated=body.truncated or cut,
            raw=self._once(body.raw, len(body.raw)),
            coding=body.coding,
        )

    def _once(self, value: K, size: int) -> K:
        """`value`, or an equal one that is kept already: most answers of a run are alike."""
        with self._lock:
            known = self._same.setdefault(value, value)
        if known is value:
            self._budget.keeps(size)
        return cast("K", known)


def pairs(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    """Headers as text, byte for byte."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _fitting(headers: Headers) -> tuple[Headers, bool]:
    """The headers that we take in, and whether there are more."""
    sizes = accumulate(len(name) + len(value) for name, value in headers)
    number = min(sum(size <= HEADER_BYTES for size in sizes), MOST_HEADERS)
    return headers[:number], number < len(headers)
