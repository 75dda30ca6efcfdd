"""Names, addresses and the proxy: what a base URL resolves to, and which address families answer."""

from __future__ import annotations

import errno
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from conformance.doctor.line import Line, ok, problem, unknown
from conformance.wire import proxy as proxies
from conformance.wire.route import Route

T = TypeVar("T")
Found = Sequence[tuple[Any, ...]]
"""What getaddrinfo returns."""
FAMILIES = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}
HERE = frozenset({errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EHOSTUNREACH})
"""Errors that tell of this machine rather than of the other one."""
LONGEST = 5.0
"""Seconds that looking up a name, or connecting, may take."""


def lines(base_url: str, route: Route, timeout: float) -> list[Line]:
    """What there is to say before the first request."""
    used = route.proxy_for(base_url)
    if used:
        where = "--proxy" if route.proxy != "env" else "the environment"
        return [
            ok("proxy", f"{proxies.shown(used)} is used, as {where} says"),
            unknown("names", "it is the proxy that resolves the name"),
        ]
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    wait = min(timeout, LONGEST)
    try:
        found = _within(wait, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        return [problem("names", f"{host} does not resolve", "check the base URL; is it a name of a VPN?")]
    if found is None:
        return [problem("names", f"{host} was not looked up within {wait:g} s", "is the name server there?")]
    return [_named(host, found), *_families(found, wait)]


def _named(host: str, found: Found) -> Line:
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if addresses == [host]:
        return ok("names", f"{host} is an address")
    more = f" and {len(addresses) - 4} more" if len(addresses) > 4 else ""
    return ok("names", f"{host} is {', '.join(addresses[:4])}{more}")


def _families(found: Found, wait: float) -> list[Line]:
    """A line for each address family that the name has."""
    first = {one[0]: one[4] for one in reversed(found) if one[0] in FAMILIES}
    tried = {family: _connect(family, address, wait) for family, address in first.items()}
    answered = any(isinstance(result, float) for result in tried.values())
    return [
        _family(FAMILIES[family], str(first[family][0]), tried[family], answered=answered)
        for family in FAMILIES
        if family in tried
    ]


def _family(name: str, address: str, result: float | OSError, *, answered: bool) -> Line:
    if isinstance(result, float):
        return ok(name, f"{address} answers, in {result * 1000:.0f} ms")
    if result.errno in HERE and answered:
        return unknown(name, f"this machine cannot reach {address}: {_reason(result)}")
    if answered and ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return ok(name, f"nothing listens on {address}, which this machine does not need")
    text = f"{address} does not answer: {_reason(result)}"
    if answered:
        return problem(
            name, text, "repair that address, or take it out of the DNS: some clients try it first"
        )
    return problem(name, text, "check the host and port of the base URL, and the firewall between")


def _connect(family: int, address: Any, wait: float) -> float | OSError:
    """Seconds until a connection was made, or why there is none."""
    began = time.monotonic()
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.settimeout(wait)
            sock.connect(address)
    except OSError as failure:
        return failure
    return time.monotonic() - began


def _reason(failure: OSError) -> str:
    return "no answer in time" if isinstance(failure, TimeoutError) else str(failure.strerror or failure)


def _within(seconds: float, call: Callable[[], T]) -> T | None:
    """The result of `call`, or None if it takes longer; the system's look-up knows no timeout."""
    results: list[T] = []
    failures: list[Exception] = []

    def work() -> None:
        try:
            results.append(call())
        except (OSError, UnicodeError) as failure:
            failures.append(failure)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    return results[0] if results else None
