"""The door for plain pytest: `pytest --pyargs conformance.contracts.tydids --deployment URL …`.

It loads into every pytest run on a machine, so without `--deployment` it does nothing, imports nothing and claims no
option: another plugin, or somebody's conftest.py, may have an option of that name.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

OPTION = "--deployment"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, None, None]:
    """Bring in the rest when a deployment is named."""
    if not any(argument == OPTION or argument.startswith(f"{OPTION}=") for argument in args):
        return (yield)
    from conformance.embedding import Embedding, contract_in

    contract = contract_in(args, early_config.invocation_params.dir)
    if contract:
        embedding = Embedding(contract)
        embedding.add_options(parser)
        early_config.pluginmanager.register(embedding, "status-conformance-embedding")
        return (yield)
    yield
    if _is_free(parser):
        raise pytest.UsageError(
            f"{OPTION} needs a contract: pytest --pyargs conformance.contracts.NAME {OPTION} URL"
        )


def _is_free(parser: pytest.Parser) -> bool:
    """Whether nobody else has an option of the name; claims it otherwise."""
    try:
        parser.getgroup("status-conformance").addoption(OPTION)
    except ValueError:
        return False
    return True
