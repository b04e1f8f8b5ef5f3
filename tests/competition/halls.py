"""A procurement office in Almaty and the NGOs around it: Warm Home, Good Neighbours and the others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries as ledger
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import VersionStatus
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.competition import queries
from market.competition import service as competition
from market.competition.queries import Bid, Lot, Tender
from market.competition.rules import NewLot, NewTender
from market.provider.models import LicenceRow, ProviderRow
from market.provider.rules import OrganisationType, ProviderStatus, Sector
from tests.recipient.homes import ALMATY
from tests.voucher.desks import line_with, open_office, year

OFFICER = Actor(UUID(int=41), "Gulnara, who opens", (Grant(Role.PROCUREMENT_OFFICER, territory="75"),))
SECOND = Actor(UUID(int=42), "Timur, who decides", (Grant(Role.PROCUREMENT_OFFICER, territory="75"),))
ELSEWHERE = Actor(UUID(int=43), "Bolat in Astana", (Grant(Role.PROCUREMENT_OFFICER, territory="71"),))
AUDITOR = Actor(UUID(int=44), "the auditor", (Grant(Role.AUDITOR, territory=""),))
ADMINISTRATOR = Actor(UUID(int=45), "the administrator", (Grant(Role.ADMINISTRATOR),))
CEILING = 1_200_00
WINDOW = timedelta(days=10)


def open_hall(database: Database) -> UUID:
    """A clock that travels, the reference rows, price limits, and a funding line of the next year with money on it."""
    with database.engine.begin() as connection:
        start_travelling(connection)
    open_office(database)
    return line_with(database, 900_000_00, in_year=year(database) + 1)


def travel(database: Database, by: timedelta) -> None:
    with database.engine.begin() as connection:
        move_clock(connection, by)


def now(database: Database) -> datetime:
    return database.read(SYSTEM, lambda work: work.now)


def order(database: Database, line_id: UUID, /, *, lots: int = 1, **changes: Any) -> NewTender:
    """Help at home for the next year from February on (in late December the deadline is in January), bids within ten
    days; ``changes`` are to the lots."""
    this = year(database) + 1
    lot = NewLot(
        line_id, ServiceKind.DOMESTIC, CareSetting.HOME, Unit.VISIT, 9_600, CEILING, date(this, 2, 1),
        date(this + 1, 1, 1),
    )  # fmt: skip
    return NewTender("Help at home", ALMATY, now(database) + WINDOW, (replace(lot, **changes),) * lots)


def draft(database: Database, new: NewTender, actor: Actor = OFFICER) -> UUID:
    return database.write(actor, lambda work: competition.create_tender(work, new))


def published(database: Database, line_id: UUID, /, *, lots: int = 1) -> tuple[UUID, list[UUID]]:
    """A tender that takes bids, and its lots."""
    tender_id = draft(database, order(database, line_id, lots=lots))
    database.write(OFFICER, lambda work: competition.publish(work, tender_id))
    return tender_id, [lot.id for lot in lots_of(database, tender_id)]


def lots_of(database: Database, tender_id: UUID) -> list[Lot]:
    return database.read(SYSTEM, lambda work: queries.lots(work, tender_id))


def tender(database: Database, tender_id: UUID) -> Tender:
    return database.read(SYSTEM, lambda work: queries.tender(work, tender_id))


def stored(database: Database, bid_id: UUID) -> Bid:
    return database.read(SYSTEM, lambda work: queries.stored_bid(work, bid_id))


def ngos(
    database: Database,
    count: int = 1,
    *,
    sector: Sector = Sector.NGO,
    status: ProviderStatus = ProviderStatus.ADMITTED,
    licence: tuple[date, date | None] | None = (date(2025, 1, 1), None),
) -> list[UUID]:
    """Organisations with a licence and a bank account, as registration and admission would leave them."""
    ids = [new_id() for _ in range(count)]

    def fn(work: Work) -> list[UUID]:
        work.insert_many(ProviderRow, [_provider(work, one, sector, status) for one in ids])
        if licence:
            work.insert_many(LicenceRow, [_licence(one, *licence) for one in ids])
        payees = [(new_id(), one) for one in ids]
        work.insert_many(PayeeRow, [{"id": p, "provider_id": one, "bin": _bin(one)} for p, one in payees])
        work.insert_many(PayeeVersionRow, [_account(work, payee) for payee, _ in payees])
        record(work, "test", "ngos", "stand")
        return ids

    return database.write(SYSTEM, fn)


def _bin(one: UUID) -> str:
    return one.hex[-12:]


def _provider(work: Work, one: UUID, sector: Sector, status: ProviderStatus) -> dict[str, Any]:
    return {
        "id": one, "number": human_number("P"), "bin": _bin(one), "name": "Warm Home", "sector": sector,
        "organisation_type": OrganisationType.NGO, "territory": ALMATY, "status": status, "registered_at": work.now,
        "decided_by": None, "decided_at": None, "decision_reason": None, "version": 1,
    }  # fmt: skip


def _licence(one: UUID, from_on: date, until_on: date | None) -> dict[str, Any]:
    return {"id": new_id(), "provider_id": one, "number": one.hex, "from_on": from_on, "until_on": until_on}


def _account(work: Work, payee: UUID) -> dict[str, Any]:
    return {
        "id": new_id(), "payee_id": payee, "version": 1, "legal_name": "Warm Home", "iban": "KZ86125KZT5004100100",
        "status": VersionStatus.ACTIVE, "requested_by": UUID(int=1), "requested_at": work.now, "approved_by": None,
        "approved_at": None, "connected_account": None,
    }  # fmt: skip


def people_of(provider_id: UUID) -> Actor:
    return Actor(UUID(int=provider_id.int ^ 1), "an NGO's own", (Grant(Role.PROVIDER, provider_id=provider_id),))


def bid(database: Database, lot_id: UUID, provider_id: UUID, price: int = 1_000_00) -> UUID:
    return database.write(
        people_of(provider_id),
        lambda work: competition.submit_bid(work, lot_id, provider_id=provider_id, unit_price_minor=price),
    )


def withdraw(database: Database, bid_id: UUID, provider_id: UUID) -> None:
    database.write(people_of(provider_id), lambda work: competition.withdraw_bid(work, bid_id))


def open_bids(database: Database, tender_id: UUID, actor: Actor = OFFICER) -> None:
    database.write(actor, lambda work: competition.open_bids(work, tender_id))


def award(database: Database, lot_id: UUID, actor: Actor = SECOND) -> UUID:
    return database.write(actor, lambda work: competition.award(work, lot_id))


def opened_with(database: Database, line_id: UUID, prices: Sequence[int]) -> tuple[UUID, UUID, list[UUID]]:
    """A tender past its opening: its id, its lot, and the bids in order of arrival."""
    tender_id, (lot_id,) = published(database, line_id)
    bids = [bid(database, lot_id, one, p) for one, p in zip(ngos(database, len(prices)), prices, strict=True)]
    travel(database, WINDOW)
    open_bids(database, tender_id)
    return tender_id, lot_id, bids


def broken(database: Database) -> list[str]:
    sentences = [*queries.invariants(), *ledger.invariants()]
    return database.read(SYSTEM, lambda work: [i.name for i in sentences if work.rows(i.broken.limit(1))])
