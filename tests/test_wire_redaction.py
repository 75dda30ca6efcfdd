"""Secrets: fetched from where they are, and found again however a server spells them."""

from __future__ import annotations

import base64
import html
import json
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from conformance.wire.spelling import fold, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.errors import SecretProblem
from conformance.wire.exchange import Exchange, Request, Response
from conformance.wire.redaction import HIDDEN, Redactor, resolve

TOKEN = "Zx81-q7Lm.93_fTr~VbN2wKp5sYh"
AWKWARD = "a\"b'c\\d$e/f+g%41=h&i<j>;k"
SECRETS = [TOKEN, AWKWARD, "k1", "hunter2", "pass word 9"]


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


def spelled(secret: str) -> dict[str, str]:
    """The ways a server may write a secret."""
    raw = secret.encode()
    return {
        "as it is": secret,
        "upper case": secret.upper(),
        "swapped case": secret.swapcase(),
        "JSON": json.dumps(secret),
        "JSON with escaped slashes": json.dumps(secret).replace("/", "\\/"),
        "JSON in JSON": json.dumps(json.dumps(secret)),
        "JSON in JSON in JSON": json.dumps(json.dumps(json.dumps(secret))),
        "all JSON escapes": "".join(f"\\u{ord(c):04X}" for c in secret),
        "percent-encoded": quote(secret, safe=""),
        "percent-encoded path": quote(secret),
        "percent-encoded lower": quote(secret, safe="").lower(),
        "form": quote_plus(secret),
        "percent-encoded twice": quote(quote(secret, safe=""), safe=""),
        "every byte percent-encoded": "".join(f"%{byte:02x}" for byte in raw),
        "HTML": html.escape(secret),
        "HTML entities": "".join(f"&#{ord(c)};" for c in secret),
        "HTML hexadecimal entities": "".join(f"&#x{ord(c):x};" for c in secret),
        "JSON in HTML": html.escape(json.dumps(secret)),
        "Python": repr(secret),
        "Python bytes": repr(raw),
        "base64": base64.b64encode(raw).decode(),
        "base64 for URLs": base64.urlsafe_b64encode(raw).decode(),
        "base64 without padding": base64.b64encode(raw).decode().rstrip("="),
    }


@pytest.mark.parametrize("secret", SECRETS)
def test_every_spelling_is_replaced_and_nothing_else(secret: str) -> None:
    redactor = knowing(secret)
    for name, text in spelled(secret).items():
        for clean in (redactor.text(f"<{text}>"), redactor.answer(f"<{text}>")):
            assert secret.lower() not in clean.lower(), name
            assert text.strip("\"'=") not in clean, name
            assert "$S0" in clean, (name, clean)
            assert clean.startswith("<"), name
            assert clean.endswith(">"), name


@pytest.mark.parametrize("secret", [TOKEN, AWKWARD])
@pytest.mark.parametrize("before", ["", "x", "xy", "Bearer "])
def test_base64_and_hexadecimal_of_something_longer(secret: str, before: str) -> None:
    longer = f"{before}{secret}, and more".encode()
    for text in (base64.b64encode(longer).decode(), longer.hex(), longer.hex().upper()):
        clean = knowing(secret).answer(f'{{"echo": "{text}"}}')
        start, found, end = clean.removeprefix('{"echo": "').removesuffix('"}').partition("$S0")
        assert found
        assert len(start + end) <= len(text) - len(secret)
        assert text.startswith(start)
        assert text.endswith(end)


@settings(max_examples=100, deadline=None)
@given(
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40),
    around=st.tuples(st.text(max_size=20), st.text(max_size=20)),
)
def test_no_echo_survives(secret: str, around: tuple[str, str]) -> None:
    redactor = knowing(secret)
    for name, text in spelled(secret).items():
        clean = redactor.answer(f"{around[0]} {text} {around[1]}")
        if secret.lower() not in f"{around[0]} {around[1]} $s0".lower():
            assert fold(secret) not in fold(clean), name


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert knowing("Qq9!zzPw-77-never-there").answer(text) == text


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='ab%41\\u00"/&#x;', max_size=40))
def test_escapes_are_undone_with_every_character_in_its_place(text: str) -> None:
    bare, places = plain(text)
    assert len(places) == len(bare) + 1
    assert places == sorted(places)
    assert places[-1] == len(text)


