"""Taking a bank's statement in: all of a file or nothing, and the same file again adds nothing."""

from dataclasses import dataclass
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Malformed
from contracts.kernel.ids import new_id, parse_iban
from contracts.kernel.work import Role, Work
from contracts.reconciliation import queries
from contracts.reconciliation.models import BankLineRow, BankStatementRow, PayingAccountRow
from contracts.reconciliation.queries import BankLine, PayingAccount
from contracts.reconciliation.rules import PayingAccountExists, PayingAccountUnknown, StatementDiffers
from contracts.reconciliation.service import NOBODY, reconcile
from contracts.reconciliation.statement_file import FileLine, FileStatement, statements

LONGEST_NAME = 140


@dataclass(frozen=True, slots=True)
class Imported:
    """``added`` lines are new; a statement that was known is not ``new``."""

    statement_id: UUID
    number: str
    added: int
    new: bool


def open_paying_account(work: Work, *, territory: str, name: str, iban: str) -> UUID:
    """A finance officer of the territory names the bank account that its payments leave from. Raises
    PayingAccountExists."""
    work.actor.require(Role.FINANCE_OFFICER, territory=territory)
    text = " ".join(name.split())
    if not 0 < len(text) <= LONGEST_NAME:
        raise Malformed(f"A name has 1 to {LONGEST_NAME} characters", pointer="/name", rule="paying-account-name")
    account_id = new_id()
    if not work.insert_if_new(
        PayingAccountRow, id=account_id, territory=territory, name=text, iban=parse_iban(iban),
        opened_by=work.actor.id or NOBODY, opened_at=work.now,
    ):  # fmt: skip
        raise PayingAccountExists(rule="one-account-a-territory", pointer="/iban")
    record(work, "paying-account", account_id, "opened")
    return account_id


def import_statements(work: Work, body: bytes) -> list[Imported]:
    """Every statement of the file. Raises BankFileRefused, StatementDoesNotAddUp, PayingAccountUnknown,
    StatementDiffers; then nothing is written."""
    work.actor.require(Role.FINANCE_OFFICER)
    imported = [_import(work, statement) for statement in statements(body)]
    if any(one.new for one in imported):
        reconcile(work)
    return imported


def _import(work: Work, given: FileStatement) -> Imported:
    account = queries.account_with(work, given.iban)
    if account is None or not work.actor.has(Role.FINANCE_OFFICER, territory=account.territory):
        raise PayingAccountUnknown(rule="paying-account")
    known = queries.statement_numbered(work, account.id, given.number)
    if known is not None:
        if known.digest != given.digest:
            raise StatementDiffers(f"Statement {given.number} said something else", rule="statement-once")
        return Imported(known.id, given.number, 0, new=False)
    _check_lines_new(work, account, given)
    statement_id = new_id()
    work.insert(
        BankStatementRow, id=statement_id, account_id=account.id, number=given.number, digest=given.digest,
        from_on=given.from_on, until_on=given.until_on, opening_minor=given.opening_minor,
        closing_minor=given.closing_minor, imported_by=work.actor.id or NOBODY, imported_at=work.now,
    )  # fmt: skip
    named = queries.payments_named(work, sorted({line.names for line in given.lines if line.names}))
    rows = [
        {
            "id": new_id(), "statement_id": statement_id, "account_id": account.id, "reference": line.reference,
            "amount_minor": line.amount_minor, "booked_on": line.booked_on, "names": line.names,
            "other_iban": line.other_iban, "is_return": line.is_return,
            "payment_id": named.get(line.names) if line.names else None,
        }
        for line in given.lines
    ]  # fmt: skip
    work.insert_many(BankLineRow, rows)
    record(work, "bank-statement", statement_id, "imported")
    return Imported(statement_id, given.number, len(rows), new=True)


def _check_lines_new(work: Work, account: PayingAccount, given: FileStatement) -> None:
    """A line stands in one statement: else a day's money would be counted twice, or told in two ways."""
    known = queries.known_lines(work, account.id, [line.reference for line in given.lines])
    again = [line for line in given.lines if line.reference in known]
    if again:
        said = "again" if all(_same(line, known[line.reference]) for line in again) else "otherwise"
        raise StatementDiffers(
            f"Line {again[0].reference} of statement {given.number} stands in another statement, {said}",
            rule="line-once",
        )


def _same(line: FileLine, known: BankLine) -> bool:
    return (line.amount_minor, line.booked_on, line.names) == (known.amount_minor, known.booked_on, known.names)
