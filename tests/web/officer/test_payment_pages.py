"""The payments desk: a third person orders; what failed is on top with its reason and what can be done."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.audit.service import record
from contracts.kernel.clock import real_clock
from contracts.kernel.work import SYSTEM, Role, Work
from contracts.payment import progress, queries
from contracts.payment.doubts import Doubt
from contracts.payment.models import PaymentRow
from contracts.payment.rules import LONGEST_SENDING, Fate, Patience
from contracts.reconciliation.service import reconcile
from tests.reconciliation.houses import told
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_accepted, build_office
from tests.web.officer.reader import faults, links
from tests.web.town import Person, Town, made, problem

PATIENCE = Patience()


@pytest.fixture
def paying(cast: Cast) -> Office:
    return cast(build_accepted)


def order(office: Office) -> str:
    """Ordered on the desk; the address of the payment."""
    return office.reader(office.street.finance).done("/payments-desk", f"/payments-desk/orders/{office.act}")


def behind(office: Office, address: str) -> UUID:
    number = address.rpartition("/")[2]
    return office.town.database.read(SYSTEM, lambda work: queries.payment_numbered(work, number)).id


def happen(office: Office, address: str, *what: str) -> None:
    """As the worker would find out."""
    payment_id = behind(office, address)

    def fn(work: Work) -> None:
        progress.claim_to_send(work, limit=10, patience=PATIENCE)
        if "sent" in what:
            progress.sent(work, payment_id, "tr_1")
        if "failed" in what:
            progress.fail(work, payment_id, why="No such bank account")
        if "parked" in what:
            progress.park(work, payment_id, why="The server has 2 transfers")

    office.town.database.write(SYSTEM, fn)


def verbs(office: Office, address: str) -> list[str]:
    payment_id = behind(office, address)
    return office.town.database.read(SYSTEM, lambda work: [e.verb for e in events_of(work, "payment", payment_id)])


def test_a_finance_officer_orders_the_payment_of_an_accepted_act(paying: Office) -> None:
    address = order(paying)
    reader = paying.reader(paying.street.finance)
    page = reader.open(address)
    assert "7,500 ₸" in page
    assert "KZ86125KZT5004100100" in page
    assert verbs(paying, address) == ["ordered"]
    desk = reader.open("/payments-desk")
    assert f"/payments-desk/orders/{paying.act}" not in desk
    assert address in links(desk)
    assert "less than a day" in desk


def test_a_payment_by_file_is_not_said_to_be_sent_by_itself(paying: Office) -> None:
    body = {"territory": "71", "name": "Akimat", "iban": "KZ47125KZT0000000006", "channel": "file"}
    made(paying.street.finance.post("/api/paying-accounts", body, key="account"))
    reader = paying.reader(paying.street.finance)
    answer = reader.press("/payments-desk", f"/payments-desk/orders/{paying.act}")
    address = answer.headers["location"]
    reader.cookie += f"; said={answer.cookies['said']}"
    page = reader.open(address)
    assert "waits for an order to the bank" in page
    assert "sent in a moment" not in page
    assert "/reconciliation" in links(page)
    assert "waits for the order that a finance officer makes" in page


def test_a_failed_payment_is_on_top_with_its_reason_and_is_ordered_again(paying: Office) -> None:
    address = order(paying)
    happen(paying, address, "failed")
    reader = paying.reader(paying.street.finance)
    desk = reader.open("/payments-desk")
    assert desk.index("These need you") < desk.index("Accepted acts whose payment")
    assert "can be ordered again" in desk
    page = reader.open(address)
    assert "No such bank account" in page
    again = reader.done(address, f"/payments-desk/orders/{paying.act}")
    assert again != address
    assert "These need you" not in reader.open("/payments-desk")
    assert not reader.offers(address, f"/payments-desk/orders/{paying.act}")


def test_a_parked_payment_is_tried_again_by_a_person(paying: Office) -> None:
    address = order(paying)
    happen(paying, address, "parked")
    reader = paying.reader(paying.street.finance)
    assert "The server has 2 transfers" in reader.open(address)
    reader.done(address, f"{address}/resumption")
    assert verbs(paying, address)[-1] == "resumed"
    assert not reader.offers(address, f"{address}/resumption")


def test_a_settled_payment_that_the_server_contradicts_is_on_top_and_two_people_resolve_it(paying: Office) -> None:
    address = order(paying)
    happen(paying, address, "sent")
    why = "Transfer tr_1 was reversed in part"
    payment_id, database = behind(paying, address), paying.town.database
    database.write(SYSTEM, lambda work: told(work, payment_id, Fate.PAID, transfer="tr_1"))
    reader = paying.reader(paying.street.finance)
    assert "These need you" not in reader.open("/payments-desk")
    database.write(SYSTEM, lambda work: progress.park(work, payment_id, why=why))
    desk = reader.open("/payments-desk")
    assert desk.index("These need you") < desk.index(address) < desk.index(why) < desk.index("Under way")
    (trouble,) = paying.street.finance.get("/api/payments-in-trouble").json()["items"]
    assert (trouble["status"], trouble["parked"], trouble["last_error"]) == ("settled", True, why)
    assert "has an end in our books" in reader.open(address)
    reader.done(address, f"{address}/resumption")
    assert "These need you" not in reader.open("/payments-desk")
    database.write(SYSTEM, lambda work: progress.park(work, payment_id, why=why))
    database.write(SYSTEM, reconcile)
    (case,) = [one for one in links(reader.open(address)) if one.startswith("/reconciliation/cases/")]
    reader.done(case, f"{case}/proposal", resolution="decision", reason="The bank said so by telephone")
    other = paying.reader(paying.town.person(Role.FINANCE_OFFICER))
    other.done(case, f"{case}/approval")
    assert "These need you" not in reader.open("/payments-desk")
    assert not reader.offers(address, f"{address}/resumption")
    assert "Two people found out why" in reader.open(f"/audit/payment/{payment_id}")


def test_a_payment_that_does_not_move_is_on_top_and_says_what_to_look_at(paying: Office) -> None:
    address = order(paying)
    reader = paying.reader(paying.street.finance)
    assert "These need you" not in reader.open("/payments-desk")

    def stand_still(work: Work) -> None:
        since = real_clock(work.connection) - timedelta(seconds=LONGEST_SENDING + 1)
        work.update(PaymentRow, behind(paying, address), moved_at=since)
        record(work, "payment", behind(paying, address), "forgotten")

    paying.town.database.write(SYSTEM, stand_still)
    desk = reader.open("/payments-desk")
    assert desk.index("These need you") < desk.index(address) < desk.index("Accepted acts whose payment")
    assert "Is a worker running" in desk
    assert "Is a worker running" in reader.open(address)
    (trouble,) = paying.street.finance.get("/api/payments-in-trouble").json()["items"]
    assert (trouble["stuck"], trouble["parked"]) == (True, False)


def test_money_is_called_back_once_it_was_sent_and_only_once(paying: Office) -> None:
    address = order(paying)
    reader = paying.reader(paying.street.finance)
    assert not reader.offers(address, f"{address}/reversal")
    happen(paying, address, "sent")
    page = reader.open(address)
    assert reader.send(page, f"{address}/reversal").status_code == 303
    assert verbs(paying, address)[-1] == "reversal-ordered"
    assert not reader.offers(address, f"{address}/reversal")
    answer = reader.send(page, f"{address}/reversal", key="another wish")
    assert answer.status_code == 409
    assert faults(answer.text) == ["The money of this payment was called back before"]


TIED = "You declared an interest in this organisation: you decide nothing about it."


def declare(office: Office, person: Person) -> None:
    body = {"provider_id": office.street.provider, "reason": "my sister works there"}
    made(person.post("/api/interests", body, key=f"declared-{person.id}"))


def test_who_declared_an_interest_in_the_payee_finds_a_sentence_instead_of_the_buttons(paying: Office) -> None:
    address = order(paying)
    happen(paying, address, "sent")
    payment_id = behind(paying, address)
    paying.town.database.write(SYSTEM, lambda work: progress.park(work, payment_id, why="look at it"))
    finance, reader = paying.street.finance, paying.reader(paying.street.finance)
    assert reader.offers(address, f"{address}/reversal")
    assert reader.offers(address, f"{address}/resumption")
    declare(paying, finance)
    page = reader.open(address)
    assert TIED in page
    assert f"{address}/re" not in page
    for verb in ("reversal", "resumption"):
        problem(finance.post(f"/api/payments/{payment_id}/{verb}", key=verb), 403, "interest-declared")
    assert TIED not in paying.reader(paying.street.budget).open(address), "who has no button needs no excuse"
    assert verbs(paying, address)[-1] == "parked"


def test_who_had_a_part_in_the_act_does_not_order_its_payment(town: Town) -> None:
    """Roles keep budget and finance apart; the person who accepted an act while in another office is kept away, too."""
    office = build_office(town)
    other = town.person(Role.BUDGET_OFFICER)
    made(other.post(f"/api/acts/{office.act_id}/acceptance", key="accept"))
    grants = office.street.chief.get(f"/api/users/{other.id}").json()["grants"]
    made(office.street.chief.post(f"/api/grants/{grants[0]['id']}/revocation"))
    grant = {"role": "finance-officer", "territory": "", "from_on": "2026-04-05"}
    made(office.street.chief.post(f"/api/users/{other.id}/grants", grant))
    reader = office.reader(other)
    assert office.act in reader.open("/payments-desk")
    assert not reader.offers("/payments-desk", f"/payments-desk/orders/{office.act}")


def test_others_look_and_do_nothing_and_neighbours_see_nothing(paying: Office) -> None:
    address = order(paying)
    happen(paying, address, "sent")
    for person in (paying.street.budget, paying.street.auditor):
        reader = paying.reader(person)
        assert not reader.offers(address, f"{address}/reversal")
        assert not reader.offers("/payments-desk", f"/payments-desk/orders/{paying.act}")
    for role in (Role.FINANCE_OFFICER, Role.AUDITOR, Role.BUDGET_OFFICER):
        neighbour = paying.neighbour(role)
        assert paying.act not in neighbour.open("/payments-desk")
        neighbour.open(address, status=404)
    for person in (paying.holder, paying.street.house, paying.street.buyer):
        paying.reader(person).open("/payments-desk", status=403)
    reader = paying.reader(paying.street.finance)
    reader.open("/payments-desk/P-00000-00000", status=404)
    reader.open("/payments-desk/list/magic", status=404)
    for heap in ("trouble", "order", "under-way", "paid"):
        reader.open(f"/payments-desk/list/{heap}")


def test_the_api_lists_the_same(paying: Office) -> None:
    finance = paying.street.finance
    assert [one["number"] for one in finance.get("/api/acts-to-pay").json()["items"]] == [paying.act]
    address = order(paying)
    assert finance.get("/api/acts-to-pay").json()["items"] == []
    happen(paying, address, "failed")
    (trouble,) = finance.get("/api/payments-in-trouble").json()["items"]
    assert (trouble["status"], trouble["last_error"]) == ("failed", "No such bank account")
    assert [one["number"] for one in finance.get("/api/acts-to-pay").json()["items"]] == [paying.act]
    assert finance.get("/api/acts-to-pay?territory=75").json()["items"] == []
    assert paying.holder.get("/api/payments-in-trouble").status_code == 403


# --- accounts ---------------------------------------------------------------------------------------------------------
NEW = {"legal_name": "Warm Home", "iban": "KZ47125KZT0000000006"}


def changing(office: Office) -> str:
    """The house wants its money elsewhere; the version's address on the desk."""
    made(office.street.house.post(f"/api/providers/{office.street.provider}/payee", NEW))
    (change,) = office.street.finance.get("/api/payee-changes").json()["items"]
    return f"/payments-desk/accounts/{change['id']}"


