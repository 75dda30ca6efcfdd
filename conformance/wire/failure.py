"""What went wrong on the network, in a sentence a person can act on."""

from __future__ import annotations

import socket
import ssl

import httpx

LONGEST = 120


def explain(problem: BaseException, timeout: float) -> str:
    """A sentence for an exception of httpx, ssl or the operating system; `timeout` is in seconds."""
    chain = _chain(problem)
    if any(isinstance(link, socket.gaierror) for link in chain):
        return "the host name does not resolve"
    if any(isinstance(link, UnicodeError) for link in chain):
        return "the host name is not one that can be looked up"
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in chain):
        return f"the TLS certificate does not verify ({_certificate(chain)})"
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return "TLS failed: the server does not speak it on this port, or not a version that is safe"
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return "the connection was refused: nothing listens on that port"
    return _by_kind(problem, timeout)


def _by_kind(problem: BaseException, timeout: float) -> str:
    if isinstance(problem, httpx.ConnectTimeout | httpx.PoolTimeout):
        return f"no connection could be made within {timeout:.3g} s"
    if isinstance(problem, httpx.TimeoutException):
        return f"no complete answer came within {timeout:.3g} s"
    if isinstance(problem, httpx.DecodingError):
        return f"the body does not decode as its Content-Encoding says{_because(problem)}"
    if isinstance(problem, httpx.RemoteProtocolError):
        return _protocol(problem)
    if isinstance(problem, httpx.LocalProtocolError):
        return f"the request cannot be sent{_because(problem)}"
    if isinstance(problem, httpx.ProxyError):
        return f"the proxy that the environment names does not let the request through{_because(problem)}"
    if isinstance(problem, httpx.ConnectError):
        return f"no connection could be made{_because(problem)}"
    return f"the connection broke{_because(problem) or f' ({type(problem).__name__})'}"


def _protocol(problem: BaseException) -> str:
    text = str(problem)
    if "disconnected without sending" in text or "ConnectionTerminated" in text:
        return "the connection was dropped before an answer came"
    if "without sending complete message body" in text or "incomplete chunked read" in text:
        return f"the connection was dropped before the body was complete{_because(problem)}"
    return f"the answer is not HTTP{_because(problem)}"


def _because(problem: BaseException) -> str:
    """The reason in brackets, on one line and short, since a server may have had a say in it."""
    text = " ".join(str(problem).split())
    clipped = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return f" ({clipped})" if clipped else ""


def _chain(problem: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while problem is not None and problem not in links:
        links.append(problem)
        problem = problem.__cause__ or problem.__context__
    return links


def _certificate(chain: list[BaseException]) -> str:
    found = next(link for link in chain if isinstance(link, ssl.SSLCertVerificationError))
    return str(found.verify_message or found.reason or "no reason given")
