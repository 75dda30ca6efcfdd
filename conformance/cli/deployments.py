"""Turns the tables of a fleet's configuration into tasks, by the rules of the command line."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from conformance.cli import options
from conformance.contract import Contract
from conformance.errors import UsageProblem
from conformance.fleet import configuration
from conformance.fleet.configuration import Entry
from conformance.fleet.task import Task
from conformance.registry import find
from conformance.runner import Plan
from conformance.session import scope_of
from conformance.target import parse, redactor_for
from conformance.wire.client import Client
from conformance.wire.redaction import HIDDEN

PlanOf = Callable[[str, str, dict[str, Any]], Plan]
"""From a contract's name, a base URL and a command's parameters to a plan."""
NOT_IN_A_FILE = frozenset({"all", "config", "jobs", "cluster", "plan", "output", "overwrite", "help"})
NOT_FOR_ALL = frozenset(
    {"header", "jsonld-context", "ca-file", "client-cert", "client-key", "client-key-password"}
)
_LONGEST = 80
_SECRET, _SECRET_WORD = 8, 20
"""Characters from which on a value with digits, or one without, may be a secret."""


def tasks_of(context: click.Context, path: Path, folder: Path, plan_of: PlanOf) -> tuple[Task, ...]:
    """The tasks that the file `path` describes; `folder` is for the reports.

    Secrets are read here, so that a missing one is known before anything is sent; files are looked for beside
    `path`. Raises UsageProblem, which names the table and the key.
    """
    known = _options(context.command)
    entries = configuration.read(path, set(known) - NOT_IN_A_FILE)
    overrides = _overrides(context)
    folders = _folders(folder.absolute(), entries)
    with contextlib.chdir(path.absolute().parent):
        return tuple(
            _task(path, one, place, known, overrides, context.command, plan_of)
            for one, place in zip(entries, folders, strict=True)
        )


def _options(command: click.Command) -> dict[str, click.Option]:
    found = (one for one in command.params if isinstance(one, click.Option))
    return {max(one.opts, key=len).removeprefix("--"): one for one in found}


def _overrides(context: click.Context) -> dict[str, Any]:
    """What the command line says for every deployment; raises UsageProblem for what belongs into the file."""
    inputs = {name.replace("_", "-") for name in options.parameters()}
    found: dict[str, Any] = {}
    for name, one in _options(context.command).items():
        given = context.get_parameter_source(str(one.name)) is ParameterSource.COMMANDLINE
        if not given or name in NOT_IN_A_FILE - {"plan"}:
            continue
        if name == "plan":
            raise UsageProblem("--plan is for one deployment: it cannot go with --all")
        if name in inputs | NOT_FOR_ALL:
            raise UsageProblem(f"--{name} cannot go with --all", hint="put it into the configuration")
        value = context.params[str(one.name)]
        found[name] = list(value) if isinstance(value, tuple) else value
    return found


def _folders(root: Path, entries: Iterable[Entry]) -> list[Path]:
    """A folder for each deployment, named after it; none of them twice."""
    taken: dict[str, None] = {}
    for entry in entries:
        stem = re.sub(r"[^a-z0-9]+", "-", entry.name.lower()).strip("-")[:_LONGEST] or "deployment"
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken[name] = None
    return [root / name for name in taken]


def _task(
    path: Path,
    entry: Entry,
    folder: Path,
    known: Mapping[str, click.Option],
    overrides: Mapping[str, Any],
    command: click.Command,
    plan_of: PlanOf,
) -> Task:
    where = configuration.place(path, entry.name)
    merged = {**entry.options, **overrides}
    contract = find(entry.contract)
    with _naming(where, "base_url", merged):
        parse(entry.base_url, contract)
    with _naming(where, "", merged):
        given = _parameters(where, entry, merged, known, command)
        if "nonce" not in entry.options or "nonce" in entry.shared | set(overrides):
            given["nonce"] = _own_nonce(given["nonce"], entry.name)
        plan = plan_of(entry.contract, entry.base_url, given)
        _check_inputs(contract, plan)
    with _naming(where, "only", merged):
        scope_of(contract, plan.settings, plan.narrowing)
    contexts = {url: file.absolute() for url, file in plan.settings.jsonld_contexts.items()}
    plan = replace(plan, settings=replace(plan.settings, jsonld_contexts=contexts))
    return Task(entry.name, entry.contract, plan, folder, given["task_timeout"])


def _check_inputs(contract: Contract, plan: Plan) -> None:
    """Let the contract's driver look at its inputs: some are right on their own and wrong together."""
    client = Client(plan.target.base_url, limits=plan.limits, route=plan.route)
    try:
        contract.module("driver").Driver(
            client, plan.settings, redactor_for(contract, plan.settings, plan.target, plan.route)
        )
    finally:
        client.close()