def accounts(office: Office) -> list[tuple[str, str]]:
    told = office.street.finance.get(f"/api/providers/{office.street.provider}/payee").json()["versions"]
    return [(one["iban"], one["status"]) for one in told]


def test_a_change_of_account_waits_three_days_and_a_second_person_approves_it(paying: Office) -> None:
    address = changing(paying)
    reader = paying.reader(paying.street.finance)
    assert "1 change of bank account waits" in reader.open("/payments-desk")
    page = reader.open("/payments-desk/accounts")
    assert NEW["iban"] in page
    assert not reader.offers("/payments-desk/accounts", f"{address}/approval"), "not yet"
    forged = page.replace("/rejection", "/approval")
    early = reader.send(forged, f"{address}/approval")
    assert early.status_code == 409
    paying.street.travel(3)
    reader = paying.reader(paying.street.finance)  # a session ends before three days are over
    reader.done("/payments-desk/accounts", f"{address}/approval")
    assert accounts(paying) == [("KZ86125KZT5004100100", "superseded"), (NEW["iban"], "active")]
    assert "No change of account waits" in reader.open("/payments-desk/accounts")


def test_a_change_is_refused_at_once(paying: Office) -> None:
    address = changing(paying)
    paying.reader(paying.street.finance).done("/payments-desk/accounts", f"{address}/rejection")
    assert accounts(paying) == [("KZ86125KZT5004100100", "active"), (NEW["iban"], "rejected")]


