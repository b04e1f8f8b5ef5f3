"""The directory finds who may serve today; its downloads are safe to open and tell of nobody."""

import csv
import io
import json
from uuid import UUID

import pytest

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.catalogue.rules import CareSetting, Category, Language, ServiceKind
from market.oversight import directory, open_data
from market.oversight.directory import Search
from market.oversight.open_data import BYTE_ORDER_MARK, Dataset, Form, safe_cell
from market.oversight.published import published, published_round, regions_of_localities, safe_figures
from market.placement.publishing import publish_round
from market.placement.rules import RoundNotFound
from market.provider import queries as providers
from market.provider import service as providing
from market.provider.rules import NewProvider, OrganisationType, ProviderNotFound, Sector
from tests.placement.test_round import go, waiting
from tests.placement.town import ADMISSION, BUDGET, Town, bin_of, open_town
from tests.recipient.homes import ALMATY


@pytest.fixture
def town(database: Database) -> Town:
    return open_town(database)


def names(town: Town, wanted: Search, *, after: UUID | None = None, limit: int = 50) -> list[str]:
    found = town.see(lambda work: directory.search(work, wanted, after=after, limit=limit))
    return [one.provider.name for one in found]


def number_of(town: Town, provider_id: UUID) -> str:
    return town.see(lambda work: providers.provider(work, provider_id)).number


def test_a_name_is_found_by_words_in_any_case(town: Town) -> None:
    town.house("«Жылы Үй» қоғамдық қоры")
    town.house("Дом милосердия")
    for typed in ("жылы үй", "ЖЫЛЫ ҮЙ", "үй жылы", "Қоғамдық"):
        assert names(town, Search(name=typed)) == ["«Жылы Үй» қоғамдық қоры"], typed
    assert names(town, Search(name="мило")) == ["Дом милосердия"]
    assert names(town, Search(name="%")) == []
    assert names(town, Search(name="жылы дом")) == []


def test_what_is_asked_of_an_offer_holds_for_one_and_the_same_offer(town: Town) -> None:
    full, free = town.house("Full", capacity=1), town.house("Free", capacity=2, category=Category.ELDERLY)
    town.book(town.person(), full)
    assert names(town, Search(free=True)) == ["Free"]
    assert names(town, Search(kind=ServiceKind.DOMESTIC, setting=CareSetting.HOME)) == ["Free", "Full"]
    assert names(town, Search(kind=ServiceKind.LEGAL)) == []
    assert names(town, Search(language=Language.KAZAKH, territory=ALMATY)) == ["Free", "Full"]
    assert names(town, Search(language=Language.RUSSIAN)) == []
    assert names(town, Search(territory="710000000")) == []
    town.do(free.people, lambda work: providing.close_offer(work, free.offer_id))
    assert names(town, Search(free=True)) == []
    (found, _) = town.see(lambda work: directory.search(work, Search(), after=None, limit=9))
    assert (found.provider.name, found.places, found.minutes) == ("Free", None, None)


def test_only_who_is_admitted_and_licensed_today_is_in_the_directory(town: Town) -> None:
    house = town.house("Warm Home")

    def newcomer(work: Work) -> UUID:
        return providing.register(work, NewProvider(
            bin=bin_of(77), name="Newcomer", sector=Sector.NGO, organisation_type=OrganisationType.NGO,
            territory=ALMATY, iban="KZ86125KZT5004100100",
        ))  # fmt: skip

    new = town.do(SYSTEM, newcomer)
    assert names(town, Search()) == ["Warm Home"]
    with pytest.raises(ProviderNotFound):
        town.see(lambda work: directory.profile(work, number_of(town, new)))
    number = number_of(town, house.provider_id)
    assert town.see(lambda work: directory.profile(work, number)).licensed is True
    town.do(ADMISSION, lambda work: providing.suspend(work, house.provider_id, reason="licence withdrawn"))
    assert names(town, Search()) == []
    assert str(town.see(lambda work: directory.profile(work, number)).status) == "suspended"


def test_pages_follow_the_names_and_lose_nobody(town: Town) -> None:
    for name in ("B", "A", "C", "B"):
        town.house(name)
    seen: list[str] = []
    after: UUID | None = None
    for _ in range(4):
        (one, *more) = town.see(lambda work, at=after: directory.search(work, Search(), after=at, limit=1))
        seen.append(one.provider.name)
        after = one.provider.id
    assert (seen, more) == (["A", "B", "B", "C"], [])
    with pytest.raises(ProviderNotFound):
        names(town, Search(), after=UUID(int=5))


