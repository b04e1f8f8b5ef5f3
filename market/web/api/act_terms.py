"""What acts are made by, each from a day on: prices of engagements, tax, what recipients pay, who collects it, which
signatures are asked for."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.act import dated, terms
from contracts.act.pricing import VatMode
from contracts.act.rules import TermCode
from contracts.contract.queries import engagement_for_reader, prices
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import pricing
from market.placement.copaying import IncomeKind, assess_copayment
from market.provider.queries import provider
from market.web.routes import reads, writes
from market.web.wire import Asked, Code, Day, Listing, Money, MonthText, Tenge, TerritoryPrefix, Text, shown
from market.web.work import Id, TheCaller

BasisPoints = Annotated[int, Field(ge=0, le=10_000, description="Hundredths of a percent: 16 % is 1600")]


class NewPrice(Asked):
    unit_price: Tenge
    from_on: Day
    source: Text


class PriceView(msgspec.Struct, frozen=True):
    id: UUID
    unit_price: Money
    from_on: date
    source: str


class NewVat(Asked):
    mode: VatMode
    rate_bp: BasisPoints
    from_month: MonthText
    source: Text


class VatView(msgspec.Struct, frozen=True):
    id: UUID
    mode: VatMode
    rate_bp: int
    from_month: str
    source: str


class NewAssessment(Asked):
    """``amount``: the pension or benefit of a month, as the paper named in ``source`` states it."""

    income: IncomeKind
    amount: Tenge
    from_month: MonthText
    source: Text


class CopaymentView(msgspec.Struct, frozen=True):
    """``charge``: what the recipient pays a month from then on."""

    id: UUID
    charge: Money
    from_month: str
    source: str


class NewTerm(Asked):
    code: TermCode
    territory: TerritoryPrefix
    value: Code
    from_on: Day
    source: Text


class TermView(msgspec.Struct, frozen=True):
    id: UUID
    code: TermCode
    territory: str
    value: str
    from_on: date
    source: str


@writes("/engagements/{engagement_id:uuid}/prices")
def change_price(caller: TheCaller, engagement_id: Id, data: JSONBody[NewPrice]) -> Listing[PriceView]:
    """From that day on; service of earlier days keeps the price of its day."""
    return caller.do(
        lambda work: pricing.change_price(work, engagement_id, **data.values()),
        lambda work: _prices(work, engagement_id),
    )


@reads("/engagements/{engagement_id:uuid}/prices")
def list_prices(caller: TheCaller, engagement_id: Id) -> Listing[PriceView]:
    """Its changes; before the first the price is the engagement's own."""
    return caller.read(lambda work: _prices(work, engagement_id))


def _prices(work: Work, engagement_id: UUID) -> Listing[PriceView]:
    engagement_for_reader(work, engagement_id)
    return Listing([shown(PriceView, one) for one in prices(work, engagement_id)])


@writes("/engagements/{engagement_id:uuid}/copayments")
def assess(caller: TheCaller, engagement_id: Id, data: JSONBody[NewAssessment]) -> Listing[CopaymentView]:
    """max(0, min(70 % of the income, the income less what the law leaves to the person)), by the numbers of the month.
    The income is not stored."""
    return caller.do(
        lambda work: assess_copayment(
            work, engagement_id, income=data.income, income_minor=data.amount.minor,
            from_month=Month.parse(data.from_month), source=data.source,
        ),
        lambda work: _copayments(work, engagement_id),
    )  # fmt: skip


@reads("/engagements/{engagement_id:uuid}/copayments")
def list_copayments(caller: TheCaller, engagement_id: Id) -> Listing[CopaymentView]:
    return caller.read(lambda work: _copayments(work, engagement_id))


def _copayments(work: Work, engagement_id: UUID) -> Listing[CopaymentView]:
    engagement_for_reader(work, engagement_id)
    return Listing([shown(CopaymentView, one) for one in dated.copayments(work, engagement_id)])


@writes("/providers/{provider_id:uuid}/vat")
def set_vat(caller: TheCaller, provider_id: Id, data: JSONBody[NewVat]) -> Listing[VatView]:
    def change(work: Work) -> None:
        month, territory = Month.parse(data.from_month), provider(work, provider_id).territory
        terms.set_vat(
            work, provider_id, territory=territory, mode=data.mode, rate_bp=data.rate_bp, from_month=month,
            source=data.source,
        )  # fmt: skip

    return caller.do(change, lambda work: _vat(work, provider_id))


@reads("/providers/{provider_id:uuid}/vat", public=True)
def list_vat(caller: TheCaller, provider_id: Id) -> Listing[VatView]:
    """Before the first month that is set, services are exempt. For everybody: who is registered for this tax is public
    by the tax law, and the state publishes the list of the registered."""
    return caller.read(lambda work: _vat(work, provider_id))


def _vat(work: Work, provider_id: UUID) -> Listing[VatView]:
    provider(work, provider_id)
    return Listing([shown(VatView, one) for one in dated.vat_settings(work, provider_id)])


@writes("/act-terms")
def set_term(caller: TheCaller, data: JSONBody[NewTerm]) -> Listing[TermView]:
    return caller.do(lambda work: terms.set_term(work, **data.values()), _terms)


@reads("/act-terms")
def list_terms(caller: TheCaller) -> Listing[TermView]:
    return caller.read(_terms)


def _terms(work: Work) -> Listing[TermView]:
    return Listing([shown(TermView, one) for one in dated.terms(work)])


HANDLERS = [change_price, list_prices, assess, list_copayments, set_vat, list_vat, set_term, list_terms]
