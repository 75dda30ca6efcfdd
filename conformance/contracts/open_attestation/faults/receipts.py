"""Faults about the receipt of a write and its status code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from starlette.requests import Request

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import EMPTY, Answer, Refusal

fault = Collection()


class ChangedReceipt(Behaviour):
    """Changes some members of the receipt; a value of EMPTY leaves the member out."""

    def receipt(self, event: Event) -> object:
        members = {**self.event_view(event), **self.changes(event)}
        return {name: value for name, value in members.items() if value is not EMPTY}

    def changes(self, event: Event) -> Mapping[str, object]:
        return {}


@fault("receipt-id-upper", "The receipt's id is in upper case.", must="OA-W2")
class IdUpper(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"id": event.target_hash.upper()}


@fault("receipt-id-0x", "The receipt's id has 0x in front.", must="OA-W2")
class IdPrefixed(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"id": "0x" + event.target_hash}


@fault("receipt-id-missing", "The receipt has no id.", must="OA-W2")
class IdMissing(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"id": EMPTY}


@fault("receipt-id-hashed", "The receipt's id is the hash of the hash.", must="OA-W2")
class IdHashed(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"id": hashlib.sha256(event.target_hash.encode()).hexdigest()}


@fault("receipt-id-number", "The receipt's id is the number of the record.", must="OA-W2")
class IdNumber(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"id": 7}


@fault("receipt-id-cut", "The receipt's id is cut after 32 characters.", must="OA-W2")
class IdCut(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"id": event.target_hash[:32]}


@fault("receipt-status-string", "The receipt's status is a string.", must="OA-W3")
class StatusString(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"status": str(event.status)}


@fault("receipt-status-boolean", "The receipt's status is true or false.", must="OA-W3")
class StatusBoolean(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"status": bool(event.status)}


@fault("receipt-status-missing", "The receipt has no status.", must="OA-W3")
class StatusMissing(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"status": EMPTY}


@fault("receipt-status-word", 'The receipt\'s status is "ok", the outcome of the call.', must="OA-W3")
class StatusWord(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"status": "ok"}


@fault("receipt-status-code", "The receipt's status is 200, the code of the answer.", must="OA-W3")
class StatusCode(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"status": 200}


@fault("receipt-status-before", "The receipt shows the status from before the write.", must="OA-W3")
class StatusBefore(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        events = self.events(event.target_hash)
        return {"status": events[1].status if len(events) > 1 else 0}


@fault("receipt-timestamp-missing", "The receipt has no timestamp.", must="OA-W4")
class TimestampMissing(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"timestamp": EMPTY}


@fault("receipt-timestamp-null", "The receipt's timestamp is null.", must="OA-W4")
class TimestampNull(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"timestamp": None}


@fault("receipt-timestamp-string", "The receipt's timestamp is a string of digits.", must="OA-W4")
class TimestampString(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"timestamp": str(event.timestamp)}


@fault("receipt-timestamp-iso", "The receipt's timestamp is a date in ISO 8601.", must="OA-W4")
class TimestampIso(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"timestamp": datetime.fromtimestamp(event.timestamp / 1000, UTC).isoformat()}


@fault(
    "receipt-timestamp-fraction", "The receipt's timestamp is in milliseconds with a fraction.", must="OA-W4"
)
class TimestampFraction(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"timestamp": event.timestamp + 0.25}


@fault(
    "receipt-timestamp-seconds",
    "The receipt's timestamp is in seconds, that of the event in milliseconds.",
    must="OA-W5 OA-R6",
    may="OA-R14",
)
class TimestampSeconds(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"timestamp": event.timestamp // 1000}


@fault(
    "receipt-timestamp-late",
    "The receipt's timestamp is taken anew, some milliseconds after that of the event.",
    must="OA-R6",
)
class TimestampLate(ChangedReceipt):
    def changes(self, event: Event) -> Mapping[str, object]:
        return {"timestamp": event.timestamp + 2}


class OtherReceipt(Behaviour):
    """Answers a write with something else altogether."""

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        usual = super().write(request, target_hash, body)
        return self.instead(usual) if isinstance(usual, Answer) else usual

    def instead(self, usual: Answer) -> Answer | Refusal:
        return usual


@fault("receipt-none", "A write is answered with 204 and no body.", must="OA-W1 OA-W2")
class ReceiptNone(OtherReceipt):
    def instead(self, usual: Answer) -> Answer | Refusal:
        return Answer(204)


@fault("receipt-empty", "A write is answered with 200 and an empty body.", must="OA-W2")
class ReceiptEmpty(OtherReceipt):
    def instead(self, usual: Answer) -> Answer | Refusal:
        return Answer(200)


@fault("receipt-array", "The receipt is wrapped into an array.", must="OA-W2")
class ReceiptArray(OtherReceipt):
    def instead(self, usual: Answer) -> Answer | Refusal:
        return Answer(200, [usual.value])


@fault("receipt-nested", "The receipt is nested in a member data.", must="OA-W2 OA-W3 OA-W4")
class ReceiptNested(OtherReceipt):
    def instead(self, usual: Answer) -> Answer | Refusal:
        return Answer(200, {"data": usual.value})


@fault("receipt-word", 'The receipt is the JSON string "OK".', must="OA-W2")
class ReceiptWord(OtherReceipt):
    def instead(self, usual: Answer) -> Answer | Refusal:
        return Answer(200, "OK")


@fault("receipt-true", "The receipt is the JSON value true.", must="OA-W2")
class ReceiptTrue(OtherReceipt):
    def instead(self, usual: Answer) -> Answer | Refusal:
        return Answer(200, True)


@fault("write-500", "A write is recorded, but answered with 500.", must="OA-W1")
class Write500(OtherReceipt):
    def instead(self, usual: Answer) -> Answer | Refusal:
        return Answer(500, {"message": "Internal Server Error"})


@fault("write-redirects", "A write is recorded, but answered with a redirect to the document.", must="OA-W1")
class WriteRedirects(OtherReceipt):
    def instead(self, usual: Answer) -> Answer | Refusal:
        return Answer(303, headers=(("location", "/status/abcd"),))


@fault(
    "write-unknown-404",
    "Only a hash that already has a status can be written; any other is a 404.",
    must="OA-W1",
)
class WriteUnknown(Behaviour):
    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        known = self.events(target_hash)
        return super().write(request, target_hash, body) if known else Refusal(404, "No such document.")


@fault("post-unsupported", "Writing is offered with PUT only; a POST is a 405.", must="OA-W1")
class PutOnly(Behaviour):
    actions: ClassVar[Mapping[str, str]] = {"GET": "read", "PUT": "write", "OPTIONS": "options"}


@fault("second-write-409", "A second write to a hash is refused as a conflict.", must="OA-W6")
class SecondWriteConflicts(Behaviour):
    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        refusal = self.authorize_write(request)
        conflict = not refusal and self.events(target_hash)
        return Refusal(409, "It has a status.") if conflict else super().write(request, target_hash, body)
