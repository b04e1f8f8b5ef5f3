"""Money that comes back, or of which the bank paid less, is the act's again: what was accepted stays what it was."""

from uuid import UUID

from contracts.act import invariants as acts
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from tests.payment.houses import ACT_TOTAL, payable, payment, verbs
from tests.reconciliation.houses import came_back, settled


def test_a_payment_that_came_back_breaks_no_sentence_about_its_act(database: Database, line: UUID) -> None:
    (paid,) = settled(database, line, total=ACT_TOTAL)
    database.write(SYSTEM, lambda work: came_back(work, paid))
    account = payable(database, payment(database, paid).act_id)
    assert (account.balance, account.credits_posted) == (ACT_TOTAL, 2 * ACT_TOTAL)
    assert verbs(database, paid)[-1] == "returned"
    (sentence,) = [one for one in acts.invariants() if one.name.startswith("an accepted act's account")]
    assert database.read(SYSTEM, lambda work: work.rows(sentence.broken)) == []
