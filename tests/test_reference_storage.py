"""The reference's database: threads, processes, foreign files, clean-up."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UsageProblem
from conformance.reference.storage import Database

COUNTER = "CREATE TABLE IF NOT EXISTS counter (value INTEGER NOT NULL)"

RAISE_IN_ANOTHER_PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from conformance.reference.storage import Database
with Database(Path(sys.argv[1])) as database:
    database.prepare("CREATE TABLE IF NOT EXISTS counter (value INTEGER NOT NULL)")
    for _ in range(50):
        with database.transaction() as connection:
            rows = connection.execute("SELECT max(value) FROM counter").fetchone()
            connection.execute("INSERT INTO counter VALUES (?)", ((rows[0] or 0) + 1,))
"""


def raise_counter(database: Database) -> None:
    with database.transaction() as connection:
        (highest,) = connection.execute("SELECT max(value) FROM counter").fetchone()
        connection.execute("INSERT INTO counter VALUES (?)", ((highest or 0) + 1,))


def values(database: Database) -> list[int]:
    return [row[0] for row in database.rows("SELECT value FROM counter ORDER BY value")]


def test_without_a_file_everything_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    with Database() as database, Database() as another:
        database.prepare(COUNTER)
        raise_counter(database)
        assert values(database) == [1]
        another.prepare(COUNTER)
        assert values(another) == []
        assert list(tmp_path.iterdir()) == []
    database.close()


def test_a_named_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    with Database(path) as database:
        database.prepare(COUNTER)
        raise_counter(database)
    with Database(path) as database:
        assert values(database) == [1]
        assert database.row("PRAGMA journal_mode") == ("wal",)
        assert database.row("PRAGMA synchronous") == (2,)
    assert path.is_file()


def test_threads_lose_nothing() -> None:
    with Database() as database:
        database.prepare(COUNTER)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(raise_counter, [database] * 200))
        assert values(database) == list(range(1, 201))


def test_processes_that_start_together_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite3"
    workers = [
        subprocess.Popen([sys.executable, "-c", RAISE_IN_ANOTHER_PROCESS, str(path)], stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    errors = [worker.communicate(timeout=60)[1] for worker in workers]
    assert errors == [b""] * 4
    with Database(path) as database:
        assert values(database) == list(range(1, 201))


def test_who_makes_the_file_at_the_same_moment_is_no_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked = tmp_path / "shared.sqlite3", []

    class Overtaken(sqlite3.Connection):
        def execute(self, *given: Any) -> sqlite3.Cursor:
            asked.append(given)
            if len(asked) == 2:
                monkeypatch.undo()
                with Database(path) as other:
                    other.prepare(COUNTER)
                    raise_counter(other)
            return super().execute(*given)

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Overtaken))
    with Database(path) as database:
        assert values(database) == [1]


def test_a_transaction_that_raises_leaves_no_trace() -> None:
    with Database() as database:
        database.prepare(COUNTER)
        with pytest.raises(ZeroDivisionError), database.transaction() as connection:
            connection.execute("INSERT INTO counter VALUES (1)")
            raise ZeroDivisionError
        raise_counter(database)
        assert values(database) == [1]


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes, and they are longer than a database header.\n" * 20)
    with pytest.raises(UsageProblem, match="not a database"):
        Database(path)
    assert path.read_text().startswith("These are notes")


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE invoices (number INTEGER)")
    connection.close()
    with pytest.raises(UsageProblem, match="belongs to another program"):
        Database(path)


@pytest.mark.parametrize("name", [".", "missing/reference.sqlite3"])
def test_a_path_that_cannot_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageProblem, match="cannot be used") as caught:
        Database(tmp_path / name)
    assert caught.value.hint
