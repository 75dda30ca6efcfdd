"""The bearer token and what only resembles it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.nearmiss import near_misses

NAMED = ("garbage", "empty", "half", "basic")
"""Names of wrong credentials of each kind that the requirement names."""
CASELESS = re.compile(r"[0-9a-f-]+|[0-9A-F-]+|[A-Z2-7]+=*|[0-7][0-9A-HJKMNP-TV-Z]{25}")
"""Hexadecimal digits, a UUID, base 32, a ULID: the same token in the other letter case means the same."""
NAMES = {"first half": "half", "middle character changed": "altered", "other case": "folded"}
SCHEMES, RARE_SCHEMES = ("Token", "JWT", "Digest"), ("DPoP", "ApiKey", "Negotiate")
NONE = ("alg none", "alg None", "alg NONE", "alg NoNe")
MALFORMED = ("followed", "parted", "colon", "tab", "equals sign")
"""Names of what is no well-formed bearer credential (RFC 6750, section 2.1): that is a bad request as well."""
FAMILIES = {
    **dict.fromkeys(("half", "cut short"), "beginnings"),
    **dict.fromkeys(("beheaded", "second half"), "endings"),
    **dict.fromkeys(("extended", "preceded", "last repeated", "repeated"), "longer ones"),
    **dict.fromkeys(("stripped", "undotted", "forged", *NONE), "unsigned ones"),
    **dict.fromkeys(("basic", "raw", *SCHEMES, *RARE_SCHEMES), "schemes"),
}
"""Wrong credentials that one mistake lets in together."""
BARE = "${TOKEN#* }"
"""The shell expression of the token where it was given with its scheme in front."""
PART = '$(printf %s "$TOKEN" | cut -d. -f{})'
"""The shell expression of a part of a JSON Web Token."""


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
    """The right credential as "token", and the wrong ones, the most telling first; what equals it is left out."""
    found = {"token": Credential(f"Bearer {token}", token, "$TOKEN", "the token")}
    for name, one in _wrong(token, nonce):
        headers = {other.header for other in found.values()}
        if one.header not in headers and one.header.strip() == one.header and name not in found:
            found[name] = one
    return found


def _wrong(token: str, nonce: str) -> Iterator[tuple[str, Credential]]:
    noise = "conformance" + hashlib.sha256(f"{nonce}:wrong token".encode()).hexdigest()[:24]
    yield "garbage", _bearer(noise, noise, "a token that is garbage")
    yield "empty", Credential("Bearer", "", "", "an empty bearer token")
    yield "basic", Credential(f"Basic {token}", token, "$TOKEN", "the token under the scheme Basic")
    close = {
        NAMES.get(one.name, one.name): _bearer(one.value, one.expression, f"the token {one.what}")
        for one in near_misses(token, "TOKEN", _fixed(token))
    }
    if CASELESS.fullmatch(token):
        close = {
            "recased" if name == "folded" else name: one
            for name, one in close.items()
            if not name.endswith("er case")
        }
    first = (
        "half",
        "altered",
        "extended",
        "folded",
        "recased",
        "last character changed",
        "second half",
        "preceded",
    )
    yield from ((name, close.pop(name)) for name in first if name in close)
    yield "raw", Credential(token, token, "$TOKEN", "the token without a scheme")
    yield from _forged(token) if is_jwt(token) else ()
    yield from _schemes(token, SCHEMES)
    yield from _parted(token)
    yield from close.items()
    yield from _schemes(token, RARE_SCHEMES)


def _bearer(secret: str, script: str, what: str) -> Credential:
    return Credential(f"Bearer {secret}", secret, script, what)


def _fixed(token: str) -> range | tuple[int, ...]:
    """Places that are left as they are: the last may hold unused bits, and what is signed shows little when changed."""
    last = len(token) - 1
    return (*range(token.rfind(".") + 1 if is_jwt(token) else 0), last)


def _schemes(token: str, names: tuple[str, ...]) -> Iterator[tuple[str, Credential]]:
    for name in names:
        yield name, Credential(f"{name} {token}", token, "$TOKEN", f"the token under the scheme {name}")


def _parted(token: str) -> Iterator[tuple[str, Credential]]:
    """The token as a password, with more behind it, in two parts, and with another sign in front."""
    word = base64.b64encode(f":{token}".encode()).decode()
    script = "$(printf :%s \"$TOKEN\" | base64 | tr -d '\\n')"
    yield (
        "password",
        Credential(f"Basic {word}", word, script, "the token as the password of the scheme Basic"),
    )
    yield "followed", _bearer(f"{token} x", "$TOKEN x", "the token with a blank and a letter behind it")
    half = len(token) // 2
    cut = f'$(printf %s "$TOKEN" | cut -c1-{half}) $(printf %s "$TOKEN" | cut -c{half + 1}-)'
    if half:
        yield "parted", _bearer(f"{token[:half]} {token[half:]}", cut, "the token with a blank in its middle")
    for name, sign in {"colon": ":", "tab": "\t", "equals sign": "="}.items():
        what = f"the token with a {name} between the scheme and it"
        yield name, Credential(f"Bearer{sign}{token}", token, "$TOKEN", what)


def _forged(token: str) -> Iterator[tuple[str, Credential]]:
    """What only a JWT library that is used wrongly takes for the token: nobody signed any of these."""
    head, payload, signature = token.split(".")
    one, two, three = (PART.format(part) for part in (1, 2, 3))
    yield "stripped", _bearer(f"{head}.{payload}.", f"{one}.{two}.", "the token with its signature taken off")
    for name in NONE:
        unsigned = _encoded({"alg": name.removeprefix("alg ")})
        what = f"the token's claims without a signature, {name}"
        yield name, _bearer(f"{unsigned}.{payload}.", f"{unsigned}.{two}.", what)
    yield "undotted", _bearer(f"{head}.{payload}", f"{one}.{two}", "the token without signature and last dot")
    other = _encoded({**(_decoded(payload) or {}), "sub": "did:web:conformance.invalid"})
    what = "the token with another sub claim under its signature"
    yield "forged", _bearer(f"{head}.{other}.{signature}", f"{one}.{other}.{three}", what)
    more = _encoded({"alg": "none"})
    yield (
        "unsigned",
        _bearer(f"{more}.{payload}", f"{more}.{two}", "the token's claims with alg none and no last dot"),
    )


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
