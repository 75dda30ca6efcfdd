"""Subtle points of the Open Attestation judge, from exchanges made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract import Settings
from conformance.outcome import Outcome, worst
from conformance.registry import find
from conformance.wire.exchange import GENERATED, Exchange, Request, Response

CONTRACT = find("open-attestation")
HASH = "1f" * 32
OTHER = "2e" * 32
START = 1_700_000_000.0
JSON = (("content-type", "application/json"),)
KEYED = (*JSON, ("x-api-key", "right"))
LATER = 10.0


class Script:
    """Exchanges one after another, a tenth of a second apart."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.now = START

    def wait(self, seconds: float) -> Script:
        self.now += seconds
        return self

    def send(
        self,
        request: Request,
        intent: Mapping[str, str],
        answer: object,
        code: int | None = 200,
        **more: Any,
    ) -> Script:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        response = Response(code, headers=JSON, body=body) if code else None
        number = len(self.exchanges) + 1
        times = {"started": self.now, "ended": self.now + 0.01}
        failure = None if code else "the connection was closed"
        self.exchanges.append(
            Exchange(number, request, response, failure=failure, intent=intent, **times, **more)
        )
        return self.wait(0.1)

    def write(
        self,
        status: int,
        answer: object = None,
        code: int | None = 200,
        *,
        target: str = HASH,
        credential: str = "key",
        op: str = "write",
        case: str = "",
        body: bytes | None = None,
        **more: Any,
    ) -> Script:
        """A write; its receipt is right unless `answer` says otherwise."""
        sent = json.dumps({"status": status}).encode() if body is None else body
        headers = KEYED if credential == "key" else JSON
        intent = {"op": op, "hash": target, "credential": credential, "case": case}
        receipt = self.event(status, target) if answer is None else answer
        return self.send(Request("POST", f"http://h/{target}", headers, sent), intent, receipt, code, **more)

    def refused(self, status: int, credential: str = "none", code: int = 401, target: str = HASH) -> Script:
        return self.write(status, {"message": "no"}, code, target=target, credential=credential)

    def read(self, status: object, *events: object, target: str = HASH, code: int | None = 200) -> Script:
        intent = {"op": "read", "hash": target, "form": "printed"}
        answer = {"status": status, "events": list(events)}
        return self.send(Request("GET", f"http://h/{target}", KEYED), intent, answer, code)

    def event(self, status: object, target: str = HASH, at: float | None = None) -> dict[str, object]:
        return {"id": target, "status": status, "timestamp": int((at or self.now) * 1000)}

    def receipts(self, target: str = HASH) -> list[object]:
        """The receipts so far, newest first."""
        mine = [
            one for one in self.exchanges if one.request.method == "POST" and one.intent["hash"] == target
        ]
        good = [one.response for one in mine if one.response and one.response.status == 200]
        return [one.document.value for one in reversed(good)]

    def outcomes(self, **settings: Any) -> dict[str, Outcome]:
        found: dict[str, list[Outcome]] = {}
        for one in CONTRACT.judge(self.exchanges, Settings(inputs={"api-key": ("right",)}, **settings)):
            found.setdefault(one.requirement, []).append(one.outcome)
        return {name: worst(CONTRACT.catalogue.levels[name], outcomes) for name, outcomes in found.items()}


def wrong(script: Script) -> set[str]:
    bad = (Outcome.FAILED, Outcome.WARNED, Outcome.ERROR)
    return {name for name, outcome in script.outcomes().items() if outcome in bad}


def written(status: int = 1) -> Script:
    return Script().write(status)


def test_a_write_that_reads_back_is_right() -> None:
    script = written()
    script.read(1, *script.receipts())
    assert wrong(script) == set()
    assert script.outcomes()["OA-R2"] is Outcome.PASSED


@pytest.mark.parametrize("status", [True, "1", None, [1], {"value": 1}, 1.5])
def test_what_python_takes_for_one_is_no_integer(status: object) -> None:
    script = written()
    script.read(status, *script.receipts())
    assert wrong(script) == {"OA-R3"}


