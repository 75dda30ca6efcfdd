"""results.json: governed by its schema, complete, and readable again."""

from __future__ import annotations

import copy
import json
from dataclasses import fields, replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.catalogue import Level
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run, Scope, Verdict
from conformance.report import results
from conformance.report.text import timestamp, unix, visible
from conformance.resources import folder
from conformance.wire.exchange import Exchange, Request, Response

from .sample_runs import (
    HOSTILE_BODY,
    HOSTILE_TEXT,
    every_outcome,
    exchange,
    hostile_run,
    make_run,
    one_exchange_run,
    one_result,
    sample_run,
)

SCHEMA = json.loads((folder("schemas") / "results.schema.json").read_text(encoding="utf-8"))
NARROWED = Scope(only=("OA-W1",), level=Level.MUST, read_only=True, outside=("OA-W9",), source="traffic.har")
RUNS = {
    "sample": sample_run(),
    "every outcome": every_outcome(),
    "hostile": hostile_run(),
    "conformant": make_run(one_result(Outcome.PASSED)),
    "narrowed": make_run(one_result(Outcome.PASSED), scope=NARROWED),
    "unreachable": make_run(
        one_result(Outcome.INCONCLUSIVE),
        verdict=Verdict.UNREACHABLE,
        exit_code=4,
        exchanges=(exchange(1, None, failure="refused"),),
    ),
}


def problems(data: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(data)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_file_keeps_to_the_schema(run: Run) -> None:
    assert problems(json.loads(results.render(run))) == []


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_reading_it_gives_the_same_run(run: Run) -> None:
    again = results.read(results.render(run))
    assert results.to_json(again) == results.to_json(run)
    assert again.exchanges == tuple(
        replace(one, failure=other.failure) for one, other in zip(run.exchanges, again.exchanges, strict=True)
    )


def test_a_run_without_odd_characters_is_equal_when_read_again() -> None:
    assert results.read(results.render(sample_run())) == sample_run()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        "é\u202e".encode(),
        b"\x00\x1b[31m\r\n",
        b"\xff\x00",
        b"\xed\xa0\x80",
        b'"\\ud800"',
        HOSTILE_BODY,
    ],
)
def test_no_byte_of_a_body_is_lost(body: bytes) -> None:
    run = one_exchange_run(Response(200, "OK", "HTTP/1.1", (("X", "caf\xe9\x01"),), body, truncated=True))
    run = replace(run, exchanges=(replace(run.exchanges[0], request=Request("PUT", "http://x/", (), body)),))
    again = results.read(results.render(run))
    assert again.exchanges == run.exchanges


def test_a_body_that_is_not_utf_8_is_in_base64() -> None:
    assert results.body_to_json(b"\xff") == {"base64": "/w=="}
    assert results.body_to_json("é".encode()) == {"text": "é"}


def test_a_lone_surrogate_in_a_finding_is_written_out() -> None:
    finding = results.to_json(hostile_run())["requirements"][0]["findings"][0]
    assert finding["received"] == HOSTILE_TEXT.replace("\ud800", "\\ud800")


def test_the_file_is_ascii() -> None:
    assert results.render(hostile_run()).isascii()


def test_what_stands_on_top() -> None:
    data = results.to_json(sample_run())
    assert (data["format"], data["version"], data["contract"]) == (
        "status-conformance/results",
        2,
        "open-attestation",
    )
    assert (data["started"], data["ended"], data["duration"]) == (
        "2024-08-03T22:06:29.250Z",
        "2024-08-03T22:06:31.595Z",
        2.345,
    )
    assert (data["verdict"], data["exit_code"]) == ("non-conformant", 1)
    assert data["scope"] == {
        "description": "the whole contract",
        "complete": True,
        "only": [],
        "level": None,
        "read_only": False,
        "outside": [],
        "source": "",
    }
    assert data["counts"] == {
        "passed": 2, "failed": 2, "warned": 1, "noted": 1, "skipped": 1, "inconclusive": 1, "error": 0,
        "must": {"total": 6, "hold": 2, "broken": 2, "open": 2, "not_assessable": 0},
    }  # fmt: skip


def without(data: dict[str, Any], *path: Any) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return changed


