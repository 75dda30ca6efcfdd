"""Fleets: each run is on its own, whatever becomes of the others, and equals a run alone."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import pickle
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pytest

from conformance.contract import Effort, Settings
from conformance.errors import SuiteProblem
from conformance.fleet import combined, execution, lane, summary
from conformance.fleet.execution import execute, local
from conformance.fleet.lane import LANES, Lane, Lanes
from conformance.fleet.task import Row, Task, error_row, interrupted_row, perform
from conformance.outcome import Outcome
from conformance.registry import BUILT_IN, find
from conformance.resources import folder as resources
from conformance.runner import Plan, run
from conformance.target import Target, parse
from conformance.wire.exchange import Exchange
from conformance.wire.limits import Limits

from .sample_fleet import SECRET, install_deadly, plan, street, task
from .test_report_junit import offences

REQUIREMENTS = resources("schemas") / "tydids" / "requirements.json"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with street() as base:
        yield base


@pytest.fixture
def deadly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Task]:
    """Makes tasks that end badly."""
    monkeypatch.syspath_prepend(str(install_deadly(tmp_path / "site", REQUIREMENTS)))

    def make(how: str, **more: Any) -> Task:
        settings = Settings(inputs={"how": (how,), "password": (SECRET,)})
        target = Target(f"http://127.0.0.1:9/{SECRET}", f"user:{SECRET}")
        return Task(f"deadly-{how}", "deadly", Plan(target, settings), tmp_path / how, **more)

    return make


@pytest.fixture
def own_lane() -> Iterator[Lane]:
    one = Lane()
    yield one
    one.close()


def silent() -> socket.socket:
    """A port that takes connections and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.listen(16)
    return listener


def elsewhere(name: str, port: int, folder: Path, **more: Any) -> Task:
    limits = Limits(timeout=more.pop("timeout", 0.3))
    settings = Settings(inputs={"granted": ("0x1",), "revoked": ("0x2",)})
    target = parse(f"http://127.0.0.1:{port}", find("tydids"))
    return Task(name, "tydids", Plan(target, settings, limits=limits), folder / name, **more)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def rows_of(tasks: list[Task], jobs: int = 4) -> dict[str, Row]:
    with local(jobs) as executor:
        return {row.name: row for row in execute(tasks, executor)}


def test_a_mixed_fleet(server: str, deadly: Callable[..., Task], tmp_path: Path) -> None:
    """Right, faulty, gone, silent, hanging and dying deployments, each with the row that it deserves."""
    with silent() as listener:
        tasks = [
            deadly("hang", limit=1.0),
            deadly("exit"),
            task(server, tmp_path, "tydids"),
            deadly("kill"),
            task(server, tmp_path, "tydids", "wrapped"),
            elsewhere("gone", free_port(), tmp_path),
            elsewhere("silent", listener.getsockname()[1], tmp_path),
            deadly("raise"),
            deadly("shout"),
            task(server, tmp_path, "dcp"),
        ]
        rows = rows_of(tasks, jobs=3)
    assert {name: (row.verdict, row.exit_code) for name, row in rows.items()} == {
        "tydids-right": ("conformant", 0),
        "dcp-right": ("conformant", 0),
        "tydids-wrapped": ("non-conformant", 1),
        "gone": ("unreachable", 4),
        "silent": ("unreachable", 4),
        "deadly-hang": ("error", 5),
        "deadly-exit": ("error", 5),
        "deadly-kill": ("error", 5),
        "deadly-raise": ("error", 5),
        "deadly-shout": ("error", 5),
    }
    assert rows["deadly-hang"].reason in (
        "the run had not ended after 1 s and was killed",
        "the suite itself failed: RuntimeError",  # its own deadline came first, and its judge raises
    )
    assert rows["deadly-exit"].reason == "the process of the run died (exit code 3)"
    assert rows["deadly-kill"].reason == "the process of the run died (signal SIGKILL)"
    assert rows["deadly-raise"].reason == "the suite itself failed: RuntimeError"
    assert summary.gravest(row.exit_code for row in rows.values()) == 5
    assert SECRET not in repr(rows) + repr(tasks)


def test_reports_are_written_by_the_worker(server: str, tmp_path: Path) -> None:
    one = task(server, tmp_path, "tydids", "mislabelled")
    row = rows_of([one])["tydids-mislabelled"]
    assert row.folder == one.folder
    told = json.loads((one.folder / "results.json").read_bytes())
    assert (one.folder / "report.html").is_file()
    assert (one.folder / "junit.xml").is_file()
    assert told["verdict"] == row.verdict
    assert {each["id"]: each["outcome"] for each in told["requirements"]} == dict(row.outcomes)
    assert len(told["exchanges"]) == row.requests
    assert told["counts"] == dict(row.counts)


