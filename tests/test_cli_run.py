"""`status-conformance run` and `demo` against the reference deployment over a real socket."""

from __future__ import annotations

import json
import shlex
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from conformance.outcome import Outcome
from conformance.resources import folder

from .certificates import make, needs_openssl
from .command import FILES, KEY, SAMPLES, call, judge, reference, start
from .raw_server import Call, Script, raw_server, response
from .sample_runs import make_run, one_result


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with reference() as base_url:
        yield base_url


def test_a_healthy_deployment(base: str, tmp_path: Path) -> None:
    done = judge("tydids", f"{base}/v2.0", tmp_path, *SAMPLES, "--watch", "5")
    assert (done.code, done.err, done.results["verdict"]) == (0, "", "conformant")
    assert done.files == sorted(FILES)
    assert "CONFORMANT: 10 of 11 MUST hold, 1 cannot be assessed by this suite" in " ".join(done.out.split())
    assert "TyDIDs grant status at http" in done.out
    assert "not the default" not in done.out
    assert str(tmp_path / "report.html") in done.out.replace("\n", "")
    schema = json.loads((folder("schemas") / "results.schema.json").read_text())
    jsonschema.validate(done.results, schema)


def test_a_deployment_that_breaks_a_must(base: str, tmp_path: Path) -> None:
    swapped = ("--revoked", SAMPLES[1], "--granted", SAMPLES[3])
    done = judge("tydids", f"{base}/v2.0", tmp_path, *swapped)
    assert (done.code, done.results["verdict"]) == (1, "non-conformant")
    assert "<failure" in (tmp_path / "junit.xml").read_text()
    assert "curl" in done.out


def test_the_default_folder_is_named_after_the_run(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("run", "tydids", f"{base}/v2.0", *SAMPLES, "--only", "TY-G1").code == 0
    (made,) = (tmp_path / "reports").iterdir()
    assert made.name.startswith("tydids-127.0.0.1-")
    assert sorted(path.name for path in made.iterdir()) == sorted(FILES)


def test_without_a_token_the_missing_is_named(base: str, tmp_path: Path) -> None:
    done = judge("dcp", f"{base}/dcp", tmp_path)
    assert (done.code, done.results["verdict"]) == (3, "incomplete")
    assert "--token" in done.out


def test_without_a_key_the_reading_half_is_done(base: str, tmp_path: Path) -> None:
    done = judge("open-attestation", f"{base}/status", tmp_path)
    assert (done.code, done.results["verdict"]) == (3, "incomplete")
    assert "--api-key would settle it, or --read-only" in " ".join(done.out.split())
    assert done.outcome("OA-R10") == "passed"
    assert done.outcome("OA-W1") == "skipped"


def test_reading_only_is_a_scope_of_its_own(base: str, tmp_path: Path) -> None:
    done = judge("open-attestation", f"{base}/status", tmp_path, "--read-only")
    assert (done.code, done.results["verdict"]) == (0, "conformant")
    assert "reading only" in " ".join(done.out.split())
    assert {exchange["request"]["method"] for exchange in done.results["exchanges"]} == {"GET"}


def test_one_requirement_only(base: str, tmp_path: Path) -> None:
    done = judge("tydids", f"{base}/v2.0", tmp_path, *SAMPLES, "--only", "ty-g1,TY-R1")
    assert done.code == 0
    assert "only TY-G1, TY-R1" in " ".join(done.out.split())
    assert [one["id"] for one in done.results["requirements"]] == ["TY-G1", "TY-R1"]


def test_one_level_only(base: str, tmp_path: Path) -> None:
    done = judge("tydids", f"{base}/v2.0", tmp_path, *SAMPLES, "--level", "must")
    assert done.code == 0
    assert {one["level"] for one in done.results["requirements"]} == {"MUST"}


def test_a_pace(base: str, tmp_path: Path) -> None:
    done = judge("tydids", f"{base}/v2.0", tmp_path, *SAMPLES, "--only", "TY-G1", "--rate", "20/s")
    starts = sorted(exchange["started"] for exchange in done.results["exchanges"])
    assert done.code == 0
    assert len(starts) >= 3
    assert starts[-1] - starts[0] >= 0.05 * (len(starts) - 1) - 0.02


def test_headers_go_with_every_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "open-the-gateway-please")
    with raw_server(lambda call: call.send(response(b"{}", "404 Not Found"))) as server:
        done = judge("tydids", server.url, tmp_path, *SAMPLES, "--header", "X-Gateway=env:GATEWAY_KEY")
    assert {call.header("x-gateway") for call in server.calls} == {"open-the-gateway-please"}
    assert not any("open-the-gateway" in text for text in done.everything().values())