def changed(data: dict[str, Any], value: Any, *path: Any) -> dict[str, Any]:
    copied = copy.deepcopy(data)
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copied


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("scope",),
        ("suite",),
        ("counts",),
        ("requirements", 0),
        ("requirements", 0, "source"),
        ("requirements", 0, "leniency"),
        ("requirements", 0, "findings", 0),
        ("exchanges", 0),
        ("exchanges", 0, "request"),
        ("exchanges", 0, "response"),
    ],
)
def test_the_schema_wants_every_member_and_no_other(path: tuple[Any, ...]) -> None:
    data = results.to_json(sample_run())
    place: Any = data
    for step in path:
        place = place[step]
    for name in place:
        assert problems(without(data, *path, name)), name
    assert problems(changed(data, 1, *path, "more"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "green"),
        (("verdict",), "conformant"),
        (("verdict",), "unreachable"),
        (("exit_code",), 0),
        (("exit_code",), 2),
        (("started",), "2024-08-03"),
        (("requirements", 0, "outcome"), "ok"),
        (("requirements", 0, "findings"), []),
        (("requirements", 0, "findings", 0, "exchanges"), [0]),
        (("exchanges", 0, "request", "headers"), [["a"]]),
        (("exchanges", 0, "request", "headers"), [["a", "b", "c"]]),
        (("exchanges", 0, "request", "body"), {}),
        (("exchanges", 0, "request", "body"), {"text": "a", "base64": "YQ=="}),
        (("counts", "passed"), -1),
        (("scope", "level"), "must"),
    ],
)
def test_the_schema_refuses(path: tuple[Any, ...], value: Any) -> None:
    assert problems(changed(results.to_json(sample_run()), value, *path))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a results.json"),
        (b"{", "not a results.json"),
        (b"\xff", "not a results.json"),
        (b"[" * 100_000, "not a results.json"),
        (b"[]", "its format is not"),
        (b'{"format": "other"}', "its format is not"),
        (b'{"format": "status-conformance/results", "version": 1}', "version 1"),
        (b'{"format": "status-conformance/results", "version": 2}', "damaged"),
    ],
)
def test_what_is_no_result_is_refused_in_a_sentence(data: bytes, message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        results.read(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "green"),
        (("started",), "yesterday"),
        (("started",), "2024-08-03T22:06:29"),
        (("requirements",), None),
        (("requirements", 0), 7),
        (("requirements", 0, "source"), {"document": "x"}),
        (("exchanges", 0, "request", "body"), {"base64": "?"}),
        (("exchanges", 0, "request", "headers"), [["a"]]),
        (("settings",), [1]),
    ],
)
def test_a_damaged_result_is_refused_in_a_sentence(path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(UsageProblem, match="damaged"):
        results.from_json(changed(results.to_json(sample_run()), value, *path))


@pytest.mark.parametrize("seconds", [0.0, 0.0004, 1.0005, 1722722789.9996, 4102444800.123])
def test_times_are_kept_to_the_millisecond(seconds: float) -> None:
    assert abs(unix(timestamp(seconds)) - seconds) <= 0.0005001
    assert timestamp(unix(timestamp(seconds))) == timestamp(seconds)


def test_visible_text_holds_nothing_that_steers() -> None:
    shown = visible(HOSTILE_TEXT + "\r\n\r\t\u2028\ufeff\u200b\U000e0041")
    assert shown.startswith("</script></style>-->")
    assert (
        "\\x1b]0;owned\\x07\\x1b[31mred\\x9b2J\\x00\\ud800\\u202etxt\\ufffe\n\\x0d\t\\u2028\\ufeff\\u200b\\U000e0041"
        in shown
    )
    assert visible("é…✗ 日本語 👩‍🔬\n\t") == "é…✗ 日本語 👩‍🔬\n\t"


def test_bytes_that_do_not_decode_and_what_is_known_of_connections_are_kept() -> None:
    response = Response(200, raw=bytes(range(256)), coding="br")
    one = exchange(1, response, redirected=True, connection=7, superseded=True, part="generated")
    run = make_run(one_result(Outcome.PASSED), exchanges=(one,))
    assert problems(results.to_json(run)) == []
    assert results.read(results.render(run)).exchanges == (one,)


def test_every_field_of_an_exchange_is_written() -> None:
    """Whoever adds one has to write it, or a record cannot be judged again."""
    (told,) = results.to_json(one_exchange_run(Response(200)))["exchanges"]
    assert set(told) == {one.name for one in fields(Exchange)}
    assert set(told["request"]) == {one.name for one in fields(Request)}
    assert set(told["response"]) == {one.name for one in fields(Response)}
