"""From ordered to settled and back, against the real sandbox; every request and answer held to Stripe's description."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.errors import NotAllowed, WrongState
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.payment import progress, queries, service
from contracts.payment.dispatch import Desk, look_due, send, send_due
from contracts.payment.gateway import Finding, SentTransfer
from contracts.payment.models import PaymentRow
from contracts.payment.rules import Fate, NotParked, PaymentNotFound, PaymentStatus, ReversalOrdered
from tests.payment.houses import (
    ACT_TOTAL,
    BUDGET,
    CLOSED_ACCOUNT,
    FINANCE,
    broken,
    ordered,
    paid,
    payable,
    payee,
    payment,
    reach,
    verbs,
    work_until,
)
from tests.payment.servers import advance_clock, listened, transfers_at
from tests.peer.sandbox import BANK, Peer, eventually, open_account, running


def test_an_ordered_payment_is_sent_and_settles_when_its_payout_is_paid(desk: Desk, line: UUID, peer: Peer) -> None:
    payment_id = ordered(desk.database, line)
    assert send_due(desk) == 1
    sent = payment(desk.database, payment_id)
    assert sent.status is PaymentStatus.SENT
    assert paid(desk.database, line) == 0, "the payee's bank does not have it yet"
    (settled,) = reach(desk, PaymentStatus.SETTLED, payment_id)
    assert settled.gateway_payout is not None
    assert settled.settled_at is not None
    assert settled.expected_on is not None, "the server named the day of arrival"
    assert paid(desk.database, line) == ACT_TOTAL
    assert payable(desk.database, settled.act_id).balance == 0
    (transfer,) = transfers_at(peer)[str(payment_id)]
    assert (transfer["id"], transfer["amount"], transfer["currency"]) == (settled.gateway_transfer, ACT_TOTAL, "kzt")
    assert transfer["metadata"]["number"] == settled.number
    assert verbs(desk.database, payment_id) == ["ordered", "sending", "sent", "settled"]
    assert broken(desk.database) == []


def test_a_settled_act_is_not_paid_again(desk: Desk, line: UUID) -> None:
    payment_id = ordered(desk.database, line)
    (settled,) = reach(desk, PaymentStatus.SETTLED, payment_id)
    with pytest.raises(service.PaymentExists):
        desk.database.write(FINANCE, lambda work: service.order(work, settled.act_id))


def test_payments_of_one_payee_share_its_account_and_each_finds_its_own_payout(desk: Desk, line: UUID) -> None:
    house = desk.database.write(SYSTEM, payee)
    ids = [ordered(desk.database, line, paid_to=house, total=(n + 1) * 1_00) for n in range(6)]
    payments = reach(desk, PaymentStatus.SETTLED, *ids)
    accounts = {desk.database.read(SYSTEM, lambda w, p=p: queries.destination(w, p.payee_version_id)) for p in payments}
    assert len({account.connected_account for account in accounts}) == 1
    assert paid(desk.database, line) == 21_00
    assert broken(desk.database) == []


def test_a_refused_transfer_fails_and_the_act_can_be_ordered_anew(
    database: Database, line: UUID, desk: Desk, tmp_path
) -> None:
    with running(tmp_path / "poor.db", opening_balance=1) as poor, listened(poor) as gateway:
        broke = replace(desk, gateway=gateway)
        payment_id = ordered(database, line)
        assert send_due(broke) == 1
        failed = payment(database, payment_id)
    assert failed.status is PaymentStatus.FAILED
    assert "balance_insufficient" in (failed.last_error or "")
    assert verbs(database, payment_id) == ["ordered", "sending", "failed"]
    assert payable(database, failed.act_id).free == ACT_TOTAL
    assert broken(database) == []
    again = database.write(FINANCE, lambda work: service.order(work, failed.act_id))
    assert database.read(SYSTEM, lambda work: queries.live_payment(work, failed.act_id)) is not None
    assert payment(database, again).status is PaymentStatus.ORDERED
    assert broken(database) == []


def test_a_payout_that_comes_back_returns_the_payment_and_its_money_to_the_act(desk: Desk, line: UUID) -> None:
    payment_id = ordered(desk.database, line, iban=CLOSED_ACCOUNT)
    (returned,) = reach(desk, PaymentStatus.RETURNED, payment_id)
    assert payable(desk.database, returned.act_id).free == ACT_TOTAL
    assert paid(desk.database, line) == 0
    assert verbs(desk.database, payment_id) == ["ordered", "sending", "sent", "returned"]
    with pytest.raises(service.PaymentExists):
        desk.database.write(FINANCE, lambda work: service.order(work, returned.act_id))
    assert broken(desk.database) == []


@pytest.fixture
def slow(tmp_path) -> Iterator[Peer]:
    """A server whose payouts move on only when its clock is moved."""
    with running(tmp_path / "slow.db", control=True, payout_delay=0.05, payout_step=1000.0) as process:
        yield process


def test_a_payout_that_fails_after_it_was_paid_takes_the_settlement_back(desk: Desk, line: UUID, slow: Peer) -> None:
    payment_id = ordered(desk.database, line)
    with listened(slow) as gateway, slow.client() as client:
        desk = replace(desk, gateway=gateway)
        account = _given_account(desk, client, payment_id, **{"metadata[sandbox_payout]": "failed_after_paid"})
        send_due(desk)
        _advance_until(slow, client, account, "paid")
        reach(desk, PaymentStatus.SETTLED, payment_id)
        assert paid(desk.database, line) == ACT_TOTAL
        _advance_until(slow, client, account, "failed")
        (returned,) = reach(desk, PaymentStatus.RETURNED, payment_id)
        assert paid(desk.database, line) == 0
        assert payable(desk.database, returned.act_id).free == ACT_TOTAL
        assert broken(desk.database) == []
        # the payee's bank account is put right: the server pays out again, and the payment follows
        client.post(f"/v1/accounts/{account}", data={"metadata[sandbox_payout]": "paid"})
        client.post(f"/v1/accounts/{account}/external_accounts", data=BANK)
        _advance_until(slow, client, account, "paid")
        reach(desk, PaymentStatus.SETTLED, payment_id)
    assert paid(desk.database, line) == ACT_TOTAL
    assert verbs(desk.database, payment_id) == ["ordered", "sending", "sent", "settled", "returned", "settled"]
    assert broken(desk.database) == []


def _advance_until(slow: Peer, client: httpx.Client, account: str, status: str) -> None:
    """Step by step until the account's newest payout has the status."""

    def newest() -> str:
        payouts = client.get("/v1/payouts", headers={"Stripe-Account": account}).json()["data"]
        return payouts[0]["status"] if payouts else ""

    before = newest()
    eventually(lambda: newest() not in ("", "failed") if before in ("", "failed") else True)
    while (now := newest()) != status:
        advance_clock(slow, 1001)
        eventually(lambda now=now: newest() != now)


