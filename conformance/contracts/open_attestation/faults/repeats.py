"""Faults about a second write to a hash: the same status again, or a lower one; and about what a refused one leaves."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.faults.keys import Refuses
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()


class Compares(Behaviour):
    """Looks at the status that a hash has before it takes another one."""

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        status, events = self.parse_write(body), self.events(target_hash)
        if events and isinstance(status, int) and not self.authorize_write(request):
            other = self.compared(target_hash, status, events[0].status)
            if other:
                return other
        return super().write(request, target_hash, body)

    def compared(self, target_hash: str, status: int, current: int) -> Answer | Refusal | None:
        """The answer to a write of `status` where `current` is the status, if it is an unusual one."""
        raise NotImplementedError


@fault(
    "repeat-needs-no-key",
    "A write of the status that a hash has is confirmed before its key is looked at.",
    must="OA-A1",
)
class RepeatNeedsNoKey(Behaviour):
    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        events = self.events(target_hash)
        if events and self.parse_write(body) == events[0].status:
            return Answer(200, self.receipt(events[0]))
        return super().write(request, target_hash, body)


@fault("repeat-409", "A write of the status that a hash has is refused as a conflict.", must="OA-W1")
class RepeatConflicts(Compares):
    def compared(self, target_hash: str, status: int, current: int) -> Answer | Refusal | None:
        return Refusal(409, "Nothing would change.") if status == current else None


@fault(
    "repeat-without-receipt",
    "A write of the status that a hash has is answered with an object that is no receipt.",
    must="OA-W2",
    may="OA-W3 OA-W4",
)
class RepeatWithoutReceipt(Compares):
    def compared(self, target_hash: str, status: int, current: int) -> Answer | Refusal | None:
        return Answer(200, {"changed": False}) if status == current else None


@fault("lower-refused", "A lower status than the one that a hash has is refused.", must="OA-W6")
class LowerRefused(Compares):
    def compared(self, target_hash: str, status: int, current: int) -> Answer | Refusal | None:
        return Refusal(422, "A status only rises.") if status < current else None


@fault("known-status-refused", "A status that a hash had before is refused.", must="OA-W6")
class KnownStatusRefused(Compares):
    def compared(self, target_hash: str, status: int, current: int) -> Answer | Refusal | None:
        known = [event.status for event in self.events(target_hash)]
        return Refusal(409, "It had that status.") if status in known and status != current else None


@fault(
    "refusal-drops-newest",
    "A refused write takes the newest event away.",
    must="OA-A1 OA-A2",
)
class RefusalDropsNewest(Refuses):
    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        with self.database.transaction() as connection:
            connection.execute(
                """DELETE FROM open_attestation_events WHERE number =
                (SELECT max(number) FROM open_attestation_events WHERE hash = ?)""",
                (target_hash,),
            )


@fault(
    "refusal-makes-default-event",
    "A refused write makes an event with the status 0.",
    must="OA-A1 OA-A2",
)
class RefusalMakesDefaultEvent(Refuses):
    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        self.record(target_hash, 0)


@fault(
    "refusal-unsets-default",
    "A hash to which a write was refused has the status null until one is accepted.",
    must="OA-R10 OA-R3",
)
class RefusalUnsetsDefault(Refuses):
    def prepare(self) -> None:
        super().prepare()
        self._touched: set[str] = set()

    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        self._touched.add(target_hash)

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        if not events and target_hash in self._touched:
            return {"status": None, "events": []}
        return super().status_document(target_hash, events)
