"""Requests that no client has to send: negative data, odd methods, odd headers, very long values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from conformance.openapi import GeneratedCase, examples
from conformance.session import Session
from conformance.wire.client import Client
from conformance.wire.exchange import Exchange, Headers

READING = ("GET", "HEAD", "OPTIONS")
HARMLESS = ("GET", "HEAD")
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND")
LONG = (300, 2_000, 8_000, 16_000)
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")
HEADERS: tuple[tuple[str, Headers], ...] = (
    ("an Accept header that allows nothing that is served", (("Accept", "image/png"),)),
    ("an Accept header that is none", (("Accept", ";;q=,/"),)),
    ("a Content-Type that is none", (("Content-Type", "///"),)),
    ("a character set that nobody has", (("Content-Type", "application/json; charset=no-such"),)),
    ("a content coding that nobody has", (("Accept-Encoding", "no-such;q=7"),)),
    ("a Range that cannot be had", (("Range", "bytes=9-1"),)),
    ("a date that is none", (("If-Modified-Since", "yesterday"),)),
    ("an entity tag that is none", (("If-None-Match", '"'),)),
    ("a forwarded address that is none", (("X-Forwarded-For", "999.999.999.999"),)),
    ("a header of 8,000 characters", (("X-Probe", "a" * 8_000),)),
    ("a hundred headers", tuple((f"X-Probe-{number}", "a") for number in range(100))),
)


@dataclass(frozen=True, slots=True)
class Probe:
    """One odd request; `what` says what is odd about it, to stand after "with"."""

    method: str
    path: str
    headers: Headers = field(repr=False)
    body: bytes
    what: str

    def send(self, client: Client) -> Exchange:
        """Send it as it is."""
        return client.send(
            self.method,
            self.path,
            headers=tuple(pair for pair in self.headers if sendable(*pair)),
            body=self.body,
            intent={"op": "probe", "what": self.what},
            writes=self.method not in READING,
        )


def sendable(name: str, value: str) -> bool:
    """Whether a header can be sent at all: a token, and a field value of visible characters (RFC 9110)."""
    return NAME.fullmatch(name) is not None and VALUE.fullmatch(value) is not None


def probes(session: Session, adapter: Any) -> Iterator[Probe]:
    """Odd requests of every kind in turns; between them an ordinary read, so that a server that is down is noticed.

    What may write goes to ids that nobody has, with the key if there is one, and not at all with --read-only. The
    operator's ids and printed ones take no part.
    """
    maker = _Maker(session, adapter)
    kinds = (maker.negative(), maker.methods(), maker.headers(), maker.long())
    for turn in zip_longest(*kinds):
        for probe in turn:
            if probe is not None and maker.may_send(probe.method):
                yield probe
        yield maker.plain()


class _Maker:
    """Makes probes for one deployment."""

    def __init__(self, session: Session, adapter: Any) -> None:
        self._session = session
        self._adapter = adapter
        self._credentials: Headers = adapter.credentials(session.driver)
        key, settings = session.contract.write_key, session.settings
        self.may_write = not settings.read_only and (key is None or bool(settings.many(key)))
        self._harmless = HARMLESS if settings.read_only else READING
        self._ours = {value.rpartition("=")[2] for values in settings.inputs.values() for value in values}

    def may_send(self, method: str) -> bool:
        """Whether the run has leave to send such a request: with --read-only GET and HEAD, and nothing else."""
        return self.may_write or method in self._harmless

    def plain(self) -> Probe:
        """An ordinary read of an id that nobody has."""
        return Probe("GET", self._fresh("plain"), self._credentials, b"", "nothing odd")

    def negative(self) -> Iterator[Probe]:
        """What schemathesis makes of the document to break its schemas."""
        from conformance.shapes import drawing

        for case in drawing.coverage(self._session.contract.name, negative=True):
            what = f"{case.description[:1].lower()}{case.description[1:]}" or "odd data"
            yield Probe(case.method, self._path(case), self._headers(case.headers), case.body, what)

    def _path(self, case: GeneratedCase) -> str:
        """The drawn id when it is only read and nobody's; else with a fresh one behind it, or a fresh one alone."""
        drawn = next(iter(case.parameters.values()), "")
        if drawn in self._ours or drawn in examples(self._session.contract.name):
            return self._fresh(drawn)
        if case.method in READING:
            return str(self._adapter.path(drawn)) if case.parameters else case.path.partition("{")[0]
        return str(self._adapter.path(drawn + self._session.driver.fresh(f"robustness {drawn}")))

    def methods(self) -> Iterator[Probe]:
        """Methods that the document does not have."""
        for method in METHODS:
            body = b"" if method in (*READING, "DELETE") else b"{}"
            yield Probe(method, self._fresh(method), self._headers({}), body, "an odd method")

    def headers(self) -> Iterator[Probe]:
        """Headers that are odd, on an ordinary read."""
        for what, headers in HEADERS:
            yield Probe("GET", self._fresh(what), self._credentials + headers, b"", what)

    def long(self) -> Iterator[Probe]:
        """Ids that are very long."""
        for length in LONG:
            path = self._adapter.path("a" * length)
            yield Probe("GET", path, self._credentials, b"", f"an id of {length} characters")

    def _headers(self, drawn: Mapping[str, str]) -> Headers:
        named = {name.lower() for name in drawn}
        label = () if "content-type" in named else (("Content-Type", "application/json"),)
        return (*self._credentials, *label, *drawn.items())

    def _fresh(self, label: str) -> str:
        return str(self._adapter.path(self._session.driver.fresh(f"robustness {label}")))
