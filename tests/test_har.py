"""Recordings: entry by entry, and what is no evidence is set aside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance import har
from conformance.errors import UsageProblem

from .command import call
from .hostile.files import HAR


def recorded(tmp_path: Path, *changes: dict[str, Any], raw: str = "") -> har.Recording:
    """The recording of entries that are changed at a path such as `response__status`."""
    entries = []
    for change in changes:
        entry = json.loads(json.dumps(HAR["log"]["entries"][0]))
        for name, value in change.items():
            place, (*path, last) = entry, name.split("__")
            for step in path:
                place = place[step]
            place[last] = value
        entries.append(entry)
    file = tmp_path / "x.har"
    file.write_text(raw or json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    return har.read(file)


def test_entries_come_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    later, sooner = "2026-01-05T10:00:09Z", "2026-01-05T11:00:03+02:00"
    found = recorded(tmp_path, {"startedDateTime": later}, {"startedDateTime": sooner})
    assert [one.number for one in found] == [1, 2]
    assert found[0].started < found[1].started
    assert (len(found), found.set_aside, found.remark) == (2, (), "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"startedDateTime": "0001-01-01T00:00:00+14:00"}, "its startedDateTime is in the year 1"),
        ({"startedDateTime": "9999-12-31T23:59:59-14:00"}, "its startedDateTime is in the year 9999"),
        ({"startedDateTime": "soon"}, "its startedDateTime is no time"),
        ({"startedDateTime": 5}, "a member is not what HAR 1.2 says"),
        ({"time": 1e308}, "its time is not a number of milliseconds"),
        ({"time": float("nan")}, "its time is not a number of milliseconds"),
        ({"time": "1"}, "its time is not a number of milliseconds"),
        ({"request": {}}, "it has no method"),
        ({"request__url": "http://[/x"}, "its URL cannot be read"),
        ({"request__url": "http:///x"}, "its URL cannot be read"),
        ({"request__url": "http://h.example:99999/"}, "its URL cannot be read"),
        ({"request__url": "http://h.example/\ud800"}, "its URL cannot be read"),
        ({"request__url": "http://h.example/a b"}, "its URL cannot be read"),
        ({"request__method": "GET /"}, "its method or its URL is none"),
        ({"response__status": 1000}, "its status is no HTTP status"),
        ({"response__status": float("inf")}, "a member is not what HAR 1.2 says"),
        ({"response__headers": [5]}, "a member is not what HAR 1.2 says"),
        ({"response__headers": [{"name": "x", "value": "\ud800"}]}, "it holds text that no bytes stand for"),
        ({"response__content": {"size": 9}}, "the body of its response was not recorded"),
        ({"response__content": {"encoding": "rot13", "text": "x"}}, "its body is in an encoding that HAR 1.2 does not have"),
        ({"response__content": {"encoding": "base64", "text": "%"}}, "a member is not what HAR 1.2 says"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_set_aside(change: dict[str, Any], reason: str, tmp_path: Path) -> None:
    found = recorded(tmp_path, {}, change, {})
    assert len(found) == 2
    assert found.set_aside == (f"entry 2: {reason}",)
    assert found.remark == f"1 of 3 recorded entries cannot be read and were set aside: entry 2: {reason}"


def test_numbers_of_any_length_spoil_their_entry_only(tmp_path: Path) -> None:
    text = json.dumps({"log": {"entries": [HAR["log"]["entries"][0], {"time": -17}]}})
    found = recorded(tmp_path, raw=text.replace("-17", "9" * 5000))
    assert (len(found), len(found.set_aside)) == (1, 1)


def test_what_did_not_go_over_http_is_left_out(tmp_path: Path) -> None:
    found = recorded(tmp_path, {}, {"request__url": "data:text/plain,x"})
    assert (len(found), found.set_aside) == (1, ())


def test_an_answer_that_never_came_is_a_failure(tmp_path: Path) -> None:
    (found,) = recorded(tmp_path, {"response__status": 0, "response__content": {}})
    assert found.response is None
    assert found.failure


def test_many_that_cannot_be_read_are_counted_and_some_named(tmp_path: Path) -> None:
    found = recorded(tmp_path, {}, *[{"time": None, "request": None}] * 5)
    assert found.remark.startswith("5 of 6 ")
    assert found.remark.count("entry ") == 3
    assert found.remark.endswith("; and 2 more")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not JSON"),
        ("[]", "it has no log with entries"),
        ('{"log": {"entries": 5}}', "it has no log with entries"),
        ('{"log": ' * 100_000, "it is nested too deeply"),
        ('{"log": {"entries": [null, 5]}}', "2 of 2 recorded entries cannot be read"),
    ],
)
def test_what_is_no_recording(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=reason):
        recorded(tmp_path, raw=text)


def test_the_command_says_what_was_set_aside_and_does_not_count_it(tmp_path: Path) -> None:
    document = json.loads(json.dumps(HAR))
    document["log"]["entries"][1]["request"]["url"] = "http://[/"
    (tmp_path / "x.har").write_text(json.dumps(document), encoding="utf-8")
    folder = tmp_path / "out"
    done = call("check-har", "tydids", str(tmp_path / "x.har"), "--output", str(folder), folder=folder)
    assert done.code in (0, 3)
    said = "1 of 2 recorded entries cannot be read and were set aside: entry 2: its URL cannot be read"
    assert said in " ".join(done.out.split())
    assert said in done.results["hints"]
    assert len(done.results["exchanges"]) == 1
