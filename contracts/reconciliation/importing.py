"""Taking a bank's statement in: all of a file or nothing, and the same file again adds nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any  # column values
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from contracts.payment.paying_accounts import PayingAccount, PayingAccountUnknown, account_with
from contracts.reconciliation import queries
from contracts.reconciliation.bank_orders import settle_by_statement
from contracts.reconciliation.models import BankLineRow, BankStatementRow
from contracts.reconciliation.queries import BankLine, BankOrder
from contracts.reconciliation.rules import StatementAhead, StatementDiffers
from contracts.reconciliation.service import NOBODY, reconcile
from contracts.reconciliation.statement_file import FileLine, FileStatement, statements


@dataclass(frozen=True, slots=True)
class Imported:
    """``added`` lines are new; a statement that was known is not ``new``."""

    statement_id: UUID
    number: str
    added: int
    new: bool


def import_statements(work: Work, body: bytes) -> list[Imported]:
    """Every statement of the file. Raises BankFileRefused, StatementDoesNotAddUp, PayingAccountUnknown,
    StatementAhead, StatementDiffers; then nothing is written."""
    work.actor.require(Role.FINANCE_OFFICER)
    imported = [_import(work, statement) for statement in statements(body)]
    if any(one.new for one in imported):
        reconcile(work)
    return imported


def _import(work: Work, given: FileStatement) -> Imported:
    account = account_with(work, given.iban)
    if account is None or not work.actor.has(Role.FINANCE_OFFICER, territory=account.territory):
        raise PayingAccountUnknown(rule="paying-account")
    known = queries.statement_numbered(work, account.id, given.number)
    if known is not None:
        if known.digest != given.digest:
            raise StatementDiffers(f"Statement {given.number} said something else", rule="statement-once")
        return Imported(known.id, given.number, 0, new=False)
    if given.last_on > work.today:
        raise StatementAhead(
            f"Statement {given.number} ends on {given.last_on}, which has not come", rule="statement-of-days-gone-by"
        )
    given = _told_apart(work, account, given)
    _check_lines_new(work, account, given)
    statement_id = new_id()
    work.insert(
        BankStatementRow, id=statement_id, account_id=account.id, number=given.number, digest=given.digest,
        from_on=given.from_on, until_on=given.until_on, opening_minor=given.opening_minor,
        closing_minor=given.closing_minor, imported_by=work.actor.id or NOBODY, imported_at=work.now,
    )  # fmt: skip
    named = queries.payments_named(work, sorted({line.names for line in given.lines if line.names}))
    payers = queries.ordered_from(work, sorted(set(named.values())))
    ours = {name: payment_id for name, payment_id in named.items() if account.id in payers[payment_id]}
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(), "statement_id": statement_id, "account_id": account.id, "reference": line.reference,
            "amount_minor": line.amount_minor, "booked_on": line.booked_on, "names": line.names,
            "other_iban": line.other_iban, "is_return": line.is_return,
            "payment_id": ours.get(line.names) if line.names else None,
        }
        for line in given.lines
    ]  # fmt: skip
    work.insert_many(BankLineRow, rows)
    record(work, "bank-statement", statement_id, "imported")
    settle_by_statement(work, sorted({row["payment_id"] for row in rows if row["payment_id"]}))
    return Imported(statement_id, given.number, len(rows), new=True)


def _told_apart(work: Work, account: PayingAccount, given: FileStatement) -> FileStatement:
    """A bank may book an order of ours, or give it back, as one sum: then each of its payments was."""
    orders = queries.orders_named(work, account.id, sorted({line.names for line in given.lines if line.names}))
    return replace(given, lines=tuple(part for line in given.lines for part in _parts(work, orders, line)))


def _parts(work: Work, orders: Mapping[str, BankOrder], line: FileLine) -> Iterator[FileLine]:
    order = orders.get(line.names) if line.names else None
    if order is None or order.total_minor != abs(line.amount_minor):
        yield line
        return
    sign = 1 if line.amount_minor > 0 else -1
    for place, (payment, _of) in enumerate(queries.payments_of_order(work, order.id), start=1):
        reference, amount = f"{line.reference}/{place}", sign * payment.amount_minor
        yield replace(line, reference=reference, amount_minor=amount, names=payment.number, other_iban=None)


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