@pytest.mark.parametrize("status", [False, "0", None, [], ""])
def test_what_python_takes_for_zero_is_no_default(status: object) -> None:
    assert wrong(Script().read(status)) == {"OA-R3", "OA-R10"}


def test_an_integer_with_a_fraction_part_is_a_warning() -> None:
    script = written()
    script.read(1.0, *script.receipts())
    assert wrong(script) == {"OA-R3"}
    assert script.outcomes()["OA-R3"] is Outcome.WARNED


@pytest.mark.parametrize("status", [True, "7", 7.5, None, 8])
def test_a_receipt_repeats_the_integer(status: object) -> None:
    assert "OA-W3" in wrong(
        written().write(7, {"id": HASH, "status": status, "timestamp": int(START * 1000)})
    )


def test_an_old_status_is_right_within_the_window_and_wrong_after_it() -> None:
    script = written().write(2)
    script.read(1, *script.receipts()[1:])
    assert wrong(script) == set()
    script.wait(LATER).read(1, *script.receipts()[1:])
    assert wrong(script) == {"OA-R2", "OA-W6", "OA-R6"}


def test_a_status_that_nobody_wrote_is_wrong_at_once() -> None:
    script = written()
    script.read(4242, *script.receipts())
    assert "OA-R2" in wrong(script)


def test_a_write_whose_answer_was_lost_may_show_or_not() -> None:
    for shown in (1, 2):
        script = written().write(2, code=None).wait(LATER)
        lost = script.event(2, at=script.exchanges[1].started)
        script.read(shown, *([lost] if shown == 2 else []), *script.receipts())
        assert wrong(script) == set(), shown


def test_a_write_that_was_repeated_may_show_twice() -> None:
    script = Script().write(1, code=None, superseded=True)
    lost = script.event(1, at=START)
    script.write(1).wait(LATER)
    script.read(1, *script.receipts(), lost)
    assert wrong(script) == set()


def test_an_event_that_nobody_wrote_is_a_warning() -> None:
    script = written()
    script.read(1, *script.receipts(), script.event(0, at=START - 1))
    assert wrong(script) == {"OA-R17"}


def test_an_event_listed_twice_is_a_warning() -> None:
    script = written()
    script.read(1, *script.receipts(), *script.receipts())
    assert "OA-R13" not in wrong(script)


def test_writes_of_one_tick_may_leave_one_event() -> None:
    second = int(START) * 1000
    script = Script()
    for status in (1, 2, 3):
        script.write(status, {"id": HASH, "status": status, "timestamp": second})
    script.wait(LATER).read(3, script.receipts()[0])
    assert wrong(script) == set()


def test_a_repeated_status_needs_no_event() -> None:
    script = written()
    first = script.receipts()
    script.write(1).wait(LATER).read(1, *first)
    assert wrong(script) == set()


def test_of_two_writes_of_one_status_one_is_listed() -> None:
    script = written()
    script.write(2).write(2).wait(LATER).read(2, script.receipts()[-1])
    assert wrong(script) == {"OA-R6", "OA-R8"}


def test_a_zero_for_an_unwritten_hash_needs_no_event() -> None:
    assert wrong(written(0).wait(LATER).read(0)) == set()


def test_events_of_one_timestamp_stand_in_any_order() -> None:
    script = Script()
    for status in (1, 2):
        script.write(status, {"id": HASH, "status": status, "timestamp": int(START * 1000)})
    script.read(2, *reversed(script.receipts()))
    assert wrong(script) == set()


def history(*times: int) -> Script:
    """Writes of 1, 2, 3 and so on, whose receipts tell that many milliseconds after the start."""
    script = Script()
    for status, at in enumerate(times, start=1):
        script.write(status, {"id": HASH, "status": status, "timestamp": int(START * 1000) + at})
    return script.wait(LATER)


def test_the_order_of_the_writes_is_right_where_their_clocks_disagree() -> None:
    script = history(0, 103, 100, 200)
    script.read(4, *script.receipts())
    assert wrong(script) == {"OA-R14"}


