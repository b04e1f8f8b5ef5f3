"""Act = payment = bank line: the bank's statements, and the cases that differences between the books open."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from contracts.kernel.work import Work
from contracts.payment import paying_accounts
from contracts.payment.rules import Channel
from contracts.reconciliation import bank_orders, importing, queries, service
from contracts.reconciliation.models import BankLineRow, CaseRow
from contracts.reconciliation.rules import Case, CaseKind, CaseStatus, Resolution
from market.web import queries as lists
from market.web.api.desk import PAYERS, held
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Listing, Money, TerritoryPrefix, Text, shown
from market.web.work import Id, TheCaller

Status = FromQuery[CaseStatus | None]
LARGEST_TEXT = 900_000  # characters in a request; larger files go in by `market payments import`


class NewPayingAccount(Asked):
    """``territory``: a prefix of the codes whose payments leave from this account."""

    territory: TerritoryPrefix
    name: Annotated[str, Field(min_length=1, max_length=140)]
    iban: Annotated[str, Field(min_length=15, max_length=40)]
    channel: Annotated[Channel, Field(strict=False)] = Channel.SERVER


class PayingAccountView(msgspec.Struct, frozen=True):
    id: UUID
    territory: str
    name: str
    iban: str
    channel: Channel


class StatementFile(Asked):
    """The text of an ISO 20022 camt.053.001.08 file."""

    camt053: Annotated[str, Field(min_length=1, max_length=LARGEST_TEXT)]


class ImportedView(msgspec.Struct, frozen=True):
    """``added`` lines are new; ``new`` false: the statement was known, and nothing was added."""

    statement_id: UUID
    number: str
    added: int
    new: bool


class ImportView(msgspec.Struct, frozen=True):
    statements: list[ImportedView]


class StatementView(msgspec.Struct, frozen=True):
    """``until_on`` is not included."""

    id: UUID
    paying_account_id: UUID
    number: str
    from_on: date
    until_on: date
    opening: Money
    closing: Money
    imported_at: datetime


class BankLineView(msgspec.Struct, frozen=True):
    """``amount`` is negative where our account was debited; ``payment_id``: the payment that has the line."""

    id: UUID
    reference: str
    amount: Money
    booked_on: date
    names: str | None
    other_iban: str | None
    is_return: bool
    payment_id: UUID | None


class NewBankOrder(Asked):
    """``batch_id``: only the payments of that batch; without it all that wait."""

    paying_account_id: Annotated[UUID, Field(strict=False)]
    batch_id: Annotated[UUID | None, Field(strict=False)] = None


class BankOrderView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    paying_account_id: UUID
    payments: int
    total: Money
    pay_on: date
    made_at: datetime


class BankOrderFile(msgspec.Struct, frozen=True):
    """``pain001`` is the text of the file."""

    name: str
    pain001: str


class CaseView(msgspec.Struct, frozen=True):
    """``difference``: what the bank paid beyond our books, negative where it paid less; ``proposed_payment_id``: the
    payment that its line is said to be of."""

    id: UUID
    number: str
    kind: CaseKind
    territory: str
    payment_id: UUID | None
    bank_line_id: UUID | None
    statement_id: UUID | None
    difference: Money
    status: CaseStatus
    owner_id: UUID
    opened_at: datetime
    proposal: Resolution | None
    proposed_payment_id: UUID | None
    reason: str | None
    resolution: Resolution | None
    resolved_at: datetime | None


class Proposal(Asked):
    """``payment``: the number of the payment that a line which names none is of; asked for with ``assignment``."""

    resolution: Annotated[Resolution, Field(strict=False)]
    reason: Annotated[Text, Field(max_length=500)]
    payment: Annotated[Text | None, Field(max_length=80)] = None


@reads("/paying-accounts")
def list_accounts(caller: TheCaller) -> Listing[PayingAccountView]:
    territories = held(caller, None, *PAYERS)
    found = caller.read(paying_accounts.accounts)
    mine = [one for one in found if any(one.territory.startswith(t) for t in territories)]
    return Listing([shown(PayingAccountView, one) for one in mine])


@writes("/paying-accounts")
def open_account(caller: TheCaller, data: JSONBody[NewPayingAccount]) -> PayingAccountView:
    """Names the bank account that a territory's payments leave from."""

    def do(work: Work) -> PayingAccountView:
        return shown(
            PayingAccountView, paying_accounts.account(work, paying_accounts.open_paying_account(work, **data.values()))
        )

    return caller.write(do)


@writes("/bank-statements")
def import_statements(caller: TheCaller, data: JSONBody[StatementFile]) -> ImportView:
    """All statements of the file or none; the same file again adds nothing. Differences open cases at once."""
    body = data.camt053.encode()
    imported = caller.write(lambda work: importing.import_statements(work, body))
    return ImportView([shown(ImportedView, one) for one in imported])