def test_who_declared_an_interest_sees_the_change_and_no_buttons(paying: Office) -> None:
    address = changing(paying)
    declare(paying, paying.street.finance)
    page = paying.reader(paying.street.finance).open("/payments-desk/accounts")
    assert NEW["iban"] in page
    assert TIED in page
    assert address not in page
    other = paying.reader(paying.town.person(Role.FINANCE_OFFICER))
    other.done("/payments-desk/accounts", f"{address}/rejection")


def test_auditors_look_at_changes_and_neighbours_do_not(paying: Office) -> None:
    address = changing(paying)
    auditor = paying.reader(paying.street.auditor)
    assert not auditor.offers("/payments-desk/accounts", f"{address}/rejection")
    assert NEW["iban"] not in paying.neighbour(Role.FINANCE_OFFICER).open("/payments-desk/accounts")
    for person in (paying.street.budget, paying.street.house, paying.holder):
        paying.reader(person).open("/payments-desk/accounts", status=403)
    mine, others = paying.reader(paying.street.finance), paying.neighbour(Role.FINANCE_OFFICER)
    page = mine.open("/payments-desk/accounts")
    forged = page.replace(_token(page), _token(others.open("/account")))
    assert others.send(forged, f"{address}/rejection").status_code == 404


def _token(page: str) -> str:
    return page.partition('name="form_token" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("language", "heading", "told", "shared"),
    [
        ("ru", "Что выяснилось", "Часть из них два человека уже провели по учёту", "5 000 ₸ из 7 500 ₸"),
        ("kk", "Не анықталды", "Екі адам оның бір бөлігін бұрын есепке жазған", "7 500 ₸ сомасынан 5 000 ₸"),
        ("en", "What was found out", "Two people have booked a part of it already", "5,000 ₸ of 7,500 ₸"),
    ],
)
def test_what_we_found_out_is_said_in_the_readers_language(
    paying: Office, language: str, heading: str, told: str, shared: str
) -> None:
    address = order(paying)
    happen(paying, address, "sent")
    payment_id, database = behind(paying, address), paying.town.database
    reader = paying.reader(paying.street.finance, language=language)
    in_part = Doubt.BACK_IN_PART.of(transfer="tr_1", back=500_000, whole=750_000)
    for why, sentence in ((Doubt.BACK_BOOKED_IN_PART.of(), told), (in_part, shared)):
        database.write(SYSTEM, lambda work, why=why: progress.park(work, payment_id, why=why))
        for there in ("/payments-desk", address):
            page = reader.open(there).replace("\N{NO-BREAK SPACE}", " ")
            assert sentence in page
            assert why not in page
    assert heading in reader.open(address)


def test_the_servers_own_words_stay_its_own(paying: Office) -> None:
    address = order(paying)
    happen(paying, address, "parked")
    page = paying.reader(paying.street.finance, language="ru").open(address)
    assert "Что ответил платёжный сервер" in page
    assert '<span lang="en">The server has 2 transfers</span>' in page


def test_the_case_of_a_stopped_payment_says_what_was_found_out_and_no_difference_of_nothing(paying: Office) -> None:
    address = order(paying)
    happen(paying, address, "sent")
    payment_id, database = behind(paying, address), paying.town.database
    database.write(SYSTEM, lambda work: told(work, payment_id, Fate.PAID, transfer="tr_1"))
    database.write(SYSTEM, lambda work: progress.park(work, payment_id, why=Doubt.BACK_BOOKED_IN_PART.of()))
    database.write(SYSTEM, reconcile)
    reader = paying.reader(paying.street.finance)
    (case,) = [one for one in links(reader.open(address)) if one.startswith("/reconciliation/cases/")]
    page = reader.open(case)
    assert "Two people have booked a part of it already" in page
    assert "The bank paid" not in page
    assert "A difference that is booked" not in page
