"""The network below the client: one allowance of time for a whole answer, one connection a lane."""

from __future__ import annotations

import itertools
import ssl
import threading
import time
from collections.abc import Iterable
from http.cookiejar import CookieJar
from typing import Any

import httpcore
import httpx

from conformance import __version__
from conformance.wire.failure import SPEAKS_TLS
from conformance.wire.lanes import Lanes
from conformance.wire.limits import Limits
from conformance.wire.proxied import Proxied
from conformance.wire.route import Route

TLS_ALERT = b"\x15\x03"
LAST_WORDS = 0.2
"""Seconds to wait for what a server said before it hung up on a request."""


class Stopwatch:
    """How long each thread may still wait: a peer that sends a byte now and then must not hold it forever."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._numbers = itertools.count(1)

    def start(self, seconds: float) -> None:
        """Give the calling thread `seconds` from now."""
        self._local.end = time.monotonic() + seconds
        self._local.connection = 0

    @property
    def connection(self) -> int:
        """The number of the connection that the calling thread has used since it was started; 0 for none."""
        return getattr(self._local, "connection", 0)

    def uses(self, connection: int) -> None:
        """The calling thread uses a connection."""
        self._local.connection = connection

    def connected(self) -> int:
        """A number for a new connection."""
        return next(self._numbers)

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """`timeout`, or what is left of the allowance if that is less; raises `late` when nothing is left."""
        end = getattr(self._local, "end", None)
        if end is None:
            return timeout
        rest = float(end) - time.monotonic()
        if rest <= 0:
            raise late("the allowance for the whole answer is used up")
        return rest if timeout is None else min(timeout, rest)


class _Stream(httpcore.NetworkStream):
    """A connection that heeds a stopwatch, and has a number."""

    def __init__(
        self, stream: httpcore.NetworkStream, watch: Stopwatch, number: int, *, plain: bool = False
    ) -> None:
        self._stream = stream
        self._watch = watch
        self._number = number
        self._silent = plain
        self._ahead = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._watch.uses(self._number)
        if self._ahead:
            data, self._ahead = self._ahead[:max_bytes], self._ahead[max_bytes:]
            return data
        data = self._stream.read(max_bytes, self._watch.left(timeout, httpcore.ReadTimeout))
        if self._silent and data[:2] == TLS_ALERT:
            raise httpcore.RemoteProtocolError(SPEAKS_TLS)
        self._silent = False
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._watch.uses(self._number)
        try:
            self._stream.write(buffer, self._watch.left(timeout, httpcore.WriteTimeout))
        except httpcore.WriteError:
            self._hear_out()
            raise

    def _hear_out(self) -> None:
        """Read what the other side said before it hung up; raises its alert, such as that it wants a certificate."""
        try:
            self._ahead += self._stream.read(65536, LAST_WORDS)
        except httpcore.ReadTimeout:
            return
        except httpcore.ReadError as problem:
            if isinstance(problem.__cause__, ssl.SSLError):
                raise

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._watch.left(timeout, httpcore.ConnectTimeout)
        secure = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(secure, self._watch, self._number)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    """Opens connections that heed a stopwatch."""

    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch
        self._last: _Stream | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._watch.left(timeout, httpcore.ConnectTimeout)
        stream = super().connect_tcp(host, port, left, local_address, socket_options)
        self._last = _Stream(stream, self._watch, self._watch.connected(), plain=True)
        return self._last

    def hang_up(self) -> None:
        """Close the connection that was opened last."""
        if self._last:
            self._last.close()


class _NoCookies(CookieJar):
    """A jar that takes nothing in, nor looks at it."""

    def extract_cookies(self, *_: object) -> None:
        """Leave what a server wants to be sent back."""

    def add_cookie_header(self, *_: object) -> None:
        """Send none."""


def open_client(limits: Limits, transport: httpx.BaseTransport) -> httpx.Client:
    """A client that follows no redirect and keeps no cookie."""
    return httpx.Client(
        transport=transport,
        timeout=httpx.Timeout(limits.timeout),
        follow_redirects=False,
        cookies=_NoCookies(),
        headers={"user-agent": f"status-conformance/{__version__}"},
        event_hooks={"response": [_set_headers_aside]},
        trust_env=False,
    )


def _set_headers_aside(response: httpx.Response) -> None:
    """Keep the headers and hide the Location from httpx, which raises when it cannot read one."""
    response.extensions["received"] = list(response.headers.raw)
    response.headers.pop("location", None)


def open_lanes(base_url: str, watch: Stopwatch, route: Route) -> Lanes:
    """The way to a deployment, with no connection yet; raises UsageProblem for a way that cannot be gone."""
    secure = base_url.lower().startswith("https:")
    context = route.context() if secure else httpx.create_ssl_context(verify=False)
    named = route.proxy_for(base_url)
    proxy = route.usable(named) if named else None
    return Lanes(lambda: _lane(context, proxy, watch, secure=secure), _leftover)


def _leftover(lane: httpx.BaseTransport) -> bool:
    """Whether bytes came after the answer on an HTTP/1 connection.

    httpcore would take them for the answer to the next request, and has no word for them; tests notice when its names change.
    """
    transport = lane if isinstance(lane, httpx.HTTPTransport) else getattr(lane, "transport", None)
    pool = getattr(transport, "_pool", None)
    for connection in getattr(pool, "connections", ()):
        state = getattr(getattr(connection, "_connection", None), "_h11_state", None)
        if state is not None and state.trailing_data[0]:
            return True
    return False


def _lane(
    context: ssl.SSLContext, proxy: httpx.Proxy | None, watch: Stopwatch, *, secure: bool
) -> httpx.BaseTransport:
    one = httpx.Limits(max_connections=1, keepalive_expiry=1.0)
    transport = httpx.HTTPTransport(verify=context, http2=secure, limits=one, proxy=proxy)
    # httpx has no parameter for the network backend; tests notice when this stops working.
    transport._pool._network_backend = backend = _Backend(watch)
    if proxy is None:
        return transport
    forwards = not secure and proxy.url.scheme in ("http", "https")
    return Proxied(transport, forwards=forwards, hang_up=backend.hang_up)
