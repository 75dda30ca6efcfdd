"""Base URLs, the headers that go along, and the secrets in both."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract import Settings
from conformance.errors import UsageProblem
from conformance.registry import find
from conformance.target import parse, redactor_for

OA, DCP, TYDIDS = find("open-attestation"), find("dcp"), find("tydids")


@pytest.mark.parametrize(
    ("given_url", "base_url"),
    [
        ("https://h.example/v2.0", "https://h.example/v2.0"),
        ("  http://h.example/v2.0/  ", "http://h.example/v2.0"),
        ("http://h.example", "http://h.example"),
        ("http://h.example///", "http://h.example"),
        ("HTTP://H.Example:80/A/b", "http://h.example/A/b"),
        ("https://h.example:8443/a%2Fb", "https://h.example:8443/a%2Fb"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("http://127.0.0.1:8080/status/", "http://127.0.0.1:8080/status"),
        ("http://b\u00fccher.example/\u00e9", "http://xn--bcher-kva.example/%C3%A9"),
        ("http://user:pw@h.example/x", "http://h.example/x"),
    ],
)
def test_a_base_url_in_one_form(given_url: str, base_url: str) -> None:
    assert parse(given_url, TYDIDS).base_url == base_url
    assert parse(base_url, TYDIDS).base_url == base_url


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "must start with http:// or https://"),
        ("h.example/v2.0", "must start with http:// or https://"),
        ("ftp://h.example", "must start with http:// or https://"),
        ("http:/h.example", "has no host"),
        ("http://", "has no host"),
        ("http:///path", "has no host"),
        ("http://user:pw@", "has no host"),
        ("http://h example/", "white space"),
        ("http://h\u200b.example/", "white space"),
        ("http://h.example/\n/x", "malformed"),
        ("http://[::1", "its host cannot be read"),
        ("http://[not-an-address]/", "its host cannot be read"),
        ("http://h.example:http/", "its port is not a number"),
        ("http://h.example:99999/", "its port is not a number"),
        ("http://h.example:-1/", "its port is not a number"),
        ("http://\u2603.example/", "cannot be asked"),
        ("http://h.example/?a=b", "with a query (?) is not supported"),
        ("http://h.example/#top", "with a fragment (#) is not supported"),
        ("http://h.example/?a=b#top", "with a query (?) is not supported"),
    ],
)
def test_what_is_no_base_url(url: str, sentence: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        parse(url, TYDIDS)
    assert sentence in raised.value.message
    assert "/tydids/status" in raised.value.hint


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("https://h.example/x?code=sesame", "--header NAME=SECRET"),
        ("https://h.example/x#sesame", "leave out the #"),
        ("https://user:se?same@h.example/x", "%3F"),
        ("https://user:se#same@h.example/x", "%23"),
    ],
)
def test_a_base_url_with_more_than_a_path_names_the_remedy(url: str, remedy: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        parse(url, TYDIDS)
    assert remedy in raised.value.hint
    assert "same" not in f"{raised.value.message} {raised.value.hint}"


def test_two_credentials_for_one_header() -> None:
    with pytest.raises(UsageProblem, match="exclude each other"):
        parse("https://user:pw@h.example", TYDIDS, (("authorization", "Bearer x"),))


@pytest.mark.parametrize(
    "place",
    ["p/ss@h.example", "p#ss@h.example", "p?ss@h.example", "pass@h:no-port", "pass@[bad", "p\u2100ss@h"],
)
def test_a_password_in_a_malformed_url_is_not_repeated(place: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        parse(f"http://sesame:{place}/x", TYDIDS)
    for text in ("sesame", "ss@", "pass"):
        assert text not in f"{raised.value.message} {raised.value.hint} {raised.value.data}"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@settings(deadline=None)
@given(st.text(max_size=40))
def test_reading_a_base_url_raises_nothing_else(text: str) -> None:
    for url in (text, f"http://{text}", f"https://h.example/{text}"):
        try:
            parse(url, TYDIDS)
        except UsageProblem:
            continue


def test_user_information_becomes_basic_credentials() -> None:
    target = parse("https://us%40er:p%C3%A4ss@h.example/x", TYDIDS)
    assert target.base_url == "https://h.example/x"
    assert target.headers == (
        ("Authorization", "Basic " + base64.b64encode("us@er:p\u00e4ss".encode()).decode()),
    )
    assert "us%40er" not in repr(target)


def test_no_user_information_no_credentials() -> None:
    assert parse("https://h.example/x", TYDIDS).headers == ()
    assert parse("https://@h.example/x", TYDIDS).headers == ()


@pytest.mark.parametrize(
    ("contract", "header", "instead"),
    [(OA, "X-Api-Key", "--api-key"), (DCP, "authorization", "--token")],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_header_that_is_under_test_cannot_go_with_every_request(
    contract: object, header: str, instead: str
) -> None:
    with pytest.raises(UsageProblem) as raised:
        parse("http://h.example", contract, ((header, "x"),))  # type: ignore[arg-type]
    assert instead in raised.value.hint


@pytest.mark.parametrize("header", ["Content-Length", "transfer-encoding", "Connection", "Upgrade"])
def test_headers_of_the_connection_are_not_the_operators(header: str) -> None:
    with pytest.raises(UsageProblem, match="belongs to the connection"):
        parse("http://h.example", TYDIDS, ((header, "1"),))


def test_credentials_in_the_url_of_a_contract_with_its_own() -> None:
    with pytest.raises(UsageProblem, match="cannot hold credentials") as raised:
        parse("http://user:pw@h.example", DCP)
    assert "--token" in raised.value.hint
    assert "--header" in raised.value.hint
    assert parse("http://user:pw@h.example", OA).userinfo == "user:pw"


def test_the_redactor_knows_every_secret() -> None:
    target = parse("https://ada:love%2Flace@h.example/x", OA, (("X-Gateway", "the-gateway-key"),))
    redactor = redactor_for(OA, Settings(inputs={"api-key": ("the-api-key",), "known": ("abc",)}), target)
    basic = target.headers[0][1].partition(" ")[2]
    for secret in ("the-api-key", "the-gateway-key", "love/lace", "love%2Flace", "ada:love/lace", basic):
        assert redactor.text(f"<{secret}>") != f"<{secret}>", secret
    assert redactor.text("<abc>") == "<abc>"
    assert redactor.request_headers((("x-gateway", "z"),)) == (("x-gateway", "[redacted]"),)
    assert redactor.request_headers(target.headers)[1] == ("X-Gateway", "$HEADER_X_GATEWAY")


@pytest.mark.parametrize("userinfo", ["token-in-place-of-a-user", "token-in-place-of-a-user:"])
def test_a_user_without_a_password_is_the_secret(userinfo: str) -> None:
    redactor = redactor_for(OA, Settings(), parse(f"http://{userinfo}@h.example", OA))
    assert "in-place" not in redactor.text("no such user: token-in-place-of-a-user")


def test_empty_user_information_hides_nothing() -> None:
    redactor = redactor_for(OA, Settings(), parse("http://:@h.example", OA))
    assert redactor.text('{"a" : 1}') == '{"a" : 1}'
