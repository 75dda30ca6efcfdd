"""A contract judges what was seen, and settings say what was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract import Contract, Effort, Input, Rule, Settings, rule
from conformance.outcome import Assessment, Outcome
from conformance.wire.exchange import Exchange, Request, Response

from .toy_contract import JUDGE, installed


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Contract]:
    with installed(tmp_path) as contract:
        yield contract


def seen(path: str, status: int, number: int = 1, **more: object) -> Exchange:
    made = Exchange(number, Request("GET", f"http://h{path}"), Response(status), 0, 0, intent={"path": path})
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_secret_has_a_variable() -> None:
    assert Input("api-key", "the key").variable == "API_KEY"


def test_settings_keep_their_inputs_out_of_sight() -> None:
    settings = Settings(inputs={"key": ("secret",), "id": ("a", "b", "a")})
    assert "secret" not in repr(settings)
    assert (settings.one("id"), settings.many("id")) == ("a", ("a", "b"))
    assert (settings.one("other"), settings.one("other", "x"), settings.many("other")) == (None, "x", ())


@pytest.mark.parametrize(
    ("settings", "generates"),
    [
        (Settings(), True),
        (Settings(effort=Effort.QUICK), False),
        (Settings(effort=Effort.QUICK, fuzz=5), True),
        (Settings(effort=Effort.DEEP, fuzz=0), False),
    ],
)
def test_when_a_run_searches(settings: Settings, generates: bool) -> None:
    assert settings.generates is generates


def test_a_rule_names_what_it_decides() -> None:
    @rule("A", "B")
    def decide(view: object, assessment: Assessment) -> None:
        """Nothing."""

    assert isinstance(decide, Rule)
    assert decide.requirements == ("A", "B")


def test_a_contract_knows_its_place_and_its_credential(toy: Contract, tmp_path: Path) -> None:
    assert toy.folder.parent == tmp_path
    assert toy.credential_input == "key"
    assert toy.catalogue.get("T-A").id == "T-A"


def test_judging_is_a_function_of_what_was_seen(toy: Contract) -> None:
    exchanges = [seen("/a", 200), seen("/b", 404, 2)]
    first, again = toy.judge(exchanges, Settings()), toy.judge(exchanges, Settings())
    assert first == again
    assert [(one.requirement, one.outcome, one.exchanges) for one in first] == [
        ("T-A", Outcome.PASSED, (1,)),
        ("T-B", Outcome.WARNED, (2,)),
    ]


def test_attempts_that_were_repeated_are_not_seen(toy: Contract) -> None:
    assert not toy.judge([seen("/a", 503, superseded=True)], Settings())


def test_a_judge_may_ask_for_repeated_attempts(tmp_path: Path) -> None:
    with installed(tmp_path, judge=f"{JUDGE}\nSEES_REPEATED = True\n") as toy:
        assert (
            toy.judge([seen("/a", 500, superseded=True), seen("/b", 200)], Settings())[0].outcome
            is Outcome.FAILED
        )


def test_a_rule_that_raises_spoils_its_own_requirements_only(toy: Contract) -> None:
    findings = toy.judge([seen("/a", 200), seen("/x", 418, 2)], Settings())
    assert [(one.requirement, one.outcome) for one in findings] == [
        ("T-A", Outcome.PASSED),
        ("T-X", Outcome.ERROR),
    ]


@pytest.mark.parametrize(("status", "hint"), [(401, "credentials"), (301, "address"), (503, "try again")])
def test_answers_that_are_not_the_api_decide_nothing(toy: Contract, status: int, hint: str) -> None:
    for finding in toy.judge([seen("/a", status), seen("/b", status, 2)], Settings()):
        assert finding.outcome is Outcome.INCONCLUSIVE
        assert hint in finding.hint


def test_attempts_that_were_sent_on_are_not_seen_even_where_repeated_ones_are(tmp_path: Path) -> None:
    with installed(tmp_path, judge=JUDGE + "SEES_REPEATED = True\n") as contract:
        hop = seen("/a", 308, superseded=True, redirected=True)
        assert [one.outcome for one in contract.judge([hop, seen("/a", 200, 2)], Settings())] == [
            Outcome.PASSED
        ]


def test_what_is_more_than_we_take_in_is_no_breach(tmp_path: Path) -> None:
    blunt = JUDGE.replace("if answer(exchange) is Answer.UNDECIDED", "if False")
    with installed(tmp_path, judge=blunt) as contract:
        cut = seen("/a", 404, response=Response(404, truncated=True))
        (found,) = contract.judge([cut], Settings())
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.message == "the answer is longer than the size cap and was cut"


def test_a_number_that_cannot_be_reckoned_with_decides_nothing(tmp_path: Path) -> None:
    large = JUDGE.replace('raise RuntimeError("a teapot")', "float(10**400)")
    with installed(tmp_path, judge=large) as contract:
        (found,) = contract.judge([seen("/x", 418)], Settings())
    assert (found.requirement, found.outcome) == ("T-X", Outcome.INCONCLUSIVE)


def test_what_is_not_judged_in_time_is_inconclusive(tmp_path: Path) -> None:
    stuck = JUDGE.replace('raise RuntimeError("a teapot")', "import threading; threading.Event().wait()")
    with installed(tmp_path, judge=stuck) as contract:
        found = contract.diagnose([seen("/a", 404), seen("/x", 418, 2)], Settings(), seconds=0.5).findings
    assert [(one.requirement, one.outcome) for one in found] == [
        ("T-A", Outcome.FAILED),
        ("T-X", Outcome.INCONCLUSIVE),
    ]
    assert found[1].message == "the deadline came before this was judged"
