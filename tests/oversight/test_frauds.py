"""Every planted fraud is flagged with its reason, on both databases; how many honest visits are flagged is told."""

import json
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from contracts.kernel.runner import Database
from market.oversight.flagging import look_over
from market.oversight.models import VisitFlagRow
from market.oversight.suspicion import Suspicion
from tests.oversight.region import WAYS, Region, build

NOW = timedelta(0)
HONEST_LIMIT = 0.02  # of visits; a house in ten takes over the times of the visit before, and a month is flagged once


def looked_over(region: Region, database: Database) -> dict[str, object]:
    planted = {(plant.suspicion, plant.way) for plant in region.plants}
    assert planted == {(kind, way) for kind in Suspicion for way in range(WAYS)}
    region.write(database)
    looked = 0
    while count := look_over(database, settled=NOW):
        looked += count
    with database.engine.connect() as connection:
        rows = connection.execute(sa.select(VisitFlagRow.entry_id, VisitFlagRow.suspicion)).all()
    found = {(row.entry_id, row.suspicion) for row in rows}
    missed = [p.suspicion for p in region.plants if not any((e, p.suspicion) in found for e in p.entries)]
    honest = {(entry, suspicion) for entry, suspicion in found if entry in region.honest}
    return {
        "visits": looked,
        "planted": len(region.plants),
        "missed": Counter(map(str, missed)),
        "honest": len(region.honest),
        "honest_flagged": len({entry for entry, _ in honest}),
        "honest_share": round(len({entry for entry, _ in honest}) / len(region.honest), 5),
        "honest_by_reason": Counter(str(suspicion) for _, suspicion in honest),
    }


def check(told: dict[str, object]) -> None:
    print(json.dumps(told))
    assert told["missed"] == {}
    assert told["honest_share"] < HONEST_LIMIT  # type: ignore[operator] # a figure


def test_every_planted_fraud_is_flagged(database: Database) -> None:
    region = build(houses=10, workers=1, frauds=3 * len(Suspicion), days=35)
    told = looked_over(region, database)
    check(told)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_frauds_in_a_year(database: Database, seed: int) -> None:
    """Of a region of 2,000 people: some 200,000 visits."""
    check(looked_over(build(houses=50, workers=4, frauds=200, days=365, seed=seed), database))
