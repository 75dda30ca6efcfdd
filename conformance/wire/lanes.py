"""Keeps requests that are in flight together on connections of their own.

httpcore's HTTP/2 is not safe to share between threads (two of them can get the same stream), and a connection that
breaks ought to take one request with it and no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import httpx

ALONE = "alone"
"""The extension of a request that wants a connection which carries nothing else, before it or after it."""


class Lanes(httpx.BaseTransport):
    """Transports of one connection each; a request borrows one until its answer has been read.

    A simple server has one connection at a time, and lets others wait while that one is kept alive. A connection on which
    there was more than an answer, as `leftover` tells, is closed: the rest would be taken for the next one.
    """

    def __init__(
        self,
        open_lane: Callable[[], httpx.BaseTransport],
        leftover: Callable[[httpx.BaseTransport], bool] = lambda _: False,
    ) -> None:
        self._open_lane = open_lane
        self._leftover = leftover
        self._lanes = [open_lane()]
        self._idle = list(self._lanes)
        self._answering: set[httpx.BaseTransport] = set()
        self._together = 0
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        lane, alone = self._take(), ALONE in request.extensions
        if alone:
            lane.close()
        try:
            response = lane.handle_request(request)
        except BaseException:
            self._put_last(lane)
            raise
        self._has_answered(lane)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Borrowed(response.stream, lambda: self._give(lane, alone=alone))
        return response

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()

    def rest(self) -> None:
        """Close the connections that nobody uses, unless the server has answered on as many at once as there are."""
        with self._lock:
            if self._together >= len(self._lanes):
                return
            idle, self._idle = self._idle, []
            self._lanes = [lane for lane in self._lanes if lane not in idle]
            self._answering.difference_update(idle)
        for lane in idle:
            lane.close()

    def _has_answered(self, lane: httpx.BaseTransport) -> None:
        with self._lock:
            self._answering.add(lane)
            self._together = max(self._together, len(self._answering))

    def _take(self) -> httpx.BaseTransport:
        """The lane used last, since its connection is the likeliest to be open."""
        with self._lock:
            if not self._idle:
                lane = self._open_lane()
                self._lanes.append(lane)
                return lane
            return self._idle.pop()

    def _put_last(self, lane: httpx.BaseTransport) -> None:
        """Keep a lane that broke for when no other is left: theirs may be open, and be all that the server wants."""
        with self._lock:
            self._answering.discard(lane)
            self._idle.insert(0, lane)

    def _give(self, lane: httpx.BaseTransport, *, alone: bool) -> None:
        """Take a lane back; a closed one opens again with the next request."""
        if alone or self._leftover(lane):
            lane.close()
            self._put_last(lane)
            return
        with self._lock:
            self._idle.append(lane)


class _Borrowed(httpx.SyncByteStream):
    """A body that gives its lane back when it is closed."""

    def __init__(self, stream: httpx.SyncByteStream, give_back: Callable[[], None]) -> None:
        self._stream = stream
        self._give_back = give_back
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            self._stream.close()
        finally:
            self._give_back()