@pytest.mark.slow
def test_a_fleet_equals_single_runs_in_any_order(server: str, tmp_path: Path) -> None:
    kinds = [*((contract, "right") for contract in BUILT_IN), ("dcp", "wrapped"), ("tydids", "mislabelled")]
    once = rows_of([task(server, tmp_path, *kind) for kind in kinds])
    again = rows_of([task(server, tmp_path, *kind) for kind in reversed(kinds)], jobs=2)
    for contract, variant in kinds:
        alone = run(find(contract), plan(server, contract, variant))
        expected = {one.requirement.id: one.outcome.value for one in alone.results}
        for rows in (once, again):
            row = rows[f"{contract}-{variant}"]
            assert (row.verdict, row.exit_code) == (alone.verdict, alone.exit_code), row
            assert dict(row.outcomes) == expected, row


def test_a_hanging_run_does_not_hold_up_the_others(
    server: str, deadly: Callable[..., Task], tmp_path: Path
) -> None:
    tasks = [deadly("hang", limit=5.0), *(elsewhere(f"gone-{n}", free_port(), tmp_path) for n in range(4))]
    with local(2) as executor:
        names = [row.name for row in execute(tasks, executor)]
    assert names[-1] == "deadly-hang"


def test_a_slow_deployment_is_incomplete_before_it_is_killed(server: str, tmp_path: Path) -> None:
    """The limit ends a run politely where it can: with what is known by then."""
    one = plan(server, "open-attestation", "wrapped", timeout=0.2)
    slow = Plan(one.target, Settings(inputs=one.settings.inputs, consistency_window=60), limits=one.limits)
    row = perform(Task("slow", "open-attestation", slow, tmp_path / "slow", limit=20.0))
    assert row.verdict == "non-conformant"
    assert row.seconds < 20.0
    assert (tmp_path / "slow" / "results.json").is_file()


def test_a_run_leaves_nothing_behind(server: str, tmp_path: Path) -> None:
    """Or the memory of an interpreter that is used again would grow with every run."""

    def exchanges() -> int:
        gc.collect()
        return len([one for one in gc.get_objects() if isinstance(one, Exchange)])

    one = Task("x", "tydids", plan(server, "tydids", effort=Effort.STANDARD), tmp_path / "x")
    before = exchanges()
    assert perform(one).requests
    assert exchanges() == before


def test_interpreters_are_used_again_and_end_with_the_fleet(server: str, tmp_path: Path) -> None:
    seen: set[int] = set()
    with local(2) as executor:
        for _ in execute([elsewhere(f"gone-{n}", free_port(), tmp_path) for n in range(8)], executor):
            seen |= set(LANES.process_ids())
    assert 1 <= len(seen) <= 2
    assert LANES.process_ids() == ()
    for process_id in seen:
        with pytest.raises(ProcessLookupError):
            os.kill(process_id, 0)


def test_a_closed_fleet_kills_what_runs(deadly: Callable[..., Task]) -> None:
    began = time.monotonic()
    with local(1) as executor:
        future = executor.submit(lane.perform_apart, deadly("hang"))
        while not LANES.process_ids():
            time.sleep(0.01)
    assert future.result().verdict == "error"
    assert time.monotonic() - began < 20


def test_a_lane_that_died_while_idle_is_replaced(tmp_path: Path) -> None:
    lanes = Lanes()
    try:
        assert lanes.perform(elsewhere("one", free_port(), tmp_path)).verdict == "unreachable"
        (first,) = lanes.process_ids()
        os.kill(first, signal.SIGKILL)
        while lanes._idle[0].fresh:
            time.sleep(0.01)
        assert lanes.perform(elsewhere("two", free_port(), tmp_path)).verdict == "unreachable"
        assert lanes.process_ids() != (first,)
    finally:
        lanes.close()


def test_an_idle_interpreter_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    start = lane._START.partition("from conformance")[0]
    monkeypatch.setattr(
        lane, "_START", start + "from conformance.fleet import lane; lane.IDLE = 0.1; lane.serve()"
    )
    one = Lane()
    one._process.wait(20)
    assert not one.fresh
    one.close()


def test_an_interpreter_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lane, "_START", "raise SystemExit('no conformance here')")
    with pytest.raises(SuiteProblem, match="a worker did not start: no conformance here"):
        Lane()
    row = Lanes().perform(elsewhere("one", 9, tmp_path))
    assert (row.verdict, row.reason) == ("error", "a worker did not start: no conformance here")


