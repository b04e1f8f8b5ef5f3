"""Act = payment = bank line, to the tiyn: every difference has exactly one case, and none goes away by itself."""

from uuid import UUID

import pytest

from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.audit import queries as audit
from contracts.kernel.errors import NotAllowed, NotFound, WrongState
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.ledger import queries as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import progress
from contracts.payment import service as paying
from contracts.reconciliation import queries, service
from contracts.reconciliation.rules import (
    CaseKind,
    CaseReasonMissing,
    CaseSecondPerson,
    CaseStatus,
    DifferenceChanged,
    NothingToCorrect,
    Resolution,
)
from tests.payment.houses import FINANCE, ordered, paid, payable, payment
from tests.reconciliation.bank import Bank, Entry
from tests.reconciliation.houses import (
    DANA,
    ERLAN,
    broken,
    came_back,
    cases,
    do,
    kinds,
    number,
    office,
    settled,
    take_in,
)


@pytest.fixture
def bank(database: Database) -> Bank:
    return office(database)


def test_a_line_of_exactly_the_payment_opens_no_case(database: Database, line: UUID, bank: Bank) -> None:
    ids = settled(database, line, 3)
    file = bank.statement(*(Entry(-payment(database, p).amount_minor, number(database, p)) for p in ids), days=9)
    (imported,) = take_in(database, file)
    assert (imported.added, cases(database), broken(database)) == (3, [], [])
    assert len(database.read(SYSTEM, lambda work: queries.lines_of_payment(work, ids[0]))) == 1


def test_a_line_that_says_what_the_payment_server_calls_the_transfer_is_found_too(
    database: Database, line: UUID, bank: Bank
) -> None:
    (one,) = settled(database, line)
    take_in(database, bank.statement(Entry(-100_00, payment(database, one).gateway_transfer), days=9))
    assert cases(database) == []


@pytest.mark.parametrize(
    ("entries", "kind", "difference"),
    [
        ([(-100_01,)], CaseKind.AMOUNT_DIFFERS, 1),
        ([(-99_99,)], CaseKind.AMOUNT_DIFFERS, -1),
        ([(-100_00,), (-100_00,)], CaseKind.PAID_TWICE, 100_00),
        ([(-100_00, "KZ56125KZT0111111113")], CaseKind.ACCOUNT_DIFFERS, 0),
        ([(-99_00, "KZ56125KZT0111111113"), (-100_00,)], CaseKind.PAID_TWICE, 99_00),
        ([], CaseKind.LINE_MISSING, -100_00),
        ([(-100_00,), (100_00,)], CaseKind.CAME_BACK, -100_00),
    ],
)
def test_every_difference_of_a_settled_payment_opens_one_case(
    database: Database, line: UUID, bank: Bank, entries: list[tuple[object, ...]], kind: CaseKind, difference: int
) -> None:
    (one,) = settled(database, line)
    told = [Entry(e[0], number(database, one), *e[1:], returned=e[0] > 0) for e in entries]  # type: ignore[arg-type,operator]
    take_in(database, bank.statement(*told, days=9))
    (case,) = cases(database)
    assert (case.kind, case.difference_minor, case.payment_id) == (kind, difference, one)
    assert (case.status, case.owner_id, case.number[:2]) == (CaseStatus.OPEN, FINANCE.id, "R-")
    assert do(database, SYSTEM, service.reconcile) == 0, "looking again opens no second one"
    assert cases(database) == [case]
    assert broken(database) == []


def test_a_payment_that_the_statements_do_not_reach_yet_is_not_missing(
    database: Database, line: UUID, bank: Bank
) -> None:
    settled(database, line)
    take_in(database, bank.statement(days=2))
    assert cases(database) == []
    take_in(database, bank.statement(days=5))
    assert kinds(database) == ["line-missing"]


def test_a_payment_on_its_way_may_be_in_the_bank_already_but_not_with_another_sum(
    database: Database, line: UUID, bank: Bank
) -> None:
    same, other = (ordered(database, line, total=100_00) for _ in range(2))
    take_in(database, bank.statement(Entry(-100_00, number(database, same)), Entry(-1_00, number(database, other))))
    (case,) = cases(database)
    assert (case.kind, case.payment_id) == (CaseKind.AMOUNT_DIFFERS, other)


def test_what_the_bank_paid_and_our_books_say_failed_is_a_case(database: Database, line: UUID, bank: Bank) -> None:
    one = ordered(database, line, total=100_00)
    do(database, SYSTEM, lambda work: progress.claim_to_send(work, limit=1, patience=progress.Patience()))
    do(database, SYSTEM, lambda work: progress.fail(work, one, why="refused"))
    take_in(database, bank.statement(Entry(-100_00, number(database, one))))
    (case,) = cases(database)
    assert (case.kind, case.difference_minor) == (CaseKind.BANK_ONLY, 100_00)


