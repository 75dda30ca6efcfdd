"""What went wrong on the network, in a sentence a person can act on, and what to do about it."""

from __future__ import annotations

import re
import socket
import ssl
import time

import httpx

from conformance.wire.certificates import Certificate, day

LONGEST = 120
NAMES = 4
"""How many of a certificate's names a sentence repeats."""
SPEAKS_TLS = "the port speaks TLS"
CHECK = "check the base URL, the network and whether the deployment is up"
CLOCK = "or set this machine's clock if that is wrong"
TRUST = "name the file with the issuer's certificate with --ca-file, or give --insecure"
CLIENT = "give it with --client-cert FILE [--client-key FILE]"
ANOTHER = "give one that the server takes with --client-cert FILE [--client-key FILE]"
VERSION = "the server has to offer TLS 1.2 or newer with a cipher that is still taken as safe"
PLAIN = "does the base URL have to begin with http://, or name another port?"
DIRECTLY = "--proxy URL names another one, and --proxy none goes without"
LOGIN = "put it into the URL of the proxy: --proxy http://USER:PASSWORD@HOST:PORT, or as env:NAME"
ALERTS = (
    (("CERTIFICATE_REQUIRED",), "the server wants a client certificate", CLIENT),
    (
        ("HANDSHAKE_FAILURE",),
        "TLS failed: the server wants a client certificate, or shares no cipher with this machine",
        CLIENT,
    ),
    (("ALERT_CERTIFICATE_EXPIRED",), "the server says that the client certificate has expired", ANOTHER),
    (("ALERT_CERTIFICATE_REVOKED",), "the server says that the client certificate is revoked", ANOTHER),
    (("ALERT_UNKNOWN_CA",), "the server does not know who issued the client certificate", ANOTHER),
    (
        ("ALERT_BAD_CERT", "ALERT_UNSUPPORTED_CERT", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_ACCESS_DENIED"),
        "the server does not take the client certificate",
        ANOTHER,
    ),
    (
        (
            "UNSUPPORTED_PROTOCOL",
            "PROTOCOL_VERSION",
            "NO_PROTOCOLS_AVAILABLE",
            "UNSAFE_LEGACY",
            "WRONG_SSL_VERSION",
        ),
        "TLS failed: the server offers only a version of it that is not safe",
        VERSION,
    ),
    (
        ("KEY_TOO_SMALL", "MD_TOO_WEAK", "INSUFFICIENT_SECURITY", "NO_SHARED_CIPHER", "BAD_ECPOINT"),
        "TLS failed: the server offers only keys or ciphers that are not safe",
        VERSION,
    ),
    (
        ("UNRECOGNIZED_NAME",),
        "TLS failed: the server does not know the host name of the base URL",
        "check the host in the base URL",
    ),
    (
        ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH", "RECORD_LAYER", "UNKNOWN_PROTOCOL"),
        "the port does not speak TLS, but plain HTTP or something else",
        PLAIN,
    ),
    (
        ("UNEXPECTED_EOF", "EOF OCCURRED"),
        "the connection was dropped in the middle of TLS",
        "is it TLS that the port speaks?",
    ),
)
"""Words in OpenSSL's reasons, what they mean, and the remedy."""


def explain(problem: BaseException, timeout: float) -> str:
    """A sentence for an exception of httpx, ssl or the operating system; `timeout` is in seconds."""
    return _explained(problem, timeout)[0]


def remedy(problem: BaseException) -> str:
    """What to do about an exception of httpx, ssl or the operating system."""
    return _explained(problem, 0)[1]


def is_tls(problem: BaseException) -> bool:
    """Whether it was TLS that failed."""
    return any(isinstance(link, ssl.SSLError) for link in _chain(problem)) or str(problem) == SPEAKS_TLS


def _explained(problem: BaseException, timeout: float) -> tuple[str, str]:
    chain = _chain(problem)
    if isinstance(problem, httpx.ProxyError):
        return _proxy(str(problem) or "no reason given")
    if any(isinstance(link, socket.gaierror) for link in chain):
        return "the host name does not resolve", "check the base URL; is it a name of another network (VPN)?"
    if any(isinstance(link, UnicodeError) for link in chain):
        return "the host name is not one that can be looked up", CHECK
    refused = next((link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None)
    if refused is not None:
        return _certificate(refused)
    failed = next((link for link in chain if isinstance(link, ssl.SSLError)), None)
    if failed is not None:
        return _tls(failed)
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return "the connection was refused: nothing listens on that port", CHECK
    return _by_kind(problem, timeout), _remedy_of_kind(problem)


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
    if isinstance(problem, httpx.ConnectError):
        return f"no connection could be made{_because(problem)}"
    return f"the connection broke{_because(problem) or f' ({type(problem).__name__})'}"


def _remedy_of_kind(problem: BaseException) -> str:
    if str(problem) == SPEAKS_TLS:
        return "let the base URL begin with https://"
    lost = isinstance(problem, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
    return f"{CHECK}; is it TLS that the port speaks (https://)?" if lost and _is_plain(problem) else CHECK


def _is_plain(problem: BaseException) -> bool:
    """Whether the request went out as plain HTTP."""
    try:
        return isinstance(problem, httpx.RequestError) and problem.request.url.scheme == "http"
    except RuntimeError:
        return False


def _protocol(problem: BaseException) -> str:
    text = str(problem)
    if text == SPEAKS_TLS:
        return "the port speaks TLS, not plain HTTP"
    if "disconnected without sending" in text or "ConnectionTerminated" in text:
        return "the connection was dropped before an answer came"
    if "without sending complete message body" in text or "incomplete chunked read" in text:
        return f"the connection was dropped before the body was complete{_because(problem)}"
    return f"the answer is not HTTP{_because(problem)}"


def _proxy(said: str) -> tuple[str, str]:
    """What a proxy, not the deployment, had to say: a status line, or the words of the SOCKS client."""
    text = _clipped(said)
    status = re.match(r"([1-9][0-9]{2})\b", text)
    if status and status[1] == "407":
        return f"the proxy wants a login: it answered {text}", LOGIN
    if status and status[1] in ("502", "503", "504"):
        hint = f"check the host and the port in the base URL; {DIRECTLY}"
        return f"the proxy could not reach the deployment: it answered {text}", hint
    if status:
        return f"the proxy does not let the request through: it answered {text}", DIRECTLY
    return f"the proxy does not let the request through ({text})", DIRECTLY


def _tls(problem: ssl.SSLError) -> tuple[str, str]:
    reason = problem.reason or str(problem)
    for words, sentence, hint in ALERTS:
        if any(word in reason.upper() for word in words):
            return sentence, hint
    return f"TLS failed ({_clipped(reason)})", "is it TLS that the port speaks, in a version that is safe?"


def _certificate(problem: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """Why a certificate was not believed, by OpenSSL's code (X509_V_ERR_…), with what it says of itself."""
    refused: Certificate | None = getattr(problem, "refused", None)
    reason = f"the TLS certificate does not verify ({_clipped(problem.verify_message or 'no reason given')})"
    if problem.verify_code in (9, 10):
        return _out_of_time(refused, reason)
    if problem.verify_code in (62, 64):
        named = f"the TLS certificate is for {_names(refused)}, not for the host of the base URL"
        return named if refused else reason, "name the host as the certificate does, or give --insecure"
    if problem.verify_code == 23:
        return "the TLS certificate is revoked", "have it renewed"
    if problem.verify_code in (2, 20, 21):
        return reason, f"{TRUST}; or does the server leave out an intermediate certificate?"
    return reason, TRUST


def _out_of_time(refused: Certificate | None, reason: str) -> tuple[str, str]:
    now = time.time()
    if refused and now > refused.ends:
        since = f"it was valid until {day(refused.ends)}"
        return f"the TLS certificate has expired: {since}", f"have it renewed, {CLOCK}"
    if refused and now < refused.begins:
        since = f"it is from {day(refused.begins)} on, and here it is {day(now)}"
        return f"the TLS certificate is not valid yet: {since}", f"wait, {CLOCK}"
    return f"{reason}: one of those above the server's own", f"have it renewed, {CLOCK}"


def _names(certificate: Certificate | None) -> str:
    names = certificate.names if certificate else ()
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return _clipped(", ".join(names[:NAMES]) or "no name at all") + more


def _because(problem: BaseException) -> str:
    """The reason in brackets."""
    clipped = _clipped(str(problem))
    return f" ({clipped})" if clipped else ""


def _clipped(text: str) -> str:
    """`text` on one line and short, since a server may have had a say in it."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _chain(problem: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while problem is not None and problem not in links:
        links.append(problem)
        problem = problem.__cause__ or problem.__context__
    return links
