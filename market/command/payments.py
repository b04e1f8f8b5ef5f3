import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from pathlib import Path

from contracts.kernel.errors import Malformed
from contracts.kernel.work import SYSTEM
from contracts.payment.iso20022 import LARGEST_FILE
from contracts.reconciliation.importing import import_statements
from contracts.reconciliation.service import reconcile
from market.command.database import opened
from market.command.outcome import Outcome
from market.settings import Settings
from market.user.queries import actor_of_user, user_of_login


def configure(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="import|reconcile")
    importing = actions.add_parser("import", help="take in a bank's statement, ISO 20022 camt.053.001.08")
    importing.add_argument("file", type=Path, help="the file, or - for standard input")
    importing.add_argument("--as", dest="login", required=True, help="the finance officer who does it")
    comparing = actions.add_parser("reconcile", help="compare the bank's books with the payments now")
    for action in (importing, comparing):
        action.add_argument("--json", action="store_true", default=SUPPRESS, help="print one JSON object on stdout")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    if arguments.action == "import":
        return _import(settings, arguments.file, arguments.login)
    with opened(settings) as database:
        moved = database.write(SYSTEM, reconcile)
    return Outcome([f"cases moved: {moved}"], {"moved": moved})


def _import(settings: Settings, file: Path, login: str) -> Outcome:
    body = _read(file)
    with opened(settings) as database:
        actor = database.read(SYSTEM, lambda work: actor_of_user(work, user_of_login(work, login).id))
        imported = database.write(actor, lambda work: import_statements(work, body))
    lines = [f"statement {one.number}: {one.added} lines added" for one in imported]
    told = [{"number": one.number, "added": one.added, "new": one.new} for one in imported]
    return Outcome(lines, {"statements": told})


def _read(file: Path) -> bytes:
    """One byte more than is allowed, so that a larger file is refused without being held."""
    if str(file) == "-":
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    if not file.is_file():
        raise Malformed(f"{file} is not a file")
    with file.open("rb") as opened_file:
        return opened_file.read(LARGEST_FILE + 1)
