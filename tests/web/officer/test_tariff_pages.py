"""Price limits: seen by every office, set and ended by the budget officer of the territory."""

from contracts.kernel.work import Role
from tests.web.officer.office import Office
from tests.web.officer.reader import Reader, faults, links
from tests.web.town import ASTANA

LIMIT = {
    "territory": ASTANA, "kind": "medical", "setting": "home", "unit": "visit", "floor": "1 000", "ceiling": "3 000,50",
    "from_on": "01.01.2026", "until_on": "31.12.2026", "source": "resolution 5 of the akimat",
}  # fmt: skip


def test_a_limit_is_set_listed_and_ended_early(office: Office) -> None:
    reader = office.reader(office.street.budget)
    assert reader.done("/tariffs/new", "/tariffs/new", **LIMIT) == "/tariffs?days=ever"
    page = reader.open("/tariffs")
    assert "3,000.50 ₸" in page
    assert "1 January 2026 – 31 December 2026" in page
    end = next(link for link in links(page) if link.endswith("/end") and _about(reader, link, "medical care"))
    reader.done(end, end, until_on="30.04.2026")
    assert "1 January 2026 – 30 April 2026" in reader.open("/tariffs")
    assert "A price limit was ended early" in reader.open(f"/audit/price-limit/{end.split('/')[2]}")


def _about(reader: Reader, link: str, word: str) -> bool:
    return word in reader.open(link)


def test_every_mistake_is_told_beside_its_field_and_nothing_is_lost(office: Office) -> None:
    reader = office.reader(office.street.budget)
    wrong = LIMIT | {"ceiling": "500", "until_on": "31.12.2025", "source": "", "kind": ""}
    page = reader.refused("/tariffs/new", "/tariffs/new", 400, **wrong)
    assert faults(page) == [
        "Kind of service: Fill in this field",
        "The highest price is not below the lowest",
        "The last day is not before the first",
        "Decision that sets it: Fill in this field",
    ]
    for field in ("kind", "source", "ceiling", "until_on"):
        assert f'href="#{field}"' in page
        assert f'id="{field}-error"' in page


def test_the_same_days_twice_are_refused_in_the_readers_language(office: Office) -> None:
    taken = LIMIT | {"kind": "domestic"}
    reader = office.reader(office.street.budget, language="ru")
    page = reader.refused("/tariffs/new", "/tariffs/new", 409, **taken)
    assert "предел цены этой услуги" in faults(page)[0]


def test_a_limit_does_not_end_in_the_past_nor_under_a_price_that_begins_later(office: Office) -> None:
    reader = office.reader(office.street.budget)
    tariff = {"price": {"amount": "2600.00"}, "from_on": "2026-06-01"}
    assert office.street.house.post(f"/api/offers/{office.street.offer}/tariffs", tariff).status_code == 201
    end = next(
        link
        for link in links(reader.open("/tariffs"))
        if link.endswith("/end") and _about(reader, link, "help at home")
    )
    assert reader.press(end, end, until_on="01.01.2026").status_code == 422
    page = reader.refused(end, end, 409, until_on="30.04.2026")
    assert "begins on that day or later" in faults(page)[0]
    assert reader.press(end, end, until_on="31.02.2026").status_code == 400


def test_other_offices_look_and_neighbours_set_nothing_here(office: Office) -> None:
    for person in (office.street.finance, office.street.auditor, office.street.buyer):
        reader = office.reader(person)
        assert "akimat resolution 17" in reader.open("/tariffs")
        assert "/tariffs/new" not in links(reader.open("/tariffs"))
        reader.open("/tariffs/new", status=403)
    neighbour = office.neighbour(Role.BUDGET_OFFICER)
    assert "akimat resolution 17" not in neighbour.open("/tariffs")
    answer = neighbour.press("/tariffs/new", "/tariffs/new", **LIMIT)
    assert answer.status_code == 403
    neighbour.open(f"/tariffs?territory={ASTANA}", status=404)
    for person in (office.holder, office.street.house, office.street.chief):
        office.reader(person).open("/tariffs", status=403)


def test_the_api_ends_a_limit_too(office: Office) -> None:
    limits = office.street.budget.get("/api/price-limits?limit=200").json()["items"]
    (one,) = [limit for limit in limits if limit["kind"] == "medical"]
    path = f"/api/price-limits/{one['id']}/ending"
    assert office.neighbour(Role.BUDGET_OFFICER) is not None
    assert office.street.finance.post(path, {"until_on": "2026-04-20"}).status_code == 403
    assert office.street.budget.post(path, {"until_on": "2026-04-20"}).json()["until_on"] == "2026-04-20"
