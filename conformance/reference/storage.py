"""One SQLite database that the reference deployments keep their data in."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from conformance.errors import UsageProblem

APPLICATION_ID: Final = 0x5374_4366  # "StCf": tells our files from other people's
BUSY_SECONDS: Final = 15.0
Row = tuple[Any, ...]
Parameters = tuple[object, ...]


class Database:
    """A SQLite file in WAL mode, or one in memory: shared by threads under a lock, by processes under SQLite's own locks.

    `path` is created when missing and kept; without it everything is in memory and gone on close. An acknowledged
    write to a file survives a power cut. Raises UsageProblem for a file that cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        place = path or Path(":memory:")
        self._lock = threading.RLock()
        self._connection = _open(place)
        try:
            _configure(self._connection, durable=path is not None)
        except sqlite3.Error as problem:
            self.close()
            raise _unusable(place, problem) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it; closing twice is fine."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: it has the file to itself, and leaves no trace when it raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def prepare(self, *statements: str) -> None:
        """Run `statements` (CREATE TABLE IF NOT EXISTS …) in one transaction."""
        with self.transaction() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str, parameters: Parameters = ()) -> list[Row]:
        """Every row that `query` finds, as of one moment."""
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    def row(self, query: str, parameters: Parameters = ()) -> Row | None:
        """The first row that `query` finds."""
        found = self.rows(query, parameters)
        return found[0] if found else None


def _open(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as problem:
        raise _unusable(path, problem) from None


def _configure(connection: sqlite3.Connection, *, durable: bool) -> None:
    _check_owner(connection)
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
    _enter_wal_mode(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _check_owner(connection: sqlite3.Connection) -> None:
    """Raise for a file of another program; ours are marked before they get tables, so the tables are looked at first."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    if tables and owner != APPLICATION_ID:
        raise sqlite3.DatabaseError("it belongs to another program")


def _enter_wal_mode(connection: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite does not wait for its lock here, so several processes that start together retry."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _unusable(path: Path, problem: sqlite3.Error) -> UsageProblem:
    return UsageProblem(
        f"the database {path} cannot be used: {problem}",
        hint="name a writable file in a folder that exists, one that this suite made or a new one",
    )
