"""What the operator gave for a contract, checked, with secrets fetched from where they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from conformance.catalogue import Level
from conformance.contract import Contract, Input, Settings
from conformance.errors import UsageProblem
from conformance.wire.redaction import resolve


def read(contract: Contract, given: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The contract's inputs out of texts by name; raises UsageProblem for what cannot be one."""
    own = {one.name: one for one in contract.inputs}
    inputs = {}
    for name, values in given.items():
        if not values:
            continue
        if name not in own:
            offers = ", ".join(f"--{one.name}" for one in contract.inputs)
            raise UsageProblem(
                f"--{name} is not an option of {contract.name}", hint=f"{contract.name} takes {offers}"
            )
        if not own[name].repeatable and len(values) > 1:
            raise UsageProblem(f"--{name} can be given once")
        inputs[name] = tuple(_value(own[name], value) for value in values)
    return inputs


def missing(
    contract: Contract, settings: Settings, outside: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """The inputs that were not given, each with the MUSTs that cannot be assessed for want of it.

    `outside` are the requirements that are not in scope.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in contract.catalogue.requirements:
        if one.level is Level.MUST and not one.not_assessed and one.id not in outside:
            for name in one.needs:
                if not settings.many(name):
                    found[name] = (*found.get(name, ()), one.id)
    return found


def _value(one: Input, text: str) -> str:
    if one.secret:
        return resolve(text, f"--{one.name}")
    if not text.strip():
        raise UsageProblem(f"--{one.name} is empty")
    if not _is_unicode(text):
        raise UsageProblem(f"--{one.name} takes text, not bytes that are no UTF-8")
    if one.number and not (text.isascii() and text.isdigit()):
        raise UsageProblem(f"--{one.name} takes a whole number, not {text!r}")
    if one.choices and text not in one.choices:
        raise UsageProblem(f"--{one.name} takes one of {', '.join(one.choices)}, not {text!r}")
    if one.prefix_choices:
        _check_prefix(one, text)
    return text


def _is_unicode(text: str) -> bool:
    """Whether the shell gave text; bytes that are none arrive as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_prefix(one: Input, text: str) -> None:
    """Refuse a word before `=` that looks like a state but is none; ids may hold `=` themselves."""
    word, equals, rest = text.partition("=")
    if not equals:
        return
    if word.lower() in one.prefix_choices:
        if not rest.strip():
            raise UsageProblem(f"--{one.name} {text}: the id is missing")
    elif word.isalpha():
        hint = f"the states are {', '.join(one.prefix_choices)}; an id alone is fine too"
        raise UsageProblem(f"--{one.name} {text}: there is no state called {word}", hint=hint)
