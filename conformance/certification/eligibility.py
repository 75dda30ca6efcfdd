"""What keeps a run from a certificate: its verdict, its scope, what bent it, and what must not leave the house."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conformance.contract import Effort
from conformance.outcome import Run, Scope, Setting, Verdict
from conformance.registry import find
from conformance.wire.exchange import Headers
from conformance.wire.redaction import HIDDEN, SENSITIVE, Redactor

LEAST_WATCH = 30.0
"""Seconds that a run has to have looked at a deployment."""
NEUTRAL = frozenset({
    "robustness", "watch", "timeout", "max-requests", "rate", "patience", "deadline", "concurrency", "max-body", "max-kept",
    "ca-file", "client-cert", "proxy", "proxy-used", "only", "level", "read-only",
})  # fmt: skip
"""Settings that loosen nothing: what comes out too small of them leaves the run incomplete, and the scope tells the rest."""
TOLERANCES = frozenset({"consistency-window", "clock-tolerance", "consensus-slack"})
"""Settings that are the stricter the smaller they are."""
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
TOKEN = re.compile(r"\bey[A-Za-z0-9_-]{8,}\.ey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}")
"""A JSON Web Token with a signature."""


def limitations(run: Run) -> tuple[str, ...]:
    """What keeps `run` from a certificate, and a statement has to say; nothing for a run that deserves one."""
    return tuple(_limitations(run))


def _limitations(run: Run) -> Iterator[str]:
    if run.verdict is not Verdict.CONFORMANT:
        yield f"the verdict is {run.verdict}: {run.reason}"
    yield from hindrances(run.scope, run.settings)
    if run.watched < LEAST_WATCH:
        yield f"the run watched the deployment for {run.watched:.1f} s, not for {LEAST_WATCH:g} s (--watch {LEAST_WATCH:g})"


def hindrances(scope: Scope, settings: Iterable[Setting]) -> list[str]:
    """What of a run's scope and settings keeps it from a certificate, each in a sentence."""
    found = [] if scope.complete else [f"the run is narrowed to {scope.description}"]
    for one in settings:
        if one.name == "watch" and isinstance(one.value, int | float) and one.value < LEAST_WATCH:
            found.append(f"the run watches for less than {LEAST_WATCH:g} s")
        elif one.deviates and one.name not in NEUTRAL and not _is_stricter(one):
            found.append(
                f"the run is loosened: {one.name} is {_said(one.value)}, usually {_said(one.default)}"
            )
    return found


def _is_stricter(one: Setting) -> bool:
    if one.name == "effort":
        return one.value == Effort.DEEP
    if one.name not in TOLERANCES:
        return False
    try:
        return 0 <= float(str(one.value)) <= float(str(one.default))
    except ValueError:
        return False


def _said(value: object) -> str:
    return "not given" if value in (None, "", [], {}) else str(value)[:80]


def secrets_in(run: Run, text: str, known: Iterable[str] = ()) -> list[str]:
    """What in a run, whose results.json is `text`, must not be published; `known` are secrets, looked for in any spelling.

    The contract's own credentials are not looked at: what this suite sends of them is known when it is sent again.
    """
    found = []
    if PRIVATE_KEY.search(text):
        found.append("the results hold a private key")
    if TOKEN.search(text):
        found.append("the results hold a signed JSON Web Token")
    own = {one.lower() for one in find(run.contract).credential_headers}
    for one in run.exchanges:
        received = one.response.headers if one.response else ()
        names = [*_shown(received, SENSITIVE), *_shown(one.request.headers, SENSITIVE - own)]
        found += [f"exchange {one.number} shows the value of the header {name}" for name in names]
    for place, secret in enumerate(known, 1):
        redactor = Redactor()
        redactor.add(secret, f"$SECRET_{place}", f"secret {place}")
        held = redactor.holds(text)
        if held:
            found.append(f"the results hold {held}")
    return list(dict.fromkeys(found))


def _shown(headers: Headers, names: frozenset[str]) -> list[str]:
    return [name for name, value in headers if name.lower() in names and value and not is_hidden(value)]


def is_hidden(value: str) -> bool:
    """Whether a header's value stands for a secret, and is none."""
    return HIDDEN in value or "$" in value
