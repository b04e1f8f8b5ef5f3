"""Lines are decided on, payments approved and interests declared, each on its page and by API."""

import pytest

from contracts.kernel.work import SYSTEM, Role
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import Reader, links
from tests.web.town import made


@pytest.fixture
def fresh(cast: Cast) -> Office:
    return cast(build_office)


def at(office: Office) -> str:
    return f"/acts-desk/{office.act}"


def lines(office: Office) -> list[dict[str, object]]:
    found: list[dict[str, object]] = office.street.budget.get(f"/api/acts/{office.act_id}").json()["lines"]
    return found


def deducted(office: Office) -> str:
    return str(office.street.budget.get(f"/api/acts/{office.act_id}").json()["lines"][0]["deducted"]["amount"])


def line_page(office: Office, reader: Reader) -> str:
    number = office.street.budget.get(f"/api/engagements/{office.engagement}").json()["number"]
    assert f"{at(office)}/{number}" in links(reader.open(at(office)))
    return f"{at(office)}/{number}"


def set_threshold(office: Office, approvers: int, least: str = "1000.00") -> None:
    today = office.town.database.read(SYSTEM, lambda work: work.today)
    body = {"territory": "71", "least": {"amount": least}, "approvers": approvers, "from_on": str(today), "source": "x"}
    made(office.street.budget.post("/api/approval-thresholds", body))


def test_an_officer_takes_something_off_a_line_and_lets_it_stand_again(fresh: Office) -> None:
    reader = fresh.reader(fresh.street.budget)
    page = line_page(fresh, reader)
    to = f"{at(fresh)}/lines/{lines(fresh)[0]['id']}"
    reader.refused(page, f"{to}/deduction", 422, amount="7500.01", code="not-served", note="x")
    reader.refused(page, f"{to}/deduction", 400, amount="", code="not-served", note="")
    reader.done(page, f"{to}/deduction", amount="2500", code="no-proof", note="nobody opened on the third")
    shown = reader.open(at(fresh))
    assert "5,000 ₸" in shown
    assert "nothing proves the service" in shown
    house = fresh.reader(fresh.street.house)
    own = house.open(f"/organisations/{fresh.provider}/acts/{fresh.act_id}")
    assert "nobody opened on the third" in own
    reader.done(page, f"{to}/restoration")
    reader.done(at(fresh), f"{at(fresh)}/acceptance")
    assert "What the act said" in reader.open(at(fresh))
    assert not reader.offers(page, f"{to}/deduction")


def test_an_officer_takes_a_share_off_a_line_in_percent(fresh: Office) -> None:
    reader = fresh.reader(fresh.street.budget)
    page = line_page(fresh, reader)
    to = f"{at(fresh)}/lines/{lines(fresh)[0]['id']}/deduction"
    why = {"code": "poor-quality", "note": "left before the time"}
    for percent in ("0", "100.01", "1.005", "-5", "a half"):
        refused = reader.refused(page, to, 400, amount="", percent=percent, **why)
        assert 'href="#percent"' in refused
    both = reader.refused(page, to, 400, amount="10", percent="10", **why)
    assert "Say it in tenge or in percent, not both" in both
    assert deducted(fresh) == "0.00"
    reader.done(page, to, amount="", percent="12,5 %", **why)
    assert deducted(fresh) == "937.50"


def test_the_api_takes_off_a_share_and_tells_every_version(fresh: Office) -> None:
    officer, path = fresh.street.budget, f"/api/acts/{fresh.act_id}"
    line = f"{path}/lines/{lines(fresh)[0]['id']}"
    why = {"code": "poor-quality", "note": "late"}
    assert officer.post(f"{line}/deduction", why).status_code == 400
    act = made(officer.post(f"{line}/deduction", {"share_bp": 1000, **why}))
    assert (act["total"]["amount"], act["lines"][0]["deducted"]["amount"]) == ("6750.00", "750.00")
    made(officer.post(f"{path}/return", {"reason": "agree?"}))
    versions = officer.get(f"{path}/editions").json()["items"]
    assert [one["number"] for one in versions] == [2, 1]
    assert versions[0]["changed"][0]["after"]["amount"] == "6750.00"
    assert versions[0]["returned_for"] == "agree?"
    assert fresh.town.person(Role.BUDGET_OFFICER, territory="75").get(f"{path}/editions").status_code == 404