def test_points_are_counted_by_region_for_the_map(town: Town) -> None:
    town.house("One")
    town.house("Two")
    assert town.see(lambda work: directory.points_by_territory(work, Search(free=True))) == {ALMATY: 2}
    assert town.see(lambda work: directory.points_by_territory(work, Search(kind=ServiceKind.LEGAL))) == {}
    assert len(town.see(lambda work: work.rows(directory.points_on_map(work, Search(name="Two"))))) == 1


# --- downloads -------------------------------------------------------------------------------------------------------
def download(town: Town, dataset: Dataset, form: Form) -> str:
    return "".join(open_data.written(town.database, dataset, form))


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK))))


def test_a_name_that_a_spreadsheet_would_run_is_disarmed_in_csv_and_bare_in_json(town: Town) -> None:
    town.house('=HYPERLINK("http://evil","x")')
    (row,) = rows_of(download(town, Dataset.PROVIDERS, Form.CSV))
    assert row["name"] == '\'=HYPERLINK("http://evil","x")'
    (told,) = json.loads(download(town, Dataset.PROVIDERS, Form.JSON))
    assert told["name"] == '=HYPERLINK("http://evil","x")'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_every_beginning_of_a_formula_is_disarmed(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"
    assert safe_cell("Үй 1") == "Үй 1"
    assert safe_cell(-1) == -1


def test_offers_and_points_say_what_a_page_says(town: Town) -> None:
    house = town.house(price=950_00, capacity=3, radius_m=5_000)
    (offer,) = rows_of(download(town, Dataset.OFFERS, Form.CSV))
    assert (offer["kind"], offer["price"], offer["free"], offer["languages"]) == ("domestic", "950.00", "3", "kk")
    assert offer["provider"] == number_of(town, house.provider_id)
    (point,) = json.loads(download(town, Dataset.POINTS, Form.JSON))
    assert (point["name"], point["territory"]) == ("Point", ALMATY)


def test_a_file_is_read_page_by_page_and_ends(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_data, "PAGE", 2)
    for _ in range(4):
        town.house()
    assert len(rows_of(download(town, Dataset.PROVIDERS, Form.CSV))) == 4
    assert len(json.loads(download(town, Dataset.OFFERS, Form.JSON))) == 4
    monkeypatch.setattr(open_data, "MAX_ROWS", 3)
    assert len(json.loads(download(town, Dataset.OFFERS, Form.JSON))) == 3


def test_no_download_knows_a_person(town: Town) -> None:
    town.house(capacity=3)
    people = waiting(town, 6)
    report = go(town)
    town.do(BUDGET, lambda work: publish_round(work, report.round_id))
    whole = "".join(download(town, dataset, form) for dataset in Dataset for form in Form)
    for person in people:
        for secret in (person.id, person.voucher_id, town.request(person).id):
            assert str(secret) not in whole
            assert secret.hex not in whole
    assert json.loads(download(town, Dataset.STATISTICS, Form.JSON)) == []


# --- rounds for everybody --------------------------------------------------------------------------------------------
def test_a_round_is_for_everybody_from_its_publication_on(town: Town) -> None:
    report = go(town)
    with pytest.raises(RoundNotFound):
        town.see(lambda work: published_round(work, report.number))
    assert town.see(published) == []
    town.do(BUDGET, lambda work: publish_round(work, report.round_id))
    assert town.see(lambda work: published_round(work, report.number)).id == report.round_id
    assert [one.number for one in town.see(published)] == [report.number]
    assert town.see(lambda work: published(work, before=report.number)) == []


def test_small_numbers_of_a_round_are_hidden_with_what_would_tell_them(town: Town) -> None:
    town.house(capacity=7)
    waiting(town, 12, tier=1)
    waiting(town, 2, tier=2)
    report = go(town)
    town.do(BUDGET, lambda work: publish_round(work, report.round_id))
    one = town.see(lambda work: published_round(work, report.number))
    safe = safe_figures(one, town.see(regions_of_localities))
    assert safe is not None
    assert safe.whole == [7, 7, 14]
    assert safe.by_region == {ALMATY: [7, 7, 14]}
    assert [shown[2] for shown in safe.by_tier.values()] == [0, None, None], "12 would tell of the 2"
    assert safe.quantiles == {}


def test_a_round_of_fewer_than_five_people_has_no_public_figures(town: Town) -> None:
    town.house(capacity=9)
    waiting(town, 4)
    report = go(town)
    town.do(BUDGET, lambda work: publish_round(work, report.round_id))
    one = town.see(lambda work: published_round(work, report.number))
    assert safe_figures(one, town.see(regions_of_localities)) is None
    (row,) = json.loads(download(town, Dataset.ROUNDS, Form.JSON))
    assert (row["figure"], row["value"]) == ("all", None)
