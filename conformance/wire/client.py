"""The recording client: the only code that talks to a deployment."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import httpx

from conformance.clock import Clock, Deadline, SystemClock
from conformance.errors import Postponed, SuiteProblem, UsageProblem, WireProblem
from conformance.wire import parallel, redirects
from conformance.wire.clipping import clip
from conformance.wire.exchange import CHECKS, Exchange, Headers, Request, Response
from conformance.wire.failure import explain, remedy
from conformance.wire.gate import Gate
from conformance.wire.lanes import ALONE, Lanes
from conformance.wire.limits import Budget, Limits
from conformance.wire.network import Stopwatch, open_client, open_lanes
from conformance.wire.receiving import Receiver, pairs
from conformance.wire.repeating import GATEWAY, THROTTLING, Repeating, told
from conformance.wire.route import Route

T = TypeVar("T")
ATTEMPTS = 12
FIRST_FEW, ALIKE = 12, 4
"""Whether to give up is asked after the first few answers, and after so many with one code in a row."""
READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Purpose:
    """Which check sends, for which requirements, in which part of the suite; a generated history has a number."""

    check: str = ""
    requirements: tuple[str, ...] = ()
    part: str = CHECKS
    history: str = ""


@dataclass(frozen=True, slots=True)
class _Call:
    """A request to be sent, with what the driver meant by it."""

    request: Request
    intent: Mapping[str, str]
    writes: bool
    purpose: Purpose
    alone: bool


class Client:
    """Sends requests below one base URL, within limits, and keeps every exchange.

    With `read_only` it sends nothing but GET and HEAD; the deadline counts from `begun`. `gave_up` looks at all
    exchanges after each of the first few answers, and after several alike: what it returns ends the run.
    """

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        headers: Headers = (),
        transport: httpx.BaseTransport | None = None,
        route: Route | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        read_only: bool = False,
        begun: float | None = None,
        gave_up: Callable[[Sequence[Exchange]], WireProblem | None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.limits = limits or Limits()
        self.clock = Deadline(clock or SystemClock(), self.limits.deadline, begun)
        self.purpose = Purpose()
        self.exchanges: list[Exchange] = []
        self.throttled = False
        self._budget = Budget(self.limits, self.clock)
        self._gate = Gate(self.limits.concurrency)
        self.headers = headers
        self._on_exchange = on_exchange
        self._read_only = read_only
        self._gave_up = gave_up
        self._lock = threading.Lock()
        self._count = 0
        self._alike = 0
        self._over = False
        self._receiver = Receiver(self.limits, self._budget)
        self._repeating = Repeating()
        self._watch = Stopwatch()
        self._network = transport or open_lanes(self.base_url, self._watch, route or Route())
        self._http = open_client(self.limits, self._network)

    def end(self) -> None:
        """Send nothing more, and keep nothing that may still come."""
        with self._lock:
            self._over = True
        self._budget.close()

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
        alone: bool = False,
        follow: bool = False,
    ) -> Exchange:
        """Send `method` to base URL + `path` (already percent-encoded) and return the last attempt's exchange.

        Throttling answers are waited for, with fewer requests in flight and further apart from then on, as after a
        connection that was lost while several were. A GET is repeated after a gateway's error, either method after a
        lost connection, and every attempt is recorded. With `alone` it goes out on a connection of its own; with
        `follow` it is sent on by redirects within the origin. Raises Unreachable when nothing has ever come back or
        nothing comes any more, Postponed when it would have to wait for too long, BudgetSpent at a limit, UsageProblem
        for a request that cannot be built.
        """
        if self._read_only and method not in READING:
            raise SuiteProblem(f"a run that only reads was about to send {method} {path}")
        request = Request(method, self.base_url + path, self.headers + headers, body)
        call = _Call(request, dict(intent or {}), writes, self.purpose, alone)
        exchange, problem = self._deliver(call)
        seen = {exchange.request.url}
        for _ in range(redirects.HOPS if follow else 0):
            onward = redirects.onward(exchange)
            if onward is None or onward in seen:
                break
            seen.add(onward)
            self._keep(replace(exchange, superseded=True, redirected=True))
            exchange, problem = self._deliver(replace(call, request=replace(request, url=onward)))
        return self._keep(exchange, problem)

    def _deliver(self, call: _Call) -> tuple[Exchange, Exception | None]:
        """The last attempt at a request, which is not kept yet, and what kept an answer from coming."""
        pace = self._budget.pace.interval
        for attempt in range(1, ATTEMPTS + 1):
            exchange, problem = self._attempt_in_turn(call)
            now = self.clock.time()
            pause = self._repeating.pause(exchange, attempt, problem, now) if attempt < ATTEMPTS else None
            throttled = exchange.status in THROTTLING
            if pause is None or not self._budget.wait(pause, everyone=throttled):
                self._insist_on_patience(exchange, pause)
                break
            self._keep(replace(exchange, superseded=True))
        if exchange.status == 503 and told(exchange, now) is None:
            # It was no throttling, so it is no reason to go on slowly.
            self._budget.pace.interval = pace
        elif attempt > 1 and exchange.status not in THROTTLING and self._budget.pace.interval > pace:
            self.throttled = True
        return exchange, problem

    def _insist_on_patience(self, exchange: Exchange, pause: float | None) -> None:
        """Raise Postponed when the deployment says to come back later than this run can."""
        if pause is None or told(exchange, self.clock.time()) is None:
            return
        assert exchange.response is not None
        self._keep(exchange)
        value = clip(exchange.response.header("retry-after") or "", 60)
        message = f"{exchange.status} with Retry-After: {value}: the deployment asks to be left alone for longer than this run waits"
        late = pause >= self.clock.left
        raise Postponed(message, hint="come back later, or raise --deadline" if late else "come back later")

    def _attempt_in_turn(self, call: _Call) -> tuple[Exchange, Exception | None]:
        """One attempt, when there is room for it; what it meets makes room or takes it away."""
        with self._gate:
            before = self.clock.monotonic()
            exchange, problem = self._attempt(call)
            if exchange.status in THROTTLING or (_is_lost(problem) and self._gate.crowded):
                self._gate.narrow()
        if exchange.status in THROTTLING:
            if told(exchange, exchange.ended) is None:
                self._budget.throttled(before)
        elif exchange.response:
            self._repeating.sound = self._repeating.sound or exchange.status not in GATEWAY
            self._budget.answered()
        elif self.clock.left <= 0 and self._repeating.answered:
            self._keep(replace(exchange, superseded=True))
            self.clock.insist()
        return exchange, problem

    def gather(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make independent calls, up to the limit's `concurrency` at once, and return their results in order."""
        return parallel.gather(calls, self.limits.concurrency, self._rest)

    def wait_until(self, moment: float) -> None:
        """Return when the clock shows `moment`, in Unix seconds; raises BudgetSpent if the deadline is nearer."""
        left = moment - self.clock.time()
        if left > 0:
            self.clock.sleep(left)

    def _rest(self) -> None:
        """Make way for requests that wait for a connection."""
        if isinstance(self._network, Lanes):
            self._network.rest()

    def _attempt(self, call: _Call) -> tuple[Exchange, Exception | None]:
        """One exchange, and what kept an answer from coming."""
        self._budget.take()
        with self._lock:
            self._count += 1
            number = self._count
        allowance = min(self.limits.timeout, max(self.clock.left, 0.001))
        started, before = self.clock.time(), self.clock.monotonic()
        outgoing = self._build(call)
        response, problem = self._exchange(outgoing, allowance)
        ended = started + (self.clock.monotonic() - before)
        if response:
            self._answer()
        request, purpose = call.request, call.purpose
        exchange = Exchange(
            number=number,
            request=replace(request, url=str(outgoing.url), headers=pairs(outgoing.headers.raw)),
            response=response,
            started=started,
            ended=ended,
            failure=explain(problem, allowance) if problem else None,
            intent={**call.intent, "history": purpose.history} if purpose.history else call.intent,
            part=purpose.part,
            check=purpose.check,
            requirements=purpose.requirements,
            writes=call.writes,
            connection=self._watch.connection,
        )
        return exchange, problem

    def _answer(self) -> None:
        """Somebody is there: from now on several requests may be in flight."""
        with self._lock:
            first, self._repeating.answered = not self._repeating.answered, True
        if first:
            self._gate.open()

    def _build(self, call: _Call) -> httpx.Request:
        request = call.request
        try:
            return self._http.build_request(
                request.method,
                request.url,
                headers=list(request.headers),
                content=request.body or None,
                extensions={ALONE: True} if call.alone else None,
            )
        except (httpx.InvalidURL, UnicodeError, ValueError) as problem:
            raise UsageProblem(f"a request to {request.url} cannot be built: {problem}") from None

    def _exchange(
        self, outgoing: httpx.Request, allowance: float
    ) -> tuple[Response | None, Exception | None]:
        self._watch.start(allowance)
        try:
            incoming = self._http.send(outgoing, stream=True)
            try:
                return self._receiver.receive(incoming), None
            finally:
                incoming.close()
        except (httpx.HTTPError, ssl.SSLError, OSError, ValueError) as problem:
            return None, problem

    def _keep(self, exchange: Exchange, problem: Exception | None = None) -> Exchange:
        with self._lock:
            if self._over:
                return exchange
            before = self.exchanges[-1].status if self.exchanges else 0
            self._alike = self._alike + 1 if exchange.status == before else 1
            self.exchanges.append(exchange)
        if self._on_exchange:
            self._on_exchange(exchange)
        if not exchange.superseded:
            self._repeating.learn(exchange, remedy(problem) if problem else "")
        if self._gave_up and (len(self.exchanges) <= FIRST_FEW or self._alike >= ALIKE):
            reason = self._gave_up(tuple(self.exchanges))
            if reason:
                raise reason
        return exchange


def _is_lost(problem: Exception | None) -> bool:
    """Whether a connection failed, rather than time ran out."""
    return problem is not None and not isinstance(problem, httpx.TimeoutException)
