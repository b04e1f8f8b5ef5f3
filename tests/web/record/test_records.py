"""The page of any record: words and numbers for people, links to what belongs to it, no form that would be refused."""

import re

import pytest

from contracts.kernel.work import Role
from market.web.pages.record.nouns import NOUNS
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import Reader, links
from tests.web.street import build
from tests.web.town import Town, made

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def office(hall: Town) -> Office:
    return build_office(hall)


def records(office: Office) -> list[str]:
    """A page of each kind, as lists and pages lead there."""
    reader, seen = office.reader(office.street.auditor), []
    todo = [link for link in links(reader.open("/records")) if link.lstrip("/") in {noun.path for noun in NOUNS}]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.append(path)
        nouns = "|".join(noun.path for noun in NOUNS)
        todo += [link for link in links(reader.open(path)) if re.fullmatch(rf"/({nouns})(/[0-9a-f-]{{36}})?", link)]
    return seen


def test_every_record_is_reached_by_links_and_says_no_id_to_a_reader(office: Office) -> None:
    seen = records(office)
    kinds = {path.split("/")[1] for path in seen if path.count("/") == 2}
    assert {"vouchers", "recipients", "contracts", "engagements", "entries", "acts", "offers", "placements"} <= kinds
    reader = office.reader(office.street.auditor)
    for path in seen:
        main = reader.open(path).partition("<main")[2].partition("</main>")[0]
        text = re.sub(r"<[^>]*>", " ", main)
        assert not UUID.search(text), (path, UUID.search(text))
        assert " None " not in text


def test_records_speak_the_readers_language(office: Office) -> None:
    paths = records(office)
    for language, words in (("kk", ("Ваучер", "үйде")), ("ru", ("Ваучер", "на дому"))):
        reader = office.reader(office.street.auditor, language=language)
        page = reader.open(f"/vouchers/{office.voucher}")
        assert all(word in page for word in words)
        for path in paths:
            main = reader.open(path).partition("<main")[2].partition("</main>")[0]
            text = re.sub(r"<[^>]*>", " ", main)
            assert not re.search(r"\b(Status|Provider|Territory|From|issued|accepted)\b", text), (path, text)


def test_a_contract_names_the_account_that_is_paid(office: Office) -> None:
    auditor, house = office.reader(office.street.auditor), office.reader(office.street.house)
    (record,) = {link for link in links(auditor.open("/contracts")) if re.fullmatch(r"/contracts/[0-9a-f-]{36}", link)}
    for reader, path in (
        (auditor, record), (house, record), (auditor, f"/budget/contracts/{office.contract}"),
        (house, f"/organisations/{office.provider}/contracts"),
    ):  # fmt: skip
        assert "KZ86125KZT5004100100" in reader.open(path), path


def test_the_last_day_is_said_not_the_day_after(office: Office) -> None:
    page = office.reader(office.street.auditor).open(f"/vouchers/{office.voucher}")
    assert "30 June 2026" in page
    assert "1 July 2026" not in page


def test_a_thing_is_found_by_its_number_and_shown_to_whom_it_is_for(office: Office) -> None:
    reader = office.reader(office.street.auditor)
    answer = reader.get(f"/records?number={office.contract.lower()}")
    assert answer.status_code == 303
    assert office.contract in reader.open(answer.headers["location"])
    assert reader.get(f"/records?number={office.act}").headers["location"] == f"/acts/{office.act_id}"
    assert "Nothing has this number" in reader.open("/records?number=V-00000-00000")
    neighbour = office.neighbour(Role.AUDITOR)
    neighbour.open(neighbour.get(f"/records?number={office.contract}").headers["location"], status=404)
    assert "Find one by its number" not in office.reader(office.holder).open("/records")
    assert office.reader(office.holder).get(f"/records?number={office.contract}").status_code == 200


def test_an_officer_strikes_a_visit_with_a_reason_while_its_act_may_change(town: Town) -> None:
    office = build_office(town, submitted=False)
    visits = office.street.budget.get(f"/api/engagements/{office.engagement}/entries").json()["items"]
    page = f"/entries/{visits[0]['id']}"
    strike = f"{page}/cancellation"
    assert not office.reader(office.street.auditor).offers(page, strike)
    reader = office.reader(office.street.budget)
    long = "x" * 501
    reader.refused(page, strike, 422, reason=long)
    reader.done(page, strike, reason="she was in hospital that day")
    assert "she was in hospital that day" in reader.open(page)
    assert not reader.offers(page, strike), "once"
    made(office.street.house.post(f"/api/acts/{office.act_id}/assembly"))
    made(office.street.house.post(f"/api/acts/{office.act_id}/submission"))
    assert not reader.offers(f"/entries/{visits[1]['id']}", f"/entries/{visits[1]['id']}/cancellation"), "handed in"


