"""Secrets: fetched from where they are, and found again however a server spells them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.errors import SecretProblem
from conformance.evidence import received
from conformance.wire.exchange import Exchange, Request, Response
from conformance.wire.redaction import HIDDEN, Redactor, resolve
from conformance.wire.secrets.decoding import TooMuch, Work, readings

from .hostile.encodings import ENCODINGS, check

TOKEN = "Zx81-q7Lm.93_fTr~VbN2wKp5sYh"
AWKWARD = "a\"b'c\\d$e/f+g%41=h&i<j>;k"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJuamdoNzIzIiwiZXhwIjo5OTk5OTk5OTk5fQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
HOSTILE = [
    "\\",
    "%25",
    "&#38;",
    "\\u005c",
    "\\\\u005c",
    "&#38;#38;",
    "&amp;",
    "%41\\/",
    "a",
    "0",
    "4",
    "d3",
    "1,",
    "[",
    '"',
    "=",
    "&",
    "%",
    "\0",
    "\u0301",
    "\\u{",
    "…",
    "Zx81-q7Lm.",
    TOKEN[:11] + " ",
    "ICAg",
    "eHh4",
]


def knowing(*secrets: str) -> Redactor:
    redactor = Redactor()
    for number, secret in enumerate(secrets):
        redactor.add(secret, f"$S{number}")
    return redactor


# Where secrets come from


def test_a_literal_is_itself() -> None:
    assert resolve("abc", "--token") == "abc"
    assert resolve("  abc ", "--token") == "abc"
    assert resolve("https://not-a-scheme", "--token") == "https://not-a-scheme"


def test_a_variable_and_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THE_KEY", " from the environment\n")
    (tmp_path / "key").write_text("from a file\n")
    assert resolve("env:THE_KEY", "--token") == "from the environment"
    assert resolve(f"file:{tmp_path / 'key'}", "--token") == "from a file"


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("", "--token is empty"),
        ("  ", "--token is empty"),
        ("env:", "the environment variable (no name) is not set or is empty"),
        ("env:SURELY_NOT_SET", "the environment variable SURELY_NOT_SET is not set or is empty"),
        ("env:BLANK", "the environment variable BLANK is not set or is empty"),
        ("file:", "the file (no path) cannot be read"),
        ("file:/nowhere/at/all", "the file /nowhere/at/all cannot be read"),
        ("file:/", "the file / cannot be read"),
        ("file:~no-such-user-here/key", "cannot be read"),
        ("file:EMPTY", "is empty"),
        ("file:BINARY", "cannot be read"),
        ("two\nlines", "cannot stand in an HTTP header"),
        ("sn\u00f6w", "cannot stand in an HTTP header"),
    ],
)
def test_a_reference_that_leads_nowhere(
    reference: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BLANK", "  ")
    monkeypatch.chdir(tmp_path)
    Path("EMPTY").write_text("\n")
    Path("BINARY").write_bytes(b"\xff\xfe")
    with pytest.raises(SecretProblem) as raised:
        resolve(reference, "--token")
    assert sentence in raised.value.message
    assert "lines" not in raised.value.message


# How they are found again


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("around", ["{}", "bad token {}. Try again", "a line\n{}\nanother"])
def test_every_encoding_is_found_and_withheld(encoding: str, around: str) -> None:
    redactor = knowing(TOKEN)
    text = around.replace("{}", ENCODINGS[encoding](TOKEN))
    assert str(redactor.holds(text)).startswith("the s0")
    assert str(redactor.holds(text.encode())).startswith("the s0")
    clean = redactor.answer(text)
    assert "[withheld: holds the s0" in clean
    assert redactor.holds(clean) is None


def test_random_compositions_of_encodings() -> None:
    check(300)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (TOKEN, "the s0"),
        (TOKEN.encode().hex(), "the s0, in hexadecimal"),
        (base64.b32encode(TOKEN.encode()).decode(), "the s0, in base32"),
        (str(list(TOKEN.encode())), "the s0, as a list of numbers"),
        ("".join(f"&#{ord(one)};" for one in TOKEN), "the s0, escaped"),
        (base64.b64encode(TOKEN.encode().hex().encode()).decode(), "the s0, in hexadecimal in base64"),
        (TOKEN[::-1], "the s0, backwards"),
    ],
)
def test_what_was_found_is_named(text: str, what: str) -> None:
    assert knowing(TOKEN).holds(f"so: {text}.") == what


def test_secrets_are_named_after_what_stands_for_them() -> None:
    redactor = Redactor()
    redactor.add("alpha-alpha-1234", "$API_KEY")
    redactor.add("alpha-alpha-12345", "${API_KEY}5")
    redactor.add("beta-beta-beta-1", "$PASSWORD")
    redactor.add("gamma-gamma-gamma", "$HEADER_X_GATEWAY", "the header X-Gateway")
    redactor.add("delta-delta-delta", "delta-delta-delta")
    assert redactor.holds("alpha-alpha-12345") == "the API key"
    assert redactor.holds("beta-beta-beta-1") == "the password of the base URL"
    assert redactor.holds("gamma-gamma-gamma") == "the header X-Gateway"
    assert redactor.holds("delta-delta-delta") is None
    assert redactor.expressions == ("$API_KEY", "${API_KEY}5", "$PASSWORD", "$HEADER_X_GATEWAY")


# The smallest part is withheld


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"id": 1, "message": f"no {TOKEN}", "z": [1]}, {"id": 1, "message": "the s0", "z": [1]}),
        (
            {"raw": list(TOKEN.encode()), "events": [1, 2]},
            {"raw": "the s0, as a list of numbers", "events": [1, 2]},
        ),
        (
            {"a": {"b": [{"c": TOKEN.encode().hex()}, "fine"]}, "d": None},
            {"a": {"b": [{"c": "the s0, in hexadecimal"}, "fine"]}, "d": None},
        ),
        ({TOKEN: "fine", "b": 2}, {"the s0": "fine", "b": 2}),
        ([list(TOKEN), "fine"], ["the s0", "fine"]),
        ({"n": {str(n): ord(one) for n, one in enumerate(TOKEN)}}, {"n": "the s0, as a list of numbers"}),
        (TOKEN, "the s0"),
    ],
)
def test_of_json_the_smallest_value_is_withheld_and_the_rest_is_still_json(value: Any, left: Any) -> None:
    def shown(one: Any) -> Any:
        if isinstance(one, dict):
            return {shown(name): shown(member) for name, member in one.items()}
        if isinstance(one, list):
            return [shown(member) for member in one]
        return f"[withheld: holds {one}]" if isinstance(one, str) and one.startswith("the s0") else one

    for indent in (None, 2):
        clean = knowing(TOKEN).data(json.dumps(value, indent=indent).encode())
        assert json.loads(clean) == shown(left)


def test_a_number_is_withheld_as_a_string() -> None:
    assert json.loads(knowing("123456789012").data(b'{"key": 123456789012, "id": 7}')) == {
        "key": "[withheld: holds the s0]",
        "id": 7,
    }


def test_of_text_the_line_is_withheld_or_its_quoted_string() -> None:
    clean = knowing(TOKEN).data(f'one\n<p>{TOKEN}</p>\n<a href="/{TOKEN}">two</a>\nthree'.encode()).decode()
    assert clean == ('one\n[withheld: holds the s0]\n<a href="[withheld: holds the s0]">two</a>\nthree')


def test_lines_that_hold_it_together_are_withheld_and_no_others() -> None:
    coded = base64.b64encode(b"what came before it: " + TOKEN.encode()).decode()
    lines = [coded[at : at + 16] for at in range(0, len(coded), 16)]
    clean = knowing(TOKEN).data("\n".join(["first", *lines, "last"]).encode()).decode().split("\n")
    assert clean[:2] == ["first", lines[0]]
    assert clean[-1] == "last"
    assert not [line for line in lines[1:] if line in clean]


def test_a_hex_dump_is_withheld_with_the_lines_that_hold_only_a_few_bytes_of_it() -> None:
    raw = b"x" * 11 + TOKEN.encode() + b"y" * 60
    rows = [
        f"{at:08x}  {raw[at : at + 16].hex(' ')}  |{raw[at : at + 16].decode()}|" for at in range(0, 96, 16)
    ]
    clean = knowing(TOKEN).data("\n".join(rows).encode()).decode().split("\n")
    assert clean[:3] == ["[withheld: holds the s0]"] * 3
    assert clean[3:] == rows[3:]


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x01\xff" + TOKEN.encode() + b"\xfe\x02",
        TOKEN.encode("utf-16"),
        "\u00ad".join(TOKEN).encode("utf-32-le"),
        bytes(range(256)) + base64.b64encode(TOKEN.encode()),
    ],
)
def test_of_binary_data_nothing_is_shown(body: bytes) -> None:
    assert re.fullmatch(rb"\[withheld: holds the s0(, \w+ \w+)?\]", knowing(TOKEN).data(body))


def test_truncated_json_is_withheld_in_parts_too() -> None:
    body = json.dumps({"id": 1, "key": TOKEN, "more": "x" * 500}).encode()[:-100]
    clean = knowing(TOKEN).data(body, cut=True).decode()
    assert clean.startswith('{"id": 1, "key": "[withheld: holds the s0]", "more": "xxx')


# Pieces, and where texts are cut


def test_twelve_characters_of_a_secret_count() -> None:
    redactor = knowing(TOKEN)
    for start in range(len(TOKEN) - 11):
        piece = TOKEN[start : start + 12]
        for text in (piece, piece.upper(), quote(piece), piece.encode().hex(), f"x{piece}y"):
            assert redactor.holds(f"bad token {text}. Try again"), text


@pytest.mark.parametrize("secret", [TOKEN, "sixteen-chars-16", "twelve-chars", "eightchr", "hunter2"])
@pytest.mark.parametrize("form", ["text", "hexadecimal", "base64", "upper case", "list"])
def test_what_clipping_leaves_of_a_secret_is_withheld(secret: str, form: str) -> None:
    for cut in range(6 if form in ("hexadecimal", "base64", "list") else 4, len(secret)):
        piece = secret[:cut].encode()
        text = {
            "text": secret[:cut],
            "upper case": secret[:cut].upper(),
            "hexadecimal": piece.hex(),
            "base64": base64.b64encode(secret.encode()).decode()[: cut * 8 // 6],
            "list": ", ".join(map(str, piece)),
        }[form]
        clean = knowing(secret).answer(f'200 application/json: {{"id": "abc", "k": "{text}…')
        assert text not in clean, (cut, clean)
        assert clean.startswith('200 application/json: {"id": "abc", "k": "[withheld: holds the s0')
        assert clean.endswith(("]…", ']"'))


@pytest.mark.parametrize(
    "tail", [TOKEN[:5], TOKEN[:9].encode().hex(), base64.b64encode(TOKEN[:9].encode()).decode()]
)
def test_what_the_size_cap_leaves_of_a_secret_is_withheld(tail: str) -> None:
    body = ("x" * 1000 + tail).encode()
    assert tail.encode() not in knowing(TOKEN).data(body, cut=True)
    assert knowing(TOKEN).data(body) == body


def test_clipped_evidence_holds_nothing_of_a_secret_wherever_it_is_cut() -> None:
    redactor = knowing(TOKEN)
    for padding in range(150, 200):
        body = json.dumps({"id": "x" * padding, "key": TOKEN}).encode()
        made = Exchange(1, Request("GET", "http://h/"), Response(200, body=body), 0, 0)
        clean = redactor.answer(received(made))
        assert not any(TOKEN[:size] in clean for size in range(4, len(TOKEN))), clean


# What is no secret


@pytest.mark.parametrize("text", ["status k12 ok1 bk1d", '{"k1x": "xk1"}', base64.b64encode(b"ok1").decode()])
def test_a_short_secret_counts_where_it_stands_alone(text: str) -> None:
    redactor = knowing("k1")
    assert redactor.answer(text) == text
    for other in ('{"key": "k1"}', "it is K1.", base64.b64encode(b"k1").decode(), b"k1".hex()):
        assert redactor.holds(other), other
    assert redactor.text('"k1", k1; =k1') == '"$S0", $S0; =$S0'


INNOCENT = [
    json.dumps({"id": "7c9b8154" * 8, "status": 1, "timestamp": 1732838400123, "events": [[1, 2, 3]] * 20}),
    json.dumps({"id": "8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955", "nil": "00000000-0000-0000-0000-000000000000"}),
    json.dumps({"image": "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 40).decode()}),
    json.dumps(
        {"jwt": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSBlbHNlIn0.c29tZWJvZHkgZWxzZSdzIHNpZ25hdHVyZQ"}
    ),
    (
        "<!doctype html><html><head><title>Sign in</title></head><body><form action='/login?next=%2Fstatus'>"
        "<input name=token value='&#8203;'></form><p>Bearer tokens are needed &amp; API keys, too.</p></body></html>"
    ),
    "\n".join(f"{n:08x}  {bytes(range(n, n + 16)).hex(' ')}  |................|" for n in range(0, 200, 16)),
    "Tue, 15 Nov 1994 08:12:31 GMT",
    'W/"67ab43-5b8d80"',
    "0123456789abcdef" * 64,
    "the API key is not valid; the token's signature is wrong",
]
OURS = (TOKEN, "demo-key-7d41f09ac2b84e6f93a5d8e0b1c62f47", JWT, "hunter2", "p@ss word", "k1")


@pytest.mark.parametrize("text", INNOCENT)
def test_an_innocent_answer_stays_as_it_is(text: str) -> None:
    redactor = knowing(*OURS)
    assert redactor.holds(text) is None
    assert redactor.data(text.encode()) == text.encode()
    assert redactor.answer(text) == text


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(st.characters(codec="utf-8"), max_size=200), st.binary(max_size=300)))
def test_a_text_without_secrets_stays_as_it_is(text: str | bytes) -> None:
    assert knowing("Qq9!zzPw-77-never-there").holds(text) is None


def test_random_bytes_in_every_coding_are_innocent() -> None:
    redactor = knowing(*OURS)
    noise = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(256))
    for text in (
        noise,
        noise.hex(),
        base64.b64encode(noise).decode(),
        base64.b32encode(noise).decode(),
        str(list(noise)),
    ):
        assert redactor.holds(text) is None


def test_of_a_json_web_token_the_header_is_no_secret() -> None:
    header, claims, signature = JWT.split(".")
    redactor = Redactor()
    redactor.add(JWT, "$TOKEN")
    redactor.add(JWT[: len(JWT) // 2], "${TOKEN%?}")
    redactor.add("0" + JWT[1:], "0${TOKEN#?}")
    assert redactor.holds(f"{header}.{claims}x") == "the token's claims"
    assert redactor.holds(f"signed: {signature}") == "the token's signature"
    assert redactor.holds(JWT) == "the token"
    assert redactor.holds(f"{header}.eyJzdWIiOiJzb21lYm9keSBlbHNlIn0.c29tZWJvZHkgZWxzZQ") is None
    assert redactor.holds(header) is None
    assert redactor.text(JWT) == "$TOKEN"


def test_a_user_name_is_no_secret_beside_a_password() -> None:
    redactor = Redactor()
    redactor.add("s3cr3t-of-ada", "$PASSWORD")
    redactor.add("the-administrator:s3cr3t-of-ada", "$USERINFO")
    assert redactor.holds("the-administrator: not allowed") is None
    assert redactor.holds("the-administrator:s3cr3t-of-ada")


def test_of_a_private_key_what_is_common_or_public_is_no_secret() -> None:
    redactor = Redactor()
    body = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg" + hashlib.sha512(b"key").hexdigest()
    redactor.add(body, "$CLIENT_KEY")
    assert redactor.holds(body[:58]) is None
    assert redactor.holds(f"-----BEGIN PRIVATE KEY-----\n{body[:64]}\n{body[64:]}") == "the client key"


# Our own texts


def test_our_own_texts_show_expressions() -> None:
    redactor = Redactor()
    redactor.add("the-secret-key", "$API_KEY")
    redactor.add("the-secret-ke", "${API_KEY%?}")
    redactor.add("the-secret-key0", "${API_KEY}0")
    assert redactor.text("a the-secret-key b") == "a $API_KEY b"
    assert redactor.text("a the-secret-ke b") == "a ${API_KEY%?} b"
    assert redactor.text("a the-secret-key0 b") == "a ${API_KEY}0 b"
    assert redactor.text(AWKWARD) == AWKWARD
    redactor.add(AWKWARD, "$B")
    assert redactor.text(f"http://h/{AWKWARD}?k={quote(AWKWARD, safe='')}") == "http://h/$B?k=$B"
    assert redactor.text("a THE.SECRET.KEY b") == "[withheld: holds the API key]"


# In bounded time: bytes that are looked at are counted, since no clock is fair


@pytest.mark.parametrize("unit", HOSTILE)
def test_the_work_grows_as_the_answer_does(unit: str) -> None:
    spent = []
    for size in (4_000, 8_000, 16_000, 32_000):
        redactor = knowing(TOKEN, TOKEN * 20, AWKWARD)
        redactor.data((unit * (size // len(unit) + 1))[:size].encode())
        spent.append(redactor.finder.searched)
    assert spent[-1] <= 8 * max(spent[0], 4_000) * 1.25, spent


def test_the_work_grows_as_the_answer_does_where_secrets_are_everywhere() -> None:
    spent = []
    for size in (50, 100, 200):
        redactor = knowing(TOKEN)
        body = json.dumps([{"k": f"{number} {TOKEN}"} for number in range(size)]).encode()
        assert TOKEN.encode() not in redactor.data(body)
        spent.append(redactor.finder.searched / len(body))
    assert max(spent) <= 80


@pytest.mark.parametrize("unit", ["\\", "%25", "&#38;", "\\u005c", "a", "\0", "=", "&", "[", '"'])
def test_a_mebibyte_of_anything_is_searched(unit: str) -> None:
    redactor = knowing(TOKEN)
    body = (unit * (2**20 // len(unit))).encode()
    assert redactor.data(body) == body
    assert redactor.finder.searched <= 8 * len(body)


def test_equal_bodies_are_searched_once() -> None:
    redactor = knowing(TOKEN)
    body = json.dumps({"message": "x" * 1000}).encode()
    redactor.data(body)
    before = redactor.finder.searched
    assert redactor.data(bytes(body)) == body
    assert redactor.finder.searched == before


def test_what_has_no_end_of_readings_is_withheld() -> None:
    work = Work(10)
    with pytest.raises(TooMuch):
        list(readings("some text that is longer than the limit", work))


def test_a_secret_learnt_later_is_found_as_well() -> None:
    redactor = knowing("first-secret")
    assert redactor.answer("second-secret") == "second-secret"
    redactor.add("second-secret", "$B")
    assert redactor.answer("second-secret") == "[withheld: holds the b]"


# Exchanges


def exchange(headers: tuple[tuple[str, str], ...], response: Response | None = None, **more: str) -> Exchange:
    request = Request("GET", f"http://h/{TOKEN}?k={quote(TOKEN)}", headers, f'{{"k": "{TOKEN}"}}'.encode())
    return Exchange(1, request, response, 0.0, 1.0, **more)  # type: ignore[arg-type]


def test_an_exchange_leaves_without_secrets() -> None:
    echo = f"{TOKEN} {TOKEN[:15]}"
    headers = (
        ("Set-Cookie", "session=abc"),
        ("Location", f"/?t={quote(TOKEN)}"),
        (f"X-{TOKEN}", echo),
        ("X-Api-Key", "z"),
    )
    response = Response(200, echo, "HTTP/1.1", headers, b"\xff\xfe" + echo.encode())
    clean = knowing(TOKEN).exchange(exchange((("Authorization", f"Bearer {TOKEN}"),), response))
    assert clean.request.url == "http://h/$S0?k=$S0"
    assert clean.request.headers == (("Authorization", "Bearer $S0"),)
    assert clean.request.body == b'{"k": "$S0"}'
    assert clean.response is not None
    assert clean.response.body == b"[withheld: holds the s0]"
    assert clean.response.reason == "[withheld: holds the s0]"
    assert dict(clean.response.headers) == {
        "Set-Cookie": HIDDEN,
        "Location": "[withheld: holds the s0]",
        "[withheld: holds the s0]": "[withheld: holds the s0]",
        "X-Api-Key": HIDDEN,
    }


@pytest.mark.parametrize(
    "raw",
    [
        f"labelled wrongly: {TOKEN}".encode(),
        f"cut off: {TOKEN[:8]}".encode(),
        gzip.compress(f"damaged: {TOKEN}".encode(), mtime=0)[:-6] + b"oh no!",
        zlib.compress(TOKEN.encode())[2:-4],
    ],
)
def test_bytes_that_do_not_decode_leave_without_secrets(raw: bytes) -> None:
    response = Response(200, raw=raw, coding=f"br, {TOKEN}")
    clean = knowing(TOKEN).exchange(exchange((), response)).response
    assert clean is not None
    assert clean.raw.startswith(b"[withheld: holds the s0")
    assert clean.coding == "[withheld: holds the s0]"


def test_a_failure_leaves_without_secrets() -> None:
    clean = knowing(TOKEN).exchange(
        exchange((), failure=f"illegal status line: {TOKEN}", intent={"id": TOKEN})
    )
    assert clean.failure == "[withheld: holds the s0]"
    assert clean.intent == {"id": "$S0"}


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (("x-api-key", TOKEN), "$S0"),
        (("X-API-KEY", "somebody else's"), HIDDEN),
        (("Authorization", "Bearer somebody-elses"), f"Bearer {HIDDEN}"),
        (("Authorization", TOKEN), "$S0"),
        (("Authorization", "Bearer"), "Bearer"),
        (("Authorization", "Sesame"), HIDDEN),
        (("Authorization", "open sesame"), HIDDEN),
        (("Cookie", "a=b; c=d"), HIDDEN),
        (("x-api-key", ""), ""),
        (("X-Other", f"is {TOKEN}"), "is $S0"),
        (("X-Mine", "anything"), HIDDEN),
    ],
)
def test_headers_of_a_request(header: tuple[str, str], shown: str) -> None:
    redactor = knowing(TOKEN)
    redactor.add_header("x-mine")
    assert redactor.request_headers((header,)) == ((header[0], shown),)


def test_records_do_not_show_what_they_hold() -> None:
    """Tracebacks and `--showlocals` print representations."""
    response = Response(200, TOKEN, headers=(("X", TOKEN),), body=TOKEN.encode())
    made = Exchange(1, Request("GET", "http://h/", (("x-api-key", TOKEN),)), response, 0, 0)
    assert TOKEN not in repr(made)


def test_a_header_is_read_as_utf_8_too() -> None:
    redactor = Redactor()
    redactor.add("gw5fJ8sLq2WvT9xNc4Ue71", "$HEADER_X_GATEWAY")
    value = "\u00ad".join("gw5fJ8sLq2WvT9xNc4Ue71").encode().decode("latin-1")
    assert dict(redactor.response_headers((("X-Echo", value),)))["X-Echo"].startswith("[withheld")
