"""A small invented province with everything a nation has: several kinds, settings, categories, wishes."""

from dataclasses import dataclass

import numpy as np
import pytest

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.placement import census as counting
from market.placement.answer import solve_welfare
from market.placement.arcs import Arcs, build
from market.placement.census import Census
from market.placement.proof import Answer, Solved, check
from market.seed.national import Size, load_nation
from matching import Instance
from tests.recipient.homes import VAULT


@dataclass(frozen=True, eq=False)
class Province:
    database: Database
    census: Census
    arcs: Arcs

    def instance(self, arcs: Arcs | None = None) -> Instance:
        """Request by request, for the matcher's own door: ids as printed, the wait as priority, the wish as rank."""
        classes, crowd, supply = (arcs or self.arcs).classes, self.census.crowd, self.census.supply
        row = np.repeat(np.arange(len(classes.count)), classes.count)
        lengths = np.diff(classes.first_arc)[row]
        first = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        arc = np.arange(first[-1]) + np.repeat(classes.first_arc[row] - first[:-1], lengths)
        return Instance(
            slot_ids=tuple(supply.id),
            capacity=classes.capacity,
            request_ids=tuple(dashed(one) for one in crowd.request_ids()),
            tier=crowd.tier[row],
            size=np.ones_like(row),
            first_arc=first,
            arc_slot=classes.arc_slot[arc],
            arc_cost=classes.arc_cost[arc],
            spend=np.zeros((0, len(arc)), dtype=np.int64),
            priority=np.unique(crowd.member.since, return_inverse=True)[1],
        )

    def solved(self, **options: object) -> Solved:
        crowd = self.census.crowd
        known = {"seed": 1, "time_limit": 60} | options
        return solve_welfare(self.arcs, crowd.turn, crowd.sizes(), **known)  # type: ignore[arg-type]  # its own

    def answer(self, solved: Solved) -> Answer:
        return check(self.arcs, self.census.crowd.turn, solved)


def dashed(r: str) -> str:
    return f"{r[:8]}-{r[8:12]}-{r[12:16]}-{r[16:20]}-{r[20:]}"


def found_province(database: Database, people: int = 700) -> Province:
    size = Size(people=people, network_scale=0.05, territory="19")

    def load(work: Work) -> None:
        load_nation(work, VAULT, size=size, seed=3, progress=lambda _text: None)

    database.write(SYSTEM, load)
    census = database.read(SYSTEM, lambda work: counting.take(work, territory=""))
    return Province(database, census, build(census))


@pytest.fixture
def province(database: Database) -> Province:
    return found_province(database)
