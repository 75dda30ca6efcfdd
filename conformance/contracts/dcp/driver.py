"""Sends the requests of the credential request status, each with what was meant by it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from conformance.contract import Settings
from conformance.contracts.dcp import ids, tokens
from conformance.contracts.dcp.ids import Odd, Unknown
from conformance.wire.client import Client
from conformance.wire.exchange import Exchange, Headers
from conformance.wire.redaction import Redactor


class Driver:
    """Knows the base URL, the token with all that resembles it, and the requests that the operator named."""

    def __init__(self, client: Client, settings: Settings, redactor: Redactor) -> None:
        self.client = client
        self.settings = settings
        self.known = ids.named(settings.many("request"), client.base_url)
        given = settings.one("token") or ""
        token = tokens.bare(given)
        self._expires = tokens.expires(token)
        self._credentials = tokens.credentials(token, settings.nonce) if token else {}
        if token != given:
            redactor.add(token, "${TOKEN#* }")
        for one in self._credentials.values():
            redactor.add(one.secret, one.expression)

    @property
    def wrong_tokens(self) -> tuple[str, ...]:
        """The names of the credentials that differ from the right one."""
        return tuple(name for name in self._credentials if name != "token")

    @property
    def unknown(self) -> list[Unknown]:
        """Ids that nobody has."""
        return ids.unknown_ids(self.known, self.settings.nonce)

    def fresh(self, label: str) -> str:
        """A UUID that nobody has used: derived from the run's nonce and `label`."""
        return ids.fresh_uuid(self.settings.nonce, label)

    def read(self, request_id: str, credential: str = "token", **meaning: str) -> Exchange:
        """GET a request with the token, with another credential, or with "none"."""
        known = next((one for one in self.known if one.id == request_id), None)
        intent = {
            "op": "read",
            "id": request_id,
            "known": "yes" if known else "",
            "state": known.state if known else "",
            **self._meaning(credential),
            **meaning,
        }
        path = known.path if known and known.path else ids.path(request_id)
        return self._send(path, credential, intent)

    def read_unknown(self, unknown: Unknown) -> Exchange:
        """GET an id that nobody has, with the token."""
        return self.read(unknown.id, unknown=unknown.kind, like=unknown.like, case=unknown.case)

    def read_odd(self, odd: Odd) -> Exchange:
        """GET an id that cannot be one, with the token."""
        text = odd.id.decode("latin-1") if isinstance(odd.id, bytes) else odd.id
        intent = {"op": "read", "id": text[:100], "known": "", "odd": "yes", "case": odd.case}
        return self._send(ids.path(odd.id), "token", intent | self._meaning("token"))

    def read_all(self, rounds: int = 1) -> list[Exchange]:
        """GET every known request with the token, in turn."""
        return [self.read(one.id) for _ in range(rounds) for one in self.known]

    def at_once(self, reads: Iterable[tuple[str, str]]) -> list[Exchange]:
        """GET several ids, each with its credential, in flight together where the limits allow it."""
        return self.client.gather([partial(self.read, request_id, name) for request_id, name in reads])

    def unknown_at_once(self, unknown: Iterable[Unknown]) -> list[Exchange]:
        """GET several ids that nobody has, in flight together where the limits allow it."""
        return self.client.gather([partial(self.read_unknown, one) for one in unknown])

    def _meaning(self, credential: str) -> dict[str, str]:
        found = self._credentials.get(credential)
        told = {"credential": credential, "what": found.what if found else "no Authorization header"}
        return told | ({"expires": self._expires} if credential == "token" and self._expires else {})

    def _send(self, path: str, credential: str, intent: dict[str, str]) -> Exchange:
        headers: Headers = (("Accept", "application/json"),)
        if credential != "none":
            headers += (("Authorization", self._credentials[credential].header),)
        return self.client.send("GET", path, headers=headers, intent=intent)
