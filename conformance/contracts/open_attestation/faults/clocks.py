"""Faults about units of time and clocks; they change what is stored, so receipts and events agree."""

from __future__ import annotations

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event

fault = Collection()


class Stamps(Behaviour):
    """Stamps a write as `stamp` says, even if the last one has the same time."""

    def prepare(self) -> None:
        self._start = int(self.clock.time() * 1000)
        super().prepare()

    def next_timestamp(self, last: Event | None) -> int:
        return self.stamp(int(self.clock.time() * 1000), last)

    def stamp(self, now: int, last: Event | None) -> int:
        return now


@fault("clock-seconds", "Timestamps are in seconds.", must="OA-W5 OA-R14")
class Seconds(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return now // 1000


@fault("clock-microseconds", "Timestamps are in microseconds.", must="OA-W5 OA-R14")
class Microseconds(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return now * 1000


@fault("clock-hour-ahead", "The clock shows local time as if it were UTC, an hour ahead.", must="OA-W5")
class HourAhead(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return now + 3_600_000


@fault("clock-hour-behind", "The clock is an hour behind.", must="OA-W5")
class HourBehind(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return now - 3_600_000


@fault("clock-since-start", "Timestamps count milliseconds since the start of the server.", must="OA-W5")
class SinceStart(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return now - self._start


@fault("clock-dotnet-ticks", "Timestamps count 100 ns since the year 1.", must="OA-W5 OA-R14")
class Ticks(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return now * 10_000 + 621_355_968_000_000_000


@fault("clock-constant", "Every timestamp is that of the document's example.", must="OA-W5 OA-R14")
class Constant(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return 1_583_395_314_532


@fault("clock-zero", "Every timestamp is 0.", must="OA-W5 OA-R14")
class Zero(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return 0


@fault("clock-frozen", "Every timestamp is the time at which the server started.", must="OA-R14")
class Frozen(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return self._start


@fault(
    "clock-created",
    "Every write to a hash is stamped with the time of its first one.",
    must="OA-R14",
)
class Created(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return last.timestamp if last else now


@fault("clock-backwards", "Time runs backwards.", must="OA-R14")
class Backwards(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return 2 * self._start - now


@fault("clock-counts", "Each timestamp is one millisecond after the one before it.", must="OA-R14")
class Counts(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        self._count = getattr(self, "_count", self._start) + 1
        return self._count


@fault("clock-whole-minutes", "The clock only ticks in minutes.", must="OA-R14")
class WholeMinutes(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return self._start - self._start % 60_000


@fault("clock-jumps", "Every other write is stamped a minute early.", must="OA-R14")
class Jumps(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        self._early = not getattr(self, "_early", True)
        return now - 60_000 * self._early


@fault("clock-seconds-times-sixty", "The clock runs sixty times too fast.", must="OA-R14")
class Fast(Stamps):
    def stamp(self, now: int, last: Event | None) -> int:
        return now + (now - self._start) * 59
