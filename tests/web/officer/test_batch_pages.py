"""Acts are paid together: a batch is opened, filled, handed in, approved and ordered on its pages and by API."""

from typing import Any
from uuid import UUID

import pytest

from contracts.act import queries as acts
from contracts.audit.service import record
from contracts.kernel.ids import new_id
from contracts.kernel.work import SYSTEM, Role, Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payee import queries as payees
from contracts.payment import service
from tests.payment.houses import FINANCE, accepted_act
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_accepted
from tests.web.officer.reader import Reader, links
from tests.web.officer.test_approval_pages import at, set_threshold
from tests.web.town import Person, made

DESK = "/batches-desk"


@pytest.fixture
def fresh(cast: Cast) -> Office:
    return cast(build_accepted)


def open_batch(office: Office, reader: Reader) -> str:
    """The address of the batch, still empty."""
    page = reader.open(DESK)
    assert "7,500 ₸" in page
    return reader.done(DESK, DESK).removesuffix("/acts")


def test_a_batch_goes_from_a_choice_to_paid_with_two_people(fresh: Office) -> None:
    set_threshold(fresh, 1)
    clerk = fresh.reader(fresh.street.finance)
    assert DESK in links(clerk.open("/payments-desk"))
    batch = open_batch(fresh, clerk)
    assert "The batch holds no act." in clerk.open(batch)
    clerk.refused(f"{batch}/acts", f"{batch}/acts", 422)
    clerk.done(f"{batch}/acts", f"{batch}/acts", **{f"act-{fresh.act_id}": "yes"})
    page = clerk.open(batch)
    assert fresh.act in page
    assert "nothing" in page
    assert f"{batch}" in links(clerk.open("/payments-desk")), "the act is not ordered beside it"
    assert not clerk.offers("/payments-desk", f"/payments-desk/orders/{fresh.act}")
    assert batch in links(clerk.open(at(fresh)))
    clerk.done(batch, f"{batch}/submission")
    page = clerk.open(batch)
    assert "You made this batch: others approve it." in page
    assert not clerk.offers(batch, f"{batch}/order")
    second = fresh.reader(fresh.town.person(Role.FINANCE_OFFICER))
    assert batch in links(second.open("/approvals"))
    second.refused(batch, f"{batch}/rejection", 400, reason="")
    second.done(batch, f"{batch}/approval")
    assert "somebody else orders it" in second.open(batch)
    clerk.done(batch, f"{batch}/order")
    page = clerk.open(batch)
    (payment,) = [one for one in links(page) if one.startswith("/payments-desk/P-")]
    assert batch in links(clerk.open(payment))
    fresh.reader(fresh.street.auditor).open(batch)
    fresh.neighbour(Role.FINANCE_OFFICER).open(batch, status=404)
    fresh.reader(fresh.street.house).open(DESK, status=403)


def test_an_act_is_taken_out_all_are_collected_and_a_batch_is_dissolved(fresh: Office) -> None:
    clerk = fresh.reader(fresh.street.finance)
    batch = open_batch(fresh, clerk)
    assert clerk.press(f"{batch}/acts", f"{batch}/collection", month="2026-04").status_code == 400
    clerk.done(f"{batch}/acts", f"{batch}/collection", month="2026-03")
    assert fresh.act in clerk.open(batch)
    assert "No act of this territory" in clerk.open(f"{batch}/acts")
    clerk.done(batch, f"{batch}/removal/{fresh.act}")
    assert "The batch holds no act." in clerk.open(batch)
    clerk.done(f"{batch}/acts", f"{batch}/collection")
    clerk.done(batch, f"{batch}/dissolution")
    page = clerk.open(f"{DESK}?status=dissolved")
    assert batch in links(page)
    assert "The acts of this batch are fixed." in clerk.open(f"{batch}/acts")
    clerk.done("/payments-desk", f"/payments-desk/orders/{fresh.act}")


def test_who_is_not_free_reads_why_and_sees_no_button(fresh: Office) -> None:
    set_threshold(fresh, 1)
    clerk = fresh.reader(fresh.street.finance)
    batch = open_batch(fresh, clerk)
    clerk.done(f"{batch}/acts", f"{batch}/collection")
    clerk.done(batch, f"{batch}/submission")
    tied = fresh.reader(fresh.town.person(Role.FINANCE_OFFICER))
    tied.done("/approvals", "/approvals/interests", provider=fresh.provider, reason="my sister works there")
    assert "You declared an interest in" in tied.open(batch)
    assert not tied.offers(batch, f"{batch}/approval")


