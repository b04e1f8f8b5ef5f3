import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from pathlib import Path

from contracts.kernel.errors import Malformed
from contracts.kernel.money import decimal_string
from contracts.kernel.work import SYSTEM, Work
from contracts.payment.iso20022 import LARGEST_FILE
from contracts.payment.paying_accounts import PayingAccountUnknown, account_with
from contracts.reconciliation.bank_orders import file_of, make_order
from contracts.reconciliation.importing import import_statements
from contracts.reconciliation.queries import bank_order_with
from contracts.reconciliation.service import reconcile
from market.command.database import opened
from market.command.outcome import Outcome
from market.settings import Settings
from market.user.queries import actor_of_user, user_of_login


def configure(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="import|export|reconcile")
    importing = actions.add_parser("import", help="take in a bank's statement, ISO 20022 camt.053.001.08")
    importing.add_argument("file", type=Path, help="the file, or - for standard input")
    importing.add_argument("--as", dest="login", required=True, help="the finance officer who does it")
    exporting = actions.add_parser("export", help="an order to the bank to pay, ISO 20022 pain.001.001.09")
    exporting.add_argument("-o", "--output", type=Path, required=True, help="the file; written whole or not at all")
    exporting.add_argument("--as", dest="login", required=True, help="the finance officer who does it")
    which = exporting.add_mutually_exclusive_group(required=True)
    which.add_argument("--account", help="IBAN: make an order of everything that waits to be paid from it")
    which.add_argument("--order", help="the number of an order that was made before: the same file again")
    comparing = actions.add_parser("reconcile", help="compare the bank's books with the payments now")
    for action in (importing, exporting, comparing):
        action.add_argument("--json", action="store_true", default=SUPPRESS, help="print one JSON object on stdout")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    if arguments.action == "import":
        return _import(settings, arguments.file, arguments.login)
    if arguments.action == "export":
        return _export(settings, arguments)
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


def _export(settings: Settings, arguments: Namespace) -> Outcome:
    """The order is committed first, so the file can be made again by its number, however this ends."""
    with opened(settings) as database:
        actor = database.read(SYSTEM, lambda work: actor_of_user(work, user_of_login(work, arguments.login).id))
        number = arguments.order or database.write(actor, lambda work: _make(work, arguments.account))
        order, body = database.read(actor, lambda work: file_of(work, number))
    write_whole(arguments.output, body)
    line = f"order {order.number}: {order.payments} payments, {decimal_string(order.total_minor)} KZT"
    return Outcome([line], {"order": order.number, "payments": order.payments})


def _make(work: Work, iban: str) -> str:
    account = account_with(work, iban)
    if account is None:
        raise PayingAccountUnknown
    return bank_order_with(work, make_order(work, account.id)).number


def write_whole(output: Path, body: bytes) -> None:
    """Whole or not at all: a bank never finds half a file."""
    partial = output.with_name(f"{output.name}.part")
    with partial.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(output)


def _read(file: Path) -> bytes:
    """One byte more than is allowed, so that a larger file is refused without being held."""
    if str(file) == "-":
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    if not file.is_file():
        raise Malformed(f"{file} is not a file")
    with file.open("rb") as opened_file:
        return opened_file.read(LARGEST_FILE + 1)
