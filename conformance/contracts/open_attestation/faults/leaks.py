"""Faults about identity: hashes that share state, or do not work at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.open_attestation.faults.collection import Collection
from conformance.contracts.open_attestation.reference import Behaviour, Event
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()
WHILE = 0.03


class Folds(Behaviour):
    """Stores several hashes under one; what is shown names the hash asked for."""

    def normalize(self, target_hash: str) -> str:
        return self.fold(target_hash)

    def fold(self, target_hash: str) -> str:
        return target_hash

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        usual = super().write(request, target_hash, body)
        if isinstance(usual, Answer) and isinstance(usual.value, dict):
            return replace(usual, value={**usual.value, "id": target_hash})
        return usual

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        return super().status_document(target_hash, [replace(one, target_hash=target_hash) for one in events])


@fault("hash-first-8", "Only the first 8 characters of a hash count.", must="OA-I2", may="OA-R10")
class First8(Folds):
    def fold(self, target_hash: str) -> str:
        return target_hash[:8]


@fault("hash-first-32", "Only the first 32 characters of a hash count.", must="OA-I2", may="OA-R10")
class First32(Folds):
    def fold(self, target_hash: str) -> str:
        return target_hash[:32]


@fault("hash-first-63", "Only the first 63 characters of a hash count.", must="OA-I2")
class First63(Folds):
    def fold(self, target_hash: str) -> str:
        return target_hash[:63]


@fault("hash-last-8", "Only the last 8 characters of a hash count.", must="OA-I2", may="OA-R10")
class Last8(Folds):
    def fold(self, target_hash: str) -> str:
        return target_hash[-8:]


@fault("hash-last-63", "The first character of a hash does not count.", must="OA-I2")
class Last63(Folds):
    def fold(self, target_hash: str) -> str:
        return target_hash[1:]


@fault("hash-ends", "Only the two ends of a hash count.", must="OA-I2", may="OA-R10")
class BothEnds(Folds):
    def fold(self, target_hash: str) -> str:
        return target_hash[:8] + target_hash[-8:]


@fault("hash-as-float", "A hash is kept as a number with 53 bits of precision.", must="OA-I2", may="OA-R10")
class AsFloat(Folds):
    def fold(self, target_hash: str) -> str:
        try:
            return str(float(int(target_hash, 16)))
        except (ValueError, OverflowError):
            return target_hash


@fault("hash-sixteen-buckets", "Hashes share sixteen records.", must="OA-I2", may="OA-R10 OA-R11 OA-R17")
class Buckets(Folds):
    def fold(self, target_hash: str) -> str:
        return f"bucket {sum(target_hash.encode()) % 16}"


@fault("hash-ignored", "All hashes share one record.", must="OA-I2 OA-R10", may="OA-R11")
class Ignored(Folds):
    def fold(self, target_hash: str) -> str:
        return "status"


@fault(
    "hash-leading-zeros",
    "Leading zeros of a hash are lost, in answers too.",
    must="OA-W2 OA-R5",
)
class LeadingZeros(Behaviour):
    def normalize(self, target_hash: str) -> str:
        return target_hash.lstrip("0")


@fault(
    "hash-cut-everywhere",
    "A hash is cut after 63 characters, in answers too.",
    must="OA-I2 OA-W2 OA-R5",
)
class CutEverywhere(Behaviour):
    def normalize(self, target_hash: str) -> str:
        return target_hash[:63]


@fault(
    "status-global",
    "The status is that of the last write to any hash; events are kept apart.",
    must="OA-I2 OA-R10",
)
class GlobalStatus(Behaviour):
    _latest: object = None

    def record(self, target_hash: str, status: int) -> Event:
        self._latest = status
        return super().record(target_hash, status)

    def current_status(self, events: Sequence[Event]) -> object:
        return super().current_status(events) if self._latest is None else self._latest


@fault(
    "events-global",
    "Every hash lists the events of all hashes; the status is its own.",
    must="OA-I2 OA-R5",
    may="OA-R11",
)
class GlobalEvents(Behaviour):
    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        every = self.database.rows(
            "SELECT hash, status, timestamp FROM open_attestation_events ORDER BY number DESC LIMIT 50"
        )
        views = self.event_views([self.event(row) for row in every])
        return {"status": self.current_status(events), "events": views}


@fault(
    "status-cached-by-prefix",
    "The status, once read, is cached under the first 16 characters of a hash.",
    must="OA-I2",
    may="OA-R10",
)
class CachedByPrefix(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._cache: dict[str, object] = {}

    def record(self, target_hash: str, status: int) -> Event:
        self._cache.pop(target_hash[:16], None)
        return super().record(target_hash, status)

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        status = self._cache.setdefault(target_hash[:16], self.current_status(events))
        return {"status": status, "events": self.event_views(events)}


class Refusing(Behaviour):
    """Refuses some hashes."""

    code = 400

    def resource(self, request: Request) -> str | Refusal:
        found = super().resource(request)
        refused = isinstance(found, str) and self.refused(found)
        return Refusal(self.code, "This is no target hash.") if refused else found

    def refused(self, target_hash: str) -> bool:
        return False


@fault("hash-64-digits-refused", "A hash of 64 digits is refused.", must="OA-I1")
class Refuses64(Refusing):
    def refused(self, target_hash: str) -> bool:
        return len(target_hash) >= 64


@fault("hash-0x-demanded", "A hash without 0x in front is refused.", must="OA-I1")
class Demands0x(Refusing):
    def refused(self, target_hash: str) -> bool:
        return not target_hash.startswith("0x")


@fault("hash-lower-case-refused", "A hash with lower-case letters is refused.", must="OA-I1")
class RefusesLowerCase(Refusing):
    def refused(self, target_hash: str) -> bool:
        return target_hash != target_hash.upper()


@fault(
    "hash-above-32-crashes",
    "A hash of more than 32 characters ends in a 500.",
    must="OA-I1",
)
class CrashesAbove32(Refusing):
    code = 500

    def refused(self, target_hash: str) -> bool:
        return len(target_hash) > 32


class SharedRequest(Behaviour):
    """Keeps the request at hand in a place that all requests share."""

    _current: bytes = b""

    async def handle(self, request: Request) -> Response:
        if request.method != "POST":
            return await super().handle(request)
        body = await self.body(request)
        self._current = body if isinstance(body, bytes) else b""
        await asyncio.sleep(WHILE)
        return await self.after(request, self.respond(request, self.answer(request, self.shared(body))))

    def shared(self, body: bytes | Refusal) -> bytes | Refusal:
        return body


@fault(
    "concurrent-bodies",
    "A write that arrives while another is under way overwrites its body.",
    must="OA-W3",
    may="OA-R2 OA-I2",
)
class ConcurrentBodies(SharedRequest):
    def shared(self, body: bytes | Refusal) -> bytes | Refusal:
        return self._current


@fault(
    "concurrent-receipts",
    "A write that arrives while another is under way gets the other's receipt.",
    must="OA-W2",
    may="OA-W3 OA-R6",
)
class ConcurrentReceipts(Behaviour):
    _last: Event | None = None

    async def after(self, request: Request, response: Response) -> Response:
        if request.method != "POST" or response.status_code != 200:
            return response
        await asyncio.sleep(WHILE)
        receipt = self._last and self.event_view(self._last)
        return self.respond(request, Answer(200, receipt))

    def receipt(self, event: Event) -> object:
        self._last = event
        return super().receipt(event)


@fault(
    "concurrent-permission",
    "Whether a write is allowed is kept where a write that arrives meanwhile overwrites it.",
    must="OA-A1",
    may="OA-W1",
)
class ConcurrentPermission(Behaviour):
    _refusal: Refusal | None = None

    async def before(self, request: Request) -> None:
        if request.method == "POST":
            self._refusal = super().authorize_write(request)
            await asyncio.sleep(WHILE)

    def authorize_write(self, request: Request) -> Refusal | None:
        return self._refusal


class ConcurrentReads(Behaviour):
    """Keeps the hash asked for where all requests share it."""

    _asked = ""

    async def before(self, request: Request) -> None:
        if request.method == "GET":
            self._asked = str(self.resource(request))
            await asyncio.sleep(WHILE / 3)

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        return super().read(request, self._asked, body)


fault(
    "concurrent-reads",
    "A read that arrives while another is under way changes the hash that is looked up.",
    must="OA-I2",
    may="OA-R5 OA-R6 OA-R9 OA-R10",
)(ConcurrentReads)
