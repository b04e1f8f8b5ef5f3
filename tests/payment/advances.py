"""A contract with engagements that hold money, and an advance as people bring it along."""

from datetime import timedelta
from uuid import UUID

from contracts.approval.rules import Verdict
from contracts.audit import queries as audit
from contracts.audit.service import record
from contracts.contract.models import EngagementRow
from contracts.contract.rules import ContractStatus, EngagementStatus
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries as ledger_queries
from contracts.ledger.rules import AccountKind
from contracts.payment import advance_invariants, advance_queries, advancing, progress, queries
from contracts.payment.advance_rules import Advance, Use
from contracts.payment.rules import Fate, PaymentStatus
from contracts.reconciliation import invariants as reconciliation
from tests.payment.batches import SAULE, do
from tests.payment.batches import broken as broken_batches
from tests.payment.houses import ALMATY, BUDGET, FINANCE, QUICK, concluded, funded, payment

SHARE = 30_00  # basis points
House = tuple[UUID, UUID, UUID]


def director(house: House, number: int = 301) -> Actor:
    return Actor(UUID(int=number), "Director", (Grant(Role.PROVIDER, provider_id=house[0]),))


def rule(database: Database, most_bp: int = SHARE, *, territory: str = "") -> None:
    do(
        database, BUDGET,
        lambda w: advancing.set_rule(w, territory=territory, most_bp=most_bp, from_on=w.today, source="order 7"),
    )  # fmt: skip


def contract(
    database: Database, line_id: UUID, house: House, *, held: int = 1000_00, agreed: int | None = SHARE,
    days: tuple[int, int] = (-100, 200), status: ContractStatus = ContractStatus.ACTIVE, territory: str = ALMATY,
) -> UUID:  # fmt: skip
    """From and until so many days from today; its one engagement holds so much for months to come."""

    def conclude(work: Work) -> UUID:
        from_on, until_on = (work.today + timedelta(days=count) for count in days)
        contract_id = concluded(work, line_id, house, territory=territory, days=(from_on, until_on), status=status)
        engagement_id = new_id()
        account_id = funded(work, line_id, AccountKind.COMMITTED, engagement_id, held, "engagement")
        work.insert(
            EngagementRow, id=engagement_id, number=human_number("E"), contract_id=contract_id, placement_id=new_id(),
            voucher_id=new_id(), recipient_id=new_id(), offer_id=new_id(), kind="domestic", setting="home",
            unit="visit", unit_price_minor=100_00, units_a_month=1, from_on=from_on, until_on=until_on,
            status=EngagementStatus.ACTIVE, account_id=account_id,
        )  # fmt: skip
        record(work, "contract", contract_id, "concluded")
        return contract_id

    made = do(database, SYSTEM, conclude)
    if agreed is not None:
        agree(database, made, agreed)
    return made


def agree(database: Database, contract_id: UUID, most_bp: int) -> None:
    do(
        database, BUDGET,
        lambda w: advancing.agree(w, contract_id, most_bp=most_bp, from_on=w.today, source="agreement 1"),
    )  # fmt: skip


def ask(database: Database, house: House, contract_id: UUID, amount: int = 200_00) -> UUID:
    return do(
        database, director(house), lambda w: advancing.ask(w, contract_id, amount_minor=amount, purpose="two cars")
    )


def approve(database: Database, advance_id: UUID, actor: Actor = SAULE) -> None:
    do(database, actor, lambda w: advancing.decide(w, advance_id, verdict=Verdict.APPROVED))


def order(database: Database, advance_id: UUID, actor: Actor = FINANCE) -> UUID:
    return do(database, actor, lambda w: advancing.order(w, advance_id))


def ordered(database: Database, house: House, contract_id: UUID, amount: int = 200_00) -> tuple[UUID, UUID]:
    """The advance and its payment."""
    advance_id = ask(database, house, contract_id, amount)
    approve(database, advance_id)
    return advance_id, order(database, advance_id)


def send(database: Database, payment_id: UUID) -> None:
    """As a worker does, without a server."""
    claims = do(database, SYSTEM, lambda w: progress.claim_to_send(w, limit=50, patience=QUICK))
    for claim in claims:
        name = f"tr_{claim.payment.number}"
        do(database, SYSTEM, lambda w, key=claim.payment.id, called=name: progress.sent(w, key, called))
    assert payment(database, payment_id).status is PaymentStatus.SENT


def told(database: Database, payment_id: UUID, fate: Fate) -> None:
    """What a bank or a server says became of the money."""
    do(
        database, SYSTEM,
        lambda w: progress.told_by_bank(w, queries.payment(w, payment_id, lock=True), fate),
    )  # fmt: skip


def arrived(database: Database, house: House, contract_id: UUID, amount: int = 200_00) -> tuple[UUID, UUID]:
    advance_id, payment_id = ordered(database, house, contract_id, amount)
    send(database, payment_id)
    told(database, payment_id, Fate.PAID)
    return advance_id, payment_id


def advance(database: Database, advance_id: UUID) -> Advance:
    return database.read(SYSTEM, lambda w: advance_queries.advance(w, advance_id))


def use(database: Database, advance_id: UUID) -> Use:
    return database.read(SYSTEM, lambda w: advance_queries.uses(w, [advance_id])[advance_id])


def free(database: Database, line_id: UUID) -> int:
    found = database.read(SYSTEM, lambda w: ledger_queries.account_of(w, AccountKind.APPROPRIATED, line_id))
    assert found is not None
    return found.free


def verbs(database: Database, advance_id: UUID) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda w: audit.events_of(w, "advance", advance_id))]


def broken(database: Database) -> list[str]:
    """The names of the sentences that do not hold."""
    every = [*advance_invariants.invariants(), *reconciliation.invariants()]
    wrong = database.read(SYSTEM, lambda w: [i.name for i in every if w.rows(i.broken.limit(1))])
    return wrong + broken_batches(database)
