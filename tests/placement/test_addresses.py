"""A round that goes by address is exact over every offer in reach, and where homes are their towns' middles it is the
same round as one by town."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from contracts.kernel.work import SYSTEM
from market.placement import census as counting
from market.placement import held
from market.placement.again import run_again
from market.placement.answer import solve_welfare
from market.placement.arcs import Arcs, build
from market.placement.census import Census
from market.placement.checking import check_round
from market.placement.proof import Solved, check, flat_seats
from market.placement.round import run_round
from market.placement.rules import RoundRuleCode
from market.placement.stored_queries import stored_instance
from market.placement.terms import Homes, RoundTerms
from matching import solve_classes
from tests.placement.province import Province, province

__all__ = ["province"]
BY_ADDRESS = RoundTerms(homes=Homes.ADDRESS)


def by_address(province: Province) -> Census:
    return province.database.read(SYSTEM, lambda work: counting.take(work, territory="", homes=Homes.ADDRESS))


def solved(census: Census, arcs: Arcs, many: int) -> Solved:
    crowd = census.crowd
    found = solve_welfare(arcs, crowd.turn, crowd.sizes(), seed=1, time_limit=60, many=many)
    assert check(arcs, crowd.turn, found).status == "optimal"
    return found


def who(found: Solved) -> tuple[object, ...]:
    """Among equally good answers the order of the work decides, never a wish: where they sit may differ."""
    return found.who.served_by_tier, found.who.cost


def test_short_lists_and_the_whole_give_one_objective(province: Province) -> None:
    census = by_address(province)
    arcs = build(census, BY_ADDRESS)
    assert len(np.unique(census.crowd.home)) > 10 * len(np.unique(census.crowd.locality))
    short, whole = solved(census, arcs, many=0), solved(census, arcs, many=10**9)
    assert who(short) == who(whole)
    assert short.where is not None
    seats = flat_seats(arcs, short.taken >= 0)
    assert solve_classes(seats).cost == short.where.cost


def test_where_everybody_lives_in_the_middle_of_the_town_it_is_the_round_by_town(province: Province) -> None:
    census = by_address(province)
    middles = dict(zip(census.crowd.home.tolist(), census.crowd.locality.tolist(), strict=True))
    in_town = replace(census, place={home: province.census.place[town] for home, town in middles.items()})
    found = solved(in_town, build(in_town, BY_ADDRESS), many=0)
    assert who(found) == who(province.solved())


@pytest.mark.parametrize("ruled", [False, True])
def test_from_where_distances_are_counted_is_a_rule(province: Province, *, ruled: bool) -> None:
    if ruled:
        today = province.database.read(SYSTEM, lambda work: work.today)
        facts = {"from_on": today, "until_on": date(today.year + 2, 1, 1), "source": "order 7"}
        province.database.write(
            SYSTEM, lambda work: held.set_round_rule(work, code=RoundRuleCode.BY_ADDRESS, value=1, **facts)
        )
    report = run_round(province.database, workers=1)
    assert (report.ok, report.certificate) == (True, "verified")
    kept = province.database.read(SYSTEM, lambda work: stored_instance(work, report.round_id))
    assert kept.arcs.terms.homes is (Homes.ADDRESS if ruled else Homes.LOCALITY)
    assert province.database.read(SYSTEM, lambda work: check_round(work, 1)).faults == ()
    assert run_again(province.database, 1, workers=1).difference is None
