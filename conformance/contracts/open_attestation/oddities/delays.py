"""Peculiarities of time: writes that show late, replicas, slow answers, throttling, other clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import Response

from conformance.clock import VirtualClock
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.defects import Oddity
from conformance.reference.behaviour import Answer, HeaderPairs, Refusal


class Late(Behaviour):
    """Writes show only after `status_lag` and `event_lag` seconds."""

    status_lag = 0.0
    event_lag = 0.0

    def visible(self, events: Sequence[Event], lag: float) -> list[Event]:
        now = self.clock.time() * 1000
        return [event for event in events if event.timestamp <= now - lag * 1000]

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        return {
            "status": self.current_status(self.visible(events, self.status_lag)),
            "events": self.event_views(self.visible(events, self.event_lag)),
        }


class HalfSecond(Late):
    status_lag = event_lag = 0.5


class ThreeSeconds(Late):
    status_lag = event_lag = 3.0


class AlmostFive(Late):
    status_lag = event_lag = 4.9


class LateStatus(Late):
    status_lag = 3.0


class LateEvents(Late):
    event_lag = 4.9


class LateAbsentEvents(Late):
    """Events that show late, and a member `events` that is absent as long as there are none."""

    event_lag = 3.0

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        status = self.current_status(self.visible(events, self.status_lag))
        listed = self.visible(events, self.event_lag)
        return {"status": status, "events": self.event_views(listed)} if listed else {"status": status}


class Replicas(Late):
    """Three replicas answer in turn; two of them learn of a write 4 and 2 seconds later."""

    _reads = 0

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        self._reads += 1
        self.status_lag = self.event_lag = (0.0, 4.0, 2.0)[self._reads % 3]
        return super().read(request, target_hash, body)


class Slow(Behaviour):
    """Every answer takes 300 ms."""

    pause = 0.3

    async def before(self, request: Request) -> None:
        if isinstance(self.clock, VirtualClock):
            self.clock.sleep(self.pause)
        else:
            await asyncio.sleep(self.pause)


class Throttled(Behaviour):
    """Every ninth request is answered with 429 and Retry-After."""

    _requests = 0

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        self._requests += 1
        if self._requests % 9 == 0:
            return Refusal(429, "Slow down.", (("retry-after", "1"),))
        return super().decide(request, body)


class Unavailable(Throttled):
    """Every ninth request is answered with 503 and Retry-After."""

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        usual = super().decide(request, body)
        throttled = isinstance(usual, Refusal) and usual.status == 429
        return Refusal(503, "Back soon.", (("retry-after", "1"),)) if throttled else usual


class WholeSeconds(Behaviour):
    """The clock ticks in seconds, so that several events have one timestamp; ties are listed in any order."""

    def next_timestamp(self, last: Event | None) -> int:
        return int(self.clock.time()) * 1000

    def event_views(self, events: Sequence[Event]) -> object:
        ties = sorted(events, key=lambda event: (-event.timestamp, event.status))
        return super().event_views(ties)


class FourMinutesAhead(Behaviour):
    """The clock is four minutes ahead."""

    def timestamp(self) -> int:
        return super().timestamp() + 240_000


class FourMinutesBehind(Behaviour):
    """The clock is four minutes behind."""

    def timestamp(self) -> int:
        return super().timestamp() - 240_000


class WrongClockAndDate(Behaviour):
    """The clock is two hours ahead, and the server's Date header says so."""

    def timestamp(self) -> int:
        return super().timestamp() + 7_200_000

    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        return (
            *super().headers_for(request, answer),
            ("date", formatdate(self.timestamp() / 1000, usegmt=True)),
        )


class Cached(Behaviour):
    """Answers are cached for two seconds, on a shelf in front of the API."""

    def prepare(self) -> None:
        super().prepare()
        self._shelf: dict[str, tuple[float, Answer | Refusal]] = {}

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        now = self.clock.time()
        since, kept = self._shelf.get(target_hash, (0.0, Answer(200)))
        if now - since < 2.0:
            return kept
        answer = super().read(request, target_hash, body)
        self._shelf[target_hash] = (now, answer)
        return answer

    async def after(self, request: Request, response: Response) -> Response:
        response.headers["cache-control"] = "max-age=2"
        return response


def _oddity(name: str, description: str, behaviour: type, warns: tuple[str, ...] = ()) -> Oddity:
    return Oddity(f"open-attestation.{name}", description, behaviour, warns)


ODDITIES = (
    _oddity("late-half-second", "A write shows after half a second.", HalfSecond),
    _oddity("late-3-seconds", "A write shows after three seconds.", ThreeSeconds),
    _oddity("late-almost-5-seconds", "A write shows after 4.9 seconds.", AlmostFive),
    _oddity("late-status", "The status shows three seconds after its event.", LateStatus),
    _oddity("late-events", "An event shows 4.9 seconds after its status.", LateEvents),
    _oddity(
        "late-absent-events",
        "events is absent until the first one shows, three seconds later.",
        LateAbsentEvents,
    ),
    _oddity("replicas", "Three replicas answer in turn, two of them some seconds behind.", Replicas),
    _oddity("cached-2-seconds", "Answers to reads are cached for two seconds.", Cached),
    _oddity("slow", "Every answer takes 300 ms.", Slow),
    _oddity("throttled", "Every ninth request is answered with 429 and Retry-After.", Throttled),
    _oddity("unavailable-at-times", "Every ninth request is answered with 503 and Retry-After.", Unavailable),
    _oddity("whole-seconds", "The clock ticks in seconds; ties are listed in any order.", WholeSeconds),
    _oddity("four-minutes-ahead", "The clock is four minutes ahead.", FourMinutesAhead),
    _oddity("four-minutes-behind", "The clock is four minutes behind.", FourMinutesBehind),
    _oddity(
        "wrong-clock-and-date", "The clock is two hours ahead, as the Date header tells.", WrongClockAndDate
    ),
)
