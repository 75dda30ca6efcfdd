"""Faults that show only now and then, only later, or only the second time."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()


class EveryThird(Behaviour):
    """Does something else at every third read of a written hash."""

    def prepare(self) -> None:
        super().prepare()
        self._reads = 0

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        events = self.events(target_hash)
        self._reads += bool(events)
        if events and self._reads % 3 == 0:
            return self.third(target_hash, events)
        return super().read(request, target_hash, body)

    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Answer(200, self.status_document(target_hash, events))


@fault(
    "flapping-stale",
    "Every third read shows the state from before the last write.",
    must="OA-R2 OA-R6",
    may="OA-W6",
)
class FlappingStale(EveryThird):
    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Answer(200, self.status_document(target_hash, events[1:]))


@fault("flapping-forgets", "Every third read shows an unwritten hash.", must="OA-R2 OA-R6", may="OA-W6")
class FlappingForgets(EveryThird):
    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Answer(200, self.status_document(target_hash, []))


@fault(
    "flapping-status", "Every third read shows a status that nobody wrote.", must="OA-R2", may="OA-W6 OA-R8"
)
class FlappingStatus(EveryThird):
    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Answer(200, {"status": 4242, "events": self.event_views(events)})


@fault("flapping-500", "Every third read is answered with 500.", must="OA-R1")
class Flapping500(EveryThird):
    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Answer(500, {"message": "Internal Server Error"})


@fault("flapping-404", "Every third read is answered with 404.", must="OA-R1")
class Flapping404(EveryThird):
    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Refusal(404, "Not found.")


@fault("flapping-string", "At every third read the status is a string.", must="OA-R3")
class FlappingString(EveryThird):
    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Answer(200, {"status": str(events[0].status), "events": self.event_views(events)})


@fault("flapping-order", "At every third read the events are listed oldest first.", must="OA-R7")
class FlappingOrder(EveryThird):
    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Answer(200, {"status": events[0].status, "events": self.event_views(events[::-1])})


@fault("flapping-events", "Every third read lists the newest event only.", must="OA-R9")
class FlappingEvents(EveryThird):
    def third(self, target_hash: str, events: list[Event]) -> Answer | Refusal:
        return Answer(200, self.status_document(target_hash, events[:1]))


@fault("flapping-default", "Every second read of an unwritten hash is answered with 404.", must="OA-R10")
class FlappingDefault(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._reads = 0

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        self._reads += not self.events(target_hash)
        odd = not self.events(target_hash) and self._reads % 2 == 0
        return Refusal(404, "Not found.") if odd else super().read(request, target_hash, body)


@fault("flapping-label", "Every fifth answer is labelled text/plain.", must="OA-R15")
class FlappingLabel(Behaviour):
    _answers = 0

    def media_type(self, answer: Answer) -> str | None:
        self._answers += 1
        return "text/plain" if self._answers % 5 == 0 else super().media_type(answer)


@fault("flapping-writes", "Every fourth write ends in a 500 and is lost.", must="OA-W1")
class FlappingWrites(Behaviour):
    failure = Answer(500, {"message": "database is locked"})
    _writes = 0

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        usual = self.authorize_write(request) or self.parse_write(body)
        self._writes += isinstance(usual, int)
        if isinstance(usual, int) and self._writes % 4 == 0:
            return self.failure
        return super().write(request, target_hash, body)


@fault(
    "flapping-refusals",
    "Every fourth write is answered with 400 and is lost.",
    must="OA-W1",
)
class FlappingRefusals(FlappingWrites):
    failure = Answer(400, {"message": "Bad Request"})


@fault("second-read-forgets", "Only the first read after a write shows it.", must="OA-R2 OA-R6", may="OA-W6")
class SecondReadForgets(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._seen: set[Event] = set()

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        events = self.events(target_hash)
        if events and events[0] in self._seen:
            return Answer(200, self.status_document(target_hash, events[1:]))
        self._seen.update(events[:1])
        return super().read(request, target_hash, body)


@fault("status-fades", "A second after a write the status falls back to 0.", must="OA-R2 OA-R8", may="OA-W6")
class StatusFades(Behaviour):
    def current_status(self, events: Sequence[Event]) -> object:
        young = events and events[0].timestamp > self.timestamp() - 1000
        return super().current_status(events) if young else self.default_status()


@fault("events-expire", "Events are listed for one second.", must="OA-R6", may="OA-R9")
class EventsExpire(Behaviour):
    def event_views(self, events: Sequence[Event]) -> object:
        young = [event for event in events if event.timestamp > self.timestamp() - 1000]
        return super().event_views(young)


@fault(
    "older-events-expire", "All but the newest event are listed for a tenth of a second only.", must="OA-R9"
)
class OlderEventsExpire(Behaviour):
    def event_views(self, events: Sequence[Event]) -> object:
        young = [event for event in events[1:] if event.timestamp > self.timestamp() - 100]
        return super().event_views([*events[:1], *young])


@fault(
    "everything-expires",
    "A second after its last write a hash is unwritten again.",
    must="OA-R2 OA-R6",
    may="OA-W6",
)
class EverythingExpires(Behaviour):
    def events(self, target_hash: str) -> list[Event]:
        events = super().events(target_hash)
        return events if events and events[0].timestamp > self.timestamp() - 1000 else []


class CachesReads(Behaviour):
    """Keeps the first answer to a read for `kept` seconds."""

    kept = 60.0
    unwritten_only = False

    def prepare(self) -> None:
        super().prepare()
        self._kept: dict[str, tuple[float, Answer | Refusal]] = {}

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        now = self.clock.time()
        since, answer = self._kept.get(target_hash, (float("-inf"), Answer(200)))
        if now - since <= self.kept:
            return answer
        answer = super().read(request, target_hash, body)
        if not (self.unwritten_only and self.events(target_hash)):
            self._kept[target_hash] = (now, answer)
        return answer


@fault("read-cached", "An answer to a read is cached for a minute.", must="OA-R2 OA-R6 OA-W6")
class ReadCached(CachesReads):
    pass


@fault(
    "keyless-cached",
    "An answer to a reader without the key is cached for a minute.",
    must="OA-R2",
)
class KeylessCached(CachesReads):
    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        if self.given_key(request):
            return Behaviour.read(self, request, target_hash, body)
        return super().read(request, target_hash, body)


@fault(
    "unwritten-cached", "That a hash is unwritten is cached for a minute.", must="OA-R2 OA-R6", may="OA-W6"
)
class UnwrittenCached(CachesReads):
    unwritten_only = True


@fault("slow-to-show", "A write shows only after a minute.", must="OA-R2 OA-R6", may="OA-W6")
class SlowToShow(Behaviour):
    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        old = [event for event in self.events(target_hash) if event.timestamp < self.timestamp() - 60_000]
        return Answer(200, self.status_document(target_hash, old))


@fault(
    "events-slow-to-show",
    "An event shows only after a minute; the status shows at once.",
    must="OA-R6",
)
class EventsSlowToShow(Behaviour):
    def event_views(self, events: Sequence[Event]) -> object:
        return super().event_views([event for event in events if event.timestamp < self.timestamp() - 60_000])


@fault(
    "overtaken",
    "Of two writes to a hash without a read in between, the first one is done last.",
    must="OA-R2 OA-W6",
    may="OA-R8",
)
class Overtaken(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._unread: dict[str, object] = {}

    def record(self, target_hash: str, status: int) -> Event:
        self._unread.setdefault(target_hash, status)
        return super().record(target_hash, status)

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, target_hash, body)
        events = self.events(target_hash)
        if events and self._unread.get(target_hash) == events[0].status:
            del self._unread[target_hash]
        return answer

    def current_status(self, events: Sequence[Event]) -> object:
        usual = super().current_status(events)
        return self._unread.get(events[0].target_hash, usual) if events else usual
