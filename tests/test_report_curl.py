"""The curl commands of the reports, run by real shells with a curl that tells what it was given."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.report.curl import command
from conformance.wire.exchange import Request

URL = "https://status.example.com/api/v2.0/status/abc?identity=0x95"
FAKE = """\
#!{python}
import json, os, sys
data = sys.stdin.buffer.read() if "@-" in sys.argv else b""
arguments = [os.fsencode(one).decode("latin-1") for one in sys.argv[1:]]
sys.stdout.write(json.dumps({{"arguments": arguments, "input": data.decode("latin-1")}}))
"""
EXPRESSIONS = (
    "$API_KEY",
    "${API_KEY}x",
    "${API_KEY%?}",
    "${API_KEY#?}",
    "$TOKEN",
    "${TOKEN%.*}.x",
    '$(printf %s "$TOKEN" | tr a-z A-Z)',
    """$(printf %s "$TOKEN" | tr 'a-zA-Z' 'A-Za-z')""",
    '$(printf %s "$USERINFO" | base64)',
    "$CLIENT_SECRET",
)
SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh") if shutil.which(shell)]
SECRETS = {
    "API_KEY": "k 'e\"y$x",
    "TOKEN": "eyJ.abc.def",
    "USERINFO": "anna:pass word",
    "CLIENT_SECRET": "s3",
}


@pytest.fixture(params=SHELLS)
def run(request: pytest.FixtureRequest, tmp_path: Path):
    """Runs a command in a shell and returns curl's arguments and standard input, one character a byte."""
    curl = tmp_path / "bin" / "curl"
    curl.parent.mkdir()
    curl.write_text(FAKE.format(python=sys.executable))
    curl.chmod(0o755)
    environment = {**os.environ, **SECRETS, "PATH": f"{curl.parent}:{os.environ['PATH']}"}

    def go(line: str) -> tuple[list[str], str]:
        assert "\n" not in line
        script = curl.with_name("script")
        script.write_text(line)
        done = subprocess.run(
            [request.param, str(script)], env=environment, cwd=tmp_path, capture_output=True, check=True
        )
        assert done.stderr == b""
        assert sorted(path.name for path in tmp_path.iterdir()) == ["bin"]
        told = json.loads(done.stdout)
        return told["arguments"], told["input"]

    return go


def post(body: bytes, *headers: tuple[str, str]) -> Request:
    return Request("POST", URL, headers, body)


def test_a_plain_get_is_curl_and_the_url() -> None:
    own = (
        ("Host", "x"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
        ("User-Agent", "x"),
    )
    assert command(Request("GET", URL, own)) == f"curl -i '{URL}'"


def test_a_secret_is_a_variable_between_double_quotes() -> None:
    request = post(b'{"status":1}', ("Content-Type", "application/json"), ("x-api-key", "$API_KEY"))
    line = command(request, ["$API_KEY"])
    headers = """-H 'Content-Type: application/json' -H 'x-api-key: '"$API_KEY\""""
    assert line == f"""curl -i '{URL}' {headers} --data-raw '{{"status":1}}'"""


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("$API_KEY", SECRETS["API_KEY"]),
        ("${API_KEY}x", SECRETS["API_KEY"] + "x"),
        ("${API_KEY%?}", SECRETS["API_KEY"][:-1]),
        ("x${API_KEY#?}", "x" + SECRETS["API_KEY"][1:]),
        ("Bearer $TOKEN", "Bearer eyJ.abc.def"),
        ("bearer  ${TOKEN%.*}.x", "bearer  eyJ.abc.x"),
        ('$(printf %s "$TOKEN" | tr a-z A-Z)', "EYJ.ABC.DEF"),
        ("""Bearer $(printf %s "$TOKEN" | tr 'a-zA-Z' 'A-Za-z')""", "Bearer EYj.ABC.DEF"),
        ('Basic $(printf %s "$USERINFO" | base64)', "Basic YW5uYTpwYXNzIHdvcmQ="),
        ("$API_KEY, $TOKEN", SECRETS["API_KEY"] + ", eyJ.abc.def"),
        ("$CLIENT_SECRET", "s3"),
    ],
)
def test_an_expression_becomes_its_value(run, value: str, meaning: str) -> None:
    line = command(Request("GET", URL, (("Authorization", value),)), EXPRESSIONS)
    assert run(line) == (["-i", URL, "-H", f"Authorization: {meaning}"], "")