@needs_openssl
def test_tls_with_a_certificate_of_ones_own(tmp_path: Path) -> None:
    made = make(tmp_path)
    only = ("--only", "TY-G1", *SAMPLES)
    with reference(certificate=made.certificate, key=made.key) as base_url:
        trusted = judge(
            "tydids", f"{base_url}/v2.0", tmp_path / "1", *only, "--ca-file", str(made.certificate)
        )
        careless = judge("tydids", f"{base_url}/v2.0", tmp_path / "2", *only, "--insecure")
        careful = judge("tydids", f"{base_url}/v2.0", tmp_path / "3", *only)
    assert [done.code for done in (trusted, careless, careful)] == [0, 0, 4]
    assert trusted.results["base_url"].startswith("https://")


# The plan


@pytest.mark.parametrize(
    ("contract", "path", "options", "writes"),
    [
        ("open-attestation", "/status", ("--api-key", "a-key-of-mine"), True),
        ("open-attestation", "/b%C3%A4se/with%20blanks", ("--api-key", "a-key-of-mine"), True),
        ("open-attestation", "", ("--read-only",), False),
        ("dcp", "/dcp", ("--token", "a-token-of-mine", "--request", "issued=my-own-id"), False),
        ("tydids", "/v2.0", ("--granted", "0x" + "1" * 40, "--revoked", SAMPLES[1]), False),
        ("tydids", "/v2.0", ("--granted", "not-an-address"), False),
    ],
)
def test_a_plan_sends_nothing(
    contract: str, path: str, options: tuple[str, ...], writes: bool, tmp_path: Path
) -> None:
    with raw_server(lambda call: call.send(response())) as server:
        done = call("run", contract, server.url + path, *options, "--plan", "--output", str(tmp_path / "out"))
    assert (done.code, done.err) == (0, "")
    assert server.connections == 0
    assert not (tmp_path / "out").exists()
    *lines, total = done.out.splitlines()
    assert total.startswith(f"{len(lines)} requests, ")
    assert all(f"{server.url}{path}/" in line for line in lines)
    assert all(" GET " in line or " POST " in line for line in lines)
    assert any(" writes " in line for line in lines) == writes
    prefix = {"open-attestation": "(OA-", "dcp": "(DCP-", "tydids": "(TY-"}[contract]
    assert all(prefix in line for line in lines)
    assert "of-mine" not in done.out


def test_a_plan_of_what_the_operator_named() -> None:
    done = call(
        "run", "tydids", "http://h.example", "--granted", "did:ethr:0x1234", "--plan", "--only", "TY-G1"
    )
    assert "identity=did:ethr:0x1234" in done.out
    assert done.code == 0


def test_a_plan_in_which_nothing_would_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = make_run(one_result(Outcome.SKIPPED), hints=("give --token",))
    monkeypatch.setattr("conformance.rehearsal.rehearse", lambda *_: lacking)
    done = call("run", "dcp", "http://h.example", "--plan")
    assert done.code == 2
    assert "nothing would be sent" in done.err
    assert "--token" in done.err


def test_a_plan_does_not_depend_on_what_is_reported() -> None:
    """What one check sends bears on what another one finds, so that --only sends everything."""
    plan = ("run", "dcp", "http://h.example", "--plan", "--nonce", "n")
    whole = call(*plan)
    assert whole.code == 0
    assert call(*plan, "--only", "DCP-S1").out == whole.out


