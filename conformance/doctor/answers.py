"""What the first answer tells besides its content: TLS, HTTP, a redirect or a page, the clock, limits."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from conformance.doctor.line import Line, ok, problem, unknown
from conformance.doctor.witness import Agreed
from conformance.wire.certificates import day
from conformance.wire.clipping import clip
from conformance.wire.exchange import Exchange, Response
from conformance.wire.route import Route

SOON = 7.0
"""Days before its end in which a certificate is worth a word."""
DAY = 86_400.0
LIMITS = re.compile(r"(x-)?rate-?limit(-[a-z-]+)?|retry-after", re.IGNORECASE)
REMAINING = re.compile(r"(?:x-)?rate-?limit-remaining", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{1,15}")
LEFT = re.compile(r";\s*r=([0-9]{1,15})(?![0-9])")
LOGIN = re.compile(r"type=[\"']?password|log ?in|sign ?in|anmelden|saml|openid|oauth", re.IGNORECASE)
PAGES = (
    ("to HTTPS port", "the port speaks TLS, not plain HTTP", "let the base URL begin with https://"),
    ("to an HTTPS server", "the port speaks TLS, not plain HTTP", "let the base URL begin with https://"),
    ("SSL certificate", "a gateway wants a client certificate", "give it with --client-cert FILE"),
    ("client certificate", "a gateway wants a client certificate", "give it with --client-cert FILE"),
    (
        "Missing Authentication Token",
        "the gateway knows no such path",
        "is the stage missing in the base URL?",
    ),
)
"""Words on pages of what stands in front of a deployment, what they mean, and the remedy."""


def tls_line(agreed: Agreed, route: Route, now: float) -> Line:
    """What TLS came to."""
    certificate = agreed.certificate
    if certificate is None:
        return ok("TLS", f"{agreed.tls}; the certificate cannot be looked at here")
    left = (certificate.ends - now) / DAY
    until = f"ends in {left:.0f} days ({day(certificate.ends)})"
    by = f"issued by {clip(certificate.issuer, 60) or 'nobody'}"
    if left < 0:
        return problem(
            "TLS", f"the certificate has expired: it was valid until {day(certificate.ends)}", "renew it"
        )
    if route.insecure:
        return unknown(
            "TLS", f"{agreed.tls}; the certificate, {by}, is not verified and {until}", "leave out --insecure"
        )
    if left < SOON:
        return problem("TLS", f"{agreed.tls}; the certificate, {by}, {until}", "renew it soon")
    return ok("TLS", f"{agreed.tls}; the certificate, {by}, is trusted and {until}")


def http_line(agreed: Agreed) -> Line:
    """Which version of HTTP was spoken, and what was offered."""
    if not agreed.tls:
        return ok("HTTP", f"{agreed.http}; another version could be agreed on over TLS only")
    chosen = (
        f"the server chose {agreed.alpn} of h2 and http/1.1"
        if agreed.alpn
        else "the server chose none (ALPN)"
    )
    return ok("HTTP", f"{agreed.http}; {chosen}")


def place_line(exchange: Exchange, hint: str) -> Line | None:
    """A redirect, a login page or a gateway's page in place of the API; None when it is none of them."""
    response = exchange.response
    if response is None:
        return None
    if 300 <= response.status < 400:
        return _redirect(exchange, response)
    text = response.body[:20_000].decode("utf-8", "replace")
    for words, sentence, remedy in PAGES:
        if response.status >= 400 and words.lower() in text.lower():
            return problem("place", f"{sentence}: {response.status} “{words}”", remedy)
    if response.status == 407:
        return problem("place", "a proxy wants a login: it answered 407", "give it with --proxy URL")
    if response.status < 300 and (response.media_type == "text/html" or text.lstrip()[:1] == "<"):
        if LOGIN.search(text):
            return problem(
                "place", f"a login page answers ({response.status})", f"log in by --header, or {hint}"
            )
        return problem("place", f"a web page answers ({response.status}), not an API", hint)
    return None


def _redirect(exchange: Exchange, response: Response) -> Line:
    where = response.header("location") or ""
    try:
        there = urlsplit(urljoin(exchange.request.url, where))
        shown = f"{there.scheme}://{there.netloc.rpartition('@')[2]}{there.path}"
    except ValueError:
        there, shown = urlsplit(""), "an address that cannot be read"
    if not where:
        return problem("place", f"{response.status} redirects to nowhere", "ask the deployment's operator")
    if LOGIN.search(shown):
        return problem(
            "place", f"{response.status} redirects to a login page, {clip(shown, 200)}", "log in by --header"
        )
    remedy = "put where it points to into the base URL"
    return problem("place", f"{response.status} redirects to {clip(shown, 200)}", remedy)


def clock_line(exchange: Exchange, tolerance: float) -> Line:
    """How far the deployment's clock is from this machine's."""
    response = exchange.response
    said = response.header("date") if response else None
    if not response or not said:
        return unknown("clock", "the answer has no Date")
    if (response.header("age") or "0").strip() != "0":
        return unknown("clock", "the answer came from a cache, and so did its Date")
    try:
        there = parsedate_to_datetime(said).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return problem(
            "clock", f"the Date of the answer cannot be read: {clip(said, 60)}", "repair the server"
        )
    off = there - (exchange.started + exchange.ended) / 2
    if abs(off) <= 1.5:
        return ok("clock", "the same as here")
    text = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} this machine's"
    if abs(off) <= tolerance:
        return ok("clock", f"{text}, within --clock-tolerance {tolerance:g}")
    return problem("clock", text, "set the one that is wrong, or raise --clock-tolerance")


def limit_line(exchanges: list[Exchange], planned: int) -> Line:
    """Which rate limits are announced; `planned` is about what a run sends."""
    headers = [pair for one in exchanges if one.response for pair in one.response.headers]
    found = {name.lower(): value for name, value in headers if LIMITS.fullmatch(name)}
    said = "; ".join(f"{name}: {clip(value, 60)}" for name, value in list(found.items())[:5])
    if any(one.status == 429 for one in exchanges):
        return problem("limits", f"too many requests already (429) {said}".strip(), "wait, and give --rate")
    if not found:
        return ok("limits", "none are announced")
    left = [count for name, value in found.items() if (count := _remaining(name, value)) is not None]
    if left and min(left) < planned:
        remedy = "if that is for long, give --rate, such as 1/s, or --effort quick"
        return unknown("limits", f"a run sends about {planned}, and {min(left)} are left: {said}", remedy)
    return ok("limits", said)


def _remaining(name: str, value: str) -> int | None:
    """How many requests are left, as a header says: the older ones alone, RateLimit as its parameter r."""
    told = NUMBER.fullmatch(value.strip()) if REMAINING.fullmatch(name) else None
    told = told or (LEFT.search(value) if name == "ratelimit" else None)
    return int(told[told.re.groups]) if told else None
