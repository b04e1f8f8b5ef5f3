"""Lists for the API, a page at a time, and what of them an actor may see; and whether the schema is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.rules import Act, ActStatus
from contracts.budget.models import FundingLineRow
from contracts.budget.queries import FundingLine
from contracts.contract.models import ContractRow, EngagementRow
from contracts.contract.rules import Contract, ContractStatus, Engagement
from contracts.kernel.database import Base, table_of
from contracts.kernel.period import Month
from contracts.kernel.work import Actor, Role, Work
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.advance_rules import Advance, AdvanceStatus
from contracts.payment.advancing import READERS as ADVANCE_READERS
from contracts.payment.batch_models import BatchRow
from contracts.payment.batch_rules import Batch, BatchStatus
from contracts.payment.models import PaymentRow
from contracts.payment.queries import Payment
from contracts.payment.rules import PaymentStatus
from contracts.register.models import EntryRow
from contracts.register.rules import Entry
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.competition.models import TenderRow
from market.competition.queries import READERS as TENDER_READERS
from market.competition.queries import Tender
from market.competition.rules import TenderStatus
from market.placement.held import RoundRule
from market.placement.models import PlacementRow, RoundRow, RoundRuleRow
from market.placement.request_queries import of_recipients, told_to
from market.placement.rules import Placement, PlacementStatus, Round
from market.provider.models import OfferRow, ProviderRow
from market.provider.queries import Offer, Provider
from market.provider.rules import ProviderStatus
from market.recipient.models import RecipientRow
from market.recipient.queries import Recipient
from market.tariff.models import PriceLimitRow
from market.tariff.rules import PriceLimit
from market.user.models import GrantRow, UserRow
from market.user.queries import User
from market.voucher.models import VoucherRow
from market.voucher.rules import VoucherStatus
from market.web.wire import Slice

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
OFFICERS = (
    Role.OPERATOR,
    Role.PROCUREMENT_OFFICER,
    Role.BUDGET_OFFICER,
    Role.FINANCE_OFFICER,
    Role.AUDITOR,
)
PAYMENT_READERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class ListedVoucher:
    """A row of the list: what the voucher's own value says, but for the holder's death."""

    id: UUID
    number: str
    recipient_id: UUID
    line_id: UUID
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units_a_month: int
    ceiling_minor: int
    from_on: date
    until_on: date
    items: list[str] | None
    status: VoucherStatus
    issued_at: datetime
    ended_on: date | None
    end_reason: str | None


def page(work: Work, into: type[T], model: type[Base], at: Slice, *where: sa.ColumnElement[bool]) -> list[T]:
    """By id, which is ordered by time; one row more than the page, to see whether there is a next one."""
    key = table_of(model).c.id
    after = () if at.after is None else (key > at.after,)
    return work.find_all(into, model, *where, *after, order_by=(key,), limit=at.limit + 1)


def visible(actor: Actor, model: type[Base], roles: Sequence[Role] = OFFICERS) -> sa.ColumnElement[bool]:
    """Rows in the territory of a role of the actor's, rows of their organisation, rows about the people they are
    or speak for."""
    if actor.grants is None:
        return sa.true()
    table = table_of(model)
    ways: list[Any] = [
        table.c.territory.startswith(grant.territory or "", autoescape=True)
        for grant in actor.grants
        if grant.role in roles and "territory" in table.c
    ]
    provider = table.c.get("provider_id")
    if provider is not None and actor.directs():
        ways.append(provider.in_(actor.directs()))
    recipient = table.c.get("recipient_id")
    if recipient is not None and actor.recipients():
        ways.append(recipient.in_(actor.recipients()))
    return sa.or_(sa.false(), *ways)


def under(model: type[Base], territory: str | None) -> list[sa.ColumnElement[bool]]:
    """The filter ``?territory=``, a prefix of the code."""
    column = table_of(model).c.territory
    return [column.startswith(territory, autoescape=True)] if territory else []


def equal(model: type[Base], **values: object) -> list[sa.ColumnElement[bool]]:
    """Filters that were given."""
    table = table_of(model)
    return [table.c[name] == value for name, value in values.items() if value is not None]


def schema_version(work: Work) -> str | None:
    found: str | None = work.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def users(work: Work, at: Slice) -> list[User]:
    return page(work, User, UserRow, at)


def funding_lines(work: Work, at: Slice, *, territory: str | None, kind: str | None) -> list[FundingLine]:
    where = [*under(FundingLineRow, territory), *equal(FundingLineRow, service_kind=kind)]
    return page(work, FundingLine, FundingLineRow, at, visible(work.actor, FundingLineRow), *where)


def price_limits(work: Work, at: Slice, *, territory: str | None) -> list[PriceLimit]:
    return page(work, PriceLimit, PriceLimitRow, at, *under(PriceLimitRow, territory))


def _public_providers(actor: Actor) -> sa.ColumnElement[bool]:
    own = ProviderRow.id.in_(actor.providers()) if actor.providers() else sa.false()
    return sa.or_(ProviderRow.status != ProviderStatus.REGISTERED, own, visible(actor, ProviderRow))


def providers(work: Work, at: Slice, *, territory: str | None, status: ProviderStatus | None) -> list[Provider]:
    where = [*under(ProviderRow, territory), *equal(ProviderRow, status=status)]
    return page(work, Provider, ProviderRow, at, _public_providers(work.actor), *where)


def offers(
    work: Work,
    at: Slice,
    *,
    territory: str | None,
    provider_id: UUID | None,
    kind: ServiceKind | None,
    setting: CareSetting | None,
) -> list[Offer]:
    where = [*under(OfferRow, territory), *equal(OfferRow, provider_id=provider_id, kind=kind, setting=setting)]
    public = sa.exists().where(ProviderRow.id == OfferRow.provider_id, _public_providers(work.actor))
    return page(work, Offer, OfferRow, at, public, *where)


def recipients(work: Work, at: Slice, *, territory: str | None) -> list[Recipient]:
    own = RecipientRow.id.in_(work.actor.recipients()) if work.actor.recipients() else sa.false()
    seen = sa.or_(own, visible(work.actor, RecipientRow))
    return page(work, Recipient, RecipientRow, at, seen, *under(RecipientRow, territory))


def vouchers(
    work: Work, at: Slice, *, territory: str | None, status: VoucherStatus | None, recipient_id: UUID | None
) -> list[ListedVoucher]:
    where = [*under(VoucherRow, territory), *equal(VoucherRow, status=status, recipient_id=recipient_id)]
    return page(work, ListedVoucher, VoucherRow, at, visible(work.actor, VoucherRow), *where)


def placements(work: Work, at: Slice, *, status: PlacementStatus | None) -> list[Placement]:
    """An officer's are looked up from the placement to its voucher, page by page: the other way round every voucher of
    the country would be read first."""
    actor = work.actor
    ways = [told_to(actor.directs()), of_recipients(actor.recipients())]
    if actor.has(*OFFICERS):
        ways.append(sa.exists().where(VoucherRow.id == PlacementRow.voucher_id, visible(actor, VoucherRow)))
    seen = sa.true() if actor.grants is None else sa.or_(*ways)
    return page(work, Placement, PlacementRow, at, seen, *equal(PlacementRow, status=status))


def rounds(work: Work, at: Slice, *, territory: str | None) -> list[Round]:
    return page(work, Round, RoundRow, at, visible(work.actor, RoundRow), *under(RoundRow, territory))


def round_rules(work: Work, at: Slice) -> list[RoundRule]:
    return page(work, RoundRule, RoundRuleRow, at)


def tenders(work: Work, at: Slice, *, territory: str | None, status: TenderStatus | None) -> list[Tender]:
    """Published ones for everybody, drafts for their office."""
    seen = sa.or_(TenderRow.status != TenderStatus.DRAFT, visible(work.actor, TenderRow, TENDER_READERS))
    return page(work, Tender, TenderRow, at, seen, *under(TenderRow, territory), *equal(TenderRow, status=status))


def contracts(
    work: Work, at: Slice, *, territory: str | None, status: ContractStatus | None, provider_id: UUID | None
) -> list[Contract]:
    where = [*under(ContractRow, territory), *equal(ContractRow, status=status, provider_id=provider_id)]
    return page(work, Contract, ContractRow, at, visible(work.actor, ContractRow), *where)


def engagements(work: Work, at: Slice, *, contract_id: UUID) -> list[Engagement]:
    return page(work, Engagement, EngagementRow, at, EngagementRow.contract_id == contract_id)


def entries(work: Work, at: Slice, *, engagement_id: UUID, month: Month | None) -> list[Entry]:
    return page(work, Entry, EntryRow, at, *equal(EntryRow, engagement_id=engagement_id, month=month))


def acts(
    work: Work, at: Slice, *, territory: str | None, status: ActStatus | None, contract_id: UUID | None
) -> list[Act]:
    where = [*under(ActRow, territory), *equal(ActRow, status=status, contract_id=contract_id)]
    return page(work, Act, ActRow, at, visible(work.actor, ActRow), *where)


def payments(work: Work, at: Slice, *, territory: str | None, status: PaymentStatus | None) -> list[Payment]:
    where = [*under(PaymentRow, territory), *equal(PaymentRow, status=status)]
    return page(work, Payment, PaymentRow, at, visible(work.actor, PaymentRow, PAYMENT_READERS), *where)


def advances(work: Work, at: Slice, *, territory: str | None, status: AdvanceStatus | None) -> list[Advance]:
    where = [*under(AdvanceRow, territory), *equal(AdvanceRow, status=status)]
    return page(work, Advance, AdvanceRow, at, visible(work.actor, AdvanceRow, ADVANCE_READERS), *where)


def payment_batches(work: Work, at: Slice, *, territory: str | None, status: BatchStatus | None) -> list[Batch]:
    where = [*under(BatchRow, territory), *equal(BatchRow, status=status)]
    return page(work, Batch, BatchRow, at, visible(work.actor, BatchRow, PAYMENT_READERS), *where)


MAX_DEMO_PEOPLE = 40  # what fits on the sign-in page


@dataclass(frozen=True, slots=True)
class DemoPerson:
    login: str
    roles: str


def demo_people(work: Work) -> list[DemoPerson]:
    """Who can be signed in as, by role: for the demonstration's sign-in page."""
    held = (
        sa.select(UserRow.login, GrantRow.role)
        .join(GrantRow, GrantRow.user_id == UserRow.id)
        .where(UserRow.disabled_at.is_(None), UserRow.password_hash.is_not(None))
        .order_by(GrantRow.role, UserRow.login)
        .limit(MAX_DEMO_PEOPLE)
    )
    return [DemoPerson(login, str(role)) for login, role in work.rows(held)]
