"""Faults about the list of events: its shape, its order, its completeness."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import EMPTY

fault = Collection()


class EventList(Behaviour):
    """Shows the events of a written hash as something else; EMPTY leaves the member out."""

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        shown = self.shown([self.event_view(event) for event in events]) if events else []
        members = {"status": self.current_status(events), "events": shown}
        return {name: value for name, value in members.items() if value is not EMPTY}

    def shown(self, views: list[dict[str, object]]) -> object:
        return views


@fault("events-missing", "A written hash has no events.", must="OA-R1")
class EventsMissing(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return EMPTY


@fault("events-null", "The events of a written hash are null.", must="OA-R4")
class EventsNull(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return None


@fault("events-empty", "The events of a written hash are always an empty array.", must="OA-R6")
class EventsEmpty(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return []


@fault("events-object", "The events are an object with their numbers as names.", must="OA-R4")
class EventsObject(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return {str(number): view for number, view in enumerate(views)}


@fault("events-single", "One event is shown as an object, several as an array.", must="OA-R4")
class EventsSingle(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return views[0] if len(views) == 1 else views


@fault("events-count", "The events are only counted.", must="OA-R4")
class EventsCount(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return len(views)


@fault("events-statuses", "The events are an array of bare statuses.", must="OA-R4")
class EventsStatuses(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return [view["status"] for view in views]


@fault("events-encoded", "Each event is a string that holds JSON.", must="OA-R4")
class EventsEncoded(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return [self.encode(view).decode() for view in views]


@fault("events-with-null", "A null ends the array of events.", must="OA-R4")
class EventsWithNull(EventList):
    def shown(self, views: list[dict[str, object]]) -> object:
        return [*views, None]


class ChangedEvent(Behaviour):
    """Changes some members of each event, never those of a receipt; EMPTY leaves a member out."""

    def event_views(self, events: Sequence[Event]) -> object:
        views = [{**self.event_view(event), **self.changes(event, events)} for event in events]
        return [{name: value for name, value in view.items() if value is not EMPTY} for view in views]

    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {}


@fault("event-id-missing", "The events have no id.", must="OA-R4")
class EventIdMissing(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"id": EMPTY}


@fault("event-id-number", "The id of an event is its number.", must="OA-R4")
class EventIdNumber(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"id": events.index(event)}


@fault("event-id-own", "Every event has an id of its own instead of the hash.", must="OA-R5")
class EventIdOwn(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"id": f"evt-{event.timestamp}"}


@fault("event-id-upper", "The id of every event is in upper case.", must="OA-R5")
class EventIdUpper(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"id": event.target_hash.upper()}


@fault("event-id-0x", "The id of every event has 0x in front.", must="OA-R5")
class EventIdPrefixed(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"id": "0x" + event.target_hash}


@fault("event-id-oldest-wrong", "The id of every event but the newest is that of another hash.", must="OA-R5")
class EventIdOldestWrong(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {} if event == events[0] else {"id": event.target_hash[::-1]}


@fault("event-status-string", "The status of every event is a string.", must="OA-R4")
class EventStatusString(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"status": str(event.status)}


@fault("event-status-boolean", "The status of every event is true or false.", must="OA-R4")
class EventStatusBoolean(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"status": bool(event.status)}


@fault("event-status-missing", "The events have no status.", must="OA-R4")
class EventStatusMissing(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"status": EMPTY}


@fault("event-timestamp-string", "The timestamp of every event is a string.", must="OA-R4")
class EventTimestampString(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"timestamp": str(event.timestamp)}


@fault("event-timestamp-iso", "The timestamp of every event is a date.", must="OA-R4")
class EventTimestampIso(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"timestamp": datetime.fromtimestamp(event.timestamp / 1000, UTC).isoformat()}


@fault("event-timestamp-missing", "The events have no timestamp.", must="OA-R4")
class EventTimestampMissing(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"timestamp": EMPTY}


@fault("event-timestamp-seconds", "The timestamps of events are in seconds.", must="OA-R6")
class EventTimestampSeconds(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"timestamp": event.timestamp // 1000}


@fault(
    "event-timestamp-now",
    "The timestamp of every event is the time of the read.",
    must="OA-R6",
    may="OA-R7 OA-R8",
)
class EventTimestampNow(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"timestamp": self.timestamp()}


@fault("event-status-current", "Every event shows the current status.", must="OA-R6")
class EventStatusCurrent(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        return {"status": events[0].status}


@fault(
    "event-status-before",
    "Every event shows the status from before its write.",
    must="OA-R6 OA-R8",
)
class EventStatusBefore(ChangedEvent):
    def changes(self, event: Event, events: Sequence[Event]) -> Mapping[str, object]:
        older = events[events.index(event) + 1 :]
        return {"status": older[0].status if older else 0}


class Arranged(Behaviour):
    """Shows the events in another order, or not all of them; the status stays right."""

    def event_views(self, events: Sequence[Event]) -> object:
        return super().event_views(self.arranged(list(events)))

    def arranged(self, events: list[Event]) -> list[Event]:
        return events


@fault("order-oldest-first", "Events are listed oldest first.", must="OA-R7")
class OldestFirst(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return events[::-1]


@fault("order-random", "Events are listed in no order.", must="OA-R7")
class RandomOrder(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return random.Random(len(events)).sample(events, len(events))


@fault("order-by-status", "Events are sorted by status.", must="OA-R7")
class OrderByStatus(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return sorted(events, key=lambda event: event.status)


@fault("order-newest-then-oldest", "The newest event comes first, the others oldest first.", must="OA-R7")
class NewestThenOldest(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return events[:1] + events[:0:-1]


@fault("events-newest-only", "Only the newest event is listed.", must="OA-R9")
class NewestOnly(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return events[:1]


@fault("events-last-three", "Only the three newest events are listed.", must="OA-R9")
class LastThree(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return events[:3]


@fault("events-one-per-status", "Only the newest event of each status is listed.", must="OA-R9")
class OnePerStatus(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        statuses = [event.status for event in events]
        return [event for number, event in enumerate(events) if event.status not in statuses[:number]]


@fault("events-oldest-only", "Only the first event is ever listed.", must="OA-R6 OA-R8")
class OldestOnly(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return events[-1:]


@fault("events-without-newest", "The newest event is not listed.", must="OA-R6", may="OA-R8")
class WithoutNewest(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return events[1:]


@fault("events-without-zero", "Events with the status 0 are not listed.", must="OA-R6 OA-R8", may="OA-R9")
class WithoutZero(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return [event for event in events if event.status]


@fault("events-twice", "Every event is listed twice.", must="OA-R17")
class EventsTwice(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        return [event for event in events for _ in range(2)]


@fault("events-twice-changed", "Every event is listed again with a later timestamp.", must="OA-R17")
class EventsTwiceChanged(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        again = [Event(event.target_hash, event.status, event.timestamp + 1) for event in events]
        return [event for pair in zip(again, events, strict=True) for event in pair]


@fault(
    "events-invented-first",
    "The history of a written hash begins with a status 0 that nobody wrote.",
    must="OA-R17",
)
class InventedFirst(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        oldest = events[-1:]
        return events + [Event(one.target_hash, 0, one.timestamp - 1) for one in oldest]


@fault("events-invented", "An event with a status that nobody wrote is listed last.", must="OA-R17")
class Invented(Arranged):
    def arranged(self, events: list[Event]) -> list[Event]:
        oldest = events[-1:]
        return events + [Event(one.target_hash, 99_991, one.timestamp - 1) for one in oldest]
