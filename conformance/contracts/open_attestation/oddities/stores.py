"""Peculiarities of what is stored and what is taken as a status."""

from __future__ import annotations

import json
from collections.abc import Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.defects import Oddity
from conformance.reference.behaviour import Answer, Refusal


class OneEventPerTick(Behaviour):
    """Events are keyed by hash and timestamp, as upstream does: a second one in the same tick replaces the first."""

    tick = 1

    def next_timestamp(self, last: Event | None) -> int:
        return self.timestamp() // self.tick * self.tick

    def record(self, target_hash: str, status: int) -> Event:
        event = super().record(target_hash, status)
        with self.database.transaction() as connection:
            connection.execute(
                """DELETE FROM open_attestation_events WHERE hash = ? AND timestamp = ? AND number <
                (SELECT max(number) FROM open_attestation_events WHERE hash = ?)""",
                (target_hash, event.timestamp, target_hash),
            )
        return event


class OneEventPerSecond(OneEventPerTick):
    tick = 1000


class NoEventForRepeats(Behaviour):
    """A write that repeats the current status makes no event, nor does a 0 for an unwritten hash."""

    def record(self, target_hash: str, status: int) -> Event:
        events = self.events(target_hash)
        if status == self.current_status(events):
            return Event(target_hash, status, self.timestamp())
        return super().record(target_hash, status)


class RefusesNegatives(Behaviour):
    """Only non-negative integers are taken."""

    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        return self.invalid_body("negative") if isinstance(usual, int) and usual < 0 else usual


class RefusesLarge(RefusesNegatives):
    """A status of more than 31 bits is refused."""

    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        return self.invalid_body("too large") if isinstance(usual, int) and usual >= 2**31 else usual


class OnlyZeroAndOne(Behaviour):
    """Only 0 and 1 are taken."""

    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        return self.invalid_body("unknown status") if usual not in (0, 1) else usual


class OnlyOneAndTwo(Behaviour):
    """Only 1 and 2 are taken; whoever writes another status may not."""

    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        allowed = isinstance(usual, Refusal) or usual in (1, 2)
        return usual if allowed else Refusal(403, "The policy knows no such status.")


class RepeatMovesTime(Behaviour):
    """A write that repeats the current status moves the time of the event that is there."""

    def record(self, target_hash: str, status: int) -> Event:
        events = self.events(target_hash)
        if events and events[0].status == status:
            with self.database.transaction() as connection:
                connection.execute(
                    "DELETE FROM open_attestation_events WHERE hash = ? AND timestamp = ?",
                    (target_hash, events[0].timestamp),
                )
        return super().record(target_hash, status)


class KeepsAnything(Behaviour):
    """Strings and fractions are taken, and read back as they were written."""

    def prepare(self) -> None:
        super().prepare()
        self._odd: dict[tuple[str, int], object] = {}

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        odd = self._odd_status(body)
        usual = super().write(request, target_hash, body if odd is None else b'{"status": 1}')
        if odd is not None and isinstance(usual, Answer):
            newest = self.events(target_hash)[0]
            self._odd[target_hash, newest.timestamp] = odd
            return Answer(200, self.event_view(newest))
        return usual

    def _odd_status(self, body: bytes) -> object:
        try:
            status = json.loads(body)["status"]
        except (ValueError, KeyError, TypeError):
            return None
        return status if isinstance(status, str | float) else None

    def current_status(self, events: Sequence[Event]) -> object:
        return self.event_view(events[0])["status"] if events else self.default_status()

    def event_view(self, event: Event) -> dict[str, object]:
        status = self._odd.get((event.target_hash, event.timestamp), event.status)
        return super().event_view(event) | {"status": status}


class FoldsCase(Behaviour):
    """Hashes are the same in either letter case, and with 0x in front."""

    def normalize(self, target_hash: str) -> str:
        return target_hash.lower().removeprefix("0x")


class PlainHashesOnly(Behaviour):
    """What is not 64 lower-case hexadecimal digits is refused."""

    def resource(self, request: Request) -> str | Refusal:
        found = super().resource(request)
        plain = isinstance(found, str) and len(found) == 64 and set(found) <= set("0123456789abcdef")
        return found if plain or isinstance(found, Refusal) else self.malformed_hash()


class Paged(Behaviour):
    """The five newest events are listed, and where the others are."""

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        shown = self.event_views(events[:5])
        return {"status": self.current_status(events), "events": shown, "next": "?page=2"}


def _oddity(name: str, description: str, behaviour: type, warns: tuple[str, ...] = ()) -> Oddity:
    return Oddity(f"open-attestation.{name}", description, behaviour, warns)


ODDITIES = (
    _oddity("one-event-per-millisecond", "Events are keyed by hash and millisecond.", OneEventPerTick),
    _oddity("one-event-per-second", "Events are keyed by hash and second.", OneEventPerSecond),
    _oddity(
        "no-event-for-repeats", "A write that repeats the current status makes no event.", NoEventForRepeats
    ),
    _oddity("refuses-negatives", "Negative integers are refused.", RefusesNegatives),
    _oddity("refuses-large", "A status of more than 31 bits is refused.", RefusesLarge, ("OA-W7",)),
    _oddity("only-zero-and-one", "Only 0 and 1 are taken as a status.", OnlyZeroAndOne, ("OA-W7",)),
    _oddity("only-one-and-two", "Any status but 1 and 2 is forbidden.", OnlyOneAndTwo, ("OA-W7",)),
    _oddity(
        "repeat-moves-time",
        "A write that repeats the current status moves its event's time.",
        RepeatMovesTime,
    ),
    _oddity("keeps-anything", "Strings and fractions read back as they were written.", KeepsAnything),
    _oddity("folds-case", "Letter case and 0x make no difference to a hash.", FoldsCase),
    _oddity("plain-hashes-only", "Hashes in another form than 64 digits are refused.", PlainHashesOnly),
    _oddity("paged", "Only the five newest events are listed on the first page.", Paged, ("OA-R9",)),
)
