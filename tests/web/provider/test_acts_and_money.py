"""From the month's visits to the money: acts drawn up and handed in by form, and each payment in plain words."""

import re
from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.rules import Engagement
from contracts.kernel.database import table_of
from contracts.kernel.work import SYSTEM, Role
from contracts.payment.models import PaymentRow
from contracts.payment.rules import PaymentStatus
from market.web.pages.provider.payments import WHAT_IT_MEANS
from tests.web.provider.houses import at, director, served
from tests.web.provider.test_visits_entered import entries
from tests.web.recipient.reader import Home, Reader, verbs
from tests.web.street import Street
from tests.web.town import made


def visited(street: Street, home: Home, engagement: Engagement, hour: int, *, confirmed: bool = True) -> str:
    body = {
        "client_id": f"v{hour}", "worker_id": street.worker, "place": "at home", "quantity": 1,
        "started_at": datetime(2026, 3, 3, hour, tzinfo=UTC).isoformat(),
        "ended_at": datetime(2026, 3, 3, hour, 45, tzinfo=UTC).isoformat(),
    }  # fmt: skip
    entry = made(street.house.post(f"/api/engagements/{engagement.id}/entries", body))["id"]
    if confirmed:
        made(home.person.post(f"/api/entries/{entry}/confirmation"))
    return str(entry)


def month_over(street: Street) -> tuple[Home, Engagement]:
    """Two visits of March are confirmed, one waits; it is April."""
    home, engagement = served(street)
    street.travel(2)
    for hour in (4, 6):
        visited(street, home, engagement, hour)
    visited(street, home, engagement, 8, confirmed=False)
    street.travel(31)
    return home, engagement


def act_drawn_up(reader: Reader, street: Street) -> str:
    page = reader.open(at(street, "/acts"))
    sent = reader.press(page, at(street, "/acts"))
    assert sent.location is not None
    return sent.location


def test_an_act_is_drawn_up_and_handed_in(fresh_street: Street) -> None:
    street = fresh_street
    home, engagement = month_over(street)
    reader = director(street, "ru")
    assert "Составьте акт за март 2026 г." in reader.open(at(street)).words
    months = reader.open(at(street, "/acts")).words
    assert re.search(r"март 2026 г\. C-\S+ 2 1 ", months), "two confirmed, one waits"
    there = act_drawn_up(reader, street)
    page = reader.open(there)
    assert "Айгерім Сейтқали" in page.words
    assert "5 000 ₸" in page.words.replace("\N{NO-BREAK SPACE}", " ")
    assert "1 посещение этого месяца ждёт подтверждения и в акт не вошло." in page.words
    waiting = entries(street, engagement)[-1]
    made(home.person.post(f"/api/entries/{waiting.id}/confirmation"))
    assert "1 посещение подтверждено позже и в акт не вошло" in reader.open(there).words
    page = reader.follow(reader.press(reader.open(there), f"{there}/assembly"))
    assert "7 500 ₸" in page.words.replace("\N{NO-BREAK SPACE}", " ")
    page = reader.follow(reader.press(page, f"{there}/submission"))
    assert "Акт сдан." in page.words
    act_id = there.rpartition("/")[2]
    assert verbs(street, "act", act_id) == ["drafted", "redrafted", "submitted"]
    assert f'href="/acts/{act_id}/act.pdf"' in page.text


def test_an_act_that_came_back_says_why_and_an_old_page_moves_nothing(fresh_street: Street) -> None:
    street = fresh_street
    month_over(street)
    reader = director(street)
    there = act_drawn_up(reader, street)
    old = reader.open(there)
    reader.press(old, f"{there}/submission")
    act_id = there.rpartition("/")[2]
    made(street.budget.post(f"/api/acts/{act_id}/return", {"reason": "the visit of 3 March is double"}))
    page = reader.open(there)
    assert "the visit of 3 March is double" in page.words
    assert "came back: look why" in reader.open(at(street)).words
    stale = reader.press(old, f"{there}/assembly")
    assert stale.status == 409, "the page is older than the act"
    assert verbs(street, "act", act_id)[-1] == "returned"
    assert reader.press(page, f"{there}/submission").status == 303