def test_the_latest_write_may_have_an_earlier_time_than_the_one_before() -> None:
    script = history(0, 103, 100)
    script.read(3, *script.receipts())
    assert wrong(script) == {"OA-R14"}


@pytest.mark.parametrize("changed", [{"timestamp": int(START * 1000) + 7}, {"status": 9}])
def test_an_older_event_with_other_values_than_its_receipt_is_not_called_gone(
    changed: dict[str, int],
) -> None:
    script = history(0, 100, 200)
    newest, middle, oldest = script.receipts()
    assert isinstance(middle, dict)
    script.read(3, newest, middle | changed, oldest)
    assert wrong(script) - {"OA-R17"} == {"OA-R6"}


def test_an_older_event_that_is_not_there_is_gone() -> None:
    script = history(0, 100, 200)
    newest, _, oldest = script.receipts()
    script.read(3, newest, oldest)
    assert wrong(script) == {"OA-R9"}


def test_a_repeated_status_may_move_the_time_of_its_event() -> None:
    script = Script().write(5).write(1).write(1).write(1).write(2).wait(LATER)
    last, _, moved, _, first = script.receipts()
    script.read(2, last, moved, first)
    assert wrong(script) == set()


def test_null_events_of_an_unwritten_hash_are_a_warning_only() -> None:
    script = Script()
    script.send(
        Request("GET", f"http://h/{HASH}", KEYED), {"op": "read", "hash": HASH}, {"status": 0, "events": None}
    )
    assert wrong(script) == {"OA-R11"}


def test_a_read_that_adds_an_event_is_no_harmless_one() -> None:
    script = written()
    receipts = script.receipts()
    script.read(1, *receipts).read(1, *receipts, *receipts)
    assert wrong(script) == {"OA-R13", "OA-R17"}


def test_a_list_that_grows_while_a_write_is_under_way_is_not_made_by_reading() -> None:
    script = written()
    receipts = script.receipts()
    script.read(1, *receipts, *receipts).wait(-0.105).write(2).read(2, *script.receipts(), *script.receipts())
    assert "OA-R13" not in wrong(script)


def test_a_write_amid_a_read_may_take_the_event_of_its_second() -> None:
    script = Script()
    second = script.event(0)["timestamp"]
    older, newer = ({"id": HASH, "status": status, "timestamp": second} for status in (5, 6))
    script.write(5, older).write(6, newer).read(6, newer)
    writing, reading = script.exchanges[1:]
    script.exchanges[2] = replace(reading, started=writing.started - 0.005, ended=writing.ended + 0.005)
    assert not wrong(script) & {"OA-R2", "OA-R6", "OA-R8", "OA-R9"}
    script.exchanges[1] = replace(writing, started=reading.ended + 1, ended=reading.ended + 2)
    assert "OA-R6" in wrong(script)


def test_a_list_that_grows_up_to_what_was_written_is_only_late() -> None:
    script = history(0, 100)
    newest, oldest = script.receipts()
    script.read(2, newest).read(2, newest, oldest)
    assert "OA-R13" not in wrong(script)


@pytest.mark.parametrize(("status", "code"), [(None, 200), (0, 404), (0, 500)])
def test_a_refused_write_leaves_a_hash_that_answers_like_an_unwritten_one(status: object, code: int) -> None:
    script = Script().read(0, target=OTHER).refused(5).read(status, code=code)
    assert "OA-R10" in wrong(script)


def test_what_a_refused_write_recorded_is_no_wrong_default() -> None:
    script = Script().read(0, target=OTHER).refused(5)
    script.read(5, script.event(5))
    assert wrong(script) == {"OA-A1"}


# The key


def protected(code: int = 401, **after: Any) -> Script:
    """A value is written and replaced; then a write of it without the key is answered with `code`."""
    script = written(111).write(222)
    script.read(222, *script.receipts()).refused(111, code=code)
    return script


