"""Secrets: where they come from, and how they are kept out of everything that leaves the process."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from conformance.errors import SecretProblem
from conformance.wire.exchange import Exchange, Headers, Request, Response
from conformance.wire.spelling import Finder

SENSITIVE = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie", "set-cookie"})
SCHEMES = frozenset({"basic", "bearer", "digest", "token"})
HIDDEN = "[redacted]"
REMEMBERED = 300
"""Characters of the longest text whose cleaned form is kept for the next time it comes by."""


def resolve(reference: str, option: str) -> str:
    """The secret that `reference` means: a literal, `env:NAME` or `file:PATH`.

    Raises SecretProblem when it is missing or empty, or cannot stand in a header.
    """
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        value = _from_environment(rest, option)
    elif scheme == "file":
        value = _from_file(rest, option)
    else:
        value = reference.strip()
    if not value:
        raise SecretProblem(f"{option} is empty", hint="give a literal, env:NAME or file:PATH")
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
    except (OSError, ValueError, RuntimeError) as problem:
        raise SecretProblem(
            f"{option}: the file {path or '(no path)'} cannot be read", reason=str(problem)
        ) from None
    if not value:
        raise SecretProblem(f"{option}: the file {path} is empty")
    return value


class Redactor:
    """Replaces every known secret by the shell expression that stands for it."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._names: set[str] = set(SENSITIVE)
        self._finder: Finder | None = None
        self._cleaned: dict[tuple[str, bool], str] = {}

    def add(self, secret: str, expression: str) -> None:
        """Know `secret`, to be shown as `expression`, such as `$API_KEY` or `${TOKEN%?}`."""
        if secret and secret not in self._known:
            self._known[secret] = expression
            self._finder = None
            self._cleaned.clear()

    def add_header(self, name: str) -> None:
        """Hide the value of every header called `name`."""
        self._names.add(name.lower())

    def text(self, text: str) -> str:
        """`text` with every known secret replaced, however it is spelled."""
        return self._replace(text, pieces=False)

    def answer(self, text: str) -> str:
        """Like `text`, and longer pieces of a secret go too: servers like to echo a token's beginning."""
        return self._replace(text, pieces=True)

    def _replace(self, text: str, *, pieces: bool) -> str:
        """`text` without secrets; short texts are remembered, since most headers of a run are the same."""
        if not self._known or not text:
            return text
        if len(text) > REMEMBERED:
            return self._search(text, pieces=pieces)
        found = self._cleaned.get((text, pieces))
        if found is None:
            found = self._cleaned[text, pieces] = self._search(text, pieces=pieces)
        return found

    def _search(self, text: str, *, pieces: bool) -> str:
        if self._finder is None:
            self._finder = Finder(self._known)
        parts, at = [], 0
        for span in self._finder.find(text, pieces=pieces):
            parts += [text[at : span.start], self._known[span.word] if span.word else HIDDEN]
            at = span.end
        return "".join([*parts, text[at:]])

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
        if not value or (space and not rest.strip()) or value.lower() in SCHEMES:
            return value
        return f"{scheme} {HIDDEN}" if space and scheme.lower() in SCHEMES else HIDDEN

    def response_headers(self, headers: Headers) -> Headers:
        """Headers of a response: sensitive ones hidden, secrets elsewhere replaced."""
        return tuple(
            (self.answer(n), HIDDEN if n.lower() in self._names else self.answer(v)) for n, v in headers
        )

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
            raw=self.data(response.raw),
            coding=self.answer(response.coding),
        )
