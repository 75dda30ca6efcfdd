"""report.html: one self-contained page for people, by requirement and by check."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.catalogue import Level
from conformance.outcome import Outcome, Result, Run, worst
from conformance.proven import proofs
from conformance.report import curl, script, states
from conformance.report.text import clip, count, duration, of_body, timestamp, visible
from conformance.wire.exchange import Exchange

if TYPE_CHECKING:
    from jinja2 import Template

_BODY = 4000
_INLINE = 3
_LINKS = 24


@dataclass(frozen=True, slots=True)
class Check:
    """A check as its exchanges show it; `outcome` is the worst that they led to."""

    name: str
    anchor: str
    outcome: Outcome | None
    requirements: tuple[str, ...]
    exchanges: tuple[int, ...]


def render(run: Run) -> bytes:
    """The file report.html."""
    page = template().render(**_view(run))
    return page.encode("utf-8", "backslashreplace")


@lru_cache(maxsize=1)
def template() -> Template:
    """The page without a run; made once, which takes longer than filling it."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    environment.filters |= {
        "anchor": anchor,
        "body": _body,
        "clip": clip,
        "count": count,
        "moment": timestamp,
    }
    environment.filters |= {
        "quoted": states.quoted,
        "undecoded": states.undecoded,
        "value": states.value,
        "duration": duration,
        "long": _is_long,
        "pressing": states.pressing,
    }
    return environment.from_string(_resource("html_template.html"))


def _shown(value: Any) -> Any:
    """What the template prints, without characters that steer; escaping comes after this."""
    return visible(str(value)) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _resource(name: str) -> str:
    return files("conformance.report").joinpath(name).read_text(encoding="utf-8")


def _view(run: Run) -> dict[str, Any]:
    from markupsafe import Markup

    style = _resource("html_style.css")
    exchanges = states.numbered(run.exchanges)
    checks = _checks(run)
    return {
        "run": run,
        "version": __version__,
        "style": Markup(style),
        "style_hash": _hash(style),
        "rest": run.headline.removeprefix(run.verdict),
        "unusual": states.unusual(run),
        "given": states.given(run),
        "verdict_sign": states.VERDICT_SIGNS[run.verdict],
        "groups": states.grouped(run),
        "order": states.ORDER,
        "signs": states.SIGNS,
        "meanings": states.MEANINGS,
        "open_outcomes": states.OPEN,
        "commands": {one.number: curl.command(one.request, run.expressions) for one in run.exchanges},
        "exchanges": exchanges,
        "checks": checks,
        "checks_of": _checks_of(run, checks),
        "again": _again(run),
        "proofs": proofs(),
        "inline": _INLINE,
        "links": _LINKS,
    }


@dataclass(frozen=True, slots=True)
class Again:
    """How a finding is seen again: `standing` says whether it was, `script` are the commands."""

    standing: str
    numbers: tuple[int, ...]
    script: str


def _again(run: Run) -> dict[str, Again]:
    """The reproduction of each result that has one, by the requirement's id."""
    found = {}
    for result in run.results:
        cause = states.reproduction_of(run, result)
        history = script.history_of(run, cause) if cause else []
        if cause and history:
            text = "\n".join(script.commands(run, history, run.base_url))
            said = script.standing(cause, len(history))
            found[result.requirement.id] = Again(said, cause.reproduction, text)
    return found


def _hash(style: str) -> str:
    """The CSP source that allows exactly this style element."""
    digest = hashlib.sha256(style.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def anchor(name: str) -> str:
    """`name` as the id of an element."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-") or "unnamed"


def _is_long(body: bytes) -> bool:
    return len(of_body(body)) > _BODY


def _body(body: bytes) -> str:
    """The beginning of a body as text."""
    return of_body(body)[:_BODY]


def _checks(run: Run) -> tuple[Check, ...]:
    found: dict[str, list[Exchange]] = {}
    for exchange in run.exchanges:
        found.setdefault(exchange.check, []).append(exchange)
    taken: set[str] = set()
    return tuple(_check(run, name, exchanges, taken) for name, exchanges in found.items())


def _check(run: Run, name: str, exchanges: list[Exchange], taken: set[str]) -> Check:
    numbers = {exchange.number for exchange in exchanges}
    requirements = tuple(dict.fromkeys(one for exchange in exchanges for one in exchange.requirements))
    outcomes = [
        finding.outcome
        for result in run.results
        if result.requirement.id in requirements
        for finding in result.findings
        if numbers.intersection(finding.exchanges)
    ]
    outcome = worst(Level.MUST, outcomes) if outcomes else None
    return Check(
        name or "(no check)",
        _free(f"check-{anchor(name)}", taken),
        outcome,
        requirements,
        tuple(sorted(numbers)),
    )


def _free(name: str, taken: set[str]) -> str:
    """`name`, or with a number behind it when it is taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    taken.add(candidate)
    return candidate


def _checks_of(run: Run, checks: Iterable[Check]) -> dict[str, tuple[Check, ...]]:
    """The checks that assess each requirement."""
    return {result.requirement.id: _serving(result, checks) for result in run.results}


def _serving(result: Result, checks: Iterable[Check]) -> tuple[Check, ...]:
    return tuple(check for check in checks if result.requirement.id in check.requirements)