def test_who_declared_an_interest_reads_why_there_is_no_form_to_strike_a_visit(town: Town) -> None:
    office = build_office(town, submitted=False)
    visits = office.street.budget.get(f"/api/engagements/{office.engagement}/entries").json()["items"]
    page = f"/entries/{visits[0]['id']}"
    reader, strike = office.reader(office.street.budget), f"{page}/cancellation"
    shown = reader.open(page)
    interest = {"provider_id": office.street.provider, "reason": "my sister works there"}
    made(office.street.budget.post("/api/interests", interest, key="declared"))
    assert "You declared an interest in this organisation" in reader.open(page)
    assert not reader.offers(page, strike)
    assert reader.send(shown, strike, reason="nobody was at home").status_code == 403
    assert office.street.auditor.get(f"/api{page}").json()["status"] == "confirmed"
    for other in (office.street.auditor, office.town.person(Role.BUDGET_OFFICER)):
        assert "You declared an interest" not in office.reader(other).open(page)


def test_officers_are_led_to_their_desks_and_histories_others_are_not(office: Office) -> None:
    act = f"/acts/{office.act_id}"
    page = office.reader(office.street.budget).open(act)
    assert f"/acts-desk/{office.act}" in links(page)
    assert f"/audit/act/{office.act_id}" in links(page)
    page = office.reader(office.street.house).open(act)
    assert f"/acts-desk/{office.act}" not in links(page)
    assert f"/audit/act/{office.act_id}" not in links(page)


def actions(page: str, path: str) -> list[str]:
    return [action.rpartition("/")[2] for action in re.findall(r'action="([^"]+)"', page) if action.startswith(path)]


def test_forms_come_and_go_with_what_their_service_would_do(town: Town) -> None:
    street = build(town)
    holder, voucher = street.holder()
    reader, path = Reader.of(town, holder), f"/vouchers/{voucher}"
    assert actions(reader.open(path), path) == ["bookings", "request"]
    assert actions(Reader.of(town, street.budget).open(path), path) == ["revocation"]
    assert actions(Reader.of(town, street.auditor).open(path), path) == []
    placement = made(holder.post(f"/api{path}/bookings", {"offer_id": street.offer}, key="b"))
    assert actions(reader.open(path), path) == []
    place = f"/placements/{placement['id']}"
    assert actions(reader.open(place), place) == [], "the provider answers"
    assert actions(Reader.of(town, street.house).open(place), place) == ["acceptance", "refusal"]
    street.travel(10)
    assert actions(Reader.of(town, street.house).open(place), place) == [], "too late"


def test_a_full_offer_is_not_offered_and_an_empty_refusal_is_told(town: Town) -> None:
    street = build(town, capacity=1)
    first, first_voucher = street.holder()
    made(first.post(f"/api/vouchers/{first_voucher}/bookings", {"offer_id": street.offer}, key="f"))
    holder, voucher = street.holder()
    page = Reader.of(town, holder).open(f"/vouchers/{voucher}")
    assert actions(page, f"/vouchers/{voucher}") == ["request"], "nothing to choose, but to wait"
    street.set_capacity(10)
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    house, path = Reader.of(town, street.house), f"/placements/{placement['id']}"
    house.refused(path, f"{path}/refusal", 400, reason="")
    house.done(path, f"{path}/refusal", reason="No worker speaks Kazakh")
    assert holder.get(f"/api{path}").json()["status"] == "declined"


def test_a_budget_officer_revokes_a_voucher_with_a_reason(town: Town) -> None:
    street = build(town)
    holder, voucher = street.holder()
    officer, path = Reader.of(town, street.budget), f"/vouchers/{voucher}"
    recipient = street.budget.get(f"/api{path}").json()["recipient_id"]
    number = street.budget.get(f"/api/recipients/{recipient}").json()["number"]
    assert f"/vouchers/new?recipient={number}" in links(officer.open(f"/recipients/{recipient}"))
    assert "/vouchers/new" not in Reader.of(town, street.auditor).open(f"/recipients/{recipient}")
    officer.refused(path, f"{path}/revocation", 400, reason="")
    officer.done(path, f"{path}/revocation", reason="Moved to another city")
    assert holder.get(f"/api{path}").json()["status"] == "revoked"
    assert actions(officer.open(path), path) == []
    neighbour = Reader.of(town, town.person(Role.BUDGET_OFFICER, territory="75"))
    neighbour.open(path, status=404)
