"""Sends the requests of the Open Attestation Status API, and waits until a write shows."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from urllib.parse import quote

from conformance.contract import Effort, Settings
from conformance.contracts.open_attestation.history import History, view
from conformance.contracts.open_attestation.judge.clock import keeps_pace
from conformance.contracts.open_attestation.keys import TELLING, keys_like
from conformance.contracts.open_attestation.recheck import behind, due, relapsed
from conformance.contracts.open_attestation.values import Values
from conformance.evidence import Answer, answer
from conformance.wire.client import Client
from conformance.wire.exchange import CHECKS, Exchange, Headers
from conformance.wire.redaction import Redactor
from conformance.wire.repeating import GATEWAY

JSON: Headers = (("Content-Type", "application/json"),)
PRINTED = b'{\n\t"status": 1\n}'
SPACING = 0.003
APART = 1.2
"""Seconds after which two timestamps of any clock tell that time has passed."""
POLLS = (0.03, 0.06, 0.12, 0.25, 0.25, 0.5)
PATIENCE = 0.2
"""How much of a consistency window a run spends on waiting for writes to show, before the last check waits for all."""
LEFT = 2
"""How many hashes that do not show what they took a run leaves as they are, at most."""
STYLES: tuple[Callable[[str], str], ...] = (str, lambda one: one[:16], lambda one: "0x" + one, str.upper)
FORMS = ("printed", "plain", "keyless")


class Driver:
    """Knows the base URL, the key, which hashes are this run's own, and what this deployment puts up with.

    `values` tells which statuses are taken, `style` the form of a hash that is, `watched` how long the run looked, in s.
    """

    def __init__(self, client: Client, settings: Settings, redactor: Redactor) -> None:
        self.client = client
        self.settings = settings
        self.clock = client.clock
        self.key = settings.one("api-key")
        self.values = Values()
        self.style = STYLES[0]
        self.watched = 0.0
        self._patience = PATIENCE * settings.consistency_window
        self._instead: dict[str, str] = {}
        self._keys = keys_like(self.key, settings.nonce, redactor)
        self._form: str | None = None
        self._written: dict[str, float] = {}
        self._finding_form = threading.Lock()

    @property
    def quick(self) -> bool:
        """Whether the run has requests to spare for the likeliest defects only."""
        return self.settings.effort is Effort.QUICK

    def fresh(self, label: str) -> str:
        """A 64-digit hash that nobody has used, derived from the run's nonce and `label`, in the style that is taken."""
        return self.style(hashlib.sha256(f"{self.settings.nonce}:{label}".encode()).hexdigest())

    def digits(self, label: str, start: str = "") -> str:
        """A hash like a fresh one, of 64 decimal digits that begin with `start`: what compares numbers takes it for one."""
        number = int(hashlib.sha256(f"{self.settings.nonce}:{label}".encode()).hexdigest(), 16)
        return self.style((start + str(number).zfill(78)[-64:])[:64])

    def value(self) -> int:
        """A status that nothing else in this run writes, if the deployment takes any."""
        return self.values.next()

    @property
    def wrong_keys(self) -> tuple[str, ...]:
        """The names of the wrong keys that differ from the right one; in a quick run the most telling ones."""
        return tuple(name for name in self._keys if name in TELLING or (name != "key" and not self.quick))

    def write(self, target: str, status: int, credential: str = "key", case: str = "") -> Exchange:
        """POST `status` for the hash `target`, with the key or with another credential.

        A status that is turned away, by whatever stands in front too, is sent a second time, once in a run, to a hash
        without one: that tells a limit from a whim, and from a status that cannot be replaced.
        """
        target, body = self.current(target), json.dumps({"status": status}).encode()
        intent = {"op": "write", "hash": target, "credential": credential, "case": case}
        exchange = self._post(target, body, credential, intent)
        return self._insist(exchange, status) if credential == "key" else exchange

    def _insist(self, exchange: Exchange, status: int) -> Exchange:
        values = self.values
        if answer(exchange) is Answer.ACCEPTED:
            values.take(status)
        if not (values.taken and _unwelcome(exchange)) or status == 1 or not values.first_refusal(status):
            return exchange
        target = self.fresh(f"limit {status}")
        again = self._post(target, exchange.request.body, "key", {**exchange.intent, "hash": target})
        if answer(again) is Answer.ACCEPTED:
            values.take(status)
        values.narrow = values.narrow or (_unwelcome(again) and status > 1 and not exchange.intent["case"])
        return again

    def last_status(self, target: str) -> int | None:
        """The status that `target` took last."""
        written = self._history(self.current(target)).acknowledged()
        return written[-1].status if written else None

    def former_status(self, target: str) -> int:
        """The status that `target` took first, or another one that fits."""
        written = self._history(target).acknowledged()
        return written[0].status if written else self.value()

    def unwritten_value(self, target: str) -> int:
        """A status that nothing else writes; where few are taken, one that `target` does not have."""
        return self.values.other_than(self.last_status(target)) if self.values.narrow else self.value()

    def _history(self, target: str) -> History:
        return view(self._about(target), self.settings).histories.get(target, History(target))

    def _about(self, target: str) -> list[Exchange]:
        return [one for one in self.client.exchanges if one.intent.get("hash") == target]

    def write_as_printed(self, target: str) -> Exchange:
        """POST the status 1 with the very bytes that the document prints."""
        intent = {"op": "write", "hash": target, "credential": "key", "case": ""}
        return self._post(target, PRINTED, "key", intent)

    def find_style(self) -> str:
        """Write the document's example to a fresh hash, in whatever style it is taken; returns the hash."""
        plain = STYLES[0]
        written = self._example(plain)
        if _unwelcome(written) and written.status not in (401, 403, 405):
            taken = (one for one in STYLES[1:] if answer(self._example(one)) is Answer.ACCEPTED)
            style = next(taken, plain)
            self.style = plain if answer(self._example(plain)) is Answer.ACCEPTED else style
        return self.fresh("life")

    def _example(self, style: Callable[[str], str]) -> Exchange:
        self.style = style
        written = self.write_as_printed(self.fresh("life"))
        if answer(written) is Answer.ACCEPTED:
            self.values.take(1)
        return written

    def write_raw(self, target: str, body: bytes, case: str, op: str) -> Exchange:
        """POST a body that is not a plain status: `op` is "invalid" or "odd", `case` says what it is."""
        target = self.current(target)
        return self._post(target, body, "key", {"op": op, "hash": target, "case": case, "credential": "key"})

    def _post(self, target: str, body: bytes, credential: str, intent: dict[str, str]) -> Exchange:
        self._space(target)
        headers = JSON + self._credential(credential)
        try:
            return self.client.send(
                "POST",
                _path(target),
                headers=headers,
                body=body,
                intent=intent,
                writes=True,
                alone=credential != "key",
                follow=True,
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
        return self.client.send("GET", _path(target), headers=headers, intent=meaning, follow=True)

    def settle(self, target: str) -> Exchange:
        """Read `target` until it shows what was written last, or the consistency window is over.

        The patience of a run is limited: when it is used up, the last check does the waiting for all hashes. Since what
        is written later may hide what did not show, the hash is then left.
        """
        target = self.current(target)
        for attempt in range(1000):
            exchange = self.read(target)
            about = self._about(target)
            if exchange.number not in behind(about, self.settings):
                return exchange
            pause = POLLS[min(attempt, len(POLLS) - 1)]
            in_vain = exchange.started >= due(about, self.settings) or answer(exchange) is Answer.REFUSED
            if not self._wait(pause, in_vain):
                break
        if not in_vain and exchange.part == CHECKS:
            self._leave(target)
        return exchange

    def _leave(self, target: str) -> None:
        """Leave `target` as it is, for the last check to see what it comes to, and go on with a hash that took the same."""
        if len(self._instead) == LEFT or target in self._instead.values():
            return
        other = self.fresh(f"instead of {target}")
        for write in self._history(target).acknowledged():
            self.write(other, write.status, case=write.case)
        self._instead[target] = other

    def current(self, target: str) -> str:
        """The hash that is written to for `target`: itself, or another one since it was left."""
        return self._instead.get(target, target)

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
        seen = view(self.client.exchanges, self.settings)
        return next((w.exchange for w in seen.writes if w.acknowledged), None)

    def _checked(self) -> list[Exchange]:
        # A generated history is judged by itself: among the checks its hashes would count as unwritten.
        return [one for one in self.client.exchanges if one.part == CHECKS]

    def doubtful(self) -> list[tuple[str, str]]:
        """Hashes that did not always show what they had to, each with the form of the read."""
        checked = self._checked()
        late = behind(checked, self.settings)
        reads = [one for one in checked if one.number in late and "hash" in one.intent]
        return sorted({(one.intent["hash"], one.intent.get("form", self.form)) for one in reads})

    def wait_for(self, doubtful: Sequence[tuple[str, str]]) -> None:
        """Wait until everything that was written to the `doubtful` hashes has to show."""
        self.client.wait_until(max(due(self._about(target), self.settings) for target, _ in doubtful))

    def relapsed(self) -> bool:
        """Whether a hash once showed what it had to, and then did not any more."""
        return relapsed(self._checked(), self.settings)

    def let_time_pass(self) -> bool:
        """Wait until some time has passed since the first write; False if without need.

        There is none before a write, nor in a quick run whose timestamps tell the time to the millisecond.
        """
        first = self.first_write()
        if first is None or (self.quick and keeps_pace(view(self.client.exchanges, self.settings))):
            return False
        self.client.wait_until(first.ended + APART)
        return True

    def watch(self, share: float) -> bool:
        """Wait for a look at everything once a `share` of the time to watch is over; False in a run that does not watch."""
        if not self.settings.watches:
            return False
        first = min((one.ended for one in self.client.exchanges if one.response), default=self.clock.time())
        self.client.wait_until(first + share * self.settings.watches)
        self.watched = self.clock.time() - first
        return True

    def hashes(self) -> Sequence[str]:
        """Every hash that the checks of this run have asked about, in order."""
        mine = [e for e in self.client.exchanges if e.part == CHECKS and e.intent.get("op") != "aside"]
        return tuple(dict.fromkeys(e.intent["hash"] for e in mine if "hash" in e.intent))


def _unwelcome(exchange: Exchange) -> bool:
    """Whether a write was turned away, or something crashed at it."""
    return answer(exchange) in (Answer.REFUSED, Answer.BROKEN) or exchange.status in GATEWAY


def _path(target: str) -> str:
    return "/" + quote(target, safe="")
