"""What matching rounds are held to: public decisions with their days and their source."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.errors import Malformed
from contracts.kernel.work import Work
from market.catalogue.rules import ServiceKind
from market.placement import held
from market.placement.held import RoundRule
from market.placement.rules import RoundRuleCode
from market.web import queries as lists
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Day, Listing, Money, Tenge, TerritoryPrefix, Text, shown
from market.web.work import Id, TheCaller


class NewRoundRule(Asked):
    """``value``: metres, people or 1 (by-address); a money-cap has an ``amount`` a month instead. Only limits on places
    and money may be of one ``kind`` or one provider."""

    code: RoundRuleCode
    territory: TerritoryPrefix = ""
    kind: ServiceKind | None = None
    provider_id: UUID | None = None
    value: Annotated[int, Field(ge=0, le=10**9)] | None = None
    amount: Tenge | None = None
    from_on: Day
    until_on: Day
    source: Text

    def number(self) -> int:
        money = self.code is RoundRuleCode.MONEY_CAP
        given, missing = (self.amount, "amount") if money else (self.value, "value")
        if given is None or (self.value if money else self.amount) is not None:
            raise Malformed("A money-cap has an amount, every other rule a value", pointer=f"/{missing}", rule="unit")
        return given.minor if isinstance(given, Tenge) else given


class Ending(Asked):
    until_on: Day


class RoundRuleView(msgspec.Struct, frozen=True):
    id: UUID
    code: RoundRuleCode
    territory: str
    kind: ServiceKind | None
    provider_id: UUID | None
    value: int | None
    amount: Money | None
    from_on: date
    until_on: date
    source: str


def view(rule: RoundRule) -> RoundRuleView:
    money = rule.code is RoundRuleCode.MONEY_CAP
    return shown(
        RoundRuleView, rule, value=None if money else rule.value, amount=Money.of(rule.value) if money else None
    )


@writes("/round-rules")
def set_round_rule(caller: TheCaller, data: JSONBody[NewRoundRule]) -> RoundRuleView:
    """From today on at the earliest: rounds gone by were held to what held then."""

    def change(work: Work) -> RoundRuleView:
        rule_id = held.set_round_rule(
            work, code=data.code, territory=data.territory, kind=data.kind, provider_id=data.provider_id,
            value=data.number(), from_on=data.from_on, until_on=data.until_on, source=data.source,
        )  # fmt: skip
        return view(held.round_rule(work, rule_id))

    return caller.write(change)


@reads("/round-rules", public=True)
def list_round_rules(caller: TheCaller, at: TheSlice) -> Listing[RoundRuleView]:
    found = caller.read(lambda work: lists.round_rules(work, at))
    return at.listing(found, view, lambda rule: rule.id)


@writes("/round-rules/{rule_id:uuid}/ending")
def end_round_rule(caller: TheCaller, rule_id: Id, data: JSONBody[Ending]) -> RoundRuleView:
    """From ``until_on`` on it holds no longer."""
    return caller.do(
        lambda work: held.end_round_rule(work, rule_id, on=data.until_on),
        lambda work: view(held.round_rule(work, rule_id)),
    )


HANDLERS = [set_round_rule, list_round_rules, end_round_rule]
