"""An installation that can be put back to its first morning in a few milliseconds: two homes, three people, a year's
money, a payment server and a bank that do as they are told."""

import shutil
import threading
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from contracts.act import terms
from contracts.act.rules import TermCode
from contracts.approval import service as approvals
from contracts.kernel.clock import ClockRow, move_clock, real_clock
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database, _perform, open_database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payment import advancing, paying_accounts
from contracts.payment.gateway import (
    Finding,
    GatewayRefused,
    GatewayUnavailable,
    Holder,
    OutcomeUnknown,
    SentTransfer,
    TransferOrder,
)
from contracts.payment.rules import Fate, Patience
from contracts.register import absence
from contracts.register.absence_rules import AbsenceKind, AbsenceRule
from market.catalogue.rules import Unit
from market.provider import service as providing
from market.user.personal import Vault
from tests.chain.advances import RULE_BP, RULE_FROM
from tests.chain.journal import NOTICE, SHARES
from tests.chain.paying import APPROVAL_FROM
from tests.chain.people import first_of
from tests.chain.state import PROVIDER_COLLECTS_FROM
from tests.placement.town import ALMATY, NOON, Town, open_town
from tests.recipient.homes import VAULT, register
from tests.reconciliation.bank import OURS
from tests.voucher.desks import line_with

T = TypeVar("T")
CIVIL_NOON = datetime(2026, 4, 10, 12)  # by the clock on the wall  # noqa: DTZ001
MONEY = 250_000_00
PEOPLE = 4
OFFICER = Actor(UUID(int=31), "Saule at the budget office", (Grant(Role.BUDGET_OFFICER, territory=""),))
COLLEAGUE = Actor(UUID(int=32), "Aidar at the budget office", (Grant(Role.BUDGET_OFFICER, territory=""),))
FINANCE = Actor(UUID(int=104), "Dana", (Grant(Role.FINANCE_OFFICER, territory=""),))
SECOND = Actor(UUID(int=204), "Erlan", (Grant(Role.FINANCE_OFFICER, territory=""),))
OPERATOR = Actor(UUID(int=11), "Dana at the service centre", (Grant(Role.OPERATOR, territory="75"),))
PATIENT = Patience(first_pause=0.0, longest_pause=0.0, longest_look=0.0, watch=0.0, watches=1_000_000, doubt=0.0)


def instant(civil: datetime) -> datetime:
    return civil.replace(tzinfo=UTC) - timedelta(hours=5)


def holder(person: UUID) -> Actor:
    return Actor(UUID(int=710), "the holder", (Grant(Role.RECIPIENT, recipient_id=person),))


def director(provider_id: UUID) -> Actor:
    return Actor(UUID(int=711), "the director", (Grant(Role.PROVIDER, provider_id=provider_id),))


def carer(provider_id: UUID) -> Actor:
    return Actor(UUID(int=712), "a carer", (Grant(Role.CARER, provider_id=provider_id),))


@dataclass
class Site:
    """What the first morning has: for the oracle, ids and nothing else."""

    line_id: UUID
    people: list[UUID]
    homes: list[tuple[UUID, UUID, str, int, int, list[UUID]]]


def furnish(database: Database) -> Site:
    town = open_town(database)
    line = line_with(database, MONEY, programme="005")
    homes = []
    for unit, price, capacity in ((Unit.VISIT, 900_00, 2), (Unit.HOUR, 777_77, 400), (Unit.VISIT, 1_234_56, 1)):
        house = town.house(f"Home {len(homes)}", unit=unit, price=price, capacity=capacity)
        workers = [_hire(town, house.provider_id, name) for name in ("Madina", "Erlan")]
        homes.append((house.provider_id, house.offer_id, str(unit), price, capacity, workers))
    people = [register(database, serial) for serial in range(1, PEOPLE + 1)]
    ruler = Actor(UUID(int=33), "the ministry", (Grant(Role.BUDGET_OFFICER, territory=""),))
    database.write(ruler, partial(
        approvals.set_threshold, territory="", least_minor=APPROVAL_FROM, approvers=1, from_on=date(2026, 4, 10),
        source="a test's own order",
    ))  # fmt: skip
    database.write(ruler, partial(
        advancing.set_rule, territory="", most_bp=RULE_BP, from_on=RULE_FROM, source="a test's own order"
    ))  # fmt: skip
    for kind, percent in SHARES.items():
        known = AbsenceRule(
            new_id(), AbsenceKind(kind), percent, False, int(NOTICE.total_seconds()) // 3600, date(2026, 1, 1),
            date(2027, 1, 1), "a test's own order",
        )  # fmt: skip
        database.write(ruler, partial(absence.set_rule, rule=known))
    database.write(FINANCE, partial(
        terms.set_term, code=TermCode.COLLECTOR, territory="75", value="provider",
        from_on=first_of(PROVIDER_COLLECTS_FROM), source="a test's own order",
    ))  # fmt: skip
    database.write(FINANCE, partial(
        paying_accounts.open_paying_account, territory="75", name="Treasury", iban=OURS
    ))  # fmt: skip
    return Site(line, people, homes)


