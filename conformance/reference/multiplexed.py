"""The reference deployment over HTTP/2 and TLS, with a certificate that is made on the spot."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.errors import UsageProblem
from conformance.reference.dated import Dated
from conformance.reference.server import base_url_of, listen

NEEDS = ("hypercorn", "trustme")
GRACE = 2.0
CONNECTION_SPECIFIC = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"upgrade"})


def missing() -> str | None:
    """The first package that HTTP/2 needs and that is not installed."""
    return next((name for name in NEEDS if find_spec(name) is None), None)


@contextmanager
def multiplexed(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[tuple[str, Path]]:
    """Serve `app` from a thread; yield its base URL and the file with the certificate to trust.

    Raises UsageProblem when the address cannot be used or a package is missing.
    """
    if lacking := missing():
        hint = "pip install 'status-conformance[http2]'"
        raise UsageProblem(f"HTTP/2 is served with the package {lacking}, which is not installed", hint=hint)
    listener = listen(host, port)
    base_url = base_url_of(host, listener, secure=True)
    with tempfile.TemporaryDirectory(prefix="status-conformance-tls-") as folder:
        trusted, own = _certificates(Path(folder), host.strip("[]"))
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        work = _serve(_WithoutConnectionHeaders(Dated(app)), listener.detach(), own, stop)
        thread = threading.Thread(
            target=loop.run_until_complete, args=(work,), name="http2-server", daemon=True
        )
        thread.start()
        try:
            yield base_url, trusted
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()


async def _serve(app: ASGIApp, descriptor: int, certificate: Path, stop: asyncio.Event) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.certfile = config.keyfile = str(certificate)
    config.alpn_protocols = ["h2"]
    config.include_date_header = False
    config.errorlog = config.accesslog = None
    config.graceful_timeout = config.shutdown_timeout = GRACE
    hypercorn_app: Any = app
    await serve(hypercorn_app, config, shutdown_trigger=stop.wait)


def _certificates(folder: Path, host: str) -> tuple[Path, Path]:
    """The authority's certificate, and the server's own with its key."""
    import trustme

    authority = trustme.CA()
    own = authority.issue_cert(*dict.fromkeys(("localhost", "127.0.0.1", "::1", host)))
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    own.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    return folder / "authority.pem", folder / "server.pem"


class _WithoutConnectionHeaders:
    """An application without the headers that HTTP/2 does not allow (RFC 9113, section 8.2.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def filtered(message: Message) -> None:
            if "headers" in message:
                kept = [(n, v) for n, v in message["headers"] if n.lower() not in CONNECTION_SPECIFIC]
                message = {**message, "headers": kept}
            await send(message)

        await self._app(scope, receive, filtered)
