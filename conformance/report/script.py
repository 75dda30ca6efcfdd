"""A finding's reproduction as a shell script: every request that matters, in order, on fresh ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.evidence import received
from conformance.outcome import Diagnosis, Run
from conformance.report import curl
from conformance.report.states import numbered
from conformance.report.text import timestamp
from conformance.reproduction.fresh import Fresh, fresh, ids_of, renamed
from conformance.reproduction.history import Step, steps
from conformance.wire.exchange import Exchange

BASE = "${BASE_URL}"


def scripts(run: Run) -> dict[str, str]:
    """The script of every cause that has a history, by a name that can be one of a file."""
    found: dict[str, str] = {}
    seen = set()
    for one in run.diagnosis:
        history = history_of(run, one)
        if history and (one.requirements, one.reproduction) not in seen:
            seen.add((one.requirements, one.reproduction))
            found[name_of(one, found)] = render(run, one, history)
    return found


def name_of(one: Diagnosis, taken: Sequence[str] | dict[str, str] = ()) -> str:
    """A cause's id as a name, with a number where another one has it."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", one.cause).strip("-.")[:60] or "cause"
    number = 1 + sum(name == plain or name.rpartition("-")[0] == plain for name in taken)
    return plain if number == 1 else f"{plain}-{number}"


def history_of(run: Run, one: Diagnosis) -> list[Exchange]:
    """The exchanges of a cause's shortest history."""
    known = numbered(run.exchanges)
    return [known[number] for number in one.reproduction if number in known]


def render(run: Run, one: Diagnosis, history: Sequence[Exchange]) -> str:
    """The script: what it shows, what it needs, then each request with what came back."""
    body = list(commands(run, history, BASE))
    text = "\n".join(body)
    head = [
        "#!/bin/sh",
        f"# {', '.join(one.requirements)}: {_line(one.sentence)}",
        f"# from a run of status-conformance on {timestamp(run.ended)} against {_line(run.base_url)}",
        f"# {standing(one, len(history))}",
        f"BASE_URL=${{BASE_URL:-{run.base_url}}}" if _plain(run.base_url) else ": ${BASE_URL:?}",
        *(f': "${{{name}:?set it to the secret}}"' for name in _variables(run.expressions, text)),
    ]
    return "\n".join([*head, *body, *_expected(run, one)]) + "\n"


def commands(run: Run, history: Sequence[Exchange], base: str) -> Iterator[str]:
    """The lines that make fresh ids and send each request below `base`, with what came back."""
    named = [text for setting in run.settings for text in _texts(setting.value)]
    names = fresh(ids_of(history, named))
    yield from (f'{one.variable}="{one.expression}"' for one in names)
    beside = False
    for number, step in enumerate(steps(history), 1):
        if step.wait:
            yield f"sleep {step.wait:g}"
        yield f"# {number}. came: {_line(received(step.exchange))}"
        yield f"{_command(run, step, names, base)}{' &' if step.beside else ''}"
        if beside and not step.beside:
            yield "wait"
        beside = step.beside


def _texts(value: object) -> list[str]:
    return (
        [value] if isinstance(value, str) else [str(one) for one in value] if isinstance(value, list) else []
    )


def _plain(url: str) -> bool:
    return re.fullmatch(r"https?://[A-Za-z0-9.:\[\]/_~-]+", url) is not None


def standing(one: Diagnosis, length: int) -> str:
    requests = f"{length} request{'s' if length != 1 else ''}"
    if one.reproduced:
        return f"{requests}; sent once more on fresh ids, this showed it again"
    if one.reproduced is None:
        return f"{requests}; not sent again by the run"
    return f"{requests}; sent once more, this did not show it: it was seen in {len(one.exchanges)} exchanges of the run"


def _variables(expressions: Sequence[str], text: str) -> list[str]:
    """The shell variables that stand for secrets in `text`."""
    used = [one for one in expressions if one in text]
    return list(dict.fromkeys(name for one in used for name in re.findall(r"\$\{?([A-Z_][A-Z0-9_]*)", one)))


def _command(run: Run, step: Step, names: Sequence[Fresh], base: str) -> str:
    new = {one.value: f"${{{one.variable}}}" for one in names}
    done = renamed(step.exchange, new, run.base_url, base)
    command = curl.command(done.request, (*run.expressions, BASE, *new.values()))
    return command.replace("curl -i", "curl -sS -i", 1)


def _expected(run: Run, one: Diagnosis) -> Iterator[str]:
    for result in run.results:
        for finding in result.findings:
            mine = result.requirement.id in one.requirements and finding.cause in ("", one.cause)
            if mine and finding.expected:
                yield ""
                yield f"# {result.requirement.id} expects: {_line(finding.expected)}"
                return


def _line(text: str) -> str:
    """`text` on one line of printable characters, as a comment may hold it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:300]
