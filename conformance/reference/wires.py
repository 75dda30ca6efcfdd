"""Ways over which the reference deployment can be served that are odd and right, and the oddities they make."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp

from conformance.contract import Effort
from conformance.defects import Oddity
from conformance.errors import UsageProblem
from conformance.reference.codings import CODINGS
from conformance.reference.crowd import OneAtATime
from conformance.reference.mannered import mannered
from conformance.reference.manners import Framing, Manners
from conformance.reference.multiplexed import missing, multiplexed
from conformance.reference.server import run_forever, serving, terminable

LOOPBACK: Final = "127.0.0.1"

MANNERS: Final[Mapping[str, tuple[str, Manners]]] = {
    "http10": (
        "Answers are HTTP/1.0 and every connection ends with its answer.",
        Manners(version="HTTP/1.0", framing=Framing.CLOSE),
    ),
    "until-close": (
        "Bodies have no length: the end of the connection is their end.",
        Manners(framing=Framing.CLOSE),
    ),
    "closes-at-once": (
        "Connections are promised to be kept, and closed after each answer.",
        Manners(idle=0.0),
    ),
    "closes-idle": (
        "A connection that was idle for 50 ms is closed without notice.",
        Manners(idle=0.05),
    ),
    "chunked": (
        "Bodies are sent in chunks of seven bytes.",
        Manners(framing=Framing.CHUNKED, piece=7),
    ),
    "upper-case": (
        "The names of headers are in upper case.",
        Manners(name=str.upper),
    ),
    "tight-headers": (
        "There is no blank behind the colon of a header.",
        Manners(colon=":"),
    ),
    "no-reason": (
        "Status lines have an empty reason.",
        Manners(reason=lambda status: ""),
    ),
    "own-reason": (
        "Status lines have a reason of the server's own.",
        Manners(reason=lambda status: f"that is a {status}"),
    ),
    "continue": (
        "100 Continue comes before every answer.",
        Manners(interim=(100,)),
    ),
    "early-hints": (
        "102 Processing and 103 Early Hints come before every answer.",
        Manners(interim=(102, 103)),
    ),
    "dribbled": (
        "Bodies come byte by byte.",
        Manners(piece=1, pause=0.001),
    ),
    "slow": (
        "Every answer takes 300 ms.",
        Manners(delay=0.3),
    ),
}

WIRES: Final[Mapping[str, str]] = {
    **{name: description for name, (description, _) in MANNERS.items()},
    "http2": "The deployment speaks HTTP/2 over TLS, and nothing else.",
    "ipv6": "The deployment has an IPv6 address and no other.",
}
SLOW: Final = frozenset({"slow"})
"""The wires on which a run does no more than it has to."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a deployment is served; `certificate` is the file with what to trust when it is served over TLS."""

    base_url: str
    certificate: Path | None = None


@contextmanager
def serving_over(wire: str | None, app: ASGIApp, host: str | None = None, port: int = 0) -> Iterator[Place]:
    """Serve `app` over a wire of WIRES, or over the usual one (None), and yield the place.

    Raises UsageProblem for an unknown wire, an address that cannot be used, or a package that is missing.
    """
    if wire is None:
        with serving(app, host or LOOPBACK, port) as base_url:
            yield Place(base_url)
    elif wire in MANNERS:
        with mannered(app, MANNERS[wire][1], host or LOOPBACK, port) as base_url:
            yield Place(base_url)
    elif wire == "http2":
        with multiplexed(app, host or LOOPBACK, port) as (base_url, certificate):
            yield Place(base_url, certificate)
    elif wire == "ipv6":
        with serving(app, _ipv6(host), port) as base_url:
            yield Place(base_url)
    else:
        raise UsageProblem(f"there is no wire called {wire}", hint=f"the wires are: {', '.join(WIRES)}")


def serve_forever(
    wire: str | None, app: ASGIApp, host: str | None, port: int, *, ready: Callable[[Place], None]
) -> None:
    """Serve `app` over a wire until Ctrl-C or a termination signal; `ready` gets the place at the start."""
    if wire is None:
        run_forever(app, host or LOOPBACK, port, ready=lambda base_url: ready(Place(base_url)))
        return
    with terminable(), suppress(KeyboardInterrupt), serving_over(wire, app, host, port) as place:
        ready(place)
        while True:
            time.sleep(3600)


def unavailable(wire: str | None) -> str | None:
    """Why this machine cannot serve over a wire, if it cannot."""
    if wire == "http2" and (lacking := missing()):
        return f"the package {lacking} is not installed"
    if wire == "ipv6":
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as problem:
            return f"there is no IPv6 loopback address: {problem.strerror}"
    return None


def _ipv6(host: str | None) -> str:
    if host and ":" not in host:
        raise UsageProblem(f"{host} is not an IPv6 address", hint="leave --host out for ::1")
    return host or "::1"


def wire_oddities(contract: str) -> tuple[Oddity, ...]:
    """The oddities that every contract has: each wire, and what needs no socket, such as each content coding."""
    wires = [
        Oddity(
            f"{contract}.wire-{name}",
            description,
            wire=name,
            settings={"effort": Effort.QUICK} if name in SLOW else {},
        )
        for name, description in WIRES.items()
    ]
    codings = [
        Oddity(f"{contract}.wire-{name}", f"Bodies are coded with {kind.__name__}.", behaviour=kind)
        for name, kind in CODINGS.items()
    ]
    crowd = Oddity(
        f"{contract}.one-at-a-time",
        "All but one of several calls at the same time are put off.",
        behaviour=OneAtATime,
    )
    return (*wires, *codings, crowd)
