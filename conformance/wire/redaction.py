"""Secrets: where they come from, and how they are kept out of everything that leaves the process."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote

from conformance import files
from conformance.errors import SecretProblem, UsageProblem
from conformance.wire.clipping import MARK
from conformance.wire.exchange import Exchange, Headers, Request, Response
from conformance.wire.secrets.finder import BEFORE_EDGE, SHORT, Finder, Word
from conformance.wire.secrets.naming import expands, named, telling, variable_of
from conformance.wire.secrets.withholding import marker, withheld

SENSITIVE = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie", "set-cookie"})
SCHEMES = frozenset({"basic", "bearer", "digest", "token"})
SCHEME = re.compile(r"[A-Za-z]+(?P<signs>[^A-Za-z0-9]*)")
HIDDEN = "[redacted]"
REMEMBERED, MOST_REMEMBERED = 300, 4096
"""Characters of the longest text that is remembered as it is, and how many texts are."""
LONGEST_CLIPPED = 16384
"""Characters of the longest text that may be put together from clipped ones."""
INFLATED = 1 << 16
"""Bytes that are looked at of what is compressed and does not decode."""
BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")
_LONGEST_SECRET = 65536


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
        value = files.text(Path(path).expanduser(), limit=_LONGEST_SECRET).strip()
    except (UsageProblem, RuntimeError) as problem:
        raise SecretProblem(
            f"{option}: the file {path or '(no path)'} cannot be read", hint=str(problem)
        ) from None
    if not value:
        raise SecretProblem(f"{option}: the file {path} is empty")
    return value


class Redactor:
    """Knows the secrets: shows them as shell expressions in requests, and withholds what holds them elsewhere.

    What the suite sends is its own: a secret in it is replaced, exactly. What a server has a say in is searched in its
    normal form, and the smallest part that holds a secret, or twelve characters of one, is withheld.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._words: list[Word] = []
        self._names_of: dict[str, str] = {}
        self._hidden: set[str] = set(SENSITIVE)
        self._finder: Finder | None = None
        self._pattern: re.Pattern[str] | None = None
        self._cleaned: dict[tuple[str, str | bytes], str] = {}

    def add(self, secret: str, expression: str, name: str = "") -> None:
        """Know `secret`, to be shown as `expression`, such as `$API_KEY` or `${TOKEN%?}`.

        `name` is what reports call it, and all forms of it: without one it is named after the expression's variable.
        An expression that no shell expands is no secret, but the value itself.
        """
        if not secret or secret in self._known:
            return
        self._known[secret] = expression
        self._finder = self._pattern = None
        self._cleaned.clear()
        if expands(expression):
            variable = variable_of(expression)
            called = self._names_of.setdefault(variable, name or named(variable))
            self._words.append(Word(telling(secret, variable), called, variable.endswith("USERINFO")))

    def revealed(self, text: str) -> str:
        """`text` with each expression replaced by what it stands for: for requests that are sent again."""
        for secret, expression in sorted(self._known.items(), key=lambda pair: -len(pair[1])):
            text = text.replace(expression, secret) if expands(expression) else text
        return text

    def add_header(self, name: str) -> None:
        """Hide the value of every header called `name`."""
        self._hidden.add(name.lower())

    def show_header(self, name: str) -> None:
        """Show the values of headers called `name`."""
        self._hidden.discard(name.lower())

    @property
    def expressions(self) -> tuple[str, ...]:
        """The shell expressions that stand for secrets, each once."""
        return tuple(dict.fromkeys(filter(expands, self._known.values())))

    @property
    def finder(self) -> Finder:
        """Looks for all secrets that are known so far."""
        if self._finder is None:
            self._finder = Finder(self._words)
        return self._finder

    def holds(self, text: str | bytes) -> str | None:
        """Which secret `text` holds, and in which coding: "the API key, in hexadecimal"; None when none was found."""
        found = self.finder.holds(text) if self._words and text else None
        return str(found) if found else None

    def text(self, text: str) -> str:
        """A text of our own: every known secret replaced by its expression, and what still holds one withheld."""
        return self._remembered("text", text, self._replaced)

    def answer(self, text: str) -> str:
        """A text that a server had a say in, without the smallest parts that hold a secret."""
        return self._remembered("answer", text, self._withheld)

    def data(self, body: bytes, *, cut: bool = False) -> bytes:
        """A body without the smallest parts that hold a secret; with `cut`, its end is missing."""
        try:
            text, encoding = body.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            text, encoding = body.decode("latin-1"), "latin-1"
        clean = self._remembered("cut" if cut else "body", text, self._cut if cut else self._body)
        return body if clean == text else clean.encode(encoding)

    def _coded(self, raw: bytes) -> bytes:
        """Bytes that do not decode as they are labelled: what can be decoded of them counts, too."""
        found = next((found for one in _inflated(raw) if (found := self.holds(one))), None)
        return f"[withheld: holds {found}, compressed]".encode() if found else self.data(raw, cut=True)

    def _remembered(self, kind: str, text: str, clean: Callable[[str], str]) -> str:
        """What `clean` makes of `text`, once for texts that are alike; of long ones the digest is kept."""
        if not self._words or not text:
            return text
        long = len(text) > REMEMBERED
        key = (kind, hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() if long else text)
        found = self._cleaned.get(key)
        if found is None:
            found = clean(text)
            if len(self._cleaned) >= MOST_REMEMBERED:
                self._cleaned.clear()
            self._cleaned[key] = "" if found == text else found
        return found or text

    def _replaced(self, text: str) -> str:
        if self._pattern is None:
            self._pattern = _any_of(self._known)
        replaced = self._pattern.sub(lambda match: self._known.get(match[0]) or self._quoted(match[0]), text)
        rest = self._pattern.sub("", text)
        return replaced if self.holds(rest) is None else self._withheld(replaced)

    def _quoted(self, text: str) -> str:
        return self._known[unquote(text)]

    def _withheld(self, text: str) -> str:
        found = self.finder.holds(text)
        return self._unclipped(withheld(text, found, self.finder) if found else text)

    def _unclipped(self, text: str) -> str:
        """`text` without what is left of a secret where it was clipped."""
        if MARK not in text or len(text) > LONGEST_CLIPPED:
            return text
        for at, found in self.finder.cut_words(text):
            start = max(text.rfind('"', 0, at), text.rfind("\n", 0, at)) + 1
            start = start if self.finder.holds(text[:start], cut=True) is None else 0
            text = text[:start] + marker(found) + text[at:]
        return text

    def _body(self, text: str) -> str:
        found = self.finder.holds(text)
        if found is None:
            return text
        return marker(found) if BINARY.search(text) else withheld(text, found, self.finder)

    def _cut(self, text: str) -> str:
        """A body that was cut: its end may be in the middle of a secret."""
        clean = self._body(text)
        found = self.finder.holds(clean[-BEFORE_EDGE:], cut=True)
        return clean[:-BEFORE_EDGE] + marker(found) if found else clean

    def request_headers(self, headers: Headers) -> Headers:
        """Headers with the values of sensitive ones replaced by shell expressions, or hidden when unknown."""
        return tuple((name, self._value(name, value)) for name, value in headers)

    def _value(self, name: str, value: str) -> str:
        if name.lower() not in self._hidden:
            return self.text(value)
        scheme, space, rest = value.partition(" ")
        shown = self._after_its_scheme(value)
        if shown is not None:
            return shown
        if not value or (space and not rest.strip()) or value.lower() in SCHEMES:
            return value
        return f"{scheme} {HIDDEN}" if space and scheme.lower() in SCHEMES else HIDDEN

    def _after_its_scheme(self, value: str) -> str | None:
        """A known credential as its expression, with the very scheme and signs in front; None for another one."""
        front = SCHEME.match(value)
        ends = range(front.start("signs"), front.end() + 1) if front else ()
        found = next((at for at in (0, *ends) if value[at:] in self._known), None)
        return None if found is None else value[:found] + self._known[value[found:]]

    def response_headers(self, headers: Headers) -> Headers:
        """Headers of a response: sensitive ones hidden, others withheld that hold a secret."""
        return tuple(
            (self._header(n), HIDDEN if n.lower() in self._hidden else self._header(v)) for n, v in headers
        )

    def _header(self, text: str) -> str:
        """A header's name or value, or that it is withheld."""
        return self._remembered("header", text, self._whole)

    def _whole(self, text: str) -> str:
        """Headers come as latin-1 (RFC 9110, section 5.5), and are read as UTF-8 too, since servers write it."""
        found = self.finder.holds(text)
        if not found and not text.isascii():
            found = self.finder.holds(text.encode("latin-1", "replace").decode("utf-8", "replace"))
        return marker(found) if found else text

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
            reason=self._header(response.reason),
            headers=self.response_headers(response.headers),
            body=self.data(response.body, cut=response.truncated),
            raw=self._coded(response.raw),
            coding=self._header(response.coding),
        )


def _inflated(raw: bytes) -> Iterator[bytes]:
    """What gzip and deflate make of bytes, as far as they come."""
    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        decoder, found = zlib.decompressobj(bits), bytearray()
        with contextlib.suppress(zlib.error):
            for byte in raw:
                found += decoder.decompress(bytes([byte]), INFLATED)
                if len(found) >= INFLATED:
                    break
        yield bytes(found)


def _any_of(known: Iterable[str]) -> re.Pattern[str]:
    """Any of the known secrets, the longest first, percent-encoded too; a short one only where it stands alone."""
    forms = sorted({form for one in known for form in (one, quote(one, safe=""))}, key=len, reverse=True)
    alone = r"(?<![^\W_]){}(?![^\W_])"
    return re.compile(
        "|".join(re.escape(one) if len(one) >= SHORT else alone.format(re.escape(one)) for one in forms)
    )