def test_a_payment_above_a_threshold_is_approved_on_the_acts_page(fresh: Office) -> None:
    set_threshold(fresh, 1)
    fresh.reader(fresh.street.budget).done(at(fresh), f"{at(fresh)}/acceptance")
    paying = fresh.reader(fresh.street.finance)
    assert at(fresh) in links(paying.open("/approvals"))
    to = f"/payments-desk/orders/{fresh.act}"
    for page in ("/payments-desk", "/payments-desk/list/order"):
        desk = paying.open(page)
        assert "0 of 1 approval is given" in desk
        assert f'href="{at(fresh)}#approval"' in desk
        assert not paying.offers(page, to), "a press would be refused"
    assert fresh.street.finance.post(f"/api/acts/{fresh.act_id}/payment", key="pay").status_code == 409
    second = fresh.reader(fresh.town.person(Role.FINANCE_OFFICER))
    second.refused(at(fresh), f"{at(fresh)}/rejection", 400, reason="")
    second.done(at(fresh), f"{at(fresh)}/rejection", reason="wait for the audit")
    assert "wait for the audit" in paying.open(at(fresh))
    assert "Somebody rejected the payment" in paying.open("/payments-desk")
    second.done(at(fresh), f"{at(fresh)}/approval")
    assert not second.offers("/payments-desk", to), "who approves does not pay"
    assert "Approved by as many as this amount needs." in paying.open(at(fresh))
    paying.done("/payments-desk", to)
    standing = fresh.street.finance.get(f"/api/acts/{fresh.act_id}/approvals").json()
    assert (standing["needed"], standing["complete"], len(standing["approved"])) == (1, True, 1)


def test_a_budget_officer_sets_a_threshold_on_a_page(fresh: Office) -> None:
    reader = fresh.reader(fresh.street.budget)
    typed = {"territory": "710000000", "least": "5 000 000", "approvers": "2", "source": "order 8"}
    reader.refused("/approvals/new", "/approvals/new", 400, **{**typed, "approvers": "9"})
    reader.done("/approvals/new", "/approvals/new", **typed)
    assert "order 8" in reader.open("/approvals")
    fresh.reader(fresh.street.finance).open("/approvals/new", status=403)
    fresh.reader(fresh.street.house).open("/approvals", status=403)


def test_an_interest_is_declared_and_its_officer_decides_no_more(fresh: Office) -> None:
    reader = fresh.reader(fresh.street.budget)
    reader.refused("/approvals", "/approvals/interests", 400, provider="", reason="")
    reader.done("/approvals", "/approvals/interests", provider=fresh.provider, reason="my sister works there")
    assert "my sister works there" in reader.open("/approvals")
    assert not reader.offers(at(fresh), f"{at(fresh)}/acceptance")
    refused = fresh.street.budget.post(f"/api/acts/{fresh.act_id}/acceptance", key="accept")
    assert (refused.status_code, refused.json()["code"]) == (403, "interest-declared")


def test_what_acts_are_made_by_is_set_by_api(fresh: Office) -> None:
    budget, finance, month = fresh.street.budget, fresh.street.finance, "2026-04"
    engagement = f"/api/engagements/{fresh.engagement}"
    body = {"income": "pension", "amount": {"amount": "100000.00"}, "from_month": month, "source": "statement 5"}
    assert made(budget.post(f"{engagement}/copayments", body))["items"][0]["charge"]["amount"] == "30951.00"
    price = {"unit_price": {"amount": "2600.00"}, "from_on": "2026-04-20", "source": "order 1"}
    assert made(budget.post(f"{engagement}/prices", price))["items"][0]["unit_price"]["amount"] == "2600.00"
    page = fresh.reader(budget).open(f"/budget/contracts/{fresh.contract}")
    assert "from 20 April 2026: 2,600 ₸" in page
    assert "no signature is asked for" in page.lower()
    vat = {"mode": "included", "rate_bp": 1600, "from_month": month, "source": "certificate"}
    path = f"/api/providers/{fresh.street.provider}/vat"
    assert made(finance.post(path, vat))["items"][0]["rate_bp"] == 1600
    assert budget.post(path, vat).status_code == 403
    term = {
        "code": "copayment-collector",
        "territory": "71",
        "value": "provider",
        "from_on": "2027-01-01",
        "source": "o",
    }
    assert made(finance.post("/api/act-terms", term))["items"][0]["value"] == "provider"
    assert finance.post("/api/act-terms", {**term, "value": "nobody"}).status_code == 400


def test_all_acts_of_a_month_are_drawn_up_by_api(fresh: Office) -> None:
    house, body = fresh.street.house, {"month": "2026-03", "provider_id": fresh.street.provider}
    assert made(house.post("/api/act-drafts", body)) == {"acts": 0}, "there is one already"
    assert house.post("/api/act-drafts", {"month": "2026-03"}).status_code == 403
    assert house.post("/api/act-drafts", {**body, "month": "2026-12"}).json()["code"] == "month-not-over"
    assert fresh.town.person(Role.ADMINISTRATOR).post("/api/act-drafts", {"month": "2026-02"}).json() == {"acts": 0}
