"""Acts handed in: a second person accepts or gives back; what could not be accepted shows no button."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.act.models import ActLineRow
from contracts.audit.queries import events_of
from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.work import SYSTEM, Role
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import faults, links
from tests.web.town import made


@pytest.fixture
def fresh(cast: Cast) -> Office:
    """On each kind of database."""
    return cast(build_office)


def at(office: Office) -> str:
    return f"/acts-desk/{office.act}"


def verbs(office: Office) -> list[str]:
    return office.town.database.read(SYSTEM, lambda work: [e.verb for e in events_of(work, "act", office.act_id)])


def test_an_act_is_accepted_by_a_budget_officer(fresh: Office) -> None:
    reader = fresh.reader(fresh.street.budget)
    assert at(fresh) in links(reader.open("/acts-desk"))
    page = reader.open(at(fresh))
    assert "Warm Home: March 2026" in page
    assert "7,500 ₸" in page
    assert reader.done(at(fresh), f"{at(fresh)}/acceptance") == "/acts-desk"
    assert verbs(fresh) == ["drafted", "submitted", "accepted"]
    assert at(fresh) not in links(reader.open("/acts-desk"))
    assert at(fresh) in links(reader.open("/acts-desk?status=accepted"))
    assert not reader.offers(at(fresh), f"{at(fresh)}/acceptance")


def test_an_act_goes_back_with_a_reason_that_is_kept_while_it_is_mended(fresh: Office) -> None:
    reader = fresh.reader(fresh.street.budget)
    page = reader.refused(at(fresh), f"{at(fresh)}/return", 400, reason="x" * 501)
    assert "Write at most 500 characters" in faults(page)[0]
    reader.refused(at(fresh), f"{at(fresh)}/return", 400, reason="")
    reader.done(at(fresh), f"{at(fresh)}/return", reason="One visit was at night")
    assert verbs(fresh)[-1] == "returned"
    assert "One visit was at night" in reader.open(at(fresh))


def test_two_officers_at_once_the_second_is_told_that_the_act_has_changed(fresh: Office) -> None:
    first, second = fresh.reader(fresh.street.budget), fresh.reader(fresh.town.person(Role.BUDGET_OFFICER))
    page = second.open(at(fresh))
    first.done(at(fresh), f"{at(fresh)}/return", reason="too early")
    made(fresh.street.house.post(f"/api/acts/{fresh.act_id}/submission"))
    answer = second.send(page, f"{at(fresh)}/acceptance")
    assert answer.status_code == 409
    assert faults(answer.text) == ["The object was changed since you read it"]
    assert verbs(fresh)[-1] == "submitted"


def test_an_act_of_days_that_were_cut_since_says_why_it_cannot_be_accepted(fresh: Office) -> None:
    street, path = fresh.street, f"/api/engagements/{fresh.engagement}/suspension"
    made(street.budget.post(path, {"on": "2026-03-03"}))
    page = fresh.reader(street.budget).open(at(fresh))
    assert "3 visits are of days on which the service was ended or interrupted" in page
    assert f'action="{at(fresh)}/acceptance"' not in page
    assert f'action="{at(fresh)}/return"' in page


def test_nobody_else_decides(office: Office) -> None:
    for person in (office.street.finance, office.street.auditor, office.street.buyer):
        reader = office.reader(person)
        assert not reader.offers(at(office), f"{at(office)}/acceptance")
        assert not reader.offers(at(office), f"{at(office)}/return")
    for role in (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.AUDITOR):
        neighbour = office.neighbour(role)
        assert at(office) not in links(neighbour.open("/acts-desk"))
        neighbour.open(at(office), status=404)
    for person in (office.holder, office.street.house, office.street.operator):
        office.reader(person).open("/acts-desk", status=403)


def test_who_declared_an_interest_reads_why_there_is_no_form(office: Office) -> None:
    tied = office.town.person(Role.BUDGET_OFFICER)
    interest = {"provider_id": office.street.provider, "reason": "my sister works there"}
    made(tied.post("/api/interests", interest, key="declared"))
    reader = office.reader(tied)
    page = reader.open(at(office))
    (line,) = [link for link in links(page) if link.startswith(f"{at(office)}/E-")]
    for shown in (page, reader.open(line)):
        assert "You declared an interest in this organisation" in shown
        assert "/acceptance" not in shown
        assert "/deduction" not in shown
    for person in (office.street.budget, office.street.auditor):
        assert "You declared an interest" not in office.reader(person).open(line)


def test_a_form_sent_by_who_may_not_is_refused(office: Office) -> None:
    """The button is not there, but a form can be made up."""
    page = office.reader(office.street.budget).open(at(office))
    for person in (office.street.finance, office.street.auditor):
        reader = office.reader(person)
        token = reader.open("/account")
        forged = page.replace(_token(page), _token(token))
        assert reader.send(forged, f"{at(office)}/acceptance").status_code in {403, 404}
    assert verbs(office) == ["drafted", "submitted"]


def _token(page: str) -> str:
    return page.partition('name="form_token" value="')[2].partition('"')[0]


def test_the_api_gives_the_visits_behind_a_line(office: Office) -> None:
    act = office.street.budget.get(f"/api/acts/{office.act_id}").json()
    path = f"/api/acts/{office.act_id}/lines/{act['lines'][0]['engagement_id']}/entries"
    first = office.street.budget.get(f"{path}?limit=2").json()
    assert [len(first["items"]), first["next"] is None] == [2, False]
    assert len(office.street.budget.get(first["next"]).json()["items"]) == 1
    assert office.town.person(Role.BUDGET_OFFICER, territory="75").get(path).status_code == 404


def test_an_act_of_many_lines_is_given_by_the_api_a_page_at_a_time(fresh: Office) -> None:
    budget, path = fresh.street.budget, f"/api/acts/{fresh.act_id}"
    (only,) = budget.get(path).json()["lines"]
    assert budget.get(path).json()["lines_next"] is None
    more_lines(fresh, 60)
    act = budget.get(path).json()
    seen, following = act["lines"], act["lines_next"]
    assert (len(seen), seen[0], following.split("?")[0]) == (50, only, f"{path}/lines")
    while following:
        page = budget.get(following).json()
        seen, following = seen + page["items"], page["next"]
    assert [one["id"] for one in seen] == sorted({one["id"] for one in seen})
    assert len(seen) == 61
    assert len(budget.get(f"{path}/lines?limit=2").json()["items"]) == 2
    assert fresh.town.person(Role.BUDGET_OFFICER, territory="75").get(f"{path}/lines").status_code == 404


def more_lines(office: Office, count: int) -> None:
    """The act's line again, at other prices."""
    lines = table_of(ActLineRow)
    with office.town.database.engine.begin() as connection:
        row = connection.execute(sa.select(lines).where(lines.c.act_id == UUID(office.act_id))).one()._asdict()
        price = row["unit_price_minor"]
        others = [row | {"id": new_id(), "unit_price_minor": price + n, "amount_minor": n} for n in range(1, count + 1)]
        connection.execute(sa.insert(lines), others)
