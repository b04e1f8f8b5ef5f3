"""The rules that decisions are made by: read by everybody, set by officers from a day on, each on its page."""

from datetime import date, timedelta

import pytest

from contracts.kernel.work import SYSTEM, Role
from tests.web.officer.reader import Reader, links
from tests.web.street import Street, build
from tests.web.town import Town

PUBLIC = ("/rules", "/rules/absences", "/rules/rounds", "/rules/approvals", "/rules/acts", "/rules/numbers")


@pytest.fixture
def street(town: Town) -> Street:
    return build(town)


def written(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def test_everybody_reads_the_rules_without_signing_in(street: Street) -> None:
    for path in PUBLIC:
        for language in ("kk", "ru", "en"):
            answer = street.town.client.get(path, headers={"Accept": "text/html", "Cookie": f"language={language}"})
            assert answer.status_code == 200, path
            assert answer.text.count("<h1") == 1
    numbers = street.town.client.get("/rules/numbers", headers={"Accept": "text/html", "Cookie": "language=kk"}).text
    assert "default of this marketplace" not in numbers
    assert "70" in numbers


def test_an_officer_sets_and_ends_a_rule_of_rounds(street: Street) -> None:
    town, reader = street.town, Reader.of(street.town, street.budget)
    today = town.database.read(SYSTEM, lambda work: work.today)
    typed = {"code": "worst-distance", "value": "40000", "territory": "710000000", "source": "order 7"}
    reader.refused("/rules/rounds/new", "/rules/rounds/new", 400, **{**typed, "value": "far"})
    reader.refused("/rules/rounds/new", "/rules/rounds/new", 400, **{**typed, "kind": "domestic"})
    assert reader.done("/rules/rounds/new", "/rules/rounds/new", **typed) == "/rules/rounds"
    reader.refused("/rules/rounds/new", "/rules/rounds/new", 409, **typed)
    (rule,) = street.auditor.get("/api/round-rules").json()["items"]
    page = reader.open("/rules/rounds")
    assert "order 7" in page
    assert "40 km" in page
    to = f"/rules/rounds/{rule['id']}/end"
    assert to in links(page)
    reader.refused(to, to, 400, last_on="")
    reader.done(to, to, last_on=written(today + timedelta(days=9)))
    (ended,) = street.auditor.get("/api/round-rules").json()["items"]
    assert ended["until_on"] == str(today + timedelta(days=10))
    events = street.auditor.get(f"/api/audit/round-rule/{rule['id']}").json()["items"]
    assert [one["verb"] for one in events] == ["set", "ended"]
    neighbour = Reader.of(town, town.person(Role.BUDGET_OFFICER, territory="75"))
    neighbour.open(to, status=403)
    Reader.of(town, street.finance).open("/rules/rounds/new", status=403)


def test_a_rule_of_absences_is_set_for_the_whole_country_only(street: Street) -> None:
    town = street.town
    Reader.of(town, town.person(Role.BUDGET_OFFICER, territory="71")).open("/rules/absences/new", status=403)
    ministry = Reader.of(town, town.person(Role.BUDGET_OFFICER))
    at = "/rules/absences/new"
    assert at in links(ministry.open("/rules/absences"))
    typed = {"kind": "no-show", "payable_percent": "50", "counts": "yes", "from_on": "01.01.2027", "source": "order 9"}
    ministry.refused(at, at, 400, **{**typed, "payable_percent": "101"})
    ministry.done(at, at, **typed)
    shown = ministry.open("/rules/absences")
    assert "order 9" in shown
    assert "50 %" in shown
    rules = street.auditor.get("/api/absence-rules").json()["items"]
    assert [one["until_on"] for one in rules if one["kind"] == "no-show"] == ["2027-01-01", "2100-01-01"]


def test_a_finance_officer_says_who_signs_an_act(street: Street) -> None:
    reader, at = Reader.of(street.town, street.finance), "/rules/acts/new"
    typed = {"rule": "signatures:both", "territory": "710000000", "from_on": "01.01.2027", "source": "order 3"}
    reader.refused(at, at, 400, **{**typed, "source": ""})
    reader.done(at, at, **typed)
    assert "the signatures of both sides" in reader.open("/rules/acts")
    Reader.of(street.town, street.budget).open(at, status=403)


def test_a_finance_officer_sets_the_tax_of_an_organisation_and_it_reads_so(street: Street) -> None:
    number = street.house.get(f"/api/providers/{street.provider}").json()["number"]
    at, reader = f"/registry/{number}/tax", Reader.of(street.town, street.finance)
    assert at in links(reader.open(f"/registry/{number}"))
    typed = {"mode": "included", "rate": "16", "from_month": "2026-04", "source": "certificate 8"}
    reader.refused(at, at, 400, **{**typed, "rate": "0"})
    reader.done(at, at, **typed)
    reader.refused(at, at, 409, **typed)
    assert "certificate 8" in reader.open(at)
    assert "certificate 8" in Reader.of(street.town, street.house).open(f"/organisations/{number}/contracts")
    (tax,) = street.house.get(f"/api/providers/{street.provider}/vat").json()["items"]
    assert tax["rate_bp"] == 1600
    assert not Reader.of(street.town, street.budget).offers(at, at)