@pytest.mark.parametrize(
    "value",
    [
        "$(touch owned)",
        "`touch owned`",
        "$HOME",
        "${HOME}",
        "$API_KEYS",
        "${API_KEY:-$(touch owned)}",
        "${API_KEY%$(touch owned)}",
        '$(printf %s "$API_KEY" | tee owned)',
        '$(printf %s "$API_KEY" | tr a b; touch owned)',
        '$(printf %s "$API_KEY" | tr a b > owned)',
        '$(printf %s "$API_KEY" | base64 /etc/passwd)',
        '$(printf %s "$(touch owned)" | rev)',
        "$((1+1))",
        "'; touch owned; '",
        '"; touch owned; "',
        "\\'; touch owned #",
        "!!",
        "~",
        "it's",
    ],
)
def test_whatever_else_a_request_holds_is_text(run, value: str) -> None:
    request = Request("POST", f"{URL}&a={value}", (("X-Odd", value),), value.encode())
    arguments, _ = run(command(request, ["$API_KEY"]))
    meant = value.replace('$API_KEY"', SECRETS["API_KEY"] + '"')
    kept = [one for one in arguments if one != "--globoff"]
    assert kept == [
        "-i",
        f"{URL}&a={meant}",
        "-H",
        f"X-Odd: {meant}",
        "-H",
        "Content-Type:",
        "--data-raw",
        meant,
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "b",\n "c": 1}',
        bytes(range(256)),
        b"100% \\n '$(touch owned)' $HOME\n",
        b"%s%d\\c\n\n",
        b"\x1b[31m",
        "\u202eé".encode(),
        b"\xff",
        b"x" * 300_000,
    ],
)
def test_a_body_arrives_byte_for_byte_through_one_line(run, body: bytes) -> None:
    arguments, data = run(command(post(body, ("Content-Type", "application/json"))))
    assert arguments[-2:] == ["--data-binary", "@-"]
    assert data.encode("latin-1") == body


def test_a_secret_in_a_body_is_a_variable(run) -> None:
    assert (
        run(command(post(b'{"key":"$API_KEY"}'), ["$API_KEY"]))[0][-1] == f'{{"key":"{SECRETS["API_KEY"]}"}}'
    )
    assert (
        run(command(post(b'{"key":\n"$API_KEY"}'), ["$API_KEY"]))[1] == f'{{"key":\n"{SECRETS["API_KEY"]}"}}'
    )


def test_text_that_is_not_ascii_arrives_as_utf_8(run) -> None:
    arguments, _ = run(command(post("é…".encode())))
    assert arguments[-1].encode("latin-1") == "é…".encode()


def test_header_values_keep_their_bytes(run) -> None:
    arguments, _ = run(command(Request("GET", URL, (("X-Odd", "caf\xe9 \x01"),))))
    assert arguments == ["-i", URL, "-H", "X-Odd: caf\xe9 \x01"]


def test_an_empty_header_is_sent_empty() -> None:
    assert command(Request("GET", URL, (("x-api-key", ""),))) == f"curl -i '{URL}' -H 'x-api-key;'"


@pytest.mark.parametrize(
    ("method", "body", "line"),
    [
        ("GET", b"", "curl -i 'u'"),
        ("GET", b"x", "curl -i -X GET 'u' -H 'Content-Type:' --data-raw 'x'"),
        ("POST", b"x", "curl -i 'u' -H 'Content-Type:' --data-raw 'x'"),
        ("POST", b"", "curl -i 'u' -H 'Content-Type:' --data-raw ''"),
        ("PUT", b"x", "curl -i -X PUT 'u' -H 'Content-Type:' --data-raw 'x'"),
        ("DELETE", b"", "curl -i -X DELETE 'u'"),
        ("HEAD", b"", "curl --head 'u'"),
        ("A'B", b"", "curl -i -X 'A'\\''B' 'u'"),
    ],
)
def test_the_method_is_named_where_curl_would_choose_another(method: str, body: bytes, line: str) -> None:
    assert command(Request(method, URL, (), body)).replace(URL, "u") == line


@pytest.mark.parametrize(
    ("method", "value"),
    [("GET", "application/json"), ("POST", "application/json"), ("GET", "text/plain; a=b")],
)
def test_a_content_type_is_always_repeated(method: str, value: str) -> None:
    assert f"-H 'Content-Type: {value}'" in command(Request(method, URL, (("Content-Type", value),)))


@pytest.mark.parametrize(
    ("path", "flags"),
    [
        ("/v2.0/a.b", []),
        ("/a/../b", ["--path-as-is"]),
        ("/a/%2e%2E/b", ["--path-as-is"]),
        ("/a/.", ["--path-as-is"]),
        ("/a?x=/../b", []),
        ("/a[1-3]", ["--globoff"]),
        ("/{a,b}/..", ["--path-as-is", "--globoff"]),
    ],
)
def test_the_path_arrives_as_it_is(path: str, flags: list[str]) -> None:
    assert command(Request("GET", f"http://[::1]:80{path}")).split(" ")[2:-1] == flags


def test_what_is_no_header_name_is_left_out() -> None:
    request = Request("GET", URL, ((":authority", "x"), ("@/etc/passwd", "x"), ("a b", "c"), ("X\nY", "z")))
    assert command(request) == f"curl -i '{URL}'"


def test_a_url_cannot_pose_as_an_option(run) -> None:
    assert run(command(Request("GET", "-o/tmp/x")))[0] == ["-i", "--url", "-o/tmp/x"]


def test_an_accept_header_other_than_curls_is_repeated() -> None:
    request = Request("GET", URL, (("Accept", "application/ld+json"),))
    assert command(request) == f"curl -i '{URL}' -H 'Accept: application/ld+json'"
