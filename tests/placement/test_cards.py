"""Cards are sifted, walked page by page, and compared three at a time; what a holder would pay is said."""

import math
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.kernel.errors import Malformed
from contracts.kernel.work import SYSTEM, Work
from market.catalogue.models import IndicatorRow
from market.catalogue.rules import Category, Language, Unit
from market.placement import service
from market.placement.cards import MAX_COMPARED, Card, Mark, Sieve, box_around
from market.placement.choice import TooManyCompared
from market.placement.queries import PAY_MORE
from market.placement.rules import CategoryNotServed, OfferNotOpen, PriceAboveVoucher, distance_m
from market.provider import service as providing
from market.provider.rules import OfferNotFound
from market.voucher.queries import voucher
from market.voucher.rules import VoucherNotFound
from tests.placement.town import CENTRE, House, Person, Town
from tests.recipient.homes import OPERATOR, OPERATOR_ELSEWHERE

KM = 1_000


def cards(town: Town, person: Person, **how: Any) -> list[Card]:
    return town.see(lambda work: service.shortlist(work, person.voucher_id, **how))


def sifted(town: Town, person: Person, **sieve: Any) -> list[str]:
    return [card.provider_name for card in cards(town, person, sieve=Sieve(**sieve))]


def test_cards_are_sifted_by_distance_language_and_free_places(town: Town) -> None:
    full = town.house("Full", away_m=KM)
    town.house("Free", away_m=3 * KM, capacity=2)
    town.house("Far", away_m=30 * KM)
    town.book(town.person(), full)
    person = town.person()
    assert sifted(town, person) == ["Full", "Free", "Far"]
    assert sifted(town, person, within_m=3 * KM) == ["Full", "Free"]
    assert sifted(town, person, within_m=3 * KM - 1) == ["Full"]
    assert sifted(town, person, free_only=True) == ["Free", "Far"]
    assert sifted(town, person, language=Language.KAZAKH, free_only=True, within_m=5 * KM) == ["Free"]
    assert sifted(town, person, language=Language.RUSSIAN) == []
    assert sifted(town, person, within_m=0) == []


def test_room_is_counted_in_people_with_such_a_volume(town: Town) -> None:
    by_the_hour = town.house(unit=Unit.HOUR, capacity=400)
    person = town.person(unit=Unit.HOUR, units_a_month=8)
    (card,) = cards(town, person)
    size = town.see(lambda work: voucher(work, person.voucher_id)).size
    assert (card.places, card.room) == (400, 400 // size)
    assert 1 < size < 400
    assert by_the_hour.offer_id == card.offer_id
    town.ask(person)
    assert sifted(town, person, free_only=True) == ["Warm Home"]


def test_pages_of_cards_meet_without_gap_or_repetition(town: Town) -> None:
    for number in range(11):
        town.house(f"House {number}", away_m=KM * (1 + number // 4), price=(700 + 50 * (number % 3)) * 100)
    person = town.person()
    whole = cards(town, person)
    assert len(whole) == 11
    walked: list[Card] = []
    while page := cards(town, person, limit=4, after=walked[-1].place_in_line if walked else None):
        walked += page
    assert walked == whole
    last = whole[-1].place_in_line
    assert Mark.parse(str(last)) == last
    assert cards(town, person, after=last) == []


@pytest.mark.parametrize(
    "text", ["", "1", "1-2", "1-2-3", "x-2-" + str(UUID(int=1)), "-1-2-" + str(UUID(int=1)), "1" * 90]
)
def test_what_is_no_pages_end_is_said_to_be(text: str) -> None:
    with pytest.raises(Malformed):
        Mark.parse(text)


def test_up_to_three_are_put_side_by_side_and_of_each_is_said_what_it_would_cost(town: Town) -> None:
    near, dear = town.house("Near", price=900_00), town.house("Dear", away_m=2 * KM, price=1_400_00)
    children, closed = town.house(category=Category.CHILD_LOCOMOTOR), town.house()
    town.do(closed.people, lambda work: providing.close_offer(work, closed.offer_id))
    person = town.person(ceiling=1_000_00)

    def compare(*houses: House | UUID) -> list[Any]:
        ids = [house if isinstance(house, UUID) else house.offer_id for house in houses]
        return town.do(person.self, lambda work: service.compare(work, person.voucher_id, ids))

    one, other, stranger = compare(dear, near, uuid4())
    assert (one.card, type(one.refusal)) == (None, PriceAboveVoucher)
    assert (other.card.provider_name, other.card.own_share_minor, other.refusal) == ("Near", 0, None)
    assert isinstance(stranger.refusal, OfferNotFound)
    assert [type(one.refusal) for one in compare(children, closed)] == [CategoryNotServed, OfferNotOpen]
    assert len(compare(near, near)) == 1
    for count in (0, MAX_COMPARED + 1):
        with pytest.raises(TooManyCompared):
            compare(*[near] * count)
    pay_more(town)
    (dearer,) = compare(dear)
    assert (dearer.card.price_minor, dearer.card.own_share_minor) == (1_400_00, 400_00)


def pay_more(town: Town) -> None:
    def allow(work: Work) -> None:
        work.insert(
            IndicatorRow, id=uuid4(), code=PAY_MORE, value=1, unit="bids", from_on=date(2026, 1, 1),
            until_on=date(2027, 1, 1), source="a test",
        )  # fmt: skip
        work.take_changes()

    town.do(SYSTEM, allow)


def test_only_the_holders_side_compares(town: Town) -> None:
    house, person = town.house(), town.person()
    for actor in (OPERATOR, person.self):
        assert town.do(actor, lambda work: service.compare(work, person.voucher_id, [house.offer_id]))[0].card
    for stranger in (OPERATOR_ELSEWHERE, house.people):
        with pytest.raises(VoucherNotFound):
            town.do(stranger, lambda work: service.compare(work, person.voucher_id, [house.offer_id]))


@pytest.mark.parametrize("latitude", [40.6, 43.238, 55.4])
@pytest.mark.parametrize("metres", [500, 20_000, 150_000])
def test_the_box_holds_every_point_within_reach(latitude: float, metres: int) -> None:
    box = box_around(latitude, CENTRE[1], metres)
    for step in range(72):
        angle = math.radians(5 * step)
        north = latitude + math.degrees(metres / 6_371_008.8) * math.cos(angle) * 0.999
        east = CENTRE[1] + math.degrees(metres / 6_371_008.8) * math.sin(angle) * 0.999 / math.cos(math.radians(north))
        assert distance_m(latitude, CENTRE[1], north, east) <= metres * 1.02
        assert box.south <= north <= box.north
        assert box.west <= east <= box.east
