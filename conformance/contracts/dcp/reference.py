"""The DCP credential request status, done right: a document for each request, shown to bearers of a token."""

from __future__ import annotations

import uuid
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
    is_one_of,
    segments,
)
from conformance.reference.storage import Database

NAME: Final = "dcp"
BASE_PATH: Final = "/dcp"
CONTEXT: Final = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"
STATES: Final = {"received": "RECEIVED", "issued": "ISSUED", "rejected": "REJECTED"}
EXAMPLES: Final[Inputs] = {
    "token": ("demo-token-c0e83b5d7f1946a2b9d40e67a5138fc2",),
    "request": (
        "received=3cc1e9be-99d0-43fc-bb48-1f60837163bd",
        "issued=8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955",
        "rejected=urn:uuid:e1d6a7c4-0b7e-4c57-8a39-5f2d9c60b814",
    ),
    "profile": ("ishare",),
}
LONGEST_ID: Final = 2048
TABLE: Final = """CREATE TABLE IF NOT EXISTS dcp_requests (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, issuer_pid TEXT NOT NULL, holder_pid TEXT NOT NULL)"""
UPSERT: Final = """INSERT INTO dcp_requests (id, state, issuer_pid, holder_pid) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state"""
SELECT: Final = "SELECT id, state, issuer_pid, holder_pid FROM dcp_requests WHERE id = ?"


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """One credential request: its id, its state, and its names on the issuer's and the holder's side."""

    request_id: str
    state: str
    issuer_pid: str
    holder_pid: str


class Behaviour(ReferenceBehaviour):
    """Every decision of the credential request status; the inputs say which requests there are."""

    def prepare(self) -> None:
        self.database.prepare(TABLE)
        with self.database.transaction() as connection:
            for request_id, state in requests_in(self.inputs):
                issuer, holder = self.new_pid("issuer", request_id), self.new_pid("holder", request_id)
                connection.execute(UPSERT, (request_id, state, issuer, holder))

    def new_pid(self, side: str, request_id: str) -> str:
        """The same name for the same request every time, so that a restart without a kept file changes nothing."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{side}:{request_id}").urn

    # Which request

    def resource(self, request: Request) -> str | Refusal:
        """The request id: everything behind `/requests/`, decoded; slashes in it may be encoded or not."""
        parts = segments(request)
        if parts is None:
            return self.malformed_id()
        if len(parts) < 2 or parts[0] != "requests":
            return self.not_found()
        return "/".join(parts[1:])

    def normalize(self, request_id: str) -> str:
        """The form under which a request is looked up: its id as it stands."""
        return request_id

    def well_formed(self, request_id: str) -> bool:
        """Whether an id can be one: visible characters, and no step up a path."""
        climbs = {".", ".."} & set(request_id.replace("\\", "/").split("/"))
        return bool(request_id) and request_id.isprintable() and " " not in request_id and not climbs

    def malformed_id(self) -> Refusal:
        return Refusal(400, "The request id is malformed.")

    def too_long_id(self) -> Refusal:
        return Refusal(414, f"A request id has at most {LONGEST_ID} characters.")

    def unknown_request(self) -> Refusal:
        return Refusal(404, "There is no such credential request.")

    # Who may

    def authorize(self, request: Request) -> Refusal | None:
        """A refusal for a request without a valid bearer token."""
        token = self.given_token(request)
        if token is None:
            return self.missing_token()
        return None if self.token_matches(token) else self.wrong_token()

    def given_token(self, request: Request) -> str | None:
        """The one token of the one Authorization header; None for none, or for another scheme than Bearer."""
        given = request.headers.getlist("authorization")
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        return token.strip(" ") if self.scheme_matches(scheme) else None

    def scheme_matches(self, scheme: str) -> bool:
        """Whether `scheme` is Bearer; scheme names have no letter case (RFC 9110, 11.1)."""
        return scheme.lower() == "bearer"

    def tokens(self) -> tuple[str, ...]:
        return tuple(token for token in self.inputs.get("token", ()) if token)

    def token_matches(self, given: str) -> bool:
        """Whether `given` is one of the tokens."""
        return is_one_of(given, self.tokens())

    def missing_token(self) -> Refusal:
        return Refusal(401, "A bearer token is needed.", (("www-authenticate", 'Bearer realm="dcp"'),))

    def wrong_token(self) -> Refusal:
        challenge = 'Bearer realm="dcp", error="invalid_token"'
        return Refusal(401, "The bearer token is not valid.", (("www-authenticate", challenge),))

    # Reading

    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        """Authorize first, so that nobody without a token learns which requests exist."""
        refusal = self.authorize(request)
        if refusal:
            return refusal
        found = self.lookup(self.normalize(request_id))
        if found is None:
            return self.missing(request_id)
        return Answer(self.read_code(found), self.document(found))

    def lookup(self, request_id: str) -> CredentialRequest | None:
        row = self.database.row(SELECT, (request_id,))
        return CredentialRequest(*row) if row else None

    def missing(self, request_id: str) -> Answer | Refusal:
        """What is said about an id that is not known."""
        if len(request_id) > LONGEST_ID:
            return self.too_long_id()
        return self.unknown_request() if self.well_formed(request_id) else self.malformed_id()

    def read_code(self, found: CredentialRequest) -> int:
        return 200

    def document(self, found: CredentialRequest) -> dict[str, object]:
        """The CredentialStatus message."""
        return {
            "@context": self.context(),
            "type": self.type_name(),
            "issuerPid": self.issuer_pid(found),
            "holderPid": self.holder_pid(found),
            "status": self.status(found),
        }

    def context(self) -> object:
        return [CONTEXT]

    def type_name(self) -> object:
        return "CredentialStatus"

    def issuer_pid(self, found: CredentialRequest) -> object:
        return found.issuer_pid

    def holder_pid(self, found: CredentialRequest) -> object:
        return found.holder_pid

    def status(self, found: CredentialRequest) -> object:
        return found.state


def requests_in(inputs: Inputs) -> list[tuple[str, str]]:
    """Every request that the inputs name, with its state; one named without a state is RECEIVED."""
    return [_request(text) for text in inputs.get("request", ())]


def _request(text: str) -> tuple[str, str]:
    state, equals, request_id = text.partition("=")
    known = STATES.get(state.lower()) if equals else None
    return (request_id, known) if known else (text, STATES["received"])


def build(inputs: Inputs, *, database: Database, clock: Clock, behaviours: Sequence[type] = ()) -> ASGIApp:
    """The application for the paths below the base, with the mixins `behaviours` put over it."""
    return assemble(Behaviour, behaviours, inputs, database=database, clock=clock)


def samples(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """Ids to try the deployment with, by state."""
    return {
        name: tuple(request_id for request_id, found in requests_in(inputs) if found == state)
        for name, state in STATES.items()
    }


def room(
    inputs: Inputs = EXAMPLES, *, database: Database, clock: Clock, behaviours: Sequence[type] = ()
) -> Room:
    """The application in its place in a deployment."""
    app = build(inputs, database=database, clock=clock, behaviours=behaviours)
    return Room(NAME, BASE_PATH, app, samples(inputs))
