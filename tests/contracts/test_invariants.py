"""Each sentence that ``market check`` says over contracts, register and acts notices when it stops being true."""

import pytest
import sqlalchemy as sa

from contracts.act import service as acting
from contracts.kernel.period import Month
from tests.contracts.guards import facts_may_change, visits_may_overlap
from tests.contracts.houses import DIRECTOR, ERLAN, OFFICER, SERIK, House, almaty


@pytest.fixture
def lived_in(house: House) -> House:
    """A house with one accepted act, two engagements and a visit that waits."""
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    other = house.engaged(engagement.contract_id, recipient_id=SERIK)
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=2)
    house.confirmed(engagement, almaty(2026, 3, 3, 9))
    house.confirmed(other, almaty(2026, 3, 2, 9), worker=ERLAN)
    house.visit(other, almaty(2026, 3, 5, 9))
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=Month(2026, 3)))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    assert house.broken() == []
    return house


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE engagement SET units_a_month = 31", "an engagement never holds more than its plan"),
        ("UPDATE engagement SET units_a_month = 33", "an engagement never holds more than its plan"),
        ("UPDATE engagement SET until_on = '2026-06-01'", "an engagement never holds more than its plan"),
        ("UPDATE engagement SET voucher_id = placement_id", "an engagement's money came from its own voucher"),
        (
            "UPDATE account SET kind = 'paid' WHERE kind = 'committed'",
            "an engagement's account is its own",
        ),
        ("UPDATE register_entry SET confirmed_by = NULL", "an entry in an act is confirmed"),
        (
            "UPDATE register_entry SET recipient_id = worker_id",
            "an entry names its engagement's contract and recipient",
        ),
        ("UPDATE register_entry SET confirmed_by = entered_by", "nobody confirmed his own entry"),
        ("UPDATE act SET total_minor = total_minor + 1", "an act's total is the sum of its printed lines"),
        ("UPDATE act_line SET seconds = seconds + 1", "an act's line is the sum of its visits"),
        ("UPDATE act_line SET quantity = quantity + 1", "an act's line is the sum of its visits"),
        ("DELETE FROM act_entry", "an act's line is the sum of its visits"),
        (
            "UPDATE register_entry SET act_id = NULL",
            "a visit stands in the act that took it and in no other",
        ),
        (
            "UPDATE act_entry SET act_line_id = (SELECT id FROM act_line LIMIT 1)",
            "a visit stands in the act that took it and in no other",
        ),
        (
            "UPDATE account SET credits_posted = credits_posted + 1 WHERE kind = 'payable'",
            "an account's running totals are the sums of its transfers",
        ),
        (
            "UPDATE act SET account_id = (SELECT id FROM account WHERE kind = 'reserved' LIMIT 1)",
            "an accepted act's account was credited with exactly its total",
        ),
        ("UPDATE act SET status = 'submitted'", "an accepted act's account was credited with exactly its total"),
        (
            "UPDATE act SET payee_version_id = NULL",
            "an accepted act's account was credited with exactly its total",
        ),
        ("UPDATE act SET drafted_by = accepted_by", "an act was accepted by a second person"),
    ],
)
def test_a_sentence_that_no_longer_holds_is_reported(lived_in: House, damage: str, sentence: str) -> None:
    with lived_in.database.engine.begin() as connection:
        facts_may_change(connection)
        connection.execute(sa.text(damage))
    assert sentence in lived_in.broken()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("started_at = (SELECT min(started_at) FROM register_entry)", "no recipient is served twice at once"),
        ("worker_id = (SELECT worker_id FROM register_entry LIMIT 1)", "no worker is in two places at once"),
    ],
)
def test_what_the_database_refuses_is_reported_where_its_guard_is_gone(
    lived_in: House, damage: str, sentence: str
) -> None:
    update = sa.text(f"UPDATE register_entry SET {damage}")
    with lived_in.database.engine.begin() as connection:
        facts_may_change(connection)
    with (
        pytest.raises(sa.exc.IntegrityError, match="ex_register_entry"),
        lived_in.database.engine.begin() as connection,
    ):
        connection.execute(update)
    with lived_in.database.engine.begin() as connection:
        visits_may_overlap(connection)
        connection.execute(update)
    assert sentence in lived_in.broken()
