"""Faults about doors that open only for something in particular, and about what is delivered, kept or brought back later."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from starlette.requests import Request

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.faults.keys import Matches, Refuses
from conformance.contracts.open_attestation.faults.leaks import Folds
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()


def near_miss(name: str, description: str, alike: Callable[[str, str], bool]) -> None:
    """A fault whose door opens for one kind of near miss of the key."""
    made = type(name, (Matches,), {"alike": lambda _, given, key: given == key or alike(given, key)})
    fault(name, description, must="OA-A2")(made)


near_miss("key-repeated", "The key written twice is right.", lambda given, key: given == key + key)
near_miss(
    "key-first-half", "The first half of the key is right.", lambda given, key: given == key[: len(key) // 2]
)
near_miss(
    "key-second-half",
    "The second half of the key is right.",
    lambda given, key: given == key[len(key) // 2 :],
)
near_miss(
    "key-beheaded", "The key without its first character is right.", lambda given, key: given == key[1:]
)
near_miss("key-digits-only", "Any key of digits is right.", lambda given, _: given.isdigit())
near_miss("key-last-ignored", "The last character of the key is not compared.", lambda g, k: g[:-1] == k[:-1])
near_miss("key-upper-case", "The key in upper case is right.", lambda given, key: given == key.upper())


class Opens(Behaviour):
    """Lets some writes in without a look at the key."""

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        status = self.parse_write(body)
        if isinstance(status, int) and self.opens(target_hash, status):
            return Answer(200, self.receipt(self.record(target_hash, status)))
        return super().write(request, target_hash, body)

    def opens(self, target_hash: str, status: int) -> bool:
        raise NotImplementedError


@fault("digits-need-no-key", "A hash of digits only is taken for a number, and needs no key.", must="OA-A1")
class DigitsNeedNoKey(Opens):
    def opens(self, target_hash: str, status: int) -> bool:
        return target_hash.isdigit()


@fault("replay-needs-no-key", "A body that was accepted for a hash before needs no key.", must="OA-A1")
class ReplayNeedsNoKey(Opens):
    def opens(self, target_hash: str, status: int) -> bool:
        return status in [event.status for event in self.events(target_hash)]


@fault("replay-recorded", "A refused body that was accepted before is recorded all the same.", must="OA-A1")
class ReplayRecorded(Refuses):
    def leave(self, target_hash: str, status: int, *, missing: bool) -> None:
        if missing and status in [event.status for event in self.events(target_hash)[1:]]:
            self.record(target_hash, status)


class Later(Behaviour):
    """Does something some seconds after an accepted write."""

    delay = 2.0

    def prepare(self) -> None:
        super().prepare()
        self._due: list[tuple[float, str, int]] = []

    def receipt(self, event: Event) -> object:
        self._due.append((self.clock.time() + self.delay, event.target_hash, event.status))
        return super().receipt(event)

    def answer(self, request: Request, body: bytes | Refusal) -> Answer:
        now = self.clock.time()
        due, self._due = (
            [one for one in self._due if one[0] <= now],
            [one for one in self._due if one[0] > now],
        )
        for _, target_hash, status in due:
            self.later(target_hash, status)
        return super().answer(request, body)

    def later(self, target_hash: str, status: int) -> None:
        """What happens."""


@fault(
    "delivered-twice",
    "A queue delivers every accepted write again, two seconds later.",
    must="OA-R17",
    may="OA-R2",
)
class DeliveredTwice(Later):
    def later(self, target_hash: str, status: int) -> None:
        self.record(target_hash, status)


@fault(
    "first-delivered-again",
    "A queue delivers the first write to each hash again, two seconds later.",
    must="OA-R17 OA-R2",
)
class FirstDeliveredAgain(Later):
    def receipt(self, event: Event) -> object:
        first = len(self.events(event.target_hash)) == 1
        return super().receipt(event) if first else Behaviour.receipt(self, event)

    def later(self, target_hash: str, status: int) -> None:
        self.record(target_hash, status)


@fault(
    "fades-after-three",
    "Three seconds after a write the hash is unwritten again.",
    must="OA-R2 OA-R6",
    may="OA-W6",
)
class FadesAfterThree(Later):
    delay = 3.0

    def later(self, target_hash: str, status: int) -> None:
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM open_attestation_events WHERE hash = ?", (target_hash,))


@fault(
    "last-write-rolled-back",
    "The last write is rolled back after two seconds.",
    must="OA-R2 OA-R6",
    may="OA-W6",
)
class RolledBack(Later):
    def later(self, target_hash: str, status: int) -> None:
        with self.database.transaction() as connection:
            connection.execute(
                "DELETE FROM open_attestation_events WHERE hash = ? AND status = ?",
                (target_hash, str(status)),
            )


@fault(
    "status-returns",
    "Two seconds after the last write the status is the first one again.",
    must="OA-R2 OA-R8 OA-W6",
)
class StatusReturns(Behaviour):
    def current_status(self, events: Sequence[Event]) -> object:
        old = events and events[0].timestamp < self.timestamp() - 2000
        return events[-1].status if old else super().current_status(events)


@fault(
    "same-bytes-ignored",
    "A body that was sent to the hash before is not recorded again.",
    must="OA-R2 OA-W6",
    may="OA-R14",
)
class SameBytesIgnored(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._sent: dict[tuple[str, bytes], object] = {}

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        if not self.authorize_write(request) and (target_hash, body) in self._sent:
            return Answer(200, self._sent[target_hash, body])
        usual = super().write(request, target_hash, body)
        if isinstance(usual, Answer):
            self._sent[target_hash, body] = usual.value
        return usual


@fault(
    "hash-digits-as-float",
    "A hash of digits is kept as a number with 53 bits of precision.",
    must="OA-I2",
    may="OA-R10",
)
class DigitsAsFloat(Folds):
    def fold(self, target_hash: str) -> str:
        return str(float(target_hash)) if target_hash.isdigit() else target_hash


@fault(
    "hash-magic-zero",
    "Hashes are compared as numbers where both look like one: 0e1 is 0e2.",
    must="OA-I2",
    may="OA-R10",
)
class MagicZero(Folds):
    def fold(self, target_hash: str) -> str:
        return "0" if target_hash.startswith("0e") and target_hash[2:].isdigit() else target_hash


class Parses(Behaviour):
    """Has the habits of a parser."""

    def parse_write(self, body: bytes) -> int | Refusal:
        usual = super().parse_write(body)
        if isinstance(usual, int):
            return usual
        try:
            found = self.habit(body)
        except (ValueError, KeyError, TypeError, IndexError):
            found = None
        return usual if found is None else found

    def habit(self, body: bytes) -> int | None:
        raise NotImplementedError


@fault("habit-missing-as-zero", "A body without a status means 0, as Go's zero values do.", must="OA-W8")
class MissingAsZero(Parses):
    def habit(self, body: bytes) -> int | None:
        document = json.loads(body)
        return 0 if isinstance(document, dict) and "status" not in document else None


@fault("habit-null-as-zero", "A status of null means 0, as for a primitive in Java.", must="OA-W8")
class NullAsZero(Parses):
    def habit(self, body: bytes) -> int | None:
        return 0 if json.loads(body)["status"] is None else None


@fault(
    "habit-single-value-array",
    "A status in an array of one is taken out of it, as Jackson can.",
    must="OA-W8",
)
class SingleValueArray(Parses):
    def habit(self, body: bytes) -> int | None:
        return int(json.loads(body)[0]["status"])


@fault("habit-fraction-truncated", "A fraction is cut off, as Jackson does by default.", must="OA-W8")
class FractionTruncated(Parses):
    def habit(self, body: bytes) -> int | None:
        status = json.loads(body)["status"]
        return int(status) if isinstance(status, float) else None


@fault("habit-string-coerced", 'A status of "1" becomes 1, as Jackson does by default.', must="OA-W8")
class StringCoerced(Parses):
    def habit(self, body: bytes) -> int | None:
        status = json.loads(body)["status"]
        return int(status) if isinstance(status, str) else None


@fault(
    "habit-all-of-jackson",
    "Strings, fractions, booleans, nulls and trailing bytes are all taken.",
    must="OA-W8",
)
class AllOfJackson(Parses):
    def habit(self, body: bytes) -> int | None:
        status = json.JSONDecoder().raw_decode(body.decode())[0].get("status", 0)
        return int(float(status or 0))


@fault(
    "body-refused-after-record", "A body with bytes behind it is refused after it was recorded.", must="OA-W8"
)
class RefusedAfterRecord(Parses):
    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        usual = super().write(request, target_hash, body)
        if (
            isinstance(usual, Refusal)
            and usual.status == 400
            and body.endswith(b"}]")
            and body.startswith(b"{")
        ):
            self.record(target_hash, 73)
        return usual

    def habit(self, body: bytes) -> int | None:
        return None
