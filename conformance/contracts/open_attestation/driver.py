"""Sends the requests of the Open Attestation Status API, and waits until a write shows."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from urllib.parse import quote

from conformance.contract import Settings
from conformance.contracts.open_attestation.model import View, complaints, settle_after, view
from conformance.errors import BudgetSpent
from conformance.evidence import Answer, answer, member
from conformance.wire.client import Client
from conformance.wire.exchange import Exchange, Headers
from conformance.wire.redaction import Redactor
from conformance.wire.strict import show

JSON: Headers = (("Content-Type", "application/json"),)
SPACING = 0.004
POLLS = (0.03, 0.06, 0.12, 0.25, 0.5)
WRONG_KEYS = ("random", "empty", "last character changed", "first character changed", "cut short", "extended", "other case")


class Driver:
    """Knows the base URL, the key and which hashes are this run's own."""

    def __init__(self, client: Client, settings: Settings, redactor: Redactor) -> None:
        self.client = client
        self.settings = settings
        self.clock = client.clock
        self.key = settings.one("api-key")
        self.suspects: set[str] = set()
        self._in_vain = False
        self._keys = _keys(self.key, settings.nonce, redactor)
        self._form: str | None = None
        self._value = 10
        self._last_write = 0.0
        self._lock = threading.Lock()

    def fresh(self, label: str) -> str:
        """A 64-digit hash that nobody has used: derived from the run's nonce and `label`."""
        return hashlib.sha256(f"{self.settings.nonce}:{label}".encode()).hexdigest()

    def value(self) -> int:
        """A status that nothing else in this run writes, so that a leak tells where it came from."""
        with self._lock:
            self._value += 1
            return self._value

    @property
    def wrong_keys(self) -> tuple[str, ...]:
        """The names of the wrong keys that differ from the right one."""
        return tuple(name for name in WRONG_KEYS if name in self._keys)

    def write(self, target: str, status: int, credential: str = "key", case: str = "") -> Exchange:
        """POST `status` for the hash `target`, with the key or with another credential."""
        self._space()
        body = json.dumps({"status": status}).encode()
        intent = {"op": "write", "hash": target, "credential": credential, "case": case}
        return self._post(target, body, credential, intent)

    def write_raw(self, target: str, body: bytes, case: str, op: str) -> Exchange:
        """POST a body that is not a plain status: `op` is "invalid" or "odd", `case` says what it is."""
        self._space()
        return self._post(target, body, "key", {"op": op, "hash": target, "case": case, "credential": "key"})

    def _post(self, target: str, body: bytes, credential: str, intent: dict[str, str]) -> Exchange:
        headers = JSON + self._credential(credential)
        return self.client.send("POST", _path(target), headers=headers, body=body, intent=intent, writes=True)

    def _space(self) -> None:
        """Keep writes some milliseconds apart: upstream keys events by hash and millisecond."""
        with self._lock:
            gap = SPACING - (self.clock.monotonic() - self._last_write)
            if gap > 0:
                self.clock.sleep(gap)
            self._last_write = self.clock.monotonic()

    def _credential(self, name: str) -> Headers:
        value = self._keys.get(name)
        return () if value is None else (("x-api-key", value),)

    def read(self, target: str, form: str | None = None, **intent: str) -> Exchange:
        """GET the hash `target` in the form that works here: as printed, else plainly."""
        chosen = form or self.form(target)
        headers = JSON if chosen in ("printed", "keyless printed") else ()
        if chosen in ("printed", "plain"):
            headers += self._credential("key")
        if chosen == "page":
            headers += (("Origin", "https://renderer.example"), *self._credential("key"))
        meaning = {"op": "read", "hash": target, "form": chosen, **intent}
        return self.client.send("GET", _path(target), headers=headers, intent=meaning)

    def form(self, target: str) -> str:
        """The form of a read that this deployment answers, found out once."""
        if self._form is None:
            self._form = next(
                (form for form in ("printed", "plain") if self.read(target, form).status == 200), "printed"
            )
        return self._form

    def settle(self, target: str) -> Exchange:
        """Read `target` until it shows what was written last, or the consistency window is over.

        A window that ends in vain is waited for once in a run; after that the last check does the waiting.
        """
        attempt = 0
        while True:
            exchange = self.read(target)
            seen = view(self.client.exchanges, self.settings)
            if not complaints(seen, exchange):
                return exchange
            self.suspects.add(target)
            late = exchange.started >= settle_after(seen, target)
            if late or self._in_vain or answer(exchange) is Answer.REFUSED:
                self._in_vain = True
                return exchange
            self.clock.sleep(POLLS[min(attempt, len(POLLS) - 1)])
            attempt += 1

    def settle_odd(self, target: str, value: str) -> Exchange:
        """Read `target` until its status is written like `value`, or the consistency window is over."""
        end = self.clock.time() + self.settings.consistency_window
        exchange = self.read(target)
        while show(member(exchange, "status")) != value and exchange.started < end and not self._in_vain:
            self.clock.sleep(POLLS[-1])
            exchange = self.read(target)
        return exchange

    def first_write(self) -> Exchange | None:
        """The first acknowledged write of the run."""
        found = [w.exchange for w in view(self.client.exchanges, self.settings).writes if w.acknowledged]
        return found[0] if found else None

    def doubtful(self) -> list[tuple[str, float]]:
        """Hashes that did not always show what they had to, each with the moment from which they have to."""
        seen = view(self.client.exchanges, self.settings)
        wrong = {target for target in self.hashes() if self._doubt(seen, target)}
        return [(one, settle_after(seen, one)) for one in self.hashes() if one in wrong]

    def _doubt(self, seen: View, target: str) -> bool:
        history = seen.histories.get(target)
        if history is None or not history.reads or history.tainted(history.reads[-1]):
            return False
        written = bool(history.acknowledged())
        return written and (target in self.suspects or bool(complaints(seen, history.reads[-1])))

    def wait_until(self, moment: float) -> None:
        """Return when the clock shows `moment`, in Unix seconds."""
        left = moment - self.clock.time()
        if self.client.limits.deadline is not None and left > self.client.limits.deadline:
            raise BudgetSpent("the deadline is nearer than the time this check has to wait", hint="raise --deadline")
        if left > 0:
            self.clock.sleep(left)

    def hashes(self) -> Sequence[str]:
        """Every hash that this run has asked about, in order."""
        mine = [e for e in self.client.exchanges if e.intent.get("op") != "aside"]
        return tuple(dict.fromkeys(e.intent["hash"] for e in mine if "hash" in e.intent))


def _path(target: str) -> str:
    return "/" + quote(target, safe="")


def _keys(key: str | None, nonce: str, redactor: Redactor) -> dict[str, str]:
    """The key and what resembles it, each known to the redactor by the shell expression that makes it."""
    if not key:
        return {}
    noise = hashlib.sha256(f"{nonce}:wrong key".encode()).hexdigest()
    other = {"a": "b"}
    made = {
        "key": (key, "$API_KEY"),
        "random": ((noise * (len(key) // 64 + 1))[: max(len(key), 16)], ""),
        "empty": ("", ""),
        "last character changed": (key[:-1] + other.get(key[-1], "a"), "${API_KEY%?}" + other.get(key[-1], "a")),
        "first character changed": (other.get(key[0], "a") + key[1:], other.get(key[0], "a") + "${API_KEY#?}"),
        "cut short": (key[:-1], "${API_KEY%?}"),
        "extended": (key + "0", "${API_KEY}0"),
        "other case": (key.swapcase(), "$(printf %s \"$API_KEY\" | tr 'A-Za-z' 'a-zA-Z')"),
    }
    for value, expression in made.values():
        redactor.add(value, expression or value)
    return {name: value for name, (value, _) in made.items() if name == "key" or value != key and value.strip() == value}