def test_interpreters_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    site = install_deadly(tmp_path / "site", REQUIREMENTS)
    script = textwrap.dedent("""\
        import sys, threading
        from pathlib import Path
        sys.path.insert(0, sys.argv[1])
        from conformance.contract import Effort, Settings
        from conformance.fleet.lane import Lane
        from conformance.fleet.task import Task
        from conformance.runner import Plan
        from conformance.target import Target
        lane = Lane()
        print(lane.process_id, flush=True)
        plan = Plan(Target("http://127.0.0.1:9"), Settings(inputs={"how": ("hang",)}))
        lane.perform(Task("x", "deadly", plan, Path(sys.argv[1])))
    """)
    command = [sys.executable, "-c", script, str(site)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process_id = int(parent.stdout.readline())
        time.sleep(0.2)
        parent.kill()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{process_id}/cmdline").exists() and _command(process_id):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _command(process_id: int) -> bytes:
    """The command of a process; empty for one that is dead but not buried."""
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return b""


def test_any_executor_will_do(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        (row,) = execute([elsewhere("gone", free_port(), tmp_path)], executor)
    assert row.verdict == "unreachable"


class Breaking(Executor):
    """An executor whose workers are killed, one task after it has begun, then for good."""

    def __init__(self) -> None:
        self.number = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.number += 1
        if self.number > 2:
            raise BrokenProcessPool(f"it knew {SECRET}")
        future: Future[Any] = Future()
        if self.number == 1:
            future.set_result(fn(*args))
        else:
            future.set_exception(BrokenProcessPool(f"it knew {SECRET}"))
        return future


def test_a_broken_executor_costs_only_what_it_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(execution, "perform_apart", perform)
    tasks = [elsewhere(f"gone-{n}", free_port(), tmp_path) for n in range(4)]
    rows = sorted(execute(tasks, Breaking()), key=lambda row: row.name)
    assert [row.verdict for row in rows] == ["unreachable", "error", "error", "error"]
    assert rows[3].reason == "the worker of the run was lost: BrokenProcessPool"
    assert SECRET not in repr(rows)


def test_tasks_can_be_sent_and_tell_no_secret(deadly: Callable[..., Task]) -> None:
    one = deadly("raise")
    assert SECRET in pickle.loads(pickle.dumps(one)).plan.settings.one("password")
    for told in (one, error_row(one, "x"), interrupted_row(one), perform(one)):
        assert SECRET not in repr(told)


def test_a_folder_that_cannot_be_written_is_one_error_row(server: str, tmp_path: Path) -> None:
    (tmp_path / "tydids-right").write_text("in the way", encoding="utf-8")
    row = perform(task(server, tmp_path, "tydids"))
    assert row.verdict == "error"
    assert "cannot be written" in row.reason
    assert row.hint.startswith("the run came to conformant: ")


def test_jobs_by_default() -> None:
    assert 4 <= execution.default_jobs() <= execution.MOST


def fleet_of(folder: Path, *verdicts: tuple[str, int]) -> summary.Fleet:
    rows = [
        Row(f"n{n} <|>", "dcp", "http://x", verdict, code, "a | reason\nof <b>two</b> lines", seconds=1.5)
        for n, (verdict, code) in enumerate(verdicts)
    ]
    return summary.Fleet(tuple(rows), 0.0, 2.0, folder)


@pytest.mark.parametrize(
    ("codes", "gravest"),
    [([0, 0], 0), ([0, 3], 3), ([3, 4], 4), ([4, 1, 3], 1), ([1, 5, 4], 5), ([0], 0)],
)
def test_the_gravest_exit_code_stands(codes: list[int], gravest: int) -> None:
    assert summary.gravest(codes) == gravest


def test_fleet_json_is_what_its_schema_says(server: str, deadly: Callable[..., Task], tmp_path: Path) -> None:
    tasks = [task(server, tmp_path, "tydids"), deadly("exit")]
    rows = rows_of(tasks)
    fleet = summary.Fleet(tuple(rows[one.name] for one in tasks), 1.0, 2.0, tmp_path)
    schema = json.loads((resources("schemas") / "fleet.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    told = json.loads(summary.render(fleet))
    jsonschema.Draft202012Validator(schema).validate(told)
    assert told["exit_code"] == 5
    assert told["verdicts"] == {"error": 1, "conformant": 1}
    assert [row["folder"] for row in told["deployments"]] == ["tydids-right", None]
    assert [row["requests"] is None for row in told["deployments"]] == [False, True]
    assert SECRET not in json.dumps(told)


def test_markdown_shows_the_gravest_first_and_escapes(tmp_path: Path) -> None:
    lines = summary.markdown(fleet_of(tmp_path, ("conformant", 0), ("error", 5))).decode().splitlines()
    assert lines[6] == (
        "| ⚑ error | n1 \\<\\|\\> | dcp | a \\| reason of \\<b\\>two\\</b\\> lines |  | 1.5 s |  |"
    )
    assert lines[7].startswith("| ✓ conformant")


def test_the_combined_junit_has_a_suite_for_each(server: str, tmp_path: Path) -> None:
    rows = rows_of([task(server, tmp_path, "tydids", "wrapped"), task(server, tmp_path, "tydids")])
    lost = fleet_of(tmp_path, ("error", 5), ("non-conformant", 1), ("conformant", 0), ("unreachable", 4)).rows
    fleet = summary.Fleet((*rows.values(), *lost), 0.0, 2.0, tmp_path)
    root = Xml.parse(combined.write(fleet, tmp_path / "junit.xml")).getroot()
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == [row.name for row in fleet.rows]
    assert offences(root) == []
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name, "")) == sum(int(suite.get(name, "")) for suite in suites.values())
    assert len(root.findall(".//failure")) == int(root.get("failures", ""))
    assert len(root.findall(".//error")) == int(root.get("errors", ""))
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(cases)) == len(cases)
    failed = rows["tydids-wrapped"].counts[Outcome.FAILED]
    assert int(suites["tydids-wrapped"].get("failures", "")) == failed > 0