@reads("/bank-statements")
def list_statements(caller: TheCaller, at: TheSlice) -> Listing[StatementView]:
    """The newest first."""
    territories = held(caller, None, *PAYERS)

    def read(work: Work) -> list[queries.BankStatement]:
        mine = queries.of_territories(territories)
        return queries.statements(work, mine, after=at.after, limit=at.limit + 1)

    return at.listing(caller.read(read), statement_view, lambda one: one.id)


@reads("/bank-statements/{statement_id:uuid}/lines")
def list_lines(caller: TheCaller, at: TheSlice, statement_id: Id) -> Listing[BankLineView]:
    territories = held(caller, None, *PAYERS)

    def read(work: Work) -> list[queries.BankLine]:
        mine = BankLineRow.statement_id == queries.statement(work, statement_id, territories).id
        return queries.lines(work, mine, after=at.after, limit=at.limit + 1)

    return at.listing(caller.read(read), lambda one: shown(BankLineView, one), lambda one: one.id)


def view(case: Case) -> CaseView:
    return shown(CaseView, case)


def order_view(order: queries.BankOrder) -> BankOrderView:
    return shown(BankOrderView, order, paying_account_id=order.account_id)


def statement_view(statement: queries.BankStatement) -> StatementView:
    return shown(StatementView, statement, paying_account_id=statement.account_id)


@writes("/bank-orders")
def make_order(caller: TheCaller, data: JSONBody[NewBankOrder]) -> BankOrderView:
    """Payments of the account that wait go to the bank in one file, ``/api/bank-orders/{number}/file``."""

    def do(work: Work) -> BankOrderView:
        order_id = bank_orders.make_order(work, data.paying_account_id, batch_id=data.batch_id)
        return order_view(queries.bank_order_with(work, order_id))

    return caller.write(do)


@reads("/bank-orders")
def list_orders(caller: TheCaller, at: TheSlice) -> Listing[BankOrderView]:
    """The newest first."""
    territories = held(caller, None, *PAYERS)
    found = caller.read(lambda work: queries.bank_orders(work, territories, after=at.after, limit=at.limit + 1))
    return at.listing(found, order_view, lambda one: one.id)


@reads("/bank-orders/{number:str}/file")
def get_order_file(caller: TheCaller, number: FromPath[str]) -> BankOrderFile:
    """ISO 20022 pain.001.001.09, the same bytes every time."""
    caller.actor.require(*PAYERS)
    order, body = caller.read(lambda work: bank_orders.file_of(work, number))
    return BankOrderFile(f"{order.number}.xml", body.decode())


@reads("/reconciliation-cases")
def list_cases(caller: TheCaller, at: TheSlice, status: Status = None) -> Listing[CaseView]:
    """The oldest first."""
    caller.actor.require(*PAYERS)

    def read(work: Work) -> list[Case]:
        where = [lists.visible(work.actor, CaseRow, PAYERS), *lists.equal(CaseRow, status=status)]
        return queries.cases(work, *where, after=at.after, limit=at.limit + 1)

    return at.listing(caller.read(read), view, lambda case: case.id)


@reads("/reconciliation-cases/{number:str}")
def get_case(caller: TheCaller, number: FromPath[str]) -> CaseView:
    return caller.read(lambda work: view(service.show(work, number)))


@writes("/reconciliation-cases/{number:str}/proposal")
def propose(caller: TheCaller, number: FromPath[str], data: JSONBody[Proposal]) -> CaseView:
    """One person says what is to be done with the difference, and why; a second one approves or refuses."""
    return caller.do(
        lambda work: service.propose(work, number, **data.values()), lambda work: view(service.show(work, number))
    )


@writes("/reconciliation-cases/{number:str}/approval")
def approve(caller: TheCaller, number: FromPath[str]) -> CaseView:
    """By a second person; a correction is booked in the ledger, and an assigned line counts as if it had named its
    payment: it settles or returns it."""
    return caller.do(lambda work: service.approve(work, number), lambda work: view(service.show(work, number)))


@writes("/reconciliation-cases/{number:str}/objection")
def refuse(caller: TheCaller, number: FromPath[str]) -> CaseView:
    return caller.do(lambda work: service.refuse(work, number), lambda work: view(service.show(work, number)))


@writes("/reconciliation-cases/{number:str}/taking")
def take(caller: TheCaller, number: FromPath[str]) -> CaseView:
    """Makes the case yours."""
    return caller.do(lambda work: service.take(work, number), lambda work: view(service.show(work, number)))


HANDLERS = [
    list_accounts,
    open_account,
    import_statements,
    list_statements,
    list_lines,
    make_order,
    list_orders,
    get_order_file,
    list_cases,
    get_case,
    propose,
    approve,
    refuse,
    take,
]
