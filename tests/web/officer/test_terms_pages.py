"""One person's service: its price changes from a day on, and what the person pays of it is assessed from a month on."""

import pytest

from contracts.kernel.work import Role
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import links


@pytest.fixture
def fresh(cast: Cast) -> Office:
    return cast(build_office)


def at(office: Office) -> str:
    return f"/engagements/{office.engagement}/terms"


def test_a_price_is_changed_from_a_day_on_and_what_is_wrong_is_kept(fresh: Office) -> None:
    reader, change = fresh.reader(fresh.street.budget), f"/engagements/{fresh.engagement}/prices"
    assert at(fresh) in links(reader.open(f"/engagements/{fresh.engagement}"))
    late = reader.refused(at(fresh), change, 422, unit_price="2600", from_on="31.03.2026", source="agreement 5")
    assert 'href="#from_on"' in late
    faulty = reader.refused(at(fresh), change, 400, unit_price="much", from_on="01.05.2026", source="agreement 5")
    assert 'href="#unit_price"' in faulty
    reader.done(at(fresh), change, unit_price="2 600", from_on="01.05.2026", source="agreement 5")
    assert "agreement 5" in reader.open(at(fresh))
    (told,) = fresh.street.budget.get(f"/api/engagements/{fresh.engagement}/prices").json()["items"]
    assert (told["unit_price"]["amount"], told["from_on"]) == ("2600.00", "2026-05-01")


def test_what_the_person_pays_is_assessed_and_what_is_wrong_is_kept(fresh: Office) -> None:
    reader, assess = fresh.reader(fresh.street.budget), f"/engagements/{fresh.engagement}/copayments"
    paper = {"income": "pension", "from_month": "2026-05", "source": "statement 7"}
    faulty = reader.refused(at(fresh), assess, 400, amount="", **paper)
    assert 'href="#amount"' in faulty
    assert reader.done(at(fresh), assess, amount="100 000", **paper) == at(fresh)
    (told,) = fresh.street.budget.get(f"/api/engagements/{fresh.engagement}/copayments").json()["items"]
    assert (told["from_month"], told["source"]) == ("2026-05", "statement 7")
    twice = reader.refused(at(fresh), assess, 409, amount="90 000", **paper)
    assert 'href="#from_month"' in twice


def test_others_find_no_such_page(fresh: Office) -> None:
    for reader in (
        fresh.reader(fresh.street.auditor),
        fresh.reader(fresh.holder),
        fresh.neighbour(Role.BUDGET_OFFICER),
    ):
        reader.open(at(fresh), status=404)
    assert at(fresh) not in links(fresh.reader(fresh.street.auditor).open(f"/engagements/{fresh.engagement}"))
