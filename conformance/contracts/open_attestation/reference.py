"""The Open Attestation status API, done right: one integer for each target hash, and its history."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from starlette.requests import Request
from starlette.types import ASGIApp

from conformance.clock import Clock
from conformance.reference.application import Room
from conformance.reference.behaviour import (
    Answer,
    HeaderPairs,
    Inputs,
    ReferenceBehaviour,
    Refusal,
    assemble,
    is_one_of,
    segments,
)
from conformance.reference.storage import Database, Row
from conformance.wire.strict import DIGITS, integer_kind, parse

NAME: Final = "open-attestation"
BASE_PATH: Final = "/status"
EXAMPLES: Final[Inputs] = {"api-key": ("demo-key-7d41f09ac2b84e6f93a5d8e0b1c62f47",)}
LONGEST_HASH: Final = 1024

TOO_LONG = 10 ** (DIGITS - 1)


@dataclass(frozen=True, slots=True)
class Event:
    """One write: which hash, which status, when (Unix milliseconds)."""

    target_hash: str
    status: int
    timestamp: int


EXAMPLE_EVENT: Final = Event("abcd", 1, 1_583_395_314_532)

# The status is text, because JSON integers may be wider than the 64 bits of an SQLite integer.
TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS open_attestation_events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        hash TEXT NOT NULL, status TEXT NOT NULL, timestamp INTEGER NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS open_attestation_by_hash
        ON open_attestation_events (hash, number)""",
)
NEWEST_FIRST: Final = """SELECT hash, status, timestamp FROM open_attestation_events
    WHERE hash = ? ORDER BY number DESC"""
INSERT: Final = "INSERT INTO open_attestation_events (hash, status, timestamp) VALUES (?, ?, ?)"


