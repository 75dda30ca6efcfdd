"""The checks as plain pytest, in somebody's own suite; without `--deployment` nothing at all."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from .command import GRANTED, KEY, REVOKED, SAMPLES, reference

ROOT = Path(__file__).parent.parent
TYDIDS = "conformance.contracts.tydids"


@dataclass(frozen=True)
class Done:
    """What pytest left behind."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The line with the counts."""
        return self.out.strip().splitlines()[-1]


def plain_pytest(folder: Path, *arguments: str) -> Done:
    """pytest with the plugin, in this process, as if nothing else were there."""
    out, err = io.StringIO(), io.StringIO()
    before = set(sys.modules)
    own = ["-p", "conformance.plugin", "-p", "no:cacheprovider", "--assert=plain", "--capture=sys"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith("PYTEST_")]:
            patch.delenv(name)
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        patch.chdir(folder)
        patch.syspath_prepend(str(folder))
        code = pytest.main([*own, *arguments])
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]
    return Done(int(code), out.getvalue(), err.getvalue())


def process(folder: Path, *arguments: str, **environment: str) -> Done:
    """pytest in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    clean |= {"PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=clean, check=False, timeout=120
    )
    return Done(done.returncode, done.stdout, done.stderr)


def checks(folder: Path, url: str, *options: str, package: str = TYDIDS) -> Done:
    return plain_pytest(folder, "--pyargs", package, "-k", "not histories", "--deployment", url, *options)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with reference() as base_url:
        yield base_url


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Somebody's own tests."""
    (tmp_path / "test_own.py").write_text("def test_own():\n    assert True\n")
    return tmp_path


# Awake


def test_a_healthy_deployment(base: str, tmp_path: Path) -> None:
    done = checks(tmp_path, f"{base}/v2.0", *SAMPLES)
    assert (done.code, done.err) == (0, "")
    assert " passed" in done.last
    assert "failed" not in done.last
    assert "TyDIDs grant status: conformant" in done.out


def test_a_deployment_that_breaks_a_must(base: str, tmp_path: Path) -> None:
    done = checks(tmp_path, f"{base}/v2.0", "--granted", REVOKED)
    assert done.code == 1
    assert "TY-G1 failed: a granted identity is told to be revoked" in done.out
    assert "TyDIDs grant status: non-conformant" in done.out
    assert "Traceback" not in done.out + done.err
    assert "conformance/contracts/tydids/driver.py" not in done.out


def test_nothing_given_is_not_green(base: str, tmp_path: Path) -> None:
    done = checks(tmp_path, f"{base}/v2.0")
    assert done.code == 1
    assert "TyDIDs grant status: incomplete" in done.out
    assert "give --granted" in done.out


def test_nobody_there(tmp_path: Path) -> None:
    done = checks(tmp_path, "http://127.0.0.1:1/v2.0", *SAMPLES)
    assert done.code != 0
    assert "TyDIDs grant status: unreachable" in done.out
    assert "nothing listens on that port" in done.out


def test_reading_only(base: str, tmp_path: Path) -> None:
    package = "conformance.contracts.open_attestation"
    done = checks(tmp_path, f"{base}/status", "--api-key", KEY, "--read-only", package=package)
    assert (done.code, done.err) == (0, "")
    assert "Open Attestation Status API: conformant" in done.out
    assert KEY not in done.out


def test_the_folder_of_the_checks_and_one_of_them(base: str, tmp_path: Path) -> None:
    place = ROOT / "conformance" / "contracts" / "tydids"
    one = f"{os.path.relpath(place, tmp_path)}/test_granted.py"
    for argument in (str(place / "test_granted.py"), one):
        done = plain_pytest(tmp_path, argument, "--deployment", f"{base}/v2.0", *SAMPLES)
        assert " passed" in done.last
        assert "TyDIDs grant status: " in done.out


def test_beside_somebodys_own_tests(base: str, suite: Path) -> None:
    done = plain_pytest(
        suite, "test_own.py", "--pyargs", f"{TYDIDS}.test_granted", f"--deployment={base}/v2.0", *SAMPLES
    )
    assert "test_own.py" in done.out
    assert "TyDIDs grant status: " in done.out


