"""Faults about a hash that nobody has written to."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import EXAMPLE_EVENT, Behaviour, Event
from conformance.reference.behaviour import EMPTY, Answer, Refusal

fault = Collection()


@fault("default-null", "The status of an unwritten hash is null.", must="OA-R10 OA-R3")
class DefaultNull(Behaviour):
    def default_status(self) -> object:
        return None


@fault("default-one", "The status of an unwritten hash is 1.", must="OA-R10")
class DefaultOne(Behaviour):
    def default_status(self) -> object:
        return 1


@fault("default-minus-one", "The status of an unwritten hash is -1.", must="OA-R10")
class DefaultMinusOne(Behaviour):
    def default_status(self) -> object:
        return -1


@fault("default-string", 'The status of an unwritten hash is the string "0".', must="OA-R10 OA-R3")
class DefaultString(Behaviour):
    def default_status(self) -> object:
        return "0"


@fault("default-false", "The status of an unwritten hash is false.", must="OA-R10 OA-R3")
class DefaultFalse(Behaviour):
    def default_status(self) -> object:
        return False


@fault("default-word", 'The status of an unwritten hash is "unknown".', must="OA-R10 OA-R3")
class DefaultWord(Behaviour):
    def default_status(self) -> object:
        return "unknown"


@fault("unwritten-404-on-pages", "A page gets a 404 for an unwritten hash.", must="OA-R10")
class UnwrittenOnPages(Behaviour):
    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        known = "origin" not in request.headers or self.events(self.normalize(target_hash))
        return super().read(request, target_hash, body) if known else self.not_found()


class UnwrittenAnswer(Behaviour):
    """Answers a read of an unwritten hash in another way."""

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        if self.events(self.normalize(target_hash)):
            return super().read(request, target_hash, body)
        return self.unwritten(super().read(request, target_hash, body))

    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return usual


@fault("default-404", "An unwritten hash is answered with 404.", must="OA-R10")
class Default404(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Refusal(404, "No such document.")


@fault("default-404-with-zero", "An unwritten hash is answered with 404 and the right body.", must="OA-R10")
class Default404WithZero(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(404, {"status": 0, "events": []})


@fault("default-403", "An unwritten hash is answered with 403.", must="OA-R10")
class Default403(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Refusal(403, "Not yours.")


@fault("default-500", "An unwritten hash is answered with 500.", must="OA-R10")
class Default500(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(500, {"message": "Cannot read properties of undefined (reading 'status')"})


@fault("default-502", "An unwritten hash is answered with 502, time and again.", must="OA-R10")
class Default502(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(502, {"message": "Internal server error"})


@fault("default-204", "An unwritten hash is answered with 204 and no body.", must="OA-R10")
class Default204(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(204)


@fault("default-empty-body", "An unwritten hash is answered with 200 and an empty body.", must="OA-R10")
class DefaultEmptyBody(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(200, EMPTY)


@fault("default-bare-number", "An unwritten hash is answered with the bare number 0.", must="OA-R10")
class DefaultBareNumber(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(200, 0)


@fault("default-empty-object", "An unwritten hash is answered with {}.", must="OA-R10")
class DefaultEmptyObject(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(200, {})


@fault("default-without-status", "The answer for an unwritten hash has events but no status.", must="OA-R10")
class DefaultWithoutStatus(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(200, {"events": []})


@fault("default-events-null", "The events of an unwritten hash are null.", must="OA-R11")
class DefaultEventsNull(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(200, {"status": 0, "events": None})


@fault("default-events-object", "The events of an unwritten hash are an empty object.", must="OA-R11")
class DefaultEventsObject(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(200, {"status": 0, "events": {}})


@fault(
    "default-event",
    "An unwritten hash lists an event with status 0, made up on the spot.",
    must="OA-R11",
)
class DefaultEvent(Behaviour):
    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        made_up = [Event(target_hash, 0, self.timestamp())]
        return super().status_document(target_hash, events or made_up)


@fault(
    "default-foreign-event",
    "An unwritten hash lists the example's event, of another hash.",
    must="OA-R11 OA-R5",
)
class DefaultForeignEvent(UnwrittenAnswer):
    def unwritten(self, usual: Answer | Refusal) -> Answer | Refusal:
        return Answer(200, {"status": 0, "events": [self.event_view(EXAMPLE_EVENT)]})


class ReadWrites(Behaviour):
    """Records something whenever a hash is read."""

    unwritten_only = True

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, target_hash, body)
        if not (self.unwritten_only and self.events(target_hash)):
            events = self.events(target_hash)
            self.record(target_hash, events[0].status if events else 0)
        return answer


@fault(
    "read-creates-event",
    "The first read of an unwritten hash records an event with status 0.",
    must="OA-R13 OA-R11",
    may="OA-R17",
)
class ReadCreatesEvent(ReadWrites):
    pass


@fault(
    "read-records-event",
    "Every read records an event that repeats the current status.",
    must="OA-R13 OA-R11 OA-R17",
)
class ReadRecordsEvent(ReadWrites):
    unwritten_only = False


@fault(
    "read-counts",
    "The status of an unwritten hash is the number of times that it was read.",
    must="OA-R10 OA-R13",
)
class ReadCounts(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._read: dict[str, int] = {}

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        before = self._read.get(target_hash, 0)
        self._read[target_hash] = before + 1
        return super().status_document(target_hash, events) if events else {"status": before, "events": []}
