"""The database held against the oracle: every balance after every step; every status, and every sentence of
``market check``, now and then."""

from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow, TakeBackRow
from contracts.audit import queries as audit
from contracts.collection.models import DueRow
from contracts.contract.models import EngagementRow
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.models import PaymentRow
from contracts.register.models import AbsenceRow, EntryRow
from market.oversight.check import FEATURES
from market.placement.models import PlacementRow
from market.provider.models import OfferRow
from market.voucher.models import VoucherRow
from tests.chain.state import LINE, State
from tests.chain.world import World

Balances = dict[tuple[str, UUID], tuple[int, int]]


_BALANCE = AccountRow.credits_posted - AccountRow.debits_posted
_BALANCES = sa.select(AccountRow.kind, AccountRow.owner_id, _BALANCE, AccountRow.debits_pending).where(
    AccountRow.line_id == sa.bindparam("line")
)
_LINES = sa.select(sa.func.count()).where(ActLineRow.act_id == ActRow.id).scalar_subquery()
_SENDING = sa.case((PaymentRow.status == "sending", "ordered"), else_=PaymentRow.status)  # an answer is awaited
_STANDS = sa.case((AbsenceRow.withdrawn_at.is_(None), "stands"), else_="withdrawn")
_TABLES = {  # built once: to build a statement takes longer than to ask it
    "vouchers": sa.select(VoucherRow.id, VoucherRow.status, VoucherRow.until_on),
    "placements": sa.select(PlacementRow.id, PlacementRow.status, PlacementRow.ends_on),
    "engagements": sa.select(EngagementRow.id, EngagementRow.status, EngagementRow.until_on),
    "absences": sa.select(AbsenceRow.id, _STANDS, AbsenceRow.payable_minor, AbsenceRow.act_id),
    "visits": sa.select(EntryRow.id, EntryRow.status, EntryRow.act_id),
    "acts": sa.select(ActRow.id, ActRow.status, ActRow.total_minor, ActRow.part, _LINES),
    "advances": sa.select(AdvanceRow.id, AdvanceRow.status, AdvanceRow.amount_minor),
    "payments": sa.select(PaymentRow.id, _SENDING, PaymentRow.amount_minor),
    "take-backs": sa.select(TakeBackRow.id, TakeBackRow.status, TakeBackRow.amount_minor, TakeBackRow.copayment_minor),
}
_TAKEN = sa.select(OfferRow.id, OfferRow.taken)
_DUES = sa.select(DueRow.engagement_id, DueRow.month, DueRow.asked_minor, DueRow.remitted_minor)
_SENTENCES = {one.name: one.broken.limit(1) for feature in FEATURES for one in feature.invariants()}


def balances(world: World) -> Balances:
    rows = world.see(lambda work: work.connection.execute(_BALANCES, {"line": world.site.line_id}).all())
    return {(str(kind), owner): (int(balance), int(held)) for kind, owner, balance, held in rows}


def expected_balances(world: World, state: State) -> Balances:
    books = state.books
    return {
        (kind, world.site.line_id if owner == LINE else owner.id): (balance, books.held.get((kind, owner), 0))
        for (kind, owner), balance in books.balance.items()
        if kind != "treasury"
    }


def check_books(world: World, state: State) -> None:
    found, expected = balances(world), expected_balances(world, state)
    differs = {key: (found.get(key), expected.get(key)) for key in found.keys() | expected.keys()
               if found.get(key) != expected.get(key)}  # fmt: skip
    assert not differs, f"(books, oracle): {differs}"
    assert sum(balance for balance, _ in found.values()) == -state.books.balance["treasury", LINE]
    assert all(0 <= held <= balance for balance, held in found.values()), "something is overdrawn"


def check_statuses(world: World, state: State) -> None:
    expected = _told(state)

    def differences(work: Work) -> list[str]:
        found = []
        for name, statement in _TABLES.items():
            rows = {row[0]: tuple(str(v) for v in row[1:]) for row in work.rows(statement)}
            mine = expected[name]
            wrong = {key: (rows.get(key), mine.get(key)) for key in rows.keys() | mine.keys()
                     if rows.get(key) != mine.get(key)}  # fmt: skip
            found += [f"{name} (database, oracle): {wrong}"] if wrong else []
        taken = dict(map(tuple, work.rows(_TAKEN)))
        mine = {home.offer_id: home.taken for home in state.homes}
        found += [f"taken (database, oracle): {(taken, mine)}"] if taken != mine else []
        dues = {(who, month.year, month.number): sums for who, month, *sums in work.rows(_DUES)}
        told = {(who.id, *month): [due.asked, due.remitted] for (who, month), due in state.dues.items()}
        found += [f"dues (database, oracle): {(dues, told)}"] if dues != told else []
        return found

    wrong = world.see(differences)
    assert not wrong, wrong


def _told(state: State) -> dict[str, dict[UUID, tuple[str, ...]]]:
    return {
        "vouchers": {v.id: (v.status, str(v.until_on)) for v in state.vouchers},
        "placements": {p.id: (p.status, str(p.ends_on if p.engagement else None)) for p in state.placements},
        "engagements": {e.id: (e.status, str(e.until_on)) for e in state.engagements},
        "visits": {v.id: (v.status, str(v.act.id if v.act else None)) for v in state.visits},
        "absences": {
            a.id: ("stands" if a.stands else "withdrawn", str(a.payable), str(a.act.id if a.act else None))
            for a in state.absences
        },
        "acts": {a.id: (a.status, str(a.total), str(a.part), str(len(a.lines))) for a in state.acts},
        "advances": {a.id: (a.status, str(a.amount)) for a in state.advances},
        "payments": {p.id: (p.status, str(p.amount)) for p in state.payments},
        "take-backs": {
            v.id: (v.untrue, str(v.back), str(v.own_back)) for v in [*state.visits, *state.absences] if v.untrue
        },
    }


def check_sentences(world: World) -> None:
    def broken(work: Work) -> list[str]:
        return [name for name, statement in _SENTENCES.items() if work.rows(statement)]

    names = world.see(broken)
    assert not names, names
    assert world.see(audit.verify).first_fault is None