@pytest.mark.parametrize("code", [401, 403])
def test_a_refusal_that_changes_nothing_is_met(code: int) -> None:
    script = protected(code)
    script.read(222, *script.receipts())
    assert script.outcomes()["OA-A1"] is Outcome.PASSED
    assert wrong(script) == set()


@pytest.mark.parametrize("code", [500, 502, 503, 429])
def test_an_error_is_no_refusal(code: int) -> None:
    script = protected(code)
    script.read(222, *script.receipts())
    assert script.outcomes()["OA-A1"] is Outcome.INCONCLUSIVE


def test_another_code_turns_away_with_a_warning() -> None:
    script = protected(400)
    script.read(222, *script.receipts())
    assert script.outcomes()["OA-A1"] is Outcome.WARNED


def test_a_refusal_without_a_control_proves_nothing() -> None:
    script = Script().refused(111).read(0)
    assert script.outcomes()["OA-A1"] is Outcome.INCONCLUSIVE


def test_a_refusal_that_nobody_looked_after_proves_nothing() -> None:
    assert protected().outcomes()["OA-A1"] is Outcome.INCONCLUSIVE


def test_a_refused_write_among_the_events_is_a_breach_at_once() -> None:
    script = protected()
    script.read(222, script.event(111), *script.receipts())
    assert script.outcomes()["OA-A1"] is Outcome.FAILED


def test_a_refused_status_shows_late_replicas_or_a_breach() -> None:
    script = protected()
    script.read(111, *script.receipts()[1:])
    assert script.outcomes()["OA-A1"] is Outcome.PASSED
    script.wait(LATER).read(111, *script.receipts())
    assert script.outcomes()["OA-A1"] is Outcome.FAILED


def test_a_server_that_lists_everything_twice_is_not_accused_of_recording_refused_writes() -> None:
    script = written(111).write(222)
    twice = [one for one in script.receipts() for _ in range(2)]
    script.read(222, *twice).refused(111).read(222, *twice)
    assert script.outcomes()["OA-A1"] is Outcome.PASSED


def test_a_read_speaks_of_all_that_was_refused_before_it() -> None:
    script = written(111).write(222)
    script.read(222, *script.receipts())
    for credential in ("random", "empty", "cut short"):
        script.refused(111, credential, 403)
    script.read(222, *script.receipts())
    assert script.outcomes()["OA-A2"] is Outcome.PASSED
    script.read(222, script.event(111), *script.receipts())
    findings = CONTRACT.judge(script.exchanges, Settings(inputs={"api-key": ("right",)}))
    told = [one.message for one in findings if one.requirement == "OA-A2" and one.outcome is Outcome.FAILED]
    assert set(told) == {"a refused write changes what its hash shows (with another key: cut short)"}


def test_a_status_tells_which_refused_write_was_recorded() -> None:
    script = Script().refused(111, "random", 403).read(0).refused(112, "empty", 403)
    script.read(112, script.event(112))
    findings = CONTRACT.judge(script.exchanges, Settings(inputs={"api-key": ("right",)}))
    told = {one.message for one in findings if one.outcome is Outcome.FAILED}
    assert told == {"a refused write is recorded all the same (with another key: empty)"}


def test_any_of_several_refused_writes_may_have_left_what_is_shown() -> None:
    script = Script().refused(111, "random", 403).refused(111, "empty", 403)
    script.read(111, script.event(111))
    findings = CONTRACT.judge(script.exchanges, Settings(inputs={"api-key": ("right",)}))
    told = {one.message for one in findings if one.outcome is Outcome.FAILED}
    assert told == {
        "a refused write is recorded all the same (with another key: random, with another key: empty)"
    }


def test_a_refused_write_of_another_kind_ends_what_a_read_speaks_of() -> None:
    script = protected().refused(111, "random", 403)
    script.read(222, script.event(111), *script.receipts())
    assert script.outcomes()["OA-A1"] is Outcome.PASSED
    assert script.outcomes()["OA-A2"] is Outcome.FAILED


def test_a_lost_replacement_is_no_mark_of_a_refused_write() -> None:
    script = written(111).write(222).refused(111).wait(LATER)
    script.read(111, *script.receipts()[1:])
    assert script.outcomes()["OA-A1"] is Outcome.PASSED
    assert "OA-R2" in wrong(script)


