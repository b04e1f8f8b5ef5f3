"""The budget desk: from the whole down to one visit by links; lines are opened and filled by their officer alone."""

import re

import pytest

from contracts.kernel.work import Role
from tests.web.officer.office import Office
from tests.web.officer.reader import faults, links
from tests.web.town import ABAI, made

LINE = "2026-71-1-state-order"


def test_from_the_whole_budget_links_lead_down_to_a_visit(office: Office) -> None:
    reader = office.reader(office.street.finance)
    page = reader.open("/budget")
    assert "90,000,000 ₸" in page
    for step in (f"/budget/lines/{LINE}", f"/budget/contracts/{office.contract}", f"/acts-desk/{office.act}"):
        assert step in links(page), (step, links(page))
        page = reader.open(step)
    (line,) = [link for link in links(page) if link.startswith(f"/acts-desk/{office.act}/E-")]
    page = reader.open(line)
    visits = [link for link in links(page) if link.startswith("/entries/")]
    assert len(visits) == 3
    assert "at home" in reader.open(visits[0])


def test_the_months_are_those_of_the_visits(office: Office) -> None:
    page = office.reader(office.street.budget).open("/budget")
    row = re.search(r"<tr[^>]*>\s*<th[^>]*>March 2026</th>(.*?)</tr>", page, re.DOTALL)
    assert row is not None
    assert re.findall(r">([\d,.]+ ₸)<", row[1]) == ["7,500 ₸", "0 ₸", "0 ₸", "0 ₸", "0 ₸"]


def test_two_territories_are_told_apart_and_charted(office: Office) -> None:
    body = {"programme": "x", "territory": ABAI, "service_kind": "domestic", "year": 2026}
    made(office.street.budget.post("/api/funding-lines", body))
    page = office.reader(office.street.auditor).open("/budget")
    assert f"/budget/territories/{ABAI}?year=2026" in links(page)
    assert "/charts/" in page
    assert LINE in office.reader(office.street.auditor).open("/budget/territories/710000000?year=2026")


def test_a_year_without_lines_is_this_year(office: Office) -> None:
    reader = office.reader(office.street.budget)
    for year in ("1999", "x", "2026' --", ""):
        assert "Budget of 2026" in reader.open(f"/budget?year={year}")


def test_a_budget_officer_opens_a_line_and_puts_money_on_it_once(office: Office) -> None:
    reader = office.reader(office.street.budget)
    wish = {"programme": "007", "territory": "710000000", "service_kind": "medical", "year": "2026"}
    to = reader.done("/budget/new-line", "/budget/new-line", **wish)
    assert to == "/budget/lines/2026-71-2-007"
    page = reader.open(to)
    assert reader.send(page, f"{to}/appropriations", amount="1 250,50").status_code == 303
    assert reader.send(page, f"{to}/appropriations", amount="1 250,50").status_code == 303, "pressed twice, done once"
    assert reader.open(to).count("1,250.50 ₸") == 3  # appropriated, free, and in the list of what was given


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"programme": "", "territory": "710000000", "service_kind": "legal", "year": "2026"}, "Fill in this field"),
        ({"programme": "1", "territory": "710000000", "service_kind": "legal", "year": "1"}, "from 2020 to 2100"),
        ({"programme": "1", "territory": "710000000", "service_kind": "magic", "year": "2026"}, "Choose one"),
    ],
)
def test_a_line_that_cannot_be_opened_is_told_beside_its_field(office: Office, wish: dict[str, str], said: str) -> None:
    reader = office.reader(office.street.budget)
    page = reader.press("/budget/new-line", "/budget/new-line", **wish)
    assert page.status_code == 400
    assert any(said in fault for fault in faults(page.text)), faults(page.text)


def test_a_line_that_stands_already_and_money_that_is_none_are_refused(office: Office) -> None:
    reader = office.reader(office.street.budget)
    wish = {"programme": "state-order", "territory": "710000000", "service_kind": "domestic", "year": "2026"}
    reader.refused("/budget/new-line", "/budget/new-line", 409, **wish)
    at = f"/budget/lines/{LINE}"
    for amount in ("", "much", "-5", "0"):
        assert reader.press(at, f"{at}/appropriations", amount=amount).status_code == 400, amount


def test_only_the_budget_officer_of_the_territory_writes(office: Office) -> None:
    for person in (office.street.finance, office.street.auditor, office.street.buyer):
        reader = office.reader(person)
        assert not reader.offers(f"/budget/lines/{LINE}", f"/budget/lines/{LINE}/appropriations")
        reader.open("/budget/new-line", status=403)


def test_neighbours_and_strangers_see_none_of_it(office: Office) -> None:
    for role in (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.AUDITOR, Role.PROCUREMENT_OFFICER):
        neighbour = office.neighbour(role)
        assert "90,000,000" not in neighbour.open("/budget")
        neighbour.open("/budget/territories/710000000", status=404)
        neighbour.open(f"/budget/lines/{LINE}", status=404)
        neighbour.open(f"/budget/contracts/{office.contract}", status=404)
    for person in (office.holder, office.street.house, office.street.chief, office.street.operator):
        office.reader(person).open("/budget", status=403)
    office.reader(office.holder).open(f"/budget/lines/{LINE}", status=404)


def test_the_api_says_the_same(office: Office) -> None:
    told = office.street.finance.get("/api/budget?year=2026").json()
    (line,) = [one for one in told["lines"] if one["number"] == LINE]
    assert line["money"]["appropriated"]["amount"] == "90000000.00"
    assert {m["month"]: m["submitted"]["amount"] for m in told["months"]} == {"2026-03": "7500.00"}
    assert office.street.finance.get("/api/budget?year=2026&territory=75").json()["lines"] == []
    assert office.holder.get("/api/budget?year=2026").status_code == 403
