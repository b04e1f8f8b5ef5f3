"""The public figures of a day: counted once, made safe, kept. What a page or a download shows was safe when it was
written, so no reader of the database, no replica and no backup of it knows more.

Numbers of people that are under five stay hidden, and so do others from which they could be worked out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.oversight import queries
from market.oversight.models import PublicStatisticsRow
from market.oversight.queries import Demand
from market.oversight.suppression import LEAST, hide_in_list, hide_in_table, is_small

STAGES = ("appropriated", "free", "reserved", "committed", "payable", "paid", "owed")  # the others add up to the first
FIRST_STAGES = ("appropriated", "reserved", "committed", "payable", "paid")  # of days whose figures name none
Shown = list[int | None]  # placed, waiting, both; None: hidden


@dataclass(frozen=True, slots=True)
class Statistics:
    day: date
    made_at: datetime
    facts: dict[str, Any]  # JSON, as ``measure`` makes it


def latest(work: Work) -> Statistics | None:
    order = (PublicStatisticsRow.day.desc(),)
    found = work.find_all(Statistics, PublicStatisticsRow, order_by=order, limit=1)
    return found[0] if found else None


def take(database: Database) -> bool:
    """The figures of today, unless they stand already. They are counted beside the writers, not in front of them."""
    facts = database.read(SYSTEM, lambda work: None if _stands(work) else measure(work))
    return facts is not None and database.write(SYSTEM, lambda work: keep(work, facts))


def _stands(work: Work) -> bool:
    found = latest(work)
    return found is not None and found.day >= work.today


def keep(work: Work, facts: dict[str, Any]) -> bool:
    """False where another worker was first."""
    kept = work.insert_if_new(PublicStatisticsRow, day=work.today, made_at=work.now, facts=facts)
    if kept:
        record(work, "statistics", work.today.isoformat(), "taken")
    return kept


def measure(work: Work) -> dict[str, Any]:
    everybody = queries.demand_by(work, None).get("all", Demand(0, 0, 0, 0, 0))
    people = {name: table_of(everybody, queries.demand_by(work, name)) for name in queries.DIMENSIONS}
    return {
        "everybody": shown_whole(everybody),
        "people": people,
        "providers": [[t, sector, count] for (t, sector), count in queries.providers_by_territory(work).items()],
        "supply": [[s.kind, s.setting, s.capacity_unit, s.offers, s.capacity, s.free] for s in queries.supply(work)],
        "year": work.today.year,
        "stages": STAGES,
        "money": _money(work, people["territory"]),
    }


def shown_whole(everybody: Demand) -> Shown | None:
    """The sums of the whole country. None: there are too few people for any statistics."""
    if is_small(everybody.people):
        return None
    if is_small(everybody.people_placed) or is_small(everybody.people_waiting):
        return [None, None, everybody.placed + everybody.waiting]
    return [everybody.placed, everybody.waiting, everybody.placed + everybody.waiting]


def table_of(everybody: Demand, by: Mapping[str, Demand]) -> dict[str, Shown]:
    """A table that hides small numbers: in full, or with its totals only, or not at all."""
    whole = shown_whole(everybody)
    if whole is None:
        return {}
    keys, rows = list(by), list(by.values())
    if whole[0] is not None:
        small = [(is_small(d.people_placed), is_small(d.people_waiting), is_small(d.people)) for d in rows]
        hidden = hide_in_table([(d.placed, d.waiting) for d in rows], small)
        if hidden is not None:
            values = [(d.placed, d.waiting, d.placed + d.waiting) for d in rows]
            return {
                key: [None if (at, column) in hidden else value for column, value in enumerate(values[at])]
                for at, key in enumerate(keys)
            }
    totals = [d.placed + d.waiting for d in rows]
    hidden_totals = hide_in_list(totals, [is_small(d.people) for d in rows])
    if hidden_totals is None:
        return {}
    return {
        key: [None, None, None if hide else total] for key, total, hide in zip(keys, totals, hidden_totals, strict=True)
    }


def _money(work: Work, people: Mapping[str, Shown]) -> dict[str, list[int | None]]:
    """By territory and stage, in minor units. What is spent on people is shown where enough of them are shown; no sum
    over the country stands beside it."""
    sums: dict[str, list[int]] = {}
    for figure in budget.figures(work, ("",), year=work.today.year):
        own = sums.setdefault(figure.line.territory, [0] * len(STAGES))
        for at, stage in enumerate(STAGES):
            own[at] += getattr(figure.money, stage)
    return {territory: shown_money(own, people.get(territory)) for territory, own in sorted(sums.items())}


def shown_money(own: list[int], shown: Shown | None) -> list[int | None]:
    """The amounts of ``STAGES`` behind which enough people stand. Where one is hidden the free money is, too: together
    with it they all add up, so one that is hidden alone could be worked out."""
    placed, _waiting, both = shown or [None] * 3
    behind = {"appropriated": LEAST, "free": LEAST, "reserved": both}  # all other stages are about people with a place
    enough = [(behind.get(stage, placed) or 0) >= LEAST for stage in STAGES]
    open_ = [amount if is_enough or amount == 0 else None for amount, is_enough in zip(own, enough, strict=True)]
    if None in open_:
        open_[STAGES.index("free")] = None
    return open_
