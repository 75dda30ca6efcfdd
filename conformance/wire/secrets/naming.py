"""What reports call a secret, told from the shell expression that stands for it."""

from __future__ import annotations

import re

VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
CALLED = {
    "USERINFO": "the password of the base URL",
    "PASSWORD": "the password of the base URL",
    "PROXY_USERINFO": "the proxy's password",
    "PROXY_PASSWORD": "the proxy's password",
    "PROXY": "the proxy's password",
    "CLIENT_KEY_PASSWORD": "the password of the client key",
}
KEY_KIND, LONG_KEY = 48, 800


def expands(expression: str) -> bool:
    """Whether a shell makes something else of it."""
    return "$" in expression


def variable_of(expression: str) -> str:
    """The shell variable that an expression is made of."""
    found = VARIABLE.search(expression)
    return found[1] if found else ""


def named(variable: str) -> str:
    """What reports call the secret in a shell variable."""
    if variable.startswith("HEADER_"):
        return f"the header {variable.removeprefix('HEADER_').replace('_', '-')}"
    words = variable.lower().replace("_", " ").replace("api", "API")
    return CALLED.get(variable) or (f"the {words}" if words else "a secret")


def telling(secret: str, variable: str) -> str:
    """What of a secret tells something: a private key begins with its kind and, when it is long, with its public part."""
    if variable != "CLIENT_KEY":
        return secret
    body = "".join(line for line in secret.split() if not line.startswith("-"))
    return body[len(body) // 3 :] if len(body) > LONG_KEY else body[KEY_KIND:] or body