def test_warnings_as_errors(base: str, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\nxfail_strict = true\n")
    done = checks(tmp_path, f"{base}/v2.0", *SAMPLES, "-W", "error")
    assert (done.code, done.err) == (0, ""), done.out


def test_a_suite_that_calls_its_tests_otherwise_is_not_green(base: str, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\npython_functions = check_*\n")
    done = checks(tmp_path, f"{base}/v2.0", *SAMPLES)
    assert done.code != 0
    assert "incomplete" in done.out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--granted", GRANTED, "--revoked", GRANTED), "is named both with --granted and with --revoked"),
        (("--granted", ""), "--granted is empty"),
        (("--consensus-slack", "many"), "--consensus-slack takes a whole number"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(options: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = checks(tmp_path, "http://h.example/v2.0", *options)
    assert done.code == 4
    assert sentence in done.err
    assert "Traceback" not in done.out + done.err


@pytest.mark.parametrize("url", ["nonsense", "http://h.example:port/", "http://[::1"])
def test_a_malformed_url_is_one_sentence(url: str, tmp_path: Path) -> None:
    done = checks(tmp_path, url, *SAMPLES)
    assert done.code == 4
    assert "the base URL" in done.err
    assert "Traceback" not in done.out + done.err


def test_two_contracts_at_once(tmp_path: Path) -> None:
    done = checks(tmp_path, "http://h.example", "--pyargs", "conformance.contracts.dcp")
    assert done.code == 4
    assert "one contract at a time, not by dcp and tydids" in done.err


def test_several_processes_cannot_judge_together(tmp_path: Path) -> None:
    done = checks(tmp_path, "http://h.example", *SAMPLES, "-p", "xdist", "-n", "2")
    assert done.code == 4
    assert "leave out -n" in done.err


def test_a_deployment_without_a_contract(suite: Path) -> None:
    done = plain_pytest(suite, "test_own.py", "--deployment", "http://h.example")
    assert done.code == 4
    assert "--deployment needs a contract: pytest --pyargs conformance.contracts.NAME" in done.err


def test_options_that_other_plugins_have_are_shared(base: str, tmp_path: Path) -> None:
    (tmp_path / "others.py").write_text(
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--granted', default=None)\n"
        "    parser.addoption('--revoked', action='store_true')\n"
        "    parser.addoption('--read-only', action='store_true')\n"
    )
    own = ("-p", "others", "--deployment", f"{base}/v2.0", "--granted", GRANTED)
    done = plain_pytest(tmp_path, "--pyargs", f"{TYDIDS}.test_granted", *own)
    assert "1 passed" in done.last
    done = plain_pytest(tmp_path, "--pyargs", f"{TYDIDS}.test_granted", *own[:-2])
    assert "--granted was not given" in done.out or "give --granted" in done.out


# Asleep


def test_without_a_deployment_nothing_happens(suite: Path) -> None:
    (suite / "conftest.py").write_text(
        "import sys\ndef pytest_sessionfinish():\n"
        "    print([name for name in sys.modules if name.startswith('conformance')])\n"
    )
    done = process(suite, "-s", "-p", "conformance.plugin", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert (done.code, done.err) == (0, "")
    assert "['conformance', 'conformance.plugin']" in done.out
    assert "1 passed" in done.last


def test_somebodys_own_option_of_that_name(suite: Path) -> None:
    """It is theirs, with and without a value, whether a plugin or a conftest.py has it."""
    (suite / "conftest.py").write_text(
        "import pytest\ndef pytest_addoption(parser):\n    parser.addoption('--deployment', default='staging')\n"
        "@pytest.fixture\ndef deployment(request):\n    return request.config.getoption('--deployment')\n"
    )
    (suite / "test_own.py").write_text(
        "def test_own(deployment):\n    assert deployment in ('staging', 'production')\n"
    )
    for options in ((), ("--deployment", "production"), ("--deployment=production",)):
        done = plain_pytest(suite, *options)
        assert (done.code, done.err) == (0, ""), options
        assert "1 passed" in done.last


def test_an_installation_brings_the_plugin() -> None:
    known = {point.name: point.value for point in entry_points(group="pytest11")}
    assert known["status_conformance"] == "conformance.plugin"
