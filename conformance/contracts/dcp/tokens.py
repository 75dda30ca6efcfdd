"""The bearer token and what only resembles it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAMED = ("garbage", "empty", "half", "basic")
"""Names of wrong credentials of each kind that the requirement names."""
CASELESS = re.compile(r"[0-9a-f-]+|[0-9A-F-]+|[A-Z2-7]+=*|[0-7][0-9A-HJKMNP-TV-Z]{25}")
"""Hexadecimal digits, a UUID, base 32, a ULID: the same token in the other letter case means the same."""
LONG = 12
FAMILIES = {
    **dict.fromkeys(("half", "cut"), "beginnings"),
    **dict.fromkeys(("extended", "prefixed"), "longer ones"),
    **dict.fromkeys(("unsigned", "stripped", "forged"), "unsigned ones"),
    **dict.fromkeys(("basic", "scheme", "digest", "raw"), "schemes"),
}
"""Wrong credentials that one mistake lets in together."""
BARE = "${TOKEN#* }"
"""The shell expression of the token where it was given with its scheme in front."""
UNSIGNED = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Credential:
    """One way to fill the Authorization header.

    `secret` is what must not be seen, `expression` the shell expression that makes it; `what` names it in a
    report.
    """

    header: str
    secret: str
    expression: str
    what: str


def expression(one: Credential, *, scheme_given: bool) -> str:
    """The shell expression that makes a credential's secret of the variable TOKEN, which holds what was given."""
    return re.sub(r"\$TOKEN\b|\$\{TOKEN\}", BARE, one.expression) if scheme_given else one.expression


def bare(token: str) -> str:
    """The token itself, when it was given with its scheme in front."""
    scheme, space, rest = token.strip().partition(" ")
    return rest.strip() if space and scheme.lower() == "bearer" else token.strip()


def credentials(token: str, nonce: str) -> dict[str, Credential]:
    """The right credential as "token", and the wrong ones, those that would be equal to it left out."""
    found = {"token": Credential(f"Bearer {token}", token, "$TOKEN", "the token")}
    for name, secret, expression, what in _wrong(token, nonce):
        known = {one.secret for one in found.values()}
        if secret and secret not in known and secret.strip() == secret:
            found[name] = Credential(f"Bearer {secret}", secret, expression, what)
    found["empty"] = Credential("Bearer", "", "", "an empty bearer token")
    found["basic"] = Credential(f"Basic {token}", token, "$TOKEN", "the token under the scheme Basic")
    found["scheme"] = Credential(f"Token {token}", token, "$TOKEN", "the token under the scheme Token")
    found["digest"] = Credential(f"Digest {token}", token, "$TOKEN", "the token under the scheme Digest")
    if not is_jwt(token):
        found["password"] = _password(token)
    found["raw"] = Credential(token, token, "$TOKEN", "the token without a scheme")
    return found


def _password(token: str) -> Credential:
    """The token as a password without a user's name, as the scheme Basic writes it (RFC 7617, section 2)."""
    word = base64.b64encode(f":{token}".encode()).decode()
    expression = "$(printf :%s \"$TOKEN\" | base64 | tr -d '\\n')"
    return Credential(f"Basic {word}", word, expression, "the token as the password of the scheme Basic")


def _wrong(token: str, nonce: str) -> Iterator[tuple[str, str, str, str]]:
    """Name, value, shell expression and description of each wrong token."""
    noise = "conformance" + hashlib.sha256(f"{nonce}:wrong token".encode()).hexdigest()[:24]
    yield "garbage", noise, noise, "a token that is garbage"
    half, short = len(token) // 2, len(token) - (8 if len(token) >= 16 else 2)
    if half >= 2:
        yield "half", token[:half], f'$(printf %.{half}s "$TOKEN")', "the first half of the token"
        yield "cut", token[:short], f'$(printf %.{short}s "$TOKEN")', "a token cut short"
    yield from _altered_ones(token)
    yield "extended", f"{token}xxxx", "${TOKEN}xxxx", "a token with characters added at its end"
    name, script = ("recased" if CASELESS.fullmatch(token) else "folded"), "tr A-Za-z a-zA-Z"
    yield name, token.swapcase(), f'$(printf %s "$TOKEN" | {script})', "the token in the other letter case"
    yield from _forged(token) if is_jwt(token) else _shifted(token)


