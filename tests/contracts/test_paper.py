"""Somebody without a telephone signs the paper journal: an operator enters the page, and it is kept as such."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.contract.rules import Engagement
from contracts.kernel.errors import WrongState
from contracts.kernel.work import Actor, Grant, Role
from contracts.register import queries
from contracts.register import service as register
from contracts.register.rules import (
    Confirmation,
    EntryNotFound,
    EntryStatus,
    OwnEntry,
    OwnProvidersVisit,
    PaperPageMissing,
)
from tests.contracts.houses import (
    ALMATY,
    BOTAGOZ,
    CARER,
    DIRECTOR,
    ERLAN,
    HOLDER,
    MADINA,
    OFFICER,
    OPERATOR,
    SERIK,
    WARM_HOME,
    House,
    almaty,
)

MORNING = almaty(2026, 3, 2, 9)
TWO_HATS = Actor(
    UUID(int=40),
    "operator who works there",
    (Grant(Role.OPERATOR, territory=ALMATY[:2]), Grant(Role.CARER, provider_id=WARM_HOME)),
)


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def test_an_operator_enters_the_page_that_the_recipient_signed(house: House, engagement: Engagement) -> None:
    visit = house.visit(engagement, MORNING)
    house.do(OPERATOR, lambda w: register.confirm_by_paper(w, visit, page="  J-7 / 12 "))
    entry = house.see(lambda w: queries.entry(w, visit))
    assert (entry.status, entry.confirmed_how, entry.paper_page) == (
        EntryStatus.CONFIRMED,
        Confirmation.PAPER,
        "J-7 / 12",
    )
    assert entry.confirmed_by == OPERATOR.id
    assert house.verbs("entry", visit) == ["entered", "confirmed"]
    with pytest.raises(WrongState):
        house.do(OPERATOR, lambda w: register.confirm_by_paper(w, visit, page="13"))
    assert house.broken() == []


@pytest.mark.parametrize("page", ["", "   ", "x" * 41, "1\x002"])
def test_a_page_has_a_name(house: House, engagement: Engagement, page: str) -> None:
    visit = house.visit(engagement, MORNING)
    with pytest.raises(PaperPageMissing):
        house.do(OPERATOR, lambda w: register.confirm_by_paper(w, visit, page=page))


@pytest.mark.parametrize("other", [HOLDER, OFFICER, DIRECTOR, CARER], ids=lambda a: a.name)
def test_nobody_but_an_operator_enters_paper(house: House, engagement: Engagement, other: Actor) -> None:
    visit = house.visit(engagement, MORNING)
    with pytest.raises(EntryNotFound):
        house.do(other, lambda w: register.confirm_by_paper(w, visit, page="1"))


def test_an_operator_who_is_one_of_the_paid_or_entered_it_does_not(house: House, engagement: Engagement) -> None:
    visit = house.visit(engagement, MORNING)
    with pytest.raises(OwnProvidersVisit):
        house.do(TWO_HATS, lambda w: register.confirm_by_paper(w, visit, page="1"))
    own = house.visit(engagement, almaty(2026, 3, 3, 9), actor=TWO_HATS)
    with pytest.raises((OwnEntry, OwnProvidersVisit)):
        house.do(TWO_HATS, lambda w: register.confirm_by_paper(w, own, page="1"))


COPY = (
    "INSERT INTO register_entry (id, month, engagement_id, contract_id, recipient_id, worker_id, client_id, served_on, "
    "started_at, ended_at, place, quantity, status, entered_by, entered_at) "
    "SELECT :id, month, engagement_id, contract_id, :recipient, :worker, :client, served_on, started_at, ended_at, "
    "place, quantity, status, entered_by, entered_at FROM register_entry WHERE id = :of"
)


def _copied(house: House, of: UUID, *, worker: UUID, recipient: UUID) -> None:
    def plain(one: UUID) -> object:
        return one if house.database.engine.dialect.name == "postgresql" else one.hex

    ids = {"id": UUID(int=99), "recipient": recipient, "worker": worker, "of": of}
    with house.database.engine.begin() as connection:
        connection.execute(sa.text(COPY), {name: plain(one) for name, one in ids.items()} | {"client": "copy"})


def test_the_database_itself_refuses_two_visits_at_once(house: House, engagement: Engagement) -> None:
    """Whoever writes behind the service's back, or finds a way around its locks."""
    visit = house.visit(engagement, MORNING)
    for worker, recipient in ((MADINA, SERIK), (ERLAN, BOTAGOZ)):
        with pytest.raises(sa.exc.IntegrityError, match="ex_register_entry"):
            _copied(house, visit, worker=worker, recipient=recipient)
    house.do(CARER, lambda w: register.cancel(w, visit, reason="slip of the pen"))
    with house.database.engine.connect() as connection:
        again = sa.text("UPDATE register_entry SET status = 'entered', cancel_reason = NULL")
        connection.execute(again)
        connection.rollback()
    house.visit(engagement, MORNING)
    with pytest.raises(sa.exc.IntegrityError, match="ex_register_entry"), house.database.engine.begin() as connection:
        connection.execute(again)


def test_visits_that_only_touch_are_two(house: House, engagement: Engagement) -> None:
    house.visit(engagement, MORNING, hours=1)
    house.visit(engagement, almaty(2026, 3, 2, 10), hours=1)
    assert house.broken() == []
