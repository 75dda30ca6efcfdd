"""The doctor's connection: keeps what TLS and HTTP agreed on, which an exchange does not tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from conformance.wire.certificates import Certificate, of_peer
from conformance.wire.network import Stopwatch, open_lanes
from conformance.wire.route import Route


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides agreed on for the first answer; `tls` is empty without it, `alpn` when nothing was chosen."""

    http: str
    tls: str = ""
    alpn: str = ""
    certificate: Certificate | None = None


class Witness(httpx.BaseTransport):
    """Sends what it is given, and remembers how the first answer came, or why none did."""

    def __init__(self, base_url: str, route: Route, timeout: float) -> None:
        self.agreed: Agreed | None = None
        self.failure: Exception | None = None
        self._watch = Stopwatch()
        self._timeout = timeout
        self._lanes = open_lanes(base_url, self._watch, route)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._watch.start(self._timeout)
        try:
            response = self._lanes.handle_request(request)
        except Exception as problem:
            self.failure = problem
            raise
        if self.agreed is None:
            self.agreed = _agreed(response)
        return response

    def close(self) -> None:
        self._lanes.close()


def _agreed(response: httpx.Response) -> Agreed:
    version = response.extensions.get("http_version", b"").decode("latin-1")
    stream: Any = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream else None
    if tls is None:
        return Agreed(version)
    return Agreed(version, tls.version() or "", tls.selected_alpn_protocol() or "", of_peer(tls))
