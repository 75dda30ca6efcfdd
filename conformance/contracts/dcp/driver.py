"""Sends the requests of the credential request status, each with what was meant by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from conformance.contract import Effort, Settings
from conformance.contracts.dcp import ids, tokens
from conformance.contracts.dcp.ids import Odd, Unknown
from conformance.contracts.dcp.observations import DENYING, GAVE_UP, broke
from conformance.errors import Postponed
from conformance.evidence import member
from conformance.wire.client import Client
from conformance.wire.exchange import Exchange, Headers
from conformance.wire.redaction import Redactor

T = TypeVar("T")
FIRST_WRONG = (*tokens.NAMED, "altered", "extended", "raw")
FIRST_WRONG_JWT = (*tokens.NAMED, "altered", "alg none", "stripped", "raw")
MOST_WRONG, MOST_WRONG_JWT = 19, 27
"""How many wrong credentials a standard run tries; a deep one tries all."""
BATCH = 3
"""How many calls go beside one read of a known request: fewer than the client takes for a dead deployment."""
MOST, MOST_CLOSE = 3, 12
FEW_KNOWN, MOST_KNOWN = 4, 9
REPEATS = 2
THROTTLED = 429
A_FEW = 3


class Driver:
    """Knows the base URL, the token with all that resembles it, and the requests that the operator named."""

    def __init__(self, client: Client, settings: Settings, redactor: Redactor) -> None:
        self.client = client
        self.settings = settings
        self.known = ids.named(settings.many("request"), client.base_url)
        given = settings.one("token") or ""
        token = tokens.bare(given)
        self._told = tokens.told(token)
        self._credentials = tokens.credentials(token, settings.nonce) if token else {}
        self._received: set[str] = set()
        self.watched = 0.0
        if token != given:
            redactor.add(token, tokens.BARE)
        for one in self._credentials.values():
            redactor.add(one.secret, tokens.expression(one, scheme_given=token != given))

    @property
    def quick(self) -> bool:
        """Whether the run has requests to spare for one reading of each thing only."""
        return self.settings.effort is Effort.QUICK

    @property
    def wrong_tokens(self) -> tuple[str, ...]:
        """The names of the credentials that differ from the right one; in a quick run the most telling ones."""
        jwt = "stripped" in self._credentials
        telling = [name for name in (FIRST_WRONG_JWT if jwt else FIRST_WRONG) if name in self._credentials]
        every = tuple(dict.fromkeys([*telling, *(name for name in self._credentials if name != "token")]))
        if self.settings.effort is Effort.DEEP:
            return every
        return every[: len(telling) if self.quick else MOST_WRONG_JWT if jwt else MOST_WRONG]

    @property
    def others(self) -> tuple[str, ...]:
        """The ids of some known requests besides the first."""
        return tuple(one.id for one in self.known[1 : 2 if self.quick else MOST_KNOWN])

    @property
    def unknown(self) -> list[Unknown]:
        """Ids that nobody has."""
        found = ids.unknown_ids(self.known, self.settings.nonce)
        plain = [one for one in found if one.kind in ids.PLAIN]
        close = [one for one in found if one not in plain]
        few = 2 if plain and plain[0].kind == ids.MUCH_THE_SAME else 1
        if self.settings.effort is Effort.DEEP:
            return found
        return plain[:few] + close[:2] if self.quick else plain[:MOST] + close[:MOST_CLOSE]

    def fresh(self, label: str) -> str:
        """A UUID that nobody has used: derived from the run's nonce and `label`."""
        return ids.fresh_uuid(self.settings.nonce, label)

    def read(
        self, request_id: str, credential: str = "token", accept: str = "application/json", **meaning: str
    ) -> Exchange:
        """GET a request with the token, with another credential, or with "none"."""
        known = next((one for one in self.known if one.id == request_id), None)
        intent = {
            "op": "read",
            "id": request_id,
            "known": "yes" if known else "",
            "state": known.state if known else "",
            **({"seen": "RECEIVED"} if request_id in self._received else {}),
            **self._meaning(credential),
            **meaning,
        }
        exchange = self._send(self._path(request_id, meaning.get("like", "")), credential, intent, accept)
        if known and credential == "token" and member(exchange, "status") == "RECEIVED":
            self._received.add(request_id)
        return exchange

    def _path(self, request_id: str, like: str) -> str:
        """Where a request is: as a Location header has it, for one that nobody has as for the known one it is like."""
        located = {one.id: one.path for one in self.known if one.path}
        return located.get(request_id) or ids.path(request_id, located.get(like, ""))

    def read_unknown(self, unknown: Unknown, accept: str = "application/json") -> Exchange:
        """GET an id that nobody has, with the token."""
        meaning = {"unknown": unknown.kind, "like": unknown.like, "case": unknown.case}
        return self.read(unknown.id, accept=accept, **meaning)

    def read_odd(self, odd: Odd) -> Exchange:
        """GET an id that cannot be one, with the token."""
        text = odd.id.decode("latin-1") if isinstance(odd.id, bytes) else odd.id
        intent = {"op": "read", "id": text[:100], "known": "", "odd": "yes", "case": odd.case}
        return self._send(ids.path(odd.id), "token", intent | self._meaning("token"))

    def at_once(self, reads: Iterable[tuple[str, str]]) -> list[Exchange]:
        """GET several ids, each with its credential, in flight together where the limits allow it."""
        return self.client.gather([partial(self.read, request_id, name) for request_id, name in reads])

    def beside(self, calls: Sequence[Callable[[], Exchange]]) -> list[Exchange]:
        """Make independent calls, a few together in flight with a read of the first known request."""
        return [one for batch in _batches(calls) for one in self._with_control(self.known[0].id, batch)]

    def read_wrongly(self, credentials: Sequence[str]) -> list[Exchange]:
        """GET known requests with wrong credentials, a few of them a request, beside a read with the token.

        Two batches in a row are about the same request, so that a cache of the right answer is noticed; where many
        requests are known, only the second request has two. Beside the second is a read of another request: a refusal
        that is kept for one request is told from a caller that is blocked.
        """
        found: list[Exchange] = []
        many = len(self.known) > FEW_KNOWN
        for turn, batch in enumerate(_batches(credentials)):
            place = turn - (turn > 1) if many else (turn + 1) // 2
            other = place + bool(turn and not turn % 2 and not many)
            about, beside = (self.known[one % len(self.known)].id for one in (place, other))
            found += self._with_control(beside, [partial(self._read_wrongly, about, name) for name in batch])
            if any(one.status == THROTTLED for one in found):
                break
        return found

    def _read_wrongly(self, request_id: str, credential: str) -> Exchange:
        """One of them without a wish for JSON: where browsers are sent to a page to log in, so are other clients."""
        return self.read(request_id, credential, accept="*/*" if credential == "half" else "application/json")

    def _with_control(self, request_id: str, calls: Sequence[Callable[[], Exchange]]) -> list[Exchange]:
        control: Callable[[], Exchange] = partial(self.read, request_id)
        return self.client.gather([*calls[:2], control, *calls[2:]])

    def watch(self) -> None:
        """Look at every known request again, half way through the time to watch and at its end.

        Nobody waits beyond the deadline, and a quick run not at all. No wish for JSON, as the document prints it.
        """
        answers = [one for one in self.client.exchanges if one.response]
        first = min((one.ended for one in answers), default=self.client.clock.time())
        for share in (0.5, 1.0) if self.settings.watches else (0.0,):
            moment = first + share * self.settings.watches
            if moment - self.client.clock.time() < self.client.clock.left:
                self.client.wait_until(moment)
            self.client.gather([partial(self.read, one.id, accept="*/*") for one in self.known])
        self.watched = self.client.clock.time() - first

    def insist(self, exchanges: Sequence[Exchange]) -> None:
        """Repeat the first that broke the server: once is a mishap, every time is a rule.

        Behind a gateway that takes reads of another request in between, since it may be the whole that is down.
        """
        broken = next((one for one in exchanges if broke(one)), None)
        if broken:
            meaning = {
                name: broken.intent[name] for name in ("unknown", "like", "case") if name in broken.intent
            }
            wish = broken.request.header("accept") or "*/*"
            said = (broken.intent["id"], broken.intent["credential"])
            beside = next((one.id for one in self.known if (one.id, "token") != said), "")
            for _ in range(REPEATS):
                if beside and broken.status in GAVE_UP:
                    self.read(beside)
                self.read(broken.intent["id"], broken.intent["credential"], accept=wish, **meaning)

    def doubt(self, exchanges: Sequence[Exchange]) -> None:
        """Where the token was refused, see whether it is so for some requests only, and how long."""
        if any(one.intent["credential"] == "token" and one.status in DENYING for one in exchanges):
            for one in self.known[:A_FEW] * A_FEW:
                self.read(one.id)

    def _meaning(self, credential: str) -> dict[str, str]:
        found = self._credentials.get(credential)
        told = {"credential": credential, "what": found.what if found else "no Authorization header"}
        return told | (self._told if credential == "token" else {})

    def _send(
        self, path: str, credential: str, intent: dict[str, str], accept: str = "application/json"
    ) -> Exchange:
        """What is wrong goes out on a connection of its own: servers remember what a connection carried.

        Who guards against guessing may let guesses wait for long; the right token is not concerned.
        """
        headers: Headers = (("Accept", accept),)
        if credential != "none":
            headers += (("Authorization", self._credentials[credential].header),)
        alone = credential not in ("token", "none")
        try:
            return self.client.send("GET", path, headers=headers, intent=intent, alone=alone)
        except Postponed:
            if not alone:
                raise
            sent = reversed(self.client.exchanges)
            return next(one for one in sent if one.intent.get("credential") == credential)


def _batches(calls: Sequence[T]) -> list[Sequence[T]]:
    return [calls[start : start + BATCH] for start in range(0, len(calls), BATCH)]
