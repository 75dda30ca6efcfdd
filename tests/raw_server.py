"""A server on a raw socket that answers as a script says, however wrong that is."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
KEEP, CLOSE = True, False


def response(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    """A complete response with its length."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@dataclass
class Call:
    """One request as it arrived, on which connection, and the way to answer."""

    number: int
    connection: int
    head: str
    body: bytes
    sock: socket.socket
    server: RawServer

    @property
    def line(self) -> str:
        """The request line without the version."""
        return self.head.split("\r\n")[0].rpartition(" ")[0]

    def header(self, name: str) -> str | None:
        """A header's value."""
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def send(self, data: bytes) -> bool:
        """Send bytes, and keep the connection."""
        self.sock.sendall(data)
        return KEEP


Script = Callable[[Call], bool | None]


@dataclass
class RawServer:
    """What a script sees of its server; `closing` is set at the end."""

    port: int
    script: Script
    scheme: str = "http"
    host: str = "127.0.0.1"
    calls: list[Call] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    open_sockets: list[socket.socket] = field(default_factory=list)
    listener: socket.socket | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """The base URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def lines(self) -> list[str]:
        """The request lines so far."""
        return [call.line for call in self.calls]

    def stop(self) -> None:
        """Listen no more: whoever comes is refused."""
        if self.listener is not None:
            with suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()

    def converse(self, sock: socket.socket, connection: int) -> None:
        """Answer requests on one connection until the script or the peer ends it."""
        with sock, suppress(OSError, ssl.SSLError):
            buffer = b""
            while True:
                while b"\r\n\r\n" not in buffer:
                    data = sock.recv(65536)
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                text = head.decode("latin-1")
                call = Call(0, connection, text, b"", sock, self)
                length = int(call.header("content-length") or 0)
                while len(buffer) < length:
                    buffer += sock.recv(65536)
                call.body, buffer = buffer[:length], buffer[length:]
                with self.lock:
                    self.calls.append(call)
                    call.number = len(self.calls)
                if not self.script(call):
                    return


@contextmanager
def raw_server(
    script: Script, host: str = "127.0.0.1", context: ssl.SSLContext | None = None, greeting: bytes = b""
) -> Iterator[RawServer]:
    """Serve `script` on a free port; with a context over TLS, with a `greeting` before anything is asked."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family, backlog=64)
    server = RawServer(listener.getsockname()[1], script, "https" if context else "http", host)
    server.listener = listener

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=talk, args=(sock, server.connections), daemon=True).start()

    def talk(sock: socket.socket, connection: int) -> None:
        if context:
            try:
                sock = context.wrap_socket(sock, server_side=True)
            except OSError:
                sock.close()
                return
        with server.lock:
            server.open_sockets.append(sock)
        with sock, suppress(OSError):
            sock.sendall(greeting)
            server.converse(sock, connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.stop()
        for sock in server.open_sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def always(data: bytes, *, keep: bool = KEEP) -> Script:
    """The same bytes to every request."""

    def script(call: Call) -> bool:
        call.send(data)
        return keep

    return script


def in_turn(*answers: bytes | None) -> Script:
    """One answer after the other, the last one for ever; None hangs up without a word."""

    def script(call: Call) -> bool:
        data = answers[min(call.number, len(answers)) - 1]
        if data is None:
            return CLOSE
        return call.send(data)

    return script


def silent(call: Call) -> bool:
    """Never answer."""
    call.server.closing.wait(30)
    return CLOSE