def test_a_breach_is_charged_to_the_credential_that_opened() -> None:
    script = Script().refused(333).read(0).write(333, credential="random")
    script.read(333, *script.receipts())
    assert script.outcomes()["OA-A2"] is Outcome.FAILED
    assert script.outcomes()["OA-A1"] is not Outcome.FAILED


def test_a_wrong_key_for_everything_is_nobodys_breach() -> None:
    script = Script().write(1, {"message": "Forbidden"}, 403).read(0)
    assert script.outcomes()["OA-W1"] is Outcome.INCONCLUSIVE
    assert wrong(script) == set()


def test_a_refused_write_that_shows_after_others_with_the_key_was_recorded() -> None:
    script = written(5)
    script.read(5, *script.receipts())
    script.refused(333, "random", target=OTHER).write(111, target=OTHER).write(222, target=OTHER)
    last, first = script.receipts(OTHER)
    script.wait(LATER).read(222, last, script.event(333, OTHER), first, target=OTHER)
    assert script.outcomes()["OA-A2"] is Outcome.FAILED


@pytest.mark.parametrize("events", [0, 3])
def test_a_refused_write_that_leaves_something_else_is_a_breach(events: int) -> None:
    script = Script().read(0, target=OTHER).read(0, target=OTHER).write(111).write(222)
    receipts = script.receipts()
    script.read(222, *receipts).refused(111).wait(LATER)
    script.read(0, *([script.event(0), *receipts] if events else []))
    assert script.outcomes()["OA-A1"] is Outcome.FAILED


@pytest.mark.parametrize("shown", [0, 111])
def test_what_shows_only_now_and_then_is_no_mark_of_a_refused_write(shown: int) -> None:
    script = Script().read(0, target=OTHER).read(0, target=OTHER).write(111).write(222)
    receipts = script.receipts()
    script.read(222, *receipts).refused(111).wait(LATER).read(shown).read(222, *receipts).read(shown)
    assert script.outcomes()["OA-A1"] is not Outcome.FAILED


def test_a_status_that_is_lost_elsewhere_too_is_no_mark_of_a_refused_write() -> None:
    script = Script().read(0, target=OTHER).read(0, target=OTHER).write(5, target="3d" * 32).wait(LATER)
    script.read(0, target="3d" * 32).write(111).write(222)
    script.read(222, *script.receipts()).refused(111).wait(LATER).read(0)
    assert script.outcomes()["OA-A1"] is not Outcome.FAILED


@pytest.mark.parametrize("code", [429, 503, None])
def test_an_attempt_that_was_throttled_proves_nothing_beside_others(code: int | None) -> None:
    script = written(111).write(222)
    receipts = script.receipts()
    script.read(222, *receipts).write(111, {}, code, credential="empty").refused(111, "random")
    script.read(222, *receipts)
    assert script.outcomes()["OA-A2"] is Outcome.PASSED


def test_who_is_blocked_for_guessing_keys_is_not_refused_for_good() -> None:
    script = Script().read(0, target=OTHER).write(111).write(222)
    receipts = script.receipts()
    script.read(222, *receipts).refused(111, "random", 403)
    script.read(0, target=OTHER, code=403).read(222, code=403).write(3, {}, 403).wait(LATER)
    script.read(0, target=OTHER).read(222, *receipts)
    assert wrong(script) == set()


def test_a_history_does_not_know_who_guessed_before_it() -> None:
    script = Script().write(138, {}, 403, part=GENERATED).write(138, {}, 403, target=OTHER, part=GENERATED)
    script.write(10, target=OTHER, part=GENERATED)
    assert wrong(script) == set()


def test_an_unwritten_hash_that_is_always_forbidden_was_not_blocked_for_guessing() -> None:
    script = written(111).refused(111, "random", 403).read(0, target=OTHER, code=403)
    script.read(111, *script.receipts()).read(0, target=OTHER, code=403)
    assert "OA-R10" in wrong(script)


