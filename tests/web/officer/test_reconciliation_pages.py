"""The bank's books beside ours: a statement is taken in on the desk, a difference is resolved by two people."""

from datetime import date

import pytest

from contracts.kernel.work import SYSTEM, Role, Work
from contracts.payment import progress, queries
from contracts.payment.gateway import Finding, SentTransfer
from contracts.payment.rules import Fate, Patience
from tests.reconciliation.bank import OURS, Bank, Entry
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_accepted, build_office
from tests.web.officer.reader import Reader
from tests.web.town import Town, made

PATIENCE = Patience()


@pytest.fixture
def paid(cast: Cast) -> tuple[Office, str]:
    return cast(build_paid)


def build_paid(town: Town) -> tuple[Office, str]:
    """One payment is settled; its number."""
    office = build_accepted(town)
    number = office.reader(office.street.finance).done("/payments-desk", f"/payments-desk/orders/{office.act}")
    number = number.rpartition("/")[2]

    def settle(work: Work) -> None:
        payment = queries.payment_numbered(work, number)
        progress.claim_to_send(work, limit=9, patience=PATIENCE)
        progress.sent(work, payment.id, "tr_1")
        for claim in progress.claim_to_look(work, limit=9, patience=PATIENCE):
            told = SentTransfer("tr_1", payment.amount_minor, 0, "kzt", None, None)
            progress.follow(work, claim, Finding(told, Fate.PAID, "po_1"), patience=PATIENCE, dice=0.5)

    office.town.database.write(SYSTEM, settle)
    return office, number


def overpaid(reader: Reader, number: str) -> None:
    """The bank says that it paid a hundred tenge more."""
    account = {"territory": "710000000", "name": "Treasury", "iban": OURS, "channel": "server"}
    reader.done("/reconciliation", "/reconciliation/accounts", **account)
    file = Bank(day=date(2026, 4, 1)).statement(Entry(-7_600_00, number)).decode()
    reader.done("/reconciliation", "/reconciliation/statements", camt053=file)


def test_who_declared_an_interest_in_the_payee_reads_why_a_case_has_no_form(paid: tuple[Office, str]) -> None:
    office, number = paid
    finance = office.street.finance
    reader = office.reader(finance)
    overpaid(reader, number)
    (case,) = finance.get("/api/reconciliation-cases?status=open").json()["items"]
    at = f"/reconciliation/cases/{case['number']}"
    interest = {"provider_id": office.street.provider, "reason": "my sister works there"}
    made(finance.post("/api/interests", interest, key="declared"))
    page = reader.open(at)
    assert "You declared an interest in this organisation" in page
    assert f'action="{at}/proposal"' not in page
    for role in (Role.FINANCE_OFFICER, Role.AUDITOR):
        assert "You declared an interest" not in office.reader(office.town.person(role)).open(at)


def test_a_statement_is_taken_in_and_a_difference_is_resolved_by_two_people(paid: tuple[Office, str]) -> None:
    office, number = paid
    reader = office.reader(office.street.finance)
    assert "The bank and the payments say the same" in reader.open("/reconciliation")
    overpaid(reader, number)
    page = reader.open("/reconciliation")
    assert "another amount" in page
    assert "1 difference between the bank" in reader.open("/payments-desk")
    (case,) = office.street.finance.get("/api/reconciliation-cases?status=open").json()["items"]
    address = f"/reconciliation/cases/{case['number']}"
    assert (case["kind"], case["difference"]["amount"]) == ("amount-differs", "100.00")
    page = reader.open(address)
    assert number in page
    assert "KZ86125KZT5004100100" in page
    reader.refused(address, f"{address}/proposal", 400, resolution="correction", reason="")
    reader.done(address, f"{address}/proposal", resolution="correction", reason="the bank paid too much")
    assert not reader.offers(address, f"{address}/approval"), "not by the same person"
    second = office.reader(office.town.person(Role.FINANCE_OFFICER))
    assert "You are the second person" in second.open(address)
    second.done(address, f"{address}/approval")
    assert "The case is resolved" in second.open(address) or "resolved" in second.open(address)
    assert case["number"] in reader.open("/reconciliation?resolved=yes")
    assert case["number"] not in reader.open("/reconciliation")


