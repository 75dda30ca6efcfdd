"""What befalls a run and is nobody's defect, and deployments that are odd in time or in what they remember."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.defects import Oddity
from conformance.reference.behaviour import Answer, Refusal


class Counts(Behaviour):
    """Counts requests, and the writes with the key among them."""

    _requests = _keyed = _denied = 0

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        self._requests += 1
        self._keyed += self.key_matches(self.given_key(request)) and request.method == "POST"
        instead = self.instead(request)
        usual = super().decide(request, body) if instead is None else instead
        self._denied += isinstance(usual, Refusal) and usual.status in (401, 403)
        return usual

    def instead(self, request: Request) -> Answer | Refusal | None:
        """What is answered in place of the usual."""
        return None


class KeyEnds(Counts):
    """The key is good for twelve writes; then it opens nothing."""

    def instead(self, request: Request) -> Refusal | None:
        ended = self._keyed > 12 and bool(self.given_key(request))
        return Refusal(401, "The API key has expired.") if ended else None


class Maintenance(Counts):
    """From the thirtieth request on everything is 503."""

    def instead(self, request: Request) -> Refusal | None:
        return Refusal(503, "Down for maintenance.") if self._requests > 30 else None


class Blocks(Counts):
    """After six refusals the caller is blocked for the rest of the run."""

    def instead(self, request: Request) -> Refusal | None:
        return (
            Refusal(403, "Your address is blocked: too many failed attempts.") if self._denied > 5 else None
        )


class ElsewhereOnly(Behaviour):
    """Everything is 404: the API is at another place."""

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        return Refusal(404, "No such page.")


class SameReceiptForRepeats(Behaviour):
    """A write that repeats the current status gets the receipt of the event that is there."""

    def record(self, target_hash: str, status: int) -> Event:
        events = self.events(target_hash)
        return events[0] if events and events[0].status == status else super().record(target_hash, status)


class ReadsNeedKey(Behaviour):
    """A read needs the key, too."""

    def authorize_read(self, request: Request) -> Refusal | None:
        return None if self.key_matches(self.given_key(request)) else self.missing_key()


class LagsThenCatchesUp(Behaviour):
    """Every other read of a hash is from a replica that is two seconds behind, for the first minute."""

    _reads = 0

    def events(self, target_hash: str) -> list[Event]:
        self._reads += 1
        seen = self.timestamp() - (2000 if self._reads % 2 else 0)
        return [event for event in super().events(target_hash) if event.timestamp <= seen]

    def record(self, target_hash: str, status: int) -> Event:
        return super().record(target_hash, status)


class Unprocessable(Behaviour):
    """Bodies that are no status are 422, wrong media types 415."""

    def invalid_body(self, detail: str) -> Refusal:
        return Refusal(422, detail)


class AllForbidden(Behaviour):
    """A missing key is 403, as API Gateway answers."""

    def missing_key(self) -> Refusal:
        return Refusal(403, "Forbidden")


class NewestOfSecondFirst(Behaviour):
    """Events have further members, and an id of their own beside the hash."""

    def event_view(self, event: Event) -> dict[str, object]:
        return {
            **super().event_view(event),
            "eventId": f"{event.target_hash[:8]}-{event.timestamp}",
            "by": None,
        }


class WideClock(Behaviour):
    """Timestamps are truncated to tenths of a second."""

    def next_timestamp(self, last: Event | None) -> int:
        return self.timestamp() // 100 * 100


class Limits(Behaviour):
    """At most the hundred newest events are listed."""

    def event_views(self, events: Sequence[Event]) -> object:
        return super().event_views(events[:100])


def _oddity(name: str, description: str, behaviour: type, circumstance: str = "") -> Oddity:
    return Oddity(f"open-attestation.{name}", description, behaviour, circumstance=circumstance)


ODDITIES = (
    _oddity("key-expires", "The key is good for twelve writes.", KeyEnds, "credential-ended"),
    _oddity("maintenance", "From the thirtieth request on everything is 503.", Maintenance, "outage"),
    _oddity("blocks-for-good", "After six refusals the caller is blocked.", Blocks, "caller-blocked"),
    _oddity("elsewhere", "Everything is 404: the API is at another place.", ElsewhereOnly, "never-reached"),
    _oddity(
        "same-receipt-for-repeats", "A repeated status gets the receipt that is there.", SameReceiptForRepeats
    ),
    _oddity("reads-need-key", "A read needs the key, too.", ReadsNeedKey),
    _oddity("lagging-reads", "Every other read is two seconds behind.", LagsThenCatchesUp),
    _oddity("bodies-422", "A body without a status is 422.", Unprocessable),
    _oddity("all-forbidden", "A missing key is 403.", AllForbidden),
    _oddity("events-with-more", "Events have further members.", NewestOfSecondFirst),
    _oddity("tenths-of-a-second", "The clock ticks in tenths of a second.", WideClock),
    _oddity("a-hundred-events", "At most a hundred events are listed.", Limits),
)