def test_a_returned_payment_is_reversed_and_the_act_ordered_anew(desk: Desk, line: UUID, peer: Peer) -> None:
    payment_id = ordered(desk.database, line, iban=CLOSED_ACCOUNT)
    reach(desk, PaymentStatus.RETURNED, payment_id)
    desk.database.write(FINANCE, lambda work: service.reverse(work, payment_id))
    with pytest.raises(ReversalOrdered):
        desk.database.write(FINANCE, lambda work: service.reverse(work, payment_id))
    (reversed_,) = reach(desk, PaymentStatus.REVERSED, payment_id)
    (transfer,) = transfers_at(peer)[str(payment_id)]
    assert (transfer["amount_reversed"], len(transfer["reversals"]["data"])) == (ACT_TOTAL, 1)
    assert payable(desk.database, reversed_.act_id).free == ACT_TOTAL
    assert verbs(desk.database, payment_id)[-3:] == ["returned", "reversal-ordered", "reversed"]
    desk.database.write(FINANCE, lambda work: service.order(work, reversed_.act_id))
    assert broken(desk.database) == []


def test_money_that_has_reached_the_bank_is_not_reversed_and_the_payment_says_why(desk: Desk, line: UUID) -> None:
    payment_id = ordered(desk.database, line)
    reach(desk, PaymentStatus.SETTLED, payment_id)
    desk.database.write(FINANCE, lambda work: service.reverse(work, payment_id))
    work_until(desk, lambda: payment(desk.database, payment_id).reversal_ordered_at is None)
    after = payment(desk.database, payment_id)
    assert (after.status, paid(desk.database, line)) == (PaymentStatus.SETTLED, ACT_TOTAL)
    assert "balance_insufficient" in (after.last_error or "")
    assert verbs(desk.database, payment_id)[-2:] == ["reversal-ordered", "reversal-refused"]
    assert broken(desk.database) == []


