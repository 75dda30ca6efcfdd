"""What the network did wrong, in sentences with a remedy: TLS above all."""

from __future__ import annotations

import ssl
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from conformance.errors import Unreachable
from conformance.wire.certificates import day, of_file
from conformance.wire.client import Client
from conformance.wire.failure import explain, remedy
from conformance.wire.limits import Limits
from conformance.wire.route import Route

from .certificates import Authority, authority
from .raw_server import CLOSE, OK, Call, Script, always, in_turn, raw_server, silent

FINE = always(OK)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("issuer"))


def ask(
    context: ssl.SSLContext | None, route: Route, scheme: str = "https", script: Script = FINE
) -> Unreachable | int:
    """What becomes of one request: its status, or why there is none."""
    with raw_server(script, context=context) as server:
        client = Client(f"{scheme}://127.0.0.1:{server.port}", limits=Limits(timeout=3.0), route=route)
        try:
            return client.send("GET", "/x").status or 0
        except Unreachable as problem:
            return problem
        finally:
            client.close()


def refused(
    context: ssl.SSLContext | None, route: Route, scheme: str = "https", script: Script = FINE
) -> tuple[str, str]:
    problem = ask(context, route, scheme, script)
    assert isinstance(problem, Unreachable)
    return problem.message, problem.hint


def test_an_issuer_that_is_trusted(issuer: Authority) -> None:
    assert ask(issuer.context(), Route(ca_file=issuer.file)) == 200


def test_an_issuer_that_is_not(issuer: Authority, tmp_path: Path) -> None:
    stranger = authority(tmp_path / "stranger")
    for route in (Route(), Route(ca_file=stranger.file)):
        message, hint = refused(issuer.context(), route)
        assert "the TLS certificate does not verify (unable to get local issuer certificate" in message
        assert "--ca-file" in hint


def test_a_certificate_for_other_names_names_them(issuer: Authority) -> None:
    context = issuer.context("status.example", "10.1.2.3")
    message, hint = refused(context, Route(ca_file=issuer.file))
    assert message == (
        "the TLS certificate is for status.example, 10.1.2.3, not for the host of the base URL"
    )
    assert "as the certificate does" in hint


def test_a_certificate_for_many_names_names_a_few(issuer: Authority) -> None:
    context = issuer.context(*(f"a{number}.example" for number in range(50)))
    message, _ = refused(context, Route(ca_file=issuer.file))
    assert "a3.example and 46 more" in message
    assert len(message) < 200


def test_a_certificate_that_has_expired_says_since_when(issuer: Authority) -> None:
    message, hint = refused(issuer.context(ended=True), Route(ca_file=issuer.file))
    since = time.time() - 2 * 86_400
    assert message.startswith("the TLS certificate has expired: it was valid until ")
    assert day(since)[:10] in message or day(since - 60)[:10] in message
    assert "clock" in hint


def test_a_certificate_that_is_not_valid_yet(issuer: Authority) -> None:
    message, hint = refused(issuer.context(future=True), Route(ca_file=issuer.file))
    assert "not valid yet: it is from " in message
    assert "and here it is " in message
    assert "clock" in hint


