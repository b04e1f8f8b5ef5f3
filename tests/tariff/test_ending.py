"""A price limit ends early, and never from under a price."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.errors import NotAllowed
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from market.oversight.limits import end_limit
from market.provider import service as providers
from market.tariff import queries
from market.tariff.rules import NoPriceLimit, PriceLimitEndWrong, PriceLimitNotFound, PricesBeginLater
from tests.provider.houses import ASTANA, BUDGET, House, admitted_home
from tests.provider.houses import OFFICER as BUYER

ELSEWHERE = Actor(UUID(int=9), "budget.almaty", (Grant(Role.BUDGET_OFFICER, territory="75"),))
WEEK, TWO_WEEKS = timedelta(days=7), timedelta(days=14)


@pytest.fixture
def house(database: Database) -> House:
    return admitted_home(database)


def limit_of(database: Database) -> queries.PriceLimit:
    return database.read(SYSTEM, lambda work: queries.price_limits(work, territory=ASTANA)[0])


def day(database: Database) -> date:
    return database.read(SYSTEM, lambda work: work.today)


def end(database: Database, on: date, *, by: Actor = BUDGET) -> None:
    limit = limit_of(database)
    database.write(by, lambda work: end_limit(work, limit.id, on=on))


@pytest.mark.usefixtures("house")
def test_a_limit_ends_before_its_time_and_says_so_in_its_trail(database: Database) -> None:
    end(database, day(database) + WEEK)
    assert limit_of(database).until_on == day(database) + WEEK
    stream = f"{ASTANA}/domestic/home/visit"
    verbs = database.read(SYSTEM, lambda work: [e.verb for e in events_of(work, "price-limit", stream)])
    assert verbs == ["set", "ended"]


def test_what_was_agreed_stays_and_what_begins_after_the_end_is_refused(database: Database, house: House) -> None:
    offer = database.write(house.people, lambda work: providers.open_offer(work, house.offer()))
    end(database, day(database) + WEEK)
    later = day(database) + TWO_WEEKS

    def raise_price(work: Work) -> None:
        providers.set_tariff(work, offer, price_minor=2_600_00, from_on=later)

    with pytest.raises(NoPriceLimit):
        database.write(house.people, raise_price)


def test_a_limit_does_not_end_from_under_a_price_that_begins_later(database: Database, house: House) -> None:
    offer = database.write(house.people, lambda work: providers.open_offer(work, house.offer()))
    later = day(database) + TWO_WEEKS
    database.write(house.people, lambda work: providers.set_tariff(work, offer, price_minor=2_600_00, from_on=later))
    with pytest.raises(PricesBeginLater):
        end(database, day(database) + WEEK)
    with pytest.raises(PricesBeginLater):
        end(database, later)
    end(database, later + timedelta(days=1))


@pytest.mark.usefixtures("house")
def test_only_a_budget_officer_of_the_territory_ends_a_limit_and_only_in_the_future(database: Database) -> None:
    for stranger in (ELSEWHERE, BUYER):
        with pytest.raises(NotAllowed):
            end(database, day(database) + WEEK, by=stranger)
    until = limit_of(database).until_on
    for wrong in (day(database), day(database) - WEEK, until, until + WEEK):
        with pytest.raises(PriceLimitEndWrong):
            end(database, wrong)
    with pytest.raises(PriceLimitNotFound):
        database.write(BUDGET, lambda work: end_limit(work, UUID(int=5), on=work.today + WEEK))