def _shifted(token: str) -> Iterator[tuple[str, str, str, str]]:
    """What only a comparison of parts takes for the token."""
    half = len(token) // 2
    if half >= 2:
        tail = f'$(printf %s "$TOKEN" | cut -c{half + 1}-)'
        yield "tail", token[half:], tail, "the second half of the token"
    yield "prefixed", f"xxxx{token}", "xxxx${TOKEN}", "a token with characters added in front"


def _forged(token: str) -> Iterator[tuple[str, str, str, str]]:
    """What only a JWT library that is used wrongly takes for the token: nobody signed any of these."""
    head, payload, signature = token.split(".")
    claims = '$(printf %s "$TOKEN" | cut -d. -f2)'
    yield (
        "unsigned",
        f"{UNSIGNED}.{payload}.",
        f"{UNSIGNED}.{claims}.",
        "the token's claims without a signature",
    )
    bare = '$(printf %s "$TOKEN" | cut -d. -f1,2).'
    yield "stripped", f"{head}.{payload}.", bare, "the token with its signature taken off"
    other = _encoded({**(_decoded(payload) or {}), "sub": "did:web:conformance.invalid"})
    forged = f'$(printf %s "$TOKEN" | cut -d. -f1).{other}.$(printf %s "$TOKEN" | cut -d. -f3)'
    yield (
        "forged",
        f"{head}.{other}.{signature}",
        forged,
        "the token with another sub claim under its signature",
    )


def _altered_ones(token: str) -> Iterator[tuple[str, str, str, str]]:
    """The token changed in the middle, and near its end: in the signature if it is a JWT."""
    start = token.rfind(".") + 1 if is_jwt(token) else 0
    middle = start + (len(token) - start) // 2
    places = range(max(middle - 2, start), min(middle + 2, len(token) - 1))
    if len(token) >= 3:
        yield _altered(token, "altered", places, "a token altered in the middle")
    if len(token) - start >= LONG:
        yield _altered(token, "ending", range(len(token) - 5, len(token) - 3), "a token altered near its end")


def _altered(token: str, name: str, places: range, what: str) -> tuple[str, str, str, str]:
    """The token with the characters at `places` changed; the last one of a JWT may hold unused bits."""
    letters, script = list(token), []
    for place in places:
        letters[place] = _other(letters[place])
        script.append(f"s/./{letters[place]}/{place + 1}")
    return name, "".join(letters), f"$(printf %s \"$TOKEN\" | sed '{';'.join(script)}')", what


def _other(letter: str) -> str:
    """Another letter of the same kind, so that a hexadecimal token stays one."""
    for alphabet in ("0123456789", "abcdef", "ABCDEF", "ghijklmnopqrstuvwxyz", "GHIJKLMNOPQRSTUVWXYZ"):
        if letter in alphabet:
            return alphabet[(alphabet.index(letter) + len(alphabet) // 2) % len(alphabet)]
    return "A"


def is_jwt(token: str) -> bool:
    """Whether the token is a JSON Web Token (RFC 7519) to look at."""
    parts = token.split(".")
    return len(parts) == 3 and _decoded(parts[0]) is not None and bool(parts[2])


def expires(token: str) -> str:
    """The token's `exp` claim in Unix seconds as digits, or nothing."""
    claims = _decoded(token.split(".")[1]) if is_jwt(token) else None
    moment = claims.get("exp") if claims else None
    number = isinstance(moment, int | float) and not isinstance(moment, bool) and 0 < moment < 1e12
    return f"{moment:.0f}" if number else ""


def told(token: str) -> dict[str, str]:
    """What the right token tells of itself: when it expires, and whether it is a JSON Web Token."""
    ends = expires(token)
    return ({"expires": ends} if ends else {}) | ({"jwt": "yes"} if is_jwt(token) else {})


def _encoded(claims: dict[str, object]) -> str:
    text = json.dumps(claims, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(segment: str) -> dict[str, object] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None
