"""The doctor: what is in the way of a run, line by line."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from conformance.contract import Settings
from conformance.doctor import credentials, network
from conformance.doctor.examination import examine
from conformance.doctor.line import Line, State
from conformance.registry import BUILT_IN, find
from conformance.runner import Plan
from conformance.showcase import showcase
from conformance.target import parse
from conformance.wire.route import Route

from .certificates import Authority, authority
from .command import GRANTED, KEY, REVOKED, SAMPLES, Done, call, judge, one_sentence, reference
from .raw_server import CLOSE, Call, RawServer, Script, always, raw_server, response, silent
from .toy_contract import installed

TOKEN = "demo-token-c0e83b5d7f1946a2b9d40e67a5138fc2"
ISSUED, RECEIVED = "8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955", "3cc1e9be-99d0-43fc-bb48-1f60837163bd"
GRANTED_ANSWER = b'{"status": "granted", "consensus": 1}'


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with reference() as url:
        yield url


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("issuer"))


class Seen:
    """What the doctor said as JSON."""

    def __init__(self, done: Done) -> None:
        self.code = done.code
        self.document: dict[str, Any] = json.loads(done.out)
        self.lines = [
            Line(one["about"], State(one["state"]), one["text"], one["remedy"])
            for one in self.document["lines"]
        ]

    def about(self, word: str) -> Line:
        """The first line about something."""
        return next(one for one in self.lines if one.about == word or one.about.startswith(f"{word} "))

    @property
    def problems(self) -> list[str]:
        return [one.about for one in self.lines if one.state is State.PROBLEM]


def doctor(contract: str, url: str, *options: str) -> Seen:
    return Seen(call("doctor", contract, url, *options, "--json"))


def at(
    script: Script, *options: str, path: str = "/v2.0", contract: str = "tydids"
) -> tuple[Seen, RawServer]:
    with raw_server(script) as server:
        return doctor(contract, server.url + path, *options), server


def jwt(**claims: object) -> str:
    parts = [json.dumps(one).encode() for one in ({"alg": "RS256"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts), "c2lnbmF0dXJl"])


# A healthy deployment


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_nothing_is_in_the_way_to_the_reference(name: str, base_url: str) -> None:
    from conformance.clock import SystemClock
    from conformance.reference.storage import Database

    with Database(None) as storage:
        visit = next(one for one in showcase(storage, SystemClock()).visits if one.contract.name == name)
    given = [word for key, values in visit.inputs.items() for one in values for word in (f"--{key}", one)]
    seen = doctor(name, base_url + visit.base_path, *given)
    assert (seen.code, seen.problems) == (0, [])
    assert 1 <= seen.document["requests"] <= 10
    assert seen.about("place").state is State.OK
    assert seen.about("clock").state is State.OK
    assert seen.about("limits").text == "none are announced"


def test_it_fits_eighty_columns_and_says_what_it_comes_to(base_url: str) -> None:
    done = call("doctor", "tydids", f"{base_url}/v2.0", *SAMPLES, "--known-not-an-option")
    assert done.code == 2
    done = call("doctor", "tydids", f"{base_url}/v2.0", "--granted", GRANTED, "--granted", "x" * 300)
    assert done.code == 1
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith("2 problems, ")
    assert all(
        one.split()[0] in ("ok", "problem", "unknown") for one in lines[1:-1] if not one.startswith(" ")
    )


def test_the_options_of_run_are_taken(base_url: str, tmp_path: Path) -> None:
    words = ("--effort", "deep", "--output", str(tmp_path / "out"), "--level", "must", "--rate", "50/s")
    assert doctor("tydids", f"{base_url}/v2.0", *SAMPLES, *words).code == 0
    assert not (tmp_path / "out").exists()
    assert call("doctor", "tydids", f"{base_url}/v2.0", "--plan").code == 2
    assert call("doctor", "tydids").code == 2
    assert call("doctor", "nonsense", base_url).code == 2
    assert call("doctor", "tydids", "https://h.example/?a=b").code == 2


def test_it_never_writes_and_sends_few_requests() -> None:
    seen, server = at(always(response(b"{}", "503 Service Unavailable", "Retry-After: 1")), *SAMPLES)
    assert seen.code == 0
    assert len(server.lines) == 2
    many = [word for number in range(30) for word in ("--granted", f"0x{number:040d}")]
    seen, server = at(always(response(GRANTED_ANSWER)), *many, *SAMPLES)
    assert len(server.lines) <= 10
    assert {line.split()[0] for line in server.lines} == {"GET"}
    assert "24 more were not looked at" in seen.about("samples").text
    seen, server = at(always(response(b"{}")), "--api-key", KEY, "--known", "ab", contract="open-attestation")
    assert {line.split()[0] for line in server.lines} == {"GET"}


# Samples


def test_samples_that_are_swapped(base_url: str) -> None:
    seen = doctor("tydids", f"{base_url}/v2.0", "--granted", REVOKED, "--revoked", GRANTED)
    assert seen.code == 1
    assert seen.about(f"--granted {REVOKED}").text == "is revoked, not granted as the option says"
    assert seen.about(f"--granted {REVOKED}").remedy == "give it with --revoked"
    assert seen.about("samples").text == "granted and revoked are swapped"
    words = ("--token", TOKEN, "--request", f"issued={RECEIVED}", "--request", f"received={ISSUED}")
    seen = doctor("dcp", f"{base_url}/dcp", *words)
    assert seen.about("samples").text == "ISSUED and RECEIVED are swapped"


def test_samples_in_another_state_and_none(base_url: str) -> None:
    words = ("--token", TOKEN, "--request", f"issued={RECEIVED}", "--request", "nobody", "--request", ISSUED)
    seen = doctor("dcp", f"{base_url}/dcp", *words)
    assert seen.about(f"--request {RECEIVED}").text == "is RECEIVED, not ISSUED as the option says"
    assert "received=ID" in seen.about(f"--request {RECEIVED}").remedy
    assert seen.about("--request nobody").text == "does not exist here (404)"
    assert seen.about(f"--request {ISSUED}").text == "exists and is ISSUED"
    assert "samples" not in {one.about for one in seen.lines}


def test_a_hash_that_nobody_has_written_to(base_url: str) -> None:
    seen = doctor("open-attestation", f"{base_url}/status", "--known", "ab" * 32, "--read-only")
    assert seen.about("--known").text == "is unwritten, not written as the option says"
    assert "--api-key" not in {one.about for one in seen.lines}


def test_an_answer_that_tells_of_no_state() -> None:
    seen, _ = at(always(response(b'{"status": "perhaps"}')), "--granted", GRANTED)
    assert seen.about("--granted").state is State.PROBLEM
    assert "perhaps" in seen.about("--granted").text
    assert seen.about("place").state is State.UNKNOWN


# What is missing


def test_what_is_missing_and_what_that_costs(base_url: str) -> None:
    seen = doctor("tydids", f"{base_url}/v2.0", "--granted", GRANTED)
    line = seen.about("--revoked")
    assert line.state is State.PROBLEM
    assert "7 MUST cannot be assessed (TY-R1, TY-R2" in line.text
    assert "has revoked its approval" in line.remedy
    assert doctor("tydids", f"{base_url}/v2.0", "--granted", GRANTED, "--only", "TY-G1").code == 0
    assert "--read-only" in doctor("open-attestation", f"{base_url}/status").about("--api-key").remedy


def test_a_run_tells_what_is_missing_before_it_sends(base_url: str, tmp_path: Path) -> None:
    done = judge("tydids", f"{base_url}/v2.0", tmp_path / "1", "--granted", GRANTED, "--effort", "quick")
    assert done.out.startswith("note     --revoked: is missing: 7 MUST cannot be assessed")
    assert (
        "note " not in judge("tydids", f"{base_url}/v2.0", tmp_path / "2", *SAMPLES, "--effort", "quick").out
    )
    expired = jwt(exp=time.time() - 7300)
    done = judge("dcp", "http://127.0.0.1:1", tmp_path / "3", "--token", expired, "--request", "a")
    assert done.code == 4
    assert done.out.startswith("note     --token: it ended 2 h ago, at ")


# The credential


def test_a_token_that_is_taken_and_one_that_is_not(base_url: str) -> None:
    seen = doctor("dcp", f"{base_url}/dcp", "--token", TOKEN, "--request", ISSUED)
    assert seen.about("--token").text == "it is taken: 200 with it, 401 without it"
    seen = doctor("dcp", f"{base_url}/dcp", "--token", "no-such-token-1234", "--request", ISSUED)
    assert seen.about("--token").text.startswith("it is refused: 401, Bearer")
    assert seen.about("--request").state is State.UNKNOWN
    assert seen.code == 1


def test_a_token_that_makes_no_difference() -> None:
    answer = b'{"status": "ISSUED"}'
    seen, server = at(always(response(answer)), "--token", TOKEN, "--request", "a", contract="dcp", path="")
    assert "the same without it" in seen.about("--token").text
    assert [call.header("authorization") for call in server.calls] == [f"Bearer {TOKEN}", None]


def test_whether_a_key_may_write_is_not_tried(base_url: str) -> None:
    seen = doctor("open-attestation", f"{base_url}/status", "--api-key", KEY)
    assert "never writes" in seen.about("--api-key").text
    assert seen.code == 0


@pytest.mark.parametrize(
    ("value", "state", "text"),
    [
        (jwt(exp=10_000 + 7200 * 12), "ok", "it ends in 24 h, at 1970-01-02"),
        (jwt(exp=10_000 + 300), "problem", "it ends in 5 min"),
        (jwt(exp=9_000), "problem", "it ended 17 min ago"),
        (jwt(exp=1e6, nbf=20_000), "problem", "it holds only from 1970-01-01 05:33"),
        (jwt(sub="x"), "unknown", "does not say when it ends (exp)"),
        (jwt(exp=True), "unknown", "does not say when it ends (exp)"),
        (jwt(exp=1e300), "unknown", "does not say when it ends (exp)"),
        (jwt(exp="soon"), "unknown", "does not say when it ends (exp)"),
        ("Bearer " + jwt(exp=9_000), "problem", "it ended"),
        ("opaque", "unknown", "it is no JWT"),
        ("a.b.c", "unknown", "it is no JWT"),
        ("a.\u00e9.c", "unknown", "it is no JWT"),
        ('{"access_token": "x", "expires_in": 3600}', "problem", "which lasts 3600 s from when it was given"),
    ],
)
def test_when_a_token_ends(value: str, state: str, text: str) -> None:
    (line,) = credentials.lines(find("dcp"), Settings(inputs={"token": (value,)}), now=10_000.0)
    assert (line.state.value, line.about) == (state, "--token")
    assert text in line.text


def test_secrets_are_nowhere() -> None:
    token = jwt(exp=time.time() + 9000, sub="ada-lovelace-1815")

    def echo(call_: Call) -> bool:
        said = call_.header("authorization") or ""
        location = f"Location: https://login.example/?back={said}"
        return call_.send(response(said.encode(), "302 Found", location, f"WWW-Authenticate: {said}"))

    with raw_server(echo) as server:
        words = ("--token", token, "--request", "a", "--header", "X-Gateway=sesame-gateway-1")
        for more in ((), ("--json",)):
            done = call("doctor", "dcp", server.url, *words, *more)
            assert done.code == 1
            for secret in (token, token.split(".")[1], "sesame-gateway-1"):
                assert secret not in done.out + done.err


# The way


@pytest.mark.parametrize(
    ("answer", "text", "remedy"),
    [
        (response(b"", "301 Moved", "Location: https://other.example/v2.0?x=y"), "redirects to https://other.example/v2.0", "base URL"),
        (response(b"", "302 Found", "Location: /login?next=/"), "redirects to a login page", "--header"),
        (response(b"", "307 Temporary Redirect"), "redirects to nowhere", "operator"),
        (response(b"", "302 Found", "Location: http://[::1"), "an address that cannot be read", "base URL"),
        (response(b"<form><input type='password'></form>"), "a login page answers (200)", "--header"),
        (response(b"<!doctype html><title>App</title>"), "a web page answers (200)", "/tydids/status"),
        (response(b"<h1>400</h1>No required SSL certificate was sent", "400 Bad Request"), "wants a client certificate", "--client-cert"),
        (response(b"The plain HTTP request was sent to HTTPS port", "400 Bad Request"), "the port speaks TLS", "https://"),
        (response(b"Client sent an HTTP request to an HTTPS server.\n", "400 Bad Request"), "the port speaks TLS", "https://"),
        (response(b'{"message":"Missing Authentication Token"}', "403 Forbidden"), "no such path", "stage"),
        (response(b"", "407 Proxy Authentication Required"), "a proxy wants a login", "--proxy"),
        (response(b"<h1>Not Found</h1>", "404 Not Found"), "everything is 404", "/tydids/status"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_something_else_answers(answer: bytes, text: str, remedy: str) -> None:
    seen, _ = at(always(answer), *SAMPLES)
    assert seen.code == 1
    assert text in seen.about("place").text
    assert remedy in seen.about("place").remedy


@pytest.mark.parametrize(
    ("header", "state", "text"),
    [
        (
            lambda: f"Date: {formatdate(time.time() - 40, usegmt=True)}",
            "ok",
            "s behind this machine's, within",
        ),
        (
            lambda: f"Date: {formatdate(time.time() + 4000, usegmt=True)}",
            "problem",
            "s ahead of this machine's",
        ),
        (lambda: "X-Nothing: 1", "unknown", "the answer has no Date"),
        (lambda: "Date: yesterday", "problem", "cannot be read: yesterday"),
        (lambda: f"Date: {formatdate(9)}\r\nAge: 50", "unknown", "came from a cache"),
    ],
)
def test_the_clock(header: Any, state: str, text: str) -> None:
    seen, _ = at(always(response(GRANTED_ANSWER, "200 OK", header())), "--granted", GRANTED)
    assert seen.about("clock").state.value == state
    assert text in seen.about("clock").text


@pytest.mark.parametrize(
    ("headers", "state", "text"),
    [
        (("X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 59"), "unknown", "about 120, and 59 are left"),
        (("X-RateLimit-Limit: 6000", "X-RateLimit-Remaining: 5999"), "ok", "x-ratelimit-limit: 6000"),
        (
            ('RateLimit-Policy: "default";q=100;w=10', 'RateLimit: "default";r=50;t=30'),
            "unknown",
            "ratelimit-policy",
        ),
        (("X-Rate-Limit-Remaining: 3",), "unknown", "x-rate-limit-remaining: 3"),
        (('RateLimit: "a";r=5000, "b";t=1',), "ok", "ratelimit"),
        (("RateLimit-Remaining: many",), "ok", "many"),
        (("Retry-After: 10",), "ok", "retry-after: 10"),
    ],
)
def test_limits_that_are_announced(headers: tuple[str, ...], state: str, text: str) -> None:
    seen, _ = at(always(response(GRANTED_ANSWER, "200 OK", *headers)), "--granted", GRANTED)
    assert seen.about("limits").state.value == state
    assert text in seen.about("limits").text


def test_too_many_requests_already() -> None:
    seen, server = at(always(response(b"{}", "429 Too Many Requests")), *SAMPLES)
    assert "429" in seen.about("limits").text
    assert "--rate" in seen.about("limits").remedy
    assert len(server.lines) == 2


def test_tls_and_how_long_its_certificate_lasts(issuer: Authority) -> None:
    context = issuer.context()
    context.set_alpn_protocols(["http/1.1"])
    with raw_server(always(response(GRANTED_ANSWER)), context=context) as server:
        seen = doctor("tydids", server.url, "--granted", GRANTED, "--ca-file", str(issuer.file))
        careless = doctor("tydids", server.url, "--granted", GRANTED, "--insecure")
        strange = doctor("tydids", server.url, "--granted", GRANTED)
    line = seen.about("TLS")
    assert line.state is State.OK
    assert "is trusted and ends in 30 days (20" in line.text
    assert "issued by Testing CA" in line.text
    assert "the server chose http/1.1 of h2 and http/1.1" in seen.about("HTTP").text
    assert careless.about("TLS").state is State.UNKNOWN
    assert "is not verified and ends in 30 days" in careless.about("TLS").text
    assert strange.code == 4
    assert "--ca-file" in strange.about("TLS").remedy


def test_tls_that_has_ended(issuer: Authority) -> None:
    with raw_server(always(response(GRANTED_ANSWER)), context=issuer.context(ended=True)) as server:
        careless = doctor("tydids", server.url, "--granted", GRANTED, "--insecure")
        seen = doctor("tydids", server.url, "--granted", GRANTED, "--ca-file", str(issuer.file))
    assert careless.about("TLS").state is State.PROBLEM
    assert "has expired: it was valid until" in careless.about("TLS").text
    assert "has expired: it was valid until" in seen.about("TLS").text


def test_a_client_certificate_is_wanted(issuer: Authority) -> None:
    with raw_server(always(response(GRANTED_ANSWER)), context=issuer.demanding()) as server:
        words = ("--granted", GRANTED, "--ca-file", str(issuer.file))
        refused = doctor("tydids", server.url, *words)
        certificate, key = issuer.client()
        seen = doctor(
            "tydids", server.url, *words, "--client-cert", str(certificate), "--client-key", str(key)
        )
        plain = doctor("tydids", server.url.replace("https", "http"), *words)
    with raw_server(always(response(GRANTED_ANSWER))) as server:
        shown = ("--client-cert", str(certificate), "--client-key", str(key))
        useless = doctor("tydids", server.url, "--granted", GRANTED, *shown)
    assert "https://" in plain.about("answers").remedy
    assert "no client certificate is shown" in useless.about("TLS").text
    assert (refused.code, refused.about("TLS").text) == (4, "the server wants a client certificate")
    assert seen.about("TLS").state is State.OK


def test_a_proxy_is_named_and_asked() -> None:
    with raw_server(always(response(GRANTED_ANSWER))) as server:
        proxy = f"http://ada:lovelace-1815@127.0.0.1:{server.port}"
        seen = doctor("tydids", "http://status.invalid", *SAMPLES[:2], "--proxy", proxy)
    assert seen.about("proxy").text == f"http://127.0.0.1:{server.port} is used, as --proxy says"
    assert seen.about("names").state is State.UNKNOWN
    assert seen.about("--granted").state is State.OK
    assert "lovelace" not in json.dumps(seen.document)


@pytest.mark.parametrize(
    ("url", "about", "text"),
    [
        ("http://127.0.0.1:1", "IPv4", "127.0.0.1 does not answer: Connection refused"),
        ("http://no-such-host.invalid", "names", "no-such-host.invalid does not resolve"),
        (f"http://{'a' * 64}.invalid", "names", "does not resolve"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, about: str, text: str) -> None:
    seen = doctor("tydids", url, *SAMPLES)
    assert seen.code == 4
    assert text in seen.about(about).text


def test_a_server_that_never_answers_or_hangs_up() -> None:
    for script in (silent, lambda call_: CLOSE):
        seen, server = at(script, *SAMPLES, "--timeout", "0.3")
        assert seen.code == 4
        assert seen.about("answers").state is State.PROBLEM
        assert len(server.lines) <= 2


def resolved(*addresses: tuple[socket.AddressFamily, str]) -> Any:
    return lambda *arguments, **named: [
        (family, socket.SOCK_STREAM, 6, "", (address, 80)) for family, address in addresses
    ]


def test_both_address_families_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = ((socket.AF_INET6, "2001:db8::7"), (socket.AF_INET, "192.0.2.7"))
    monkeypatch.setattr(socket, "getaddrinfo", resolved(*pair))
    results: dict[int, Any] = {
        socket.AF_INET: 0.012,
        socket.AF_INET6: ConnectionRefusedError(111, "Connection refused"),
    }
    monkeypatch.setattr(network, "_connect", lambda family, address, wait: results[family])
    lines = {one.about: one for one in network.lines("http://status.example", Route(proxy="none"), 1.0)}
    assert lines["names"].text == "status.example is 2001:db8::7, 192.0.2.7"
    assert lines["IPv4"].text == "192.0.2.7 answers, in 12 ms"
    assert lines["IPv6"].state is State.PROBLEM
    assert "DNS" in lines["IPv6"].remedy
    results[socket.AF_INET6] = OSError(101, "Network is unreachable")
    lines = {one.about: one for one in network.lines("http://status.example", Route(proxy="none"), 1.0)}
    assert lines["IPv6"].state is State.UNKNOWN
    results[socket.AF_INET] = TimeoutError()
    lines = {one.about: one for one in network.lines("http://status.example", Route(proxy="none"), 1.0)}
    assert lines["IPv4"].text == "192.0.2.7 does not answer: no answer in time"
    assert lines["IPv6"].state is State.PROBLEM


def test_this_machine_needs_one_family_only(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1"))
    monkeypatch.setattr(socket, "getaddrinfo", resolved(*pair))
    results: dict[int, Any] = {socket.AF_INET: 0.001, socket.AF_INET6: ConnectionRefusedError(111, "refused")}
    monkeypatch.setattr(network, "_connect", lambda family, address, wait: results[family])
    lines = {one.about: one for one in network.lines("http://localhost", Route(), 1.0)}
    assert lines["IPv6"].state is State.OK


def test_a_name_server_that_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_within", lambda seconds, call_: None)
    (line,) = network.lines("http://status.example", Route(proxy="none"), 1.0)
    assert line.text == "status.example was not looked up within 1 s"


def test_a_name_is_looked_up_once_and_for_a_while_only() -> None:
    assert network._within(5.0, lambda: 7) == 7
    release = socket.socketpair()
    assert network._within(0.01, lambda: release[0].recv(1)) is None
    for one in release:
        one.close()


DEEP = b"[" * 50_000 + b"]" * 50_000


@pytest.mark.parametrize(
    "answer",
    [
        response(DEEP),
        response(b'{"status": ' + b"9" * 9000 + b"}"),
        response(b"\x00\xff\x1b[2J", "200 OK", "Date: \x1b[2J", "RateLimit-Remaining: " + "9" * 9000),
        response(b"{}", "200 OK", "Date: Mon, 01 Jan 0001 00:00:00 -0000", "Age: \u00b2"),
        response(b"{}", "200 OK", "Date: Fri, 31 Dec 9999 23:59:59 GMT", "Retry-After: " + "x" * 3000),
        response(b"", "302 Found", "Location: \x1b]0;title\x07/" + "a" * 3000),
        response(b"", "401 \x1b[31mRed", "WWW-Authenticate: \x1b[2J" + "b" * 3000),
        response(b"[]", "999 What"),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc",
        b"220 smtp.example\r\n\r\n",
    ],
    ids=range(11),
)
@pytest.mark.parametrize("contract", list(BUILT_IN))
def test_whatever_answers_there_are_lines(contract: str, answer: bytes) -> None:
    given = {
        "tydids": ("--granted", GRANTED),
        "dcp": ("--token", TOKEN, "--request", "issued=a"),
        "open-attestation": ("--api-key", KEY, "--known", "ab"),
    }[contract]
    with raw_server(always(answer, keep=CLOSE)) as server:
        done = call("doctor", contract, server.url, *given)
    assert done.code in (0, 1, 4)
    assert not any(ord(c) < 32 and c != "\n" for c in done.out)
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_contract_that_tells_nothing_of_its_samples(tmp_path: Path) -> None:
    with installed(tmp_path) as contract, raw_server(always(response(b"{}"))) as server:
        report = examine(contract, Plan(parse(f"{server.url}/base", contract)))
    assert server.lines == ["GET /base"]
    assert report.exit_code in (0, 1)
    assert next(one for one in report.lines if one.about == "place").state is State.UNKNOWN


def test_bad_input_ends_with_one_sentence() -> None:
    done = call("doctor", "tydids", "http://h.example", "--granted", "a", "--revoked", "a")
    assert done.code == 2
    assert "it can only be one" in done.err
    done = call("doctor", "dcp", "http://h.example", "--client-key", "nowhere.key")
    assert one_sentence(done) == "--client-key goes with --client-cert"
