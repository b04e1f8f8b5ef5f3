"""An advance on its pages and by API: agreed, asked for, approved, ordered, set off; refused to whom it is not for."""

from base64 import urlsafe_b64decode
from typing import Any

import pytest

from contracts.kernel.work import SYSTEM, Role
from contracts.payment import progress, queries
from contracts.payment.rules import Fate
from market.web.rendering import SAID_COOKIE
from tests.payment.houses import QUICK
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import Reader, links
from tests.web.street import tenge
from tests.web.town import Town, made

DESK, RULES = "/advances-desk", "/rules/advances"


@pytest.fixture
def fresh(cast: Cast) -> Office:
    return cast(open_to_advances)


def open_to_advances(town: Town) -> Office:
    """The contract allows a third, and the rule for the whole territory 30 %; the month's act is accepted."""
    office = build_office(town)
    budget = office.reader(office.street.budget)
    budget.done(office_act(office), f"{office_act(office)}/acceptance")
    today = budget_day(office)
    budget.done(f"{RULES}/new", f"{RULES}/new", percent="30", from_on=today, source="order 7", territory="710000000")
    budget.done(page_of(office), f"{page_of(office)}/advances", percent="33", from_on=today, source="clause 4")
    return office


def office_act(office: Office) -> str:
    return f"/acts-desk/{office.act}"


def page_of(office: Office) -> str:
    return f"/budget/contracts/{office.contract}"


def budget_day(office: Office) -> str:
    return office.town.database.read(SYSTEM, lambda work: work.today).isoformat()


def contract_id(office: Office) -> str:
    return str(office.street.house.get(f"/api/engagements/{office.engagement}").json()["contract_id"])


def home_of(office: Office) -> str:
    return f"/organisations/{office.provider}/contracts/{contract_id(office)}/advances"


def asked(office: Office, amount: str = "1000") -> str:
    """The address of the advance on the desk."""
    house = office.reader(office.street.house)
    house.done(home_of(office), home_of(office), amount=amount, purpose="two bicycles")
    (found,) = office.street.house.get("/api/advances?status=asked").json()["items"]
    return f"{DESK}/{found['number']}"


def settle(office: Office) -> None:
    """What the worker and the bank do."""

    def send(work: Any) -> None:
        for claim in progress.claim_to_send(work, limit=9, patience=QUICK):
            progress.sent(work, claim.payment.id, f"tr_{claim.payment.number}")
            progress.told_by_bank(work, queries.payment(work, claim.payment.id), Fate.PAID)

    office.town.database.write(SYSTEM, send)


def approved(office: Office, advance: str) -> Reader:
    second = office.reader(office.town.person(Role.FINANCE_OFFICER))
    second.done(advance, f"{advance}/approval")
    return second


def test_an_advance_goes_from_the_question_to_the_act_that_uses_it_up(fresh: Office) -> None:
    assert home_of(fresh) in links(fresh.reader(fresh.street.house).open(f"/organisations/{fresh.provider}/contracts"))
    advance = asked(fresh)
    clerk = fresh.reader(fresh.street.finance)
    assert "1 advance waits for a decision" in clerk.open("/payments-desk")
    assert advance in links(clerk.open(DESK))
    assert not clerk.offers(advance, f"{advance}/order")
    second = approved(fresh, advance)
    assert "somebody else orders it" in second.open(advance)
    assert not second.offers(advance, f"{advance}/order")
    clerk.done(advance, f"{advance}/order")
    (payment,) = {one for one in links(clerk.open(advance)) if one.startswith("/payments-desk/P-")}
    assert advance in links(clerk.open(payment))
    settle(fresh)
    assert "You have it already" in fresh.reader(fresh.street.house).open(f"/organisations/{fresh.provider}/payments")
    clerk.done("/payments-desk", f"/payments-desk/orders/{fresh.act}")
    page = clerk.open(advance)
    assert office_act(fresh) in links(page)
    assert "1,000 ₸" in page
    assert advance in links(clerk.open(page_of(fresh)))
    trail = clerk.open(next(one for one in links(page) if one.startswith("/audit/advance/")))
    for told in ("The advance was asked for", "The advance was ordered"):
        assert told in trail
    for reader in (fresh.reader(fresh.street.auditor), fresh.reader(fresh.street.budget)):
        reader.open(advance)
    fresh.neighbour(Role.FINANCE_OFFICER).open(advance, status=404)
    fresh.reader(fresh.street.house).open(advance, status=403)


