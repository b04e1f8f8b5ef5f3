"""Two providers, the people around them, and a year's money: what the tests of contracts begin with.

"Warm Home" serves Botagoz and Serik in Almaty in 2026. The clock stands at noon of 10 April 2026.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from contracts.act import invariants as acts
from contracts.act import queries as acting_queries
from contracts.audit import queries as audit
from contracts.audit.service import record
from contracts.budget import service as budgeting
from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import Engagement, EngagementTerms
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries as ledger_queries
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import VersionStatus
from contracts.register import queries as registers
from contracts.register import service as register
from contracts.register.models import EntryRow
from contracts.register.rules import Entry

T = TypeVar("T")
ALMATY = "750000000"
ASTANA = "710000000"
NOON = datetime(2026, 4, 10, 7, tzinfo=UTC)  # 12:00 in Almaty
WARM_HOME, OTHER_HOUSE = UUID(int=0xA1), UUID(int=0xA2)
BOTAGOZ, SERIK = UUID(int=0xB1), UUID(int=0xB2)
MADINA, ERLAN = UUID(int=0xC1), UUID(int=0xC2)  # workers

SYSTEM_CLERK = Actor(UUID(int=1), "clerk of everything", None)
DIRECTOR = Actor(UUID(int=2), "director of Warm Home", (Grant(Role.PROVIDER, provider_id=WARM_HOME),))
CARER = Actor(UUID(int=3), "carer of Warm Home", (Grant(Role.CARER, provider_id=WARM_HOME),))
STRANGER = Actor(UUID(int=4), "director of another house", (Grant(Role.PROVIDER, provider_id=OTHER_HOUSE),))
HOLDER = Actor(UUID(int=5), "Botagoz", (Grant(Role.RECIPIENT, recipient_id=BOTAGOZ),))
NEIGHBOUR = Actor(UUID(int=6), "Serik", (Grant(Role.RECIPIENT, recipient_id=SERIK),))
OPERATOR = Actor(UUID(int=7), "operator in Almaty", (Grant(Role.OPERATOR, territory=ALMATY[:2]),))
OFFICER = Actor(UUID(int=8), "budget officer in Almaty", (Grant(Role.BUDGET_OFFICER, territory=ALMATY[:2]),))
OFFICER_OF_ASTANA = Actor(UUID(int=9), "budget officer in Astana", (Grant(Role.BUDGET_OFFICER, territory="71"),))
BUYER = Actor(UUID(int=10), "procurement officer", (Grant(Role.PROCUREMENT_OFFICER, territory=ALMATY[:2]),))
AUDITOR = Actor(UUID(int=11), "auditor", (Grant(Role.AUDITOR, territory=""),))


def almaty(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant by the clock on the wall in Almaty since March 2024 (UTC+5)."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=5)


@dataclass(frozen=True)
class House:
    """A database with a funding line, and the verbs the tests speak in."""

    database: Database
    line_id: UUID

    def do(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        return self.database.write(actor, fn)

    def see(self, fn: Callable[[Work], T]) -> T:
        return self.database.read(SYSTEM, fn)

    # --- before a contract ---------------------------------------------------------------------------------------
    def voucher(self, recipient_money: int = 1_000_000_00, *, line_id: UUID | None = None) -> tuple[UUID, UUID]:
        """(voucher id, its account), with money reserved."""
        line, voucher_id = line_id or self.line_id, new_id()

        def fn(work: Work) -> UUID:
            source = ledger_queries.account_of(work, AccountKind.APPROPRIATED, line)
            assert source is not None
            account = ledger.open_account(work, AccountKind.RESERVED, voucher_id, line_id=line)
            ledger.transfer(
                work, debit=source.id, credit=account, amount_minor=recipient_money, reason="v", about_id=voucher_id
            )
            record(work, "voucher", voucher_id, "issued")
            return account

        return voucher_id, self.do(SYSTEM, fn)

    def payee(self, provider_id: UUID = WARM_HOME, *, bin_: str = "061211600012") -> UUID:
        payee_id = new_id()

        def fn(work: Work) -> UUID:
            work.insert(PayeeRow, id=payee_id, provider_id=provider_id, bin=bin_)
            version_id = self._version(work, payee_id, 1)
            record(work, "payee", payee_id, "opened")
            return version_id

        self.do(SYSTEM, fn)
        return payee_id

    def _version(self, work: Work, payee_id: UUID, number: int) -> UUID:
        version_id = new_id()
        work.insert(
            PayeeVersionRow,
            id=version_id,
            payee_id=payee_id,
            version=number,
            legal_name="Warm Home",
            iban="KZ86125KZT5004100100",
            status=VersionStatus.ACTIVE,
            requested_by=UUID(int=2),
            requested_at=work.now,
        )
        return version_id

    # --- contracts and engagements -------------------------------------------------------------------------------
    def voucher_contract(self, actor: Actor = DIRECTOR, *, provider_id: UUID = WARM_HOME) -> UUID:
        return self.do(
            actor,
            lambda w: contracting.ensure_voucher_contract(
                w, provider_id=provider_id, line_id=self.line_id, on=date(2026, 1, 1)
            ),
        )

    def terms(self, contract_id: UUID, **changed: object) -> EngagementTerms:
        """An hour of help at home: 10.00 an hour, 32 hours a month, February to the end of June."""
        usual = EngagementTerms(
            contract_id=contract_id,
            placement_id=new_id(),
            voucher_id=new_id(),
            recipient_id=BOTAGOZ,
            offer_id=new_id(),
            kind="domestic",
            setting="home",
            unit="hour",
            unit_price_minor=10_00,
            units_a_month=32,
            from_on=date(2026, 2, 1),
            until_on=date(2026, 7, 1),
        )
        return replace(usual, **changed)  # type: ignore[arg-type] # the field's own type, checked where it is used

    def engaged(self, contract_id: UUID, *, actor: Actor = DIRECTOR, **changed: object) -> Engagement:
        voucher_id, account = self.voucher()
        terms = self.terms(contract_id, **{"voucher_id": voucher_id, **changed})
        engagement_id = self.do(actor, lambda w: contracting.engage(w, terms, voucher_account_id=account))
        return self.engagement(engagement_id)

    def engagement(self, engagement_id: UUID) -> Engagement:
        return self.see(lambda w: contracts.engagement(w, engagement_id))

    def balance(self, account_id: UUID) -> int:
        return self.see(lambda w: ledger_queries.account(w, account_id)).balance

    def reserved(self, voucher_id: UUID) -> int:
        account = self.see(lambda w: ledger_queries.account_of(w, AccountKind.RESERVED, voucher_id))
        assert account is not None
        return account.balance

    # --- visits --------------------------------------------------------------------------------------------------
    def visit(
        self,
        engagement: Engagement,
        start: datetime,
        *,
        hours: float = 1,
        worker: UUID = MADINA,
        quantity: int = 1,
        actor: Actor = CARER,
        client_id: str | None = None,
        place: str = "Abay 10, flat 4",
    ) -> UUID:
        return self.do(
            actor,
            lambda w: register.enter(
                w,
                engagement.id,
                client_id=client_id or str(new_id()),
                worker_id=worker,
                started_at=start,
                ended_at=start + timedelta(hours=hours),
                quantity=quantity,
                place=place,
            ),
        )

    def confirmed(self, engagement: Engagement, start: datetime, **facts: object) -> UUID:
        entry_id = self.visit(engagement, start, **facts)  # type: ignore[arg-type] # passed through as given
        self.do(OPERATOR, lambda w: register.confirm(w, entry_id))
        return entry_id

    # --- looking -------------------------------------------------------------------------------------------------
    def verbs(self, stream: str, about: UUID) -> list[str]:
        return [event.verb for event in self.see(lambda w: audit.events_of(w, stream, about))]

    def move(self, days: int) -> None:
        with self.database.engine.begin() as connection:
            move_clock(connection, timedelta(days=days))

    def broken(self) -> list[str]:
        """Which sentences do not hold, over ledger, contracts, register and acts; and the audit chains."""
        sentences = [
            *ledger_queries.invariants(),
            *contracts.invariants(),
            *registers.invariants(),
            *acts.invariants(),
        ]
        assert self.see(audit.verify).first_fault is None
        return self.see(lambda w: [i.name for i in sentences if w.rows(i.broken.limit(1))])


def visits_of(work: Work, act_id: UUID) -> list[Entry]:
    """What an act has taken, in the order of time."""
    act = acting_queries.act(work, act_id)
    taken = registers.of_act(act_id, act.contract_id, act.month)
    return work.find_all(Entry, EntryRow, *taken, order_by=(EntryRow.engagement_id, EntryRow.started_at))


def build(database: Database) -> House:
    with database.engine.begin() as connection:
        start_travelling(connection, shown_at=NOON)

    def fn(work: Work) -> UUID:
        line = budgeting.open_line(work, programme="004", territory=ALMATY, service_kind="domestic", year=2026)
        budgeting.appropriate(work, line, amount_minor=100_000_000_00)
        return line

    return House(database, database.write(SYSTEM, fn))


def at_once(tasks: Sequence[Callable[[], object]]) -> list[BaseException | None]:
    """Start them at the same moment; what each ended with."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> None:
        start.wait()
        task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [f.exception() for f in [pool.submit(run, task) for task in tasks]]
