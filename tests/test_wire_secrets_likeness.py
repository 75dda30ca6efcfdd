"""Credentials in recorded traffic: known by their name, their form, or how random they are."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from conformance.wire.exchange import Exchange, Request, Response
from conformance.wire.secrets.likeness import credentials, without_userinfo

from .command import Done, call

SECRET = "mF9k-Zx81q7Lm93fTrVbN2wKp5sYh"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJuamdoNzIzIiwiZXhwIjo5OTk5OTk5OTk5fQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
HASH = "7c9b8154" * 8


def exchange(
    url: str = "https://h.example/status/1",
    sent: tuple[tuple[str, str], ...] = (),
    body: Any = None,
    answered: tuple[tuple[str, str], ...] = (),
    answer: Any = None,
) -> Exchange:
    def coded(value: Any) -> bytes:
        return value if isinstance(value, bytes) else json.dumps(value).encode() if value else b""

    response = Response(200, headers=answered, body=coded(answer))
    return Exchange(1, Request("GET", url, sent, coded(body)), response, 0.0, 1.0)


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (exchange(sent=(("Authorization", f"Bearer {SECRET}"),)), "the header Authorization"),
        (exchange(sent=(("X-API-Key", SECRET),)), "the header X-API-Key"),
        (exchange(sent=(("Ocp-Apim-Subscription-Key", SECRET),)), "the header Ocp-Apim-Subscription-Key"),
        (exchange(sent=(("X-Session-Token", SECRET),)), "the header X-Session-Token"),
        (exchange(sent=(("X-Whatever", f"Bearer {SECRET}"),)), "the header X-Whatever"),
        (exchange(sent=(("X-Whatever", SECRET),)), "the header X-Whatever"),
        (exchange(sent=(("Cookie", f"lang=en; sid={SECRET}"),)), "the header Cookie"),
        (exchange(answered=(("Set-Cookie", f"sid={SECRET}; Path=/"),)), "the header Set-Cookie"),
        (exchange(answered=(("X-Auth-Token", SECRET),)), "the header X-Auth-Token"),
        (
            exchange(answered=(("Location", f"/next?code=1&access_token={SECRET}"),)),
            "the parameter access_token",
        ),
        (exchange(f"https://h.example/status?api_key={SECRET}"), "the parameter api_key"),
        (exchange(f"https://h.example/status?x={SECRET}"), "the parameter x"),
        (exchange(body={"client": {"clientSecret": SECRET}}), "the member clientSecret"),
        (exchange(body=f"user=ada&password={SECRET}".encode()), "the parameter password"),
        (exchange(answer={"tokens": [{"refresh_token": SECRET}]}), "the member refresh_token"),
        (exchange(answer={"note": SECRET}), "the member note"),
    ],
)
def test_what_looks_like_a_credential(made: Exchange, name: str) -> None:
    assert (SECRET, name) in {(one.value, one.name) for one in credentials([made])}
    assert not [
        one for one in credentials([made], keep=[name.rsplit(maxsplit=1)[-1].upper()]) if one.value == SECRET
    ]


def test_a_json_web_token_is_one_wherever_it_is() -> None:
    assert [one.value for one in credentials([exchange(answer={"a": f"it was {JWT}."})])] == [JWT]


def test_a_password_in_basic_credentials_and_in_a_url() -> None:
    made = without_userinfo(exchange(f"https://ada:{SECRET}@h.example/status/1"))
    pair = base64.b64encode(f"ada:{SECRET}".encode()).decode()
    assert made.request.url == "https://h.example/status/1"
    assert made.request.headers == (("Authorization", f"Basic {pair}"),)
    assert {one.value for one in credentials([made])} == {pair, SECRET}
    assert without_userinfo(made) is made


@pytest.mark.parametrize(
    "made",
    [
        exchange(
            f"https://h.example/status/{HASH}", answer={"id": HASH, "status": 1, "timestamp": 1732838400123}
        ),
        exchange("https://h.example/tydids/status?identity=0xa8CD7c57c144be63852Da3C44D97088A740D43Cd"),
        exchange(
            answer={
                "@context": ["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"],
                "type": "CredentialStatus",
                "issuerPid": "V1StGXR8_Z5jdHi6B-myT9a",
                "holderPid": "urn:uuid:8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955",
                "status": "ISSUED",
            }
        ),
        exchange(
            sent=(
                ("User-Agent", "Mozilla/5.0"),
                ("X-Request-Id", "Zx81q7Lm93fTrVbN2wKp5sYh"),
                ("Accept", "*/*"),
            ),
            answered=(
                ("ETag", 'W/"67ab43-5b8d80"'),
                ("WWW-Authenticate", 'Bearer realm="status", error="invalid_token"'),
                ("Date", "Tue, 15 Nov 1994 08:12:31 GMT"),
                ("Access-Control-Allow-Headers", "authorization, x-api-key"),
                ("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                ("Authorization-Endpoint", "https://login.example/authorize"),
            ),
            answer={"token_type": "Bearer", "error": "invalid_token", "title": "ThisIsATitleWithManyWords2"},
        ),
        exchange(
            sent=(
                ("Authorization", "$AUTHORIZATION"),
                ("X-Api-Key", "[redacted]"),
                ("X-Token", "Bearer $TOKEN"),
            )
        ),
        exchange("http://[", answer=b"\xff\xfe"),
    ],
)
def test_what_does_not(made: Exchange) -> None:
    assert list(credentials([without_userinfo(made)])) == []


# check-har


def har(folder: Path, *extra: tuple[str, str], userinfo: str = "") -> Path:
    headers = [{"name": "Authorization", "value": f"Bearer {JWT}"}]
    headers += [{"name": name, "value": value} for name, value in extra]
    answer = {"status": 1, "events": [], "accessToken": SECRET, "note": f"for {extra[0][1] if extra else ''}"}
    entry = {
        "startedDateTime": "2026-11-29T00:00:00Z",
        "time": 12,
        "request": {"method": "GET", "url": f"https://{userinfo}h.example/status/{HASH}", "headers": headers},
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": [
                {"name": "Content-Type", "value": "application/json"},
                {"name": "X-Echo", "value": JWT},
            ],
            "content": {"text": json.dumps(answer)},
        },
    }
    path = folder / "traffic.har"
    path.write_text(json.dumps({"log": {"entries": [entry]}}), encoding="utf-8")
    return path


def check(folder: Path, path: Path, *options: str) -> Done:
    out = folder / "out"
    return call("check-har", "open-attestation", str(path), "--output", str(out), *options, folder=out)


def test_reports_about_recordings_hold_no_credentials(tmp_path: Path) -> None:
    done = check(
        tmp_path, har(tmp_path, ("X-Tenant-Key", "tenant-4711-key"), userinfo="ada:p4ssw0rd-of-ada@")
    )
    assert done.code in (0, 1, 3)
    for secret in (SECRET, JWT, *JWT.split(".")[1:], "tenant-4711-key", "p4ssw0rd-of-ada"):
        assert not [name for name, text in done.everything().items() if secret in text], secret
    body = done.results["exchanges"][0]["response"]["body"]["text"]
    assert json.loads(body)["accessToken"] == "[withheld: holds the member accessToken]"
    assert json.loads(body)["status"] == 1
    assert done.results["base_url"] == "https://h.example/status"


def test_a_header_that_is_kept_is_shown(tmp_path: Path) -> None:
    path = har(tmp_path, ("X-Tenant-Key", "tenant-4711-key"))
    done = check(tmp_path, path, "--keep-header", "x-tenant-key")
    assert "tenant-4711-key" in done.everything()["results.json"]
    assert JWT not in done.everything()["results.json"]
