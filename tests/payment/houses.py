"""An accepted act of the provider "Warm Home", as the floors below leave it: the start of every payment's story."""

import itertools
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from contracts.act.models import ActRow
from contracts.act.rules import ActStatus
from contracts.audit import queries as audit
from contracts.audit.service import record
from contracts.budget import service as budgeting
from contracts.contract.models import ContractRow
from contracts.contract.rules import Basis, ContractStatus
from contracts.kernel.ids import check_digit, human_number, new_id
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries as ledger_queries
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payee import queries as payee_queries
from contracts.payee import service as payees
from contracts.payment import queries, service
from contracts.payment.dispatch import Desk, look_due, send_due
from contracts.payment.queries import Payment
from contracts.payment.rules import Patience, PaymentStatus

ALMATY = "750000000"
DRAFTER, SUBMITTER, ACCEPTER = UUID(int=101), UUID(int=102), UUID(int=103)
FINANCE = Actor(UUID(int=104), "Dana", (Grant(Role.FINANCE_OFFICER, territory=""),))
BUDGET = Actor(UUID(int=105), "Aigul", (Grant(Role.BUDGET_OFFICER, territory=""),))
GOOD_IBAN = "KZ86125KZT5004100100"
ACT_TOTAL = 125_000_00
CLOSED_ACCOUNT = "KZ56125KZT0111111113"  # the ending that makes every payout come back
QUICK = Patience(lease=5.0, first_pause=0.02, longest_pause=0.2, longest_look=0.2, watch=0.1, watches=1000, doubt=0.0)
_number = itertools.count(1)
_serials = itertools.count(1)


def line_with_money(database: Database, amount: int = 10**12) -> UUID:
    def fn(work: Work) -> UUID:
        programme = f"{next(_number):06d}"
        line = budgeting.open_line(work, programme=programme, territory=ALMATY, service_kind="domestic", year=2026)
        budgeting.appropriate(work, line, amount_minor=amount)
        return line

    return database.write(BUDGET, fn)


def payee(work: Work, *, iban: str = GOOD_IBAN, legal_name: str = "Warm Home") -> tuple[UUID, UUID, UUID]:
    """Provider, payee and its active version."""
    provider_id = new_id()
    payee_id = payees.open_payee(work, provider_id=provider_id, bin=next_bin(), legal_name=legal_name, iban=iban)
    version = payee_queries.active_version(work, payee_id)
    assert version is not None
    return provider_id, payee_id, version.id


def next_bin() -> str:
    """The next valid BIN; every eleventh serial has no check digit."""
    for serial in _serials:
        stem = f"01014{serial:06d}"
        if (digit := check_digit(stem)) is not None:
            return f"{stem}{digit}"
    raise AssertionError("endless")


def concluded(
    work: Work, line_id: UUID, paid_to: tuple[UUID, UUID, UUID], *, territory: str = ALMATY,
    days: tuple[date, date] = (date(2026, 1, 1), date(2027, 1, 1)), status: ContractStatus = ContractStatus.ACTIVE,
) -> UUID:  # fmt: skip
    """A contract of the provider."""
    contract_id, (from_on, until_on) = new_id(), days
    work.insert(
        ContractRow, id=contract_id, number=human_number("C"), provider_id=paid_to[0], payee_id=paid_to[1],
        line_id=line_id, territory=territory, basis=Basis.AWARD, award_id=None, from_on=from_on, until_on=until_on,
        terms={}, status=status, concluded_at=work.now,
    )  # fmt: skip
    return contract_id


def funded(work: Work, line_id: UUID, kind: AccountKind, owner_id: UUID, amount: int, reason: str) -> UUID:
    """An account with so much of the line's free money on it."""
    account_id = ledger.open_account(work, kind, owner_id, line_id=line_id)
    free = ledger_queries.account_of(work, AccountKind.APPROPRIATED, line_id)
    assert free is not None
    if amount:
        ledger.transfer(work, debit=free.id, credit=account_id, amount_minor=amount, reason=reason, about_id=owner_id)
    return account_id


def accepted_act(
    work: Work,
    line_id: UUID,
    *,
    total: int = ACT_TOTAL,
    iban: str = GOOD_IBAN,
    status: ActStatus = ActStatus.ACCEPTED,
    paid_to: tuple[UUID, UUID, UUID] | None = None,
    territory: str = ALMATY,
) -> UUID:
    """The act of one contract and month; its money is payable."""
    house = paid_to or payee(work, iban=iban)
    contract_id, act_id = concluded(work, line_id, house, territory=territory), new_id()
    account_id = funded(work, line_id, AccountKind.PAYABLE, act_id, total, "act-accepted")
    work.insert(
        ActRow, id=act_id, number=human_number("R1"), contract_id=contract_id, provider_id=house[0],
        territory=territory, line_id=line_id, month=Month(2026, 3), status=status, total_minor=total,
        drafted_by=DRAFTER, drafted_at=work.now, submitted_by=SUBMITTER, submitted_at=work.now, accepted_by=ACCEPTER,
        accepted_at=work.now, return_reason=None, payee_version_id=house[2], account_id=account_id, version=1,
    )  # fmt: skip
    record(work, "act", act_id, "accepted")
    return act_id


def ordered(database: Database, line_id: UUID, **facts: object) -> UUID:
    """A payment of a fresh act, ordered and not yet sent."""
    act_id = database.write(SYSTEM, lambda work: accepted_act(work, line_id, **facts))  # type: ignore[arg-type]
    return database.write(FINANCE, lambda work: service.order(work, act_id))


def payment(database: Database, payment_id: UUID) -> Payment:
    return database.read(SYSTEM, lambda work: queries.payment(work, payment_id))


def verbs(database: Database, payment_id: UUID) -> list[str]:
    """What the trail says happened to the payment."""
    return [e.verb for e in database.read(SYSTEM, lambda work: audit.events_of(work, "payment", payment_id))]


def payable(database: Database, act_id: UUID) -> ledger_queries.Account:
    found = database.read(SYSTEM, lambda work: ledger_queries.account_of(work, AccountKind.PAYABLE, act_id))
    assert found is not None
    return found


def paid(database: Database, line_id: UUID) -> int:
    found = database.read(SYSTEM, lambda work: ledger_queries.account_of(work, AccountKind.PAID, line_id))
    assert found is not None
    return found.balance


def broken(database: Database) -> list[str]:
    """The names of the sentences that do not hold."""
    every = [*ledger_queries.invariants(), *queries.invariants()]
    return database.read(SYSTEM, lambda work: [i.name for i in every if work.rows(i.broken.limit(1))])


def work_until(
    desk: Desk, look: Callable[[], object], *, patience: float = 30.0, tell: Callable[[], object] = str
) -> None:
    """The worker's turns until ``look`` is content."""
    until = time.monotonic() + patience
    while not look():
        assert time.monotonic() < until, f"not within {patience} s: {tell()}"
        send_due(desk)
        look_due(desk)
        time.sleep(0.02)


def reach(desk: Desk, status: PaymentStatus, *payment_ids: UUID, patience: float = 30.0) -> Sequence[Payment]:
    """Work until all payments have the status."""

    def now() -> list[Payment]:
        return [payment(desk.database, p) for p in payment_ids]

    work_until(desk, lambda: all(p.status is status for p in now()), patience=patience, tell=now)
    return now()


def real_now() -> datetime:
    return datetime.now(UTC)