def _own_nonce(shared: str | None, name: str) -> str | None:
    """A nonce for one deployment out of one that all were given: fresh ids must differ between them."""
    if shared is None:
        return None
    return hashlib.sha256(f"{shared}\n{name}".encode()).hexdigest()[:16]


def _parameters(
    where: str,
    entry: Entry,
    merged: Mapping[str, Any],
    known: Mapping[str, click.Option],
    command: click.Command,
) -> dict[str, Any]:
    """The parameters that the command line would make of the same options."""
    words = [word for key, value in merged.items() for word in _words(where, key, value, known[key])]
    read = command.make_context(
        "run", [*words, "--", entry.contract, entry.base_url], help_option_names=["-h", "--help"]
    )
    return {name: value for name, value in read.params.items() if name not in ("contract", "base_url")}


def _words(where: str, key: str, value: Any, option: click.Option) -> list[str]:
    """An option with its value as one would type it."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise _wrong_kind(where, key, "true or false", value)
        return [f"--{key}"] if value else []
    values = value if isinstance(value, list) and option.multiple else [value]
    return [f"--{key}={_text(where, key, one, option)}" for one in values]


def _text(where: str, key: str, value: Any, option: click.Option) -> str:
    numeric = isinstance(option.type, (click.types.IntParamType, click.types.FloatParamType))
    if isinstance(value, bool) or not isinstance(value, (int, float) if numeric else (str, int, float)):
        wanted = "a number" if numeric else "text"
        raise _wrong_kind(where, key, f"{wanted} or a list" if option.multiple else wanted, value)
    return str(value)


def _wrong_kind(where: str, key: str, wanted: str, value: object) -> UsageProblem:
    return UsageProblem(f"{where}: the key {key} takes {wanted}, not {configuration.kind(value)}")


@contextlib.contextmanager
def _naming(where: str, key: str, given: Mapping[str, Any]) -> Any:
    """Give every problem with an option the table's name and the key's; `key` if the message names none."""
    try:
        yield
    except click.ClickException as problem:
        named = getattr(problem, "param", None)
        found = max(named.opts, key=len).removeprefix("--") if named else key
        raise _named(where, found, _discreet(problem.message, given), "") from None
    except UsageProblem as problem:
        if problem.message.startswith(where):
            raise
        found = next((one for one in re.findall(r"--([a-z-]+)", problem.message) if one in given), key)
        raise _named(
            where, found, *(_discreet(one, given) for one in (problem.message, problem.hint))
        ) from None


def _discreet(text: str, given: Mapping[str, Any]) -> str:
    """A message without the values in it that may be secrets in the wrong place: long ones, or with digits."""
    values = (one for value in given.values() for one in (value if isinstance(value, list) else [value]))
    for value in sorted({one for one in values if isinstance(one, str)}, key=len, reverse=True):
        digits = any(character.isdigit() for character in value)
        if len(value) >= (_SECRET if digits else _SECRET_WORD):
            text = text.replace(repr(value)[1:-1], HIDDEN).replace(value, HIDDEN)
    return text


def _named(where: str, key: str, message: str, hint: str) -> UsageProblem:
    said = re.sub(r"--(?=[a-z])", "", message).removeprefix(f"{key}: ").rstrip(".")
    prefix = f"{where}: the key {key}: " if key else f"{where}: "
    return UsageProblem(prefix + said, hint=re.sub(r"--(?=[a-z])", "", hint))
