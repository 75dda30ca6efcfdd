"""Answers through a proxy: what is its own rather than the deployment's."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from conformance.wire.failure import is_tls

REFUSED = "x-squid-error"
"""The header of the one widespread proxy that marks its own pages."""


class Proxied(httpx.BaseTransport):
    """A transport through a proxy: what the proxy itself has to say becomes a ProxyError.

    One that `forwards` answers in place of the deployment. `hang_up` closes the connection, which httpx leaves open
    where a SOCKS proxy refuses.
    """

    def __init__(
        self, transport: httpx.BaseTransport, *, forwards: bool, hang_up: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._forwards = forwards
        self._hang_up = hang_up

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._transport.handle_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            if is_tls(problem):
                raise
            raise httpx.ProxyError("no connection to it could be made") from problem
        except httpx.ProxyError:
            self._hang_up()
            raise
        if self._forwards and (response.status_code == 407 or REFUSED in response.headers):
            response.close()
            takes = ", ".join(one.split(" ")[0] for one in response.headers.get_list("proxy-authenticate"))
            said = f"{response.status_code} {response.reason_phrase}".strip()
            raise httpx.ProxyError(f"{said}; it takes {takes}" if takes else said)
        return response

    def close(self) -> None:
        self._transport.close()
