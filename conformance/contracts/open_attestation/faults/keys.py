"""Faults about the key: compared loosely, or checked after the deed."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()
BOTH = "OA-A1 OA-A2"


@fault("key-not-checked", "The key is not looked at.", must=BOTH)
class NotChecked(Behaviour):
    def authorize_write(self, request: Request) -> Refusal | None:
        return None


@fault("key-optional", "A wrong key is refused, a missing one is not.", must="OA-A1")
class Optional(Behaviour):
    def authorize_write(self, request: Request) -> Refusal | None:
        return super().authorize_write(request) if "x-api-key" in request.headers else None


class Matches(Behaviour):
    """Compares the key loosely."""

    def authorize_write(self, request: Request) -> Refusal | None:
        if "x-api-key" not in request.headers:
            return self.missing_key()
        given = self.given_key(request)
        return None if any(self.alike(given, key) for key in self.keys()) else self.wrong_key()

    def alike(self, given: str, key: str) -> bool:
        return given == key


@fault("key-any", "Any key is right.", must="OA-A2")
class AnyKey(Matches):
    def alike(self, given: str, key: str) -> bool:
        return bool(given)


@fault("key-empty", "An empty key is right.", must="OA-A2")
class EmptyKey(Matches):
    def alike(self, given: str, key: str) -> bool:
        return given in ("", key)


@fault("key-part", "Any part of the key is right.", must="OA-A2")
class PartOfKey(Matches):
    def alike(self, given: str, key: str) -> bool:
        return given != "" and given in key


@fault("key-prefix", "Any beginning of the key is right.", must="OA-A2")
class PrefixOfKey(Matches):
    def alike(self, given: str, key: str) -> bool:
        return len(given) > 8 and key.startswith(given)


@fault("key-extended", "What begins with the key is right.", must="OA-A2")
class Extended(Matches):
    def alike(self, given: str, key: str) -> bool:
        return given.startswith(key)


@fault("key-first-characters", "Only the first 16 characters of the key are compared.", must="OA-A2")
class FirstCharacters(Matches):
    def alike(self, given: str, key: str) -> bool:
        return given[:16] == key[:16]


@fault("key-last-characters", "Only the last 8 characters of the key are compared.", must="OA-A2")
class LastCharacters(Matches):
    def alike(self, given: str, key: str) -> bool:
        return given[-8:] == key[-8:]


@fault("key-ends", "Only the beginning and the end of the key are compared.", must="OA-A2")
class Ends(Matches):
    def alike(self, given: str, key: str) -> bool:
        return (given[:4], given[-4:]) == (key[:4], key[-4:])


@fault("key-other-case", "The letter case of the key does not matter.", must="OA-A2")
class OtherCase(Matches):
    def alike(self, given: str, key: str) -> bool:
        return given.lower() == key.lower()


@fault("key-same-characters", "The order of the characters in the key does not matter.", must="OA-A2")
class SameCharacters(Matches):
    def alike(self, given: str, key: str) -> bool:
        return sorted(given) == sorted(key)


@fault("key-length", "Only the length of the key is compared.", must="OA-A2")
class SameLength(Matches):
    def alike(self, given: str, key: str) -> bool:
        return len(given) == len(key)


@fault(
    "key-for-first-write-only",
    "The key is needed for the first write to a hash, not for later ones.",
    must=BOTH,
)
class FirstWriteOnly(Behaviour):
    spared = True

    def authorize_write(self, request: Request) -> Refusal | None:
        known = bool(self.events(str(self.resource(request))))
        return None if known is self.spared else super().authorize_write(request)


@fault(
    "key-for-later-writes-only",
    "The key is needed for a hash that has a status, not for a new one.",
    must=BOTH,
)
class LaterWritesOnly(FirstWriteOnly):
    spared = False


@fault("key-for-large-only", "A status of 0 or 1 needs no key.", must="OA-A1")
class LargeOnly(Optional):
    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        self._large = self.parse_write(body) not in (0, 1)
        return super().write(request, target_hash, body)

    def authorize_write(self, request: Request) -> Refusal | None:
        return Behaviour.authorize_write(self, request) if self._large else super().authorize_write(request)


class Refuses(Behaviour):
    """Refuses a write without the right key, but leaves something behind."""

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        refusal = self.authorize_write(request)
        status = self.parse_write(body)
        if refusal and isinstance(status, int):
            self.leave(target_hash, status, missing="x-api-key" not in request.headers)
        return refusal or super().write(request, target_hash, body)

    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        self.record(target_hash, status)


@fault("refusal-records", "A refused write is recorded all the same.", must=BOTH)
class RefusalRecords(Refuses):
    pass


@fault(
    "refusal-without-key-records",
    "A write without a key is refused, but recorded.",
    must="OA-A1",
)
class MissingKeyRecords(Refuses):
    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        if missing:
            self.record(target_hash, status)


@fault(
    "refusal-with-wrong-key-records",
    "A write with a wrong key is refused, but recorded.",
    must="OA-A2",
)
class WrongKeyRecords(Refuses):
    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        if not missing:
            self.record(target_hash, status)


@fault("refusal-records-later", "A refused write is recorded half a second later.", must=BOTH)
class RecordsLater(Refuses):
    delay = 0.5

    def prepare(self) -> None:
        super().prepare()
        self._waiting: list[tuple[float, str, int]] = []

    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        self._waiting.append((self.clock.time() + self.delay, target_hash, status))

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        due = [one for one in self._waiting if one[0] <= self.clock.time()]
        self._waiting = [one for one in self._waiting if one not in due]
        for _, target_hash, status in due:
            self.record(target_hash, status)
        return super().answer(request, body)


@fault(
    "refusal-changes-status-only",
    "A refused write changes the status, but makes no event.",
    must=BOTH,
)
class ChangesStatusOnly(Refuses):
    def prepare(self) -> None:
        super().prepare()
        self._over: dict[str, int] = {}

    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        self._over[target_hash] = status

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        status = self._over.get(target_hash, self.current_status(events))
        return {"status": status, "events": self.event_views(events)}


@fault(
    "refusal-makes-event-only",
    "A refused write makes an event, but the status stays.",
    must=BOTH,
)
class MakesEventOnly(Refuses):
    def prepare(self) -> None:
        super().prepare()
        self._refused: set[int] = set()

    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        self._refused.add(self.record(target_hash, status).timestamp)

    def current_status(self, events: Sequence[Event]) -> object:
        return super().current_status([one for one in events if one.timestamp not in self._refused])


@fault(
    "refusal-says-200",
    "A write without the right key is not recorded, but answered with 200 and an error.",
    must=BOTH,
)
class RefusalSays200(Behaviour):
    def error_code(self, refusal: Refusal) -> int:
        return 200 if refusal.status in (401, 403) else refusal.status


@fault(
    "key-every-third-missed",
    "Every third write is let through without a look at its key.",
    must="OA-A2",
    may="OA-A1",
)
class EveryThirdMissed(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._count = 0

    def authorize_write(self, request: Request) -> Refusal | None:
        refusal = super().authorize_write(request)
        self._count += bool(refusal)
        return None if self._count % 3 == 0 else refusal
