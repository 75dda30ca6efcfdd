"""Whatever is wrong ends in one clear sentence and the right exit code, and in a report once the run had begun."""

from __future__ import annotations

import gzip
import os
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from .certificates import make, needs_openssl
from .command import GRANTED, REVOKED, SAMPLES, call, judge, one_sentence, reference
from .raw_server import CLOSE, OK, Call, Script, always, raw_server, response, silent

URL = "http://127.0.0.1:9/v2.0"


def usage_error(tmp_path: Path, *arguments: str) -> str:
    """The sentence of a command that cannot be run; nothing is left behind."""
    folder = tmp_path / "reports-of-the-run"
    done = call(*arguments, "--output", str(folder), folder=folder)
    assert done.code == 2, done
    assert not folder.exists()
    assert done.out == ""
    return one_sentence(done)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("127.0.0.1:8080/v2.0", "the base URL must start with http:// or https://"),
        ("ftp://h.example", "the base URL must start with http:// or https://"),
        ("http://", "the base URL is malformed: it has no host, or holds white space"),
        ("http://h.example:port", "the base URL is malformed: its port is not a number from 0 to 65535"),
        (
            "http://user:pass/word@h.example",
            "the base URL is malformed: its port is not a number from 0 to 65535",
        ),
        ("http://[::1", "the base URL is malformed: its host cannot be read"),
        ("http://h.example/?q=1", "a base URL with a query (?) is not supported: paths are added to it"),
        ("", "the base URL must start with http:// or https://"),
    ],
)
def test_malformed_urls(url: str, sentence: str, tmp_path: Path) -> None:
    assert usage_error(tmp_path, "run", "tydids", url, *SAMPLES) == sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "tidids", URL), "there is no contract called tidids"),
        (("run", "dcp", URL, "--request", "pending=1"), "--request pending=1: there is no state called pending"),
        (("run", "dcp", URL, "--request", "issued="), "--request issued=: the id is missing"),
        (("run", "dcp", URL, "--api-key", "k"), "--api-key is not an option of dcp"),
        (("run", "open-attestation", URL, "--api-key", ""), "--api-key is empty"),
        (("run", "open-attestation", URL, "--api-key", "env:NOT_SET_AT_ALL"), "--api-key: the environment variable NOT_SET_AT_ALL is not set or is empty"),
        (("run", "open-attestation", URL, "--api-key", "env:EMPTY"), "--api-key: the environment variable EMPTY is not set or is empty"),
        (("run", "open-attestation", URL, "--api-key", "file:/nowhere/key"), "--api-key: the file /nowhere/key cannot be read"),
        (("run", "open-attestation", URL, "--api-key", "file:/dev/null"), "--api-key: the file /dev/null is empty"),
        (("run", "open-attestation", URL, "--api-key", "a\nb"), "--api-key: the value holds characters that cannot stand in an HTTP header"),
        (("run", "dcp", URL, "--token", "a", "--token", "b"), "--token can be given once"),
        (("run", "dcp", "http://user:pw@127.0.0.1:9", "--token", "a"), "dcp has its own Authorization header: the base URL cannot hold credentials"),
        (("run", "tydids", URL, "--granted", ""), "--granted is empty"),
        (("run", "tydids", URL, "--granted", os.fsdecode(b"\xff")), "--granted takes text, not bytes that are no UTF-8"),
        (("run", "tydids", URL, "--granted", "X", "--revoked", "X"), "X is named both with --granted and with --revoked"),
        (("run", "tydids", URL, "--consensus-slack", "many"), "--consensus-slack takes a whole number, not 'many'"),
        (("run", "tydids", URL, "--only", "TY-Z1"), "tydids has no requirement TY-Z1"),
        (("run", "tydids", URL, "--header", "nonsense"), "--header takes NAME=SECRET, such as X-Gateway=env:GATEWAY_KEY"),
        (("run", "tydids", URL, "--header", "X Y=1"), "--header takes NAME=SECRET, such as X-Gateway=env:GATEWAY_KEY"),
        (("run", "tydids", URL, "--header", "X-Y="), "--header X-Y is empty"),
        (("run", "tydids", URL, "--header", "X-Y=env:NOT_SET_AT_ALL"), "--header X-Y: the environment variable NOT_SET_AT_ALL is not set or is empty"),
        (("run", "dcp", URL, "--header", "Authorization=x"), "--header Authorization would be sent with every request, also with those that go without credentials"),
        (("run", "tydids", URL, "--header", "Content-Length=5"), "--header Content-Length belongs to the connection, which is not for the operator to steer"),
        (("run", "dcp", URL, "--jsonld-context", "https://x.example=/nowhere"), "--jsonld-context https://x.example=/nowhere: give it as URL=FILE, with a file that exists"),
        (("run", "tydids", URL, "--rate", "fast"), "--rate fast: give it as 5/s or 300/m"),
        (("run", "tydids", URL, "--rate", "0/s"), "--rate 0/s: give it as 5/s or 300/m"),
        (("run", "tydids", URL, "--rate", "nan"), "--rate nan: give it as 5/s or 300/m"),
        (("run", "tydids", URL, "--ca-file", "/nowhere.pem"), "--ca-file /nowhere.pem cannot be used: No such file or directory"),
        (("run", "tydids", URL, "--ca-file", "/dev/null"), "--ca-file /dev/null cannot be used: it holds no certificate in PEM form"),
        (("run", "tydids", URL, "--ca-file", "/dev/null", "--insecure"), "--insecure and --ca-file exclude each other"),
        (("run", "open-attestation", URL, "--only", "OA-W1", "--read-only"), "OA-W1 cannot be assessed with --read-only"),
    ],
)  # fmt: skip
def test_what_cannot_be_run(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMPTY", "")
    assert usage_error(tmp_path, *arguments) == sentence


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-option",),
        ("nonsense",),
        ("run", "tydids", URL, "--no-such-option"),
        ("run", "tydids", URL, "--timeout", "0"),
        ("run", "tydids", URL, "--timeout", "nan"),
        ("run", "tydids", URL, "--deadline", "inf"),
        ("run", "tydids", URL, "--consistency-window", "-1"),
        ("run", "tydids", URL, "--clock-tolerance", "nan"),
        ("run", "tydids", URL, "--max-requests", "0"),
        ("run", "tydids", URL, "--level", "may"),
        ("run", "dcp", URL, "--profile", "other"),
        ("run", "tydids", URL, "one", "more"),
        ("run", "tydids", URL, "--granted"),
        ("serve", "--port", "99999"),
        ("explain",),
    ],
)
def test_arguments_that_are_none(arguments: tuple[str, ...]) -> None:
    done = call(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert "Error: " in done.err


def test_arguments_that_are_missing() -> None:
    for arguments in (("run",), ("run", "tydids")):
        done = call(*arguments)
        assert done.code == 2
        assert done.err


def test_an_unknown_requirement_to_explain() -> None:
    done = call("explain", "XX-1")
    assert (done.code, one_sentence(done)) == (2, "there is no requirement XX-1")


@pytest.mark.parametrize("place", ["file", "file/below", "/dev/null/below", "/proc/no-such-folder/x"])
def test_an_output_folder_that_cannot_be_written(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent in vain."""
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    with raw_server(always(OK)) as server:
        done = judge("tydids", server.url, Path(place), *SAMPLES)
    assert done.code == 2
    assert one_sentence(done).startswith(f"the folder {place} cannot be written: ")
    assert not server.calls


def test_a_report_that_cannot_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "results.json").mkdir()
    with reference() as base:
        done = judge("tydids", f"{base}/v2.0", tmp_path, *SAMPLES, "--overwrite")
    assert done.code == 2
    assert "CONFORMANT" in done.out
    assert done.files == ["junit.xml", "report.html"]
    assert "results.json cannot be written" in done.err


# Once the run has begun


def network(url: str, folder: Path, *options: str) -> tuple[int, str, dict[str, object]]:
    """Exit code, what was printed and the results of a run that gets into trouble."""
    done = judge("tydids", url, folder, *SAMPLES, "--timeout", "0.5", *options)
    assert done.files == ["junit.xml", "report.html", "results.json"]
    assert done.err == ""
    return done.code, " ".join(done.out.split()), done.results


def unreachable(url: str, folder: Path, *options: str) -> str:
    code, out, results = network(url, folder, *options)
    assert (code, results["verdict"]) == (4, "unreachable")
    reason = str(results["reason"])
    assert reason in out or reason[:1].upper() + reason[1:] in out
    assert out.count(reason[1:40]) == 1
    assert len(results["hints"]) == 1
    return reason


def test_a_host_that_does_not_resolve(tmp_path: Path) -> None:
    assert unreachable("http://no-such-host.invalid/v2.0", tmp_path) == "the host name does not resolve"


def test_a_port_that_refuses(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sentence = "the connection was refused: nothing listens on that port"
    assert unreachable(f"http://127.0.0.1:{port}/v2.0", tmp_path) == sentence


def test_the_example_of_the_manual(tmp_path: Path) -> None:
    done = judge("tydids", "http://127.0.0.1:1/v2.0", tmp_path, "--granted", "X", "--revoked", "Y")
    assert done.code == 4
    assert " ".join(done.out.split()).count("onnection was refused: nothing listens on that port") >= 1


@needs_openssl
def test_tls_that_fails_to_verify(tmp_path: Path) -> None:
    certificate = make(tmp_path)
    with raw_server(always(OK), context=certificate.context()) as server:
        reason = unreachable(f"{server.url}/v2.0", tmp_path / "out", "--timeout", "3")
    assert reason == "the TLS certificate does not verify (self-signed certificate)"
    assert not server.calls


def test_a_server_that_never_answers(tmp_path: Path) -> None:
    with raw_server(silent) as server:
        assert unreachable(server.url, tmp_path) == "no complete answer came within 0.5 s"
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("garbage", "sentence"),
    [
        (b"220 smtp ESMTP\r\n\x1b[2J\x07\r\n\r\n", "the answer is not http"),
        (b"\x15\x03\x01\x00\x02\x02\x28" * 9, "the port speaks tls, not plain http"),
    ],
)
def test_garbage_that_is_not_http(garbage: bytes, sentence: str, tmp_path: Path) -> None:
    with raw_server(always(garbage, keep=CLOSE)) as server:
        done = judge("tydids", server.url, tmp_path, *SAMPLES)
    assert (done.code, done.results["verdict"]) == (4, "unreachable")
    assert sentence in " ".join(done.out.split()).lower()
    assert not any(ord(c) < 32 and c != "\n" for c in done.out)


def test_an_answer_of_10_gb(tmp_path: Path) -> None:
    def script(call: Call) -> bool:
        call.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000000\r\n\r\n")
        with suppress(OSError):
            while not call.server.closing.is_set():
                call.send(b" " * 65536)
        return CLOSE

    with raw_server(script) as server:
        code, out, results = network(server.url, tmp_path, "--timeout", "5", "--max-requests", "6")
    assert (code, results["verdict"]) in ((1, "non-conformant"), (3, "incomplete"))
    assert "longer than the size cap" in out


@pytest.mark.parametrize(
    "script",
    [
        always(response(b"\x1f\x8b garbage", "200 OK", "Content-Encoding: gzip")),
        always(response(gzip.compress(bytes(5_000_000)), "200 OK", "Content-Encoding: gzip")),
        always(response(b"[" * 100_000)),
        always(response(b"", "302 Found", "Location: http://[")),
        always(response(b"", "503 Later", "Retry-After: 99999999999999999999")),
        always(response(b"\x00\xff\xfe", "200 \x1b[31mOK", "Content-Type: \xff")),
        lambda call: CLOSE,
    ],
    ids=["wrong gzip", "bomb", "deep", "odd redirect", "absurd wait", "binary", "hangs up"],
)  # fmt: skip
def test_a_deployment_that_is_not_one(script: Script, tmp_path: Path) -> None:
    with raw_server(script) as server:
        code, out, results = network(server.url, tmp_path, "--max-requests", "8")
    assert code in (1, 3, 4)
    assert results["verdict"] != "conformant"
    assert "\x1b" not in out


def test_a_deployment_that_goes_away_in_the_middle(tmp_path: Path) -> None:
    script: Script = lambda call: call.send(response(b"{}")) if call.number < 4 else CLOSE
    with raw_server(script) as server:
        code, _, results = network(server.url, tmp_path)
    assert code in (1, 3)
    assert results["verdict"] in ("non-conformant", "incomplete")


def test_a_budget_that_is_spent(tmp_path: Path) -> None:
    with reference() as base:
        done = judge("tydids", f"{base}/v2.0", tmp_path, *SAMPLES, "--max-requests", "10")
    assert done.code == 3
    assert "budget of 10 requests" in done.results["reason"]
    assert len(done.results["exchanges"]) == 10


def test_the_deadline(tmp_path: Path) -> None:
    def slow(call: Call) -> bool:
        call.server.closing.wait(1.0)
        return call.send(response(b"{}", "404 Not Found"))

    with raw_server(slow) as server:
        done = judge("tydids", server.url, tmp_path, *SAMPLES, "--deadline", "3")
    assert "raise --deadline" in done.out
    assert len(server.calls) <= 30


def test_a_folder_that_was_there_stays_when_nothing_could_be_run(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    done = judge("tydids", URL, folder, "--granted", GRANTED, "--revoked", GRANTED, "--revoked", REVOKED)
    assert done.code == 2
    assert folder.is_dir()
