"""Money that comes back, or of which the bank paid less, is the act's again: what was accepted stays what it was."""

from uuid import UUID

from contracts.act import invariants as acts
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.payment import progress, service
from contracts.reconciliation.comparing import differences
from contracts.reconciliation.rules import CaseKind
from tests.payment.houses import ACT_TOTAL, FINANCE, broken, payable, payment, verbs
from tests.reconciliation.houses import came_back, settled


def test_a_payment_that_came_back_breaks_no_sentence_about_its_act(database: Database, line: UUID) -> None:
    (paid,) = settled(database, line, total=ACT_TOTAL)
    database.write(SYSTEM, lambda work: came_back(work, paid))
    account = payable(database, payment(database, paid).act_id)
    assert (account.balance, account.credits_posted) == (ACT_TOTAL, 2 * ACT_TOTAL)
    assert verbs(database, paid)[-1] == "returned"
    (sentence,) = [one for one in acts.invariants() if one.name.startswith("an accepted act's account")]
    assert database.read(SYSTEM, lambda work: work.rows(sentence.broken)) == []


def test_a_payment_that_came_back_and_is_not_looked_at_any_more_waits_for_a_person(
    database: Database, line: UUID
) -> None:
    (one,) = settled(database, line)
    database.write(SYSTEM, lambda work: came_back(work, one))
    assert broken(database) == []
    database.write(SYSTEM, lambda work: progress.park(work, one, why="The server has another amount"))
    assert payment(database, one).is_parked
    assert broken(database) == ["no payment waits for a person"]
    assert [case.kind for case in database.read(SYSTEM, differences)] == [CaseKind.PAYMENT_STOPPED]
    database.write(FINANCE, lambda work: service.resume(work, one))
    assert payment(database, one).next_try_at is not None
    assert verbs(database, one)[-3:] == ["returned", "parked", "resumed"]
    assert broken(database) == []
