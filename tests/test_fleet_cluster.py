"""Fleets on a Dask cluster: a LocalCluster, and workers started by hand."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from conformance.contract import Settings
from conformance.errors import UsageProblem
from conformance.fleet import cluster
from conformance.fleet.execution import execute
from conformance.fleet.task import Task
from conformance.registry import find
from conformance.resources import folder as resources
from conformance.runner import Plan, run
from conformance.target import Target

from .sample_fleet import SECRET, base_url, inputs, install_deadly, plan, street, task

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "default::DeprecationWarning",
        "default::ResourceWarning",
        "default::pytest.PytestUnraisableExceptionWarning",
    ),
]
"""Dask's own; ours are still errors in every other test."""
KINDS = (("tydids", "right"), ("tydids", "wrapped"), ("dcp", "right"), ("tydids", "mislabelled"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with street() as base:
        yield base


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    requirements = resources("schemas") / "tydids" / "requirements.json"
    return install_deadly(tmp_path_factory.mktemp("cluster") / "site", requirements)


@pytest.fixture
def deadly(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Task]:
    monkeypatch.syspath_prepend(str(site))

    def make(how: str, **more: Any) -> Task:
        settings = Settings(inputs={"how": (how,), "password": (SECRET,)})
        plan = Plan(Target("http://127.0.0.1:9"), settings)
        return Task(f"deadly-{how}", "deadly", plan, tmp_path / how, **more)

    return make


def assert_like_single_runs(address: str, server: str, folder: Path, *bad: Task) -> None:
    """A fleet on the cluster tells what single runs tell, and bad ends stay among themselves."""
    tasks = [*bad, *(task(server, folder, *kind) for kind in KINDS)]
    with cluster.executor(address) as executor:
        rows = {row.name: row for row in execute(tasks, executor)}
    for contract, variant in KINDS:
        row = rows[f"{contract}-{variant}"]
        alone = run(find(contract), plan(server, contract, variant))
        assert (row.verdict, row.exit_code) == (alone.verdict, alone.exit_code), row
        assert dict(row.outcomes) == {one.requirement.id: one.outcome.value for one in alone.results}
        assert row.folder is not None and (row.folder / "results.json").is_file()
    assert {rows[one.name].verdict for one in bad} <= {"error"}
    assert SECRET not in repr(rows)


def test_on_a_local_cluster(
    server: str, deadly: Callable[..., Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Worker processes under nannies, which may have no children of multiprocessing's; two threads each."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as one:
        bad = [deadly("exit"), deadly("hang", limit=2.0), deadly("raise")]
        assert_like_single_runs(one.scheduler_address, server, tmp_path, *bad)


@contextmanager
def started(*words: str, cwd: Path, site: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask's, ended afterwards."""
    environment = os.environ | {"PYTHONPATH": str(site)}
    log = (cwd / f"{words[0]}-{time.monotonic_ns()}.log").open("wb")
    command = [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:]]
    with log, subprocess.Popen(command, cwd=cwd, stdout=log, stderr=log, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


@contextmanager
def by_hand(folder: Path, site: Path, workers: int = 2) -> Iterator[str]:
    """A scheduler and workers as one starts them on machines; the scheduler's address."""
    where = folder / "scheduler.json"
    quiet = ("--no-dashboard", "--scheduler-file", str(where))
    with started("scheduler", "--host", "127.0.0.1", "--port", "0", *quiet, cwd=folder, site=site):
        deadline = time.monotonic() + 60
        while not where.exists() or not where.read_text(encoding="utf-8").endswith("}"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        address = json.loads(where.read_text(encoding="utf-8"))["address"]
        worker = ("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        if workers == 0:
            yield address
            return
        with (
            started(*worker, cwd=folder, site=site),
            started(*worker, cwd=folder, site=site),
        ):
            yield address


def test_on_workers_started_by_hand(
    server: str, deadly: Callable[..., Task], site: Path, tmp_path: Path
) -> None:
    """Through the command line as well."""
    token = inputs("dcp")["token"][0]
    tables = [
        "[[deployment]]",
        'name = "protected"',
        'contract = "dcp"',
        f'base_url = "{base_url(server, "dcp")}"',
        'token = "env:FLEET_TOKEN"',
        f"request = {json.dumps(list(inputs('dcp')['request']))}",
        "[[deployment]]",
        'name = "dying"',
        'contract = "deadly"',
        'base_url = "http://127.0.0.1:9"',
        'how = "kill"',
    ]
    (tmp_path / "deployments.toml").write_text("\n".join(tables), encoding="utf-8")
    with by_hand(tmp_path, site) as address:
        assert_like_single_runs(address, server, tmp_path, deadly("exit"))
        start = "from conformance.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", start, "run", "--all", "--cluster", address, "--output", "out"],
            cwd=tmp_path,
            env=os.environ | {"FLEET_TOKEN": token, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 5, done.stdout + done.stderr
    told = json.loads((tmp_path / "out" / "fleet.json").read_bytes())
    assert [row["verdict"] for row in told["deployments"]] == ["conformant", "error"]
    assert told["deployments"][1]["reason"] == "the process of the run died (signal SIGKILL)"
    assert (tmp_path / "out" / "protected" / "report.html").is_file()
    logs = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.log"))
    assert token not in logs + done.stdout + done.stderr


def test_a_cluster_without_workers(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with (
        by_hand(tmp_path, site, workers=0) as address,
        pytest.raises(UsageProblem, match=f"the Dask cluster at {address} has no worker"),
        cluster.executor(address),
    ):
        pass


class StrangeClient:
    """A cluster whose workers have another version of the suite, or none."""

    def __init__(self, version: str | None) -> None:
        self.version = version
        self.closed = False

    def wait_for_workers(self, _: int, timeout: float) -> None:
        pass

    def run(self, *_: object) -> dict[str, str]:
        if self.version is None:
            raise importlib.metadata.PackageNotFoundError("status-conformance")
        return {"tcp://one": self.version}

    def run_on_scheduler(self, *_: object) -> str:
        return importlib.metadata.version("status-conformance")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (None, "the Dask cluster lacks the suite"),
        ("0.0.1", "the Dask cluster runs the suite in version 0.0.1"),
    ],
)
def test_workers_need_the_same_suite(
    monkeypatch: pytest.MonkeyPatch, version: str | None, message: str
) -> None:
    client = StrangeClient(version)
    monkeypatch.setattr(cluster, "_connect", lambda _: client)
    with pytest.raises(UsageProblem, match=message), cluster.executor("tcp://x"):
        pass
    assert client.closed


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1:notaport"])
def test_an_address_where_nobody_answers(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    with (
        pytest.raises(UsageProblem, match=f"no Dask scheduler answers at {address}: "),
        cluster.executor(address),
    ):
        pass


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageProblem) as caught, cluster.executor("tcp://127.0.0.1:9"):
        pass
    assert caught.value.message == "--cluster needs Dask, which is not installed"
    assert caught.value.hint == "pip install 'status-conformance[cluster]'"