# Values


def test_a_refused_value_is_a_warning_and_no_failure() -> None:
    script = written().write(9, {"message": "no"}, 400, target=OTHER)
    assert wrong(script) == {"OA-W7"}


def test_a_value_that_was_accepted_before_may_not_be_refused() -> None:
    script = written(9).write(9, {"message": "no"}, 400, target=OTHER)
    assert wrong(script) == {"OA-W1"}


def test_a_second_write_that_is_always_a_conflict_breaks_replacing() -> None:
    script = written().write(1, {"message": "exists"}, 409)
    assert wrong(script) == {"OA-W6"}


def test_a_status_that_may_only_rise_breaks_replacing() -> None:
    script = written().write(5).write(2, {"message": "lower"}, 400).write(0, {"message": "lower"}, 400)
    script.write(2, target=OTHER)
    assert wrong(script) == {"OA-W6"}


def test_a_repeated_status_may_not_be_refused() -> None:
    script = written().write(5).write(5, {"message": "no change"}, 409)
    assert wrong(script) == {"OA-W1"}


def test_a_crash_at_a_value_is_a_warning_where_nothing_larger_was_accepted() -> None:
    no = {"message": "Internal Server Error"}
    assert wrong(written().write(2, no, 500, target=OTHER)) == {"OA-W7"}
    assert wrong(written(5).write(2, no, 500, target=OTHER)) == {"OA-W1"}
    assert wrong(Script().write(2, no, 500)) == {"OA-W1"}
    assert wrong(Script().write(1, no, 500)) == {"OA-W1"}


def test_a_value_that_a_gateway_gives_up_on_twice_is_a_warning() -> None:
    script = written().write(9, {"message": "no"}, 502, target=OTHER)
    assert wrong(script) == set()
    assert wrong(script.write(9, {"message": "no"}, 502, target=OTHER)) == {"OA-W7"}


def invalid(code: int, answer: object = "no", *, first: int | None = 5) -> Script:
    script = Script() if first is None else Script().write(first)
    if first is not None:
        script.read(first, *script.receipts())
    return script.write(0, answer, code, op="invalid", case="not JSON", body=b"{")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (400, Outcome.PASSED),
        (422, Outcome.PASSED),
        (502, Outcome.NOTED),
        (503, Outcome.INCONCLUSIVE),
        (500, Outcome.WARNED),
        (200, Outcome.WARNED),
    ],
)
def test_an_invalid_body_is_refused(code: int, outcome: Outcome) -> None:
    script = invalid(code)
    script.read(5, *script.receipts()[-1:])
    assert script.outcomes()["OA-W8"] is outcome


def test_an_invalid_body_that_leaves_an_event_is_recorded() -> None:
    script = invalid(400)
    script.wait(LATER).read(5, script.event(0), *script.receipts())
    assert script.outcomes()["OA-W8"] is Outcome.WARNED


def test_a_wrong_default_is_no_mark_of_an_invalid_body() -> None:
    script = Script().read(None, target=OTHER)
    script.write(0, "no", 400, op="invalid", case="not JSON", body=b"{")
    script.read(None).write(5)
    assert script.outcomes()["OA-W8"] is Outcome.PASSED


def test_what_reading_does_is_not_charged_to_an_invalid_body() -> None:
    script = Script().read(0, target=OTHER).write(0, "no", 400, op="invalid", case="null", body=b"{}")
    script.read(0).read(0, script.event(0))
    assert "OA-W8" not in wrong(script)


@pytest.mark.parametrize(("shown", "outcome"), [("1", Outcome.NOTED), (1, Outcome.WARNED)])
def test_an_odd_value_reads_back_as_it_was_written(shown: object, outcome: Outcome) -> None:
    script = written()
    script.read(1, *script.receipts())
    script.write(0, {}, target=OTHER, op="odd", case='"1"', body=b'{"status": "1"}').read(shown, target=OTHER)
    assert script.outcomes()["OA-W8"] is outcome


