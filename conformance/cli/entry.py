"""The command `status-conformance`: its subcommands, loaded when they are called, and its exit codes."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from importlib import import_module

import click

from conformance import __version__
from conformance.errors import ConformanceError, SuiteProblem, Unreachable, UsageProblem

COMMANDS = {
    "run": ("conformance.cli.run", "Run a contract's checks against a deployment."),
    "doctor": ("conformance.cli.doctor", "Look at what is in the way of a run."),
    "demo": ("conformance.cli.serve", "Run all contracts against the reference deployment."),
    "serve": ("conformance.cli.serve", "Serve the reference deployment."),
    "faults": ("conformance.cli.serve", "List the named faults and oddities of the reference deployment."),
    "check-har": ("conformance.cli.offline", "Judge recorded traffic."),
    "check-vector": ("conformance.cli.offline", "Judge wire vectors."),
    "requirements": ("conformance.cli.catalogue", "List the requirements."),
    "explain": ("conformance.cli.catalogue", "Explain one requirement."),
}
EPILOG = """\b
Exit codes: 0 conformant, 1 non-conformant, 2 usage error, 3 incomplete,
4 unreachable, 5 error in the suite itself."""


class Commands(click.Group):
    """Subcommands that are imported when they are called, so that --help stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="status-conformance")
def commands() -> None:
    """Judge a deployment of the Open Attestation status, DCP credential request or TyDIDs grant status API.

    Run `status-conformance run CONTRACT BASE_URL`, or see it work first with `status-conformance demo`.
    """


def main() -> None:
    """Run the command line; every error ends in one sentence and an exit code, never in a traceback."""
    _never_refuse_to_print()
    # Python would look for garbage several times before it ends, a tenth of a quick run, and the system takes back all of it.
    atexit.register(gc.freeze)
    try:
        code = commands.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = _say("interrupted", "", 3)
    except click.ClickException as problem:
        problem.show()
        code = 2
    except ConformanceError as problem:
        code = _say(problem.message, problem.hint, _exit_code(problem))
    except (BrokenPipeError, SystemExit):
        # Nobody reads on: click ends with 1 then, which would say that a deployment is non-conformant.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 3
    except Exception as problem:
        if os.environ.get("STATUS_CONFORMANCE_DEBUG"):
            raise
        hint = "please report this; STATUS_CONFORMANCE_DEBUG=1 shows where it happened"
        code = _say(f"the suite itself failed: {type(problem).__name__}", hint, 5)
    sys.exit(code if isinstance(code, int) else 0)


def _never_refuse_to_print() -> None:
    """Characters that an output's encoding lacks become question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _exit_code(problem: ConformanceError) -> int:
    codes = ((UsageProblem, 2), (Unreachable, 4), (SuiteProblem, 5))
    return next((code for kind, code in codes if isinstance(problem, kind)), 5)


def _say(message: str, hint: str, code: int) -> int:
    click.echo(f"status-conformance: {message}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
    return code
