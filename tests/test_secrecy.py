"""No output holds a secret, whatever a server echoes and however it spells it; and judges see what was really said."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from conformance.clock import SystemClock
from conformance.reference.application import deployment
from conformance.reference.server import serving
from conformance.reference.storage import Database
from conformance.registry import find

from .command import Done, judge
from .raw_server import Call, RawServer, raw_server

LONG = "Zx81-q7Lm.93_fTr~VbN2wKp5sYh7e"
AWKWARD = "q\"uo'te$HOME/pl+us%41=&<tag>\\back"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJuamdoNzIzIiwiZXhwIjo5OTk5OTk5OTk5fQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
MIDDLE = "sesame-1234"
TINY = "k1"
PIECE = 12


def spellings(secret: str) -> list[str]:
    """Every way in which the server writes a secret."""
    raw = secret.encode()
    return [
        secret,
        secret.upper(),
        quote(secret, safe=""),
        quote(quote(secret, safe=""), safe=""),
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        html.escape(secret),
        "".join(f"%{byte:02x}" for byte in raw),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        base64.b64encode(b"Bearer " + raw).decode(),
        raw.hex(),
        secret[: max(len(secret) * 2 // 3, 14)],
        secret[len(secret) // 3 :],
    ]


def given(call: Call) -> list[str]:
    """Every secret in a request: the values of its headers, with and without their scheme, and Basic ones undone."""
    found = []
    for line in call.head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() in (
            "host",
            "accept",
            "accept-encoding",
            "connection",
            "user-agent",
            "content-length",
            "content-type",
        ):
            continue
        words = [value.strip(), value.strip().partition(" ")[2]]
        found += [word for word in words if word]
        if value.strip().startswith("Basic "):
            pair = base64.b64decode(words[1]).decode()
            found += [pair, pair.partition(":")[2]]
    return found


def echo(call: Call) -> bool:
    """Write everything back, everywhere."""
    texts = [text for secret in given(call) for text in spellings(secret)] or ["nothing"]
    line = " ".join(texts).replace("\r", "").replace("\n", "").encode("latin-1", "replace").decode("latin-1")
    body = json.dumps({"status": texts, "message": f"no {line}", call.head[:200]: line, "cut": texts[0][:-1]})
    if call.number % 3 == 0:
        body = f"<p>{call.head}</p>" + line
    headers = [
        f"Location: {call.line.partition(' ')[2]}?key={quote(texts[0])}&raw={line[:2000]}",
        f"Set-Cookie: session={texts[0]}; Path=/",
        f"X-Echo: {line[:3000]}",
        f'WWW-Authenticate: Bearer error="{line[:1000]}"',
        "Content-Type: application/json",
    ]
    code = ("200", "404", "500", "401", "302")[call.number % 5]
    head = "\r\n".join(
        [
            f"HTTP/1.1 {code} {line[:1000]}",
            *headers,
            f"Content-Length: {len(body.encode('latin-1', 'replace'))}",
        ]
    )
    call.send(head.encode("latin-1", "replace") + b"\r\n\r\n" + body.encode("latin-1", "replace"))
    return True


def garbage(call: Call) -> bool:
    """Write the secrets where the status line ought to be, and hang up."""
    call.send(" ".join(given(call)).encode("latin-1", "replace") + b" is not welcome\r\n\r\n")
    return False


def leaks(text: str, secret: str) -> str | None:
    """What of a secret a text holds: all of it, in any spelling, or a longer piece."""
    folded = text.lower()
    if len(secret) < 6:
        found = re.search(rf"(?<![a-z0-9]){re.escape(secret.lower())}(?![a-z0-9])", folded)
        return found and text[max(found.start() - 40, 0) : found.end() + 40]
    pieces = [secret[at : at + PIECE] for at in range(max(len(secret) - PIECE + 1, 1))]
    plain = [*spellings(secret)[:-2], *pieces]
    for layer in (folded, unquote(folded), html.unescape(folded)):
        for spelling in plain:
            at = layer.find(spelling.lower())
            if at >= 0:
                return f"{spelling!r} in …{layer[max(at - 60, 0) : at + 60]}…"
    return None


def parts(secret: str) -> list[str]:
    """What is secret of it: of a JSON Web Token claims and signature, not the header, which many tokens share."""
    return secret.split(".")[1:] if secret == JWT else [secret]


def assert_silent(done: Done, *secrets: str) -> None:
    for name, text in done.everything().items():
        for secret in [part for one in secrets for part in parts(one)]:
            assert leaks(text, secret) is None, (name, leaks(text, secret))


def settings_for(contract: str, secret: str) -> tuple[str, ...]:
    return {
        "open-attestation": ("--api-key", secret),
        "dcp": ("--token", secret, "--request", "issued=an-id"),
        "tydids": ("--granted", "an-id", "--header", f"X-Gateway={secret}"),
    }[contract]


@pytest.mark.parametrize(
    "secret", [LONG, AWKWARD, JWT, MIDDLE, TINY], ids=["long", "awkward", "JWT", "short", "tiny"]
)
@pytest.mark.parametrize("contract", ["open-attestation", "dcp", "tydids"])
def test_a_server_that_echoes_secrets(contract: str, secret: str, tmp_path: Path) -> None:
    with raw_server(echo) as server:
        done = judge(contract, server.url, tmp_path, *settings_for(contract, secret), "--max-requests", "15")
    assert done.code in (1, 3)
    assert len(server.calls) > 5
    assert any(secret in call.head for call in server.calls)
    assert_silent(done, secret)


@pytest.mark.parametrize("secret", [LONG, AWKWARD], ids=["long", "awkward"])
def test_a_server_that_echoes_secrets_in_place_of_http(secret: str, tmp_path: Path) -> None:
    with raw_server(garbage) as server:
        done = judge("tydids", server.url, tmp_path, "--granted", "an-id", "--header", f"X-Gateway={secret}")
    assert done.code == 4
    assert_silent(done, secret)


def test_user_information_in_the_url(tmp_path: Path) -> None:
    password = "p@ss/word+with spaces"
    with raw_server(echo) as server:
        url = server.url.replace("//", f"//operator:{quote(password, safe='')}@")
        done = judge("tydids", url, tmp_path, "--granted", "an-id", "--max-requests", "20")
    assert "Basic " in server.calls[0].head
    assert_silent(done, password)
    for pair in (f"operator:{password}", base64.b64encode(f"operator:{password}".encode()).decode()):
        assert not [name for name, text in done.everything().items() if pair in text]
    assert done.results["base_url"] == server.url


def test_several_secrets_at_once(tmp_path: Path) -> None:
    more = ("--header", f"X-Gateway={JWT}", "--header", f"X-Other={MIDDLE}")
    with raw_server(echo) as server:
        done = judge(
            "open-attestation", server.url, tmp_path, "--api-key", LONG, *more, "--max-requests", "20"
        )
    assert_silent(done, LONG, JWT, MIDDLE)


@pytest.mark.parametrize(
    "options", [("--api-key", LONG, "--nonsense"), ("--token", LONG), ("--header", LONG)]
)
def test_usage_errors_repeat_no_secret(options: tuple[str, ...], tmp_path: Path) -> None:
    done = judge("open-attestation", "http://h.example", tmp_path / "out", *options)
    assert done.code == 2
    assert_silent(done, LONG)


# A key that is a common word


@contextmanager
def house(contract_name: str, secret: str, values: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """The reference deployment of one contract with a secret of our own."""
    contract = find(contract_name)
    reference = contract.module("reference")
    name = {"open-attestation": "api-key", "dcp": "token"}[contract_name]
    inputs = {**reference.EXAMPLES, **values, name: (secret,)}
    with Database(None) as database:
        room = reference.room(database=database, clock=SystemClock(), inputs=inputs)
        with serving(deployment([room])) as base_url:
            yield base_url + reference.BASE_PATH


@pytest.mark.parametrize(
    "key", ["status", "id", "events", "0", "application/json", "http", "GET", "test", TINY, AWKWARD]
)
def test_a_key_that_is_a_common_word_spoils_no_verdict(key: str, tmp_path: Path) -> None:
    with house("open-attestation", key, {}) as url:
        done = judge(
            "open-attestation",
            url,
            tmp_path,
            "--api-key",
            key,
            "--only",
            "OA-W1,OA-W2,OA-R1,OA-R4,OA-R15,OA-A1",
        )
    assert (done.code, done.results["verdict"]) == (0, "conformant"), done.out


@pytest.mark.parametrize("token", ["type", "CredentialStatus", TINY, AWKWARD])
def test_a_token_that_is_a_common_word_spoils_no_verdict(token: str, tmp_path: Path) -> None:
    request = "issued=8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955"
    with house("dcp", token, {}) as url:
        done = judge("dcp", url, tmp_path, "--token", token, "--request", request, "--level", "must")
    assert (done.code, done.results["verdict"]) in ((0, "conformant"), (3, "incomplete")), done.out
    assert not [one for one in done.results["requirements"] if one["outcome"] in ("failed", "error")]


# In somebody's own pytest


def embedded(server: RawServer, folder: Path, *options: str) -> str:
    """Everything that plain pytest prints and writes, at its most talkative."""
    (folder / "pytest.ini").write_text("[pytest]\nlog_level = DEBUG\nlog_cli = true\njunit_logging = all\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "conformance.plugin",
        "-vv",
        "--showlocals",
        "-rA",
        "-p",
        "no:cacheprovider",
        "-o",
        "log_cli_level=DEBUG",
    ]
    command += [
        f"--junit-xml={folder / 'own.xml'}",
        "--rootdir",
        str(folder),
        "-c",
        str(folder / "pytest.ini"),
    ]
    command += [
        "--pyargs",
        "conformance.contracts.open_attestation",
        "--deployment",
        server.url,
        "-k",
        "not histories",
        *options,
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, check=False, timeout=120
    )
    assert "--api-key" not in done.stderr
    return done.stdout + done.stderr + (folder / "own.xml").read_text()


def test_plain_pytest_says_no_secret(tmp_path: Path) -> None:
    """Here with a server that echoes for a while and then hangs up."""
    with raw_server(lambda call: echo(call) if call.number < 30 else False) as server:
        text = embedded(server, tmp_path, "--api-key", AWKWARD)
    assert "non-conformant" in text or "incomplete" in text
    assert any(AWKWARD in call.head for call in server.calls)
    assert leaks(text, AWKWARD) is None, leaks(text, AWKWARD)