def test_only_a_finance_officer_reverses_and_only_what_was_sent(desk: Desk, line: UUID) -> None:
    payment_id = ordered(desk.database, line)
    with pytest.raises(WrongState):
        desk.database.write(FINANCE, lambda work: service.reverse(work, payment_id))
    with pytest.raises(NotAllowed):
        desk.database.write(BUDGET, lambda work: service.reverse(work, payment_id))
    with pytest.raises(PaymentNotFound):
        desk.database.write(FINANCE, lambda work: service.reverse(work, UUID(int=4)))
    assert verbs(desk.database, payment_id) == ["ordered"]


def test_who_declared_an_interest_in_the_payee_moves_none_of_its_payments(desk: Desk, line: UUID) -> None:
    payment_id = ordered(desk.database, line)
    send_due(desk)
    desk.database.write(SYSTEM, lambda work: progress.park(work, payment_id, why="look at it"))
    provider_id, before = payment(desk.database, payment_id).provider_id, verbs(desk.database, payment_id)
    desk.database.write(FINANCE, lambda work: declare_interest(work, provider_id=provider_id, reason="my uncle's firm"))
    for verb in (service.reverse, service.resume):
        with pytest.raises(InterestDeclared):
            desk.database.write(FINANCE, lambda work, v=verb: v(work, payment_id))  # type: ignore[misc]
    assert verbs(desk.database, payment_id) == before
    desk.database.write(replace(FINANCE, id=UUID(int=78)), lambda work: service.resume(work, payment_id))
    assert verbs(desk.database, payment_id) == [*before, "resumed"]


def test_a_transfer_reversed_by_hand_at_the_server_reverses_the_payment(desk: Desk, line: UUID, peer: Peer) -> None:
    payment_id = ordered(desk.database, line)
    with peer.client() as client:
        _given_account(desk, client, payment_id, **{"settings[payouts][schedule][interval]": "manual"})
        send_due(desk)
        client.post(f"/v1/transfers/{payment(desk.database, payment_id).gateway_transfer}/reversals")
    (reversed_,) = reach(desk, PaymentStatus.REVERSED, payment_id)
    assert payable(desk.database, reversed_.act_id).free == ACT_TOTAL
    assert broken(desk.database) == []


def test_a_transfer_reversed_in_part_waits_for_a_person(desk: Desk, line: UUID, peer: Peer) -> None:
    payment_id = ordered(desk.database, line)
    with peer.client() as client:
        _given_account(desk, client, payment_id, **{"settings[payouts][schedule][interval]": "manual"})
        send_due(desk)
        transfer = payment(desk.database, payment_id).gateway_transfer
        client.post(f"/v1/transfers/{transfer}/reversals", data={"amount": "1"})
    work_until(desk, lambda: payment(desk.database, payment_id).is_parked)
    assert "in part" in (payment(desk.database, payment_id).last_error or "")
    assert broken(desk.database) == ["no payment waits for a person"]