def test_a_file_that_is_no_statement_is_refused_beside_its_field_and_again_adds_nothing(
    paid: tuple[Office, str],
) -> None:
    office, number = paid
    finance = office.street.finance
    made(finance.post("/api/paying-accounts", {"territory": "71", "name": "Treasury", "iban": OURS}))
    reader = office.reader(finance)
    for wrong in ("", "P-1;100", "<Document/>"):
        page = reader.press("/reconciliation", "/reconciliation/statements", camt053=wrong)
        assert page.status_code == 400
    file = Bank(day=date(2026, 4, 1)).statement(Entry(-7_500_00, number)).decode()
    (first,) = made(finance.post("/api/bank-statements", {"camt053": file}))["statements"]
    (again,) = made(finance.post("/api/bank-statements", {"camt053": file}))["statements"]
    assert (first["added"], again["added"], again["new"]) == (1, 0, False)
    (line,) = finance.get(f"/api/bank-statements/{first['statement_id']}/lines").json()["items"]
    assert (line["amount"]["amount"], line["names"]) == ("-7500.00", number)
    assert number in reader.open(f"/reconciliation/statements/{first['statement_id']}")
    assert [one["number"] for one in finance.get("/api/bank-statements").json()["items"]] == [first["number"]]
    assert finance.get("/api/reconciliation-cases").json()["items"] == []


def test_a_treasury_without_a_payment_server_takes_a_file_to_the_bank(town: Town) -> None:
    office = build_office(town)
    reader = office.reader(office.street.finance)
    made(office.street.budget.post(f"/api/acts/{office.act_id}/acceptance", key="accept"))
    account = {"territory": "71", "name": "Treasury", "iban": OURS, "channel": "file"}
    account_id = made(office.street.finance.post("/api/paying-accounts", account))["id"]
    number = reader.done("/payments-desk", f"/payments-desk/orders/{office.act}").rpartition("/")[2]
    reader.done("/reconciliation", f"/reconciliation/orders/{account_id}")
    (order,) = office.street.finance.get("/api/bank-orders").json()["items"]
    assert (order["payments"], order["total"]["amount"]) == (1, "7500.00")
    assert order["number"] in reader.open("/reconciliation")
    answer = reader.get(f"/reconciliation/orders/{order['number']}/file")
    assert answer.headers["content-type"].startswith("application/xml")
    assert f"<EndToEndId>{number}</EndToEndId>" in answer.text
    told = office.street.finance.get(f"/api/bank-orders/{order['number']}/file").json()
    assert told == {"name": f"{order['number']}.xml", "pain001": answer.text}
    again = reader.press("/reconciliation", f"/reconciliation/orders/{account_id}")
    assert again.status_code == 422, "nothing waits any more"
    file = Bank(day=date(2026, 4, 1)).statement(Entry(-7_500_00, number)).decode()
    reader.done("/reconciliation", "/reconciliation/statements", camt053=file)
    assert office.street.finance.get("/api/payments").json()["items"][0]["status"] == "settled"
    office.neighbour(Role.FINANCE_OFFICER).open(f"/reconciliation/orders/{order['number']}/file", status=404)


