"""An advance: who may ask, how much, who agrees, and that it is owed until acts have used it up."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.approval import service as approvals
from contracts.approval.rules import ApprovalMissing, CountedOver, InterestDeclared, SelfApproval, Verdict
from contracts.contract.rules import ContractNotActive, ContractNotFound, ContractStatus
from contracts.kernel.errors import Malformed, NotAllowed
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.ledger.rules import InsufficientFunds
from contracts.payment import advancing, progress, service
from contracts.payment.advance_rules import (
    AdvanceAboveLimit,
    AdvanceDecided,
    AdvanceNotAgreed,
    AdvanceNotFound,
    AdvanceOpen,
    AdvanceShareTaken,
    AdvanceShareWrong,
    AdvanceStatus,
    Allowance,
    Use,
)
from contracts.payment.rules import Fate, PaymentStatus, RecoveryFirst, ThirdPersonNeeded
from tests.payment import batches
from tests.payment.advances import (
    House,
    advance,
    agree,
    approve,
    arrived,
    ask,
    broken,
    contract,
    director,
    free,
    order,
    ordered,
    rule,
    send,
    told,
    use,
    verbs,
)
from tests.payment.batches import AIDA, MURAT, SAULE, acts, do, officer, threshold
from tests.payment.houses import BUDGET, FINANCE, QUICK, line_with_money, paid, payable, payee, payment

WHOLE = 10_000_00


@pytest.fixture
def line(database: Database) -> UUID:
    return line_with_money(database, WHOLE)


def test_an_advance_is_asked_for_approved_ordered_paid_and_set_off_against_the_next_acts(
    database: Database, line: UUID, house: House
) -> None:
    of = contract(database, line, house)
    advance_id, payment_id = arrived(database, house, of, 200_00)
    assert use(database, advance_id) == Use(200_00, 0)
    assert paid(database, line) == 0, "nothing was served for it yet"
    first, second = acts(database, line, 150_00, 80_00, paid_to=house)
    with pytest.raises(RecoveryFirst):
        do(database, FINANCE, lambda w: service.order(w, first))
    assert do(database, FINANCE, lambda w: service.order_rest(w, first)) is None
    assert use(database, advance_id) == Use(50_00, 150_00)
    rest = do(database, FINANCE, lambda w: service.order_rest(w, second))
    assert rest is not None
    assert payment(database, rest).amount_minor == 30_00
    assert use(database, advance_id) == Use(0, 200_00)
    assert paid(database, line) == 200_00
    assert free(database, line) == WHOLE - 1000_00 - 230_00, "what was advanced is free again, the acts paid for it"
    assert verbs(database, advance_id) == ["asked", "ordered"]
    assert payment(database, payment_id).act_id is None
    assert broken(database) == []


def test_no_more_is_advanced_than_the_share_that_contract_and_rule_allow_of_what_is_still_to_come(
    database: Database, line: UUID, house: House
) -> None:
    generous = contract(database, line, house, held=1000_01, agreed=90_00)
    with pytest.raises(AdvanceAboveLimit):
        ask(database, house, generous, 300_01)
    for nothing in (0, -1):
        with pytest.raises(Malformed):
            ask(database, house, generous, nothing)
    modest = contract(database, line, house, agreed=10_00)
    with pytest.raises(AdvanceAboveLimit):
        ask(database, house, modest, 100_01)
    ask(database, house, modest, 100_00)
    ask(database, house, generous, 300_00)
    rule(database, 5_00, territory="75")
    with pytest.raises(AdvanceAboveLimit):
        ask(database, house, contract(database, line, house), 50_01)
    assert Allowance(333, 3333, 3000).ceiling_minor == 99, "rounded down"


@pytest.mark.parametrize("agreed", [None, 0])
def test_a_contract_that_says_nothing_of_advances_allows_none(
    database: Database, line: UUID, house: House, agreed: int | None
) -> None:
    with pytest.raises(AdvanceNotAgreed):
        ask(database, house, contract(database, line, house, agreed=agreed), 1)


def test_without_a_rule_nothing_is_advanced_whatever_a_contract_says(database: Database, line: UUID) -> None:
    house = do(database, SYSTEM, payee)
    with pytest.raises(AdvanceNotAgreed):
        ask(database, house, contract(database, line, house), 1)


def test_what_is_allowed_is_looked_at_again_when_it_is_ordered(database: Database, line: UUID, house: House) -> None:
    of = contract(database, line, house)
    advance_id = ask(database, house, of, 200_00)
    approve(database, advance_id)
    rule(database, 19_99, territory="75")
    with pytest.raises(AdvanceAboveLimit):
        order(database, advance_id)
    assert advance(database, advance_id).status is AdvanceStatus.ASKED
    do(database, director(house), lambda w: advancing.withdraw(w, advance_id))
    assert verbs(database, advance_id) == ["asked", "withdrawn"]
    again = ask(database, house, of, 199_90)
    approve(database, again)
    order(database, again)
    assert (found := advance(database, again)).share_bp == 19_99
    assert (found.base_minor, found.ceiling_minor) == (1000_00, 199_90)
    assert broken(database) == []


@pytest.mark.parametrize(
    ("days", "status"),
    [((-10, 0), ContractStatus.ACTIVE), ((1, 10), ContractStatus.ACTIVE), ((-10, 10), ContractStatus.TERMINATED),
     ((-10, 10), ContractStatus.PENDING)],
)  # fmt: skip
def test_a_contract_that_does_not_run_gives_no_advance(
    database: Database, line: UUID, house: House, days: tuple[int, int], status: ContractStatus
) -> None:
    with pytest.raises(ContractNotActive):
        ask(database, house, contract(database, line, house, days=days, status=status), 1)


def test_a_contract_that_ended_after_the_question_gives_no_advance(
    database: Database, line: UUID, house: House
) -> None:
    of = contract(database, line, house)
    advance_id = ask(database, house, of)
    approve(database, advance_id)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE contract SET status = 'terminated'"))
    with pytest.raises(ContractNotActive):
        order(database, advance_id)


def test_the_second_advance_waits_until_the_first_is_used_up(database: Database, line: UUID, house: House) -> None:
    of = contract(database, line, house)
    advance_id = ask(database, house, of, 200_00)
    with pytest.raises(AdvanceOpen):
        ask(database, house, of, 1_00)
    approve(database, advance_id)
    payment_id = order(database, advance_id)
    with pytest.raises(AdvanceOpen):
        ask(database, house, of, 1_00)
    send(database, payment_id)
    told(database, payment_id, Fate.PAID)
    (act,) = acts(database, line, 199_99, paid_to=house)
    do(database, FINANCE, lambda w: service.set_off(w, act))
    with pytest.raises(AdvanceOpen):
        ask(database, house, of, 1_00)
    (last,) = acts(database, line, 1, paid_to=house)
    do(database, FINANCE, lambda w: service.set_off(w, last))
    ask(database, house, of, 1_00)
    ask(database, house, contract(database, line, house), 1_00)


def test_money_that_the_line_does_not_have_is_not_advanced(database: Database, house: House) -> None:
    poor = line_with_money(database, 1000_00)
    advance_id = ask(database, house, contract(database, poor, house), 200_00)
    approve(database, advance_id)
    with pytest.raises(InsufficientFunds):
        order(database, advance_id)
    assert advance(database, advance_id).status is AdvanceStatus.ASKED
    assert broken(database) == []


def test_of_every_advance_another_officer_approves_however_small_it_is(
    database: Database, line: UUID, house: House
) -> None:
    advance_id = ask(database, house, contract(database, line, house), 1)
    with pytest.raises(ApprovalMissing):
        order(database, advance_id)
    approve(database, advance_id, FINANCE)
    with pytest.raises((SelfApproval, ApprovalMissing)):
        order(database, advance_id)
    order(database, advance_id, MURAT)
    assert broken(database) == []


def test_an_advance_weighs_with_what_else_was_ordered_and_acts_weigh_with_it(
    database: Database, line: UUID, house: House
) -> None:
    threshold(database, 2, least=250_00, over=CountedOver.MONTH)
    (act, later) = acts(database, line, 100_00, 60_00, paid_to=house)
    do(database, FINANCE, lambda w: service.order(w, act))
    advance_id = ask(database, house, contract(database, line, house), 200_00)
    approve(database, advance_id)
    with pytest.raises(ApprovalMissing):
        order(database, advance_id)
    approve(database, advance_id, AIDA)
    payment_id = order(database, advance_id)
    for weight in (
        lambda: do(database, FINANCE, lambda w: service.order(w, later)),
        lambda: batches.order(database, batches.submitted(database, later)),
    ):
        with pytest.raises(ApprovalMissing):
            weight()
    assert payment(database, payment_id).status is PaymentStatus.ORDERED
    assert broken(database) == []


def test_who_asks_or_is_not_free_or_sits_elsewhere_decides_nothing(
    database: Database, line: UUID, house: House
) -> None:
    advance_id = ask(database, house, contract(database, line, house))
    both = Actor(
        UUID(int=301), "both", (Grant(Role.PROVIDER, provider_id=house[0]), Grant(Role.FINANCE_OFFICER, territory=""))
    )
    with pytest.raises(SelfApproval):
        approve(database, advance_id, both)
    with pytest.raises(ThirdPersonNeeded):
        order(database, advance_id, both)
    do(database, MURAT, lambda w: approvals.declare_interest(w, provider_id=house[0], reason="a cousin"))
    with pytest.raises(InterestDeclared):
        approve(database, advance_id, MURAT)
    approve(database, advance_id)
    with pytest.raises(InterestDeclared):
        order(database, advance_id, MURAT)
    elsewhere = officer(210, territory="71")
    for verb in (lambda: approve(database, advance_id, elsewhere), lambda: order(database, advance_id, elsewhere)):
        with pytest.raises(AdvanceNotFound):
            verb()
    for actor in (BUDGET, director(house)):
        with pytest.raises(NotAllowed):
            order(database, advance_id, actor)


def test_another_organisation_neither_asks_nor_withdraws_nor_sees(database: Database, line: UUID, house: House) -> None:
    of = contract(database, line, house)
    stranger: House = (new_id(), house[1], house[2])
    with pytest.raises(ContractNotFound):
        ask(database, stranger, of)
    advance_id = ask(database, house, of)
    found = advance(database, advance_id)
    for verb in (lambda w: advancing.withdraw(w, advance_id), lambda w: advancing.seen(w, found)):
        with pytest.raises(AdvanceNotFound):
            do(database, director(stranger), verb)
    for actor in (director(house), FINANCE, BUDGET):
        assert database.read(actor, lambda w: advancing.seen(w, found)) == found


def test_a_refused_advance_says_why_and_is_over(database: Database, line: UUID, house: House) -> None:
    of = contract(database, line, house)
    advance_id = ask(database, house, of)
    do(database, SAULE, lambda w: advancing.decide(w, advance_id, verdict=Verdict.REJECTED, reason="no such cars"))
    assert verbs(database, advance_id) == ["asked", "refused"]
    for verb in (lambda: approve(database, advance_id, MURAT), lambda: order(database, advance_id)):
        with pytest.raises(AdvanceDecided):
            verb()
    with pytest.raises(AdvanceDecided):
        do(database, director(house), lambda w: advancing.withdraw(w, advance_id))
    ask(database, house, of)
    assert broken(database) == []


def test_a_payment_that_failed_owes_nothing_and_its_money_is_free(database: Database, line: UUID, house: House) -> None:
    of, before = contract(database, line, house), free(database, line)
    advance_id, payment_id = ordered(database, house, of)
    assert free(database, line) == before - 200_00
    do(database, SYSTEM, lambda w: progress.claim_to_send(w, limit=1, patience=QUICK))
    do(database, SYSTEM, lambda w: progress.fail(w, payment_id, why="no such account"))
    assert free(database, line) == before
    assert use(database, advance_id) == Use(0, 0)
    assert verbs(database, advance_id) == ["asked", "ordered", "unpaid"]
    assert advance(database, advance_id).status is AdvanceStatus.UNPAID
    ask(database, house, of)
    assert broken(database) == []


def test_an_advance_that_comes_back_after_acts_were_set_off_leaves_them_to_be_paid(
    database: Database, line: UUID, house: House
) -> None:
    of, before = contract(database, line, house), free(database, line)
    advance_id, payment_id = arrived(database, house, of)
    (act,) = acts(database, line, 150_00, paid_to=house)
    do(database, FINANCE, lambda w: service.set_off(w, act))
    told(database, payment_id, Fate.BACK)
    assert use(database, advance_id).owed_minor == 0, "who has nothing owes nothing"
    assert broken(database) == []
    told(database, payment_id, Fate.PAID)
    assert use(database, advance_id) == Use(50_00, 150_00), "paid out after all: as if it had never come back"
    told(database, payment_id, Fate.BACK)
    told(database, payment_id, Fate.REVERSED)
    assert use(database, advance_id) == Use(0, 0)
    assert payable(database, act).free == 150_00
    assert do(database, FINANCE, lambda w: service.order_rest(w, act)) is not None
    assert free(database, line) == before - 150_00
    assert verbs(database, advance_id)[-1] == "unpaid"
    assert broken(database) == []


def test_shares_are_set_by_who_may_for_days_to_come_once_a_day(database: Database, line: UUID, house: House) -> None:
    of = contract(database, line, house)
    with pytest.raises(AdvanceShareTaken):
        agree(database, of, 10_00)
    with pytest.raises(AdvanceShareTaken):
        rule(database, 10_00)
    for share in (-1, 100_01):
        with pytest.raises(AdvanceShareWrong):
            rule(database, share, territory="71")
    for actor in (FINANCE, director(house)):
        with pytest.raises(NotAllowed):
            do(database, actor, lambda w: advancing.set_rule(w, territory="75", most_bp=1, from_on=w.today, source="x"))
    with pytest.raises(Malformed):
        do(database, director(house), lambda w: advancing.ask(w, of, amount_minor=1, purpose=" "))


def test_the_database_itself_keeps_shares_and_what_a_payment_is_of(
    database: Database, line: UUID, house: House
) -> None:
    _advance, payment_id = arrived(database, house, contract(database, line, house))
    (act,) = acts(database, line, 10_00, paid_to=house)
    for forgery in (
        "UPDATE advance_rule SET most_bp = 10000", "DELETE FROM advance_term", "UPDATE payment SET advance_id = NULL",
        "UPDATE advance SET amount_minor = ceiling_minor + 1",
        "UPDATE payment SET act_id = (SELECT id FROM act) WHERE advance_id IS NOT NULL",
    ):  # fmt: skip
        with pytest.raises(sa.exc.DBAPIError), database.engine.begin() as connection:
            connection.execute(sa.text(forgery))
    assert payment(database, payment_id).act_id is None
    assert payable(database, act).free == 10_00


@pytest.mark.parametrize(
    ("forgery", "sentence"),
    [
        ("UPDATE advance SET share_bp = 9000", "no advance is more than its contract and the rule allowed"),
        ("UPDATE advance SET ceiling_minor = 900000", "no advance is more than its contract and the rule allowed"),
        ("UPDATE advance SET amount_minor = 1", "an advance has a payment of its own once it is ordered"),
        ("UPDATE advance SET status = 'unpaid'", "an advance has a payment of its own once it is ordered"),
        ("UPDATE account SET debits_posted = 1 WHERE kind = 'recovery'",
         "what was advanced was set off, is owed, or was given back"),
        ("DELETE FROM approval", "every advance was approved by as many others as it asks for"),
    ],
)  # fmt: skip
def test_a_forged_advance_is_found(database: Database, line: UUID, house: House, forgery: str, sentence: str) -> None:
    arrived(database, house, contract(database, line, house))
    assert broken(database) == []
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "sqlite":
            connection.execute(sa.text("DROP TRIGGER IF EXISTS approval_no_delete"))
        else:
            connection.execute(sa.text("ALTER TABLE approval DISABLE TRIGGER USER"))
        connection.execute(sa.text(forgery))
    assert sentence in broken(database)
