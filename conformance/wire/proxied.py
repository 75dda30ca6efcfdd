"""Answers through a proxy: what is its own rather than the deployment's."""

from __future__ import annotations

import ssl

import httpx

REFUSED = "x-squid-error"
"""The header of the one widespread proxy that marks its own pages."""


class Proxied(httpx.BaseTransport):
    """A transport through a proxy: what the proxy itself has to say becomes a ProxyError."""

    def __init__(self, transport: httpx.BaseTransport, *, forwards: bool) -> None:
        self._transport = transport
        self._forwards = forwards

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._transport.handle_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            if isinstance(problem.__cause__ and problem.__cause__.__cause__, ssl.SSLError):
                raise
            raise httpx.ProxyError("no connection to it could be made") from problem
        if self._forwards and (response.status_code == 407 or REFUSED in response.headers):
            response.close()
            takes = ", ".join(one.split(" ")[0] for one in response.headers.get_list("proxy-authenticate"))
            said = f"{response.status_code} {response.reason_phrase}".strip()
            raise httpx.ProxyError(f"{said}; it takes {takes}" if takes else said)
        return response

    def close(self) -> None:
        self._transport.close()
