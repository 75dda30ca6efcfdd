"""Near misses of keys, tokens and ids: what they are, and that a shell makes the same."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.nearmiss import near_misses

TEXTS = ("k-7f3a9c1e5b2d4860", "11111111-2222-4333-8444-555555555555", "abc.DEF.ghi", "a", "00", "KEY")


def by_shell(expressions: list[str], text: str) -> list[str]:
    """What a shell makes of `expressions`, each within double quotes."""
    script = "\n".join(f'printf "%s\\n" "{one}"' for one in expressions)
    done = subprocess.run(
        ["sh", "-c", script], env={**os.environ, "TEXT": text}, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("text", TEXTS)
def test_a_shell_makes_the_same(text: str) -> None:
    found = near_misses(text)
    assert by_shell([one.expression for one in found], text) == [one.value for one in found]


@given(st.text("abcXYZ019-._", min_size=1, max_size=40))
def test_no_near_miss_is_the_text_itself_or_twice_there(text: str) -> None:
    values = [one.value for one in near_misses(text)]
    assert text not in values
    assert len(set(values)) == len(values)
    assert all(value.strip() == value for value in values)


def test_every_group_is_changed_in_one_character() -> None:
    uuid = "11111111-2222-4333-8444-555555555555"
    groups = [one.value for one in near_misses(uuid) if one.name.startswith("group")]
    changed = [[at for at in range(len(uuid)) if one[at] != uuid[at]] for one in groups]
    assert [len(places) for places in changed] == [1] * 5
    assert [uuid[: places[0]].count("-") for places in changed] == [0, 1, 2, 3, 4]


def test_fixed_places_stay() -> None:
    text = "aaaa-bbbb"
    for one in near_misses(text, fixed={0, 1, 2, 3, 4}):
        if "changed" in one.name and "case" not in one.name:
            assert one.value.startswith("aaaa-")


def test_changes_keep_the_kind_of_a_character() -> None:
    changed = [one.value for one in near_misses("0123456789abcdef") if "character changed" in one.name]
    assert changed
    assert all(set(value) <= set("0123456789abcdef") for value in changed)
