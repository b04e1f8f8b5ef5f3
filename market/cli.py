"""``python -m market <command>``: maps a command to a module and loads it by name, so that help is instant and the
web server never loads the solver (the one late import of the house)."""

import argparse
import gc
import importlib
import json
import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

from contracts.kernel.errors import DomainError
from market.parent import OPTION, end_with_parent
from market.settings import Settings

if TYPE_CHECKING:
    from market.command.outcome import Outcome

COMMANDS = {
    "run": ("up", "everything at once: migrate, seed the demo once, serve, work, sandbox payment server"),
    "serve": ("serve", "the web server"),
    "work": ("work", "background steps: payments, deadlines, rounds"),
    "peer": ("peer", "the sandbox payment server"),
    "migrate": ("migrate", "the database schema to its newest version"),
    "seed": ("seed", "fill an empty database with the demo region or the whole country"),
    "round": ("round", "one matching round, database to database"),
    "what-if": ("what_if", "what a change of places, price or policy would do to a round, on a copy"),
    "rehouse": ("rehouse", "where those served under an offer that has closed could go; decides nothing"),
    "match": ("match", "the matcher alone, file to file"),
    "payments": ("payments", "take in bank statements, compare them with the payments"),
    "check": ("check", "the money, capacity and deadline invariants over the whole database"),
    "audit": ("audit", "verify the chains, prove an event, export the trail"),
    "demo": ("demo", "the whole story on a scratch database, through the HTTP API"),
}
USAGE_ERROR = 2
CHECK_FAILED = 1


class Command(Protocol):
    def configure(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace, settings: Settings) -> "Outcome": ...


class OneSentence(argparse.ArgumentParser):
    """Wrong usage is one sentence and exit code 2."""

    def error(self, message: str) -> None:  # type: ignore[override]  # argparse says NoReturn; exit() raises
        self.exit(USAGE_ERROR, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    overview = "\n".join(f"  {name:<9}{text}" for name, (_, text) in COMMANDS.items())
    top = OneSentence(
        prog="market", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Tapsyrys: procurement and vouchers for social services.",
        epilog=f"commands:\n{overview}\n\n'market COMMAND --help' tells more; every command takes --json.",
    )  # fmt: skip
    top.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    name = top.parse_args(words[:1]).command
    module, text = COMMANDS[name]
    command = _load(module)
    parser = OneSentence(prog=f"market {name}", description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else there")
    parser.add_argument(OPTION, type=int, help=argparse.SUPPRESS)
    command.configure(parser)
    return _carry_out(command, parser.parse_args(words[1:]))


def _load(module: str) -> Command:
    """What is loaded stays. To look through it for garbage again and again while it is loaded takes a quarter of the
    time of a command's start."""
    gc.disable()
    try:
        return cast("Command", importlib.import_module(f"market.command.{module}"))
    finally:
        gc.freeze()
        gc.enable()


def _carry_out(command: Command, arguments: argparse.Namespace) -> int:
    if arguments.parent is not None:
        end_with_parent(arguments.parent)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    try:
        outcome = command.run(arguments, Settings.from_environment())
    except DomainError as error:
        if arguments.json:
            print(json.dumps({"ok": False, "problems": [{"code": error.code, "detail": error.detail}]}))
        sys.stderr.write(f"{error.detail}\n")
        return USAGE_ERROR
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'system'}: {error.strerror or error}\n")
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    if arguments.json:
        print(json.dumps(outcome.to_json(), ensure_ascii=False))
    else:
        print(*outcome.lines, sep="\n", end="\n" if outcome.lines else "")
    if outcome.ok:
        return 0
    sys.stderr.writelines(f"{problem['detail']}\n" for problem in outcome.problems)
    return CHECK_FAILED


if __name__ == "__main__":
    sys.exit(main())