def test_a_transfer_of_another_amount_parks_the_payment_until_a_person_resumes_it(
    desk: Desk, line: UUID, peer: Peer
) -> None:
    payment_id = ordered(desk.database, line)
    with pytest.raises(NotParked):
        desk.database.write(FINANCE, lambda work: service.resume(work, payment_id))
    _planted_transfer(desk, peer, payment_id, amount=ACT_TOTAL - 1)
    assert send_due(desk) == 1
    parked = payment(desk.database, payment_id)
    assert (parked.status, parked.is_parked) == (PaymentStatus.SENDING, True)
    assert f"amount is {ACT_TOTAL - 1}, ordered was {ACT_TOTAL}" in (parked.last_error or "")
    assert broken(desk.database) == ["no payment waits for a person"]
    assert send_due(desk) == 0, "nothing is tried until a person has looked"
    desk.database.write(FINANCE, lambda work: service.resume(work, payment_id))
    assert send_due(desk) == 1
    assert verbs(desk.database, payment_id) == ["ordered", "sending", "parked", "resumed", "parked"]
    assert len(transfers_at(peer)[str(payment_id)]) == 1, "no second transfer beside the wrong one"


def test_two_transfers_in_a_payments_group_park_it(desk: Desk, line: UUID, peer: Peer) -> None:
    payment_id = ordered(desk.database, line)
    for _ in range(2):
        _planted_transfer(desk, peer, payment_id, amount=ACT_TOTAL)
    send_due(desk)
    assert "2 transfers" in (payment(desk.database, payment_id).last_error or "")
    assert len(transfers_at(peer)[str(payment_id)]) == 2


def _planted_transfer(desk: Desk, peer: Peer, payment_id: UUID, *, amount: int) -> None:
    """Somebody made a transfer in the payment's group that is not ours; ours is thought to have been tried."""
    with peer.client() as client:
        account = _given_account(desk, client, payment_id)
        form = {"amount": str(amount), "currency": "kzt", "destination": account, "transfer_group": str(payment_id)}
        client.post("/v1/transfers", data=form)
    _tried_once(desk.database, payment_id)


def _given_account(desk: Desk, client: httpx.Client, payment_id: UUID, **form: str) -> str:
    """The payee's account stands at the server already, and behaves as ``form`` says."""
    account = open_account(client, **form)
    version = payment(desk.database, payment_id).payee_version_id
    desk.database.write(SYSTEM, lambda work: progress.record_account(work, version, account=account))
    return account


def _tried_once(database: Database, payment_id: UUID, *, ago: timedelta = timedelta()) -> None:
    """As if a worker had claimed it and was never heard of again."""

    def fn(work: Work) -> None:
        now = real_clock(work.connection)
        work.update(
            PaymentRow, payment_id, status="sending", first_sent_at=now - ago, attempts=1,
            next_try_at=now,
        )  # fmt: skip
        progress.record(work, "payment", payment_id, "sending")

    database.write(SYSTEM, fn)


def test_after_a_day_the_server_has_forgotten_the_keys_and_is_asked_what_it_has_first(
    database: Database, line: UUID, desk: Desk, tmp_path
) -> None:
    with running(tmp_path / "peer.db", control=True) as own, listened(own) as gateway:
        first = replace(desk, gateway=gateway)
        payment_id = ordered(database, line)
        # accepted by the server, and the worker died before it could say so
        claims = database.write(SYSTEM, lambda w: progress.claim_to_send(w, limit=1, patience=first.patience))
        with pytest.raises(_Died):
            send(replace(first, boundary=_die_at("create transfer: after answer")), claims[0])
        advance_clock(own, 90_000)
        _tried_once(database, payment_id, ago=timedelta(hours=25))
        reach(first, PaymentStatus.SETTLED, payment_id)
        assert len(transfers_at(own)[str(payment_id)]) == 1
        with own.client() as client:
            assert len(client.get("/v1/accounts").json()["data"]) == 1
    assert broken(database) == []


