"""`run --all`: a configuration is read like a command line, and its mistakes are named before anything is sent."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import click
import jsonschema
import pytest

from conformance.cli.deployments import tasks_of
from conformance.cli.entry import main
from conformance.cli.run import _plan, _read
from conformance.cli.run import run as command
from conformance.errors import UsageProblem
from conformance.fleet.task import Task
from conformance.registry import find
from conformance.resources import folder as resources

from .certificates import authority
from .sample_fleet import SECRET, base_url, inputs, install_deadly, street

GOOD = """
[[deployment]]
name = "one"
contract = "tydids"
base_url = "http://127.0.0.1:9"
"""
COMMAND = (sys.executable, "-c", "from conformance.cli import main; main()", "run")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with street() as base:
        yield base


@pytest.fixture
def tasks(tmp_path: Path) -> Callable[..., tuple[Task, ...]]:
    """Reads a configuration, with further words on the command line."""

    def read(text: str, *words: str) -> tuple[Task, ...]:
        path = tmp_path / "deployments.toml"
        path.write_text(text, encoding="utf-8")
        context = command.make_context("run", ["--all", *words])
        return tasks_of(
            context, path, tmp_path / "out", lambda name, url, given: _plan(_read(find(name), url, given))
        )

    return read


@pytest.fixture
def ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Calls the command line; the exit code and what it said on standard error."""

    def call(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["status-conformance", "run", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return int(str(end.value.code)), capsys.readouterr().err

    return call


def deployment(**values: Any) -> str:
    """A table of a deployment."""
    lines = [f"{key} = {toml(value)}" for key, value in values.items()]
    return "\n".join(["[[deployment]]", *lines, ""])


def toml(value: Any) -> str:
    """A value as TOML, which writes text, lists, numbers and booleans like JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def problem(tasks: Callable[..., Any], text: str, *words: str) -> tuple[str, str]:
    with pytest.raises(UsageProblem) as caught:
        tasks(text, *words)
    message = re.sub(r"^\S*deployments\.toml", "FILE", caught.value.message)
    return message, caught.value.hint


ONE = {"name": "one", "contract": "tydids", "base_url": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 5}, "FILE: deployment 1: the key name takes text, not a number"),
        ({"name": " "}, "FILE: deployment 1: the key name takes text, not empty text"),
        ({"name": "a\nb"}, "FILE: deployment 1: the key name holds no name"),
        (
            {"contract": "tidids"},
            "FILE: deployment 'one': the key contract: there is no contract called tidids",
        ),
        ({"contract": ["dcp"]}, "FILE: deployment 'one': the key contract takes text, not a list"),
        ({"base_url": ""}, "FILE: deployment 'one': the key base_url takes text, not empty text"),
        (
            {"base_url": "ftp://x"},
            "FILE: deployment 'one': the key base_url: the base URL must start with http:// or https://",
        ),
        ({"grant": "0x1"}, "FILE: deployment 'one': there is no key grant; did you mean granted?"),
        ({"jobs": 4}, "FILE: deployment 'one': there is no key jobs"),
        ({"output": "x"}, "FILE: deployment 'one': there is no key output"),
        ({"plan": True}, "FILE: deployment 'one': there is no key plan"),
        (
            {"read-only": True, "read_only": True},
            "FILE: deployment 'one': the key read-only is given twice, as read-only and read_only",
        ),
        ({"read-only": "yes"}, "FILE: deployment 'one': the key read-only takes true or false, not text"),
        ({"granted": {"x": 1}}, "FILE: deployment 'one': the key granted takes text or a list, not a table"),
        ({"granted": [["x"]]}, "FILE: deployment 'one': the key granted takes text or a list, not a list"),
        ({"timeout": "5"}, "FILE: deployment 'one': the key timeout takes a number, not text"),
        ({"timeout": True}, "FILE: deployment 'one': the key timeout takes a number, not true or false"),
        ({"level": ["must"]}, "FILE: deployment 'one': the key level takes text, not a list"),
        ({"timeout": 0}, "FILE: deployment 'one': the key timeout: 0.0 is not in the range 0.01<=x<=3600"),
        ({"level": "may"}, "FILE: deployment 'one': the key level: 'may' is not one of 'must', 'should'"),
        ({"rate": "fast"}, "FILE: deployment 'one': the key rate: rate fast: give it as 5/s or 300/m"),
        (
            {"consensus-slack": "few"},
            "FILE: deployment 'one': the key consensus-slack: consensus-slack takes a whole number",
        ),
        (
            {"token": "x"},
            "FILE: deployment 'one': the key token: token is not an option of tydids",
        ),
        ({"granted": " "}, "FILE: deployment 'one': the key granted: granted is empty"),
        (
            {"header": ["X-Key=env:NO_SUCH_VARIABLE"]},
            "FILE: deployment 'one': the key header: header X-Key: the environment variable NO_SUCH_VARIABLE",
        ),
        (
            {"header": "no pair"},
            "FILE: deployment 'one': the key header: header takes NAME=SECRET, such as X-Gateway=env:GATEWAY_KEY",
        ),
        (
            {"granted": "0x1", "revoked": ["0x1"]},
            "FILE: deployment 'one': the key granted: 0x1 is named both with granted and with revoked",
        ),
        ({"only": ["TY-X9"]}, "FILE: deployment 'one': the key only: "),
        ({"ca-file": "no.pem"}, "FILE: deployment 'one': the key ca-file: ca-file no.pem cannot be used: "),
        (
            {"client_cert": "no.pem"},
            "FILE: deployment 'one': the key client-cert: client-cert no.pem cannot be used: No such file",
        ),
        (
            {"client-key": "no.pem"},
            "FILE: deployment 'one': the key client-key: client-key goes with client-cert",
        ),
        (
            {"client-key-password": "env:NO_SUCH_VARIABLE"},
            "FILE: deployment 'one': the key client-key-password: the environment variable NO_SUCH_VARIABLE",
        ),
        ({"proxy": "ftp://x:sesame@y"}, "FILE: deployment 'one': the key proxy: the URL of the proxy must"),
        ({"proxy": ""}, "FILE: deployment 'one': the key proxy: proxy is empty"),
        (
            {"jsonld-context": "https://x=no.json"},
            "FILE: deployment 'one': the key jsonld-context: jsonld-context https://x=no.json: give it as URL=FILE",
        ),
    ],
    ids=str,
)
def test_a_mistake_names_the_table_and_the_key(
    tasks: Callable[..., Any], change: dict[str, Any], message: str
) -> None:
    found, _ = problem(tasks, deployment(**(ONE | change)))
    assert found.startswith(message)
    assert "\n" not in found


@pytest.mark.parametrize("key", ["name", "contract", "base_url"])
def test_a_missing_key_is_named(tasks: Callable[..., Any], key: str) -> None:
    place = "1" if key == "name" else "'one'"
    found, _ = problem(tasks, deployment(**{one: value for one, value in ONE.items() if one != key}))
    assert found == f"FILE: deployment {place}: the key {key} is missing"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "FILE names no deployment"),
        ("deployment = []", "FILE names no deployment"),
        ("deployment = 'x'", "FILE names no deployment"),
        ("deployment = ['x']", "FILE: deployment 1 is not a table"),
        ("defaults = 1\n" + GOOD, "FILE: [defaults] is not a table"),
        ("[deployments]\n" + GOOD, "FILE: there is no table deployments; did you mean deployment?"),
        ("[default]\n" + GOOD, "FILE: there is no table default; did you mean defaults?"),
        ("[defaults]\nlvel = 'must'\n" + GOOD, "FILE: [defaults]: there is no key lvel; did you mean level?"),
        ("[defaults]\nname = 'x'\n" + GOOD, "FILE: [defaults]: there is no key name"),
        (
            "[defaults]\ntimeout = 'x'\n" + GOOD,
            "FILE: deployment 'one': the key timeout takes a number, not text",
        ),
        (GOOD + GOOD, "FILE: deployment 'one': the key name: another deployment has this name"),
        ("[[deployment]\n", "FILE is not TOML: "),
        ("name = ", "FILE is not TOML: "),
    ],
)
def test_a_mistake_in_the_file_is_named(tasks: Callable[..., Any], text: str, message: str) -> None:
    found, _ = problem(tasks, text)
    assert found.startswith(message)


def test_a_secret_in_a_mistake_is_not_repeated(tasks: Callable[..., Any]) -> None:
    dcp = {"name": "one", "contract": "dcp", "base_url": "http://127.0.0.1:9"}
    for change in (
        {"token": [SECRET, SECRET]},
        {"token": {"value": SECRET}},
        {"token": SECRET + "\nand more"},
        {"header": f"Authorization={SECRET}"},
        {"header": [f"X Y={SECRET}"]},
        {"base_url": f"http://u:{SECRET}@127.0.0.1"},
        {"api-key": SECRET},
    ):
        found, hint = problem(tasks, deployment(**(dcp | change)))
        assert SECRET not in found + hint
        assert found.startswith("FILE: deployment 'one': the key ")


@pytest.mark.parametrize("secret", [SECRET, "hunter2", "correct-horse-battery-staple", 'with "quotes" 1'])
def test_a_secret_as_a_key_or_a_table_is_not_repeated(tasks: Callable[..., Any], secret: str) -> None:
    quoted = json.dumps(secret)
    texts = (
        f"[{quoted}]\n" + GOOD,
        f"[defaults]\n{quoted} = 'x'\n" + GOOD,
        GOOD + f"\n{quoted} = 'x'\n",
        f"[{quoted}]\na = 1\n[{quoted}]\n",
        f"[defaults]\n{quoted} = 1\n{quoted} = 2\n",
        f"[defaults]\ntoken = {secret}\n",
        f"x = {{ {quoted} = 1, {quoted} = 2 }}\n",
    )
    for text in texts:
        found, hint = problem(tasks, text)
        assert secret not in found + hint, text
        assert found.startswith("FILE")


@pytest.mark.parametrize(
    "key",
    ["level", "effort", "rate", "only", "ca_file", "jsonld_context", "consensus_slack", "contract", "seed"],
)
def test_a_secret_as_the_value_of_another_key_is_not_repeated(tasks: Callable[..., Any], key: str) -> None:
    found, hint = problem(tasks, deployment(**(ONE | {key: SECRET})))
    assert SECRET not in found + hint
    assert found.startswith("FILE: deployment 'one': ")


def test_options_are_read_like_on_the_command_line(
    tasks: Callable[..., tuple[Task, ...]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FLEET_TOKEN", SECRET)
    (tmp_path / "key").write_text("from-a-file\n", encoding="utf-8")
    first, second = tasks(
        """
        [defaults]
        contract = "dcp"
        token = "env:FLEET_TOKEN"
        api-key = "file:key"
        timeout = 3
        level = "must"
        nonce = "shared"
        [[deployment]]
        name = "Europe / West"
        base_url = "http://127.0.0.1:9/dcp/"
        request = ["issued=a", "b"]
        level = "should"
        concurrency = 1
        header = "X-Gateway=open"
        insecure = true
        task_timeout = 20
        [[deployment]]
        name = "Europe-West"
        contract = "open-attestation"
        base_url = "http://127.0.0.1:9/status"
        consistency_window = 0.5
        read_only = false
        rate = 5
        """
    )
    settings = first.plan.settings
    assert (first.name, first.contract, first.limit) == ("Europe / West", "dcp", 20.0)
    assert dict(settings.inputs) == {"token": (SECRET,), "request": ("issued=a", "b")}
    assert first.plan.narrowing.level is not None and first.plan.narrowing.level.value == "SHOULD"
    assert (first.plan.limits.timeout, first.plan.limits.concurrency, first.plan.route.insecure) == (
        3.0,
        1,
        True,
    )
    assert first.plan.target.extra == (("X-Gateway", "open"),)
    assert first.plan.target.base_url == "http://127.0.0.1:9/dcp"
    assert second.plan.settings.inputs["api-key"] == ("from-a-file",)
    assert second.plan.settings.consistency_window == 0.5
    assert (second.plan.limits.rate, second.plan.route.insecure, second.limit) == (5.0, False, 300.0)
    assert [one.folder.name for one in (first, second)] == ["europe-west", "europe-west-2"]
    assert first.plan.settings.nonce != second.plan.settings.nonce
    assert "shared" not in (first.plan.settings.nonce, second.plan.settings.nonce)


def test_the_command_line_outweighs_the_file(tasks: Callable[..., tuple[Task, ...]]) -> None:
    text = deployment(**ONE, timeout=3, level="should", nonce="mine") + deployment(**(ONE | {"name": "two"}))
    one, two = tasks(
        text, "--timeout", "7", "--only", "TY-G1,TY-G2", "--only", "TY-R1", "--task-timeout", "9"
    )
    assert (one.plan.limits.timeout, two.plan.limits.timeout, one.limit) == (7.0, 7.0, 9.0)
    assert one.plan.narrowing.only == ("TY-G1", "TY-G2", "TY-R1")
    assert one.plan.settings.nonce == "mine"
    assert len(two.plan.settings.nonce) == 16
    again = tasks(text, "--nonce", "repeat")
    assert [each.plan.settings.nonce for each in again] == [
        each.plan.settings.nonce for each in tasks(text, "--nonce", "repeat")
    ]
    assert len({each.plan.settings.nonce for each in again}) == 2


def test_files_are_looked_for_beside_the_configuration(
    tasks: Callable[..., tuple[Task, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "context.json").write_text("{}", encoding="utf-8")
    (one,) = tasks(deployment(**ONE, **{"jsonld-context": "https://x.example/c=context.json"}))
    assert one.plan.settings.jsonld_contexts == {"https://x.example/c": tmp_path / "context.json"}
    assert Path.cwd() == tmp_path / "elsewhere"


def test_the_way_to_each_deployment(
    tasks: Callable[..., tuple[Task, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("KEY_PASSWORD", SECRET)
    issuer = authority(tmp_path)
    issuer.client("own", password=SECRET)
    own = {"client-cert": "own.pem", "client_key": "own.key", "client-key-password": "env:KEY_PASSWORD"}
    text = deployment(**ONE, **own, ca_file=issuer.file.name, proxy="none")
    (one,) = tasks(text + deployment(**(ONE | {"name": "two"})), "--proxy", "proxy.example:3128")[:1]
    route = one.plan.route
    assert (route.client_cert, route.client_key) == (tmp_path / "own.pem", tmp_path / "own.key")
    assert (route.ca_file, route.client_key_password) == (issuer.file, SECRET)
    assert route.proxy == "http://proxy.example:3128"
    assert SECRET not in repr(one) + repr(one.plan)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all", "--token", "x"], "--token cannot go with --all"),
        (["--all", "--header", "X=y"], "--header cannot go with --all"),
        (["--all", "--client-cert", "x"], "--client-cert cannot go with --all"),
        (["--all", "--client-key-password", "x"], "--client-key-password cannot go with --all"),
        (["--all", "--plan"], "--plan is for one deployment: it cannot go with --all"),
        (["--all", "dcp", "http://x"], "--all takes its deployments from the configuration"),
        (["--all", "--jobs", "2", "--cluster", "tcp://127.0.0.1:1"], "--jobs is for this machine"),
        (["--all", "--config", "none.toml"], "the configuration none.toml does not exist"),
        (["--all", "--config", "."], "the configuration . cannot be read: "),
        (["--jobs", "2", "dcp", "http://x"], "--jobs goes with --all"),
        (["--cluster", "tcp://x", "dcp", "http://x"], "--cluster goes with --all"),
        (["dcp"], "give CONTRACT and BASE_URL"),
    ],
)
def test_a_mistake_on_the_command_line_is_a_usage_error(
    ended: Callable[..., tuple[int, str]],
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deployments.toml").write_text(GOOD, encoding="utf-8")
    code, told = ended(*words)
    assert code == 2
    assert told.startswith(f"status-conformance: {said}")
    assert not (tmp_path / "reports").exists()


def test_one_mistake_keeps_everything_from_being_sent(
    ended: Callable[..., tuple[int, str]], server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        text = deployment(**(ONE | {"base_url": url})) + deployment(**(ONE | {"name": "two"}), only="TY-X9")
        (tmp_path / "deployments.toml").write_text(text, encoding="utf-8")
        code, told = ended("--all")
        with pytest.raises(TimeoutError):
            listener.accept()
    assert code == 2
    assert "deployment 'two': the key only" in told
    assert not (tmp_path / "reports").exists()


def mixed(server: str, *, broken: bool) -> str:
    """The configuration of a fleet of four, or three."""
    granted = {key: list(values) for key, values in inputs("tydids").items() if key != "consensus-slack"}
    dcp = inputs("dcp")
    tables = [
        deployment(name="right", contract="tydids", base_url=base_url(server, "tydids"), **granted),
        deployment(name="gone", contract="tydids", base_url="http://127.0.0.1:9", **granted),
        deployment(
            name="protected",
            contract="dcp",
            base_url=base_url(server, "dcp"),
            token="env:FLEET_TOKEN",
            request=list(dcp["request"]),
        ),
    ]
    faulty = base_url(server, "tydids", "wrapped")
    if broken:
        tables.append(deployment(name="wrapped", contract="tydids", base_url=faulty, **granted))
    return "\n".join(tables)


@pytest.mark.parametrize("broken", [True, False], ids=["broken", "sound"])
def test_a_fleet_from_end_to_end(server: str, tmp_path: Path, *, broken: bool) -> None:
    (tmp_path / "deployments.toml").write_text(mixed(server, broken=broken), encoding="utf-8")
    stale = tmp_path / "out" / "gone"
    stale.mkdir(parents=True)
    (stale / "results.json").write_text("from an earlier fleet", encoding="utf-8")
    token = inputs("dcp")["token"][0]
    done = subprocess.run(
        [*COMMAND, "--all", "--jobs", "2", "--output", "out", "--overwrite"],
        cwd=tmp_path,
        env=os.environ | {"FLEET_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == (1 if broken else 4), done.stdout + done.stderr
    assert done.stderr == ""
    told = json.loads((tmp_path / "out" / "fleet.json").read_bytes())
    schema = json.loads((resources("schemas") / "fleet.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(told)
    verdicts = {row["name"]: row["verdict"] for row in told["deployments"]}
    expected = {"right": "conformant", "gone": "unreachable", "protected": "conformant"}
    assert verdicts == expected | ({"wrapped": "non-conformant"} if broken else {})
    assert told["exit_code"] == done.returncode
    for name in verdicts:
        assert f"]  {name}  " not in done.stdout
        assert json.loads((tmp_path / "out" / name / "results.json").read_bytes())["format"]
    lines = done.stdout.splitlines()
    assert len([line for line in lines if re.match(rf"\[\d/{len(verdicts)}\] ", line)]) == len(verdicts)
    assert lines[-1].startswith("report: ")
    suites = Xml.parse(tmp_path / "out" / "junit.xml").getroot()
    assert [suite.get("name") for suite in suites] == list(verdicts)
    assert (tmp_path / "out" / "fleet.md").read_text(encoding="utf-8").count("\n|") == len(verdicts) + 2
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert not [file for file in files if token in file.read_text(encoding="utf-8")]
    assert token not in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_fleet_reports_what_there_is(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    site = install_deadly(tmp_path / "site", resources("schemas") / "tydids" / "requirements.json")
    text = mixed(server, broken=False)
    text += deployment(name="stuck", contract="deadly", base_url="http://127.0.0.1:9", how="hang")
    (tmp_path / "deployments.toml").write_text(text, encoding="utf-8")
    environment = os.environ | {"FLEET_TOKEN": "x", "PYTHONPATH": str(site)}
    words = [*COMMAND, "--all", "--jobs", "2", "--output", "out"]
    with subprocess.Popen(
        words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        seen = 0
        while seen < 3:
            seen += process.stdout.readline().startswith("[")
        began = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert time.monotonic() - began < 30
    assert process.returncode == 3
    assert "interrupted" in said
    told = json.loads((tmp_path / "out" / "fleet.json").read_bytes())
    stuck = told["deployments"][-1]
    assert (stuck["name"], stuck["verdict"], stuck["exit_code"]) == ("stuck", "incomplete", 3)
    assert stuck["reason"] == "the fleet was interrupted before this run had ended"


def test_a_long_fleet_lists_only_what_needs_attention(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from conformance.cli import fleet
    from conformance.fleet.summary import Fleet
    from conformance.fleet.task import Row
    from conformance.report.screen import console

    rows = [Row(f"n{n}\x1b[31m", "dcp", "http://x", "conformant", 0, "fine") for n in range(100)]
    rows[50] = Row("bad", "dcp", "http://x", "non-conformant", 1, "broken: X", outcomes={"X": "failed"})
    fleet._print_table(Fleet(tuple(rows), 0.0, 1.0, tmp_path), console())
    told = capsys.readouterr().out
    assert told.splitlines()[1] == "non-conformant  bad  dcp  X"
    assert "1 non-conformant · 99 conformant  (100 in 1.0 s)" in told
    assert "n3" not in told
    assert "\x1b" not in told


def test_the_command_can_still_be_asked_for_help(ended: Callable[..., tuple[int, str]]) -> None:
    with pytest.raises(click.exceptions.Exit):
        command.make_context("run", ["--help"])
