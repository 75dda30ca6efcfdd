"""Operator files: read to a limit, from pipes and devices too, as text with or without a byte order mark."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from conformance import files
from conformance.errors import UsageProblem

posix = pytest.mark.skipif(os.name == "nt", reason="pipes and devices of POSIX systems")


@pytest.mark.parametrize(
    "data",
    [b"gr\xc3\xbc\xc3\x9fe\r\n", b"\xef\xbb\xbfgr\xc3\xbc\xc3\x9fe\r\n", "grüße\r\n".encode("utf-16")],
    ids=["UTF-8", "with a mark", "UTF-16 with a mark"],
)
def test_text_with_or_without_a_mark(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    assert files.text(tmp_path / "x") == "grüße\r\n"


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    assert files.text(tmp_path / "x") == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xfe", "it is not UTF-8"),
        (b"\xe4", "it is not UTF-8"),
        (b"a\0b", "it holds no text"),
        (b"x" * 101, "it is larger than 0 KiB"),
        (b"x" * 200_000, "it is larger than 0 KiB"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_name(data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(UsageProblem) as caught:
        files.text(tmp_path / "x", "the file", limit=100)
    assert caught.value.message == f"the file cannot be read: {reason}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Is a directory"),
        ("none", "No such file"),
        ("x" * 300, "File name too long"),
        ("a\0b", "its name"),
    ],
)
def test_what_is_no_file(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=reason):
        files.text(tmp_path / name)


@posix
def test_a_device_without_an_end() -> None:
    with pytest.raises(UsageProblem, match="it holds no text"):
        files.text(Path("/dev/zero"))


@posix
def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    text = "x" * 300_000
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(text,))
    writer.start()
    assert files.text(tmp_path / "pipe") == text
    writer.join()


@posix
def test_a_pipe_that_nobody_writes_into_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SILENCE", 0.05)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageProblem, match="nobody writes into it"):
        files.text(tmp_path / "pipe")


@posix
def test_a_pipe_that_does_not_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.0)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageProblem, match="it does not end"):
        files.text(tmp_path / "pipe")
