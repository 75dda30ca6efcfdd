"""The key or token: whether it is taken, and when it ends."""

from __future__ import annotations

import base64
import json
from typing import Any

from conformance.contract import Contract, Settings
from conformance.doctor.line import Line, ok, problem, unknown
from conformance.wire.certificates import day
from conformance.wire.clipping import clip
from conformance.wire.exchange import Exchange

ENOUGH = 600.0
"""Seconds that a token has to last for a run of any effort."""
DENIED = frozenset({401, 403})


def lines(contract: Contract, settings: Settings, now: float) -> list[Line]:
    """What the credential itself tells, without asking anybody."""
    name = contract.credential_input
    value = settings.one(name) if name else None
    return [_ends(f"--{name}", value, now)] if value else []


def _ends(about: str, value: str, now: float) -> Line:
    answer = _object(value)
    if answer is not None:
        lasts = answer.get("expires_in")
        word = next((one for one in ("access_token", "id_token", "token") if one in answer), "")
        ends = f", which lasts {lasts} s from when it was given" if isinstance(lasts, int | float) else ""
        text = f"this is the whole answer of a token server{ends}"
        return problem(about, text, f"give the value of {word or 'its token'} alone")
    claims = claims_of(value)
    if claims is None:
        return unknown(about, "it does not say when it ends: it is no JWT")
    begins, moment = _moment(claims.get("nbf")), _moment(claims.get("exp"))
    if begins is not None and begins > now + 1:
        return problem(about, f"it holds only from {day(begins)} on", "wait, or set the clock that is wrong")
    if moment is None:
        return unknown(about, "it is a JWT that does not say when it ends (exp)")
    if moment <= now:
        return problem(about, f"it ended {_length(now - moment)} ago, at {day(moment)}", "get a new one")
    if moment - now < ENOUGH:
        return problem(
            about, f"it ends in {_length(moment - now)}, maybe within a run", "get a new one first"
        )
    return ok(about, f"it ends in {_length(moment - now)}, at {day(moment)}")


def taken_line(contract: Contract, about: str, exchanges: list[Exchange], without: Exchange | None) -> Line:
    """Whether the credential is taken: `exchanges` were sent with it, `without` is the same as the first one without."""
    statuses = [one.status for one in exchanges if one.status is not None]
    if statuses and all(one in DENIED for one in statuses):
        first = next(one for one in exchanges if one.response)
        assert first.response is not None
        challenge = clip(first.response.header("www-authenticate") or "", 100)
        said = f"{first.status}{f', {challenge}' if challenge else ''}"
        return problem(about, f"it is refused: {said}", "get a new one; does it belong to this base URL?")
    good = next((one for one in statuses if 200 <= one < 300), 404 if 404 in statuses else None)
    if good is None:
        return unknown(about, "no answer tells whether it is taken")
    if without is not None and without.status in DENIED:
        return ok(about, f"it is taken: {good} with it, {without.status} without it")
    if contract.write_key and about == f"--{contract.write_key}":
        return unknown(about, "whether it may write shows in a run only: the doctor never writes")
    return unknown(about, "the answer is the same without it", "is it a test system that lets everybody in?")


def claims_of(value: str) -> dict[str, Any] | None:
    """The claims of a JWT (RFC 7519), with or without a scheme in front; None when it is none."""
    parts = value.rpartition(" ")[2].split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        return _object(base64.urlsafe_b64decode(padded).decode())
    except ValueError:
        return None


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _moment(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 < value < 1e11 else None  # type: ignore[arg-type,operator]


def _length(seconds: float) -> str:
    for unit, size in (("days", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
