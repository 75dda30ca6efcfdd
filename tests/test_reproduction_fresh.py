"""Fresh ids: like the old ones, and like each other where those were."""

from __future__ import annotations

import subprocess

import pytest

from conformance.reproduction.fresh import fresh, ids_of, renamed
from conformance.wire.exchange import Exchange, Request

HASH = "0f3c" * 16
NEAR = HASH[:-1] + "0"


@pytest.mark.parametrize("value", [HASH, HASH[:16], "0x" + HASH, HASH.upper(), "7" * 64, HASH[:15]])
def test_a_fresh_id_is_of_the_same_kind(value: str) -> None:
    (one,) = fresh([value])
    made = one.make("seed")
    assert (len(made), made[:2] == "0x", made.isdigit()) == (len(value), value[:2] == "0x", value.isdigit())
    assert made != value
    assert made == one.make("seed") != one.make("another seed")


@pytest.mark.parametrize("value", [HASH, HASH[:16], "0x" + HASH, HASH.upper(), "7" * 64, HASH[:15]])
def test_a_shell_makes_one_of_the_same_kind(value: str) -> None:
    (one,) = fresh([value])
    made = subprocess.run(
        ["sh", "-c", f'printf %s "{one.expression}"'], capture_output=True, text=True, check=True
    ).stdout
    assert (len(made), made[:2] == "0x") == (len(value), value[:2] == "0x")
    assert made != value


def test_what_resembles_an_id_resembles_the_fresh_one() -> None:
    first, near, upper, unlike = fresh([HASH, NEAR, HASH.upper(), "a1b2" * 16])
    made = first.make("seed")
    assert near.make("seed")[:-1] == made[:-1]
    assert near.expression.startswith('$(printf %s "$H1" | cut -c1-63)')
    assert upper.make("seed") == made.upper()
    assert unlike.source is None


def test_ids_that_the_operator_named_are_kept() -> None:
    history = [
        Exchange(1, Request("GET", f"http://a/{one}"), None, 0, 0, intent={"hash": one})
        for one in (HASH, NEAR)
    ]
    assert ids_of(history, [NEAR]) == [HASH]


def test_url_body_and_meaning_are_renamed_together() -> None:
    request = Request("POST", f"http://a/status/{HASH}", (), f'{{"id": "{HASH}"}}'.encode())
    done = renamed(
        Exchange(1, request, None, 0, 0, intent={"hash": HASH}),
        {HASH: "${H1}"},
        "http://a/status",
        "${BASE_URL}",
    )
    assert done.request.url == "${BASE_URL}/${H1}"
    assert done.request.body == b'{"id": "${H1}"}'
    assert done.intent == {"hash": "${H1}"}