def settled_by_advance(office: Office, amount: str) -> tuple[str, str]:
    """The month's act is set off against an advance that arrived before. Where that leads, and what is said there."""
    advance = asked(office, amount)
    approved(office, advance)
    clerk = office.reader(office.street.finance)
    clerk.done(advance, f"{advance}/order")
    settle(office)
    answer = clerk.press("/payments-desk", f"/payments-desk/orders/{office.act}")
    return answer.headers["location"], urlsafe_b64decode(answer.cookies[SAID_COOKIE]).decode()


def pages_of_act(office: Office) -> list[str]:
    """As its officers and its provider read it."""
    at_home = f"/organisations/{office.provider}/acts/{office.act_id}"
    officers = (office.street.finance, office.street.budget, office.street.auditor)
    return [office.reader(one).open(office_act(office)) for one in officers] + [
        office.reader(office.street.house).open(at_home)
    ]


def paid_month(office: Office) -> str:
    holder = office.reader(office.holder)
    return holder.open(holder.get("/my").headers["location"] + "/payments")


def test_an_act_that_needed_no_payment_says_that_its_provider_had_the_money(fresh: Office) -> None:
    said = "The whole act is paid with money that the organisation had before. No payment follows."
    assert settled_by_advance(fresh, "7500") == (office_act(fresh), said)
    assert fresh.street.finance.get("/api/payments").json()["items"][0]["act_id"] is None, "the advance's only"
    for page in pages_of_act(fresh):
        assert "The whole act is paid with money that the organisation had before" in page
        assert "Advance AD-" in page
    second = fresh.reader(fresh.town.person(Role.FINANCE_OFFICER))
    assert not second.offers(office_act(fresh), f"{office_act(fresh)}/approval"), "nothing is left to approve"
    words = paid_month(fresh)
    assert "Settled: the provider had received the money for it before" in words
    assert "will be paid" not in words


def test_an_act_that_was_set_off_in_part_says_what_became_of_the_rest(fresh: Office) -> None:
    address, said = settled_by_advance(fresh, "1000")
    assert address.startswith("/payments-desk/P-")
    assert said.startswith("The payment is ordered")
    for page in pages_of_act(fresh):
        assert "A part of the act is paid with money that the organisation had before" in page
        assert "1,000 ₸" in page
    assert "The provider had a part of the money before; the rest is on its way" in paid_month(fresh)
    settle(fresh)
    assert "Paid to the provider, who had a part of the money before" in paid_month(fresh)


def test_what_is_too_much_comes_back_with_what_was_typed(fresh: Office) -> None:
    house = fresh.reader(fresh.street.house)
    page = house.refused(home_of(fresh), home_of(fresh), 422, amount="9999999", purpose="a palace")
    assert "is allowed now" in page
    house.refused(home_of(fresh), home_of(fresh), 400, amount="ten", purpose="")
    budget = fresh.reader(fresh.street.budget)
    again = {"percent": "10", "from_on": budget_day(fresh), "source": "clause 5"}
    assert "A share was set for that day already" in budget.refused(
        page_of(fresh), f"{page_of(fresh)}/advances", 409, **again
    )
    budget.refused(f"{RULES}/new", f"{RULES}/new", 400, percent="101", source="order 8")


def test_a_refused_advance_says_why_to_who_asked_and_another_is_withdrawn(fresh: Office) -> None:
    advance = asked(fresh)
    clerk, house = fresh.reader(fresh.street.finance), fresh.reader(fresh.street.house)
    assert not house.offers(home_of(fresh), home_of(fresh)), "one at a time"
    assert "when the one before is used up" in house.open(home_of(fresh))
    clerk.refused(advance, f"{advance}/refusal", 400, reason="")
    clerk.done(advance, f"{advance}/refusal", reason="too many bicycles")
    assert "Refused: too many bicycles" in house.open(home_of(fresh))
    asked(fresh, "900")
    (found,) = fresh.street.house.get("/api/advances?status=asked").json()["items"]
    house.done(home_of(fresh), f"{home_of(fresh)}/{found['id']}/withdrawal")
    assert fresh.street.house.get(f"/api/advances/{found['id']}").json()["status"] == "withdrawn"


def test_who_declared_an_interest_sees_no_button(fresh: Office) -> None:
    advance = asked(fresh)
    tied = fresh.reader(fresh.town.person(Role.FINANCE_OFFICER))
    tied.done("/approvals", "/approvals/interests", provider=fresh.provider, reason="my sister works there")
    assert "you decide nothing about its advance" in tied.open(advance)
    for step in ("approval", "refusal", "order"):
        assert not tied.offers(advance, f"{advance}/{step}")


