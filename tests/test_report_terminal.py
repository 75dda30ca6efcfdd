"""The terminal: readable at any width, never steered by a server, commands whole."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from conformance.outcome import Finding, Kind, Outcome, Remark, Result, Run, Setting, Verdict, result
from conformance.report import script, terminal
from conformance.report.plan import lines
from conformance.report.progress import Progress
from conformance.wire.exchange import Request, Response

from .sample_runs import (
    every_outcome,
    exchange,
    hostile_run,
    make_run,
    one_exchange_run,
    one_result,
    requirement,
    sample_run,
)

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def printed(
    run: Run, width: int = 80, folder: Path | None = None, *, encoding: str = "utf-8", color: bool = False
) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="")
    console = Console(
        file=file,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=color,
        legacy_windows=False,
    )
    terminal.summary(run, console, folder)
    file.flush()
    return raw.getvalue().decode(encoding)


def commands(run: Run) -> set[str]:
    """The commands that reproduce what is wrong."""
    history = script.history_of(run, run.diagnosis[0])
    return {one for one in script.commands(run, history, run.base_url) if one.startswith("curl ")}


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_everything_but_commands_fits_and_commands_are_whole(width: int) -> None:
    text = printed(sample_run(), width)
    for line in text.splitlines():
        assert len(line) <= max(width, 34) or re.match(r"    (curl|sleep|H\d+=)", line), line
        assert line == line.rstrip()
    shown = {line.strip() for line in text.splitlines()}
    assert commands(sample_run()) <= shown


def test_it_tells_verdict_counts_findings_and_hints_in_this_order() -> None:
    text = printed(sample_run(), folder=Path("reports/x"))
    wanted = [
        "✗ NON-CONFORMANT: broken: OA-W1, OA-W2; 2 of 6 MUST hold\n",
        "Open Attestation Status API at https://status.example.com:8443/api/status\n",
        "2 failed · 1 warned · 1 inconclusive · 1 skipped · 1 noted · 2 passed\n6 requests in 2.3 s, watched for ",
        "✗ failed  OA-W1  MUST  receipt of a write\n",
        "    expected  status 7, as written\n",
        "    received  200 application/json: ",
        "    hint      look at how the body of the request is read\n",
        "    curl -sS -i",
        "    source    Open Attestation Status API, section “Write a status”: “returns\n",
        "✗ failed  OA-W2",
        "! warned  OA-R1  SHOULD",
        "? inconclusive  OA-A1",
        "– skipped  OA-K1  MUST  receipt of a write: --known was not given\n",
        "remark: readStatus is answered with 500, a server error\nremark: the robustness part ended early\n",
        "hint: give --known\nhint: try again, or use --rate\n",
        "report: reports/x/report.html\n",
    ]
    places = [text.find(one) for one in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    assert places == sorted(places)
    assert "OA-R2" not in text


def test_a_finding_has_one_reproduction() -> None:
    run = sample_run()
    text = printed(run)
    assert text.count("    # 1. came:") == 2
    assert "sent once more on fresh ids, this showed it again" in " ".join(text.split())
    assert "sent once more, this did not show it" in " ".join(text.split())


def test_requirements_that_are_open_for_the_same_reason_are_told_once() -> None:
    open_ones = [
        one_result(Outcome.INCONCLUSIVE, f"OA-W{number}", message="the run ended", expected="", received="")
        for number in range(1, 4)
    ]
    other = one_result(Outcome.INCONCLUSIVE, "OA-R1", message="no decision", exchanges=(1,))
    text = printed(make_run(*open_ones, other, exchanges=(exchange(1),)))
    assert text.count("the run ended") == 1
    assert "? inconclusive  OA-W1, OA-W2, OA-W3\n" in text
    assert "? inconclusive  OA-R1  MUST" in text


def test_an_unreachable_deployment_takes_a_sentence() -> None:
    open_one = one_result(Outcome.INCONCLUSIVE, message="the run ended before this was decided")
    run = make_run(
        open_one,
        verdict=Verdict.UNREACHABLE,
        reason="the connection was refused",
        hints=("check the base URL",),
    )
    text = printed(run)
    assert "– UNREACHABLE: the connection was refused\n" in text
    assert "hint: check the base URL\n" in text
    assert "before this was decided" not in text


def test_many_remarks_are_counted() -> None:
    run = make_run(one_result(Outcome.PASSED), remarks=tuple(Remark(f"number {one}") for one in range(8)))
    text = printed(run)
    assert text.count("remark: ") == 5
    assert "and 3 remarks more in the report\n" in text


def test_a_server_cannot_steer_the_terminal() -> None:
    for run in (hostile_run(), hostile_run(Verdict.UNREACHABLE)):
        assert not STEERING.search(printed(run).replace("\n", ""))
        assert "\\x1b]0;owned\\x07" in printed(run)


def test_colour_is_for_terminals_and_heeds_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[" in printed(sample_run(), color=True)
    assert "\x1b[" not in printed(sample_run())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", printed(sample_run(), color=True))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_encoding_that_lacks_the_signs_is_no_problem(encoding: str) -> None:
    text = printed(sample_run(), encoding=encoding)
    assert text.startswith("x NON-CONFORMANT")
    assert '"returns' in text


def test_equal_commands_and_many_findings_are_told_once() -> None:
    findings = [Finding("OA-W1", Outcome.FAILED, f"finding {n}", exchanges=(1, 2, 3, 4, 5)) for n in range(9)]
    run = make_run(result(requirement("OA-W1"), findings), exchanges=tuple(exchange(n) for n in range(1, 6)))
    text = printed(run)
    assert "and 5 findings more in the report" in text
    assert text.count("curl -i") == 1


@pytest.mark.parametrize("run", [every_outcome(), make_run(one_result(Outcome.PASSED)), make_run()])
def test_any_run_can_be_printed(run: Run) -> None:
    for verdict in Verdict:
        assert verdict.upper() in printed(replace(run, verdict=verdict))


class Time:
    """A clock that is moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_a_line_every_few_seconds_and_one_at_the_end() -> None:
    file, time = io.StringIO(), Time()
    with Progress(Console(file=file, width=80), clock=time) as progress:
        for number in range(1, 5):
            progress.checking(number, 4, "x")
            for _ in range(100):
                progress.exchanged(exchange(1))
                time.now += 1 / 32
    assert file.getvalue().splitlines() == [
        "check 1 of 4 · 0 requests · 0.0 s",
        "check 2 of 4 · 161 requests · 5.0 s",
        "check 4 of 4 · 321 requests · 10.0 s",
        "check 4 of 4 · 400 requests · 12.5 s",
    ]


