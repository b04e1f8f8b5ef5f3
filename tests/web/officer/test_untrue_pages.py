"""The money of a visit that was found untrue: one officer proposes to take it back, a second one decides; everybody
whom it touches reads why."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.kernel.work import Role
from market.oversight.flagging import look_over
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_accepted, build_office
from tests.web.officer.reader import Reader, faults, links
from tests.web.officer.test_act_pages import at, verbs
from tests.web.officer.test_approval_pages import set_threshold
from tests.web.town import Person, Town, made, problem

WHY = {"code": "never-took-place", "note": "The daughter says that nobody came"}


@pytest.fixture
def fresh(cast: Cast) -> Office:
    """The act of three visits is accepted."""
    return cast(build_accepted)


@pytest.fixture
def second(fresh: Office) -> Person:
    return fresh.town.person(Role.BUDGET_OFFICER)


def visits(office: Office) -> list[str]:
    path = f"/api/acts/{office.act_id}/lines/{office.engagement}/entries"
    return [one["id"] for one in office.street.auditor.get(path).json()["items"]]


def month(office: Office) -> dict[str, str]:
    (found,) = office.street.auditor.get("/api/budget?year=2026").json()["months"]
    return {name: sum_["amount"] for name, sum_ in found.items() if name != "month"}


def proposed(office: Office, entry: str) -> str:
    """Where the visit's money is decided on, after the act's own officer proposed to take it back."""
    made(office.street.budget.post(f"/api/entries/{entry}/take-back", WHY))
    return f"/take-backs/{entry}"


def test_from_the_acts_visits_to_the_money_that_is_back(fresh: Office, second: Person) -> None:
    first, there = fresh.reader(fresh.street.budget), f"/take-backs/{visits(fresh)[0]}"
    (line,) = [link for link in links(first.open(at(fresh))) if link.startswith(f"{at(fresh)}/E-")]
    assert there in links(first.open(line))
    assert "2,500 ₸" in first.open(there)
    assert first.done(there, f"{there}/proposal", **WHY) == there
    page = first.open(there)
    assert "You proposed it: a second person decides." in page
    assert f"{there}/agreement" not in page
    other = fresh.reader(second)
    assert there in links(other.open(at(fresh))), "who decides finds it on the act"
    assert "money to be taken back" in other.open(line)
    assert "Take 2,500 ₸ back" in other.open(there)
    other.done(there, f"{there}/agreement", key="decided")
    assert "The money is taken back." in other.open(there)
    assert "money taken back" in other.open(line)
    assert verbs(fresh)[-2:] == ["take-back-proposed", "visit-taken-back"]
    assert month(fresh) == {
        "submitted": "0.00", "accepted": "7500.00", "paid": "0.00", "taken_back": "2500.00", "sent": "0.00",
        "unordered": "5000.00",
    }  # fmt: skip
    assert "Taken back" in other.open("/budget")
    trail = fresh.reader(fresh.street.auditor).open(f"/audit/act/{fresh.act_id}")
    assert "The money of a visit was taken back: it was found untrue" in trail
    assert "Money taken back for a visit" in trail


def test_what_was_typed_comes_back_with_what_is_wrong(fresh: Office) -> None:
    reader, there = fresh.reader(fresh.street.budget), f"/take-backs/{visits(fresh)[0]}"
    page = reader.refused(there, f"{there}/proposal", 400, code="counted-twice", note="")
    assert faults(page) == ["Fill in this field"]
    assert '<option value="counted-twice" selected' in page
    page = reader.refused(there, f"{there}/proposal", 400, code="", note="nobody was at home")
    assert faults(page) == ["Fill in this field"]
    page = reader.refused(there, f"{there}/proposal", 400, code="", note="")
    both = ["What was the visit found to be? Fill in this field", "In words: Fill in this field"]
    assert faults(page) == both, "the same sentence twice says nothing to who hears it"
    page = reader.refused(there, f"{there}/proposal", 400, code="counted-twice", note="x" * 501)
    assert "Write at most 500 characters" in faults(page)[0]
    forged = reader.press(there, f"{there}/proposal", **WHY, flag_id=str(uuid4()))
    assert forged.status_code == 422
    assert WHY["note"] in forged.text
    assert faults(forged.text) == ["The flag named is not of this visit, or nobody confirmed it"]
    assert "take-back-proposed" not in verbs(fresh)


def test_a_refusal_lets_it_be_proposed_anew(fresh: Office, second: Person) -> None:
    there, other = proposed(fresh, visits(fresh)[0]), fresh.reader(second)
    other.done(there, f"{there}/refusal", key="decided")
    assert verbs(fresh)[-1] == "take-back-refused"
    page = other.open(there)
    assert "money not taken back" in page
    assert f'action="{there}/proposal"' in page
    assert month(fresh)["taken_back"] == "0.00"


def test_no_button_where_the_service_would_refuse(fresh: Office, second: Person) -> None:
    there = proposed(fresh, visits(fresh)[0])
    for person in (fresh.street.finance, fresh.street.auditor):
        page = fresh.reader(person).open(there)
        assert "A budget officer of the territory proposes it" in page
        assert f'action="{there}/' not in page
    interest = {"provider_id": fresh.street.provider, "reason": "my sister works there"}
    made(second.post("/api/interests", interest, key="declared"))
    page = fresh.reader(second).open(there)
    assert "You declared an interest in this organisation" in page
    assert f'action="{there}/' not in page
    fresh.neighbour(Role.BUDGET_OFFICER).open(there, status=404)
    for stranger in (fresh.holder, fresh.street.operator):
        fresh.reader(stranger).open(there, status=404)


def test_while_a_batch_holds_the_act_or_its_payment_is_on_its_way_the_page_says_so(
    fresh: Office, second: Person
) -> None:
    entry, finance = visits(fresh)[0], fresh.street.finance
    there, other = proposed(fresh, entry), fresh.reader(second)
    batch = made(finance.post("/api/payment-batches", {"territory": "710000000", "year": 2026}, key="open"))
    made(finance.post(f"/api/payment-batches/{batch['id']}/acts", {"act_ids": [fresh.act_id]}))
    assert f"The act is in the batch {batch['number']}." in no_agreement(other, there)
    problem(second.post(f"/api/entries/{entry}/take-back/agreement", key="decided"), 409, "act-in-batch")
    made(finance.post(f"/api/payment-batches/{batch['id']}/dissolution"))
    made(finance.post(f"/api/acts/{fresh.act_id}/payment", key="pay"))
    assert "A payment of the act is on its way." in no_agreement(other, there)
    problem(second.post(f"/api/entries/{entry}/take-back/agreement", key="decided"), 409, "payment-exists")
    assert verbs(fresh)[-1] == "take-back-proposed"


def no_agreement(reader: Reader, there: str) -> str:
    page = reader.open(there)
    assert f'action="{there}/agreement"' not in page
    assert f'action="{there}/refusal"' in page, "to leave the money is never hindered"
    return page


def test_the_page_of_a_confirmed_flag_leads_there_and_the_flag_stays_with_it(fresh: Office) -> None:
    street = fresh.street
    recipient = street.auditor.get(f"/api/engagements/{fresh.engagement}").json()["recipient_id"]
    made(street.operator.post(f"/api/recipients/{recipient}/death", {"died_on": "2026-03-02"}))
    look_over(fresh.town.database, settled=timedelta(0))
    flag, *others = street.auditor.get("/api/flags?suspicion=after-death").json()["items"]
    reader, there = fresh.reader(street.budget), f"/take-backs/{flag['entry_id']}"
    page = f"/flags-desk/{flag['id']}"
    assert not [link for link in links(reader.open(page)) if link.startswith("/take-backs/")], "nobody confirmed it"
    for one in (flag, *others):
        made(street.auditor.post(f"/api/flags/{one['id']}/decision", {"status": "confirmed", "note": "she was dead"}))
    (link,) = [link for link in links(reader.open(page)) if link.startswith("/take-backs/")]
    assert link.startswith(there)
    reader.done(link, f"{there}/proposal", **WHY)
    assert page in links(reader.open(there))
    assert street.auditor.get(f"/api/entries/{flag['entry_id']}/take-back").json()["flag_id"] == flag["id"]
    wrong = WHY | {"flag_id": flag["id"]}
    told = problem(street.budget.post(f"/api/entries/{others[0]['entry_id']}/take-back", wrong), 422, "take-back-flag")
    assert told["pointer"] == "/flag_id"


def test_by_api_a_refusal_says_where_the_mistake_is(fresh: Office, second: Person) -> None:
    entry, budget = visits(fresh)[0], fresh.street.budget
    path = f"/api/entries/{entry}/take-back"
    problem(budget.get(path), 404, "take-back-not-found")
    for body, pointer in ((WHY | {"code": "x"}, "/code"), (WHY | {"note": ""}, "/note"), ({"note": "x"}, "/code")):
        assert pointers(problem(budget.post(path, body), 400, "malformed-input")) == [pointer]
    assert problem(budget.post(path, WHY | {"note": "  "}), 422, "reason-missing")["pointer"] == "/note"
    problem(budget.post(f"{path}/agreement", key="decided"), 404, "take-back-not-found")
    assert made(budget.post(path, WHY))["status"] == "proposed"
    problem(budget.post(path, WHY), 409, "wrong-state")
    problem(budget.post(f"{path}/agreement", key="decided"), 403, "take-back-second-person")
    taken = made(second.post(f"{path}/agreement", key="decided"))
    assert (taken["status"], taken["amount"]["amount"], taken["copayment"]["amount"]) == ("taken", "2500.00", "0.00")
    problem(second.post(f"{path}/refusal", key="decided"), 409, "wrong-state")
    assert fresh.street.house.get(path).json()["note"] == WHY["note"]
    problem(fresh.town.person(Role.BUDGET_OFFICER, territory="75").get(path), 404, "act-not-found")


def pointers(told: dict[str, Any]) -> list[str]:
    return [one["pointer"] for one in told["errors"]]


def test_organisation_and_recipient_read_that_it_was_taken_back_and_why(fresh: Office, second: Person) -> None:
    entry = visits(fresh)[0]
    house, holder = fresh.reader(fresh.street.house), fresh.reader(fresh.holder)
    act = f"/organisations/{fresh.provider}/acts/{fresh.act_id}"
    recipient = fresh.street.auditor.get(f"/api/entries/{entry}").json()["recipient_id"]
    number = fresh.street.operator.get(f"/api/recipients/{recipient}").json()["number"]
    there = proposed(fresh, entry)
    for reader, path in ((house, act), (holder, f"/people/{number}/visits")):
        assert WHY["note"] not in reader.open(path), "nothing is decided yet"
    fresh.reader(second).done(there, f"{there}/agreement", key="decided")
    page = house.open(act)
    assert "Visits found untrue" in page
    assert f"The visit never took place. {WHY['note']}" in page
    assert f"/entries/{entry}" in links(page)
    page = holder.open(f"/people/{number}/visits")
    said = "The money for this visit was taken back from the provider: the visit never took place."
    assert page.count(said) == 1
    assert WHY["note"] in page


def test_of_an_act_without_a_true_visit_nothing_is_paid_nor_said_to_be(fresh: Office, second: Person) -> None:
    set_threshold(fresh, 1)
    finance, line = fresh.reader(fresh.street.finance), "/budget/lines/2026-71-1-state-order"
    assert finance.offers(at(fresh), f"{at(fresh)}/approval")
    for entry in visits(fresh):
        proposed(fresh, entry)
        made(second.post(f"/api/entries/{entry}/take-back/agreement", key=entry))
    assert not finance.offers(at(fresh), f"{at(fresh)}/approval")
    assert month(fresh)["taken_back"] == "7500.00"
    assert month(fresh)["unordered"] == "0.00"
    (row,) = [row for row in finance.open(line).split("<tr") if f"/budget/contracts/{fresh.contract}" in row]
    assert re.findall(r">([\d,.]+ ₸)<", row) == ["7,500 ₸", "0 ₸"], "accepted, and nothing of it paid"
    recipient = fresh.street.auditor.get(f"/api/engagements/{fresh.engagement}").json()["recipient_id"]
    number = fresh.street.operator.get(f"/api/recipients/{recipient}").json()["number"]
    page = fresh.reader(fresh.holder).open(f"/people/{number}/payments")
    assert "The money for it was taken back: its visits were found untrue" in page
    problem(fresh.street.finance.post(f"/api/acts/{fresh.act_id}/payment", key="pay"), 409, "payment-exists")


def missed(office: Office) -> str:
    """A visit that nobody made: the act pays half of it as missed, and is accepted."""
    street = office.street
    rule = {"kind": "no-show", "payable_percent": 50, "counts": True, "from_on": "2026-03-01",
            "until_on": "2100-01-01", "source": "resolution 19"}  # fmt: skip
    made(street.budget.post("/api/absence-rules", rule))
    absence = {"kind": "no-show", "planned_at": "2026-03-04T05:00:00+00:00", "quantity": 1}
    noted = made(street.house.post(f"/api/engagements/{office.engagement}/absences", absence))
    made(street.house.post(f"/api/acts/{office.act_id}/assembly"))
    made(street.house.post(f"/api/acts/{office.act_id}/submission"))
    made(street.budget.post(f"/api/acts/{office.act_id}/acceptance", key="accept"))
    return str(noted["id"])


def test_what_was_paid_for_a_visit_as_missed_is_taken_back_where_it_was_not(town: Town) -> None:
    office = build_office(town, submitted=False)
    absence = missed(office)
    second, there = town.person(Role.BUDGET_OFFICER), f"/take-backs/{absence}"
    reader = office.reader(office.street.budget)
    (line, *_) = [link for link in links(reader.open(at(office))) if link.startswith(f"{at(office)}/E-")]
    page = reader.open(line)
    assert "Visits that did not take place, in order of time" in page
    assert there in links(page)
    page = reader.open(there)
    assert "Of it, for this absence" in page
    assert "1,250 ₸" in page
    assert re.findall(r'<option value="([a-z-]+)"', page) == ["counted-twice", "not-missed", "other-finding"]
    why = {"code": "not-missed", "note": "She was at home all day"}
    assert reader.done(there, f"{there}/proposal", **why) == there
    other = office.reader(second)
    assert there in links(other.open(at(office))), "who decides finds it on the act"
    assert "Take 1,250 ₸ back" in other.open(there)
    other.done(there, f"{there}/agreement", key="decided")
    assert "money taken back" in other.open(line)
    assert verbs(office)[-2:] == ["take-back-proposed", "absence-taken-back"]
    assert month(office)["taken_back"] == "1250.00"
    trail = office.reader(office.street.auditor).open(f"/audit/act/{office.act_id}")
    assert "The money of a visit that did not take place was taken back: it was not missed" in trail
    desk = office.reader(office.street.house).open(f"/organisations/{office.provider}/acts/{office.act_id}")
    assert f"The recipient had not missed it. {why['note']}" in desk
    recipient = office.street.auditor.get(f"/api/engagements/{office.engagement}").json()["recipient_id"]
    number = office.street.operator.get(f"/api/recipients/{recipient}").json()["number"]
    told = office.reader(office.holder).open(f"/people/{number}/visits")
    assert "The money for this visit was taken back from the provider: the recipient had not missed it." in told
    assert "Taken off the month's volume" not in told
    for said, tongue in (("Жалған болмаудың ақшасы", "kk"), ("Деньги за недостоверное отсутствие", "ru")):
        assert said in office.reader(second, language=tongue).open(there)


def test_by_api_an_absence_has_a_door_of_its_own(town: Town) -> None:
    office = build_office(town, submitted=False)
    absence, second = missed(office), town.person(Role.BUDGET_OFFICER)
    door, budget = f"/api/absences/{absence}/take-back", office.street.budget
    why = {"code": "not-missed", "note": "She was at home all day"}
    problem(budget.get(door), 404, "take-back-not-found")
    problem(budget.post(f"/api/entries/{absence}/take-back", why), 404, "entry-not-found")
    problem(budget.post(f"/api/absences/{visits(office)[0]}/take-back", WHY), 404, "absence-not-found")
    assert pointers(problem(budget.post(door, WHY), 400, "take-back-code")) == ["/code"]
    told = made(budget.post(door, why))
    assert (told["status"], told["entry_id"], told["absence_id"]) == ("proposed", None, absence)
    made(second.post(f"{door}/refusal", key="no"))
    made(budget.post(door, why))
    taken = made(second.post(f"{door}/agreement", key="yes"))
    assert (taken["status"], taken["amount"]["amount"]) == ("taken", "1250.00")
    problem(town.person(Role.BUDGET_OFFICER, territory="75").get(door), 404, "act-not-found")


def test_the_pages_speak_all_languages(fresh: Office, second: Person) -> None:
    there = proposed(fresh, visits(fresh)[0])
    for language, said in (("kk", "Жалған келудің ақшасы"), ("ru", "Деньги за недостоверное посещение")):
        assert said in fresh.reader(second, language=language).open(there)
