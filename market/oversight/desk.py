"""What lies on officers' desks: acts to accept, acts to pay, payments that need a hand, organisations that wait.

Every list is cut to the territories of a role, ordered by id (ids rise with time, so the oldest comes first), and paged
by the id that ended the page before. One row more than the page says that there is a next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.rules import ActStatus
from contracts.contract.models import ContractRow
from contracts.kernel.period import Month
from contracts.kernel.work import Actor, Role, Work
from contracts.ledger.models import UNORDERED, AccountRow
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import VersionStatus
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.models import PaymentRow, unsettled
from contracts.payment.queries import parked, stuck
from contracts.payment.rules import PaymentStatus, has_end
from contracts.payment.weighing import ordered_this_month
from market.provider.models import LicenceRow, OfferRow, ProviderRow, ServicePointRow
from market.provider.rules import OrganisationType, ProviderStatus, Sector

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
TROUBLE = (PaymentStatus.FAILED, PaymentStatus.RETURNED)


def scope(actor: Actor, *roles: Role) -> tuple[str, ...]:
    """The territories, each a prefix of the code, in which the actor holds one of the roles. Empty: none at all."""
    if actor.grants is None:
        return ("",)
    held = {g.territory or "" for g in actor.grants if g.role in roles}
    return ("",) if "" in held else tuple(sorted(held))


def narrowed(held: Sequence[str], territory: str) -> tuple[str, ...]:
    """What of the territories held lies in this one, or holds it. Empty: nothing of it is theirs."""
    if any(territory.startswith(prefix) for prefix in held):
        return (territory,)
    return tuple(prefix for prefix in held if prefix.startswith(territory))


def inside(column: Any, territories: Sequence[str]) -> sa.ColumnElement[bool]:
    """The whole country is no condition: then an index in the order of a list is read for a page of it."""
    if "" in territories:
        return sa.true()
    return sa.or_(sa.false(), *(column.startswith(prefix, autoescape=True) for prefix in territories))


def page_of(
    work: Work,
    into: type[T],
    chosen: sa.Select[*tuple[Any, ...]],
    key: Any,
    *,
    after: UUID | None,
    limit: int,
    newest: bool = False,
) -> list[T]:
    if after is not None:
        chosen = chosen.where(key < after if newest else key > after)
    rows = work.rows(chosen.order_by(key.desc() if newest else key).limit(limit + 1))
    return [into(*row) for row in rows]


# --- acts -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class WaitingAct:
    """``drafted_by``, ``submitted_by``, ``accepted_by``: whose hands it has been through."""

    id: UUID
    number: str
    contract_number: str
    month: Month
    provider_id: UUID
    provider_name: str
    territory: str
    total_minor: int
    submitted_at: datetime | None
    accepted_at: datetime | None
    drafted_by: UUID
    submitted_by: UUID | None
    accepted_by: UUID | None


def _acts() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            ActRow.id, ActRow.number, ContractRow.number, ActRow.month, ActRow.provider_id, ProviderRow.name,
            ActRow.territory, ActRow.total_minor, ActRow.submitted_at, ActRow.accepted_at,
            ActRow.drafted_by, ActRow.submitted_by, ActRow.accepted_by,
        )
        .join(ContractRow, ContractRow.id == ActRow.contract_id)
        .join(ProviderRow, ProviderRow.id == ActRow.provider_id)
    )  # fmt: skip


def acts(
    work: Work, territories: Sequence[str], status: ActStatus, *, after: UUID | None = None, limit: int
) -> list[WaitingAct]:
    chosen = _acts().where(ActRow.status == status, inside(ActRow.territory, territories))
    return page_of(work, WaitingAct, chosen, ActRow.id, after=after, limit=limit)


def acts_to_pay(
    work: Work, territories: Sequence[str], *, least_minor: int = 0, after: UUID | None = None, limit: int
) -> list[WaitingAct]:
    """Accepted, and nobody has ordered their payment (or what was ordered failed): read from the small index of
    accounts whose money waits. ``least_minor``: of the act with what else went to its organisation this month."""
    unordered = sa.select(AccountRow.owner_id).where(sa.text(UNORDERED))
    chosen = _acts().where(ActRow.id.in_(unordered), inside(ActRow.territory, territories))
    if least_minor:
        chosen = chosen.where(ActRow.total_minor + ordered_this_month(work) >= least_minor)
    return page_of(work, WaitingAct, chosen, ActRow.id, after=after, limit=limit)


# --- payments ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DeskPayment:
    """Of an act or of an advance."""

    id: UUID
    number: str
    act_id: UUID | None
    act_number: str | None
    advance_id: UUID | None
    advance_number: str | None
    provider_name: str
    territory: str
    amount_minor: int
    status: PaymentStatus
    ordered_at: datetime
    settled_at: datetime | None
    last_error: str | None
    parked_at: datetime | None
    reversal_ordered_at: datetime | None
    stuck: bool

    @property
    def is_parked(self) -> bool:
        return self.parked_at is not None

    @property
    def is_contradicted(self) -> bool:
        return self.is_parked and has_end(self.status, self.reversal_ordered_at)


def _payments(territories: Sequence[str]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            PaymentRow.id, PaymentRow.number, PaymentRow.act_id, ActRow.number, PaymentRow.advance_id,
            AdvanceRow.number, ProviderRow.name, PaymentRow.territory,
            PaymentRow.amount_minor, PaymentRow.status, PaymentRow.ordered_at, PaymentRow.settled_at,
            PaymentRow.last_error, PaymentRow.parked_at, PaymentRow.reversal_ordered_at, stuck(),
        )
        .outerjoin(ActRow, ActRow.id == PaymentRow.act_id)
        .outerjoin(AdvanceRow, AdvanceRow.id == PaymentRow.advance_id)
        .join(ProviderRow, ProviderRow.id == PaymentRow.provider_id)
        .where(inside(PaymentRow.territory, territories))
    )  # fmt: skip


def _unsettled() -> sa.ColumnElement[bool]:
    """Under way or in trouble, as the index of these payments says it."""
    return sa.and_(sa.text(unsettled("payment.")))


def payments_in_trouble(
    work: Work, territories: Sequence[str], *, after: UUID | None = None, limit: int
) -> list[DeskPayment]:
    """What a person must look at: failed and not ordered anew, come back from the bank, parked (also after its end), or
    under way for longer than it should be."""
    unordered = PaymentRow.act_id.in_(sa.select(AccountRow.owner_id).where(sa.text(UNORDERED)))
    failed = sa.and_(PaymentRow.status == PaymentStatus.FAILED, unordered)
    returned = PaymentRow.status == PaymentStatus.RETURNED
    chosen = _payments(territories).where(_unsettled(), sa.or_(failed, returned, parked(), stuck()))
    return page_of(work, DeskPayment, chosen, PaymentRow.id, after=after, limit=limit)


def payments_under_way(
    work: Work, territories: Sequence[str], *, after: UUID | None = None, limit: int
) -> list[DeskPayment]:
    """The oldest first."""
    moving = sa.and_(_unsettled(), PaymentRow.status.not_in(TROUBLE), ~parked(), ~stuck())
    return page_of(work, DeskPayment, _payments(territories).where(moving), PaymentRow.id, after=after, limit=limit)


def payments_settled(
    work: Work, territories: Sequence[str], *, after: UUID | None = None, limit: int
) -> list[DeskPayment]:
    """The newest first."""
    done = _payments(territories).where(PaymentRow.status == PaymentStatus.SETTLED)
    return page_of(work, DeskPayment, done, PaymentRow.id, after=after, limit=limit, newest=True)


# --- organisations ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Registration:
    """``licensed``: a licence holds on the day; ``points``, ``offers``: how many there are."""

    id: UUID
    number: str
    name: str
    bin: str
    sector: Sector
    organisation_type: OrganisationType
    territory: str
    status: ProviderStatus
    registered_at: datetime
    licensed: bool
    points: int
    offers: int


def registrations(
    work: Work,
    territories: Sequence[str],
    *,
    status: ProviderStatus,
    after: UUID | None = None,
    limit: int,
) -> list[Registration]:
    holds = sa.and_(
        LicenceRow.from_on <= work.today, sa.or_(LicenceRow.until_on.is_(None), LicenceRow.until_on > work.today)
    )
    licensed = sa.exists().where(LicenceRow.provider_id == ProviderRow.id, holds)
    chosen = sa.select(
        ProviderRow.id, ProviderRow.number, ProviderRow.name, ProviderRow.bin, ProviderRow.sector,
        ProviderRow.organisation_type, ProviderRow.territory, ProviderRow.status, ProviderRow.registered_at, licensed,
        _count(ServicePointRow.id, ServicePointRow.provider_id), _count(OfferRow.id, OfferRow.provider_id),
    ).where(ProviderRow.status == status, inside(ProviderRow.territory, territories))  # fmt: skip
    return page_of(work, Registration, chosen, ProviderRow.id, after=after, limit=limit)


def _count(key: Any, provider_id: Any) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count(key)).where(provider_id == ProviderRow.id).scalar_subquery()


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A provider wants its money to go elsewhere. ``old_iban`` None: no account is active."""

    id: UUID
    provider_id: UUID
    provider_number: str
    provider_name: str
    territory: str
    legal_name: str
    iban: str
    old_iban: str | None
    requested_at: datetime
    requested_by: UUID


def account_changes(
    work: Work, territories: Sequence[str], *, after: UUID | None = None, limit: int
) -> list[AccountChange]:
    """Those that wait for a decision."""
    active = sa.orm.aliased(PayeeVersionRow)
    of_payee = sa.and_(active.payee_id == PayeeRow.id, active.status == VersionStatus.ACTIVE)
    chosen = (
        sa.select(
            PayeeVersionRow.id, ProviderRow.id, ProviderRow.number, ProviderRow.name, ProviderRow.territory,
            PayeeVersionRow.legal_name, PayeeVersionRow.iban, active.iban, PayeeVersionRow.requested_at,
            PayeeVersionRow.requested_by,
        )
        .join(PayeeRow, PayeeRow.id == PayeeVersionRow.payee_id)
        .join(ProviderRow, ProviderRow.id == PayeeRow.provider_id)
        .outerjoin(active, of_payee)
        .where(PayeeVersionRow.status == VersionStatus.WAITING, inside(ProviderRow.territory, territories))
    )  # fmt: skip
    return page_of(work, AccountChange, chosen, PayeeVersionRow.id, after=after, limit=limit)
