"""Results are not lost: the verdict is told before files are written, and signals do not stop the telling."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from conformance.cli import judging
from conformance.errors import UsageProblem
from conformance.report import terminal, writing

from .command import FILES, SAMPLES, judge, reference
from .sample_runs import sample_run

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")


def test_the_verdict_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    monkeypatch.setattr(terminal, "summary", lambda *_: order.append("told"))
    monkeypatch.setattr(writing, "write", lambda path, data: order.append(path.name))
    judging.tell(sample_run(), tmp_path)
    assert order[: 1 + len(writing.FILES)] == ["told", *writing.FILES]


def test_what_cannot_be_told_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(terminal, "summary", fail)
    with pytest.raises(RuntimeError):
        judging.tell(sample_run(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == sorted(FILES)


def test_a_full_disk_leaves_no_half_files_and_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with reference() as base:
        monkeypatch.setattr(os, "replace", full)
        done = judge("tydids", f"{base}/v2.0", tmp_path / "out", *SAMPLES, "--effort", "quick")
    assert done.code == 2
    assert "CONFORMANT" in done.out
    assert "cannot be written: No space left on device" in done.err
    assert done.files == []


@posix
def test_the_first_signal_ends_the_run_and_the_next_ones_do_not_end_the_telling() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with judging.interruptible() as interrupted:
        assert not interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGHUP)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.raise_signal(number)
        assert interrupted()
    assert signal.getsignal(signal.SIGHUP) is before


@posix
def test_a_signal_while_results_are_told_is_remembered() -> None:
    with judging.interruptible() as interrupted:
        interrupted.finish()
        signal.raise_signal(signal.SIGTERM)
        assert interrupted()


@posix
def test_patience_with_the_telling_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with judging.interruptible() as interrupted:
        interrupted.finish()
        now[0] += judging.GRACE
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@posix
def test_who_was_told_to_outlive_the_terminal_does() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with judging.interruptible() as interrupted:
            signal.raise_signal(signal.SIGHUP)
            assert not interrupted()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_temporary_folder_is_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with reference() as base:
        done = judge("tydids", f"{base}/v2.0", tmp_path / "out", *SAMPLES, "--effort", "quick")
    assert done.code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_failure_of_the_suite_leaves_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr("conformance.contracts.tydids.driver.Driver.read", fail, raising=False)
    monkeypatch.setattr("conformance.session.Session.finish", fail)
    with reference() as base:
        done = judge("tydids", f"{base}/v2.0", tmp_path / "out", *SAMPLES, "--effort", "quick")
    assert done.code == 5
    (name,) = done.files
    assert name.startswith("status-conformance-failure-")
    assert name in done.err
    assert "RuntimeError" in (tmp_path / "out" / name).read_text()


def test_output_errors_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem):
        judging.tell(sample_run(), tmp_path / ("x" * 300))


def test_a_signal_while_the_run_is_judged_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conformance.session import Session

    calls: list[int] = []
    finish = Session.finish

    def interrupted(self: Session) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return finish(self)

    monkeypatch.setattr(Session, "finish", interrupted)
    with reference() as base:
        done = judge("tydids", f"{base}/v2.0", tmp_path / "out", *SAMPLES, "--effort", "quick")
    assert done.results["reason"] == "the run was interrupted"
    assert sorted(done.files) == sorted(FILES)