class _Died(Exception):
    pass


def _die_at(boundary: str):
    def stop(name: str) -> None:
        if name == boundary:
            raise _Died

    return stop


def test_the_day_that_the_server_names_is_kept(desk: Desk, line: UUID) -> None:
    payment_id = ordered(desk.database, line)
    desk.database.write(SYSTEM, lambda w: progress.claim_to_send(w, limit=1, patience=desk.patience))
    desk.database.write(SYSTEM, lambda w: progress.sent(w, payment_id, "tr_1"))
    told = SentTransfer("tr_1", ACT_TOTAL, 0, "kzt", "acct_1", str(payment_id))
    friday, monday = date(2026, 4, 10), date(2026, 4, 13)

    def make_due(work: Work) -> None:
        work.execute(sa.update(table_of(PaymentRow)).values(next_try_at=real_clock(work.connection)))

    def expected(fate: Fate, day: date | None) -> date | None:
        desk.database.write(SYSTEM, make_due)
        (claim,) = desk.database.write(SYSTEM, lambda w: progress.claim_to_look(w, limit=1, patience=desk.patience))
        finding = Finding(told, fate, "po_1", day)
        desk.database.write(SYSTEM, lambda w: progress.follow(w, claim, finding, patience=desk.patience, dice=0.5))
        return payment(desk.database, payment_id).expected_on

    assert expected(Fate.WAITING, None) is None
    assert [expected(Fate.WAITING, day) for day in (friday, friday, monday)] == [friday, friday, monday]
    assert expected(Fate.PAID, monday) == monday
    assert expected(Fate.BACK, None) is None
    assert verbs(desk.database, payment_id)[2:] == ["sent", "settled", "returned"]
    assert broken(desk.database) == []


def test_the_same_news_twice_or_late_changes_nothing(desk: Desk, line: UUID) -> None:
    payment_id = ordered(desk.database, line)
    (claim,) = desk.database.write(SYSTEM, lambda w: progress.claim_to_send(w, limit=1, patience=desk.patience))
    assert desk.database.write(SYSTEM, lambda w: progress.sent(w, payment_id, "tr_1"))
    assert not desk.database.write(SYSTEM, lambda w: progress.sent(w, payment_id, "tr_1"))
    assert not desk.database.write(SYSTEM, lambda w: progress.fail(w, payment_id, why="late refusal"))
    told = SentTransfer("tr_1", ACT_TOTAL, 0, "kzt", "acct_1", str(payment_id))

    def follow(fate: Fate) -> bool:
        finding = Finding(told, fate, "po_1")
        return desk.database.write(
            SYSTEM, lambda w: progress.follow(w, claim, finding, patience=desk.patience, dice=0.5)
        )

    assert [follow(f) for f in (Fate.PAID, Fate.PAID, Fate.BACK, Fate.BACK, Fate.PAID, Fate.WAITING)] == [
        True, False, True, False, True, True,
    ]  # fmt: skip
    assert verbs(desk.database, payment_id)[2:] == ["sent", "settled", "returned", "settled", "returned"]
    assert broken(desk.database) == []
    # another transfer for the same payment is a double payment: it is never hidden
    assert desk.database.write(SYSTEM, lambda w: progress.sent(w, payment_id, "tr_2"))
    assert "tr_2" in (payment(desk.database, payment_id).last_error or "")
    assert broken(desk.database) == ["no payment waits for a person"]


def test_a_settled_payment_is_watched_some_days_and_then_left_alone(desk: Desk, line: UUID) -> None:
    few = replace(desk, patience=replace(desk.patience, watch=0.05, watches=2))
    payment_id = ordered(few.database, line)
    reach(few, PaymentStatus.SETTLED, payment_id)
    work_until(few, lambda: payment(few.database, payment_id).next_try_at is None)
    assert look_due(few) == 0
    assert broken(few.database) == []
