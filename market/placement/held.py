"""What rounds are held to, as dated decisions of budget officers: setting one, ending one, and reading those of a day.

A rule of the shorter territory prefix holds where none of a longer one does (limits on places and money hold together:
each is a limit). ``value`` is in metres, people, or minor units a month, as the code says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Conflict, Malformed, NotFound
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from market.catalogue.queries import check_territory_prefix
from market.catalogue.rules import ServiceKind
from market.placement.models import RoundRuleRow
from market.placement.rules import RoundRuleCode
from market.placement.terms import FARTHEST_M
from market.provider import queries as providers

MAX_SOURCE = 500
MAX_PEOPLE, MAX_MINOR = 10**9, 10**15
MAX_RULES = 1_000  # in force at once: a forest of limits larger than this is a slip of the pen
CAPS = frozenset({RoundRuleCode.PLACE_CAP, RoundRuleCode.MONEY_CAP})
LARGEST = {
    RoundRuleCode.WORST_DISTANCE: FARTHEST_M,
    RoundRuleCode.CONTINUITY: FARTHEST_M,
    RoundRuleCode.BY_ADDRESS: 1,
    RoundRuleCode.PLACE_CAP: MAX_PEOPLE,
    RoundRuleCode.MONEY_CAP: MAX_MINOR,
}


class RoundRuleNotFound(NotFound):
    code = "round-rule-not-found"
    title = "There is no such rule for rounds"


class RoundRulePeriodTaken(Conflict):
    code = "round-rule-period-taken"
    title = "Another such rule holds on some of these days"


@dataclass(frozen=True, slots=True)
class RoundRule:
    id: UUID
    code: RoundRuleCode
    territory: str
    kind: ServiceKind | None
    provider_id: UUID | None
    value: int
    from_on: date
    until_on: date
    source: str

    def shares_days(self, from_on: date, until_on: date) -> bool:
        return self.from_on < until_on and from_on < self.until_on


def set_round_rule(
    work: Work,
    *,
    code: RoundRuleCode,
    territory: str = "",
    kind: ServiceKind | None = None,
    provider_id: UUID | None = None,
    value: int,
    from_on: date,
    until_on: date,
    source: str,
) -> UUID:
    """By a budget officer whose scope holds the whole prefix; from today on at the earliest, because past rounds were
    held to what held then. Only limits on places and money may name a kind or a provider. Raises
    RoundRulePeriodTaken."""
    work.actor.require(Role.BUDGET_OFFICER, territory=territory)
    check_territory_prefix(work, territory)
    _check(work, code, kind, provider_id, value, from_on, until_on, source)
    standing = rules_on(work, from_on, until_on=until_on)
    same = (code, territory, kind, provider_id)
    if any((one.code, one.territory, one.kind, one.provider_id) == same for one in standing):
        raise RoundRulePeriodTaken(pointer="/from_on", rule="periods-do-not-overlap")
    if len(standing) >= MAX_RULES:
        raise Malformed(f"More than {MAX_RULES} rules cannot hold at once", pointer="/code", rule="rules-at-once")
    rule_id = new_id()
    work.insert(
        RoundRuleRow,
        id=rule_id,
        code=code,
        territory=territory,
        kind=kind,
        provider_id=provider_id,
        value=value,
        from_on=from_on,
        until_on=until_on,
        source=source.strip(),
    )
    record(work, "round-rule", rule_id, "set")
    return rule_id


def end_round_rule(work: Work, rule_id: UUID, *, on: date) -> None:
    """It holds until the day before. Raises RoundRuleNotFound."""
    rule = round_rule(work, rule_id, lock=True)
    work.actor.require(Role.BUDGET_OFFICER, territory=rule.territory)
    if not max(rule.from_on, work.today) < on < rule.until_on:
        raise Malformed("A rule ends after today and before its last day", pointer="/on", rule="rule-end")
    ended = work.update(RoundRuleRow, rule_id, RoundRuleRow.until_on > on, until_on=on)
    assert ended, "nobody else ends it in this transaction"
    record(work, "round-rule", rule_id, "ended")


def round_rule(work: Work, rule_id: UUID, *, lock: bool = False) -> RoundRule:
    """Raises RoundRuleNotFound."""
    found = work.find(RoundRule, RoundRuleRow, RoundRuleRow.id == rule_id, lock=lock)
    if found is None:
        raise RoundRuleNotFound
    return found


def rules_on(work: Work, day: date, *, until_on: date | None = None) -> Sequence[RoundRule]:
    """Those that hold on the day, or on any day up to ``until_on`` (not included)."""
    begun = RoundRuleRow.from_on <= day if until_on is None else RoundRuleRow.from_on < until_on
    return work.find_all(
        RoundRule, RoundRuleRow, begun, RoundRuleRow.until_on > day, order_by=(RoundRuleRow.id,), limit=MAX_RULES + 1
    )


def _check(
    work: Work, code: RoundRuleCode, kind: ServiceKind | None, provider_id: UUID | None, value: int, from_on: date,
    until_on: date, source: str,
) -> None:  # fmt: skip
    if not 0 <= value <= LARGEST[code]:
        raise Malformed(f"The value is 0 to {LARGEST[code]}", pointer="/value", rule="rule-value")
    if code not in CAPS and (kind is not None or provider_id is not None):
        raise Malformed("Only limits on places and money name a kind or a provider", pointer="/kind", rule="rule-scope")
    if provider_id is not None:
        providers.provider(work, provider_id)
    if not work.today <= from_on < until_on:
        raise Malformed("A rule begins today or later and ends after it", pointer="/from_on", rule="period")
    if not 0 < len(source.strip()) <= MAX_SOURCE:
        raise Malformed("Name the act this rule comes from", pointer="/source", rule="source-named")