@pytest.mark.parametrize(("wait", "warns"), [(0.0, False), (LATER, True)])
def test_the_status_of_an_odd_value_may_lag_behind_its_event(wait: float, warns: bool) -> None:
    script = written()
    script.read(1, *script.receipts())
    script.write(0, {}, target=OTHER, op="odd", case="-1", body=b'{"status": -1}').wait(wait)
    script.read(0, script.event(-1, OTHER), target=OTHER)
    assert ("OA-W8" in wrong(script)) is warns


# Time


def test_numbers_too_large_for_a_float_are_judged() -> None:
    script = Script().write(1, {"id": HASH, "status": 1, "timestamp": 10**400})
    script.wait(2.0).write(2, {"id": HASH, "status": 2, "timestamp": -(10**400)})
    assert {"OA-W5", "OA-R14"} <= wrong(script)
    assert Outcome.ERROR not in script.outcomes().values()


@pytest.mark.parametrize(("status", "right"), [(1, True), (2, False)])
def test_a_repeated_status_may_get_the_receipt_that_is_there(status: int, right: bool) -> None:
    script = Script().write(1, {"id": HASH, "status": 1, "timestamp": int(START * 1000)}).wait(1.3)
    script.write(status, {"id": HASH, "status": status, "timestamp": int(START * 1000)})
    assert ("OA-R14" not in wrong(script)) is right


@pytest.mark.parametrize(
    ("apart", "right"), [(1000, True), (2000, True), (3, False), (-5, False), (60_000, False)]
)
def test_timestamps_tell_how_far_apart_writes_were(apart: int, right: bool) -> None:
    script = Script().write(1, {"id": HASH, "status": 1, "timestamp": int(START * 1000)}).wait(1.3)
    script.write(2, {"id": HASH, "status": 2, "timestamp": int(START * 1000) + apart})
    assert ("OA-R14" not in wrong(script)) is right


@pytest.mark.parametrize(("apart", "told"), [(110, True), (100, True), (0, False), (2, False), (1000, False)])
def test_timestamps_that_are_exact_tell_the_time_without_a_wait(apart: int, told: bool) -> None:
    script = Script().write(1, {"id": HASH, "status": 1, "timestamp": int(START * 1000)})
    script.write(2, {"id": HASH, "status": 2, "timestamp": int(START * 1000) + apart})
    assert (script.outcomes().get("OA-R14") is Outcome.PASSED) is told
    assert "OA-R14" not in wrong(script)


def test_a_refusal_that_nothing_was_read_after_proves_nothing_where_others_were() -> None:
    script = Script().write(1).refused(1)
    assert script.outcomes()["OA-A1"] is Outcome.INCONCLUSIVE
    script.write(5, target=OTHER).refused(5, target=OTHER)
    script.read(5, *script.receipts(OTHER), target=OTHER)
    assert script.outcomes()["OA-A1"] is Outcome.PASSED


def test_what_a_reader_without_the_key_is_shown_is_no_mark_of_an_invalid_body() -> None:
    script = written()
    script.read(1, *script.receipts())
    script.write(0, {"message": "no"}, 400, op="invalid", case="empty", body=b"").wait(LATER)
    reading = {"op": "read", "hash": HASH, "form": "keyless"}
    script.send(Request("GET", f"http://h/{HASH}"), reading, {"status": 0, "events": []})
    assert "OA-W8" not in wrong(script)
    script.read(0)
    assert "OA-W8" in wrong(script)


def topped(script: Script) -> Script:
    """A list of what was written with an event on top that nobody wrote."""
    receipts = script.receipts()
    return script.read(2, script.event(1), *receipts)


def test_another_status_than_the_newest_events_needs_no_window_where_all_that_was_written_shows() -> None:
    assert "OA-R8" in wrong(topped(written().write(2)))
    assert "OA-R8" not in wrong(topped(written().write(2).write(3, code=504)))
    beside = written().write(2)
    receipts = beside.receipts()
    beside.write(3).wait(-0.105).read(3, *receipts)
    assert "OA-R8" not in wrong(beside)