class Behaviour(ReferenceBehaviour):
    """Every decision of the status API; the document's example is loaded."""

    actions: ClassVar[Mapping[str, str]] = {
        "GET": "read",
        "HEAD": "read",
        "POST": "write",
        "OPTIONS": "options",
    }

    def prepare(self) -> None:
        self.database.prepare(*TABLES)
        self.load(EXAMPLE_EVENT)

    def load(self, event: Event) -> None:
        """Store `event` unless its hash is already known."""
        with self.database.transaction() as connection:
            if self.last_event(connection, event.target_hash) is None:
                self.store(connection, event)

    # Which hash

    def resource(self, request: Request) -> str | Refusal:
        """The target hash: the one segment of the path, as it was sent but for the percent-encoding."""
        parts = segments(request)
        if parts is None:
            return self.malformed_hash()
        if len(parts) != 1 or not parts[0]:
            return self.not_found()
        return self.malformed_hash() if len(parts[0]) > LONGEST_HASH else parts[0]

    def normalize(self, target_hash: str) -> str:
        """The form under which a hash is stored: itself, in its own letter case."""
        return target_hash

    def malformed_hash(self) -> Refusal:
        return Refusal(400, f"The target hash is not UTF-8 text of at most {LONGEST_HASH} characters.")

    # Who may

    def authorize_write(self, request: Request) -> Refusal | None:
        """A refusal for a write that does not show the key."""
        given = self.given_key(request)
        if not given:
            return self.missing_key()
        return None if self.key_matches(given) else self.wrong_key()

    def authorize_read(self, request: Request) -> Refusal | None:
        """Nobody is refused a read: the renderers that ask have no key."""
        return None

    def given_key(self, request: Request) -> str:
        """The key that the request shows; empty for none."""
        return ", ".join(request.headers.getlist("x-api-key"))

    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in self.inputs.get("api-key", ()) if key)

    def key_matches(self, given: str) -> bool:
        """Whether `given` is one of the keys."""
        return is_one_of(given, self.keys())

    def missing_key(self) -> Refusal:
        return Refusal(
            401, "A write needs the header x-api-key.", (("www-authenticate", 'ApiKey realm="status"'),)
        )

    def wrong_key(self) -> Refusal:
        return Refusal(403, "The key is not valid.")

    # Writing

    def write(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        """Authorize, understand, record, confirm."""
        refusal = self.authorize_write(request)
        if refusal:
            return refusal
        status = self.parse_write(body)
        if isinstance(status, Refusal):
            return status
        event = self.record(self.normalize(target_hash), status)
        return Answer(self.write_code(event), self.receipt(event))

    def parse_write(self, body: bytes) -> int | Refusal:
        """The status in the body: an integer of either sign, written as one, of fewer digits than the parser takes in."""
        document = parse(body)
        if document.members is None or document.duplicates:
            return self.invalid_body(document.problem or "the body is not one JSON object without doubles")
        return self.accept_status(document.members.get("status"))

    def accept_status(self, status: object) -> int | Refusal:
        if isinstance(status, int) and integer_kind(status) == "integer" and abs(status) < TOO_LONG:
            return status
        return self.invalid_body("the body has no integer member `status`")

    def invalid_body(self, detail: str) -> Refusal:
        return Refusal(400, f"Nothing was recorded: {detail}.")

    def record(self, target_hash: str, status: int) -> Event:
        """Store a new event and return it once it is stored."""
        with self.database.transaction() as connection:
            last = self.last_event(connection, target_hash)
            event = Event(target_hash, status, self.next_timestamp(last))
            self.store(connection, event)
        return event

    def next_timestamp(self, last: Event | None) -> int:
        """The time of a new event: now, and at least one millisecond after the hash's last one."""
        now = self.timestamp()
        return max(now, last.timestamp + 1) if last else now

    def timestamp(self) -> int:
        """Now, in Unix milliseconds."""
        return int(self.clock.time() * 1000)

    def write_code(self, event: Event) -> int:
        return 200

    def receipt(self, event: Event) -> object:
        """The confirmation of a write."""
        return self.event_view(event)

    # Storage

    def store(self, connection: sqlite3.Connection, event: Event) -> None:
        connection.execute(INSERT, (event.target_hash, str(event.status), event.timestamp))

    def last_event(self, connection: sqlite3.Connection, target_hash: str) -> Event | None:
        row = connection.execute(NEWEST_FIRST + " LIMIT 1", (target_hash,)).fetchone()
        return self.event(row) if row else None

    def events(self, target_hash: str) -> list[Event]:
        """Every event of a hash, newest first, as of one moment."""
        return [self.event(row) for row in self.database.rows(NEWEST_FIRST, (target_hash,))]

    def event(self, row: Row) -> Event:
        target_hash, status, timestamp = row
        return Event(target_hash, int(status), timestamp)

    # Reading

    def read(self, request: Request, target_hash: str, body: bytes) -> Answer | Refusal:
        """The status document of any hash, written or not."""
        refusal = self.authorize_read(request)
        if refusal:
            return refusal
        events = self.events(self.normalize(target_hash))
        return Answer(self.read_code(target_hash, events), self.status_document(target_hash, events))

    def read_code(self, target_hash: str, events: Sequence[Event]) -> int:
        return 200

    def status_document(self, target_hash: str, events: Sequence[Event]) -> object:
        """The status and the events it comes from, so that the two cannot disagree."""
        return {"status": self.current_status(events), "events": self.event_views(events)}

    def current_status(self, events: Sequence[Event]) -> object:
        """The status that was written last."""
        return events[0].status if events else self.default_status()

    def default_status(self) -> object:
        """The status of a hash that was never written."""
        return 0

    def event_views(self, events: Sequence[Event]) -> object:
        return [self.event_view(event) for event in events]

    def event_view(self, event: Event) -> dict[str, object]:
        return {"id": event.target_hash, "status": event.status, "timestamp": event.timestamp}

    # Browsers

    def headers_for(self, request: Request, answer: Answer) -> HeaderPairs:
        readable = request.method in ("GET", "HEAD", "OPTIONS")
        return super().headers_for(request, answer) + (self.cors() if readable else ())

    def cors(self) -> HeaderPairs:
        """Renderers read the status from a page of any origin; nobody writes it from a page."""
        return (
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
            ("access-control-allow-headers", "content-type, x-api-key"),
        )


def build(inputs: Inputs, *, database: Database, clock: Clock, behaviours: Sequence[type] = ()) -> ASGIApp:
    """The application for the paths below the base, with the mixins `behaviours` put over it."""
    return assemble(Behaviour, behaviours, inputs, database=database, clock=clock)


def samples(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """Ids to try the deployment with."""
    return {"hash": (EXAMPLE_EVENT.target_hash,)}


def room(
    inputs: Inputs = EXAMPLES, *, database: Database, clock: Clock, behaviours: Sequence[type] = ()
) -> Room:
    """The application in its place in a deployment."""
    app = build(inputs, database=database, clock=clock, behaviours=behaviours)
    return Room(NAME, BASE_PATH, app, samples(inputs))
