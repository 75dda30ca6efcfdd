"""The door for plain pytest: `pytest --pyargs conformance.contracts.tydids --deployment URL …`.

It loads into every pytest run on a machine, so without `--deployment` it does nothing and imports nothing.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one option that wakes the plugin."""
    group = parser.getgroup("status-conformance")
    group.addoption("--deployment", metavar="URL", help="the base URL of the deployment to be judged")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Bring in the rest when a deployment is named."""
    url = early_config.known_args_namespace.deployment
    if url:
        from conformance.embedding import Embedding

        embedding = Embedding(url, args)
        embedding.add_options(parser)
        early_config.pluginmanager.register(embedding, "status-conformance-embedding")