@pytest.mark.parametrize("alpn", ["http/1.1", "h2"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_wanted(issuer: Authority, version: ssl.TLSVersion, alpn: str) -> None:
    context = issuer.demanding(version)
    context.set_alpn_protocols([alpn])
    message, hint = refused(context, Route(ca_file=issuer.file))
    assert "the server wants a client certificate" in message
    assert "--client-cert" in hint


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_shown(issuer: Authority, version: ssl.TLSVersion) -> None:
    certificate, key = issuer.client(f"shown{version}")
    route = Route(ca_file=issuer.file, client_cert=certificate, client_key=key)
    assert ask(issuer.demanding(version), route) == 200


def test_a_client_certificate_is_shown_to_who_asks_late(issuer: Authority) -> None:
    context = issuer.demanding()
    context.post_handshake_auth = True
    shown: list[object] = []

    def script(call: Call) -> bool:
        assert isinstance(call.sock, ssl.SSLSocket)
        call.sock.verify_client_post_handshake()
        call.sock.settimeout(1.0)
        with suppress(TimeoutError):  # the certificate comes in while nothing else does
            call.sock.recv(1)
        shown.append(call.sock.getpeercert())
        return call.send(OK)

    certificate, key = issuer.client("late")
    route = Route(ca_file=issuer.file, client_cert=certificate, client_key=key)
    with raw_server(script, context=context) as server:
        client = Client(server.url, limits=Limits(timeout=3.0), route=route)
        assert client.send("GET", "/x").status == 200
        client.close()
    assert [bool(one) for one in shown] == [True]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("ended", "sentence"), [(True, "has expired"), (False, "does not know who issued the client certificate")]
)
def test_a_client_certificate_is_not_taken(
    issuer: Authority, tmp_path: Path, version: ssl.TLSVersion, ended: bool, sentence: str
) -> None:
    maker = issuer if ended else authority(tmp_path / "stranger")
    certificate, key = maker.client("refused", ended=ended)
    route = Route(ca_file=issuer.file, client_cert=certificate, client_key=key)
    message, hint = refused(issuer.demanding(version), route)
    assert sentence in message
    assert "--client-cert" in hint


def test_a_version_that_is_too_old(issuer: Authority) -> None:
    context = issuer.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    message, hint = refused(context, Route(ca_file=issuer.file))
    assert "only a version of it that is not safe" in message
    assert "TLS 1.2 or newer" in hint


def test_no_cipher_in_common(issuer: Authority) -> None:
    context = issuer.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")
    message, _ = refused(context, Route(ca_file=issuer.file))
    assert "or shares no cipher with this machine" in message


def test_tls_asked_of_plain_http(issuer: Authority) -> None:
    with raw_server(silent, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        client = Client(f"https://127.0.0.1:{server.port}", limits=Limits(timeout=3.0))
        with pytest.raises(Unreachable) as raised:
            client.send("GET", "/x")
        client.close()
    assert "does not speak TLS" in raised.value.message
    assert "http://" in raised.value.hint


def test_plain_http_asked_of_tls(issuer: Authority) -> None:
    alert = b"\x15\x03\x01\x00\x02\x02\x46"
    message, hint = refused(None, Route(), "http", in_turn(alert))
    assert message == "the port speaks TLS, not plain HTTP"
    assert "https://" in hint
    _, hint = refused(issuer.context(), Route(), "http")
    assert "https://" in hint


def test_bytes_like_an_alert_within_a_body_are_a_body() -> None:
    def script(call: object) -> bool:
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")  # type: ignore[attr-defined]
        time.sleep(0.05)
        call.send(b"\x15\x03ab")  # type: ignore[attr-defined]
        return CLOSE

    assert ask(None, Route(), "http", script) == 200


def test_a_certificate_without_details_is_refused_all_the_same() -> None:
    problem = ssl.SSLCertVerificationError("certificate verify failed")
    problem.verify_code, problem.verify_message = 10, "certificate has expired"
    assert "certificate has expired" in explain(problem, 1.0)
    problem.verify_code, problem.verify_message = 62, "Hostname mismatch"
    assert "Hostname mismatch" in explain(problem, 1.0)
    problem.verify_code, problem.verify_message = 23, "certificate revoked"
    assert explain(problem, 1.0) == "the TLS certificate is revoked"


@pytest.mark.parametrize(
    ("said", "sentence", "hint"),
    [
        (
            "407 Proxy Authentication Required",
            "the proxy wants a login: it answered 407",
            "--proxy http://USER",
        ),
        ("502 Bad Gateway", "the proxy could not reach the deployment: it answered 502", "base URL"),
        ("503 Service Unavailable", "the proxy could not reach the deployment", "--proxy none"),
        ("504 Gateway Timeout", "the proxy could not reach the deployment", "--proxy none"),
        ("403 Forbidden", "the proxy does not let the request through: it answered 403", "--proxy none"),
        ("Invalid username/password", "does not let the request through (Invalid user", "--proxy none"),
        ("", "the proxy does not let the request through (no reason given)", "--proxy none"),
    ],
)
def test_what_a_proxy_says(said: str, sentence: str, hint: str) -> None:
    problem = httpx.ProxyError(said)
    assert sentence in explain(problem, 1.0)
    assert hint in remedy(problem)


@pytest.mark.parametrize("reason", ["SOMETHING_NEW", ""])
def test_what_openssl_says_that_nobody_foresaw(reason: str) -> None:
    problem = ssl.SSLError(1, f"[SSL: {reason}] words")
    problem.reason = reason
    assert explain(problem, 1.0).startswith("TLS failed (")
    assert remedy(problem)


def test_every_reason_of_openssl_has_one_meaning() -> None:
    problem = ssl.SSLError(1, "x")
    problem.reason = "SSLV3_ALERT_CERTIFICATE_EXPIRED"
    assert explain(problem, 1.0) == "the server says that the client certificate has expired"
    problem.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert explain(problem, 1.0) == "the server wants a client certificate"
    problem.reason = "UNEXPECTED_EOF_WHILE_READING"
    assert "in the middle of TLS" in explain(problem, 1.0)


def test_a_certificate_in_a_file_is_read(issuer: Authority, tmp_path: Path) -> None:
    certificate, _ = issuer.client("read")
    found = of_file(certificate)
    assert found is not None
    assert found.issuer.startswith("Testing CA")
    assert found.begins < time.time() < found.ends
    assert of_file(tmp_path / "nowhere.pem") is None
