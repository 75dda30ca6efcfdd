"""Sends the requests of the Open Attestation Status API, and waits until a write shows."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from urllib.parse import quote

from conformance.contract import Effort, Settings
from conformance.contracts.open_attestation.history import lost
from conformance.contracts.open_attestation.judge.clock import keeps_pace
from conformance.contracts.open_attestation.keys import TELLING, keys_like
from conformance.contracts.open_attestation.model import View, complaints, settle_after, view
from conformance.errors import BudgetSpent
from conformance.evidence import Answer, answer, member
from conformance.wire.client import GATEWAY, Client
from conformance.wire.exchange import CHECKS, Exchange, Headers
from conformance.wire.redaction import Redactor
from conformance.wire.strict import show

JSON: Headers = (("Content-Type", "application/json"),)
PRINTED = b'{\n\t"status": 1\n}'
SPACING = 0.003
APART = 1.2
"""Seconds after which two timestamps of any clock tell that time has passed."""
POLLS = (0.03, 0.06, 0.12, 0.25, 0.25, 0.5)
PATIENCE = 1.5
WIDE, STEP = 101, 37
STYLES: tuple[Callable[[str], str], ...] = (str, lambda one: one[:16], lambda one: "0x" + one, str.upper)
FORMS = ("printed", "plain", "keyless")


class Driver:
    """Knows the base URL, the key, which hashes are this run's own, and what this deployment puts up with.

    `narrow` tells that only 0 and 1 are taken as a status; `style` is the form of a hash that is taken.
    """

    def __init__(self, client: Client, settings: Settings, redactor: Redactor) -> None:
        self.client = client
        self.settings = settings
        self.clock = client.clock
        self.key = settings.one("api-key")
        self.narrow = False
        self.style = STYLES[0]
        self._suspects: set[tuple[str, str | None]] = set()
        self._patience = PATIENCE * settings.consistency_window
        self._keys = keys_like(self.key, settings.nonce, redactor)
        self._form: str | None = None
        self._value = 0
        self._accepted = False
        self._repeated: set[int] = set()
        self._written: dict[str, float] = {}
        self._lock = threading.Lock()
        self._finding_form = threading.Lock()

    @property
    def quick(self) -> bool:
        """Whether the run has requests to spare for the likeliest defects only."""
        return self.settings.effort is Effort.QUICK

    def fresh(self, label: str) -> str:
        """A 64-digit hash that nobody has used, derived from the run's nonce and `label`, in the style that is taken."""
        return self.style(hashlib.sha256(f"{self.settings.nonce}:{label}".encode()).hexdigest())

    def value(self) -> int:
        """A status that nothing else in this run writes, so that a leak tells where it came from.

        The values are far apart, so that one which is stored wrongly does not look like another one. A deployment
        that takes no others gets 1 and 0 in turn.
        """
        with self._lock:
            self._value += 1
            return self._value % 2 if self.narrow else WIDE + STEP * self._value

    @property
    def wrong_keys(self) -> tuple[str, ...]:
        """The names of the wrong keys that differ from the right one; in a quick run the most telling ones."""
        return tuple(name for name in self._keys if name in TELLING or (name != "key" and not self.quick))

    def write(self, target: str, status: int, credential: str = "key", case: str = "") -> Exchange:
        """POST `status` for the hash `target`, with the key or with another credential.

        A status that is turned away, by whatever stands in front too, is sent a second time, once in a run: that tells
        a limit from a whim.
        """
        body = json.dumps({"status": status}).encode()
        intent = {"op": "write", "hash": target, "credential": credential, "case": case}
        exchange = self._post(target, body, credential, intent)
        return self._insist(exchange, status) if credential == "key" else exchange

    def _insist(self, exchange: Exchange, status: int) -> Exchange:
        meaning = answer(exchange)
        self._accepted = self._accepted or meaning is Answer.ACCEPTED
        refused = meaning in (Answer.REFUSED, Answer.BROKEN) and exchange.status not in (401, 403, 409)
        refused = refused or exchange.status in GATEWAY
        if not refused or not self._accepted or status == 1 or not self._first_refusal(status):
            return exchange
        intent = dict(exchange.intent)
        again = self._post(intent["hash"], exchange.request.body, "key", intent)
        self.narrow = self.narrow or (answer(again) is Answer.REFUSED and status > 1 and not intent["case"])
        return again

    def _first_refusal(self, status: int) -> bool:
        with self._lock:
            known = status in self._repeated
            self._repeated.add(status)
            return not known

    def write_as_printed(self, target: str) -> Exchange:
        """POST the status 1 with the very bytes that the document prints."""
        intent = {"op": "write", "hash": target, "credential": "key", "case": ""}
        return self._post(target, PRINTED, "key", intent)

    def find_style(self) -> str:
        """Write the document's example to a fresh hash, in whatever style it is taken; returns the hash."""
        for style in STYLES:
            self.style = style
            target = self.fresh("life")
            written = self.write_as_printed(target)
            self._accepted = answer(written) is Answer.ACCEPTED
            if answer(written) not in (Answer.REFUSED, Answer.BROKEN) or written.status in (401, 403, 405):
                break
        found, self.style = self.style, STYLES[0]
        target = self.fresh("life")
        if found is not STYLES[0] and answer(self.write_as_printed(target)) is not Answer.ACCEPTED:
            self.style = found
        return self.fresh("life")

    def write_raw(self, target: str, body: bytes, case: str, op: str) -> Exchange:
        """POST a body that is not a plain status: `op` is "invalid" or "odd", `case` says what it is."""
        return self._post(target, body, "key", {"op": op, "hash": target, "case": case, "credential": "key"})

    def _post(self, target: str, body: bytes, credential: str, intent: dict[str, str]) -> Exchange:
        self._space(target)
        headers = JSON + self._credential(credential)
        try:
            return self.client.send(
                "POST", _path(target), headers=headers, body=body, intent=intent, writes=True
            )
        finally:
            self._written[target] = self.clock.monotonic()

    def _space(self, target: str) -> None:
        """Keep a write some milliseconds from the one before it to the hash: upstream keys events by both."""
        left = self._written.get(target, float("-inf")) + SPACING - self.clock.monotonic()
        if left > 0:
            self.clock.sleep(left)

    def _credential(self, name: str) -> Headers:
        value = self._keys.get(name)
        return () if value is None else (("x-api-key", value),)

    def read(self, target: str, form: str | None = None, **intent: str) -> Exchange:
        """GET the hash `target` in `form`, else in the one that works here: as printed, or plainly."""
        if form or self._form:
            return self._get(target, form or self.form, intent)
        with self._finding_form:
            return self._get(target, self._form, intent) if self._form else self._first_read(target, intent)

    @property
    def form(self) -> str:
        """The form of a read that this deployment was found to answer; until then the printed one."""
        return self._form or FORMS[0]

    def _first_read(self, target: str, intent: dict[str, str]) -> Exchange:
        """Find out which form of a read is answered; returns that read, or the printed one when none is."""
        tried = []
        for form in FORMS:
            tried.append(self._get(target, form, intent))
            if tried[-1].status == 200:
                self._form = form
                return tried[-1]
        self._form = FORMS[0]
        return tried[0]

    def _get(self, target: str, form: str, intent: dict[str, str]) -> Exchange:
        headers = JSON if form in ("printed", "keyless printed") else ()
        if form in ("printed", "plain"):
            headers += self._credential("key")
        if form == "page":
            headers += (("Origin", "https://renderer.example"), *self._credential("key"))
        meaning = {"op": "read", "hash": target, "form": form, **intent}
        return self.client.send("GET", _path(target), headers=headers, intent=meaning)

    def settle(self, target: str) -> Exchange:
        """Read `target` until it shows what was written last, or the consistency window is over.

        The patience of a run is limited: when it is used up, the last check does the waiting for all hashes.
        """
        attempt = 0
        while True:
            exchange, seen = self.look(target)
            pause = POLLS[min(attempt, len(POLLS) - 1)]
            late = exchange.started >= settle_after(seen, target)
            if not complaints(seen, exchange) or not self._wait(
                pause, late or answer(exchange) is Answer.REFUSED
            ):
                return exchange
            attempt += 1

    def look(self, target: str, form: str | None = None) -> tuple[Exchange, View]:
        """Read `target` in `form`; when it does not show what it has to, the last check will look again."""
        exchange = self.read(target, form)
        seen = view([e for e in self.client.exchanges if e.intent.get("hash") == target], self.settings)
        # Not in a generated history, which is judged by itself: among the checks its hash would count as unwritten.
        counts = exchange.part == CHECKS and (form is None or exchange.status == 200)
        if counts and (complaints(seen, exchange) or lost(exchange, seen.histories[target])):
            self._suspects.add((target, form))
        return exchange, seen

    def _wait(self, pause: float, in_vain: bool) -> bool:
        """Wait for a write to show; False when that is vain or patience has run out."""
        if in_vain:
            self._patience = 0.0
        if self._patience < pause:
            return False
        self._patience -= pause
        self.clock.sleep(pause)
        return True

    def first_write(self) -> Exchange | None:
        """The first acknowledged write of the run."""
        found = [w.exchange for w in view(self.client.exchanges, self.settings).writes if w.acknowledged]
        return found[0] if found else None

    def doubtful(self) -> list[tuple[str, str | None, float]]:
        """Hashes that did not always show what they had to, with the form of the read and when they have to."""
        seen = view(self.client.exchanges, self.settings)
        found = self._suspects | {(target, None) for target in self.hashes() if self._doubt(seen, target)}
        return [(one, form, settle_after(seen, one)) for one, form in sorted(found, key=str)]

    def _doubt(self, seen: View, target: str) -> bool:
        history = seen.histories.get(target)
        if history is None or not history.reads:
            return False
        last = history.reads[-1]
        if history.tainted(last):
            odd = [w for w in history.writes if w.op == "odd" and answer(w.exchange) is Answer.ACCEPTED]
            return any(show(member(last, "status")) != w.case for w in odd)
        return bool(history.acknowledged()) and bool(complaints(seen, last) or lost(last, history))

    def let_time_pass(self) -> bool:
        """Wait until some time has passed since the first write of the run; False when there is no need.

        There is none before a write, nor in a quick run whose timestamps tell the time to the millisecond.
        """
        first = self.first_write()
        if first is None or (self.quick and keeps_pace(view(self.client.exchanges, self.settings))):
            return False
        self.wait_until(first.ended + APART)
        return True

    def wait_until(self, moment: float) -> None:
        """Return when the clock shows `moment`, in Unix seconds."""
        left = moment - self.clock.time()
        if self.client.limits.deadline is not None and left > self.client.limits.deadline:
            raise BudgetSpent(
                "the deadline is nearer than the time this check has to wait", hint="raise --deadline"
            )
        if left > 0:
            self.clock.sleep(left)

    def hashes(self) -> Sequence[str]:
        """Every hash that the checks of this run have asked about, in order."""
        mine = [e for e in self.client.exchanges if e.part == CHECKS and e.intent.get("op") != "aside"]
        return tuple(dict.fromkeys(e.intent["hash"] for e in mine if "hash" in e.intent))


def _path(target: str) -> str:
    return "/" + quote(target, safe="")
