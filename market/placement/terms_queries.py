"""The terms of a round from the rules that hold on its day: which limit binds which offers, and what it leaves."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.bulk import bare_id
from contracts.kernel.work import Work
from market.catalogue.rules import ServiceKind
from market.placement.census import Census
from market.placement.held import CAPS, RoundRule, rules_on
from market.placement.models import PlacementRow, RequestRow
from market.placement.request_queries import is_waiting
from market.placement.rules import LIVE, RoundRuleCode
from market.placement.terms import Homes, PlaceCap, RoundTerms
from market.provider.models import OfferRow
from market.voucher.models import VoucherRow


def terms_before(work: Work, territory: str) -> RoundTerms:
    """What must be known to read who waits: how far is too far, from where it is counted, whether continuity counts.

    A rule for a region binds its people also in a larger round; from where distances are counted and what continuity
    is worth is decided for the round as a whole, by the longest prefix that covers it.
    """
    rules = rules_on(work, work.today)
    worst = tuple(
        (rule.territory, rule.value)
        for rule in sorted(rules, key=lambda rule: (rule.territory, rule.value))
        if rule.code is RoundRuleCode.WORST_DISTANCE
    )
    continuity = _covering(rules, RoundRuleCode.CONTINUITY, territory)
    by_address = _covering(rules, RoundRuleCode.BY_ADDRESS, territory)
    return RoundTerms(worst, continuity, Homes.ADDRESS if by_address else Homes.LOCALITY)


def _covering(rules: Sequence[RoundRule], code: RoundRuleCode, territory: str) -> int:
    fitting = [rule for rule in rules if rule.code is code and territory.startswith(rule.territory)]
    return max(fitting, key=lambda rule: len(rule.territory)).value if fitting else 0


def caps_on(work: Work, census: Census) -> tuple[PlaceCap, ...]:
    """Those that bind an offer of the census. A limit on money becomes one on people: everybody is counted at the
    dearest that any of them can be, so that it is never exceeded; where a lot has one tariff that is exact."""
    rules = [rule for rule in rules_on(work, work.today) if rule.code in CAPS]
    if not rules:
        return ()
    columns = bare_id(work, OfferRow.id), OfferRow.territory, OfferRow.kind, OfferRow.provider_id
    offers = {row[0]: row for row in work.rows(sa.select(*columns))}
    found = []
    for rule in rules:
        inside = tuple(at for at, offer in enumerate(census.supply.id) if _binds(rule, *offers[offer][1:]))
        if inside:
            found.append(PlaceCap(_name(rule), rule.value, _room(work, rule, census, inside), inside))
    return tuple(found)


def _binds(rule: RoundRule, territory: str, kind: ServiceKind, provider_id: UUID) -> bool:
    own = territory.startswith(rule.territory)
    return own and rule.kind in {None, kind} and rule.provider_id in {None, provider_id}


def _room(work: Work, rule: RoundRule, census: Census, inside: tuple[int, ...]) -> int:
    """How many more people the limit leaves room for."""
    if rule.code is RoundRuleCode.PLACE_CAP:
        return max(0, rule.value - _placed(work, rule, sa.func.count(PlacementRow.id)))
    spent = sa.func.coalesce(sa.func.sum(PlacementRow.unit_price_minor * VoucherRow.units_a_month), 0)
    left = rule.value - _placed(work, rule, spent)
    most = sa.select(sa.func.max(VoucherRow.units_a_month)).join(RequestRow, RequestRow.voucher_id == VoucherRow.id)
    most = most.where(is_waiting())
    if rule.kind is not None:
        most = most.where(RequestRow.kind == rule.kind)
    dearest = int(census.supply.price[list(inside)].max()) * int(work.scalar(most) or 1)
    return max(0, left // dearest)


def _placed(work: Work, rule: RoundRule, what: sa.ColumnElement[int]) -> int:
    """Summed over those who are placed with the offers of the rule."""
    where = [PlacementRow.status.in_(LIVE), OfferRow.territory.startswith(rule.territory, autoescape=True)]
    if rule.kind is not None:
        where.append(OfferRow.kind == rule.kind)
    if rule.provider_id is not None:
        where.append(OfferRow.provider_id == rule.provider_id)
    placed = sa.select(what).select_from(PlacementRow).join(OfferRow, OfferRow.id == PlacementRow.offer_id)
    return int(work.scalar(placed.join(VoucherRow, VoucherRow.id == PlacementRow.voucher_id).where(*where)))


def _name(rule: RoundRule) -> str:
    """For people, and the same in every round of the same rule."""
    parts = [rule.territory or "the country", rule.kind or "", "one provider" if rule.provider_id else ""]
    return f"{rule.code} of {rule.from_on}, {', '.join(filter(None, map(str, parts)))}"