def test_a_debt_is_set_off_before_the_batch_is_handed_in(fresh: Office) -> None:
    clerk = fresh.reader(fresh.street.finance)
    batch = open_batch(fresh, clerk)
    clerk.done(f"{batch}/acts", f"{batch}/collection")
    fresh.town.database.write(SYSTEM, lambda work: paid_too_much(work, UUID(fresh.act_id)))
    assert "owes money" in clerk.open(batch)
    assert not clerk.offers(batch, f"{batch}/submission")
    clerk.done(batch, f"{batch}/set-off/{fresh.act}")
    assert not clerk.offers(batch, f"{batch}/set-off/{fresh.act}")
    clerk.done(batch, f"{batch}/submission")
    assert "7,000 ₸" in clerk.open(batch), "what is left is what is paid"


def paid_too_much(work: Work, act_id: UUID) -> None:
    """The organisation had 500 tenge too many with another act of the same line."""
    act = acts.act(work, act_id)
    assert act.payee_version_id is not None
    house = (act.provider_id, payees.version(work, act.payee_version_id).payee_id, act.payee_version_id)
    other = accepted_act(work, act.line_id, total=100_00, paid_to=house, territory=act.territory)
    payment_id = new_id()
    service.insert(work, acts.act(work, other), payment_id, FINANCE.id or payment_id, 100_00)
    free = accounts.account_of(work, AccountKind.APPROPRIATED, act.line_id)
    assert free is not None
    recovery = ledger.open_account(work, AccountKind.RECOVERY, payment_id, line_id=act.line_id)
    ledger.transfer(work, debit=free.id, credit=recovery, amount_minor=500_00, reason="correction", about_id=payment_id)
    record(work, "payment", payment_id, "ordered")


def _batch(office: Office, clerk: Person) -> tuple[str, dict[str, Any]]:
    territory = clerk.get(f"/api/acts/{office.act_id}").json()["territory"]
    body = {"territory": territory, "year": 2026}
    batch = made(clerk.post("/api/payment-batches", body, key="open"))
    assert made(clerk.post("/api/payment-batches", body, key="open")) == batch, "opened once"
    return f"/api/payment-batches/{batch['id']}", batch


def test_the_api_takes_a_batch_all_the_way(fresh: Office) -> None:
    set_threshold(fresh, 1)
    clerk, second = fresh.street.finance, fresh.town.person(Role.FINANCE_OFFICER)
    path, batch = _batch(fresh, clerk)
    assert made(clerk.post(f"{path}/acts", {"act_ids": [fresh.act_id]}))["total"]["amount"] == "7500.00"
    (line,) = clerk.get(f"{path}/lines").json()["items"]
    assert (line["status"], line["lacks_now"], line["amount"]["amount"]) == ("held", None, "7500.00")
    made(clerk.post(f"{path}/removals", {"act_id": fresh.act_id}))
    made(clerk.post(f"{path}/collection", {"month": "2026-03"}))
    made(clerk.post(f"{path}/removals", {}))
    made(clerk.post(f"{path}/submission"))
    assert clerk.post(f"{path}/submission").json()["code"] == "payment-batch-fixed"
    assert clerk.post(f"{path}/order", key="go").json()["code"] == "approval-missing"
    assert clerk.post(f"{path}/approvals", {"verdict": "approved"}).json()["code"] == "self-approval"
    assert made(second.post(f"{path}/approvals", {"verdict": "approved"}))["complete"]
    assert fresh.street.auditor.get(f"{path}/approvals").json()["needed"] == 1
    assert made(clerk.post(f"{path}/order", key="go"))["ordered"]["amount"] == "7500.00"
    (line,) = clerk.get(f"{path}/lines").json()["items"]
    assert (line["status"], line["payment_status"]) == ("ordered", "ordered")
    assert [one["id"] for one in clerk.get("/api/payment-batches?status=ordered").json()["items"]] == [batch["id"]]
    assert clerk.post(f"{path}/dissolution").json()["code"] == "payment-batch-over"
    stranger = fresh.town.person(Role.FINANCE_OFFICER, territory="75")
    assert stranger.get(path).status_code == 404
    assert stranger.get("/api/payment-batches").json()["items"] == []


def test_a_dissolved_batch_frees_its_act_by_api(fresh: Office) -> None:
    path, _made = _batch(fresh, fresh.street.finance)
    made(fresh.street.finance.post(f"{path}/collection", {}))
    assert made(fresh.street.finance.post(f"{path}/dissolution"))["status"] == "dissolved"
    made(fresh.street.finance.post(f"/api/acts/{fresh.act_id}/payment", key="pay"))


def test_a_threshold_says_over_what_it_counts(fresh: Office) -> None:
    today = fresh.town.database.read(SYSTEM, lambda work: work.today)
    body = {"territory": "71", "least": {"amount": "5.00"}, "approvers": 1, "from_on": str(today), "source": "order 8"}
    rows = made(fresh.street.budget.post("/api/approval-thresholds", {**body, "counted_over": "day"}))["items"]
    assert [one["counted_over"] for one in rows] == ["day"]
    assert "one organisation on one day" in fresh.reader(fresh.street.budget).open("/rules/approvals")
