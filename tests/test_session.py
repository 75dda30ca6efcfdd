"""A run from its scope to its verdict, with a small contract and a server in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.catalogue import Level
from conformance.clock import VirtualClock
from conformance.contract import Contract, Settings
from conformance.errors import UsageProblem
from conformance.outcome import Kind, Outcome, Run, Setting, Verdict
from conformance.runner import Plan, run
from conformance.session import Narrowing, scope_of
from conformance.target import parse
from conformance.wire.limits import Limits

from .toy_contract import CHECKS, installed

EVERYTHING = {"key": ("the-secret-key-of-the-toy",), "id": ("one",)}
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Contract]:
    with installed(tmp_path) as contract:
        yield contract


def fine(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"path": request.url.path})


def status(path: str, code: int, otherwise: Answer = fine) -> Answer:
    return lambda request: httpx.Response(code) if request.url.path == path else otherwise(request)


def judged(
    toy: Contract,
    answer: Answer = fine,
    inputs: Any = EVERYTHING,
    narrowing: Narrowing | None = None,
    **more: Any,
) -> Run:
    limits = more.pop("limits", Limits())
    plan = Plan(
        parse("http://toy.example", toy),
        Settings(inputs=inputs, **more),
        narrowing or Narrowing(),
        limits,
        transport=httpx.MockTransport(answer),
        clock=VirtualClock(),
    )
    return run(toy, plan)


def outcomes(done: Run) -> dict[str, str]:
    return {one.requirement.id: one.outcome.value for one in done.results}


# The scope


def test_the_whole_contract(toy: Contract) -> None:
    scope = scope_of(toy, Settings(inputs=EVERYTHING), Narrowing())
    assert scope.complete
    assert scope.description == "the whole contract"


@pytest.mark.parametrize(
    ("narrowing", "read_only", "inside", "words"),
    [
        (Narrowing(only=("t-a", "T-B")), False, {"T-A", "T-B"}, "only T-A, T-B"),
        (Narrowing(level=Level.MUST), False, {"T-A", "T-W", "T-N"}, "level MUST and above"),
        (Narrowing(level=Level.SHOULD), False, {"T-A", "T-B", "T-W", "T-X", "T-N"}, "level SHOULD and above"),
        (Narrowing(), True, {"T-A", "T-B", "T-C", "T-X", "T-N"}, "reading only"),
        (
            Narrowing(only=("T-A",), level=Level.MUST),
            True,
            {"T-A"},
            "reading only; level MUST and above; only T-A",
        ),
    ],
)
def test_a_narrowed_scope(
    toy: Contract, narrowing: Narrowing, read_only: bool, inside: set[str], words: str
) -> None:
    scope = scope_of(toy, Settings(inputs=EVERYTHING, read_only=read_only), narrowing)
    assert {one.id for one in toy.catalogue.requirements} - set(scope.outside) == inside
    assert scope.description == words
    assert not scope.complete


@pytest.mark.parametrize(
    ("narrowing", "read_only", "sentence"),
    [
        (Narrowing(only=("T-Z",)), False, "toy has no requirement T-Z"),
        (Narrowing(only=("T-N",)), False, "cannot be assessed from outside: nobody can see it"),
        (Narrowing(only=("T-W",)), True, "T-W cannot be assessed with --read-only"),
        (Narrowing(only=("T-C",), level=Level.MUST), False, "nothing is left to assess"),
    ],
)
def test_a_scope_in_which_nothing_can_be_assessed(
    toy: Contract, narrowing: Narrowing, read_only: bool, sentence: str
) -> None:
    with pytest.raises(UsageProblem, match=sentence):
        judged(toy, narrowing=narrowing, read_only=read_only)


# The verdict


def test_a_healthy_deployment_is_conformant(toy: Contract) -> None:
    done = judged(toy)
    assert (done.verdict, done.exit_code) == (Verdict.CONFORMANT, 0)
    assert outcomes(done) == {
        "T-A": "passed", "T-B": "passed", "T-C": "passed", "T-W": "passed", "T-X": "inconclusive", "T-N": "skipped"
    }  # fmt: skip
    assert [exchange.number for exchange in done.exchanges] == [1, 2, 3, 4, 5]
    assert done.exchanges[0].check == "test_toy.py::test_a"
    assert done.exchanges[0].requirements == ("T-A",)


def test_a_broken_must_is_non_conformant(toy: Contract) -> None:
    done = judged(toy, status("/a", 500))
    assert (done.verdict, done.exit_code, done.reason) == (
        Verdict.NON_CONFORMANT,
        1,
        "broken: T-A; 1 of 3 MUST hold, 1 cannot be assessed by this suite",
    )
    finding = done.results[0].findings[0]
    assert (finding.expected, finding.exchanges) == ("200", (1,))


def test_a_broken_should_is_a_warning_and_a_may_a_note(toy: Contract) -> None:
    done = judged(toy, status("/b", 404, status("/c", 404)))
    assert (done.verdict, outcomes(done)["T-B"], outcomes(done)["T-C"]) == (
        Verdict.CONFORMANT,
        "warned",
        "noted",
    )
    assert "with 1 warning" in done.reason


def test_what_was_not_given_is_named(toy: Contract) -> None:
    done = judged(toy, inputs={})
    assert (done.verdict, done.exit_code) == (Verdict.INCOMPLETE, 3)
    writing = next(one for one in done.results if one.requirement.id == "T-W")
    assert (writing.outcome, writing.findings[0].message) == (Outcome.SKIPPED, "--key was not given")
    assert "--key would settle it, or --read-only, which narrows the verdict to reading" in done.hints


def test_reading_only_never_writes(toy: Contract) -> None:
    methods: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        methods.append(request.method)
        return fine(request)

    done = judged(toy, answer, read_only=True)
    assert (done.verdict, set(methods)) == (Verdict.CONFORMANT, {"GET"})
    assert done.headline.startswith("conformant for reading only: ")


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route") from ConnectionRefusedError()


def test_a_deployment_that_never_answers_is_unreachable(toy: Contract) -> None:
    done = judged(toy, refuse)
    assert (done.verdict, done.exit_code) == (Verdict.UNREACHABLE, 4)
    assert done.reason == "the connection was refused: nothing listens on that port"
    assert outcomes(done)["T-A"] == "inconclusive"
    assert len(done.exchanges) == 1


def test_a_deployment_that_goes_away_leaves_the_run_incomplete(toy: Contract) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return fine(request) if request.url.path == "/a" else refuse(request)

    done = judged(toy, answer)
    assert (done.verdict, done.exit_code) == (Verdict.INCOMPLETE, 3)
    assert outcomes(done)["T-A"] == "passed"


def test_a_spent_budget_leaves_the_run_incomplete_and_says_so(toy: Contract) -> None:
    done = judged(toy, limits=Limits(max_requests=2))
    assert (done.verdict, done.exit_code) == (Verdict.INCOMPLETE, 3)
    assert "budget of 2 requests" in done.reason
    assert any("--max-requests" in hint for hint in done.hints)


def test_a_breach_found_before_the_end_still_counts(toy: Contract) -> None:
    done = judged(toy, status("/a", 500), limits=Limits(max_requests=2))
    assert (done.verdict, done.exit_code) == (Verdict.NON_CONFORMANT, 1)


@pytest.mark.parametrize("code", [401, 302, 503])
def test_a_run_that_never_got_to_the_api_accuses_nobody(toy: Contract, code: int) -> None:
    done = judged(toy, lambda request: httpx.Response(code, headers={"location": "http://elsewhere.example"}))
    assert (done.verdict, done.exit_code) == (Verdict.INCOMPLETE, 3)
    assert set(outcomes(done).values()) == {"inconclusive", "skipped"}


# Our own faults


def test_a_rule_that_raises_is_our_fault(toy: Contract) -> None:
    done = judged(toy, status("/x", 418))
    assert (done.exit_code, outcomes(done)["T-X"], outcomes(done)["T-A"]) == (5, "error", "passed")


def test_a_check_that_raises_is_our_fault(tmp_path: Path) -> None:
    with installed(
        tmp_path, test_toy=CHECKS.replace('deployment.get("/a")', "raise KeyError('oops')")
    ) as toy:
        done = judged(toy)
    assert (done.exit_code, outcomes(done)["T-A"], outcomes(done)["T-B"]) == (5, "error", "passed")
    assert "KeyError('oops')" in done.results[0].findings[0].message


@pytest.mark.parametrize("text", ["this is no Python", "import no_such_module_anywhere"])
def test_checks_that_cannot_be_read_are_our_fault(tmp_path: Path, text: str) -> None:
    with installed(tmp_path, test_broken=text) as toy:
        assert judged(toy).exit_code == 5


def test_an_interrupt_leaves_the_run_incomplete(tmp_path: Path) -> None:
    checks = CHECKS.replace('deployment.get("/b")', 'exec("raise KeyboardInterrupt")')
    with installed(tmp_path, test_toy=checks) as toy:
        done = judged(toy)
    assert (done.verdict, done.exit_code, done.reason) == (Verdict.INCOMPLETE, 3, "the run was interrupted")
    assert outcomes(done)["T-A"] == "passed"


# What leaves the process


def test_a_run_holds_no_secret(toy: Contract) -> None:
    key = EVERYTHING["key"][0]

    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            500, json={"you sent": dict(request.headers), "piece": key[:15]}, headers={"X-Echo": key}
        )

    done = judged(toy, echo)
    assert done.exit_code == 1
    assert key not in repr(done)
    assert key[:15] not in repr(done)
    assert not any(key.encode() in one.response.body for one in done.exchanges if one.response)
    assert Setting("key", Kind.SECRET, "given") in done.settings


# Nobody else's pytest


def test_a_conftest_above_the_contract_is_not_loaded(tmp_path: Path) -> None:
    """As above an environment that stands in somebody's project."""
    (tmp_path / "conftest.py").write_text(
        "import pytest\n@pytest.fixture(autouse=True)\ndef spoil():\n    raise RuntimeError('not yours')\n"
    )
    with installed(tmp_path / "project" / ".venv" / "site-packages") as toy:
        assert judged(toy).exit_code == 0