def test_a_payment_that_the_servers_books_stopped_is_a_case_until_it_goes_on(database: Database, line: UUID) -> None:
    one = ordered(database, line)
    do(database, SYSTEM, lambda work: progress.claim_to_send(work, limit=1, patience=progress.Patience()))
    do(database, SYSTEM, lambda work: progress.park(work, one, why="amount is 1, ordered was 2"))
    assert do(database, SYSTEM, service.reconcile) == 1
    assert kinds(database) == ["payment-stopped"]
    do(database, FINANCE, lambda work: paying.resume(work, one))
    assert do(database, SYSTEM, service.reconcile) == 1
    (case,) = cases(database, resolved=True)
    assert (case.resolution, case.resolved_by) == (Resolution.VANISHED, None)
    do(database, SYSTEM, lambda work: progress.park(work, one, why="amount is 1, ordered was 2"))
    assert do(database, SYSTEM, service.reconcile) == 1, "it may happen again, and is a new case"
    assert kinds(database) == ["payment-stopped"]


def test_money_that_no_payment_explains_is_a_case_and_money_that_comes_in_is_not(
    database: Database, line: UUID, bank: Bank
) -> None:
    incoming, outgoing = Entry(5_00, None), Entry(-7_00, "P-NOONE-KNOWS")
    take_in(database, bank.statement(incoming, outgoing, Entry(3_00, None, returned=True)))
    assert [(c.kind, c.difference_minor) for c in cases(database)] == [
        (CaseKind.LINE_UNKNOWN, 7_00), (CaseKind.LINE_UNKNOWN, -3_00),
    ]  # fmt: skip
    assert {c.owner_id for c in cases(database)} == {DANA.id}


def test_a_statement_that_does_not_begin_where_the_last_one_ended_is_a_case_until_the_one_between_comes(
    database: Database, bank: Bank
) -> None:
    first = bank.statement(Entry(5_00))
    between = bank.statement(Entry(6_00))
    take_in(database, first, bank.statement(Entry(7_00)))
    (case,) = cases(database)
    assert (case.kind, case.difference_minor) == (CaseKind.STATEMENT_GAP, 6_00)
    take_in(database, between)
    assert cases(database) == []


# --- resolving --------------------------------------------------------------------------------------------------------
def overpaid(database: Database, line: UUID, bank: Bank) -> tuple[UUID, str]:
    (one,) = settled(database, line)
    take_in(database, bank.statement(Entry(-130_00, number(database, one)), days=9))
    (case,) = cases(database)
    return one, case.number


def verbs(database: Database, name: str) -> list[str]:
    case = database.read(SYSTEM, lambda work: queries.case(work, name))
    return [e.verb for e in database.read(SYSTEM, lambda work: audit.events_of(work, "reconciliation-case", case.id))]


def agree(database: Database, name: str, resolution: Resolution) -> None:
    do(database, DANA, lambda work: service.propose(work, name, resolution=resolution, reason="the bank's mistake"))
    do(database, ERLAN, lambda work: service.approve(work, name))


def test_an_over_payment_is_booked_by_two_people_and_the_payee_owes_it(
    database: Database, line: UUID, bank: Bank
) -> None:
    one, name = overpaid(database, line, bank)
    agree(database, name, Resolution.CORRECTION)
    owed = database.read(SYSTEM, lambda work: ledger.account_of(work, AccountKind.RECOVERY, one))
    assert owed is not None
    assert (owed.balance, paid(database, line)) == (30_00, 100_00)
    (case,) = cases(database, resolved=True)
    assert (case.resolution, case.proposed_by, case.resolved_by) == (Resolution.CORRECTION, DANA.id, ERLAN.id)
    assert verbs(database, name) == ["opened", "proposed", "resolved"]
    assert do(database, SYSTEM, service.reconcile) == 0
    assert cases(database) == []
    assert broken(database) == []


def test_an_under_payment_is_owed_to_the_act_again(database: Database, line: UUID, bank: Bank) -> None:
    (one,) = settled(database, line)
    take_in(database, bank.statement(Entry(-60_00, number(database, one)), days=9))
    (case,) = cases(database)
    agree(database, case.number, Resolution.CORRECTION)
    assert payable(database, payment(database, one).act_id).free == 40_00
    assert paid(database, line) == 60_00
    assert (cases(database), broken(database)) == ([], [])


def test_a_decision_stands_and_what_was_decided_is_not_asked_again(database: Database, line: UUID, bank: Bank) -> None:
    _, name = overpaid(database, line, bank)
    agree(database, name, Resolution.DECISION)
    assert do(database, SYSTEM, service.reconcile) == 0
    assert cases(database) == []
    assert paid(database, line) == 100_00, "nothing was booked"
    assert broken(database) == []


def test_another_difference_of_a_payment_that_was_decided_is_a_new_case(
    database: Database, line: UUID, bank: Bank
) -> None:
    one, name = overpaid(database, line, bank)
    agree(database, name, Resolution.DECISION)
    take_in(database, bank.statement(Entry(-130_00, number(database, one))))
    (case,) = cases(database)
    assert (case.kind, case.difference_minor) == (CaseKind.PAID_TWICE, 160_00)