def test_pieces_of_a_longer_secret_go_from_answers() -> None:
    redactor = knowing(TOKEN)
    for piece in (TOKEN[:16], TOKEN[8:], TOKEN[5:20], TOKEN[:14].upper(), quote(TOKEN[:15])):
        clean = redactor.answer(f"bad token {piece}. Try again")
        assert HIDDEN in clean
        assert clean.startswith("bad token ")
        assert clean.endswith(". Try again")
        assert not any(TOKEN[at : at + 12].lower() in clean.lower() for at in range(len(TOKEN) - 11))
    assert redactor.text(TOKEN[:16]) == TOKEN[:16]


def test_pieces_beside_letters_that_change_their_length() -> None:
    """An upper-case I with a dot has two characters in lower case."""
    assert TOKEN[:20] not in knowing(TOKEN).answer(f"\u0130\u0130 {TOKEN[:20]}")


@pytest.mark.parametrize("secret", [TOKEN, "sixteen-chars-16", "twelve-chars", "eightchr", "k1234"])
def test_a_secret_cut_off_at_the_end(secret: str) -> None:
    """By an ellipsis, as evidence is clipped, or by the end of a body that was cut."""
    for cut in range(max((len(secret) + 1) // 2, 3), len(secret)):
        for text in (f'{{"k": "{secret[:cut]}…', f"key={secret[:cut]}"):
            assert secret[:cut] not in knowing(secret).answer(text), (cut, text)


def test_a_short_secret_counts_where_it_stands_alone() -> None:
    redactor = knowing("k1")
    assert redactor.text('"k1", k1; K1 =k1') == '"$S0", $S0; $S0 =$S0'
    assert redactor.text("k12 ok1 bk1d") == "k12 ok1 bk1d"


def test_what_resembles_a_secret_keeps_its_own_expression() -> None:
    redactor = Redactor()
    redactor.add("the-secret-key", "$API_KEY")
    redactor.add("the-secret-ke", "${API_KEY%?}")
    redactor.add("the-secret-key0", "${API_KEY}0")
    assert redactor.text("a the-secret-key b") == "a $API_KEY b"
    assert redactor.text("a the-secret-ke b") == "a ${API_KEY%?} b"
    assert redactor.text("a the-secret-key0 b") == "a ${API_KEY}0 b"


def test_secrets_that_overlap_leave_nothing() -> None:
    assert knowing("alpha-beta", "beta-gamma").text("x alpha-beta-gamma y") == f"x {HIDDEN} y"


def test_a_secret_learnt_later_is_found_as_well() -> None:
    redactor = knowing("first-secret")
    assert redactor.text("second-secret") == "second-secret"
    redactor.add("second-secret", "$B")
    assert redactor.text("second-secret") == "$B"


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
    assert clean.response.body == b"\xff\xfe$S0 [redacted]"
    assert clean.response.reason == "$S0 [redacted]"
    assert dict(clean.response.headers) == {
        "Set-Cookie": HIDDEN,
        "Location": "/?t=$S0",
        "X-$S0": "$S0 [redacted]",
        "X-Api-Key": HIDDEN,
    }


def test_a_failure_leaves_without_secrets() -> None:
    clean = knowing(TOKEN).exchange(
        exchange((), failure=f"illegal status line: {TOKEN}", intent={"id": TOKEN})
    )
    assert clean.failure == "illegal status line: $S0"
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


def test_large_hostile_bodies_do_not_hold_the_suite_up() -> None:
    redactor = knowing(TOKEN, TOKEN * 20, AWKWARD)
    bodies = [
        b"a" * 2**18,
        (TOKEN + " ").encode() * 2**13,
        b"%41\\/" * 2**15,
        b"Zx81-q7Lm." * 2**14,
        b"\xff" * 2**18,
    ]
    before = time.process_time()
    for body in bodies:
        redactor.data(body)
    assert time.process_time() - before < 10
