"""The report folder: named after the run, written whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
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
    assert sorted(folder.iterdir()) == sorted(paths)
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