def test_what_the_bank_never_paid_of_its_file_can_be_decided_and_not_booked(town: Town) -> None:
    office = build_office(town)
    reader, finance = office.reader(office.street.finance), office.street.finance
    made(office.street.budget.post(f"/api/acts/{office.act_id}/acceptance", key="accept"))
    account = {"territory": "71", "name": "Treasury", "iban": OURS, "channel": "file"}
    account_id = made(finance.post("/api/paying-accounts", account))["id"]
    reader.done("/payments-desk", f"/payments-desk/orders/{office.act}")
    reader.done("/reconciliation", f"/reconciliation/orders/{account_id}")
    file = Bank(day=date(2026, 4, 1)).statement(days=20).decode()
    ahead = reader.refused("/reconciliation", "/reconciliation/statements", 422, camt053=file)
    assert "ends on 2026-04-20, which has not come" in ahead
    office.street.travel(20)
    reader = office.reader(finance)
    reader.done("/reconciliation", "/reconciliation/statements", camt053=file)
    (case,) = finance.get("/api/reconciliation-cases?status=open").json()["items"]
    at = f"/reconciliation/cases/{case['number']}"
    page = reader.open(at)
    assert "The bank was asked for it in a file and has not paid it" in page
    assert "the bank will not pay it: the money is back" in page
    assert 'value="correction"' not in page
    reader.done(at, f"{at}/proposal", resolution="decision", reason="the bank says that it lost the file")
    second = office.reader(town.person(Role.FINANCE_OFFICER))
    assert second.open(at).index("The bank was asked for it") < second.open(at).index("You are the second person")
    second.done(at, f"{at}/approval")
    (payment,) = finance.get("/api/payments").json()["items"]
    assert payment["status"] == "returned"
    assert "The bank was asked for it" not in reader.open(at)


def test_a_line_that_names_no_payment_is_assigned_to_one_by_two_people(paid: tuple[Office, str]) -> None:
    office, number = paid
    finance = office.street.finance
    reader = office.reader(finance)
    account = {"territory": "710000000", "name": "Treasury", "iban": OURS, "channel": "server"}
    reader.done("/reconciliation", "/reconciliation/accounts", **account)
    today = office.town.database.read(SYSTEM, lambda work: work.today)
    file = Bank(day=today).statement(Entry(-7_500_00)).decode()
    reader.done("/reconciliation", "/reconciliation/statements", camt053=file)
    (case,) = finance.get("/api/reconciliation-cases?status=open").json()["items"]
    at = f"/reconciliation/cases/{case['number']}"
    assert case["kind"] == "line-unknown"
    page = reader.open(at)
    assert "it is of a payment that it does not name" in page
    assert 'value="correction"' not in page
    why = {"resolution": "assignment", "reason": "the bank lost the number"}
    assert "No payment of your territory has this number" in reader.refused(
        at, f"{at}/proposal", 422, payment="P-1", **why
    )
    refused = finance.post(f"/api/reconciliation-cases/{case['number']}/proposal", {**why, "payment": "P-1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "line-payment-unknown")
    reader.done(at, f"{at}/proposal", payment=f" {number} ", **why)
    second = office.reader(office.town.person(Role.FINANCE_OFFICER))
    assert number in second.open(at)
    second.done(at, f"{at}/approval")
    told = finance.get(f"/api/reconciliation-cases/{case['number']}").json()
    (payment,) = finance.get("/api/payments").json()["items"]
    assert (told["resolution"], told["proposed_payment_id"]) == ("assignment", payment["id"])
    (line,) = finance.get(f"/api/bank-statements/{case['statement_id']}/lines").json()["items"]
    assert (line["names"], line["payment_id"]) == (None, payment["id"])
    assert number in reader.open(f"/reconciliation/statements/{case['statement_id']}")


def test_neighbours_see_neither_statements_nor_cases(paid: tuple[Office, str]) -> None:
    office, number = paid
    finance = office.street.finance
    made(finance.post("/api/paying-accounts", {"territory": "71", "name": "Treasury", "iban": OURS}))
    file = Bank(day=date(2026, 4, 1)).statement(Entry(-1_00, number)).decode()
    (statement,) = made(finance.post("/api/bank-statements", {"camt053": file}))["statements"]
    (case,) = finance.get("/api/reconciliation-cases").json()["items"]
    neighbour = office.neighbour(Role.FINANCE_OFFICER)
    assert case["number"] not in neighbour.open("/reconciliation")
    neighbour.open(f"/reconciliation/cases/{case['number']}", status=404)
    neighbour.open(f"/reconciliation/statements/{statement['statement_id']}", status=404)
    auditor = office.reader(office.street.auditor)
    page = auditor.open(f"/reconciliation/cases/{case['number']}")
    assert "/proposal" not in page
    assert not auditor.offers("/reconciliation", "/reconciliation/statements")
    for person in (office.holder, office.street.house):
        office.reader(person).open("/reconciliation", status=403)
        assert person.get("/api/reconciliation-cases").status_code == 403
