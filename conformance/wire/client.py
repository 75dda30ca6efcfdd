"""The recording client: the only code that talks to a deployment."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import httpx

from conformance import __version__
from conformance.clock import Clock, SystemClock
from conformance.errors import Unreachable, UsageProblem
from conformance.wire.exchange import CHECKS, Exchange, Headers, Request, Response
from conformance.wire.failure import explain
from conformance.wire.limits import Budget, Limits, retry_after

T = TypeVar("T")
GATEWAY = frozenset({502, 503, 504})
PAUSES = (0.2, 0.6)
GIVE_UP_AFTER = 4


@dataclass(frozen=True, slots=True)
class Purpose:
    """Which check sends, for which requirements, in which part of the suite; a generated history has a number."""

    check: str = ""
    requirements: tuple[str, ...] = ()
    part: str = CHECKS
    history: str = ""


class Client:
    """Sends requests below one base URL, within limits, and keeps every exchange."""

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        headers: Headers = (),
        transport: httpx.BaseTransport | None = None,
        verify: ssl.SSLContext | bool = True,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.clock = clock or SystemClock()
        self.limits = limits or Limits()
        self.purpose = Purpose()
        self.exchanges: list[Exchange] = []
        self._budget = Budget(self.limits, self.clock)
        self._headers = headers
        self._on_exchange = on_exchange
        self._lock = threading.Lock()
        self._count = 0
        self._answered = False
        self._failures = 0
        self._http = _http_client(self.base_url, self.limits, transport, verify)
        self._pool: ThreadPoolExecutor | None = None

    def close(self) -> None:
        """Close every connection."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Headers = (),
        body: bytes = b"",
        intent: Mapping[str, str] | None = None,
        writes: bool = False,
    ) -> Exchange:
        """Send `method` to base URL + `path` (already percent-encoded) and return the last attempt's exchange.

        Throttling answers are waited for, a GET is repeated after a gateway's error or a lost connection, and
        every attempt is recorded. Raises Unreachable when nothing has ever come back, BudgetSpent at a limit.
        """
        request = Request(method, self.base_url + path, self._headers + headers, body)
        purpose = self.purpose
        for attempt in range(12):
            exchange = self._attempt(request, dict(intent or {}), writes, purpose)
            pause = self._pause(exchange, attempt)
            if pause is None or not self._budget.wait(pause):
                return self._keep(exchange)
            self._keep(replace(exchange, superseded=True))
        return exchange

    def gather(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make independent calls, up to the limit's `concurrency` at once, and return their results in order."""
        if self.limits.concurrency < 2 or len(calls) < 2:
            return [call() for call in calls]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.limits.concurrency, thread_name_prefix="in-flight")
        return [future.result() for future in [self._pool.submit(call) for call in calls]]

    def _attempt(self, request: Request, intent: dict[str, str], writes: bool, purpose: Purpose) -> Exchange:
        self._budget.take()
        with self._lock:
            self._count += 1
            number = self._count
        started, before = self.clock.time(), self.clock.monotonic()
        sent, response, failure = self._exchange(request)
        ended = started + (self.clock.monotonic() - before)
        self._count_failure(failure)
        return Exchange(
            number=number,
            request=sent,
            response=response,
            started=started,
            ended=ended,
            failure=failure,
            intent={**intent, "history": purpose.history} if purpose.history else intent,
            part=purpose.part,
            check=purpose.check,
            requirements=purpose.requirements,
            writes=writes,
        )

    def _exchange(self, request: Request) -> tuple[Request, Response | None, str | None]:
        try:
            outgoing = self._http.build_request(
                request.method, request.url, headers=list(request.headers), content=request.body or None
            )
            if request.method == "POST" and not request.body:
                outgoing.headers["content-length"] = "0"
        except (httpx.InvalidURL, UnicodeError, ValueError) as problem:
            raise UsageProblem(f"{request.url} is not a URL that can be asked: {problem}") from None
        sent = replace(request, url=str(outgoing.url), headers=_pairs(outgoing.headers))
        try:
            incoming = self._http.send(outgoing, stream=True)
            try:
                return sent, self._receive(incoming), None
            finally:
                incoming.close()
        except (httpx.HTTPError, ssl.SSLError, OSError, ValueError) as problem:
            return sent, None, explain(problem, self.limits.timeout)

    def _receive(self, incoming: httpx.Response) -> Response:
        end = self.clock.monotonic() + 2 * self.limits.timeout
        body, truncated = bytearray(), False
        for chunk in incoming.iter_bytes():
            body += chunk
            truncated = len(body) > self.limits.max_body
            if truncated:
                break
            if self.clock.monotonic() > end:
                raise httpx.ReadTimeout("the body took too long")
        return Response(
            status=incoming.status_code,
            reason=incoming.reason_phrase,
            http_version=incoming.http_version,
            headers=_pairs(incoming.headers),
            body=bytes(body[: self.limits.max_body]),
            truncated=truncated,
        )

    def _count_failure(self, failure: str | None) -> None:
        with self._lock:
            self._answered = self._answered or failure is None
            self._failures = 0 if failure is None else self._failures + 1

    def _pause(self, exchange: Exchange, attempt: int) -> float | None:
        """Seconds after which `exchange` is worth another attempt, or None."""
        response = exchange.response
        if response is None:
            quick = self._answered and attempt < (1 if exchange.writes else 2)
            return PAUSES[attempt] if quick else None
        if response.status in (429, 503):
            told = retry_after(response.header("retry-after"), self.clock.time())
            if told is not None:
                return max(told, 0.05)
            if response.status == 429 and attempt < 3:
                return 1.0
        repeatable = response.status in GATEWAY and not exchange.writes and attempt < len(PAUSES)
        return PAUSES[attempt] if repeatable else None

    def _keep(self, exchange: Exchange) -> Exchange:
        with self._lock:
            self.exchanges.append(exchange)
        if self._on_exchange:
            self._on_exchange(exchange)
        if exchange.failure and not exchange.superseded:
            self._despair(exchange.failure)
        return exchange

    def _despair(self, failure: str) -> None:
        if not self._answered:
            raise Unreachable(failure, hint="check the base URL, the network and whether the deployment is up")
        if self._failures >= GIVE_UP_AFTER:
            raise Unreachable(f"the deployment stopped answering: {failure}")


def _pairs(headers: httpx.Headers) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)


def _http_client(
    base_url: str, limits: Limits, transport: httpx.BaseTransport | None, verify: ssl.SSLContext | bool
) -> httpx.Client:
    secure = base_url.lower().startswith("https:")
    connections = httpx.Limits(max_connections=max(limits.concurrency, 1), keepalive_expiry=1.0)
    return httpx.Client(
        http2=secure and transport is None,
        verify=verify if secure else False,
        timeout=httpx.Timeout(limits.timeout),
        limits=connections,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"user-agent": f"status-conformance/{__version__}"},
        transport=transport,
    )
