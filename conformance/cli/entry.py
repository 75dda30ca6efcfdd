"""The command `status-conformance`: its subcommands, loaded when they are called, and its exit codes."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module
from pathlib import Path

import click

from conformance import __version__
from conformance.cli.streams import reliable
from conformance.errors import ConformanceError, SuiteProblem, Unreachable, UsageProblem

COMMANDS = {
    "run": ("conformance.cli.run", "Run a contract's checks against a deployment."),
    "doctor": ("conformance.cli.doctor", "Look at what is in the way of a run."),
    "demo": ("conformance.cli.serve", "Run all contracts against the reference deployment."),
    "serve": ("conformance.cli.serve", "Serve the reference deployment."),
    "faults": ("conformance.cli.serve", "List the named faults and oddities of the reference deployment."),
    "check-har": ("conformance.cli.offline", "Judge recorded traffic."),
    "check-vector": ("conformance.cli.offline", "Judge wire vectors."),
    "rejudge": ("conformance.cli.rejudge", "Judge the exchanges of a results.json again."),
    "reproduce": ("conformance.cli.reproduce", "Send the history of a cause in a results.json again."),
    "diff": ("conformance.cli.diff", "Compare two runs."),
    "keygen": ("conformance.cli.keygen", "Make a key that signs certificates."),
    "certify": ("conformance.cli.certify", "Put a run into a signed bundle."),
    "verify": (
        "conformance.cli.verify",
        "Verify a bundle: its signature, its integrity, and every outcome again.",
    ),
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
    try:
        Path.cwd()
    except OSError:
        raise UsageProblem("the working folder is gone", hint="change to one that exists") from None


def main() -> None:
    """Run the command line; every error ends in one sentence and an exit code, never in a traceback."""
    # Python would look for garbage several times before it ends, a tenth of a quick run, and the system takes back all of it.
    atexit.register(gc.freeze)
    with reliable() as streams:
        try:
            code = _ended()
            lost = streams.lost()
            if lost:
                code = _say(f"not everything could be printed: {lost}", "", code or 3)
        except KeyboardInterrupt:
            code = 3
    sys.exit(code)


def _ended() -> int:
    """The exit code of the command, once it has ended and every error has been told."""
    try:
        code = commands.main(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return _say("interrupted", "", 3)
    except click.ClickException as problem:
        problem.show()
        return 2
    except ConformanceError as problem:
        return _say(problem.message, problem.hint, _exit_code(problem))
    except SystemExit:
        return 3
    except Exception as problem:
        if os.environ.get("STATUS_CONFORMANCE_DEBUG"):
            raise
        return _failed(problem)


def _failed(problem: Exception) -> int:
    """Tell of a defect of the suite, and leave a report that can be sent."""
    from conformance.report import failure

    path = failure.write(failure.of_exception(problem), sys.argv[1:], _output_folder(sys.argv))
    hint = (
        f"please send {path}"
        if path
        else "please report this; STATUS_CONFORMANCE_DEBUG=1 shows where it happened"
    )
    return _say(f"the suite itself failed: {type(problem).__name__}", hint, 5)


def _output_folder(words: list[str]) -> Path | None:
    """What was given with --output."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--output" and following:
            return Path(following)
        if word.startswith("--output="):
            return Path(word.partition("=")[2])
    return None


def _exit_code(problem: ConformanceError) -> int:
    codes = ((UsageProblem, 2), (Unreachable, 4), (SuiteProblem, 5))
    return next((code for kind, code in codes if isinstance(problem, kind)), 5)


def _say(message: str, hint: str, code: int) -> int:
    click.echo(f"status-conformance: {message}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
    return code
