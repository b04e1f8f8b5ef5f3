"""People who pay a part of their help themselves: accepted acts that ask them, and what is looked at afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

import httpx

from contracts.act import service as acting
from contracts.act import terms
from contracts.act.models import ActTermRow
from contracts.act.pricing import Collector
from contracts.act.rules import TermCode
from contracts.audit.service import record
from contracts.collection import dispatch, invariants, queries, service
from contracts.collection.dispatch import Till
from contracts.collection.rules import Collection, CollectionStatus, Due
from contracts.collection.stripe import StripeTill
from contracts.contract.rules import Engagement
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import Actor, Grant, Role, Work
from contracts.ledger import queries as ledger
from contracts.ledger.rules import AccountKind
from tests.contracts.houses import ALMATY, BOTAGOZ, DIRECTOR, ERLAN, MADINA, OFFICER, OPERATOR, House, almaty
from tests.payment.houses import QUICK
from tests.payment.servers import contract
from tests.peer.sandbox import KEY, Peer
from tests.stripe_contract import CheckedTransport

APRIL = Month(2026, 4)
FINANCE = Actor(UUID(int=0x31), "finance officer", (Grant(Role.FINANCE_OFFICER, territory=ALMATY[:2]),))
CHARGE = 15_00  # a month; the act of one engagement is 20.00
FORTY = 40  # visits that two workers make in a day
GOOD, DECLINED = "pm_card_visa", "pm_card_chargeDeclined"


def charged(house: House, contract_id: UUID, *, charge: int = CHARGE, recipient: UUID = BOTAGOZ) -> Engagement:
    """An engagement whose recipient pays a part from April on."""
    engagement = house.engaged(contract_id, recipient_id=recipient)
    house.do(
        OPERATOR,
        lambda w: terms.set_copayment(
            w, engagement.id, charge_minor=charge, from_month=APRIL, source="statement of the pension fund"
        ),
    )
    return engagement


def served(house: House, engagement: Engagement, day: int, *, worker: UUID = MADINA, hour: int = 9) -> None:
    house.confirmed(engagement, almaty(2026, 4, day, hour), worker=worker)


def accepted(house: House, contract_id: UUID) -> UUID:
    """The next act of April, through all hands."""
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, contract_id, month=APRIL))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    return act_id


def one_household(house: House, *, collector: Collector = Collector.AGENCY, charge: int = CHARGE) -> Engagement:
    """Two hours of help in April, 20.00, of which Botagoz pays 15.00; the act is accepted in May."""
    house.payee()
    set_collector(house, collector)
    engagement = charged(house, house.voucher_contract(), charge=charge)
    house.move(10)
    for day in (14, 15):
        served(house, engagement, day)
    house.move(20)
    accepted(house, engagement.contract_id)
    return engagement


def set_collector(house: House, collector: Collector) -> None:
    if collector is not Collector.AGENCY:
        house.do(FINANCE, lambda w: _collected_by(w, collector))


def _collected_by(work: Work, collector: Collector) -> None:
    """Set long ago: a month's acts go by what is in force on its first day."""
    work.insert(
        ActTermRow, id=new_id(), code=TermCode.COLLECTOR, territory=ALMATY, value=collector, from_on=date(2026, 1, 1),
        source="order 5", set_by=UUID(int=1), set_at=work.now,
    )  # fmt: skip
    record(work, "act-term", TermCode.COLLECTOR, "set")


def street(house: House, people: int) -> list[UUID]:
    """One accepted act that asks so many people; their dues."""
    house.payee()
    contract_id = house.voucher_contract()
    homes = [charged(house, contract_id, recipient=new_id()) for _ in range(people)]
    house.move(15)
    for place, engagement in enumerate(homes):
        first, hour = 11 + 2 * (place // FORTY), place % FORTY // 2
        for day in (first, first + 1):
            served(house, engagement, day, worker=ERLAN if place % 2 else MADINA, hour=hour)
    house.move(20)
    accepted(house, contract_id)
    while house.database.write(FINANCE, service.ask):
        pass
    found = house.see(lambda w: queries.dues_in(w, [ALMATY], limit=people))
    assert len(found) == people
    return [one.due.id for one in found]


def the_due(house: House, engagement: Engagement) -> Due:
    found = house.see(lambda w: queries.due_for(w, engagement.id, APRIL))
    assert found is not None
    return found


def moves(house: House, due_id: UUID) -> list[Collection]:
    return house.see(lambda w: queries.collections_of(w, due_id))


def story(house: House, due_id: UUID) -> list[tuple[str, str, int]]:
    return [(str(m.kind), str(m.status), m.amount_minor) for m in moves(house, due_id)]


def account(house: House, due_id: UUID) -> queries.Account:
    return house.see(lambda w: queries.account_of(w, queries.due(w, due_id)))


def collected(house: House) -> int:
    found = house.see(lambda w: ledger.account_of(w, AccountKind.COLLECTED, house.line_id))
    return 0 if found is None else found.balance


def broken(database: Database) -> list[str]:
    every = [*ledger.invariants(), *invariants.invariants()]
    return database.read(FINANCE, lambda w: [i.name for i in every if w.rows(i.broken.limit(1))])


def holder(recipient_id: UUID) -> Actor:
    return Actor(new_id(), "the holder", (Grant(Role.RECIPIENT, recipient_id=recipient_id),))


@contextmanager
def till_at(database: Database, peer: Peer) -> Iterator[Till]:
    """Every request and answer is held against Stripe's description."""
    gateway = StripeTill(peer.url, KEY, transport=CheckedTransport(contract(), httpx.HTTPTransport()))
    yield Till(database, gateway, QUICK)
    gateway.close()


def turn(till: Till) -> None:
    dispatch.ask_due(till)
    dispatch.send_due(till)
    dispatch.look_due(till)


def work_until(till: Till, look: Callable[[], object], *, patience: float = 30.0) -> None:
    until = time.monotonic() + patience
    while not look():
        assert time.monotonic() < until, f"not within {patience} s"
        turn(till)
        time.sleep(0.02)


def open_intent(house: House, till: Till, due_id: UUID) -> Collection:
    """The intent that waits to be paid at the server."""

    def is_open() -> bool:
        last = moves(house, due_id)[-1]
        return last.status is CollectionStatus.OPEN and last.cancel_ordered_at is None

    work_until(till, is_open)
    return moves(house, due_id)[-1]


def paid(house: House, till: Till, due_id: UUID, method: str = GOOD) -> None:
    """By the holder, all that is left."""
    open_intent(house, till, due_id)
    who = holder(house.see(lambda w: queries.due(w, due_id)).recipient_id)
    house.do(who, lambda w: service.pay(w, due_id, method=method))
    work_until(till, lambda: account(house, due_id).left_minor == 0)


def at_peer(peer: Peer, path: str) -> list[dict[str, object]]:
    """Everything of a list at the server, asked for without our client, the newest first."""
    found: list[dict[str, object]] = []
    with httpx.Client(base_url=peer.url, auth=(KEY, ""), timeout=20) as client:
        asked, more = {"limit": "100"}, True
        while more:
            page = client.get(path, params=asked).json()
            found += page["data"]
            more = page["has_more"]
            if found:
                asked["starting_after"] = str(found[-1]["id"])
    return found
