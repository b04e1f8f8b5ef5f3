"""What lies on officers' desks: the budget in figures, acts to pay, payments and accounts that need a person."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from contracts.act.queries import MonthFigure, act_for_reader, months_of_lines, visits_of_line
from contracts.budget.queries import Availability, figures, lines_of_year, together
from contracts.kernel.work import Role, Work
from contracts.payment.rules import PaymentStatus
from contracts.register.rules import Entry
from market.oversight import desk
from market.oversight.desk import narrowed, scope
from market.web.api.catalogue import Prefix
from market.web.api.engagements import EntryView, shown_entry
from market.web.lists import TheSlice
from market.web.routes import reads
from market.web.wire import Listing, Money, shown
from market.web.work import Caller, Id, TheCaller

MONEY = (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.PROCUREMENT_OFFICER, Role.AUDITOR)
PAYERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)
ACCOUNT_READERS = (Role.FINANCE_OFFICER, Role.AUDITOR)
Year = Annotated[int, QueryParameter(name="year", ge=2000, le=2100, description="Of the funding lines")]


class StagesView(msgspec.Struct, frozen=True):
    """The stages add up to ``appropriated``; ``free`` may still be reserved; ``owed``: advances and what was
    paid too much, to be set off or given back."""

    appropriated: Money
    free: Money
    reserved: Money
    committed: Money
    payable: Money
    paid: Money
    owed: Money


class LineFigureView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    programme: str
    territory: str
    service_kind: str
    money: StagesView


class MonthFigureView(msgspec.Struct, frozen=True):
    """By month of service, not of payment. ``accepted`` is ``paid``, ``taken_back`` (of visits that were
    found untrue), ``sent`` (on its way) and ``unordered`` together."""

    month: str
    submitted: Money
    accepted: Money
    paid: Money
    taken_back: Money
    sent: Money
    unordered: Money

    @classmethod
    def of(cls, one: MonthFigure) -> "MonthFigureView":
        amounts = (one.submitted, one.accepted, one.paid, one.taken_back, one.sent, one.unordered)
        return cls(str(one.month), *map(Money.of, amounts))


class BudgetView(msgspec.Struct, frozen=True):
    year: int
    total: StagesView
    lines: list[LineFigureView]
    months: list[MonthFigureView]


class WaitingActView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    month: str
    provider_name: str
    territory: str
    total: Money
    submitted_at: datetime | None
    accepted_at: datetime | None


class DeskPaymentView(msgspec.Struct, frozen=True):
    """Of an act or of an advance. ``parked``: a person must look, also after it was settled; ``last_error`` says why.
    ``stuck``: under way for longer than it should be."""

    id: UUID
    number: str
    act_id: UUID | None
    act_number: str | None
    advance_id: UUID | None
    advance_number: str | None
    provider_name: str
    territory: str
    amount: Money
    status: PaymentStatus
    ordered_at: datetime
    last_error: str | None
    parked: bool
    stuck: bool


class AccountChangeView(msgspec.Struct, frozen=True):
    """``id`` is what is approved or rejected at ``/api/payee-versions/{id}``."""

    id: UUID
    provider_number: str
    provider_name: str
    territory: str
    legal_name: str
    iban: str
    old_iban: str | None
    requested_at: datetime


def held(caller: Caller, territory: str | None, *roles: Role) -> tuple[str, ...]:
    """The territories of the caller's roles, cut to ``?territory=``."""
    caller.actor.require(*roles)
    every = scope(caller.actor, *roles)
    return narrowed(every, territory) if territory else every


def stages(money: Availability) -> StagesView:
    return StagesView(*(Money.of(getattr(money, name)) for name in Availability.__slots__))


@reads("/budget")
def get_budget(caller: TheCaller, year: Year, territory: Prefix = None) -> BudgetView:
    """Every funding line of the year in your territory with its money by stage, and the acts by month of service."""
    territories = held(caller, territory, *MONEY)

    def read(work: Work) -> BudgetView:
        lines = figures(work, territories, year=year)
        months = months_of_lines(work, lines_of_year(territories, year))
        return BudgetView(
            year,
            stages(together(one.money for one in lines)),
            [shown(LineFigureView, one.line, money=stages(one.money)) for one in lines],
            [MonthFigureView.of(one) for one in months],
        )

    return caller.read(read)


@reads("/acts-to-pay")
def list_acts_to_pay(caller: TheCaller, at: TheSlice, territory: Prefix = None) -> Listing[WaitingActView]:
    """Accepted, and nobody has ordered their payment, or what was ordered failed."""
    territories = held(caller, territory, *PAYERS)
    found = caller.read(lambda work: desk.acts_to_pay(work, territories, after=at.after, limit=at.limit))
    return at.listing(found, lambda act: shown(WaitingActView, act), lambda act: act.id)


@reads("/payments-in-trouble")
def list_trouble(caller: TheCaller, at: TheSlice, territory: Prefix = None) -> Listing[DeskPaymentView]:
    """Failed and not ordered anew, come back from the bank, waiting for a person, or under way for too long."""
    territories = held(caller, territory, *PAYERS)
    found = caller.read(lambda work: desk.payments_in_trouble(work, territories, after=at.after, limit=at.limit))
    return at.listing(found, lambda one: shown(DeskPaymentView, one, parked=one.is_parked), lambda one: one.id)


@reads("/payee-changes")
def list_changes(caller: TheCaller, at: TheSlice, territory: Prefix = None) -> Listing[AccountChangeView]:
    """Changes of bank account that wait for a second person."""
    territories = held(caller, territory, *ACCOUNT_READERS)
    found = caller.read(lambda work: desk.account_changes(work, territories, after=at.after, limit=at.limit))
    return at.listing(found, lambda one: shown(AccountChangeView, one), lambda one: one.id)


@reads("/acts/{act_id:uuid}/lines/{engagement_id:uuid}/entries")
def list_visits(caller: TheCaller, at: TheSlice, act_id: Id, engagement_id: Id) -> Listing[EntryView]:
    """The visits behind one line of an act, in order of time."""

    def read(work: Work) -> list[Entry]:
        found = act_for_reader(work, act_id)
        return visits_of_line(work, found.id, engagement_id, after=at.after, limit=at.limit)

    return at.listing(caller.read(read), shown_entry, lambda one: one.id)


HANDLERS = [get_budget, list_acts_to_pay, list_trouble, list_changes, list_visits]