def test_a_difference_that_changes_keeps_its_case_and_loses_what_was_proposed(
    database: Database, line: UUID, bank: Bank
) -> None:
    one, name = overpaid(database, line, bank)
    do(database, DANA, lambda w: service.propose(w, name, resolution=Resolution.CORRECTION, reason="too much"))
    take_in(
        database,
        bank.statement(Entry(30_00, number(database, one), returned=True), Entry(-1_00, number(database, one))),
    )
    (case,) = cases(database)
    assert (case.number, case.status, case.difference_minor) == (name, CaseStatus.OPEN, 1_00)
    assert case.proposal is None
    assert verbs(database, name) == ["opened", "proposed", "changed"]


def test_a_case_whose_cause_is_gone_closes_itself(database: Database, line: UUID, bank: Bank) -> None:
    one, name = overpaid(database, line, bank)
    take_in(database, bank.statement(Entry(30_00, number(database, one), returned=True)))
    (case,) = cases(database, resolved=True)
    assert (case.number, case.resolution) == (name, Resolution.VANISHED)
    assert verbs(database, name) == ["opened", "vanished"]
    assert broken(database) == []


def test_one_person_resolves_nothing(database: Database, line: UUID, bank: Bank) -> None:
    _, name = overpaid(database, line, bank)
    with pytest.raises(WrongState):
        do(database, ERLAN, lambda work: service.approve(work, name))
    do(database, DANA, lambda w: service.propose(w, name, resolution=Resolution.DECISION, reason="it is little"))
    for verb in (service.approve, service.refuse):
        with pytest.raises(CaseSecondPerson):
            do(database, DANA, lambda work, v=verb: v(work, name))
    do(database, ERLAN, lambda work: service.refuse(work, name))
    assert cases(database)[0].status is CaseStatus.OPEN
    do(database, ERLAN, lambda work: service.take(work, name))
    assert cases(database)[0].owner_id == ERLAN.id
    assert verbs(database, name) == ["opened", "proposed", "refused", "taken"]


def test_who_declared_an_interest_in_the_payee_decides_no_difference_of_it(
    database: Database, line: UUID, bank: Bank
) -> None:
    payment_id, name = overpaid(database, line, bank)
    do(database, DANA, lambda w: service.propose(w, name, resolution=Resolution.DECISION, reason="it is little"))
    provider_id = payment(database, payment_id).provider_id
    do(database, ERLAN, lambda work: declare_interest(work, provider_id=provider_id, reason="a cousin"))
    for verb in (service.approve, service.refuse):
        with pytest.raises(InterestDeclared):
            do(database, ERLAN, lambda work, v=verb: v(work, name))
    with pytest.raises(InterestDeclared):
        do(database, ERLAN, lambda w: service.propose(w, name, resolution=Resolution.CORRECTION, reason="mine"))
    assert cases(database)[0].status is CaseStatus.PROPOSED


def test_what_is_proposed_needs_a_reason_and_an_amount_to_correct(database: Database, line: UUID, bank: Bank) -> None:
    (one,) = settled(database, line)
    take_in(database, bank.statement(Entry(-100_00, number(database, one), "KZ56125KZT0111111113"), days=9))
    (case,) = cases(database)
    for resolution in (Resolution.CORRECTION, Resolution.VANISHED):
        with pytest.raises(NothingToCorrect):
            do(database, DANA, lambda w, r=resolution: service.propose(w, case.number, resolution=r, reason="so"))
    for reason in ("", " \n", "x" * 501):
        with pytest.raises(CaseReasonMissing):
            do(database, DANA, lambda w, r=reason: service.propose(
                w, case.number, resolution=Resolution.DECISION, reason=r
            ))  # fmt: skip


def test_a_correction_of_what_has_changed_since_is_not_booked(database: Database, line: UUID, bank: Bank) -> None:
    one, name = overpaid(database, line, bank)
    do(database, DANA, lambda w: service.propose(w, name, resolution=Resolution.CORRECTION, reason="too much"))

    do(database, SYSTEM, lambda work: came_back(work, one))
    with pytest.raises(DifferenceChanged):
        do(database, ERLAN, lambda work: service.approve(work, name))
    assert broken(database) == []


def test_cases_are_for_officers_of_the_territory(database: Database, line: UUID, bank: Bank) -> None:
    _, name = overpaid(database, line, bank)
    auditor = Actor(UUID(int=7), "Timur", (Grant(Role.AUDITOR, territory="75"),))
    assert database.read(auditor, lambda work: service.show(work, name)).number == name
    with pytest.raises(NotAllowed):
        do(database, auditor, lambda work: service.take(work, name))
    far = Actor(UUID(int=8), "Saule", (Grant(Role.FINANCE_OFFICER, territory="71"),))
    for verb in (service.take, service.show):
        with pytest.raises(NotFound):
            do(database, far, lambda work, v=verb: v(work, name))
