"""Where answers lead, what guards the way, and what goes wrong there: redirects and TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ..raw_server import CLOSE, Call, Script, response, silent
from .behaviour import (
    CONFORMANT,
    GATEWAY,
    UNANSWERED,
    Behaviour,
    Right,
    Site,
    bent,
)

QUICK = 5.0
"""Seconds in which a run with a deadline of three has to end."""


def redirect(where: Callable[[Site, Call], str], status: str = "302 Found") -> Callable[[Site], Script]:
    def made(site: Site) -> Script:
        def script(call: Call) -> bool:
            return call.send(response(b"", status, f"Location: {where(site, call)}"))

        return script

    return made


def _to(
    name: str, where: Callable[[Site, Call], str], status: str = "302 Found", **more: object
) -> Behaviour:
    return Behaviour(name, "redirect", redirect(where, status), UNANSWERED, **more)  # type: ignore[arg-type]


def _counting(site: Site, call: Call) -> str:
    with site.lock:
        site.memory["hops"] = site.memory.get("hops", 0) + 1
    return f"/v2.0/hop/{site.memory['hops']}"


REDIRECTS = (
    _to("to itself", lambda site, call: call.line.partition(" ")[2]),
    _to("without an end", _counting),
    _to("to another origin", lambda site, call: f"{site.canary}/elsewhere", telling=True),
    _to("to another origin, with 307", lambda site, call: f"{site.canary}/elsewhere", "307 Temporary Redirect"),
    _to("to another origin, with 308", lambda site, call: f"{site.canary}/elsewhere", "308 Permanent Redirect", contract="open-attestation"),
    _to("to another origin, with 301", lambda site, call: f"{site.canary}/elsewhere", "301 Moved Permanently", contract="dcp"),
    _to("to another origin by its host alone", lambda site, call: site.canary.replace("http:", "") + "/x"),
    _to("to a file", lambda site, call: "file:///etc/passwd"),
    _to("to data", lambda site, call: "data:application/json,{}"),
    _to("to a script", lambda site, call: "javascript:alert(1)"),
    _to("to a host that cannot be reached", lambda site, call: "http://no-such-host.invalid/"),
    _to("to a host that is no host", lambda site, call: "http://[/"),
    _to("to nowhere", lambda site, call: ""),
    _to("to 100 KB", lambda site, call: "/" + "x" * 60_000),
    _to("to a URL with credentials", lambda site, call: f"http://user:{GATEWAY}@127.0.0.1:1/"),
    _to("to a URL with control characters", lambda site, call: "/\x1b[2J\t\x7f"),
    _to("300 Multiple Choices", lambda site, call: "/other", "300 Multiple Choices"),
    _to("304 Not Modified", lambda site, call: "/other", "304 Not Modified"),
)  # fmt: skip


@cache
def _authority() -> Any:
    import trustme

    return trustme.CA()


def _presented(certificate: Any, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def issued(*names: str, trusted: bool = True, **how: Any) -> Callable[[Path], ssl.SSLContext]:
    """A server's certificate; the authority's is left in the folder as ca.pem when it is to be trusted."""

    def made(folder: Path) -> ssl.SSLContext:
        import trustme

        authority = _authority() if trusted else trustme.CA()
        _authority().cert_pem.write_to_path(folder / "ca.pem")
        return _presented(authority.issue_cert(*(names or ("127.0.0.1",)), **how), folder)

    return made


def wants_a_certificate(folder: Path) -> ssl.SSLContext:
    context = issued()(folder)
    context.verify_mode = ssl.CERT_REQUIRED
    _authority().configure_trust(context)
    return context


def old_protocol(folder: Path) -> ssl.SSLContext:
    context = issued()(folder)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


PAST = datetime(2020, 1, 1, tzinfo=UTC)
CA = ("--ca-file", "ca.pem")


def secured(
    name: str, context: Callable[[Path], ssl.SSLContext], codes: frozenset[int], *options: str, **more: object
) -> Behaviour:
    return Behaviour(name, "tls", bent(Right.whole), codes, options=options, context=context, **more)  # type: ignore[arg-type]


def _broken_handshake(data: bytes) -> Callable[[Site], Script]:
    return lambda site: lambda call: CLOSE


TLS = (
    secured("a certificate that is trusted", issued(), CONFORMANT, *CA),
    secured("an issuer that nobody knows", issued(trusted=False), UNANSWERED, *CA, words=("certificate",), telling=True),
    secured("an issuer that nobody knows, insecurely", issued(trusted=False), CONFORMANT, "--insecure"),
    secured("another host's certificate", issued("other.example"), UNANSWERED, *CA, words=("certificate",)),
    secured("a certificate that has ended", issued(not_after=PAST), UNANSWERED, *CA, words=("expired",)),
    secured("a certificate that has not begun", issued(not_before=datetime.now(UTC) + timedelta(days=9), not_after=datetime.now(UTC) + timedelta(days=99)), UNANSWERED, *CA, words=("certificate",)),
    secured("a client's certificate is wanted", wants_a_certificate, UNANSWERED, *CA, words=("--client-cert",)),
    secured("TLS 1.0 and 1.1 only", old_protocol, UNANSWERED, *CA),
    Behaviour("TLS is spoken to, but plain text answers", "tls", lambda site: lambda call: CLOSE, UNANSWERED, greeting=b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", options=("https",)),
    Behaviour("silence in place of a handshake", "tls", lambda site: silent, UNANSWERED, options=("https", "--deadline", "3"), seconds=QUICK),
)  # fmt: skip


BEHAVIOURS = (*REDIRECTS, *TLS)
