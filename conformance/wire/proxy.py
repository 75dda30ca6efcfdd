"""The proxy on the way to a deployment: which one it is, and its credentials."""

from __future__ import annotations

import base64
import ipaddress
import ssl
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from conformance.errors import UsageProblem

if TYPE_CHECKING:
    import httpx

SCHEMES = ("http", "https", "socks5", "socks5h")


def of_environment(url: str) -> str | None:
    """The proxy that the environment names for `url`; this machine is always reached directly."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    known = getproxies()
    if _is_loopback(host) or proxy_bypass(parts.netloc) or _is_exempt(host, parts.port, known.get("no", "")):
        return None
    proxy = known.get(parts.scheme) or known.get("all")
    return with_scheme(proxy) if proxy else None


def all_of_environment() -> tuple[str, ...]:
    """Every proxy that the environment names, used or not."""
    return tuple(with_scheme(value) for name, value in getproxies().items() if name != "no" and value)


def with_scheme(proxy: str) -> str:
    """`proxy` as a URL: a host and a port alone mean an HTTP proxy."""
    return proxy.strip() if "://" in proxy else f"http://{proxy.strip()}"


def usable(proxy: str, context: ssl.SSLContext | None = None) -> httpx.Proxy:
    """`proxy` as httpx wants it; raises UsageProblem, which repeats nothing of it, since a password may be in it."""
    import httpx

    try:
        parts = urlsplit(proxy)
        scheme, host, _ = parts.scheme.lower(), parts.hostname, parts.port
        if scheme in SCHEMES and host:
            _insist_on_socks(scheme)
            return httpx.Proxy(proxy, ssl_context=context if scheme == "https" else None)
    except (ValueError, httpx.InvalidURL):
        raise UsageProblem("the URL of the proxy is malformed", hint="such as http://HOST:PORT") from None
    if scheme not in SCHEMES:
        raise UsageProblem(
            f"the URL of the proxy must start with one of {', '.join(f'{one}://' for one in SCHEMES)}"
        )
    raise UsageProblem("the URL of the proxy has no host", hint="such as http://HOST:PORT")


def _insist_on_socks(scheme: str) -> None:
    if scheme.startswith("socks") and find_spec("socksio") is None:
        raise UsageProblem(
            "a SOCKS proxy needs a package that is not installed",
            hint="pip install 'status-conformance[socks]'",
        )


def shown(proxy: str) -> str:
    """The URL of a proxy without credentials."""
    try:
        parts = urlsplit(proxy)
    except ValueError:
        return "(malformed)"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def secrets_of(proxy: str) -> Iterator[tuple[str, str]]:
    """The credentials in the URL of a proxy, in every form that is sent, each with what stands for it."""
    try:
        userinfo = urlsplit(proxy).netloc.rpartition("@")[0]
    except ValueError:
        userinfo = proxy.partition("://")[2].rpartition("@")[0]
    if not userinfo.strip(":"):
        return
    user, _, password = userinfo.partition(":")
    yield from ((one, "$PROXY_USERINFO") for one in (userinfo, unquote(userinfo)))
    yield from ((one, "$PROXY_PASSWORD") for one in (password or user, unquote(password or user)))
    pair = f"{unquote(user)}:{unquote(password)}".encode("utf-8", "surrogateescape")
    yield base64.b64encode(pair).decode(), '$(printf %s "$PROXY_USERINFO" | base64)'


def _is_exempt(host: str, port: int | None, exempt: str) -> bool:
    """Whether an entry of NO_PROXY means `host`: a network, an address in any spelling, `*.` and a domain."""
    for entry in filter(None, (one.strip().lower() for one in exempt.split(","))):
        if entry.startswith("*.") and host.endswith(entry[1:]):
            return True
        place, only = _place(entry)
        if only in (None, port) and _is_within(host, place):
            return True
    return False


def _place(entry: str) -> tuple[str, int | None]:
    """An entry's address or network, and its port if it has one: `[2001:db8::1]:8080`, `10.0.0.1:8080`."""
    if entry.startswith("["):
        address, _, rest = entry[1:].partition("]")
        tail = rest.removeprefix(":") if rest.startswith(":") else ""
        return address + (rest if rest.startswith("/") else ""), int(tail) if tail.isdecimal() else None
    address, colon, tail = entry.partition(":")
    if colon and ":" not in tail and tail.isdecimal():
        return address, int(tail)
    return entry, None


def _is_within(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
