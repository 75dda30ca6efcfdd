"""Wrong keys: what resembles the right one, as a careless comparison would take it."""

from __future__ import annotations

import hashlib

from conformance.wire.redaction import Redactor

OTHER = {"a": "b"}
TELLING = ("random", "empty", "last character changed", "cut short")
"""What careless comparisons are likeliest to take."""


def keys_like(key: str | None, nonce: str, redactor: Redactor) -> dict[str, str]:
    """The key as "key" and the wrong ones by name, each known to the redactor by the shell expression that makes it.

    What HTTP would change on its way (blanks at an end), and what is the right key after all, is left out.
    """
    if not key:
        return {}
    made = {"key": (key, "$API_KEY"), **_wrong(key, nonce)}
    for value, expression in made.values():
        redactor.add(value, expression or value)
    usable = {name: value for name, (value, _) in made.items() if value.strip() == value}
    return {name: value for name, value in usable.items() if name == "key" or value != key}


def _wrong(key: str, nonce: str) -> dict[str, tuple[str, str]]:
    noise = hashlib.sha256(f"{nonce}:random key".encode()).hexdigest()
    first, last, half = OTHER.get(key[0], "a"), OTHER.get(key[-1], "a"), len(key) // 2
    middle = OTHER.get(key[half], "a")
    return {
        "random": ((noise * (len(key) // 64 + 1))[: max(len(key), 16)], ""),
        "empty": ("", ""),
        "last character changed": (key[:-1] + last, "${API_KEY%?}" + last),
        "first character changed": (first + key[1:], first + "${API_KEY#?}"),
        "middle character changed": (
            key[:half] + middle + key[half + 1 :],
            f'$(printf %s "$API_KEY" | cut -c1-{half}){middle}$(printf %s "$API_KEY" | cut -c{half + 2}-)',
        ),
        "cut short": (key[:-1], "${API_KEY%?}"),
        "extended": (key + "0", "${API_KEY}0"),
        "preceded": ("0" + key, "0${API_KEY}"),
        "backwards": (key[::-1], '$(printf %s "$API_KEY" | rev)'),
        "other case": (key.swapcase(), "$(printf %s \"$API_KEY\" | tr 'A-Za-z' 'a-zA-Z')"),
    }