def test_an_act_of_nothing_or_of_a_month_that_goes_on_is_refused_on_the_page(fresh_street: Street) -> None:
    street = fresh_street
    _, engagement = month_over(street)
    visit = entries(street, engagement)[0]
    reader = director(street)
    page = reader.open(at(street, "/acts"))
    for entry in entries(street, engagement):
        made(street.house.post(f"/api/entries/{entry.id}/cancellation", {"reason": "wrong person"}))
    refused = reader.press(page, at(street, "/acts"))
    assert (refused.status, "worth anything" in refused.words) == (422, True)
    running = reader.press(page, at(street, "/acts"), month="2026-04", key="another")
    assert (running.status, "2026-04 ends" in running.words) == (422, True)
    reader.press(page, at(street, "/acts"), contract_id=str(visit.id), key="a third")
    reader.open(at(street, f"/acts/{visit.id}"), 404)


def paid(street: Street) -> UUID:
    """The act of the month, accepted and ordered by others."""
    month_over(street)
    reader = director(street)
    there = act_drawn_up(reader, street)
    reader.press(reader.open(there), f"{there}/submission")
    act_id = there.rpartition("/")[2]
    made(street.budget.post(f"/api/acts/{act_id}/acceptance", key="accept"))
    waiting = reader.open(at(street, "/payments")).words
    assert "Earned, not ordered yet 5,000 ₸ 1 accepted act" in waiting
    return UUID(made(street.finance.post(f"/api/acts/{act_id}/payment", key="pay"))["id"])


def test_each_state_of_a_payment_is_told_in_plain_words_and_the_day_only_if_it_was_named(fresh_street: Street) -> None:
    street = fresh_street
    payment_id = paid(street)
    database = street.town.database
    table = table_of(PaymentRow)

    def set_to(**columns: object) -> str:
        with database.engine.begin() as connection:
            connection.execute(sa.update(table).where(table.c.id == payment_id).values(**columns))
        return director(street).open(at(street, "/payments")).words

    words = set_to(status=PaymentStatus.ORDERED)
    assert "On its way 5,000 ₸ 1 payment" in words
    assert "The bank has named no day yet." in words
    for status, sentence in WHAT_IT_MEANS.items():
        assert sentence in set_to(status=status, settled_at=datetime(2026, 4, 9, 5, tzinfo=UTC))
    named = set_to(status=PaymentStatus.SENT, expected_on=date(2026, 4, 8))
    assert "In the bank on 8 April 2026, says the payment server" in named
    assert "Paid on 9 April 2026, 10:00" in set_to(status=PaymentStatus.SETTLED)


def test_the_account_that_is_paid_is_seen_by_its_own_people_only(street: Street) -> None:
    assert "KZ86125KZT5004100100" in director(street).open(at(street, "/account")).words
    auditor = Reader(street.town, street.town.person(Role.AUDITOR))
    auditor.open(at(street, "/account"), 404)
    assert street.town.database.read(SYSTEM, lambda w: w.today) is not None


def test_a_change_of_account_is_told_on_the_first_page_and_stopped_there(fresh_street: Street) -> None:
    street, reader = fresh_street, director(fresh_street)
    sent = reader.press(
        reader.open(at(street, "/account")), at(street, "/account"), legal_name="Warm Home", iban="KZ47125KZT0000000006"
    )
    assert sent.status == 303
    for page in (reader.open(at(street)), reader.open(at(street, "/account"))):
        assert "account KZ47125KZT0000000006, owner Warm Home" in page.words
    (stop,) = re.findall(r'action="(/organisations/[^"]+/stop)"', reader.open(at(street)).text)
    assert reader.press(reader.open(at(street)), stop).location == at(street, "/account")
    assert "KZ47125KZT0000000006" not in reader.open(at(street)).words
    assert "rejected" in reader.open(at(street, "/account")).words.lower()
