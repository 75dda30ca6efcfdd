"""A real HTTP server for an ASGI application, in a thread or in the foreground."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from conformance.errors import SuiteProblem, UsageProblem
from conformance.reference.dated import Dated

LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}
GRACE: Final = 2


class _Server(uvicorn.Server):
    """A uvicorn server that tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


@contextmanager
def serving(
    app: ASGIApp,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    keep_alive: int = 5,
) -> Iterator[str]:
    """Serve `app` from a thread and yield its base URL; port 0 is any free one.

    With a `certificate` (PEM, and its `key`) it is served over TLS. `keep_alive` is the number of seconds that
    an idle connection stays open. Raises UsageProblem when the address or the certificate cannot be used.
    """
    config = _configuration(app, certificate, key, keep_alive)
    listener = listen(host, port)
    started = threading.Event()
    server = _Server(config, started.set)
    thread = threading.Thread(
        target=_run, args=(server, listener, started), name="reference-server", daemon=True
    )
    thread.start()
    try:
        started.wait()
        if not server.started:
            raise SuiteProblem("the reference server did not start")
        yield base_url_of(host, listener, secure=config.is_ssl)
    finally:
        server.should_exit = True
        thread.join()


def run_forever(
    app: ASGIApp,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready: Callable[[str], None],
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve `app` until Ctrl-C or a termination signal, then return; `ready` gets the base URL at the start."""
    config = _configuration(app, certificate, key, keep_alive=5)
    listener = listen(host, port)
    base_url = base_url_of(host, listener, secure=config.is_ssl)
    server = _Server(config, lambda: ready(base_url))
    with listener, terminable(), suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _run(server: _Server, listener: socket.socket, started: threading.Event) -> None:
    try:
        with listener:
            server.run(sockets=[listener])
    finally:
        started.set()


def _configuration(
    app: ASGIApp, certificate: Path | None, key: Path | None, keep_alive: int
) -> uvicorn.Config:
    config = uvicorn.Config(
        Dated(app),
        loop="asyncio",
        http="h11",
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=GRACE,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    try:
        config.load()
    except OSError as problem:
        raise UsageProblem(f"the certificate {certificate} cannot be used: {problem}") from None
    return config


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections at once, so that nobody who knows the address is turned away."""
    if not 0 <= port < 2**16:
        raise UsageProblem(f"cannot serve on port {port}", hint="a port is a number from 0 to 65535")
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        listener = socket.create_server((str(address[0]), port), family=family, backlog=1024)
        # Inherited by its connections: head and body leave in two writes, which must not wait for each other.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, UnicodeError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise UsageProblem(
            f"cannot serve on {host} port {port}: {reason}",
            hint="choose another --port, or 0 for any free one",
        ) from None


def base_url_of(host: str, listener: socket.socket, *, secure: bool = False) -> str:
    """The URL under which a listening socket is reached from this machine."""
    bare = host.strip("[]")
    name = LOOPBACK.get(bare, bare)
    shown = f"[{name}]" if ":" in name else name
    return f"{'https' if secure else 'http'}://{shown}:{listener.getsockname()[1]}"


@contextmanager
def terminable() -> Iterator[None]:
    """Treat the signals to end like Ctrl-C, so that temporary files are removed; signals need the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {
        one: signal.signal(one, _interrupt) for one in numbers if signal.getsignal(one) != signal.SIG_IGN
    }
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
