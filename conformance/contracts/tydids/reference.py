"""The TyDIDs grant status, done right: granted or revoked, with the number of the latest consensus."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp

from conformance.clock import Clock
from conformance.reference.application import Room
from conformance.reference.behaviour import (
    Answer,
    Inputs,
    ReferenceBehaviour,
    Refusal,
    assemble,
    segments,
)
from conformance.reference.storage import Database

NAME: Final = "tydids"
BASE_PATH: Final = "/v2.0"
GRANTED_EXAMPLE: Final = "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7"
REVOKED_EXAMPLE: Final = "0xa8CD7c57c144be63852Da3C44D97088A740D43Cd"
EXAMPLES: Final[Inputs] = {"granted": (GRANTED_EXAMPLE,), "revoked": (REVOKED_EXAMPLE,)}
ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
DID: Final = re.compile(r"did:[a-z0-9]+(:[A-Za-z0-9._%-]*)*:[A-Za-z0-9._%-]+")
LONGEST_IDENTITY: Final = 512

# The document's example of a revocation: consensus 40850 at this Unix time; we count one every five seconds.
EXAMPLE_REVOKED: Final = 1_722_722_789
EXAMPLE_CONSENSUS: Final = 40_850
CONSENSUS_SECONDS: Final = 5

TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS tydids_grants (identity TEXT PRIMARY KEY, revoked INTEGER)",
    "CREATE TABLE IF NOT EXISTS tydids_consensus (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL)",
)
GRANT: Final = """INSERT INTO tydids_grants (identity, revoked) VALUES (?, NULL)
    ON CONFLICT (identity) DO UPDATE SET revoked = NULL"""
REVOKE: Final = """INSERT INTO tydids_grants (identity, revoked) VALUES (?, ?)
    ON CONFLICT (identity) DO UPDATE SET revoked = coalesce(revoked, excluded.revoked)"""
RAISE_CONSENSUS: Final = """INSERT INTO tydids_consensus (only, number) VALUES (1, ?)
    ON CONFLICT (only) DO UPDATE SET number = max(number, excluded.number)"""


@dataclass(frozen=True, slots=True)
class Grant:
    """One identity's approval; `revoked` is the Unix time in seconds at which it ended, None while it lasts."""

    identity: str
    revoked: int | None = None