def _hire(town: Town, provider_id: UUID, name: str, vault: Vault = VAULT) -> UUID:
    return town.do(
        SYSTEM,
        lambda work: providing.add_staff(
            work, vault, provider_id, name=name, speciality="carer", from_on=date(2026, 1, 1)
        ),
    )


class Server:
    """A payment server without a network: it keeps books, and answers as it is told to."""

    def __init__(self) -> None:
        self.fates: dict[UUID, str] = {}
        self.refuses: set[UUID] = set()
        self.loses: set[UUID] = set()
        self.is_down = False
        self._made: dict[UUID, SentTransfer] = {}
        self._lock = threading.Lock()

    def create_account(self, holder: Holder, *, key: str) -> str:
        self._answer()
        return f"acct_{holder.payee_version_id.hex}"

    def find_account(self, payee_version_id: UUID) -> str | None:
        self._answer()
        return f"acct_{payee_version_id.hex}"

    def create_transfer(self, order: TransferOrder, *, key: str) -> SentTransfer:
        self._answer()
        if order.payment_id in self.refuses:
            raise GatewayRefused("not today")
        made = SentTransfer(
            f"tr_{order.payment_id.hex}", order.amount_minor, 0, order.currency.lower(), order.destination,
            str(order.payment_id),
        )  # fmt: skip
        with self._lock:
            self._made.setdefault(order.payment_id, made)
            self.fates.setdefault(order.payment_id, "waiting")
        if order.payment_id in self.loses:
            self.loses.discard(order.payment_id)
            raise OutcomeUnknown("the answer was lost")
        return self._made[order.payment_id]

    def find_transfers(self, payment_id: UUID) -> list[SentTransfer]:
        self._answer()
        return [self._made[payment_id]] if payment_id in self._made else []

    def find_out(self, transfer_id: str) -> Finding:
        self._answer()
        payment_id = UUID(transfer_id.removeprefix("tr_"))
        return Finding(self._made[payment_id], Fate(self.fates[payment_id]), "po_1")

    def reverse(self, transfer_id: str, *, amount_minor: int, key: str) -> None:
        self._answer()
        payment_id = UUID(transfer_id.removeprefix("tr_"))
        if self.fates[payment_id] == "paid":
            raise GatewayRefused("paid out already")
        self.fates[payment_id] = "reversed"

    def close(self) -> None:
        pass

    def _answer(self) -> None:
        if self.is_down:
            raise GatewayUnavailable("away")


@dataclass
class World:
    """``restore`` puts the files back; nothing of the engines, and of what they have learned, is lost."""

    database: Database
    site: Site
    restore: Callable[[], None]
    server: Server = field(default_factory=Server)

    def do(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        """As the runner does it, in this thread: nobody else writes, and handing over is most of a step's time."""
        with self.database.engine.begin() as connection:
            return _perform(connection, actor, fn)

    def see(self, fn: Callable[[Work], T]) -> T:
        return self.database.read(SYSTEM, fn)

    def again(self) -> None:
        self.restore()
        self.server = Server()
        with self.database.engine.begin() as connection:
            now = real_clock(connection)
            connection.execute(sa.update(ClockRow).values(real_at=now, shown_at=NOON))

    def wait(self, by: timedelta) -> None:
        with self.database.engine.begin() as connection:
            move_clock(connection, by)


def on_sqlite(template: Path, folder: Path) -> World:
    first, file = folder / "first.db", folder / "market.db"
    shutil.copy(template, first)
    with closing(open_database(f"sqlite:///{first}")) as database:
        site = furnish(database)
    shutil.copy(first, file)
    database = open_database(f"sqlite:///{file}")

    def restore() -> None:
        for engine in (database.engine, database._readers):  # type: ignore[attr-defined] # both sets of connections
            engine.dispose()
        for name in ("", "-wal", "-shm"):
            Path(f"{file}{name}").unlink(missing_ok=True)
        shutil.copy(first, file)

    return World(database, site, restore)


def on_postgresql(server: sa.URL, template: sa.URL, administer: Callable[[sa.URL, str], None]) -> World:
    def address(name: str) -> Any:
        return server.set(database=name).render_as_string(hide_password=False)

    first, name = f"first_{uuid.uuid4().hex}", f"chain_{uuid.uuid4().hex}"
    administer(server, f"CREATE DATABASE {first} TEMPLATE {template.database}")
    with closing(open_database(address(first))) as database:
        site = furnish(database)
    administer(server, f"CREATE DATABASE {name} TEMPLATE {first}")
    database = open_database(address(name))

    def restore() -> None:
        database.engine.dispose()
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")
        administer(server, f"CREATE DATABASE {name} TEMPLATE {first}")

    return World(database, site, restore)


__all__ = ["ALMATY", "World", "on_postgresql", "on_sqlite"]
