"""The recording client: the only code that talks to a deployment."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import httpx

from conformance.clock import Clock, SystemClock
from conformance.errors import BudgetSpent, Unreachable, UsageProblem
from conformance.wire import parallel
from conformance.wire.body import read_body
from conformance.wire.exchange import CHECKS, Exchange, Headers, Request, Response
from conformance.wire.failure import explain
from conformance.wire.gate import Gate
from conformance.wire.lanes import Lanes
from conformance.wire.limits import Budget, Limits, retry_after
from conformance.wire.network import Stopwatch, open_client, open_lanes

T = TypeVar("T")
GATEWAY = frozenset({502, 503, 504})
THROTTLING = frozenset({429, 503})
PAUSES = (0.2, 0.6)
LEAST, MOST = 0.05, 1.0
"""Seconds: the first and the longest pause before a throttled request, however soon it is welcome again."""
ATTEMPTS = 12
DROPPED = (httpx.RemoteProtocolError, httpx.ReadError)
"""A connection that was made and then lost, as where a deployment wakes up."""
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
        self._gate = Gate(self.limits.concurrency)
        self.headers = headers
        self._on_exchange = on_exchange
        self._lock = threading.Lock()
        self._count = 0
        self._answered = False
        self._failures = 0
        self._watch = Stopwatch()
        self._network = transport or open_lanes(self.base_url, self._watch, verify)
        self._http = open_client(self.limits, self._network)

    def close(self) -> None:
        """Close every connection."""
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

        Throttling answers are waited for, with fewer requests in flight from then on, as after a connection that was
        lost while several were. A GET is repeated after a gateway's error, either method after a lost connection, and
        every attempt is recorded. Raises Unreachable when nothing has ever come back or nothing comes any more,
        BudgetSpent at a limit, UsageProblem for a request that cannot be built.
        """
        request = Request(method, self.base_url + path, self.headers + headers, body)
        purpose = self.purpose
        for attempt in range(1, ATTEMPTS + 1):
            with self._gate:
                exchange, problem = self._attempt(request, dict(intent or {}), writes, purpose)
                throttled = exchange.status in THROTTLING
                if throttled or (_is_lost(problem) and self._gate.crowded):
                    self._gate.narrow()
            pause = self._pause(exchange, attempt, problem) if attempt < ATTEMPTS else None
            if pause is None or not self._budget.wait(pause, everyone=throttled):
                break
            self._keep(replace(exchange, superseded=True))
        return self._keep(exchange)

    def gather(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make independent calls, up to the limit's `concurrency` at once, and return their results in order."""
        return parallel.gather(calls, self.limits.concurrency, self._rest)

    def wait_until(self, moment: float) -> None:
        """Return when the clock shows `moment`, in Unix seconds; raises BudgetSpent if the deadline is nearer."""
        left = moment - self.clock.time()
        if self.limits.deadline is not None and left > self.limits.deadline:
            raise BudgetSpent(
                "the deadline is nearer than the time this check has to wait", hint="raise --deadline"
            )
        if left > 0:
            self.clock.sleep(left)

    def _rest(self) -> None:
        """Make way for requests that wait for a connection."""
        if isinstance(self._network, Lanes):
            self._network.rest()

    def _attempt(
        self, request: Request, intent: dict[str, str], writes: bool, purpose: Purpose
    ) -> tuple[Exchange, Exception | None]:
        """One exchange, and what kept an answer from coming."""
        self._budget.take()
        with self._lock:
            self._count += 1
            number = self._count
        started, before = self.clock.time(), self.clock.monotonic()
        outgoing = self._build(request)
        response, problem = self._exchange(outgoing)
        ended = started + (self.clock.monotonic() - before)
        if response:
            self._answer()
            self._budget.received(len(response.body))
        exchange = Exchange(
            number=number,
            request=replace(request, url=str(outgoing.url), headers=_pairs(outgoing.headers.raw)),
            response=response,
            started=started,
            ended=ended,
            failure=explain(problem, self.limits.timeout) if problem else None,
            intent={**intent, "history": purpose.history} if purpose.history else intent,
            part=purpose.part,
            check=purpose.check,
            requirements=purpose.requirements,
            writes=writes,
        )
        return exchange, problem

    def _answer(self) -> None:
        """Somebody is there: from now on several requests may be in flight."""
        with self._lock:
            first, self._answered = not self._answered, True
        if first:
            self._gate.open()

    def _build(self, request: Request) -> httpx.Request:
        try:
            return self._http.build_request(
                request.method, request.url, headers=list(request.headers), content=request.body or None
            )
        except (httpx.InvalidURL, UnicodeError, ValueError) as problem:
            raise UsageProblem(f"a request to {request.url} cannot be built: {problem}") from None

    def _exchange(self, outgoing: httpx.Request) -> tuple[Response | None, Exception | None]:
        self._watch.start(self.limits.timeout)
        try:
            incoming = self._http.send(outgoing, stream=True)
            try:
                return self._receive(incoming), None
            finally:
                incoming.close()
        except (httpx.HTTPError, ssl.SSLError, OSError, ValueError) as problem:
            return None, problem

    def _receive(self, incoming: httpx.Response) -> Response:
        body, truncated = read_body(incoming, self.limits.max_body)
        return Response(
            status=incoming.status_code,
            reason=incoming.reason_phrase,
            http_version=incoming.http_version,
            headers=_pairs(incoming.extensions["received"]),
            body=body,
            truncated=truncated,
        )

    def _pause(self, exchange: Exchange, attempt: int, problem: Exception | None) -> float | None:
        """Seconds after which `exchange` is worth another attempt, or None; `attempt` counts from 1."""
        response = exchange.response
        if response is None:
            return PAUSES[attempt - 1] if attempt <= self._repeats(exchange, problem) else None
        if response.status in THROTTLING:
            told = retry_after(response.header("retry-after"), self.clock.time())
            if told is not None:
                return max(told, min(LEAST * (1 << attempt - 1), MOST))
            if response.status == 429 and attempt <= 3:
                return 1.0
        repeatable = response.status in GATEWAY and not exchange.writes and attempt <= len(PAUSES)
        return PAUSES[attempt - 1] if repeatable else None

    def _repeats(self, exchange: Exchange, problem: Exception | None) -> int:
        """How often a request without an answer is worth repeating: a slow one costs time, a write may have worked."""
        if not self._answered:
            return 1 if isinstance(problem, DROPPED) and not exchange.writes else 0
        if isinstance(problem, httpx.TimeoutException):
            return 0 if exchange.writes or self._failures else 1
        return 1 if exchange.writes else 2

    def _keep(self, exchange: Exchange) -> Exchange:
        with self._lock:
            self.exchanges.append(exchange)
        if self._on_exchange:
            self._on_exchange(exchange)
        if not exchange.superseded:
            self._despair(exchange.failure)
        return exchange

    def _despair(self, failure: str | None) -> None:
        """Raise Unreachable when requests, with all their repetitions, go unanswered one after the other."""
        with self._lock:
            self._failures = self._failures + 1 if failure else 0
        if failure and not self._answered:
            raise Unreachable(
                failure, hint="check the base URL, the network and whether the deployment is up"
            )
        if failure and self._failures >= GIVE_UP_AFTER:
            raise Unreachable(f"the deployment stopped answering: {failure}")


def _is_lost(problem: Exception | None) -> bool:
    """Whether a connection failed, rather than time ran out."""
    return problem is not None and not isinstance(problem, httpx.TimeoutException)


def _pairs(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