def test_a_terminal_gets_one_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    file = io.StringIO()
    with Progress(Console(file=file, width=20, force_terminal=True, legacy_windows=False)) as progress:
        progress.checking(1, 4, "x")
        progress.exchanged(exchange(1))
    assert "\x1b[2K" in file.getvalue()
    assert "check 1 of 4 · 1 re" in file.getvalue()
    assert "check 1 of 4 · 1 request ·" not in file.getvalue()


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    file = io.StringIO()
    with Progress(Console(file=file, width=80, force_terminal=True)) as progress:
        progress.checking(1, 4, "x")
    assert "\x1b" not in file.getvalue()
    assert file.getvalue().startswith("check 1 of 4 · 0 requests")


def test_rich_and_jinja_are_imported_only_when_used() -> None:
    code = (
        "import sys; from conformance.report import curl, html, junit, plan, results, terminal, writing;"
        "print({'rich', 'jinja2', 'pytest', 'httpx', 'conformance.session'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_plan_is_a_line_a_request() -> None:
    exchanges = (
        exchange(1, request=Request("POST", "http://x/a"), requirements=("OA-W1", "OA-W2")),
        exchange(2, request=Request("POST", "http://x/a"), superseded=True),
        exchange(3, request=Request("GET", "http://x/\x1b[2J"), requirements=(), writes=False),
    )
    assert lines(exchanges) == [
        "1  POST  writes  http://x/a  (OA-W1, OA-W2)",
        "2  GET   reads   http://x/\\x1b[2J  (no requirement)",
        "2 requests, 1 of them writing",
    ]
    assert lines(()) == ["0 requests, 0 of them writing"]


def test_what_is_not_the_default_stands_above_the_counts() -> None:
    odd = Setting("clock-tolerance", Kind.OPTION, 1e9, 300.0)
    insecure = Setting("insecure", Kind.OPTION, value=True, default=False)
    text = printed(make_run(one_result(Outcome.PASSED), settings=(odd, insecure)))
    assert text.splitlines()[0] == "✓ CONFORMANT, TLS not verified: 1 of 1 MUST hold"
    assert text.index("not the default: --clock-tolerance 1000000000 (default 300)\n") < text.index(
        "1 passed"
    )
    assert "not the default: --insecure\n" in text


def test_what_cannot_be_assessed_stands_in_the_first_line() -> None:
    unseen = Result(requirement("OA-W9", not_assessed="nobody sees it"), Outcome.SKIPPED, ())
    text = printed(make_run(one_result(Outcome.PASSED), unseen))
    assert text.splitlines()[0] == ("✓ CONFORMANT: 1 of 2 MUST hold, 1 cannot be assessed by this suite")


def test_what_does_not_decode_is_shown_as_it_came() -> None:
    response = Response(200, headers=(("Content-Encoding", "br"),), raw=b'{"status": 1}\x1b\xff', coding="br")
    text = " ".join(printed(one_exchange_run(response)).split())
    assert 'came labelled br; the bytes that came: {"status": 1}\\x1b\\xff' in text
