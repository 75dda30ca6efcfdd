"""One read: a GET of a request, with what was meant by it and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.contract import Settings
from conformance.contracts.dcp.crash import broke
from conformance.contracts.dcp.ids import Named
from conformance.contracts.dcp.message import WORDS
from conformance.contracts.dcp.recording import meant
from conformance.evidence import Answer, answer
from conformance.wire.exchange import Exchange

NOTHING_GIVEN = Settings()


@dataclass(frozen=True, slots=True)
class Read:
    """One GET of a request with what was meant by it.

    `credential` is "token", "none", "assumed" (recorded without Authorization headers) or the name of
    a wrong one, `what` the same in words; `state` is what it has to report, `seen` what it reported at some time
    before; `unknown` is how close an unknown id comes to a known one, `odd`
    whether the id cannot be one, `case` either in words; `expires` is when the token does, in Unix seconds, and
    `jwt` whether it is a JSON Web Token.
    """

    exchange: Exchange
    id: str
    credential: str
    what: str = ""
    known: bool = False
    state: str = ""
    seen: str = ""
    unknown: str = ""
    odd: bool = False
    case: str = ""
    expires: str = ""
    jwt: bool = False
    recorded: bool = False

    @property
    def status(self) -> int | None:
        """The HTTP status code."""
        return self.exchange.status

    @property
    def answer(self) -> Answer:
        """The kind of answer."""
        return answer(self.exchange)

    @property
    def broke(self) -> bool:
        """Whether the server broke, by its own word or by that of a gateway."""
        return broke(self.exchange)

    @property
    def let_in(self) -> bool:
        """Whether the answer is a success, even one whose body was cut at the size cap."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def members(self) -> dict[str, Any] | None:
        """The body's members if it is an object."""
        return self.exchange.response.document.members if self.exchange.response else None

    @property
    def word(self) -> str:
        """The state that the body reports, if it is one of the three words."""
        found = (self.members or {}).get("status")
        return found if isinstance(found, str) and found in WORDS else ""

    @property
    def ours(self) -> bool:
        """Whether the read carried the right token."""
        return self.credential in ("token", "assumed")

    @property
    def guessing(self) -> bool:
        """Whether the read may look like an attack: a wrong token, an odd id, an id that nobody has."""
        return self.odd or bool(self.unknown) or not (self.ours or self.credential == "none")

    def before(self, other: Read) -> bool:
        """Whether this read was answered before the other one was sent.

        Numbers tell only which was sent first: what is in flight together may be handled in any order. Equal times
        leave it open.
        """
        return self.exchange.ended < other.exchange.started


def assumed(read: Read) -> Read:
    """Recorders leave Authorization headers out: where no request has one, nothing follows from that."""
    return replace(read, credential="assumed")


def intent_of(exchange: Exchange, settings: Settings = NOTHING_GIVEN) -> Mapping[str, str]:
    """What a request was meant to be: as the driver said, or as it seems."""
    return exchange.intent or meant(exchange, settings)


def read_of(exchange: Exchange, settings: Settings, named_here: Iterable[Named]) -> Read | None:
    """The read that an exchange is; None for any other request."""
    intent = intent_of(exchange, settings)
    if intent.get("op") != "read":
        return None
    request_id = intent.get("id", "")
    state = next((one.state for one in named_here if one.id == request_id), "")
    return Read(
        exchange=exchange,
        id=request_id,
        credential=intent.get("credential", "token"),
        what=intent.get("what", ""),
        known=bool(intent.get("known")),
        state=intent.get("state", state),
        seen=intent.get("seen", ""),
        unknown=intent.get("unknown", ""),
        odd=bool(intent.get("odd")),
        case=intent.get("case", ""),
        expires=intent.get("expires", ""),
        jwt=bool(intent.get("jwt")),
        recorded=bool(intent.get("recorded")),
    )
