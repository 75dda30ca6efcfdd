"""Finds what looks like a credential in recorded exchanges: by its name, its form, or how random it is."""

from __future__ import annotations

import base64
import binascii
import itertools
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.wire.exchange import Exchange, Headers
from conformance.wire.strict import parse

_NAME = re.compile(
    r"authori[sz]ation(?!-endpoint)|cookie|token(?!-?(?:type|endpoint|expir))|secret|passw|passphrase|pwd|credential(?!s-)"
    r"|(?:^|[-_.])(?:key|auth|jwt|bearer|session|sid|otp|sig)(?:$|[-_.])|api-?key|session-?id|private-?key|access-?key"
    r"|signature|assertion"
)
_ORDINARY = re.compile(
    r"(?:^|-)(?:id|ids|pid|uuid|urn|etag|none-match|traceparent|tracestate|trace|ray|hash|digest|date|nonce|via|agent|type"
    r"|context|identity|public-key|challenge|policy|modified|vary|server|timing|ua)$|^(?:accept|content|access-control|sec)-|^@"
)
_WORDS = frozenset(
    {"", "none", "null", "true", "false", "bearer", "basic", "required", "invalid", "missing", "unknown"}
)
_JWT = re.compile(r"ey[A-Za-z0-9_-]{8,}\.ey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
_OPAQUE = re.compile(r"[A-Za-z0-9+/_~.=-]{20,4096}")
_PLAIN = re.compile(r"(?:0x)?[0-9a-fA-F-]+|[0-9TZ:.+-]+")
_SCHEME = re.compile(r"(?:basic|bearer|digest|token|apikey|negotiate) +(\S+)", re.IGNORECASE)
_SHOWN = re.compile(r"\[|(?:\w+ )?\$")
_LEAST_BITS = 3.5
"""Bits a character of what was drawn at random; words have fewer changes between kinds of characters."""
_FEWEST = 4
_MOST_MEMBERS = 20_000


@dataclass(frozen=True, slots=True)
class Credential:
    """A value that looks like a credential, and where it stands: "the header X-Key"."""

    value: str
    name: str
    variable: str


def without_userinfo(exchange: Exchange) -> Exchange:
    """`exchange` with the user information of its URL as the header that a client makes of it."""
    userinfo = _userinfo(exchange.request.url)
    if not userinfo:
        return exchange
    user, _, password = userinfo.partition(":")
    pair = f"{unquote(user)}:{unquote(password)}".encode()
    header = ("Authorization", f"Basic {base64.b64encode(pair).decode()}")
    request = exchange.request
    own = () if request.header("authorization") else (header,)
    url = request.url.replace(f"//{userinfo}@", "//", 1)
    return replace(exchange, request=replace(request, url=url, headers=(*request.headers, *own)))


def credentials(exchanges: Iterable[Exchange], keep: Collection[str] = ()) -> Iterator[Credential]:
    """What looks like a credential in `exchanges`, apart from what is called as in `keep`."""
    kept = {name.lower() for name in keep}
    for kind, name, value in (place for one in exchanges for place in _places(one)):
        if name.lower() not in kept and not _SHOWN.match(value):
            for secret in _secrets(name, value):
                yield Credential(
                    secret, f"{kind} {_said(name)}", re.sub(r"\W", "_", name.upper(), flags=re.ASCII)
                )


def _places(exchange: Exchange) -> Iterator[tuple[str, str, str]]:
    """Everything with a name: kind, name and value."""
    request, response = exchange.request, exchange.response
    yield from _in_url(request.url)
    yield from _in_headers(request.headers)
    yield from _in_body(request.body)
    if response:
        yield from _in_headers(response.headers)
        yield from _in_body(response.body)


def _in_headers(headers: Headers) -> Iterator[tuple[str, str, str]]:
    for name, value in headers:
        if name.lower() in ("location", "referer", "content-location"):
            yield from _in_url(value)
        elif name.lower() in ("cookie", "set-cookie"):
            pairs = value.split(";") if name.lower() == "cookie" else [value.partition(";")[0]]
            yield from (
                ("the header", name, pair.partition("=")[2].strip() or pair.strip()) for pair in pairs
            )
        else:
            yield "the header", name, value


def _in_url(url: str) -> Iterator[tuple[str, str, str]]:
    user, _, password = _userinfo(url).partition(":")
    yield "the user information of", "URL-password", unquote(password or user)
    try:
        query = urlsplit(url).query
        yield from (("the parameter", name, value) for name, value in parse_qsl(query, max_num_fields=1000))
    except ValueError:
        return


def _userinfo(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[0]
    except ValueError:
        return ""


def _in_body(body: bytes) -> Iterator[tuple[str, str, str]]:
    value = parse(body).value
    if not isinstance(value, dict | list):
        text = body.decode("utf-8", "replace") if len(body) < 65536 and b"=" in body else ""
        yield from _in_url(f"?{text}") if not any(one.isspace() for one in text) else ()
        return
    waiting: list[tuple[str, object]] = [("", value)]
    for _ in range(_MOST_MEMBERS):
        if not waiting:
            return
        name, one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.items())
        elif isinstance(one, list):
            waiting.extend((name, item) for item in one)
        elif isinstance(one, str):
            yield "the member", name, one


def _secrets(name: str, value: str) -> Iterator[str]:
    """What of a value looks like a credential."""
    spelt = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower().replace("_", "-")
    scheme = _SCHEME.fullmatch(value.strip())
    yield from _JWT.findall(value)
    if scheme:
        yield from (scheme[1], *_password(scheme[1]))
    elif _NAME.search(spelt) and _is_value(value):
        yield value.strip()
    elif not _ORDINARY.search(spelt) and _OPAQUE.fullmatch(value) and _is_random(value):
        yield value


def _password(pair: str) -> list[str]:
    """The password in the credentials of the scheme Basic (RFC 7617)."""
    try:
        user, colon, password = base64.b64decode(pair, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        return []
    return [password or user] if colon and len(password or user) >= _FEWEST else []


def _is_value(value: str) -> bool:
    text = value.strip()
    return (
        len(text) >= _FEWEST and text.lower() not in _WORDS and not text.startswith(("http://", "https://"))
    )


def _is_random(text: str) -> bool:
    """Whether a text was drawn at random: all kinds of characters, digits apart, and many changes between them."""
    kinds = "".join(
        "a" if one.islower() else "A" if one.isupper() else "0" if one.isdigit() else "." for one in text
    )
    if not {"a", "A", "0"} <= set(kinds) or _PLAIN.fullmatch(text):
        return False
    changes = sum(one != other for one, other in itertools.pairwise(kinds))
    digits = sum(pair == ("a", "0") or pair == ("A", "0") for pair in itertools.pairwise(kinds))
    bits = -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
    return bits >= _LEAST_BITS and digits > 1 and changes >= len(text) / 4


def _said(name: str) -> str:
    """A name that can be told: one that may be a secret itself cannot."""
    return name if re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", name) and not _is_random(name) else "of another name"
