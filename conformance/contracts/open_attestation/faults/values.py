"""Faults about what is accepted as a status, and what becomes of bodies that are none."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import Answer, Refusal
from conformance.wire.strict import MISSING, parse

fault = Collection()


class Limited(Behaviour):
    """Refuses some integers."""

    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        if isinstance(usual, int) and not self.allowed(usual):
            return self.invalid_body("this status is not in use")
        return usual

    def allowed(self, status: int) -> bool:
        return True


@fault("refuses-zero", "The status 0 is refused, as if it were missing.", must="OA-W7")
class RefusesZero(Limited):
    def allowed(self, status: int) -> bool:
        return status != 0


@fault("refuses-above-one", "Only 0 and 1 are accepted as a status.", must="OA-W7")
class RefusesAboveOne(Limited):
    def allowed(self, status: int) -> bool:
        return status in (0, 1)


@fault("refuses-above-nine", "Only one digit is accepted as a status.", must="OA-W7")
class RefusesAboveNine(Limited):
    def allowed(self, status: int) -> bool:
        return 0 <= status < 10


@fault("refuses-above-255", "A status above 255 is refused.", must="OA-W7")
class RefusesAbove255(Limited):
    def allowed(self, status: int) -> bool:
        return status < 256


@fault("crashes-above-int32", "A status of more than 32 bits ends in a 500.", must="OA-W7")
class CrashesAboveInt32(Limited):
    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        return Refusal(500, "integer out of range") if isinstance(usual, int) and usual >= 2**31 else usual


@fault(
    "crashes-behind-gateway",
    "A status of more than 32 bits ends in a 502 of the gateway, time and again.",
    must="OA-W7",
)
class CrashesBehindGateway(Limited):
    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        return Refusal(502, "Internal server error") if isinstance(usual, int) and usual >= 2**31 else usual


class Lenient(Behaviour):
    """Reads a body without insisting on anything; what is no status becomes `fallback`."""

    fallback = 0

    def parse_write(self, body: bytes) -> int | Refusal:
        usual = super().parse_write(body)
        document = parse(body)
        given = document.members.get("status", MISSING) if document.members is not None else MISSING
        odd = isinstance(given, str | float) or (isinstance(given, int) and given < 0)
        return usual if odd or isinstance(usual, int) else self.instead(body, usual)

    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        return self.fallback


@fault("invalid-becomes-zero", "A body without a status is accepted and recorded as 0.", must="OA-W8")
class InvalidBecomesZero(Lenient):
    pass


@fault("invalid-becomes-one", "A body without a status is accepted and recorded as 1.", must="OA-W8")
class InvalidBecomesOne(Lenient):
    fallback = 1


@fault("invalid-not-json", "Only a body that is not JSON is accepted, and recorded as 0.", must="OA-W8")
class InvalidNotJson(Lenient):
    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        return 0 if body and parse(body).problem else refusal


@fault("invalid-null", "A status of null is accepted and recorded as 0.", must="OA-W8")
class InvalidNull(Lenient):
    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        return 0 if b"null" in body else refusal


@fault("invalid-regex", "The first number in the body is the status, whatever the body is.", must="OA-W8")
class InvalidRegex(Lenient):
    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        number = re.search(rb"\d+", body)
        return int(number[0]) if number else refusal


@fault("invalid-bytes-after", "What stands behind the object in the body is ignored.", must="OA-W8")
class InvalidBytesAfter(Lenient):
    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        begins, end = body.startswith(b'{"status": '), body.find(b"}") + 1
        return self.parse_write(body[:end]) if begins and 0 < end < len(body) else refusal


@fault("invalid-bare-number", "A number alone is accepted as the status.", must="OA-W8")
class InvalidBareNumber(Lenient):
    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        value = parse(body).value
        return value if isinstance(value, int) and not isinstance(value, bool) else refusal


@fault("invalid-array-of-one", "An object in an array is accepted as the object.", must="OA-W8")
class InvalidArrayOfOne(Lenient):
    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        value = parse(body).value
        return self.parse_write(body[1:-1]) if isinstance(value, list) and len(value) == 1 else refusal


@fault("invalid-500", "A body that is not JSON ends in a 500.", must="OA-W8")
class Invalid500(Lenient):
    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        return Refusal(500, "Unexpected end of JSON input") if parse(body).problem else refusal


@fault(
    "invalid-confirmed", "An invalid body is confirmed with 200, though nothing is recorded.", must="OA-W8"
)
class InvalidConfirmed(Lenient):
    def instead(self, body: bytes, refusal: Refusal) -> int | Refusal:
        return Refusal(200, "Thank you.")


class RefusedButRecorded(Behaviour):
    """Refuses an invalid body after it has recorded something."""

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        answer = super().write(request, target_hash, body)
        if isinstance(answer, Refusal) and answer.status == 400:
            self.leave(target_hash)
        return answer

    def leave(self, target_hash: str) -> None:
        self.record(target_hash, 0)


@fault(
    "invalid-recorded",
    "An invalid body is refused, but recorded as 0.",
    must="OA-W8",
)
class InvalidRecorded(RefusedButRecorded):
    pass


class Coerces(Behaviour):
    """Makes an integer of what is none."""

    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        return (
            usual if isinstance(status, int) and not isinstance(status, bool) else self.coerced(status, usual)
        )

    def coerced(self, status: object, refusal: int | Refusal) -> int | Refusal:
        return refusal


@fault("coerces-strings", 'The status "1" is accepted and becomes 1.', must="OA-W8")
class CoercesStrings(Coerces):
    def coerced(self, status: object, refusal: int | Refusal) -> int | Refusal:
        return int(status) if isinstance(status, str) and status.isdigit() else refusal


@fault("coerces-fractions", "The status 1.5 is accepted and becomes 1.", must="OA-W8")
class CoercesFractions(Coerces):
    def coerced(self, status: object, refusal: int | Refusal) -> int | Refusal:
        return int(status) if isinstance(status, float) else refusal


@fault("coerces-booleans", "The status true is accepted and becomes 1.", must="OA-W8")
class CoercesBooleans(Coerces):
    def coerced(self, status: object, refusal: int | Refusal) -> int | Refusal:
        return int(status) if isinstance(status, bool) else refusal


@fault("negatives-become-zero", "A negative status is accepted and becomes 0.", must="OA-W8")
class NegativesBecomeZero(Behaviour):
    def accept_status(self, status: object) -> int | Refusal:
        usual = super().accept_status(status)
        return max(0, usual) if isinstance(usual, int) else usual


@fault(
    "accepts-anything",
    "Whatever stands as status is accepted and becomes an integer as best it can.",
    must="OA-W8",
)
class AcceptsAnything(Behaviour):
    def parse_write(self, body: bytes) -> int | Refusal:
        try:
            return int(float(json.loads(body)["status"]))
        except (ValueError, KeyError, TypeError):
            return 0


@fault(
    "invalid-resets-status",
    "An invalid body is refused, but sets the status of a known hash to 0.",
    must="OA-W8",
)
class InvalidResets(RefusedButRecorded):
    def prepare(self) -> None:
        super().prepare()
        self._reset: set[str] = set()

    def leave(self, target_hash: str) -> None:
        self._reset.add(target_hash)

    def record(self, target_hash: str, status: int) -> Event:
        self._reset.discard(target_hash)
        return super().record(target_hash, status)

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        status = 0 if target_hash in self._reset else self.current_status(events)
        return {"status": status, "events": self.event_views(events)}


@fault("refused-odd-recorded", "A fraction is refused, but recorded as 1.", must="OA-W8")
class RefusedOddRecorded(Behaviour):
    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        if b"1.5" in body:
            self.record(target_hash, 1)
        return super().write(request, target_hash, body)
