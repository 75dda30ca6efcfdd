"""Observations: each GET of a request, with what was meant by it and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.contract import Settings
from conformance.contracts.dcp.ids import Named
from conformance.contracts.dcp.message import WORDS
from conformance.contracts.dcp.recording import meant
from conformance.evidence import Answer, answer
from conformance.wire.exchange import GENERATED, Exchange

NOTHING_GIVEN = Settings()
KNOWN, MISSING, WRONG, UNKNOWN, ODD = "known", "missing", "wrong", "unknown", "odd"
"""What a read is about: a known request, no token, a wrong one, an id that nobody has, one that cannot be one."""
DENYING = frozenset({401, 403, 407})
GAVE_UP = frozenset({502, 504})
"""What a gateway says where the server behind it crashed or hung: once is a mishap."""


def broke(exchange: Exchange) -> bool:
    """Whether the server broke over a request, by its own word or by that of the gateway before it."""
    return answer(exchange) is Answer.BROKEN or exchange.status in GAVE_UP


@dataclass(frozen=True, slots=True)
class Read:
    """One GET of a request with what was meant by it.

    `credential` is "token", "none", "assumed" (recorded without Authorization headers) or the name of a wrong one,
    `what` the same in words; `state` is what it has to report, `seen` what it reported at some time before; `unknown`
    is how close an unknown id comes to a known one, `odd` whether the id cannot be one, `case` either in words;
    `expires` is when the token does, in Unix seconds, and `jwt` whether it is a JSON Web Token.
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
    def denied(self) -> bool:
        """Whether the answer is one that a credential gets, whatever was asked for."""
        return self.status in DENYING

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
    def role(self) -> str:
        """What the read is about; nothing for one that tells nothing, as a token in a recording."""
        if self.ours:
            return KNOWN if self.known else ODD if self.odd else UNKNOWN if self.unknown else ""
        if self.odd or self.credential == "recorded":
            return ""
        return MISSING if self.credential == "none" else WRONG

    @property
    def guessing(self) -> bool:
        """Whether the read may look like an attack: no token or a wrong one, an odd id, an id that nobody has."""
        return self.role in (MISSING, WRONG, UNKNOWN, ODD)

    @property
    def generated(self) -> bool:
        """Whether the read is part of a generated history: what went before that is not seen with it."""
        return self.exchange.part == GENERATED

    def before(self, other: Read) -> bool:
        """Whether this read was answered before the other one was sent: what is in flight together has no order."""
        return self.exchange.ended < other.exchange.started


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
    texts = {name: intent.get(name, "") for name in ("what", "seen", "unknown", "case", "expires")}
    flags = {name: bool(intent.get(name)) for name in ("known", "odd", "jwt", "recorded")}
    credential = intent.get("credential", "token")
    return Read(exchange, request_id, credential, state=intent.get("state", state), **texts, **flags)  # type: ignore[arg-type]
