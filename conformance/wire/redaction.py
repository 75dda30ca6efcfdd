"""Secrets: where they come from, and how they are kept out of everything that leaves the process."""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus

from conformance.errors import SecretProblem
from conformance.wire.exchange import Exchange, Headers, Request, Response

SENSITIVE = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie", "set-cookie"})
HIDDEN = "[redacted]"
_PIECE = 12
_SHORT = 6


def resolve(reference: str, option: str) -> str:
    """The secret that `reference` means: a literal, `env:NAME` or `file:PATH`.

    Raises SecretProblem when the variable or file is missing or empty, or the value cannot stand in a header.
    """
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        value = _from_environment(rest, option)
    elif scheme == "file":
        value = _from_file(rest, option)
    else:
        value = reference
    if any(ord(c) < 32 or ord(c) == 127 for c in value) or not value.isascii():
        raise SecretProblem(f"{option}: the value holds characters that cannot stand in an HTTP header")
    return value


def _from_environment(name: str, option: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise SecretProblem(
            f"{option}: the environment variable {name or '(no name)'} is not set or is empty",
            hint=f"export {name or 'NAME'}=… before the run",
        )
    return value


def _from_file(path: str, option: str) -> str:
    try:
        value = Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise SecretProblem(f"{option}: the file {path or '(no path)'} cannot be read", reason=str(problem)) from None
    if not value:
        raise SecretProblem(f"{option}: the file {path} is empty")
    return value


def _spellings(secret: str) -> Iterable[str]:
    """The ways in which a server or a library may write `secret` back."""
    raw = secret.encode()
    yield from (secret, json.dumps(secret)[1:-1], json.dumps(secret).replace("/", "\\/")[1:-1])
    yield from (quote(secret, safe=""), quote_plus(secret), html.escape(secret))
    yield from (base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("="))


class Redactor:
    """Replaces every known secret by the shell expression that stands for it."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._names: set[str] = set(SENSITIVE)
        self._pattern: re.Pattern[str] | None = None
        self._meaning: dict[str, str] = {}
        self._pieces: set[str] = set()

    def add(self, secret: str, expression: str) -> None:
        """Know `secret`, to be shown as `expression`, such as `$API_KEY` or `${TOKEN%?}`."""
        if secret and secret not in self._known:
            self._known[secret] = expression
            self._pattern = None
            folded = secret.lower()
            if len(secret) >= 2 * _PIECE:
                self._pieces.update(folded[i : i + _PIECE] for i in range(len(folded) - _PIECE + 1))

    def add_header(self, name: str) -> None:
        """Hide the value of every header called `name`."""
        self._names.add(name.lower())

    def text(self, text: str) -> str:
        """`text` with every known secret replaced."""
        if not self._known or not text:
            return text
        if self._pattern is None:
            self._compile()
        assert self._pattern is not None
        return self._pattern.sub(lambda match: self._meaning.get(match[0].lower(), HIDDEN), text)

    def _compile(self) -> None:
        self._meaning = {}
        for secret, expression in self._known.items():
            for spelling in _spellings(secret):
                self._meaning.setdefault(spelling.lower(), expression)
        ordered = sorted(self._meaning, key=len, reverse=True)
        parts = [_edge(word) for word in ordered if word]
        self._pattern = re.compile("|".join(parts), re.IGNORECASE)

    def answer(self, text: str) -> str:
        """Like `text`, and longer pieces of a secret go too: servers like to echo a token's beginning."""
        text = self.text(text)
        if not self._pieces or len(text) < _PIECE:
            return text
        folded, kept, at = text.lower(), [], 0
        if len(folded) != len(text):
            return text
        while at < len(text):
            end = at
            while folded[end : end + _PIECE] in self._pieces:
                end += 1
            kept.append(HIDDEN if end > at else text[at])
            at = end + _PIECE - 1 if end > at else at + 1
        return "".join(kept)

    def data(self, body: bytes) -> bytes:
        """A body's bytes with every known secret, and longer pieces of one, replaced."""
        text = body.decode("utf-8", "surrogateescape")
        clean = self.answer(text)
        return body if clean == text else clean.encode("utf-8", "surrogateescape")

    def request_headers(self, headers: Headers) -> Headers:
        """Headers with the values of sensitive ones replaced by shell expressions, or hidden when unknown."""
        return tuple((name, self._value(name, value)) for name, value in headers)

    def _value(self, name: str, value: str) -> str:
        if name.lower() not in self._names:
            return self.text(value)
        scheme, space, rest = value.partition(" ")
        if value in self._known:
            return self._known[value]
        if space and rest.strip() in self._known:
            return f"{scheme} {self._known[rest.strip()]}"
        if not value or (space and not rest.strip()):
            return value
        return f"{scheme} {HIDDEN}" if space and scheme.isalpha() else HIDDEN

    def response_headers(self, headers: Headers) -> Headers:
        """Headers of a response: sensitive ones hidden, secrets elsewhere replaced."""
        return tuple((n, HIDDEN if n.lower() in self._names else self.answer(v)) for n, v in headers)

    def exchange(self, exchange: Exchange) -> Exchange:
        """`exchange` as it may leave the process."""
        request, response = exchange.request, exchange.response
        return replace(
            exchange,
            request=Request(
                request.method,
                self.text(request.url),
                self.request_headers(request.headers),
                self.text(request.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"),
            ),
            response=response and self._response(response),
            failure=exchange.failure and self.answer(exchange.failure),
            intent={name: self.text(value) for name, value in exchange.intent.items()},
        )

    def _response(self, response: Response) -> Response:
        return replace(
            response,
            reason=self.answer(response.reason),
            headers=self.response_headers(response.headers),
            body=self.data(response.body),
        )


def _edge(word: str) -> str:
    """A short secret counts only where it stands alone: the key "test" must not blot out "latest"."""
    escaped = re.escape(word)
    return rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])" if len(word) < _SHORT else escaped
