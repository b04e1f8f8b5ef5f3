"""Appropriating money. Every later stage of the chain can only move what was appropriated here."""

from uuid import UUID

from contracts.audit.service import record
from contracts.budget import queries
from contracts.budget.models import FundingLineRow
from contracts.kernel.errors import Conflict, Malformed, RuleBroken
from contracts.kernel.ids import new_id
from contracts.kernel.money import MAX_MINOR, decimal_string
from contracts.kernel.work import Role, Work
from contracts.ledger import queries as ledger_queries
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind, TotalTooLarge

TREASURY = UUID(int=1)  # the one account outside every funding line
MAX_LINE = MAX_MINOR  # of all appropriations of a line: what a line holds is then an amount like any other


class FundingLineExists(Conflict):
    code = "funding-line-exists"
    title = "This programme has a line for this territory, service and year already"


class AppropriationTooLarge(RuleBroken):
    code = "appropriation-too-large"
    title = "All appropriations of a line together exceed what a line can hold"


def open_line(
    work: Work, *, programme: str, territory: str, service_kind: str, year: int, kind_code: str | None = None
) -> UUID:
    """A funding line with nothing on it yet. ``kind_code``: stands for the kind in the line's number. Raises
    FundingLineExists."""
    work.actor.require(Role.BUDGET_OFFICER, territory=territory)
    line_id = new_id()
    number = f"{year}-{territory[:2]}-{kind_code or service_kind}-{programme}"[:40]
    if not work.insert_if_new(
        FundingLineRow,
        id=line_id,
        number=number,
        programme=programme,
        territory=territory,
        service_kind=service_kind,
        year=year,
    ):
        raise FundingLineExists(rule="one-line-a-programme", pointer="/service_kind")
    ledger.open_account(work, AccountKind.APPROPRIATED, line_id, line_id=line_id)
    ledger.open_account(work, AccountKind.PAID, line_id, line_id=line_id)
    record(work, "funding-line", line_id, "opened")
    return line_id


def appropriate(work: Work, line_id: UUID, *, amount_minor: int) -> UUID:
    """Put money on a line: treasury -> appropriated. The transfer's id. Raises AppropriationTooLarge."""
    line = queries.line(work, line_id)
    work.actor.require(Role.BUDGET_OFFICER, territory=line.territory)
    if not 0 < amount_minor <= MAX_MINOR:
        raise Malformed("An appropriation is a positive amount", pointer="/amount", rule="positive-amount")
    account = ledger_queries.account_of(work, AccountKind.APPROPRIATED, line_id)
    assert account is not None
    treasury = _treasury(work)
    ledger_queries.account(work, account.id, lock=True)  # of two appropriations at once the second counts the first
    if ledger_queries.given(work, debit=treasury, about_id=line_id) > MAX_LINE - amount_minor:
        raise _too_large()
    try:
        transfer_id = ledger.transfer(
            work,
            debit=treasury,
            credit=account.id,
            amount_minor=amount_minor,
            reason="appropriation",
            about_id=line_id,
        )
    except TotalTooLarge:
        raise _too_large() from None
    record(work, "funding-line", line_id, "appropriated")
    return transfer_id


def _too_large() -> AppropriationTooLarge:
    return AppropriationTooLarge(pointer="/amount", rule="line-total", most=decimal_string(MAX_LINE))


def _treasury(work: Work) -> UUID:
    found = ledger_queries.account_of(work, AccountKind.TREASURY, TREASURY)
    return found.id if found else ledger.open_account(work, AccountKind.TREASURY, TREASURY, line_id=None)
