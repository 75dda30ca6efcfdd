"""Strict JSON: exactly one value, and what a lenient parser would have hidden."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.strict import MISSING, MOST_DUPLICATES, integer_kind, kind, parse, show


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b' [1, 2.5, "x", null, true] \n', [1, 2.5, "x", None, True]),
        (b'"\\u00e9\xc3\xa9"', "\u00e9\u00e9"),
        (b"0", 0),
        (b"null", None),
    ],
)
def test_one_value(body: bytes, value: object) -> None:
    document = parse(body)
    assert (document.value, document.problem, document.duplicates, document.bom) == (value, None, (), False)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "the body is empty"),
        (b" \r\n\t", "the body is empty"),
        (b'{"a": 1}{"a": 2}', "there are bytes after the JSON value (character 8)"),
        (b'{"a": 1} x', "there are bytes after the JSON value (character 9)"),
        (b"{'a': 1}", "the body is not JSON: "),
        (b'{"a": 1,}', "the body is not JSON: "),
        (b'{"a": NaN}', "the body holds NaN, which is not JSON"),
        (b"[Infinity]", "the body holds Infinity, which is not JSON"),
        (b"-Infinity", "the body holds -Infinity, which is not JSON"),
        (b'"\xff"', "the body is not UTF-8 (byte 1)"),
        ('{"a": 1}'.encode("utf-16"), "the body is not UTF-8"),
        (b"[" * 100_000, "the body is not JSON: it ends within an array or an object"),
        (b"[" * 2_000 + b'"\\"' * 50_000, "the body is not JSON: it ends within an array or an object"),
        (b"\\" * 60_000, "the body is not JSON: "),
        (b'"a\nb"', "the body is not JSON: Invalid control character"),
        (b"<html>", "the body is not JSON: "),
        (b"01", "there are bytes after the JSON value"),
    ],
)
def test_what_is_no_single_value(body: bytes, problem: str) -> None:
    document = parse(body)
    assert document.value is MISSING
    assert document.members is None
    assert document.problem is not None
    assert document.problem.startswith(problem)


def test_members_that_occur_twice_are_remarked_on() -> None:
    document = parse(b'{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}')
    assert document.value == {"a": 3, "b": {"c": 2}}
    assert sorted(document.duplicates) == ["a", "c"]


def test_many_members_that_occur_twice_take_no_time_and_little_room() -> None:
    body = ("{" + ",".join(f'"{n % 50_000}": 1' for n in range(100_000)) + "}").encode()
    before = time.process_time()
    document = parse(body)
    assert time.process_time() - before < 2
    assert len(document.duplicates) == MOST_DUPLICATES


def test_a_byte_order_mark_is_remarked_on() -> None:
    document = parse(b'\xef\xbb\xbf{"a": 1}')
    assert (document.value, document.bom) == ({"a": 1}, True)


@pytest.mark.parametrize(
    "extra",
    [
        b"9" * 5_000,
        b"-" + b"9" * 5_000,
        b"1e400",
        b"0." + b"1" * 5_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"x":' * 5_000 + b"1" + b"}" * 5_000,
        b'["]", {"[": "\\"]"}, ' * 900 + b"1" + b"]" * 900,
        b'"' + b"\\\\" * 50_000 + b'"',
        json.dumps({f"m{n}": n for n in range(100_000)}).encode(),
    ],
    ids=[
        "integer",
        "negative",
        "exponent",
        "fraction",
        "arrays",
        "objects",
        "signs in strings",
        "string",
        "members",
    ],
)
def test_json_of_any_size_and_depth_beside_what_matters_is_read(extra: bytes) -> None:
    document = parse(b'{"status": 1, "extra": ' + extra + b', "events": [{"a": [2]}]}')
    assert document.problem is None
    assert document.members is not None
    assert (document.members["status"], document.members["events"]) == (1, [{"a": [2]}])


def test_a_long_integer_keeps_its_sign_and_its_first_digits() -> None:
    assert parse(b"-12" + b"0" * 5_000).value < -(10**900)
    assert show(parse(b"98765" + b"0" * 5_000).value, 6) == "98765…"
    exact = int("7" * 1_000)
    assert parse(str(exact).encode()).value == exact


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text(alphabet='{}[]",:0123456789eE+-.\\utrfalsn ', max_size=40).map(str.encode)
)
def test_reading_never_raises(body: bytes) -> None:
    document = parse(body)
    assert (document.value is MISSING) == (document.problem is not None)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
        max_leaves=10,
    )
)
def test_what_python_writes_is_read_back(value: object) -> None:
    assert parse(json.dumps(value).encode()).value == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1", "integer"),
        ("-0", "integer"),
        ("40856.0", "integral float"),
        ("1e3", "integral float"),
        ("1.5", None),
        ("1e999", "integral float"),
        ("9" * 5_000, "integer"),
        ("true", None),
        ('"1"', None),
        ("null", None),
        ("[1]", None),
    ],
)
def test_what_counts_as_an_integer(text: str, name: str | None) -> None:
    assert integer_kind(parse(text.encode()).value) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (MISSING, "missing"),
        (None, "null"),
        (False, "a boolean"),
        (0, "an integer"),
        (0.5, "a number with a fraction part"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_kinds(value: object, name: str) -> None:
    assert kind(value) == name


def test_values_are_shown_on_one_line_and_clipped() -> None:
    assert show({"a": "\n\u00e9"}) == '{"a": "\\n\u00e9"}'
    assert show("x" * 300, 10) == '"xxxxxxxx…'
    assert show(MISSING) == "nothing"
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert show(deep) == "[" * 199 + "…"
