"""Faults about what a write leaves behind: lost, changed or doubled records."""

from __future__ import annotations

import struct

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event

fault = Collection()


class StoresAnother(Behaviour):
    """Stores another status than the receipt tells."""

    def record(self, target_hash: str, status: int) -> Event:
        stored = super().record(target_hash, self.stored(status))
        return Event(target_hash, status, stored.timestamp)

    def stored(self, status: int) -> int:
        return status


@fault("stored-plus-one", "The status is stored one too high.", must="OA-R2 OA-R6", may="OA-W8")
class StoredPlusOne(StoresAnother):
    def stored(self, status: int) -> int:
        return status + 1


@fault("stored-255", "A status above 255 is stored as 255.", must="OA-R2 OA-R6")
class Stored255(StoresAnother):
    def stored(self, status: int) -> int:
        return min(status, 255)


@fault("stored-int32", "The status wraps around at 32 bits.", must="OA-R2 OA-R6")
class StoredInt32(StoresAnother):
    def stored(self, status: int) -> int:
        return int(struct.unpack("<i", struct.pack("<I", status & 0xFFFFFFFF))[0])


@fault(
    "stored-float32",
    "The status passes through a number with 24 bits of precision.",
    must="OA-R2 OA-R6",
)
class StoredFloat32(StoresAnother):
    def stored(self, status: int) -> int:
        return int(struct.unpack("<f", struct.pack("<f", status))[0])


@fault("stored-boolean", "Every status but 0 is stored as 1.", must="OA-R2 OA-R6")
class StoredBoolean(StoresAnother):
    def stored(self, status: int) -> int:
        return min(status, 1)


@fault(
    "stored-always-one",
    "Every write stores the status 1, whatever was sent.",
    must="OA-R2 OA-R6",
    may="OA-W8",
)
class StoredAlwaysOne(StoresAnother):
    def stored(self, status: int) -> int:
        return 1


@fault("clamped-100", "A status above 100 becomes 100, as the receipt admits.", must="OA-W3 OA-R2")
class Clamped100(Behaviour):
    def record(self, target_hash: str, status: int) -> Event:
        return super().record(target_hash, min(status, 100))


@fault("toggles", "A write of 1 to a hash with status 1 or more sets it to 0.", must="OA-R2", may="OA-R6")
class Toggles(Behaviour):
    def record(self, target_hash: str, status: int) -> Event:
        events = self.events(target_hash)
        on = status == 1 and events and events[0].status
        stored = super().record(target_hash, 0 if on else status)
        return Event(target_hash, status, stored.timestamp)


class Ignores(Behaviour):
    """Confirms some writes without recording them."""

    def record(self, target_hash: str, status: int) -> Event:
        if self.ignored(status, self.events(target_hash)):
            return Event(target_hash, status, self.timestamp())
        return super().record(target_hash, status)

    def ignored(self, status: int, events: list[Event]) -> bool:
        return False


@fault("first-write-wins", "Only the first write to a hash is recorded.", must="OA-R2 OA-R6 OA-W6")
class FirstWriteWins(Ignores):
    def ignored(self, status: int, events: list[Event]) -> bool:
        return bool(events)


@fault("downgrade-ignored", "A write of a lower status is not recorded.", must="OA-R2 OA-R6 OA-W6")
class DowngradeIgnored(Ignores):
    def ignored(self, status: int, events: list[Event]) -> bool:
        return bool(events) and status < events[0].status


@fault(
    "upgrade-ignored",
    "A write of a higher status than 1 to a known hash is not recorded.",
    must="OA-R2 OA-R6 OA-W6",
)
class UpgradeIgnored(Ignores):
    def ignored(self, status: int, events: list[Event]) -> bool:
        return bool(events) and status > events[0].status


@fault("zero-ignored", "A write of 0 is not recorded.", must="OA-R2 OA-R6 OA-W6")
class ZeroIgnored(Ignores):
    def ignored(self, status: int, events: list[Event]) -> bool:
        return status == 0


@fault(
    "known-status-ignored",
    "A status that the hash once had is not recorded again.",
    must="OA-R2 OA-R6 OA-W6",
)
class KnownStatusIgnored(Ignores):
    def ignored(self, status: int, events: list[Event]) -> bool:
        return status in [event.status for event in events]


@fault(
    "nothing-recorded",
    "Writes are confirmed but never recorded.",
    must="OA-R2 OA-R6",
    may="OA-W6",
)
class NothingRecorded(Ignores):
    def ignored(self, status: int, events: list[Event]) -> bool:
        return True


@fault(
    "every-second-lost",
    "Every second write to a hash is confirmed but lost.",
    must="OA-R2 OA-R6 OA-W6",
)
class EverySecondLost(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._writes: dict[str, int] = {}

    def record(self, target_hash: str, status: int) -> Event:
        self._writes[target_hash] = self._writes.get(target_hash, 0) + 1
        if self._writes[target_hash] % 2 == 0:
            return Event(target_hash, status, self.timestamp())
        return super().record(target_hash, status)


@fault(
    "every-fifth-lost",
    "Every fifth write to the deployment is confirmed but lost.",
    must="OA-R2 OA-R6",
    may="OA-W6",
)
class EveryFifthLost(Ignores):
    def prepare(self) -> None:
        self._count = 0
        super().prepare()

    def ignored(self, status: int, events: list[Event]) -> bool:
        self._count += 1
        return self._count % 5 == 0


@fault("written-twice", "Every write is recorded twice.", must="OA-R17")
class WrittenTwice(Behaviour):
    def record(self, target_hash: str, status: int) -> Event:
        super().record(target_hash, status)
        return super().record(target_hash, status)


@fault("zero-clears", "A write of 0 deletes the history.", must="OA-R6 OA-R9")
class ZeroClears(Behaviour):
    def record(self, target_hash: str, status: int) -> Event:
        if status:
            return super().record(target_hash, status)
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM open_attestation_events WHERE hash = ?", (target_hash,))
        return Event(target_hash, status, self.timestamp())


@fault("zero-clears-older", "A write of 0 deletes the older events and stays alone.", must="OA-R9")
class ZeroClearsOlder(Behaviour):
    def record(self, target_hash: str, status: int) -> Event:
        if status == 0:
            with self.database.transaction() as connection:
                connection.execute("DELETE FROM open_attestation_events WHERE hash = ?", (target_hash,))
        return super().record(target_hash, status)