class Behaviour(ReferenceBehaviour):
    """Every decision of the grant status; the inputs say who has granted and who has revoked."""

    def prepare(self) -> None:
        self.database.prepare(*TABLES)
        with self.database.transaction() as connection:
            for identity in self.inputs.get("granted", ()):
                connection.execute(GRANT, (self.canonical(identity),))
            for identity in self.inputs.get("revoked", ()):
                connection.execute(REVOKE, (self.canonical(identity), self.revocation_time(identity)))

    def revocation_time(self, identity: str) -> int:
        """When an identity of the inputs revoked: the example's time, or a moment of its own in the month before."""
        if self.canonical(identity) == self.canonical(REVOKED_EXAMPLE):
            return EXAMPLE_REVOKED
        return EXAMPLE_REVOKED - zlib.crc32(self.canonical(identity).encode()) % (30 * 86_400)

    # Whom it is about

    def resource(self, request: Request) -> str | Refusal:
        """The path says what is asked; the query says about whom."""
        return "status" if segments(request) == ("tydids", "status") else self.not_found()

    def identity(self, request: Request) -> str | Answer | Refusal:
        """The one identity in the query."""
        given = request.query_params.getlist("identity")
        if len(given) != 1 or not given[0]:
            return self.missing_identity()
        return given[0]

    def canonical(self, identity: str) -> str:
        """The form under which an identity is stored: an address has no letter case but for its checksum."""
        return identity.lower() if ADDRESS.fullmatch(identity) else identity

    def well_formed(self, identity: str) -> bool:
        """Whether an identity can be one: an address, checksummed or not, or a DID."""
        known_form = ADDRESS.fullmatch(identity) or DID.fullmatch(identity)
        return len(identity) <= LONGEST_IDENTITY and known_form is not None

    def missing_identity(self) -> Answer | Refusal:
        return Refusal(400, "The query needs exactly one identity that is not empty.")

    def malformed_identity(self, identity: str) -> Answer | Refusal:
        return Refusal(400, "The identity is neither an address of 0x and 40 hexadecimal digits nor a DID.")

    # Reading

    def read(self, request: Request, resource: str, body: bytes) -> Answer | Refusal:
        """The verdict on the identity asked for."""
        identity = self.identity(request)
        if isinstance(identity, str):
            return self.verdict(identity)
        return identity

    def verdict(self, identity: str) -> Answer | Refusal:
        """Granted or revoked; an identity that is not even well-formed gets neither."""
        grant = self.lookup(self.canonical(identity))
        if grant is None:
            return self.unknown(identity) if self.well_formed(identity) else self.malformed_identity(identity)
        return self.granted(grant) if grant.revoked is None else self.revoked(grant)

    def lookup(self, identity: str) -> Grant | None:
        row = self.database.row("SELECT identity, revoked FROM tydids_grants WHERE identity = ?", (identity,))
        return Grant(*row) if row else None

    def unknown(self, identity: str) -> Answer | Refusal:
        """An identity that nobody has heard of has not revoked, and that is what 200 says."""
        return self.granted(Grant(identity))

    def granted(self, grant: Grant) -> Answer | Refusal:
        return Answer(self.granted_code(), self.granted_document(grant))

    def revoked(self, grant: Grant) -> Answer | Refusal:
        return Answer(self.revoked_code(), self.revoked_document(grant))

    def granted_code(self) -> int:
        return 200

    def revoked_code(self) -> int:
        return 403

    def granted_document(self, grant: Grant) -> dict[str, object]:
        return {"status": self.granted_word(), "consensus": self.consensus()}

    def revoked_document(self, grant: Grant) -> dict[str, object]:
        return {
            "status": self.revoked_word(),
            "consensus": self.consensus(),
            "revoked": self.revoked_at(grant),
        }

    def granted_word(self) -> object:
        return "granted"

    def revoked_word(self) -> object:
        return "revoked"

    def revoked_at(self, grant: Grant) -> object:
        """When the approval ended, in Unix seconds."""
        return grant.revoked

    # Consensus

    def consensus(self) -> object:
        """The number of the latest consensus: grows with the clock, and never falls, even if the clock does."""
        return self.reached(self.consensus_at(self.clock.time()))

    def consensus_at(self, now: float) -> int:
        """The number that the clock stands for."""
        return max(0, EXAMPLE_CONSENSUS + int((now - EXAMPLE_REVOKED) // CONSENSUS_SECONDS))

    def reached(self, number: int) -> int:
        """The highest number ever told, by any process on this database."""
        highest = self.highest_consensus()
        if highest is not None and highest >= number:
            return highest
        with self.database.transaction() as connection:
            connection.execute(RAISE_CONSENSUS, (number,))
        return self.highest_consensus() or number

    def highest_consensus(self) -> int | None:
        row = self.database.row("SELECT number FROM tydids_consensus")
        return int(row[0]) if row else None


def build(inputs: Inputs, *, database: Database, clock: Clock, behaviours: Sequence[type] = ()) -> ASGIApp:
    """The application for the paths below the base, with the mixins `behaviours` put over it."""
    return assemble(Behaviour, behaviours, inputs, database=database, clock=clock)


def samples(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """Ids to try the deployment with, by verdict."""
    return {name: inputs.get(name, ()) for name in ("granted", "revoked")}


def room(
    inputs: Inputs = EXAMPLES, *, database: Database, clock: Clock, behaviours: Sequence[type] = ()
) -> Room:
    """The application in its place in a deployment."""
    app = build(inputs, database=database, clock=clock, behaviours=behaviours)
    return Room(NAME, BASE_PATH, app, samples(inputs))
