"""Faults about the status that a read shows."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()


class ShownStatus(Behaviour):
    """Shows the status of a written hash in another form."""

    def current_status(self, events: Sequence[Event]) -> object:
        return self.form(events) if events else self.default_status()

    def form(self, events: Sequence[Event]) -> object:
        return events[0].status


@fault("status-string", "The status of a written hash is a string.", must="OA-R3")
class StatusString(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return str(events[0].status)


@fault("status-boolean", "The status of a written hash is true or false.", must="OA-R3")
class StatusBoolean(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return bool(events[0].status)


@fault("status-boolean-for-bits", "The statuses 0 and 1 are shown as false and true.", must="OA-R3")
class StatusBits(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        status = events[0].status
        return bool(status) if status in (0, 1) else status


@fault("status-fraction", "The status of a written hash has a fraction.", must="OA-R3", may="OA-R2")
class StatusFraction(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return events[0].status + 0.5


@fault("status-null", "The status of a written hash is null.", must="OA-R3")
class StatusNull(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return None


@fault("status-object", "The status of a written hash is an object with the integer in it.", must="OA-R3")
class StatusObject(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return {"value": events[0].status}


@fault("status-oldest", "The status is that of the oldest event.", must="OA-R2 OA-R8 OA-W6")
class StatusOldest(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return events[-1].status


@fault("status-highest", "The status is the highest that was ever written.", must="OA-R2 OA-R8 OA-W6")
class StatusHighest(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return max(event.status for event in events)


@fault("status-or-default", "A status of 0 is skipped for the one before it.", must="OA-R2 OA-R8 OA-W6")
class StatusSkipsZero(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return next((event.status for event in events if event.status), 0)


@fault("status-one-behind", "The status is the one from before the last write.", must="OA-R2 OA-R8 OA-W6")
class StatusBehind(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return events[1].status if len(events) > 1 else 0


@fault("status-count", "The status is the number of writes.", must="OA-R2 OA-R8", may="OA-W6")
class StatusCount(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return len(events)


@fault("status-sum", "The status is the sum of everything that was written.", must="OA-R2 OA-R8 OA-W6")
class StatusSum(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return sum(event.status for event in events)


@fault("status-one-bit", "Every status but 0 is shown as 1.", must="OA-R2 OA-R8", may="OA-W6")
class StatusOneBit(ShownStatus):
    def form(self, events: Sequence[Event]) -> object:
        return min(events[0].status, 1)


class OtherDocument(Behaviour):
    """Wraps or changes the whole document."""

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        return self.changed(self.current_status(events), self.event_views(events))

    def changed(self, status: object, events: object) -> object:
        return {"status": status, "events": events}


@fault("document-nested", "The document is nested in a member data.", must="OA-R1 OA-R10")
class DocumentNested(OtherDocument):
    def changed(self, status: object, events: object) -> object:
        return {"data": {"status": status, "events": events}}


@fault("document-array", "The document is wrapped into an array.", must="OA-R1 OA-R10")
class DocumentArray(OtherDocument):
    def changed(self, status: object, events: object) -> object:
        return [{"status": status, "events": events}]


@fault("document-events-only", "A read is answered with the bare array of events.", must="OA-R1 OA-R10")
class DocumentEventsOnly(OtherDocument):
    def changed(self, status: object, events: object) -> object:
        return events


@fault("document-status-only", "A read is answered with the bare status.", must="OA-R1 OA-R10")
class DocumentStatusOnly(OtherDocument):
    def changed(self, status: object, events: object) -> object:
        return status


@fault("document-capitals", "The members are called Status and Events.", must="OA-R1 OA-R10")
class DocumentCapitals(OtherDocument):
    def changed(self, status: object, events: object) -> object:
        return {"Status": status, "Events": events}


@fault("document-status-last-event", "There is no status, only the events.", must="OA-R1 OA-R10")
class DocumentWithoutStatus(OtherDocument):
    def changed(self, status: object, events: object) -> object:
        return {"events": events}


@fault("read-404-for-zero", "A hash whose status was set to 0 is answered with 404.", must="OA-R1")
class ReadGoneForZero(Behaviour):
    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        events = self.events(target_hash)
        gone = events and events[0].status == 0
        return Refusal(404, "Gone.") if gone else super().read(request, target_hash, body)


@fault("read-410-for-stale", "A hash whose status is not 0 is answered with 410.", must="OA-R1")
class ReadGoneForStale(Behaviour):
    def read_code(self, target_hash: str, events: Sequence[Event]) -> int:
        return 410 if events and events[0].status else 200


@fault("read-201", "A read of a written hash is answered with 201.", must="OA-R1")
class Read201(Behaviour):
    def read_code(self, target_hash: str, events: Sequence[Event]) -> int:
        return 201 if events else 200


class RefusesPrinted(Behaviour):
    """Refuses a GET that carries Content-Type."""

    code = 403

    def authorize_read(self, request: Request) -> Refusal | None:
        if request.method == "GET" and "content-type" in request.headers:
            return Refusal(self.code, "A GET has no body.")
        return super().authorize_read(request)


@fault("printed-403", "A GET with Content-Type is answered with 403.", must="OA-R12")
class Printed403(RefusesPrinted):
    pass


@fault("printed-400", "A GET with Content-Type but no body is answered with 400.", must="OA-R12")
class Printed400(RefusesPrinted):
    code = 400


@fault("printed-415", "A GET with Content-Type is answered with 415.", must="OA-R12")
class Printed415(RefusesPrinted):
    code = 415


@fault(
    "printed-500", "The empty body of a GET with Content-Type is parsed, which ends in a 500.", must="OA-R12"
)
class Printed500(RefusesPrinted):
    code = 500


@fault(
    "read-with-key-403", "A read with the key is answered with 403, one without it with 200.", must="OA-R12"
)
class ReadWithKeyRefused(Behaviour):
    def authorize_read(self, request: Request) -> Refusal | None:
        keyed = self.given_key(request)
        return Refusal(403, "This key is for writing.") if keyed else super().authorize_read(request)


@fault(
    "keyless-reader-sees-nothing",
    "A reader without the key is shown an unwritten hash.",
    must="OA-R2",
)
class KeylessSeesZero(Behaviour):
    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        if self.given_key(request):
            return super().read(request, target_hash, body)
        return Answer(200, self.status_document(target_hash, []))
