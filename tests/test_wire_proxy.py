"""Proxies: which one is taken, and what is its answer rather than the deployment's."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from conformance.contract import Settings
from conformance.errors import Unreachable, UsageProblem
from conformance.registry import find
from conformance.runner import Plan, run
from conformance.target import parse, redactor_for
from conformance.wire import proxy as proxies
from conformance.wire.client import Client
from conformance.wire.limits import Limits
from conformance.wire.route import Route

from .certificates import authority
from .command import call, judge
from .raw_server import CLOSE, OK, Call, RawServer, Script, always, raw_server, response

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
LIMITS = Limits(timeout=3.0)
WANTS = response(b"", "407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"')


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def proxy() -> Iterator[RawServer]:
    with raw_server(always(OK)) as server:
        yield server


def ask(url: str, route: Route) -> Any:
    client = Client(url, limits=LIMITS, route=route)
    try:
        return client.send("GET", "/x")
    finally:
        client.close()


def refusal(url: str, route: Route) -> tuple[str, str]:
    with pytest.raises(Unreachable) as raised:
        ask(url, route)
    return raised.value.message, raised.value.hint


# Which one


@pytest.mark.parametrize(
    ("exempt", "url", "direct"),
    [
        ("10.0.0.0/8", "http://10.1.2.3/x", True),
        ("10.0.0.0/8", "http://11.1.2.3/x", False),
        ("10.0.0.0/8", "http://10.example/x", False),
        ("192.168.0.0/16, 10.0.0.0/8", "https://10.1.2.3:8443/x", True),
        ("10.1.2.3", "http://10.1.2.3/x", True),
        ("10.1.2.3:8080", "http://10.1.2.3:8080/x", True),
        ("10.1.2.3:8080", "http://10.1.2.3/x", False),
        ("2001:db8::/32", "http://[2001:db8::7]/x", True),
        ("[2001:db8::]/32", "http://[2001:db8::7]/x", True),
        ("2001:db8::/32", "http://[2001:db9::7]/x", False),
        ("2001:db8:0:0::7", "http://[2001:db8::7]:81/x", True),
        ("[2001:db8::7]", "http://[2001:DB8::7]/x", True),
        ("[2001:db8::7]:81", "http://[2001:db8::7]:81/x", True),
        ("[2001:db8::7]:82", "http://[2001:db8::7]:81/x", False),
        ("status.example", "http://status.example/x", True),
        ("status.example", "http://a.status.example/x", True),
        (".example", "http://status.example/x", True),
        ("*.example", "http://status.example/x", True),
        ("*.example", "http://example/x", False),
        ("*", "http://status.example/x", True),
        ("STATUS.example", "http://status.example/x", True),
        ("us.example", "http://status.example/x", False),
        ("", "http://status.example/x", False),
        (",, ,", "http://status.example/x", False),
        ("[, ]:x, 1/2/3, ::::/9", "http://10.1.2.3/x", False),
        ("", "http://localhost/x", True),
        ("", "http://a.localhost/x", True),
        ("", "http://127.8.9.1/x", True),
        ("", "http://[::1]/x", True),
    ],
)
def test_who_is_reached_without_the_proxy_of_the_environment(
    exempt: str, url: str, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", exempt)
    assert Route().proxy_for(url) == (None if direct else "http://proxy.example:3128")


def test_the_scheme_has_a_proxy_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "secure.example:1")
    monkeypatch.setenv("all_proxy", "socks5://any.example:2")
    assert Route().proxy_for("https://status.example") == "http://secure.example:1"
    assert Route().proxy_for("http://status.example") == "socks5://any.example:2"
    assert Route(proxy="none").proxy_for("http://status.example") is None
    assert Route(proxy="http://p").proxy_for("http://127.0.0.1") == "http://p"


def test_this_machine_is_reached_through_a_proxy_that_was_named(proxy: RawServer) -> None:
    route = Route(proxy=f"http://us%40er:pa%20ss@127.0.0.1:{proxy.port}")
    assert ask("http://127.0.0.1:9/base", route).status == 200
    assert proxy.lines == ["GET http://127.0.0.1:9/base/x"]
    expected = base64.b64encode(b"us@er:pa ss").decode()
    assert proxy.calls[0].header("proxy-authorization") == f"Basic {expected}"


def test_none_is_none(proxy: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    message, _ = refusal("http://no-such-host.invalid", Route(proxy="none"))
    assert message == "the host name does not resolve"
    assert not proxy.calls


# What it says


def test_a_login_is_the_proxys_wish_not_the_deployments() -> None:
    with raw_server(always(WANTS)) as server:
        message, hint = refusal("http://status.invalid", Route(proxy=f"http://127.0.0.1:{server.port}"))
    assert message == "the proxy wants a login: it answered 407 Proxy Authentication Required; it takes Basic"
    assert "--proxy http://USER:PASSWORD@HOST:PORT" in hint


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("407 Proxy Authentication Required", "the proxy wants a login"),
        ("502 Bad Gateway", "the proxy could not reach the deployment"),
        ("503 Service Unavailable", "the proxy could not reach the deployment"),
        ("504 Gateway Timeout", "the proxy could not reach the deployment"),
        ("403 Forbidden", "the proxy does not let the request through"),
    ],
)
def test_what_a_proxy_answers_to_a_tunnel(status: str, sentence: str) -> None:
    with raw_server(always(response(b"page", status))) as server:
        message, hint = refusal("https://status.invalid", Route(proxy=f"http://127.0.0.1:{server.port}"))
    assert message == f"{sentence}: it answered {status}"
    assert "--proxy" in hint
    assert set(server.lines) == {"CONNECT status.invalid:443"}


def test_a_page_that_a_proxy_marks_as_its_own() -> None:
    page = response(b"<html>", "403 Forbidden", "X-Squid-Error: ERR_ACCESS_DENIED 0")
    with raw_server(always(page)) as server:
        message, _ = refusal("http://status.invalid", Route(proxy=f"http://127.0.0.1:{server.port}"))
    assert message == "the proxy does not let the request through: it answered 403 Forbidden"


def test_without_a_proxy_407_is_the_deployments_own_answer() -> None:
    with raw_server(always(WANTS)) as server:
        assert ask(server.url, Route()).status == 407


def test_a_proxy_that_is_not_there_is_not_taken_for_the_deployment() -> None:
    for scheme in ("http", "https"):
        message, hint = refusal(f"{scheme}://status.invalid", Route(proxy="http://127.0.0.1:1"))
        assert message == "the proxy does not let the request through (no connection to it could be made)"
        assert "--proxy none" in hint


@pytest.mark.parametrize(("after", "code"), [(0, 4), (2, 3)])
def test_a_run_never_judges_what_a_proxy_says(after: int, code: int) -> None:
    def script(call: Call) -> bool:
        body = b'{"status": "granted", "consensus": 1}'
        return call.send(response(body) if call.number <= after else WANTS)

    contract = find("tydids")
    with raw_server(script) as server:
        target = parse("http://status.invalid/v2.0", contract)
        route = Route(proxy=f"http://127.0.0.1:{server.port}")
        done = run(contract, Plan(target, Settings(inputs={"granted": ("0xa",)}), limits=LIMITS, route=route))
    assert done.exit_code == code
    assert "the proxy wants a login" in done.reason
    assert any("--proxy" in hint for hint in done.hints)
    assert all(one.status != 407 for one in done.exchanges)
    assert not [one for one in done.results if one.outcome.value in ("failed", "warned")]


# What cannot be used


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://proxy.example", "must start with one of http://, https://, socks5://, socks5h://"),
        ("socks4://proxy.example", "must start with one of"),
        ("http://", "has no host"),
        ("http://sesame:secret@", "has no host"),
        ("http://sesame:secret@proxy.example:port", "malformed"),
        ("http://sesame:secret@[::1", "malformed"),
        ("http://sesame:secret@proxy.example:99999", "malformed"),
    ],
)
def test_a_proxy_that_is_none(url: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageProblem, match=sentence) as raised:
        Route(proxy=url).check()
    assert "--proxy" in raised.value.message
    monkeypatch.setenv("http_proxy", url)
    with pytest.raises(UsageProblem, match="the proxy that the environment names") as named:
        Client("http://status.invalid")
    for problem in (raised.value, named.value):
        assert "sesame" not in f"{problem.message} {problem.hint} {problem.data}"


def test_socks_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxies, "find_spec", lambda name: None)
    with pytest.raises(UsageProblem, match="a SOCKS proxy needs a package") as raised:
        Route(proxy="socks5://127.0.0.1:1").check()
    assert raised.value.hint == "pip install 'status-conformance[socks]'"


def speak_socks(sock: socket.socket, login: bytes) -> bytes:
    """Be a SOCKS5 server (RFC 1928, RFC 1929) for one request; returns where it wanted to go."""
    sock.recv(2 + 255)
    sock.sendall(b"\x05\x02" if login else b"\x05\x00")
    if login:
        given = sock.recv(600)
        sock.sendall(b"\x01\x00" if given == login else b"\x01\x01")
        if given != login:
            return b""
    wanted = sock.recv(600)
    sock.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")
    sock.recv(65536)
    sock.sendall(OK)
    return wanted


@contextmanager
def socks_server(login: bytes = b"") -> Iterator[tuple[int, list[bytes]]]:
    wanted: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                with sock:
                    wanted.append(speak_socks(sock, login))

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], wanted
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.mark.parametrize("login", [b"", b"\x01\x03ada\x08lovelace"])
def test_socks_with_its_package(login: bytes) -> None:
    pytest.importorskip("socksio")
    userinfo = "ada:lovelace@" if login else ""
    with socks_server(login) as (port, wanted):
        route = Route(proxy=f"socks5h://{userinfo}127.0.0.1:{port}")
        route.check()
        assert ask("http://status.invalid", route).status == 200
    assert b"status.invalid\x00\x50" in wanted[0]


def test_socks_that_does_not_let_in() -> None:
    pytest.importorskip("socksio")
    with socks_server(b"\x01\x03ada\x08lovelace") as (port, _):
        message, hint = refusal("http://status.invalid", Route(proxy=f"socks5://ada:wrong@127.0.0.1:{port}"))
    assert message.startswith("the proxy does not let the request through (")
    assert "wrong" not in message
    assert "--proxy" in hint
    message, _ = refusal("http://status.invalid", Route(proxy="socks5://127.0.0.1:1"))
    assert "no connection to it could be made" in message


# TLS to and through a proxy


def tunnel(port: int) -> Script:
    """Answer CONNECT, and pass on what is sent after it to a port of this machine, whatever host was named."""

    def script(call: Call) -> bool:
        with socket.create_connection(("127.0.0.1", port)) as there:
            call.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(there, call.sock), daemon=True)
            back.start()
            pump(call.sock, there)
            back.join(5)
        return CLOSE

    return script


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def test_a_client_certificate_through_a_tunnel(tmp_path: Path) -> None:
    issuer = authority(tmp_path / "issuer")
    certificate, key = issuer.client()
    known = {"ca_file": issuer.file, "client_cert": certificate, "client_key": key}
    with (
        raw_server(always(OK), context=issuer.demanding()) as deployment,
        raw_server(tunnel(deployment.port)) as proxy,
    ):
        named = f"http://127.0.0.1:{proxy.port}"
        assert ask("https://127.0.0.1:9", Route(**known, proxy=named)).status == 200  # type: ignore[arg-type]
        message, hint = refusal("https://127.0.0.1:9", Route(ca_file=issuer.file, proxy=named))
    assert message == "the server wants a client certificate"
    assert "--client-cert" in hint
    assert proxy.lines[0] == "CONNECT 127.0.0.1:9"


def test_within_a_tunnel_407_is_the_deployments_own_answer(tmp_path: Path) -> None:
    issuer = authority(tmp_path / "issuer")
    with (
        raw_server(always(WANTS), context=issuer.context()) as deployment,
        raw_server(tunnel(deployment.port)) as proxy,
    ):
        route = Route(ca_file=issuer.file, proxy=f"http://127.0.0.1:{proxy.port}")
        assert ask("https://127.0.0.1:9", route).status == 407


def test_a_proxy_over_tls(tmp_path: Path) -> None:
    issuer = authority(tmp_path / "issuer")
    with raw_server(always(OK), context=issuer.context()) as proxy:
        named = f"https://127.0.0.1:{proxy.port}"
        assert ask("http://status.invalid", Route(ca_file=issuer.file, proxy=named)).status == 200
        message, hint = refusal("http://status.invalid", Route(proxy=named))
    assert "the TLS certificate does not verify" in message
    assert "--ca-file" in hint


# Secrets


def test_credentials_of_proxies_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ada:love%2Flace@proxy.example:1")
    redactor = redactor_for(find("tydids"), Settings(), parse("http://h.example", find("tydids")))
    pair = base64.b64encode(b"ada:love/lace").decode()
    for secret in ("love/lace", "love%2Flace", "ada:love/lace", pair):
        assert secret not in redactor.text(f"<{secret}>"), secret
    route = Route(proxy="http://grace:hopper-46@proxy.example:1")
    assert "hopper" not in repr(route)
    redactor = redactor_for(find("tydids"), Settings(), parse("http://h.example", find("tydids")), route)
    assert "hopper-46" not in redactor.text("<hopper-46>")
    assert redactor.text("<love/lace>") == "<love/lace>"


def test_the_way_is_described_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://ada:lovelace@proxy.example:1/path")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert Route().described("http://h.example") == (
        ("insecure", "no"),
        ("ca-file", "default"),
        ("client-cert", "none"),
        ("proxy", "env"),
        ("proxy-used", "http://proxy.example:1"),
    )
    assert Route().unusual("http://h.example") == ("proxy-used",)
    assert Route().unusual("https://h.example") == ()
    named = Route(proxy="http://ada:lovelace@proxy.example:2", insecure=True)
    assert dict(named.described("https://h.example"))["proxy"] == "http://proxy.example:2"
    assert named.unusual("https://h.example") == ("insecure", "proxy", "proxy-used")


# The command line


def test_a_run_through_a_proxy_that_wants_a_login(tmp_path: Path) -> None:
    with raw_server(always(WANTS)) as server:
        done = judge(
            "tydids",
            "http://status.invalid",
            tmp_path / "out",
            "--proxy",
            f"ada:lovelace-1815@127.0.0.1:{server.port}",
        )
    assert done.code == 4
    assert "the proxy wants a login" in " ".join(done.out.split()).lower()
    assert "--proxy" in done.out
    for name, text in done.everything().items():
        assert "lovelace-1815" not in text, name


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "--proxy is empty"),
        ("env:NO_SUCH_PROXY", "the environment variable NO_SUCH_PROXY is not set"),
        ("gopher://x", "--proxy: the URL of the proxy must start with"),
    ],
)
def test_a_proxy_option_that_cannot_be_used(value: str, sentence: str) -> None:
    done = call("run", "tydids", "http://status.invalid", "--proxy", value)
    assert done.code == 2
    assert sentence in done.err


def test_a_proxy_by_reference(proxy: RawServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THE_PROXY", f"http://ada:lovelace-1815@127.0.0.1:{proxy.port}")
    done = judge("tydids", "http://status.invalid", tmp_path / "out", "--proxy", "env:THE_PROXY")
    assert proxy.calls
    assert all("lovelace-1815" not in text for text in done.everything().values())


def test_socks_without_its_package_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(proxies, "find_spec", lambda name: None)
    named = call("run", "tydids", "http://status.invalid", "--proxy", "socks5h://ada:lovelace-1815@p.example")
    monkeypatch.setenv("ALL_PROXY", "socks5://ada:lovelace-1815@p.example")
    monkeypatch.chdir(tmp_path)
    inherited = call("run", "tydids", "http://status.invalid")
    examined = call("doctor", "tydids", "http://status.invalid")
    for done in (named, inherited, examined):
        assert done.code == 2
        assert "a SOCKS proxy needs a package that is not installed" in done.err
        assert "pip install 'status-conformance[socks]'" in done.err
        assert "lovelace" not in done.out + done.err
    assert not list(tmp_path.rglob("*.json"))
    assert call("doctor", "tydids", "http://127.0.0.1:1", *("--granted", "a")).code == 4