def test_the_environment_of_pytest_is_left_alone(toy: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    import os

    before = dict(os.environ)
    assert judged(toy).exit_code == 0
    assert dict(os.environ) == before


# The deadline


def in_real_time(toy: Contract, answer: Answer, deadline: float) -> Run:
    plan = Plan(
        parse("http://toy.example", toy),
        Settings(inputs=EVERYTHING),
        limits=Limits(deadline=deadline),
        transport=httpx.MockTransport(answer),
    )
    return run(toy, plan)


@pytest.mark.parametrize(
    "stuck", ["deployment.get('/a'); threading.Event().wait()", "threading.Event().wait()"]
)
def test_a_check_that_never_ends_is_left_behind(tmp_path: Path, stuck: str) -> None:
    checks = f"import threading\nimport pytest\n@pytest.mark.requirement('T-A')\ndef test_a(deployment):\n    {stuck}\n"
    with installed(tmp_path, test_toy=checks) as toy:
        done = in_real_time(toy, fine, 1.5)
    assert done.verdict is Verdict.INCOMPLETE
    assert "deadline of 1.5 s" in done.reason
    assert "raise --deadline" in done.hints
    assert outcomes(done)["T-B"] == "inconclusive"
    assert done.ended - done.started < 30


def test_a_run_that_ends_before_its_deadline_is_like_one_without(toy: Contract) -> None:
    bounded, free = in_real_time(toy, fine, 600.0), judged(toy)
    assert (bounded.verdict, outcomes(bounded)) == (free.verdict, outcomes(free))


def test_an_interrupt_of_a_check_ends_a_bounded_run(toy: Contract) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    done = in_real_time(toy, interrupted, 600.0)
    assert (done.verdict, done.reason) == (Verdict.INCOMPLETE, "the run was interrupted")


def test_who_asks_to_be_left_alone_for_an_hour_is_left_alone(toy: Contract) -> None:
    calls: list[str] = []

    def later(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return httpx.Response(503, headers={"Retry-After": "3600"})

    done = judged(toy, later, limits=Limits(deadline=100))
    assert (calls, done.exit_code) == (["/a"], 3)
    assert "503 with Retry-After: 3600" in done.reason
    assert "come back later, or raise --deadline" in done.hints


def test_a_run_that_was_throttled_names_the_option(toy: Contract) -> None:
    calls: list[str] = []

    def busy(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return httpx.Response(503) if len(calls) == 2 else fine(request)

    done = judged(toy, busy)
    assert done.verdict is judged(toy).verdict
    assert any("--rate" in hint for hint in done.hints)