def test_everybody_reads_how_much_may_be_advanced(fresh: Office) -> None:
    page = fresh.reader(fresh.street.house).open(RULES)
    assert "30" in page
    assert not fresh.reader(fresh.street.finance).offers(RULES, f"{RULES}/new")
    fresh.reader(fresh.street.finance).open(f"{RULES}/new", status=403)


def test_an_advance_goes_the_whole_way_by_api(fresh: Office) -> None:
    street = fresh.street
    contract = f"/api/contracts/{contract_id(fresh)}"
    allowed = street.house.get(f"{contract}/advance-terms").json()
    assert (allowed["share_bp"], allowed["open"]) == (3000, False)
    assert [one["most_bp"] for one in allowed["terms"]] == [3300]
    body = {"amount": tenge("1000.00"), "purpose": "two bicycles"}
    advance = made(street.house.post(f"{contract}/advances", body, key="ask"))
    assert (advance["status"], advance["owed"], advance["payment_id"]) == ("asked", None, None)
    assert made(street.house.post(f"{contract}/advances", body, key="ask"))["id"] == advance["id"]
    at = f"/api/advances/{advance['id']}"
    twice = street.house.post(f"{contract}/advances", body, key="ask-2")
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/advance-open")
    for who in (street.finance, street.house):
        refused = who.post(f"{at}/payment", key="order-1")
        assert refused.status_code in (403, 409), refused.text
    second = fresh.town.person(Role.FINANCE_OFFICER)
    assert made(second.post(f"{at}/approvals", {"verdict": "approved"}))["complete"]
    payment = made(street.finance.post(f"{at}/payment", key="order-2"))
    assert (payment["act_id"], payment["advance_id"]) == (None, advance["id"])
    settle(fresh)
    assert street.house.get(at).json()["owed"]["amount"] == "1000.00"
    made(street.finance.post(f"/api/acts/{fresh.act_id}/set-off"))
    found = street.house.get(at).json()
    assert (found["owed"]["amount"], found["set_off"]["amount"]) == ("0.00", "1000.00")
    assert fresh.town.person(Role.FINANCE_OFFICER, territory="75").get(at).status_code == 404
    assert [one["most_bp"] for one in street.house.get("/api/advance-rules").json()["items"]] == [3000]
    wrong = street.budget.post(
        "/api/advance-rules", {"territory": "71", "most_bp": 10001, "from_on": "2026-05-01", "source": "x"}
    )
    assert wrong.status_code == 400


def test_a_limit_that_fell_since_is_said_before_anybody_orders_and_where_the_form_came_back(fresh: Office) -> None:
    advance = asked(fresh)
    approved(fresh, advance)
    clerk = fresh.reader(fresh.street.finance)
    page = clerk.open(advance)
    assert "As things stand" not in page
    rule = {"territory": "71", "most_bp": 1, "from_on": budget_day(fresh), "source": "order 9"}
    made(fresh.street.budget.post("/api/advance-rules", rule))
    answer = clerk.send(page, f"{advance}/order")
    assert answer.status_code == 422
    assert "is allowed now" in answer.text
    assert 'href="#amount"' not in answer.text, "the form has no such field"
    told = clerk.open(advance)
    assert "As things stand it cannot be paid: At most" in told
    assert not clerk.offers(advance, f"{advance}/order")
    in_russian = Reader.of(fresh.town, fresh.street.finance, language="ru").open(advance)
    assert "Сейчас его нельзя выплатить" in in_russian
    number = advance.rpartition("/")[2]
    (found,) = [one for one in fresh.street.finance.get("/api/advances").json()["items"] if one["number"] == number]
    refused = fresh.street.finance.post(f"/api/advances/{found['id']}/payment", key="order it")
    assert (refused.status_code, "pointer" in refused.json()) == (422, False)


def test_of_a_contract_that_was_ended_nothing_can_be_advanced(fresh: Office) -> None:
    buyer, nothing = fresh.street.buyer, "The contract does not run: nothing can be advanced."
    terms = f"/api/contracts/{contract_id(fresh)}/advance-terms"
    pages = (fresh.reader(buyer), page_of(fresh)), (fresh.reader(fresh.street.house), home_of(fresh))
    assert buyer.get(terms).json()["most"]["amount"] != "0.00"
    assert not any(nothing in reader.open(there) for reader, there in pages)
    made(buyer.post(f"/api/providers/{fresh.street.provider}/suspension", {"reason": "sold"}))
    end = {"on": "2026-04-05", "reason": "sold"}
    made(buyer.post(f"/api/contracts/{contract_id(fresh)}/termination", end, key="end"))
    assert buyer.get(terms).json()["most"]["amount"] == "0.00"
    for reader, there in pages:
        assert nothing in reader.open(there)
