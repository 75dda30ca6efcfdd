"""The report folder: named after the run, written whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from conformance.errors import UsageProblem
from conformance.report import html, writing
from conformance.report.results import read

from .sample_runs import sample_run

STARTED = 1_722_722_789.9


def test_every_report_is_written_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    paths = writing.write_all(sample_run(), folder)
    assert paths == (folder / "results.json", folder / "junit.xml", folder / "report.html")
    assert sorted(folder.iterdir()) == sorted((*paths, folder / "reproduce"))
    assert read(paths[0].read_bytes()) == sample_run()


def test_older_reports_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old")
    writing.write_all(sample_run(), tmp_path)
    assert (tmp_path / "report.html").read_bytes() == html.render(sample_run())


def test_others_may_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from conformance.report.writing import write;"
        "os.umask(0o027); write(pathlib.Path(sys.argv[1]), b'x')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "x")], check=True)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_replaced_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(
        UsageProblem, match=r"the file .*results\.json cannot be written: No space left on device"
    ):
        writing.write(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["results.json"]
    assert path.read_text() == "old"


@pytest.mark.parametrize("below", ["file", "file/deeper", "with\0zero", "x" * 300])
def test_a_folder_that_cannot_be_is_told_in_a_sentence(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    for use in (writing.prepare, lambda folder: writing.write_all(sample_run(), folder)):
        with pytest.raises(UsageProblem, match=r"the folder .* cannot be written: ") as caught:
            use(tmp_path / below)
        assert "--output" in caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told_in_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageProblem, match="Permission denied"):
        writing.prepare(tmp_path)


def test_preparing_leaves_an_empty_folder(tmp_path: Path) -> None:
    writing.prepare(tmp_path / "a")
    writing.prepare(tmp_path / "a")
    assert list((tmp_path / "a").iterdir()) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.example.com/v2.0", "api.example.com"),
        ("http://127.0.0.1:8080/status", "127.0.0.1-8080"),
        ("http://[2001:db8::1]:80/", "2001-db8-1-80"),
        ("https://anna:secret@Example.COM", "example.com"),
        ("https://münchen.example/", "m-nchen.example"),
        ("http://../../etc", "host"),
        ("http://[", "host"),
        ("", "host"),
        ("https://" + "a" * 300, "a" * 80),
    ],
)
def test_the_folder_is_named_after_contract_host_and_time(tmp_path: Path, url: str, host: str) -> None:
    folder = writing.default_folder("tydids", url, STARTED, tmp_path)
    assert folder == tmp_path / f"tydids-{host}-20240803T220629Z"
    assert not folder.exists()


def test_a_folder_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        folder = writing.default_folder("dcp", "http://x", STARTED, tmp_path)
        writing.prepare(folder)
        names.append(folder.name)
    assert names == ["dcp-x-20240803T220629Z", "dcp-x-20240803T220629Z-2", "dcp-x-20240803T220629Z-3"]


def test_runs_land_in_reports_by_default() -> None:
    assert writing.default_folder("dcp", "http://x", STARTED).parent == Path("reports")


def claim(output: Path | None, *, overwrite: bool = False) -> AbstractContextManager[Path]:
    return writing.claimed(output, "dcp", "http://x", STARTED, overwrite=overwrite)


def test_reports_of_another_run_are_kept_unless_they_may_be_replaced(tmp_path: Path) -> None:
    writing.write_all(sample_run(), tmp_path / "out")
    with (
        pytest.raises(UsageProblem, match="holds the reports of another run") as caught,
        claim(tmp_path / "out"),
    ):
        pass
    assert "--overwrite" in caught.value.hint
    assert {one.name for one in (tmp_path / "out").iterdir()} >= {"results.json", "junit.xml", "report.html"}
    with claim(tmp_path / "out", overwrite=True) as folder:
        writing.write_all(sample_run(), folder)


@pytest.mark.parametrize("name", ["results.json", "junit.xml", "report.html", "fleet.json", "fleet.md"])
def test_one_report_is_enough_to_ask(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to("nowhere")
    with pytest.raises(UsageProblem), claim(tmp_path):
        pass


def test_other_files_are_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with claim(tmp_path) as folder:
        assert folder == tmp_path


def test_runs_that_begin_in_one_second_have_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with claim(None) as one, claim(None) as two:
        assert one != two
        assert (one.is_dir(), two.is_dir()) == (True, True)


def test_the_folder_is_gone_again_when_the_run_did_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    for output in (None, Path("a/b"), Path("mine")):
        with pytest.raises(UsageProblem, match="in vain"), claim(output):
            raise UsageProblem("in vain")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_a_killed_run_left_half_written_is_swept(tmp_path: Path) -> None:
    for name in (".results.json.0123456789ab.tmp", ".probe.0123456789ab.tmp", ".mine.tmp", "x.tmp"):
        (tmp_path / name).touch()
    writing.prepare(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine.tmp", "x.tmp"]


def test_one_report_that_cannot_be_written_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "results.json").mkdir()
    with pytest.raises(UsageProblem, match=r"results\.json cannot be written"):
        writing.write_all(sample_run(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "junit.xml",
        "report.html",
        "reproduce",
        "results.json",
    ]


def test_one_report_that_fails_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> bytes:
        raise RuntimeError

    monkeypatch.setitem(writing.FILES, "junit.xml", fail)
    with pytest.raises(RuntimeError):
        writing.write_all(sample_run(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "reproduce", "results.json"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, MemoryError])
def test_a_file_is_whole_or_absent(end: type[BaseException], tmp_path: Path) -> None:
    with pytest.raises(end), writing.replacing(tmp_path / "x") as file:
        file.write(b"half")
        raise end
    assert list(tmp_path.iterdir()) == []
