"""Loading the reference rows that ship with the package (``data/README.md`` says where they come from), and setting
legal numbers."""

import csv
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.database import Base
from contracts.kernel.errors import Malformed
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from contracts.register.absence_rules import AbsenceKind
from contracts.register.models import AbsenceRuleRow
from market.catalogue import queries
from market.catalogue.models import IndicatorRow, LocalityRow, ServiceItemRow, ServiceKindRow, TerritoryRow
from market.catalogue.rules import MAX_INDICATOR, MAX_SOURCE, UNIT_OF, IndicatorCode, IndicatorPeriodTaken

Row = Mapping[str, Any]  # a row of one of our own files, ready for its table


@lru_cache(maxsize=8)
def shipped(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one of our own files of reference data, as text."""
    text = (files("market.catalogue") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _localities() -> list[Row]:
    return [
        {
            "id": int(row["id"]),
            "name": row["name"],
            "territory": row["territory"],
            "latitude": float(row["latitude"]),
            "longitude": float(row["longitude"]),
            "population": int(row["population"]),
            "kato": None,
        }
        for row in shipped("localities")
    ]


def _items() -> list[Row]:
    return [
        {
            **row,
            "limit_amount": int(row["limit_amount"]) if row["limit_amount"] else None,
            "limit_unit": row["limit_unit"] or None,
        }
        for row in shipped("items")
    ]


def _absence_rules() -> list[Row]:
    numbers = ("payable_percent", "notice_hours")
    days = ("from_on", "until_on")
    return [
        {
            "id": new_id(),
            "counts": row["counts"] == "1",
            **{name: int(row[name]) for name in numbers},
            **{name: date.fromisoformat(row[name]) for name in days},
            "kind": AbsenceKind(row["kind"]),
            "source": row["source"],
        }
        for row in shipped("absence_rules")
    ]


def _indicators() -> list[Row]:
    return [
        {
            **row,
            "id": new_id(),
            "value": int(row["value"]),
            "from_on": date.fromisoformat(row["from_on"]),
            "until_on": date.fromisoformat(row["until_on"]),
        }
        for row in shipped("indicators")
    ]


def load(work: Work) -> None:
    """Every reference row that is not there yet, in bulk. What an officer changed since stays as it is."""
    work.actor.require(Role.ADMINISTRATOR)
    _add_missing(work, TerritoryRow, shipped("territories"), "code")
    _add_missing(work, LocalityRow, _localities(), "id")
    _add_missing(work, ServiceKindRow, shipped("kinds"), "code")
    _add_missing(work, ServiceItemRow, _items(), "code")
    _add_missing(work, IndicatorRow, _indicators(), "code")
    _add_missing(work, AbsenceRuleRow, _absence_rules(), "kind")
    if work.changes:
        record(work, "catalogue", "reference", "loaded")


def _add_missing(work: Work, model: type[Base], rows: tuple[dict[str, str], ...] | list[Row], key: str) -> None:
    there = queries.values_of(work, model, key)
    work.insert_many(model, [row for row in rows if row[key] not in there])


def set_indicator(work: Work, *, code: IndicatorCode, value: int, from_on: date, until_on: date, source: str) -> UUID:
    """A legal number with its days. The row before it ends where this one begins. Raises IndicatorPeriodTaken where
    a later row begins inside the period: the later act was entered first, and one of the two is a mistake."""
    work.actor.require(Role.BUDGET_OFFICER, territory="")
    assert type(value) is int
    if not 0 < value <= MAX_INDICATOR:
        raise Malformed("A legal number is positive", pointer="/value", rule="positive-value")
    if from_on >= until_on:
        raise Malformed("A period must end after it begins", pointer="/until_on", rule="period")
    if not 0 < len(source.strip()) <= MAX_SOURCE:
        raise Malformed("Name the act this number comes from", pointer="/source", rule="source-named")
    earlier = queries.indicator_running_into(work, code, from_on)
    if earlier is not None:
        work.update(IndicatorRow, earlier.id, until_on=from_on)
    indicator_id = new_id()
    inserted = work.insert_if_new(
        IndicatorRow,
        id=indicator_id,
        code=code,
        value=value,
        unit=UNIT_OF[code],
        from_on=from_on,
        until_on=until_on,
        source=source.strip(),
    )
    record(work, "indicator", code, "set")  # holds the stream's head: of two at once the second now sees the first
    if not inserted or queries.overlapping(work, code, from_on, until_on) > 1:
        raise IndicatorPeriodTaken(pointer="/from_on", rule="periods-do-not-overlap", indicator=str(code))
    return indicator_id