def test_a_plan_needs_no_network_at_all() -> None:
    done = call("run", "tydids", "https://no-such-host.invalid", *SAMPLES, "--plan")
    assert done.code == 0


# Interrupted


def slowly(after: int, reached: threading.Event) -> Script:
    """Answer at once, and from a certain request on never."""

    def script(call: Call) -> bool:
        if call.number >= after:
            reached.set()
            call.server.closing.wait(30)
        return call.send(response(b"{}", "404 Not Found"))

    return script


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("concurrency", ["1", "4"])
def test_an_interrupted_run_writes_what_it_has(
    number: signal.Signals, concurrency: str, tmp_path: Path
) -> None:
    reached = threading.Event()
    with raw_server(slowly(3, reached)) as server:
        options = (
            *SAMPLES,
            "--output",
            str(tmp_path / "out"),
            "--timeout",
            "60",
            "--concurrency",
            concurrency,
        )
        process = start("run", "tydids", server.url, *options, cwd=tmp_path)
        assert reached.wait(20)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "Traceback" not in out + err
    assert err.strip() == "status-conformance: interrupted"
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert (results["verdict"], results["reason"]) == ("incomplete", "the run was interrupted")
    assert len(results["exchanges"]) >= 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FILES)


# The demonstration


def test_the_demonstration(tmp_path: Path) -> None:
    process = start("demo", "--output", "out", cwd=tmp_path)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    for contract in ("open-attestation", "dcp", "tydids"):
        results = json.loads((tmp_path / "out" / contract / "results.json").read_text())
        assert results["verdict"] == "conformant"
        assert sorted(path.name for path in (tmp_path / "out" / contract).iterdir()) == sorted(FILES)
    assert out.count("CONFORMANT") == 3


def test_an_interrupted_demonstration_stops(tmp_path: Path) -> None:
    process = start("demo", "--output", "out", cwd=tmp_path)
    assert process.stdout is not None
    assert "check 1 of" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert err.strip() == "status-conformance: interrupted"
    assert "Traceback" not in out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["open-attestation"]


def test_the_command_that_the_server_prints_works(base: str, tmp_path: Path) -> None:
    """What `serve` tells a visitor, with the demonstration's key."""
    line = shlex.join(["run", "open-attestation", f"{base}/status", "--api-key", KEY, "--only", "OA-W1"])
    done = call(*shlex.split(line), "--output", str(tmp_path), folder=tmp_path)
    assert done.code == 0
    assert not any(KEY in text for text in done.everything().values())


def test_a_reader_who_leaves_does_not_end_the_run(base: str, tmp_path: Path) -> None:
    """The reports are written; what nobody read is no success."""
    process = start(
        "run", "tydids", f"{base}/v2.0", *SAMPLES, "--only", "TY-G1", "--output", "out", cwd=tmp_path
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 3
    assert process.stderr is not None
    assert process.stderr.read() == "status-conformance: not everything could be printed: Broken pipe\n"
    process.stderr.close()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FILES)


def test_nobody_elses_pytest_bends_the_verdict(base: str, tmp_path: Path) -> None:
    """A configuration, a conftest and variables of the user's own project."""
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = -W error --no-such-option -p no_such_plugin\npython_functions = check_*\n"
        "python_files = nothing.py\nxfail_strict = true\nfilterwarnings = error\nmarkers =\n"
    )
    (tmp_path / "conftest.py").write_text("raise RuntimeError('not for you')\n")
    (tmp_path / "sitecustomize.py").write_text("")
    process = start(
        "run", "tydids", f"{base}/v2.0", *SAMPLES, "--level", "must", "--output", "out", cwd=tmp_path,
        PYTEST_ADDOPTS="--collect-only", PYTEST_PLUGINS="no_such_plugin", PYTHONWARNINGS="error",
    )  # fmt: skip
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, ""), out


def test_the_verdict_is_the_exit_code_of_a_process(tmp_path: Path) -> None:
    process = start("run", "tydids", "http://127.0.0.1:1", *SAMPLES, "--output", "out", cwd=tmp_path)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (4, "")
    assert "UNREACHABLE" in out
